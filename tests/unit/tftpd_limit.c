#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <arpa/inet.h>

#include "../../tftpd/limit.h"

#define S	1000000ull

static void
so_many_a_second(void **state)
{
	struct limit *l = limit_new(10, 42);
	unsigned passed = 0;

	(void)state;
	for (unsigned i = 0; i < 10 * LIMIT_BURST; i++)
		assert_int_equal(limit_take(l, 1, S), LIMIT_PASS);
	assert_int_equal(limit_take(l, 1, S), LIMIT_REACHED);
	assert_int_equal(limit_take(l, 1, S), LIMIT_DROP);
	/* Somebody else has a bucket of his own. */
	assert_int_equal(limit_take(l, 2, S), LIMIT_PASS);
	/* Asking all the time gets ten a second, and no more. */
	for (uint64_t now = S; now < 11 * S; now += 1000)
		passed += limit_take(l, 1, now) == LIMIT_PASS;
	assert_in_range(passed, 98, 101);
	/* After a rest, as in the beginning. */
	for (unsigned i = 0; i < 10 * LIMIT_BURST; i++)
		assert_int_equal(limit_take(l, 1, 100 * S), LIMIT_PASS);
	assert_int_equal(limit_take(l, 1, 100 * S), LIMIT_REACHED);
	/* Half a year of silence overflows nothing. */
	assert_int_equal(limit_take(l, 1, 16000000 * S), LIMIT_PASS);
	limit_free(l);
}

static struct limit *
limited(unsigned rate, const char *address, union tftpsend_address *who)
{
	*who = (union tftpsend_address){ .in.sin_family = AF_INET };
	inet_pton(AF_INET, address, &who->in.sin_addr);
	return limit_new(rate, 42);
}

static void
what_is_given_back_is_not_counted(void **state)
{
	union tftpsend_address who;
	struct limit *l = limited(10, "192.0.2.1", &who);

	(void)state;
	for (unsigned i = 0; i < 1000 * LIMIT_BURST; i++) {
		who.in.sin_port = (in_port_t)i;
		assert_int_equal(limit_peer(l, &who, S), LIMIT_PASS);
		limit_give_back(l, &who);
	}
	/* Nor does it get more than anybody by it. */
	for (unsigned i = 0; i < 10 * LIMIT_BURST; i++)
		assert_int_equal(limit_peer(l, &who, S), LIMIT_PASS);
	assert_int_equal(limit_peer(l, &who, S), LIMIT_REACHED);
	limit_free(l);
}

static void
this_machine_is_not_either(void **state)
{
	union tftpsend_address who;
	struct limit *l = limited(10, "127.0.0.1", &who);

	(void)state;
	for (unsigned i = 0; i < 1000; i++)
		assert_int_equal(limit_peer(l, &who, S), LIMIT_PASS);
	limit_free(l);
	assert_int_equal(limit_peer(NULL, &who, S), LIMIT_PASS);
	limit_give_back(NULL, &who);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(so_many_a_second),
		cmocka_unit_test(what_is_given_back_is_not_counted),
		cmocka_unit_test(this_machine_is_not_either),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

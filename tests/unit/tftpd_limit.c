#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(so_many_a_second),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

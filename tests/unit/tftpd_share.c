/*
 * Places by address.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "../../tftpd/share.h"

static union tftpsend_address
four(uint32_t address, uint16_t port)
{
	union tftpsend_address a;

	memset(&a, 0, sizeof a);
	a.in.sin_family = AF_INET;
	a.in.sin_port = htons(port);
	a.in.sin_addr.s_addr = htonl(address);
	return a;
}

static void
so_many_at_once(void **state)
{
	struct share *s = share_new(3, 42);
	struct share_seat seat[3], more, other;
	union tftpsend_address a, b = four(0xc000020b, 1);

	(void)state;
	for (uint16_t i = 0; i < 3; i++) {
		a = four(0xc000020a, i);
		assert_true(share_take(s, &seat[i], &a));
	}
	/* Whatever its port. */
	a = four(0xc000020a, 99);
	assert_false(share_take(s, &more, &a));
	/* One that has none leaves none behind. */
	share_leave(&more);
	assert_false(share_take(s, &more, &a));
	assert_true(share_take(s, &other, &b));
	share_leave(&seat[1]);
	assert_true(share_take(s, &more, &a));
	assert_false(share_take(s, &seat[1], &a));
	share_leave(&more);
	share_leave(&seat[0]);
	share_leave(&seat[2]);
	for (uint16_t i = 0; i < 3; i++)
		assert_true(share_take(s, &seat[i], &a));
	assert_false(share_take(s, &more, &a));
	share_free(s);
}

static void
the_one_that_waits_longest(void **state)
{
	struct share *s = share_new(3, 7);
	struct share_seat seat[3], other;
	union tftpsend_address a = four(0xc000020a, 1);
	union tftpsend_address b = four(0xc000020b, 1);

	(void)state;
	assert_null(share_oldest(s, &a));
	for (size_t i = 0; i < 3; i++) {
		assert_true(share_take(s, &seat[i], &a));
		share_waits(&seat[i], true);
	}
	assert_true(share_take(s, &other, &b));
	share_waits(&other, true);
	assert_ptr_equal(share_oldest(s, &a), &seat[0]);
	assert_ptr_equal(share_oldest(s, &b), &other);
	share_waits(&seat[0], false);
	assert_ptr_equal(share_oldest(s, &a), &seat[1]);
	share_waits(&seat[0], true);	/* anew */
	share_waits(&seat[1], true);	/* still */
	assert_ptr_equal(share_oldest(s, &a), &seat[1]);
	share_leave(&seat[1]);
	assert_ptr_equal(share_oldest(s, &a), &seat[2]);
	share_leave(&seat[2]);
	share_leave(&seat[0]);
	assert_null(share_oldest(s, &a));
	share_free(s);
}

/* This machine may as it likes, and so may all where nothing is counted. */
static void
exempt(void **state)
{
	struct share *s = share_new(1, 7);
	struct share_seat seat[4];
	union tftpsend_address a = four(0x7f000001, 1), six;

	(void)state;
	memset(&six, 0, sizeof six);
	six.in6.sin6_family = AF_INET6;
	six.in6.sin6_addr = in6addr_loopback;
	for (size_t i = 0; i < 2; i++) {
		assert_true(share_take(s, &seat[i], &a));
		assert_true(share_take(s, &seat[i + 2], &six));
		share_waits(&seat[i], true);
	}
	assert_null(share_oldest(s, &a));
	six.in6.sin6_addr.s6_addr[0] = 0xfe;
	assert_true(share_take(s, &seat[0], &six));
	assert_false(share_take(s, &seat[1], &six));
	share_free(s);
	assert_true(share_take(NULL, &seat[0], &six));
	share_waits(&seat[0], true);
	share_leave(&seat[0]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(so_many_at_once),
		cmocka_unit_test(the_one_that_waits_longest),
		cmocka_unit_test(exempt),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

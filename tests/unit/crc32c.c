#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

#include "crc32c.h"

/* RFC 3720 B.4, and the check value of the catalogues. */
static void
known_values(void **state)
{
	uint8_t zeros[32] = { 0 }, ones[32], up[32], down[32];

	(void)state;
	for (int i = 0; i < 32; i++) {
		ones[i] = 0xff;
		up[i] = (uint8_t)i;
		down[i] = (uint8_t)(31 - i);
	}
	assert_int_equal(crc32c(0, "123456789", 9), 0xe3069283);
	assert_int_equal(crc32c(0, zeros, 32), 0x8a9136aa);
	assert_int_equal(crc32c(0, ones, 32), 0x62a8ab43);
	assert_int_equal(crc32c(0, up, 32), 0x46dd794e);
	assert_int_equal(crc32c(0, down, 32), 0x113fdb5c);
	assert_int_equal(crc32c(0, "", 0), 0);
	assert_int_equal(crc32c(77, "", 0), 77);
}

static void
fill(uint8_t *bytes, size_t n)
{
	uint32_t x = 1;

	for (size_t i = 0; i < n; i++) {
		x = x * 1664525 + 1013904223;
		bytes[i] = (uint8_t)(x >> 24);
	}
}

/* Every length and every place in a word, with either code. */
static void
both_agree(void **state)
{
	uint8_t bytes[80];

	(void)state;
	fill(bytes, sizeof bytes);
	for (size_t at = 0; at < 8; at++)
		for (size_t n = 0; n + at <= sizeof bytes; n++)
			assert_int_equal(crc32c((uint32_t)n, bytes + at, n),
			    crc32c_portable((uint32_t)n, bytes + at, n));
	assert_int_equal(crc32c_portable(0, "123456789", 9), 0xe3069283);
}

static void
in_parts(void **state)
{
	uint8_t bytes[300];

	(void)state;
	fill(bytes, sizeof bytes);
	for (size_t n = 0; n <= sizeof bytes; n++)
		assert_int_equal(crc32c(0, bytes, sizeof bytes),
		    crc32c(crc32c(0, bytes, n), bytes + n,
		    sizeof bytes - n));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_values),
		cmocka_unit_test(both_agree),
		cmocka_unit_test(in_parts),
	};

	return cmocka_run_group_tests_name("crc32c", tests, NULL, NULL);
}

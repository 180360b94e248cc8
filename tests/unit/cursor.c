#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "cursor.h"

static const uint8_t bytes[] = { 1, 2, 3, 4, 5, 6, 7, 'a', 'b', 0, 'c' };

static void
reads_in_network_order(void **state)
{
	struct cursor c = cursor_of(bytes, sizeof bytes);
	const char *s;
	uint16_t u16;
	uint32_t u32;
	uint8_t u8;

	(void)state;
	assert_true(cursor_u8(&c, &u8));
	assert_int_equal(u8, 1);
	assert_true(cursor_u16(&c, &u16));
	assert_int_equal(u16, 0x0203);
	assert_true(cursor_u32(&c, &u32));
	assert_int_equal(u32, 0x04050607);
	assert_true(cursor_text(&c, &s));
	assert_string_equal(s, "ab");
	assert_int_equal(cursor_left(&c), 1);
}

/* With n bytes nothing that needs more moves it or writes a value. */
static void
never_passes_the_end(void **state)
{
	(void)state;
	for (size_t n = 0; n <= 4; n++) {
		struct cursor c = cursor_of(bytes, n);
		const uint8_t *p = NULL;
		uint16_t u16 = 99;
		uint32_t u32 = 99;
		uint8_t u8 = 99;
		const char *s = NULL;

		assert_false(cursor_take(&c, n + 1, &p));
		assert_false(cursor_take(&c, SIZE_MAX, &p));
		assert_false(cursor_text(&c, &s));
		if (n < 4)
			assert_false(cursor_u32(&c, &u32));
		if (n < 2)
			assert_false(cursor_u16(&c, &u16));
		if (n < 1)
			assert_false(cursor_u8(&c, &u8));
		assert_null(p);
		assert_null(s);
		assert_int_equal(u16, 99);
		assert_int_equal(u32, 99);
		assert_int_equal(u8, 99);
		assert_int_equal(cursor_left(&c), n);
		assert_true(cursor_take(&c, n, &p));
		assert_int_equal(cursor_left(&c), 0);
	}
}

static void
puts_in_network_order(void **state)
{
	const uint8_t wanted[] = { 1, 2, 3, 4, 5, 6, 7, 'a', 'b' };
	uint8_t out[sizeof wanted];
	struct put o = put_into(out, sizeof out);

	(void)state;
	assert_true(put_u8(&o, 1));
	assert_true(put_u16(&o, 0x0203));
	assert_true(put_u32(&o, 0x04050607));
	assert_int_equal(put_room(&o), 2);
	assert_true(put_text(&o, "ab"));
	assert_int_equal(put_room(&o), 0);
	assert_false(o.full);
	assert_memory_equal(out, wanted, sizeof wanted);
	assert_true(put_bytes(&o, NULL, 0));
}

/* What does not fit leaves the bytes alone, and so does all that follows. */
static void
full_stays_full(void **state)
{
	uint8_t out[5] = { 9, 9, 9, 9, 9 };
	struct put o = put_into(out, 4);

	(void)state;
	assert_true(put_u16(&o, 0x0102));
	assert_false(put_u32(&o, 0));
	assert_true(o.full);
	assert_int_equal(put_room(&o), 2);
	assert_false(put_u8(&o, 7));
	assert_null(put_space(&o, 0));
	assert_memory_equal(out, ((uint8_t[]){ 1, 2, 9, 9, 9 }), 5);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_in_network_order),
		cmocka_unit_test(never_passes_the_end),
		cmocka_unit_test(puts_in_network_order),
		cmocka_unit_test(full_stays_full),
	};

	return cmocka_run_group_tests_name("cursor", tests, NULL, NULL);
}

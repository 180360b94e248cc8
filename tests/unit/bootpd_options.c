#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

#include "../../bootpd/options.h"

#define FIELD(s) ((const uint8_t *)(s)), (sizeof(s) - 1)

static const uint8_t no_file[DHCP_FILE_SIZE], no_sname[DHCP_SNAME_SIZE];

static enum dhcp_options_status
read_plain(struct dhcp_options *o, const uint8_t *field, size_t n)
{
	uint8_t code;

	return dhcp_options_read(o, field, n, no_file, no_sname, &code);
}

/* An option's value, or "" if it is not there, as text to compare. */
static const char *
text(const struct dhcp_options *o, uint8_t code)
{
	static char out[4096];
	size_t n;
	const uint8_t *at = dhcp_option(o, code, &n);

	if (n > 0)
		memcpy(out, at, n);
	out[n] = '\0';
	return out;
}

static void
reads_options_in_any_order(void **state)
{
	struct dhcp_options o;
	uint8_t type;
	uint16_t size;
	uint32_t address;

	(void)state;
	assert_int_equal(read_plain(&o, FIELD("\0\0\x32\4\xc0\0\2\1\0"
	    "\x0c\2ab\x35\1\3\x39\2\2\x40\xff\x0f\1x")), DHCP_OPTIONS_OK);
	assert_true(dhcp_option_u32(&o, DHCP_REQUESTED, &address));
	assert_int_equal(address, 0xc0000201);
	assert_true(dhcp_option_u8(&o, DHCP_TYPE, &type));
	assert_int_equal(type, 3);
	assert_true(dhcp_option_u16(&o, DHCP_MAX_SIZE, &size));
	assert_int_equal(size, 576);
	assert_string_equal(text(&o, DHCP_HOST_NAME), "ab");
	/* nothing behind END */
	assert_false(dhcp_option_seen(&o, DHCP_DOMAIN));
	/* a number of another size is none */
	assert_false(dhcp_option_u8(&o, DHCP_MAX_SIZE, &type));
	assert_true(dhcp_option_starts(&o, DHCP_HOST_NAME, "a"));
	assert_false(dhcp_option_starts(&o, DHCP_HOST_NAME, "abc"));
	assert_false(dhcp_option_starts(&o, DHCP_DOMAIN, "a"));
}

static void
takes_an_end_that_is_not_there(void **state)
{
	struct dhcp_options o;

	(void)state;
	assert_int_equal(read_plain(&o, FIELD("\x35\1\1")), DHCP_OPTIONS_OK);
	assert_true(dhcp_option_seen(&o, DHCP_TYPE));
	assert_int_equal(read_plain(&o, FIELD("")), DHCP_OPTIONS_OK);
}

static void
empty_options_have_no_value(void **state)
{
	struct dhcp_options o;
	uint8_t v;
	size_t n = 9;

	(void)state;
	assert_int_equal(read_plain(&o, FIELD("\x35\0\x50\0\x0c\0\xff")),
	    DHCP_OPTIONS_OK);
	assert_false(dhcp_option_u8(&o, DHCP_TYPE, &v));
	assert_true(dhcp_option_seen(&o, 80));
	assert_null(dhcp_option(&o, DHCP_HOST_NAME, &n));
	assert_int_equal(n, 0);
}

static void
refuses_what_runs_past_the_end(void **state)
{
	static const struct {
		const uint8_t *field;
		size_t n;
		uint8_t code;
	} rows[] = {
		{ FIELD("\x35"), 53 },
		{ FIELD("\x35\1"), 53 },
		{ FIELD("\x35\1\1\x3c\xff\x41\x42"), 60 },
		{ FIELD("\0\0\0\x0c\2x"), 12 },
	};
	struct dhcp_options o;
	uint8_t code;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		code = 0;
		assert_int_equal(dhcp_options_read(&o, rows[i].field,
		    rows[i].n, no_file, no_sname, &code),
		    DHCP_OPTIONS_OVERRUN);
		assert_int_equal(code, rows[i].code);
	}
}

/* Its length would be of all pieces, and its value of the first alone. */
static void
has_no_half_of_what_it_cannot_read(void **state)
{
	static const char first[] = "\x3c\2ab\x0c\1h\x34\1\1\x3c\1c";
	uint8_t file[DHCP_FILE_SIZE] = "\x3c\2de\x11\xff";
	struct dhcp_options o;
	uint8_t code;

	(void)state;
	assert_int_equal(dhcp_options_read(&o, FIELD("\x3c\2ab\x0c\1h"
	    "\x3c\1c\x0c"), no_file, no_sname, &code),
	    DHCP_OPTIONS_OVERRUN);
	assert_false(dhcp_option_seen(&o, DHCP_VENDOR_CLASS));
	assert_string_equal(text(&o, DHCP_HOST_NAME), "h");
	/* in another field, where the packet may end sooner */
	assert_int_equal(dhcp_options_read(&o, FIELD(first), file, no_sname,
	    &code), DHCP_OPTIONS_OVERRUN);
	assert_false(dhcp_option_seen(&o, DHCP_VENDOR_CLASS));
	assert_string_equal(text(&o, DHCP_HOST_NAME), "h");
}

static void
puts_pieces_together(void **state)
{
	uint8_t file[DHCP_FILE_SIZE] = "\x11\2lo\xff";
	uint8_t sname[DHCP_SNAME_SIZE] = "\x11\3ng!\x0f\1d\xff";
	struct dhcp_options o;
	uint8_t code;

	(void)state;
	/* RFC 3396 section 5: the field, then file, then sname */
	assert_int_equal(dhcp_options_read(&o, FIELD("\x11\1a\x34\1\3"
	    "\x0c\1h\x11\2 b\xff"), file, sname, &code), DHCP_OPTIONS_OK);
	assert_string_equal(text(&o, DHCP_ROOT_PATH), "a blong!");
	assert_string_equal(text(&o, DHCP_HOST_NAME), "h");
	assert_string_equal(text(&o, DHCP_DOMAIN), "d");
	/* sname alone */
	assert_int_equal(dhcp_options_read(&o, FIELD("\x34\1\2\xff"), file,
	    sname, &code), DHCP_OPTIONS_OK);
	assert_string_equal(text(&o, DHCP_ROOT_PATH), "ng!");
	/* no option 52: what is in there is text */
	assert_int_equal(dhcp_options_read(&o, FIELD("\x35\1\1\xff"), file,
	    sname, &code), DHCP_OPTIONS_OK);
	assert_false(dhcp_option_seen(&o, DHCP_ROOT_PATH));
}

/* Nobody cuts a message type or an address in two. */
static void
numbers_that_come_twice_are_the_first(void **state)
{
	uint8_t file[DHCP_FILE_SIZE] = "\x35\1\3\xff", code, v;
	struct dhcp_options o;
	uint32_t address;
	uint16_t size;

	(void)state;
	assert_int_equal(dhcp_options_read(&o, FIELD("\x35\1\1\x34\1\1"
	    "\x32\4\xc0\0\2\1\x36\4\xc0\0\2\2\x39\2\2\x40\x35\1\1"
	    "\x32\4\xc0\0\2\3\x36\4\xc0\0\2\4\x39\2\5\xdc\x34\1\0"),
	    file, no_sname, &code), DHCP_OPTIONS_OK);
	assert_true(dhcp_option_u8(&o, DHCP_TYPE, &v));
	assert_int_equal(v, 1);
	assert_true(dhcp_option_u32(&o, DHCP_REQUESTED, &address));
	assert_int_equal(address, 0xc0000201);
	assert_true(dhcp_option_u32(&o, DHCP_SERVER_ID, &address));
	assert_int_equal(address, 0xc0000202);
	assert_true(dhcp_option_u16(&o, DHCP_MAX_SIZE, &size));
	assert_int_equal(size, 576);
}

/* Option 52 inside file must not have file read once more. */
static void
overload_in_an_overloaded_field_means_nothing(void **state)
{
	uint8_t file[DHCP_FILE_SIZE] = "\x34\1\3\x0c\1x\xff";
	struct dhcp_options o;
	uint8_t code;

	(void)state;
	assert_int_equal(dhcp_options_read(&o, FIELD("\x34\1\1\xff"), file,
	    no_sname, &code), DHCP_OPTIONS_OK);
	assert_string_equal(text(&o, DHCP_HOST_NAME), "x");
}

static void
limits_what_pieces_can_add_up_to(void **state)
{
	static uint8_t field[DHCP_JOINED_MAX + 600], huge[40000];
	struct dhcp_options o;
	size_t i;

	(void)state;
	for (i = 0; i + 257 <= sizeof field; i += 257) {
		field[i] = 77;
		field[i + 1] = 255;
	}
	assert_int_equal(read_plain(&o, field, i), DHCP_OPTIONS_TOO_BIG);
	/* so many pieces of one byte are fine */
	for (i = 0; i + 3 <= 1500; i += 3) {
		field[i] = 77;
		field[i + 1] = 1;
		field[i + 2] = 'u';
	}
	assert_int_equal(read_plain(&o, field, i), DHCP_OPTIONS_OK);
	assert_int_equal(o.len[77], 500);
	assert_int_equal(read_plain(&o, huge, sizeof huge),
	    DHCP_OPTIONS_TOO_BIG);
}

static void
writes_in_order_and_once(void **state)
{
	uint8_t field[64] = { 0 };
	struct dhcp_writer w;
	size_t n;

	(void)state;
	dhcp_writer_start(&w, field, sizeof field, 0, NULL, NULL);
	assert_true(dhcp_write_u8(&w, DHCP_TYPE, 2));
	assert_true(dhcp_write_u32(&w, DHCP_LEASE, 0x00015180));
	assert_false(dhcp_write_u8(&w, DHCP_TYPE, 5));
	assert_true(dhcp_wrote(&w, DHCP_TYPE));
	assert_false(dhcp_wrote(&w, DHCP_MASK));
	n = dhcp_writer_end(&w, DHCP_PAD, NULL, 0);
	assert_int_equal(n, 10);
	assert_memory_equal(field, "\x35\1\2\x33\4\0\1\x51\x80\xff", 10);
}

static void
keeps_room_for_what_comes_last(void **state)
{
	uint8_t field[20] = { 0 };
	struct dhcp_writer w;
	size_t n;

	(void)state;
	dhcp_writer_start(&w, field, sizeof field, dhcp_option_size(8), NULL,
	    NULL);
	assert_true(dhcp_write(&w, 12, "1234567", 7));
	assert_false(dhcp_write(&w, 15, "", 0));
	n = dhcp_writer_end(&w, DHCP_RELAY, (const uint8_t *)"abcdefgh", 8);
	assert_int_equal(n, 20);
	assert_memory_equal(field, "\x0c\7" "1234567\x52\x08" "abcdefgh\xff",
	    20);
}

/* Every byte count from nothing to more than fits, in every size of room. */
static void
never_writes_past_its_room(void **state)
{
	uint8_t bytes[400], value[700];
	struct dhcp_writer w;
	size_t size, n, used, i;

	(void)state;
	memset(value, 'v', sizeof value);
	for (size = 0; size < 330; size += 7)
		for (n = 0; n < sizeof value; n += 23) {
			memset(bytes, 0xee, sizeof bytes);
			dhcp_writer_start(&w, bytes, size, 5, NULL, NULL);
			dhcp_write(&w, 1, value, n);
			dhcp_write(&w, 3, value, 4);
			used = dhcp_writer_end(&w, DHCP_RELAY, value, 3);
			assert_true(used <= size);
			for (i = size; i < sizeof bytes; i++)
				assert_int_equal(bytes[i], 0xee);
		}
}

static void
splits_long_options(void **state)
{
	uint8_t field[400] = { 0 }, value[300];
	struct dhcp_options o;
	struct dhcp_writer w;
	size_t n;

	(void)state;
	memset(value, 'v', sizeof value);
	dhcp_writer_start(&w, field, sizeof field, 0, NULL, NULL);
	assert_true(dhcp_write(&w, 194, value, sizeof value));
	n = dhcp_writer_end(&w, DHCP_PAD, NULL, 0);
	assert_int_equal(n, 300 + 2 + 2 + 1);
	assert_int_equal(field[1], 255);
	assert_int_equal(field[257], 194);
	assert_int_equal(read_plain(&o, field, n), DHCP_OPTIONS_OK);
	assert_int_equal(o.len[194], 300);
	assert_memory_equal(o.at[194], value, 300);
	assert_int_equal(dhcp_option_size(0), 2);
	assert_int_equal(dhcp_option_size(255), 257);
	assert_int_equal(dhcp_option_size(256), 260);
}

/* What a writer overloads, a reader finds. */
static void
overloads_only_when_it_must(void **state)
{
	uint8_t field[64], file[DHCP_FILE_SIZE], sname[DHCP_SNAME_SIZE];
	struct dhcp_options o;
	struct dhcp_writer w;
	uint8_t value[200], code;
	size_t n;

	(void)state;
	memset(value, 'v', sizeof value);
	memset(field, 0, sizeof field);
	memset(file, 0, sizeof file);
	memset(sname, 0, sizeof sname);
	dhcp_writer_start(&w, field, sizeof field, 0, file, sname);
	assert_true(dhcp_write(&w, 12, "abc", 3));
	n = dhcp_writer_end(&w, DHCP_PAD, NULL, 0);
	assert_int_equal(n, 6);
	assert_int_equal(file[0], 0);
	dhcp_writer_start(&w, field, sizeof field, 6, file, sname);
	assert_true(dhcp_write(&w, 12, value, 40));
	assert_true(dhcp_write(&w, 15, value, 100));	/* file */
	assert_true(dhcp_write(&w, 17, value, 60));	/* sname */
	assert_true(dhcp_write(&w, 6, value, 4));	/* the field again */
	assert_true(dhcp_write(&w, 3, value, 20));	/* file again */
	assert_false(dhcp_write(&w, 42, value, 40));
	n = dhcp_writer_end(&w, DHCP_RELAY, value, 4);
	assert_true(n <= sizeof field);
	assert_memory_equal(field + n - 7, "\x52\4vvvv\xff", 7);
	assert_int_equal(dhcp_options_read(&o, field, n, file, sname, &code),
	    DHCP_OPTIONS_OK);
	assert_int_equal(o.len[12], 40);
	assert_int_equal(o.len[15], 100);
	assert_int_equal(o.len[17], 60);
	assert_int_equal(o.len[6], 4);
	assert_int_equal(o.len[3], 20);
	assert_false(dhcp_option_seen(&o, 42));
}

/* 300 bytes over vendor area, file and sname, in this order. */
static void
splits_over_all_fields(void **state)
{
	uint8_t field[180], file[DHCP_FILE_SIZE], sname[DHCP_SNAME_SIZE];
	struct dhcp_options o;
	struct dhcp_writer w;
	uint8_t value[320], code;
	size_t n, i;

	(void)state;
	memset(field, 0, sizeof field);
	memset(file, 0, sizeof file);
	memset(sname, 0, sizeof sname);
	for (i = 0; i < sizeof value; i++)
		value[i] = (uint8_t)i;
	dhcp_writer_start(&w, field, sizeof field, 0, file, sname);
	assert_true(dhcp_write(&w, 43, value, sizeof value));
	n = dhcp_writer_end(&w, DHCP_PAD, NULL, 0);
	assert_int_equal(dhcp_options_read(&o, field, n, file, sname, &code),
	    DHCP_OPTIONS_OK);
	assert_int_equal(o.len[43], sizeof value);
	assert_memory_equal(o.at[43], value, sizeof value);
}

/* Every length in what others have left: all of it, or none. */
static void
splits_short_options_that_fit_nowhere_whole(void **state)
{
	uint8_t field[100], file[DHCP_FILE_SIZE], sname[DHCP_SNAME_SIZE];
	uint8_t value[400], code;
	struct dhcp_options o;
	struct dhcp_writer w;
	size_t n, i, used, most = 0;
	bool whole;

	(void)state;
	for (i = 0; i < sizeof value; i++)
		value[i] = (uint8_t)(i * 7);
	for (n = 0; n <= sizeof value; n++) {
		memset(field, 0, sizeof field);
		memset(file, 0, sizeof file);
		memset(sname, 0, sizeof sname);
		dhcp_writer_start(&w, field, sizeof field, 6, file, sname);
		dhcp_write(&w, 1, value, 4);
		whole = dhcp_write(&w, 194, value, n);
		assert_int_equal(whole, !dhcp_left_out(&w, 194));
		used = dhcp_writer_end(&w, DHCP_RELAY, value, 4);
		assert_int_equal(dhcp_options_read(&o, field, used, file,
		    sname, &code), DHCP_OPTIONS_OK);
		assert_int_equal(o.len[DHCP_RELAY], 4);
		assert_int_equal(dhcp_option_seen(&o, 194), whole);
		if (!whole)
			continue;
		assert_int_equal(o.len[194], n);
		assert_memory_equal(o.at[194], value, n);
		/* no hole below the longest that fits */
		assert_int_equal(n, n == 0 ? 0 : most + 1);
		most = n;
	}
	/* 100 less 6 (mask), 6 (relay), 3 (overload), 1 (END); three heads */
	assert_int_equal(most, 84 + 127 + 63 - 3 * 2);
	/* An option of nothing has no pieces. */
	dhcp_writer_start(&w, field, 3, 0, NULL, NULL);
	assert_true(dhcp_write(&w, 80, "", 0));
	assert_false(dhcp_write(&w, 116, "", 0));
	assert_true(dhcp_left_out(&w, 116));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_options_in_any_order),
		cmocka_unit_test(takes_an_end_that_is_not_there),
		cmocka_unit_test(empty_options_have_no_value),
		cmocka_unit_test(refuses_what_runs_past_the_end),
		cmocka_unit_test(has_no_half_of_what_it_cannot_read),
		cmocka_unit_test(puts_pieces_together),
		cmocka_unit_test(numbers_that_come_twice_are_the_first),
		cmocka_unit_test(
		    overload_in_an_overloaded_field_means_nothing),
		cmocka_unit_test(limits_what_pieces_can_add_up_to),
		cmocka_unit_test(writes_in_order_and_once),
		cmocka_unit_test(keeps_room_for_what_comes_last),
		cmocka_unit_test(never_writes_past_its_room),
		cmocka_unit_test(splits_long_options),
		cmocka_unit_test(overloads_only_when_it_must),
		cmocka_unit_test(splits_over_all_fields),
		cmocka_unit_test(splits_short_options_that_fit_nowhere_whole),
	};

	return cmocka_run_group_tests_name("bootpd options", tests, NULL,
	    NULL);
}

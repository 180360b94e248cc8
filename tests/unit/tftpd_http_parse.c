/*
 * Targets, ranges, dates and types of HTTP, row by row.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

#include "../../tftpd/http_parse.h"

#define MANY	UINT64_MAX
#define SUNDAY	784111777	/* Sun, 06 Nov 1994 08:49:37 GMT */

static void
targets(void **state)
{
	static const struct {
		const char *target, *name;	/* NULL: refused */
	} rows[] = {
		{ "/boot/kernel", "/boot/kernel" },
		{ "/", "/" },
		{ "//a//b", "//a//b" },
		{ "/a%20b%2Fc%2fd", "/a b/c/d" },
		{ "/%252e%252e", "/%2e%2e" },
		{ "/%2e%2E/x", "/../x" },
		{ "/a+b", "/a+b" },
		{ "/\xc3\xa9%C3%A9", "/\xc3\xa9\xc3\xa9" },
		{ "/a?b=/../c%00", "/a" },
		{ "http://h/a", "/a" },
		{ "HTTPS://h:81/a?b", "/a" },
		{ "http://[2001:db8::1]:80/a", "/a" },
		{ "http://h", "/" },
		{ "http://h?a", "/" },
		{ "http:///a", NULL },
		{ "http://", NULL },
		{ "ftp://h/a", NULL },
		{ "h:80", NULL },
		{ "*", NULL },
		{ "a", NULL },
		{ "", NULL },
		{ "/a#b", NULL },
		{ "/%", NULL },
		{ "/%4", NULL },
		{ "/%4g", NULL },
		{ "/%%41", NULL },
		{ "/%00", NULL },
		{ "/a%0ab", NULL },
		{ "/\x7f", NULL },
		{ "/%7f", NULL },
		{ "/\x1f", NULL },
	};
	char name[64];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		assert_int_equal(http_target(rows[i].target, name,
		    sizeof name), rows[i].name != NULL);
		if (rows[i].name != NULL)
			assert_string_equal(name, rows[i].name);
	}
	assert_true(http_target("/abc", name, 5));
	assert_false(http_target("/abcd", name, 5));
}

static void
ranges(void **state)
{
	static const struct {
		const char *value;
		uint64_t size;
		enum http_range result;
		uint64_t first, length;
	} rows[] = {
		{ "bytes=0-0", 10, HTTP_RANGE_PART, 0, 1 },
		{ "bytes=2-5", 10, HTTP_RANGE_PART, 2, 4 },
		{ "Bytes= 2 - 5 ", 10, HTTP_RANGE_NONE, 0, 0 },
		{ "bytes= 2-5 ", 10, HTTP_RANGE_PART, 2, 4 },
		{ "bytes=2-", 10, HTTP_RANGE_PART, 2, 8 },
		{ "bytes=2-99", 10, HTTP_RANGE_PART, 2, 8 },
		{ "bytes=9-9", 10, HTTP_RANGE_PART, 9, 1 },
		{ "bytes=-3", 10, HTTP_RANGE_PART, 7, 3 },
		{ "bytes=-30", 10, HTTP_RANGE_PART, 0, 10 },
		{ "bytes=0-18446744073709551615", 10, HTTP_RANGE_PART, 0, 10 },
		{ "bytes=1-99999999999999999999999999", 10, HTTP_RANGE_PART,
		    1, 9 },
		{ "bytes=-99999999999999999999999999", 10, HTTP_RANGE_PART,
		    0, 10 },
		{ "bytes=0-", MANY, HTTP_RANGE_PART, 0, MANY },
		{ "bytes=10-", 10, HTTP_RANGE_NOT, 0, 0 },
		{ "bytes=10-20", 10, HTTP_RANGE_NOT, 0, 0 },
		{ "bytes=18446744073709551615-", 10, HTTP_RANGE_NOT, 0, 0 },
		{ "bytes=18446744073709551616-18446744073709551617", 10,
		    HTTP_RANGE_NOT, 0, 0 },
		{ "bytes=-0", 10, HTTP_RANGE_NOT, 0, 0 },
		{ "bytes=0-", 0, HTTP_RANGE_NOT, 0, 0 },
		{ "bytes=-5", 0, HTTP_RANGE_NOT, 0, 0 },
		{ "bytes=5-2", 10, HTTP_RANGE_NONE, 0, 0 },
		{ "bytes=0-1,5-6", 10, HTTP_RANGE_NONE, 0, 0 },
		{ "bytes=0-,0-,0-", 10, HTTP_RANGE_NONE, 0, 0 },
		{ "bytes=", 10, HTTP_RANGE_NONE, 0, 0 },
		{ "bytes=-", 10, HTTP_RANGE_NONE, 0, 0 },
		{ "bytes=--5", 10, HTTP_RANGE_NONE, 0, 0 },
		{ "bytes=1", 10, HTTP_RANGE_NONE, 0, 0 },
		{ "bytes=+1-2", 10, HTTP_RANGE_NONE, 0, 0 },
		{ "bytes=0x1-2", 10, HTTP_RANGE_NONE, 0, 0 },
		{ "items=1-2", 10, HTTP_RANGE_NONE, 0, 0 },
		{ "", 10, HTTP_RANGE_NONE, 0, 0 },
	};
	uint64_t first, length;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		assert_int_equal(http_range(rows[i].value, rows[i].size,
		    &first, &length), rows[i].result);
		if (rows[i].result != HTTP_RANGE_PART)
			continue;
		assert_true(first == rows[i].first);
		assert_true(length == rows[i].length);
	}
}

static void
dates(void **state)
{
	static const struct {
		const char *text;
		time_t t;	/* -1: none */
	} rows[] = {
		{ "Sun, 06 Nov 1994 08:49:37 GMT", SUNDAY },
		{ "Sunday, 06-Nov-94 08:49:37 GMT", SUNDAY },
		{ "Sun Nov  6 08:49:37 1994", SUNDAY },
		{ "Sun Nov 06 08:49:37 1994", SUNDAY },
		{ "Thu, 01 Jan 1970 00:00:00 GMT", 0 },
		{ "Thu, 29 Feb 2024 12:00:00 GMT", 1709208000 },
		{ "Saturday, 01-Jan-50 00:00:00 GMT", 2524608000 },
		{ "Sun, 06 Nov 1994 08:49:37 GMT+1", -1 },
		{ "Sun, 06 Nov 1994 08:49:37 EST", -1 },
		{ "Sun, 06 Nov 1994 08:49:37", -1 },
		{ "Sun, 06 Nov 1994 24:49:37 GMT", -1 },
		{ "Sun, 06 Nov 1994 08:60:37 GMT", -1 },
		{ "Sun, 06 Nov 1994 08:49:61 GMT", -1 },
		{ "Sun, 00 Nov 1994 08:49:37 GMT", -1 },
		{ "Sun, 32 Nov 1994 08:49:37 GMT", -1 },
		{ "Sun, 06 Nox 1994 08:49:37 GMT", -1 },
		{ "Xun, 06 Nov 1994 08:49:37 GMT", -1 },
		{ "Sun, 06 Nov 94 08:49:37 GMT", -1 },
		{ "Sun, 06 Nov 19940 08:49:37 GMT", -1 },
		{ "Sun,", -1 },
		{ "0", -1 },
		{ "", -1 },
	};
	char text[HTTP_DATE_SIZE];
	time_t t;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		t = -1;
		assert_int_equal(http_date(rows[i].text, 1764028800, &t),
		    rows[i].t != -1);
		assert_true(t == rows[i].t);
	}
	/* The year 94 as 2043 sees it. */
	assert_true(http_date("Sunday, 06-Nov-94 08:49:37 GMT", 2335219200,
	    &t));
	assert_true(t > 0 && t != SUNDAY);
	assert_string_equal(http_date_text(SUNDAY, text), rows[0].text);
	assert_string_equal(http_date_text(0, text),
	    "Thu, 01 Jan 1970 00:00:00 GMT");
	assert_int_equal(strlen(http_date_text(INT64_MAX, text)), 29);
	assert_int_equal(strlen(http_date_text(INT64_MIN, text)), 29);
}

static void
types(void **state)
{
	(void)state;
	assert_string_equal(http_type("/a/bootx64.EFI", false),
	    "application/efi");
	assert_string_equal(http_type("a.efi.sig", false),
	    "application/octet-stream");
	assert_string_equal(http_type("", false), "application/octet-stream");
	assert_string_equal(http_type("user-data", true),
	    "text/plain; charset=utf-8");
	assert_string_equal(http_type("a.json", true), "application/json");
	assert_string_equal(http_type("preseed.cfg", false),
	    "text/plain; charset=utf-8");
}

/* All of it at once, and byte by byte: the same. */
static const char *
watched(const char *bytes, size_t n)
{
	struct http_guard once = { 0 }, slowly = { 0 };
	size_t i;

	http_guard(&once, (const uint8_t *)bytes, n);
	for (i = 0; i < n; i++)
		http_guard(&slowly, (const uint8_t *)bytes + i, 1);
	assert_true(once.bad == slowly.bad);
	return once.bad;
}

static void
guard(void **state)
{
#define H	"GET /a HTTP/1.1\r\nHost: h\r\n"
#define ROW(good, text) { good, text, sizeof text - 1 }
	static const struct {
		bool good;
		const char *bytes;
		size_t n;
	} rows[] = {
		ROW(true, H "\r\n"),
		ROW(true, H "\r\n" H "\r\n" "HEAD / HTTP/1.0\r\n\r\n"),
		ROW(true, "GET /a HTTP/1.1\nHost: h\n\n" H),
		ROW(true, H "A:\r\nB:\tc\xff\r\n\r\n"),
		ROW(true, "POST / HTTP/1.1\r\n\r\nanything \0 at all\r\r"),
		ROW(true, "GET"),
		ROW(false, H " folded\r\n\r\n"),
		ROW(false, H "A: b\r\n\tfolded\r\n"),
		ROW(false, "GET / HTTP/1.1\r\n Host: h\r\n"),
		ROW(false, H "A : b\r\n"),
		ROW(false, H "A\t: b\r\n"),
		ROW(false, H ": b\r\n"),
		ROW(false, H "A\r\n"),
		ROW(false, H "A\0: b\r\n"),
		ROW(false, H "A: b\0\r\n"),
		ROW(false, H "A: b\rC: d\r\n"),
		ROW(false, H "A: b\r\r\n"),
		ROW(false, H "\rX"),
		ROW(false, "GET /a\0 HTTP/1.1\r\n"),
		ROW(false, "GET /a\tHTTP/1.1\r\n"),
		ROW(false, "GET  /a HTTP/1.1\r\n"),
		ROW(false, "GET /a b HTTP/1.1\r\n"),
		ROW(false, "GET /a HTTP/1.1 \r\n"),
		ROW(false, "GET /a HTTP/1.2\r\n"),
		ROW(false, "GET /a HTTP/2.0\r\n"),
		ROW(false, "GET /a HTTP/1.10\r\n"),
		ROW(false, "GET /a http/1.1\r\n"),
		ROW(false, "GET /a\r\n"),
		ROW(false, "\r\n"),
		ROW(false, "\x16\x03\x01"),
		ROW(false, H "\r\n" "X"  "\r\n"),
	};
	static char longest[HTTP_HEAD_MAX + 1] = "GET / HTTP/1.1\r\nA: ";
	size_t i;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++)
		assert_int_equal(watched(rows[i].bytes, rows[i].n) == NULL,
		    rows[i].good);
	memset(longest + strlen(longest), 'x',
	    sizeof longest - strlen(longest));
	memcpy(longest + HTTP_HEAD_MAX - 4, "\r\n\r\n", 4);
	assert_null(watched(longest, HTTP_HEAD_MAX));
	memset(longest + HTTP_HEAD_MAX - 4, 'x', 4);
	assert_non_null(watched(longest, HTTP_HEAD_MAX + 1));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(targets), cmocka_unit_test(ranges),
		cmocka_unit_test(dates), cmocka_unit_test(types),
		cmocka_unit_test(guard),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

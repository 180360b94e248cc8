/*
 * Requests, targets, ranges, dates and heads of HTTP, row by row.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

#include "../../tftpd/http_date.h"
#include "../../tftpd/http_head.h"
#include "../../tftpd/http_parse.h"

#define MANY	UINT64_MAX
#define SUNDAY	784111777	/* Sun, 06 Nov 1994 08:49:37 GMT */

static struct http_text
text(const char *s)
{
	return (struct http_text){ s, strlen(s) };
}

static void
same(struct http_text got, const char *wanted)
{
	assert_int_equal(got.n, strlen(wanted));
	assert_true(got.n == 0 || memcmp(got.at, wanted, got.n) == 0);
}

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
		assert_int_equal(http_target(text(rows[i].target), name,
		    sizeof name), rows[i].name != NULL ? 0 : 400);
		if (rows[i].name != NULL)
			assert_string_equal(name, rows[i].name);
	}
	assert_int_equal(http_target(text("/abc"), name, 5), 0);
	assert_int_equal(http_target(text("/abcd"), name, 5), 414);
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
		assert_int_equal(http_range(text(rows[i].value),
		    rows[i].size,
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
		assert_int_equal(http_date(rows[i].text,
		    strlen(rows[i].text), 1764028800, &t),
		    rows[i].t != -1);
		assert_true(t == rows[i].t);
	}
	/* The year 94 as 2043 sees it. */
	assert_true(http_date("Sunday, 06-Nov-94 08:49:37 GMT", 30,
	    2335219200, &t));
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

static void
heads(void **state)
{
	char bytes[256];
	struct put o = put_into(bytes, sizeof bytes - 1);

	(void)state;
	http_head_begin(&o, 206, "now");
	http_head_text(&o, "A", "b");
	http_head_number(&o, "C", 0);
	http_head_number(&o, "D", UINT64_MAX);
	http_head_range(&o, 5, 10, 100);
	http_head_range(&o, 0, 0, 100);
	http_head_end(&o);
	assert_false(o.full);
	*o.at = '\0';
	assert_string_equal(bytes, "HTTP/1.1 206 Partial Content\r\n"
	    "Date: now\r\nA: b\r\nC: 0\r\nD: 18446744073709551615\r\n"
	    "Content-Range: bytes 5-14/100\r\n"
	    "Content-Range: bytes */100\r\n\r\n");
	assert_string_equal(http_phrase(404), "Not Found");
}

#define G	"GET /a HTTP/1.1\r\n"
#define H	G "Host: h\r\n"
#define ROW(status, text) { status, text, sizeof text - 1 }

/* A request begins with these bytes: however they come, the same is said. */
static void
requests(void **state)
{
	static const struct {
		int status;	/* 0: well formed; MORE: no end yet */
		const char *bytes;
		size_t n;
	} rows[] = {
#define MORE	1
		ROW(0, H "\r\n"),
		ROW(0, "\r\n" H "\r\n"),
		ROW(0, H "A:\r\nB:\tc\xff\r\n\r\n"),
		ROW(0, H "Content-Length: 0\r\n\r\n"),
		ROW(0, H "Content-Length: 5\r\n\r\n"),
		ROW(0, H "Transfer-Encoding: chunked\r\n\r\n"),
		ROW(0, H "Expect: 100-Continue\r\n\r\n"),
		ROW(0, G "HOST:\r\n\r\n"),
		ROW(0, G "Host: [2001:db8::1]:80\r\n\r\n"),
		ROW(0, "GET /a HTTP/1.0\r\n\r\n"),
		ROW(0, "GET /a HTTP/1.2\r\nHost: h\r\n\r\n"),
		ROW(0, "F!o.o * HTTP/1.1\r\nHost: h\r\n\r\n"),
		ROW(MORE, ""),
		ROW(MORE, "G"),
		ROW(MORE, "\r"),
		ROW(MORE, "\r\n"),
		ROW(MORE, H),
		ROW(MORE, H "\r"),
		ROW(400, "\r\n\r\n"),
		ROW(400, "GET /a HTTP/1.1\nHost: h\n\n"),
		ROW(400, H "\n"),
		ROW(400, H "A: b\n\r\n"),
		ROW(400, H " folded\r\n\r\n"),
		ROW(400, H "A: b\r\n\tfolded\r\n"),
		ROW(400, G " Host: h\r\n\r\n"),
		ROW(400, H "A : b\r\n"),
		ROW(400, H "A\t: b\r\n"),
		ROW(400, H ": b\r\n"),
		ROW(400, H "A\r\n"),
		ROW(400, H "A\0: b\r\n"),
		ROW(400, H "A: b\0\r\n"),
		ROW(400, H "A: b\rC: d\r\n"),
		ROW(400, H "A: b\r\r\n"),
		ROW(400, H "\rX"),
		ROW(400, H "Host: h\r\n"),
		ROW(400, G "Host: a b\r\n"),
		ROW(400, G "Host: a/b\r\n"),
		ROW(400, G "Host: u@h\r\n"),
		ROW(400, G "\r\n"),
		ROW(400, H "Content-Length: 0\r\nContent-Length: 0\r\n"),
		ROW(400, H "Content-Length: 0, 0\r\n"),
		ROW(400, H "Content-Length: +5\r\n"),
		ROW(400, H "Content-Length: -5\r\n"),
		ROW(400, H "Content-Length: 0x5\r\n"),
		ROW(400, H "Content-Length: 5 5\r\n"),
		ROW(400, H "Content-Length:\r\n"),
		ROW(400, "GET /a\0 HTTP/1.1\r\n"),
		ROW(400, "GET /a\tHTTP/1.1\r\n"),
		ROW(400, "GET /a\tb HTTP/1.1\r\n"),
		ROW(400, "GET  /a HTTP/1.1\r\n"),
		ROW(400, " GET /a HTTP/1.1\r\n"),
		ROW(400, "GET /a b HTTP/1.1\r\n"),
		ROW(400, "GET /a HTTP/1.1 \r\n"),
		ROW(400, "GET /a HTTP/1.10\r\n"),
		ROW(400, "GET /a HTTP/11.1\r\n"),
		ROW(400, "GET /a HTTP/1.x\r\n"),
		ROW(400, "GET /a http/1.1\r\n"),
		ROW(400, "GET /a\r\n"),
		ROW(400, "GE\xc3\x89T /a HTTP/1.1\r\n"),
		ROW(400, "\x16\x03\x01"),
		ROW(417, H "Expect: gold\r\n"),
		ROW(505, "GET /a HTTP/2.0\r\n"),
		ROW(505, "GET /a HTTP/0.9\r\n"),
	};
	struct http_request rq;
	size_t i, n, used;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		used = http_parse(rows[i].bytes, rows[i].n, &rq);
		assert_int_equal(used, rows[i].status == MORE ? 0 :
		    rows[i].n);
		assert_int_equal(rq.status, rows[i].status == MORE ? 0 :
		    rows[i].status);
		if (rows[i].status != 0)
			continue;
		for (n = 0; n < rows[i].n; n++)
			assert_int_equal(http_parse(rows[i].bytes, n, &rq),
			    0);
		/* What follows is not looked at. */
		n = sizeof H "\r\n" - 1;
		if (rows[i].n == n)
			assert_int_equal(http_parse(H "\r\n\0\n", n + 2,
			    &rq), n);
	}
}

static void
request_says(void **state)
{
	static const struct {
		const char *bytes;
		enum http_method method;
		bool keep, body;
		enum http_match none_match;
		const char *target, *range, *since;
	} rows[] = {
		{ H "\r\n", HTTP_GET, true, false, false, "/a", "", "" },
		{ "HEAD /b?c HTTP/1.1\r\nHost: h\r\n\r\n", HTTP_HEAD, true,
		    false, false, "/b?c", "", "" },
		{ "head / HTTP/1.1\r\nHost: h\r\n\r\n", HTTP_OTHER, true,
		    false, false, "/", "", "" },
		{ "GETX / HTTP/1.1\r\nHost: h\r\n\r\n", HTTP_OTHER, true,
		    false, false, "/", "", "" },
		{ "GET / HTTP/1.0\r\n\r\n", HTTP_GET, false, false, false,
		    "/", "", "" },
		{ "GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n",
		    HTTP_GET, true, false, false, "/", "", "" },
		{ H "Connection: x ,\tCLOSE\r\n\r\n", HTTP_GET, false,
		    false, false, "/a", "", "" },
		{ H "Connection: close\r\nConnection: keep-alive\r\n\r\n",
		    HTTP_GET, false, false, false, "/a", "", "" },
		{ H "Connection: closed\r\n\r\n", HTTP_GET, true, false,
		    false, "/a", "", "" },
		{ H "Content-Length: 00\r\n\r\n", HTTP_GET, true, false,
		    false, "/a", "", "" },
		{ H "Content-Length: 10\r\n\r\n", HTTP_GET, true, true,
		    false, "/a", "", "" },
		{ H "transfer-encoding: identity\r\n\r\n", HTTP_GET, true,
		    true, false, "/a", "", "" },
		{ H "Range: \t bytes=1-2 \r\nRange: x\r\n"
		    "If-None-Match: *\r\nif-modified-since: then\r\n\r\n",
		    HTTP_GET, true, false, HTTP_MATCH_ANY, "/a", "bytes=1-2",
		    "then" },
		{ H "If-None-Match: *, \"x\"\r\n\r\n", HTTP_GET, true, false,
		    HTTP_MATCH_TAGS, "/a", "", "" },
	};
	struct http_request rq;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		assert_int_equal(http_parse(rows[i].bytes,
		    strlen(rows[i].bytes), &rq), strlen(rows[i].bytes));
		assert_int_equal(rq.status, 0);
		assert_int_equal(rq.method, rows[i].method);
		assert_int_equal(rq.keep, rows[i].keep);
		assert_int_equal(rq.body, rows[i].body);
		assert_int_equal(rq.if_none_match, rows[i].none_match);
		same(rq.target, rows[i].target);
		same(rq.range, rows[i].range);
		same(rq.if_modified_since, rows[i].since);
	}
}

/* To the byte. */
static void
limits(void **state)
{
	static char bytes[2 * HTTP_HEAD_MAX] = H "A: ";
	struct http_request rq;

	(void)state;
	memset(bytes + strlen(bytes), 'x', sizeof bytes - strlen(bytes));
	assert_int_equal(http_parse(bytes, HTTP_HEAD_MAX - 1, &rq), 0);
	assert_int_equal(http_parse(bytes, HTTP_HEAD_MAX, &rq),
	    HTTP_HEAD_MAX);
	assert_int_equal(rq.status, 431);
	memcpy(bytes + HTTP_HEAD_MAX - 4, "\r\n\r\n", 4);
	assert_int_equal(http_parse(bytes, sizeof bytes, &rq),
	    HTTP_HEAD_MAX);
	assert_int_equal(rq.status, 0);
	memcpy(bytes + HTTP_HEAD_MAX - 4, "x\r\n\r", 4);
	bytes[HTTP_HEAD_MAX] = '\n';
	http_parse(bytes, sizeof bytes, &rq);
	assert_int_equal(rq.status, 431);
	memset(bytes, 'x', sizeof bytes);
	http_parse(bytes, sizeof bytes, &rq);
	assert_int_equal(rq.status, 414);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(targets), cmocka_unit_test(ranges),
		cmocka_unit_test(dates), cmocka_unit_test(types),
		cmocka_unit_test(heads), cmocka_unit_test(requests),
		cmocka_unit_test(request_says), cmocka_unit_test(limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

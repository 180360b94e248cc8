/*
 * A line that says which parser, then any bytes: ranges inside the file,
 * names that climb nowhere, dates that come back, a guard that says the
 * same however the bytes are cut.
 */
#include <stdlib.h>
#include <string.h>

#include "../../tftpd/content.h"
#include "../../tftpd/http_parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void range(const char *, uint64_t);
static void target(const char *);
static void date(const char *);
static void guard(const uint8_t *, size_t, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	char text[9000];

	if (n < 2 || n > sizeof text)
		return 0;
	memcpy(text, bytes + 2, n - 2);
	text[n - 2] = '\0';
	switch (bytes[0] % 4) {
	case 0:
		range(text, bytes[1] == 255 ? UINT64_MAX : bytes[1]);
		break;
	case 1:
		target(text);
		break;
	case 2:
		date(text);
		break;
	default:
		guard(bytes + 2, n - 2, bytes[1]);
	}
	return 0;
}

static void
range(const char *text, uint64_t size)
{
	uint64_t first, length;

	if (http_range(text, size, &first, &length) == HTTP_RANGE_PART &&
	    (length == 0 || first >= size || length > size - first))
		abort();
}

static void
target(const char *text)
{
	char name[CONTENT_NAME_MAX + 2], path[CONTENT_NAME_MAX + 1];
	const char *s;

	if (!http_target(text, name, sizeof name))
		return;
	if (name[0] != '/')
		abort();
	for (s = name; *s != '\0'; s++)
		if ((unsigned char)*s < ' ' || *s == 0x7f)
			abort();
	if (!content_path(name, "/usr/local/pxe/tftpboot", path,
	    sizeof path))
		return;
	for (s = path; (s = strstr(s, "..")) != NULL; s++)
		if ((s == path || s[-1] == '/') &&
		    (s[2] == '\0' || s[2] == '/'))
			abort();
	if (path[0] == '/')
		abort();
}

static void
date(const char *text)
{
	char again[HTTP_DATE_SIZE];
	time_t t, u;

	if (!http_date(text, 1764028800, &t))
		return;
	http_date_text(t, again);
	/* Year 0, 31 December can be the day before as February 30 is. */
	if (!http_date(again, 1764028800, &u) || (u != t && t > 0))
		abort();
}

static void
guard(const uint8_t *bytes, size_t n, size_t cut)
{
	struct http_guard once = { 0 }, twice = { 0 };

	if (cut > n)
		cut = n;
	http_guard(&once, bytes, n);
	http_guard(&twice, bytes, cut);
	http_guard(&twice, bytes + cut, n - cut);
	if (once.bad != twice.bad || once.state != twice.state ||
	    once.bytes != twice.bytes)
		abort();
}

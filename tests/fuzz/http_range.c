/*
 * A byte that says which parser, then any bytes: ranges inside the file,
 * names that climb nowhere, dates that come back.
 */
#include <stdlib.h>
#include <string.h>

#include "../../tftpd/below.h"
#include "../../tftpd/content.h"
#include "../../tftpd/http_date.h"
#include "../../tftpd/http_parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void range(struct http_text, uint64_t);
static void target(struct http_text);
static void date(struct http_text);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct http_text text = { (const char *)bytes + 2, n - 2 };

	if (n < 2)
		return 0;
	switch (bytes[0] % 3) {
	case 0:
		date(text);
		break;
	case 1:
		range(text, bytes[1] == 255 ? UINT64_MAX : bytes[1]);
		break;
	default:
		target(text);
	}
	return 0;
}

static void
range(struct http_text text, uint64_t size)
{
	uint64_t first, length;

	if (http_range(text, size, &first, &length) == HTTP_RANGE_PART &&
	    (length == 0 || first >= size || length > size - first))
		abort();
}

static void
target(struct http_text text)
{
	char name[CONTENT_NAME_MAX + 2], path[CONTENT_NAME_MAX + 1];
	const char *s;

	if (http_target(text, name, sizeof name) != 0)
		return;
	if (name[0] != '/')
		abort();
	for (s = name; *s != '\0'; s++)
		if ((unsigned char)*s < ' ' || *s == 0x7f)
			abort();
	if (!below_path(name, "/usr/local/pxe/tftpboot", path,
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
date(struct http_text text)
{
	char again[HTTP_DATE_SIZE];
	time_t t, u;

	if (!http_date(text.at, text.n, 1764028800, &t))
		return;
	http_date_text(t, again);
	/* Year 0, 31 December can be the day before as February 30 is. */
	if (!http_date(again, strlen(again), 1764028800,
	    &u) || (u != t && t > 0))
		abort();
}

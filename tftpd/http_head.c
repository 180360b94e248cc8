/*
 * Heads of answers: see http_head.h.
 */
#include <string.h>
#include <strings.h>

#include "http_head.h"

static const struct {
	int status;
	const char *words;
} phrases[] = {
	{ 200, "OK" },
	{ 206, "Partial Content" },
	{ 304, "Not Modified" },
	{ 400, "Bad Request" },
	{ 403, "Forbidden" },
	{ 404, "Not Found" },
	{ 405, "Method Not Allowed" },
	{ 412, "Precondition Failed" },
	{ 414, "URI Too Long" },
	{ 416, "Range Not Satisfiable" },
	{ 417, "Expectation Failed" },
	{ 429, "Too Many Requests" },
	{ 431, "Request Header Fields Too Large" },
	{ 503, "Service Unavailable" },
	{ 505, "HTTP Version Not Supported" },
};

static void put_number(struct put *, uint64_t);

void
http_head_begin(struct put *o, int status, const char *date)
{
	put_text(o, "HTTP/1.1 ");
	put_number(o, (uint64_t)status);
	put_u8(o, ' ');
	put_text(o, http_phrase(status));
	http_head_end(o);
	http_head_text(o, "Date", date);
}

void
http_head_text(struct put *o, const char *name, const char *value)
{
	put_text(o, name);
	put_text(o, ": ");
	put_text(o, value);
	http_head_end(o);
}

void
http_head_number(struct put *o, const char *name, uint64_t v)
{
	put_text(o, name);
	put_text(o, ": ");
	put_number(o, v);
	http_head_end(o);
}

void
http_head_range(struct put *o, uint64_t first, uint64_t length,
    uint64_t size)
{
	put_text(o, "Content-Range: bytes ");
	if (length > 0) {
		put_number(o, first);
		put_u8(o, '-');
		put_number(o, first + length - 1);
	} else
		put_u8(o, '*');
	put_u8(o, '/');
	put_number(o, size);
	http_head_end(o);
}

void
http_head_end(struct put *o)
{
	put_bytes(o, "\r\n", 2);
}

static void
put_number(struct put *o, uint64_t v)
{
	char digits[20], *p = digits + sizeof digits;

	do
		*--p = (char)('0' + v % 10);
	while ((v /= 10) > 0);
	put_bytes(o, p, (size_t)(digits + sizeof digits - p));
}

const char *
http_phrase(int status)
{
	size_t i;

	for (i = 0; i < sizeof phrases / sizeof phrases[0]; i++)
		if (phrases[i].status == status)
			return phrases[i].words;
	return "";
}

const char *
http_type(const char *name, bool text)
{
	static const char plain[] = "text/plain; charset=utf-8";
	static const struct {
		const char *suffix, *type;
	} types[] = {
		{ ".efi", "application/efi" },
		{ ".iso", "application/vnd.efi-iso" },
		{ ".img", "application/vnd.efi-img" },
		{ ".gz", "application/gzip" },
		{ ".xz", "application/x-xz" },
		{ ".zst", "application/zstd" },
		{ ".tar", "application/x-tar" },
		{ ".json", "application/json" },
		{ ".html", "text/html; charset=utf-8" },
		{ ".xml", "text/xml" },
		{ ".txt", plain },
		{ ".cfg", plain },
		{ ".conf", plain },
		{ ".ipxe", plain },
		{ ".rc", plain },
		{ ".yaml", plain },
	};
	size_t i, n, len = strlen(name);

	for (i = 0; i < sizeof types / sizeof types[0]; i++) {
		n = strlen(types[i].suffix);
		if (len >= n && strcasecmp(name + len - n,
		    types[i].suffix) == 0)
			return types[i].type;
	}
	return text ? plain : "application/octet-stream";
}

/*
 * Requests, targets and ranges: see http_parse.h.
 */
#include <string.h>
#include <strings.h>

#include "cursor.h"
#include "http_parse.h"

#define RANGE_SIZE	64	/* longer ones are of several parts */

struct head {			/* what is known while it is read */
	struct cursor at;
	struct http_request *rq;
	bool host, length, close, keep_alive;	/* there was one */
};

static bool read_head(struct head *);
static bool take_line(struct head *, struct http_text *);
static bool request_line(struct head *, struct http_text);
static bool version(struct head *, struct http_text);
static bool whole(struct head *);
static bool field(struct head *, struct http_text);
static bool host(struct head *, struct http_text);
static bool connection(struct head *, struct http_text);
static bool range(struct head *, struct http_text);
static bool if_range(struct head *, struct http_text);
static bool if_modified_since(struct head *, struct http_text);
static bool if_unmodified_since(struct head *, struct http_text);
static bool if_match(struct head *, struct http_text);
static bool if_none_match(struct head *, struct http_text);
static enum http_match match(struct http_text);
static bool expect(struct head *, struct http_text);
static bool content_length(struct head *, struct http_text);
static bool transfer_encoding(struct head *, struct http_text);
static bool first_of(struct http_text *, struct http_text);
static bool refuse(struct head *, int, const char *);
static struct http_text take_until(struct http_text *, char);
static struct http_text trimmed(struct http_text);
static bool is(struct http_text, const char *);
static bool all_of(struct http_text, const char *);
static struct http_text path_of(struct http_text);
static int hex(char);
static bool number(const char **, uint64_t *);

/* What may be in a method or the name of a field, beside letters, digits. */
static const char tokens[] = "!#$%&'*+-.^_`|~";

static const struct {
	const char *name;
	bool (*take)(struct head *, struct http_text);
} fields[] = {
	{ "Host", host },
	{ "Connection", connection },
	{ "Range", range },
	{ "If-Range", if_range },
	{ "If-Modified-Since", if_modified_since },
	{ "If-Unmodified-Since", if_unmodified_since },
	{ "If-Match", if_match },
	{ "If-None-Match", if_none_match },
	{ "Expect", expect },
	{ "Content-Length", content_length },
	{ "Transfer-Encoding", transfer_encoding },
};

size_t
http_parse(const void *bytes, size_t n, struct http_request *rq)
{
	struct head h = { .rq = rq };

	memset(rq, 0, sizeof *rq);
	rq->method = HTTP_OTHER;
	h.at = cursor_of(bytes, n < HTTP_HEAD_MAX ? n : HTTP_HEAD_MAX);
	if (read_head(&h))
		return (size_t)(h.at.at - (const uint8_t *)bytes);
	if (rq->status == 0 && n >= HTTP_HEAD_MAX) {
		if (rq->word.n == 0)
			refuse(&h, 414, "a request line without an end");
		else
			refuse(&h, 431, "more than 8192 bytes");
	}
	return rq->status != 0 ? n : 0;
}

/* False if it was refused, or has no end yet. */
static bool
read_head(struct head *h)
{
	struct http_text line;

	/* One empty line may be left of what was before (section 2.2). */
	if (!take_line(h, &line) ||
	    (line.n == 0 && !take_line(h, &line)) || !request_line(h, line))
		return false;
	do {
		if (!take_line(h, &line))
			return false;
		if (line.n == 0)
			return whole(h);
	} while (field(h, line));
	return false;
}

/* What ends in CR LF, and has no other control byte than TAB in it. */
static bool
take_line(struct head *h, struct http_text *line)
{
	const uint8_t *from = h->at.at, *end = h->at.end, *p = from;

	while (p < end && ((*p >= ' ' && *p != 0x7f) || *p == '\t'))
		p++;
	if (p == end || (*p == '\r' && p + 1 == end))
		return false;
	if (p[0] != '\r' || p[1] != '\n')
		return refuse(h, 400, "a control byte");
	*line = (struct http_text){ (const char *)from, (size_t)(p - from) };
	h->at.at = p + 2;
	return true;
}

/* Section 3: three parts, and one blank between them. */
static bool
request_line(struct head *h, struct http_text line)
{
	struct http_text word = take_until(&line, ' ');
	struct http_text target = take_until(&line, ' ');
	struct http_request *rq = h->rq;

	if (word.n == 0 || !all_of(word, tokens) || target.n == 0 ||
	    memchr(target.at, '\t', target.n) != NULL)
		return refuse(h, 400, "not a request line");
	rq->word = word;
	rq->target = target;
	if (rq->word.n == 3 && memcmp(rq->word.at, "GET", 3) == 0)
		rq->method = HTTP_GET;
	else if (rq->word.n == 4 && memcmp(rq->word.at, "HEAD", 4) == 0)
		rq->method = HTTP_HEAD;
	return version(h, line);
}

/* Section 2.3; what is 1.2 or above can be answered as 1.1. */
static bool
version(struct head *h, struct http_text s)
{
	if (s.n != 8 || memcmp(s.at, "HTTP/", 5) != 0 || s.at[6] != '.' ||
	    s.at[5] < '0' || s.at[5] > '9' || s.at[7] < '0' || s.at[7] > '9')
		return refuse(h, 400, "not a request line");
	if (s.at[5] != '1')
		return refuse(h, 505, "only HTTP/1.0 and 1.1");
	h->rq->old = s.at[7] == '0';
	return true;
}

static bool
whole(struct head *h)
{
	struct http_request *rq = h->rq;

	if (!h->host && !rq->old)
		return refuse(h, 400, "no Host");
	rq->keep = !h->close && (h->keep_alive || !rq->old);
	return true;
}

/* Section 5: no blank before the colon, no line that goes on on the next. */
static bool
field(struct head *h, struct http_text value)
{
	size_t n = value.n, i;
	struct http_text name = take_until(&value, ':');

	if (name.n == n || name.n == 0 || !all_of(name, tokens))
		return refuse(h, 400, "a field that is none");
	value = trimmed(value);
	for (i = 0; i < sizeof fields / sizeof fields[0]; i++)
		if (is(name, fields[i].name))
			return fields[i].take(h, value);
	return true;
}

/* Section 3.2: one, and well formed. */
static bool
host(struct head *h, struct http_text value)
{
	if (h->host)
		return refuse(h, 400, "more than one Host");
	h->host = true;
	return all_of(value, "-._~!$&'()*+,;=%:[]") ||
	    refuse(h, 400, "a Host that is none");
}

static bool
connection(struct head *h, struct http_text value)
{
	struct http_text word;

	while (value.n > 0) {
		word = trimmed(take_until(&value, ','));
		h->close = h->close || is(word, "close");
		h->keep_alive = h->keep_alive || is(word, "keep-alive");
	}
	return true;
}

static bool
range(struct head *h, struct http_text value)
{
	return first_of(&h->rq->range, value);
}

static bool
if_range(struct head *h, struct http_text value)
{
	return first_of(&h->rq->if_range, value);
}

static bool
if_modified_since(struct head *h, struct http_text value)
{
	return first_of(&h->rq->if_modified_since, value);
}

static bool
if_unmodified_since(struct head *h, struct http_text value)
{
	return first_of(&h->rq->if_unmodified_since, value);
}

static bool
if_match(struct head *h, struct http_text value)
{
	h->rq->if_match = match(value);
	return true;
}

static bool
if_none_match(struct head *h, struct http_text value)
{
	h->rq->if_none_match = match(value);
	return true;
}

static enum http_match
match(struct http_text value)
{
	return value.n == 1 && value.at[0] == '*' ? HTTP_MATCH_ANY :
	    HTTP_MATCH_TAGS;
}

static bool
expect(struct head *h, struct http_text value)
{
	return is(value, "100-continue") ||
	    refuse(h, 417, "nothing but 100-continue");
}

/* Section 6: two lengths, or a length and chunks, are two requests. */
static bool
content_length(struct head *h, struct http_text value)
{
	size_t i;

	if (h->length || value.n == 0)
		return refuse(h, 400, "a length that is none");
	h->length = true;
	for (i = 0; i < value.n; i++) {
		if (value.at[i] < '0' || value.at[i] > '9')
			return refuse(h, 400, "a length that is none");
		if (value.at[i] != '0')
			h->rq->body = true;
	}
	return true;
}

static bool
transfer_encoding(struct head *h, struct http_text value)
{
	(void)value;
	h->rq->body = true;
	return true;
}

static bool
first_of(struct http_text *to, struct http_text value)
{
	if (to->n == 0)
		*to = value;
	return true;
}

static bool
refuse(struct head *h, int status, const char *why)
{
	h->rq->status = status;
	h->rq->why = why;
	return false;
}

/* What stands before the first c, which is passed; all of it without one. */
static struct http_text
take_until(struct http_text *s, char c)
{
	const char *p = s->n > 0 ? memchr(s->at, c, s->n) : NULL;
	struct http_text before = { s->at, p == NULL ? s->n :
	    (size_t)(p - s->at) };
	size_t n = before.n + (p != NULL);

	s->at += n;
	s->n -= n;
	return before;
}

static struct http_text
trimmed(struct http_text s)
{
	for (; s.n > 0 && (*s.at == ' ' || *s.at == '\t'); s.n--)
		s.at++;
	while (s.n > 0 && (s.at[s.n - 1] == ' ' || s.at[s.n - 1] == '\t'))
		s.n--;
	return s;
}

static bool
is(struct http_text s, const char *name)
{
	return strncasecmp(s.at, name, s.n) == 0 && name[s.n] == '\0';
}

/* Letters, digits, and these. */
static bool
all_of(struct http_text s, const char *others)
{
	size_t i;

	for (i = 0; i < s.n; i++) {
		char c = s.at[i];

		if ((c < 'a' || c > 'z') && (c < 'A' || c > 'Z') &&
		    (c < '0' || c > '9') &&
		    (c == '\0' || strchr(others, c) == NULL))
			return false;
	}
	return true;
}

int
http_target(struct http_text target, char *name, size_t size)
{
	struct http_text s = path_of(target);
	size_t i, n = 0;
	int c;

	if (s.n == 0)
		return 400;
	for (i = 0; i < s.n && s.at[i] != '?'; i++) {
		c = (unsigned char)s.at[i];
		if (c == '#')
			return 400;
		if (c == '%') {
			if (s.n - i < 3 || hex(s.at[i + 1]) < 0 ||
			    hex(s.at[i + 2]) < 0)
				return 400;
			c = hex(s.at[i + 1]) * 16 + hex(s.at[i + 2]);
			i += 2;
		}
		if (c < ' ' || c == 0x7f)
			return 400;
		if (n + 1 >= size)
			return 414;
		name[n++] = (char)c;
	}
	name[n] = '\0';
	return 0;
}

/* Of origin-form and absolute-form (RFC 9112 section 3.2); else empty. */
static struct http_text
path_of(struct http_text s)
{
	static const struct http_text none = { "", 0 }, root = { "/", 1 };
	static const char *const schemes[] = { "http://", "https://" };
	size_t i, n;

	if (s.n > 0 && s.at[0] == '/')
		return s;
	for (i = 0; i < 2; i++) {
		n = strlen(schemes[i]);
		if (s.n <= n || strncasecmp(s.at, schemes[i], n) != 0)
			continue;
		s.at += n;
		s.n -= n;
		for (n = 0; n < s.n && memchr("/?#", s.at[n], 3) == NULL; n++)
			;
		if (n == 0)
			return none;
		return n == s.n || s.at[n] != '/' ? root :
		    (struct http_text){ s.at + n, s.n - n };
	}
	return none;
}

static int
hex(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ?
	    c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

enum http_range
http_range(struct http_text value, uint64_t size, uint64_t *first,
    uint64_t *length)
{
	char text[RANGE_SIZE];
	const char *s = text + 6;
	uint64_t from, to = UINT64_MAX;
	bool open;

	if (value.n < 6 || value.n >= sizeof text ||
	    strncasecmp(value.at, "bytes=", 6) != 0)
		return HTTP_RANGE_NONE;
	memcpy(text, value.at, value.n);
	text[value.n] = '\0';
	s += strspn(s, " \t");
	if (*s == '-') {	/* the last so many */
		s++;
		if (!number(&s, &to) || *s != '\0')
			return HTTP_RANGE_NONE;
		if (to == 0 || size == 0)
			return HTTP_RANGE_NOT;
		*length = to < size ? to : size;
		*first = size - *length;
		return HTTP_RANGE_PART;
	}
	if (!number(&s, &from) || *s++ != '-')
		return HTTP_RANGE_NONE;
	open = *s == '\0';
	if ((!open && !number(&s, &to)) || *s != '\0' || to < from)
		return HTTP_RANGE_NONE;
	if (from >= size)
		return HTTP_RANGE_NOT;
	*first = from;
	*length = to - from < size - from ? to - from + 1 : size - from;
	return HTTP_RANGE_PART;
}

/* What does not fit is as large as can be; blanks after it are skipped. */
static bool
number(const char **s, uint64_t *v)
{
	const char *p = *s;

	for (*v = 0; *p >= '0' && *p <= '9'; p++)
		*v = *v > (UINT64_MAX - 9) / 10 ? UINT64_MAX :
		    *v * 10 + (uint64_t)(*p - '0');
	if (p == *s)
		return false;
	*s = p + strspn(p, " \t");
	return true;
}

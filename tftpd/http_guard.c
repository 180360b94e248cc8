/*
 * The watch over what comes in by HTTP: see http_parse.h.
 */
#include <string.h>

#include "http_parse.h"

enum {
	REQUEST,		/* in the request line */
	LINE,			/* before the first byte of a field line */
	NAME,
	VALUE,
	REQUEST_LF,		/* after the CR of the request line */
	VALUE_LF,
	END_LF,			/* after the CR of the empty line */
	OVER,			/* nothing that follows is ours to judge */
};

static const char *request_byte(struct http_guard *, uint8_t);
static const char *request_end(struct http_guard *);
static const char *line_byte(struct http_guard *, uint8_t);
static const char *name_byte(struct http_guard *, uint8_t);
static const char *value_byte(struct http_guard *, uint8_t);
static const char *lf_byte(struct http_guard *, uint8_t);
static void head_end(struct http_guard *);
static bool is_token(uint8_t);

static const char *(*const take[])(struct http_guard *, uint8_t) = {
	[REQUEST] = request_byte, [LINE] = line_byte, [NAME] = name_byte,
	[VALUE] = value_byte, [REQUEST_LF] = lf_byte, [VALUE_LF] = lf_byte,
	[END_LF] = lf_byte,
};

bool
http_guard(struct http_guard *g, const uint8_t *p, size_t n)
{
	for (; n > 0 && g->bad == NULL && g->state != OVER; n--, p++)
		if (++g->bytes > HTTP_HEAD_MAX)
			g->bad = "a head of more than 8192 bytes";
		else
			g->bad = take[g->state](g, *p);
	return g->bad == NULL;
}

static const char *
request_byte(struct http_guard *g, uint8_t c)
{
	if (c == '\r') {
		g->state = REQUEST_LF;
		return NULL;
	}
	if (c == '\n')
		return request_end(g);
	if (c < ' ' || c == 0x7f)
		return "a control byte in the request line";
	if (g->spaces == 0 && g->bytes <= sizeof g->method)
		g->method[g->bytes - 1] = (char)c;
	if (c == ' ')
		g->spaces++;
	if (g->spaces > 2)
		return "blanks in the request line";
	memmove(g->tail, g->tail + 1, sizeof g->tail - 1);
	g->tail[sizeof g->tail - 1] = (char)c;
	return NULL;
}

static const char *
request_end(struct http_guard *g)
{
	if (g->spaces != 2 || (memcmp(g->tail, "HTTP/1.1", 8) != 0 &&
	    memcmp(g->tail, "HTTP/1.0", 8) != 0))
		return "no request line of HTTP/1.0 or 1.1";
	g->state = LINE;
	return NULL;
}

static const char *
line_byte(struct http_guard *g, uint8_t c)
{
	if (c == '\r')
		g->state = END_LF;
	else if (c == '\n')
		head_end(g);
	else if (c == ' ' || c == '\t')
		return "a folded line";
	else if (is_token(c))
		g->state = NAME;
	else
		return "a field without a name";
	return NULL;
}

static const char *
name_byte(struct http_guard *g, uint8_t c)
{
	if (c == ':')
		g->state = VALUE;
	else if (!is_token(c))
		return "a field name that is none";
	return NULL;
}

static const char *
value_byte(struct http_guard *g, uint8_t c)
{
	if (c == '\r')
		g->state = VALUE_LF;
	else if (c == '\n')
		g->state = LINE;
	else if ((c < ' ' && c != '\t') || c == 0x7f)
		return "a control byte in a field";
	return NULL;
}

static const char *
lf_byte(struct http_guard *g, uint8_t c)
{
	if (c != '\n')
		return "a CR without LF";
	if (g->state == REQUEST_LF)
		return request_end(g);
	if (g->state == END_LF)
		head_end(g);
	else
		g->state = LINE;
	return NULL;
}

/* Only these two have no body that could follow. */
static void
head_end(struct http_guard *g)
{
	bool plain = memcmp(g->method, "GET ", 4) == 0 ||
	    memcmp(g->method, "HEAD ", 5) == 0;

	memset(g, 0, sizeof *g);
	g->state = plain ? REQUEST : OVER;
}

static bool
is_token(uint8_t c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
	    (c >= 'a' && c <= 'z') ||
	    (c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

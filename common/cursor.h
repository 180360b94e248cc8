/*
 * The one place that counts bytes.  A cursor reads from untrusted bytes, a
 * put writes into a buffer of known size; neither ever passes its end.
 */
#ifndef CURSOR_H
#define CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct cursor {
	const uint8_t *at;
	const uint8_t *end;
};

struct put {
	uint8_t *at;
	uint8_t *end;
	bool full;	/* something did not fit; stays set */
};

static inline struct cursor
cursor_of(const void *bytes, size_t len)
{
	const uint8_t *p = bytes;

	return (struct cursor){ p, p + len };
}

static inline size_t
cursor_left(const struct cursor *c)
{
	return (size_t)(c->end - c->at);
}

/* The next n bytes, still in place; false and nothing moved if fewer. */
static inline bool
cursor_take(struct cursor *c, size_t n, const uint8_t **p)
{
	if (cursor_left(c) < n)
		return false;
	*p = c->at;
	c->at += n;
	return true;
}

static inline bool
cursor_u8(struct cursor *c, uint8_t *v)
{
	const uint8_t *p;

	if (!cursor_take(c, 1, &p))
		return false;
	*v = p[0];
	return true;
}

/* Network byte order, here and below. */
static inline bool
cursor_u16(struct cursor *c, uint16_t *v)
{
	const uint8_t *p;

	if (!cursor_take(c, 2, &p))
		return false;
	*v = (uint16_t)(p[0] << 8 | p[1]);
	return true;
}

static inline bool
cursor_u32(struct cursor *c, uint32_t *v)
{
	const uint8_t *p;

	if (!cursor_take(c, 4, &p))
		return false;
	*v = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	    (uint32_t)p[2] << 8 | p[3];
	return true;
}

/*
 * The text up to a NUL byte, which is passed; *s points into the bytes and
 * ends in that NUL.  False and nothing moved if there is none.
 */
static inline bool
cursor_text(struct cursor *c, const char **s)
{
	const uint8_t *nul = memchr(c->at, 0, cursor_left(c));

	if (nul == NULL)
		return false;
	*s = (const char *)c->at;
	c->at = nul + 1;
	return true;
}

static inline struct put
put_into(void *bytes, size_t size)
{
	uint8_t *p = bytes;

	return (struct put){ p, p + size, false };
}

static inline size_t
put_room(const struct put *o)
{
	return (size_t)(o->end - o->at);
}

/* Room for n bytes to be filled in by the caller, or NULL and full set. */
static inline uint8_t *
put_space(struct put *o, size_t n)
{
	uint8_t *p = o->at;

	if (o->full || put_room(o) < n) {
		o->full = true;
		return NULL;
	}
	o->at += n;
	return p;
}

static inline bool
put_bytes(struct put *o, const void *bytes, size_t n)
{
	uint8_t *p = put_space(o, n);

	if (p == NULL)
		return false;
	if (n > 0)
		memcpy(p, bytes, n);
	return true;
}

static inline bool
put_u8(struct put *o, uint8_t v)
{
	return put_bytes(o, &v, 1);
}

static inline bool
put_u16(struct put *o, uint16_t v)
{
	uint8_t b[2] = { (uint8_t)(v >> 8), (uint8_t)v };

	return put_bytes(o, b, sizeof b);
}

static inline bool
put_u32(struct put *o, uint32_t v)
{
	uint8_t b[4] = { (uint8_t)(v >> 24), (uint8_t)(v >> 16),
	    (uint8_t)(v >> 8), (uint8_t)v };

	return put_bytes(o, b, sizeof b);
}

/* The bytes of s without its final NUL. */
static inline bool
put_text(struct put *o, const char *s)
{
	return put_bytes(o, s, strlen(s));
}

#endif

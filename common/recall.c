#include <stdlib.h>
#include <string.h>

#include "crc32c.h"
#include "recall.h"

#define LINE	64		/* of the processor's cache */

/* Key and value follow. */
struct record {
	uint32_t position;	/* its own: else it is overwritten */
	uint32_t table;
	uint16_t keylen, n;
	uint8_t bytes[];
};

/*
 * Positions count the bytes ever written, modulo 2^32; the last `valid` of
 * them are to be trusted.
 */
struct recall {
	uint32_t head, valid;
	uint32_t place[RECALL_PLACES];	/* position of a key's record */
	_Alignas(struct record) uint8_t ring[RECALL_BYTES];
};

_Static_assert((RECALL_BYTES & (RECALL_BYTES - 1)) == 0, "a power of two");

struct recall *
recall_make(void)
{
	return calloc(1, sizeof(struct recall));
}

void
recall_free(struct recall *r)
{
	free(r);
}

void
recall_forget(struct recall *r)
{
	r->valid = 0;
}

static size_t
place_of(unsigned table, const void *key, size_t keylen)
{
	return crc32c(table, key, keylen) % RECALL_PLACES;
}

size_t
recall_place(const struct recall *r, unsigned table, const void *key,
    size_t keylen)
{
	size_t place = place_of(table, key, keylen);

	__builtin_prefetch(&r->place[place]);
	return place;
}

void
recall_approach(const struct recall *r, size_t place)
{
	const uint8_t *o = r->ring + r->place[place] % RECALL_BYTES;

	__builtin_prefetch(o);
	__builtin_prefetch(o + LINE);
}

const void *
recall_find(const struct recall *r, unsigned table, const void *key,
    size_t keylen, size_t *n)
{
	uint32_t at = r->place[place_of(table, key, keylen)];
	const struct record *o;

	/* One at the head would be of length 0: there is none yet. */
	if (r->head - at == 0 || r->head - at > r->valid)
		return NULL;
	o = (const void *)(r->ring + at % RECALL_BYTES);
	if (o->position != at || o->table != table || o->keylen != keylen ||
	    memcmp(o->bytes, key, keylen) != 0)
		return NULL;
	*n = o->n;
	return o->bytes + keylen;
}

bool
recall_get(const struct recall *r, unsigned table, const void *key,
    size_t keylen, void *out, size_t size, size_t *n)
{
	size_t len;
	const void *value = recall_find(r, table, key, keylen, &len);

	if (value == NULL || len > size)
		return false;
	memcpy(out, value, len);
	*n = len;
	return true;
}

static void
advance(struct recall *r, uint32_t bytes)
{
	r->head += bytes;
	r->valid = r->valid + bytes < RECALL_BYTES ? r->valid + bytes :
	    RECALL_BYTES;
}

void
recall_put(struct recall *r, unsigned table, const void *key, size_t keylen,
    const void *value, size_t n)
{
	const uint32_t unit = _Alignof(struct record);
	uint32_t size, left = RECALL_BYTES - r->head % RECALL_BYTES;
	struct record *o;

	if (keylen > RECALL_MOST || n > RECALL_MOST - keylen)
		return;
	size = (uint32_t)(sizeof *o + keylen + n + unit - 1) / unit * unit;
	if (size > left)
		advance(r, left);
	o = (void *)(r->ring + r->head % RECALL_BYTES);
	*o = (struct record){ r->head, table, (uint16_t)keylen, (uint16_t)n };
	memcpy(o->bytes, key, keylen);
	memcpy(o->bytes + keylen, value, n);
	r->place[place_of(table, key, keylen)] = r->head;
	advance(r, size);
}

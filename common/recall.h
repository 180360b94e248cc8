/*
 * What was read last: keys and their values, in memory of a fixed size, the
 * oldest making room.  A machine that asks asks again within seconds
 * (DISCOVER, then REQUEST; firmware, then loader, then system), and then its
 * entry is here in two or three cache lines, not behind the twenty of a tree
 * of a million.  Losing any of it loses nothing but time.
 */
#ifndef RECALL_H
#define RECALL_H

#include <stdbool.h>
#include <stddef.h>

#define RECALL_BYTES	(2u << 20)	/* some 14,000 hosts */
#define RECALL_PLACES	(1u << 16)	/* 4 bytes each */
#define RECALL_MOST	1024u		/* longer ones are not kept */

struct recall;

/* NULL if there is no memory.  Untouched, it takes none. */
struct recall *recall_make(void);
void recall_free(struct recall *);

/* All of it is no longer true. */
void recall_forget(struct recall *);

/*
 * Where a key's record is to be looked for, and a step towards it.  They
 * change nothing but what is in the processor's caches: for many keys, one
 * after the other, so that all of them wait at once.
 */
size_t recall_place(const struct recall *, unsigned table, const void *key,
    size_t keylen);
void recall_approach(const struct recall *, size_t place);

/*
 * The value of the key in that table, *n bytes of it, until the next put;
 * NULL if it is not known.
 */
const void *recall_find(const struct recall *, unsigned table,
    const void *key, size_t keylen, size_t *n);

/*
 * The value of the key in that table, copied to out, *n bytes of it; false
 * if it is not known or longer than size.
 */
bool recall_get(const struct recall *, unsigned table, const void *key,
    size_t keylen, void *out, size_t size, size_t *n);

/* Keeps it, unless key and value together are over RECALL_MOST bytes. */
void recall_put(struct recall *, unsigned table, const void *key,
    size_t keylen, const void *value, size_t n);

#endif

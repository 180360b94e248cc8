/*
 * Many keys of one LMDB tree, found together.  One by one, a lookup in a tree
 * of a million waits some ten times for memory, each time for the place that
 * the last told it; here the searches take their steps in turn, and all of
 * them wait at once.
 *
 * This reads LMDB's pages as version 0.9 lays them out on 64-bit little-endian
 * machines, and says so if they may be others.  All is bounded by the file as
 * LMDB sees it, but a damaged one may be shorter: call it with faults caught
 * (hostdb_guard).  What it does not find may be there all the same: ask LMDB.
 */
#ifndef PAGES_H
#define PAGES_H

#include <lmdb.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The file as one snapshot has it. */
struct pages {
	const uint8_t *map;
	uint64_t n;
	size_t size;		/* bytes of a page */
};

struct pages_tree {
	uint64_t root;		/* page number */
	unsigned depth;		/* 0: it is empty */
	unsigned leaf_lines;	/* of a leaf's head, in the usual leaf */
};

struct pages_search {
	const uint8_t *key;	/* the caller's */
	size_t keylen;
	const uint8_t *value;	/* in the map; NULL: not found */
	size_t n;
	/* where it is */
	uint64_t head;		/* the first bytes of key */
	const uint8_t *page;
	const uint8_t *node;	/* to be compared next */
	uint16_t low, high, middle;
};

/* False: these pages cannot be read here.  Valid until the snapshot ends. */
bool pages_open(struct pages *, MDB_txn *);

/* The named table's tree; false if it cannot be read here. */
bool pages_tree(const struct pages *, MDB_txn *, const char *name,
    struct pages_tree *);

/* Sets value and n of each of the searches. */
void pages_find(const struct pages *, const struct pages_tree *,
    struct pages_search *, size_t searches);

#endif

/*
 * Which entries a file had, and in which line: one that stands there twice
 * is a slip of its author.  Pure.
 */
#ifndef SEEN_H
#define SEEN_H

#include <stdbool.h>
#include <stddef.h>

#include "entry.h"

struct seen_entry {
	unsigned long line;
	enum entry_kind kind;
	size_t text;		/* where its kind and name lie in text */
};

/* Starts zeroed. */
struct seen {
	struct seen_entry *list;
	size_t n, room;
	char *text;
	size_t used, size;
	bool unsorted;
};

/* False: no memory. */
bool seen_add(struct seen *, enum entry_kind, const char *name,
    unsigned long line);

/*
 * The second of two of one kind and name, *first with the line of the other;
 * or NULL, also without the memory to look.  What is sorted already, as an
 * export is, costs nothing.
 */
const struct seen_entry *seen_twice(struct seen *, unsigned long *first);

void seen_free(struct seen *);

#endif

/*
 * What a transaction changed, as lines of text before and after: what
 * --dry-run and --json show.
 */
#ifndef CHANGE_H
#define CHANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "entry.h"

struct change {
	enum entry_kind kind;
	size_t order;		/* as noted */
	char *name;
	char *before;		/* NULL: it was not there */
	char *after;		/* NULL: it is gone */
};

struct changes {
	struct change *list;
	size_t n;
	size_t size;
};

/* Notes one; the entries are copied, NULL for none.  False: no memory. */
bool change_note(struct changes *, const struct entry *before,
    const struct entry *after);

/*
 * Sorts by kind and name and joins what was noted of one entry; what is in
 * the end as it was goes.
 */
void changes_join(struct changes *);

/* Joins, and prints "-line" and "+line". */
void changes_print(struct changes *, FILE *);

void changes_free(struct changes *);

#endif

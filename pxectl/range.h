/*
 * Names with ranges: rack1-[01-48], web-[1-3,7].  Pure.
 */
#ifndef RANGE_H
#define RANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RANGE_BRACKETS	4
#define RANGE_NAMES_MAX	65536	/* of one word */

struct range {
	const char *word;
	uint32_t n;		/* how many names it stands for */
	uint32_t at;		/* how many were given */
};

/*
 * Reads a word; one without brackets stands for itself.  NULL, or why it is
 * none, in words for a person.  The word must live as long as the range.
 */
const char *range_open(struct range *, const char *word);

/* The next name; false after the last, or if it does not fit. */
bool range_next(struct range *, char *name, size_t size);

#endif

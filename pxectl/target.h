/*
 * What a word on the command line names: `site`, `group:NAME`,
 * `subnet:NET/LEN` or just NET/LEN, and hosts, ranges too: `web-[1-3]`,
 * `host:NAME` or just NAME.
 */
#ifndef TARGET_H
#define TARGET_H

#include "entry.h"
#include "range.h"

struct target {
	enum entry_kind kind;
	struct range range;
};

/* Reads a word, which must live on.  EX_OK, or fail()'s status. */
int target_open(struct target *, const char *word);

/* The next name, in the form that entries have; false at the end. */
bool target_next(struct target *, char name[ENTRY_NAME_MAX + 1]);

/* Are these words all good?  EX_OK, or fail()'s status. */
int target_check(int n, char **word);

/* The same, and each of them is a host, or has events in the ring. */
struct pxectl;
int target_known(struct pxectl *, int n, char **word);

/* Where one host is meant: the word without host: in front of it. */
const char *target_host(const char *word);

/* Is that host's name (name.h) among them?  True if there are none. */
bool target_among(const char *name, int n, char **word);

#endif

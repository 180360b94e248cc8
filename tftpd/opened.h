/*
 * What names below the tree led to, for as long as one turn of the loop
 * takes: a thousand clients that ask for one file at once have it opened
 * once.  All that is answered in a turn was asked before it began, so nobody
 * sees of a change less than with a look at the disk each time.
 */
#ifndef TFTPD_OPENED_H
#define TFTPD_OPENED_H

#include <stdbool.h>

#include "cache.h"

struct opened;

/* NULL: no memory. */
struct opened *opened_new(void);
/* Before the cache is. */
void opened_free(struct opened *);

/* The file that it was in this turn, for the caller to close, or NULL. */
struct cache_file *opened_find(struct opened *, const char *path);
/* True if there was none in this turn. */
bool opened_absent(const struct opened *, const char *path);

/* The file (that stays the caller's), or NULL: there was none. */
void opened_put(struct opened *, const char *path, struct cache_file *);

/* A new turn begins: all is forgotten. */
void opened_turn(struct opened *);

#endif

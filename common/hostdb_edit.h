/*
 * The host database, write side: what pxectl alone links.  Every change is
 * one transaction that keeps all rules or fails whole: names, identities and
 * addresses unique; addresses inside a known subnet and neither its network
 * nor its broadcast address nor that of its router or boot server, at most
 * one a subnet for each interface; the group exists, and parents make no
 * loop; subnets do not overlap.
 */
#ifndef HOSTDB_EDIT_H
#define HOSTDB_EDIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "entry.h"
#include "hostdb.h"

struct hostdb_edit;

struct hostdb_edit_error {
	int status;		/* sysexits: EX_DATAERR, EX_CANTCREAT, ... */
	char why[600];		/* what, why, and the entry it clashes with */
	unsigned long line;	/* hostdb_edit_line()'s; 0: none */
};

/*
 * Opens ROOT/db/hosts for writing; create makes the directory and the
 * database (0755, 0644).  NULL and *err.  Clears stale readers.
 */
struct hostdb_edit *hostdb_edit_open(const char *root, bool create,
    struct hostdb_edit_error *err);
void hostdb_edit_close(struct hostdb_edit *);

/*
 * Begins the transaction; waits for another writer.  verb: for the change
 * log ("add-host").  false and *err on failure, here and in all below; after
 * a failure only hostdb_edit_abort makes sense.
 */
bool hostdb_edit_begin(struct hostdb_edit *, const char *verb,
    struct hostdb_edit_error *err);
/*
 * From now on what is put is of this line of a source, until told again: an
 * error that only the whole shows (hostdb_edit_check) has it in err->line.
 */
void hostdb_edit_line(struct hostdb_edit *, unsigned long line);
/*
 * The rules that look at several entries, whatever order they came in: two
 * hosts may change addresses.  commit asks them too.
 */
bool hostdb_edit_check(struct hostdb_edit *, struct hostdb_edit_error *err);
/* Checks, then makes it durable. */
bool hostdb_edit_commit(struct hostdb_edit *, struct hostdb_edit_error *err);
void hostdb_edit_abort(struct hostdb_edit *);

/*
 * Adds or replaces.  With add, an entry of that kind and name is an error,
 * unless it is damaged: this and deleting are the ways to be rid of it.
 */
bool hostdb_edit_put(struct hostdb_edit *, const struct entry *, bool add,
    struct hostdb_edit_error *err);
/* A group with members, a subnet with addresses in use: refused, at commit. */
bool hostdb_edit_delete(struct hostdb_edit *, enum entry_kind,
    const char *name, struct hostdb_edit_error *err);
/* Deletes every entry (import --replace). */
bool hostdb_edit_clear(struct hostdb_edit *, struct hostdb_edit_error *err);

/* As hostdb_get and hostdb_next, but seeing the transaction's own changes. */
enum hostdb_status hostdb_edit_get(struct hostdb_edit *, enum entry_kind,
    const char *name, struct entry *);
enum hostdb_status hostdb_edit_next(struct hostdb_edit *,
    struct hostdb_walk *, struct entry *);

/*
 * The lowest free host address of that subnet, or 0: it is full.  What the
 * subnet or the site names as a router, a server, ... is not free, nor is
 * an address of this machine.
 */
uint32_t hostdb_edit_free_address(struct hostdb_edit *, const char *subnet);

/*
 * Runs fn, which may do anything with the database; false if a damaged page
 * or a file cut short ended it.  Then nothing was committed, and nothing of
 * this header may be called again in this process.
 */
bool hostdb_edit_guard(void (*fn)(void *), void *arg);

/*
 * Counts the indexes against the entries (pxectl check): calls say with a
 * sentence for each thing that is wrong.  The number of them, or -1, *err.
 */
int hostdb_edit_verify(struct hostdb_edit *,
    void (*say)(void *arg, const char *what), void *arg,
    struct hostdb_edit_error *err);

/*
 * The change log, newest first: one record a transaction.  lines: for each
 * changed entry "-" and its line before, "+" and its line after, each with
 * a newline.  A record that is damaged has verb and lines NULL.  Calls fn
 * until it returns false.
 */
bool hostdb_edit_log(struct hostdb_edit *,
    bool (*fn)(void *arg, uint64_t number, uint64_t time, const char *who,
    const char *verb, const char *lines, size_t n), void *arg,
    struct hostdb_edit_error *err);

#endif

/*
 * What many lookups will want, found for all of them at once and put where
 * they look first (recall.h): a part of hostdb.c, for it alone.  Needs its
 * faults caught.
 */
#ifndef HOSTDB_AHEAD_H
#define HOSTDB_AHEAD_H

#include "hostdb_format.h"
#include "pages.h"
#include "recall.h"

struct hostdb_ahead {
	MDB_dbi identities, entries;	/* names of the tables in recall */
	struct pages pages;
	struct pages_tree identity_tree, entry_tree;
};

/* In each snapshot again; false: it cannot be done here. */
bool hostdb_ahead_open(struct hostdb_ahead *, MDB_txn *);

/* Identities and the entries of their hosts; n is HOSTDB_AHEAD_MAX at most. */
void hostdb_ahead_read(const struct hostdb_ahead *, struct recall *,
    const struct identity *, size_t n);

#endif

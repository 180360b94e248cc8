/*
 * Inside of the write side: hostdb_edit.c makes changes, hostdb_rules.c
 * says which are allowed, hostdb_log.c writes down what was done.
 */
#ifndef HOSTDB_CHANGE_H
#define HOSTDB_CHANGE_H

#include "hostdb_edit.h"
#include "hostdb_format.h"

/* What can only be judged when the whole transaction is known. */
struct touched {
	enum entry_kind kind;
	char *name;
	unsigned long line;
};

/* The subnet that was asked for last, and the site. */
struct spoken {
	bool known;
	uint32_t network;
	unsigned len;
	struct entry subnet, site;
};

struct contest;

struct hostdb_edit {
	MDB_env *env;
	MDB_txn *txn;
	MDB_dbi entries, identities, addresses, members, log;
	struct touched *touched;
	size_t ntouched, room;
	struct contest *contests;
	struct spoken spoken;
	unsigned long line;	/* of the source; 0: none */
	char *lines;		/* for the change log; NULL: none yet */
	size_t nlines, lineroom;
	uint64_t changes;
	char verb[64];
};

/* One key that an entry has in an index. */
struct index_key {
	MDB_dbi table;
	struct hostdb_key key;
	char nic[64];
	const char *attribute;	/* as written, for messages */
	char text[IDENTITY_TEXT_MAX];
};

/*
 * Calls fn for each index key of a host until it returns false; false then.
 */
bool hostdb_each_index(const struct hostdb_edit *, const struct entry *,
    bool (*fn)(void *arg, const struct index_key *), void *arg);

/* The members key of a host or group; false if it is in no group. */
bool hostdb_member_key(const struct entry *, uint8_t *key, size_t size,
    size_t *len);

/*
 * The index key is name's, unless another entry has it: false and *err.  One
 * that is another's already becomes name's, and is contested.
 */
bool hostdb_claim(struct hostdb_edit *, const struct index_key *,
    const char *name, struct hostdb_edit_error *);
/* Notes that a key was other's until now. */
bool hostdb_contest(struct hostdb_edit *, const struct index_key *,
    const char *other, struct hostdb_edit_error *);
/* Has each contested key but one entry that claims it by now? */
bool hostdb_check_contests(struct hostdb_edit *, struct hostdb_edit_error *);
void hostdb_forget_contests(struct hostdb_edit *);

/*
 * The content under a key of a table, its CRC before it; flags of mdb_put.
 * LMDB's code.
 */
int hostdb_store(struct hostdb_edit *, MDB_dbi table, const void *key,
    size_t keylen, const void *content, size_t n, unsigned flags);

/*
 * A line for the change log: '-' and what an entry was, or '+' and what it
 * is.  None are kept of a change that is too large.
 */
bool hostdb_note(struct hostdb_edit *, char sign, const struct entry *,
    struct hostdb_edit_error *);
/* The record of what was noted, into the transaction. */
bool hostdb_log_write(struct hostdb_edit *, struct hostdb_edit_error *);

/* Sets *err; always false. */
bool hostdb_refuse(struct hostdb_edit_error *, int status, const char *fmt,
    ...) __attribute__((format(printf, 3, 4)));
bool hostdb_lmdb_failed(const struct hostdb_edit *,
    struct hostdb_edit_error *, const char *what, int error);

/* The same for an entry that cannot be read ("" for the site). */
bool hostdb_unreadable(struct hostdb_edit_error *, const char *name);

/* The rules of one entry, as the transaction stands now. */
bool hostdb_check_entry(struct hostdb_edit *, const struct entry *,
    struct hostdb_edit_error *);
/* A subnet that is to be put: none that overlaps, itself apart. */
bool hostdb_check_overlap(struct hostdb_edit *, const struct entry *,
    struct hostdb_edit_error *);
/*
 * Is an address that this change gives the host the router's or the boot
 * server's of that subnet or the site?  A router or boot server that this
 * change names: does a host have its address?  What was so before may stay.
 */
bool hostdb_check_spoken(struct hostdb_edit *, const struct entry *host,
    uint32_t address, uint32_t network, unsigned len,
    struct hostdb_edit_error *);
bool hostdb_check_speaker(struct hostdb_edit *, const struct entry *,
    struct hostdb_edit_error *);
/* A group or subnet that was deleted: nobody misses it. */
bool hostdb_check_gone(struct hostdb_edit *, const struct touched *,
    struct hostdb_edit_error *);

#endif

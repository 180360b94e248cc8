/*
 * The host database, read side: what the daemons link.  LMDB below, laid out
 * as hostdb_format.h says.  All answers belong to one snapshot that lasts
 * from hostdb_begin to hostdb_end; begin costs no system call.
 */
#ifndef HOSTDB_H
#define HOSTDB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "entry.h"
#include "identity.h"

#define HOSTDB_ROOT	"/usr/local/pxe" /* without --root and PXE_ROOT */

enum hostdb_status {
	HOSTDB_OK,
	HOSTDB_NOT_FOUND,
	HOSTDB_DAMAGED,		/* checksum, page or line; one answer lost */
	HOSTDB_ERROR,		/* errno says what */
};

struct hostdb;

/* What an index says: whose it is, and by which interface. */
struct hostdb_ref {
	char name[ENTRY_NAME_MAX + 1];
	char nic[64];		/* "" for the host itself */
};

/* The root directory: the argument, else $PXE_ROOT, else HOSTDB_ROOT. */
const char *hostdb_root(const char *root);

/*
 * Opens ROOT/db/hosts for reading, makes the first read transaction and
 * opens the tables: afterwards no lookup makes a system call, so chroot,
 * setresuid and seccomp may follow.  Open after fork, never before.
 * big: for walks of everything (export); daemons say false, and are given
 * what they read last out of memory (recall.h) until the next commit.
 * HOSTDB_ERROR with errno (ENOENT: there is no database yet).
 */
enum hostdb_status hostdb_open(struct hostdb **, const char *root, bool big);
void hostdb_close(struct hostdb *);

/* One snapshot; no nesting, and none held across a turn of the loop. */
enum hostdb_status hostdb_begin(struct hostdb *);
void hostdb_end(struct hostdb *);

/* True if somebody replaced the file below us: only a restart helps. */
bool hostdb_replaced(const struct hostdb *);

/*
 * Has the kernel read the file, up to 1 GB of it.  It waits for the disk, not
 * for every page: a fraction of a second for a million hosts, milliseconds if
 * they are in memory already.  Without that, on a machine that was just
 * switched on, each lookup waits for several single pages.
 */
void hostdb_read_ahead(const struct hostdb *);

/* Lookups that failed by checksum or by a bad page, since open. */
uint64_t hostdb_damaged(const struct hostdb *);

/* The entry of that kind and name ("" for the site). */
enum hostdb_status hostdb_get(struct hostdb *, enum entry_kind,
    const char *name, struct entry *);

/*
 * The same for groups, subnets and the site out of a small memory that the
 * snapshot keeps fresh; NULL if not found or damaged.  Valid until
 * hostdb_end; at least 32 of them at once.
 */
const struct entry *hostdb_shared(struct hostdb *, enum entry_kind,
    const char *name);

/* Which host has this identity; this address (host byte order)? */
enum hostdb_status hostdb_by_identity(struct hostdb *,
    const struct identity *, struct hostdb_ref *);
enum hostdb_status hostdb_by_address(struct hostdb *, uint32_t address,
    struct hostdb_ref *);

/*
 * Who is going to be asked for, their entries with them: read now, all
 * together, each of those lookups finds them in memory.  For a batch of
 * packets; changes no answer.  At most HOSTDB_AHEAD_MAX of them.
 */
#define HOSTDB_AHEAD_MAX 64
void hostdb_ahead(struct hostdb *, const struct identity *, size_t n);

/* The subnet that holds this address (subnets never overlap), or NULL. */
const struct entry *hostdb_subnet_of(struct hostdb *, uint32_t address);

/*
 * Walks entries of a kind in order of their names (subnets: of their
 * numbers): hostdb_walk, then hostdb_next until HOSTDB_NOT_FOUND.  A damaged
 * entry gives HOSTDB_DAMAGED and the walk can go on; HOSTDB_ERROR ends it.
 */
struct hostdb_walk {
	enum entry_kind kind;
	uint16_t keylen;
	uint8_t key[ENTRY_NAME_MAX + 8];
};
void hostdb_walk(struct hostdb_walk *, enum entry_kind);
enum hostdb_status hostdb_next(struct hostdb *, struct hostdb_walk *,
    struct entry *);

#endif

/*
 * What a name means for a client: a file of its own directory
 * (hosts/NAME/), a text made from a template or from the host database, a
 * file of the shared tree; in this order.  Nothing outside the tree can be
 * named, and no host's directory by another.
 */
#ifndef TFTPD_CONTENT_H
#define TFTPD_CONTENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cache.h"
#include "event.h"
#include "hostdb.h"

#define CONTENT_NAME_MAX 1024	/* bytes of a name, without NUL */

enum content_status {
	CONTENT_OK,
	CONTENT_NOT_FOUND,
	CONTENT_FORBIDDEN,
	CONTENT_FAILED,		/* out of descriptors, a disk error, ... */
};

struct content {
	enum content_status status;
	const char *why;	/* words for the client; static */
	struct cache_file *file;	/* of CONTENT_OK; the caller's */
	enum event_stage stage;
	bool quiet;		/* a miss that is a loader's habit */
	bool generated;
	bool damaged;		/* a database entry could not be read */
	struct identity mac;	/* of the host, kind IDENTITY_NONE if unknown */
	char host[ENTRY_NAME_MAX + 1];	/* its name, "" if unknown */
	/* What the administrator must hear of: a line for the log, or "". */
	char note[320];
};

struct content_tree;

/*
 * dir: the tree, opened here, so before a chroot into it.  db may be NULL;
 * it and the cache stay the caller's.  NULL with errno.
 */
struct content_tree *content_open(const char *dir, struct hostdb *,
    struct cache *);
void content_close(struct content_tree *);

/* Serve none but registered hosts. */
void content_known_only(struct content_tree *, bool);

/*
 * The shared directory is the tree, or for each IPv4 address the directory
 * ADDRESS/ in it: who has none is refused, or has the tree.  Writes go there.
 */
enum content_roots { CONTENT_ONE_ROOT, CONTENT_OWN_ROOT,
    CONTENT_ROOT_OR_SHARED };
void content_roots(struct content_tree *, enum content_roots);

/*
 * A turn of the loop begins.  From the first one on, what names of the tree
 * lead to is looked up once a turn; without any, once a question.
 */
void content_turn(struct content_tree *);

/*
 * Finds a name for the client with that address (0: not an IPv4 one).
 * server: our address that it asked; http: the port, or 0 if by TFTP.  All in
 * host byte order.  Names are bytes to distrust.
 */
void content_find(struct content_tree *, const char *name, uint32_t peer,
    uint32_t server, uint16_t http, struct content *);

/*
 * May the client write to that name, as far as names go?  Not what stands
 * for a generated file or a loader's, nor hosts/ of others, nor templates/.
 * True, and the path below content_root(); the rest is store_open's.
 */
bool content_may_write(struct content_tree *, const char *name,
    uint32_t peer, struct content *, char *path, size_t size);
/* The tree's descriptor; stays the tree's. */
int content_root(const struct content_tree *);
/* Status and words for an errno. */
void content_failed(struct content *, int error);

#endif

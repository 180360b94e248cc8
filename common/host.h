/*
 * A host with all it inherits: its own entry, its groups from the nearest
 * to the farthest, the subnet it asks from, the site.
 */
#ifndef HOST_H
#define HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hostdb.h"

#define HOST_GROUPS_MAX	8
#define HOST_STRANGER	"unknown-"	/* its name: 192-0-2-200 follows */
#define HOST_LAYERS	(HOST_GROUPS_MAX + 3)

struct host {
	struct entry own;
	const struct entry *layer[HOST_LAYERS];	/* own first, site last */
	size_t layers;
	char nic[64];		/* the interface that asks; "" the host's own */
	uint32_t address;	/* on that subnet, host byte order; 0: none */
	uint32_t network;	/* of the subnet; 0 with subnet_len 0 if none */
	unsigned subnet_len;
	struct identity mac;	/* the hardware address of that interface */
};

struct host_value {
	const char *text;
	const struct entry *from;	/* the layer that has it */
};

/*
 * Loads the host that ref names.  on: an address of the network it asks
 * from (an interface's own, giaddr, link selection), host byte order; then
 * only an address inside that subnet counts, else one of a subnet that has
 * the same shared-network=, which then is the host's (of its first 32
 * addresses).  0: its first address.
 * Layers live until hostdb_end.  HOSTDB_NOT_FOUND, HOSTDB_DAMAGED (a group
 * that cannot be read too: half a host is never given).
 */
enum hostdb_status host_load(struct host *, struct hostdb *,
    const struct hostdb_ref *ref, uint32_t on);

/*
 * By name, by address: the same in one step.  An address of a discover=
 * range that no host has is a stranger's.
 */
enum hostdb_status host_by_name(struct host *, struct hostdb *,
    const char *name);
enum hostdb_status host_by_address(struct host *, struct hostdb *,
    uint32_t address);

/*
 * A machine that nobody registered, with an address of its subnet's
 * discover= range: a host of the group discover-group=, with a lease of ten
 * minutes if no group says otherwise.  HOSTDB_NOT_FOUND if it is none.
 */
enum hostdb_status host_stranger(struct host *, struct hostdb *,
    uint32_t address);

/* The discover= range of the subnet that holds this address; false: none. */
bool host_discover_range(struct hostdb *, uint32_t on, uint32_t *first,
    uint32_t *last);

/*
 * The value that holds for the host: the nearest layer that has it; false
 * if none has.  An empty value ("router=") ends the search: none.
 */
bool host_get(const struct host *, enum attribute_id, const char *suffix,
    struct host_value *);
/* Its text, or NULL. */
const char *host_text(const struct host *, enum attribute_id,
    const char *suffix);

/*
 * Fills in %n (the host's name, whichever interface asks), %a (address), %m
 * (MAC with colons), %M (MAC with dashes, as in 01-MAC), %g (group), %d
 * (domain), %s (next-server), %% in a value.  False if it does not fit or
 * an escape is unknown.
 */
bool host_expand(const struct host *, const char *value, char *out,
    size_t size);

/* The value with its escapes filled in; false if there is none. */
bool host_value_expanded(const struct host *, enum attribute_id,
    const char *suffix, char *out, size_t size);

/* The host's name; for a further interface, that interface's own. */
const char *host_name(const struct host *);

/*
 * Where its files come from: rsync-path= as written, else one URL a layer
 * of rsync= with blanks between ("rsync://192.0.2.2/common rsync://...").
 * server: used where next-server= says nothing, host byte order.  False if
 * the host has neither, or it does not fit.
 */
bool host_rsync_path(const struct host *, uint32_t server, char *out,
    size_t size);

/* next-server= of the host, else server.  Host byte order. */
uint32_t host_next_server(const struct host *, uint32_t server);

#endif

/*
 * The transfers under way: found by the client's address and port, and by
 * the time at which something is due.
 */
#ifndef TFTPD_TABLE_H
#define TFTPD_TABLE_H

#include <stdbool.h>
#include <stdint.h>

#include "content.h"
#include "keeper.h"
#include "netascii.h"
#include "send.h"
#include "store.h"
#include "transfer.h"
#include "upload.h"

struct incoming {		/* of a flight that comes to us */
	struct upload u;	/* t has its deadline, and when it is over */
	struct store *store;	/* NULL: the keeper has it, or had it */
	struct keeper_job job;
	bool kept;		/* it is there, and that was told */
};

struct port;

struct flight {			/* one transfer and all that belongs to it */
	struct transfer t;
	struct tftpsend_peer peer;
	struct port *own;	/* NULL: it shares peer.fd with others */
	struct cache_file *file;
	uint64_t size;		/* of the file; netascii may send more */
	uint64_t started;	/* us */
	uint64_t told;		/* when its progress was told last */
	uint64_t request;	/* checksum of the request's bytes */
	struct tftp_options granted;
	bool size_asked;	/* by tsize */
	bool changed;		/* ended because the file changed */
	const char *why;	/* we ended it; or NULL */
	char said[64];		/* the client's ERROR; it is text of the wire */
	struct incoming *in;	/* NULL: a file of ours on its way out */

	/* netascii: where blocks begin, and converted blocks; else NULL */
	uint8_t *buffer;
	struct netascii mark, tip;
	uint64_t mark_block, tip_block;
	uint64_t sent;		/* bytes so far, converted */

	enum event_stage stage;
	struct identity mac;
	char host[EVENT_NAME_MAX];

	struct flight *next;		/* of its bucket; of the dead */
	struct flight *later, **before;	/* in the wheel */
	uint64_t due;			/* when the wheel looks at it */
	char name[];			/* as the client wrote it */
};

struct table;

/* seed: anything nobody else knows.  NULL: no memory. */
struct table *table_new(uint64_t seed);
/* Frees the table, not what is in it. */
void table_free(struct table *);

/* A new flight, not yet in the table; NULL: no memory. */
struct flight *flight_new(const char *name);
void flight_free(struct flight *);

void table_add(struct table *, struct flight *);
void table_remove(struct table *, struct flight *);
struct flight *table_find(const struct table *,
    const union tftpsend_address *);
unsigned table_count(const struct table *);

/* Its t.deadline may have changed; cheap when it only moved on. */
void table_schedule(struct table *, struct flight *);
/*
 * Steps through what may be due by now; NULL when that is all.  Look at the
 * deadline: it may have moved on.  Call table_schedule afterwards, or remove
 * the flight.
 */
struct flight *table_due(struct table *, uint64_t now);
/* How long nothing can be due, in us; a second at most. */
uint64_t table_wait(const struct table *, uint64_t now);
/* The flights, one after the other, in no order; NULL starts. */
struct flight *table_each(const struct table *, const struct flight *);

/*
 * Remembers a client whose transfer ended, so that its late packets are not
 * taken for a stranger's.
 */
void table_ended(struct table *, const union tftpsend_address *,
    uint64_t now);
bool table_ended_lately(const struct table *,
    const union tftpsend_address *, uint64_t now);

bool table_same_address(const union tftpsend_address *,
    const union tftpsend_address *);
/* A number spread over all bits from address and port. */
uint64_t table_hash(const union tftpsend_address *, uint64_t seed);

#endif

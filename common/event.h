/*
 * The ring of what happened: a memory-mapped file of fixed-size records in
 * ROOT/db/events, written without locks by all daemons, read by pxectl.
 * Writing is a few stores: no system call, no lock, no waiting.
 *
 * On disk, all numbers little-endian, never changed again: a head of 4096
 * bytes (struct event_head), then `slots` records of 256 bytes.  Record s
 * (1, 2, ...) lies in slot (s - 1) % slots.  A writer takes its number by
 * one atomic add to head.next, clears the slot's seq, writes, and stores seq
 * last (release).  check is the CRC-32C of the record's bytes from time to
 * the end with seq added to its start value, so that a reader never takes a
 * record half of which is another's.
 */
#ifndef EVENT_H
#define EVENT_H

#include <stdbool.h>
#include <stdint.h>

#include "identity.h"

#define EVENT_MAGIC	"bsevent1"
#define EVENT_SLOTS	65536u	/* 16 MiB of file */
#define EVENT_IDENTITY_MAX 24	/* longer ones are cut */
#define EVENT_NAME_MAX	48
#define EVENT_DETAIL_MAX 120

enum event_program {
	EVENT_BOOTPD = 1, EVENT_TFTPD, EVENT_RSYNC_SHIM, EVENT_PXECTL,
	EVENT_GUEST
};

/* How far a machine is.  Numbers are on disk: append only. */
enum event_stage {
	EVENT_ASKED = 1,	/* a DISCOVER or BOOTP request came */
	EVENT_ADDRESS,		/* an address was given to firmware */
	EVENT_LOADER,		/* a boot loader was fetched */
	EVENT_CONFIG,		/* a loader's configuration */
	EVENT_KERNEL,
	EVENT_INITRD,
	EVENT_LEASE,		/* the system's own client has its address */
	EVENT_FILES,		/* a layer came by rsync */
	EVENT_UP,		/* the machine said it is up */
	EVENT_FILE,		/* any other file */
	EVENT_SILENCE,		/* no answer: reason says why */
	EVENT_RELEASE,
	EVENT_DECLINE,
	EVENT_PROGRESS,		/* bytes so far of a long transfer */
};

/* Why there was no answer, or none as asked.  On disk: append only. */
enum event_reason {
	EVENT_OK = 0,
	EVENT_UNREGISTERED,	/* no entry has this identity */
	EVENT_NO_ADDRESS,	/* the host has none on this network */
	EVENT_NO_SUBNET,	/* giaddr or interface of no known subnet */
	EVENT_OTHER_SERVER,	/* the client chose another server */
	EVENT_MALFORMED,	/* detail says what of the packet */
	EVENT_TRUNCATED,
	EVENT_NOT_REQUEST,	/* op is not 1 */
	EVENT_HOPS,
	EVENT_WRONG_ADDRESS,	/* NAK: asked for an address not its own */
	EVENT_DAMAGED,		/* the database entry cannot be read */
	EVENT_NO_FILE,		/* RFC 1350 error 1 */
	EVENT_FORBIDDEN,	/* RFC 1350 error 2; module not the host's */
	EVENT_TIMEOUT,		/* the client went silent */
	EVENT_CLIENT_ERROR,	/* the client ended it with an ERROR */
	EVENT_SEND_FAILED,
	EVENT_UNSUPPORTED,	/* a message type nobody answers here */
	EVENT_NO_BOOT_FILE,	/* firmware that would refuse the answer */
	EVENT_LIMIT,		/* rate or number of transfers */
	EVENT_CHANGED,		/* the file changed below the transfer */
	EVENT_ALL_LENT,		/* discover= has no address left */
	EVENT_OTHER_INTERFACE,	/* bootpd was told not to serve it */
};

/* Not "struct event": that one is libevent's. */
struct event_record {		/* 256 bytes */
	uint64_t seq;		/* 0: being written */
	uint64_t time;		/* ns since 1970 */
	uint32_t check;
	uint8_t program;	/* enum event_program */
	uint8_t stage;		/* enum event_stage */
	uint8_t reason;		/* enum event_reason */
	uint8_t id_kind;	/* enum identity_kind */
	uint8_t id_htype;
	uint8_t id_len;
	uint8_t family;		/* 4, 6, or 0: no address */
	uint8_t pad;
	uint32_t ms;		/* how long it took */
	uint8_t id[EVENT_IDENTITY_MAX];
	uint8_t address[16];	/* network byte order; v4 in the first 4 */
	uint64_t bytes;
	uint64_t number;	/* of the stage: xid, total size, ... */
	char name[EVENT_NAME_MAX];	/* the host's, "" if unknown */
	char detail[EVENT_DETAIL_MAX];	/* a file name, a reason's words */
};
_Static_assert(sizeof(struct event_record) == 256, "the ring's record");

struct event_ring;

/*
 * Opens ROOT/db/events, for writing makes it if need be (mode 0644, its
 * size allocated so that no store can hit a full disk).  NULL with errno.
 */
struct event_ring *event_open(const char *root, bool write);
void event_close(struct event_ring *);

/* An event with program, stage, reason and the clock filled in. */
void event_make(struct event_record *, enum event_program, enum event_stage,
    enum event_reason);
void event_set_identity(struct event_record *, const struct identity *);
void event_set_address(struct event_record *, uint32_t host_order);
/* Cut to fit; bytes that are no printable text become '?'. */
void event_set_name(struct event_record *, const char *);
void event_set_detail(struct event_record *, const char *);

/* Adds it; seq, check (and time, if 0) are set here.  NULL ring: nothing. */
void event_put(struct event_ring *, struct event_record *);

/*
 * What was written will not be written to again for long, and need not count
 * as memory of this process any more; the file has it all the same.  One
 * system call, but each page of sixteen records after it costs as much as
 * the answers to several requests.
 */
void event_rest(struct event_ring *);

/*
 * Reads record *seq into *e and steps *seq on; false if there is none yet.
 * What was overwritten or is damaged is skipped.  *seq 0 starts with the
 * oldest.  Works while daemons write.
 */
bool event_next(const struct event_ring *, uint64_t *seq,
    struct event_record *e);
/*
 * The same, if its number is below end: event_head() when the reader began.
 * Who reads to the last one never ends while daemons write faster.
 */
bool event_next_before(const struct event_ring *, uint64_t *seq,
    uint64_t end, struct event_record *e);
/* The number the next event will get. */
uint64_t event_head(const struct event_ring *);

/* Words for people and for --json: "asked", "unregistered", "bootpd". */
const char *event_stage_name(unsigned);
const char *event_reason_name(unsigned);
/* One sentence: "no entry has this hardware address". */
const char *event_reason_text(unsigned);
const char *event_program_name(unsigned);

#endif

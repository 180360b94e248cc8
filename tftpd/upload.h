/*
 * One file on its way from a client: the receiving side of RFC 1350, 2347,
 * 2348, 2349 and 7440 as a state machine.  Pure, as transfer.h is, and with
 * the same words for options, time and the end.
 */
#ifndef TFTPD_UPLOAD_H
#define TFTPD_UPLOAD_H

#include <stdbool.h>
#include <stdint.h>

#include "packet.h"
#include "transfer.h"

enum upload_state {
	UPLOAD_OPENING,		/* OACK or ACK 0 is out, DATA has not come */
	UPLOAD_RECEIVING,
	UPLOAD_KEEPING,		/* all is there, and on its way to the disk */
	UPLOAD_LINGERING,	/* it is there; the last ACK may be lost */
	UPLOAD_OVER,
};

struct upload {
	enum upload_state state;
	uint8_t rollover;
	uint8_t tries;		/* time-outs since the last block */
	bool gap;		/* a block is missing, and that was said */
	bool oack;		/* how the request was answered */
	bool gone;		/* KEEPING: the client does not wait for it */
	uint16_t blksize;
	uint16_t window;
	uint32_t rto;		/* until the next time-out */
	uint32_t fixed;		/* rto as the client's option has it, or 0 */
	uint32_t held;		/* blocks since the last ACK */
	uint64_t next;		/* the block that is wanted */
	uint64_t bytes;		/* so far */
	uint64_t limit;
	uint64_t repeated;	/* blocks that came more than once */
	uint64_t progress_at;
	uint64_t deadline;	/* call upload_timeout then */
};

/* What to do after a step, in this order; nothing, if all is 0. */
struct upload_action {
	bool take;		/* these are the next bytes of the file */
	bool last;		/* and the last: keep it, then upload_kept */
	bool unwanted;		/* the file that is being kept */
	bool too_large;		/* send ERROR 3; end is set, too */
	bool oack;		/* send the OACK */
	bool ack;		/* send an ACK of this block */
	uint64_t block;
	enum transfer_end end;	/* not GOES_ON: forget the upload */
};

/*
 * Begins.  limit: bytes that the file may have; the size that the client
 * announces (tsize) is held against it.  window_bytes as in transfer_start.
 */
void upload_start(struct upload *, const struct tftp_options *asked,
    uint64_t limit, uint32_t window_bytes, struct tftp_options *granted,
    uint64_t now, struct upload_action *);
/* DATA with this 16-bit number and so many bytes in it. */
void upload_data(struct upload *, uint16_t wire, size_t len, uint64_t now,
    struct upload_action *);
/*
 * The file is on the disk and in its place, or could not be put there.  Until
 * then nobody hears that it is: its last block has no ACK.
 */
void upload_kept(struct upload *, bool well, uint64_t now,
    struct upload_action *);
/* The same request again: repeats the first answer, if nothing came yet. */
void upload_request(struct upload *, struct upload_action *);
/* The client's ERROR. */
void upload_error(struct upload *, struct upload_action *);
/* now >= deadline. */
void upload_timeout(struct upload *, uint64_t now, struct upload_action *);

/* The 16-bit number of a block (RFC 1350; the rollover option). */
uint16_t upload_wire(const struct upload *, uint64_t block);

#endif

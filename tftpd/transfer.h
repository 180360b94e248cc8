/*
 * One file on its way to one client: the sending side of RFC 1350, 2347,
 * 2348, 2349 and 7440 as a state machine.  Pure: the clock is an argument,
 * what to send comes back as block numbers.  A transfer is found by the
 * client's address and port, which is the caller's matter.
 *
 * Blocks are counted from 1 in 64 bits; only transfer_wire() knows that
 * the packets have 16.  Times are microseconds of any steady clock.
 */
#ifndef TFTPD_TRANSFER_H
#define TFTPD_TRANSFER_H

#include <stdbool.h>
#include <stdint.h>

#include "packet.h"

#define TRANSFER_UNKNOWN	UINT64_MAX	/* size; the end is not seen */
#define TRANSFER_SECOND		1000000u
#define TRANSFER_STEADY		10u	/* time-outs as the client wants them */

enum transfer_state {
	TRANSFER_OPENING,	/* the OACK is out, ACK 0 has not come */
	TRANSFER_SENDING,	/* DATA is out, its ACK has not come */
	TRANSFER_OVER,
};

enum transfer_end {
	TRANSFER_GOES_ON,
	TRANSFER_DONE,		/* the last block is acknowledged */
	TRANSFER_UNCONFIRMED,	/* all was sent; the last ACK never came */
	TRANSFER_SILENT,	/* the client stopped answering */
	TRANSFER_REFUSED,	/* its ERROR came before any DATA was sent */
	TRANSFER_ABORTED,	/* its ERROR came later */
	TRANSFER_STOPPED,	/* for the caller, should it end first */
};

struct transfer {
	enum transfer_state state;
	bool heard;		/* the client answered at least once */
	uint8_t rollover;	/* block number after 65535: 0 or 1 */
	uint8_t tries;		/* time-outs since the last progress */
	uint8_t repeats;	/* of this window or its last block */
	uint8_t echoes;		/* repeated ACKs our own repeats will cause */
	bool guess;		/* srtt is only that of the OACK */
	uint16_t blksize;
	uint16_t window;	/* blocks */
	uint32_t srtt, rttvar;	/* RFC 6298; srtt 0: nothing measured */
	uint32_t rtt_min;
	uint32_t rto;		/* until the next time-out */
	uint32_t slow;		/* rto, should the repeat prove needless */
	uint32_t fixed;		/* rto as the client's option has it, or 0 */
	uint64_t last;		/* number of the last block, or UNKNOWN */
	uint64_t base;		/* first block not acknowledged */
	uint64_t next;		/* first block of the window not sent */
	uint64_t high;		/* highest block ever sent */
	uint64_t timed;		/* from it on ACKs give a round trip; or 0 */
	uint64_t sent_at;	/* when the window went out last */
	uint64_t answer_at;	/* no answer to that can come sooner */
	uint64_t progress_at;	/* when base moved last */
	uint64_t deadline;	/* call transfer_timeout then */
	uint64_t resent;	/* blocks sent more than once */
};

/* What to do after a step: nothing, if all is 0. */
struct transfer_action {
	bool oack;		/* send the OACK */
	uint64_t first;		/* send blocks first to first + count - 1 */
	uint32_t count;
	enum transfer_end end;	/* not GOES_ON: forget the transfer */
};

/*
 * Begins.  size: bytes of the file, or TRANSFER_UNKNOWN.  window_bytes:
 * the most that may be in flight.  *granted gets what the OACK says, and
 * has == 0 means that there is none: block 1 goes out at once.
 */
void transfer_start(struct transfer *, const struct tftp_options *asked,
    uint64_t size, uint32_t window_bytes, struct tftp_options *granted,
    uint64_t now, struct transfer_action *);

/* The client's ACK of this 16-bit number. */
void transfer_ack(struct transfer *, uint16_t wire, uint64_t now,
    struct transfer_action *);
/* The client's ERROR. */
void transfer_error(struct transfer *, struct transfer_action *);
/*
 * The same request again from the same port.  Repeats the first answer, if
 * that was never acknowledged.
 */
void transfer_request(struct transfer *, uint64_t now,
    struct transfer_action *);
/* now >= deadline. */
void transfer_timeout(struct transfer *, uint64_t now,
    struct transfer_action *);
/* Block `last` turned out to be the last one (size was UNKNOWN). */
void transfer_set_last(struct transfer *, uint64_t last);

/* The 16-bit number of a block (RFC 1350; the rollover option). */
uint16_t transfer_wire(const struct transfer *, uint64_t block);
/* Bytes that the client has acknowledged, of a file of that size. */
uint64_t transfer_acked(const struct transfer *, uint64_t size);

#endif

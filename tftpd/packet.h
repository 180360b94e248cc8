/*
 * TFTP packets: bytes to structs and back.  RFC 1350, options by RFC 2347,
 * 2348, 2349, 7440 and, as other servers have them, blksize2, utimeout and
 * rollover.  Pure: no socket, no clock, no memory, no log.
 */
#ifndef TFTPD_PACKET_H
#define TFTPD_PACKET_H

#include <stddef.h>
#include <stdint.h>

#include "cursor.h"

#define TFTP_HEAD	4u	/* opcode and block number of a DATA */
#define TFTP_BLKSIZE	512u	/* without the option */
#define TFTP_BLKSIZE_MIN 8u	/* RFC 2348 */
#define TFTP_BLKSIZE_MAX 65464u
#define TFTP_WINDOW_MAX	32768u	/* blocks: half of their numbers */
#define TFTP_REPLY_MAX	516u	/* no ERROR or OACK of ours is longer */

enum tftp_opcode {
	TFTP_RRQ = 1, TFTP_WRQ, TFTP_DATA, TFTP_ACK, TFTP_ERROR, TFTP_OACK
};

enum tftp_code {		/* of an ERROR; RFC 1350 page 10, RFC 2347 */
	TFTP_E_UNDEFINED, TFTP_E_NOT_FOUND, TFTP_E_ACCESS, TFTP_E_FULL,
	TFTP_E_ILLEGAL, TFTP_E_UNKNOWN_ID, TFTP_E_EXISTS, TFTP_E_NO_USER,
	TFTP_E_OPTION
};

enum tftp_reason {
	TFTP_OK,
	TFTP_SHORT,		/* no room for what its opcode needs */
	TFTP_OPCODE,		/* not the opcode asked for, or none known */
	TFTP_UNTERMINATED,	/* name or mode without a final NUL */
	TFTP_NO_NAME,		/* the name is empty */
	TFTP_MODE,		/* neither octet nor netascii */
	TFTP_MALFORMED_OPTION,	/* an option without value or final NUL */
};

enum tftp_mode { TFTP_OCTET, TFTP_NETASCII };

/* Rows of the table in packet.c, and bits (1u << n) of tftp_options.has. */
enum tftp_option {
	TFTP_O_BLKSIZE, TFTP_O_BLKSIZE2, TFTP_O_TIMEOUT, TFTP_O_UTIMEOUT,
	TFTP_O_TSIZE, TFTP_O_WINDOWSIZE, TFTP_O_ROLLOVER,
	TFTP_OPTIONS
};

struct tftp_options {
	unsigned has;		/* 1u << enum tftp_option */
	uint64_t value[TFTP_OPTIONS];
};

struct tftp_request {
	enum tftp_opcode opcode;	/* TFTP_RRQ or TFTP_WRQ */
	enum tftp_mode mode;
	const char *name;		/* in the packet, NUL-terminated */
	struct tftp_options asked;
};

/* The opcode; 0 if there are no two bytes. */
unsigned tftp_opcode(const uint8_t *pkt, size_t len);

/*
 * Reads a request (RFC 1350 section 5, options RFC 2347).  pkt is untrusted
 * and not changed; the name in *rq points into it.  Unknown options, and
 * values that are no number or outside what their RFC allows, are passed
 * over as RFC 2347 wants, but for a block or window that is too large: that
 * counts as the largest.  Of two equal options the first counts, also of
 * blksize and blksize2, timeout and utimeout.  TFTP_OK, or the reason, and
 * then *rq holds nothing to use.
 */
enum tftp_reason tftp_parse_request(const uint8_t *pkt, size_t len,
    struct tftp_request *rq);

/*
 * Makes less of what was asked: refused (1u << enum tftp_option) is as if it
 * were not there, a block is at most blksize (0: as it is).
 */
void tftp_limit_options(struct tftp_options *, unsigned refused,
    unsigned blksize);

/* What both sides go by. */
struct tftp_terms {
	uint16_t blksize;
	uint16_t window;	/* blocks */
	uint8_t rollover;	/* block number after 65535: 0 or 1 */
	uint32_t timeout;	/* us, as the client asks for it; 0: does not */
};

/*
 * Takes what was asked, and what their RFCs say without: a window of at most
 * window_bytes and TFTP_WINDOW_MAX blocks, but one block in any case.
 * *granted is what was asked, but for the window.
 */
void tftp_settle(struct tftp_terms *, const struct tftp_options *asked,
    uint32_t window_bytes, struct tftp_options *granted);

/* The 16-bit number of a block, which are counted from 1 (RFC 1350). */
uint16_t tftp_wire(uint64_t block, uint8_t rollover);

/* Reads an ACK.  Bytes after the block number are passed over. */
enum tftp_reason tftp_parse_ack(const uint8_t *pkt, size_t len,
    uint16_t *block);

/*
 * Reads an ERROR.  *text points into pkt, *n bytes without NUL; a final NUL
 * may be missing.
 */
enum tftp_reason tftp_parse_error(const uint8_t *pkt, size_t len,
    uint16_t *code, const char **text, size_t *n);

/* Writes an OACK of all options that o has (RFC 2347); put.full if cut. */
void tftp_put_oack(struct put *, const struct tftp_options *o);
/* Writes an ERROR; a NULL text stands for the words of RFC 1350. */
void tftp_put_error(struct put *, enum tftp_code, const char *text);
/* The head of a DATA packet. */
void tftp_head(uint8_t head[TFTP_HEAD], uint16_t block);

/* By its name, in any case of letters; TFTP_OPTIONS if there is none. */
enum tftp_option tftp_option_named(const char *);
/* Words for the ERROR and the log; the code that belongs to the reason. */
const char *tftp_reason_text(enum tftp_reason);
enum tftp_code tftp_reason_code(enum tftp_reason);

#endif

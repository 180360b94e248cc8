/*
 * The options of a DHCP message (RFC 2132): an untrusted field of them read
 * into a table, and a field of them written.  Pure.
 */
#ifndef OPTIONS_H
#define OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cursor.h"

enum dhcp_code {
	DHCP_PAD = 0, DHCP_MASK = 1, DHCP_ROUTER = 3, DHCP_DNS = 6,
	DHCP_HOST_NAME = 12, DHCP_DOMAIN = 15, DHCP_ROOT_PATH = 17,
	DHCP_BROADCAST = 28, DHCP_NTP = 42, DHCP_VENDOR = 43,
	DHCP_REQUESTED = 50, DHCP_LEASE = 51, DHCP_OVERLOAD = 52,
	DHCP_TYPE = 53, DHCP_SERVER_ID = 54, DHCP_LIST = 55,
	DHCP_MESSAGE = 56, DHCP_MAX_SIZE = 57, DHCP_T1 = 58, DHCP_T2 = 59,
	DHCP_VENDOR_CLASS = 60, DHCP_CLIENT_ID = 61, DHCP_TFTP_NAME = 66,
	DHCP_BOOT_FILE = 67, DHCP_USER_CLASS = 77, DHCP_RELAY = 82,
	DHCP_ARCH = 93, DHCP_UUID = 97, DHCP_SUBNET = 118, DHCP_IPXE = 175,
	DHCP_RSYNC_PATH = 194, DHCP_END = 255
};

#define DHCP_FILE_SIZE	128	/* the fields that may hold options too */
#define DHCP_SNAME_SIZE	64
#define DHCP_JOINED_MAX	2048

/* Where each option's value is; only seen ones are set. */
struct dhcp_options {
	uint8_t seen[32];
	uint16_t len[256];
	const uint8_t *at[256];
	uint8_t joined[DHCP_JOINED_MAX];	/* of options in pieces */
};

enum dhcp_options_status {
	DHCP_OPTIONS_OK,
	DHCP_OPTIONS_OVERRUN,	/* *code claims more bytes than there are */
	DHCP_OPTIONS_TOO_BIG	/* pieces of more than DHCP_JOINED_MAX */
};

/*
 * Reads the options in field (what follows the cookie) and, where option 52
 * there says so, in file and sname (RFC 2131 section 4.1).  An option in
 * several pieces is put together in the order of RFC 3396: field, file,
 * sname.  Of a number that comes twice the first counts.  Values point into
 * the bytes given, or into *o.  Of a field that cannot be read to its end, *o
 * has what stands whole before that.
 */
enum dhcp_options_status dhcp_options_read(struct dhcp_options *o,
    const uint8_t *field, size_t n, const uint8_t file[DHCP_FILE_SIZE],
    const uint8_t sname[DHCP_SNAME_SIZE], uint8_t *code);

/* No options at all. */
void dhcp_options_none(struct dhcp_options *);
/* Forgets all but this one. */
void dhcp_options_keep(struct dhcp_options *, uint8_t code);

static inline bool
dhcp_option_seen(const struct dhcp_options *o, uint8_t code)
{
	return (o->seen[code >> 3] >> (code & 7) & 1) != 0;
}

/* The value and its length; NULL and 0 if it is not there or is empty. */
const uint8_t *dhcp_option(const struct dhcp_options *, uint8_t code,
    size_t *n);
/* As a number, which must have just that size; false if not. */
bool dhcp_option_u8(const struct dhcp_options *, uint8_t code, uint8_t *v);
bool dhcp_option_u16(const struct dhcp_options *, uint8_t code, uint16_t *v);
bool dhcp_option_u32(const struct dhcp_options *, uint8_t code, uint32_t *v);
/* Text (without NUL bytes at its end) that starts with these words? */
bool dhcp_option_starts(const struct dhcp_options *, uint8_t code,
    const char *words);

/*
 * Writes options into the vendor area of a reply; what does not fit goes
 * into file and then sname where these are free (option 52), and what is
 * longer than 255 bytes or than the room left in each place is split over
 * them (RFC 3396).  All of an option is written, or nothing.
 */
struct dhcp_writer {
	uint8_t *field;
	struct put area[3];	/* vendor area, file, sname */
	uint8_t wrote[32];	/* the codes that are in */
	uint8_t dropped[32];	/* the codes that did not fit */
	size_t reserved;	/* of the vendor area, for what comes last */
};

static inline bool
dhcp_wrote(const struct dhcp_writer *w, uint8_t code)
{
	return (w->wrote[code >> 3] >> (code & 7) & 1) != 0;
}

/*
 * field: the vendor area behind the cookie, n bytes.  last: bytes of it
 * that dhcp_writer_end needs for the option that must come last.  file,
 * sname: the reply's fields if options may go there, else NULL.
 */
void dhcp_writer_start(struct dhcp_writer *, uint8_t *field, size_t n,
    size_t last, uint8_t *file, uint8_t *sname);

/* False if it does not fit or is there already. */
bool dhcp_write(struct dhcp_writer *, uint8_t code, const void *value,
    size_t n);
bool dhcp_write_u8(struct dhcp_writer *, uint8_t code, uint8_t v);
bool dhcp_write_u32(struct dhcp_writer *, uint8_t code, uint32_t v);

/* Notes that an option is missing whose value could not even be made. */
void dhcp_leave_out(struct dhcp_writer *, uint8_t code);
/* Is it missing, for want of room?  Is any? */
bool dhcp_left_out(const struct dhcp_writer *, uint8_t code);
bool dhcp_left_out_any(const struct dhcp_writer *);

/*
 * Ends it: option 52 if need be, then last_code (DHCP_PAD: none) with its
 * value, and END.  The bytes of the vendor area that are used.
 */
size_t dhcp_writer_end(struct dhcp_writer *, uint8_t last_code,
    const uint8_t *value, size_t n);

/* Bytes that an option of n bytes takes, split as it must be. */
size_t dhcp_option_size(size_t n);

#endif

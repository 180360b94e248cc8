/*
 * THE table of attributes.  The parser of entries, the checks, bootpd's
 * option encoder, `pxectl help attributes` and hosts(5) read the same rows.
 */
#ifndef ATTRIBUTE_H
#define ATTRIBUTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cursor.h"

/* Order of the canonical line.  Adding one is adding a row. */
enum attribute_id {
	/* what the machine is */
	A_MAC, A_HW, A_CLIENT_ID, A_UUID, A_CIRCUIT_ID, A_REMOTE_ID, A_SERIAL,
	A_ADDRESS, A_NIC, A_GROUP,
	/* the network around it */
	A_ROUTER, A_DNS, A_DOMAIN, A_DOMAIN_SEARCH, A_HOST_NAME, A_MASK,
	A_BROADCAST, A_DEFAULT_LEASE, A_MTU, A_NTP, A_LOG_SERVER,
	A_TIME_SERVER, A_TIME_OFFSET, A_TIMEZONE, A_TZ_NAME, A_NIS_DOMAIN,
	A_NIS_SERVER, A_WINS, A_ROUTES, A_SWAP_SERVER, A_LPR_SERVER,
	A_SHARED_NETWORK, A_DISCOVER, A_DISCOVER_GROUP,
	/* how it boots */
	A_NEXT_SERVER, A_SERVER_NAME, A_BOOT, A_LOCAL, A_LOADER, A_FILENAME,
	A_FIRMWARE, A_KERNEL, A_INITRD, A_CMDLINE, A_CONSOLE, A_ROOT_PATH,
	A_IPXE_SCRIPT, A_RSYNC, A_RSYNC_PATH,
	/* anything else */
	A_OPTION, A_COMMENT,
	ATTRIBUTES
};

enum attribute_type {
	T_TEXT,		/* any printable text */
	T_NAME,		/* one host name label, or a domain: RFC 1123 */
	T_WORD,		/* [A-Za-z0-9._-]+ */
	T_WORDS,	/* words with commas between; %n and ! allowed */
	T_NAMES,	/* domain names with commas between: RFC 3397 */
	T_PATH,		/* a file name inside tftpboot/, or a URL */
	T_PATHS,	/* several, commas between */
	T_ADDRESS,	/* one IPv4 address */
	T_ADDRESSES,	/* several, best first, commas between */
	T_ROUTES,	/* NET/LEN-GATEWAY, commas between: RFC 3442 */
	T_RANGE,	/* FIRST-LAST, IPv4 addresses */
	T_U8, T_U16, T_U32, T_S32,	/* decimal or 0x hex */
	T_DURATION,	/* seconds, or 90s 15m 12h 1d 2w, or infinite */
	T_BOOT,		/* net | local */
	T_LOCAL,	/* exit | none | sanboot | grub-scan */
	T_MACS, T_HWS, T_BYTES, T_UUIDS,	/* see identity.h */
	T_NIC,		/* mac[,address]; the suffix names the interface */
	T_OPTION,	/* ip: text: hex: u8: u16: u32: flag: then the value */
};

#define ON_HOST		0x1u
#define ON_GROUP	0x2u
#define ON_SUBNET	0x4u
#define ON_SITE		0x8u
#define ON_NETWORKS	(ON_HOST | ON_GROUP | ON_SUBNET | ON_SITE)

enum attribute_suffix {
	SUFFIX_NONE,
	SUFFIX_ARCH,	/* filename.efi-x64; also without: filename */
	SUFFIX_NAME,	/* nic.eth1 */
	SUFFIX_CODE,	/* option-150: 1 to 254, in decimal */
};

struct attribute {
	const char *name;
	enum attribute_type type;
	unsigned scopes;	/* ON_... */
	uint8_t code;		/* DHCP option, 0 if none of its own */
	enum attribute_suffix suffix;
	bool expands;		/* %n, %a, ... are filled in for the host */
	const char *doc;	/* one line */
};

extern const struct attribute attribute_table[ATTRIBUTES];

/*
 * Finds the row that `name` (up to `=`, not NUL-terminated: n bytes) means.
 * *suffix gets what follows the row's name and its '.' or '-', as an offset
 * into name, or n if nothing does.  -1 if no such attribute or the suffix
 * is not of the row's form.
 */
int attribute_find(const char *name, size_t n, size_t *suffix);

/*
 * Is the value well formed for the type?  NULL, or why not, in words for a
 * person ("not an IPv4 address").  Values of several are checked each.
 */
const char *attribute_check(enum attribute_id, const char *value);

/*
 * Writes the canonical form of a well-formed value (MACs in lower case with
 * colons, leases in seconds or their shortest unit as written ...).  Text
 * stands as it is.  False if it does not fit.
 */
bool attribute_canonical(enum attribute_id, const char *value, char *out,
    size_t size);

/*
 * Writes the DHCP encoding (RFC 2132 and the row's own RFC) of a value.
 * False, and *o unchanged, if the value is malformed or does not fit.
 * Attributes without a DHCP code give false.
 */
bool attribute_encode(enum attribute_id, const char *value, struct put *o);

/* Seconds of a T_DURATION value (UINT32_MAX: infinite); false if it is none. */
bool attribute_duration(const char *value, uint32_t *seconds);

/*
 * Steps through a value with commas: the next item goes to item, always
 * NUL-terminated.  *at starts as the value; false at the end, or when an
 * item does not fit.
 */
bool attribute_item(const char **at, char *item, size_t size);

/* One IPv4 address in dotted decimal, nothing around it; host byte order. */
bool attribute_address(const char *, uint32_t *);
/* FIRST-LAST, both belong to it; first is not above last. */
bool attribute_range(const char *, uint32_t *first, uint32_t *last);
/* An address in dotted decimal, from host byte order; returns text. */
#define ATTRIBUTE_ADDRESS_SIZE	16
const char *attribute_address_text(uint32_t,
    char text[ATTRIBUTE_ADDRESS_SIZE]);
/* The same; no NUL behind it. */
void attribute_put_address(struct put *, uint32_t);

/*
 * A module of rsync=, once its escapes are filled in: one directory below
 * rsync/, at most 255 letters, digits, '.', '_', '-'; not "." or "..", and
 * not "global", which means something else to rsync.
 */
bool attribute_is_module(const char *);

/* A host name (RFC 1123: labels of 1 to 63 letters, digits, inner '-'). */
bool attribute_is_host_name(const char *);

#endif

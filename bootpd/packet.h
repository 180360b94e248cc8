/*
 * A BOOTP or DHCP request as read from the wire (RFC 951, 1542, 2131), and
 * the fixed part of a reply.  Pure.
 */
#ifndef PACKET_H
#define PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "event.h"
#include "options.h"

#define DHCP_SERVER_PORT	67
#define DHCP_CLIENT_PORT	68
#define DHCP_BOOTSERVER_PORT	4011	/* PXE 2.1 */
#define DHCP_FIXED_SIZE		236	/* up to the vendor area */
#define DHCP_COOKIE_SIZE	4
#define DHCP_MIN_SIZE		300	/* BOOTP's whole packet: RFC 1542 2.1 */
#define DHCP_MAX_HOPS		16	/* RFC 1542 4.1.1 */
#define DHCP_CHADDR_SIZE	16
#define DHCP_FLAG_BROADCAST	0x8000u

enum dhcp_op { DHCP_OP_REQUEST = 1, DHCP_OP_REPLY = 2 };

enum dhcp_type {		/* option 53; 0: plain BOOTP */
	DHCP_BOOTP, DHCP_DISCOVER, DHCP_OFFER, DHCP_REQUEST, DHCP_DECLINE,
	DHCP_ACK, DHCP_NAK, DHCP_RELEASE, DHCP_INFORM
};

/* Bytes within the packet. */
struct dhcp_bytes {
	const uint8_t *at;
	size_t n;
};

/* Relay agent information, option 82 (RFC 3046). */
struct dhcp_relay {
	struct dhcp_bytes all;		/* n 0: there is none */
	struct dhcp_bytes circuit;	/* sub-option 1 */
	struct dhcp_bytes remote;	/* sub-option 2 */
	uint32_t link;			/* sub-option 5, RFC 3527; 0: none */
	uint32_t server_id;		/* sub-option 11, RFC 5107; 0: none */
	bool own_port;			/* sub-option 19, RFC 8357 */
};

struct dhcp_packet {
	uint8_t htype, hlen, hops;
	uint8_t type;			/* enum dhcp_type, or a later one */
	uint32_t xid;
	uint16_t secs, flags;
	uint32_t ciaddr, giaddr;	/* host byte order; 0: none */
	const uint8_t *chaddr;		/* 16 bytes in the packet */
	const uint8_t *sname;		/* DHCP_SNAME_SIZE of them */
	const uint8_t *file;		/* DHCP_FILE_SIZE of them */
	size_t vendor_size;	/* bytes of the vendor area, cookie too */
	uint32_t requested;		/* option 50, 0: none */
	uint32_t server_id;		/* option 54, 0: none */
	uint32_t subnet;		/* option 118 (RFC 3011), 0: none */
	struct dhcp_relay relay;
	struct dhcp_options options;
};

/*
 * Reads a request.  bytes are untrusted, and must live as long as *p.
 * EVENT_OK, or the reason to be silent, and then *why says what of it is
 * wrong.  What could be read of xid, hardware address and giaddr by then is
 * in *p for the record; chaddr is NULL if nothing could.
 */
enum event_reason dhcp_read(struct dhcp_packet *p, const uint8_t *bytes,
    size_t n, const char **why);

/*
 * The hardware address alone, of a packet that is not read yet; false if it
 * names nobody that way.
 */
bool dhcp_peek(const uint8_t *bytes, size_t n, struct identity *);

/* "DISCOVER", "BOOTP", ... ; "message" for a type we do not know. */
const char *dhcp_type_name(uint8_t type);

/* Can one machine have this address: no 0/8, 127/8, multicast, broadcast? */
bool dhcp_is_unicast(uint32_t address);

/* The fixed fields of a reply (236 bytes); addresses in host byte order. */
struct dhcp_fixed {
	uint16_t flags;
	uint32_t ciaddr, yiaddr, siaddr;
	const char *file;	/* "" or NULL, or at most 127 bytes; cut */
	const char *sname;	/* the same, 63 bytes */
};

/*
 * Writes the fixed fields of a reply to *p, which dhcp_read found good, and
 * the cookie: DHCP_FIXED_SIZE and DHCP_COOKIE_SIZE bytes.
 */
void dhcp_write_fixed(uint8_t *out, const struct dhcp_packet *p,
    const struct dhcp_fixed *);

#endif

/*
 * The answer to a request: the bytes of the reply and where they go, or why
 * there is none.  Pure: the same request, host and context give the same
 * answer on every server.
 */
#ifndef ANSWER_H
#define ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arch.h"
#include "firmware.h"
#include "host.h"
#include "packet.h"

#define ANSWER_MAX	1472	/* one Ethernet frame, headers off */
#define ANSWER_FILE_MAX	512
#define ANSWER_NOTE_MAX	120	/* as much as an event's detail holds */

/* How the request came in; addresses in host byte order. */
struct answer_context {
	uint32_t server;	/* our address towards the client */
	const char *name;	/* this machine's; NULL: it has none */
	uint32_t source;	/* of the packet; 0: it has none */
	uint16_t source_port;
	unsigned mtu;		/* of the interface it came by; 0: unknown */
	bool unicast;		/* it was sent to an address of ours */
	bool ours;		/* its option 54 is an address of ours */
	bool loops;		/* it loads iPXE again and again */
	bool proxy;		/* beside another DHCP server */
	bool boot_port;		/* it came to port 4011 */
};

enum answer_to {
	ANSWER_NOWHERE,
	ANSWER_ADDRESS,		/* address and port, as IP routes it */
	ANSWER_BROADCAST,	/* 255.255.255.255 on the interface */
	ANSWER_LINK,		/* a frame to chaddr, for address */
};

struct answer {
	enum event_stage stage;		/* what the event says */
	enum event_reason reason;
	const char *why;	/* words beside it (note's too), or "" */
	enum answer_to to;
	uint32_t address;
	uint16_t port;
	uint8_t type;			/* of the reply: DHCP_OFFER, ... */
	uint32_t given;		/* what the client gets, or gives back */
	const struct firmware *firmware;	/* NULL: a system's client */
	const struct arch *arch;		/* NULL: unknown */
	char file[ANSWER_FILE_MAX];	/* the boot file it is told, or "" */
	bool chain;		/* that is iPXE, and there is a script */
	char note[ANSWER_NOTE_MAX];	/* words made for this answer */
	size_t n;
	uint8_t bytes[ANSWER_MAX];
};

/* Which attribute has which DHCP code.  Made once, by answer_codes. */
struct answer_codes {
	uint8_t attribute[256];		/* ATTRIBUTES: none has */
};
void answer_codes(struct answer_codes *);

/*
 * Is the request for us at all, so that its host need be looked up?  False:
 * *a has the reason of the silence.
 */
bool answer_wanted(struct answer *a, const struct dhcp_packet *,
    const struct answer_context *);

/*
 * An address of the network the client asks from, by what the request says:
 * link selection (RFC 3527), subnet selection (RFC 3011), the relay, or the
 * client's own address when it reached us by routers.  0: the network of
 * the interface it came in by.
 */
uint32_t answer_network(const struct dhcp_packet *,
    const struct answer_context *);

/*
 * The identities that the request gives, best first (identity.h), at most
 * ANSWER_IDENTITIES of them.  Their number.
 */
#define ANSWER_IDENTITIES 7
size_t answer_identities(const struct dhcp_packet *,
    struct identity id[ANSWER_IDENTITIES]);

/*
 * Makes the answer for a host as it is on that network (host.address 0: it
 * has none there; subnet_len 0: nobody knows that network).
 */
void answer_make(struct answer *a, const struct dhcp_packet *,
    const struct answer_context *, const struct host *,
    const struct answer_codes *);

/* An answer that is none. */
void answer_silence(struct answer *a, enum event_reason, const char *why);

#endif

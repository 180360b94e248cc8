/*
 * The bytes of a reply: which options a host has for a client, in which
 * order, and where they fit.  Pure; answer.c decides what is sent at all.
 */
#ifndef REPLY_H
#define REPLY_H

#include "answer.h"

/* The values that hold for the host, the nearest layer's of each. */
struct reply_values {
	const char *text[ATTRIBUTES];	/* NULL: none, or an empty one */
	uint8_t layer[ATTRIBUTES];	/* where it was found */
	const char *arch_file;		/* filename.ARCH of this client */
	uint8_t arch_layer;
	uint8_t has_option[32];		/* bits: which option-N there are */
	const char *option[256];	/* option-N, where has_option says so */
};

struct reply {
	const struct dhcp_packet *p;
	const struct answer_context *ctx;
	const struct host *host;
	const struct answer_codes *codes;
	const struct firmware *firmware;	/* NULL: none */
	const struct arch *arch;		/* NULL: unknown */
	uint32_t server_id;
	uint32_t next_server;
	bool local;		/* boot=local */
	bool boot_server;	/* a PXE boot server request */
	struct dhcp_bytes boot_item;	/* its sub-option 71 */
	struct reply_values values;
};

/* Does it name a PXE boot item (option 43, sub-option 71)?  *item is it. */
bool reply_boot_item(const struct dhcp_packet *, struct dhcp_bytes *item);

/* Looks up what all kinds of reply need. */
void reply_start(struct reply *, const struct dhcp_packet *,
    const struct answer_context *, const struct host *,
    const struct answer_codes *);

/* Does the answer go back by the relay that the request came by? */
bool reply_by_relay(const struct reply *);

/*
 * Fills in a->bytes, a->n and a->file for a->type (DHCP_BOOTP, _OFFER, _ACK).
 * An ACK with a->given 0 is the answer to INFORM.  What had to be left out
 * for want of room goes into a->why, a boot file that is not there or too
 * long into a->reason too; a->file is "" then.
 */
void reply_write(struct answer *a, const struct reply *);

/* The same for a NAK; a->why goes to the client as its message. */
void reply_nak(struct answer *a, const struct reply *);

#endif

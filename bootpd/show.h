/*
 * A packet, decoded, as a readable block of lines for -d: what came, which
 * host it is and how that was found, what goes out and where each option
 * has its value from.
 */
#ifndef SHOW_H
#define SHOW_H

#include "answer.h"

struct show_facts {
	const char *interface;		/* "" if unknown */
	const struct identity *by;	/* NULL: by its address */
	const char *name;		/* the host's, "" if unknown */
};

/* Logs at LOG_DEBUG.  host NULL: none was found or asked for. */
void show_packet(const struct dhcp_packet *, const struct answer_context *,
    const struct answer *, const struct host *, const struct answer_codes *,
    const struct show_facts *);

#endif

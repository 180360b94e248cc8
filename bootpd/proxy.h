/*
 * Answers beside somebody else's DHCP server (PXE 2.1, section 2.2): firmware
 * takes its address from that one and its boot file from us.  Pure.
 */
#ifndef PROXY_H
#define PROXY_H

#include "reply.h"

/*
 * Boot firmware that looks for its file?  All others are the DHCP server's:
 * false, and *a has the reason of the silence.
 */
bool proxy_wanted(struct answer *a, const struct dhcp_packet *,
    const struct answer_context *);

/* The answer for a host, whether or not it has an address of ours. */
void proxy_make(struct answer *a, const struct reply *);

#endif

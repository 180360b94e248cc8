/*
 * A packet and its answer as an event: what pxectl shows of them.
 */
#ifndef RECORD_H
#define RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "answer.h"
#include "event.h"

/* The sender, registered or not.  False, and *id is none: it names nobody. */
bool record_sender(const struct dhcp_packet *, struct identity *id);

/*
 * Fills in all of the event.  mac: the host's, for a packet that names nobody
 * (NULL: there is no host); name: the host's, or "".
 */
void record_packet(struct event_record *, const struct dhcp_packet *,
    const struct answer *, const struct identity *mac, const char *name,
    uint64_t number);

#endif

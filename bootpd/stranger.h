/*
 * Machines that nobody registered, where the subnet has discover=: which
 * address each is lent.  All else is answered as for a host (host_stranger).
 */
#ifndef STRANGER_H
#define STRANGER_H

#include <stdbool.h>
#include <stdint.h>

#include "answer.h"
#include "interface.h"
#include "lent.h"

/*
 * The address that it is to have, or that its RELEASE, DECLINE or INFORM
 * speaks of, in the range of the network that on is in; 0: it gets no
 * answer, and *reason says why (EVENT_UNREGISTERED: lent to nobody here).
 * A REQUEST for an address out of the range is for another server to judge
 * unless it names us; BOOTP would keep an address for ever and gets none.
 * Never lent are a host's, our own, the relay's, and whatever the subnet or
 * the site names as its router, its name server, ...
 */
uint32_t stranger_address(const struct lent *, struct hostdb *,
    const struct interfaces *own, uint32_t on, const struct dhcp_packet *,
    const struct identity *, bool ours, uint64_t now,
    enum event_reason *reason);

/*
 * Keeps what the answer tells the stranger, who is host.mac: an offer for a
 * minute, a lease as long as it is, one that it declines from nobody for an
 * hour.  False: there is no room, and the answer must not leave.
 */
bool stranger_remember(struct lent *, const struct host *,
    const struct answer *, uint64_t now);

#endif

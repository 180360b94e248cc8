/*
 * When secret layers (rsync=!NAME) may be seen.
 */
#ifndef SECRET_H
#define SECRET_H

#include <stdbool.h>
#include <stdint.h>

#include "event.h"

/*
 * Is this host between its firmware's request and "up", by what the ring
 * says of it (name: the host's; identity, which may be none; address in host
 * byte order)?  The ring cuts long names: these alone say nothing.  False
 * where the ring says nothing, or there is none.
 */
bool secret_is_open(const struct event_ring *, const char *name,
    const struct identity *, uint32_t address);

#endif

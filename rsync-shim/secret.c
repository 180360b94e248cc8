#include "secret.h"

#include <string.h>

#include "cursor.h"

static bool
is_of(const struct event_record *e, const char *name, uint32_t address)
{
	struct cursor c = cursor_of(e->address, sizeof e->address);
	uint32_t a;

	if (e->name[0] != '\0')
		return strncmp(e->name, name, sizeof e->name - 1) == 0;
	return e->family == 4 && cursor_u32(&c, &a) && a == address;
}

/* The whole ring is read, some milliseconds, by hosts that have secrets. */
bool
secret_is_open(const struct event_ring *ring, const char *name,
    uint32_t address)
{
	uint64_t seq = 0;
	bool open = false;
	struct event_record e;

	if (ring == NULL)
		return false;
	while (event_next(ring, &seq, &e)) {
		/* Not EVENT_LEASE: a running system renews that as well. */
		if (e.stage == EVENT_ADDRESS && is_of(&e, name, address))
			open = true;
		else if (e.stage == EVENT_UP && is_of(&e, name, address))
			open = false;
	}
	return open;
}

#include "secret.h"

#include <string.h>

#include "cursor.h"

static bool
has(const struct event_record *e, const struct identity *id)
{
	return id->kind != IDENTITY_NONE && e->id_kind == id->kind &&
	    e->id_htype == id->htype && e->id_len == id->len &&
	    id->len <= sizeof e->id && memcmp(e->id, id->bytes, id->len) == 0;
}

static bool
is_of(const struct event_record *e, const char *name,
    const struct identity *id, uint32_t address)
{
	struct cursor c = cursor_of(e->address, sizeof e->address);
	const size_t n = strnlen(e->name, sizeof e->name);
	uint32_t a = 0;

	if (n > 0 && n < EVENT_NAME_MAX - 1)
		return strcmp(e->name, name) == 0;
	if (strncmp(e->name, name, n) != 0)
		return false;
	return (n > 0 && has(e, id)) ||
	    (e->family == 4 && cursor_u32(&c, &a) && a == address);
}

/* The whole ring is read, some milliseconds, by hosts that have secrets. */
bool
secret_is_open(const struct event_ring *ring, const char *name,
    const struct identity *id, uint32_t address)
{
	uint64_t seq = 0, end;
	bool open = false;
	struct event_record e;

	if (ring == NULL)
		return false;
	end = event_head(ring);
	while (event_next_before(ring, &seq, end, &e)) {
		/* Not EVENT_LEASE: a running system renews that as well. */
		if (e.stage == EVENT_ADDRESS &&
		    is_of(&e, name, id, address))
			open = true;
		else if (e.stage == EVENT_UP &&
		    is_of(&e, name, id, address))
			open = false;
	}
	return open;
}

#include <string.h>

#include "recent.h"

#define MINUTE	(60 * RECENT_SECOND)

static uint64_t
hash(const struct identity *id, size_t len)
{
	/* FNV-1a; the last bytes of addresses differ most. */
	uint64_t h = UINT64_C(0xcbf29ce484222325) ^ id->kind;
	size_t i;

	for (i = 0; i < len; i++)
		h = (h ^ id->bytes[i]) * UINT64_C(0x100000001b3);
	return h ^ h >> 32;
}

struct recent_machine *
recent_find(struct recent *r, const struct identity *id)
{
	const size_t len = id->len < EVENT_IDENTITY_MAX ? id->len :
	    EVENT_IDENTITY_MAX;
	struct recent_machine *m = &r->at[hash(id, len) % RECENT_SETS *
	    RECENT_WAYS], *const end = m + RECENT_WAYS, *oldest = m;

	for (; m < end; m++) {
		if (m->kind == id->kind && m->htype == id->htype &&
		    m->len == len && memcmp(m->id, id->bytes, len) == 0)
			return m;
		/* What is not told yet stays, if it can. */
		if ((m->dropped != 0) != (oldest->dropped != 0) ?
		    m->dropped == 0 : m->due < oldest->due)
			oldest = m;
	}
	r->untold -= oldest->dropped;
	*oldest = (struct recent_machine){ .kind = id->kind,
	    .htype = id->htype, .len = (uint8_t)len };
	memcpy(oldest->id, id->bytes, len);
	return oldest;
}

/*
 * Each packet moves due by its share of a second.  So one number holds both
 * the burst and the rate, and a machine that is not ahead of the clock is as
 * good as one that was never seen.
 */
bool
recent_pass(struct recent *r, struct recent_machine *m, uint64_t now)
{
	uint64_t from = m->due > now ? m->due : now;

	if (r->rate == 0)
		return true;
	if (from - now >= RECENT_BURST * RECENT_SECOND) {
		m->dropped++;
		r->untold++;
		return false;
	}
	m->due = from + RECENT_SECOND / r->rate;
	return true;
}

uint32_t
recent_tell(struct recent *r, struct recent_machine *m, uint64_t now)
{
	uint32_t n = m->dropped;

	if (n == 0 || (m->told != 0 && now - m->told < RECENT_SECOND))
		return 0;
	r->untold -= n;
	m->dropped = 0;
	m->told = now;
	return n;
}

uint32_t
recent_next(struct recent *r, size_t *at, uint64_t now, struct identity *id)
{
	struct recent_machine *m;
	uint32_t n;

	while (*at < RECENT_SIZE) {
		m = &r->at[(*at)++];
		n = recent_tell(r, m, now);
		if (n == 0)
			continue;
		id->kind = m->kind;
		id->htype = m->htype;
		id->len = m->len;
		memcpy(id->bytes, m->id, m->len);
		return n;
	}
	return 0;
}

void
recent_asked(struct recent_machine *m, uint64_t now)
{
	if (m->done)
		m->loads = 0;
	m->asked = true;
	m->done = false;
	m->loops = m->loads >= RECENT_LOADS && now - m->loaded <= MINUTE;
}

void
recent_loaded(struct recent_machine *m, bool loader, uint64_t now)
{
	/* A REQUEST sent twice is one load. */
	bool again = m->asked;

	m->asked = false;
	m->done = !loader;
	if (!loader || !again)
		return;
	if (m->loads == 0 || now - m->loaded > MINUTE) {
		m->loads = 0;
		m->loaded = now;
	}
	m->loads++;
}

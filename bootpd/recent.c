#include <string.h>

#include "recent.h"

#define MINUTE	(60 * RECENT_SECOND)
#define WINDOWS	8u		/* in a second */
#define LINE	64		/* of the processor's cache */

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

/* Longer ones are cut. */
static size_t
length(const struct identity *id)
{
	return id->len < EVENT_IDENTITY_MAX ? id->len : EVENT_IDENTITY_MAX;
}

static size_t
set_of(const struct identity *id)
{
	return hash(id, length(id)) % RECENT_SETS * RECENT_WAYS;
}

void
recent_approach(const struct recent *r, const struct identity *id)
{
	const struct recent_machine *m = &r->at[set_of(id)];
	size_t at;

	for (at = 0; at < RECENT_WAYS * sizeof *m; at += LINE)
		__builtin_prefetch((const uint8_t *)m + at, 1);
}

struct recent_machine *
recent_find(struct recent *r, const struct identity *id)
{
	const size_t len = length(id);
	struct recent_machine *m = &r->at[set_of(id)],
	    *const end = m + RECENT_WAYS, *oldest = m;

	for (; m < end; m++) {
		if (m->kind == id->kind && m->htype == id->htype &&
		    m->len == len && memcmp(m->id, id->bytes, len) == 0)
			return m;
		/* What is not told yet stays, if it can. */
		if ((m->dropped != 0) != (oldest->dropped != 0) ?
		    m->dropped == 0 : m->last < oldest->last)
			oldest = m;
	}
	r->untold -= oldest->dropped;
	*oldest = (struct recent_machine){ .kind = id->kind,
	    .htype = id->htype, .len = (uint8_t)len };
	memcpy(oldest->id, id->bytes, len);
	return oldest;
}

/* Packets a second that one machine may send now. */
static uint32_t
rate_now(struct recent *r, uint64_t now)
{
	uint64_t window = now / (RECENT_SECOND / WINDOWS);
	uint32_t most, part;

	if (window != r->window) {
		r->before = window == r->window + 1 ? r->passed : 0;
		r->passed = 0;
		r->window = window;
	}
	most = r->passed > r->before ? r->passed : r->before;
	part = most / RECENT_CROWD * WINDOWS;
	return part > r->rate ? part : r->rate;
}

/* Each packet is a debt of one, and the rate pays for it. */
bool
recent_pass(struct recent *r, struct recent_machine *m, uint64_t now)
{
	const uint64_t burst = RECENT_BURST * RECENT_SECOND;
	uint64_t rest = now - m->last < burst ? now - m->last : burst, paid;

	m->last = now;
	if (r->rate == 0)
		return true;
	paid = rest * rate_now(r, now);
	m->debt -= paid < m->debt ? paid : m->debt;
	if (m->debt > burst * r->rate - RECENT_SECOND) {
		m->dropped++;
		r->untold++;
		return false;
	}
	m->debt += RECENT_SECOND;
	r->passed++;
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

bool
recent_record(struct recent *r, uint64_t now)
{
	const uint64_t share = RECENT_SECOND / RECENT_STRANGERS_RATE;

	if (r->strangers < now)
		r->strangers = now;
	if (r->strangers - now >= RECENT_STRANGERS * share) {
		r->unrecorded++;
		r->untold++;
		return false;
	}
	r->strangers += share;
	return true;
}

uint32_t
recent_unrecorded(struct recent *r)
{
	uint64_t n = r->unrecorded < UINT32_MAX ? r->unrecorded : UINT32_MAX;

	r->unrecorded -= n;
	r->untold -= n;
	return (uint32_t)n;
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

/*
 * Transfers by address and by time: see table.h.
 */
#include <stdlib.h>
#include <string.h>

#include "table.h"

#define BUCKETS		16384u	/* powers of two, all three */
#define SLOTS		4096u
#define ENDED		4096u
#define SLOT_US		2000u
#define ENDED_US	5000000u
#define WAIT_US		1000000u

struct ended {
	union tftpsend_address who;
	uint64_t until;
};

struct table {
	unsigned count;
	uint64_t seed;
	uint64_t tick;		/* the slot that is looked at next */
	struct flight *bucket[BUCKETS];
	struct flight *slot[SLOTS];
	struct ended ended[ENDED];
};

static void wheel_in(struct table *, struct flight *, uint64_t);
static void wheel_out(struct flight *);
static uint64_t mix(uint64_t);

struct table *
table_new(uint64_t seed)
{
	struct table *t = calloc(1, sizeof *t);

	if (t != NULL)
		t->seed = seed;
	return t;
}

void
table_free(struct table *t)
{
	free(t);
}

struct flight *
flight_new(const char *name)
{
	size_t n = strlen(name) + 1;
	struct flight *f = calloc(1, sizeof *f + n);

	if (f != NULL)
		memcpy(f->name, name, n);
	return f;
}

void
flight_free(struct flight *f)
{
	if (f->file != NULL)
		cache_close(f->file);
	free(f->buffer);
	free(f);
}

void
table_add(struct table *t, struct flight *f)
{
	struct flight **b = &t->bucket[table_hash(&f->peer.to, t->seed) &
	    (BUCKETS - 1)];

	f->next = *b;
	*b = f;
	t->count++;
	wheel_in(t, f, f->t.deadline);
}

void
table_remove(struct table *t, struct flight *f)
{
	struct flight **b = &t->bucket[table_hash(&f->peer.to, t->seed) &
	    (BUCKETS - 1)];

	while (*b != f)
		b = &(*b)->next;
	*b = f->next;
	f->next = NULL;
	t->count--;
	wheel_out(f);
}

struct flight *
table_find(const struct table *t, const union tftpsend_address *who)
{
	struct flight *f = t->bucket[table_hash(who, t->seed) & (BUCKETS - 1)];

	while (f != NULL && !table_same_address(&f->peer.to, who))
		f = f->next;
	return f;
}

unsigned
table_count(const struct table *t)
{
	return t->count;
}

struct flight *
table_each(const struct table *t, const struct flight *f)
{
	size_t i = 0;

	if (f != NULL) {
		if (f->next != NULL)
			return f->next;
		i = (table_hash(&f->peer.to, t->seed) & (BUCKETS - 1)) + 1;
	}
	for (; i < BUCKETS; i++)
		if (t->bucket[i] != NULL)
			return t->bucket[i];
	return NULL;
}

/*
 * Each ACK moves a deadline on.  The flight then stays where it is in the
 * wheel, and is put where it belongs when its old time comes.
 */
void
table_schedule(struct table *t, struct flight *f)
{
	if (f->before != NULL && f->t.deadline + SLOT_US >= f->due)
		return;
	wheel_out(f);
	wheel_in(t, f, f->t.deadline);
}

static void
wheel_in(struct table *t, struct flight *f, uint64_t at)
{
	uint64_t tick = at / SLOT_US + 1;
	struct flight **slot;

	/* A slot that has gone by waits a whole turn: take the next one. */
	if (tick < t->tick)
		tick = t->tick;
	if (tick > t->tick + SLOTS - 1)
		tick = t->tick + SLOTS - 1;
	f->due = tick * SLOT_US;
	slot = &t->slot[tick & (SLOTS - 1)];
	f->later = *slot;
	if (*slot != NULL)
		(*slot)->before = &f->later;
	*slot = f;
	f->before = slot;
}

static void
wheel_out(struct flight *f)
{
	if (f->before == NULL)
		return;
	*f->before = f->later;
	if (f->later != NULL)
		f->later->before = f->before;
	f->later = NULL;
	f->before = NULL;
}

struct flight *
table_due(struct table *t, uint64_t now)
{
	uint64_t end = now / SLOT_US;
	struct flight *f;

	if (t->count == 0 || end > t->tick + SLOTS)
		t->tick = t->count == 0 ? end : end - SLOTS;
	for (; t->tick <= end; t->tick++) {
		f = t->slot[t->tick & (SLOTS - 1)];
		if (f != NULL) {
			wheel_out(f);
			return f;
		}
	}
	return NULL;
}

uint64_t
table_wait(const struct table *t, uint64_t now)
{
	uint64_t at = t->tick, end = (now + WAIT_US) / SLOT_US;

	if (t->count == 0)
		return WAIT_US;
	while (at < end && t->slot[at & (SLOTS - 1)] == NULL)
		at++;
	return at * SLOT_US > now ? at * SLOT_US - now : 0;
}

void
table_ended(struct table *t, const union tftpsend_address *who, uint64_t now)
{
	struct ended *e = &t->ended[table_hash(who, t->seed) & (ENDED - 1)];

	e->who = *who;
	e->until = now + ENDED_US;
}

bool
table_ended_lately(const struct table *t, const union tftpsend_address *who,
    uint64_t now)
{
	const struct ended *e = &t->ended[table_hash(who, t->seed) &
	    (ENDED - 1)];

	return e->until > now && table_same_address(&e->who, who);
}

bool
table_same_address(const union tftpsend_address *a,
    const union tftpsend_address *b)
{
	if (a->sa.sa_family != b->sa.sa_family)
		return false;
	if (a->sa.sa_family == AF_INET)
		return a->in.sin_port == b->in.sin_port &&
		    a->in.sin_addr.s_addr == b->in.sin_addr.s_addr;
	return a->in6.sin6_port == b->in6.sin6_port &&
	    a->in6.sin6_scope_id == b->in6.sin6_scope_id &&
	    memcmp(&a->in6.sin6_addr, &b->in6.sin6_addr,
	    sizeof a->in6.sin6_addr) == 0;
}

uint64_t
table_hash(const union tftpsend_address *a, uint64_t seed)
{
	uint64_t part[2];

	if (a->sa.sa_family == AF_INET)
		return mix(seed ^ ((uint64_t)a->in.sin_addr.s_addr << 16 |
		    a->in.sin_port));
	/* Whoever has a whole prefix must not be able to choose it. */
	memcpy(part, &a->in6.sin6_addr, sizeof part);
	return mix(mix(mix(seed ^ part[0]) ^ part[1]) ^ a->in6.sin6_port);
}

static uint64_t
mix(uint64_t h)
{
	h ^= h >> 33;
	h *= 0xff51afd7ed558ccdu;
	h ^= h >> 33;
	h *= 0xc4ceb9fe1a85ec53u;
	return h ^ h >> 33;
}

/*
 * Places by address: see share.h.  An address has a bucket by its checksum;
 * those that wait stand in it in the order in which they began to.
 */
#include <stdlib.h>

#include "limit.h"
#include "share.h"
#include "table.h"

#define BUCKETS		4096u	/* a power of two */

TAILQ_HEAD(share_seats, share_seat);

struct share_of {		/* who falls into one bucket */
	unsigned places;
	struct share_seats waiting;
};

struct share {
	unsigned most;
	uint64_t seed;
	struct share_of of[BUCKETS];
};

static struct share_of *bucket(struct share *,
    const union tftpsend_address *);

struct share *
share_new(unsigned most, uint64_t seed)
{
	struct share *s = calloc(1, sizeof *s);

	if (s == NULL)
		return NULL;
	s->most = most;
	s->seed = seed;
	return s;
}

void
share_free(struct share *s)
{
	free(s);
}

bool
share_take(struct share *s, struct share_seat *seat,
    const union tftpsend_address *who)
{
	seat->of = NULL;
	seat->waits = false;
	if (s == NULL || limit_exempts(who))
		return true;
	seat->of = bucket(s, who);
	if (seat->of->places < s->most) {
		seat->of->places++;
		return true;
	}
	seat->of = NULL;
	return false;
}

void
share_leave(struct share_seat *seat)
{
	share_waits(seat, false);
	if (seat->of != NULL)
		seat->of->places--;
	seat->of = NULL;
}

void
share_waits(struct share_seat *seat, bool waits)
{
	if (seat->of == NULL || seat->waits == waits)
		return;
	seat->waits = waits;
	if (waits)
		TAILQ_INSERT_TAIL(&seat->of->waiting, seat, next);
	else
		TAILQ_REMOVE(&seat->of->waiting, seat, next);
}

struct share_seat *
share_oldest(struct share *s, const union tftpsend_address *who)
{
	return TAILQ_FIRST(&bucket(s, who)->waiting);
}

static struct share_of *
bucket(struct share *s, const union tftpsend_address *who)
{
	union tftpsend_address a = *who;
	struct share_of *of;
	uint64_t h;

	a.in.sin_port = 0;		/* at the same place in sin6 */
	h = (table_hash(&a, 0) ^ s->seed) * 0x9e3779b97f4a7c15u;
	of = &s->of[h >> 32 & (BUCKETS - 1)];
	if (of->places == 0)	/* what is all zero has no list yet */
		TAILQ_INIT(&of->waiting);
	return of;
}

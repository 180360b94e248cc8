/*
 * Limits by address: see limit.h.  For each there is one number, the time at
 * which it would be through if it took no more than its share of each
 * second; that may lie LIMIT_BURST seconds ahead.  One number can be changed
 * by several processes at once without a lock.
 */
#include <stdatomic.h>
#include <stddef.h>
#include <sys/mman.h>

#include "limit.h"
#include "peer.h"
#include "table.h"

#define BUCKETS		4096u	/* a power of two */
#define SECOND		1000000000u	/* ns */
#define TOLD		1u	/* lowest bit: the last one was refused */

struct limit {
	uint64_t share;		/* ns for one; even, as TOLD is not time */
	uint64_t seed;
	_Atomic uint64_t through[BUCKETS];
};

struct limit *
limit_new(unsigned rate, uint64_t seed)
{
	struct limit *l = mmap(NULL, sizeof *l, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (l == MAP_FAILED)
		return NULL;
	l->share = SECOND / rate & ~(uint64_t)TOLD;
	l->seed = seed;
	return l;
}

void
limit_free(struct limit *l)
{
	if (l != NULL)
		munmap(l, sizeof *l);
}

static _Atomic uint64_t *
bucket_of(struct limit *l, uint64_t hash)
{
	uint64_t h = (hash ^ l->seed) * 0x9e3779b97f4a7c15u;

	return &l->through[h >> 32 & (BUCKETS - 1)];
}

enum limit_answer
limit_take(struct limit *l, uint64_t hash, uint64_t now)
{
	_Atomic uint64_t *b = bucket_of(l, hash);
	uint64_t was = atomic_load_explicit(b, memory_order_relaxed), is;
	enum limit_answer answer;

	now *= SECOND / 1000000;
	do {
		is = was & ~(uint64_t)TOLD;
		if (is < now)
			is = now;
		is += l->share;
		answer = LIMIT_PASS;
		if (is - now > (uint64_t)LIMIT_BURST * SECOND) {
			answer = was & TOLD ? LIMIT_DROP : LIMIT_REACHED;
			is = was | TOLD;
		}
	} while (!atomic_compare_exchange_weak_explicit(b, &was, is,
	    memory_order_relaxed, memory_order_relaxed));
	return answer;
}

/* Whatever its port, which is at the same place in sin6. */
static uint64_t
hash_of(const union tftpsend_address *who)
{
	union tftpsend_address a = *who;

	a.in.sin_port = 0;
	return table_hash(&a, 0);
}

enum limit_answer
limit_peer(struct limit *l, const union tftpsend_address *who, uint64_t now)
{
	if (l == NULL || limit_exempts(who))
		return LIMIT_PASS;
	return limit_take(l, hash_of(who), now);
}

void
limit_give_back(struct limit *l, const union tftpsend_address *who)
{
	/* Its time was moved on by as much, so it cannot fall below 0. */
	if (l != NULL && !limit_exempts(who))
		atomic_fetch_sub_explicit(bucket_of(l, hash_of(who)),
		    l->share, memory_order_relaxed);
}

bool
limit_exempts(const union tftpsend_address *a)
{
	return peer_ipv4(a) >> 24 == IN_LOOPBACKNET ||
	    (a->sa.sa_family == AF_INET6 &&
	    IN6_IS_ADDR_LOOPBACK(&a->in6.sin6_addr));
}

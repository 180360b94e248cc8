/*
 * Token buckets by address: see limit.h.
 */
#include <stdlib.h>

#include "limit.h"

#define BUCKETS		4096u	/* a power of two */
#define SECOND		1000000u

struct bucket {
	uint64_t at;		/* when tokens was right */
	uint64_t tokens;	/* millionths */
	bool empty;		/* the last one was refused */
};

struct limit {
	uint64_t rate, seed;
	struct bucket bucket[BUCKETS];
};

struct limit *
limit_new(unsigned rate, uint64_t seed)
{
	struct limit *l = calloc(1, sizeof *l);

	if (l != NULL) {
		l->rate = rate;
		l->seed = seed;
	}
	return l;
}

void
limit_free(struct limit *l)
{
	free(l);
}

enum limit_answer
limit_take(struct limit *l, uint64_t hash, uint64_t now)
{
	uint64_t h = (hash ^ l->seed) * 0x9e3779b97f4a7c15u;
	struct bucket *b = &l->bucket[h >> 32 & (BUCKETS - 1)];
	uint64_t most = l->rate * LIMIT_BURST * SECOND, since = now - b->at;

	/* A bucket nobody used is a full one. */
	if (b->at == 0 || since >= (uint64_t)LIMIT_BURST * SECOND ||
	    b->tokens + since * l->rate > most)
		b->tokens = most;
	else
		b->tokens += since * l->rate;
	b->at = now;
	if (b->tokens >= SECOND) {
		b->tokens -= SECOND;
		b->empty = false;
		return LIMIT_PASS;
	}
	if (b->empty)
		return LIMIT_DROP;
	b->empty = true;
	return LIMIT_REACHED;
}

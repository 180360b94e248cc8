/*
 * How many transfers an address may begin: so many a second, and many more
 * after a rest.  Pure but for its memory, which it shares with processes
 * that are forked afterwards; the clock is an argument, and theirs, too.
 */
#ifndef TFTPD_LIMIT_H
#define TFTPD_LIMIT_H

#include <stdbool.h>
#include <stdint.h>

#include "send.h"

#define LIMIT_BURST	20u	/* seconds' worth after a rest */

enum limit_answer {
	LIMIT_PASS,
	LIMIT_REACHED,		/* no more; the first time since it passed */
	LIMIT_DROP,		/* and again */
};

struct limit;

/* rate: a second.  seed: anything nobody else knows.  NULL: no memory. */
struct limit *limit_new(unsigned rate, uint64_t seed);
void limit_free(struct limit *);

/*
 * One more of the address with this hash, now in us.  Addresses that fall
 * together share what there is.
 */
enum limit_answer limit_take(struct limit *, uint64_t hash, uint64_t now);

/* The same of a client, whatever its port; this machine may as it likes. */
enum limit_answer limit_peer(struct limit *, const union tftpsend_address *,
    uint64_t now);

/*
 * Gives back one that limit_peer took: the client went through with it, as
 * one that names another's address can hardly do.  l may be NULL.
 */
void limit_give_back(struct limit *, const union tftpsend_address *);

/* Is it one of this machine's own addresses of the loopback interface? */
bool limit_exempts(const union tftpsend_address *);

#endif

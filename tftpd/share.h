/*
 * How many places an address holds at once, so that nobody holds them all.
 * Of one process; pure but for its memory.
 */
#ifndef TFTPD_SHARE_H
#define TFTPD_SHARE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "send.h"

struct share;
struct share_of;

struct share_seat {		/* one place; part of whoever has it */
	struct share_of *of;	/* NULL: not counted */
	TAILQ_ENTRY(share_seat) next;
	bool waits;
};

/* most: for each.  seed: anything nobody else knows.  NULL: no memory. */
struct share *share_new(unsigned most, uint64_t seed);
void share_free(struct share *);

/*
 * A place for the address, whatever its port; false if it has as many as it
 * may.  Addresses that fall together share what there is; this machine may as
 * it likes.
 */
bool share_take(struct share *, struct share_seat *,
    const union tftpsend_address *);
void share_leave(struct share_seat *);

/* It begins or ceases to wait for its client. */
void share_waits(struct share_seat *, bool);
/* Of the places of that address the one that waits longest, or NULL. */
struct share_seat *share_oldest(struct share *,
    const union tftpsend_address *);

#endif

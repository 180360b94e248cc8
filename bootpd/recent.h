/*
 * What bootpd remembers of the machines that asked in the last seconds: how
 * often, so that a storm of one machine costs the others nothing, and which
 * loader it got, so that a chain of loaders does not go round for ever.  A
 * table of fixed size; who was quiet longest makes room.  Losing it loses
 * nothing but that.  Pure, on a given clock.
 */
#ifndef RECENT_H
#define RECENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "event.h"
#include "identity.h"

#define RECENT_WAYS	4	/* machines that share a place */
#define RECENT_SETS	2048
#define RECENT_SIZE	(RECENT_WAYS * RECENT_SETS)
#define RECENT_BURST	32	/* seconds' worth of packets at once */
#define RECENT_CROWD	16	/* so many that ask at once are no storm */
#define RECENT_STRANGERS 16384	/* of them recorded at once, */
#define RECENT_STRANGERS_RATE 128	/* and a second */
#define RECENT_LOADS	2	/* of one loader; then the script */
#define RECENT_SECOND	UINT64_C(1000000)	/* the clock counts us */

struct recent_machine {
	uint8_t kind, htype, len;	/* of the identity; kind NONE: free */
	uint8_t loads;
	bool asked;		/* a DISCOVER since the last load */
	bool done;		/* got something else than its loader */
	bool loops;
	uint8_t id[EVENT_IDENTITY_MAX];	/* longer ones are cut */
	uint32_t dropped;	/* and not told yet */
	uint64_t last;		/* time of its last packet */
	uint64_t debt;		/* us times packets a second, not yet paid */
	uint64_t told;
	uint64_t loaded;	/* the first of its loads */
};

struct recent {
	uint32_t rate;		/* packets a second from one; 0: any */
	uint32_t passed, before; /* by all, in this window and the last */
	uint64_t window;
	uint64_t untold;	/* drops, of all; and: */
	uint64_t unrecorded;	/* strangers' packets */
	uint64_t strangers;	/* when those recorded are paid for */
	struct recent_machine at[RECENT_SIZE];
};

/* It will be asked for: changes only what is in the processor's caches. */
void recent_approach(const struct recent *, const struct identity *);

/* The machine, made new if it is not there; valid until the next call. */
struct recent_machine *recent_find(struct recent *, const struct identity *);

/*
 * May it have this packet answered?  If not, it is counted.  It may if it
 * keeps to the rate, or to its part of a crowd: a RECENT_CROWD-th of all that
 * were answered just now, since what many do alike is no storm of one.
 */
bool recent_pass(struct recent *, struct recent_machine *, uint64_t now);

/*
 * How many packets of it were dropped since this was last told; 0 if that
 * was within a second, so that a storm does not fill the events either.
 */
uint32_t recent_tell(struct recent *, struct recent_machine *, uint64_t now);

/*
 * Steps through machines that have something to tell, now; *at starts as 0.
 * Their number of drops and *id, or 0 at the end.
 */
uint32_t recent_next(struct recent *, size_t *at, uint64_t now,
    struct identity *id);

/*
 * May what a stranger sent have an event of its own?  If not, it is counted:
 * a flood of made-up addresses is not to push out of the ring what the
 * machines did.
 */
bool recent_record(struct recent *, uint64_t now);

/* How many of these were counted since this was last asked. */
uint32_t recent_unrecorded(struct recent *);

/*
 * Loaders.  recent_asked: it sent a DISCOVER; if it had been given its loader
 * RECENT_LOADS times within a minute by then, loops is set until the next.
 * recent_loaded: it was given its loader, or something else.
 */
void recent_asked(struct recent_machine *, uint64_t now);
void recent_loaded(struct recent_machine *, bool loader, uint64_t now);

#endif

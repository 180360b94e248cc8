/*
 * What the ring of events says of each machine: where its last boot began
 * and how far it came.
 */
#ifndef MACHINE_H
#define MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "event.h"

struct machine {
	char *name;		/* the host's, or its identity */
	unsigned events;
	uint64_t began;		/* ns since 1970: this boot's first event */
	enum event_stage stage;	/* farthest of this boot; 0: none */
	uint64_t reached;	/* when */
	bool declined;		/* it found its address in use */
	struct event_record last;
};

struct machines {
	struct machine **list;
	size_t n;
	size_t size;
	void *tree;		/* of tsearch(3), by name */
};

/* Adds an event to the machine of that name; the machine, NULL: no memory. */
struct machine *machines_add(struct machines *, const char *name,
    const struct event_record *);

/*
 * Does this event begin another boot of a machine that was there?  The
 * firmware asks again, and did nothing for a while or was up already.
 */
bool machine_begins(const struct machine *, const struct event_record *);

/*
 * Did what the event tells come to be?  A stranger's steps, too, with an
 * address that discover= lent it.
 */
bool machine_event_good(const struct event_record *);

/* How far a stage is on the way to up; 0: it is no step of a boot. */
unsigned machine_step(unsigned stage);

/* By the time of the last event, newest first. */
void machines_sort(struct machines *);

void machines_free(struct machines *);

/* ns since 1970. */
uint64_t machines_now(void);

/* ns from one time to another; 0 if the clock went back. */
uint64_t machine_span(uint64_t from, uint64_t to);

#endif

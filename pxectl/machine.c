#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "machine.h"

#define QUIET	UINT64_C(180000000000)	/* ns between two boots */

static int by_name(const void *, const void *);
static int by_time(const void *, const void *);
static struct machine *find(struct machines *, const char *);

/* The boot's own stages are numbered in order: event.h. */
unsigned
machine_step(unsigned stage)
{
	return stage >= EVENT_ASKED && stage <= EVENT_UP ? stage : 0;
}

bool
machine_event_good(const struct event_record *e)
{
	return e->reason == EVENT_OK || (e->reason == EVENT_UNREGISTERED &&
	    e->program == EVENT_BOOTPD && e->stage != EVENT_SILENCE);
}

bool
machine_begins(const struct machine *m, const struct event_record *e)
{
	if (m->events == 0)
		return true;
	if (e->stage != EVENT_ASKED && e->stage != EVENT_ADDRESS)
		return false;
	return m->stage >= EVENT_FILES ||
	    machine_span(m->last.time, e->time) > QUIET;
}

struct machine *
machines_add(struct machines *all, const char *name,
    const struct event_record *e)
{
	struct machine *m = find(all, name);

	if (m == NULL)
		return NULL;
	if (machine_begins(m, e)) {
		m->began = m->reached = e->time;
		m->stage = 0;
		m->declined = false;
	}
	/* Whoever goes on with the address has no quarrel any more. */
	if (e->stage == EVENT_DECLINE)
		m->declined = true;
	else if (e->stage >= EVENT_LOADER && e->stage <= EVENT_FILE &&
	    e->stage != EVENT_LEASE)
		m->declined = false;
	/*
	 * A system's client asks again after its kernel came, and renews for
	 * ever: what was reached stays reached until the next boot.
	 */
	if (machine_event_good(e) && machine_step(e->stage) > m->stage) {
		m->stage = (enum event_stage)e->stage;
		m->reached = e->time;
	}
	m->events++;
	m->last = *e;
	return m;
}

void
machines_sort(struct machines *all)
{
	if (all->n > 0)
		qsort(all->list, all->n, sizeof all->list[0], by_time);
}

void
machines_free(struct machines *all)
{
	for (size_t i = 0; i < all->n; i++) {
		tdelete(all->list[i], &all->tree, by_name);
		free(all->list[i]->name);
		free(all->list[i]);
	}
	free(all->list);
	*all = (struct machines){ 0 };
}

uint64_t
machines_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

uint64_t
machine_span(uint64_t from, uint64_t to)
{
	return from < to ? to - from : 0;
}

static struct machine *
find(struct machines *all, const char *name)
{
	struct machine key = { .name = (char *)name }, *m, **list;
	struct machine **found = tfind(&key, &all->tree, by_name);
	size_t size;

	if (found != NULL)
		return *found;
	if (all->n == all->size) {
		size = all->size == 0 ? 64 : 2 * all->size;
		list = realloc(all->list, size * sizeof *list);
		if (list == NULL)
			return NULL;
		all->list = list;
		all->size = size;
	}
	m = calloc(1, sizeof *m);
	if (m == NULL || (m->name = strdup(name)) == NULL ||
	    tsearch(m, &all->tree, by_name) == NULL) {
		if (m != NULL)
			free(m->name);
		free(m);
		return NULL;
	}
	return all->list[all->n++] = m;
}

static int
by_name(const void *a, const void *b)
{
	const struct machine *x = a, *y = b;

	return strcmp(x->name, y->name);
}

static int
by_time(const void *a, const void *b)
{
	const struct machine *x = *(struct machine *const *)a;
	const struct machine *y = *(struct machine *const *)b;

	return x->last.time < y->last.time ? 1 :
	    x->last.time > y->last.time ? -1 : strcmp(x->name, y->name);
}

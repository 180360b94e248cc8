/*
 * Names of this turn: see opened.h.  One place for each hash: who comes
 * later takes it.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "opened.h"

#define PLACES	128u		/* a power of two */
#define PATH_SIZE 112		/* longer ones are looked up each time */

struct place {
	uint32_t turn;		/* of another one: empty */
	struct cache_file *file;
	char path[PATH_SIZE];
};

struct opened {
	uint32_t turn, used;
	uint8_t places[PLACES];	/* those in use */
	struct place place[PLACES];
};

static uint32_t place_of(const char *);
static bool is(const struct opened *, const struct place *, const char *);

struct opened *
opened_new(void)
{
	struct opened *o = calloc(1, sizeof *o);

	if (o != NULL)
		o->turn = 1;
	return o;
}

void
opened_free(struct opened *o)
{
	if (o != NULL)
		opened_turn(o);
	free(o);
}

/* FNV-1a */
static uint32_t
place_of(const char *path)
{
	uint32_t sum = 0x811c9dc5u;

	for (; *path != '\0'; path++)
		sum = (sum ^ (uint8_t)*path) * 0x01000193u;
	return (sum ^ sum >> 16) & (PLACES - 1);
}

struct cache_file *
opened_find(struct opened *o, const char *path)
{
	struct place *p = &o->place[place_of(path)];

	if (!is(o, p, path) || p->file == NULL)
		return NULL;
	cache_share(p->file);
	return p->file;
}

bool
opened_absent(const struct opened *o, const char *path)
{
	const struct place *p = &o->place[place_of(path)];

	return is(o, p, path) && p->file == NULL;
}

static bool
is(const struct opened *o, const struct place *p, const char *path)
{
	return p->turn == o->turn && strcmp(p->path, path) == 0;
}

void
opened_put(struct opened *o, const char *path, struct cache_file *f)
{
	uint32_t i = place_of(path);
	struct place *p = &o->place[i];
	size_t n = strlen(path) + 1;

	if (n > sizeof p->path)
		return;
	if (p->turn != o->turn)
		o->places[o->used++] = (uint8_t)i;
	else if (p->file != NULL)
		cache_close(p->file);
	p->turn = o->turn;
	p->file = f;
	memcpy(p->path, path, n);
	if (f != NULL)
		cache_share(f);
}

void
opened_turn(struct opened *o)
{
	struct cache_file *f;

	for (; o->used > 0; o->used--) {
		f = o->place[o->places[o->used - 1]].file;
		if (f != NULL)
			cache_close(f);
	}
	o->turn++;
	if (o->turn == 0) {
		memset(o, 0, sizeof *o);
		o->turn = 1;
	}
}

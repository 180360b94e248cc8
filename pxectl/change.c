#include <stdlib.h>
#include <string.h>

#include "change.h"

static char *line_of(const struct entry *);
static int by_name(const void *, const void *);
static void clear(struct change *);

bool
change_note(struct changes *c, const struct entry *before,
    const struct entry *after)
{
	const struct entry *any = before != NULL ? before : after;
	struct change *row;
	size_t size;

	if (c->n == c->size) {
		size = c->size == 0 ? 16 : 2 * c->size;
		row = realloc(c->list, size * sizeof *row);
		if (row == NULL)
			return false;
		c->list = row;
		c->size = size;
	}
	row = &c->list[c->n];
	*row = (struct change){ .kind = any->kind, .order = c->n,
	    .name = strdup(entry_name(any)), .before = line_of(before),
	    .after = line_of(after) };
	c->n++;
	return row->name != NULL && (before == NULL || row->before != NULL) &&
	    (after == NULL || row->after != NULL);
}

void
changes_join(struct changes *c)
{
	struct change *to, *from;
	size_t kept = 0;

	if (c->n == 0)
		return;
	qsort(c->list, c->n, sizeof *c->list, by_name);
	for (size_t i = 0; i < c->n; i++) {
		from = &c->list[i];
		to = kept > 0 ? &c->list[kept - 1] : NULL;
		if (to == NULL || to->kind != from->kind ||
		    strcmp(to->name, from->name) != 0) {
			c->list[kept++] = *from;
			continue;
		}
		free(to->after);
		to->after = from->after;
		from->after = NULL;
		clear(from);
	}
	c->n = kept;
	kept = 0;
	for (size_t i = 0; i < c->n; i++) {
		from = &c->list[i];
		if ((from->before == NULL && from->after == NULL) ||
		    (from->before != NULL && from->after != NULL &&
		    strcmp(from->before, from->after) == 0))
			clear(from);
		else
			c->list[kept++] = *from;
	}
	c->n = kept;
}

void
changes_print(struct changes *c, FILE *out)
{
	changes_join(c);
	for (size_t i = 0; i < c->n; i++) {
		if (c->list[i].before != NULL)
			fprintf(out, "-%s\n", c->list[i].before);
		if (c->list[i].after != NULL)
			fprintf(out, "+%s\n", c->list[i].after);
	}
}

void
changes_free(struct changes *c)
{
	for (size_t i = 0; i < c->n; i++)
		clear(&c->list[i]);
	free(c->list);
	*c = (struct changes){ 0 };
}

static char *
line_of(const struct entry *e)
{
	char line[ENTRY_LINE_MAX + 1];

	if (e == NULL || entry_print(e, line, sizeof line) == 0)
		return NULL;
	return strdup(line);
}

static int
by_name(const void *a, const void *b)
{
	const struct change *x = a, *y = b;
	int order;

	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	order = strcmp(x->name, y->name);
	if (order != 0)
		return order;
	return x->order < y->order ? -1 : 1;
}

static void
clear(struct change *c)
{
	free(c->name);
	free(c->before);
	free(c->after);
}

#include <stdlib.h>
#include <string.h>

#include "seen.h"

static bool
grow(struct seen *s, size_t more)
{
	struct seen_entry *list;
	char *text;
	size_t room;

	if (s->n == s->room) {
		room = s->room == 0 ? 64 : 2 * s->room;
		list = realloc(s->list, room * sizeof *list);
		if (list == NULL)
			return false;
		s->list = list;
		s->room = room;
	}
	if (s->size - s->used < more) {
		room = 2 * s->size + more;
		text = realloc(s->text, room);
		if (text == NULL)
			return false;
		s->text = text;
		s->size = room;
	}
	return true;
}

bool
seen_add(struct seen *s, enum entry_kind kind, const char *name,
    unsigned long line)
{
	const size_t len = strlen(name) + 1;
	struct seen_entry *e;

	if (!grow(s, len + 1))
		return false;
	e = &s->list[s->n++];
	e->line = line;
	e->kind = kind;
	e->text = s->used;
	s->text[s->used++] = (char)('0' + kind);
	memcpy(s->text + s->used, name, len);
	s->used += len;
	if (s->n > 1 && strcmp(s->text + e[-1].text, s->text + e->text) >= 0)
		s->unsorted = true;
	return true;
}

struct place {
	const char *text;
	const struct seen_entry *entry;
};

static int
compare(const void *a, const void *b)
{
	const struct place *x = a, *y = b;
	const int c = strcmp(x->text, y->text);

	if (c != 0)
		return c;
	return x->entry->line < y->entry->line ? -1 : 1;
}

const struct seen_entry *
seen_twice(struct seen *s, unsigned long *first)
{
	const struct seen_entry *twice = NULL;
	struct place *all;

	if (!s->unsorted || (all = calloc(s->n, sizeof *all)) == NULL)
		return NULL;
	for (size_t i = 0; i < s->n; i++)
		all[i] = (struct place){ s->text + s->list[i].text,
		    &s->list[i] };
	qsort(all, s->n, sizeof *all, compare);
	for (size_t i = 1; i < s->n; i++)
		if (strcmp(all[i - 1].text, all[i].text) == 0 &&
		    (twice == NULL || all[i].entry->line < twice->line)) {
			twice = all[i].entry;
			*first = all[i - 1].entry->line;
		}
	free(all);
	return twice;
}

void
seen_free(struct seen *s)
{
	free(s->list);
	free(s->text);
}

/*
 * What the words of the manifests mean.
 */
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "library.h"
#include "program.h"
#include "recipe.h"

static int put_preference(struct build *, const struct recipe_word *);
static int put_directory(struct build *, const struct recipe_word *);
static int put_device(struct build *, const struct recipe_word *);
static int put_program(struct build *, const struct recipe_word *);
static int put_library(struct build *, const struct recipe_word *);
static int put_file(struct build *, const struct recipe_word *);
static int put_link(struct build *, const struct recipe_word *);
static int put_mode(struct build *, const struct recipe_word *);
static bool struck(const struct build *, const char *, const char *);
static bool octal(const char *, mode_t *);
static bool number(const char *, unsigned *);
static int wrong(struct build *, const struct recipe_word *, const char *);

/* Cooked in this order; "/" stands for every section that is a directory. */
static const struct {
	const char *section;
	int (*put)(struct build *, const struct recipe_word *);
} sections[] = {
	{ "prefer", put_preference },
	{ "directories", put_directory },
	{ "devices", put_device },
	{ "/", put_program },
	{ "libraries", put_library },
	{ "files", put_file },
	{ "links", put_link },
	{ "modes", NULL },		/* by recipe_modes() */
};

enum { SECTIONS = sizeof(sections) / sizeof(sections[0]) };

int
recipe_read(struct build *b, const char *name, const char *text, size_t len)
{
	enum manifest_result result;
	struct recipe_word *more;
	struct manifest m;
	size_t i, room;

	manifest_start(&m, text, len);
	for (;;) {
		if (b->words == b->words_room) {
			room = b->words == 0 ? 256 : 2 * b->words;
			more = realloc(b->word, room * sizeof(*more));
			if (more == NULL)
				return build_fail_errno(b, name);
			b->word = more;
			b->words_room = room;
		}
		more = &b->word[b->words];
		result = manifest_next(&m, &more->word);
		if (result == MANIFEST_END)
			return EX_OK;
		if (result != MANIFEST_WORD)
			return build_fail(b, EX_DATAERR, "%s:%u: %s", name,
			    m.line, manifest_reason(result));
		more->section = m.section;
		snprintf(more->where, sizeof(more->where), "%.50s:%u", name,
		    m.line);
		for (i = 0; i < SECTIONS; i++)
			if (strcmp(sections[i].section, m.section.s) == 0)
				break;
		if (i == SECTIONS && m.section.s[0] != '/')
			return wrong(b, more, "no such section");
		b->words++;
	}
}

int
recipe_cook(struct build *b)
{
	const struct recipe_word *w;
	size_t i, j, done = 0;
	int code;

	for (i = 0; i < SECTIONS; i++)
		for (j = 0; j < b->words; j++) {
			w = &b->word[j];
			if (sections[i].put == NULL)
				continue;
			if (w->section.s[0] == '/' ?
			    sections[i].put != put_program :
			    strcmp(w->section.s, sections[i].section) != 0)
				continue;
			build_progress(b, "programs", done++, b->words);
			if (w->word.strike)
				continue;
			if (sections[i].put != put_program &&
			    struck(b, w->section.s, w->word.name[0].s))
				continue;
			if ((code = sections[i].put(b, w)) != EX_OK)
				return code;
		}
	return program_interpreters(b);
}

int
recipe_modes(struct build *b)
{
	size_t i;
	int code = EX_OK;

	for (i = 0; i < b->words && code == EX_OK; i++)
		if (strcmp(b->word[i].section.s, "modes") == 0)
			code = put_mode(b, &b->word[i]);
	return code;
}

void
recipe_free(struct build *b)
{
	free(b->word);
	b->word = NULL;
	b->words = b->words_room = 0;
}

/* Does some manifest strike name in this section ("/sbin")? */
static bool
struck(const struct build *b, const char *section, const char *name)
{
	const struct recipe_word *w;
	size_t i;

	for (i = 0; i < b->words; i++) {
		w = &b->word[i];
		if (w->word.strike && strcmp(w->section.s, section) == 0 &&
		    strcmp(w->word.name[0].s, name) == 0)
			return true;
	}
	return false;
}

static int
put_preference(struct build *b, const struct recipe_word *w)
{
	if (strcmp(w->word.name[0].s, "busybox") != 0)
		return wrong(b, w, "only busybox can be preferred");
	b->busybox_first = true;
	return EX_OK;
}

static int
put_directory(struct build *b, const struct recipe_word *w)
{
	mode_t mode = 0755;

	if (w->word.values > 1 || (w->word.values == 1 &&
	    !octal(w->word.value[0].s, &mode)))
		return wrong(b, w, "not PATH or PATH=MODE");
	if (tree_directory(&b->tree, w->word.name[0].s, mode) == -1)
		return build_fail_errno(b, w->word.name[0].s);
	return EX_OK;
}

static int
put_device(struct build *b, const struct recipe_word *w)
{
	const struct manifest_text *v = w->word.value;
	enum tree_kind kind = v[0].s[0] == 'b' ? TREE_BLOCK : TREE_CHAR;
	unsigned major, minor;
	mode_t mode;

	if (w->word.values != 4 || (strcmp(v[0].s, "b") != 0 &&
	    strcmp(v[0].s, "c") != 0) || !number(v[1].s, &major) ||
	    !number(v[2].s, &minor) || !octal(v[3].s, &mode))
		return wrong(b, w, "not PATH=c,MAJOR,MINOR,MODE");
	if (tree_device(&b->tree, w->word.name[0].s, kind, mode, major,
	    minor) == -1)
		return build_fail_errno(b, w->word.name[0].s);
	return EX_OK;
}

static int
put_program(struct build *b, const struct recipe_word *w)
{
	return program_put(b, w->section.s, &w->word, struck);
}

static int
put_library(struct build *b, const struct recipe_word *w)
{
	return library_optional(b, w->word.name[0].s);
}

/* PATH as it is here, or PATH=SOURCE,SOURCE: the first that is here. */
static int
put_file(struct build *b, const struct recipe_word *w)
{
	const char *source = w->word.name[0].s;
	unsigned i;
	int fd = -1;

	for (i = 0; i <= w->word.values && fd == -1; i++) {
		source = i == 0 ? w->word.name[0].s : w->word.value[i - 1].s;
		fd = root_find(&b->from, source, NULL, NULL);
	}
	if (fd != -1)
		close(fd);
	return program_file(b, w->word.name[0].s, source, IMAGE_SYSTEM,
	    w->word.needed);
}

/* PATH=TARGET, unless a program or file is there already. */
static int
put_link(struct build *b, const struct recipe_word *w)
{
	if (w->word.values != 1)
		return wrong(b, w, "not PATH=TARGET");
	if (tree_get(&b->tree, w->word.name[0].s) != NULL)
		return EX_OK;
	if (tree_link(&b->tree, w->word.name[0].s, w->word.value[0].s,
	    IMAGE_SYSTEM) == -1)
		return build_fail_errno(b, w->word.name[0].s);
	return EX_OK;
}

/* PATH=MODE; what is not in has no mode. */
static int
put_mode(struct build *b, const struct recipe_word *w)
{
	struct tree_node *node = tree_get(&b->tree, w->word.name[0].s);
	mode_t mode;

	if (w->word.values != 1 || !octal(w->word.value[0].s, &mode))
		return wrong(b, w, "not PATH=MODE");
	if (node != NULL && node->kind != TREE_LINK)
		node->mode = mode;
	return EX_OK;
}

static bool
octal(const char *text, mode_t *mode)
{
	char *end;
	unsigned long n = strtoul(text, &end, 8);

	*mode = (mode_t)n;
	return end != text && *end == '\0' && n <= 07777;
}

static bool
number(const char *text, unsigned *value)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	*value = (unsigned)n;
	return end != text && *end == '\0' && n <= 0xfffff;
}

static int
wrong(struct build *b, const struct recipe_word *w, const char *why)
{
	return build_fail(b, EX_DATAERR, "%s: %s %s: %s", w->where,
	    w->section.s, w->word.name[0].s, why);
}

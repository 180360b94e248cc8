/*
 * Manifests: bytes to words.  Pure.
 */
#include <string.h>

#include "manifest.h"

static const char *const reasons[] = {
	[MANIFEST_WORD] = "no error",
	[MANIFEST_END] = "end of the text",
	[MANIFEST_NO_SECTION] = "a word before the first section",
	[MANIFEST_TWO_WORDS] = "a section is one word",
	[MANIFEST_EMPTY_NAME] = "an empty name",
	[MANIFEST_BAD_NAME] = "a name that cannot be",
	[MANIFEST_TOO_LONG] = "longer than 255 characters",
	[MANIFEST_TOO_MANY] = "more than 8 names or values in one word",
};

static enum manifest_result read_word(struct manifest_word *,
    const char *, const char *);
static enum manifest_result read_list(struct manifest_text *, unsigned *,
    unsigned, char, const char *, const char *);
static enum manifest_result keep(struct manifest_text *, const char *,
    const char *);
static bool blank(char);

void
manifest_start(struct manifest *m, const char *text, size_t len)
{
	memset(m, 0, sizeof(*m));
	m->at = text;
	m->end = text + len;
}

enum manifest_result
manifest_next(struct manifest *m, struct manifest_word *word)
{
	const char *from;
	enum manifest_result result;
	bool section;

	for (;;) {
		section = false;
		if (!m->in_line) {
			if (m->at == m->end)
				return MANIFEST_END;
			m->line++;
			m->in_line = true;
			section = !blank(*m->at) && *m->at != '\n' &&
			    *m->at != '#';
		}
		while (m->at < m->end && blank(*m->at))
			m->at++;
		if (m->at < m->end && *m->at == '#')
			while (m->at < m->end && *m->at != '\n')
				m->at++;
		if (m->at == m->end || *m->at == '\n') {
			m->in_line = false;
			if (m->at < m->end)
				m->at++;
			continue;
		}
		from = m->at;
		while (m->at < m->end && !blank(*m->at) && *m->at != '\n')
			m->at++;
		if (!section)
			break;
		if ((result = keep(&m->section, from, m->at)) != MANIFEST_WORD)
			return result;
		while (m->at < m->end && blank(*m->at))
			m->at++;
		if (m->at < m->end && *m->at != '\n' && *m->at != '#')
			return MANIFEST_TWO_WORDS;
	}
	if (m->section.s[0] == '\0')
		return MANIFEST_NO_SECTION;
	return read_word(word, from, m->at);
}

const char *
manifest_reason(enum manifest_result result)
{
	if ((size_t)result >= sizeof(reasons) / sizeof(reasons[0]))
		return "unknown";
	return reasons[result];
}

bool
manifest_path_ok(const char *path)
{
	size_t n;

	if (*path == '/')
		path++;
	for (;;) {
		n = strcspn(path, "/");
		if (n == 0 || (n == 1 && path[0] == '.') ||
		    (n == 2 && path[0] == '.' && path[1] == '.'))
			return false;
		if (path[n] == '\0')
			return true;
		path += n + 1;
	}
}

static enum manifest_result
read_word(struct manifest_word *word, const char *from, const char *to)
{
	const char *equals;
	enum manifest_result result;

	word->names = word->values = 0;
	word->strike = *from == '-';
	if (word->strike)
		from++;
	word->needed = to > from && to[-1] == '!';
	if (word->needed)
		to--;
	if ((equals = memchr(from, '=', (size_t)(to - from))) == NULL)
		equals = to;
	result = read_list(word->name, &word->names, MANIFEST_NAMES, '|',
	    from, equals);
	if (result == MANIFEST_WORD && equals < to)
		result = read_list(word->value, &word->values,
		    MANIFEST_VALUES, ',', equals + 1, to);
	return result;
}

static enum manifest_result
read_list(struct manifest_text *list, unsigned *count, unsigned most,
    char between, const char *from, const char *to)
{
	const char *stop;
	enum manifest_result result;

	for (;;) {
		stop = memchr(from, between, (size_t)(to - from));
		if (stop == NULL)
			stop = to;
		if (*count == most)
			return MANIFEST_TOO_MANY;
		result = keep(&list[*count], from, stop);
		if (result != MANIFEST_WORD)
			return result;
		++*count;
		if (stop == to)
			return MANIFEST_WORD;
		from = stop + 1;
	}
}

static enum manifest_result
keep(struct manifest_text *text, const char *from, const char *to)
{
	size_t i, n = (size_t)(to - from);

	if (n == 0)
		return MANIFEST_EMPTY_NAME;
	if (n > MANIFEST_LONGEST)
		return MANIFEST_TOO_LONG;
	for (i = 0; i < n; i++)
		if (from[i] <= ' ' || from[i] > '~')
			return MANIFEST_BAD_NAME;
	memcpy(text->s, from, n);
	text->s[n] = '\0';
	/* The last slash marks a directory of modules. */
	if (n > 1 && text->s[n - 1] == '/') {
		text->s[n - 1] = '\0';
		i = manifest_path_ok(text->s);
		text->s[n - 1] = '/';
		return i ? MANIFEST_WORD : MANIFEST_BAD_NAME;
	}
	return manifest_path_ok(text->s) ? MANIFEST_WORD : MANIFEST_BAD_NAME;
}

static bool
blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

#include <stdio.h>
#include <string.h>

#include "range.h"

/* One item between the commas of a bracket: 7, or 01-48. */
struct item {
	uint32_t first, last;
	int width;		/* digits, leading zeros kept */
};

static const char *bracket_count(const char **, uint32_t *);
static const char *item_read(const char **, struct item *);
static bool number_read(const char **, uint32_t *, int *);
static bool bracket_pick(const char **, uint32_t, char *, size_t);

const char *
range_open(struct range *r, const char *word)
{
	const char *s = word, *why;
	uint32_t count;
	int brackets = 0;

	*r = (struct range){ .word = word, .n = 1 };
	while ((s = strpbrk(s, "[]")) != NULL) {
		if (*s == ']')
			return "a ] without its [";
		if (++brackets > RANGE_BRACKETS)
			return "too many brackets";
		s++;
		why = bracket_count(&s, &count);
		if (why != NULL)
			return why;
		if (count > RANGE_NAMES_MAX / r->n)
			return "more than 65536 names";
		r->n *= count;
	}
	return NULL;
}

bool
range_next(struct range *r, char *name, size_t size)
{
	const char *s = r->word, *t;
	uint32_t below = r->n, count, at = r->at;
	size_t used = 0;

	if (r->at >= r->n)
		return false;
	while (*s != '\0') {
		if (*s != '[') {
			if (used + 1 >= size)
				return false;
			name[used++] = *s++;
			continue;
		}
		t = ++s;
		if (bracket_count(&t, &count) != NULL)
			return false;
		/* The last bracket turns fastest. */
		below /= count;
		if (!bracket_pick(&s, at / below % count, name + used,
		    size - used))
			return false;
		used += strlen(name + used);
	}
	name[used] = '\0';
	r->at++;
	return true;
}

/* From behind the [ to behind the ]. */
static const char *
bracket_count(const char **at, uint32_t *count)
{
	struct item it;
	const char *why;

	*count = 0;
	for (;;) {
		why = item_read(at, &it);
		if (why != NULL)
			return why;
		if (it.last - it.first >= RANGE_NAMES_MAX - *count)
			return "more than 65536 names";
		*count += it.last - it.first + 1;
		if (**at == ']') {
			(*at)++;
			return NULL;
		}
		if (**at != ',')
			return "not a range: [01-48] or [1,3,5-9]";
		(*at)++;
	}
}

static const char *
item_read(const char **at, struct item *it)
{
	int width;

	if (!number_read(at, &it->first, &it->width))
		return "not a range: [01-48] or [1,3,5-9]";
	it->last = it->first;
	if (**at != '-')
		return NULL;
	(*at)++;
	if (!number_read(at, &it->last, &width))
		return "not a range: [01-48] or [1,3,5-9]";
	if (it->last < it->first)
		return "a range runs upwards: [01-48]";
	return NULL;
}

/* A width of 0 means: no leading zero, as many digits as it takes. */
static bool
number_read(const char **at, uint32_t *v, int *width)
{
	const char *s = *at;

	*v = 0;
	for (; *s >= '0' && *s <= '9'; s++)
		*v = *v * 10 + (uint32_t)(*s - '0');
	if (s == *at || s - *at > 9)
		return false;
	*width = **at == '0' ? (int)(s - *at) : 0;
	*at = s;
	return true;
}

/* The pick-th number of a bracket, as text; *at goes behind the ]. */
static bool
bracket_pick(const char **at, uint32_t pick, char *text, size_t size)
{
	struct item it;
	int n = -1;

	for (;; (*at)++) {
		if (item_read(at, &it) != NULL)
			return false;
		if (n < 0 && pick <= it.last - it.first)
			n = snprintf(text, size, "%0*u", it.width,
			    it.first + pick);
		else if (n < 0)
			pick -= it.last - it.first + 1;
		if (**at != ',')
			break;
	}
	(*at)++;
	return n > 0 && (size_t)n < size;
}

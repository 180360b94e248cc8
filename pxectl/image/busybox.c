/*
 * The table of names in a busybox program.
 */
#include <string.h>

#include "busybox.h"

enum { LONGEST = 24, FEWEST = 20 };

static const char *before(const char *, const char *);
static bool is_name(const char *, const char *);

bool
busybox_applets(const char *bytes, size_t len, const char **from,
    const char **to)
{
	static const char anchor[] = "\0cat";
	const char *end = bytes + len, *at = bytes, *first, *last, *next;
	unsigned count;

	/* Names sort one after the other nowhere but in the table. */
	while ((at = memmem(at, (size_t)(end - at), anchor,
	    sizeof(anchor))) != NULL) {
		first = ++at;
		count = 1;
		while ((next = before(bytes, first)) != NULL &&
		    strcmp(next, first) < 0) {
			first = next;
			count++;
		}
		last = at;
		for (;;) {
			next = last + strlen(last) + 1;
			if (!is_name(next, end) || strcmp(last, next) >= 0)
				break;
			last = next;
			count++;
		}
		if (count >= FEWEST) {
			*from = first;
			*to = last + strlen(last) + 1;
			return true;
		}
	}
	return false;
}

bool
busybox_has(const char *from, const char *to, const char *name)
{
	for (; from < to; from += strlen(from) + 1)
		if (strcmp(from, name) == 0)
			return true;
	return false;
}

/* The name that ends just before at, or NULL. */
static const char *
before(const char *bytes, const char *at)
{
	const char *end = at, *start = at - 1;

	while (start > bytes && start[-1] != '\0' && end - start <= LONGEST)
		start--;
	if (start <= bytes || start[-1] != '\0')
		return NULL;
	return is_name(start, end) ? start : NULL;
}

static bool
is_name(const char *at, const char *end)
{
	static const char good[] =
	    "abcdefghijklmnopqrstuvwxyz0123456789[-_.";
	const char *stop;
	size_t n;

	if (at >= end)
		return false;
	stop = memchr(at, '\0', (size_t)(end - at));
	if (stop == NULL || stop == at || stop - at > LONGEST)
		return false;
	for (n = 0; at[n] != '\0'; n++)
		if (strchr(good, at[n]) == NULL)
			return false;
	return true;
}

#include <string.h>
#include <sysexits.h>

#include "command.h"
#include "name.h"
#include "target.h"

int
target_open(struct target *t, const char *word)
{
	const char *colon = strchr(word, ':'), *why;
	char kind[16];

	t->kind = strchr(word, '/') != NULL ? ENTRY_SUBNET : ENTRY_HOST;
	if (strcmp(word, "site") == 0) {
		t->kind = ENTRY_SITE;
		word = "";
	} else if (colon != NULL && (size_t)(colon - word) < sizeof kind) {
		memcpy(kind, word, (size_t)(colon - word));
		kind[colon - word] = '\0';
		if (!entry_kind_find(kind, &t->kind) ||
		    t->kind == ENTRY_SITE)
			return fail(EX_USAGE, "%s: not HOST, group:NAME, "
			    "subnet:NET/LEN or site", word);
		word = colon + 1;
	}
	why = range_open(&t->range, word);
	return why == NULL ? EX_OK : fail(EX_USAGE, "%s: %s", word, why);
}

/* What is no name at all stays as it is: nothing will be found by it. */
bool
target_next(struct target *t, char name[ENTRY_NAME_MAX + 1])
{
	struct entry_error err;
	struct entry e;

	if (!range_next(&t->range, name, ENTRY_NAME_MAX + 1))
		return false;
	if (entry_init(&e, t->kind, name, &err))
		memcpy(name, entry_name(&e), strlen(entry_name(&e)) + 1);
	return true;
}

const char *
target_host(const char *word)
{
	return strncmp(word, "host:", 5) == 0 ? word + 5 : word;
}

int
target_check(int n, char **word)
{
	struct target t;
	int status = EX_OK;

	for (int i = 0; i < n && status == EX_OK; i++)
		status = target_open(&t, word[i]);
	return status;
}

/* Who was deleted may have events still. */
static bool
is_known(struct pxectl *px, const char *host)
{
	char name[NAME_SIZE];
	struct event_record ev;
	struct entry e;
	uint64_t seq = 0;

	if (px->db == NULL ||
	    hostdb_get(px->db, ENTRY_HOST, host, &e) != HOSTDB_NOT_FOUND)
		return true;
	while (event_next(px->events, &seq, &ev)) {
		name_of_event(px->db, &ev, name, sizeof name);
		if (name_is(name, host))
			return true;
	}
	return false;
}

int
target_known(struct pxectl *px, int n, char **word)
{
	char name[ENTRY_NAME_MAX + 1];
	struct target t;
	int status = EX_OK;

	for (int i = 0; i < n && status == EX_OK; i++) {
		status = target_open(&t, word[i]);
		while (status == EX_OK && target_next(&t, name))
			if (!is_known(px, name))
				status = fail(EX_NOHOST, "%s: no such host, "
				    "and it never asked", name);
	}
	return status;
}

bool
target_among(const char *name, int n, char **word)
{
	char one[ENTRY_NAME_MAX + 1];
	struct target t;

	for (int i = 0; i < n; i++) {
		if (target_open(&t, word[i]) != EX_OK)
			return false;
		while (target_next(&t, one))
			if (name_is(name, one))
				return true;
	}
	return n == 0;
}

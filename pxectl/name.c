#include "name.h"

#include <stdio.h>
#include <string.h>

#include "attribute.h"
#include "text.h"

#define CUT	(EVENT_NAME_MAX - 1)	/* letters that the ring has */

static bool complete(struct hostdb *, const struct event_record *,
    const char *, struct hostdb_ref *);

void
name_of_event(struct hostdb *db, const struct event_record *e, char *name,
    size_t size)
{
	struct hostdb_ref ref;

	text_event_name(name, size, e);
	if (strlen(name) < CUT)
		return;
	if (db != NULL && complete(db, e, name, &ref))
		snprintf(name, size, "%s", ref.name);
	else
		snprintf(name + CUT, size - CUT, "...");
}

bool
name_of_word(struct hostdb *db, const char *word,
    char name[ENTRY_NAME_MAX + 1])
{
	struct hostdb_ref ref;
	struct identity id;
	struct entry e;
	uint32_t address;
	bool found;

	if (hostdb_get(db, ENTRY_HOST, word, &e) == HOSTDB_OK)
		return false;
	if (attribute_address(word, &address))
		found = hostdb_by_address(db, address, &ref) == HOSTDB_OK;
	else
		found = identity_parse(&id, word) &&
		    hostdb_by_identity(db, &id, &ref) == HOSTDB_OK;
	if (found)
		snprintf(name, ENTRY_NAME_MAX + 1, "%s", ref.name);
	return found;
}

bool
name_is(const char *name, const char *host)
{
	if (strlen(name) == CUT + 3 && strcmp(name + CUT, "...") == 0)
		return strncmp(name, host, CUT) == 0;
	return strcmp(name, host) == 0;
}

static bool
complete(struct hostdb *db, const struct event_record *e, const char *name,
    struct hostdb_ref *ref)
{
	struct identity id;
	uint32_t address;

	return (text_event_id(e, &id) &&
	    hostdb_by_identity(db, &id, ref) == HOSTDB_OK &&
	    strncmp(ref->name, name, CUT) == 0) ||
	    (text_event_ipv4(e, &address) &&
	    hostdb_by_address(db, address, ref) == HOSTDB_OK &&
	    strncmp(ref->name, name, CUT) == 0);
}

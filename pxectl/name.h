/*
 * Whose an event is.  The ring cuts the names of hosts; the database, where
 * it can be read, completes them.
 */
#ifndef NAME_H
#define NAME_H

#include <stdbool.h>
#include <stddef.h>

#include "event.h"
#include "hostdb.h"

#define NAME_SIZE	(ENTRY_NAME_MAX + 4)

/*
 * The name of the event's host, printable; "" if it has none.  A name that
 * may be cut becomes that of the host with the event's identity or address,
 * if it is one that begins so; else it ends in "...".  db: inside a snapshot,
 * or NULL.
 */
void name_of_event(struct hostdb *, const struct event_record *, char *,
    size_t);

/*
 * The host that a word means by its address or identity.  False: it is
 * neither, nobody has it, or a host has the word for its name.
 */
bool name_of_word(struct hostdb *, const char *word,
    char name[ENTRY_NAME_MAX + 1]);

/* Is such a name the host's?  One that stayed cut may be. */
bool name_is(const char *name, const char *host);

#endif

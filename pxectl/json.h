/*
 * The JSON that pxectl prints: entries, changes, events; and lists that
 * are written item by item, so that a million of them need no memory.
 */
#ifndef JSON_H
#define JSON_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#include "change.h"
#include "entry.h"
#include "event.h"
#include "host.h"

/* A string; bytes that are no UTF-8 become '?'.  The caller's. */
json_t *json_text(const char *);

/*
 * {"kind": "host", "name": "web-01", "attributes": {"mac": "...", ...}}.
 * A site has the name "".  The caller's; NULL: no memory.
 */
json_t *json_entry(const struct entry *);

/*
 * The same with all that the host inherits, "expanded" for values with
 * escapes, and "from": {"router": "subnet 192.0.2.0/24", ...}.
 */
json_t *json_host(const struct host *);

/*
 * seq, time, program, stage, reason, name, identity, address, bytes, ms,
 * detail; what there is not is null.  name: the host's, whole if that is
 * known; "" if it has none.  The caller's; NULL: no memory.
 */
json_t *json_event(const struct event_record *, const char *name);

/* Prints [{"before": ENTRY or null, "after": ...}, ...].  A sysexit. */
int json_changes(struct changes *, FILE *);

/* Prints one value on a line of its own and frees it.  A sysexit. */
int json_print(json_t *, FILE *);

/* A list in parts: json_list_item frees what it prints. */
struct json_list {
	FILE *out;
	size_t n;
};
void json_list_begin(struct json_list *, FILE *);
bool json_list_item(struct json_list *, json_t *);
void json_list_end(struct json_list *);

#endif

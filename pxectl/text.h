/*
 * Pieces of text that several commands print: the name of an attribute, an
 * entry, an event's parts, a time, an amount.  Pure.
 */
#ifndef TEXT_H
#define TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "entry.h"
#include "event.h"
#include "host.h"

#define ATTRIBUTE_NAME_SIZE	320

/* "router", "filename.efi-x64", "option-150". */
void text_attribute(char *, size_t, enum attribute_id, const char *suffix);

/* "host web-01", "subnet 192.0.2.0/24", "site". */
void text_entry(char *, size_t, const struct entry *);

/*
 * NET/LEN for what is written with host bits, as 192.0.2.5/24, or with a
 * mask, as 192.0.2.0/255.255.255.0; false if it is neither.
 */
bool text_network_meant(char *, size_t, const char *);

/*
 * Steps through all values that hold for a host, in the order of the table:
 * starts zeroed, false at the end.
 */
struct host_step {
	size_t at;		/* the value's own: of which layer, ... */
	enum attribute_id id;
	const char *suffix;
	const char *value;
	const struct entry *from;
};
bool text_host_next(const struct host *, struct host_step *);

/* Its value with the escapes filled in; false if it has none. */
bool text_host_expanded(const struct host *, const struct host_step *,
    char *, size_t);

/* False, and "-" is written, if the event has none. */
bool text_event_identity(char *, size_t, const struct event_record *);
bool text_event_address(char *, size_t, const struct event_record *);
/* Printable; "" if none. */
void text_event_name(char *, size_t, const struct event_record *);
void text_event_detail(char *, size_t, const struct event_record *);

/* The address in host byte order; false if it has none of IPv4. */
bool text_event_ipv4(const struct event_record *, uint32_t *);

/* The identity itself; false if the event has none or a cut one. */
bool text_event_id(const struct event_record *, struct identity *);

/* 8.2 MB, 940 B. */
void text_bytes(char *, size_t, uint64_t);
/* 0.21 s, 14 s, 3 min, 5 h, 12 d, from ns. */
void text_span(char *, size_t, uint64_t ns);
/* Local time of ns since 1970: 2006-01-02 15:04:05.678. */
void text_time(char *, size_t, uint64_t ns);

#endif

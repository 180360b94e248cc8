/*
 * An entry (site, subnet, group, host) and its one line of text, the same in
 * the database, in `pxectl export` and in a file under git: hosts(5).
 */
#ifndef ENTRY_H
#define ENTRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "attribute.h"

#define ENTRY_LINE_MAX	8192	/* bytes of a line, without its end */
#define ENTRY_VALUES_MAX 128
#define ENTRY_NAME_MAX	255
#define ENTRY_GROUP_MAX	128	/* group names */

enum entry_kind { ENTRY_SITE, ENTRY_SUBNET, ENTRY_GROUP, ENTRY_HOST };

struct entry_value {
	uint8_t id;		/* enum attribute_id */
	uint16_t suffix;	/* offsets into text[]; "" if none */
	uint16_t value;
};

/* No pointers inside: an entry may be copied by assignment. */
struct entry {
	enum entry_kind kind;
	uint16_t name;		/* offset; "" for the site */
	uint16_t n;
	uint16_t used;		/* bytes of text[] */
	struct entry_value values[ENTRY_VALUES_MAX];
	char text[2 * ENTRY_LINE_MAX];
};

/* What was wrong with a line: at is the byte of it, why a text for people. */
struct entry_error {
	size_t at;
	char why[160];
	bool needless;	/* the line is good without that word */
};

/*
 * Reads one line (n bytes, no line end).  Words are parted by blanks, the
 * first is the kind, then the name (none for site), then attribute=value;
 * a value may be in double quotes, with \" and \\ inside.  Each value is
 * checked and made canonical, attributes that do not belong on this kind
 * and repeated ones are refused.  False, and *err says where and why.
 */
bool entry_parse(struct entry *, const char *line, size_t n,
    struct entry_error *err);

/*
 * The same for lines from elsewhere, an older version's export too: words
 * that the line is good without are left out, and why is told for each.
 */
bool entry_import(struct entry *, const char *line, size_t n,
    void (*left_out)(void *arg, const char *why), void *arg,
    struct entry_error *err);

/*
 * Reads a line that this library printed, from the database: trusts its
 * canonical form but none of its bounds.  Several times faster.
 */
bool entry_load(struct entry *, const char *line, size_t n);

/*
 * Writes the canonical line: attributes in the order of the table, then of
 * their suffixes.  The length without NUL, or 0 if it did not fit.
 */
size_t entry_print(const struct entry *, char *line, size_t size);

/* An empty entry of this kind.  False if the name is not of its form. */
bool entry_init(struct entry *, enum entry_kind, const char *name,
    struct entry_error *err);

/*
 * Sets attribute (name as written, with its suffix) to value, over an older
 * one; NULL removes it.  False, *err says why, and the entry is as it was.
 */
bool entry_set(struct entry *, const char *attribute, const char *value,
    struct entry_error *err);

/* Another name; its values stand as they are. */
bool entry_rename(struct entry *, const char *name, struct entry_error *err);

const char *entry_name(const struct entry *);
/* The value, or NULL.  suffix NULL or "" is the attribute without one. */
const char *entry_get(const struct entry *, enum attribute_id,
    const char *suffix);
/* By the name as written, with its suffix; NULL if not set or unknown. */
const char *entry_get_named(const struct entry *, const char *attribute);
/* Is it the router's, a name server's, ... that the entry names? */
bool entry_names_address(const struct entry *, uint32_t address);
const char *entry_kind_name(enum entry_kind);
bool entry_kind_find(const char *word, enum entry_kind *);

/* A subnet's name as numbers, host byte order: "192.0.2.0/24". */
bool entry_subnet_parse(const char *name, uint32_t *network, unsigned *len);
uint32_t entry_subnet_mask(unsigned len);

#endif

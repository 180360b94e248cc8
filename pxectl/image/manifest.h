/*
 * The text format of manifests and module sets:
 *
 *	# a comment
 *	/sbin
 *		route dhclient|udhcpc! mount_nfs=mount.nfs
 *
 * A line that starts in the first column opens a section, indented lines
 * hold its words.  A word is NAME or NAME|NAME (the first that exists), may
 * have values after `=`, separated by commas, may end in `!` (needed: no
 * image without it), and may begin with `-` (strike this name).
 */
#ifndef IMAGE_MANIFEST_H
#define IMAGE_MANIFEST_H

#include <stdbool.h>
#include <stddef.h>

enum { MANIFEST_NAMES = 8, MANIFEST_VALUES = 8, MANIFEST_LONGEST = 255 };

enum manifest_result {
	MANIFEST_WORD,		/* *word is filled */
	MANIFEST_END,
	MANIFEST_NO_SECTION,
	MANIFEST_TWO_WORDS,
	MANIFEST_EMPTY_NAME,
	MANIFEST_BAD_NAME,
	MANIFEST_TOO_LONG,
	MANIFEST_TOO_MANY
};

struct manifest_text {
	char s[MANIFEST_LONGEST + 1];
};

struct manifest_word {
	struct manifest_text name[MANIFEST_NAMES];
	struct manifest_text value[MANIFEST_VALUES];
	unsigned names, values;
	bool needed, strike;
};

/* A place in a text; the text stays the caller's and is not changed. */
struct manifest {
	const char *at, *end;
	unsigned line;			/* of `at`, from 1; 0 at first */
	bool in_line;
	struct manifest_text section;
};

/* Starts at the beginning of text, which need not end in NUL. */
void manifest_start(struct manifest *, const char *text, size_t len);

/*
 * Reads the next word.  After anything but MANIFEST_WORD the reading is
 * over; m->line is where it stopped.  Names and values hold printable
 * characters only, and none is or contains a "." or ".." component.
 */
enum manifest_result manifest_next(struct manifest *m,
    struct manifest_word *word);

/* What is wrong, in words.  Never NULL. */
const char *manifest_reason(enum manifest_result);

/* True if path has no empty, "." or ".." component (one leading / is good). */
bool manifest_path_ok(const char *path);

#endif

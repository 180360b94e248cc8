/*
 * What the steps of one image share.  Nothing outside pxectl/image/ reads
 * this.  Steps return EX_OK, or a code of sysexits(3) with b->why filled.
 */
#ifndef IMAGE_BUILD_H
#define IMAGE_BUILD_H

#include <sys/stat.h>

#include "image.h"
#include "root.h"
#include "tree.h"

enum { BUILD_OVERLAYS = 16, BUILD_HOMES = 4, BUILD_LIBRARY_DIRS = 64 };

/* Where the C library of one kind of ELF file lives. */
struct build_home {
	int class, machine;
	char dir[PATH_MAX];
};

struct build {
	const struct image_options *options;
	struct image_report *report;
	char *why;
	size_t whysize;
	struct tree tree;
	struct root data, from, kernel;
	struct root overlay[BUILD_OVERLAYS];
	unsigned overlays;
	int progress;			/* percent drawn last */
	/* library.c */
	char *library_dir[BUILD_LIBRARY_DIRS];
	unsigned library_dirs;
	struct build_home home[BUILD_HOMES];
	unsigned homes;
	/* program.c */
	bool busybox_first;
	struct root_bytes busybox;
	char busybox_source[PATH_MAX];
	const char *applets, *applets_end;
	char **script;			/* "script NUL interpreter NUL" */
	size_t scripts;
	/* recipe.c */
	struct recipe_word *word;
	size_t words, words_room;
};

/* Says why and hands code back. */
int build_fail(struct build *, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The same with errno's words, for a failure about `what`. */
int build_fail_errno(struct build *, const char *what);

/* Notes that something is not in the image, and why.  EX_OK or EX_OSERR. */
int build_skip(struct build *, const char *what, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Draws the bar: step name, and how far it is. */
void build_progress(struct build *, const char *step, uint64_t done,
    uint64_t total);

/*
 * Puts the file real (of root) at path; a second place of one source becomes
 * a link to the first.  EX_OK or a failure.
 */
int build_place(struct build *, const char *path, enum image_group,
    const struct root *, const char *real, const struct stat *);

#endif

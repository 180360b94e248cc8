/*
 * Programs: found where the root keeps them, placed where the manifest says.
 */
#ifndef IMAGE_PROGRAM_H
#define IMAGE_PROGRAM_H

#include "build.h"
#include "manifest.h"

/* Looks for busybox in the root; without it there are no stand-ins. */
int program_start(struct build *);
void program_end(struct build *);

/*
 * Puts the program of a word into dir: the first of its names that exists,
 * under its own name or under one of its values; else the first that
 * busybox has.  struck(b, dir, name) tells which names are not wanted.  A
 * missing program is noted, or a failure if it is needed.
 */
int program_put(struct build *, const char *dir, const struct manifest_word *,
    bool (*struck)(const struct build *, const char *, const char *));

/* Brings the interpreters of the scripts that were put, after all of them. */
int program_interpreters(struct build *);

/* A file at path as it is in the root, with the libraries it needs. */
int program_file(struct build *, const char *path, const char *source,
    enum image_group, bool needed);

#endif

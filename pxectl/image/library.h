/*
 * Shared libraries: everything a program needs to start, found as the
 * loader would find it in another root, placed where the loader of the
 * image looks without a cache or configuration.
 */
#ifndef IMAGE_LIBRARY_H
#define IMAGE_LIBRARY_H

#include "build.h"

/* Reads ld.so.conf of the root and what it includes. */
int library_start(struct build *);
void library_end(struct build *);

/*
 * Puts all that the ELF file in bytes needs into the tree: its interpreter,
 * its libraries and theirs.  source is its name in the root, without links.
 * A file that is not ELF needs nothing.  What cannot be found is noted.
 */
int library_close(struct build *, const char *source, void *bytes,
    size_t len);

/*
 * A library that programs open by name while they run ("libnss_dns.so.2",
 * "security/pam_unix.so"), found in the library directories.  One that is
 * not there is no error, as it is needed by some systems only.
 */
int library_optional(struct build *, const char *name);

#endif

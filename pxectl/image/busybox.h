/*
 * Which commands a busybox program holds, without running it.
 */
#ifndef IMAGE_BUSYBOX_H
#define IMAGE_BUSYBOX_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Finds the table of names in the bytes of a busybox program: sorted names,
 * each ended by NUL.  False if there is none.  Pure.
 */
bool busybox_applets(const char *bytes, size_t len, const char **from,
    const char **to);

/* True if name is in the table. */
bool busybox_has(const char *from, const char *to, const char *name);

#endif

/*
 * Names that nobody may trust as paths below a directory, and files opened
 * there without ever leaving it.
 */
#ifndef TFTPD_BELOW_H
#define TFTPD_BELOW_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

#define BELOW_PATH_MAX	1600	/* of a path that is opened, without NUL */

/*
 * The name as a path below the tree: '\' is '/', no empty and no "."
 * components, nothing before a "::", `dir` in front (NULL: none) taken off.
 * A "/" at the end stays, as it makes the name a directory's.
 * False if it has a ".." or does not fit.
 */
bool below_path(const char *name, const char *dir, char *path, size_t size);

/*
 * Opens a regular file below root for reading, and what fstat(2) says of it;
 * symbolic links count if they stay below.  walk: component by component
 * without openat2(2), and then no symbolic link counts.  -1 with errno:
 * ENOSYS if this system has no openat2, EISDIR for what is no regular file.
 */
int below_open(int root, const char *path, bool walk, struct stat *);

#endif

/*
 * A file under a name that a person gave: it appears only when it is whole,
 * written beside and then renamed.  A symlink stays and its target is
 * replaced; a file that is there keeps its owner and its mode.  What is no
 * file (a terminal, a pipe, a device) is written to as it is.
 */
#ifndef OUTPUT_H
#define OUTPUT_H

#include <limits.h>
#include <sys/types.h>

struct output {
	char path[PATH_MAX];	/* where it ends up */
	char beside[PATH_MAX];	/* "": straight into path */
	mode_t mode;		/* it will have; may be changed */
};

/*
 * Opens; mode is for a file that is not there yet.  The descriptor, the
 * caller's to close, or -1 with errno.
 */
int output_open(struct output *, const char *path, mode_t mode);

/*
 * Once all is written to fd, which stays open: puts it in place if good, else
 * removes it.  0, or -1 with errno and nothing is changed.
 */
int output_close(struct output *, int fd, int good);

#endif

/*
 * Files that appear under their names only when they are whole: written
 * beside, then renamed.  All functions give EX_OK or fail()'s status.
 */
#ifndef INSTALL_H
#define INSTALL_H

#include <stdio.h>
#include <sys/types.h>

#include "output.h"

struct install_file {
	FILE *out;
	const char *path;	/* as it was said */
	struct output output;
};

/*
 * Opens a file to be written (output.h); its directory must be there, and
 * path live until the close.
 */
int install_open(struct install_file *, const char *path, mode_t mode);
/* With EX_OK puts it in place, else removes it; the status to go on with. */
int install_close(struct install_file *, int status);

/* Copies a file; one that was there gets this mode as well. */
int install_copy(const char *from, const char *to, mode_t mode);
/* Copies all files below a directory, and the directories. */
int install_tree(const char *from, const char *to);
/* Makes a directory and those above it; one that is there is fine. */
int install_directory(const char *path);
/* Removes a directory and all below it, as far as it can. */
void install_remove(const char *path);

#endif

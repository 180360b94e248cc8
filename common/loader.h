/*
 * The boot loaders that pxectl add-loader puts under tftpboot/loaders/, and
 * which file of them a machine of each architecture is told to load.
 */
#ifndef LOADER_H
#define LOADER_H


#include "arch.h"

struct loader_file {
	const char *loader;	/* "pxelinux", "grub", ... */
	const char *arch;	/* a name of arch.h */
	const char *path;	/* below tftpboot/ */
};

/* All rows; ended by loader == NULL. */
const struct loader_file *loader_table(void);

/* The file for a loader and an architecture, or NULL if it has none. */
const char *loader_path(const char *loader, const char *arch);

#endif

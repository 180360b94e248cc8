/*
 * What tells a machine which module drives what: modules.dep, modules.alias
 * and the shell file `netboot`.
 */
#ifndef IMAGE_INDEX_H
#define IMAGE_INDEX_H

#include "build.h"
#include "modules.h"

/* Writes the three for the wanted modules into lib/modules/VERSION. */
int index_write(struct build *, struct modules *);

#endif

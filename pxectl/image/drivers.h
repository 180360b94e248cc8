/*
 * The kernel modules of an image: chosen by the sets of the data file
 * `modules`, put under lib/modules/VERSION with modules.dep, modules.alias
 * and `netboot`, a shell file by which the start-up script finds the drivers
 * of the hardware it runs on.
 */
#ifndef IMAGE_DRIVERS_H
#define IMAGE_DRIVERS_H

#include "build.h"

/*
 * Finds the kernel that options->kernel names: fills report->kernel and
 * report->vmlinuz.  Without modules (policy "none") no kernel is no failure.
 */
int drivers_kernel(struct build *);

/* Chooses the modules, completes them, and puts them into the tree. */
int drivers_put(struct build *);

/* True if the kernel's own configuration says NAME=y. */
bool drivers_kernel_has(struct build *, const char *name);

#endif

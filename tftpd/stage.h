/*
 * How far a machine is that asks for a file: a loader's own, its
 * configuration, the kernel, ...  Pure.
 */
#ifndef TFTPD_STAGE_H
#define TFTPD_STAGE_H

#include "bootfile.h"
#include "event.h"
#include "host.h"

/*
 * name: what the path stands for (bootfile_parse); path: below the tree, at
 * most CONTENT_NAME_MAX bytes; peer: who asks, NULL if not registered.
 * EVENT_FILE for what is no step of a boot.
 */
enum event_stage stage_of(const struct bootfile_name *name, const char *path,
    const struct host *peer);

#endif

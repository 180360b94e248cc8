/*
 * rsync-shim --print-config: one rsyncd.conf for people who run rsync's own
 * daemon.
 */
#ifndef PRINT_H
#define PRINT_H

#include "conf.h"

/*
 * Prints to stdout: a module for each layer, with the addresses of all
 * hosts that have it.  host: that one's layers alone, or NULL.  What is
 * wrong goes to the log.  A sysexits code.
 */
int print_config(const char *root, const char *host,
    const struct conf_options *);

#endif

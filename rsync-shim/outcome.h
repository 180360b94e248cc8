/*
 * How a transfer went, read from the lines of rsync's own log.  Pure.
 */
#ifndef OUTCOME_H
#define OUTCOME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "event.h"

struct outcome {
	char request[256];	/* "common/etc/", or the module refused */
	char why[256];		/* the first complaint, or "" */
	bool transfer;		/* a transfer was begun */
	uint64_t sent;		/* bytes to the client */
	uint64_t total;		/* bytes of the files it asked for */
	enum event_reason reason;
};

/*
 * Takes one line of n bytes, without its end, as rsync 3.x writes it into a
 * log file: "2026/11/25 00:19:28 [16228] rsync on common/ from ...".  *o
 * starts as all zeros.  Lines that say nothing new are passed over.
 */
void outcome_line(struct outcome *, const char *line, size_t n);

/*
 * After the last line: the status that wait(2) gave.  An empty request and
 * EVENT_OK: the client asked for the list, or for nothing.
 */
void outcome_end(struct outcome *, int status);

#endif

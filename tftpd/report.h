/*
 * What the world hears of a transfer: one line in the log, one event.
 */
#ifndef TFTPD_REPORT_H
#define TFTPD_REPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "content.h"
#include "event.h"
#include "packet.h"
#include "table.h"

struct report {
	struct event_ring *ring;	/* NULL: none */
	bool requests;		/* a line for each request (-l) */
};

/* A transfer ended, for better or worse. */
void report_end(const struct report *, const struct flight *,
    enum transfer_end, uint64_t now);
/* A long one is still going on; bytes so far. */
void report_progress(const struct report *, const struct flight *,
    uint64_t now);
/*
 * A request (to "read" or "write") that got an ERROR, for what content_find
 * says.
 */
void report_refused(const struct report *, const union tftpsend_address *,
    const char *what, const char *name, const struct content *);
/* The database failed for this client; it got what is the same for all. */
void report_damaged(const struct report *, const union tftpsend_address *,
    const char *name);
/* What content_find wants to be told: content.note. */
void report_note(const struct report *, const union tftpsend_address *,
    const char *note);
/* A file fetched by HTTP, or refused. */
struct report_fetch {
	const union tftpsend_address *peer;
	const char *host;	/* "" if unknown */
	const struct identity *mac;
	enum event_stage stage;
	enum event_reason reason;
	const char *method, *name, *words;
	int status;
	bool no_event;		/* no stage of a boot: the log alone */
	uint64_t bytes, size, us;
};
void report_fetch(const struct report *, const struct report_fetch *);
void report_fetch_progress(const struct report *,
    const struct report_fetch *);
/* A packet that is no request, or one too many. */
void report_bad(const struct report *, const union tftpsend_address *,
    enum event_reason, const char *words);

#endif

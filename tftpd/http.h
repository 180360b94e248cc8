/*
 * The same names with the same content by HTTP: connections, what they may
 * cost, and for how long.
 */
#ifndef TFTPD_HTTP_H
#define TFTPD_HTTP_H

#include <stdint.h>

#include "content.h"
#include "limit.h"
#include "report.h"
#include "server.h"
#include "service.h"
#include "workers.h"

struct http;

struct http_settings {
	struct content_tree *tree;
	struct cache *cache;
	struct hostdb *db;	/* NULL: none */
	struct report report;
	struct workers *workers;
	struct limit *limit;	/* of requests; NULL: none */
	uint64_t idle_us;	/* ends when idle that long; 0: never */
	unsigned connections;	/* the most at once, of this worker */
	unsigned per_address;	/* of these of one address; 0: all */
};

/*
 * The service's sockets listen already, and stay the caller's.  Before the
 * sandbox.  NULL, and why in words.
 */
struct http *http_new(const struct service *, const struct http_settings *,
    char *why, size_t size);
enum server_end http_run(struct http *);
void http_free(struct http *);

#endif

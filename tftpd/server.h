/*
 * The loop: requests come in on the sockets it was given, transfers run on
 * sockets of its own, many on one (serve.h), or on the ones it was given, too.
 */
#ifndef TFTPD_SERVER_H
#define TFTPD_SERVER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "content.h"
#include "limit.h"
#include "report.h"
#include "send.h"
#include "service.h"
#include "workers.h"

struct server;

struct server_settings {
	struct content_tree *tree;
	struct cache *cache;
	struct hostdb *db;	/* NULL: none */
	struct report report;
	struct workers *workers;
	struct limit *limit;	/* of requests; NULL: none */
	enum tftpsend_way way;
	uint64_t idle_us;	/* ends when idle that long; 0: never */
	unsigned transfers;	/* the most at once, of all workers */
	unsigned refused;	/* options: 1u << enum tftp_option */
	unsigned blksize_max;	/* of blocks; 0: TFTP's own limit */
	bool single_port;	/* transfers run on the service's sockets */
	uint16_t first, last;	/* ports for transfers; 0: any */
	bool writes;		/* take files (-w) */
	const char *stamp;	/* strftime(3): their names get it; or NULL */
	mode_t mask;		/* of their modes */
	uint64_t write_max;	/* bytes of one */
};

/*
 * Makes its own sockets, so as root and before the sandbox.  The service's
 * sockets stay the caller's.  NULL, and why in words.
 */
struct server *server_new(const struct service *,
    const struct server_settings *, char *why, size_t size);

enum server_end {
	SERVER_OVER,		/* idle for too long, SIGTERM or SIGINT */
	SERVER_REPLACED,	/* the database was: start again */
	SERVER_FAILED,		/* it cannot wait for packets; errno */
};

enum server_end server_run(struct server *);
void server_free(struct server *);

#endif

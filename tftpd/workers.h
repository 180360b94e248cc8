/*
 * Several processes that serve the same addresses (-j), and the one that
 * was started, which watches over them: it takes no byte from anybody, ends
 * them when told to, and starts one again that a signal ended.
 *
 * What must hold over all of them lies in memory that they share: when there
 * was something to do last, and how much each of them has to do.
 */
#ifndef TFTPD_WORKERS_H
#define TFTPD_WORKERS_H

#include <stdbool.h>
#include <stdint.h>

#include "service.h"

#define WORKERS_MAX	64

struct workers;

/*
 * n: how many, 0: one for each processor, but 16 at most.  Each gets sockets
 * of its own on the addresses of the service, and the kernel parts clients
 * between them by address and port, so that a client always meets the same
 * worker.  A socket that inetd or systemd listens on is shared by all, and so
 * is one that listens where the system cannot part clients; of datagrams one
 * worker is left then, and the log says so.
 * NULL with errno.
 */
struct workers *workers_new(unsigned n, const struct service *);

/*
 * Forks; before the database is opened and rights are given up.  True in
 * each worker, which then has in *service the sockets that it serves; false
 * in the process that was started, when all have ended, with the status to
 * exit with.  One worker alone is that process itself.
 *
 * The first worker that ends by itself, idle or for want of something, ends
 * all with its status.
 */
bool workers_start(struct workers *, struct service *, int *status);

/* A worker: has all it needs.  The others start then, so errors come once. */
void workers_ready(struct workers *);
/* A worker: shall it end?  Asked every second or so. */
bool workers_over(const struct workers *);

/* A worker: something to do came, now in us; has so much to do now. */
void workers_busy(struct workers *, uint64_t now);
void workers_serving(struct workers *, unsigned);

/* One of them is: for what must be done once. */
bool workers_is_first(const struct workers *);

/* Over all workers. */
unsigned workers_number(const struct workers *);
unsigned workers_serve(const struct workers *);
uint64_t workers_busy_at(const struct workers *);

#endif

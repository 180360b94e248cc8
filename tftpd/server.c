/*
 * The loop of tftpd: see server.h.  The way of a packet: receive, find its
 * transfer, ask transfer.c what to do, queue that; then all that is queued
 * leaves in as few system calls as possible.
 */
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "log.h"
#include "serve.h"
#include "sockets.h"

#define BLOCK_MAX	(TFTP_HEAD + TFTP_BLKSIZE_MAX)
#define ROUNDS		16	/* batches of one socket before the next */
#define SPARE_FDS	128	/* for what is open all the time */

static volatile sig_atomic_t asked_to_end;

static bool open_ports(struct server *, const struct service *, char *,
    size_t);
static bool open_keeper(struct server *, char *, size_t);
static void end_keeper(struct server *);
static void on_signal(int);
static void read_from(struct server *, int, bool);
static void drain(struct server *, const struct port *);
static bool tick(struct server *, enum server_end *);
static void turn_over(struct server *);
static void bury(struct server *);
static void drop(struct server *, struct flight *);
static uint64_t clock_us(void);
static void any_packet(struct server *, const struct port *, int);

struct server *
server_new(const struct service *service, const struct server_settings *set,
    char *why, size_t size)
{
	struct server *s = calloc(1, sizeof *s);
	uint64_t seed;
	rlim_t n;

	if (s == NULL || getrandom(&seed, sizeof seed, 0) != sizeof seed) {
		snprintf(why, size, "out of memory");
		free(s);
		return NULL;
	}
	s->set = *set;
	/* Each may have a socket and a file, and one that comes two. */
	n = sockets_descriptors((rlim_t)set->transfers *
	    (set->writes ? 3 : 2) + SPARE_FDS);
	s->shared = n / 8 < SERVE_POOL ? (unsigned)n / 8 : SERVE_POOL;
	s->own_below = n < INT_MAX ? (int)(n - n / 4) : INT_MAX;
	s->table = table_new(seed);
	s->out = tftpsend_new(set->way);
	s->now = s->second = clock_us();
	workers_busy(set->workers, s->now);
	s->ready = ready_new();
	s->in = inbox_new(set->writes ? BLOCK_MAX : SERVE_REQUEST_MAX);
	if (s->table == NULL || s->out == NULL || s->in == NULL ||
	    s->ready == NULL)
		snprintf(why, size, "%s", strerror(errno));
	else if (open_ports(s, service, why, size) &&
	    open_keeper(s, why, size))
		return s;
	server_free(s);
	return NULL;
}

static bool
open_ports(struct server *s, const struct service *service, char *why,
    size_t size)
{
	bool six = false;
	sa_family_t family;
	size_t i;

	for (i = 0; i < service->n; i++) {
		family = sockets_listen(service->fd[i]);
		if (family == AF_UNSPEC) {
			snprintf(why, size, "getsockname: %s",
			    strerror(errno));
			return false;
		}
		six = six || family == AF_INET6;
		if (s->set.single_port)
			sockets_send(service->fd[i], family);
		if (!serve_port_add(s, service->fd[i], family,
		    s->set.single_port ? any_packet : serve_request)) {
			snprintf(why, size, "epoll: %s", strerror(errno));
			return false;
		}
	}
	s->given = s->ports;
	/* IPv4 clients of an IPv6 socket are served by these, too. */
	return s->set.single_port ||
	    (serve_port_pool(s, AF_INET, why, size) &&
	    (!six || serve_port_pool(s, AF_INET6, why, size)));
}

static bool
open_keeper(struct server *s, char *why, size_t size)
{
	if (!s->set.writes)
		return true;
	s->keeper = keeper_new();
	if (s->keeper == NULL || !ready_add(s->ready, keeper_fd(s->keeper),
	    NULL)) {
		snprintf(why, size, "threads for -w: %s", strerror(errno));
		return false;
	}
	return true;
}

void
server_free(struct server *s)
{
	struct flight *f;

	if (s->table != NULL && s->out != NULL) {
		end_keeper(s);
		turn_over(s);
		bury(s);
		while ((f = table_each(s->table, NULL)) != NULL) {
			if (f->in == NULL || !f->in->kept)
				report_end(&s->set.report, f,
				    TRANSFER_STOPPED, s->now);
			table_remove(s->table, f);
			drop(s, f);
		}
	}
	while (s->ports > s->given)
		close(s->port[--s->ports].fd);
	table_free(s->table);
	tftpsend_free(s->out);
	inbox_free(s->in);
	ready_free(s->ready);
	free(s);
}

/* What came whole is not lost because we leave. */
static void
end_keeper(struct server *s)
{
	unsigned n;

	if (s->keeper == NULL)
		return;
	n = keeper_waiting(s->keeper);
	if (n > 0)
		log_info("leaving when what came is on the disk: %u files",
		    n);
	keeper_end(s->keeper);
	s->now = clock_us();
	serve_take_kept(s);
	keeper_free(s->keeper);
	s->keeper = NULL;
}

enum server_end
server_run(struct server *s)
{
	static const int ends[] = { SIGTERM, SIGINT, SIGHUP };
	struct sigaction act = { .sa_handler = on_signal };
	sigset_t ending, before;
	enum server_end end = SERVER_OVER;
	size_t i;
	int n;

	sigemptyset(&ending);
	for (i = 0; i < sizeof ends / sizeof ends[0]; i++) {
		sigaddset(&ending, ends[i]);
		sigaction(ends[i], &act, NULL);
	}
	sigprocmask(SIG_BLOCK, &ending, &before);
	for (i = 0; i < sizeof ends / sizeof ends[0]; i++)
		sigdelset(&before, ends[i]);
	while (!asked_to_end) {
		n = ready_wait(s->ready, table_wait(s->table, s->now),
		    &before, s->readable);
		if (n < 0 && errno != EINTR)
			return SERVER_FAILED;
		/*
		 * Requests last: one may come from the port of a transfer
		 * whose last ACK is waiting, too.
		 */
		read_from(s, n, false);
		read_from(s, n, true);
		if (!tick(s, &end))
			break;
	}
	return end;
}

static void
on_signal(int number)
{
	(void)number;
	asked_to_end = 1;
}

/* Of the first n that are readable, those for requests, or all others. */
static void
read_from(struct server *s, int n, bool requests)
{
	const struct port *p;
	int i;

	for (i = 0; i < n; i++) {
		p = s->readable[i];
		if (p == NULL && !requests)
			serve_take_kept(s);
		else if (p != NULL && (p->take != serve_packet) == requests)
			drain(s, p);
	}
}

static void
drain(struct server *s, const struct port *p)
{
	int i, n, round;

	for (round = 0; round < ROUNDS; round++) {
		n = inbox_receive(s->in, p->fd);
		s->now = clock_us();
		for (i = 0; i < n; i++)
			p->take(s, p, i);
		turn_over(s);
		if (n < INBOX_PACKETS)
			break;
	}
}

/* What time brings.  False when there is nothing more to wait for. */
static bool
tick(struct server *s, enum server_end *end)
{
	struct workers *w = s->set.workers;
	struct transfer_action act;
	struct upload_action come;
	struct flight *f;

	s->now = clock_us();
	while ((f = table_due(s->table, s->now)) != NULL) {
		if (f->in != NULL) {
			upload_timeout(&f->in->u, s->now, &come);
			serve_take_step(s, f, &come, NULL, 0);
		} else {
			transfer_timeout(&f->t, s->now, &act);
			serve_step(s, f, &act);
		}
		if (f->t.state != TRANSFER_OVER)
			table_schedule(s->table, f);
	}
	turn_over(s);
	bury(s);
	if (s->now - s->second < SERVE_SECOND_US)
		return true;
	s->second = s->now;
	cache_tick(s->set.cache, s->now);
	if (workers_over(w))
		return false;
	/* Nobody leaves as long as one of us has something to do. */
	if (workers_serve(w) > 0) {
		workers_busy(w, s->now);
		return true;
	}
	if (s->set.idle_us > 0 &&
	    workers_busy_at(w) + s->set.idle_us <= s->now) {
		log_debug("idle: leaving");
		return false;
	}
	/* Only a new process can open a database that was put in its place. */
	if (s->set.db != NULL && hostdb_replaced(s->set.db)) {
		log_warn("somebody replaced the host database: I have to "
		    "start again");
		*end = SERVER_REPLACED;
		return false;
	}
	return true;
}

static uint64_t
clock_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}

/* What is queued leaves; then nothing points into chunks. */
static void
turn_over(struct server *s)
{
	if (tftpsend_pending(s->out))
		tftpsend_flush(s->out);
	cache_turn(s->set.cache);
}

/* Those that ended: nothing of them is queued, or in readable, any more. */
static void
bury(struct server *s)
{
	struct flight *f;

	while ((f = s->dead) != NULL) {
		s->dead = f->next;
		drop(s, f);
	}
}

/* With a file that did not come to its end, and leaves nothing behind. */
static void
drop(struct server *s, struct flight *f)
{
	serve_port_close(s, f->own);
	if (f->in != NULL && f->in->store != NULL)
		store_abort(f->in->store);
	free(f->in);
	flight_free(f);
}

/* With one port for all. */
static void
any_packet(struct server *s, const struct port *p, int i)
{
	size_t len;
	bool cut;
	const uint8_t *bytes = inbox_packet(s->in, i, &len, &cut);

	switch (tftp_opcode(bytes, len)) {
	case TFTP_DATA:
	case TFTP_ACK:
	case TFTP_ERROR:
		serve_packet(s, p, i);
		break;
	default:
		serve_request(s, p, i);
	}
}

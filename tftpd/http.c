/*
 * The loop of tftpd --http: see http.h.
 *
 * A connection reads a request, or some of them at once, sends the answer,
 * and only then looks at what came meanwhile.  What it reads goes into one
 * buffer that all of them share; it has memory of its own only while a
 * request is there in part, or waits behind an answer, and an answer only
 * while that is being sent.  All limits of time are tick's.
 */
#include <errno.h>
#include <event2/event.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/queue.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#ifdef __linux__
#include <linux/sockios.h>
#endif

#include "http.h"
#include "http_answer.h"
#include "http_parse.h"
#include "log.h"
#include "peer.h"
#include "share.h"
#include "sockets.h"

#define SECOND		1000000u	/* us */
#define SLOW_BYTES	20480	/* of an answer in its time below, or all */
#define CLOSING_BYTES	(1024 * 1024)	/* of what nobody reads any more */
#define ACCEPTS		8	/* of one turn */
#define SPARE_FDS	256	/* for files and what was open before */
#define SPARE_ANSWERS	64
#define ENDINGS		3	/* signals that end us */
#define EVENTS_KEPT	256	/* answers whose events count as memory */
#define TICK_MS		1000
#define FULL_TICK_MS	50
#define FULL_TOLD	(10 * SECOND)	/* told again after that */
#define REFUSALS	64	/* at once of those that get an answer */

enum conn_state {
	IDLE,			/* between two requests */
	READING,		/* a request is there in part */
	ANSWERING,
	CLOSING,		/* all is sent; a reset would take it back */
};

/* How long it may take: in the state, and when there is no room. */
static const struct {
	uint64_t us, full_us;
} patience[] = {
	[IDLE] = { 30 * SECOND, SECOND },
	[READING] = { 10 * SECOND, 2 * SECOND },
	[ANSWERING] = { 20 * SECOND, 20 * SECOND },
	[CLOSING] = { 2 * SECOND, SECOND },
};

enum step {			/* what is to be done with a connection */
	NEXT,			/* look at the next request */
	STAY,			/* wait until it can go on */
	OVER,			/* leave it alone; it may be gone */
};

struct reply {
	SLIST_ENTRY(reply) next;	/* while nobody has it */
	struct http_answer answer;
};

struct conn {
	TAILQ_ENTRY(conn) next;
	struct share_seat seat;
	struct http *http;
	struct event *event;
	int fd;
	short waits;		/* EV_READ or EV_WRITE */
	bool refused;		/* its address has too many */
	enum conn_state state;
	uint64_t since;		/* in this state; answering: of the mark */
	uint64_t mark;		/* bytes that had passed then */
	uint8_t *held;		/* what came and has its turn later, or NULL */
	size_t held_n;
	union tftpsend_address peer;
	uint32_t server;	/* our address that it asks, or 0 */
	uint16_t port;		/* and its port */
	struct reply *reply;	/* ANSWERING */
};
TAILQ_HEAD(conns, conn);
SLIST_HEAD(replies, reply);

struct http {
	struct http_site site;
	struct event_base *base;
	struct event *tick, *ending[ENDINGS];
	struct event *listener[SERVICE_FDS_MAX];
	size_t listeners;
	bool paused;		/* the listeners are */
	struct conns conns;
	struct replies spare;
	struct share *share;	/* of the connections, by address; or NULL */
	unsigned count, answering, spares, refusing;
	unsigned told;		/* answers since event_rest */
	uint64_t now;
	uint64_t busy;		/* when there was something to do last */
	uint64_t full_told;	/* when there was no room, and it was told */
	uint64_t share_told;	/* the same for one address */
	enum server_end end;
	uint8_t in[HTTP_HEAD_MAX];
};

static bool open_loop(struct http *);
static bool open_share(struct http *);
static bool open_listeners(struct http *, const struct service *);
static void allow_descriptors(struct http *);
static void on_signal(evutil_socket_t, short, void *);
static void on_accept(evutil_socket_t, short, void *);
static bool conn_new(struct http *, int, const union tftpsend_address *);
static void admit(struct conn *);
static void turn_away(struct conn *);
static void plain_address(union tftpsend_address *);
static void on_ready(evutil_socket_t, short, void *);
static void input(struct conn *);
static void requests(struct conn *, const uint8_t *, size_t);
static bool begin(struct conn *, const struct http_request *);
static void end(struct conn *, enum http_end);
static enum step answer(struct conn *, size_t);
static void closing(struct conn *, bool);
static void discard(struct conn *);
static void wait_for(struct conn *, short);
static void hold(struct conn *, const uint8_t *, size_t);
static void enter(struct conn *, enum conn_state);
static void conn_free(struct conn *, enum http_end);
static void full(struct http *, const union tftpsend_address *, const char *);
static void pause_listening(struct http *, bool);
static void tick(evutil_socket_t, short, void *);
static void look_at(struct conn *, uint64_t);
static uint64_t taken(const struct conn *);
static void next_tick(struct http *);
static uint64_t clock_us(void);

struct http *
http_new(const struct service *service, const struct http_settings *set,
    char *why, size_t size)
{
	struct http *h = calloc(1, sizeof *h);

	if (h == NULL) {
		snprintf(why, size, "out of memory");
		return NULL;
	}
	h->site.set = *set;
	h->now = h->busy = clock_us();
	workers_busy(set->workers, h->busy);
	TAILQ_INIT(&h->conns);
	SLIST_INIT(&h->spare);
	allow_descriptors(h);
	if (open_loop(h) && open_share(h) && open_listeners(h, service))
		return h;
	snprintf(why, size, "cannot make an event loop: %s", strerror(errno));
	http_free(h);
	return NULL;
}

/*
 * A connection costs one descriptor; a file costs one for all that read it.
 * Where there are fewer than we would like, there are fewer connections.
 */
static void
allow_descriptors(struct http *h)
{
	unsigned *most = &h->site.set.connections;
	rlim_t want = *most + SPARE_FDS, have = sockets_descriptors(want);

	if (have < want)
		*most = have > 2 * SPARE_FDS ?
		    (unsigned)(have - SPARE_FDS) : (unsigned)(have / 2);
}

static bool
open_loop(struct http *h)
{
	static const int ends[ENDINGS] = { SIGTERM, SIGINT, SIGHUP };
	size_t i;

	h->base = event_base_new();
	if (h->base == NULL)
		return false;
	h->tick = evtimer_new(h->base, tick, h);
	if (h->tick == NULL)
		return false;
	for (i = 0; i < ENDINGS; i++) {
		h->ending[i] = evsignal_new(h->base, ends[i], on_signal, h);
		if (h->ending[i] == NULL ||
		    event_add(h->ending[i], NULL) != 0)
			return false;
	}
	next_tick(h);
	return true;
}

/* Where one address may have them all there is nothing to count. */
static bool
open_share(struct http *h)
{
	unsigned most = h->site.set.per_address;
	uint64_t seed;

	if (most == 0 || most >= h->site.set.connections)
		return true;
	if (getrandom(&seed, sizeof seed, 0) != sizeof seed)
		return false;
	h->share = share_new(most, seed);
	return h->share != NULL;
}

static bool
open_listeners(struct http *h, const struct service *service)
{
	int on = 1;
	size_t i;

	for (i = 0; i < service->n; i++) {
		/* inetd's queue is short: a room asks at once. */
		listen(service->fd[i], SOMAXCONN);
		/* Inherited: the end of a file waits for no ACK. */
		setsockopt(service->fd[i], IPPROTO_TCP, TCP_NODELAY, &on,
		    sizeof on);
		h->listener[i] = event_new(h->base, service->fd[i],
		    EV_READ | EV_PERSIST, on_accept, h);
		if (h->listener[i] == NULL ||
		    event_add(h->listener[i], NULL) != 0)
			return false;
		h->listeners++;
	}
	return true;
}

enum server_end
http_run(struct http *h)
{
	h->end = SERVER_OVER;
	do {
		content_turn(h->site.set.tree);
		if (event_base_loop(h->base, EVLOOP_ONCE) < 0)
			h->end = SERVER_FAILED;
	} while (h->end == SERVER_OVER && !event_base_got_break(h->base));
	return h->end;
}

void
http_free(struct http *h)
{
	struct reply *r;
	struct conn *c;
	size_t i;

	h->paused = false;
	while ((c = TAILQ_FIRST(&h->conns)) != NULL)
		conn_free(c, HTTP_STOPPED);
	while ((r = SLIST_FIRST(&h->spare)) != NULL) {
		SLIST_REMOVE_HEAD(&h->spare, next);
		free(r);
	}
	for (i = 0; i < SERVICE_FDS_MAX; i++)
		if (h->listener[i] != NULL)
			event_free(h->listener[i]);
	if (h->tick != NULL)
		event_free(h->tick);
	for (i = 0; i < ENDINGS; i++)
		if (h->ending[i] != NULL)
			event_free(h->ending[i]);
	if (h->base != NULL)
		event_base_free(h->base);
	share_free(h->share);
	free(h);
}

static void
on_signal(evutil_socket_t number, short what, void *arg)
{
	struct http *h = arg;

	(void)number;
	(void)what;
	event_base_loopbreak(h->base);
}

static void
on_accept(evutil_socket_t listener, short what, void *arg)
{
	struct http *h = arg;
	union tftpsend_address peer;
	socklen_t n;
	int fd, i;

	(void)what;
	h->now = h->busy = clock_us();
	for (i = 0; i < ACCEPTS && h->count < h->site.set.connections; i++) {
		memset(&peer, 0, sizeof peer);
		n = sizeof peer;
		fd = accept4(listener, &peer.sa, &n,
		    SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd < 0 && (errno == EAGAIN || errno == EINTR ||
		    errno == ECONNABORTED))
			return;
		if (fd < 0 || !conn_new(h, fd, &peer)) {
			/* Out of descriptors or memory, most likely. */
			full(h, &peer, strerror(errno));
			return;
		}
	}
	if (h->count >= h->site.set.connections)
		full(h, &peer, "no room for more connections");
}

/* Who comes now waits.  peer: who came last, if that is known. */
static void
full(struct http *h, const union tftpsend_address *peer, const char *why)
{
	union tftpsend_address who = *peer;

	pause_listening(h, true);
	if (h->full_told != 0 && h->busy - h->full_told < FULL_TOLD)
		return;
	h->full_told = h->busy;
	plain_address(&who);
	report_bad(&h->site.set.report, &who, EVENT_LIMIT, why);
}

static bool
conn_new(struct http *h, int fd, const union tftpsend_address *peer)
{
	struct conn *c = calloc(1, sizeof *c);
	union tftpsend_address ours = { 0 };
	socklen_t n = sizeof ours;

	if (c != NULL)
		c->event = event_new(h->base, fd, EV_READ | EV_PERSIST,
		    on_ready, c);
	if (c == NULL || c->event == NULL || event_add(c->event, NULL) != 0) {
		if (c != NULL && c->event != NULL)
			event_free(c->event);
		free(c);
		close(fd);
		return false;
	}
	c->http = h;
	c->fd = fd;
	c->waits = EV_READ;
	c->peer = *peer;
	plain_address(&c->peer);
	getsockname(fd, &ours.sa, &n);
	c->server = peer_ipv4(&ours);
	/* At the same place in sin6. */
	c->port = ntohs(ours.in.sin_port);
	TAILQ_INSERT_TAIL(&h->conns, c, next);
	h->count++;
	admit(c);
	return true;
}

/*
 * An address that has as many connections as it may gets one more in place of
 * the one that has waited for its client long enough, as if there was no
 * room.
 */
static void
admit(struct conn *c)
{
	struct http *h = c->http;
	struct share_seat *seat;
	struct conn *old;

	if (!share_take(h->share, &c->seat, &c->peer)) {
		seat = share_oldest(h->share, &c->peer);
		if (seat == NULL) {
			turn_away(c);
			return;
		}
		old = (struct conn *)((char *)seat -
		    offsetof(struct conn, seat));
		if (h->now - old->since < patience[old->state].full_us) {
			turn_away(c);
			return;
		}
		conn_free(old, HTTP_SILENT);
		share_take(h->share, &c->seat, &c->peer);
	}
	enter(c, READING);
}

/* With an answer that asks nothing, while there are few of these. */
static void
turn_away(struct conn *c)
{
	struct http *h = c->http;
	char text[HTTP_ANSWER_MAX];
	size_t n;

	if (h->share_told == 0 || h->now - h->share_told >= FULL_TOLD) {
		h->share_told = h->now;
		report_bad(&h->site.set.report, &c->peer, EVENT_LIMIT,
		    "too many connections of this address");
	}
	c->state = CLOSING;
	if (h->refusing >= REFUSALS) {
		conn_free(c, HTTP_STOPPED);
		return;
	}
	h->refusing++;
	c->refused = true;
	n = http_answer_busy(&h->site, text);
	if (send(c->fd, text, n, MSG_NOSIGNAL) < 0)
		conn_free(c, HTTP_GONE);
	else
		closing(c, true);
}

/* ::ffff:192.0.2.10 is 192.0.2.10. */
static void
plain_address(union tftpsend_address *a)
{
	in_port_t port = a->in.sin_port;	/* at the same place in sin6 */
	uint32_t four = peer_ipv4(a);

	if (four == 0)
		return;
	memset(a, 0, sizeof *a);
	a->in.sin_family = AF_INET;
	a->in.sin_port = port;
	a->in.sin_addr.s_addr = htonl(four);
}

static void
on_ready(evutil_socket_t fd, short what, void *arg)
{
	struct conn *c = arg;
	struct http *h = c->http;

	(void)fd;
	(void)what;
	h->now = h->busy = clock_us();
	switch (c->state) {
	case IDLE:
	case READING:
		input(c);
		break;
	case ANSWERING:
		if (answer(c, c->held_n) == NEXT && c->held_n > 0) {
			memcpy(h->in, c->held, c->held_n);
			requests(c, h->in, c->held_n);
		}
		break;
	case CLOSING:
		discard(c);
		break;
	}
}

static void
input(struct conn *c)
{
	struct http *h = c->http;
	size_t n = c->held_n;
	ssize_t r;

	r = recv(c->fd, h->in + n, sizeof h->in - n, 0);
	if (r < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (r <= 0) {
		conn_free(c, HTTP_GONE);
		return;
	}
	if (n > 0)
		memcpy(h->in, c->held, n);
	if (c->state == IDLE)
		enter(c, READING);
	requests(c, h->in, n + (size_t)r);
}

/* What has come, from the begin of a request on. */
static void
requests(struct conn *c, const uint8_t *bytes, size_t n)
{
	struct http_request rq;
	enum step step = NEXT;
	size_t used;

	while (step == NEXT && n > 0 &&
	    (used = http_parse(bytes, n, &rq)) > 0) {
		bytes += used;
		n -= used;
		step = begin(c, &rq) ? answer(c, n) : OVER;
	}
	if (step != OVER)
		hold(c, bytes, n);
}

/* False if there was no memory for it, and the connection is gone. */
static bool
begin(struct conn *c, const struct http_request *rq)
{
	struct http *h = c->http;
	struct reply *r = SLIST_FIRST(&h->spare);

	if (r != NULL) {
		SLIST_REMOVE_HEAD(&h->spare, next);
		h->spares--;
	} else if ((r = malloc(sizeof *r)) == NULL) {
		conn_free(c, HTTP_STOPPED);
		return false;
	}
	c->reply = r;
	enter(c, ANSWERING);
	c->mark = 0;
	h->answering++;
	r->answer.site = &h->site;
	r->answer.peer = c->peer;
	r->answer.server = c->server;
	r->answer.port = c->port;
	http_answer(&r->answer, rq, h->now);
	return true;
}

static void
end(struct conn *c, enum http_end how)
{
	struct http *h = c->http;

	h->answering--;
	http_answer_end(&c->reply->answer, how, h->now);
	if (++h->told == EVENTS_KEPT) {
		event_rest(h->site.set.report.ring);
		h->told = 0;
	}
	if (h->spares < SPARE_ANSWERS) {
		SLIST_INSERT_HEAD(&h->spare, c->reply, next);
		h->spares++;
	} else
		free(c->reply);
	c->reply = NULL;
}

/* Sends on; rest: bytes that wait behind the request. */
static enum step
answer(struct conn *c, size_t rest)
{
	struct http_answer *a = &c->reply->answer;
	bool keep = a->keep, refused = a->why != NULL;

	switch (http_answer_send(a, c->fd)) {
	case HTTP_LATER:
		wait_for(c, EV_WRITE);
		return STAY;
	case HTTP_BROKEN:
		conn_free(c, HTTP_GONE);
		return OVER;
	case HTTP_ALL:
		break;
	}
	end(c, HTTP_SENT);
	if (!keep) {
		closing(c, rest > 0 || refused);
		return OVER;
	}
	enter(c, rest > 0 ? READING : IDLE);
	wait_for(c, EV_READ);
	return NEXT;
}

/* more: there is, or may be, something that nobody has read. */
static void
closing(struct conn *c, bool more)
{
	enter(c, CLOSING);
	if (!more) {
		conn_free(c, HTTP_SENT);
		return;
	}
	hold(c, NULL, 0);
	c->mark = 0;
	shutdown(c->fd, SHUT_WR);
	wait_for(c, EV_READ);
}

static void
discard(struct conn *c)
{
	ssize_t r = recv(c->fd, c->http->in, sizeof c->http->in, 0);

	if (r > 0)
		c->mark += (uint64_t)r;
	if (r == 0 || c->mark > CLOSING_BYTES ||
	    (r < 0 && errno != EAGAIN && errno != EINTR))
		conn_free(c, HTTP_GONE);
}

static void
wait_for(struct conn *c, short what)
{
	if (c->waits == what)
		return;
	c->waits = what;
	event_del(c->event);
	event_assign(c->event, c->http->base, c->fd, what | EV_PERSIST,
	    on_ready, c);
	event_add(c->event, NULL);
}

/* Keeps these bytes for later, in place of those that it kept. */
static void
hold(struct conn *c, const uint8_t *bytes, size_t n)
{
	uint8_t *held = n > 0 ? malloc(n) : NULL;

	free(c->held);
	c->held = held;
	c->held_n = n;
	if (held != NULL)
		memcpy(held, bytes, n);
	else if (n > 0)
		conn_free(c, HTTP_STOPPED);
}

static void
enter(struct conn *c, enum conn_state state)
{
	c->state = state;
	c->since = c->http->now;
	share_waits(&c->seat, state == IDLE || state == READING);
}

static void
conn_free(struct conn *c, enum http_end how)
{
	static const struct linger at_once = { .l_onoff = 1 };
	struct http *h = c->http;

	if (c->state == ANSWERING) {
		end(c, how);
		/* The system would go on trying for minutes. */
		if (how == HTTP_SILENT)
			setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &at_once,
			    sizeof at_once);
	}
	share_leave(&c->seat);
	h->refusing -= c->refused;
	event_free(c->event);
	close(c->fd);
	TAILQ_REMOVE(&h->conns, c, next);
	free(c->held);
	free(c);
	h->count--;
	if (h->paused)
		pause_listening(h, false);
}

static void
pause_listening(struct http *h, bool pause)
{
	size_t i;

	h->paused = pause;
	for (i = 0; i < h->listeners; i++)
		if (pause)
			event_del(h->listener[i]);
		else
			event_add(h->listener[i], NULL);
	next_tick(h);
}

static void
tick(evutil_socket_t fd, short what, void *arg)
{
	struct http *h = arg;
	struct http_settings *set = &h->site.set;
	struct conn *c, *next;
	uint64_t now = h->now = clock_us();

	(void)fd;
	(void)what;
	for (c = TAILQ_FIRST(&h->conns); c != NULL; c = next) {
		next = TAILQ_NEXT(c, next);
		look_at(c, now);
	}
	cache_tick(set->cache, now);
	if (h->paused && h->count < set->connections)
		pause_listening(h, false);
	next_tick(h);
	if (workers_over(set->workers)) {
		event_base_loopbreak(h->base);
		return;
	}
	workers_serving(set->workers, h->answering);
	if (h->busy > workers_busy_at(set->workers))
		workers_busy(set->workers, h->busy);
	/* What one of us has to do keeps us all. */
	if (workers_serve(set->workers) > 0)
		return;
	/* Only a new process can open a database that was put in its place. */
	if (set->db != NULL && hostdb_replaced(set->db)) {
		log_warn("somebody replaced the host database: I have to "
		    "start again");
		h->end = SERVER_REPLACED;
		event_base_loopbreak(h->base);
	} else if (h->count == 0 && set->idle_us > 0 &&
	    workers_busy_at(set->workers) + set->idle_us <= now) {
		log_debug("idle: leaving");
		event_base_loopbreak(h->base);
	}
}

/* Does it take too long? */
static void
look_at(struct conn *c, uint64_t now)
{
	uint64_t now_taken;

	if (c->state == ANSWERING)
		http_answer_tick(&c->reply->answer, now);
	if (now - c->since < (c->http->paused ? patience[c->state].full_us :
	    patience[c->state].us))
		return;
	now_taken = c->state == ANSWERING ? taken(c) : 0;
	if (now_taken >= c->mark + SLOW_BYTES) {
		c->mark = now_taken;
		c->since = now;
		return;
	}
	conn_free(c, HTTP_SILENT);
}

/*
 * Of the file, by the client: what its connection holds, which grows with
 * time, is not there yet.
 */
static uint64_t
taken(const struct conn *c)
{
	const struct http_answer *a = &c->reply->answer;
	uint64_t sent = a->at - a->first;
	int held = 0;

#if defined(SIOCOUTQ)
	ioctl(c->fd, SIOCOUTQ, &held);
#elif defined(FIONWRITE)
	ioctl(c->fd, FIONWRITE, &held);
#endif
	return sent > (uint64_t)held ? sent - (uint64_t)held : 0;
}

static void
next_tick(struct http *h)
{
	int ms = h->paused ? FULL_TICK_MS : TICK_MS;
	struct timeval tv = { ms / 1000, ms % 1000 * 1000 };

	evtimer_add(h->tick, &tv);
}

static uint64_t
clock_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}

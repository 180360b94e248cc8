/*
 * The loop of tftpd --http: see http.h.
 *
 * evhttp makes a bufferevent for each connection by our connection_new, so
 * we hear of it before its first byte, hold a reference, and see every byte
 * before evhttp does (the guard).  It tells nobody when it lets go of a
 * connection that never asked for anything; tick sees that by the callbacks
 * it then has taken off.  All limits of time are tick's: evhttp's own would
 * end a long download, and be renewed by a byte a minute.
 */
#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/listener.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "http.h"
#include "http_answer.h"
#include "http_parse.h"
#include "log.h"

#define SECOND		1000000u	/* us */
#define HEAD_US		(10 * SECOND)	/* a request has to be there by then */
#define IDLE_US		(30 * SECOND)	/* between two requests */
#define FULL_US		SECOND		/* the same when there is no room */
#define SLOW_US		(20 * SECOND)	/* then it must have taken */
#define SLOW_BYTES	20480		/* so much of the answer, or all */
#define BODY_MAX	8192		/* of what gets a 405 */
#define INPUT_MAX	(2 * HTTP_HEAD_MAX)
#define SPARE_FDS	256		/* for files and what was open before */
#define TICK_MS		1000
#define FULL_TICK_MS	50

enum conn_state { IDLE, READING, ANSWERING };

struct conn {
	TAILQ_ENTRY(conn) next;
	struct http *http;
	struct bufferevent *bev;	/* a reference of ours */
	struct evbuffer_cb_entry *watch;
	enum conn_state state;
	bool silent;		/* ended by us for being too slow */
	int fd;			/* its place in by_fd, -1: none yet */
	uint64_t since;		/* in this state; answering: of the mark */
	uint64_t mark;		/* bytes sent then */
	struct http_guard guard;
	struct http_answer answer;
};
TAILQ_HEAD(conns, conn);

struct http {
	struct http_settings set;
	struct event_base *base;
	struct evhttp *evhttp;
	struct event *tick, *term, *interrupt;
	struct evbuffer *scratch;
	struct evconnlistener *listener[SERVICE_FDS_MAX];
	size_t listeners;
	struct conns conns;
	struct conn **by_fd;
	int fds;		/* places in by_fd */
	unsigned count, answering;
	uint64_t busy;		/* when there was something to do last */
	enum server_end end;
};

static bool open_loop(struct http *);
static bool open_listeners(struct http *, const struct service *, char *,
    size_t);
static void allow_descriptors(struct http *);
static void on_signal(evutil_socket_t, short, void *);
static void on_log(int, const char *);
static void cannot_accept(struct evconnlistener *, void *);
static struct bufferevent *connection_new(struct event_base *, void *);
static void input(struct evbuffer *, const struct evbuffer_cb_info *,
    void *);
static void first_byte(struct conn *);
static void watch(struct conn *, struct evbuffer *, size_t);
static void request(struct evhttp_request *, void *);
static void answered(struct evhttp_request *, void *);
static void gone(struct evhttp_connection *, void *);
static void conn_free(struct conn *);
static void tick(evutil_socket_t, short, void *);
static void look_at(struct conn *, uint64_t);
static uint64_t unsent(const struct conn *);
static void next_tick(struct http *, int);
static uint64_t clock_us(void);
static uint32_t address(int, int (*)(int, struct sockaddr *, socklen_t *),
    union tftpsend_address *);

struct http *
http_new(const struct service *service, const struct http_settings *set,
    char *why, size_t size)
{
	struct http *h = calloc(1, sizeof *h);

	if (h == NULL) {
		snprintf(why, size, "out of memory");
		return NULL;
	}
	h->set = *set;
	h->busy = clock_us();
	workers_busy(set->workers, h->busy);
	TAILQ_INIT(&h->conns);
	allow_descriptors(h);
	event_set_log_callback(on_log);
	if (!open_loop(h))
		snprintf(why, size, "cannot make an event loop: %s",
		    strerror(errno));
	else if (open_listeners(h, service, why, size))
		return h;
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
	rlim_t want = h->set.connections + SPARE_FDS;
	struct rlimit r;

	if (getrlimit(RLIMIT_NOFILE, &r) != 0)
		return;
	if (r.rlim_cur < want) {
		r.rlim_cur = r.rlim_max < want ? r.rlim_max : want;
		setrlimit(RLIMIT_NOFILE, &r);
		getrlimit(RLIMIT_NOFILE, &r);
	}
	if (r.rlim_cur < want)
		h->set.connections = r.rlim_cur > 2 * SPARE_FDS ?
		    (unsigned)(r.rlim_cur - SPARE_FDS) :
		    (unsigned)(r.rlim_cur / 2);
	h->fds = (int)(r.rlim_cur < want ? r.rlim_cur : want) + SPARE_FDS;
}

static bool
open_loop(struct http *h)
{
	const ev_uint16_t all = EVHTTP_REQ_GET | EVHTTP_REQ_HEAD |
	    EVHTTP_REQ_POST | EVHTTP_REQ_PUT | EVHTTP_REQ_DELETE |
	    EVHTTP_REQ_OPTIONS | EVHTTP_REQ_TRACE | EVHTTP_REQ_CONNECT |
	    EVHTTP_REQ_PATCH;
	struct event_config *config = event_config_new();

	if (config == NULL)
		return false;
	/* evhttp turns its events off and on several times a request. */
	event_config_set_flag(config, EVENT_BASE_FLAG_EPOLL_USE_CHANGELIST);
	h->by_fd = calloc((size_t)h->fds, sizeof *h->by_fd);
	h->base = event_base_new_with_config(config);
	event_config_free(config);
	h->scratch = evbuffer_new();
	if (h->by_fd == NULL || h->base == NULL || h->scratch == NULL)
		return false;
	/* Else a file would be mapped on its way through this one. */
	evbuffer_set_flags(h->scratch, EVBUFFER_FLAG_DRAINS_TO_FD);
	h->evhttp = evhttp_new(h->base);
	h->tick = evtimer_new(h->base, tick, h);
	h->term = evsignal_new(h->base, SIGTERM, on_signal, h);
	h->interrupt = evsignal_new(h->base, SIGINT, on_signal, h);
	if (h->evhttp == NULL || h->tick == NULL || h->term == NULL ||
	    h->interrupt == NULL)
		return false;
	evhttp_set_allowed_methods(h->evhttp, all);
	evhttp_set_max_headers_size(h->evhttp, HTTP_HEAD_MAX);
	evhttp_set_max_body_size(h->evhttp, BODY_MAX);
	evhttp_set_default_content_type(h->evhttp, NULL);
	evhttp_set_bevcb(h->evhttp, connection_new, h);
	evhttp_set_gencb(h->evhttp, request, h);
	signal(SIGPIPE, SIG_IGN);
	next_tick(h, TICK_MS);
	return event_add(h->term, NULL) == 0 &&
	    event_add(h->interrupt, NULL) == 0;
}

static bool
open_listeners(struct http *h, const struct service *service, char *why,
    size_t size)
{
	struct evconnlistener *l;
	int on = 1;
	size_t i;

	for (i = 0; i < service->n; i++) {
		/* Connections inherit it: the end of a file waits for no ACK. */
		setsockopt(service->fd[i], IPPROTO_TCP, TCP_NODELAY, &on,
		    sizeof on);
		l = evconnlistener_new(h->base, NULL, NULL,
		    LEV_OPT_CLOSE_ON_EXEC, 0, service->fd[i]);
		if (l == NULL ||
		    evhttp_bind_listener(h->evhttp, l) == NULL) {
			if (l != NULL)
				evconnlistener_free(l);
			snprintf(why, size, "cannot listen: %s",
			    strerror(errno));
			return false;
		}
		evconnlistener_set_error_cb(l, cannot_accept);
		h->listener[h->listeners++] = l;
	}
	return true;
}

enum server_end
http_run(struct http *h)
{
	h->end = SERVER_OVER;
	if (event_base_dispatch(h->base) < 0)
		h->end = SERVER_FAILED;
	return h->end;
}

void
http_free(struct http *h)
{
	struct conn *c;

	if (h->evhttp != NULL)
		evhttp_free(h->evhttp);	/* its connections are gone() then */
	while ((c = TAILQ_FIRST(&h->conns)) != NULL)
		conn_free(c);
	if (h->tick != NULL)
		event_free(h->tick);
	if (h->term != NULL)
		event_free(h->term);
	if (h->interrupt != NULL)
		event_free(h->interrupt);
	if (h->scratch != NULL)
		evbuffer_free(h->scratch);
	if (h->base != NULL)
		event_base_free(h->base);
	free(h->by_fd);
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
on_log(int severity, const char *text)
{
	/* It warns of what any client can do. */
	if (severity == EVENT_LOG_ERR)
		log_err("%s", text);
	else if (log_shows(LOG_DEBUG))
		log_debug("%s", text);
}

/* Out of descriptors, most likely: tick tries again. */
static void
cannot_accept(struct evconnlistener *l, void *arg)
{
	(void)arg;
	log_debug("cannot accept: %s", strerror(errno));
	evconnlistener_disable(l);
}

/* evhttp has accepted a connection, and wants a bufferevent for it. */
static struct bufferevent *
connection_new(struct event_base *base, void *arg)
{
	struct http *h = arg;
	/*
	 * Closed with our reference, not by evhttp: as long as there is a
	 * reference its events are there, and must not meet another
	 * connection that got the same number.
	 */
	struct bufferevent *bev = bufferevent_socket_new(base, -1,
	    BEV_OPT_CLOSE_ON_FREE);
	struct conn *c = calloc(1, sizeof *c);
	size_t i;

	h->busy = clock_us();
	if (bev == NULL || c == NULL) {
		free(c);
		return bev;	/* request() turns such a one away */
	}
	bufferevent_incref(bev);
	bufferevent_setwatermark(bev, EV_READ, 0, INPUT_MAX);
	c->http = h;
	c->bev = bev;
	c->fd = -1;
	c->since = h->busy;
	c->state = READING;
	c->answer.set = &h->set;
	c->answer.scratch = h->scratch;
	c->watch = evbuffer_add_cb(bufferevent_get_input(bev), input, c);
	TAILQ_INSERT_TAIL(&h->conns, c, next);
	if (++h->count < h->set.connections)
		return bev;
	for (i = 0; i < h->listeners; i++)
		evconnlistener_disable(h->listener[i]);
	next_tick(h, FULL_TICK_MS);
	return bev;
}

/* Bytes have come in, and evhttp has not seen them yet. */
static void
input(struct evbuffer *buffer, const struct evbuffer_cb_info *info, void *arg)
{
	struct conn *c = arg;

	if (info->n_added == 0)
		return;
	if (c->fd < 0)
		first_byte(c);
	if (c->state == IDLE) {
		c->state = READING;
		c->since = clock_us();
	}
	watch(c, buffer, info->n_added);
}

static void
first_byte(struct conn *c)
{
	union tftpsend_address ours;
	int fd = bufferevent_getfd(c->bev);

	if (fd < 0 || fd >= c->http->fds)
		return;
	c->fd = fd;
	c->http->by_fd[fd] = c;
	address(fd, getpeername, &c->answer.peer);
	c->answer.server = address(fd, getsockname, &ours);
}

/* The last n bytes of the buffer pass the guard. */
static void
watch(struct conn *c, struct evbuffer *buffer, size_t n)
{
	struct evbuffer_iovec piece[8];
	struct evbuffer_ptr at;
	bool before = c->guard.bad == NULL;
	int i, pieces;

	if (evbuffer_ptr_set(buffer, &at, evbuffer_get_length(buffer) - n,
	    EVBUFFER_PTR_SET) != 0)
		return;
	pieces = evbuffer_peek(buffer, (ev_ssize_t)n, &at, piece, 8);
	if (pieces > 8)
		c->guard.bad = "too many pieces";
	for (i = 0; i < pieces && i < 8; i++) {
		if (piece[i].iov_len > n)
			piece[i].iov_len = n;
		http_guard(&c->guard, piece[i].iov_base, piece[i].iov_len);
		n -= piece[i].iov_len;
	}
	if (before && c->guard.bad != NULL)
		report_bad(&c->http->set.report, &c->answer.peer,
		    EVENT_MALFORMED, c->guard.bad);
}

/* A request has come whole. */
static void
request(struct evhttp_request *rq, void *arg)
{
	struct http *h = arg;
	struct evhttp_connection *connection =
	    evhttp_request_get_connection(rq);
	struct bufferevent *bev =
	    evhttp_connection_get_bufferevent(connection);
	int fd = bufferevent_getfd(bev);
	struct conn *c = fd >= 0 && fd < h->fds ? h->by_fd[fd] : NULL;

	if (c == NULL || c->bev != bev) {
		evhttp_send_error(rq, 503, NULL);
		return;
	}
	h->busy = c->since = clock_us();
	h->answering++;
	c->state = ANSWERING;
	c->mark = 0;
	evhttp_connection_set_closecb(connection, gone, c);
	evhttp_request_set_on_complete_cb(rq, answered, c);
	http_answer(&c->answer, rq, c->guard.bad, c->since);
}

static void
answered(struct evhttp_request *rq, void *arg)
{
	struct conn *c = arg;

	(void)rq;
	c->since = c->http->busy = clock_us();
	c->http->answering--;
	c->state = evbuffer_get_length(bufferevent_get_input(c->bev)) > 0 ?
	    READING : IDLE;
	http_answer_end(&c->answer, HTTP_SENT, 0, c->since);
}

static void
gone(struct evhttp_connection *connection, void *arg)
{
	struct conn *c = arg;

	(void)connection;
	conn_free(c);
}

static void
conn_free(struct conn *c)
{
	struct http *h = c->http;

	if (c->state == ANSWERING) {
		h->answering--;
		http_answer_end(&c->answer, c->silent ? HTTP_SILENT :
		    HTTP_GONE, unsent(c), clock_us());
	}
	if (c->fd >= 0 && h->by_fd[c->fd] == c)
		h->by_fd[c->fd] = NULL;
	evbuffer_remove_cb_entry(bufferevent_get_input(c->bev), c->watch);
	bufferevent_decref(c->bev);
	TAILQ_REMOVE(&h->conns, c, next);
	h->count--;
	free(c);
}

static void
tick(evutil_socket_t fd, short what, void *arg)
{
	struct http *h = arg;
	struct conn *c, *next;
	uint64_t now = clock_us();
	size_t i;

	(void)fd;
	(void)what;
	for (c = TAILQ_FIRST(&h->conns); c != NULL; c = next) {
		next = TAILQ_NEXT(c, next);
		look_at(c, now);
	}
	cache_tick(h->set.cache, now);
	if (h->count < h->set.connections) {
		for (i = 0; i < h->listeners; i++)
			evconnlistener_enable(h->listener[i]);
		next_tick(h, TICK_MS);
	} else
		next_tick(h, FULL_TICK_MS);
	if (workers_over(h->set.workers)) {
		event_base_loopbreak(h->base);
		return;
	}
	workers_serving(h->set.workers, h->answering);
	if (h->busy > workers_busy_at(h->set.workers))
		workers_busy(h->set.workers, h->busy);
	/* What one of us has to do keeps us all. */
	if (workers_serve(h->set.workers) > 0)
		return;
	/* Only a new process can open a database that was put in its place. */
	if (h->set.db != NULL && hostdb_replaced(h->set.db)) {
		log_warn("somebody replaced the host database: I have to "
		    "start again");
		h->end = SERVER_REPLACED;
		event_base_loopbreak(h->base);
	} else if (h->count == 0 && h->set.idle_us > 0 &&
	    workers_busy_at(h->set.workers) + h->set.idle_us <= now) {
		log_debug("idle: leaving");
		event_base_loopbreak(h->base);
	}
}

/* Is evhttp through with it, or does it take too long? */
static void
look_at(struct conn *c, uint64_t now)
{
	bufferevent_event_cb event = NULL;
	uint64_t sent, most;

	bufferevent_getcb(c->bev, NULL, NULL, &event, NULL);
	if (event == NULL) {
		conn_free(c);
		return;
	}
	most = c->state == READING ? HEAD_US : c->state == ANSWERING ?
	    SLOW_US : c->http->count < c->http->set.connections ? IDLE_US :
	    FULL_US;
	if (c->state == ANSWERING)
		http_answer_tick(&c->answer, unsent(c), now);
	if (now - c->since < most)
		return;
	if (c->state == ANSWERING) {
		sent = http_answer_sent(&c->answer, unsent(c));
		if (sent - c->mark >= SLOW_BYTES) {
			c->mark = sent;
			c->since = now;
			return;
		}
		c->silent = true;
	}
	/* evhttp sees its end then. */
	shutdown(bufferevent_getfd(c->bev), SHUT_RDWR);
}

static uint64_t
unsent(const struct conn *c)
{
	return evbuffer_get_length(bufferevent_get_output(c->bev));
}

static void
next_tick(struct http *h, int ms)
{
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

/*
 * One end of the connection; ::ffff:192.0.2.10 is 192.0.2.10.  The address
 * of IPv4 in host order, else 0.
 */
static uint32_t
address(int fd, int (*end)(int, struct sockaddr *, socklen_t *),
    union tftpsend_address *a)
{
	socklen_t n = sizeof *a;
	uint32_t four;

	memset(a, 0, sizeof *a);
	if (end(fd, &a->sa, &n) != 0)
		return 0;
	if (a->sa.sa_family == AF_INET6 &&
	    IN6_IS_ADDR_V4MAPPED(&a->in6.sin6_addr)) {
		memcpy(&four, &a->in6.sin6_addr.s6_addr[12], sizeof four);
		memset(a, 0, sizeof *a);
		a->in.sin_family = AF_INET;
		a->in.sin_addr.s_addr = four;
	}
	return a->sa.sa_family == AF_INET ? ntohl(a->in.sin_addr.s_addr) : 0;
}

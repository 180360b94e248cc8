/*
 * The loop of tftpd: see server.h.  The way of a packet: receive, find its
 * transfer, ask transfer.c what to do, queue that; then all that is queued
 * leaves in as few system calls as possible.
 */
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "inbox.h"
#include "keeper.h"
#include "log.h"
#include "peer.h"
#include "server.h"
#include "sockets.h"

#define REQUEST_MAX	2048	/* longer ones are refused */
#define BLOCK_MAX	(TFTP_HEAD + TFTP_BLKSIZE_MAX)
#define ROUNDS		16	/* batches of one socket before the next */
#define WINDOW_BYTES	(1024 * 1024)	/* in flight to one client */
#define ASCII_BYTES	65536	/* the same in netascii: a buffer of its own */
#define SECOND_US	1000000
#define PORTS		(SERVICE_FDS_MAX + 2)
#define SPARE_FDS	128	/* for what is open all the time */
#define QUIET_US	1000000	/* a request again after that starts anew */

struct port {			/* a socket, and who takes what comes in */
	int fd;
	sa_family_t family;
	void (*take)(struct server *, const struct port *, int);
};

struct server {
	struct server_settings set;
	struct table *table;
	struct tftpsend *out;
	struct flight *dead;	/* freed when what is queued has left */
	uint64_t now;		/* us */
	uint64_t second;	/* the last one seen to */
	struct content found;	/* of the request in hand */
	size_t ports, given;	/* the first ones are the service's */
	struct port port[PORTS];
	struct pollfd poll[PORTS + 1];	/* the last one in use: keeper's */
	struct keeper *keeper;	/* NULL: no files are taken */
	int data[2];		/* of IPv4, IPv6: all transfers */
	struct inbox *in;
};

static volatile sig_atomic_t asked_to_end;

static const enum tftp_code codes[] = {
	[CONTENT_NOT_FOUND] = TFTP_E_NOT_FOUND,
	[CONTENT_FORBIDDEN] = TFTP_E_ACCESS,
	[CONTENT_FAILED] = TFTP_E_UNDEFINED,
};

static bool open_ports(struct server *, const struct service *, char *,
    size_t);
static bool open_data(struct server *, sa_family_t, char *, size_t);
static bool open_keeper(struct server *, char *, size_t);
static void add_port(struct server *, int, sa_family_t,
    void (*)(struct server *, const struct port *, int));
static void end_keeper(struct server *);
static void on_signal(int);
static void drain(struct server *, const struct port *);
static bool tick(struct server *, enum server_end *);
static void turn_over(struct server *);
static void drop(struct flight *);
static uint64_t clock_us(void);
static void any_packet(struct server *, const struct port *, int);
static void request(struct server *, const struct port *, int);
static bool may_ask(struct server *, const union tftpsend_address *);
static void refuse(struct server *, const struct tftpsend_peer *,
    enum tftp_code, const char *);
static bool repeated(struct server *, struct flight *, uint64_t);
static void begin(struct server *, const struct tftpsend_peer *,
    const struct tftp_request *, uint64_t);
static struct flight *new_flight(struct server *,
    const struct tftpsend_peer *, const struct tftp_request *, uint64_t);
static void add(struct server *, struct flight *);
static const char *make_stamp(const struct server *, char *, size_t);
static void begin_in(struct server *, const struct tftpsend_peer *,
    const struct tftp_request *, uint64_t);
static void step_in(struct server *, struct flight *,
    const struct upload_action *, const uint8_t *, size_t);
static void not_kept(struct server *, struct flight *, int);
static void kept(struct server *);
static bool heard_error(struct flight *, const uint8_t *, size_t);
static void packet_in(struct server *, struct flight *, const uint8_t *,
    size_t);
static void peer_of(struct server *, const struct port *, int,
    struct tftpsend_peer *);
static void packet(struct server *, const struct port *, int);
static void went_on(struct server *, struct flight *);
static void step(struct server *, struct flight *,
    const struct transfer_action *);
static bool send_blocks(struct server *, struct flight *, uint64_t,
    uint32_t);
static int block_octets(struct server *, struct flight *, uint64_t,
    struct iovec *);
static int block_ascii(struct server *, struct flight *, uint64_t, size_t,
    struct iovec *);
static void finish(struct server *, struct flight *, enum transfer_end);

struct server *
server_new(const struct service *service, const struct server_settings *set,
    char *why, size_t size)
{
	struct server *s = calloc(1, sizeof *s);
	uint64_t seed;

	if (s == NULL || getrandom(&seed, sizeof seed, 0) != sizeof seed) {
		snprintf(why, size, "out of memory");
		free(s);
		return NULL;
	}
	s->set = *set;
	/* Each may be of a file of its own, and one that comes has two. */
	sockets_descriptors((rlim_t)set->transfers * (set->writes ? 2 : 1) +
	    SPARE_FDS);
	s->table = table_new(seed);
	s->out = tftpsend_new(set->way);
	s->now = s->second = clock_us();
	workers_busy(set->workers, s->now);
	s->in = inbox_new(set->writes ? BLOCK_MAX : REQUEST_MAX);
	if (s->table == NULL || s->out == NULL || s->in == NULL)
		snprintf(why, size, "out of memory");
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
		add_port(s, service->fd[i], family, s->set.single_port ?
		    any_packet : request);
	}
	s->given = s->ports;
	/* IPv4 clients of an IPv6 socket are served by these, too. */
	return open_data(s, AF_INET, why, size) &&
	    (!six || open_data(s, AF_INET6, why, size));
}

static bool
open_data(struct server *s, sa_family_t family, char *why, size_t size)
{
	int fd = sockets_data(family, s->set.first, s->set.last);

	if (fd < 0) {
		snprintf(why, size, "data socket: %s%s", strerror(errno),
		    s->set.first > 0 ? ": no port of -R is free" : "");
		return false;
	}
	add_port(s, fd, family, packet);
	s->data[family == AF_INET6] = fd;
	return true;
}

static bool
open_keeper(struct server *s, char *why, size_t size)
{
	if (!s->set.writes)
		return true;
	s->keeper = keeper_new();
	if (s->keeper == NULL) {
		snprintf(why, size, "threads for -w: %s", strerror(errno));
		return false;
	}
	s->poll[s->ports].fd = keeper_fd(s->keeper);
	s->poll[s->ports].events = POLLIN;
	return true;
}

static void
add_port(struct server *s, int fd, sa_family_t family,
    void (*take)(struct server *, const struct port *, int))
{
	s->port[s->ports].fd = fd;
	s->port[s->ports].family = family;
	s->port[s->ports].take = take;
	s->poll[s->ports].fd = fd;
	s->poll[s->ports++].events = POLLIN;
}

void
server_free(struct server *s)
{
	struct flight *f;

	if (s->table != NULL && s->out != NULL) {
		end_keeper(s);
		turn_over(s);
		while ((f = table_each(s->table, NULL)) != NULL) {
			if (f->in == NULL || !f->in->kept)
				report_end(&s->set.report, f,
				    TRANSFER_STOPPED, s->now);
			table_remove(s->table, f);
			drop(f);
		}
	}
	while (s->ports > s->given)
		close(s->port[--s->ports].fd);
	table_free(s->table);
	tftpsend_free(s->out);
	inbox_free(s->in);
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
	kept(s);
	keeper_free(s->keeper);
	s->keeper = NULL;
}

enum server_end
server_run(struct server *s)
{
	static const int ends[] = { SIGTERM, SIGINT, SIGHUP };
	struct sigaction act = { .sa_handler = on_signal };
	struct timespec wait = { 0, 0 };
	sigset_t ending, before;
	enum server_end end = SERVER_OVER;
	nfds_t all = s->ports + (s->keeper != NULL);
	uint64_t us;
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
		us = table_wait(s->table, s->now);
		wait.tv_sec = (time_t)(us / SECOND_US);
		wait.tv_nsec = (long)(us % SECOND_US * 1000);
		n = ppoll(s->poll, all, &wait, &before);
		if (n < 0 && errno != EINTR)
			return SERVER_FAILED;
		/*
		 * Requests last: one may come from the port of a transfer
		 * whose last ACK is waiting, too.
		 */
		for (i = s->ports; n > 0 && i-- > 0;)
			if (s->poll[i].revents != 0)
				drain(s, &s->port[i]);
		if (s->keeper != NULL && s->poll[s->ports].revents != 0)
			kept(s);
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
			step_in(s, f, &come, NULL, 0);
		} else {
			transfer_timeout(&f->t, s->now, &act);
			step(s, f, &act);
		}
		if (f->t.state != TRANSFER_OVER)
			table_schedule(s->table, f);
	}
	turn_over(s);
	if (s->now - s->second < SECOND_US)
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

/* What is queued leaves; then nothing points into chunks and flights. */
static void
turn_over(struct server *s)
{
	struct flight *f;

	if (tftpsend_pending(s->out))
		tftpsend_flush(s->out);
	cache_turn(s->set.cache);
	while ((f = s->dead) != NULL) {
		s->dead = f->next;
		drop(f);
	}
}

/* With a file that did not come to its end, and leaves nothing behind. */
static void
drop(struct flight *f)
{
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
		packet(s, p, i);
		break;
	default:
		request(s, p, i);
	}
}

/* One packet that came to a socket of requests. */
static void
request(struct server *s, const struct port *p, int i)
{
	size_t len;
	bool cut;
	const uint8_t *bytes = inbox_packet(s->in, i, &len, &cut);
	struct tftpsend_peer peer;
	struct tftp_request rq;
	enum tftp_reason reason;
	struct flight *f;
	uint64_t sum = 0xcbf29ce484222325u;
	size_t k;

	workers_busy(s->set.workers, s->now);
	peer_of(s, p, i, &peer);
	/* The port is at the same place in sin6. */
	if (peer.to.in.sin_port == 0 || !may_ask(s, &peer.to))
		return;
	/* All workers get it. */
	if (peer.broadcast && !workers_is_first(s->set.workers))
		return;
	reason = tftp_parse_request(bytes, len, &rq);
	if (reason == TFTP_OK && (cut || len > REQUEST_MAX))
		reason = TFTP_UNTERMINATED;
	if (reason != TFTP_OK) {
		report_bad(&s->set.report, &peer.to, EVENT_MALFORMED,
		    tftp_reason_text(reason));
		/* Never an ERROR for an ERROR: that has no end. */
		if (len >= 2 && tftp_opcode(bytes, len) != TFTP_ERROR)
			refuse(s, &peer, tftp_reason_code(reason),
			    tftp_reason_text(reason));
		return;
	}
	tftp_limit_options(&rq.asked, s->set.refused, s->set.blksize_max);
	for (k = 0; k < len; k++)	/* FNV-1a */
		sum = (sum ^ bytes[k]) * 0x100000001b3u;
	f = table_find(s->table, &peer.to);
	if (f != NULL && repeated(s, f, sum))
		return;
	begin(s, &peer, &rq, sum);
}

/* Not too often; what asks too often is told once, and gets no answer. */
static bool
may_ask(struct server *s, const union tftpsend_address *who)
{
	enum limit_answer answer = limit_peer(s->set.limit, who,
	    s->now);

	if (answer == LIMIT_REACHED)
		report_bad(&s->set.report, who, EVENT_LIMIT,
		    "too many requests a second");
	return answer == LIMIT_PASS;
}

/*
 * A request from the port of a transfer that is under way: the same one
 * again, or the client has given that one up.
 */
static bool
repeated(struct server *s, struct flight *f, uint64_t sum)
{
	struct transfer_action act;
	struct upload_action come;
	bool all_sent = f->t.next > f->t.last;

	if (f->in != NULL) {
		if (f->request == sum &&
		    f->in->u.state == UPLOAD_OPENING) {
			upload_request(&f->in->u, &come);
			step_in(s, f, &come, NULL, 0);
			return true;
		}
		/* It is answered when that is over, should it come again. */
		if (f->in->u.state == UPLOAD_KEEPING) {
			if (f->request != sum) {
				upload_error(&f->in->u, &come);
				step_in(s, f, &come, NULL, 0);
			}
			return true;
		}
		/* The same file may be what is asked now. */
		if (f->in->store != NULL)
			store_abort(f->in->store);
		f->in->store = NULL;
		finish(s, f, TRANSFER_SILENT);
		return false;
	}

	if (f->request == sum && (!f->t.heard ||
	    (!all_sent && s->now - f->t.progress_at < QUIET_US))) {
		transfer_request(&f->t, s->now, &act);
		step(s, f, &act);
		return true;
	}
	finish(s, f, f->t.state == TRANSFER_OPENING ? TRANSFER_REFUSED :
	    all_sent ? TRANSFER_UNCONFIRMED : TRANSFER_SILENT);
	return false;
}

static void
begin(struct server *s, const struct tftpsend_peer *peer,
    const struct tftp_request *rq, uint64_t sum)
{
	struct content *c = &s->found;
	struct transfer_action act;
	struct flight *f;

	if (workers_serve(s->set.workers) >= s->set.transfers) {
		/* No answer: it will ask again, and find room perhaps. */
		report_bad(&s->set.report, &peer->to, EVENT_LIMIT,
		    "too many transfers at once");
		return;
	}
	if (rq->opcode == TFTP_WRQ) {
		begin_in(s, peer, rq, sum);
		return;
	}
	content_find(s->set.tree, rq->name, peer_ipv4(&peer->to),
	    peer_ipv4(&peer->from), 0, c);
	if (c->damaged)
		report_damaged(&s->set.report, &peer->to, rq->name);
	if (c->note[0] != '\0')
		report_note(&s->set.report, &peer->to, c->note);
	if (c->status != CONTENT_OK) {
		report_refused(&s->set.report, &peer->to, "read", rq->name,
		    c);
		refuse(s, peer, codes[c->status], c->why);
		return;
	}
	if ((f = new_flight(s, peer, rq, sum)) == NULL) {
		cache_close(c->file);
		return;
	}
	f->file = c->file;
	f->size = cache_size(c->file);
	transfer_start(&f->t, &rq->asked, rq->mode == TFTP_NETASCII ?
	    TRANSFER_UNKNOWN : f->size, rq->mode == TFTP_NETASCII ?
	    ASCII_BYTES : WINDOW_BYTES, &f->granted, s->now, &act);
	if (rq->mode == TFTP_NETASCII) {
		f->mark_block = f->tip_block = 1;
		f->buffer = malloc((size_t)f->t.window * f->t.blksize);
		if (f->buffer == NULL) {
			flight_free(f);
			return;
		}
	}
	add(s, f);
	step(s, f, &act);
}

static struct flight *
new_flight(struct server *s, const struct tftpsend_peer *peer,
    const struct tftp_request *rq, uint64_t sum)
{
	struct flight *f = flight_new(rq->name);

	if (f == NULL)
		return NULL;
	f->peer = *peer;
	f->started = f->told = s->now;
	f->request = sum;
	f->size_asked = (rq->asked.has & 1u << TFTP_O_TSIZE) != 0;
	f->stage = s->found.stage;
	f->mac = s->found.mac;
	memcpy(f->host, s->found.host, sizeof f->host - 1);
	return f;
}

static void
add(struct server *s, struct flight *f)
{
	table_add(s->table, f);
	workers_serving(s->set.workers, table_count(s->table));
}

/* What a new file's name gets behind it, or NULL. */
static const char *
make_stamp(const struct server *s, char *out, size_t size)
{
	time_t now = time(NULL);
	struct tm tm;

	if (s->set.stamp == NULL || localtime_r(&now, &tm) == NULL ||
	    strftime(out, size, s->set.stamp, &tm) == 0)
		return NULL;
	return out;
}

/* A write request. */
static void
begin_in(struct server *s, const struct tftpsend_peer *peer,
    const struct tftp_request *rq, uint64_t sum)
{
	char path[CONTENT_NAME_MAX + 1];
	struct content *c = &s->found;
	struct upload_action act;
	struct store *store = NULL;
	struct flight *f;
	char stamp[64];

	if (content_may_write(s->set.tree, rq->name, peer_ipv4(&peer->to), c,
	    path, sizeof path) && s->set.writes) {
		do
			store = store_open(content_root(s->set.tree), path,
			    s->set.mask, rq->mode == TFTP_NETASCII,
			    make_stamp(s, stamp, sizeof stamp));
		while (store == NULL && (errno == EMFILE ||
		    errno == ENFILE) && cache_spare(s->set.cache));
		if (store == NULL)
			content_failed(c, errno);
	} else if (!s->set.writes)
		c->why = "this server takes no files";
	if (store == NULL) {
		report_refused(&s->set.report, &peer->to, "write", rq->name,
		    c);
		refuse(s, peer, codes[c->status], c->why);
		return;
	}
	f = new_flight(s, peer, rq, sum);
	if (f == NULL || (f->in = calloc(1, sizeof *f->in)) == NULL) {
		store_abort(store);
		if (f != NULL)
			flight_free(f);
		return;
	}
	f->in->store = store;
	upload_start(&f->in->u, &rq->asked, s->set.write_max, WINDOW_BYTES,
	    &f->granted, s->now, &act);
	f->size = rq->asked.value[TFTP_O_TSIZE];
	f->t.deadline = f->in->u.deadline;
	add(s, f);
	step_in(s, f, &act, NULL, 0);
}

/* What upload.c wants done; bytes: of the DATA that came, if one did. */
static void
step_in(struct server *s, struct flight *f, const struct upload_action *act,
    const uint8_t *bytes, size_t len)
{
	uint8_t reply[TFTP_REPLY_MAX];
	struct put o = put_into(reply, sizeof reply);
	struct incoming *in = f->in;

	if (act->take && !store_write(in->store, bytes, len)) {
		not_kept(s, f, errno);
		return;
	}
	if (act->too_large) {
		not_kept(s, f, 0);
		return;
	}
	if (act->last) {
		in->job.store = in->store;
		in->job.of = f;
		in->store = NULL;
		keeper_take(s->keeper, &in->job);
	}
	if (act->unwanted)
		atomic_store(&in->job.unwanted, true);
	if (act->oack)
		tftp_put_oack(&o, &f->granted);
	if (act->ack) {
		put_u16(&o, TFTP_ACK);
		put_u16(&o, upload_wire(&in->u, act->block));
	}
	if (o.at != reply)
		tftpsend_packet(s->out, &f->peer, reply,
		    (size_t)(o.at - reply));
	f->t.deadline = in->u.deadline;
	if (act->end != TRANSFER_GOES_ON)
		finish(s, f, act->end);
}

/* The client's file has no place here; error: 0 if it is too large. */
static void
not_kept(struct server *s, struct flight *f, int error)
{
	bool full = error == 0 || error == ENOSPC || error == EDQUOT ||
	    error == EFBIG;

	f->why = error == 0 ? "larger than this server takes" :
	    full ? "no room on the disk" : strerror(error);
	refuse(s, &f->peer, full ? TFTP_E_FULL : error == EACCES ||
	    error == EPERM || error == EROFS ? TFTP_E_ACCESS :
	    TFTP_E_UNDEFINED, f->why);
	finish(s, f, TRANSFER_ABORTED);
}

/* Files that are on the disk and in their place now, or cannot be. */
static void
kept(struct server *s)
{
	struct upload_action act;
	struct keeper_job *job;
	struct flight *f;
	bool gone;

	while ((job = keeper_done(s->keeper)) != NULL) {
		f = job->of;
		gone = f->in->u.gone;
		upload_kept(&f->in->u, job->error == 0, s->now, &act);
		if (job->error != 0 && !gone) {
			not_kept(s, f, job->error);
			continue;
		}
		/* What follows is for a lost ACK only: told now. */
		f->in->kept = job->error == 0;
		if (f->in->kept)
			report_end(&s->set.report, f, TRANSFER_DONE, s->now);
		step_in(s, f, &act, NULL, 0);
		if (f->t.state != TRANSFER_OVER)
			table_schedule(s->table, f);
	}
	turn_over(s);
}

/* A packet for a file that comes to us. */
static void
packet_in(struct server *s, struct flight *f, const uint8_t *bytes,
    size_t len)
{
	struct upload_action act;
	struct cursor c = cursor_of(bytes, len);
	uint16_t opcode, block;

	if (heard_error(f, bytes, len))
		upload_error(&f->in->u, &act);
	else if (cursor_u16(&c, &opcode) && opcode == TFTP_DATA &&
	    cursor_u16(&c, &block))
		upload_data(&f->in->u, block, cursor_left(&c), s->now, &act);
	else
		return;
	step_in(s, f, &act, c.at, cursor_left(&c));
}

/* The client's ERROR, whatever is missing of it: it gives up. */
static bool
heard_error(struct flight *f, const uint8_t *bytes, size_t len)
{
	const char *text;
	uint16_t code;
	size_t n;

	if (tftp_opcode(bytes, len) != TFTP_ERROR)
		return false;
	if (tftp_parse_error(bytes, len, &code, &text, &n) == TFTP_OK)
		snprintf(f->said, sizeof f->said, "%u: %.*s", code, (int)n,
		    text);
	return true;
}

static void
refuse(struct server *s, const struct tftpsend_peer *peer,
    enum tftp_code code, const char *text)
{
	uint8_t bytes[TFTP_REPLY_MAX];
	struct put o = put_into(bytes, sizeof bytes);

	tftp_put_error(&o, code, text);
	tftpsend_packet(s->out, peer, bytes, (size_t)(o.at - bytes));
}

/* The sender of packet i of the inbox, and our socket that speaks with it. */
static void
peer_of(struct server *s, const struct port *p, int i,
    struct tftpsend_peer *peer)
{
	inbox_peer(s->in, i, peer);
	/* A socket of IPv6 may have clients of IPv4. */
	if (s->set.single_port && p->family == AF_INET6)
		peer_map(peer);
	peer->fd = s->set.single_port ? p->fd :
	    s->data[peer->to.sa.sa_family == AF_INET6];
}

/* One packet that came to a socket of transfers. */
static void
packet(struct server *s, const struct port *p, int i)
{
	size_t len;
	bool cut;
	const uint8_t *bytes = inbox_packet(s->in, i, &len, &cut);
	const union tftpsend_address *from = inbox_from(s->in, i);
	struct transfer_action act;
	struct tftpsend_peer stranger;
	struct flight *f;
	uint16_t block;

	f = table_find(s->table, from);
	if (f == NULL || f->peer.fd != p->fd) {
		/* RFC 1350 section 4: whoever it is, tell it, and go on. */
		if (len < TFTP_HEAD || tftp_opcode(bytes, len) ==
		    TFTP_ERROR || table_ended_lately(s->table, from, s->now) ||
		    !may_ask(s, from))
			return;
		memset(&stranger, 0, sizeof stranger);
		stranger.to = *from;
		stranger.fd = p->fd;
		refuse(s, &stranger, TFTP_E_UNKNOWN_ID, NULL);
		return;
	}
	if (f->in != NULL) {
		packet_in(s, f, bytes, len);
		went_on(s, f);
		return;
	}
	if (tftp_parse_ack(bytes, len, &block) == TFTP_OK)
		transfer_ack(&f->t, block, s->now, &act);
	else if (heard_error(f, bytes, len))
		transfer_error(&f->t, &act);
	else
		return;
	if (act.end == TRANSFER_DONE && !s->set.single_port)
		limit_give_back(s->set.limit, from);
	step(s, f, &act);
	went_on(s, f);
}

/* After a packet of a transfer that may have ended by it. */
static void
went_on(struct server *s, struct flight *f)
{
	if (f->t.state == TRANSFER_OVER)
		return;
	table_schedule(s->table, f);
	if (s->now - f->told < SECOND_US || f->t.state == TRANSFER_OPENING)
		return;
	f->told = s->now;
	report_progress(&s->set.report, f, s->now);
}

static void
step(struct server *s, struct flight *f, const struct transfer_action *act)
{
	uint8_t bytes[TFTP_REPLY_MAX];
	struct put o = put_into(bytes, sizeof bytes);

	if (act->oack) {
		tftp_put_oack(&o, &f->granted);
		tftpsend_packet(s->out, &f->peer, bytes,
		    (size_t)(o.at - bytes));
	}
	if (act->count > 0 && !send_blocks(s, f, act->first, act->count)) {
		f->changed = errno == ESTALE;
		f->why = f->changed ? "file changed meanwhile" :
		    strerror(errno);
		refuse(s, &f->peer, TFTP_E_UNDEFINED, f->why);
		finish(s, f, TRANSFER_ABORTED);
		return;
	}
	if (act->end != TRANSFER_GOES_ON)
		finish(s, f, act->end);
}

/* False with errno if the file is not what it was. */
static bool
send_blocks(struct server *s, struct flight *f, uint64_t first,
    uint32_t count)
{
	struct iovec piece[TFTPSEND_PARTS];
	uint64_t n;
	int pieces;

	/* What was converted for the window before may still be queued. */
	if (f->buffer != NULL && tftpsend_pending(s->out))
		tftpsend_flush(s->out);
	for (n = first; n < first + count && n <= f->t.last; n++) {
		/* Of a file that changed the client never gets the end. */
		if (n == f->t.last && n > 1 && cache_changed(f->file)) {
			errno = ESTALE;
			return false;
		}
		pieces = f->buffer != NULL ?
		    block_ascii(s, f, n, (size_t)(n - first), piece) :
		    block_octets(s, f, n, piece);
		if (pieces < 0)
			return false;
		tftpsend_data(s->out, &f->peer, transfer_wire(&f->t, n),
		    f->t.blksize, piece, (size_t)pieces);
	}
	return true;
}

static int
block_octets(struct server *s, struct flight *f, uint64_t n,
    struct iovec *piece)
{
	uint64_t at = (n - 1) * f->t.blksize, left = f->size - at;
	size_t len = left < f->t.blksize ? (size_t)left : f->t.blksize;
	int pieces;

	pieces = cache_read(f->file, at, len, piece, TFTPSEND_PARTS);
	if (pieces < 0 && errno == EAGAIN) {
		/* Every chunk waits to be sent: send, and they are free. */
		tftpsend_flush(s->out);
		cache_turn(s->set.cache);
		pieces = cache_read(f->file, at, len, piece, TFTPSEND_PARTS);
	}
	return pieces;
}

static int
block_ascii(struct server *s, struct flight *f, uint64_t n, size_t place,
    struct iovec *piece)
{
	uint8_t *out = f->buffer + place * f->t.blksize;
	struct netascii at = f->mark;
	uint64_t block = f->mark_block;
	long len;

	if (n == f->tip_block) {
		at = f->tip;
		block = n;
	}
	for (; block < n; block++)
		if (netascii_fill(f->file, &at, out, f->t.blksize) < 0)
			return -1;
	/* From there on it may have to be converted again. */
	if (n == f->t.base) {
		f->mark = at;
		f->mark_block = n;
	}
	len = netascii_fill(f->file, &at, out, f->t.blksize);
	cache_turn(s->set.cache);	/* what was read is converted */
	if (len < 0)
		return -1;
	if (n + 1 > f->tip_block)
		f->sent += (uint64_t)len;
	if ((size_t)len < f->t.blksize)
		transfer_set_last(&f->t, n);
	f->tip = at;
	f->tip_block = n + 1;
	piece[0].iov_base = out;
	piece[0].iov_len = (size_t)len;
	return len > 0;
}

static void
finish(struct server *s, struct flight *f, enum transfer_end end)
{
	f->t.state = TRANSFER_OVER;
	if (f->in == NULL || !f->in->kept)
		report_end(&s->set.report, f, end, s->now);
	table_ended(s->table, &f->peer.to, s->now);
	table_remove(s->table, f);
	workers_serving(s->set.workers, table_count(s->table));
	f->next = s->dead;
	s->dead = f;
}

/*
 * One request by HTTP: see http_answer.h.  Small files and texts go out
 * with their head in one call; of others the kernel sends the pages
 * (sendfile), and nothing ever maps a file.
 */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#ifdef __linux__
#include <sys/sendfile.h>
#endif

#include "http_answer.h"
#include "http_head.h"
#include "peer.h"

#define SMALL	CACHE_CHUNK
#define PIECES	3		/* a head, and two of the cache */
#define TURN	(4 * 1024 * 1024)	/* of one connection, before others */
#define LAST	65536u		/* held back until the file is looked at */
#define SECOND_US 1000000

#if !defined(__linux__) && !defined(__FreeBSD__)
#define NO_SENDFILE
#endif
#ifndef MSG_MORE
#define MSG_MORE 0
#endif

static void set_date(struct http_site *);
static struct put head_of(struct http_answer *, int);
static void head_done(struct http_answer *, struct put *);
static void refuse(struct http_answer *, int, const char *);
static bool too_many(struct http_answer *, uint64_t);
static void find(struct http_answer *, const struct http_request *,
    const char *);
static void serve(struct http_answer *, const struct http_request *,
    const char *, const struct content *);
static int precondition(struct http_answer *, const struct http_request *,
    time_t);
static bool since(struct http_answer *, struct http_text, time_t *);
static enum http_range part(struct http_answer *,
    const struct http_request *, time_t, uint64_t);
static void hold_parts(int, bool);
static size_t next_bytes(const struct http_answer *, uint64_t);
static ssize_t send_copied(struct http_answer *, int, size_t);
static ssize_t send_pages(struct http_answer *, int, size_t);
static void tell(struct http_answer *, struct report_fetch *, uint64_t);

void
http_answer(struct http_answer *a, const struct http_request *rq,
    uint64_t now)
{
	char name[CONTENT_NAME_MAX + 2];
	int status;

	set_date(a->site);
	a->started = a->told = now;
	a->file = NULL;
	a->keep = rq->keep;
	a->headless = rq->method == HTTP_HEAD;
	a->copied = true;
	a->changed = a->quiet = false;
	a->first = a->at = a->end = a->length = 0;
	a->stage = EVENT_SILENCE;
	a->why = NULL;
	a->host[0] = '\0';
	a->mac.kind = IDENTITY_NONE;
	snprintf(a->method, sizeof a->method, "%.*s", rq->word.n > 0 ?
	    (int)rq->word.n : 7, rq->word.n > 0 ? rq->word.at : "request");
	snprintf(a->name, sizeof a->name, "%.*s", (int)rq->target.n,
	    rq->target.n > 0 ? rq->target.at : "");
	a->reason = EVENT_MALFORMED;
	if (rq->status != 0)
		refuse(a, rq->status, rq->why);
	else if (too_many(a, now))
		return;
	else if (rq->method == HTTP_OTHER) {
		a->reason = EVENT_UNSUPPORTED;
		refuse(a, 405, "this server only gives");
	} else if (rq->body)
		refuse(a, 400, "a body where there is none");
	else if ((status = http_target(rq->target, name, sizeof name)) != 0)
		refuse(a, status, "not a path");
	else {
		snprintf(a->name, sizeof a->name, "%s",
		    name + strspn(name, "/"));
		find(a, rq, name);
	}
}

static void
set_date(struct http_site *site)
{
	time_t clock = time(NULL);

	if (clock != site->now) {
		site->now = clock;
		http_date_text(clock, site->date);
	}
}

size_t
http_answer_busy(struct http_site *site, char text[HTTP_ANSWER_MAX])
{
	static const char words[] = "Service Unavailable: too many "
	    "connections of this address\n";
	struct put o = put_into(text, HTTP_ANSWER_MAX);

	set_date(site);
	http_head_begin(&o, 503, site->date);
	http_head_number(&o, "Retry-After", 1);
	http_head_text(&o, "Connection", "close");
	http_head_text(&o, "Content-Type", "text/plain; charset=utf-8");
	http_head_number(&o, "Content-Length", sizeof words - 1);
	http_head_end(&o);
	put_text(&o, words);
	return (size_t)((char *)o.at - text);
}

static struct put
head_of(struct http_answer *a, int status)
{
	struct put o = put_into(a->head, sizeof a->head);

	a->status = status;
	http_head_begin(&o, status, a->site->date);
	return o;
}

static void
head_done(struct http_answer *a, struct put *o)
{
	a->head_at = 0;
	a->head_end = (uint16_t)((char *)o->at - a->head);
}

/* Where another request would begin is anybody's guess after some. */
static void
refuse(struct http_answer *a, int status, const char *why)
{
	struct put o = head_of(a, status);
	const char *phrase = http_phrase(status);

	a->why = why;
	if (status != 403 && status != 404 && status != 412 &&
	    status != 416 && status != 503)
		a->keep = false;
	if (status == 405)
		http_head_text(&o, "Allow", "GET, HEAD");
	if (status == 416)
		http_head_range(&o, 0, 0, cache_size(a->file));
	if (status == 429 || status == 503)
		http_head_number(&o, "Retry-After", 1);
	http_head_text(&o, "Connection", a->keep ? "keep-alive" : "close");
	http_head_text(&o, "Content-Type", "text/plain; charset=utf-8");
	http_head_number(&o, "Content-Length",
	    strlen(phrase) + 2 + strlen(why) + 1);
	http_head_end(&o);
	if (!a->headless) {
		put_text(&o, phrase);
		put_text(&o, ": ");
		put_text(&o, why);
		put_u8(&o, '\n');
	}
	head_done(a, &o);
}

/* What asks too often is told once in the events, and each time itself. */
static bool
too_many(struct http_answer *a, uint64_t now)
{
	enum limit_answer answer = limit_peer(a->site->set.limit, &a->peer,
	    now);

	if (answer == LIMIT_PASS)
		return false;
	a->reason = EVENT_LIMIT;
	a->quiet = answer == LIMIT_DROP;
	refuse(a, 429, "too many requests a second");
	return true;
}

static void
find(struct http_answer *a, const struct http_request *rq, const char *name)
{
	static const int statuses[] = { [CONTENT_NOT_FOUND] = 404,
	    [CONTENT_FORBIDDEN] = 403, [CONTENT_FAILED] = 503 };
	static const enum event_reason reasons[] = {
		[CONTENT_OK] = EVENT_OK,
		[CONTENT_NOT_FOUND] = EVENT_NO_FILE,
		[CONTENT_FORBIDDEN] = EVENT_FORBIDDEN,
		[CONTENT_FAILED] = EVENT_SEND_FAILED,
	};
	const struct http_settings *set = &a->site->set;
	struct content c;

	content_find(set->tree, name, peer_ipv4(&a->peer), a->server,
	    a->port, &c);
	if (c.damaged)
		report_damaged(&set->report, &a->peer, name);
	if (c.note[0] != '\0')
		report_note(&set->report, &a->peer, c.note);
	a->stage = c.stage;
	a->reason = reasons[c.status];
	a->quiet = c.quiet;
	a->mac = c.mac;
	memcpy(a->host, c.host, sizeof a->host);
	if (c.status == CONTENT_OK)
		serve(a, rq, name, &c);
	else
		refuse(a, statuses[c.status], c.why);
}

static void
serve(struct http_answer *a, const struct http_request *rq, const char *name,
    const struct content *c)
{
	uint64_t size = cache_size(c->file);
	/* A clock that went back must not give a date of the future. */
	time_t modified = cache_modified(c->file) < a->site->now ?
	    cache_modified(c->file) : a->site->now;
	struct iovec piece[PIECES];
	char date[HTTP_DATE_SIZE];
	int status = precondition(a, rq, c->generated ? -1 : modified);
	struct put o;

	a->file = c->file;
	a->length = status == 0 ? size : 0;
	if (status == 412) {
		a->reason = EVENT_UNSUPPORTED;
		refuse(a, 412, "it was modified, or has no such tag");
		return;
	}
	if (status == 0)
		status = 200;
	if (status == 200 && !a->headless && rq->range.n > 0)
		switch (part(a, rq, c->generated ? -1 : modified, size)) {
		case HTTP_RANGE_NOT:
			a->reason = EVENT_UNSUPPORTED;
			a->length = 0;
			refuse(a, 416, "beyond the end of the file");
			return;
		case HTTP_RANGE_PART:
			status = 206;
			break;
		case HTTP_RANGE_NONE:
			break;
		}
	a->at = a->first;
	a->end = a->first + (a->headless ? 0 : a->length);
#ifndef NO_SENDFILE
	a->copied = a->length <= SMALL || cache_fd(a->file) < 0;
#endif
	if (a->copied && a->at < a->end && cache_read(a->file, a->at,
	    a->length < SMALL ? (size_t)a->length : SMALL, piece, PIECES) < 0) {
		a->reason = EVENT_CHANGED;
		a->first = a->at = a->end = a->length = 0;
		refuse(a, 503, "the file changed meanwhile");
		return;
	}
	o = head_of(a, status);
	if (c->generated)
		http_head_text(&o, "Cache-Control", "no-store");
	else
		http_head_text(&o, "Last-Modified",
		    http_date_text(modified, date));
	if (status != 304) {
		http_head_text(&o, "Content-Type",
		    http_type(name, c->generated));
		http_head_number(&o, "Content-Length", a->length);
		http_head_text(&o, "Accept-Ranges", "bytes");
	}
	if (status == 206)
		http_head_range(&o, a->first, a->length, size);
	if (!a->keep || rq->old)
		http_head_text(&o, "Connection",
		    a->keep ? "keep-alive" : "close");
	http_head_end(&o);
	head_done(a, &o);
}

/*
 * RFC 9110 section 13.2.2: 304, 412, or 0 to go on.  modified: -1 for what has
 * no date.
 */
static int
precondition(struct http_answer *a, const struct http_request *rq,
    time_t modified)
{
	time_t t;

	if (rq->if_match == HTTP_MATCH_TAGS || (modified >= 0 &&
	    rq->if_match == HTTP_MATCH_NONE &&
	    since(a, rq->if_unmodified_since, &t) && modified > t))
		return 412;
	if (rq->if_none_match == HTTP_MATCH_ANY || (modified >= 0 &&
	    rq->if_none_match == HTTP_MATCH_NONE &&
	    since(a, rq->if_modified_since, &t) && t <= a->site->now &&
	    modified <= t))
		return 304;
	return 0;
}

static bool
since(struct http_answer *a, struct http_text s, time_t *t)
{
	return s.n > 0 && http_date(s.at, s.n, a->site->now, t);
}

/* An entity tag in If-Range is none of ours. */
static enum http_range
part(struct http_answer *a, const struct http_request *rq, time_t modified,
    uint64_t size)
{
	struct http_text s = rq->if_range;
	time_t t;

	if (s.n > 0 && (!http_date(s.at, s.n, a->site->now, &t) ||
	    t != modified))
		return HTTP_RANGE_NONE;
	return http_range(rq->range, size, &a->first, &a->length);
}

enum http_sent
http_answer_send(struct http_answer *a, int fd)
{
	uint64_t turn = a->at + TURN;
	size_t head, n, asked;
	ssize_t r;

	for (;;) {
		head = (size_t)(a->head_end - a->head_at);
		n = next_bytes(a, turn);
		if (head + n == 0 && a->at == a->end) {
			if (!a->copied)
				hold_parts(fd, false);
			return HTTP_ALL;
		}
		if (head + n == 0)
			return HTTP_LATER;
		/* Of a file that changed the client never gets the end. */
		if (a->at > a->first && a->at + n == a->end &&
		    cache_changed(a->file))
			return HTTP_BROKEN;
		if (head > 0 && !a->copied) {
			hold_parts(fd, true);
			n = 0;
		}
		asked = head + n;
		r = head > 0 || a->copied ? send_copied(a, fd, n) :
		    send_pages(a, fd, n);
		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0 && errno == EAGAIN)
			return HTTP_LATER;
		a->changed = r == 0;
		if (r <= 0)
			return HTTP_BROKEN;
		if ((size_t)r < head)
			head = (size_t)r;
		a->head_at = (uint16_t)(a->head_at + head);
		a->at += (size_t)r - head;
		if ((size_t)r < asked)	/* it is full */
			return HTTP_LATER;
	}
}

/* Segments that are not full wait for more to fill them. */
static void
hold_parts(int fd, bool hold)
{
	int on = hold;

#if defined(TCP_CORK)
	setsockopt(fd, IPPROTO_TCP, TCP_CORK, &on, sizeof on);
#elif defined(TCP_NOPUSH)
	setsockopt(fd, IPPROTO_TCP, TCP_NOPUSH, &on, sizeof on);
#else
	(void)fd;
	(void)on;
#endif
}

/* Of the file, by the next call: not all of its end with what is before. */
static size_t
next_bytes(const struct http_answer *a, uint64_t turn)
{
	uint64_t n = a->end - a->at;

	if (n > LAST)
		n -= LAST;
	if (n > turn - a->at)
		n = turn - a->at;
	return a->copied && n > SMALL ? SMALL : (size_t)n;
}

/* What is left of the head, and n bytes from the cache. */
static ssize_t
send_copied(struct http_answer *a, int fd, size_t n)
{
	struct iovec piece[PIECES] = { { a->head + a->head_at,
	    (size_t)(a->head_end - a->head_at) } };
	struct msghdr m = { .msg_iov = piece };
	int pieces = 0;
	ssize_t r;

	if (n > 0 && (pieces = cache_read(a->file, a->at, n, piece + 1,
	    PIECES - 1)) < 0)
		return -1;
	m.msg_iovlen = (size_t)pieces + 1;
	r = sendmsg(fd, &m, MSG_NOSIGNAL |
	    (a->at + n < a->end ? MSG_MORE : 0));
	cache_turn(a->site->set.cache);
	return r;
}

/* 0 if the file ends before that. */
static ssize_t
send_pages(struct http_answer *a, int fd, size_t n)
{
#if defined(__linux__)
	off_t from = (off_t)a->at;

	return sendfile(fd, cache_fd(a->file), &from, n);
#elif defined(__FreeBSD__)
	off_t done = 0;
	int r = sendfile(cache_fd(a->file), fd, (off_t)a->at, n, NULL, &done,
	    0);

	return r == 0 || done > 0 ? (ssize_t)done : -1;
#else
	return send_copied(a, fd, n);
#endif
}

void
http_answer_tick(struct http_answer *a, uint64_t now)
{
	struct report_fetch f = { .stage = EVENT_PROGRESS };

	if (now - a->told < SECOND_US || a->file == NULL)
		return;
	a->told = now;
	tell(a, &f, now);
	report_fetch_progress(&a->site->set.report, &f);
}

void
http_answer_end(struct http_answer *a, enum http_end end, uint64_t now)
{
	static const struct {
		enum event_reason reason;
		const char *words;
	} ends[] = {
		[HTTP_SENT] = { EVENT_OK, "success" },
		[HTTP_GONE] = { EVENT_CLIENT_ERROR, "client gave up" },
		[HTTP_SILENT] = { EVENT_TIMEOUT, "client went silent" },
		[HTTP_STOPPED] = { EVENT_SEND_FAILED, "the server ended it" },
	};
	struct report_fetch f = { .stage = a->stage, .reason = a->reason,
	    .words = a->why };

	if (a->why == NULL) {
		if (end != HTTP_SENT && cache_changed(a->file))
			a->changed = true;
		f.reason = a->changed ? EVENT_CHANGED : ends[end].reason;
		f.words = a->changed ? "file changed meanwhile" :
		    a->status == 304 ? "not modified" : ends[end].words;
	}
	tell(a, &f, now);
	f.no_event = a->quiet || (a->headless && a->why == NULL);
	report_fetch(&a->site->set.report, &f);
	if (a->file != NULL)
		cache_close(a->file);
	a->file = NULL;
}

static void
tell(struct http_answer *a, struct report_fetch *f, uint64_t now)
{
	f->peer = &a->peer;
	f->host = a->host;
	f->mac = &a->mac;
	f->method = a->method;
	f->name = a->name;
	f->status = a->status;
	f->bytes = a->at - a->first;
	f->size = a->length;
	f->us = now - a->started;
}

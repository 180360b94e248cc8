/*
 * One request by HTTP: see http_answer.h.  Small files and texts go out
 * with their head in one call; of others the kernel sends the pages
 * (sendfile), and nothing ever maps a file.
 */
#include <arpa/inet.h>
#include <event2/buffer.h>
#include <event2/http.h>
#include <event2/http_struct.h>
#include <event2/keyvalq_struct.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/queue.h>

#include "http_answer.h"
#include "http_parse.h"

#define SMALL	CACHE_CHUNK	/* at most two pieces of the cache */
#define STEP	(8u * 1024 * 1024)
#define LAST	65536u		/* held back until the file is looked at */
#define SECOND_US 1000000

static const struct {
	int status;
	const char *words;
} phrases[] = {
	{ 200, "OK" },
	{ 206, "Partial Content" },
	{ 304, "Not Modified" },
	{ 400, "Bad Request" },
	{ 403, "Forbidden" },
	{ 404, "Not Found" },
	{ 405, "Method Not Allowed" },
	{ 416, "Range Not Satisfiable" },
	{ 503, "Service Unavailable" },
};

static const char *bad_field(struct evhttp_request *);
static void find(struct http_answer *, const char *, struct content *);
static void serve(struct http_answer *, const char *, bool);
static bool unchanged(struct http_answer *, time_t);
static bool ranged(struct http_answer *, time_t, uint64_t);
static void send_small(struct http_answer *);
static void send_next(struct evhttp_connection *, void *);
static void refuse(struct http_answer *, int, const char *);
static void field(struct http_answer *, const char *, const char *);
static const char *asked(struct http_answer *, const char *);
static const char *phrase(int);
static void tell(struct http_answer *, struct report_fetch *, uint64_t,
    uint64_t);

void
http_answer(struct http_answer *a, struct evhttp_request *rq,
    const char *bad, uint64_t now)
{
	static const struct {
		enum evhttp_cmd_type type;
		const char *name;
	} methods[] = {
		{ EVHTTP_REQ_GET, "GET" }, { EVHTTP_REQ_HEAD, "HEAD" },
		{ EVHTTP_REQ_POST, "POST" }, { EVHTTP_REQ_PUT, "PUT" },
		{ EVHTTP_REQ_DELETE, "DELETE" },
		{ EVHTTP_REQ_OPTIONS, "OPTIONS" },
		{ EVHTTP_REQ_TRACE, "TRACE" },
		{ EVHTTP_REQ_CONNECT, "CONNECT" },
		{ EVHTTP_REQ_PATCH, "PATCH" }, { 0, "request" },
	};
	enum evhttp_cmd_type type = evhttp_request_get_command(rq);
	char name[CONTENT_NAME_MAX + 2];
	const char *target = evhttp_request_get_uri(rq);
	struct content c;
	size_t i;

	for (i = 0; methods[i].type != 0 && methods[i].type != type; i++)
		;
	a->rq = rq;
	a->started = a->told = now;
	a->method = methods[i].name;
	a->head = type == EVHTTP_REQ_HEAD;
	a->stage = EVENT_SILENCE;
	a->reason = EVENT_MALFORMED;
	a->host[0] = '\0';
	a->mac.kind = IDENTITY_NONE;
	snprintf(a->name, sizeof a->name, "%s", target);
	if (bad != NULL)
		refuse(a, 400, bad);
	else if (type != EVHTTP_REQ_GET && type != EVHTTP_REQ_HEAD) {
		a->reason = EVENT_UNSUPPORTED;
		refuse(a, 405, "this server only gives");
	} else if ((bad = bad_field(rq)) != NULL)
		refuse(a, 400, bad);
	else if (!http_target(target, name, sizeof name))
		refuse(a, 400, "not a path");
	else {
		snprintf(a->name, sizeof a->name, "%s",
		    name + strspn(name, "/"));
		find(a, name, &c);
	}
}

/*
 * What would let somebody between us and the client see another request in
 * it (RFC 9112 section 6), and a missing or second Host (section 3.2).
 */
static const char *
bad_field(struct evhttp_request *rq)
{
	struct evkeyval *f;
	int hosts = 0;

	TAILQ_FOREACH(f, evhttp_request_get_input_headers(rq), next) {
		if (strcasecmp(f->key, "Host") == 0)
			hosts++;
		else if (strcasecmp(f->key, "Transfer-Encoding") == 0)
			return "a body where there is none";
		else if (strcasecmp(f->key, "Content-Length") == 0 &&
		    strcmp(f->value, "0") != 0)
			return "a body where there is none";
	}
	if (hosts > 1)
		return "more than one Host";
	return hosts == 0 && rq->minor > 0 ? "no Host" : NULL;
}

static void
find(struct http_answer *a, const char *name, struct content *c)
{
	static const int statuses[] = { [CONTENT_NOT_FOUND] = 404,
	    [CONTENT_FORBIDDEN] = 403, [CONTENT_FAILED] = 503 };
	static const enum event_reason reasons[] = {
		[CONTENT_OK] = EVENT_OK,
		[CONTENT_NOT_FOUND] = EVENT_NO_FILE,
		[CONTENT_FORBIDDEN] = EVENT_FORBIDDEN,
		[CONTENT_FAILED] = EVENT_SEND_FAILED,
	};
	const union tftpsend_address *p = &a->peer;

	content_find(a->set->tree, name, p->sa.sa_family == AF_INET ?
	    ntohl(p->in.sin_addr.s_addr) : 0, a->server, c);
	if (c->damaged)
		report_damaged(&a->set->report, p, name);
	if (c->note[0] != '\0')
		report_note(&a->set->report, p, c->note);
	a->stage = c->stage;
	a->reason = reasons[c->status];
	a->quiet = c->quiet;
	a->mac = c->mac;
	memcpy(a->host, c->host, sizeof a->host);
	if (c->status != CONTENT_OK) {
		if (c->status == CONTENT_FAILED)
			field(a, "Retry-After", "1");
		refuse(a, statuses[c->status], c->why);
		return;
	}
	a->file = c->file;
	serve(a, name, c->generated);
}

static void
serve(struct http_answer *a, const char *name, bool generated)
{
	uint64_t size = cache_size(a->file);
	time_t modified = generated ? -1 : cache_modified(a->file);
	char text[64];

	if (generated)
		field(a, "Cache-Control", "no-store");
	else if (unchanged(a, modified))
		return;
	a->status = 200;
	a->first = 0;
	a->length = size;
	field(a, "Accept-Ranges", "bytes");
	if (!a->head && !ranged(a, modified, size))
		return;
	a->at = a->first;
	a->left = a->length;
	field(a, "Content-Type", http_type(name, generated));
	snprintf(text, sizeof text, "%llu", (unsigned long long)a->length);
	field(a, "Content-Length", text);
	if (a->head || a->length <= SMALL)
		send_small(a);
	else {
		evhttp_send_reply_start(a->rq, a->status,
		    phrase(a->status));
		send_next(evhttp_request_get_connection(a->rq), a);
	}
}

/* RFC 9110 section 13.1.3; true if that was the answer. */
static bool
unchanged(struct http_answer *a, time_t modified)
{
	time_t now = time(NULL), since;
	char text[HTTP_DATE_SIZE];
	const char *s;

	/* A clock that went back must not give a date of the future. */
	field(a, "Last-Modified", http_date_text(modified < now ? modified :
	    now, text));
	s = asked(a, "If-Modified-Since");
	if (s == NULL || asked(a, "If-None-Match") != NULL ||
	    !http_date(s, now, &since) || since > now || modified > since)
		return false;
	a->status = 304;
	a->length = 0;
	evhttp_send_reply(a->rq, 304, phrase(304), NULL);
	return true;
}

/* False if the answer was that there is no such part. */
static bool
ranged(struct http_answer *a, time_t modified, uint64_t size)
{
	const char *range = asked(a, "Range"), *since = asked(a, "If-Range");
	char text[80];
	time_t t;

	/* An entity tag in If-Range is none of ours. */
	if (range == NULL || (since != NULL && (!http_date(since, time(NULL),
	    &t) || t != modified)))
		return true;
	switch (http_range(range, size, &a->first, &a->length)) {
	case HTTP_RANGE_NONE:
		return true;
	case HTTP_RANGE_PART:
		a->status = 206;
		snprintf(text, sizeof text, "bytes %llu-%llu/%llu",
		    (unsigned long long)a->first,
		    (unsigned long long)(a->first + a->length - 1),
		    (unsigned long long)size);
		field(a, "Content-Range", text);
		return true;
	case HTTP_RANGE_NOT:
	default:
		snprintf(text, sizeof text, "bytes */%llu",
		    (unsigned long long)size);
		field(a, "Content-Range", text);
		a->reason = EVENT_UNSUPPORTED;
		refuse(a, 416, "beyond the end of the file");
		return false;
	}
}

static void
send_small(struct http_answer *a)
{
	struct iovec piece[3];
	int i, n = 0;

	if (!a->head && a->length > 0)
		n = cache_read(a->file, a->at, (size_t)a->length, piece, 3);
	for (i = 0; i < n; i++)
		evbuffer_add(a->scratch, piece[i].iov_base,
		    piece[i].iov_len);
	cache_turn(a->set->cache);
	if (n < 0) {
		/* It was cut just now. */
		evhttp_clear_headers(evhttp_request_get_output_headers(
		    a->rq));
		a->reason = EVENT_CHANGED;
		refuse(a, 503, "the file changed meanwhile");
		return;
	}
	if (!a->head)
		a->at += a->length;
	a->left = 0;
	evhttp_send_reply(a->rq, a->status, phrase(a->status), a->scratch);
}

/* All that was queued has left: the next part, or the end. */
static void
send_next(struct evhttp_connection *connection, void *arg)
{
	struct http_answer *a = arg;
	uint64_t n = a->left > LAST ? a->left - LAST : a->left;
	struct evbuffer_file_segment *part = NULL;

	if (a->left == 0) {
		evhttp_send_reply_end(a->rq);
		return;
	}
	if (n > STEP)
		n = STEP;
	/* Of a file that changed the client never gets the end. */
	if (n == a->left && a->at > a->first && cache_changed(a->file))
		a->changed = true;
	else
		part = evbuffer_file_segment_new(cache_fd(a->file),
		    (ev_off_t)a->at, (ev_off_t)n, EVBUF_FS_DISABLE_MMAP |
		    EVBUF_FS_DISABLE_LOCKING);
	if (part == NULL || evbuffer_add_file_segment(a->scratch, part, 0,
	    (ev_off_t)n) != 0) {
		if (part != NULL)
			evbuffer_file_segment_free(part);
		evhttp_connection_free(connection);
		return;
	}
	evbuffer_file_segment_free(part);
	a->at += n;
	a->left -= n;
	evhttp_send_reply_chunk_with_cb(a->rq, a->scratch, send_next, a);
}

static void
refuse(struct http_answer *a, int status, const char *why)
{
	char text[256];
	int n;

	a->status = status;
	a->why = why;
	a->length = a->left = 0;
	a->first = a->at = 0;
	n = snprintf(text, sizeof text, "%s: %s\n", phrase(status), why);
	if (status == 405)
		field(a, "Allow", "GET, HEAD");
	/* Where the next request begins is anybody's guess then. */
	if (status == 400 || status == 405)
		field(a, "Connection", "close");
	if (!a->head)
		evbuffer_add(a->scratch, text, (size_t)n);
	snprintf(text, sizeof text, "%d", n);
	field(a, "Content-Type", "text/plain; charset=utf-8");
	field(a, "Content-Length", text);
	evhttp_send_reply(a->rq, status, phrase(status), a->scratch);
}

static void
field(struct http_answer *a, const char *name, const char *value)
{
	evhttp_add_header(evhttp_request_get_output_headers(a->rq), name,
	    value);
}

static const char *
asked(struct http_answer *a, const char *name)
{
	return evhttp_find_header(evhttp_request_get_input_headers(a->rq),
	    name);
}

static const char *
phrase(int status)
{
	size_t i;

	for (i = 0; i + 1 < sizeof phrases / sizeof phrases[0] &&
	    phrases[i].status != status; i++)
		;
	return phrases[i].words;
}

uint64_t
http_answer_sent(const struct http_answer *a, uint64_t unsent)
{
	uint64_t queued = a->at - a->first;

	return queued > unsent ? queued - unsent : 0;
}

void
http_answer_tick(struct http_answer *a, uint64_t unsent, uint64_t now)
{
	struct report_fetch f = { .stage = EVENT_PROGRESS };

	if (now - a->told < SECOND_US || a->file == NULL)
		return;
	a->told = now;
	tell(a, &f, unsent, now);
	report_fetch_progress(&a->set->report, &f);
}

void
http_answer_end(struct http_answer *a, enum http_end end, uint64_t unsent,
    uint64_t now)
{
	static const struct {
		enum event_reason reason;
		const char *words;
	} ends[] = {
		[HTTP_SENT] = { EVENT_OK, "success" },
		[HTTP_GONE] = { EVENT_CLIENT_ERROR, "client gave up" },
		[HTTP_SILENT] = { EVENT_TIMEOUT, "client went silent" },
	};
	struct report_fetch f = { .stage = a->stage, .reason = a->reason,
	    .words = a->why };

	if (a->file != NULL && a->why == NULL) {
		if (end != HTTP_SENT && cache_changed(a->file))
			a->changed = true;
		f.reason = a->changed ? EVENT_CHANGED : ends[end].reason;
		f.words = a->changed ? "file changed meanwhile" :
		    a->status == 304 ? "not modified" : ends[end].words;
	}
	tell(a, &f, end == HTTP_SENT ? 0 : unsent, now);
	f.no_event = a->quiet || (a->head && a->why == NULL);
	report_fetch(&a->set->report, &f);
	if (a->file != NULL)
		cache_close(a->file);
	/* One that evhttp let go of is ours. */
	if (end != HTTP_SENT && evhttp_request_get_connection(a->rq) == NULL)
		evhttp_send_reply_end(a->rq);
	a->rq = NULL;
	a->file = NULL;
	a->why = NULL;
	a->changed = a->quiet = false;
}

static void
tell(struct http_answer *a, struct report_fetch *f, uint64_t unsent,
    uint64_t now)
{
	f->peer = &a->peer;
	f->host = a->host;
	f->mac = &a->mac;
	f->method = a->method;
	f->name = a->name;
	f->status = a->status;
	f->bytes = http_answer_sent(a, unsent);
	f->size = a->length;
	f->us = now - a->started;
}

/*
 * Requests, and what becomes of them: see serve.h.
 */
#include <stdlib.h>
#include <string.h>

#include "peer.h"
#include "serve.h"

#define ASCII_BYTES	65536	/* a window in netascii: a buffer of its own */
#define QUIET_US	1000000	/* a request again after that starts anew */

static const enum tftp_code codes[] = {
	[CONTENT_NOT_FOUND] = TFTP_E_NOT_FOUND,
	[CONTENT_FORBIDDEN] = TFTP_E_ACCESS,
	[CONTENT_FAILED] = TFTP_E_UNDEFINED,
};

static bool repeated(struct server *, struct flight *, uint64_t);
static void begin(struct server *, const struct tftpsend_peer *,
    const struct tftp_request *, uint64_t);
static void peer_of(struct server *, const struct port *, int,
    struct tftpsend_peer *);

void
serve_request(struct server *s, const struct port *p, int i)
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
	if (peer.to.in.sin_port == 0 || !serve_may_ask(s, &peer.to))
		return;
	/* All workers get it. */
	if (peer.broadcast && !workers_is_first(s->set.workers))
		return;
	reason = tftp_parse_request(bytes, len, &rq);
	if (reason == TFTP_OK && (cut || len > SERVE_REQUEST_MAX))
		reason = TFTP_UNTERMINATED;
	if (reason != TFTP_OK) {
		report_bad(&s->set.report, &peer.to, EVENT_MALFORMED,
		    tftp_reason_text(reason));
		/* Never an ERROR for an ERROR: that has no end. */
		if (len >= 2 && tftp_opcode(bytes, len) != TFTP_ERROR)
			serve_refuse(s, &peer, tftp_reason_code(reason),
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

bool
serve_may_ask(struct server *s, const union tftpsend_address *who)
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
			serve_take_step(s, f, &come, NULL, 0);
			return true;
		}
		/* It is answered when that is over, should it come again. */
		if (f->in->u.state == UPLOAD_KEEPING) {
			if (f->request != sum) {
				upload_error(&f->in->u, &come);
				serve_take_step(s, f, &come, NULL, 0);
			}
			return true;
		}
		/* The same file may be what is asked now. */
		if (f->in->store != NULL)
			store_abort(f->in->store);
		f->in->store = NULL;
		serve_finish(s, f, TRANSFER_SILENT);
		return false;
	}

	if (f->request == sum && (!f->t.heard ||
	    (!all_sent && s->now - f->t.progress_at < QUIET_US))) {
		transfer_request(&f->t, s->now, &act);
		serve_step(s, f, &act);
		return true;
	}
	serve_finish(s, f, f->t.state == TRANSFER_OPENING ? TRANSFER_REFUSED :
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
		serve_take_begin(s, peer, rq, sum);
		return;
	}
	content_find(s->set.tree, rq->name, peer_ipv4(&peer->to),
	    peer_ipv4(&peer->from), 0, c);
	if (c->damaged)
		report_damaged(&s->set.report, &peer->to, rq->name);
	if (c->note[0] != '\0')
		report_note(&s->set.report, &peer->to, c->note);
	if (c->status != CONTENT_OK) {
		serve_refuse_found(s, peer, "read", rq->name);
		return;
	}
	if ((f = serve_new_flight(s, peer, rq, sum)) == NULL) {
		cache_close(c->file);
		return;
	}
	f->file = c->file;
	f->size = cache_size(c->file);
	transfer_start(&f->t, &rq->asked, rq->mode == TFTP_NETASCII ?
	    TRANSFER_UNKNOWN : f->size, rq->mode == TFTP_NETASCII ?
	    ASCII_BYTES : SERVE_WINDOW_BYTES, &f->granted, s->now, &act);
	if (rq->mode == TFTP_NETASCII) {
		f->mark_block = f->tip_block = 1;
		f->buffer = malloc((size_t)f->t.window * f->t.blksize);
		if (f->buffer == NULL) {
			flight_free(f);
			return;
		}
	}
	serve_port_choose(s, f);
	serve_add(s, f);
	serve_step(s, f, &act);
}

struct flight *
serve_new_flight(struct server *s, const struct tftpsend_peer *peer,
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

void
serve_add(struct server *s, struct flight *f)
{
	table_add(s->table, f);
	workers_serving(s->set.workers, table_count(s->table));
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
	    serve_port_shared(s, peer->to.sa.sa_family, 1);
}

void
serve_refuse_found(struct server *s, const struct tftpsend_peer *peer,
    const char *what, const char *name)
{
	const struct content *c = &s->found;

	report_refused(&s->set.report, &peer->to, what, name, c);
	serve_refuse(s, peer, codes[c->status], c->why);
}

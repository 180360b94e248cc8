/*
 * Files on their way in: see serve.h.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "peer.h"
#include "serve.h"

static const char *make_stamp(const struct server *, char *, size_t);
static void not_kept(struct server *, struct flight *, int);

void
serve_take_begin(struct server *s, const struct tftpsend_peer *peer,
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
		serve_refuse_found(s, peer, "write", rq->name);
		return;
	}
	f = serve_new_flight(s, peer, rq, sum);
	if (f == NULL || (f->in = calloc(1, sizeof *f->in)) == NULL) {
		store_abort(store);
		if (f != NULL)
			flight_free(f);
		return;
	}
	f->in->store = store;
	upload_start(&f->in->u, &rq->asked, s->set.write_max,
	    SERVE_WINDOW_BYTES, &f->granted, s->now, &act);
	f->size = rq->asked.value[TFTP_O_TSIZE];
	f->t.deadline = f->in->u.deadline;
	serve_add(s, f);
	serve_take_step(s, f, &act, NULL, 0);
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

void
serve_take_step(struct server *s, struct flight *f,
    const struct upload_action *act, const uint8_t *bytes, size_t len)
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
		serve_finish(s, f, act->end);
}

/* The client's file has no place here; error: 0 if it is too large. */
static void
not_kept(struct server *s, struct flight *f, int error)
{
	bool full = error == 0 || error == ENOSPC || error == EDQUOT ||
	    error == EFBIG;

	f->why = error == 0 ? "larger than this server takes" :
	    full ? "no room on the disk" : strerror(error);
	serve_refuse(s, &f->peer, full ? TFTP_E_FULL : error == EACCES ||
	    error == EPERM || error == EROFS ? TFTP_E_ACCESS :
	    TFTP_E_UNDEFINED, f->why);
	serve_finish(s, f, TRANSFER_ABORTED);
}

void
serve_take_kept(struct server *s)
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
		serve_take_step(s, f, &act, NULL, 0);
		if (f->t.state != TRANSFER_OVER)
			table_schedule(s->table, f);
	}
}

void
serve_take_packet(struct server *s, struct flight *f, const uint8_t *bytes,
    size_t len)
{
	struct upload_action act;
	struct cursor c = cursor_of(bytes, len);
	uint16_t opcode, block;

	if (serve_heard_error(f, bytes, len))
		upload_error(&f->in->u, &act);
	else if (cursor_u16(&c, &opcode) && opcode == TFTP_DATA &&
	    cursor_u16(&c, &block))
		upload_data(&f->in->u, block, cursor_left(&c), s->now, &act);
	else
		return;
	serve_take_step(s, f, &act, c.at, cursor_left(&c));
}

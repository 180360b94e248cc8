/*
 * Files on their way out: see serve.h.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "serve.h"

static bool guess(const struct flight *, const uint8_t *, size_t);
static void went_on(struct server *, struct flight *);
static bool send_blocks(struct server *, struct flight *, uint64_t,
    uint32_t);
static int block_octets(struct server *, struct flight *, uint64_t,
    struct iovec *);
static int block_ascii(struct server *, struct flight *, uint64_t, size_t,
    struct iovec *);

void
serve_packet(struct server *s, const struct port *p, int i)
{
	size_t len;
	bool cut;
	const uint8_t *bytes = inbox_packet(s->in, i, &len, &cut);
	const union tftpsend_address *from = inbox_from(s->in, i);
	struct transfer_action act;
	struct tftpsend_peer stranger;
	struct flight *f;
	uint16_t block;

	f = p->of != NULL ? p->of : table_find(s->table, from);
	if (f != NULL && f->peer.fd != p->fd && guess(f, bytes, len)) {
		/* Somebody in its name, who has to guess where. */
		f->why = "answered at a port that it was not told";
		serve_finish(s, f, TRANSFER_STOPPED);
		return;
	}
	if (f == NULL || f->peer.fd != p->fd ||
	    (p->of != NULL && !table_same_address(&f->peer.to, from))) {
		/* RFC 1350 section 4: whoever it is, tell it, and go on. */
		if (len < TFTP_HEAD || tftp_opcode(bytes, len) ==
		    TFTP_ERROR || table_ended_lately(s->table, from, s->now) ||
		    !serve_may_ask(s, from))
			return;
		memset(&stranger, 0, sizeof stranger);
		stranger.to = *from;
		stranger.fd = p->fd;
		serve_refuse(s, &stranger, TFTP_E_UNKNOWN_ID, NULL);
		return;
	}
	if (f->t.state == TRANSFER_OVER)
		return;
	if (f->in != NULL) {
		serve_take_packet(s, f, bytes, len);
		went_on(s, f);
		return;
	}
	if (tftp_parse_ack(bytes, len, &block) == TFTP_OK)
		transfer_ack(&f->t, block, s->now, &act);
	else if (serve_heard_error(f, bytes, len))
		transfer_error(&f->t, &act);
	else
		return;
	if (act.end == TRANSFER_DONE && !s->set.single_port)
		limit_give_back(s->set.limit, from);
	serve_step(s, f, &act);
	went_on(s, f);
}

/* What its client could say first, had it been told that port. */
static bool
guess(const struct flight *f, const uint8_t *bytes, size_t len)
{
	uint16_t block;

	return f->own == NULL && f->in == NULL && !f->t.heard &&
	    tftp_parse_ack(bytes, len, &block) == TFTP_OK &&
	    block == (f->t.state == TRANSFER_OPENING ? 0 : 1);
}

/* After a packet of a transfer that may have ended by it. */
static void
went_on(struct server *s, struct flight *f)
{
	if (f->t.state == TRANSFER_OVER)
		return;
	table_schedule(s->table, f);
	if (f->t.state == TRANSFER_OPENING ||
	    s->now - f->told < SERVE_SECOND_US)
		return;
	f->told = s->now;
	report_progress(&s->set.report, f, s->now);
}

void
serve_step(struct server *s, struct flight *f,
    const struct transfer_action *act)
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
		serve_refuse(s, &f->peer, TFTP_E_UNDEFINED, f->why);
		serve_finish(s, f, TRANSFER_ABORTED);
		return;
	}
	if (act->end != TRANSFER_GOES_ON)
		serve_finish(s, f, act->end);
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

void
serve_finish(struct server *s, struct flight *f, enum transfer_end end)
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

void
serve_refuse(struct server *s, const struct tftpsend_peer *peer,
    enum tftp_code code, const char *text)
{
	uint8_t bytes[TFTP_REPLY_MAX];
	struct put o = put_into(bytes, sizeof bytes);

	tftp_put_error(&o, code, text);
	tftpsend_packet(s->out, peer, bytes, (size_t)(o.at - bytes));
}

bool
serve_heard_error(struct flight *f, const uint8_t *bytes, size_t len)
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

/*
 * A client that sends anything at any time to the receiving side: each block
 * is taken once and in its order, none is acknowledged that was not taken,
 * one packet has one answer, and silence ends it.
 */
#include <stdlib.h>
#include <string.h>

#include "../../tftpd/upload.h"

#define HOUR	(3600ull * TRANSFER_SECOND)

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

struct input {
	const uint8_t *at, *end;
};

struct file {			/* what came of it */
	uint64_t blocks, bytes, limit;
	bool whole, kept, gone;
};

static unsigned byte(struct input *);
static unsigned word(struct input *);
static void start(struct input *, struct upload *, struct file *, uint64_t,
    struct upload_action *);
static void data(struct input *, struct upload *, struct file *, uint64_t,
    unsigned, struct upload_action *);
static void look(const struct upload *, enum upload_state,
    const struct file *, const struct upload_action *);
static void silence(struct upload *, struct file *, uint64_t);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct input in = { bytes, bytes + n };
	struct upload u;
	struct upload_action act;
	struct file f = { 0 };
	uint64_t now = HOUR;
	enum upload_state was;
	unsigned what;

	start(&in, &u, &f, now, &act);
	look(&u, UPLOAD_OPENING, &f, &act);
	while (in.at < in.end) {
		was = u.state;
		what = byte(&in);
		f.gone = u.gone;
		now += (uint64_t)byte(&in) << what / 8 % 20;
		if (u.state == UPLOAD_KEEPING && what % 4 == 0) {
			f.kept = what % 8 == 0;
			upload_kept(&u, f.kept, now, &act);
		} else if (what % 8 == 0)
			upload_request(&u, &act);
		else if (what % 8 == 1 && byte(&in) == 0)
			upload_error(&u, &act);
		else if (what % 8 == 2) {
			if (u.state != UPLOAD_OVER && now < u.deadline)
				now = u.deadline;
			upload_timeout(&u, now, &act);
			if (u.state != UPLOAD_OVER && u.deadline <= now)
				abort();
		} else
			data(&in, &u, &f, now, what % 8, &act);
		look(&u, was, &f, &act);
	}
	silence(&u, &f, now);
	return 0;
}

static unsigned
byte(struct input *in)
{
	return in->at < in->end ? *in->at++ : 0;
}

static unsigned
word(struct input *in)
{
	unsigned high = byte(in);

	return high << 8 | byte(in);
}

static void
start(struct input *in, struct upload *u, struct file *f, uint64_t now,
    struct upload_action *act)
{
	struct tftp_options o = { 0 }, granted;

	o.has = byte(in) & ((1u << TFTP_OPTIONS) - 1);
	o.value[TFTP_O_BLKSIZE] = 8 + word(in) % 65457;
	o.value[TFTP_O_BLKSIZE2] = 8u << byte(in) % 13;
	o.value[TFTP_O_WINDOWSIZE] = 1 + word(in) % 65535;
	o.value[TFTP_O_TIMEOUT] = 1 + byte(in) % 255;
	o.value[TFTP_O_UTIMEOUT] = 10000 + word(in) * 3000u;
	o.value[TFTP_O_ROLLOVER] = byte(in) % 2;
	o.value[TFTP_O_TSIZE] = word(in);
	f->limit = word(in);
	upload_start(u, &o, f->limit, 65536, &granted, now, act);
	if (act->end == TRANSFER_GOES_ON &&
	    (u->blksize > TFTP_BLKSIZE_MAX || u->blksize < 8))
		abort();
	if (act->end == TRANSFER_GOES_ON && act->oack != (granted.has != 0))
		abort();
}

/* Most are the block that is wanted, or near it, and full. */
static void
data(struct input *in, struct upload *u, struct file *f, uint64_t now,
    unsigned what, struct upload_action *act)
{
	uint16_t wanted = upload_wire(u, u->next);
	uint16_t wire = what == 3 ? (uint16_t)word(in) : what == 4 ?
	    (uint16_t)(wanted + byte(in) % 8 - 4) : wanted;
	size_t len = byte(in) % 8 == 0 ? word(in) % 2100 : u->blksize;

	upload_data(u, wire, len, now, act);
	if (!act->take)
		return;
	if (wire != wanted || len > u->blksize || f->whole)
		abort();
	f->blocks++;
	f->bytes += len;
	f->whole = len < u->blksize;
	if (act->last != f->whole)
		abort();
}

static void
look(const struct upload *u, enum upload_state was, const struct file *f,
    const struct upload_action *act)
{
	if (was == UPLOAD_OVER && (act->take || act->oack || act->ack ||
	    act->too_large || act->end != TRANSFER_GOES_ON))
		abort();
	if (act->oack && act->ack)
		abort();
	if (act->ack && act->block != f->blocks)
		abort();
	if (act->last && (!act->take || act->ack))
		abort();
	/* Nobody hears of the last block before the file is on the disk. */
	if (f->whole && act->ack && (!f->kept || f->gone))
		abort();
	if (act->unwanted && !u->gone)
		abort();
	if (act->too_large && (act->take || act->end == TRANSFER_GOES_ON))
		abort();
	if (f->bytes > f->limit || f->bytes != u->bytes ||
	    u->next != f->blocks + 1 || u->held >= u->window)
		abort();
	if ((u->state == UPLOAD_LINGERING || u->state == UPLOAD_KEEPING) !=
	    (f->whole && u->state != UPLOAD_OVER))
		abort();
	if (u->state == UPLOAD_LINGERING && !f->kept)
		abort();
	/* A file that was kept was not given up, and no other is done. */
	if (act->end != TRANSFER_GOES_ON &&
	    (act->end == TRANSFER_DONE) != f->kept)
		abort();
}

static void
silence(struct upload *u, struct file *f, uint64_t now)
{
	struct upload_action act;
	uint64_t began = now;
	unsigned sent = 0;

	if (u->state == UPLOAD_KEEPING) {
		f->kept = true;
		f->gone = u->gone;
		upload_kept(u, true, now, &act);
		look(u, UPLOAD_KEEPING, f, &act);
	}

	while (u->state != UPLOAD_OVER) {
		enum upload_state was = u->state;

		if (u->deadline > now)
			now = u->deadline;
		upload_timeout(u, now, &act);
		look(u, was, f, &act);
		/* Before any data an answer may go to a forged address. */
		sent += act.ack || act.oack;
		if (act.take || (was == UPLOAD_OPENING && sent > 0) ||
		    sent > 2600)
			abort();
	}
	if (now - began > HOUR)
		abort();
}

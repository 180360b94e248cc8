/*
 * A client that sends anything at any time to the sending side: it gets
 * blocks of the window and no others, no data for a repeated ACK of a window
 * of one, little before it answered, and an end, whatever it does.
 */
#include <stdlib.h>
#include <string.h>

#include "../../tftpd/transfer.h"

#define HOUR	(3600ull * TRANSFER_SECOND)

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

struct input {
	const uint8_t *at, *end;
};

static unsigned byte(struct input *);
static unsigned word(struct input *);
static void start(struct input *, struct transfer *, uint64_t,
    struct transfer_action *);
static void step(struct input *, struct transfer *, uint64_t *,
    struct transfer_action *);
static void look(const struct transfer *, const struct transfer *, uint64_t,
    const struct transfer_action *);
static void silence(struct transfer *, uint64_t);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct input in = { bytes, bytes + n };
	struct transfer t, before;
	struct transfer_action act;
	uint64_t now = HOUR;

	start(&in, &t, now, &act);
	look(&t, &t, now, &act);
	while (in.at < in.end) {
		/* The end turns up while blocks are made. */
		if (t.last == TRANSFER_UNKNOWN && act.count > 0 &&
		    byte(&in) % 16 == 0)
			transfer_set_last(&t, act.first +
			    byte(&in) % act.count);
		before = t;
		step(&in, &t, &now, &act);
		look(&before, &t, now, &act);
	}
	silence(&t, now);
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

/* Options as a parsed request has them. */
static void
start(struct input *in, struct transfer *t, uint64_t now,
    struct transfer_action *act)
{
	struct tftp_options o = { 0 }, granted;
	uint64_t size = (uint64_t)word(in) << byte(in) % 16;
	uint32_t window_bytes = byte(in) % 2 == 0 ? 65536 : 1024 * 1024;

	o.has = byte(in) & ((1u << TFTP_OPTIONS) - 1);
	o.value[TFTP_O_BLKSIZE] = 8 + word(in) % 65457;
	o.value[TFTP_O_BLKSIZE2] = 8u << byte(in) % 13;
	o.value[TFTP_O_WINDOWSIZE] = 1 + word(in) % 65535;
	o.value[TFTP_O_TIMEOUT] = 1 + byte(in) % 255;
	o.value[TFTP_O_UTIMEOUT] = 10000 + word(in) * 3000u;
	o.value[TFTP_O_ROLLOVER] = byte(in) % 2;
	if (byte(in) % 4 == 0)
		size = TRANSFER_UNKNOWN;
	transfer_start(t, &o, size, window_bytes, &granted, now,
	    act);
	if (act->oack != (granted.has != 0) || act->oack == (act->count > 0))
		abort();
	if (t->window > 1 && (uint64_t)t->window * t->blksize > window_bytes)
		abort();
}

static void
step(struct input *in, struct transfer *t, uint64_t *now,
    struct transfer_action *act)
{
	unsigned what = byte(in);
	uint16_t wire;

	*now += (uint64_t)byte(in) << what / 8 % 20;
	switch (what % 8) {
	case 0:
		transfer_request(t, *now, act);
		break;
	case 1:
		if (byte(in) == 0)
			transfer_error(t, act);
		else
			transfer_ack(t, (uint16_t)word(in), *now, act);
		break;
	case 2:
	case 3:
		if (*now < t->deadline && t->state != TRANSFER_OVER)
			*now = t->deadline;
		transfer_timeout(t, *now, act);
		if (t->state != TRANSFER_OVER && t->deadline <= *now)
			abort();
		break;
	default:	/* near what is under way */
		wire = transfer_wire(t, t->base + byte(in) % (t->window + 2u));
		transfer_ack(t, (uint16_t)(wire - byte(in) % 3), *now, act);
		break;
	}
}

static void
look(const struct transfer *was, const struct transfer *t, uint64_t now,
    const struct transfer_action *act)
{
	if (was != t && was->state == TRANSFER_OVER && (act->oack ||
	    act->count > 0 || act->end != TRANSFER_GOES_ON))
		abort();
	if ((t->state == TRANSFER_OVER) != (act->end != TRANSFER_GOES_ON ||
	    (was != t && was->state == TRANSFER_OVER)))
		abort();
	if (act->oack && t->state != TRANSFER_OPENING)
		abort();
	if (act->count > t->window || (act->count > 0 &&
	    (act->first < t->base || act->first + act->count > t->next ||
	    t->next > t->base + t->window)))
		abort();
	if (t->last != TRANSFER_UNKNOWN && t->next > t->last + 1)
		abort();
	if (t->base < was->base || t->base > t->next || t->next > t->high + 1)
		abort();
	/* The Sorcerer's Apprentice: data for progress or for time alone. */
	if (was != t && t->window == 1 && t->heard && act->count > 0 &&
	    t->base == was->base && was->state == TRANSFER_SENDING &&
	    was->deadline > now)
		abort();
	if (t->fixed == 0 && t->rto > 8 * TRANSFER_SECOND)
		abort();
	if (transfer_acked(t, 1000) > 1000)
		abort();
}

/* Nobody speaks any more: few packets, then the end. */
static void
silence(struct transfer *t, uint64_t now)
{
	struct transfer_action act;
	unsigned sent = 0;
	uint64_t began = now;

	while (t->state != TRANSFER_OVER) {
		if (t->deadline > now)
			now = t->deadline;
		transfer_timeout(t, now, &act);
		if (act.oack)
			abort();
		sent += act.count > 0;
		if ((!t->heard && sent > 2) || sent > 40)
			abort();
	}
	/* Five times a timeout of 255 s is the longest. */
	if (now - began > HOUR)
		abort();
}

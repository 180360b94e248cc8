/*
 * The sending side of a transfer: see transfer.h.
 */
#include <string.h>

#include "transfer.h"

#define RTO_FIRST	TRANSFER_SECOND		/* RFC 6298 section 2.1 */
#define RTO_SLACK	10000u			/* least above the average */
#define RTO_MAX		(8 * TRANSFER_SECOND)
#define PATIENCE	(25ull * TRANSFER_SECOND)	/* without progress */
#define OPENING		(16ull * TRANSFER_SECOND)	/* for ACK 0 */
#define REPEAT_LEAST	250000u	/* before a client says a thing again */
#define TRIES_UNHEARD	2	/* a forged address gets no more than this */
#define TRIES_LAST	4	/* many clients never acknowledge the last, */
#define LAST		TRANSFER_SECOND		/* and this has to pass, too */
#define TRIES		40

static void grant(struct transfer *, const struct tftp_options *,
    uint64_t size, uint32_t window_bytes, struct tftp_options *);
static void await_opening(struct transfer *, uint64_t);
static bool block_of(const struct transfer *, uint16_t, uint64_t *);
static void send_window(struct transfer *, uint64_t,
    struct transfer_action *);
static void repeat_window(struct transfer *, uint64_t,
    struct transfer_action *);
static void acknowledged(struct transfer *, uint64_t, uint64_t,
    struct transfer_action *);
static void once_more(struct transfer *, uint64_t, struct transfer_action *);
static void late(struct transfer *, uint64_t, struct transfer_action *);
static void probe(struct transfer *, uint64_t, struct transfer_action *);
static void measure_opening(struct transfer *, uint64_t);
static void measure(struct transfer *, uint64_t);
static uint32_t estimate(const struct transfer *);
static void over(struct transfer *, enum transfer_end,
    struct transfer_action *);

void
transfer_start(struct transfer *t, const struct tftp_options *asked,
    uint64_t size, uint32_t window_bytes, struct tftp_options *granted,
    uint64_t now, struct transfer_action *act)
{
	memset(t, 0, sizeof *t);
	memset(act, 0, sizeof *act);
	grant(t, asked, size, window_bytes, granted);
	t->last = size == TRANSFER_UNKNOWN ? TRANSFER_UNKNOWN :
	    size / t->blksize + 1;
	t->base = t->next = 1;
	t->progress_at = t->sent_at = now;
	if (granted->has == 0) {
		t->state = TRANSFER_SENDING;
		send_window(t, now, act);
		return;
	}
	/*
	 * An OACK is never sent again of our own accord: a client that lost
	 * it asks again, and a forged request gains nothing.
	 */
	t->state = TRANSFER_OPENING;
	await_opening(t, now);
	act->oack = true;
}

/* Some clients say ACK 0 again after 5 s, and each of them may be lost. */
static void
await_opening(struct transfer *t, uint64_t now)
{
	t->deadline = now + (t->fixed > OPENING / 2 ? 2ull * t->fixed :
	    OPENING);
}

static void
grant(struct transfer *t, const struct tftp_options *asked, uint64_t size,
    uint32_t window_bytes, struct tftp_options *granted)
{
	struct tftp_terms terms;

	tftp_settle(&terms, asked, window_bytes, granted);
	t->blksize = terms.blksize;
	t->window = terms.window;
	t->rollover = terms.rollover;
	t->fixed = terms.timeout;
	t->rto = t->fixed > 0 ? t->fixed : RTO_FIRST;
	/* curl takes a size of 0 for an error of the server. */
	if (size == TRANSFER_UNKNOWN || size == 0)
		granted->has &= ~(1u << TFTP_O_TSIZE);
	else
		granted->value[TFTP_O_TSIZE] = size;
}

void
transfer_ack(struct transfer *t, uint16_t wire, uint64_t now,
    struct transfer_action *act)
{
	uint64_t n;

	memset(act, 0, sizeof *act);
	if (t->state == TRANSFER_OVER || !block_of(t, wire, &n))
		return;
	if (t->state == TRANSFER_OPENING) {
		t->state = TRANSFER_SENDING;
		t->heard = true;
		t->progress_at = now;
		measure_opening(t, now);
		send_window(t, now, act);
		return;
	}
	t->heard = true;
	if (n >= t->base)
		acknowledged(t, n, now, act);
	else
		once_more(t, now, act);
}

static void
acknowledged(struct transfer *t, uint64_t n, uint64_t now,
    struct transfer_action *act)
{
	bool fresh = t->timed != 0 && n >= t->timed;
	bool early = !fresh && (now - t->sent_at < t->rtt_min ||
	    now - t->sent_at < t->srtt / 2);

	if (t->repeats == 0)
		t->slow = 0;
	if (fresh)
		measure(t, now);
	t->rto = estimate(t);
	/*
	 * A window that went out more than once may be answered as often:
	 * what comes after this is no news (RFC 1123 section 4.2.3.1, the
	 * Sorcerer's Apprentice).
	 */
	t->echoes = n + 1 == t->next ? t->repeats : 0;
	t->repeats = t->tries = 0;
	t->base = n + 1;
	t->progress_at = now;
	if (n == t->last) {
		over(t, TRANSFER_DONE, act);
		return;
	}
	/*
	 * An answer to what went before, while the same blocks are on their
	 * way once more: each of the next ACKs would set off a window of its
	 * own.
	 */
	if (!early)
		t->next = t->base;
	send_window(t, now, act);
}

/*
 * The ACK before the window.  With windows it means that the first block of
 * this one is missing (RFC 7440 section 4), if it can be an answer to it at
 * all.
 */
static void
once_more(struct transfer *t, uint64_t now, struct transfer_action *act)
{
	if (t->echoes > 0) {
		/* It has got both: it is slow, and nothing was lost. */
		t->echoes--;
		if (t->fixed == 0 && t->rto < t->slow) {
			t->rto = t->slow;
			t->deadline = t->sent_at + t->rto;
		}
		return;
	}
	if (t->window > 1 && now >= t->answer_at)
		repeat_window(t, now, act);
}

/* Which of the blocks in flight, or the one before them, does it mean? */
static bool
block_of(const struct transfer *t, uint16_t wire, uint64_t *n)
{
	uint64_t before = t->base - 1;
	uint32_t period = t->rollover == 0 ? 65536 : 65535;
	uint32_t from = transfer_wire(t, before);

	if (t->rollover == 1 && wire == 0 && before != 0)
		return false;
	*n = before + (wire + period - from) % period;
	return *n < t->next;
}

uint16_t
transfer_wire(const struct transfer *t, uint64_t block)
{
	return tftp_wire(block, t->rollover);
}

static void
send_window(struct transfer *t, uint64_t now, struct transfer_action *act)
{
	uint64_t end = t->base + t->window;	/* one past the last */

	if (t->last != TRANSFER_UNKNOWN && end > t->last + 1)
		end = t->last + 1;
	act->first = t->next;
	act->count = (uint32_t)(end - t->next);
	/*
	 * To a repeated block it is no answer while the first may still be
	 * answered: some clients send an ACK for each block past a gap.
	 */
	t->answer_at = now + t->rtt_min;
	t->timed = t->next;
	/* A repeated block's ACK may be the first one's (Karn's rule). */
	if (t->next <= t->high) {
		t->answer_at = now + (t->srtt == 0 ? REPEAT_LEAST :
		    t->srtt + 4 * t->rttvar);
		t->timed = end - 1 > t->high ? t->high + 1 : 0;
		t->resent += (t->high < end - 1 ? t->high + 1 : end) -
		    t->next;
	}
	if (t->high < end - 1)
		t->high = end - 1;
	t->next = end;
	t->sent_at = now;
	t->deadline = now + t->rto;
}

static void
repeat_window(struct transfer *t, uint64_t now, struct transfer_action *act)
{
	if (t->repeats < UINT8_MAX)
		t->repeats++;
	t->next = t->base;
	send_window(t, now, act);
}

/*
 * The last block of a window that went out once: whatever was lost of it, or
 * of the answer, the client says which block it wants, and if it is only
 * slow, it gets no more than this one twice.
 */
static void
probe(struct transfer *t, uint64_t now, struct transfer_action *act)
{
	if (t->repeats < UINT8_MAX)
		t->repeats++;
	act->first = t->next - 1;
	act->count = 1;
	t->resent++;
	t->timed = 0;
	t->sent_at = now;
	t->answer_at = now + t->rtt_min;
	t->deadline = now + t->rto;
}

/*
 * ACK 0: the client may have sent it again, and it does more before the
 * first block than between two.  So it counts until a block is measured.
 */
static void
measure_opening(struct transfer *t, uint64_t now)
{
	if (now - t->sent_at >= REPEAT_LEAST)
		return;
	measure(t, now);
	t->guess = true;
	t->rto = estimate(t);
}

/* RFC 6298 section 2, in microseconds. */
static void
measure(struct transfer *t, uint64_t now)
{
	uint64_t since = now - t->sent_at;
	uint32_t rtt, off;

	rtt = since == 0 ? 1 : since > RTO_MAX ? RTO_MAX : (uint32_t)since;
	if (t->rtt_min == 0 || rtt < t->rtt_min)
		t->rtt_min = rtt;
	/* So much faster: the one before was a repeat of the client's own. */
	if (t->srtt == 0 || t->guess ||
	    (t->srtt >= REPEAT_LEAST && rtt < t->srtt / 8)) {
		t->guess = false;
		t->srtt = rtt;
		t->rttvar = rtt / 2;
		return;
	}
	off = rtt > t->srtt ? rtt - t->srtt : t->srtt - rtt;
	t->rttvar = (3 * t->rttvar + off) / 4;
	t->srtt = (7 * t->srtt + rtt) / 8;
	if (t->srtt == 0)
		t->srtt = 1;
}

/* The time-out without what repeats added to it. */
static uint32_t
estimate(const struct transfer *t)
{
	uint32_t slack = 4 * t->rttvar < RTO_SLACK ? RTO_SLACK :
	    4 * t->rttvar;

	if (t->fixed > 0)
		return t->fixed;
	if (t->srtt == 0)
		return RTO_FIRST;
	return t->srtt + slack > RTO_MAX ? RTO_MAX : t->srtt + slack;
}

void
transfer_request(struct transfer *t, uint64_t now,
    struct transfer_action *act)
{
	memset(act, 0, sizeof *act);
	if (t->heard || t->state == TRANSFER_OVER)
		return;
	if (t->state == TRANSFER_OPENING) {
		/* Too short a round trip does less harm than too long. */
		t->sent_at = now;
		await_opening(t, now);
		act->oack = true;
		return;
	}
	repeat_window(t, now, act);
}

void
transfer_error(struct transfer *t, struct transfer_action *act)
{
	memset(act, 0, sizeof *act);
	if (t->state != TRANSFER_OVER)
		over(t, t->state == TRANSFER_OPENING ? TRANSFER_REFUSED :
		    TRANSFER_ABORTED, act);
}

void
transfer_timeout(struct transfer *t, uint64_t now,
    struct transfer_action *act)
{
	uint64_t patience = t->fixed > PATIENCE / 5 ? 5ull * t->fixed :
	    PATIENCE;
	bool last = t->base == t->last;
	unsigned most = !t->heard ? TRIES_UNHEARD : last ? TRIES_LAST : TRIES;
	uint64_t since = now - t->progress_at;

	memset(act, 0, sizeof *act);
	if (t->state == TRANSFER_OVER || now < t->deadline)
		return;
	/*
	 * No more for whom we have not heard; but its ACK may have been lost
	 * three times and come yet.
	 */
	if (t->state == TRANSFER_SENDING && !t->heard && t->tries >= most &&
	    since < patience) {
		t->deadline = t->progress_at + patience;
		return;
	}
	if (t->state == TRANSFER_OPENING || since >= patience ||
	    (t->tries >= most && (!last || since >= LAST ||
	    t->tries >= TRIES))) {
		over(t, last && t->heard ? TRANSFER_UNCONFIRMED :
		    TRANSFER_SILENT, act);
		return;
	}
	late(t, now, act);
}

/* What went out last has had no answer in time. */
static void
late(struct transfer *t, uint64_t now, struct transfer_action *act)
{
	/* A short one that the client asked for, but not for ever. */
	bool steady = t->fixed > 0 && t->tries < TRANSFER_STEADY;

	t->tries++;
	if (!steady)
		t->slow = t->rto > RTO_MAX / 2 ? RTO_MAX : 2 * t->rto;
	if (t->tries == 1 && t->fixed == 0 && t->srtt > 0 &&
	    t->timed == t->base && t->next - t->base > 1) {
		probe(t, now, act);
		return;
	}
	if (!steady)
		t->rto = t->slow;
	repeat_window(t, now, act);
}

void
transfer_set_last(struct transfer *t, uint64_t last)
{
	t->last = last;
	if (t->next > last + 1)
		t->next = last + 1;
	if (t->high > last)
		t->high = last;
	if (t->timed > last)
		t->timed = last;
}

uint64_t
transfer_acked(const struct transfer *t, uint64_t size)
{
	uint64_t n = (t->base - 1) * t->blksize;

	return n > size ? size : n;
}

static void
over(struct transfer *t, enum transfer_end end, struct transfer_action *act)
{
	t->state = TRANSFER_OVER;
	t->deadline = UINT64_MAX;
	act->end = end;
}

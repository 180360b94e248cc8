/*
 * The receiving side of a transfer: see upload.h.
 */
#include <string.h>

#include "upload.h"

#define RTO_FIRST	TRANSFER_SECOND
#define RTO_MAX		(8 * TRANSFER_SECOND)
#define PATIENCE	(25ull * TRANSFER_SECOND)	/* without progress */
#define OPENING		(10ull * TRANSFER_SECOND)	/* for block 1 */
#define LINGER		(3ull * TRANSFER_SECOND)

static void grant(struct upload *, const struct tftp_options *,
    uint32_t window_bytes, struct tftp_options *);
static void accept_block(struct upload *, size_t, uint64_t,
    struct upload_action *);
static void acknowledge(struct upload *, struct upload_action *);
static void over(struct upload *, enum transfer_end, struct upload_action *);

void
upload_start(struct upload *u, const struct tftp_options *asked,
    uint64_t limit, uint32_t window_bytes, struct tftp_options *granted,
    uint64_t now, struct upload_action *act)
{
	memset(u, 0, sizeof *u);
	memset(act, 0, sizeof *act);
	u->next = 1;
	u->limit = limit;
	u->progress_at = now;
	grant(u, asked, window_bytes, granted);
	if (asked->has & 1u << TFTP_O_TSIZE &&
	    asked->value[TFTP_O_TSIZE] > limit) {
		act->too_large = true;
		over(u, TRANSFER_REFUSED, act);
		return;
	}
	/* Neither is repeated of our own accord: the address may be forged. */
	u->oack = act->oack = granted->has != 0;
	act->ack = !act->oack;
	u->deadline = now + (u->fixed > OPENING / 2 ? 2ull * u->fixed :
	    OPENING);
}

static void
grant(struct upload *u, const struct tftp_options *asked,
    uint32_t window_bytes, struct tftp_options *granted)
{
	struct tftp_terms terms;

	tftp_settle(&terms, asked, window_bytes, granted);
	u->blksize = terms.blksize;
	u->window = terms.window;
	u->rollover = terms.rollover;
	u->fixed = terms.timeout;
	u->rto = u->fixed > 0 ? u->fixed : RTO_FIRST;
}

void
upload_data(struct upload *u, uint16_t wire, size_t len, uint64_t now,
    struct upload_action *act)
{
	uint16_t wanted = upload_wire(u, u->next);

	memset(act, 0, sizeof *act);
	if (u->state == UPLOAD_OVER || len > u->blksize)
		return;
	if (u->state <= UPLOAD_RECEIVING && wire == wanted) {
		accept_block(u, len, now, act);
		return;
	}
	/*
	 * The last block that was acknowledged once more: that ACK is lost.
	 * (Whoever sent the window again gets it at the window's end.)
	 */
	if (u->next > 1 && wire == upload_wire(u, u->next - 1)) {
		u->repeated++;
		if (u->held == 0 && u->state != UPLOAD_KEEPING)
			acknowledge(u, act);
		return;
	}
	if (u->state > UPLOAD_RECEIVING)
		return;
	/* Past a gap: say once what is there (RFC 7440 section 4). */
	if ((uint16_t)(wire - wanted) < 0x8000) {
		if (!u->gap && u->window > 1 && u->next > 1)
			acknowledge(u, act);
		u->gap = true;
	} else
		u->repeated++;
}

static void
accept_block(struct upload *u, size_t len, uint64_t now,
    struct upload_action *act)
{
	if (len > u->limit - u->bytes) {
		act->too_large = true;
		over(u, TRANSFER_ABORTED, act);
		return;
	}
	act->take = true;
	u->state = UPLOAD_RECEIVING;
	u->bytes += len;
	u->next++;
	u->held++;
	u->tries = 0;
	u->gap = false;
	u->progress_at = now;
	u->rto = u->fixed > 0 ? u->fixed : RTO_FIRST;
	u->deadline = now + u->rto;
	if (len < u->blksize) {
		act->last = true;
		u->state = UPLOAD_KEEPING;
		u->held = 0;
	} else if (u->held == u->window)
		acknowledge(u, act);
}

static void
acknowledge(struct upload *u, struct upload_action *act)
{
	u->held = 0;
	act->ack = true;
	act->block = u->next - 1;
}

void
upload_kept(struct upload *u, bool well, uint64_t now,
    struct upload_action *act)
{
	memset(act, 0, sizeof *act);
	if (u->state != UPLOAD_KEEPING)
		return;
	if (!well || u->gone) {
		over(u, well ? TRANSFER_DONE : TRANSFER_ABORTED, act);
		return;
	}
	u->state = UPLOAD_LINGERING;
	u->deadline = now + (2ull * u->rto > LINGER ? 2ull * u->rto : LINGER);
	acknowledge(u, act);
}

void
upload_request(struct upload *u, struct upload_action *act)
{
	memset(act, 0, sizeof *act);
	if (u->state != UPLOAD_OPENING)
		return;
	act->oack = u->oack;
	act->ack = !u->oack;
}

void
upload_error(struct upload *u, struct upload_action *act)
{
	memset(act, 0, sizeof *act);
	if (u->state == UPLOAD_KEEPING)
		u->gone = act->unwanted = true;
	else if (u->state == UPLOAD_LINGERING)
		over(u, TRANSFER_DONE, act);
	else if (u->state != UPLOAD_OVER)
		over(u, u->state == UPLOAD_OPENING ? TRANSFER_REFUSED :
		    TRANSFER_ABORTED, act);
}

void
upload_timeout(struct upload *u, uint64_t now, struct upload_action *act)
{
	uint64_t patience = u->fixed > PATIENCE / 5 ? 5ull * u->fixed :
	    PATIENCE;

	memset(act, 0, sizeof *act);
	if (u->state == UPLOAD_OVER || now < u->deadline)
		return;
	if (u->state == UPLOAD_LINGERING) {
		over(u, TRANSFER_DONE, act);
		return;
	}
	/* The disk's time is not the client's. */
	if (u->state == UPLOAD_KEEPING) {
		u->deadline = now + PATIENCE;
		return;
	}
	if (u->state == UPLOAD_OPENING || now - u->progress_at >= patience) {
		over(u, TRANSFER_SILENT, act);
		return;
	}
	if (u->tries < UINT8_MAX)
		u->tries++;
	if (u->fixed == 0 || u->tries > TRANSFER_STEADY)
		u->rto = u->rto > RTO_MAX / 2 ? RTO_MAX : 2 * u->rto;
	u->deadline = now + u->rto;
	u->gap = false;
	acknowledge(u, act);
}

uint16_t
upload_wire(const struct upload *u, uint64_t block)
{
	return tftp_wire(block, u->rollover);
}

static void
over(struct upload *u, enum transfer_end end, struct upload_action *act)
{
	u->state = UPLOAD_OVER;
	u->deadline = UINT64_MAX;
	act->end = end;
}

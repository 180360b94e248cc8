#include <string.h>

#include "options.h"

#define OVERLOAD_FILE	1
#define OVERLOAD_SNAME	2
#define OVERLOAD_SIZE	3	/* option 52 itself */
#define PIECE_MAX	255
#define FIELD_MAX	32768	/* so that no sum passes a uint16_t */

/* Numbers, which nobody cuts in two: of several the first one counts. */
static const bool once[256] = {
	[DHCP_REQUESTED] = true, [DHCP_OVERLOAD] = true, [DHCP_TYPE] = true,
	[DHCP_SERVER_ID] = true, [DHCP_MAX_SIZE] = true, [DHCP_SUBNET] = true,
};

static void
mark(uint8_t set[32], uint8_t code)
{
	set[code >> 3] |= (uint8_t)(1u << (code & 7));
}

static bool
marked(const uint8_t set[32], uint8_t code)
{
	return (set[code >> 3] >> (code & 7) & 1) != 0;
}

/* The next option of a field; false at its end, or with *overrun. */
static bool
next(struct cursor *c, uint8_t *code, const uint8_t **value, uint8_t *len,
    bool *overrun)
{
	do {
		if (!cursor_u8(c, code) || *code == DHCP_END)
			return false;
	} while (*code == DHCP_PAD);
	if (!cursor_u8(c, len) || !cursor_take(c, *len, value)) {
		*overrun = true;
		return false;
	}
	return true;
}

/* Puts pieces together, each option's one after the other. */
static bool
join(struct dhcp_options *o, const struct cursor *fields, size_t n,
    const uint8_t again[32])
{
	uint8_t *to[256];	/* where an option's next piece goes */
	const uint8_t *value;
	struct cursor c;
	uint8_t code, len;
	size_t i, used = 0;
	bool overrun = false;

	for (i = 1; i < DHCP_END; i++) {
		if (!marked(again, (uint8_t)i))
			continue;
		if (used + o->len[i] > sizeof o->joined)
			return false;
		o->at[i] = to[i] = o->joined + used;
		used += o->len[i];
	}
	for (i = 0; i < n; i++) {
		c = fields[i];
		while (next(&c, &code, &value, &len, &overrun)) {
			if (!marked(again, code))
				continue;
			memcpy(to[code], value, len);
			to[code] += len;
		}
	}
	return true;
}

/* Lengths are of all pieces, values still of the first: not to be read. */
static enum dhcp_options_status
give_up(struct dhcp_options *o, const uint8_t again[32],
    enum dhcp_options_status why)
{
	size_t i;

	for (i = 0; i < sizeof o->seen; i++)
		o->seen[i] &= (uint8_t)~again[i];
	return why;
}

enum dhcp_options_status
dhcp_options_read(struct dhcp_options *o, const uint8_t *field, size_t n,
    const uint8_t file[DHCP_FILE_SIZE], const uint8_t sname[DHCP_SNAME_SIZE],
    uint8_t *bad)
{
	struct cursor fields[3] = { cursor_of(field, n) }, c;
	const uint8_t *value;
	uint8_t again[32] = { 0 }, code, len;
	size_t i, nfields = 1;
	bool overrun = false, pieces = false;

	dhcp_options_none(o);
	if (n > FIELD_MAX)
		return DHCP_OPTIONS_TOO_BIG;
	for (i = 0; i < nfields; i++) {
		c = fields[i];
		while (next(&c, &code, &value, &len, &overrun)) {
			if (!dhcp_option_seen(o, code)) {
				mark(o->seen, code);
				o->at[code] = value;
				o->len[code] = len;
				continue;
			}
			if (once[code])
				continue;
			o->len[code] = (uint16_t)(o->len[code] + len);
			mark(again, code);
			pieces = true;
		}
		if (overrun) {
			*bad = code;
			return give_up(o, again, DHCP_OPTIONS_OVERRUN);
		}
		/* Only the vendor area itself can say where more is. */
		if (i > 0 || !dhcp_option_u8(o, DHCP_OVERLOAD, &len))
			continue;
		if (len & OVERLOAD_FILE)
			fields[nfields++] = cursor_of(file, DHCP_FILE_SIZE);
		if (len & OVERLOAD_SNAME)
			fields[nfields++] = cursor_of(sname, DHCP_SNAME_SIZE);
	}
	if (pieces && !join(o, fields, nfields, again))
		return give_up(o, again, DHCP_OPTIONS_TOO_BIG);
	return DHCP_OPTIONS_OK;
}

void
dhcp_options_none(struct dhcp_options *o)
{
	memset(o->seen, 0, sizeof o->seen);
}

void
dhcp_options_keep(struct dhcp_options *o, uint8_t code)
{
	bool seen = dhcp_option_seen(o, code);

	dhcp_options_none(o);
	if (seen)
		mark(o->seen, code);
}

const uint8_t *
dhcp_option(const struct dhcp_options *o, uint8_t code, size_t *n)
{
	*n = 0;
	if (!dhcp_option_seen(o, code) || o->len[code] == 0)
		return NULL;
	*n = o->len[code];
	return o->at[code];
}

bool
dhcp_option_u8(const struct dhcp_options *o, uint8_t code, uint8_t *v)
{
	size_t n;
	const uint8_t *p = dhcp_option(o, code, &n);

	if (n != 1)
		return false;
	*v = p[0];
	return true;
}

bool
dhcp_option_u16(const struct dhcp_options *o, uint8_t code, uint16_t *v)
{
	size_t n;
	const uint8_t *p = dhcp_option(o, code, &n);
	struct cursor c;

	if (n != 2)
		return false;
	c = cursor_of(p, n);
	return cursor_u16(&c, v);
}

bool
dhcp_option_u32(const struct dhcp_options *o, uint8_t code, uint32_t *v)
{
	size_t n;
	const uint8_t *p = dhcp_option(o, code, &n);
	struct cursor c;

	if (n != 4)
		return false;
	c = cursor_of(p, n);
	return cursor_u32(&c, v);
}

bool
dhcp_option_starts(const struct dhcp_options *o, uint8_t code,
    const char *words)
{
	size_t n, len = strlen(words);
	const uint8_t *p = dhcp_option(o, code, &n);

	return n >= len && len > 0 && memcmp(p, words, len) == 0;
}

void
dhcp_writer_start(struct dhcp_writer *w, uint8_t *field, size_t n,
    size_t last, uint8_t *file, uint8_t *sname)
{
	bool spill = file != NULL || sname != NULL;

	memset(w, 0, sizeof *w);
	w->reserved = last + 1 + (spill ? OVERLOAD_SIZE : 0);
	if (w->reserved > n)
		w->reserved = n;
	w->field = field;
	w->area[0] = put_into(field, n - w->reserved);
	/* One byte each for the END of their own. */
	if (file != NULL)
		w->area[1] = put_into(file, DHCP_FILE_SIZE - 1);
	if (sname != NULL)
		w->area[2] = put_into(sname, DHCP_SNAME_SIZE - 1);
}

static void
put_piece(struct put *area, uint8_t code, const uint8_t *value, size_t n)
{
	put_u8(area, code);
	put_u8(area, (uint8_t)n);
	put_bytes(area, value, n);
}

static size_t
piece_room(const struct put *area)
{
	size_t room = put_room(area);

	if (room <= 2)
		return 0;
	return room - 2 < PIECE_MAX ? room - 2 : PIECE_MAX;
}

/* As much as goes into each place in turn; false if all are too small. */
static bool
put_pieces(struct put area[3], uint8_t code, const uint8_t *value, size_t n)
{
	size_t i, room;

	for (i = 0; i < 3; i++)
		while (n > 0 && (room = piece_room(&area[i])) > 0) {
			room = room < n ? room : n;
			put_piece(&area[i], code, value, room);
			value += room;
			n -= room;
		}
	return n == 0;
}

static bool
pieces_fit(const struct put area[3], size_t n)
{
	size_t i, at, room;

	for (i = 0; i < 3; i++)
		for (at = put_room(&area[i]); n > 0 && at > 2;
		    at -= room + 2) {
			room = at - 2 < PIECE_MAX ? at - 2 : PIECE_MAX;
			room = room < n ? room : n;
			n -= room;
		}
	return n == 0;
}

bool
dhcp_write(struct dhcp_writer *w, uint8_t code, const void *value, size_t n)
{
	size_t i;

	if (marked(w->wrote, code))
		return false;
	for (i = 0; i < 3 && n <= PIECE_MAX; i++)
		if (put_room(&w->area[i]) >= n + 2) {
			put_piece(&w->area[i], code, value, n);
			mark(w->wrote, code);
			return true;
		}
	/*
	 * Pieces only of what would be lost whole: many clients know an
	 * option of more than 255 bytes, few expect two halves of a short one.
	 */
	if (n == 0 || !pieces_fit(w->area, n)) {
		mark(w->dropped, code);
		return false;
	}
	mark(w->wrote, code);
	return put_pieces(w->area, code, value, n);
}

void
dhcp_leave_out(struct dhcp_writer *w, uint8_t code)
{
	mark(w->dropped, code);
}

bool
dhcp_left_out(const struct dhcp_writer *w, uint8_t code)
{
	return marked(w->dropped, code) && !marked(w->wrote, code);
}

bool
dhcp_left_out_any(const struct dhcp_writer *w)
{
	uint8_t any = 0;
	size_t i;

	for (i = 0; i < sizeof w->dropped; i++)
		any |= w->dropped[i] & (uint8_t)~w->wrote[i];
	return any != 0;
}

bool
dhcp_write_u8(struct dhcp_writer *w, uint8_t code, uint8_t v)
{
	return dhcp_write(w, code, &v, 1);
}

bool
dhcp_write_u32(struct dhcp_writer *w, uint8_t code, uint32_t v)
{
	uint8_t b[4] = { (uint8_t)(v >> 24), (uint8_t)(v >> 16),
	    (uint8_t)(v >> 8), (uint8_t)v };

	return dhcp_write(w, code, b, sizeof b);
}

size_t
dhcp_option_size(size_t n)
{
	return n + 2 * (n / PIECE_MAX + (n % PIECE_MAX != 0 || n == 0));
}

static bool
used(const struct put *area, size_t size)
{
	return area->end - area->at < (ptrdiff_t)size;
}

size_t
dhcp_writer_end(struct dhcp_writer *w, uint8_t last, const uint8_t *value,
    size_t n)
{
	struct put *o = &w->area[0];
	uint8_t overload = 0;
	struct put tail[3] = { { o->at, o->end + w->reserved, false } };

	if (w->area[1].at != NULL && used(&w->area[1], DHCP_FILE_SIZE - 1)) {
		*w->area[1].at = DHCP_END;
		overload |= OVERLOAD_FILE;
	}
	if (w->area[2].at != NULL && used(&w->area[2], DHCP_SNAME_SIZE - 1)) {
		*w->area[2].at = DHCP_END;
		overload |= OVERLOAD_SNAME;
	}
	if (overload != 0)
		put_piece(&tail[0], DHCP_OVERLOAD, &overload, 1);
	if (put_room(&tail[0]) == 0)
		return (size_t)(o->at - w->field);
	tail[0].end--;
	if (last != DHCP_PAD) {
		mark(pieces_fit(tail, n) ? w->wrote : w->dropped, last);
		if (marked(w->wrote, last))
			put_pieces(tail, last, value, n);
	}
	tail[0].end++;
	put_u8(&tail[0], DHCP_END);
	o->end = tail[0].end;
	o->at = tail[0].at;
	return (size_t)(o->at - w->field);
}

/*
 * TFTP packets: see packet.h.
 */
#include <string.h>
#include <strings.h>

#include "packet.h"

#define SECOND	1000000u	/* us */

/*
 * lower: a value over max counts as the maximum, where a server may
 * answer with less than was asked (blksize, windowsize); else it is as if the
 * option were not there.
 */
static const struct {
	const char *name;
	uint64_t min, max;
	bool lower;
	unsigned excludes;	/* the other spelling of the same thing */
} options[TFTP_OPTIONS] = {
	[TFTP_O_BLKSIZE] = { "blksize", TFTP_BLKSIZE_MIN, TFTP_BLKSIZE_MAX,
	    true, 1u << TFTP_O_BLKSIZE2 },
	[TFTP_O_BLKSIZE2] = { "blksize2", TFTP_BLKSIZE_MIN, 32768,
	    true, 1u << TFTP_O_BLKSIZE },
	[TFTP_O_TIMEOUT] = { "timeout", 1, 255,
	    false, 1u << TFTP_O_UTIMEOUT },
	[TFTP_O_UTIMEOUT] = { "utimeout", 10000, 255000000,
	    false, 1u << TFTP_O_TIMEOUT },
	[TFTP_O_TSIZE] = { "tsize", 0, UINT64_MAX, false, 0 },
	[TFTP_O_WINDOWSIZE] = { "windowsize", 1, 65535, true, 0 },
	[TFTP_O_ROLLOVER] = { "rollover", 0, 1, false, 0 },
};

static const struct {
	enum tftp_code code;
	const char *text;
} reasons[] = {
	[TFTP_OK] = { TFTP_E_UNDEFINED, "ok" },
	[TFTP_SHORT] = { TFTP_E_ILLEGAL, "packet too short" },
	[TFTP_OPCODE] = { TFTP_E_ILLEGAL, "illegal TFTP operation" },
	[TFTP_UNTERMINATED] = { TFTP_E_ILLEGAL,
	    "request without name, mode and final NUL" },
	[TFTP_NO_NAME] = { TFTP_E_NOT_FOUND, "empty file name" },
	[TFTP_MODE] = { TFTP_E_ILLEGAL, "mode is not octet or netascii" },
	[TFTP_MALFORMED_OPTION] = { TFTP_E_OPTION,
	    "option without value or final NUL" },
};

static const char *const code_texts[] = {
	[TFTP_E_UNDEFINED] = "undefined error",
	[TFTP_E_NOT_FOUND] = "file not found",
	[TFTP_E_ACCESS] = "access violation",
	[TFTP_E_FULL] = "disk full or allocation exceeded",
	[TFTP_E_ILLEGAL] = "illegal TFTP operation",
	[TFTP_E_UNKNOWN_ID] = "unknown transfer ID",
	[TFTP_E_EXISTS] = "file already exists",
	[TFTP_E_NO_USER] = "no such user",
	[TFTP_E_OPTION] = "option negotiation failed",
};

static bool parse_options(struct cursor *, struct tftp_options *);
static void take_option(struct tftp_options *, const char *, const char *);
static bool number(const char *, uint64_t *);
static void put_number(struct put *, uint64_t);

unsigned
tftp_opcode(const uint8_t *pkt, size_t len)
{
	struct cursor c = cursor_of(pkt, len);
	uint16_t opcode = 0;

	cursor_u16(&c, &opcode);
	return opcode;
}

enum tftp_reason
tftp_parse_request(const uint8_t *pkt, size_t len, struct tftp_request *rq)
{
	struct cursor c = cursor_of(pkt, len);
	const char *mode;
	uint16_t opcode;

	memset(rq, 0, sizeof *rq);
	if (!cursor_u16(&c, &opcode))
		return TFTP_SHORT;
	if (opcode != TFTP_RRQ && opcode != TFTP_WRQ)
		return TFTP_OPCODE;
	rq->opcode = (enum tftp_opcode)opcode;
	if (!cursor_text(&c, &rq->name) || !cursor_text(&c, &mode))
		return TFTP_UNTERMINATED;
	if (rq->name[0] == '\0')
		return TFTP_NO_NAME;
	if (strcasecmp(mode, "octet") == 0)
		rq->mode = TFTP_OCTET;
	else if (strcasecmp(mode, "netascii") == 0)
		rq->mode = TFTP_NETASCII;
	else
		return TFTP_MODE;
	return parse_options(&c, &rq->asked) ? TFTP_OK :
	    TFTP_MALFORMED_OPTION;
}

static bool
parse_options(struct cursor *c, struct tftp_options *o)
{
	const char *name, *value;

	while (cursor_left(c) > 0) {
		if (!cursor_text(c, &name))
			return false;
		/* Some firmware fills its request up with NULs. */
		if (name[0] == '\0')
			return true;
		if (!cursor_text(c, &value))
			return false;
		take_option(o, name, value);
	}
	return true;
}

static void
take_option(struct tftp_options *o, const char *name, const char *value)
{
	unsigned i;
	uint64_t v;

	i = tftp_option_named(name);
	if (i == TFTP_OPTIONS || o->has & (1u << i | options[i].excludes) ||
	    !number(value, &v) || v < options[i].min)
		return;
	if (v > options[i].max) {
		if (!options[i].lower)
			return;
		v = options[i].max;
	}
	/* blksize2: a power of two, the next lower one. */
	if (i == TFTP_O_BLKSIZE2)
		while ((v & (v - 1)) != 0)
			v &= v - 1;
	o->has |= 1u << i;
	o->value[i] = v;
}

/* Digits and nothing else; what overflows counts as the largest number. */
static bool
number(const char *s, uint64_t *v)
{
	unsigned d;

	if (*s == '\0')
		return false;
	for (*v = 0; *s != '\0'; s++) {
		if (*s < '0' || *s > '9')
			return false;
		d = (unsigned)(*s - '0');
		*v = *v > (UINT64_MAX - d) / 10 ? UINT64_MAX : *v * 10 + d;
	}
	return true;
}

enum tftp_option
tftp_option_named(const char *name)
{
	unsigned i;

	for (i = 0; i < TFTP_OPTIONS; i++)
		if (strcasecmp(options[i].name, name) == 0)
			break;
	return (enum tftp_option)i;
}

void
tftp_limit_options(struct tftp_options *o, unsigned refused,
    unsigned blksize)
{
	uint64_t *size = &o->value[TFTP_O_BLKSIZE];
	uint64_t *power = &o->value[TFTP_O_BLKSIZE2];

	o->has &= ~refused;
	if (blksize == 0)
		return;
	if (*size > blksize)
		*size = blksize;
	while (*power > blksize)
		*power /= 2;
}

void
tftp_settle(struct tftp_terms *t, const struct tftp_options *asked,
    uint32_t window_bytes, struct tftp_options *granted)
{
	uint64_t window;

	*t = (struct tftp_terms){ .blksize = TFTP_BLKSIZE, .window = 1 };
	*granted = *asked;
	if (asked->has & 1u << TFTP_O_BLKSIZE)
		t->blksize = (uint16_t)asked->value[TFTP_O_BLKSIZE];
	if (asked->has & 1u << TFTP_O_BLKSIZE2)
		t->blksize = (uint16_t)asked->value[TFTP_O_BLKSIZE2];
	if (asked->has & 1u << TFTP_O_TIMEOUT)
		t->timeout = (uint32_t)asked->value[TFTP_O_TIMEOUT] * SECOND;
	if (asked->has & 1u << TFTP_O_UTIMEOUT)
		t->timeout = (uint32_t)asked->value[TFTP_O_UTIMEOUT];
	if (asked->has & 1u << TFTP_O_ROLLOVER)
		t->rollover = (uint8_t)asked->value[TFTP_O_ROLLOVER];
	if ((asked->has & 1u << TFTP_O_WINDOWSIZE) == 0)
		return;
	window = window_bytes / t->blksize;
	if (window > TFTP_WINDOW_MAX)
		window = TFTP_WINDOW_MAX;
	if (window > asked->value[TFTP_O_WINDOWSIZE])
		window = asked->value[TFTP_O_WINDOWSIZE];
	if (window == 0)
		window = 1;
	t->window = (uint16_t)window;
	granted->value[TFTP_O_WINDOWSIZE] = window;
}

uint16_t
tftp_wire(uint64_t block, uint8_t rollover)
{
	if (rollover == 0 || block == 0)
		return (uint16_t)block;
	return (uint16_t)((block - 1) % 65535 + 1);
}

enum tftp_reason
tftp_parse_ack(const uint8_t *pkt, size_t len, uint16_t *block)
{
	struct cursor c = cursor_of(pkt, len);
	uint16_t opcode;

	if (!cursor_u16(&c, &opcode))
		return TFTP_SHORT;
	if (opcode != TFTP_ACK)
		return TFTP_OPCODE;
	return cursor_u16(&c, block) ? TFTP_OK : TFTP_SHORT;
}

enum tftp_reason
tftp_parse_error(const uint8_t *pkt, size_t len, uint16_t *code,
    const char **text, size_t *n)
{
	struct cursor c = cursor_of(pkt, len);
	uint16_t opcode;

	if (!cursor_u16(&c, &opcode))
		return TFTP_SHORT;
	if (opcode != TFTP_ERROR)
		return TFTP_OPCODE;
	if (!cursor_u16(&c, code))
		return TFTP_SHORT;
	*text = (const char *)c.at;
	*n = strnlen(*text, cursor_left(&c));
	return TFTP_OK;
}

void
tftp_put_oack(struct put *out, const struct tftp_options *o)
{
	unsigned i;

	put_u16(out, TFTP_OACK);
	for (i = 0; i < TFTP_OPTIONS; i++) {
		if (!(o->has & 1u << i))
			continue;
		put_text(out, options[i].name);
		put_u8(out, 0);
		put_number(out, o->value[i]);
		put_u8(out, 0);
	}
}

static void
put_number(struct put *out, uint64_t v)
{
	char digits[20];
	size_t at = sizeof digits;

	do
		digits[--at] = (char)('0' + v % 10);
	while ((v /= 10) > 0);
	put_bytes(out, digits + at, sizeof digits - at);
}

void
tftp_put_error(struct put *out, enum tftp_code code, const char *text)
{
	put_u16(out, TFTP_ERROR);
	put_u16(out, (uint16_t)code);
	put_text(out, text != NULL ? text : code_texts[code]);
	put_u8(out, 0);
}

void
tftp_head(uint8_t head[TFTP_HEAD], uint16_t block)
{
	head[0] = 0;
	head[1] = TFTP_DATA;
	head[2] = (uint8_t)(block >> 8);
	head[3] = (uint8_t)block;
}

const char *
tftp_reason_text(enum tftp_reason r)
{
	return reasons[r].text;
}

enum tftp_code
tftp_reason_code(enum tftp_reason r)
{
	return reasons[r].code;
}

#include <string.h>

#include "packet.h"

#define ETHERNET	1	/* RFC 1700, "hardware type" */

static const uint8_t cookie[DHCP_COOKIE_SIZE] = { 99, 130, 83, 99 };

static bool read_fixed(struct dhcp_packet *, struct cursor *, uint8_t *op);
static enum event_reason read_options(struct dhcp_packet *, struct cursor,
    const char **why);
static bool read_address(const struct dhcp_packet *, uint8_t code,
    uint32_t *address);
static void read_relay(struct dhcp_packet *);
static bool stale(const struct dhcp_packet *);

enum event_reason
dhcp_read(struct dhcp_packet *p, const uint8_t *bytes, size_t n,
    const char **why)
{
	struct cursor c = cursor_of(bytes, n);
	enum event_reason reason;
	uint8_t op;

	memset(p, 0, offsetof(struct dhcp_packet, options));
	dhcp_options_none(&p->options);
	*why = "";
	if (!read_fixed(p, &c, &op)) {
		*why = "shorter than 236 bytes";
		return EVENT_TRUNCATED;
	}
	if (op != DHCP_OP_REQUEST) {
		*why = "op is not 1: somebody's reply";
		return EVENT_NOT_REQUEST;
	}
	if (p->hops > DHCP_MAX_HOPS) {
		*why = "more than 16 relays on its way";
		return EVENT_HOPS;
	}
	if (p->hlen > DHCP_CHADDR_SIZE) {
		*why = "hardware address longer than its field";
		return EVENT_MALFORMED;
	}
	/* RFC 4390 has none, on a network that cannot carry it. */
	if (p->htype == ETHERNET && p->hlen != 6 && p->hlen != 0) {
		*why = "Ethernet address that is not of 6 bytes";
		return EVENT_MALFORMED;
	}
	if (p->giaddr != 0 && !dhcp_is_unicast(p->giaddr)) {
		*why = "giaddr is no machine's address";
		return EVENT_MALFORMED;
	}
	p->vendor_size = cursor_left(&c);
	reason = read_options(p, c, why);
	if (reason == EVENT_OK)
		read_relay(p);
	return reason;
}

bool
dhcp_peek(const uint8_t *bytes, size_t n, struct identity *id)
{
	const size_t htype = 1, hlen = 2, chaddr = 28;

	return n >= DHCP_FIXED_SIZE && bytes[hlen] <= DHCP_CHADDR_SIZE &&
	    identity_hw(id, bytes[htype], bytes + chaddr, bytes[hlen]);
}

static bool
read_fixed(struct dhcp_packet *p, struct cursor *c, uint8_t *op)
{
	uint32_t yiaddr, siaddr;

	return cursor_u8(c, op) && cursor_u8(c, &p->htype) &&
	    cursor_u8(c, &p->hlen) && cursor_u8(c, &p->hops) &&
	    cursor_u32(c, &p->xid) && cursor_u16(c, &p->secs) &&
	    cursor_u16(c, &p->flags) && cursor_u32(c, &p->ciaddr) &&
	    cursor_u32(c, &yiaddr) && cursor_u32(c, &siaddr) &&
	    cursor_u32(c, &p->giaddr) &&
	    cursor_take(c, DHCP_CHADDR_SIZE, &p->chaddr) &&
	    cursor_take(c, DHCP_SNAME_SIZE, &p->sname) &&
	    cursor_take(c, DHCP_FILE_SIZE, &p->file);
}

static enum event_reason
read_options(struct dhcp_packet *p, struct cursor c, const char **why)
{
	const uint8_t *at;
	uint8_t code;

	/* RFC 951: whatever else is in the vendor area is not for us. */
	if (!cursor_take(&c, sizeof cookie, &at) ||
	    memcmp(at, cookie, sizeof cookie) != 0)
		return EVENT_OK;
	switch (dhcp_options_read(&p->options, c.at, cursor_left(&c),
	    p->file, p->sname, &code)) {
	case DHCP_OPTIONS_OVERRUN:
		*why = "an option runs past the end";
		return EVENT_MALFORMED;
	case DHCP_OPTIONS_TOO_BIG:
		*why = "too many pieces of options";
		return EVENT_MALFORMED;
	case DHCP_OPTIONS_OK:
		break;
	}
	if (dhcp_option_seen(&p->options, DHCP_TYPE) &&
	    (!dhcp_option_u8(&p->options, DHCP_TYPE, &p->type) ||
	    p->type == 0)) {
		*why = "message type that is none";
		return EVENT_MALFORMED;
	}
	if (stale(p)) {
		p->type = DHCP_BOOTP;
		dhcp_options_keep(&p->options, DHCP_RELAY);
	}
	if (!read_address(p, DHCP_REQUESTED, &p->requested) ||
	    !read_address(p, DHCP_SERVER_ID, &p->server_id) ||
	    !read_address(p, DHCP_SUBNET, &p->subnet)) {
		*why = "an address that is not of 4 bytes";
		return EVENT_MALFORMED;
	}
	return EVENT_OK;
}

/* One that cannot be read must not count as none: it says who is meant. */
static bool
read_address(const struct dhcp_packet *p, uint8_t code, uint32_t *address)
{
	return !dhcp_option_seen(&p->options, code) ||
	    dhcp_option_u32(&p->options, code, address);
}

/*
 * A relay's request with the message type of a reply: ISC dhcrelay leaves an
 * earlier reply's options behind a BOOTP request that has none.  op decides.
 */
static bool
stale(const struct dhcp_packet *p)
{
	return p->giaddr != 0 && (p->type == DHCP_OFFER ||
	    p->type == DHCP_ACK || p->type == DHCP_NAK);
}

/* What cannot be read is left out; the whole goes back all the same. */
static void
read_relay(struct dhcp_packet *p)
{
	struct dhcp_relay *r = &p->relay;
	struct cursor c, value;
	uint8_t code, len;

	r->all.at = dhcp_option(&p->options, DHCP_RELAY, &r->all.n);
	if (r->all.n == 0)
		return;
	c = cursor_of(r->all.at, r->all.n);
	while (cursor_u8(&c, &code) && cursor_u8(&c, &len) &&
	    cursor_take(&c, len, &value.at)) {
		value.end = value.at + len;
		switch (code) {
		case 1:
			r->circuit = (struct dhcp_bytes){ value.at, len };
			break;
		case 2:
			r->remote = (struct dhcp_bytes){ value.at, len };
			break;
		case 5:
			if (len == 4)
				cursor_u32(&value, &r->link);
			break;
		case 11:
			if (len == 4)
				cursor_u32(&value, &r->server_id);
			break;
		case 19:
			r->own_port = true;
			break;
		}
	}
}

bool
dhcp_is_unicast(uint32_t address)
{
	uint8_t first = (uint8_t)(address >> 24);

	return first != 0 && first != 127 && first < 224;
}

const char *
dhcp_type_name(uint8_t type)
{
	static const char *const names[] = {
		[DHCP_BOOTP] = "BOOTP", [DHCP_DISCOVER] = "DISCOVER",
		[DHCP_OFFER] = "OFFER", [DHCP_REQUEST] = "REQUEST",
		[DHCP_DECLINE] = "DECLINE", [DHCP_ACK] = "ACK",
		[DHCP_NAK] = "NAK", [DHCP_RELEASE] = "RELEASE",
		[DHCP_INFORM] = "INFORM",
	};

	return type < sizeof names / sizeof names[0] ? names[type] :
	    "message";
}

static void
put_field(struct put *o, const char *text, size_t size)
{
	uint8_t *p = put_space(o, size);
	size_t n = text != NULL ? strlen(text) : 0;

	memset(p, 0, size);
	if (n > 0)
		memcpy(p, text, n < size ? n : size - 1);
}

void
dhcp_write_fixed(uint8_t *out, const struct dhcp_packet *p,
    const struct dhcp_fixed *f)
{
	struct put o = put_into(out, DHCP_FIXED_SIZE + DHCP_COOKIE_SIZE);

	put_u8(&o, DHCP_OP_REPLY);
	put_u8(&o, p->htype);
	put_u8(&o, p->hlen);
	put_u8(&o, 0);
	put_u32(&o, p->xid);
	put_u16(&o, 0);
	put_u16(&o, f->flags);
	put_u32(&o, f->ciaddr);
	put_u32(&o, f->yiaddr);
	put_u32(&o, f->siaddr);
	put_u32(&o, p->giaddr);
	put_bytes(&o, p->chaddr, DHCP_CHADDR_SIZE);
	put_field(&o, f->sname, DHCP_SNAME_SIZE);
	put_field(&o, f->file, DHCP_FILE_SIZE);
	put_bytes(&o, cookie, sizeof cookie);
}

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reply.h"
#include "writing.h"

#define IP_UDP_HEADERS	28
#define SIZE_LEAST	576	/* RFC 2131 section 2: all can take it */
#define SIZE_MOST	1500
#define BOOTP_VENDOR	64	/* RFC 951 */
#define LEASE_DEFAULT	86400
#define LEAST_OPTIONS	24	/* type, server, lease, mask: without, why? */
#define SNAME_AT	44
#define FILE_AT		(SNAME_AT + DHCP_SNAME_SIZE)
#define OPTIONS_AT	(DHCP_FIXED_SIZE + DHCP_COOKIE_SIZE)

static void collect(struct reply_values *, const struct host *,
    const char *arch);
static uint32_t lease_time(struct writing *);
static size_t room(const struct writing *);
static void start(struct writing *, const struct dhcp_fixed *, bool spill);
static void finish(struct writing *);
static void report(struct writing *, const struct dhcp_fixed *);

void
answer_codes(struct answer_codes *c)
{
	int i;

	memset(c->attribute, ATTRIBUTES, sizeof c->attribute);
	for (i = 0; i < ATTRIBUTES; i++)
		if (attribute_table[i].code != 0)
			c->attribute[attribute_table[i].code] = (uint8_t)i;
}

bool
reply_boot_item(const struct dhcp_packet *p, struct dhcp_bytes *item)
{
	struct cursor c;
	const uint8_t *value;
	uint8_t code, len;
	bool found = false;
	size_t n;

	if (!dhcp_option_starts(&p->options, DHCP_VENDOR_CLASS, "PXEClient"))
		return false;
	c.at = dhcp_option(&p->options, DHCP_VENDOR, &n);
	if (n == 0)
		return false;
	c.end = c.at + n;
	while (cursor_u8(&c, &code) && code != DHCP_END) {
		if (code == DHCP_PAD)
			continue;
		if (!cursor_u8(&c, &len) || !cursor_take(&c, len, &value))
			break;
		if (code == 71) {
			found = true;
			*item = (struct dhcp_bytes){ value, len };
		}
	}
	return found;
}

void
reply_start(struct reply *r, const struct dhcp_packet *p,
    const struct answer_context *ctx, const struct host *host,
    const struct answer_codes *codes)
{
	const char *text;

	r->p = p;
	r->ctx = ctx;
	r->host = host;
	r->codes = codes;
	r->firmware = firmware_match(p);
	r->arch = firmware_arch(r->firmware, p);
	collect(&r->values, host, r->arch != NULL ? r->arch->name : "");
	text = r->values.text[A_FIRMWARE];
	if (text != NULL && firmware_by_name(text) != NULL) {
		r->firmware = firmware_by_name(text);
		r->arch = firmware_arch(r->firmware, p);
	}
	/* The address a client chose us by stays our name to it. */
	r->server_id = p->relay.server_id != 0 ? p->relay.server_id :
	    ctx->ours ? p->server_id : ctx->server;
	r->next_server = host_next_server(host, ctx->server);
	text = r->values.text[A_BOOT];
	r->local = text != NULL && strcmp(text, "local") == 0;
	r->boot_server = reply_boot_item(p, &r->boot_item);
	/* FreeBSD's loader has its files by NFS unless told otherwise. */
	if (r->firmware != NULL && r->firmware->does & FIRMWARE_ROOT &&
	    r->values.text[A_ROOT_PATH] == NULL &&
	    writing_makes_files(r, "pxeboot"))
		r->values.text[A_ROOT_PATH] = "tftp:/";
}

/* One walk over all layers: the first value found of each is the nearest. */
static void
collect(struct reply_values *v, const struct host *host, const char *arch)
{
	const struct entry_value *e, *end;
	const struct entry *layer;
	const char *suffix, *text;
	unsigned long code;
	size_t i, id;

	memset(v->text, 0, sizeof v->text);
	memset(v->has_option, 0, sizeof v->has_option);
	v->arch_file = NULL;
	for (i = 0; i < host->layers; i++) {
		layer = host->layer[i];
		end = layer->values + layer->n;
		for (e = layer->values; e < end; e++) {
			id = e->id;
			suffix = layer->text + e->suffix;
			text = layer->text + e->value;
			if (id == A_OPTION) {
				code = strtoul(suffix, NULL, 10) & 0xff;
				if (v->has_option[code >> 3] >>
				    (code & 7) & 1)
					continue;
				v->has_option[code >> 3] |=
				    (uint8_t)(1u << (code & 7));
				v->option[code] = text;
			} else if (*suffix == '\0') {
				if (v->text[id] != NULL)
					continue;
				v->text[id] = text;
				v->layer[id] = (uint8_t)i;
			} else if (id == A_FILENAME && v->arch_file == NULL &&
			    strcmp(suffix, arch) == 0) {
				v->arch_file = text;
				v->arch_layer = (uint8_t)i;
			}
		}
	}
	/* "router=" means: none. */
	for (id = 0; id < ATTRIBUTES; id++)
		if (v->text[id] != NULL && *v->text[id] == '\0')
			v->text[id] = NULL;
}

void
reply_write(struct answer *a, const struct reply *r)
{
	struct writing w;
	const struct reply_values *v = &r->values;
	struct dhcp_fixed f = { .flags = r->p->flags & DHCP_FLAG_BROADCAST,
	    .yiaddr = a->given, .siaddr = r->next_server,
	    .sname = v->text[A_SERVER_NAME] };
	bool dhcp = a->type != DHCP_BOOTP;

	/* The head of a name is another server: better none at all. */
	if (f.sname != NULL && strlen(f.sname) >= DHCP_SNAME_SIZE)
		f.sname = NULL;
	w.r = r;
	w.a = a;
	w.lease = dhcp && a->given != 0 ? lease_time(&w) : 0;
	writing_file(&w);
	f.file = strlen(a->file) < DHCP_FILE_SIZE ? a->file : "";
	if (a->type != DHCP_OFFER)
		f.ciaddr = r->p->ciaddr;
	/* With no address in it the relay would not know whom to send it. */
	if (r->p->type == DHCP_INFORM && reply_by_relay(r))
		f.flags |= DHCP_FLAG_BROADCAST;
	start(&w, &f, dhcp);
	if (dhcp) {
		dhcp_write_u8(&w.w, DHCP_TYPE, a->type);
		dhcp_write_u32(&w.w, DHCP_SERVER_ID, r->server_id);
		writing_option(&w, DHCP_LEASE);
	}
	if (r->ctx->proxy) {
		writing_firmware(&w, &f);
		writing_proxy(&w);
	} else {
		writing_option(&w, DHCP_MASK);
		writing_option(&w, DHCP_ROUTER);
		if (dhcp && r->firmware != NULL)
			writing_firmware(&w, &f);
		writing_wanted(&w, &f);
	}
	finish(&w);
	report(&w, &f);
}

/* RFC 2131 table 3: every lease has a time, and its T1 and T2 are of it. */
static uint32_t
lease_time(struct writing *w)
{
	const struct reply_values *v = &w->r->values;
	struct put o = put_into(w->value, sizeof w->value);
	uint32_t lease;
	struct cursor c;

	if (writing_has(v, DHCP_LEASE) &&
	    attribute_encode(A_OPTION, v->option[DHCP_LEASE], &o)) {
		c = cursor_of(w->value, (size_t)(o.at - w->value));
		if (cursor_u32(&c, &lease) && cursor_left(&c) == 0 &&
		    lease != 0)
			return lease;
	}
	return v->text[A_DEFAULT_LEASE] != NULL && attribute_duration(
	    v->text[A_DEFAULT_LEASE], &lease) ? lease : LEASE_DEFAULT;
}

bool
reply_by_relay(const struct reply *r)
{
	return r->p->giaddr != 0 &&
	    (r->p->type != DHCP_INFORM || r->p->ciaddr == 0);
}

void
reply_nak(struct answer *a, const struct reply *r)
{
	struct writing w;
	struct dhcp_fixed f = { .flags = r->p->flags & DHCP_FLAG_BROADCAST };
	const uint8_t *id;
	size_t n;

	w.r = r;
	w.a = a;
	/* The relay must not look for a client at the address it has. */
	if (r->p->giaddr != 0)
		f.flags |= DHCP_FLAG_BROADCAST;
	start(&w, &f, false);
	dhcp_write_u8(&w.w, DHCP_TYPE, DHCP_NAK);
	dhcp_write_u32(&w.w, DHCP_SERVER_ID, r->server_id);
	dhcp_write(&w.w, DHCP_MESSAGE, a->why, strlen(a->why));
	id = dhcp_option(&r->p->options, DHCP_CLIENT_ID, &n);
	if (n > 0)
		dhcp_write(&w.w, DHCP_CLIENT_ID, id, n);
	finish(&w);
}

/*
 * The fixed part; spill: options may go into file and sname if these are
 * empty.
 */
static void
start(struct writing *w, const struct dhcp_fixed *f, bool spill)
{
	const struct dhcp_relay *relay = &w->r->p->relay;
	struct answer *a = w->a;
	size_t n = room(w), last = 0;
	bool file = f->file != NULL && *f->file != '\0', passes;

	memset(a->bytes, 0, DHCP_MIN_SIZE);
	dhcp_write_fixed(a->bytes, w->r->p, f);
	/*
	 * RFC 3046 section 2.2: all of it, or nothing.  Without giaddr too: a
	 * switch that put it in waits for it to take it out again.  But not
	 * past the relay: no client is to see it.
	 */
	passes = w->r->p->giaddr != 0 && !reply_by_relay(w->r);
	w->echo = relay->all.n > 0 && !passes &&
	    dhcp_option_size(relay->all.n) + LEAST_OPTIONS <= n;
	if (w->echo)
		last = dhcp_option_size(relay->all.n);
	dhcp_writer_start(&w->w, a->bytes + OPTIONS_AT, n, last,
	    spill && !file ? a->bytes + FILE_AT : NULL,
	    spill && f->sname == NULL ? a->bytes + SNAME_AT : NULL);
	if (relay->all.n > 0 && !w->echo && !passes)
		dhcp_leave_out(&w->w, DHCP_RELAY);
}

static void
finish(struct writing *w)
{
	const struct dhcp_relay *relay = &w->r->p->relay;

	w->a->n = OPTIONS_AT + dhcp_writer_end(&w->w, w->echo ? DHCP_RELAY :
	    DHCP_PAD, relay->all.at, relay->all.n);
	if (w->a->n < DHCP_MIN_SIZE)
		w->a->n = DHCP_MIN_SIZE;
}

/* Says in the answer what it lacks. */
static void
report(struct writing *w, const struct dhcp_fixed *f)
{
	struct answer *a = w->a;
	const struct firmware *fw = w->r->firmware;
	char list[ANSWER_NOTE_MAX -
	    sizeof "answered, but 254 options left out: "] = "";
	size_t used = 0, n = 0;
	unsigned i;

	if (a->file[0] != '\0' && *f->file == '\0' &&
	    !dhcp_wrote(&w->w, DHCP_BOOT_FILE)) {
		w->long_name = true;
		a->file[0] = '\0';
	}
	if (w->long_name) {
		a->chain = false;
		if (fw != NULL || a->type == DHCP_BOOTP) {
			a->reason = EVENT_NO_BOOT_FILE;
			a->why = "the boot file's name is too long to send";
		}
	} else if (fw != NULL && fw->does & FIRMWARE_FILE && a->given != 0 &&
	    a->file[0] == '\0' && !w->r->local) {
		a->reason = EVENT_NO_BOOT_FILE;
		a->why = "answered, but the host has no boot file for it";
	}
	if (!dhcp_left_out_any(&w->w))
		return;
	for (i = 1; i < DHCP_END; i++) {
		if (!dhcp_left_out(&w->w, (uint8_t)i))
			continue;
		if (used < sizeof list)
			used += (size_t)snprintf(list + used,
			    sizeof list - used, "%s%u", n > 0 ? "," : "", i);
		n++;
	}
	snprintf(a->note, sizeof a->note,
	    "%s%sanswered, but %zu option%s left out: %s", a->why,
	    *a->why != '\0' ? "; " : "", n, n > 1 ? "s" : "", list);
	a->why = a->note;
}

/* Bytes of options that the client can take. */
static size_t
room(const struct writing *w)
{
	const struct dhcp_packet *p = w->r->p;
	unsigned mtu = w->r->ctx->mtu;
	uint16_t size = 0;
	size_t n;

	if (w->a->type == DHCP_BOOTP) {
		n = p->vendor_size > BOOTP_VENDOR ? p->vendor_size :
		    BOOTP_VENDOR;
		n += DHCP_FIXED_SIZE;
		return (n < ANSWER_MAX ? n : ANSWER_MAX) - OPTIONS_AT;
	}
	dhcp_option_u16(&p->options, DHCP_MAX_SIZE, &size);
	/* A frame goes in one piece, or not at all. */
	if (p->giaddr == 0 && mtu != 0 && size > mtu)
		size = (uint16_t)mtu;
	if (size < SIZE_LEAST)
		size = SIZE_LEAST;
	if (size > SIZE_MOST)
		size = SIZE_MOST;
	return size - IP_UDP_HEADERS - OPTIONS_AT;
}

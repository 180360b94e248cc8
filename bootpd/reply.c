#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "loader.h"
#include "reply.h"

#define IP_UDP_HEADERS	28
#define SIZE_LEAST	576	/* RFC 2131 section 2: all can take it */
#define SIZE_MOST	1500
#define BOOTP_VENDOR	64	/* RFC 951 */
#define LEASE_DEFAULT	86400
#define VALUE_MAX	ANSWER_MAX	/* more fits nowhere */
#define LEAST_OPTIONS	24	/* type, server, lease, mask: without, why? */
#define SNAME_AT	44
#define FILE_AT		(SNAME_AT + DHCP_SNAME_SIZE)
#define OPTIONS_AT	(DHCP_FIXED_SIZE + DHCP_COOKIE_SIZE)

/* A reply being written. */
struct writing {
	const struct reply *r;
	struct answer *a;
	struct dhcp_writer w;
	bool echo;		/* option 82 goes back, at the end */
	bool long_name;		/* the boot file's passes ANSWER_FILE_MAX */
	uint32_t lease;
	uint8_t value[VALUE_MAX];	/* of one option */
	char text[VALUE_MAX];		/* of one attribute, filled in */
};

typedef bool maker(struct writing *, struct put *);
static maker make_mask, make_broadcast, make_host_name, make_lease, make_t1,
    make_t2, make_tftp_name, make_boot_file, make_rsync_path;

/* Options that are more than an attribute's value. */
static maker *const makers[256] = {
	[DHCP_MASK] = make_mask, [DHCP_BROADCAST] = make_broadcast,
	[DHCP_HOST_NAME] = make_host_name, [DHCP_LEASE] = make_lease,
	[DHCP_T1] = make_t1, [DHCP_T2] = make_t2,
	[DHCP_TFTP_NAME] = make_tftp_name,
	[DHCP_BOOT_FILE] = make_boot_file,
	[DHCP_RSYNC_PATH] = make_rsync_path,
};

/* Not for hosts to set or for clients to ask for: the protocol's own. */
static const bool protocol[256] = {
	[DHCP_PAD] = true, [DHCP_REQUESTED] = true, [DHCP_OVERLOAD] = true,
	[DHCP_TYPE] = true, [DHCP_SERVER_ID] = true, [DHCP_LIST] = true,
	[DHCP_MESSAGE] = true, [DHCP_MAX_SIZE] = true,
	[DHCP_CLIENT_ID] = true, [DHCP_RELAY] = true, [DHCP_UUID] = true,
	[DHCP_SUBNET] = true, [DHCP_END] = true,
};

/* For those who do not say what they want (BOOTP, GRUB): by need. */
static const uint8_t by_need[] = {
	DHCP_MASK, DHCP_ROUTER, DHCP_DNS, DHCP_HOST_NAME, DHCP_DOMAIN,
	DHCP_ROOT_PATH, DHCP_BROADCAST, DHCP_NTP, DHCP_RSYNC_PATH,
};

/* Of what a client asks for: before all else, in whatever order it asks. */
static const uint8_t needed_most[] = { DHCP_BOOT_FILE, DHCP_RSYNC_PATH };

/* Raspberry Pi's ROM looks for its name in a PXE boot menu: sub-options 6
 * (discovery control), 10 (prompt) and 9 (the one item of the menu). */
static const uint8_t rpi_menu[] = {
	6, 1, 3, 10, 4, 0, 'P', 'X', 'E', 9, 20, 0, 0, 17,
	'R', 'a', 's', 'p', 'b', 'e', 'r', 'r', 'y', ' ', 'P', 'i', ' ',
	'B', 'o', 'o', 't', DHCP_END
};

/*
 * boot=local: the same menu, whose one item is of type 0, the machine's own
 * disk (PXE 2.1 section 2.2.3).  With no second to choose in it is taken at
 * once; without a menu some ROMs go on to look for a boot server.
 */
static const uint8_t local_menu[] = {
	6, 1, 3, 10, 11, 0, 'L', 'o', 'c', 'a', 'l', ' ', 'b', 'o', 'o', 't',
	9, 13, 0, 0, 10, 'L', 'o', 'c', 'a', 'l', ' ', 'b', 'o', 'o', 't',
	DHCP_END
};

static void collect(struct reply_values *, const struct host *,
    const char *arch);
static const char *filled_in(struct writing *, const char *value, char *out,
    size_t size);
static bool has_option(const struct reply_values *, unsigned code);
static uint32_t lease_time(struct writing *);
static void boot_file(struct writing *);
static bool makes_files(const struct reply *, const char *);
static const char *netbsd_file(const struct writing *);
static void name_file(struct writing *, const char *);
static bool needs_no_dns(const struct writing *);
static void write_option(struct writing *, uint8_t code);
static void write_firmware(struct writing *, const struct dhcp_fixed *);
static void write_wanted(struct writing *, const struct dhcp_fixed *);
static void write_proxy(struct writing *);
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
	    r->values.text[A_ROOT_PATH] == NULL && makes_files(r, "pxeboot"))
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

static const char *
filled_in(struct writing *w, const char *value, char *out, size_t size)
{
	if (strchr(value, '%') == NULL)
		return value;
	return host_expand(w->r->host, value, out, size) ? out : NULL;
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
	boot_file(&w);
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
		write_option(&w, DHCP_LEASE);
	}
	if (r->ctx->proxy) {
		write_firmware(&w, &f);
		write_proxy(&w);
	} else {
		write_option(&w, DHCP_MASK);
		write_option(&w, DHCP_ROUTER);
		if (dhcp && r->firmware != NULL)
			write_firmware(&w, &f);
		write_wanted(&w, &f);
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

	if (has_option(v, DHCP_LEASE) &&
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

/* The fixed part; spill: options may go into file and sname if these are
 * empty. */
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
	char list[ANSWER_NOTE_MAX] = "";
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

/* One that says what it is, and we do not know that, is no PC with a BIOS. */
static const char *
loader_arch(const struct reply *r)
{
	size_t n;

	if (r->arch != NULL)
		return r->arch->name;
	return dhcp_option(&r->p->options, DHCP_ARCH, &n) != NULL ? "" :
	    "bios";
}

/*
 * The boot file: ipxe-script= for iPXE, else the nearest of filename.ARCH,
 * filename and loader=.  An iPXE that does not say so is known by its coming
 * back.  None with boot=local; but HTTP boot goes on for a minute to look for
 * an offer with a URL, and leaves at once when that leads nowhere.
 */
static void
boot_file(struct writing *w)
{
	const struct reply_values *v = &w->r->values;
	const struct firmware *fw = w->r->firmware;
	const char *arch = loader_arch(w->r);
	const char *file = NULL, *script = v->text[A_IPXE_SCRIPT];
	unsigned layer = HOST_LAYERS;

	w->a->file[0] = '\0';
	w->long_name = false;
	if (w->r->local) {
		if (fw != NULL && fw->does & FIRMWARE_HTTP)
			name_file(w, "boot=local");
		return;
	}
	if (v->arch_file != NULL && *v->arch_file != '\0') {
		file = v->arch_file;
		layer = v->arch_layer;
	}
	if (v->text[A_FILENAME] != NULL && v->layer[A_FILENAME] < layer) {
		file = v->text[A_FILENAME];
		layer = v->layer[A_FILENAME];
	}
	if (v->text[A_LOADER] != NULL && v->layer[A_LOADER] < layer) {
		file = loader_path(v->text[A_LOADER], arch);
		w->a->chain = script != NULL &&
		    strcmp(v->text[A_LOADER], "ipxe") == 0;
	}
	if (script != NULL && ((fw != NULL && fw->does & FIRMWARE_IPXE) ||
	    (w->a->chain && w->r->ctx->loops))) {
		file = script;
		if (w->a->chain && w->r->ctx->loops)
			w->a->why = "loads iPXE again and again: the script";
		w->a->chain = false;
	}
	/* Set by number, it is one for all who read the field instead. */
	if (file == NULL && has_option(v, DHCP_BOOT_FILE) &&
	    strncmp(v->option[DHCP_BOOT_FILE], "text:", 5) == 0)
		file = v->option[DHCP_BOOT_FILE] + 5;
	if (fw != NULL && fw->does & FIRMWARE_SCHEME &&
	    makes_files(w->r, "netbsd"))
		file = netbsd_file(w);
	if (file != NULL)
		name_file(w, file);
}

/* Does tftpd make the files that this loader asks for? */
static bool
makes_files(const struct reply *r, const char *loader)
{
	const char *text = r->values.text[A_LOADER];

	return text != NULL && strcmp(text, loader) == 0;
}

/*
 * NetBSD's loader says in the file field what it wants next: boot.cfg, a
 * kernel by its own name for it, or what boot.cfg named, as tftp:NAME.  An
 * answer with a ':' takes the place of that, any other leaves it alone.
 */
static const char *
netbsd_file(const struct writing *w)
{
	static const char conf[] = "boot.cfg";
	const char *asked = (const char *)w->r->p->file;
	size_t n = strnlen(asked, DHCP_FILE_SIZE);

	if (memchr(asked, ':', n) != NULL)
		return NULL;
	if (n == sizeof conf - 1 && memcmp(asked, conf, n) == 0)
		return "tftp:boot.cfg";
	return w->r->values.text[A_KERNEL] != NULL ? "tftp:%a/kernel" : NULL;
}

/* Its name as the client wants it: HTTP boot takes URLs only. */
static void
name_file(struct writing *w, const char *file)
{
	const struct firmware *fw = w->r->firmware;
	char url[24], text[INET_ADDRSTRLEN];
	struct in_addr server = { htonl(w->r->next_server) };
	struct put o;

	if ((file = filled_in(w, file, w->text, sizeof w->text)) == NULL) {
		w->long_name = true;
		return;
	}
	url[0] = '\0';
	if (fw != NULL && fw->does & FIRMWARE_HTTP &&
	    strstr(file, "://") == NULL &&
	    inet_ntop(AF_INET, &server, text, sizeof text) != NULL)
		snprintf(url, sizeof url, "http://%s/", text);
	o = put_into(w->a->file, sizeof w->a->file);
	put_text(&o, url);
	put_text(&o, *url != '\0' && *file == '/' ? file + 1 : file);
	/* The head of a name is another file: better none at all. */
	if (!put_u8(&o, '\0')) {
		w->a->file[0] = '\0';
		w->long_name = true;
	}
}

static bool
has_option(const struct reply_values *v, unsigned code)
{
	return (v->has_option[code >> 3] >> (code & 7) & 1) != 0;
}

/* Is there a value that its maker has no room for? */
static bool
too_long(const struct writing *w, uint8_t code)
{
	const struct reply_values *v = &w->r->values;

	return code == DHCP_BOOT_FILE ? w->long_name :
	    code == DHCP_RSYNC_PATH && (v->text[A_RSYNC_PATH] != NULL ||
	    v->text[A_RSYNC] != NULL);
}

/* Is it given the class PXEClient?  iPXE would ask port 4011 then. */
static bool
is_pxe(const struct reply *r)
{
	unsigned does = r->firmware != NULL ? r->firmware->does : 0;

	return does & (FIRMWARE_PXE | FIRMWARE_RPI) ||
	    (does & FIRMWARE_IPXE && (r->boot_server || r->ctx->proxy));
}

/*
 * A class that a site sets for its ROMs is for these alone: HTTP boot takes
 * no other than its own, iPXE would be misled, and a system has no use for it.
 */
static bool
class_fits(const struct reply *r)
{
	const char *class = r->values.option[DHCP_VENDOR_CLASS];
	bool http = r->firmware != NULL && r->firmware->does & FIRMWARE_HTTP;

	if (strncmp(class, "text:PXEClient", 14) == 0)
		return is_pxe(r);
	return http == (strncmp(class, "text:HTTPClient", 15) == 0);
}

/* The one way an option gets in: option-N, a maker, an attribute. */
static void
write_option(struct writing *w, uint8_t code)
{
	const struct reply_values *v = &w->r->values;
	struct put o = put_into(w->value, sizeof w->value);
	uint8_t id = w->r->codes->attribute[code];
	const char *text;
	bool made;

	if (dhcp_wrote(&w->w, code) || (w->lease == 0 &&
	    (code == DHCP_LEASE || code == DHCP_T1 || code == DHCP_T2)))
		return;
	if (code == DHCP_VENDOR_CLASS && has_option(v, code) &&
	    !class_fits(w->r))
		return;
	if (has_option(v, code) && code != DHCP_LEASE) {
		text = filled_in(w, v->option[code], w->text, sizeof w->text);
		if (text != NULL && *text == '\0')
			return;
		made = text != NULL && attribute_encode(A_OPTION, text, &o);
	} else if (makers[code] != NULL) {
		made = makers[code](w, &o);
		if (!made && !too_long(w, code))
			return;
	} else {
		if (id == ATTRIBUTES || v->text[id] == NULL ||
		    (id == A_DNS && needs_no_dns(w)))
			return;
		text = attribute_table[id].expands ? filled_in(w,
		    v->text[id], w->text, sizeof w->text) : v->text[id];
		made = text != NULL && attribute_encode(id, text, &o);
	}
	if (!made) {
		dhcp_leave_out(&w->w, code);
		return;
	}
	dhcp_write(&w->w, code, w->value, (size_t)(o.at - w->value));
}

/*
 * HTTP boot of a URL with an address in it.  EDK2 would put the name servers
 * into the path that it hands to the loader, and GRUB does not find itself
 * in such a path.
 */
static bool
needs_no_dns(const struct writing *w)
{
	const struct firmware *f = w->r->firmware;
	const char *host;
	char text[INET_ADDRSTRLEN];
	uint32_t address;
	size_t n;

	if (f == NULL || (f->does & FIRMWARE_HTTP) == 0 ||
	    (host = strstr(w->a->file, "://")) == NULL)
		return false;
	host += 3;
	n = strcspn(host, ":/");
	if (n >= sizeof text)
		return false;
	memcpy(text, host, n);
	text[n] = '\0';
	return attribute_address(text, &address);
}

/* An attribute as it stands, or false. */
static bool
own(struct writing *w, enum attribute_id id, struct put *o)
{
	const char *text = w->r->values.text[id];

	return text != NULL && attribute_encode(id, text, o);
}

static bool
make_mask(struct writing *w, struct put *o)
{
	return own(w, A_MASK, o) ||
	    put_u32(o, entry_subnet_mask(w->r->host->subnet_len));
}

static bool
make_broadcast(struct writing *w, struct put *o)
{
	const struct host *h = w->r->host;

	return own(w, A_BROADCAST, o) || (h->subnet_len < 31 && put_u32(o,
	    h->network | ~entry_subnet_mask(h->subnet_len)));
}

static bool
make_host_name(struct writing *w, struct put *o)
{
	const struct host *h = w->r->host;

	/* A further interface has a name of its own. */
	if (h->nic[0] == '\0' && own(w, A_HOST_NAME, o))
		return true;
	return put_text(o, host_name(h));
}

static bool
make_lease(struct writing *w, struct put *o)
{
	return w->lease != 0 && put_u32(o, w->lease);
}

/* RFC 2131 section 4.4.5: a half, and seven eighths. */
static bool
make_t1(struct writing *w, struct put *o)
{
	return w->lease != 0 && put_u32(o, w->lease == UINT32_MAX ?
	    w->lease : w->lease / 2);
}

static bool
make_t2(struct writing *w, struct put *o)
{
	return w->lease != 0 && put_u32(o, w->lease == UINT32_MAX ?
	    w->lease : w->lease - w->lease / 8);
}

/* Behind a name, for those that read up to it. */
static bool
put_nul(const struct writing *w, struct put *o)
{
	const struct firmware *f = w->r->firmware;

	return f == NULL || (f->does & FIRMWARE_NUL) == 0 || put_u8(o, '\0');
}

static bool
make_tftp_name(struct writing *w, struct put *o)
{
	struct in_addr server = { htonl(w->r->next_server) };
	char text[INET_ADDRSTRLEN];

	if (w->a->file[0] == '\0')
		return false;
	/* Many ROMs take only an address here. */
	return (own(w, A_SERVER_NAME, o) ||
	    (inet_ntop(AF_INET, &server, text, sizeof text) != NULL &&
	    put_text(o, text))) && put_nul(w, o);
}

static bool
make_boot_file(struct writing *w, struct put *o)
{
	return w->a->file[0] != '\0' && put_text(o, w->a->file) &&
	    put_nul(w, o);
}

static bool
make_rsync_path(struct writing *w, struct put *o)
{
	return host_rsync_path(w->r->host, w->r->ctx->server, w->text,
	    sizeof w->text) && put_text(o, w->text);
}

/* Option 43 for PXE: the item asked for, and no discovery but this file. */
static void
write_pxe_vendor(struct writing *w)
{
	static const uint8_t use_file[] = { 6, 1, 8 };
	const struct reply *r = w->r;
	struct put o = put_into(w->value, UINT8_MAX);

	put_bytes(&o, use_file, sizeof use_file);
	if (r->boot_server && r->boot_item.n <= UINT8_MAX) {
		put_u8(&o, 71);
		put_u8(&o, (uint8_t)r->boot_item.n);
		put_bytes(&o, r->boot_item.at, r->boot_item.n);
	}
	put_u8(&o, DHCP_END);
	if (o.full)
		dhcp_leave_out(&w->w, DHCP_VENDOR);
	else
		dhcp_write(&w->w, DHCP_VENDOR, w->value,
		    (size_t)(o.at - w->value));
}

static void
write_class(struct writing *w, const char *class)
{
	dhcp_write(&w->w, DHCP_VENDOR_CLASS, class, strlen(class));
}

/* What firmware insists on; option-43 and option-60 of the host go first. */
static void
write_firmware(struct writing *w, const struct dhcp_fixed *f)
{
	static const uint8_t no_proxy[] = { 176, 1, 1 };
	const struct reply *r = w->r;
	unsigned does = r->firmware != NULL ? r->firmware->does : 0;
	const uint8_t *uuid;
	size_t n;

	if (has_option(&r->values, DHCP_VENDOR))
		write_option(w, DHCP_VENDOR);
	if (has_option(&r->values, DHCP_VENDOR_CLASS))
		write_option(w, DHCP_VENDOR_CLASS);
	if (has_option(&r->values, DHCP_IPXE))
		write_option(w, DHCP_IPXE);
	if (does & FIRMWARE_HTTP)
		write_class(w, "HTTPClient");
	if (is_pxe(r)) {
		write_class(w, "PXEClient");
		if (does & FIRMWARE_RPI)
			dhcp_write(&w->w, DHCP_VENDOR, rpi_menu,
			    sizeof rpi_menu);
		else if (r->local && does & FIRMWARE_PXE && !r->boot_server)
			dhcp_write(&w->w, DHCP_VENDOR, local_menu,
			    sizeof local_menu);
		else
			write_pxe_vendor(w);
	}
	/* iPXE then does not wait for somebody's proxy offer. */
	if (does & FIRMWARE_IPXE && !r->ctx->proxy)
		dhcp_write(&w->w, DHCP_IPXE, no_proxy, sizeof no_proxy);
	uuid = dhcp_option(&r->p->options, DHCP_UUID, &n);
	if (does != 0 && n > 0)
		dhcp_write(&w->w, DHCP_UUID, uuid, n);
	/* Asked for or not: no field has it. */
	if (does != 0 && *f->file == '\0')
		write_option(w, DHCP_BOOT_FILE);
}

/* What a loader needs beside the file; all else is the DHCP server's. */
static void
write_proxy(struct writing *w)
{
	static const uint8_t loaders[] = {
		DHCP_TFTP_NAME, DHCP_BOOT_FILE, 150, 208, 209, 210,
	};
	const uint8_t *id;
	size_t i, n;

	id = dhcp_option(&w->r->p->options, DHCP_CLIENT_ID, &n);
	if (n > 0)
		dhcp_write(&w->w, DHCP_CLIENT_ID, id, n);
	for (i = 0; i < sizeof loaders; i++)
		write_option(w, loaders[i]);
}

/* What comes back as it came, what is asked for, what the host has set. */
static void
write_wanted(struct writing *w, const struct dhcp_fixed *f)
{
	const struct dhcp_options *asked = &w->r->p->options;
	const uint8_t *list = by_need, *id;
	size_t i, n = 0, id_n;

	if (w->a->type != DHCP_BOOTP) {
		/* RFC 6842; RFC 3011 section 3. */
		id = dhcp_option(asked, DHCP_CLIENT_ID, &id_n);
		if (id_n > 0)
			dhcp_write(&w->w, DHCP_CLIENT_ID, id, id_n);
		if (w->r->p->subnet != 0)
			dhcp_write_u32(&w->w, DHCP_SUBNET, w->r->p->subnet);
		id = dhcp_option(asked, DHCP_LIST, &n);
		if (n > 0)
			list = id;
		for (i = *f->file != '\0'; i < sizeof needed_most; i++)
			if (n > 0 && memchr(list, needed_most[i], n) != NULL)
				write_option(w, needed_most[i]);
	}
	if (n == 0)
		n = sizeof by_need;
	for (i = 0; i < n; i++)
		if (!protocol[list[i]])
			write_option(w, list[i]);
	/* DHCP's own options mean nothing to BOOTP. */
	for (i = 1; i < DHCP_END; i++) {
		if (w->r->values.has_option[i >> 3] == 0) {
			i |= 7;		/* none of these eight */
			continue;
		}
		if (has_option(&w->r->values, (unsigned)i) && !protocol[i] &&
		    (w->a->type != DHCP_BOOTP || i < DHCP_REQUESTED ||
		    i > DHCP_CLIENT_ID))
			write_option(w, (uint8_t)i);
	}
}

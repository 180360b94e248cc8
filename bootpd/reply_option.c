/*
 * The options of a reply: see writing.h.
 */
#include <arpa/inet.h>
#include <string.h>

#include "writing.h"

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

/* For those who do not say what they want (BOOTP, GRUB), by need; DHCP then
 * gets what else is set. */
static const uint8_t by_need[] = {
	DHCP_MASK, DHCP_ROUTER, DHCP_DNS, DHCP_HOST_NAME, DHCP_DOMAIN,
	DHCP_ROOT_PATH, DHCP_BROADCAST, DHCP_NTP, DHCP_RSYNC_PATH,
};

/* Of what a client asks for: before all else, in whatever order it asks. */
static const uint8_t needed_most[] = { DHCP_BOOT_FILE, DHCP_RSYNC_PATH };

/*
 * Raspberry Pi's ROM looks for its name in a PXE boot menu: sub-options 6
 * (discovery control), 10 (prompt) and 9 (the one item of the menu).
 */
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

static bool needs_no_dns(const struct writing *);
static void write_all_set(struct writing *);

bool
writing_has(const struct reply_values *v, unsigned code)
{
	return (v->has_option[code >> 3] >> (code & 7) & 1) != 0;
}

const char *
writing_fill(struct writing *w, const char *value, char *out, size_t size)
{
	if (strchr(value, '%') == NULL)
		return value;
	return host_expand(w->r->host, value, out, size) ? out : NULL;
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

void
writing_option(struct writing *w, uint8_t code)
{
	const struct reply_values *v = &w->r->values;
	struct put o = put_into(w->value, sizeof w->value);
	uint8_t id = w->r->codes->attribute[code];
	const char *text;
	bool made;

	if (dhcp_wrote(&w->w, code) || (w->lease == 0 &&
	    (code == DHCP_LEASE || code == DHCP_T1 || code == DHCP_T2)))
		return;
	if (code == DHCP_VENDOR_CLASS && writing_has(v, code) &&
	    !class_fits(w->r))
		return;
	if (writing_has(v, code) && code != DHCP_LEASE) {
		text = writing_fill(w, v->option[code], w->text,
		    sizeof w->text);
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
		text = attribute_table[id].expands ? writing_fill(w,
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

void
writing_firmware(struct writing *w, const struct dhcp_fixed *f)
{
	static const uint8_t no_proxy[] = { 176, 1, 1 };
	const struct reply *r = w->r;
	unsigned does = r->firmware != NULL ? r->firmware->does : 0;
	const uint8_t *uuid;
	size_t n;

	if (writing_has(&r->values, DHCP_VENDOR))
		writing_option(w, DHCP_VENDOR);
	if (writing_has(&r->values, DHCP_VENDOR_CLASS))
		writing_option(w, DHCP_VENDOR_CLASS);
	if (writing_has(&r->values, DHCP_IPXE))
		writing_option(w, DHCP_IPXE);
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
		writing_option(w, DHCP_BOOT_FILE);
}

void
writing_proxy(struct writing *w)
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
		writing_option(w, loaders[i]);
}

void
writing_wanted(struct writing *w, const struct dhcp_fixed *f)
{
	const struct dhcp_options *asked = &w->r->p->options;
	const uint8_t *list = by_need, *id;
	size_t i, n = 0, id_n;
	bool says;

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
				writing_option(w, needed_most[i]);
	}
	says = n > 0;
	if (!says)
		n = sizeof by_need;
	for (i = 0; i < n; i++)
		if (!protocol[list[i]])
			writing_option(w, list[i]);
	if (!says && w->a->type != DHCP_BOOTP)
		write_all_set(w);
	/* DHCP's own options mean nothing to BOOTP. */
	for (i = 1; i < DHCP_END; i++) {
		if (w->r->values.has_option[i >> 3] == 0) {
			i |= 7;		/* none of these eight */
			continue;
		}
		if (writing_has(&w->r->values, (unsigned)i) && !protocol[i] &&
		    (w->a->type != DHCP_BOOTP || i < DHCP_REQUESTED ||
		    i > DHCP_CLIENT_ID))
			writing_option(w, (uint8_t)i);
	}
}

/* RFC 2131 section 4.3.1.  But the boot file has a field, for all of them. */
static void
write_all_set(struct writing *w)
{
	uint8_t code;
	size_t i;

	for (i = 0; i < ATTRIBUTES; i++) {
		code = attribute_table[i].code;
		if (code != 0 && code != DHCP_TFTP_NAME &&
		    code != DHCP_BOOT_FILE)
			writing_option(w, code);
	}
}

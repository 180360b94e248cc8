#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>

#include "log.h"
#include "show.h"

#define LINE_SIZE	1024
#define TEXT_SIZE	INET_ADDRSTRLEN

/* How an option's value is read by people. */
enum form { HEX, TEXT, ADDRESSES, NUMBER, CODES, MESSAGE };

static const struct {
	const char *name;
	enum form form;
} options[256] = {
	[1] = { "mask", ADDRESSES }, [3] = { "router", ADDRESSES },
	[6] = { "dns", ADDRESSES }, [12] = { "host-name", TEXT },
	[15] = { "domain", TEXT }, [17] = { "root-path", TEXT },
	[28] = { "broadcast", ADDRESSES }, [42] = { "ntp", ADDRESSES },
	[43] = { "vendor", HEX }, [50] = { "requested", ADDRESSES },
	[51] = { "lease", NUMBER }, [52] = { "overload", NUMBER },
	[53] = { "type", MESSAGE }, [54] = { "server", ADDRESSES },
	[55] = { "list", CODES }, [56] = { "message", TEXT },
	[57] = { "max-size", NUMBER }, [58] = { "t1", NUMBER },
	[59] = { "t2", NUMBER }, [60] = { "class", TEXT },
	[61] = { "client-id", HEX }, [66] = { "tftp-name", TEXT },
	[67] = { "boot-file", TEXT }, [77] = { "user-class", TEXT },
	[82] = { "relay", HEX }, [93] = { "arch", NUMBER },
	[97] = { "uuid", HEX }, [118] = { "subnet", ADDRESSES },
	[150] = { "tftp", ADDRESSES }, [194] = { "rsync-path", TEXT },
};

static const char *
address(uint32_t a, char text[TEXT_SIZE])
{
	struct in_addr in = { htonl(a) };

	return inet_ntop(AF_INET, &in, text, TEXT_SIZE);
}

static void
value(char *out, size_t size, uint8_t code, const uint8_t *at, size_t n)
{
	struct cursor c = cursor_of(at, n);
	char text[TEXT_SIZE];
	uint32_t a;
	uint64_t number = 0;
	size_t used = 0, i;

	out[0] = '\0';
	switch (options[code].form) {
	case TEXT:
		log_clean(out, size, at, n);
		break;
	case ADDRESSES:
		while (cursor_u32(&c, &a) && used < size)
			used += (size_t)snprintf(out + used, size - used,
			    "%s%s", used > 0 ? "," : "", address(a, text));
		break;
	case NUMBER:
		for (i = 0; i < n && i < 8; i++)
			number = number << 8 | at[i];
		snprintf(out, size, "%llu", (unsigned long long)number);
		break;
	case CODES:
		for (i = 0; i < n && used < size; i++)
			used += (size_t)snprintf(out + used, size - used,
			    "%s%u", i > 0 ? "," : "", at[i]);
		break;
	case MESSAGE:
		snprintf(out, size, "%s", n > 0 ? dhcp_type_name(at[0]) : "");
		break;
	case HEX:
		for (i = 0; i < n && used + 3 < size; i++)
			used += (size_t)snprintf(out + used, size - used,
			    "%s%02x", i > 0 ? ":" : "", at[i]);
		break;
	}
}

/* Options that are made of other attributes if their own is not set. */
static const struct {
	uint8_t code;
	enum attribute_id id;
} made_of[] = {
	{ DHCP_RSYNC_PATH, A_RSYNC }, { DHCP_BOOT_FILE, A_LOADER },
	{ DHCP_TFTP_NAME, A_NEXT_SERVER },
};

static bool
find_origin(const struct host *host, const struct answer_codes *codes,
    uint8_t code, struct host_value *v)
{
	uint8_t id = codes->attribute[code];
	char number[4];
	size_t i;

	snprintf(number, sizeof number, "%u", code);
	if (host_get(host, A_OPTION, number, v) || (id != ATTRIBUTES &&
	    host_get(host, (enum attribute_id)id, NULL, v)))
		return true;
	for (i = 0; i < sizeof made_of / sizeof made_of[0]; i++)
		if (made_of[i].code == code &&
		    host_get(host, made_of[i].id, NULL, v))
			return true;
	return false;
}

/* Which entry an option's value is from; "" for the protocol's own. */
static void
origin(char *out, size_t size, const struct host *host,
    const struct answer_codes *codes, uint8_t code)
{
	struct host_value v;

	out[0] = '\0';
	if (host != NULL && find_origin(host, codes, code, &v))
		snprintf(out, size, "  (%s%s%s)",
		    entry_kind_name(v.from->kind), *entry_name(v.from) !=
		    '\0' ? " " : "", entry_name(v.from));
}

static void
show_options(const struct dhcp_options *o, const struct host *host,
    const struct answer_codes *codes)
{
	char text[LINE_SIZE], from[ENTRY_NAME_MAX + 32], name[16];
	unsigned code;

	for (code = 1; code < DHCP_END; code++) {
		if (!dhcp_option_seen(o, (uint8_t)code))
			continue;
		value(text, sizeof text, (uint8_t)code, o->at[code],
		    o->len[code]);
		snprintf(name, sizeof name, "option");
		if (options[code].name != NULL)
			snprintf(name, sizeof name, "%s", options[code].name);
		from[0] = '\0';
		if (codes != NULL)
			origin(from, sizeof from, host, codes, (uint8_t)code);
		log_debug("    %3u %-10s %s%s", code, name, text, from);
	}
}

/* As circuit-id= and remote-id= take it. */
static void
show_port(const struct dhcp_bytes *b, enum identity_kind kind)
{
	char text[IDENTITY_TEXT_MAX];
	struct identity id;

	if (!identity_bytes(&id, kind, b->at, b->n))
		return;
	identity_print(&id, text, sizeof text);
	log_debug("  port: %s=%s", identity_attribute(&id), text);
}

static void
show_host(const struct answer *a, const struct host *host,
    const struct show_facts *f)
{
	char text[IDENTITY_TEXT_MAX], on[TEXT_SIZE];

	if (*f->name == '\0') {
		log_debug("  host: none");
	} else if (a->reason == EVENT_UNREGISTERED) {
		log_debug("  host: %s, not registered: its address is lent",
		    f->name);
	} else if (f->by == NULL) {
		log_debug("  host: %s, by its address", f->name);
	} else {
		identity_print(f->by, text, sizeof text);
		log_debug("  host: %s, by %s=%s", f->name,
		    identity_attribute(f->by), text);
	}
	if (host != NULL && host->subnet_len != 0)
		log_debug("  network: %s/%u", address(host->network, on),
		    host->subnet_len);
	log_debug("  firmware: %s, architecture: %s",
	    a->firmware != NULL ? a->firmware->name : "none",
	    a->arch != NULL ? a->arch->name : "unknown");
}

static void
show_answer(const struct answer *a, const struct host *host,
    const struct answer_codes *codes)
{
	static const char *const ways[] = {
		[ANSWER_NOWHERE] = "nowhere", [ANSWER_ADDRESS] = "to ",
		[ANSWER_BROADCAST] = "by broadcast", [ANSWER_LINK] =
		"by frame to ",
	};
	struct dhcp_options o;
	struct cursor c = cursor_of(a->bytes, a->n);
	const uint8_t *fixed;
	char text[TEXT_SIZE], file[4 * ANSWER_FILE_MAX];
	uint8_t code;

	if (a->to == ANSWER_NOWHERE) {
		log_debug("  silence: %s: %s", event_reason_name(a->reason),
		    a->why[0] != '\0' ? a->why :
		    event_reason_text(a->reason));
		return;
	}
	log_debug("  reply: %s %s%s, %zu bytes, yiaddr %s, file \"%s\"",
	    dhcp_type_name(a->type), ways[a->to],
	    a->to == ANSWER_BROADCAST ? "" : address(a->address, text), a->n,
	    address(a->given, (char[TEXT_SIZE]){ "" }),
	    log_clean(file, sizeof file, a->file, strlen(a->file)));
	if (*a->why != '\0')
		log_debug("  note: %s", a->why);
	if (cursor_take(&c, DHCP_FIXED_SIZE + DHCP_COOKIE_SIZE, &fixed) &&
	    dhcp_options_read(&o, c.at, cursor_left(&c), fixed + 108,
	    fixed + 44, &code) == DHCP_OPTIONS_OK)
		show_options(&o, host, codes);
}

void
show_packet(const struct dhcp_packet *p, const struct answer_context *ctx,
    const struct answer *a, const struct host *host,
    const struct answer_codes *codes, const struct show_facts *f)
{
	char mac[3 * DHCP_CHADDR_SIZE + 1] = "none";
	char from[TEXT_SIZE], ciaddr[TEXT_SIZE], giaddr[TEXT_SIZE];
	size_t i;

	if (!log_shows(LOG_DEBUG))
		return;
	for (i = 0; p->chaddr != NULL && i < p->hlen && i < DHCP_CHADDR_SIZE;
	    i++)
		snprintf(mac + 3 * i, sizeof mac - 3 * i, "%02x%s",
		    p->chaddr[i], i + 1 < p->hlen ? ":" : "");
	log_debug("%s from %s by %s: xid %08x hops %u secs %u flags %04x",
	    dhcp_type_name(p->type), mac,
	    *f->interface != '\0' ? f->interface : "an unknown interface",
	    p->xid, p->hops, p->secs, p->flags);
	log_debug("  source %s:%u ciaddr %s giaddr %s",
	    address(ctx->source, from), ctx->source_port,
	    address(p->ciaddr, ciaddr), address(p->giaddr, giaddr));
	show_options(&p->options, NULL, NULL);
	show_port(&p->relay.circuit, IDENTITY_CIRCUIT);
	show_port(&p->relay.remote, IDENTITY_REMOTE);
	show_host(a, host, f);
	show_answer(a, host, codes);
}

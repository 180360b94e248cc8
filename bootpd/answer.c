#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

#include "answer.h"
#include "proxy.h"
#include "reply.h"

static void make_request(struct answer *, const struct reply *);
static void make_inform(struct answer *, const struct reply *);
static bool names_another(const struct reply *);
static bool has_place(struct answer *, const struct host *);
static void give_back(struct answer *, const struct host *, uint32_t address,
    enum event_stage, const char *why);
static void give(struct answer *, const struct reply *, uint8_t type);
static void refuse(struct answer *, const struct reply *);
static void destination(struct answer *, const struct reply *);

void
answer_silence(struct answer *a, enum event_reason reason, const char *why)
{
	a->stage = EVENT_SILENCE;
	a->reason = reason;
	a->why = why;
	a->to = ANSWER_NOWHERE;
	a->address = a->given = 0;
	a->port = 0;
	a->type = 0;
	a->firmware = NULL;
	a->arch = NULL;
	a->file[0] = '\0';
	a->chain = false;
	a->n = 0;
}

bool
answer_wanted(struct answer *a, const struct dhcp_packet *p,
    const struct answer_context *ctx)
{
	bool ours = ctx->ours || (p->server_id != 0 &&
	    p->server_id == p->relay.server_id);

	if (ctx->proxy)
		return proxy_wanted(a, p, ctx);
	answer_silence(a, EVENT_OK, "");
	switch (p->type) {
	case DHCP_BOOTP:
	case DHCP_DISCOVER:
	case DHCP_INFORM:
		return true;
	case DHCP_REQUEST:
	case DHCP_RELEASE:
	case DHCP_DECLINE:
		if (p->server_id == 0 || ours)
			return true;
		answer_silence(a, EVENT_OTHER_SERVER,
		    p->type == DHCP_REQUEST ? "REQUEST to another server" :
		    p->type == DHCP_RELEASE ? "RELEASE to another server" :
		    "DECLINE to another server");
		return false;
	default:
		answer_silence(a, EVENT_UNSUPPORTED,
		    "a message type nobody answers here");
		return false;
	}
}

uint32_t
answer_network(const struct dhcp_packet *p, const struct answer_context *ctx)
{
	if (p->relay.link != 0)
		return p->relay.link;
	if (p->subnet != 0)
		return p->subnet;
	if (p->giaddr != 0)
		return p->giaddr;
	/* Only what routers carried can be from elsewhere than it seems. */
	return ctx->unicast && p->type != DHCP_DISCOVER &&
	    dhcp_is_unicast(p->ciaddr) ? p->ciaddr : 0;
}

static size_t
uuid_identities(const struct dhcp_packet *p, struct identity *id)
{
	size_t n;
	const uint8_t *at = dhcp_option(&p->options, DHCP_UUID, &n);

	/* RFC 4578 section 2.3: type 0, then 16 bytes. */
	if (n != 17 || at[0] != 0 ||
	    !identity_bytes(&id[0], IDENTITY_UUID, at + 1, n - 1))
		return 0;
	/* Some firmware sends it as SMBIOS stores it, some as written. */
	id[1] = id[0];
	identity_uuid_swap(&id[1]);
	return 2;
}

size_t
answer_identities(const struct dhcp_packet *p,
    struct identity id[ANSWER_IDENTITIES])
{
	const struct dhcp_relay *r = &p->relay;
	const uint8_t *at;
	size_t n = 0, len;

	if (identity_hw(&id[n], p->htype, p->chaddr, p->hlen))
		n++;
	at = dhcp_option(&p->options, DHCP_CLIENT_ID, &len);
	if (len > 0 && identity_bytes(&id[n], IDENTITY_CLIENT_ID, at, len))
		n++;
	n += uuid_identities(p, &id[n]);
	if (r->circuit.n > 0 && r->remote.n > 0 && identity_port(&id[n],
	    r->remote.at, r->remote.n, r->circuit.at, r->circuit.n))
		n++;
	if (r->circuit.n > 0 && identity_bytes(&id[n], IDENTITY_CIRCUIT,
	    r->circuit.at, r->circuit.n))
		n++;
	if (r->remote.n > 0 && identity_bytes(&id[n], IDENTITY_REMOTE,
	    r->remote.at, r->remote.n))
		n++;
	return n;
}

void
answer_make(struct answer *a, const struct dhcp_packet *p,
    const struct answer_context *ctx, const struct host *host,
    const struct answer_codes *codes)
{
	struct reply r;

	answer_silence(a, EVENT_OK, "");
	reply_start(&r, p, ctx, host, codes);
	a->firmware = r.firmware;
	a->arch = r.arch;
	if (ctx->proxy) {
		proxy_make(a, &r);
		return;
	}
	switch (p->type) {
	case DHCP_RELEASE:
		give_back(a, host, p->ciaddr, EVENT_RELEASE, "");
		return;
	case DHCP_DECLINE:
		give_back(a, host, p->requested, EVENT_DECLINE,
		    "somebody else uses the address");
		return;
	case DHCP_INFORM:
		make_inform(a, &r);
		return;
	case DHCP_REQUEST:
		make_request(a, &r);
		return;
	case DHCP_DISCOVER:
		if (has_place(a, host))
			give(a, &r, DHCP_OFFER);
		return;
	default:
		if (names_another(&r))
			answer_silence(a, EVENT_OTHER_SERVER,
			    "BOOTP request to a server of another name");
		else if (has_place(a, host))
			give(a, &r, DHCP_BOOTP);
		return;
	}
}

/* With the domain or without. */
static bool
same_name(const char *a, const char *b)
{
	size_t n = strcspn(a, "."), m = strcspn(b, ".");

	return strcasecmp(a, b) == 0 || ((a[n] == '\0' || b[m] == '\0') &&
	    n == m && strncasecmp(a, b, n) == 0);
}

/* RFC 951 section 7.3: a BOOTP client may say which server is to answer. */
static bool
names_another(const struct reply *r)
{
	struct in_addr own = { htonl(r->ctx->server) },
	    next = { htonl(r->next_server) };
	const char *names[] = { r->values.text[A_SERVER_NAME], r->ctx->name };
	char asked[DHCP_SNAME_SIZE + 1];
	struct in_addr address;
	size_t i;

	memcpy(asked, r->p->sname, DHCP_SNAME_SIZE);
	asked[DHCP_SNAME_SIZE] = '\0';
	if (*asked == '\0')
		return false;
	for (i = 0; i < sizeof names / sizeof names[0]; i++)
		if (names[i] != NULL && same_name(asked, names[i]))
			return false;
	return inet_pton(AF_INET, asked, &address) != 1 ||
	    (address.s_addr != own.s_addr && address.s_addr != next.s_addr);
}

/* Has the host an address on a network that we know? */
static bool
has_place(struct answer *a, const struct host *host)
{
	if (host->subnet_len == 0)
		answer_silence(a, EVENT_NO_SUBNET,
		    "no subnet entry holds the network it asks from");
	else if (host->address == 0)
		answer_silence(a, EVENT_NO_ADDRESS,
		    "the host has no address on the network it asks from");
	return a->reason == EVENT_OK;
}

/* RELEASE and DECLINE.  Nobody speaks for an address of somebody else. */
static void
give_back(struct answer *a, const struct host *host, uint32_t address,
    enum event_stage stage, const char *why)
{
	if (!has_place(a, host))
		return;
	if (address != host->address) {
		answer_silence(a, EVENT_WRONG_ADDRESS, stage ==
		    EVENT_RELEASE ? "RELEASE of an address that is not its "
		    "own" : "DECLINE of an address that is not its own");
		return;
	}
	a->stage = stage;
	a->given = address;
	a->why = why;
}

static bool
on_network(const struct host *host, uint32_t address)
{
	return (address & entry_subnet_mask(host->subnet_len)) ==
	    host->network;
}

/*
 * RFC 2131 section 4.3.2 and table 4.  A NAK only to a host that we know:
 * what a stranger asks for is for another server to judge.
 */
static void
make_request(struct answer *a, const struct reply *r)
{
	const struct dhcp_packet *p = r->p;
	const struct host *host = r->host;
	uint32_t wants = p->requested != 0 ? p->requested : p->ciaddr;

	if (host->subnet_len == 0) {
		has_place(a, host);
		return;
	}
	if (wants == 0) {
		answer_silence(a, EVENT_MALFORMED,
		    "REQUEST for no address at all");
		return;
	}
	if (wants == host->address) {
		give(a, r, DHCP_ACK);
		return;
	}
	/* INIT-REBOOT where we have nothing for it, and it may be right. */
	if (host->address == 0 && p->server_id == 0 &&
	    on_network(host, wants)) {
		has_place(a, host);
		return;
	}
	/*
	 * RENEWING by routers: a NAK goes out by broadcast, which cannot
	 * reach it.  It will ask again through its relay.
	 */
	if (p->requested == 0 && p->giaddr == 0 && r->ctx->unicast &&
	    !on_network(host, r->ctx->server)) {
		answer_silence(a, EVENT_WRONG_ADDRESS,
		    "renews an address that is not its own");
		return;
	}
	refuse(a, r);
}

/*
 * Nobody is to have us write to a third party.  An address is the client's
 * own if the packet is from there or the host has it; one of the network, if
 * the host has none there or a relay stands between.
 */
static bool
its_own(const struct reply *r, uint32_t address)
{
	const struct host *host = r->host;
	uint32_t rest = ~entry_subnet_mask(host->subnet_len);

	if (!dhcp_is_unicast(address))
		return false;
	if (address == r->ctx->source || address == host->address)
		return true;
	if ((host->address != 0 && r->p->giaddr == 0) ||
	    address == r->ctx->server || !on_network(host, address))
		return false;
	return host->subnet_len >= 31 ||
	    ((address & rest) != 0 && (address & rest) != rest);
}

/*
 * RFC 2131 section 4.3.5: parameters for a client that has its address, and
 * straight to it, relay or not.  One that does not say which address that is
 * must be reached by its relay.
 */
static void
make_inform(struct answer *a, const struct reply *r)
{
	if (r->host->subnet_len == 0) {
		has_place(a, r->host);
		return;
	}
	a->stage = EVENT_ASKED;
	a->why = "INFORM";
	a->type = DHCP_ACK;
	if (reply_by_relay(r)) {
		destination(a, r);
		reply_write(a, r);
		return;
	}
	a->address = r->p->ciaddr != 0 ? r->p->ciaddr : r->ctx->source;
	a->port = DHCP_CLIENT_PORT;
	a->to = ANSWER_ADDRESS;
	if (!its_own(r, a->address)) {
		answer_silence(a, EVENT_MALFORMED,
		    "INFORM with an address that cannot be its own");
		return;
	}
	reply_write(a, r);
}

static void
give(struct answer *a, const struct reply *r, uint8_t type)
{
	bool system = r->firmware == NULL && type == DHCP_ACK;

	a->stage = type == DHCP_OFFER ? EVENT_ASKED :
	    system ? EVENT_LEASE : EVENT_ADDRESS;
	a->type = type;
	a->given = r->host->address;
	destination(a, r);
	reply_write(a, r);
}

/* RFC 2131 section 4.3.2: by broadcast, by the relay too. */
static void
refuse(struct answer *a, const struct reply *r)
{
	a->stage = EVENT_SILENCE;
	a->reason = EVENT_WRONG_ADDRESS;
	a->why = r->p->requested == 0 ? "NAK: renews an address that is not "
	    "its own" : !on_network(r->host, r->p->requested) ?
	    "NAK: asked for an address of another network" :
	    "NAK: asked for an address that is not its own";
	a->type = DHCP_NAK;
	destination(a, r);
	reply_nak(a, r);
}

/* Can a frame be sent to it, and to no other? */
static bool
has_mac(const struct dhcp_packet *p)
{
	static const uint8_t nobody[6];

	return p->htype == IDENTITY_HTYPE_ETHERNET && p->hlen == 6 &&
	    (p->chaddr[0] & 1) == 0 &&
	    memcmp(p->chaddr, nobody, sizeof nobody) != 0;
}

/*
 * RFC 2131 section 4.1; PXE 2.1 for boot server requests, which are answered
 * where they came from.
 */
static void
destination(struct answer *a, const struct reply *r)
{
	const struct dhcp_packet *p = r->p;
	bool in_use = p->ciaddr == r->ctx->source;

	a->to = ANSWER_ADDRESS;
	a->port = DHCP_CLIENT_PORT;
	if (p->giaddr != 0) {
		a->address = p->giaddr;
		a->port = p->relay.own_port ? r->ctx->source_port :
		    DHCP_SERVER_PORT;
	} else if (a->type == DHCP_NAK) {
		a->to = ANSWER_BROADCAST;
	} else if (p->ciaddr == a->given) {
		a->address = p->ciaddr;
		if (r->boot_server && in_use)
			a->port = r->ctx->source_port;
		/* Sent from no address: who knows whether it answers ARP. */
		else if (r->ctx->source == 0 && has_mac(p))
			a->to = ANSWER_LINK;
	} else if (p->type == DHCP_BOOTP && a->given == r->ctx->source) {
		/* It has its address already and asks for the rest. */
		a->address = a->given;
	} else if (p->flags & DHCP_FLAG_BROADCAST || !has_mac(p)) {
		a->to = ANSWER_BROADCAST;
	} else {
		a->to = ANSWER_LINK;
		a->address = a->given;
	}
}

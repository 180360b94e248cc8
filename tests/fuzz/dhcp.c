/*
 * Any packet, to a host that has something of everything: silence, or a
 * reply that a client can read, and that is sent to somewhere.  Bits of the
 * transaction id say how it came in: by unicast, to a proxy, to port 4011, of
 * a machine that loads again and again, of a host without an address there,
 * from no address, by a wire of any MTU.
 */
#include <stdlib.h>
#include <string.h>

#include "../../bootpd/answer.h"

static const char line[] = "host pxe-test mac=02:00:5e:00:53:01 "
    "address=192.0.2.10 router=192.0.2.1 dns=192.0.2.53,192.0.2.54 "
    "domain=example.net domain-search=example.net,example.org "
    "cmdline=\"a b\" rsync=common,%n filename=pxelinux.0 "
    "filename.efi-x64=grub/core.efi ipxe-script=boot.ipxe "
    "routes=198.51.100.0/24-192.0.2.1 "
    "option-150=ip:192.0.2.9 option-224=text:%n option-225=hex:0102";

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
must(int true_it_is)
{
	if (!true_it_is)
		abort();
}

/*
 * Every option of the main field within its bounds, up to the end; what the
 * relay sent comes last (RFC 3046 section 2.2), and whole or not at all.
 */
static void
check_reply(const struct answer *a, const struct dhcp_bytes *relay)
{
	struct cursor c = cursor_of(a->bytes, a->n);
	const uint8_t *p;
	uint8_t code, len;
	size_t echoed = 0;

	must(a->n >= DHCP_MIN_SIZE && a->n <= ANSWER_MAX);
	must(a->bytes[0] == DHCP_OP_REPLY);
	must(cursor_take(&c, DHCP_FIXED_SIZE, &p));
	must(cursor_take(&c, DHCP_COOKIE_SIZE, &p));
	must(memcmp(p, "\x63\x82\x53\x63", 4) == 0);
	for (;;) {
		must(cursor_u8(&c, &code));
		if (code == DHCP_END)
			break;
		if (code == DHCP_PAD)
			continue;
		must(cursor_u8(&c, &len) && cursor_take(&c, len, &p));
		must(code == DHCP_RELAY || echoed == 0);
		if (code != DHCP_RELAY)
			continue;
		must(echoed + len <= relay->n);
		must(memcmp(relay->at + echoed, p, len) == 0);
		echoed += len;
	}
	must(echoed == 0 || echoed == relay->n);
}

/* To the relay that it came by, but for an INFORM of a known address. */
static void
check_way(const struct answer *a, const struct dhcp_packet *p,
    const struct answer_context *ctx)
{
	must(a->to == ANSWER_BROADCAST || a->address != 0);
	must(a->port != 0);
	if (p->giaddr == 0 || (!ctx->proxy && p->type == DHCP_INFORM &&
	    p->ciaddr != 0))
		return;
	must(a->to == ANSWER_ADDRESS && a->address == p->giaddr);
	must(a->port == (p->relay.own_port ? ctx->source_port :
	    DHCP_SERVER_PORT));
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	static struct answer_context ctx = { .server = 0xc0000202 };
	static struct answer_codes codes;
	static struct answer a;
	static struct host host;
	static struct dhcp_packet p;
	struct identity id[ANSWER_IDENTITIES];
	struct entry_error err;
	const char *why;

	if (host.layers == 0) {
		must(entry_parse(&host.own, line, strlen(line), &err));
		must(identity_parse_mac(&host.mac, "02:00:5e:00:53:01"));
		host.layer[host.layers++] = &host.own;
		answer_codes(&codes);
	}
	if (dhcp_read(&p, bytes, n, &why) != EVENT_OK) {
		must(why != NULL);
		return 0;
	}
	must(answer_identities(&p, id) <= ANSWER_IDENTITIES);
	ctx.source = (p.xid & 64) != 0 ? 0 : p.ciaddr;
	ctx.mtu = (p.xid & 128) != 0 ? p.xid >> 20 : 0;
	ctx.source_port = DHCP_BOOTSERVER_PORT;
	ctx.unicast = (p.xid & 1) != 0;
	ctx.proxy = (p.xid & 2) != 0;
	ctx.boot_port = (p.xid & 4) != 0;
	ctx.loops = (p.xid & 8) != 0;
	host.address = (p.xid & 16) != 0 ? 0 : 0xc000020a;
	host.subnet_len = (p.xid & 32) != 0 ? 0 : 24;
	host.network = host.subnet_len != 0 ? 0xc0000200 : 0;
	ctx.ours = p.server_id == ctx.server;
	answer_network(&p, &ctx);
	if (!answer_wanted(&a, &p, &ctx))
		return 0;
	answer_make(&a, &p, &ctx, &host, &codes);
	if (a.to == ANSWER_NOWHERE)
		return 0;
	check_way(&a, &p, &ctx);
	check_reply(&a, &p.relay.all);
	return 0;
}

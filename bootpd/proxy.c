#include "proxy.h"

bool
proxy_wanted(struct answer *a, const struct dhcp_packet *p,
    const struct answer_context *ctx)
{
	const struct dhcp_options *o = &p->options;
	struct dhcp_bytes item;

	answer_silence(a, EVENT_OK, "");
	if (!dhcp_option_starts(o, DHCP_VENDOR_CLASS, "PXEClient") &&
	    !dhcp_option_starts(o, DHCP_VENDOR_CLASS, "HTTPClient")) {
		answer_silence(a, EVENT_OTHER_SERVER,
		    "no boot firmware: left to the DHCP server");
		return false;
	}
	if (p->type == DHCP_DISCOVER)
		return true;
	/*
	 * Port 4011 is ours alone; some ROMs ask there for a file, without
	 * naming an item.  At port 67 nothing else tells a REQUEST to a boot
	 * server from one to the DHCP server.
	 */
	if (p->type == DHCP_REQUEST && (p->server_id == 0 || ctx->ours) &&
	    (ctx->boot_port || reply_boot_item(p, &item)))
		return true;
	answer_silence(a, EVENT_OTHER_SERVER, "left to the DHCP server");
	return false;
}

/* False: there is nowhere to send it. */
static bool
destination(struct answer *a, const struct reply *r)
{
	const struct answer_context *ctx = r->ctx;

	a->to = ANSWER_ADDRESS;
	if (r->p->giaddr != 0) {
		a->address = r->p->giaddr;
		a->port = r->p->relay.own_port ? ctx->source_port :
		    DHCP_SERVER_PORT;
	} else if (r->p->type == DHCP_DISCOVER) {
		/* It has no address yet, and we do not know which it gets. */
		a->to = ANSWER_BROADCAST;
		a->port = DHCP_CLIENT_PORT;
	} else {
		/* Intel's ROMs and EDK2 wait at 4011, iPXE at 68. */
		a->address = ctx->source;
		a->port = ctx->source_port;
		return dhcp_is_unicast(ctx->source);
	}
	return true;
}

/*
 * boot=local: firmware that hears of no file asks on for a minute, unless it
 * is told of a menu that ends it (PXE) or of a URL that no file has (HTTP).
 */
static bool
told_to_leave(const struct reply *r)
{
	return r->p->type == DHCP_DISCOVER && r->firmware != NULL &&
	    r->firmware->does & (FIRMWARE_PXE | FIRMWARE_HTTP);
}

void
proxy_make(struct answer *a, const struct reply *r)
{
	bool discover = r->p->type == DHCP_DISCOVER;

	if (r->local && !told_to_leave(r)) {
		answer_silence(a, EVENT_OK, "boot=local: no boot file");
		return;
	}
	if (r->firmware != NULL && r->firmware->does & FIRMWARE_FIRST) {
		answer_silence(a, EVENT_OTHER_SERVER, "takes the first offer "
		    "for its address: left to the DHCP server");
		return;
	}
	a->stage = discover ? EVENT_ASKED : EVENT_ADDRESS;
	a->type = discover ? DHCP_OFFER : DHCP_ACK;
	a->given = 0;
	if (!destination(a, r)) {
		answer_silence(a, EVENT_MALFORMED,
		    "a boot server request without an address");
		return;
	}
	reply_write(a, r);
	if (r->local)
		a->why = "boot=local";
	/* Without one it would only keep the ROM from its disk. */
	else if (a->file[0] == '\0')
		answer_silence(a, EVENT_NO_BOOT_FILE, a->reason ==
		    EVENT_NO_BOOT_FILE ? a->why : "no proxy offer");
}

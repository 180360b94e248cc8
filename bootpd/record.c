#include <stdio.h>
#include <string.h>

#include "record.h"

#define CIRCUIT_SHOWN	28	/* bytes that fit beside a UUID */
#define CLIENT_ID_SHOWN	48	/* and alone */

bool
record_sender(const struct dhcp_packet *p, struct identity *id)
{
	const uint8_t *at;
	size_t n = p->hlen;

	/* It is to be found even if it says a wrong length. */
	if (p->htype == IDENTITY_HTYPE_ETHERNET && n != 0)
		n = 6;
	if (p->chaddr != NULL && n <= DHCP_CHADDR_SIZE &&
	    identity_hw(id, p->htype, p->chaddr, n))
		return true;
	at = dhcp_option(&p->options, DHCP_CLIENT_ID, &n);
	if (n > 0 && identity_bytes(id, IDENTITY_CLIENT_ID, at, n))
		return true;
	id->kind = IDENTITY_NONE;
	id->htype = 0;
	id->len = 0;
	return false;
}

static size_t
put_hex(char *out, size_t size, const char *word, const uint8_t *at, size_t n)
{
	size_t i, len = (size_t)snprintf(out, size, "%s0x", word);

	for (i = 0; i < n; i++)
		len += (size_t)snprintf(out + len, size - len, "%02x", at[i]);
	return len + (size_t)snprintf(out + len, size - len, " ");
}

/*
 * What a person may want to register a stranger by, as words that pxectl
 * adopt reads: a client identifier that is longer than the event's own field
 * (or "cut", if it is too long here as well), a UUID, and a circuit that fits.
 * They end at class=, behind which anything may stand.
 */
static size_t
describe(const struct dhcp_packet *p, bool by_client_id, char *out,
    size_t size)
{
	const struct dhcp_bytes *circuit = &p->relay.circuit;
	struct identity id;
	char uuid[IDENTITY_TEXT_MAX];
	size_t n, len = 0;
	const uint8_t *at = dhcp_option(&p->options, DHCP_CLIENT_ID, &n);

	if (by_client_id && n > EVENT_IDENTITY_MAX) {
		if (n > CLIENT_ID_SHOWN)
			return (size_t)snprintf(out, size,
			    "client-id=cut class=");
		len = put_hex(out, size, "client-id=", at, n);
		return len + (size_t)snprintf(out + len, size - len,
		    "class=");
	}
	at = dhcp_option(&p->options, DHCP_UUID, &n);
	out[0] = '\0';
	if (n == 17 && at[0] == 0 && !identity_uuid_is_default(at + 1) &&
	    identity_bytes(&id, IDENTITY_UUID, at + 1, n - 1)) {
		identity_print(&id, uuid, sizeof uuid);
		len = (size_t)snprintf(out, size, "uuid=%s ", uuid);
	}
	if (circuit->n > 0 && circuit->n <= CIRCUIT_SHOWN)
		len += put_hex(out + len, size - len, "circuit-id=",
		    circuit->at, circuit->n);
	len += (size_t)snprintf(out + len, size - len, "class=");
	return len;
}

/* Behind the words: the network that pxectl add-subnet or set is to name. */
static const char *
asked_from(const struct dhcp_packet *p, const struct answer *a, char *out,
    size_t size)
{
	const uint32_t at = p->relay.link != 0 ? p->relay.link : p->giaddr;

	if (at == 0 || (a->reason != EVENT_NO_SUBNET &&
	    a->reason != EVENT_NO_ADDRESS))
		return a->why;
	snprintf(out, size, "%s (%u.%u.%u.%u)", a->why, at >> 24,
	    at >> 16 & 255, at >> 8 & 255, at & 255);
	return out;
}

void
record_packet(struct event_record *e, const struct dhcp_packet *p,
    const struct answer *a, const struct identity *mac, const char *name,
    uint64_t number)
{
	char said[EVENT_DETAIL_MAX];
	size_t used = 0;
	const char *detail = asked_from(p, a, said, sizeof said);
	const uint8_t *at;
	struct identity id;
	size_t n;

	event_make(e, EVENT_BOOTPD, a->stage, a->reason);
	if (record_sender(p, &id))
		event_set_identity(e, &id);
	else if (mac != NULL)
		event_set_identity(e, mac);
	if (a->given != 0)
		event_set_address(e, a->given);
	event_set_name(e, name);
	e->number = number;
	e->bytes = a->n;
	if (*detail == '\0' && a->stage == EVENT_ADDRESS &&
	    a->reason != EVENT_UNREGISTERED)
		detail = a->file;
	if (*detail == '\0') {
		if (a->reason == EVENT_UNREGISTERED)
			used = describe(p, e->id_kind ==
			    IDENTITY_CLIENT_ID, said, sizeof said);
		at = dhcp_option(&p->options, DHCP_VENDOR_CLASS, &n);
		if (n >= sizeof said - used)
			n = sizeof said - used - 1;
		if (n > 0)
			memcpy(said + used, at, n);
		else if (used > 0)
			used -= sizeof "class=" - 1;
		said[used + n] = '\0';
		detail = said;
	}
	event_set_detail(e, detail);
}

#include "stranger.h"

#define OFFER	60		/* seconds */
#define DECLINE	3600
#define SLACK	60		/* its clock may be slower */

/* Whose addresses are nobody's to have. */
struct others {
	struct hostdb *db;
	const struct interfaces *own;
	const struct entry *subnet, *site;	/* NULL: none */
	uint32_t relay;
};

static bool
is_taken(void *arg, uint32_t address)
{
	const struct others *o = arg;
	struct hostdb_ref ref;

	/* What cannot be read may be somebody's. */
	return address == o->relay ||
	    interface_by_address(o->own, address) != NULL ||
	    (o->subnet != NULL && entry_names_address(o->subnet, address)) ||
	    (o->site != NULL && entry_names_address(o->site, address)) ||
	    hostdb_by_address(o->db, address, &ref) != HOSTDB_NOT_FOUND;
}

uint32_t
stranger_address(const struct lent *l, struct hostdb *db,
    const struct interfaces *own, uint32_t on, const struct dhcp_packet *p,
    const struct identity *id, bool ours, uint64_t now,
    enum event_reason *reason)
{
	struct others others = { .db = db, .own = own, .relay = p->giaddr };
	struct lent_range range = { .taken = is_taken, .arg = &others };
	uint32_t wants = p->requested != 0 ? p->requested : p->ciaddr, a;

	*reason = EVENT_UNREGISTERED;
	if (!host_discover_range(db, on, &range.first, &range.last))
		return 0;
	switch (p->type) {
	case DHCP_DISCOVER:
		break;
	case DHCP_REQUEST:
		if (!ours && (wants < range.first || wants > range.last))
			return 0;
		break;
	case DHCP_DECLINE:
		return lent_holds(l, id, p->requested, now) ?
		    p->requested : 0;
	case DHCP_INFORM:
	case DHCP_RELEASE:
		return lent_holds(l, id, p->ciaddr, now) ? p->ciaddr : 0;
	default:
		return 0;
	}
	others.subnet = hostdb_subnet_of(db, on);
	others.site = hostdb_shared(db, ENTRY_SITE, "");
	a = lent_find(l, id, &range, wants, now);
	if (a == 0)
		*reason = EVENT_ALL_LENT;
	return a;
}

bool
stranger_remember(struct lent *l, const struct host *host,
    const struct answer *answer, uint64_t now)
{
	const char *text = host_text(host, A_DEFAULT_LEASE, NULL);
	uint64_t until = now + OFFER;
	uint32_t lease;

	if (answer->stage == EVENT_RELEASE)
		lent_release(l, &host->mac, answer->given, now);
	else if (answer->stage == EVENT_DECLINE)
		lent_decline(l, answer->given, now, now + DECLINE);
	if (answer->to == ANSWER_NOWHERE || answer->given == 0 ||
	    answer->type == DHCP_NAK)
		return true;
	if (answer->type == DHCP_ACK && text != NULL &&
	    attribute_duration(text, &lease))
		until = now + lease + SLACK;
	return lent_hold(l, &host->mac, answer->given, now, until);
}

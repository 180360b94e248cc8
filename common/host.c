#include <stdio.h>
#include <string.h>
#ifdef __linux__
#include <bsd/string.h>
#endif

#include "host.h"

#define STRANGER_LEASE	"10m"
#define WIRE_MOST	32	/* networks that are looked at */

static bool make_stranger(struct host *, struct hostdb *, uint32_t);
static enum hostdb_status add_groups(struct host *, struct hostdb *);
static void choose_address(struct host *, struct hostdb *, uint32_t on);
static void find_mac(struct host *);

enum hostdb_status
host_load(struct host *h, struct hostdb *db, const struct hostdb_ref *ref,
    uint32_t on)
{
	const struct entry *e;
	enum hostdb_status st;
	uint64_t damaged = hostdb_damaged(db);

	h->layers = 0;
	h->address = h->network = 0;
	h->subnet_len = 0;
	strlcpy(h->nic, ref->nic, sizeof h->nic);
	st = hostdb_get(db, ENTRY_HOST, ref->name, &h->own);
	if (st != HOSTDB_OK)
		return st;
	h->layer[h->layers++] = &h->own;
	if ((st = add_groups(h, db)) != HOSTDB_OK)
		return st;
	choose_address(h, db, on);
	if ((e = hostdb_shared(db, ENTRY_SITE, "")) != NULL)
		h->layer[h->layers++] = e;
	find_mac(h);
	/* a layer that could not be read is not the same as none */
	return hostdb_damaged(db) == damaged ? HOSTDB_OK : HOSTDB_DAMAGED;
}

enum hostdb_status
host_by_name(struct host *h, struct hostdb *db, const char *name)
{
	struct hostdb_ref ref;

	if (strlcpy(ref.name, name, sizeof ref.name) >= sizeof ref.name)
		return HOSTDB_NOT_FOUND;
	ref.nic[0] = '\0';
	return host_load(h, db, &ref, 0);
}

enum hostdb_status
host_by_address(struct host *h, struct hostdb *db, uint32_t address)
{
	struct hostdb_ref ref;
	enum hostdb_status st;

	st = hostdb_by_address(db, address, &ref);
	if (st == HOSTDB_NOT_FOUND)
		return host_stranger(h, db, address);
	return st == HOSTDB_OK ? host_load(h, db, &ref, address) : st;
}

bool
host_discover_range(struct hostdb *db, uint32_t on, uint32_t *first,
    uint32_t *last)
{
	const struct entry *subnet = hostdb_subnet_of(db, on);
	const char *range = subnet == NULL ? NULL :
	    entry_get(subnet, A_DISCOVER, NULL);

	return range != NULL && attribute_range(range, first, last);
}

enum hostdb_status
host_stranger(struct host *h, struct hostdb *db, uint32_t address)
{
	uint32_t first, last;
	uint64_t damaged = hostdb_damaged(db);

	if (!host_discover_range(db, address, &first, &last) ||
	    address < first || address > last)
		return hostdb_damaged(db) == damaged ? HOSTDB_NOT_FOUND :
		    HOSTDB_DAMAGED;
	return make_stranger(h, db, address) &&
	    hostdb_damaged(db) == damaged ? HOSTDB_OK : HOSTDB_DAMAGED;
}

/* An entry that is written nowhere, and its layers. */
static bool
make_stranger(struct host *h, struct hostdb *db, uint32_t address)
{
	const struct entry *subnet = hostdb_subnet_of(db, address), *site;
	const char *group = NULL;
	struct entry_error err;
	char name[sizeof HOST_STRANGER + 16], text[ATTRIBUTE_ADDRESS_SIZE];

	attribute_address_text(address, text);
	snprintf(name, sizeof name, HOST_STRANGER "%u-%u-%u-%u",
	    address >> 24, address >> 16 & 255, address >> 8 & 255,
	    address & 255);
	site = hostdb_shared(db, ENTRY_SITE, "");
	if (subnet != NULL)
		group = entry_get(subnet, A_DISCOVER_GROUP, NULL);
	if (group == NULL && site != NULL)
		group = entry_get(site, A_DISCOVER_GROUP, NULL);
	h->layers = 0;
	h->nic[0] = '\0';
	h->mac.kind = IDENTITY_NONE;
	h->layer[h->layers++] = &h->own;
	if (!entry_init(&h->own, ENTRY_HOST, name, &err) ||
	    !entry_set(&h->own, "address", text, &err) ||
	    (group != NULL && *group != '\0' &&
	    !entry_set(&h->own, "group", group, &err)) ||
	    add_groups(h, db) != HOSTDB_OK ||
	    (host_text(h, A_DEFAULT_LEASE, NULL) == NULL &&
	    !entry_set(&h->own, "default-lease", STRANGER_LEASE, &err)))
		return false;
	h->address = address;
	if (subnet == NULL || !entry_subnet_parse(entry_name(subnet),
	    &h->network, &h->subnet_len))
		return false;
	h->layer[h->layers++] = subnet;
	if (site != NULL)
		h->layer[h->layers++] = site;
	return true;
}

bool
host_get(const struct host *h, enum attribute_id id, const char *suffix,
    struct host_value *v)
{
	size_t i;

	for (i = 0; i < h->layers; i++) {
		v->text = entry_get(h->layer[i], id, suffix);
		v->from = h->layer[i];
		if (v->text != NULL)
			return *v->text != '\0';
	}
	return false;
}

const char *
host_text(const struct host *h, enum attribute_id id, const char *suffix)
{
	struct host_value v;

	return host_get(h, id, suffix, &v) ? v.text : NULL;
}

const char *
host_name(const struct host *h)
{
	return h->nic[0] != '\0' ? h->nic : entry_name(&h->own);
}

static void
put_mac(struct put *o, const struct identity *mac, bool dashes)
{
	char text[IDENTITY_TEXT_MAX];
	char *s;

	if (mac->kind != IDENTITY_HW)
		return;
	identity_print(mac, text, sizeof text);
	for (s = text; dashes && *s != '\0'; s++)
		if (*s == ':')
			*s = '-';
	put_text(o, text);
}

static bool
put_escape(struct put *o, const struct host *h, char c)
{
	const char *text = "";

	switch (c) {
	case '%':
		text = "%";
		break;
	case 'n':
		text = entry_name(&h->own);
		break;
	case 'a':
		attribute_put_address(o, h->address);
		break;
	case 's':
		attribute_put_address(o, host_next_server(h, 0));
		break;
	case 'm':
	case 'M':
		put_mac(o, &h->mac, c == 'M');
		break;
	case 'g':
		text = host_text(h, A_GROUP, NULL);
		break;
	case 'd':
		text = host_text(h, A_DOMAIN, NULL);
		break;
	default:
		return false;
	}
	return text == NULL || put_text(o, text);
}

bool
host_expand(const struct host *h, const char *value, char *out, size_t size)
{
	struct put o = put_into(out, size);

	for (; *value != '\0' && !o.full; value++) {
		if (*value != '%')
			put_u8(&o, (uint8_t)*value);
		else if (!put_escape(&o, h, *++value))
			return false;
	}
	return put_u8(&o, '\0');
}

bool
host_value_expanded(const struct host *h, enum attribute_id id,
    const char *suffix, char *out, size_t size)
{
	const char *text = host_text(h, id, suffix);

	if (text == NULL)
		return false;
	if (!attribute_table[id].expands)
		return strlcpy(out, text, size) < size;
	return host_expand(h, text, out, size);
}

uint32_t
host_next_server(const struct host *h, uint32_t server)
{
	const char *at = host_text(h, A_NEXT_SERVER, NULL);
	char item[16];
	uint32_t address;

	return at != NULL && attribute_item(&at, item, sizeof item) &&
	    attribute_address(item, &address) ? address : server;
}

bool
host_rsync_path(const struct host *h, uint32_t server, char *out, size_t size)
{
	char layers[ENTRY_LINE_MAX], item[256];
	struct put o = put_into(out, size);
	const char *at = layers;

	if (host_value_expanded(h, A_RSYNC_PATH, NULL, out, size))
		return true;
	if (!host_value_expanded(h, A_RSYNC, NULL, layers, sizeof layers))
		return false;
	while (attribute_item(&at, item, sizeof item)) {
		if (o.at != (uint8_t *)out)
			put_u8(&o, ' ');
		put_text(&o, "rsync://");
		attribute_put_address(&o, host_next_server(h, server));
		put_u8(&o, '/');
		/* a secret layer is one to rsync-shim, not in its URL */
		put_text(&o, item + (item[0] == '!'));
	}
	return put_u8(&o, '\0') && *at == '\0';
}

/* A group that is missing or damaged spoils the host: never half of it. */
static enum hostdb_status
add_groups(struct host *h, struct hostdb *db)
{
	const char *name = entry_get(&h->own, A_GROUP, NULL);
	const struct entry *group;
	size_t n;

	for (n = 0; name != NULL && *name != '\0'; n++) {
		if (n == HOST_GROUPS_MAX)
			return HOSTDB_DAMAGED;
		group = hostdb_shared(db, ENTRY_GROUP, name);
		if (group == NULL)
			return HOSTDB_DAMAGED;
		h->layer[h->layers++] = group;
		name = entry_get(group, A_GROUP, NULL);
	}
	return HOSTDB_OK;
}

/* What the interface is written as: "MAC,ADDRESS" or the host's address=. */
static const char *
addresses(const struct host *h)
{
	const char *value;

	if (h->nic[0] == '\0')
		return entry_get(&h->own, A_ADDRESS, NULL);
	if ((value = entry_get(&h->own, A_NIC, h->nic)) == NULL)
		return NULL;
	value += strcspn(value, ",");
	return *value == ',' ? value + 1 : NULL;
}

/*
 * One in another network on the same wire takes that network's place.  More
 * networks than WIRE_MOST would push the layers out of what is shared.
 */
static void
choose_shared(struct host *h, struct hostdb *db, const char *wire)
{
	const struct entry *subnet;
	const char *at = addresses(h), *name;
	char item[16];
	uint32_t address;
	unsigned n;

	for (n = 0; n < WIRE_MOST && attribute_item(&at, item, sizeof item);
	    n++) {
		if (!attribute_address(item, &address) ||
		    (subnet = hostdb_subnet_of(db, address)) == NULL)
			continue;
		name = entry_get(subnet, A_SHARED_NETWORK, NULL);
		if (name == NULL || strcmp(name, wire) != 0 ||
		    !entry_subnet_parse(entry_name(subnet), &h->network,
		    &h->subnet_len))
			continue;
		h->address = address;
		h->layer[h->layers - 1] = subnet;
		return;
	}
}

static void
choose_address(struct host *h, struct hostdb *db, uint32_t on)
{
	const struct entry *subnet = on == 0 ? NULL : hostdb_subnet_of(db, on);
	const char *at = addresses(h), *wire;
	char item[16];
	uint32_t address, mask;

	if (subnet != NULL && entry_subnet_parse(entry_name(subnet),
	    &h->network, &h->subnet_len))
		h->layer[h->layers++] = subnet;
	if (on != 0 && subnet == NULL)
		return;
	mask = entry_subnet_mask(h->subnet_len);
	while (attribute_item(&at, item, sizeof item)) {
		if (!attribute_address(item, &address))
			continue;
		if (on != 0 && (address & mask) != h->network)
			continue;
		h->address = address;
		break;
	}
	if (on != 0 && h->address == 0 && h->subnet_len != 0 && (wire =
	    entry_get(subnet, A_SHARED_NETWORK, NULL)) != NULL)
		choose_shared(h, db, wire);
	if (on != 0 || h->address == 0)
		return;
	subnet = hostdb_subnet_of(db, h->address);
	if (subnet != NULL && entry_subnet_parse(entry_name(subnet),
	    &h->network, &h->subnet_len))
		h->layer[h->layers++] = subnet;
}

static void
find_mac(struct host *h)
{
	const char *at = h->nic[0] != '\0' ? entry_get(&h->own, A_NIC, h->nic) :
	    entry_get(&h->own, A_MAC, NULL);
	char item[80];

	h->mac.kind = IDENTITY_NONE;
	if (at == NULL)
		at = entry_get(&h->own, A_HW, NULL);
	if (attribute_item(&at, item, sizeof item) &&
	    !identity_parse_mac(&h->mac, item) &&
	    !identity_parse_hw(&h->mac, item))
		h->mac.kind = IDENTITY_NONE;
}

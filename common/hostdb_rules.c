#include <arpa/inet.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sysexits.h>
#ifdef __linux__
#include <bsd/string.h>
#endif

#include "host.h"
#include "hostdb_change.h"

#define ADDRESSES_MAX	256

static bool check_names(struct hostdb_edit *, const struct entry *,
    struct hostdb_edit_error *);
static bool check_port(const struct entry *, struct hostdb_edit_error *);
static bool check_groups(struct hostdb_edit *, const struct entry *,
    struct hostdb_edit_error *);
static bool check_addresses(struct hostdb_edit *, const struct entry *,
    const char *, const char *, struct hostdb_edit_error *);
static bool check_discover(const struct entry *, uint32_t, unsigned,
    struct hostdb_edit_error *);
static bool check_range(struct hostdb_edit *, uint32_t, unsigned,
    struct hostdb_edit_error *);
static bool subnet_of(struct hostdb_edit *, uint32_t, uint32_t *, unsigned *);

struct visit {
	const struct hostdb_edit *ed;
	bool (*fn)(void *, const struct index_key *);
	void *arg;
	struct index_key x;
};

static bool
visit_identity(struct visit *v, const struct identity *id,
    const char *attribute)
{
	/* a UUID of a whole product line is written down, but finds nobody */
	if (id->kind == IDENTITY_UUID && identity_uuid_is_default(id->bytes))
		return true;
	v->x.table = v->ed->identities;
	v->x.key.len = identity_key(id, v->x.key.bytes);
	v->x.attribute = attribute;
	identity_print(id, v->x.text, sizeof v->x.text);
	return v->fn(v->arg, &v->x);
}

static bool
visit_address(struct visit *v, const char *text, const char *attribute)
{
	uint32_t address;

	if (!attribute_address(text, &address))
		return true;
	v->x.table = v->ed->addresses;
	hostdb_address_key(&v->x.key, address);
	v->x.attribute = attribute;
	strlcpy(v->x.text, text, sizeof v->x.text);
	return v->fn(v->arg, &v->x);
}

static bool
visit_each(struct visit *v, const char *at, const char *attribute,
    bool (*parse)(struct identity *, const char *))
{
	char item[IDENTITY_TEXT_MAX];
	struct identity id;

	while (attribute_item(&at, item, sizeof item))
		if (parse(&id, item) && !visit_identity(v, &id, attribute))
			return false;
	return true;
}

/* The name of a further interface is a name like a host's: used once. */
static bool
visit_name(struct visit *v, const char *name)
{
	hostdb_nic_key(&v->x.key, name);
	v->x.table = v->ed->identities;
	v->x.attribute = "nic";
	strlcpy(v->x.text, name, sizeof v->x.text);
	return v->fn(v->arg, &v->x);
}

static bool
visit_nic(struct visit *v, const char *name, const char *value)
{
	struct identity id;
	char item[80];
	bool good;

	strlcpy(v->x.nic, name, sizeof v->x.nic);
	good = visit_name(v, name);
	good = good && (!attribute_item(&value, item, sizeof item) ||
	    (!identity_parse_mac(&id, item) &&
	    !identity_parse_hw(&id, item)) ||
	    visit_identity(v, &id, "nic"));
	good = good && (value == NULL || *value == '\0' ||
	    visit_address(v, value, "nic"));
	v->x.nic[0] = '\0';
	return good;
}

/* circuit-id and remote-id together are one identity: that port there. */
static bool
visit_port(struct visit *v, const struct entry *e)
{
	const char *circuit = entry_get(e, A_CIRCUIT_ID, NULL);
	const char *remote = entry_get(e, A_REMOTE_ID, NULL);
	struct identity c, r, port;
	bool has_c, has_r;

	has_c = circuit != NULL &&
	    identity_parse_bytes(&c, IDENTITY_CIRCUIT, circuit);
	has_r = remote != NULL &&
	    identity_parse_bytes(&r, IDENTITY_REMOTE, remote);
	if (has_c && has_r)
		return !identity_port(&port, r.bytes, r.len, c.bytes, c.len) ||
		    visit_identity(v, &port, "circuit-id, remote-id");
	if (has_c)
		return visit_identity(v, &c, "circuit-id");
	return !has_r || visit_identity(v, &r, "remote-id");
}

bool
hostdb_each_index(const struct hostdb_edit *ed, const struct entry *e,
    bool (*fn)(void *, const struct index_key *), void *arg)
{
	struct visit v = { ed, fn, arg, { 0 } };
	struct identity id;
	const char *at;
	char item[16];
	size_t i;

	if (e->kind != ENTRY_HOST)
		return true;
	if (!visit_each(&v, entry_get(e, A_MAC, NULL), "mac",
	    identity_parse_mac) ||
	    !visit_each(&v, entry_get(e, A_HW, NULL), "hw",
	    identity_parse_hw) ||
	    !visit_each(&v, entry_get(e, A_UUID, NULL), "uuid",
	    identity_parse_uuid) || !visit_port(&v, e))
		return false;
	at = entry_get(e, A_CLIENT_ID, NULL);
	if (at != NULL && identity_parse_bytes(&id, IDENTITY_CLIENT_ID, at) &&
	    !visit_identity(&v, &id, "client-id"))
		return false;
	for (at = entry_get(e, A_ADDRESS, NULL);
	    attribute_item(&at, item, sizeof item); )
		if (!visit_address(&v, item, "address"))
			return false;
	for (i = 0; i < e->n; i++)
		if (e->values[i].id == A_NIC &&
		    !visit_nic(&v, e->text + e->values[i].suffix,
		    e->text + e->values[i].value))
			return false;
	return true;
}

/* The group it names, or NULL. */
static const char *
group_of(const struct entry *e)
{
	const char *group = entry_get(e, e->kind == ENTRY_HOST ||
	    e->kind == ENTRY_GROUP ? A_GROUP : A_DISCOVER_GROUP, NULL);

	return group != NULL && *group != '\0' ? group : NULL;
}

bool
hostdb_member_key(const struct entry *e, uint8_t *key, size_t size,
    size_t *len)
{
	const char *group = group_of(e);
	struct put o = put_into(key, size);

	if (group == NULL)
		return false;
	put_text(&o, group);
	put_u8(&o, '\0');
	put_u8(&o, hostdb_kind_letter(e->kind));
	put_text(&o, entry_name(e));
	*len = (size_t)(o.at - key);
	return !o.full;
}

bool
hostdb_check_entry(struct hostdb_edit *ed, const struct entry *e,
    struct hostdb_edit_error *err)
{
	const char *nic;
	uint32_t network;
	unsigned len;
	size_t i;

	if (!check_groups(ed, e, err))
		return false;
	if ((e->kind == ENTRY_SUBNET || e->kind == ENTRY_SITE) &&
	    !hostdb_check_speaker(ed, e, err))
		return false;
	if (e->kind == ENTRY_SUBNET)
		return !entry_subnet_parse(entry_name(e), &network, &len) ||
		    (check_discover(e, network, len, err) &&
		    check_range(ed, network, len, err));
	if (e->kind != ENTRY_HOST)
		return true;
	if (!check_names(ed, e, err) || !check_port(e, err))
		return false;
	if (!check_addresses(ed, e, "address",
	    entry_get(e, A_ADDRESS, NULL), err))
		return false;
	for (i = 0; i < e->n; i++) {
		if (e->values[i].id != A_NIC)
			continue;
		nic = strchr(e->text + e->values[i].value, ',');
		if (nic != NULL &&
		    !check_addresses(ed, e, "nic", nic + 1, err))
			return false;
	}
	return true;
}

/* No host has a further interface's name, and the other way round. */
static bool
check_names(struct hostdb_edit *ed, const struct entry *e,
    struct hostdb_edit_error *err)
{
	const char *name = entry_name(e), *nic;
	struct cursor content;
	struct hostdb_ref ref;
	struct hostdb_key key;
	MDB_val k, v;
	size_t i;

	hostdb_nic_key(&key, name);
	k = (MDB_val){ key.len, key.bytes };
	if (mdb_get(ed->txn, ed->identities, &k, &v) == 0 &&
	    hostdb_value_open(&k, &v, &content) &&
	    hostdb_ref_load(&ref, &content))
		return hostdb_refuse(err, EX_DATAERR, "%s: is the name of "
		    "%s's interface already (nic.%s)", name, ref.name,
		    ref.nic);
	for (i = 0; i < e->n; i++) {
		if (e->values[i].id != A_NIC)
			continue;
		nic = e->text + e->values[i].suffix;
		hostdb_nic_key(&key, nic);
		key.bytes[0] = hostdb_kind_letter(ENTRY_HOST);
		k = (MDB_val){ key.len, key.bytes };
		if (mdb_get(ed->txn, ed->entries, &k, &v) == 0)
			return hostdb_refuse(err, EX_DATAERR, "%s: nic.%s: "
			    "is the name of a host already", name, nic);
	}
	return true;
}

static bool
check_port(const struct entry *e, struct hostdb_edit_error *err)
{
	const char *circuit = entry_get(e, A_CIRCUIT_ID, NULL);
	const char *remote = entry_get(e, A_REMOTE_ID, NULL);
	struct identity c, r, port;

	if (circuit == NULL || remote == NULL ||
	    !identity_parse_bytes(&c, IDENTITY_CIRCUIT, circuit) ||
	    !identity_parse_bytes(&r, IDENTITY_REMOTE, remote) ||
	    identity_port(&port, r.bytes, r.len, c.bytes, c.len))
		return true;
	return hostdb_refuse(err, EX_DATAERR, "%s: circuit-id and remote-id "
	    "are over 255 bytes together: no relay sends that",
	    entry_name(e));
}

/* How many groups lie below this one, itself counted. */
static unsigned
height(struct hostdb_edit *ed, const char *group, unsigned limit)
{
	uint8_t prefix[ENTRY_NAME_MAX + 2];
	char name[ENTRY_NAME_MAX + 1];
	struct put o = put_into(prefix, sizeof prefix);
	unsigned h, most = 0;
	MDB_cursor *c;
	MDB_val k, v;
	size_t n, plen;
	int error;

	if (limit == 0)
		return 1;
	put_text(&o, group);
	put_u8(&o, '\0');
	put_u8(&o, hostdb_kind_letter(ENTRY_GROUP));
	plen = (size_t)(o.at - prefix);
	k = (MDB_val){ plen, prefix };
	if (mdb_cursor_open(ed->txn, ed->members, &c) != 0)
		return 1;
	for (error = mdb_cursor_get(c, &k, &v, MDB_SET_RANGE);
	    error == 0 && k.mv_size > plen && k.mv_size - plen < sizeof name &&
	    memcmp(k.mv_data, prefix, plen) == 0;
	    error = mdb_cursor_get(c, &k, &v, MDB_NEXT)) {
		n = k.mv_size - plen;
		memcpy(name, (char *)k.mv_data + plen, n);
		name[n] = '\0';
		h = height(ed, name, limit - 1);
		most = h > most ? h : most;
	}
	mdb_cursor_close(c);
	return most + 1;
}

static bool
check_groups(struct hostdb_edit *ed, const struct entry *e,
    struct hostdb_edit_error *err)
{
	const char *name = group_of(e);
	const char *attribute = e->kind == ENTRY_HOST ||
	    e->kind == ENTRY_GROUP ? "group" : "discover-group";
	struct entry group;
	unsigned depth = 0;

	while (name != NULL) {
		if (e->kind == ENTRY_GROUP && strcmp(name, entry_name(e)) == 0)
			return hostdb_refuse(err, EX_DATAERR, "%s: group=%s: "
			    "groups make a loop", entry_name(e),
			    entry_get(e, A_GROUP, NULL));
		if (++depth > HOST_GROUPS_MAX)
			break;
		if (hostdb_edit_get(ed, ENTRY_GROUP, name, &group) !=
		    HOSTDB_OK)
			return hostdb_refuse(err, EX_DATAERR, "%s: %s=%s: "
			    "no such group (pxectl add-group %s)",
			    e->kind == ENTRY_SITE ? "site" : entry_name(e),
			    attribute, name, name);
		name = entry_get(&group, A_GROUP, NULL);
	}
	if (e->kind == ENTRY_GROUP)
		depth += height(ed, entry_name(e), HOST_GROUPS_MAX);
	return depth <= HOST_GROUPS_MAX || hostdb_refuse(err, EX_DATAERR,
	    "%s: over %d groups above each other", entry_name(e),
	    HOST_GROUPS_MAX);
}

static bool
check_addresses(struct hostdb_edit *ed, const struct entry *e,
    const char *attribute, const char *at, struct hostdb_edit_error *err)
{
	uint32_t seen[ADDRESSES_MAX], a, network;
	const char *name = entry_name(e);
	unsigned len;
	size_t n, i;
	char item[16];

	for (n = 0; attribute_item(&at, item, sizeof item); n++) {
		if (n == ADDRESSES_MAX)
			return hostdb_refuse(err, EX_DATAERR,
			    "%s: over %d addresses", name, ADDRESSES_MAX);
		if (!attribute_address(item, &a) ||
		    !subnet_of(ed, a, &network, &len))
			return hostdb_refuse(err, EX_DATAERR, "%s: %s=%s: in "
			    "no known subnet (pxectl add-subnet)", name,
			    attribute, item);
		if (len < 31 && (a == network ||
		    a == (network | ~entry_subnet_mask(len))))
			return hostdb_refuse(err, EX_DATAERR, "%s: %s=%s: is "
			    "the subnet's %s address", name, attribute, item,
			    a == network ? "network" : "broadcast");
		if (!hostdb_check_spoken(ed, e, a, network, len, err))
			return false;
		for (i = 0; i < n; i++)
			if (seen[i] == network)
				return hostdb_refuse(err, EX_DATAERR,
				    "%s: %s=%s: second address in the same "
				    "subnet", name, attribute, item);
		seen[n] = network;
	}
	return true;
}

/* The last subnet that starts at or below the address, if it holds it. */
static bool
subnet_of(struct hostdb_edit *ed, uint32_t address, uint32_t *network,
    unsigned *len)
{
	uint8_t bytes[7];
	struct put o = put_into(bytes, sizeof bytes);
	struct cursor key;
	MDB_val k, v;
	MDB_cursor *c;
	uint8_t letter, family, l = 0;
	bool found = false;
	int error;

	put_u8(&o, hostdb_kind_letter(ENTRY_SUBNET));
	put_u8(&o, 4);
	put_u32(&o, address);
	put_u8(&o, 33);
	k = (MDB_val){ sizeof bytes, bytes };
	if (mdb_cursor_open(ed->txn, ed->entries, &c) != 0)
		return false;
	error = mdb_cursor_get(c, &k, &v, MDB_SET_RANGE);
	if (error == 0)
		error = mdb_cursor_get(c, &k, &v, MDB_PREV);
	else if (error == MDB_NOTFOUND)
		error = mdb_cursor_get(c, &k, &v, MDB_LAST);
	if (error == 0) {
		key = cursor_of(k.mv_data, k.mv_size);
		found = cursor_u8(&key, &letter) && letter == bytes[0] &&
		    cursor_u8(&key, &family) && family == 4 &&
		    cursor_u32(&key, network) && cursor_u8(&key, &l) &&
		    l <= 32 && (address & entry_subnet_mask(l)) == *network;
		*len = found ? l : 0;
	}
	mdb_cursor_close(c);
	return found;
}

bool
hostdb_check_overlap(struct hostdb_edit *ed, const struct entry *e,
    struct hostdb_edit_error *err)
{
	uint32_t network, other;
	unsigned len, olen;
	struct hostdb_walk w;
	struct put o;
	struct entry next;
	char text[ATTRIBUTE_ADDRESS_SIZE];

	if (!entry_subnet_parse(entry_name(e), &network, &len))
		return hostdb_refuse(err, EX_DATAERR, "%s: is no network",
		    entry_name(e));
	/* one that starts inside of ours, itself apart ... */
	hostdb_walk(&w, ENTRY_SUBNET);
	o = put_into(w.key + 1, sizeof w.key - 1);
	put_u8(&o, 4);
	put_u32(&o, network);
	w.keylen = 6;
	while (hostdb_edit_next(ed, &w, &next) == HOSTDB_OK &&
	    entry_subnet_parse(entry_name(&next), &other, &olen) &&
	    (other & entry_subnet_mask(len)) == network)
		if (strcmp(entry_name(&next), entry_name(e)) != 0)
			return hostdb_refuse(err, EX_DATAERR,
			    "%s: overlaps with %s", entry_name(e),
			    entry_name(&next));
	/* ... or one that holds our start */
	if (subnet_of(ed, network, &other, &olen) && olen < len)
		return hostdb_refuse(err, EX_DATAERR,
		    "%s: overlaps with %s/%u", entry_name(e),
		    attribute_address_text(other, text), olen);
	return true;
}

/* Addresses that a machine may have, and a router does not. */
static bool
check_discover(const struct entry *e, uint32_t network, unsigned len,
    struct hostdb_edit_error *err)
{
	const char *range = entry_get(e, A_DISCOVER, NULL);
	uint32_t first, last, end = network | ~entry_subnet_mask(len);

	if (range == NULL || !attribute_range(range, &first, &last))
		return true;
	if (len > 30 || first <= network || last >= end)
		return hostdb_refuse(err, EX_DATAERR, "%s: discover=%s: not "
		    "all of it are addresses of machines in this subnet",
		    entry_name(e), range);
	return true;
}

/* Every address in use inside the range lies in a subnet, rightly. */
static bool
check_range(struct hostdb_edit *ed, uint32_t network, unsigned len,
    struct hostdb_edit_error *err)
{
	struct hostdb_key key;
	struct hostdb_ref ref;
	struct cursor kc, content;
	char text[ATTRIBUTE_ADDRESS_SIZE];
	MDB_cursor *c;
	MDB_val k, v;
	uint8_t family;
	uint32_t a, net;
	unsigned l;
	bool good = true;
	int error;

	hostdb_address_key(&key, network);
	k = (MDB_val){ key.len, key.bytes };
	if ((error = mdb_cursor_open(ed->txn, ed->addresses, &c)) != 0)
		return hostdb_lmdb_failed(ed, err, "host database", error);
	for (error = mdb_cursor_get(c, &k, &v, MDB_SET_RANGE);
	    good && error == 0; error = mdb_cursor_get(c, &k, &v, MDB_NEXT)) {
		kc = cursor_of(k.mv_data, k.mv_size);
		if (!cursor_u8(&kc, &family) || !cursor_u32(&kc, &a) ||
		    (a & entry_subnet_mask(len)) != network)
			break;
		if (subnet_of(ed, a, &net, &l) && (l >= 31 ||
		    (a != net && a != (net | ~entry_subnet_mask(l)))))
			continue;
		if (!hostdb_value_open(&k, &v, &content) ||
		    !hostdb_ref_load(&ref, &content))
			strcpy(ref.name, "?");
		good = hostdb_refuse(err, EX_DATAERR, "%s: still used by %s, "
		    "and would be in no subnet",
		    attribute_address_text(a, text), ref.name);
	}
	mdb_cursor_close(c);
	return good;
}

/* member: the letter of its kind, and its name. */
static bool
group_in_use(const char *group, const char *member, size_t n,
    struct hostdb_edit_error *err)
{
	bool site = *member == hostdb_kind_letter(ENTRY_SITE);

	if (!site && *member != hostdb_kind_letter(ENTRY_SUBNET))
		return hostdb_refuse(err, EX_DATAERR,
		    "%s: %.*s is still in this group", group, (int)(n - 1),
		    member + 1);
	return hostdb_refuse(err, EX_DATAERR,
	    "%s: is still discover-group of %.*s", group,
	    site ? 8 : (int)(n - 1), site ? "the site" : member + 1);
}

bool
hostdb_check_gone(struct hostdb_edit *ed, const struct touched *t,
    struct hostdb_edit_error *err)
{
	uint8_t prefix[ENTRY_NAME_MAX + 2];
	struct put o = put_into(prefix, sizeof prefix);
	uint32_t network;
	MDB_cursor *c;
	MDB_val k, v;
	unsigned len;
	bool good = true;
	int error;

	if (t->kind == ENTRY_SUBNET)
		return !entry_subnet_parse(t->name, &network, &len) ||
		    check_range(ed, network, len, err);
	if (t->kind != ENTRY_GROUP)
		return true;
	put_text(&o, t->name);
	put_u8(&o, '\0');
	len = (unsigned)(o.at - prefix);
	k = (MDB_val){ len, prefix };
	if ((error = mdb_cursor_open(ed->txn, ed->members, &c)) != 0)
		return hostdb_lmdb_failed(ed, err, "host database", error);
	if (mdb_cursor_get(c, &k, &v, MDB_SET_RANGE) == 0 &&
	    k.mv_size > len && memcmp(k.mv_data, prefix, len) == 0)
		good = group_in_use(t->name, (const char *)k.mv_data + len,
		    k.mv_size - len, err);
	mdb_cursor_close(c);
	return good;
}

/* Is it one of this machine's own, the boot server's for one? */
static bool
is_ours(const struct ifaddrs *all, uint32_t address)
{
	const struct sockaddr_in *in;

	for (; all != NULL; all = all->ifa_next) {
		in = (const struct sockaddr_in *)(const void *)all->ifa_addr;
		if (in != NULL && in->sin_family == AF_INET &&
		    ntohl(in->sin_addr.s_addr) == address)
			return true;
	}
	return false;
}

uint32_t
hostdb_edit_free_address(struct hostdb_edit *ed, const char *subnet)
{
	struct entry e, site;
	struct hostdb_key key;
	uint32_t network, a, last, lent = 1, lent_last = 0;
	struct ifaddrs *ours = NULL;
	const char *range;
	MDB_val k, v;
	unsigned len;

	if (!entry_subnet_parse(subnet, &network, &len) || len > 30 ||
	    hostdb_edit_get(ed, ENTRY_SUBNET, subnet, &e) != HOSTDB_OK)
		return 0;
	if (hostdb_edit_get(ed, ENTRY_SITE, "", &site) != HOSTDB_OK)
		site.n = 0;
	range = entry_get(&e, A_DISCOVER, NULL);
	if (range != NULL)
		attribute_range(range, &lent, &lent_last);
	if (getifaddrs(&ours) == -1)
		ours = NULL;
	last = network | ~entry_subnet_mask(len);
	for (a = network + 1; a < last; a++) {
		if (a >= lent && a <= lent_last)
			continue;
		hostdb_address_key(&key, a);
		k = (MDB_val){ key.len, key.bytes };
		if (mdb_get(ed->txn, ed->addresses, &k, &v) == MDB_NOTFOUND &&
		    !entry_names_address(&e, a) &&
		    !entry_names_address(&site, a) &&
		    !is_ours(ours, a))
			break;
	}
	if (ours != NULL)
		freeifaddrs(ours);
	return a < last ? a : 0;
}

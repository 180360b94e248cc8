/* Addresses that routers and boot servers have, and no host may be given. */
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "hostdb_change.h"

static const enum attribute_id speakers[] = { A_ROUTER, A_NEXT_SERVER };

/* The attribute of the entry that names this address, or NULL. */
static const char *
names_it(const struct entry *e, uint32_t address)
{
	const char *at;
	uint32_t other;
	char item[16];
	size_t i;

	for (i = 0; i < sizeof speakers / sizeof speakers[0]; i++)
		for (at = entry_get(e, speakers[i], NULL);
		    attribute_item(&at, item, sizeof item); )
			if (attribute_address(item, &other) &&
			    other == address)
				return attribute_table[speakers[i]].name;
	return NULL;
}

/* Has the host this address, for whichever interface? */
static bool
has_address(const struct entry *e, uint32_t address)
{
	const char *at = entry_get(e, A_ADDRESS, NULL), *nic;
	uint32_t other;
	char item[16];
	size_t i;

	while (attribute_item(&at, item, sizeof item))
		if (attribute_address(item, &other) && other == address)
			return true;
	for (i = 0; i < e->n; i++) {
		if (e->values[i].id != A_NIC)
			continue;
		nic = strchr(e->text + e->values[i].value, ',');
		if (nic != NULL && attribute_address(nic + 1, &other) &&
		    other == address)
			return true;
	}
	return false;
}

/*
 * The entry as it was before this change, which stands first in what the
 * change log will say of it; false if it was not there.
 */
static bool
was(const struct hostdb_edit *ed, const struct entry *e, struct entry *old)
{
	const char *at = ed->lines, *end, *next;
	char head[ENTRY_NAME_MAX + 16];
	size_t n;

	if (ed->nlines == 0)
		return false;
	n = (size_t)snprintf(head, sizeof head, "%s%s%s",
	    entry_kind_name(e->kind), e->kind == ENTRY_SITE ? "" : " ",
	    entry_name(e));
	for (end = at + ed->nlines; at < end; at = next + 1) {
		next = memchr(at, '\n', (size_t)(end - at));
		if (next == NULL)
			break;
		if ((size_t)(next - at) > n && memcmp(at + 1, head, n) == 0 &&
		    (at[n + 1] == ' ' || at[n + 1] == '\n'))
			return *at == '-' &&
			    entry_load(old, at + 1, (size_t)(next - at - 1));
	}
	return false;
}

/* Imports come network by network: mostly it is the last one again. */
static void
look_up(struct hostdb_edit *ed, uint32_t network, unsigned len)
{
	struct spoken *s = &ed->spoken;
	char name[32], text[ATTRIBUTE_ADDRESS_SIZE];

	if (s->known && s->network == network && s->len == len)
		return;
	snprintf(name, sizeof name, "%s/%u",
	    attribute_address_text(network, text), len);
	if (hostdb_edit_get(ed, ENTRY_SUBNET, name, &s->subnet) != HOSTDB_OK)
		s->subnet.n = 0;
	if (hostdb_edit_get(ed, ENTRY_SITE, "", &s->site) != HOSTDB_OK)
		s->site.n = 0;
	s->network = network;
	s->len = len;
	s->known = true;
}

bool
hostdb_check_spoken(struct hostdb_edit *ed, const struct entry *host,
    uint32_t address, uint32_t network, unsigned len,
    struct hostdb_edit_error *err)
{
	const struct spoken *s = &ed->spoken;
	const struct entry *by = &s->subnet;
	char text[ATTRIBUTE_ADDRESS_SIZE];
	const char *attribute;
	struct entry old;

	look_up(ed, network, len);
	attribute = names_it(by, address);
	if (attribute == NULL)
		attribute = names_it(by = &s->site, address);
	if (attribute == NULL ||
	    (was(ed, host, &old) && has_address(&old, address)))
		return true;
	return hostdb_refuse(err, EX_DATAERR, "%s: address %s: is the %s of "
	    "%s%s", entry_name(host), attribute_address_text(address, text),
	    attribute, by == &s->site ? "the site" : "subnet ",
	    by == &s->site ? "" : entry_name(by));
}

bool
hostdb_check_speaker(struct hostdb_edit *ed, const struct entry *e,
    struct hostdb_edit_error *err)
{
	const char *at, *name = e->kind == ENTRY_SITE ? "site" :
	    entry_name(e);
	struct hostdb_key key;
	struct hostdb_ref ref;
	struct cursor content;
	struct entry old;
	uint32_t address;
	char item[16];
	MDB_val k, v;
	size_t i;

	if (!was(ed, e, &old))
		old.n = 0;
	for (i = 0; i < sizeof speakers / sizeof speakers[0]; i++)
		for (at = entry_get(e, speakers[i], NULL);
		    attribute_item(&at, item, sizeof item); ) {
			if (!attribute_address(item, &address) ||
			    names_it(&old, address) != NULL)
				continue;
			hostdb_address_key(&key, address);
			k = (MDB_val){ key.len, key.bytes };
			if (mdb_get(ed->txn, ed->addresses, &k, &v) != 0 ||
			    !hostdb_value_open(&k, &v, &content) ||
			    !hostdb_ref_load(&ref, &content))
				continue;
			return hostdb_refuse(err, EX_DATAERR, "%s: %s=%s: is "
			    "the address of %s", name,
			    attribute_table[speakers[i]].name, item,
			    ref.name);
		}
	return true;
}

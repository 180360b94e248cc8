#include "hostdb_ahead.h"

/* The lookups of one table. */
struct wanted {
	size_t n;
	size_t place[HOSTDB_AHEAD_MAX];
	struct hostdb_key key[HOSTDB_AHEAD_MAX];
	size_t unknown;
	struct pages_search search[HOSTDB_AHEAD_MAX];
};

bool
hostdb_ahead_open(struct hostdb_ahead *a, MDB_txn *txn)
{
	return pages_open(&a->pages, txn) &&
	    pages_tree(&a->pages, txn, "identities", &a->identity_tree) &&
	    pages_tree(&a->pages, txn, "entries", &a->entry_tree);
}

/* The entry of the host that an identity's content names. */
static void
want_host(struct wanted *hosts, const void *content, size_t n)
{
	struct cursor c = cursor_of(content, n);
	const char *name;

	if (cursor_text(&c, &name) &&
	    hostdb_entry_key(&hosts->key[hosts->n], ENTRY_HOST, name))
		hosts->n++;
}

/* hosts, if there are any, are those that the contents name. */
static void
read_table(const struct pages *p, const struct pages_tree *tree,
    struct recall *r, unsigned table, struct wanted *w, struct wanted *hosts)
{
	const struct hostdb_key *key;
	struct pages_search *s;
	struct cursor content;
	const void *known;
	MDB_val k, v;
	size_t i, n;

	/* n is set, and so many keys. */
	/* cppcheck-suppress ctuuninitvar */
	for (i = 0; i < w->n; i++)
		w->place[i] = recall_place(r, table, w->key[i].bytes,
		    w->key[i].len);
	for (i = 0; i < w->n; i++)
		recall_approach(r, w->place[i]);
	w->unknown = 0;
	for (i = 0; i < w->n; i++) {
		key = &w->key[i];
		known = recall_find(r, table, key->bytes, key->len, &n);
		if (known == NULL)
			w->search[w->unknown++] = (struct pages_search){
			    .key = key->bytes, .keylen = key->len };
		else if (hosts != NULL)
			want_host(hosts, known, n);
	}
	if (w->unknown > 0)
		pages_find(p, tree, w->search, w->unknown);
	for (s = w->search; s < w->search + w->unknown; s++) {
		k = (MDB_val){ s->keylen, (void *)(uintptr_t)s->key };
		v = (MDB_val){ s->n, (void *)(uintptr_t)s->value };
		if (s->value == NULL || !hostdb_value_open(&k, &v, &content))
			continue;
		recall_put(r, table, s->key, s->keylen, content.at,
		    cursor_left(&content));
		if (hosts != NULL)
			want_host(hosts, content.at, cursor_left(&content));
	}
}

void
hostdb_ahead_read(const struct hostdb_ahead *a, struct recall *r,
    const struct identity *id, size_t n)
{
	struct wanted identities, hosts;
	struct hostdb_key *key;
	size_t i;

	identities.n = hosts.n = 0;
	for (i = 0; i < n && i < HOSTDB_AHEAD_MAX; i++) {
		key = &identities.key[identities.n++];
		key->len = identity_key(&id[i], key->bytes);
	}
	read_table(&a->pages, &a->identity_tree, r, a->identities,
	    &identities, &hosts);
	read_table(&a->pages, &a->entry_tree, r, a->entries, &hosts, NULL);
}

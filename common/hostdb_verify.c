#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "hostdb_change.h"

/* Everything that is stored is counted twice: from both of its sides. */
struct verifying {
	struct hostdb_edit *ed;
	void (*say)(void *, const char *);
	void *arg;
	struct hostdb_edit_error *err;
	const struct entry *e;
	int wrong;
	uint64_t keys;		/* index keys that the entries have */
	uint64_t members;
};

static void
complain(struct verifying *v, const char *fmt, ...)
{
	char what[600];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof what, fmt, ap);
	va_end(ap);
	v->wrong++;
	v->say(v->arg, what);
}

static bool
has_index(void *arg, const struct index_key *x)
{
	struct verifying *v = arg;
	const char *name = entry_name(v->e);
	MDB_val k = { x->key.len, (void *)x->key.bytes }, val;
	struct cursor content;
	struct hostdb_ref ref;
	int error = mdb_get(v->ed->txn, x->table, &k, &val);

	v->keys++;
	if (error != 0)
		complain(v, "%s: %s=%s: is not in the index", name,
		    x->attribute, x->text);
	else if (!hostdb_value_open(&k, &val, &content) ||
	    !hostdb_ref_load(&ref, &content))
		complain(v, "%s: %s=%s: index entry is damaged", name,
		    x->attribute, x->text);
	else if (strcmp(ref.name, name) != 0 || strcmp(ref.nic, x->nic) != 0)
		complain(v, "%s: %s=%s: index says %s", name, x->attribute,
		    x->text, ref.name);
	return true;
}

static void
verify_entries(struct verifying *v, enum entry_kind kind)
{
	uint8_t member[HOSTDB_KEY_MAX * 2];
	struct hostdb_walk w;
	enum hostdb_status st;
	struct entry e;
	MDB_val k, val;

	hostdb_walk(&w, kind);
	while ((st = hostdb_edit_next(v->ed, &w, &e)) != HOSTDB_NOT_FOUND) {
		if (st == HOSTDB_ERROR) {
			complain(v, "%s entries: cannot be read",
			    entry_kind_name(kind));
			return;
		}
		if (st == HOSTDB_DAMAGED) {
			complain(v, "%s %.*s: entry is damaged",
			    entry_kind_name(kind), kind == ENTRY_SUBNET ? 0 :
			    w.keylen - 2, (char *)w.key + 1);
			continue;
		}
		v->e = &e;
		hostdb_each_index(v->ed, &e, has_index, v);
		v->e = NULL;
		if (!hostdb_check_entry(v->ed, &e, v->err))
			complain(v, "%s", v->err->why);
		k.mv_data = member;
		if (!hostdb_member_key(&e, member, sizeof member, &k.mv_size))
			continue;
		v->members++;
		if (mdb_get(v->ed->txn, v->ed->members, &k, &val) != 0)
			complain(v, "%s: is not among the members of its "
			    "group", entry_name(&e));
	}
}

static uint64_t
count(struct verifying *v, MDB_dbi table, const char *what)
{
	uint64_t n = 0;
	struct cursor content;
	MDB_cursor *c;
	MDB_val k, val;

	if (mdb_cursor_open(v->ed->txn, table, &c) != 0)
		return 0;
	while (mdb_cursor_get(c, &k, &val, MDB_NEXT) == 0) {
		n++;
		if (!hostdb_value_open(&k, &val, &content))
			complain(v, "%s: a value is damaged", what);
	}
	mdb_cursor_close(c);
	return n;
}

static void
verify(void *arg)
{
	static const enum entry_kind kinds[] = {
		ENTRY_SITE, ENTRY_SUBNET, ENTRY_GROUP, ENTRY_HOST
	};
	struct verifying *v = arg;
	uint64_t n;
	size_t i;

	for (i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		verify_entries(v, kinds[i]);
	n = count(v, v->ed->identities, "identities");
	n += count(v, v->ed->addresses, "addresses");
	if (n != v->keys)
		complain(v, "indexes have %ju keys, the entries %ju",
		    (uintmax_t)n, (uintmax_t)v->keys);
	n = count(v, v->ed->members, "members");
	if (n != v->members)
		complain(v, "groups have %ju members, the entries say %ju",
		    (uintmax_t)n, (uintmax_t)v->members);
	count(v, v->ed->log, "change log");
}

int
hostdb_edit_verify(struct hostdb_edit *ed, void (*say)(void *, const char *),
    void *arg, struct hostdb_edit_error *err)
{
	struct verifying v = { ed, say, arg, err, NULL, 0, 0, 0 };
	bool own = ed->txn == NULL;
	int error;

	if (own && (error = mdb_txn_begin(ed->env, NULL, MDB_RDONLY,
	    &ed->txn)) != 0) {
		hostdb_lmdb_failed(ed, err, "host database", error);
		return -1;
	}
	if (!hostdb_guard(verify, &v)) {
		hostdb_refuse(err, EX_DATAERR, "host database: a page is "
		    "damaged (pxectl export what can be read, then import it "
		    "into a new root)");
		ed->txn = NULL;	/* not to be trusted any more */
		return -1;
	}
	if (own)
		hostdb_edit_abort(ed);
	return v.wrong;
}

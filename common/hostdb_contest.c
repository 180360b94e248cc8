/* Two entries that claim one name, identity or address within a change. */
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "hostdb_change.h"

/* The bytes behind it: the key, then other and text, each with its NUL. */
struct contest {
	struct contest *next;	/* older */
	MDB_dbi table;
	const char *attribute;
	unsigned long line;
	size_t len;
	char bytes[];
};

struct judging {
	struct hostdb_edit *ed;
	const struct contest *c;
	const char *other;
	struct hostdb_edit_error *err;
};

bool
hostdb_contest(struct hostdb_edit *ed, const struct index_key *x,
    const char *other, struct hostdb_edit_error *err)
{
	size_t n = strlen(other) + 1, m = strlen(x->text) + 1;
	struct contest *c = malloc(sizeof *c + x->key.len + n + m);

	if (c == NULL)
		return hostdb_refuse(err, EX_OSERR, "out of memory");
	c->next = ed->contests;
	c->table = x->table;
	c->attribute = x->attribute;
	c->line = ed->line;
	c->len = x->key.len;
	memcpy(c->bytes, x->key.bytes, c->len);
	memcpy(c->bytes + c->len, other, n);
	memcpy(c->bytes + c->len + n, x->text, m);
	ed->contests = c;
	return true;
}

/* One of the keys that the other one has in the end: this one? */
static bool
judge(void *arg, const struct index_key *x)
{
	const struct judging *j = arg;
	const struct contest *c = j->c;
	MDB_val k = { c->len, (void *)(uintptr_t)c->bytes }, v;
	struct hostdb_ref owner;
	struct cursor content;
	int error;

	if (x->table != c->table || x->key.len != c->len ||
	    memcmp(x->key.bytes, c->bytes, c->len) != 0)
		return true;
	error = mdb_get(j->ed->txn, c->table, &k, &v);
	/* who took it has let go of it since */
	if (error == MDB_NOTFOUND)
		return hostdb_claim(j->ed, x, j->other, j->err);
	if (error != 0)
		return hostdb_lmdb_failed(j->ed, j->err, "host database",
		    error);
	if (!hostdb_value_open(&k, &v, &content) ||
	    !hostdb_ref_load(&owner, &content))
		strcpy(owner.name, "?");
	if (strcmp(owner.name, j->other) == 0)
		return true;
	return hostdb_refuse(j->err, EX_DATAERR,
	    "%s: %s=%s: already used by %s", owner.name, c->attribute,
	    j->other + strlen(j->other) + 1, j->other);
}

/* The oldest in the end, so that the first line at fault is told. */
static bool
check(struct hostdb_edit *ed, const struct contest *c,
    struct hostdb_edit_error *err)
{
	struct judging j = { ed, c, c->bytes + c->len, err };
	enum hostdb_status st;
	struct entry e;

	st = hostdb_edit_get(ed, ENTRY_HOST, j.other, &e);
	if (st == HOSTDB_NOT_FOUND)
		return true;
	if (st != HOSTDB_OK)
		return hostdb_unreadable(err, j.other);
	return hostdb_each_index(ed, &e, judge, &j);
}

bool
hostdb_check_contests(struct hostdb_edit *ed, struct hostdb_edit_error *err)
{
	struct hostdb_edit_error first;
	const struct contest *c;
	bool good = true;

	for (c = ed->contests; c != NULL; c = c->next)
		if (!check(ed, c, &first)) {
			*err = first;
			err->line = c->line;
			good = false;
		}
	return good;
}

void
hostdb_forget_contests(struct hostdb_edit *ed)
{
	struct contest *c;

	while ((c = ed->contests) != NULL) {
		ed->contests = c->next;
		free(c);
	}
}

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sysexits.h>
#ifdef __linux__
#include <bsd/string.h>
#endif

#include "hostdb_change.h"

/* With less than this free, a write that failed did so for want of room. */
#define DISK_LEAST	((size_t)1 << 20)

static bool open_tables(struct hostdb_edit *, bool, struct hostdb_edit_error *);
static bool set_indexes(struct hostdb_edit *, const struct entry *,
    struct hostdb_edit_error *);
static bool drop_indexes(struct hostdb_edit *, const struct entry *,
    struct hostdb_edit_error *);
static bool purge_indexes(struct hostdb_edit *, enum entry_kind,
    const char *, struct hostdb_edit_error *);
static bool touch(struct hostdb_edit *, enum entry_kind, const char *,
    struct hostdb_edit_error *);

bool
hostdb_refuse(struct hostdb_edit_error *err, int status, const char *fmt, ...)
{
	va_list ap;

	err->status = status;
	err->line = 0;
	va_start(ap, fmt);
	vsnprintf(err->why, sizeof err->why, fmt, ap);
	va_end(ap);
	return false;
}

bool
hostdb_lmdb_failed(const struct hostdb_edit *ed,
    struct hostdb_edit_error *err, const char *what, int error)
{
	int status = EX_IOERR;
	const char *path = NULL;
	struct statvfs fs;

	if (error == ENOENT)
		return hostdb_refuse(err, EX_CONFIG,
		    "%s: no host database (make one: pxectl init)", what);
	if (error == EACCES || error == EPERM)
		return hostdb_refuse(err, EX_NOPERM, "%s: %s: run pxectl as "
		    "root", what, strerror(error));
	if (error == EROFS)
		status = EX_NOPERM;
	if (error < 0 && error != MDB_MAP_FULL)
		status = EX_DATAERR;	/* LMDB's words for a damaged file */
	/* a full disk comes as EIO from LMDB's short write */
	if ((error == EIO || error == ENOSPC) && ed != NULL &&
	    mdb_env_get_path(ed->env, &path) == 0 &&
	    (error == ENOSPC || (statvfs(path, &fs) == 0 &&
	    fs.f_bavail * fs.f_frsize < DISK_LEAST)))
		return hostdb_refuse(err, status, "%s: no space left on its "
		    "disk; nothing was changed (df %s)", path, path);
	return hostdb_refuse(err, status, "%s: %s", what,
	    mdb_strerror(error));
}

bool
hostdb_unreadable(struct hostdb_edit_error *err, const char *name)
{
	return hostdb_refuse(err, EX_DATAERR,
	    "%s: its entry is damaged: pxectl check",
	    *name == '\0' ? "site" : name);
}

/* Of a lookup; LMDB's own codes are negative and speak of a damaged file. */
static enum hostdb_status
status_of(int error)
{
	errno = error < 0 ? EIO : error;
	return error == MDB_NOTFOUND ? HOSTDB_NOT_FOUND : HOSTDB_ERROR;
}

static bool
make_directories(const char *root, const char *path,
    struct hostdb_edit_error *err)
{
	char up[4096];
	const char *dirs[3];
	size_t i;

	snprintf(up, sizeof up, "%s/db", root);
	dirs[0] = root;
	dirs[1] = up;
	dirs[2] = path;
	for (i = 0; i < 3; i++)
		if (mkdir(dirs[i], 0755) == -1 && errno != EEXIST)
			return hostdb_refuse(err, EX_CANTCREAT, "%s: %s",
			    dirs[i], strerror(errno));
	return true;
}

bool
hostdb_edit_guard(void (*fn)(void *), void *arg)
{
	hostdb_guard_signals();
	return hostdb_guard(fn, arg);
}

struct hostdb_edit *
hostdb_edit_open(const char *root, bool create, struct hostdb_edit_error *err)
{
	struct hostdb_edit *ed;
	char path[4096];
	int error, dead;

	root = hostdb_root(root);
	if (!hostdb_path(path, sizeof path, root)) {
		hostdb_refuse(err, EX_USAGE, "%s: path is too long", root);
		return NULL;
	}
	if (create && !make_directories(root, path, err))
		return NULL;
	if (hostdb_is_cut(path)) {
		hostdb_refuse(err, EX_DATAERR, "%s: the database is damaged "
		    "(cut short): put a copy in its place", path);
		return NULL;
	}
	if ((ed = calloc(1, sizeof *ed)) == NULL) {
		hostdb_refuse(err, EX_OSERR, "out of memory");
		return NULL;
	}
	if ((error = mdb_env_create(&ed->env)) != 0 ||
	    (error = mdb_env_set_mapsize(ed->env, HOSTDB_MAP)) != 0 ||
	    (error = mdb_env_set_maxdbs(ed->env, HOSTDB_TABLES)) != 0 ||
	    (error = mdb_env_set_maxreaders(ed->env, HOSTDB_READERS)) != 0 ||
	    (error = hostdb_guard_env(ed->env)) != 0 ||
	    (error = mdb_env_open(ed->env, path, 0, 0644)) != 0) {
		hostdb_lmdb_failed(NULL, err, path, error);
		hostdb_edit_close(ed);
		return NULL;
	}
	hostdb_guard_signals();
	mdb_reader_check(ed->env, &dead);
	if (!open_tables(ed, create, err)) {
		hostdb_edit_close(ed);
		return NULL;
	}
	return ed;
}

void
hostdb_edit_close(struct hostdb_edit *ed)
{
	if (ed == NULL)
		return;
	hostdb_edit_abort(ed);
	if (ed->env != NULL)
		mdb_env_close(ed->env);
	free(ed->touched);
	free(ed->lines);
	free(ed);
}

static bool
open_tables(struct hostdb_edit *ed, bool create, struct hostdb_edit_error *err)
{
	const struct {
		const char *name;
		MDB_dbi *table;
	} tables[] = {
		{ "entries", &ed->entries }, { "identities", &ed->identities },
		{ "addresses", &ed->addresses }, { "members", &ed->members },
		{ "log", &ed->log },
	};
	unsigned flags = create ? MDB_CREATE : 0;
	size_t i;
	const char *path = "host database";
	int error;

	mdb_env_get_path(ed->env, &path);
	error = mdb_txn_begin(ed->env, NULL, 0, &ed->txn);
	for (i = 0; error == 0 && i < sizeof tables / sizeof tables[0]; i++)
		error = mdb_dbi_open(ed->txn, tables[i].name, flags,
		    tables[i].table);
	if (error == 0 && create)
		error = hostdb_store(ed, ed->entries, "V", 1, HOSTDB_FORMAT,
		    strlen(HOSTDB_FORMAT), MDB_NOOVERWRITE);
	if (error == 0 || error == MDB_KEYEXIST) {
		error = mdb_txn_commit(ed->txn);
		ed->txn = NULL;
	}
	if (error == 0)
		return true;
	return hostdb_lmdb_failed(ed, err, path,
	    error == MDB_NOTFOUND ? ENOENT : error);
}

bool
hostdb_edit_begin(struct hostdb_edit *ed, const char *verb,
    struct hostdb_edit_error *err)
{
	int error;

	strlcpy(ed->verb, verb, sizeof ed->verb);
	ed->changes = 0;
	ed->nlines = 0;
	ed->line = 0;
	ed->spoken.known = false;
	if ((error = mdb_txn_begin(ed->env, NULL, 0, &ed->txn)) != 0)
		return hostdb_lmdb_failed(ed, err, "host database", error);
	return true;
}

static void
forget(struct hostdb_edit *ed)
{
	while (ed->ntouched > 0)
		free(ed->touched[--ed->ntouched].name);
	hostdb_forget_contests(ed);
}

void
hostdb_edit_abort(struct hostdb_edit *ed)
{
	forget(ed);
	if (ed->txn != NULL)
		mdb_txn_abort(ed->txn);
	ed->txn = NULL;
}

static bool
check_touched(struct hostdb_edit *ed, enum entry_kind kind,
    struct hostdb_edit_error *err)
{
	struct touched *t;
	struct entry e;
	enum hostdb_status st;
	size_t i;

	for (i = 0; i < ed->ntouched; i++) {
		t = &ed->touched[i];
		if (t->kind != kind)
			continue;
		st = hostdb_edit_get(ed, t->kind, t->name, &e);
		if (st == HOSTDB_NOT_FOUND ? !hostdb_check_gone(ed, t, err) :
		    st == HOSTDB_OK ? !hostdb_check_entry(ed, &e, err) :
		    !hostdb_unreadable(err, t->name)) {
			err->line = t->line;
			return false;
		}
	}
	return true;
}

void
hostdb_edit_line(struct hostdb_edit *ed, unsigned long line)
{
	ed->line = line;
}

bool
hostdb_edit_check(struct hostdb_edit *ed, struct hostdb_edit_error *err)
{
	/* a host's own words about its address say more than its subnet's */
	static const enum entry_kind kinds[] = {
		ENTRY_HOST, ENTRY_GROUP, ENTRY_SITE, ENTRY_SUBNET
	};
	size_t i;

	if (!hostdb_check_contests(ed, err))
		return false;
	for (i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		if (!check_touched(ed, kinds[i], err))
			return false;
	forget(ed);
	return true;
}

bool
hostdb_edit_commit(struct hostdb_edit *ed, struct hostdb_edit_error *err)
{
	int error;

	if (!hostdb_edit_check(ed, err))
		return false;
	if (ed->changes > 0 && !hostdb_log_write(ed, err))
		return false;
	error = mdb_txn_commit(ed->txn);
	ed->txn = NULL;
	forget(ed);
	return error == 0 ||
	    hostdb_lmdb_failed(ed, err, "host database", error);
}

bool
hostdb_edit_put(struct hostdb_edit *ed, const struct entry *e, bool add,
    struct hostdb_edit_error *err)
{
	char line[ENTRY_LINE_MAX + 1];
	uint8_t member[HOSTDB_KEY_MAX * 2];
	const char *name = entry_name(e);
	struct hostdb_key key;
	enum hostdb_status st;
	struct entry old;
	size_t n, mlen;
	int error;

	if ((n = entry_print(e, line, sizeof line)) == 0)
		return hostdb_refuse(err, EX_DATAERR,
		    "%s: line is over %d bytes", *name == '\0' ? "site" :
		    name, ENTRY_LINE_MAX);
	if (!hostdb_entry_key(&key, e->kind, name))
		return hostdb_refuse(err, EX_DATAERR, "%s: is no name", name);
	st = hostdb_edit_get(ed, e->kind, name, &old);
	if (st == HOSTDB_ERROR)
		return hostdb_unreadable(err, name);
	if (st == HOSTDB_DAMAGED && !purge_indexes(ed, e->kind, name, err))
		return false;
	if (st == HOSTDB_OK && add)
		return hostdb_refuse(err, EX_DATAERR, "%s: %s exists already "
		    "(pxectl set changes it)", name,
		    entry_kind_name(e->kind));
	if (st == HOSTDB_OK && (!drop_indexes(ed, &old, err) ||
	    !hostdb_note(ed, '-', &old, err)))
		return false;
	if (e->kind == ENTRY_SUBNET && !hostdb_check_overlap(ed, e, err))
		return false;
	if (e->kind != ENTRY_HOST)
		ed->spoken.known = false;
	if (!set_indexes(ed, e, err))
		return false;
	if (hostdb_member_key(e, member, sizeof member, &mlen) &&
	    (error = hostdb_store(ed, ed->members, member, mlen, "", 0,
	    0)) != 0)
		return hostdb_lmdb_failed(ed, err, "host database", error);
	if ((error = hostdb_store(ed, ed->entries, key.bytes, key.len, line, n,
	    0)) != 0)
		return hostdb_lmdb_failed(ed, err, "host database", error);
	/* a host may stand before its group in an import: look again later */
	if ((e->kind != ENTRY_HOST || !hostdb_check_entry(ed, e, err)) &&
	    !touch(ed, e->kind, name, err))
		return false;
	return hostdb_note(ed, '+', e, err);
}

bool
hostdb_edit_delete(struct hostdb_edit *ed, enum entry_kind kind,
    const char *name, struct hostdb_edit_error *err)
{
	enum hostdb_status st = HOSTDB_NOT_FOUND;
	struct hostdb_key key;
	struct entry old;
	MDB_val k;
	int error;

	if (hostdb_entry_key(&key, kind, name))
		st = hostdb_edit_get(ed, kind, name, &old);
	if (st == HOSTDB_ERROR)
		return hostdb_unreadable(err, name);
	if (st == HOSTDB_NOT_FOUND)
		return hostdb_refuse(err, kind == ENTRY_HOST ? EX_NOHOST :
		    EX_DATAERR, "%s: no such %s", name,
		    entry_kind_name(kind));
	if (st == HOSTDB_DAMAGED ? !purge_indexes(ed, kind, name, err) :
	    !drop_indexes(ed, &old, err))
		return false;
	k = (MDB_val){ key.len, key.bytes };
	if ((error = mdb_del(ed->txn, ed->entries, &k, NULL)) != 0)
		return hostdb_lmdb_failed(ed, err, "host database", error);
	if (kind != ENTRY_HOST) {
		ed->spoken.known = false;
		if (!touch(ed, kind, name, err))
			return false;
	}
	if (st == HOSTDB_OK)
		return hostdb_note(ed, '-', &old, err);
	ed->changes++;
	return true;
}

bool
hostdb_edit_clear(struct hostdb_edit *ed, struct hostdb_edit_error *err)
{
	static const enum entry_kind all[] = {
		ENTRY_SITE, ENTRY_SUBNET, ENTRY_GROUP, ENTRY_HOST
	};
	const MDB_dbi tables[] = {
		ed->entries, ed->identities, ed->addresses, ed->members
	};
	struct hostdb_walk w;
	struct entry e;
	enum hostdb_status st;
	size_t i;
	int error = 0;

	for (i = 0; i < sizeof all / sizeof all[0]; i++) {
		hostdb_walk(&w, all[i]);
		/* what is damaged cannot be noted, but all others are */
		while ((st = hostdb_edit_next(ed, &w, &e)) == HOSTDB_OK ||
		    st == HOSTDB_DAMAGED)
			if (st == HOSTDB_OK && !hostdb_note(ed, '-', &e, err))
				return false;
	}
	ed->spoken.known = false;
	for (i = 0; error == 0 && i < sizeof tables / sizeof tables[0]; i++)
		error = mdb_drop(ed->txn, tables[i], 0);
	if (error == 0)
		error = hostdb_store(ed, ed->entries, "V", 1, HOSTDB_FORMAT,
		    strlen(HOSTDB_FORMAT), 0);
	return error == 0 ||
	    hostdb_lmdb_failed(ed, err, "host database", error);
}

enum hostdb_status
hostdb_edit_get(struct hostdb_edit *ed, enum entry_kind kind,
    const char *name, struct entry *e)
{
	struct hostdb_key key;
	struct cursor content;
	MDB_val k, v;
	int error;

	if (!hostdb_entry_key(&key, kind, name))
		return HOSTDB_NOT_FOUND;
	k = (MDB_val){ key.len, key.bytes };
	if ((error = mdb_get(ed->txn, ed->entries, &k, &v)) != 0)
		return status_of(error);
	return hostdb_value_open(&k, &v, &content) &&
	    entry_load(e, (const char *)content.at, cursor_left(&content)) ?
	    HOSTDB_OK : HOSTDB_DAMAGED;
}

enum hostdb_status
hostdb_edit_next(struct hostdb_edit *ed, struct hostdb_walk *w,
    struct entry *e)
{
	MDB_val k = { w->keylen, w->key }, v;
	struct cursor content;
	MDB_cursor *c;
	enum hostdb_status st = HOSTDB_NOT_FOUND;
	int error;

	if ((error = mdb_cursor_open(ed->txn, ed->entries, &c)) != 0)
		return status_of(error);
	error = mdb_cursor_get(c, &k, &v, MDB_SET_RANGE);
	if (error != 0) {
		st = status_of(error);
	} else if (k.mv_size > 0 && k.mv_size < sizeof w->key &&
	    *(uint8_t *)k.mv_data == hostdb_kind_letter(w->kind)) {
		st = hostdb_value_open(&k, &v, &content) &&
		    entry_load(e, (const char *)content.at,
		    cursor_left(&content)) ? HOSTDB_OK : HOSTDB_DAMAGED;
		memcpy(w->key, k.mv_data, k.mv_size);
		w->key[k.mv_size] = 0;
		w->keylen = (uint16_t)(k.mv_size + 1);
	}
	mdb_cursor_close(c);
	return st;
}

int
hostdb_store(struct hostdb_edit *ed, MDB_dbi table, const void *key,
    size_t keylen, const void *content, size_t n, unsigned flags)
{
	MDB_val k = { keylen, (void *)key }, v = { HOSTDB_CRC + n, NULL };
	struct put o;
	int error;

	error = mdb_put(ed->txn, table, &k, &v, flags | MDB_RESERVE);
	if (error != 0)
		return error;
	o = put_into(v.mv_data, v.mv_size);
	put_u32(&o, hostdb_value_crc(key, keylen, content, n));
	put_bytes(&o, content, n);
	return 0;
}

struct indexing {
	struct hostdb_edit *ed;
	const struct entry *e;
	struct hostdb_edit_error *err;
};

bool
hostdb_claim(struct hostdb_edit *ed, const struct index_key *x,
    const char *name, struct hostdb_edit_error *err)
{
	MDB_val k = { x->key.len, (void *)x->key.bytes }, v;
	char value[HOSTDB_REF_MAX];
	struct put o = put_into(value, sizeof value);
	struct hostdb_ref other;
	struct cursor content;
	int error;

	put_text(&o, name);
	put_u8(&o, '\0');
	put_text(&o, x->nic);
	error = hostdb_store(ed, x->table, x->key.bytes, x->key.len, value,
	    (size_t)((char *)o.at - value), MDB_NOOVERWRITE);
	if (error == 0)
		return true;
	if (error != MDB_KEYEXIST)
		return hostdb_lmdb_failed(ed, err, "host database", error);
	if (mdb_get(ed->txn, x->table, &k, &v) != 0 ||
	    !hostdb_value_open(&k, &v, &content) ||
	    !hostdb_ref_load(&other, &content) ||
	    strcmp(other.name, name) == 0)
		return hostdb_refuse(err, EX_DATAERR, "%s: %s=%s: stands "
		    "twice", name, x->attribute, x->text);
	if (!hostdb_contest(ed, x, other.name, err))
		return false;
	error = hostdb_store(ed, x->table, x->key.bytes, x->key.len, value,
	    (size_t)((char *)o.at - value), 0);
	return error == 0 ||
	    hostdb_lmdb_failed(ed, err, "host database", error);
}

static bool
set_index(void *arg, const struct index_key *x)
{
	struct indexing *in = arg;

	return hostdb_claim(in->ed, x, entry_name(in->e), in->err);
}

static bool
set_indexes(struct hostdb_edit *ed, const struct entry *e,
    struct hostdb_edit_error *err)
{
	struct indexing in = { ed, e, err };

	return hostdb_each_index(ed, e, set_index, &in);
}

static bool
drop_index(void *arg, const struct index_key *x)
{
	struct indexing *in = arg;
	MDB_val k = { x->key.len, (void *)x->key.bytes }, v;
	struct hostdb_ref owner;
	struct cursor content;
	int error = mdb_get(in->ed->txn, x->table, &k, &v);

	/* another entry of this change has taken it */
	if (error == 0 && hostdb_value_open(&k, &v, &content) &&
	    hostdb_ref_load(&owner, &content) &&
	    strcmp(owner.name, entry_name(in->e)) != 0)
		return true;
	if (error == 0)
		error = mdb_del(in->ed->txn, x->table, &k, NULL);
	return error == 0 || error == MDB_NOTFOUND ||
	    hostdb_lmdb_failed(in->ed, in->err, "host database", error);
}

static bool
drop_indexes(struct hostdb_edit *ed, const struct entry *e,
    struct hostdb_edit_error *err)
{
	struct indexing in = { ed, e, err };
	uint8_t member[HOSTDB_KEY_MAX * 2];
	MDB_val k = { 0, member };
	int error = 0;

	if (hostdb_member_key(e, member, sizeof member, &k.mv_size))
		error = mdb_del(ed->txn, ed->members, &k, NULL);
	if (error != 0 && error != MDB_NOTFOUND)
		return hostdb_lmdb_failed(ed, err, "host database", error);
	return hostdb_each_index(ed, e, drop_index, &in);
}

/* Every key of a table that leads to that host. */
static int
purge_table(struct hostdb_edit *ed, MDB_dbi table, const char *name)
{
	struct cursor content;
	struct hostdb_ref ref;
	MDB_cursor *c;
	MDB_val k, v;
	int error;

	if ((error = mdb_cursor_open(ed->txn, table, &c)) != 0)
		return error;
	while ((error = mdb_cursor_get(c, &k, &v, MDB_NEXT)) == 0)
		if (hostdb_value_open(&k, &v, &content) &&
		    hostdb_ref_load(&ref, &content) &&
		    strcmp(ref.name, name) == 0 &&
		    (error = mdb_cursor_del(c, 0)) != 0)
			break;
	mdb_cursor_close(c);
	return error;
}

/* In which group it was, a damaged entry does not say. */
static int
purge_members(struct hostdb_edit *ed, enum entry_kind kind, const char *name)
{
	uint8_t tail[ENTRY_NAME_MAX + 3];
	struct put o = put_into(tail, sizeof tail);
	MDB_cursor *c;
	MDB_val k, v;
	size_t n;
	int error;

	put_u8(&o, '\0');
	put_u8(&o, hostdb_kind_letter(kind));
	put_text(&o, name);
	n = (size_t)(o.at - tail);
	if ((error = mdb_cursor_open(ed->txn, ed->members, &c)) != 0)
		return error;
	while ((error = mdb_cursor_get(c, &k, &v, MDB_NEXT)) == 0)
		if (k.mv_size > n && memcmp((uint8_t *)k.mv_data + k.mv_size -
		    n, tail, n) == 0 && (error = mdb_cursor_del(c, 0)) != 0)
			break;
	mdb_cursor_close(c);
	return error;
}

/* What a damaged entry has in the indexes, which it cannot say itself. */
static bool
purge_indexes(struct hostdb_edit *ed, enum entry_kind kind, const char *name,
    struct hostdb_edit_error *err)
{
	int error = MDB_NOTFOUND;

	if (kind == ENTRY_HOST) {
		error = purge_table(ed, ed->identities, name);
		if (error == MDB_NOTFOUND)
			error = purge_table(ed, ed->addresses, name);
	}
	if (error == MDB_NOTFOUND)
		error = purge_members(ed, kind, name);
	return error == MDB_NOTFOUND ||
	    hostdb_lmdb_failed(ed, err, "host database", error);
}

static bool
touch(struct hostdb_edit *ed, enum entry_kind kind, const char *name,
    struct hostdb_edit_error *err)
{
	struct touched *more;
	size_t room;

	if (ed->ntouched == ed->room) {
		room = ed->room == 0 ? 16 : ed->room * 2;
		more = realloc(ed->touched, room * sizeof *more);
		if (more == NULL)
			return hostdb_refuse(err, EX_OSERR, "out of memory");
		ed->touched = more;
		ed->room = room;
	}
	more = &ed->touched[ed->ntouched];
	*more = (struct touched){ kind, strdup(name), ed->line };
	if (more->name == NULL)
		return hostdb_refuse(err, EX_OSERR, "out of memory");
	ed->ntouched++;
	return true;
}

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "hostdb.h"
#include "hostdb_ahead.h"
#include "hostdb_format.h"
#include "recall.h"

#define SHARED	64
#define AHEAD	(1 << 30)	/* bytes that are read ahead */
#define AHEAD_PIECE (512 << 10)	/* of one call: Linux cuts longer ones */

/* A group, subnet or site as this snapshot has it. */
struct shared {
	bool used;
	uint64_t last;		/* turn of the clock it was last asked for */
	uint32_t network, mask;	/* subnets */
	struct entry entry;
};

struct hostdb {
	MDB_env *env;
	MDB_txn *txn;		/* reset between snapshots */
	MDB_cursor *cursor;	/* on entries, renewed with the transaction */
	MDB_dbi entries, identities, addresses;
	bool open;		/* in a snapshot */
	uint64_t version;
	uint64_t damaged;
	uint64_t clock;
	size_t nshared;		/* of this version: no more are touched */
	struct shared shared[SHARED];
	bool recalls;		/* from the second snapshot on */
	struct recall *recall;	/* of this version; NULL: nothing is kept */
	uint64_t ahead_version;	/* of the snapshot that ahead is for */
	bool ahead_works;
	struct hostdb_ahead ahead;
};

/* What runs under the guard, and LMDB's code or an errno that comes of it. */
struct opening {
	struct hostdb *db;
	const char *path;
	bool big;
	enum hostdb_status status;
};

struct renewing {
	struct hostdb *db;
	int error;
};

struct reading_ahead {
	struct hostdb *db;
	const struct identity *id;
	size_t n;
};

struct lookup {
	struct hostdb *db;
	MDB_dbi table;
	const struct hostdb_key *key;
	void *out;
	size_t size, n;		/* there is, was used */
	int error;		/* EBADMSG: the content is damaged */
};

struct seeking {
	struct hostdb *db;
	struct hostdb_key *key;
	bool before;
	void *out;
	size_t size, n;
	int error;
};

static enum hostdb_status fetch(struct hostdb *, MDB_dbi,
    const struct hostdb_key *, void *, size_t, size_t *);
static enum hostdb_status start_again(struct hostdb *);
static void open_env(void *);
static enum hostdb_status check_format(struct hostdb *);
static int copy_out(const MDB_val *, const MDB_val *, void *, size_t,
    size_t *);

const char *
hostdb_root(const char *root)
{
	if (root == NULL)
		root = getenv("PXE_ROOT");
	return root == NULL || *root == '\0' ? HOSTDB_ROOT : root;
}

static enum hostdb_status
failed(int error)
{
	/* LMDB's own codes are negative: they speak of a damaged file */
	errno = error < 0 ? EIO : error;
	return HOSTDB_ERROR;
}

static int
open_tables(struct hostdb *db)
{
	static const char *const names[] = {
		"entries", "identities", "addresses"
	};
	MDB_dbi *const tables[] = {
		&db->entries, &db->identities, &db->addresses
	};
	size_t i;
	int error, dead;

	error = mdb_txn_begin(db->env, NULL, MDB_RDONLY, &db->txn);
	if (error == MDB_READERS_FULL) {
		/* those that were killed have left their places taken */
		mdb_reader_check(db->env, &dead);
		error = mdb_txn_begin(db->env, NULL, MDB_RDONLY, &db->txn);
	}
	if (error != 0)
		return error;
	for (i = 0; i < 3; i++)
		if ((error = mdb_dbi_open(db->txn, names[i], 0,
		    tables[i])) != 0) {
			mdb_txn_abort(db->txn);
			db->txn = NULL;
			return error == MDB_NOTFOUND ? ENOENT : error;
		}
	/* handles outlive a read transaction only if it is committed */
	error = mdb_txn_commit(db->txn);
	db->txn = NULL;
	if (error == 0)
		error = mdb_txn_begin(db->env, NULL, MDB_RDONLY, &db->txn);
	if (error == 0)
		error = mdb_cursor_open(db->txn, db->entries, &db->cursor);
	return error;
}

enum hostdb_status
hostdb_open(struct hostdb **out, const char *root, bool big)
{
	char path[4096];
	struct opening o = { NULL, path, big, HOSTDB_OK };

	*out = NULL;
	if (!hostdb_path(path, sizeof path, root))
		return failed(ENAMETOOLONG);
	if (hostdb_is_cut(path)) {
		errno = EIO;
		return HOSTDB_DAMAGED;
	}
	if ((o.db = calloc(1, sizeof *o.db)) == NULL)
		return HOSTDB_ERROR;
	o.db->recalls = !big;
	hostdb_guard_signals();
	if (!hostdb_guard(open_env, &o)) {
		/* what LMDB has half opened is not to be touched again */
		errno = EIO;
		return HOSTDB_DAMAGED;
	}
	if (o.status == HOSTDB_OK)
		*out = o.db;
	return o.status;
}

static void
open_env(void *arg)
{
	struct opening *o = arg;
	struct hostdb *db = o->db;
	unsigned flags = MDB_RDONLY | MDB_NOTLS |
	    (o->big ? 0 : MDB_NORDAHEAD);
	int error;

	if ((error = mdb_env_create(&db->env)) != 0 ||
	    (error = mdb_env_set_mapsize(db->env, HOSTDB_MAP)) != 0 ||
	    (error = mdb_env_set_maxdbs(db->env, HOSTDB_TABLES)) != 0 ||
	    (error = mdb_env_set_maxreaders(db->env, HOSTDB_READERS)) != 0 ||
	    (error = hostdb_guard_env(db->env)) != 0 ||
	    (error = mdb_env_open(db->env, o->path, flags, 0644)) != 0 ||
	    (error = open_tables(db)) != 0) {
		hostdb_close(db);
		o->status = failed(error);
		return;
	}
	db->open = true;
	if (check_format(db) != HOSTDB_OK) {
		hostdb_close(db);
		o->status = failed(EPROTO);
		return;
	}
	hostdb_end(db);
}

void
hostdb_close(struct hostdb *db)
{
	if (db == NULL)
		return;
	if (db->cursor != NULL)
		mdb_cursor_close(db->cursor);
	if (db->txn != NULL)
		mdb_txn_abort(db->txn);
	if (db->env != NULL)
		mdb_env_close(db->env);
	recall_free(db->recall);
	free(db);
}

static void
renew(void *arg)
{
	struct renewing *r = arg;

	r->error = mdb_txn_renew(r->db->txn);
	if (r->error == 0)
		r->error = mdb_cursor_renew(r->db->txn, r->db->cursor);
}

/* Into a snapshot again. */
static enum hostdb_status
resume(struct hostdb *db)
{
	struct renewing r = { db, 0 };

	if (db->txn == NULL || !hostdb_guard(renew, &r))
		return start_again(db);
	if (r.error != 0)
		return failed(r.error);
	db->open = true;
	return HOSTDB_OK;
}

enum hostdb_status
hostdb_begin(struct hostdb *db)
{
	uint64_t version;

	if (!db->open && resume(db) != HOSTDB_OK)
		return HOSTDB_ERROR;
	/* Who comes once would pay for its memory and have nothing of it. */
	if (db->recalls && db->recall == NULL && db->version != 0)
		db->recall = recall_make();
	if ((version = mdb_txn_id(db->txn)) != db->version) {
		db->nshared = 0;
		if (db->recall != NULL)
			recall_forget(db->recall);
		db->version = version;
	}
	return HOSTDB_OK;
}

void
hostdb_end(struct hostdb *db)
{
	if (db->txn != NULL && db->open)
		mdb_txn_reset(db->txn);
	db->open = false;
}

bool
hostdb_replaced(const struct hostdb *db)
{
	struct stat st;
	int fd;

	return mdb_env_get_fd(db->env, &fd) != 0 || fstat(fd, &st) != 0 ||
	    st.st_nlink == 0;
}

void
hostdb_read_ahead(const struct hostdb *db)
{
#ifdef POSIX_FADV_WILLNEED
	off_t at, end;
	struct stat st;
	int fd;

	if (mdb_env_get_fd(db->env, &fd) != 0 || fstat(fd, &st) != 0)
		return;
	end = st.st_size < AHEAD ? st.st_size : AHEAD;
	for (at = 0; at < end; at += AHEAD_PIECE)
		posix_fadvise(fd, at, AHEAD_PIECE, POSIX_FADV_WILLNEED);
#else
	(void)db;
#endif
}

uint64_t
hostdb_damaged(const struct hostdb *db)
{
	return db->damaged;
}

enum hostdb_status
hostdb_get(struct hostdb *db, enum entry_kind kind, const char *name,
    struct entry *e)
{
	char line[ENTRY_LINE_MAX];
	struct hostdb_key key;
	enum hostdb_status st;
	size_t n;

	if (!hostdb_entry_key(&key, kind, name))
		return HOSTDB_NOT_FOUND;
	st = fetch(db, db->entries, &key, line, sizeof line, &n);
	if (st == HOSTDB_OK && (!entry_load(e, line, n) || e->kind != kind)) {
		db->damaged++;
		return HOSTDB_DAMAGED;
	}
	return st;
}

/* The place of the one that nobody asked for the longest. */
static struct shared *
oldest(struct hostdb *db)
{
	struct shared *s, *best = &db->shared[0];

	if (db->nshared < SHARED)
		return &db->shared[db->nshared++];
	for (s = db->shared; s < db->shared + SHARED; s++) {
		if (!s->used)
			return s;
		if (s->last < best->last)
			best = s;
	}
	return best;
}

const struct entry *
hostdb_shared(struct hostdb *db, enum entry_kind kind, const char *name)
{
	struct shared *s;
	unsigned len;

	db->clock++;
	for (s = db->shared; s < db->shared + db->nshared; s++)
		if (s->used && s->entry.kind == kind &&
		    strcmp(entry_name(&s->entry), name) == 0) {
			s->last = db->clock;
			return &s->entry;
		}
	s = oldest(db);
	s->used = false;
	s->network = s->mask = 0;
	if (hostdb_get(db, kind, name, &s->entry) != HOSTDB_OK)
		return NULL;
	if (kind == ENTRY_SUBNET) {
		if (!entry_subnet_parse(name, &s->network, &len))
			return NULL;
		s->mask = entry_subnet_mask(len);
	}
	s->used = true;
	s->last = db->clock;
	return &s->entry;
}

static enum hostdb_status
by_index(struct hostdb *db, MDB_dbi table, const struct hostdb_key *key,
    struct hostdb_ref *ref)
{
	char value[HOSTDB_REF_MAX];
	enum hostdb_status st;
	struct cursor c;
	size_t n;

	st = fetch(db, table, key, value, sizeof value, &n);
	if (st != HOSTDB_OK)
		return st;
	c = cursor_of(value, n);
	if (hostdb_ref_load(ref, &c))
		return HOSTDB_OK;
	db->damaged++;
	return HOSTDB_DAMAGED;
}

enum hostdb_status
hostdb_by_identity(struct hostdb *db, const struct identity *id,
    struct hostdb_ref *ref)
{
	struct hostdb_key key;

	if (id->kind == IDENTITY_NONE || (id->kind == IDENTITY_UUID &&
	    identity_uuid_is_default(id->bytes)))
		return HOSTDB_NOT_FOUND;
	key.len = identity_key(id, key.bytes);
	return by_index(db, db->identities, &key, ref);
}

enum hostdb_status
hostdb_by_address(struct hostdb *db, uint32_t address, struct hostdb_ref *ref)
{
	struct hostdb_key key;

	hostdb_address_key(&key, address);
	return by_index(db, db->addresses, &key, ref);
}

static void
read_ahead(void *arg)
{
	const struct reading_ahead *r = arg;
	struct hostdb *db = r->db;

	if (db->ahead_version != db->version) {
		db->ahead.identities = db->identities;
		db->ahead.entries = db->entries;
		db->ahead_works = hostdb_ahead_open(&db->ahead, db->txn);
		db->ahead_version = db->version;
	}
	if (db->ahead_works)
		hostdb_ahead_read(&db->ahead, db->recall, r->id, r->n);
}

void
hostdb_ahead(struct hostdb *db, const struct identity *id, size_t n)
{
	struct reading_ahead r = { db, id, n };

	if (db->txn == NULL || db->recall == NULL || n == 0)
		return;
	/* whose lookup meets the damage will say so */
	if (!hostdb_guard(read_ahead, &r))
		start_again(db);
}

static void
seek_guarded(void *arg)
{
	struct seeking *s = arg;
	struct hostdb_key *key = s->key;
	MDB_cursor *c = s->db->cursor;
	MDB_val k = { key->len, key->bytes }, v;
	uint8_t letter = key->bytes[0];

	s->error = mdb_cursor_get(c, &k, &v, MDB_SET_RANGE);
	if (s->before && s->error == MDB_NOTFOUND)
		s->error = mdb_cursor_get(c, &k, &v, MDB_LAST);
	else if (s->before && s->error == 0 && (k.mv_size != key->len ||
	    memcmp(k.mv_data, key->bytes, key->len) != 0))
		s->error = mdb_cursor_get(c, &k, &v, MDB_PREV);
	if (s->error == 0 && (k.mv_size == 0 ||
	    k.mv_size > sizeof key->bytes || *(uint8_t *)k.mv_data != letter))
		s->error = MDB_NOTFOUND;
	if (s->error != 0)
		return;
	memcpy(key->bytes, k.mv_data, k.mv_size);
	key->len = k.mv_size;
	s->error = copy_out(&k, &v, s->out, s->size, &s->n);
}

/*
 * The greatest key of a kind that is not above *key (at or before), or the
 * first at or above it.  The key found goes back to *key, the content to
 * out.
 */
static enum hostdb_status
seek(struct hostdb *db, struct hostdb_key *key, bool before, void *out,
    size_t size, size_t *n)
{
	struct seeking s = { db, key, before, out, size, 0, 0 };

	if (db->txn == NULL)
		return failed(EIO);
	if (!hostdb_guard(seek_guarded, &s)) {
		db->damaged++;
		start_again(db);
		return failed(EIO);
	}
	if (s.error == EBADMSG) {
		db->damaged++;
		return HOSTDB_DAMAGED;
	}
	*n = s.n;
	return s.error == 0 ? HOSTDB_OK : s.error == MDB_NOTFOUND ?
	    HOSTDB_NOT_FOUND : failed(s.error);
}

const struct entry *
hostdb_subnet_of(struct hostdb *db, uint32_t address)
{
	char line[ENTRY_LINE_MAX];
	struct hostdb_key key;
	uint32_t network;
	struct shared *s;
	struct entry e;
	struct put o;
	unsigned len;
	size_t n;

	db->clock++;
	for (s = db->shared; s < db->shared + db->nshared; s++)
		if (s->used && s->entry.kind == ENTRY_SUBNET &&
		    (address & s->mask) == s->network) {
			s->last = db->clock;
			return &s->entry;
		}
	/* subnets do not overlap: only the last that starts here or below */
	o = put_into(key.bytes, sizeof key.bytes);
	put_u8(&o, hostdb_kind_letter(ENTRY_SUBNET));
	put_u8(&o, 4);
	put_u32(&o, address);
	put_u8(&o, 33);
	key.len = (size_t)(o.at - key.bytes);
	if (seek(db, &key, true, line, sizeof line, &n) != HOSTDB_OK)
		return NULL;
	if (!entry_load(&e, line, n) ||
	    !entry_subnet_parse(entry_name(&e), &network, &len)) {
		db->damaged++;
		return NULL;
	}
	if ((address & entry_subnet_mask(len)) != network)
		return NULL;
	return hostdb_shared(db, ENTRY_SUBNET, entry_name(&e));
}

void
hostdb_walk(struct hostdb_walk *w, enum entry_kind kind)
{
	w->kind = kind;
	w->keylen = 1;
	w->key[0] = hostdb_kind_letter(kind);
}

enum hostdb_status
hostdb_next(struct hostdb *db, struct hostdb_walk *w, struct entry *e)
{
	char line[ENTRY_LINE_MAX];
	enum hostdb_status st;
	struct hostdb_key key;
	size_t n;

	memcpy(key.bytes, w->key, w->keylen);
	key.len = w->keylen;
	st = seek(db, &key, false, line, sizeof line, &n);
	if (st != HOSTDB_OK && st != HOSTDB_DAMAGED)
		return st;
	/* the least key above this one is this one and a NUL byte */
	if (key.len >= sizeof w->key)
		return failed(EIO);
	memcpy(w->key, key.bytes, key.len);
	w->key[key.len] = 0;
	w->keylen = (uint16_t)(key.len + 1);
	if (st == HOSTDB_OK && !entry_load(e, line, n)) {
		db->damaged++;
		return HOSTDB_DAMAGED;
	}
	return st;
}

/* The content of a value, checked.  0 or EBADMSG. */
static int
copy_out(const MDB_val *key, const MDB_val *value, void *out, size_t size,
    size_t *n)
{
	struct cursor content;

	if (!hostdb_value_open(key, value, &content) ||
	    cursor_left(&content) > size)
		return EBADMSG;
	memcpy(out, content.at, *n = cursor_left(&content));
	return 0;
}

static void
get(void *arg)
{
	struct lookup *l = arg;
	MDB_val k = { l->key->len, (void *)l->key->bytes }, v;

	l->error = mdb_get(l->db->txn, l->table, &k, &v);
	if (l->error == 0)
		l->error = copy_out(&k, &v, l->out, l->size, &l->n);
}

/* The content behind a key, copied out of the map. */
static enum hostdb_status
fetch(struct hostdb *db, MDB_dbi table, const struct hostdb_key *key,
    void *out, size_t size, size_t *n)
{
	struct lookup l = { db, table, key, out, size, 0, 0 };

	if (db->txn == NULL)
		return HOSTDB_DAMAGED;
	if (db->recall != NULL && recall_get(db->recall, table, key->bytes,
	    key->len, out, size, n))
		return HOSTDB_OK;
	if (!hostdb_guard(get, &l)) {
		db->damaged++;
		start_again(db);
		return HOSTDB_DAMAGED;
	}
	if (l.error == MDB_NOTFOUND)
		return HOSTDB_NOT_FOUND;
	if (l.error != 0) {
		db->damaged++;
		return HOSTDB_DAMAGED;
	}
	*n = l.n;
	if (db->recall != NULL)
		recall_put(db->recall, table, key->bytes, key->len, out, l.n);
	return HOSTDB_OK;
}

static void
begin(void *arg)
{
	struct renewing *r = arg;

	r->error = mdb_txn_begin(r->db->env, NULL, MDB_RDONLY, &r->db->txn);
	if (r->error == 0)
		r->error = mdb_cursor_renew(r->db->txn, r->db->cursor);
}

/*
 * After a jump out of LMDB its transaction is not to be trusted.  Ending one
 * touches no page of the map, only its place among the readers.
 */
static enum hostdb_status
start_again(struct hostdb *db)
{
	struct renewing r = { db, 0 };

	db->open = false;
	/* the next one may be of another version */
	db->ahead_version = 0;
	if (db->recall != NULL)
		recall_forget(db->recall);
	if (db->txn != NULL)
		mdb_txn_abort(db->txn);
	db->txn = NULL;
	if (!hostdb_guard(begin, &r))
		r.error = MDB_CORRUPTED;
	if (r.error != 0) {
		if (db->txn != NULL)
			mdb_txn_abort(db->txn);
		db->txn = NULL;
		return failed(r.error);
	}
	db->open = true;
	return HOSTDB_OK;
}

static enum hostdb_status
check_format(struct hostdb *db)
{
	struct hostdb_key key = { 1, { 'V' } };
	char format[8];
	size_t n;

	if (fetch(db, db->entries, &key, format, sizeof format, &n) !=
	    HOSTDB_OK)
		return HOSTDB_ERROR;
	return n == strlen(HOSTDB_FORMAT) &&
	    memcmp(format, HOSTDB_FORMAT, n) == 0 ? HOSTDB_OK : HOSTDB_ERROR;
}

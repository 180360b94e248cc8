/* The change log: what a transaction did, by whom and when. */
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "hostdb_change.h"

/* A record larger than this is not worth its place. */
#define LINES_MAX	((size_t)16 << 20)

bool
hostdb_note(struct hostdb_edit *ed, char sign, const struct entry *e,
    struct hostdb_edit_error *err)
{
	size_t room;
	char *more;

	ed->changes++;
	if (ed->nlines > LINES_MAX)
		return true;
	if (ed->nlines + ENTRY_LINE_MAX + 8 > ed->lineroom) {
		room = 2 * ed->lineroom + 4 * ENTRY_LINE_MAX;
		if ((more = realloc(ed->lines, room)) == NULL)
			return hostdb_refuse(err, EX_OSERR, "out of memory");
		ed->lines = more;
		ed->lineroom = room;
	}
	ed->lines[ed->nlines++] = sign;
	ed->nlines += entry_print(e, ed->lines + ed->nlines,
	    ENTRY_LINE_MAX + 1);
	ed->lines[ed->nlines++] = '\n';
	return true;
}

static const char *
who(void)
{
	const char *name = getenv("SUDO_USER");
	struct passwd *pw;

	if (name != NULL && *name != '\0')
		return name;
	pw = getpwuid(getuid());
	return pw == NULL ? "?" : pw->pw_name;
}

bool
hostdb_log_write(struct hostdb_edit *ed, struct hostdb_edit_error *err)
{
	char head[256], summary[64];
	const char *lines = ed->lines;
	size_t n = ed->nlines;
	uint8_t number[8] = { 0 };
	struct put o = put_into(head, sizeof head);
	MDB_val k, v;
	MDB_cursor *c;
	time_t now = time(NULL);
	size_t headlen;
	char *record;
	int error, i;

	if (n > LINES_MAX) {
		n = (size_t)snprintf(summary, sizeof summary,
		    "# %ju entries changed\n", (uintmax_t)ed->changes);
		lines = summary;
	}
	if ((error = mdb_cursor_open(ed->txn, ed->log, &c)) != 0)
		return hostdb_lmdb_failed(ed, err, "host database", error);
	if (mdb_cursor_get(c, &k, &v, MDB_LAST) == 0 && k.mv_size == 8)
		memcpy(number, k.mv_data, 8);
	mdb_cursor_close(c);
	for (i = 7; i >= 0 && ++number[i] == 0; i--)
		;
	put_u32(&o, (uint32_t)((uint64_t)now >> 32));
	put_u32(&o, (uint32_t)now);
	put_bytes(&o, who(), strnlen(who(), 64));
	put_u8(&o, '\0');
	put_text(&o, ed->verb);
	put_u8(&o, '\0');
	headlen = (size_t)((char *)o.at - head);
	if ((record = malloc(headlen + n)) == NULL)
		return hostdb_refuse(err, EX_OSERR, "out of memory");
	memcpy(record, head, headlen);
	/* What is damaged was deleted without a line. */
	if (n > 0)
		memcpy(record + headlen, lines, n);
	error = hostdb_store(ed, ed->log, number, sizeof number, record,
	    headlen + n, 0);
	free(record);
	return error == 0 ||
	    hostdb_lmdb_failed(ed, err, "host database", error);
}

bool
hostdb_edit_log(struct hostdb_edit *ed, bool (*fn)(void *, uint64_t, uint64_t,
    const char *, const char *, const char *, size_t), void *arg,
    struct hostdb_edit_error *err)
{
	uint32_t high, low;
	uint64_t number, when;
	const char *who, *verb;
	struct cursor c, kc;
	MDB_cursor *at;
	MDB_txn *txn;
	MDB_val k, v;
	int error;
	bool more = true;

	if ((error = mdb_txn_begin(ed->env, NULL, MDB_RDONLY, &txn)) != 0)
		return hostdb_lmdb_failed(ed, err, "host database", error);
	if ((error = mdb_cursor_open(txn, ed->log, &at)) == 0) {
		error = mdb_cursor_get(at, &k, &v, MDB_LAST);
		for (; error == 0 && more; error = mdb_cursor_get(at, &k, &v,
		    MDB_PREV)) {
			kc = cursor_of(k.mv_data, k.mv_size);
			if (!cursor_u32(&kc, &high) || !cursor_u32(&kc, &low))
				continue;
			number = (uint64_t)high << 32 | low;
			if (!hostdb_value_open(&k, &v, &c) ||
			    !cursor_u32(&c, &high) || !cursor_u32(&c, &low) ||
			    !cursor_text(&c, &who) || !cursor_text(&c, &verb)) {
				more = fn(arg, number, 0, "?", NULL, NULL, 0);
				continue;
			}
			when = (uint64_t)high << 32 | low;
			more = fn(arg, number, when, who, verb,
			    (const char *)c.at, cursor_left(&c));
		}
		mdb_cursor_close(at);
	}
	mdb_txn_abort(txn);
	return error == 0 || error == MDB_NOTFOUND ||
	    hostdb_lmdb_failed(ed, err, "host database", error);
}

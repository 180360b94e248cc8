#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <sysexits.h>

#include "attribute.h"
#include "command.h"
#include "log.h"

static int open_read(struct pxectl *, bool);
static void try_read(struct pxectl *);
static int open_edit(struct pxectl *, bool);
static int open_events(struct pxectl *);
static int find_errno(int, const struct pxectl *, const char *);

int
fail(int status, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	/* One line, whatever a file or an argument brought. */
	for (char *s = text; *s != '\0'; s++)
		if ((unsigned char)*s < ' ' || *s == 0x7f)
			*s = '?';
	log_err("%s", text);
	return status;
}

int
fail_edit(const struct hostdb_edit_error *err)
{
	return fail(err->status, "%s", err->why);
}

const char *
option(const struct pxectl *px, enum option o)
{
	const char *last = NULL;

	for (const char *const *v = px->options[o]; *v != NULL; v++)
		last = *v;
	return last;
}

bool
root_path(const struct pxectl *px, char *path, size_t size,
    const char *fmt, ...)
{
	va_list ap;
	int n, m;

	n = snprintf(path, size, "%s/", px->root);
	if (n < 0 || (size_t)n >= size)
		return false;
	va_start(ap, fmt);
	m = vsnprintf(path + n, size - (size_t)n, fmt, ap);
	va_end(ap);
	return m >= 0 && (size_t)m < size - (size_t)n;
}

int
session_open(struct pxectl *px, unsigned needs, bool create)
{
	int status = EX_OK;

	if (needs & (DB_WRITE | DB_LATER | DB_EDIT))
		status = open_edit(px, create);
	if (status == EX_OK && (needs & DB_WRITE))
		status = session_begin(px);
	if (status == EX_OK && (needs & (DB_READ | DB_WALK)))
		status = open_read(px, needs & DB_WALK);
	if (status == EX_OK && (needs & DB_TRY))
		try_read(px);
	if (status == EX_OK && (needs & EVENTS))
		status = open_events(px);
	if (status != EX_OK)
		session_close(px, status);
	return status;
}

int
session_begin(struct pxectl *px)
{
	struct hostdb_edit_error err;

	px->begun = hostdb_edit_begin(px->edit, px->command->name, &err);
	return px->begun ? EX_OK : fail_edit(&err);
}

void
session_look(struct pxectl *px)
{
	if (px->db == NULL)
		return;
	hostdb_end(px->db);
	if (hostdb_begin(px->db) == HOSTDB_OK)
		return;
	hostdb_close(px->db);
	px->db = NULL;
}

int
session_close(struct pxectl *px, int status)
{
	struct hostdb_edit_error err;

	if (px->begun) {
		if (status != EX_OK)
			hostdb_edit_abort(px->edit);
		else if (px->dry_run) {
			if (!hostdb_edit_check(px->edit, &err))
				status = fail_edit(&err);
			hostdb_edit_abort(px->edit);
		} else if (!hostdb_edit_commit(px->edit, &err)) {
			status = fail_edit(&err);
			hostdb_edit_abort(px->edit);
		}
	}
	if (px->edit != NULL)
		hostdb_edit_close(px->edit);
	if (px->db != NULL) {
		hostdb_end(px->db);
		hostdb_close(px->db);
	}
	if (px->events != NULL)
		event_close(px->events);
	px->begun = false;
	px->edit = NULL;
	px->db = NULL;
	px->events = NULL;
	return status;
}

static int
open_read(struct pxectl *px, bool walk)
{
	enum hostdb_status s;

	s = hostdb_open(&px->db, px->root, walk);
	if (s == HOSTDB_OK) {
		s = hostdb_begin(px->db);
		if (s == HOSTDB_OK)
			return EX_OK;
		hostdb_close(px->db);
	}
	px->db = NULL;
	if (s == HOSTDB_DAMAGED)
		return fail(EX_DATAERR, "%s/db/hosts: the database is damaged",
		    px->root);
	return find_errno(errno, px, "db/hosts");
}

static void
try_read(struct pxectl *px)
{
	if (hostdb_open(&px->db, px->root, false) != HOSTDB_OK)
		px->db = NULL;
	else if (hostdb_begin(px->db) != HOSTDB_OK) {
		hostdb_close(px->db);
		px->db = NULL;
	}
}

static int
open_edit(struct pxectl *px, bool create)
{
	struct hostdb_edit_error err = { .status = EX_SOFTWARE };

	px->edit = hostdb_edit_open(px->root, create, &err);
	return px->edit != NULL ? EX_OK : fail_edit(&err);
}

static int
open_events(struct pxectl *px)
{
	px->events = event_open(px->root, false);
	return px->events != NULL ? EX_OK :
	    find_errno(errno, px, "db/events");
}

static int
find_errno(int e, const struct pxectl *px, const char *what)
{
	if (e == ENOENT)
		return fail(EX_CONFIG, "%s/%s: there is none yet: pxectl init",
		    px->root, what);
	if (e == EACCES || e == EPERM)
		return fail(EX_NOPERM, "%s/%s: %s: run pxectl as root",
		    px->root, what, strerror(e));
	if (e == EINVAL)
		return fail(EX_DATAERR, "%s/%s: is none, or of another "
		    "version: remove it, then pxectl init", px->root, what);
	return fail(EX_OSERR, "%s/%s: %s", px->root, what, strerror(e));
}

bool
put_quietly(struct pxectl *px, const struct entry *e, bool add,
    struct hostdb_edit_error *err)
{
	const bool site = e->kind == ENTRY_HOST &&
	    strcmp(entry_name(e), "site") == 0;
	struct entry before;
	bool had = false;

	if (px->json || px->dry_run || site)
		had = hostdb_edit_get(px->edit, e->kind, entry_name(e),
		    &before) == HOSTDB_OK;
	if (site && !had) {
		err->status = EX_DATAERR;
		snprintf(err->why, sizeof err->why, "%s", "site: is no name "
		    "for a host: `pxectl set site' sets it for all");
		return false;
	}
	if (!hostdb_edit_put(px->edit, e, add, err))
		return false;
	if ((px->json || px->dry_run) &&
	    !change_note(&px->changes, had ? &before : NULL, e)) {
		err->status = EX_OSERR;
		snprintf(err->why, sizeof err->why, "%s", strerror(ENOMEM));
		return false;
	}
	return true;
}

int
put_entry(struct pxectl *px, const struct entry *e, bool add)
{
	struct hostdb_edit_error err;

	return put_quietly(px, e, add, &err) ? EX_OK : fail_edit(&err);
}

int
delete_entry(struct pxectl *px, enum entry_kind kind, const char *name)
{
	struct hostdb_edit_error err;
	struct entry before;
	int status;

	status = get_entry(px, kind, name, &before);
	if (status != EX_OK)
		return status;
	if (!hostdb_edit_delete(px->edit, kind, name, &err))
		return fail_edit(&err);
	if (!change_note(&px->changes, &before, NULL))
		return fail(EX_OSERR, "%s", strerror(ENOMEM));
	return EX_OK;
}

int
get_entry(struct pxectl *px, enum entry_kind kind, const char *name,
    struct entry *e)
{
	enum hostdb_status s;

	s = hostdb_edit_get(px->edit, kind, name, e);
	if (s == HOSTDB_NOT_FOUND && kind == ENTRY_HOST &&
	    hostdb_edit_get(px->edit, ENTRY_GROUP, name, e) == HOSTDB_OK)
		return fail_group(name);
	return s == HOSTDB_OK ? EX_OK : fail_lookup(s, kind, name);
}

int
fail_group(const char *name)
{
	return fail(EX_NOHOST, "%s: no such host: is group:%s meant?", name,
	    name);
}

int
fail_lookup(enum hostdb_status s, enum entry_kind kind, const char *name)
{
	const char *word = entry_kind_name(kind);

	if (s == HOSTDB_NOT_FOUND && kind == ENTRY_SITE)
		return fail(EX_NOHOST, "site: nothing is set there yet");
	if (s == HOSTDB_NOT_FOUND)
		return fail(EX_NOHOST, "%s: no such %s", name, word);
	if (s == HOSTDB_DAMAGED) {
		log_err("%s %s: its entry in the database is damaged: "
		    "pxectl check", word, name);
		return fail(EX_NOHOST, "%s: no such %s", name, word);
	}
	return fail(EX_IOERR, "%s%s%s: %s", word, name[0] != '\0' ? " " : "",
	    name, strerror(errno));
}

int
entry_words(struct entry *e, int n, char **word)
{
	struct entry_error err;
	char name[128];
	const char *equals;
	size_t suffix;

	for (int i = 0; i < n; i++) {
		equals = strchr(word[i], '=');
		if (equals == NULL)
			return fail(EX_USAGE, "%s: not attribute=value",
			    word[i]);
		if ((size_t)(equals - word[i]) >= sizeof name)
			return fail(EX_DATAERR, "%s: no such attribute",
			    word[i]);
		memcpy(name, word[i], (size_t)(equals - word[i]));
		name[equals - word[i]] = '\0';
		if (!entry_set(e, name, equals + 1, &err))
			return fail(EX_DATAERR, "%s%s", err.why,
			    equals[1] == '\0' && attribute_find(name,
			    strlen(name), &suffix) >= 0 ?
			    ": pxectl unset removes it" : "");
	}
	return EX_OK;
}

int
site_default(struct pxectl *px, enum attribute_id id, const char *value)
{
	struct entry_error why;
	struct entry site;
	enum hostdb_status s;

	s = hostdb_edit_get(px->edit, ENTRY_SITE, "", &site);
	if (s == HOSTDB_NOT_FOUND) {
		if (!entry_init(&site, ENTRY_SITE, "", &why))
			return fail(EX_SOFTWARE, "site: %s", why.why);
	} else if (s != HOSTDB_OK)
		return fail_lookup(s, ENTRY_SITE, "");
	if (entry_get(&site, id, NULL) != NULL)
		return EX_OK;
	if (!entry_set(&site, attribute_table[id].name, value, &why))
		return fail(EX_DATAERR, "site: %s", why.why);
	if (!px->json)
		fprintf(px->out, "site %s=%s: set, for there was none\n",
		    attribute_table[id].name, value);
	return put_entry(px, &site, false);
}

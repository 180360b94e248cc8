/* import and export: entries as lines of text, hosts(5). */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "command.h"
#include "install.h"
#include "json.h"
#include "log.h"
#include "seen.h"

#define WRONG_MAX	20	/* lines that are told before it gives up */

/* Where the lines come from, for errors. */
struct source {
	const char *name;
	unsigned long line;
	unsigned long entries;
	unsigned wrong;		/* lines; none is put any more */
	struct seen seen;
};

static const enum entry_kind kinds[] = { ENTRY_SITE, ENTRY_SUBNET,
    ENTRY_GROUP, ENTRY_HOST };
#define KINDS	(sizeof kinds / sizeof kinds[0])

static int clear(struct pxectl *);
static int import_lines(struct pxectl *, struct source *, FILE *);
static int judge(struct pxectl *, struct source *);
static int import_line(struct pxectl *, struct source *, char *, size_t);
static int export_all(struct pxectl *, FILE *);
static int export_kind(struct pxectl *, enum entry_kind, FILE *,
    struct json_list *);

int
cmd_import(struct pxectl *px, int n, char **arg)
{
	struct source source = { .name = arg[0] };
	const bool standard = strcmp(arg[0], "-") == 0;
	FILE *in = stdin;
	int status = EX_OK;

	(void)n;
	if (standard)
		source.name = "standard input";
	else if ((in = fopen(arg[0], "re")) == NULL)
		return fail(errno == EACCES ? EX_NOPERM : EX_NOINPUT,
		    "%s: %s", arg[0], strerror(errno));
	if (option(px, OPT_REPLACE) != NULL)
		status = clear(px);
	if (status == EX_OK)
		status = import_lines(px, &source, in);
	if (!standard)
		fclose(in);
	if (status == EX_OK)
		status = judge(px, &source);
	seen_free(&source.seen);
	fprintf(px->out, "%s: %lu entries\n", source.name, source.entries);
	return status;
}

int
cmd_export(struct pxectl *px, int n, char **arg)
{
	struct install_file to;
	int status;

	if (n == 0)
		return export_all(px, px->out);
	status = install_open(&to, arg[0], 0644);
	if (status != EX_OK)
		return status;
	status = export_all(px, to.out);
	return install_close(&to, status);
}

/* For --dry-run and --json, what is there is noted as gone first. */
static int
clear(struct pxectl *px)
{
	struct hostdb_edit_error err;
	struct hostdb_walk w;
	enum hostdb_status s;
	struct entry e;

	for (size_t i = 0; i < KINDS && (px->json || px->dry_run); i++) {
		hostdb_walk(&w, kinds[i]);
		while ((s = hostdb_edit_next(px->edit, &w, &e)) !=
		    HOSTDB_NOT_FOUND) {
			if (s == HOSTDB_ERROR)
				return fail_lookup(s, kinds[i], "");
			if (s == HOSTDB_OK &&
			    !change_note(&px->changes, &e, NULL))
				return fail(EX_OSERR, "%s", strerror(ENOMEM));
		}
	}
	return hostdb_edit_clear(px->edit, &err) ? EX_OK : fail_edit(&err);
}

/* All lines that are wrong are told, and then nothing is changed. */
static int
import_lines(struct pxectl *px, struct source *source, FILE *in)
{
	char *line = NULL;
	size_t size = 0;
	ssize_t len;
	int status = EX_OK;

	while (status == EX_OK && source->wrong < WRONG_MAX &&
	    (len = getline(&line, &size, in)) >= 0) {
		source->line++;
		while (len > 0 && (line[len - 1] == '\n' ||
		    line[len - 1] == '\r'))
			len--;
		status = import_line(px, source, line, (size_t)len);
	}
	if (status == EX_OK && ferror(in))
		status = fail(EX_IOERR, "%s: %s", source->name,
		    strerror(errno));
	free(line);
	if (status != EX_OK || source->wrong == 0)
		return status;
	if (source->wrong > 1)
		fail(EX_DATAERR, "%s: %u lines are wrong%s: nothing was "
		    "changed", source->name, source->wrong,
		    source->wrong < WRONG_MAX ? "" : ", if not more");
	return EX_DATAERR;
}

/* What only the whole can show; the line is the one that brought it. */
static int
judge(struct pxectl *px, struct source *source)
{
	struct hostdb_edit_error err;
	const struct seen_entry *twice;
	unsigned long first;

	if (source->entries == 0 && option(px, OPT_REPLACE) != NULL)
		return fail(EX_DATAERR, "%s: no entries: --replace would "
		    "remove all that there are", source->name);
	twice = seen_twice(&source->seen, &first);
	if (twice != NULL)
		return fail(EX_DATAERR, "%s:%lu: %s %s: stands in line %lu "
		    "already", source->name, twice->line,
		    entry_kind_name(twice->kind), source->seen.text +
		    twice->text + 1, first);
	if (hostdb_edit_check(px->edit, &err))
		return EX_OK;
	if (err.line == 0)
		return fail_edit(&err);
	return fail(err.status, "%s:%lu: %s", source->name, err.line,
	    err.why);
}

static void
left_out(void *arg, const char *why)
{
	const struct source *source = arg;

	log_warn("%s:%lu: left out: %s", source->name, source->line, why);
}

/* Another server's file has no line that could be told apart. */
static bool
is_foreign(const struct source *source, const char *line, size_t len)
{
	static const char *const words[] = { "site", "subnet", "group",
	    "host" };
	const size_t n = strcspn(line, " \t");

	if (source->entries > 0 || source->wrong > 0)
		return false;
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (strlen(words[i]) == n && strncmp(line, words[i], n) == 0)
			return memchr(line, '{', len) != NULL;
	return true;
}

static int
import_line(struct pxectl *px, struct source *source, char *line, size_t len)
{
	static const char mark[] = "\xef\xbb\xbf";	/* U+FEFF: UTF-8 */
	struct hostdb_edit_error edit;
	struct entry_error err;
	struct entry e;

	if (source->line == 1 && len >= 3 && memcmp(line, mark, 3) == 0) {
		line += 3;
		len -= 3;
	}
	while (len > 0 && (*line == ' ' || *line == '\t')) {
		line++;
		len--;
	}
	if (len == 0 || *line == '#')
		return EX_OK;
	if (!entry_import(&e, line, len, left_out, source, &err)) {
		fail(EX_DATAERR, "%s:%lu: %s%s", source->name, source->line,
		    err.why, is_foreign(source, line, len) ? ": import reads "
		    "lines of hosts(5); for other servers' files see "
		    "bootserver(7)" : "");
		if (is_foreign(source, line, len))
			return EX_DATAERR;
		source->wrong++;
		return EX_OK;
	}
	if (!seen_add(&source->seen, e.kind, entry_name(&e), source->line))
		return fail(EX_OSERR, "%s", strerror(ENOMEM));
	source->entries++;
	if (source->wrong > 0)
		return EX_OK;
	hostdb_edit_line(px->edit, source->line);
	if (!put_quietly(px, &e, false, &edit))
		return fail(edit.status, "%s:%lu: %s", source->name,
		    source->line, edit.why);
	return EX_OK;
}

static int
export_all(struct pxectl *px, FILE *out)
{
	struct json_list json;
	int status = EX_OK;

	if (px->json)
		json_list_begin(&json, out);
	for (size_t i = 0; i < KINDS && (status == EX_OK ||
	    status == EX_DATAERR); i++) {
		int now = export_kind(px, kinds[i], out, &json);

		if (now != EX_OK)
			status = now;
	}
	if (px->json)
		json_list_end(&json);
	return status;
}

/*
 * A damaged entry is left out, with a line about it, so that the rest can be
 * saved; but a copy that lacks one must not pass for the whole: status.
 */
static int
export_kind(struct pxectl *px, enum entry_kind kind, FILE *out,
    struct json_list *json)
{
	char line[ENTRY_LINE_MAX + 2];
	struct hostdb_walk w;
	enum hostdb_status s;
	struct entry e;
	int status = EX_OK;
	size_t n;

	hostdb_walk(&w, kind);
	while ((s = hostdb_next(px->db, &w, &e)) != HOSTDB_NOT_FOUND) {
		if (s == HOSTDB_DAMAGED) {
			status = fail(EX_DATAERR, "%s %.*s: is damaged and "
			    "left out: pxectl check", entry_kind_name(kind),
			    kind == ENTRY_SUBNET ? 0 : w.keylen - 2,
			    (const char *)w.key + 1);
			continue;
		}
		if (s == HOSTDB_ERROR)
			return fail_lookup(s, kind, "");
		if (px->json) {
			json_list_item(json, json_entry(&e));
			continue;
		}
		n = entry_print(&e, line, sizeof line - 1);
		line[n] = '\n';
		if (fwrite(line, 1, n + 1, out) == n + 1)
			continue;
		/* Who reads through head(1) has what he wants. */
		if (out == px->out && errno == EPIPE)
			return EX_OK;
		return fail(EX_IOERR, "export: %s", strerror(errno));
	}
	return status;
}

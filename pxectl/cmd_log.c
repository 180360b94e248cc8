/* log and undo: the change log that each transaction writes. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "command.h"
#include "json.h"
#include "text.h"

struct show {
	struct pxectl *px;
	struct json_list list;
	unsigned long left;
};

struct find {
	uint64_t number;	/* 0: the newest */
	char *lines;
	bool failed;
	bool damaged;
};

static bool show_one(void *, uint64_t, uint64_t, const char *, const char *,
    const char *, size_t);
static bool find_one(void *, uint64_t, uint64_t, const char *, const char *,
    const char *, size_t);
static int take_back(struct pxectl *, const char *, char);
static int take_back_line(struct pxectl *, const char *, const char *, char);
static bool is_as_left(struct pxectl *, const struct entry *);
static int count(const char *, uint64_t *);

int
cmd_log(struct pxectl *px, int n, char **arg)
{
	struct show s = { .px = px, .left = 20 };
	struct hostdb_edit_error err;
	uint64_t left = 20;

	if (n > 0 && count(arg[0], &left) != EX_OK)
		return EX_USAGE;
	s.left = left;
	if (px->json)
		json_list_begin(&s.list, px->out);
	if (s.left > 0 && !hostdb_edit_log(px->edit, show_one, &s, &err))
		return fail_edit(&err);
	if (px->json)
		json_list_end(&s.list);
	return EX_OK;
}

int
cmd_undo(struct pxectl *px, int n, char **arg)
{
	struct hostdb_edit_error err;
	struct find f = { 0 };
	int status;

	if (n > 0 && count(arg[0], &f.number) != EX_OK)
		return EX_USAGE;
	if (!hostdb_edit_log(px->edit, find_one, &f, &err))
		return fail_edit(&err);
	if (f.failed)
		return fail(EX_OSERR, "%s", strerror(ENOMEM));
	if (f.damaged)
		return fail(EX_DATAERR, "change %llu: its record in the log "
		    "is damaged%s", (unsigned long long)f.number, n > 0 ? "" :
		    " (pxectl undo NUMBER takes an older one back)");
	if (f.lines == NULL)
		return fail(EX_DATAERR, "%s: no such change (pxectl log)",
		    n > 0 ? arg[0] : "undo");
	if (f.lines[0] != '+' && f.lines[0] != '-') {
		free(f.lines);
		return fail(EX_DATAERR, "change %llu: too large, the log does "
		    "not have it all", (unsigned long long)f.number);
	}
	/* What came goes first: what went may have had the same address. */
	status = session_begin(px);
	if (status == EX_OK)
		status = take_back(px, f.lines, '+');
	if (status == EX_OK)
		status = take_back(px, f.lines, '-');
	fprintf(px->out, "change %llu is undone\n",
	    (unsigned long long)f.number);
	free(f.lines);
	return status;
}

static bool
show_one(void *arg, uint64_t number, uint64_t time, const char *who,
    const char *verb, const char *lines, size_t n)
{
	struct show *s = arg;
	const char *end;
	char when[64];
	json_t *all;

	if (verb == NULL) {
		if (s->px->json)
			json_list_item(&s->list, json_pack("{s:I, s:b}",
			    "number", (json_int_t)number, "damaged", 1));
		else
			fprintf(s->px->out, "%llu damaged\n",
			    (unsigned long long)number);
		return --s->left > 0;
	}
	text_time(when, sizeof when, time * 1000000000);
	when[strcspn(when, ".")] = '\0';
	all = json_array();
	if (!s->px->json)
		fprintf(s->px->out, "%llu  %s  %s  %s\n",
		    (unsigned long long)number, when, who, verb);
	while (n > 0 && (end = memchr(lines, '\n', n)) != NULL) {
		if (s->px->json)
			json_array_append_new(all, json_stringn(lines,
			    (size_t)(end - lines)));
		else
			fprintf(s->px->out, "    %.*s\n", (int)(end - lines),
			    lines);
		n -= (size_t)(end + 1 - lines);
		lines = end + 1;
	}
	if (s->px->json)
		json_list_item(&s->list, json_pack(
		    "{s:I, s:I, s:o, s:o, s:O}", "number", (json_int_t)number,
		    "time", (json_int_t)time, "who",
		    json_text(who), "verb", json_text(verb), "lines", all));
	json_decref(all);
	return --s->left > 0;
}

static bool
find_one(void *arg, uint64_t number, uint64_t time, const char *who,
    const char *verb, const char *lines, size_t n)
{
	struct find *f = arg;

	(void)time;
	(void)who;
	if (f->number != 0 && number != f->number)
		return number > f->number;
	f->number = number;
	f->damaged = verb == NULL;
	if (f->damaged)
		return false;
	f->lines = strndup(lines, n);
	f->failed = f->lines == NULL;
	return false;
}

/* All lines with that sign. */
static int
take_back(struct pxectl *px, const char *lines, char sign)
{
	const char *line = lines, *end;
	int status = EX_OK;

	for (; status == EX_OK && (end = strchr(line, '\n')) != NULL;
	    line = end + 1)
		if (line[0] == sign)
			status = take_back_line(px, line + 1, end, sign);
	return status;
}

static int
take_back_line(struct pxectl *px, const char *line, const char *end,
    char sign)
{
	char text[ENTRY_NAME_MAX + 16];
	struct entry e;

	if (!entry_load(&e, line, (size_t)(end - line)))
		return fail(EX_DATAERR, "undo: the log is damaged: %.*s",
		    (int)(end - line), line);
	if (sign == '-')
		return put_entry(px, &e, true);
	text_entry(text, sizeof text, &e);
	if (!is_as_left(px, &e))
		return fail(EX_DATAERR, "%s: was changed since: undo that "
		    "first (pxectl log)", text);
	return delete_entry(px, e.kind, entry_name(&e));
}

static bool
is_as_left(struct pxectl *px, const struct entry *e)
{
	char now[ENTRY_LINE_MAX + 1], then[ENTRY_LINE_MAX + 1];
	struct entry found;

	return hostdb_edit_get(px->edit, e->kind, entry_name(e), &found) ==
	    HOSTDB_OK && entry_print(&found, now, sizeof now) > 0 &&
	    entry_print(e, then, sizeof then) > 0 && strcmp(now, then) == 0;
}

static int
count(const char *text, uint64_t *v)
{
	char *end;

	errno = 0;
	*v = strtoull(text, &end, 10);
	if (*text < '0' || *text > '9' || *end != '\0' || errno != 0)
		return fail(EX_USAGE, "%s: not a number", text);
	return EX_OK;
}

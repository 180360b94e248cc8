#include <string.h>
#include <sysexits.h>

#include "command.h"
#include "target.h"
#include "text.h"

static int add(struct pxectl *, enum entry_kind, int, char **);
static int delete(struct pxectl *, enum entry_kind, int, char **);
static int set_all(struct pxectl *, const char *, int, char **);
static int set_one(struct pxectl *, enum entry_kind, const char *, int,
    char **);
static bool not_there(struct pxectl *, enum entry_kind, const char *);

int
cmd_add_subnet(struct pxectl *px, int n, char **arg)
{
	return add(px, ENTRY_SUBNET, n, arg);
}

int
cmd_add_group(struct pxectl *px, int n, char **arg)
{
	return add(px, ENTRY_GROUP, n, arg);
}

int
cmd_delete_subnet(struct pxectl *px, int n, char **arg)
{
	return delete(px, ENTRY_SUBNET, n, arg);
}

int
cmd_delete_group(struct pxectl *px, int n, char **arg)
{
	return delete(px, ENTRY_GROUP, n, arg);
}

int
cmd_set(struct pxectl *px, int n, char **arg)
{
	int targets = 0, status = EX_OK;

	while (targets < n && strchr(arg[targets], '=') == NULL)
		targets++;
	if (targets == 0 || targets == n)
		return fail(EX_USAGE, "usage: pxectl set TARGET ... "
		    "attribute=value ...");
	for (int i = 0; i < targets && status == EX_OK; i++)
		status = set_all(px, arg[i], n - targets, arg + targets);
	return status;
}

int
cmd_unset(struct pxectl *px, int n, char **arg)
{
	char name[ENTRY_NAME_MAX + 1], text[ENTRY_NAME_MAX + 16];
	struct entry_error err;
	struct target t;
	struct entry e;
	int status;

	for (int i = 1; i < n; i++)
		if (strchr(arg[i], '=') != NULL)
			return fail(EX_USAGE, "%s: the attribute's name "
			    "alone, please", arg[i]);
	status = target_open(&t, arg[0]);
	while (status == EX_OK && target_next(&t, name)) {
		status = get_entry(px, t.kind, name, &e);
		for (int i = 1; i < n && status == EX_OK; i++)
			if (!entry_set(&e, arg[i], NULL, &err)) {
				text_entry(text, sizeof text, &e);
				status = fail(EX_DATAERR, "%s: %s", text,
				    err.why);
			}
		if (status == EX_OK)
			status = put_entry(px, &e, false);
	}
	return status;
}

static int
add(struct pxectl *px, enum entry_kind kind, int n, char **arg)
{
	struct entry_error err;
	char line[ENTRY_LINE_MAX];
	struct entry e;
	int status;

	if (!entry_init(&e, kind, arg[0], &err)) {
		if (kind == ENTRY_SUBNET &&
		    text_network_meant(line, sizeof line, arg[0]))
			return fail(EX_DATAERR, "%s: is no network: is %s "
			    "meant?", arg[0], line);
		return fail(EX_DATAERR, "%s: %s", arg[0], err.why);
	}
	status = entry_words(&e, n - 1, arg + 1);
	if (status == EX_OK)
		status = put_entry(px, &e, true);
	if (status == EX_OK && entry_print(&e, line, sizeof line) > 0)
		fprintf(px->out, "%s\n", line);
	return status;
}

static int
delete(struct pxectl *px, enum entry_kind kind, int n, char **arg)
{
	char name[ENTRY_NAME_MAX + 1];
	struct target t = { .kind = kind };
	const char *why;
	int status = EX_OK;

	for (int i = 0; i < n && status == EX_OK; i++) {
		why = range_open(&t.range, arg[i]);
		if (why != NULL)
			return fail(EX_USAGE, "%s: %s", arg[i], why);
		while (status == EX_OK && target_next(&t, name)) {
			status = delete_entry(px, kind, name);
			fprintf(px->out, "%s: deleted\n", name);
		}
	}
	return status;
}

static int
set_all(struct pxectl *px, const char *word, int n, char **values)
{
	char name[ENTRY_NAME_MAX + 1];
	struct target t;
	int status;

	status = target_open(&t, word);
	while (status == EX_OK && target_next(&t, name))
		status = set_one(px, t.kind, name, n, values);
	return status;
}

static int
set_one(struct pxectl *px, enum entry_kind kind, const char *name, int n,
    char **values)
{
	struct entry_error err;
	struct entry e;
	int status;

	/* The site is always there for those who set something on it. */
	if (kind == ENTRY_SITE && not_there(px, kind, name))
		status = entry_init(&e, kind, name, &err) ? EX_OK :
		    fail(EX_SOFTWARE, "site: %s", err.why);
	else
		status = get_entry(px, kind, name, &e);
	if (status == EX_OK)
		status = entry_words(&e, n, values);
	if (status == EX_OK)
		status = put_entry(px, &e, false);
	return status;
}

static bool
not_there(struct pxectl *px, enum entry_kind kind, const char *name)
{
	struct entry e;

	return hostdb_edit_get(px->edit, kind, name, &e) == HOSTDB_NOT_FOUND;
}

#include <string.h>
#include <sysexits.h>

#include "command.h"
#include "host.h"
#include "json.h"
#include "name.h"
#include "target.h"
#include "text.h"

static int show_host(struct pxectl *, const char *);
static int show_entry(struct pxectl *, enum entry_kind, const char *);
struct list;
static int list_all(struct pxectl *, const struct list *);
static int widen(struct pxectl *, const struct list *, int *);
static const char *identity(const struct entry *);
static const char *value(const struct entry *, enum attribute_id);

#define COLUMNS	4
#define IDENTITY ATTRIBUTES	/* for a column: whatever it is known by */

static const struct list {
	const char *word;
	enum entry_kind kind;
	/* The first column is the name, the last as wide as it is. */
	const char *heads[COLUMNS];
	unsigned of[COLUMNS];
	int width[COLUMNS];	/* at least */
} lists[] = {
	{ "hosts", ENTRY_HOST, { "NAME", "IDENTITY", "ADDRESS", "GROUP" },
	    { 0, IDENTITY, A_ADDRESS, A_GROUP }, { 24, 24, 16, 0 } },
	{ "groups", ENTRY_GROUP, { "NAME", "GROUP", "LOADER", "KERNEL" },
	    { 0, A_GROUP, A_LOADER, A_KERNEL }, { 24, 16, 11, 0 } },
	{ "subnets", ENTRY_SUBNET, { "NETWORK", "ROUTER", "NEXT-SERVER" },
	    { 0, A_ROUTER, A_NEXT_SERVER }, { 24, 16, 0 } },
	{ .word = NULL }
};

int
cmd_show(struct pxectl *px, int n, char **arg)
{
	char name[ENTRY_NAME_MAX + 1];
	struct target t;
	int status = EX_OK;

	for (int i = 0; i < n && status == EX_OK; i++) {
		if (name_of_word(px->db, arg[i], name)) {
			status = show_host(px, name);
			continue;
		}
		status = target_open(&t, arg[i]);
		while (status == EX_OK && target_next(&t, name))
			status = t.kind == ENTRY_HOST ? show_host(px, name) :
			    show_entry(px, t.kind, name);
	}
	return status;
}

int
cmd_list(struct pxectl *px, int n, char **arg)
{
	const struct list *l;

	for (l = lists; n > 0 && l->word != NULL; l++)
		if (strcmp(arg[0], l->word) == 0)
			break;
	if (l->word == NULL)
		return fail(EX_USAGE, "%s: not hosts, groups or subnets",
		    arg[0]);
	return list_all(px, l);
}

static const char *
cell(const struct list *l, const struct entry *e, unsigned column)
{
	if (column == 0)
		return entry_name(e);
	return l->of[column] == IDENTITY ? identity(e) :
	    value(e, (enum attribute_id)l->of[column]);
}

static void
print_row(FILE *out, const struct list *l, const struct entry *e,
    const int *width)
{
	for (unsigned i = 0; i < COLUMNS && l->heads[i] != NULL; i++) {
		const char *text = e != NULL ? cell(l, e, i) : l->heads[i];

		if (i + 1 == COLUMNS || l->heads[i + 1] == NULL)
			fprintf(out, "%s\n", text);
		else
			fprintf(out, "%-*s ", width[i], text);
	}
}

static int
list_all(struct pxectl *px, const struct list *l)
{
	int status = EX_OK, width[COLUMNS];
	struct json_list json;
	struct hostdb_walk w;
	enum hostdb_status s;
	struct entry e;

	if (px->json)
		json_list_begin(&json, px->out);
	else if ((status = widen(px, l, width)) != EX_OK)
		return status;
	else
		print_row(px->out, l, NULL, width);
	hostdb_walk(&w, l->kind);
	while ((s = hostdb_next(px->db, &w, &e)) != HOSTDB_NOT_FOUND) {
		if (s == HOSTDB_ERROR)
			return fail_lookup(s, l->kind, l->word);
		if (s == HOSTDB_DAMAGED)
			status = fail(EX_DATAERR, "%s: an entry is damaged: "
			    "pxectl check", l->word);
		else if (px->json)
			json_list_item(&json, json_entry(&e));
		else
			print_row(px->out, l, &e, width);
	}
	if (px->json)
		json_list_end(&json);
	return status;
}

/* Long names and UUIDs must not push the columns behind them about. */
static int
widen(struct pxectl *px, const struct list *l, int *width)
{
	struct hostdb_walk w;
	enum hostdb_status s;
	struct entry e;

	memcpy(width, l->width, sizeof l->width);
	hostdb_walk(&w, l->kind);
	while ((s = hostdb_next(px->db, &w, &e)) != HOSTDB_NOT_FOUND) {
		if (s == HOSTDB_ERROR)
			return fail_lookup(s, l->kind, l->word);
		for (unsigned i = 0; s == HOSTDB_OK && i < COLUMNS &&
		    l->heads[i] != NULL; i++) {
			const size_t n = strlen(cell(l, &e, i));

			if (n > (size_t)width[i])
				width[i] = (int)n;
		}
	}
	return EX_OK;
}

static int
show_host(struct pxectl *px, const char *name)
{
	char attribute[ATTRIBUTE_NAME_SIZE], from[ENTRY_NAME_MAX + 16];
	char text[ENTRY_LINE_MAX];
	struct host_step step = { 0 };
	enum hostdb_status s;
	struct host h;

	s = host_by_name(&h, px->db, name);
	if (s == HOSTDB_NOT_FOUND &&
	    hostdb_shared(px->db, ENTRY_GROUP, name) != NULL)
		return fail_group(name);
	if (s != HOSTDB_OK)
		return fail_lookup(s, ENTRY_HOST, name);
	if (px->json)
		return json_print(json_host(&h), px->out);
	fprintf(px->out, "host %s\n", entry_name(&h.own));
	while (text_host_next(&h, &step)) {
		text_attribute(attribute, sizeof attribute, step.id,
		    step.suffix);
		text_entry(from, sizeof from, step.from);
		if (step.from == h.layer[0])
			fprintf(px->out, "    %-15s %s\n", attribute,
			    step.value);
		else
			fprintf(px->out, "    %-15s %-31s %s\n", attribute,
			    step.value, from);
		if (text_host_expanded(&h, &step, text, sizeof text))
			fprintf(px->out, "    %-15s = %s\n", "", text);
	}
	return EX_OK;
}

static int
show_entry(struct pxectl *px, enum entry_kind kind, const char *name)
{
	char attribute[ATTRIBUTE_NAME_SIZE], text[ENTRY_NAME_MAX + 16];
	enum hostdb_status s;
	struct entry e;

	s = hostdb_get(px->db, kind, name, &e);
	if (s != HOSTDB_OK)
		return fail_lookup(s, kind, name);
	if (px->json)
		return json_print(json_entry(&e), px->out);
	text_entry(text, sizeof text, &e);
	fprintf(px->out, "%s\n", text);
	for (size_t i = 0; i < e.n; i++) {
		text_attribute(attribute, sizeof attribute, e.values[i].id,
		    e.text + e.values[i].suffix);
		fprintf(px->out, "    %-15s %s\n", attribute,
		    e.text + e.values[i].value);
	}
	return EX_OK;
}

static const char *
value(const struct entry *e, enum attribute_id id)
{
	const char *v = entry_get(e, id, NULL);

	return v != NULL && v[0] != '\0' ? v : "-";
}

/* The first in order of precedence. */
static const char *
identity(const struct entry *e)
{
	static const enum attribute_id ids[] = { A_MAC, A_HW, A_CLIENT_ID,
	    A_UUID, A_CIRCUIT_ID, A_REMOTE_ID };
	const char *id = NULL;

	for (size_t i = 0; id == NULL && i < sizeof ids / sizeof *ids; i++)
		id = entry_get(e, ids[i], NULL);
	return id != NULL ? id : "-";
}

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
static void row_host(FILE *, const struct entry *);
static void row_group(FILE *, const struct entry *);
static void row_subnet(FILE *, const struct entry *);

static const struct list {
	const char *word;
	enum entry_kind kind;
	const char *head;
	void (*row)(FILE *, const struct entry *);
} lists[] = {
	{ "hosts", ENTRY_HOST,
	    "NAME                     IDENTITY                 "
	    "ADDRESS          GROUP\n", row_host },
	{ "groups", ENTRY_GROUP,
	    "NAME                     GROUP            LOADER      KERNEL\n",
	    row_group },
	{ "subnets", ENTRY_SUBNET,
	    "NETWORK                  ROUTER           NEXT-SERVER\n",
	    row_subnet },
	{ NULL, ENTRY_HOST, NULL, NULL }
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
	struct json_list json;
	struct hostdb_walk w;
	enum hostdb_status s;
	struct entry e;
	int status = EX_OK;

	for (l = lists; n > 0 && l->word != NULL; l++)
		if (strcmp(arg[0], l->word) == 0)
			break;
	if (l->word == NULL)
		return fail(EX_USAGE, "%s: not hosts, groups or subnets",
		    arg[0]);
	if (px->json)
		json_list_begin(&json, px->out);
	else
		fputs(l->head, px->out);
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
			l->row(px->out, &e);
	}
	if (px->json)
		json_list_end(&json);
	return status;
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

/* The first identity in order of precedence. */
static void
row_host(FILE *out, const struct entry *e)
{
	static const enum attribute_id ids[] = { A_MAC, A_HW, A_CLIENT_ID,
	    A_UUID, A_CIRCUIT_ID, A_REMOTE_ID };
	const char *id = NULL;

	for (size_t i = 0; id == NULL && i < sizeof ids / sizeof *ids; i++)
		id = entry_get(e, ids[i], NULL);
	fprintf(out, "%-24s %-24s %-16s %s\n", entry_name(e),
	    id != NULL ? id : "-", value(e, A_ADDRESS), value(e, A_GROUP));
}

static void
row_group(FILE *out, const struct entry *e)
{
	fprintf(out, "%-24s %-16s %-11s %s\n", entry_name(e),
	    value(e, A_GROUP), value(e, A_LOADER), value(e, A_KERNEL));
}

static void
row_subnet(FILE *out, const struct entry *e)
{
	fprintf(out, "%-24s %-16s %s\n", entry_name(e), value(e, A_ROUTER),
	    value(e, A_NEXT_SERVER));
}

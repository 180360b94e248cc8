#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "attribute.h"
#include "command.h"
#include "json.h"
#include "text.h"

static json_t *line_json(const char *);

json_t *
json_text(const char *s)
{
	json_t *v = json_string(s);
	char *copy;

	if (v != NULL || (copy = strdup(s)) == NULL)
		return v;
	for (char *c = copy; *c != '\0'; c++)
		if ((unsigned char)*c >= 0x80)
			*c = '?';
	v = json_string(copy);
	free(copy);
	return v;
}

json_t *
json_entry(const struct entry *e)
{
	json_t *attributes = json_object(), *o;
	char name[ATTRIBUTE_NAME_SIZE];

	for (size_t i = 0; i < e->n; i++) {
		text_attribute(name, sizeof name, e->values[i].id,
		    e->text + e->values[i].suffix);
		json_object_set_new(attributes, name,
		    json_text(e->text + e->values[i].value));
	}
	o = json_pack("{s:s, s:o, s:o}", "kind", entry_kind_name(e->kind),
	    "name", json_text(entry_name(e)), "attributes", attributes);
	if (o == NULL)
		json_decref(attributes);
	return o;
}

json_t *
json_host(const struct host *h)
{
	json_t *o = json_entry(&h->own);
	json_t *attributes = json_object_get(o, "attributes");
	json_t *from = json_object(), *expanded = json_object();
	char name[ATTRIBUTE_NAME_SIZE], text[ENTRY_LINE_MAX];
	struct host_step step = { 0 };

	while (text_host_next(h, &step)) {
		text_attribute(name, sizeof name, step.id, step.suffix);
		json_object_set_new(attributes, name, json_text(step.value));
		text_entry(text, sizeof text, step.from);
		json_object_set_new(from, name, json_text(text));
		if (text_host_expanded(h, &step, text, sizeof text))
			json_object_set_new(expanded, name, json_text(text));
	}
	json_object_set_new(o, "expanded", expanded);
	json_object_set_new(o, "from", from);
	return o;
}

json_t *
json_event(const struct event_record *e, const char *name)
{
	char identity[IDENTITY_TEXT_MAX], address[64], detail[160];

	text_event_detail(detail, sizeof detail, e);
	return json_pack("{s:I, s:f, s:s, s:s, s:s, s:o*, s:o*, s:o*, s:I, "
	    "s:I, s:o*}",
	    "seq", (json_int_t)e->seq,
	    "time", (double)(e->time / 1000) / 1e6,
	    "program", event_program_name(e->program),
	    "stage", event_stage_name(e->stage),
	    "reason", event_reason_name(e->reason),
	    "name", name[0] == '\0' ? json_null() : json_text(name),
	    "identity", text_event_identity(identity, sizeof identity, e) ?
		json_text(identity) : json_null(),
	    "address", text_event_address(address, sizeof address, e) ?
		json_text(address) : json_null(),
	    "bytes", (json_int_t)e->bytes, "ms", (json_int_t)e->ms,
	    "detail", detail[0] == '\0' ? json_null() : json_text(detail));
}

int
json_changes(struct changes *c, FILE *out)
{
	struct json_list list;

	changes_join(c);
	json_list_begin(&list, out);
	for (size_t i = 0; i < c->n; i++)
		if (!json_list_item(&list, json_pack("{s:o, s:o}", "before",
		    line_json(c->list[i].before), "after",
		    line_json(c->list[i].after))))
			return fail(EX_OSERR, "%s", strerror(ENOMEM));
	json_list_end(&list);
	return EX_OK;
}

int
json_print(json_t *v, FILE *out)
{
	bool good;

	if (v == NULL)
		return fail(EX_OSERR, "%s", strerror(ENOMEM));
	good = json_dumpf(v, out, JSON_INDENT(2) | JSON_ENCODE_ANY) == 0;
	json_decref(v);
	putc('\n', out);
	return good ? EX_OK : fail(EX_IOERR, "standard output: %s",
	    strerror(errno));
}

void
json_list_begin(struct json_list *l, FILE *out)
{
	*l = (struct json_list){ out, 0 };
	putc('[', out);
}

bool
json_list_item(struct json_list *l, json_t *v)
{
	if (v == NULL)
		return false;
	fputs(l->n++ == 0 ? "\n" : ",\n", l->out);
	json_dumpf(v, l->out, JSON_ENCODE_ANY);
	json_decref(v);
	return true;
}

void
json_list_end(struct json_list *l)
{
	fputs(l->n == 0 ? "]\n" : "\n]\n", l->out);
}

static json_t *
line_json(const char *line)
{
	struct entry e;

	if (line == NULL || !entry_load(&e, line, strlen(line)))
		return json_null();
	return json_entry(&e);
}

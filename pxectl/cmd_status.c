#include <errno.h>
#include <string.h>
#include <sysexits.h>

#include "command.h"
#include "json.h"
#include "machine.h"
#include "name.h"
#include "target.h"
#include "text.h"

#define STAGES	16	/* more than event.h has, and reasons below */
#define REASONS	32

static int server(struct pxectl *);
static void row(struct pxectl *, const struct machine *);
static json_t *row_json(const struct machine *);

int
cmd_status(struct pxectl *px, int n, char **arg)
{
	struct machines all = { 0 };
	struct json_list list;
	struct event_record e;
	uint64_t seq = 0, end = event_head(px->events);
	char name[NAME_SIZE];
	int status;

	if (option(px, OPT_SERVER) != NULL)
		return server(px);
	status = target_known(px, n, arg);
	if (status != EX_OK)
		return status;
	while (status == EX_OK &&
	    event_next_before(px->events, &seq, end, &e)) {
		name_of_event(px->db, &e, name, sizeof name);
		if (name[0] != '\0' && machines_add(&all, name, &e) == NULL)
			status = fail(EX_OSERR, "%s", strerror(ENOMEM));
	}
	machines_sort(&all);
	if (px->json)
		json_list_begin(&list, px->out);
	else
		fprintf(px->out, "%-24s %-10s %-16s %9s  %s\n", "HOST",
		    "STAGE", "ADDRESS", "AGO", "TOOK");
	for (size_t i = 0; i < all.n; i++) {
		if (!target_among(all.list[i]->name, n, arg))
			continue;
		if (px->json)
			json_list_item(&list, row_json(all.list[i]));
		else
			row(px, all.list[i]);
	}
	if (px->json)
		json_list_end(&list);
	machines_free(&all);
	return status;
}

/* Of a storm, bootpd records one event a second, for many packets. */
static unsigned long
packets(const struct event_record *e)
{
	return e->program == EVENT_BOOTPD && e->reason == EVENT_LIMIT &&
	    e->number > 0 ? (unsigned long)e->number : 1;
}

/* All that is in the ring, by stage, and silences by their reason. */
static int
server(struct pxectl *px)
{
	unsigned long stages[STAGES] = { 0 }, reasons[REASONS] = { 0 };
	json_t *by_stage = json_object(), *by_reason = json_object();
	struct event_record e;
	uint64_t seq = 0, end = event_head(px->events), first = 0;
	char when[64] = "-";

	while (event_next_before(px->events, &seq, end, &e)) {
		if (first == 0)
			first = e.time;
		if (machine_event_good(&e) && e.stage < STAGES)
			stages[e.stage]++;
		else if (e.reason < REASONS)
			reasons[e.reason] += packets(&e);
	}
	if (first != 0)
		text_time(when, sizeof when, first);
	if (!px->json)
		fprintf(px->out, "since %s\n", when);
	for (unsigned i = 1; i < STAGES; i++) {
		if (stages[i] == 0)
			continue;
		json_object_set_new(by_stage, event_stage_name(i),
		    json_integer((json_int_t)stages[i]));
		if (!px->json)
			fprintf(px->out, "%8lu  %s\n", stages[i],
			    event_stage_name(i));
	}
	for (unsigned i = 1; i < REASONS; i++) {
		if (reasons[i] == 0)
			continue;
		json_object_set_new(by_reason, event_reason_name(i),
		    json_integer((json_int_t)reasons[i]));
		if (!px->json)
			fprintf(px->out, "%8lu  no answer: %s\n", reasons[i],
			    event_reason_text(i));
	}
	if (px->json)
		return json_print(json_pack("{s:f, s:o, s:o}", "since",
		    (double)(first / 1000) / 1e6, "stages", by_stage,
		    "reasons", by_reason), px->out);
	json_decref(by_stage);
	json_decref(by_reason);
	return EX_OK;
}

static const char *
stage_of(const struct machine *m)
{
	return m->stage != 0 ? event_stage_name(m->stage) :
	    event_reason_name(m->last.reason);
}

static void
row(struct pxectl *px, const struct machine *m)
{
	char address[64], ago[32], took[32];

	text_event_address(address, sizeof address, &m->last);
	text_span(ago, sizeof ago,
	    machine_span(m->last.time, machines_now()));
	text_span(took, sizeof took, machine_span(m->began, m->reached));
	fprintf(px->out, "%-24s %-10s %-16s %9s  %s%s\n", m->name,
	    stage_of(m), address, ago, took, m->declined ?
	    "  declined: another machine uses its address" : "");
}

static json_t *
row_json(const struct machine *m)
{
	char address[64];

	text_event_address(address, sizeof address, &m->last);
	return json_pack("{s:o, s:s, s:s, s:o, s:b, s:f, s:f, s:f}",
	    "name", json_text(m->name), "stage", stage_of(m),
	    "reason", event_reason_name(m->last.reason),
	    "address", json_text(address), "declined", m->declined,
	    "began", (double)(m->began / 1000) / 1e6,
	    "reached", (double)(m->reached / 1000) / 1e6,
	    "last", (double)(m->last.time / 1000) / 1e6);
}

#include <sysexits.h>

#include "attribute.h"
#include "command.h"
#include "hint.h"
#include "json.h"
#include "machine.h"
#include "name.h"
#include "target.h"
#include "text.h"

/* Who is meant, as far as the database and the words tell. */
struct wanted {
	char name[ENTRY_NAME_MAX + 1];	/* "" if it has none */
	bool registered;
	struct identity id;		/* IDENTITY_NONE: any */
	uint32_t address;		/* 0: any */
};

static void find(struct pxectl *, const char *, struct wanted *);
static bool is_wanted(struct pxectl *, const struct wanted *,
    const struct event_record *);
static bool last_boot(struct pxectl *, const struct wanted *,
    struct machine *, uint64_t *, unsigned *);
static void line(struct pxectl *, const struct event_record *, uint64_t);
static void verdict(struct pxectl *, const struct machine *);

int
cmd_why(struct pxectl *px, int n, char **arg)
{
	struct machine m = { .name = arg[0] };
	struct json_list list;
	struct wanted w;
	struct event_record e;
	uint64_t start, seq, end, before = 0;
	char name[NAME_SIZE];
	unsigned older;

	(void)n;
	find(px, target_host(arg[0]), &w);
	if (!last_boot(px, &w, &m, &start, &older)) {
		if (!w.registered)
			return fail(EX_NOHOST, "%s: not registered, and it "
			    "never asked", arg[0]);
		if (px->json)
			fputs("[]\n", px->out);
		else
			fprintf(px->out, "%s never asked: look at its cable, "
			    "its boot order, and its switch port's VLAN\n",
			    w.name);
		return EX_OK;
	}
	end = m.last.seq;
	seq = option(px, OPT_ALL) != NULL ? 0 : start;
	if (px->json)
		json_list_begin(&list, px->out);
	else if (seq != 0 && older > 0)
		fprintf(px->out, "(%u older events: --all)\n", older);
	while (event_next(px->events, &seq, &e) && e.seq <= end) {
		if (!is_wanted(px, &w, &e))
			continue;
		/* How far a file has come matters while it is on its way. */
		if (e.stage == EVENT_PROGRESS && e.seq != end && !px->json)
			continue;
		name_of_event(px->db, &e, name, sizeof name);
		/* By its card or switch port another name may have come. */
		if (!px->json && before == 0 && name[0] != '\0' &&
		    !name_is(name, target_host(arg[0])))
			fprintf(px->out, "This is %s.\n", name);
		if (px->json)
			json_list_item(&list, json_event(&e, name));
		else
			line(px, &e, before == 0 ? 0 :
			    machine_span(before, e.time));
		before = e.time;
	}
	if (px->json)
		json_list_end(&list);
	else
		verdict(px, &m);
	return EX_OK;
}

/* A host's name, an address, or an identity, tried in this order. */
static void
find(struct pxectl *px, const char *word, struct wanted *w)
{
	struct hostdb_ref ref;
	struct entry e;

	*w = (struct wanted){ 0 };
	if (hostdb_get(px->db, ENTRY_HOST, word, &e) == HOSTDB_OK) {
		snprintf(w->name, sizeof w->name, "%s", entry_name(&e));
		w->registered = true;
		return;
	}
	if (attribute_address(word, &w->address))
		w->registered = hostdb_by_address(px->db, w->address,
		    &ref) == HOSTDB_OK;
	else if (identity_parse(&w->id, word))
		w->registered = hostdb_by_identity(px->db, &w->id, &ref) ==
		    HOSTDB_OK;
	else
		w->id.kind = IDENTITY_NONE;
	if (w->registered)
		snprintf(w->name, sizeof w->name, "%s", ref.name);
	else if (w->address == 0 && w->id.kind == IDENTITY_NONE)
		snprintf(w->name, sizeof w->name, "%s", word);
}

static bool
is_wanted(struct pxectl *px, const struct wanted *w,
    const struct event_record *e)
{
	struct identity id;
	char name[NAME_SIZE];
	uint32_t address;

	name_of_event(px->db, e, name, sizeof name);
	/* Addresses pass from host to host. */
	if (w->name[0] != '\0' && name[0] != '\0')
		return name_is(name, w->name);
	if (w->id.kind != IDENTITY_NONE && text_event_id(e, &id) &&
	    identity_equal(&w->id, &id))
		return true;
	return w->address != 0 && text_event_ipv4(e, &address) &&
	    address == w->address;
}

/* Where its last boot begins, and how many events lie before. */
static bool
last_boot(struct pxectl *px, const struct wanted *w, struct machine *m,
    uint64_t *start, unsigned *older)
{
	struct machines one = { 0 };
	const struct machine *found = NULL;
	struct event_record e;
	uint64_t seq = 0, end = event_head(px->events);
	char *word;

	*start = 0;
	*older = 0;
	while (event_next_before(px->events, &seq, end, &e)) {
		if (!is_wanted(px, w, &e))
			continue;
		if (found != NULL && machine_begins(found, &e)) {
			*older = found->events;
			*start = e.seq;
		}
		found = machines_add(&one, m->name, &e);
		if (found == NULL)
			break;
	}
	if (found != NULL) {
		word = m->name;
		*m = *found;
		m->name = word;
	}
	machines_free(&one);
	return found != NULL;
}

static void
line(struct pxectl *px, const struct event_record *e, uint64_t since)
{
	char when[64], address[64], detail[160], span[32], bytes[32];
	const char *todo = hint_reason((enum event_reason)e->reason);

	text_time(when, sizeof when, e->time);
	text_event_address(address, sizeof address, e);
	text_event_detail(detail, sizeof detail, e);
	text_span(span, sizeof span, since);
	fprintf(px->out, "%s %8s  %-10s %-9s %-15s", when, span,
	    event_program_name(e->program), event_stage_name(e->stage),
	    address);
	if (e->bytes > 0) {
		text_bytes(bytes, sizeof bytes, e->bytes);
		fprintf(px->out, " %s", bytes);
		text_span(span, sizeof span, (uint64_t)e->ms * 1000000);
		fprintf(px->out, " in %s", span);
	}
	fprintf(px->out, "%s%s\n", detail[0] != '\0' ? " " : "", detail);
	if (e->reason != EVENT_OK)
		fprintf(px->out, "%35s%s%s%s\n", "",
		    event_reason_text(e->reason), todo != NULL ? ": " : "",
		    todo != NULL ? todo : "");
}

static void
verdict(struct pxectl *px, const struct machine *m)
{
	const char *hint = hint_stage(m->stage);
	char span[32];

	text_span(span, sizeof span, machine_span(m->began, m->reached));
	if (m->declined)
		fputs("It declined its address: another machine uses it. "
		    "Find that one (ping, then arp -an), or set address=\n",
		    px->out);
	else if (m->stage == EVENT_UP)
		fprintf(px->out, "It is up, after %s.\n", span);
	else if (hint != NULL)
		fprintf(px->out, "It came as far as `%s', after %s.\n%s\n",
		    event_stage_name(m->stage), span, hint);
}

/* events, watch, unknown: what is read from the ring one by one. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "command.h"
#include "json.h"
#include "machine.h"
#include "name.h"
#include "target.h"
#include "text.h"

#define POLL_MS	50	/* the ring has nothing to wait on */

typedef void print_event(struct pxectl *, struct machines *,
    const struct event_record *);

static int follow(struct pxectl *, int, char **, uint64_t, bool,
    print_event *);
static bool reader_is_there(void);
static print_event event_line, event_json, watch_line;
static int unknown_json(struct pxectl *, const struct machines *);
static bool registered(struct pxectl *, const struct identity *);

static volatile sig_atomic_t stopped;

static void
stop(int signal)
{
	(void)signal;
	stopped = 1;
}

int
cmd_events(struct pxectl *px, int n, char **arg)
{
	return follow(px, n, arg, option(px, OPT_NEW) != NULL ?
	    event_head(px->events) : 0, option(px, OPT_FOLLOW) != NULL ||
	    option(px, OPT_NEW) != NULL,
	    px->json ? event_json : event_line);
}

int
cmd_watch(struct pxectl *px, int n, char **arg)
{
	return follow(px, n, arg, option(px, OPT_ALL) != NULL ? 0 :
	    event_head(px->events), true,
	    px->json ? event_json : watch_line);
}

int
cmd_unknown(struct pxectl *px, int n, char **arg)
{
	struct machines all = { 0 };
	const struct machine *m;
	struct identity id;
	struct event_record e;
	char text[IDENTITY_TEXT_MAX], age[32], detail[160], address[64];
	uint64_t seq = 0, end = event_head(px->events);
	int status = EX_OK;

	(void)n;
	(void)arg;
	while (event_next_before(px->events, &seq, end, &e)) {
		if (e.reason != EVENT_UNREGISTERED ||
		    !text_event_id(&e, &id) || registered(px, &id))
			continue;
		text_event_identity(text, sizeof text, &e);
		if (!machines_add(&all, text, &e))
			status = fail(EX_OSERR, "%s", strerror(ENOMEM));
	}
	machines_sort(&all);
	if (px->json && status == EX_OK)
		status = unknown_json(px, &all);
	else if (all.n > 0)
		fprintf(px->out, "%-28s %-16s %6s %9s  %s\n", "IDENTITY",
		    "ADDRESS", "TIMES", "LAST", "DETAIL");
	for (size_t i = 0; i < all.n && !px->json; i++) {
		m = all.list[i];
		text_span(age, sizeof age,
		    machine_span(m->last.time, machines_now()));
		text_event_detail(detail, sizeof detail, &m->last);
		text_event_address(address, sizeof address, &m->last);
		fprintf(px->out, "%-28s %-16s %6u %9s  %s\n", m->name,
		    address, m->events, age, detail);
	}
	machines_free(&all);
	return status;
}

/* Ends by a signal, or when nobody reads what we print. */
static int
follow(struct pxectl *px, int n, char **arg, uint64_t seq, bool more,
    print_event *print)
{
	struct sigaction sa = { .sa_handler = stop };
	struct machines all = { 0 };
	struct event_record e;
	char name[NAME_SIZE];
	/* Who is not there yet may come. */
	int status = more ? target_check(n, arg) : target_known(px, n, arg);
	uint64_t end;

	if (status != EX_OK)
		return status;
	if (more) {
		sigaction(SIGINT, &sa, NULL);
		sigaction(SIGTERM, &sa, NULL);
	}
	do {
		/* One snapshot a turn: an old one keeps old pages. */
		session_look(px);
		end = event_head(px->events);
		while (!stopped && !ferror(px->out) &&
		    event_next_before(px->events, &seq, end, &e)) {
			name_of_event(px->db, &e, name, sizeof name);
			if (target_among(name, n, arg))
				print(px, &all, &e);
		}
		if (ferror(px->out) || fflush(px->out) != 0) {
			if (errno != EPIPE)
				status = fail(EX_IOERR, "standard output: %s",
				    strerror(errno));
			break;
		}
	} while (more && !stopped && reader_is_there());
	machines_free(&all);
	return status;
}

static bool
reader_is_there(void)
{
	struct pollfd p = { .fd = STDOUT_FILENO };

	return poll(&p, 1, POLL_MS) <= 0 ||
	    (p.revents & (POLLERR | POLLHUP | POLLNVAL)) == 0;
}

static void
event_json(struct pxectl *px, struct machines *all,
    const struct event_record *e)
{
	char name[NAME_SIZE];
	json_t *v;

	(void)all;
	name_of_event(px->db, e, name, sizeof name);
	v = json_event(e, name);
	if (v == NULL)
		return;
	json_dumpf(v, px->out, JSON_COMPACT);
	putc('\n', px->out);
	json_decref(v);
}

/* TIME PROGRAM STAGE HOST IDENTITY ADDRESS BYTES MS DETAIL */
static void
event_line(struct pxectl *px, struct machines *all,
    const struct event_record *e)
{
	char when[64], name[NAME_SIZE], address[64];
	char identity[IDENTITY_TEXT_MAX];
	char detail[160];

	(void)all;
	text_time(when, sizeof when, e->time);
	name_of_event(px->db, e, name, sizeof name);
	text_event_identity(identity, sizeof identity, e);
	text_event_address(address, sizeof address, e);
	text_event_detail(detail, sizeof detail, e);
	fprintf(px->out, "%s %s %s%s%s %s %s %s %llu %u %s\n", when,
	    event_program_name(e->program), event_stage_name(e->stage),
	    e->reason != EVENT_OK ? ":" : "",
	    e->reason != EVENT_OK ? event_reason_name(e->reason) : "",
	    name[0] != '\0' ? name : "-", identity, address,
	    (unsigned long long)e->bytes, e->ms,
	    detail[0] != '\0' ? detail : "-");
}

/* Time since the machine first asked, and what came, for a person. */
static void
watch_line(struct pxectl *px, struct machines *all,
    const struct event_record *e)
{
	char name[IDENTITY_TEXT_MAX], since[32], bytes[32], took[32];
	char detail[160];
	const struct machine *m;

	if (e->stage == EVENT_PROGRESS)
		return;
	name_of_event(px->db, e, name, sizeof name);
	if (name[0] == '\0')
		text_event_identity(name, sizeof name, e);
	m = machines_add(all, name, e);
	if (m == NULL)
		return;
	text_span(since, sizeof since, machine_span(m->began, e->time));
	text_event_detail(detail, sizeof detail, e);
	fprintf(px->out, "%8s  %-20s %-9s", since, name,
	    event_stage_name(e->stage));
	if (e->reason != EVENT_OK)
		fprintf(px->out, " %s", event_reason_text(e->reason));
	if (e->bytes > 0) {
		text_bytes(bytes, sizeof bytes, e->bytes);
		text_span(took, sizeof took, (uint64_t)e->ms * 1000000);
		fprintf(px->out, " %s in %s", bytes, took);
	}
	fprintf(px->out, "%s%s\n", detail[0] != '\0' ? " " : "", detail);
	fflush(px->out);
}

static int
unknown_json(struct pxectl *px, const struct machines *all)
{
	char detail[160], address[64];
	const struct machine *m;
	struct json_list list;
	bool lent;

	json_list_begin(&list, px->out);
	for (size_t i = 0; i < all->n; i++) {
		m = all->list[i];
		text_event_detail(detail, sizeof detail, &m->last);
		lent = text_event_address(address, sizeof address, &m->last);
		json_list_item(&list, json_pack("{s:o, s:I, s:f, s:o, s:o}",
		    "identity", json_text(m->name), "times",
		    (json_int_t)m->events, "last",
		    (double)(m->last.time / 1000) / 1e6, "address",
		    lent ? json_text(address) : json_null(), "detail",
		    json_text(detail)));
	}
	json_list_end(&list);
	return EX_OK;
}

static bool
registered(struct pxectl *px, const struct identity *id)
{
	struct hostdb_ref ref;

	return hostdb_by_identity(px->db, id, &ref) == HOSTDB_OK;
}

/*
 * Log lines and events: see report.h.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>

#include "log.h"
#include "peer.h"
#include "report.h"

#define ADDRESS_TEXT	(INET6_ADDRSTRLEN + 8)
#define HOST_TEXT	(ENTRY_NAME_MAX + 8)

static const struct {
	enum event_reason reason;
	const char *words;
} ends[] = {
	[TRANSFER_DONE] = { EVENT_OK, "success" },
	[TRANSFER_UNCONFIRMED] = { EVENT_OK,
	    "success, last block not acknowledged" },
	[TRANSFER_SILENT] = { EVENT_TIMEOUT, "client went silent" },
	[TRANSFER_REFUSED] = { EVENT_OK, "client wanted only the size" },
	[TRANSFER_ABORTED] = { EVENT_CLIENT_ERROR, "client gave up" },
	[TRANSFER_STOPPED] = { EVENT_SEND_FAILED, "the server ended it" },
};

static void event_of(struct event_record *, enum event_stage,
    enum event_reason, const union tftpsend_address *, const char *host,
    const struct identity *, const char *detail);
static const char *address_text(const union tftpsend_address *,
    char[ADDRESS_TEXT]);
static const char *host_text_of(const char *host, char[HOST_TEXT]);

void
report_end(const struct report *r, const struct flight *f,
    enum transfer_end end, uint64_t now)
{
	uint64_t us = now - f->started;
	uint64_t bytes = f->in != NULL ? f->in->u.bytes :
	    f->buffer != NULL ? f->sent :
	    end == TRANSFER_DONE || end == TRANSFER_UNCONFIRMED ? f->size :
	    transfer_acked(&f->t, f->size);
	char who[ADDRESS_TEXT], host[HOST_TEXT], name[4 * 128];
	char said[4 * sizeof f->said];
	struct event_record e;

	/* Nothing was sent, but not because the size was all it wanted. */
	if (end == TRANSFER_REFUSED && (f->in != NULL || !f->size_asked))
		end = TRANSFER_ABORTED;
	/* A question for the size (tsize) is no stage of a boot. */
	if (end != TRANSFER_REFUSED || f->why != NULL) {
		event_of(&e, f->stage, f->why == NULL ? ends[end].reason :
		    f->changed ? EVENT_CHANGED : EVENT_SEND_FAILED,
		    &f->peer.to, f->host, &f->mac, f->name);
		e.ms = (uint32_t)(us / 1000);
		e.bytes = bytes;
		e.number = f->size;
		event_put(r->ring, &e);
	}
	if (!(r->requests ? log_shows(LOG_INFO) : log_shows(LOG_DEBUG)))
		return;
	(r->requests && end != TRANSFER_REFUSED ? log_info : log_debug)(
	    "%s%s: %s request for %s: %s%s%s%s, %llu bytes in %llu.%03llu s "
	    "(%llu.%llu MB/s), %llu blocks sent again",
	    address_text(&f->peer.to, who),
	    host_text_of(f->host, host),
	    f->in != NULL ? "write" : "read",
	    log_clean(name, sizeof name, f->name, strlen(f->name)),
	    f->why != NULL ? f->why : ends[end].words,
	    f->said[0] != '\0' ? " (" : "",
	    log_clean(said, sizeof said, f->said, strlen(f->said)),
	    f->said[0] != '\0' ? ")" : "",
	    (unsigned long long)bytes,
	    (unsigned long long)(us / 1000000),
	    (unsigned long long)(us / 1000 % 1000),
	    (unsigned long long)(us > 0 ? bytes / us : 0),
	    (unsigned long long)(us > 0 ? bytes * 10 / us % 10 : 0),
	    (unsigned long long)(f->in != NULL ? f->in->u.repeated :
	    f->t.resent));
}

void
report_progress(const struct report *r, const struct flight *f, uint64_t now)
{
	struct event_record e;

	event_of(&e, EVENT_PROGRESS, EVENT_OK, &f->peer.to, f->host, &f->mac,
	    f->name);
	e.ms = (uint32_t)((now - f->started) / 1000);
	e.bytes = f->in != NULL ? f->in->u.bytes :
	    transfer_acked(&f->t, f->size);
	e.number = f->size;
	event_put(r->ring, &e);
}

void
report_refused(const struct report *r, const union tftpsend_address *from,
    const char *what, const char *name, const struct content *c)
{
	static const enum event_reason reasons[] = {
		[CONTENT_NOT_FOUND] = EVENT_NO_FILE,
		[CONTENT_FORBIDDEN] = EVENT_FORBIDDEN,
		[CONTENT_FAILED] = EVENT_SEND_FAILED,
	};
	char who[ADDRESS_TEXT], host[HOST_TEXT], shown[4 * 128];
	struct event_record e;

	if (c->quiet)
		return;
	event_of(&e, c->stage, reasons[c->status], from, c->host, &c->mac,
	    name);
	event_put(r->ring, &e);
	if (!(r->requests ? log_shows(LOG_INFO) : log_shows(LOG_DEBUG)))
		return;
	(r->requests ? log_info : log_debug)(
	    "%s%s: %s request for %s: %s", address_text(from, who),
	    host_text_of(c->host, host), what,
	    log_clean(shown, sizeof shown, name, strlen(name)), c->why);
}

void
report_damaged(const struct report *r, const union tftpsend_address *from,
    const char *name)
{
	char who[ADDRESS_TEXT];
	struct event_record e;

	event_of(&e, EVENT_SILENCE, EVENT_DAMAGED, from, "", NULL, name);
	event_put(r->ring, &e);
	log_warn("%s: its entry in the host database cannot be read (pxectl "
	    "check says more)", address_text(from, who));
}

void
report_note(const struct report *r, const union tftpsend_address *from,
    const char *note)
{
	char who[ADDRESS_TEXT], shown[4 * 320];

	(void)r;
	log_warn("%s: %s", address_text(from, who),
	    log_clean(shown, sizeof shown, note, strlen(note)));
}

void
report_bad(const struct report *r, const union tftpsend_address *from,
    enum event_reason reason, const char *words)
{
	char who[ADDRESS_TEXT];
	struct event_record e;

	event_of(&e, EVENT_SILENCE, reason, from, "", NULL, words);
	event_put(r->ring, &e);
	if (log_shows(LOG_DEBUG))
		log_debug("%s: %s", address_text(from, who), words);
}

void
report_fetch(const struct report *r, const struct report_fetch *f)
{
	char who[ADDRESS_TEXT], host[HOST_TEXT], name[4 * 128];

	if (!f->no_event)
		report_fetch_progress(r, f);
	if (!(r->requests ? log_shows(LOG_INFO) : log_shows(LOG_DEBUG)))
		return;
	(r->requests && !(f->no_event && f->status >= 400) ? log_info :
	    log_debug)("%s%s: %s %s: %d %s, %llu bytes in %llu.%03llu s "
	    "(%llu.%llu MB/s)",
	    address_text(f->peer, who), host_text_of(f->host, host),
	    f->method, log_clean(name, sizeof name, f->name,
	    strlen(f->name)), f->status, f->words,
	    (unsigned long long)f->bytes,
	    (unsigned long long)(f->us / 1000000),
	    (unsigned long long)(f->us / 1000 % 1000),
	    (unsigned long long)(f->us > 0 ? f->bytes / f->us : 0),
	    (unsigned long long)(f->us > 0 ? f->bytes * 10 / f->us % 10 :
	    0));
}

void
report_fetch_progress(const struct report *r, const struct report_fetch *f)
{
	struct event_record e;

	event_of(&e, f->stage, f->reason, f->peer, f->host, f->mac, f->name);
	e.ms = (uint32_t)(f->us / 1000);
	e.bytes = f->bytes;
	e.number = f->size;
	event_put(r->ring, &e);
}

static void
event_of(struct event_record *e, enum event_stage stage,
    enum event_reason reason, const union tftpsend_address *from,
    const char *host, const struct identity *mac, const char *detail)
{
	event_make(e, EVENT_TFTPD, stage, reason);
	if (peer_ipv4(from) != 0)
		event_set_address(e, peer_ipv4(from));
	else {
		e->family = 6;
		memcpy(e->address, &from->in6.sin6_addr, sizeof e->address);
	}
	if (mac != NULL && mac->kind != IDENTITY_NONE)
		event_set_identity(e, mac);
	event_set_name(e, host);
	event_set_detail(e, detail);
}

static const char *
address_text(const union tftpsend_address *a, char text[ADDRESS_TEXT])
{
	struct in_addr four = { .s_addr = htonl(peer_ipv4(a)) };

	if (four.s_addr != 0)
		inet_ntop(AF_INET, &four, text, ADDRESS_TEXT);
	else
		inet_ntop(AF_INET6, &a->in6.sin6_addr, text, ADDRESS_TEXT);
	return text;
}

static const char *
host_text_of(const char *host, char text[HOST_TEXT])
{
	if (host[0] == '\0')
		return "";
	snprintf(text, HOST_TEXT, " (%s)", host);
	return text;
}

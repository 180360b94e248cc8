#include "outcome.h"

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#define ALLOWED	"rsync allowed access on module "
#define NO_MODULE	255	/* rsync's status: it did not come to one */

/* What rsync says, and what that means here; the first that fits counts. */
static const struct {
	const char *words;
	enum event_reason reason;
} complaints[] = {
	{ "unknown module", EVENT_FORBIDDEN },
	{ "rsync denied on module", EVENT_FORBIDDEN },
	{ "module is read only", EVENT_FORBIDDEN },
	{ "configured to refuse", EVENT_FORBIDDEN },
	{ "max connections", EVENT_LIMIT },
	{ "file has vanished", EVENT_CHANGED },
	{ "No such file or directory", EVENT_NO_FILE },
	{ "chroot", EVENT_NO_FILE },
	{ "chdir", EVENT_NO_FILE },
	{ "change_dir", EVENT_NO_FILE },
	{ "timeout", EVENT_TIMEOUT },
	{ "timed out", EVENT_TIMEOUT },
	{ "Broken pipe", EVENT_CLIENT_ERROR },
	{ "Connection reset", EVENT_CLIENT_ERROR },
	{ "unexpectedly closed", EVENT_CLIENT_ERROR },
	{ "rsync error", EVENT_SEND_FAILED },
	{ "rsync: ", EVENT_SEND_FAILED },
	{ "ERROR: ", EVENT_SEND_FAILED },
};

static bool
begins(const char *s, const char *with)
{
	return strncmp(s, with, strlen(with)) == 0;
}

/* "REQUEST from NAME (ADDRESS)": a request may hold " from " too. */
static void
take_request(struct outcome *o, const char *text)
{
	const char *end = NULL, *p;

	for (p = text; (p = strstr(p, " from ")) != NULL; p++)
		end = p;
	if (end != NULL)
		snprintf(o->request, sizeof o->request, "%.*s",
		    (int)(end - text), text);
}

/* "unknown module 'NAME' tried from NAME (ADDRESS)" */
static void
take_module(struct outcome *o, const char *text)
{
	const char *from = strchr(text, '\''), *end;

	if (from == NULL || o->request[0] != '\0')
		return;
	end = strstr(++from, "' tried from ");
	if (end != NULL)
		snprintf(o->request, sizeof o->request, "%.*s",
		    (int)(end - from), from);
}

static void
take_complaint(struct outcome *o, const char *text)
{
	if (o->why[0] != '\0')
		return;
	for (size_t i = 0; i < sizeof complaints / sizeof *complaints; i++)
		if (strstr(text, complaints[i].words) != NULL) {
			o->reason = complaints[i].reason;
			snprintf(o->why, sizeof o->why, "%.*s",
			    (int)sizeof o->why - 1, text);
			return;
		}
}

void
outcome_line(struct outcome *o, const char *line, size_t n)
{
	unsigned long long sent, total;
	char copy[512], *text;

	if (n >= sizeof copy)
		n = sizeof copy - 1;
	memcpy(copy, line, n);
	copy[n] = '\0';
	text = strstr(copy, "] ");	/* after date, time and [pid] */
	if (text == NULL)
		return;
	text += 2;
	if (begins(text, "rsync on ")) {
		take_request(o, text + strlen("rsync on "));
	} else if (begins(text, "rsync to ")) {
		take_request(o, text + strlen("rsync to "));
	} else if (begins(text, "building file list")) {
		o->transfer = true;
	} else if (sscanf(text, "sent %llu bytes received %*u bytes "
	    "total size %llu", &sent, &total) == 2) {
		o->sent = sent;
		o->total = total;
	} else if (begins(text, ALLOWED)) {
		take_request(o, text + strlen(ALLOWED));
	} else if (!begins(text, "connect from ")) {
		if (begins(text, "unknown module "))
			take_module(o, text);
		take_complaint(o, text);
	}
}

void
outcome_end(struct outcome *o, int status)
{
	if (o->reason != EVENT_OK || status == 0)
		return;
	/* So it ends after the list, and where the client asks nothing. */
	if (o->request[0] == '\0' && WIFEXITED(status) &&
	    WEXITSTATUS(status) == NO_MODULE)
		return;
	o->reason = EVENT_SEND_FAILED;
	if (WIFSIGNALED(status))
		snprintf(o->why, sizeof o->why, "rsync ended by signal %d",
		    WTERMSIG(status));
	else
		snprintf(o->why, sizeof o->why, "rsync ended with status %d",
		    WEXITSTATUS(status));
}

/* adopt: registers a machine that asked, by what it said of itself. */
#include <string.h>
#include <sysexits.h>

#include "command.h"
#include "text.h"

#define DETAIL	160
#define LONG	"client identifier"	/* longer than an event's */

static bool find(struct pxectl *, const struct identity *, char *detail);
static const char *find_word(const char *, const char *);
static int identity_text(const char *by, const char *asked,
    const char *detail, char *, size_t);

int
cmd_adopt(struct pxectl *px, int n, char **arg)
{
	const char *by = option(px, OPT_BY);
	char detail[DETAIL], text[IDENTITY_TEXT_MAX];
	char *first = arg[0];
	struct identity id;
	int status;

	if (!identity_parse(&id, arg[0]))
		return fail(EX_DATAERR, "%s: not an identity "
		    "(pxectl unknown shows them)", arg[0]);
	if (!find(px, &id, detail))
		return fail(EX_NOHOST, "%s: no unknown machine of that "
		    "identity asked (pxectl add-host registers it all the "
		    "same)", arg[0]);
	status = identity_text(by != NULL ? by : id.kind ==
	    IDENTITY_CLIENT_ID && find_word(detail, "client-id=") != NULL ?
	    LONG : "mac", arg[0], detail, text, sizeof text);
	if (status != EX_OK)
		return status;
	arg[0] = text;
	status = cmd_add_host(px, n, arg);
	arg[0] = first;
	return status;
}

/* What it said when it asked last. */
static bool
find(struct pxectl *px, const struct identity *wanted, char *detail)
{
	struct event_record e;
	struct identity id;
	uint64_t seq = 0, end = event_head(px->events);
	bool found = false;

	while (event_next_before(px->events, &seq, end, &e)) {
		if (e.reason != EVENT_UNREGISTERED ||
		    !text_event_id(&e, &id) || !identity_equal(&id, wanted))
			continue;
		text_event_detail(detail, DETAIL, &e);
		found = true;
	}
	return found;
}

/* Of the words before class=, which is what the machine likes it to be. */
static const char *
find_word(const char *detail, const char *word)
{
	while (*detail != '\0' && strncmp(detail, "class=", 6) != 0) {
		if (strncmp(detail, word, strlen(word)) == 0)
			return detail;
		detail += strcspn(detail, " ");
		detail += *detail == ' ';
	}
	return NULL;
}

/* bootpd writes the words uuid=..., circuit-id=... into the detail. */
static int
identity_text(const char *by, const char *asked, const char *detail,
    char *out, size_t size)
{
	static const struct {
		const char *by, *word;
		bool prefix;	/* add-host wants it too */
	} rows[] = {
		{ "uuid", "uuid=", false },
		{ "circuit", "circuit-id=", true },
		{ LONG, "client-id=", true },
	};
	const char *word;
	size_t skip;

	if (strcmp(by, "mac") == 0) {
		snprintf(out, size, "%s", asked);
		return EX_OK;
	}
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		if (strcmp(by, rows[i].by) != 0)
			continue;
		word = find_word(detail, rows[i].word);
		if (word == NULL)
			return fail(EX_UNAVAILABLE, "%s: it named no %s when "
			    "it asked", asked, rows[i].by);
		if (strncmp(word, "client-id=cut ", 14) == 0)
			return fail(EX_UNAVAILABLE, "%s: is only the head of "
			    "its identifier: bootpd -d shows all of it, for "
			    "pxectl add-host", asked);
		skip = rows[i].prefix ? 0 : strlen(rows[i].word);
		snprintf(out, size, "%.*s",
		    (int)(strcspn(word, " ") - skip), word + skip);
		return EX_OK;
	}
	return fail(EX_USAGE, "--by %s: mac, uuid or circuit, please", by);
}

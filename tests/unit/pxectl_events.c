#include "../../pxectl/command.h"	/* its fail() is no macro */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "../../pxectl/install.h"

#define MS	UINT64_C(1000000)
#define START	UINT64_C(1500000000000000000)

static char root[] = "/tmp/pxectl_events.XXXXXX";

static const struct row {
	uint64_t ms;		/* since START */
	const char *name;	/* NULL: unregistered */
	enum event_stage stage;
	enum event_reason reason;
	uint64_t bytes;
	const char *detail;
} rows[] = {
	{ 0, "web", EVENT_ASKED, EVENT_OK, 0, "" },
	{ 10, "web", EVENT_ADDRESS, EVENT_OK, 0, "" },
	{ 500, "web", EVENT_LOADER, EVENT_OK, 42000, "pxelinux.0" },
	{ 900, "web", EVENT_FILE, EVENT_NO_FILE, 0, "ldlinux.c32" },
	{ 1000, NULL, EVENT_SILENCE, EVENT_UNREGISTERED, 0, "arch 7" },
	{ 2000, NULL, EVENT_SILENCE, EVENT_UNREGISTERED, 0, "arch 7" },
	{ 3000, "done", EVENT_ASKED, EVENT_OK, 0, "" },
	{ 9500, "done", EVENT_UP, EVENT_OK, 0, "" },
};

static void
write_rows(void)
{
	static const uint8_t mac[] = { 2, 0, 0, 0, 0, 9 };
	struct event_ring *ring = event_open(root, true);
	struct identity id;
	struct event_record e;

	assert_non_null(ring);
	assert_true(identity_hw(&id, 1, mac, sizeof mac));
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		event_make(&e, EVENT_BOOTPD, rows[i].stage, rows[i].reason);
		e.time = START + rows[i].ms * MS;
		e.bytes = rows[i].bytes;
		e.ms = 100;
		if (rows[i].name == NULL)
			event_set_identity(&e, &id);
		else {
			event_set_name(&e, rows[i].name);
			event_set_address(&e, 0xc000020a);
		}
		event_set_detail(&e, rows[i].detail);
		event_put(ring, &e);
	}
	event_close(ring);
}

static void
put(struct hostdb_edit *edit, const char *line)
{
	struct hostdb_edit_error why;
	struct entry_error err;
	struct entry e;

	assert_true(entry_parse(&e, line, strlen(line), &err));
	assert_true(hostdb_edit_put(edit, &e, true, &why));
}

static int
make(void **state)
{
	struct hostdb_edit_error err;
	struct hostdb_edit *edit;

	(void)state;
	assert_non_null(mkdtemp(root));
	edit = hostdb_edit_open(root, true, &err);
	assert_non_null(edit);
	assert_true(hostdb_edit_begin(edit, "test", &err));
	put(edit, "subnet 192.0.2.0/24");
	put(edit, "host web mac=02:00:00:00:00:01 address=192.0.2.10");
	put(edit, "host idle mac=02:00:00:00:00:02");
	assert_true(hostdb_edit_commit(edit, &err));
	hostdb_edit_close(edit);
	write_rows();
	return 0;
}

static int
unmake(void **state)
{
	(void)state;
	install_remove(root);
	return access(root, F_OK) == 0;
}

/* What a command prints; to be freed. */
static char *
said(command_run *run, const char *word, bool json, int status)
{
	struct pxectl px = { .root = root, .json = json };
	char *arg[] = { (char *)word, NULL }, *text;
	size_t n;

	px.out = open_memstream(&text, &n);
	assert_int_equal(session_open(&px, DB_READ | EVENTS, false), EX_OK);
	assert_int_equal(run(&px, word != NULL, arg), status);
	assert_int_equal(session_close(&px, status), status);
	fclose(px.out);
	return text;
}

static void
has(char *text, const char *words)
{
	if (strstr(text, words) == NULL)
		fail_msg("no `%s' in:\n%s", words, text);
}

static void
why(void **state)
{
	static const char *const words[] = { "web", "192.0.2.10" };
	char *text;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		text = said(cmd_why, words[i], false, EX_OK);
		has(text, "loader");
		has(text, "42.0 kB in 0.10 s pxelinux.0");
		has(text, "ldlinux.c32");
		has(text, event_reason_text(EVENT_NO_FILE));
		has(text, "0.49 s");	/* from address to loader */
		has(text, "It came as far as `loader', after 0.50 s.");
		has(text, "asked for no configuration");
		free(text);
	}
	text = said(cmd_why, "02:00:00:00:00:09", false, EX_OK);
	has(text, event_reason_text(EVENT_UNREGISTERED));
	has(text, "pxectl add-host");
	free(text);
	text = said(cmd_why, "02:00:00:00:00:02", false, EX_OK);
	has(text, "idle never asked");
	free(text);
	text = said(cmd_why, "done", false, EX_OK);
	has(text, "It is up, after 6.50 s.");
	free(text);
	free(said(cmd_why, "nobody", false, EX_NOHOST));
}

static void
status(void **state)
{
	char *text = said(cmd_status, NULL, false, EX_OK);

	(void)state;
	has(text, "web                      loader     192.0.2.10");
	has(text, "done                     up");
	assert_true(strstr(text, "done") < strstr(text, "web"));
	free(text);
	text = said(cmd_status, "w[e]b", false, EX_USAGE);
	free(text);
	text = said(cmd_status, "web", true, EX_OK);
	has(text, "\"stage\": \"loader\"");
	assert_null(strstr(text, "done"));
	free(text);
}

static void
unknown(void **state)
{
	char *text = said(cmd_unknown, NULL, false, EX_OK);

	(void)state;
	has(text, "02:00:00:00:00:09            -                     2");
	free(text);
	text = said(cmd_unknown, NULL, true, EX_OK);
	has(text, "\"times\": 2");
	free(text);
}

static void
events(void **state)
{
	char *text = said(cmd_events, "web", true, EX_OK), *line;
	int n = 0;

	(void)state;
	for (line = text; (line = strchr(line, '\n')) != NULL; line++)
		n++;
	assert_int_equal(n, 4);
	has(text, "{\"seq\":3,\"time\":1500000000.5,");
	has(text, "\"stage\":\"loader\",\"reason\":\"ok\",\"name\":\"web\"");
	free(text);
	text = said(cmd_events, NULL, false, EX_OK);
	has(text, " bootpd file:no-file web - 192.0.2.10 0 100 ldlinux.c32");
	free(text);
}

/* Who prints does so slower than daemons write: for each line two more. */
static ssize_t
write_more(void *ring, const char *bytes, size_t n)
{
	struct event_record e;

	(void)bytes;
	event_make(&e, EVENT_BOOTPD, EVENT_SILENCE, EVENT_UNREGISTERED);
	event_put(ring, &e);
	event_put(ring, &e);
	return (ssize_t)n;
}

static void
busy(void **state)
{
	struct event_ring *ring = event_open(root, true);
	struct pxectl px = { .root = root };
	uint64_t before = event_head(ring);

	(void)state;
	px.out = fopencookie(ring, "w", (cookie_io_functions_t){
	    .write = write_more });
	setvbuf(px.out, NULL, _IOLBF, 0);
	assert_int_equal(session_open(&px, DB_READ | EVENTS, false), EX_OK);
	alarm(60);	/* for who reads to the last one */
	assert_int_equal(cmd_events(&px, 0, NULL), EX_OK);
	alarm(0);
	assert_true(event_head(ring) > before);
	assert_int_equal(session_close(&px, EX_OK), EX_OK);
	fclose(px.out);
	event_close(ring);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(why),
		cmocka_unit_test(status),
		cmocka_unit_test(unknown),
		cmocka_unit_test(events),
		cmocka_unit_test(busy),
	};

	return cmocka_run_group_tests(tests, make, unmake);
}

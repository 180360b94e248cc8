#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../rsync-shim/greeting.h"
#include "../../rsync-shim/outcome.h"
#include "../../rsync-shim/secret.h"

#define AT	"2026/11/25 00:19:28 [16228] "
#define FROM	" from UNDETERMINED (192.0.2.10)\n"
#define BEGIN	AT "connect" FROM \
	AT "rsync allowed access on module common" FROM

/* Logs as rsync 3.5.0 writes them. */
static const struct {
	const char *log;
	int status;		/* of wait(2) */
	const char *request;
	bool transfer;
	uint64_t sent, total;
	enum event_reason reason;
} rows[] = {
	{ BEGIN AT "rsync on common/" FROM AT "building file list\n"
	  AT "sent 3001035 bytes  received 91 bytes  total size 3000038\n", 0,
	  "common/", true, 3001035, 3000038, EVENT_OK },
	{ AT "connect" FROM, 0, "", false, 0, 0, EVENT_OK },
	{ AT "connect" FROM AT "module-list request" FROM, 0xff00,
	  "", false, 0, 0, EVENT_OK },
	{ AT "connect" FROM, 0xff00, "", false, 0, 0, EVENT_OK },
	{ AT "connect" FROM, 0x4500, "", false, 0, 0, EVENT_SEND_FAILED },
	{ "", 0, "", false, 0, 0, EVENT_OK },
	{ AT "connect" FROM AT "unknown module 'web' tried" FROM, 0xff00,
	  "web", false, 0, 0, EVENT_FORBIDDEN },
	{ BEGIN AT "rsync: [Receiver] chroot(\"/usr/local/pxe/rsync/common\")"
	  " failed: No such file or directory (2)\n", 0xff00,
	  "common", false, 0, 0, EVENT_NO_FILE },
	{ BEGIN AT "rsync to common/" FROM AT "ERROR: module is read only\n"
	  AT "rsync error: syntax or usage error (code 1) at main.c(1185)\n",
	  0x100, "common/", false, 0, 0, EVENT_FORBIDDEN },
	{ BEGIN AT "rsync on common/x" FROM AT "building file list\n"
	  AT "rsync: [sender] link_stat \"/x\" (in common) failed: "
	  "No such file or directory (2)\n"
	  AT "sent 106 bytes  received 8 bytes  total size 0\n", 0x1700,
	  "common/x", true, 106, 0, EVENT_NO_FILE },
	{ BEGIN AT "rsync on common/etc/" FROM
	  AT "rsync: The server is configured to refuse "
	  "--remove-source-files\n"
	  AT "sent 68 bytes  received 0 bytes  total size 0\n", 0x400,
	  "common/etc/", false, 68, 0, EVENT_FORBIDDEN },
	{ BEGIN AT "rsync on common/" FROM AT "building file list\n"
	  AT "rsync: [sender] write error: Broken pipe (32)\n"
	  AT "sent 131246 bytes  received 73 bytes  total size 3000038\n"
	  AT "rsync error: error in socket IO (code 10) at io.c(949)\n",
	  0xa00, "common/", true, 131246, 3000038, EVENT_CLIENT_ERROR },
	{ BEGIN AT "rsync on common/" FROM
	  AT "[sender] io timeout after 600 seconds -- exiting\n", 0x1e00,
	  "common/", false, 0, 0, EVENT_TIMEOUT },
	{ AT "connect" FROM AT "max connections (1000) reached\n", 0xff00,
	  "", false, 0, 0, EVENT_LIMIT },
	{ BEGIN AT "rsync on common/a from b" FROM, 9,
	  "common/a from b", false, 0, 0, EVENT_SEND_FAILED },
	{ "no brackets\n[] \n]\n" AT "\n", 0x300, "", false, 0, 0,
	  EVENT_SEND_FAILED },
};

static void
logs(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct outcome o = { 0 };
		const char *at = rows[i].log, *end;

		for (; (end = strchr(at, '\n')) != NULL; at = end + 1)
			outcome_line(&o, at, (size_t)(end - at));
		outcome_end(&o, rows[i].status);
		if (o.reason != rows[i].reason)
			fail_msg("row %zu: reason %d (%s)", i, o.reason,
			    o.why);
		assert_string_equal(o.request, rows[i].request);
		assert_int_equal(o.transfer, rows[i].transfer);
		assert_int_equal(o.sent, rows[i].sent);
		assert_int_equal(o.total, rows[i].total);
		assert_true((o.why[0] == '\0') == (o.reason == EVENT_OK));
	}
}

static void
long_lines(void **state)
{
	struct outcome o = { 0 };
	char line[5000];

	(void)state;
	memset(line, 'x', sizeof line);
	memcpy(line, AT "rsync on ", strlen(AT "rsync on "));
	outcome_line(&o, line, sizeof line);
	memcpy(line, AT "rsync: ", strlen(AT "rsync: "));
	outcome_line(&o, line, sizeof line);
	assert_int_equal(strlen(o.why), sizeof o.why - 1);
}

static void
greetings(void **state)
{
	static const struct {
		const char *bytes;
		enum greeting_wish wish;
	} said[] = {
		{ "", GREETING_MORE },
		{ "@RSYNCD: 32.0 sha512 md5\n", GREETING_MORE },
		{ "@RSYNCD: 32.0\n#lis", GREETING_MORE },
		{ "@RSYNCD: 32.0\n#list\n", GREETING_LIST },
		{ "@RSYNCD: 27\r\n\r\n", GREETING_LIST },
		{ "@RSYNCD: 32.0\ncommon\n", GREETING_MODULE },
		{ "@RSYNCD: 32.0\n#list2\n", GREETING_MODULE },
		{ "GET / HTTP/1.1\r\n", GREETING_MODULE },
	};

	(void)state;
	for (size_t i = 0; i < sizeof said / sizeof *said; i++) {
		struct greeting all = { 0 }, one = { 0 };
		enum greeting_wish wish = GREETING_MORE;
		const char *p = said[i].bytes;

		assert_int_equal(greeting_take(&all, p, strlen(p)),
		    said[i].wish);
		for (; *p != '\0' && wish == GREETING_MORE; p++)
			wish = greeting_take(&one, p, 1);
		assert_int_equal(wish, said[i].wish);
	}
}

static void
long_greetings(void **state)
{
	struct greeting g = { 0 };
	char bytes[1000];

	(void)state;
	memset(bytes, 'a', sizeof bytes);
	for (int i = 0; i < 100; i++)
		assert_int_equal(greeting_take(&g, bytes, sizeof bytes),
		    GREETING_MORE);
	assert_int_equal(greeting_take(&g, "\n", 1), GREETING_MODULE);
}

static void
happen(struct event_ring *r, enum event_stage stage, const char *name,
    uint32_t address)
{
	struct event_record e;

	event_make(&e, EVENT_BOOTPD, stage, EVENT_OK);
	event_set_name(&e, name);
	event_set_address(&e, address);
	event_put(r, &e);
}

static void
secrets(void **state)
{
	char root[] = "/tmp/secret.XXXXXX", path[64];
	static const char long_a[] = "host-with-a-name-as-long-as-they-may-"
	    "be-in-the-ring-a";
	static const char long_b[] = "host-with-a-name-as-long-as-they-may-"
	    "be-in-the-ring-b";
	const struct identity none = { .kind = IDENTITY_NONE };
	const struct identity mac_b = { .kind = IDENTITY_HW, .htype = 1,
	    .len = 6, .bytes = { 0, 2, 0xb3, 0, 0, 2 } };
	struct event_record e;
	struct event_ring *r;

	(void)state;
	assert_non_null(mkdtemp(root));
	assert_int_equal(chdir(root), 0);
	assert_int_equal(mkdir("db", 0755), 0);
	r = event_open(root, true);
	assert_non_null(r);
	assert_false(secret_is_open(NULL, "a", &none, 1));
	assert_false(secret_is_open(r, "a", &none, 1));
	happen(r, EVENT_ADDRESS, "b", 2);
	happen(r, EVENT_LEASE, "a", 1);
	happen(r, EVENT_ASKED, "a", 1);
	assert_false(secret_is_open(r, "a", &none, 1));
	happen(r, EVENT_ADDRESS, "a", 1);
	happen(r, EVENT_LEASE, "a", 1);
	happen(r, EVENT_UP, "b", 2);
	assert_true(secret_is_open(r, "a", &none, 1));
	assert_false(secret_is_open(r, "b", &none, 2));
	happen(r, EVENT_UP, "", 1);
	assert_false(secret_is_open(r, "a", &none, 1));
	happen(r, EVENT_ADDRESS, "a", 1);
	assert_true(secret_is_open(r, "a", &none, 1));
	happen(r, EVENT_UP, "a", 1);
	happen(r, EVENT_LEASE, "a", 1);
	assert_false(secret_is_open(r, "a", &none, 1));
	/* Names that the ring has cut are those of several hosts. */
	happen(r, EVENT_ADDRESS, long_a, 3);
	assert_true(secret_is_open(r, long_a, &none, 3));
	assert_false(secret_is_open(r, long_b, &mac_b, 4));
	happen(r, EVENT_UP, long_b, 4);
	assert_true(secret_is_open(r, long_a, &none, 3));
	happen(r, EVENT_UP, long_a, 3);
	assert_false(secret_is_open(r, long_a, &none, 3));
	event_make(&e, EVENT_BOOTPD, EVENT_ADDRESS, EVENT_OK);
	event_set_name(&e, long_b);
	event_set_identity(&e, &mac_b);
	event_put(r, &e);
	assert_true(secret_is_open(r, long_b, &mac_b, 4));
	assert_false(secret_is_open(r, long_a, &none, 3));
	event_close(r);
	snprintf(path, sizeof path, "%s/db/events", root);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir("db"), 0);
	assert_int_equal(rmdir(root), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(logs),
		cmocka_unit_test(long_lines),
		cmocka_unit_test(greetings),
		cmocka_unit_test(long_greetings),
		cmocka_unit_test(secrets),
	};

	return cmocka_run_group_tests_name("rsync_outcome", tests, NULL,
	    NULL);
}

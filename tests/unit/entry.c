/* The line of an entry: what it says, how it is written, what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "entry.h"

static void
canonical(void **state)
{
	static const struct {
		const char *line, *again;	/* NULL: the same */
	} rows[] = {
		{ "site", NULL },
		{ "site default-lease=1d dns=192.0.2.53",
		  "site dns=192.0.2.53 default-lease=1d" },
		{ "subnet 192.0.2.0/24 router=192.0.2.1", NULL },
		{ "group web cmdline=\"console=ttyS0 a=\\\"b\\\" \\\\\"",
		  NULL },
		{ "group web cmdline=a\\b", "group web cmdline=\"a\\\\b\"" },
		{ "host\tPXE-Test   mac=00-02-B3-4C-ED-C8 # a note",
		  "host pxe-test mac=00:02:b3:4c:ed:c8" },
		{ "host a.b option-10=u8:1 option-9=u8:2 comment=\"x # y\"",
		  "host a.b option-9=u8:2 option-10=u8:1 comment=\"x # y\"" },
		{ "host a router=", "host a router=\"\"" },
		{ "host a router=\"\"", NULL },
		{ "host a cmdline=a=b=c", NULL },
		{ "host a nic.x=0002b34cedc8,192.0.2.1",
		  "host a nic.x=00:02:b3:4c:ed:c8,192.0.2.1" },
		{ "host a filename.efi-x64=x filename=y",
		  "host a filename=y filename.efi-x64=x" },
		{ "host a hw=ethernet/00:02:b3:4c:ed:c8",
		  "host a hw=1/00:02:b3:4c:ed:c8" },
	};
	char line[ENTRY_LINE_MAX + 1];
	struct entry_error err;
	struct entry e, loaded;
	const char *want;
	size_t i, n;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		want = rows[i].again != NULL ? rows[i].again : rows[i].line;
		if (!entry_parse(&e, rows[i].line, strlen(rows[i].line), &err))
			fail_msg("%s: %s", rows[i].line, err.why);
		n = entry_print(&e, line, sizeof line);
		assert_string_equal(line, want);
		/* what was printed reads back as the same, both ways */
		assert_true(entry_parse(&e, line, n, &err));
		assert_int_equal(entry_print(&e, line, sizeof line), n);
		assert_string_equal(line, want);
		assert_true(entry_load(&loaded, line, n));
		assert_int_equal(entry_print(&loaded, line, sizeof line), n);
		assert_string_equal(line, want);
		assert_int_equal(entry_print(&e, line, n), 0);
	}
}

static void
refused(void **state)
{
	static const struct {
		const char *line;
		size_t at;
		const char *why;	/* a part of it */
	} rows[] = {
		{ "", 0, "empty" }, { "# host", 0, "empty" },
		{ "hots a", 0, "hots" }, { "host", 4, "no name" },
		{ "host mac=00:02:b3:4c:ed:c8", 5, "no name" },
		{ "host web_1", 5, "web_1: is no host name" },
		{ "host 192.0.2.1", 5, "is no host name" },
		{ "host -a", 5, "is no host name" },
		{ "subnet 192.0.2.1/24", 7, "host bits" },
		{ "subnet 192.0.2.0/33", 7, "network" },
		{ "subnet 192.0.2.0", 7, "network" },
		{ "group a/b", 6, "group name" },
		{ "site x", 5, "attribute=value" },
		{ "host a b=c", 7, "no such attribute" },
		{ "host a mac=1", 7, "not a MAC" },
		{ "host a kernel=a kernel=b", 16, "twice" },
		{ "host a router= router=192.0.2.1", 15, "twice" },
		{ "site mac=00:02:b3:4c:ed:c8", 5, "belong" },
		{ "host a cmdline=\"x", 7, "quote" },
		{ "host a cmdline=x\x01", 16, "control" },
		{ "site option-56=text:no", 5, "option-56: is the reason" },
		{ "site option-57=u16:1500", 5, "mtu=" },
		{ "host a option-61=hex:01", 7, "client-id=" },
		{ "site option-118=ip:192.0.2.0", 5, "add-subnet" },
		{ "site option-51=u16:60", 5, "u32:SECONDS" },
		{ "site option-51=hex:0000000001", 5, "u32:SECONDS" },
		{ "site option-51=u32:0", 5, "over 0" },
	};
	struct entry_error err;
	struct entry e;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		assert_false(entry_parse(&e, rows[i].line,
		    strlen(rows[i].line), &err));
		if (strstr(err.why, rows[i].why) == NULL ||
		    err.at != rows[i].at)
			fail_msg("%s: at %zu: %s", rows[i].line, err.at,
			    err.why);
	}
}

static void
set(void **state)
{
	char line[ENTRY_LINE_MAX + 1], value[ENTRY_LINE_MAX];
	struct entry_error err;
	struct entry e;
	int i;

	(void)state;
	assert_true(entry_init(&e, ENTRY_HOST, "a", &err));
	assert_true(entry_set(&e, "kernel", "one", &err));
	assert_false(entry_set(&e, "kernel", "a b", &err));
	assert_string_equal(entry_get(&e, A_KERNEL, NULL), "one");
	assert_false(entry_set(&e, "initrd", NULL, &err));
	assert_true(entry_set(&e, "filename.bios", "x", &err));
	assert_null(entry_get(&e, A_FILENAME, NULL));
	assert_string_equal(entry_get_named(&e, "filename.bios"), "x");
	/* room that replaced values took comes back */
	memset(value, 'x', 4000);
	value[4000] = '\0';
	for (i = 0; i < 100; i++)
		assert_true(entry_set(&e, "cmdline", value, &err));
	assert_true(entry_set(&e, "cmdline", NULL, &err));
	assert_true(entry_print(&e, line, sizeof line) > 0);
	assert_string_equal(line, "host a filename.bios=x kernel=one");
}

struct said {
	unsigned n;
	char why[160];
};

static void
left_out(void *arg, const char *why)
{
	struct said *said = arg;

	said->n++;
	strcpy(said->why, why);
}

/* What an earlier version took and no entry may set is left out, and told. */
static void
import(void **state)
{
	static const char line[] = "host a option-57=\"u16:1500\" "
	    "option-118=ip:192.0.2.0 kernel=vmlinuz";
	char again[ENTRY_LINE_MAX + 1];
	struct said said = { 0 };
	struct entry_error err;
	struct entry e;

	(void)state;
	assert_true(entry_import(&e, line, strlen(line), left_out, &said,
	    &err));
	assert_int_equal(said.n, 2);
	assert_non_null(strstr(said.why, "option-118"));
	assert_true(entry_print(&e, again, sizeof again) > 0);
	assert_string_equal(again, "host a kernel=vmlinuz");
	/* nothing else is */
	assert_false(entry_import(&e, "host a mtu=x", 12, left_out, &said,
	    &err));
	assert_int_equal(said.n, 2);
	/* in the database it may stand, be renamed and be removed */
	assert_true(entry_load(&e, line, strlen(line)));
	assert_true(entry_rename(&e, "B", &err));
	assert_string_equal(entry_name(&e), "b");
	assert_string_equal(entry_get(&e, A_OPTION, "57"), "u16:1500");
	assert_false(entry_rename(&e, "-", &err));
	assert_true(entry_set(&e, "option-57", NULL, &err));
	assert_false(entry_set(&e, "option-118", "ip:192.0.2.0", &err));
}

/* Any prefix and any flipped byte of a line: refused or read, never worse. */
static void
hostile(void **state)
{
	static const char line[] = "host pxe-test mac=00:02:b3:4c:ed:c8 "
	    "address=192.0.2.10 group=web nic.x=00:02:b3:4c:ed:c9,192.0.2.11 "
	    "cmdline=\"a \\\"b\\\"\" option-150=ip:192.0.2.9";
	char *bytes, out[ENTRY_LINE_MAX + 1];
	struct entry_error err;
	struct entry e;
	size_t i, n;
	int b;

	(void)state;
	for (n = 0; n < sizeof line; n++) {
		bytes = malloc(n == 0 ? 1 : n);	/* exactly: ASan watches */
		memcpy(bytes, line, n);
		entry_load(&e, bytes, n);
		for (i = 0; i < n; i++)
			for (b = 0; b < 8; b++) {
				bytes[i] = (char)(bytes[i] ^ 1 << b);
				if (entry_parse(&e, bytes, n, &err))
					assert_true(entry_print(&e, out,
					    sizeof out) > 0);
				if (entry_load(&e, bytes, n))
					entry_print(&e, out, sizeof out);
				bytes[i] = (char)(bytes[i] ^ 1 << b);
			}
		free(bytes);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(canonical),
		cmocka_unit_test(refused),
		cmocka_unit_test(set),
		cmocka_unit_test(import),
		cmocka_unit_test(hostile),
	};

	return cmocka_run_group_tests_name("entry", tests, NULL, NULL);
}

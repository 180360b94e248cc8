/* What was meant by a command or an attribute that does not exist. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "attribute.h"
#include "guess.h"

static void
near(void **state)
{
	static const struct {
		const char *word, *right;
		bool near;
	} rows[] = {
		{ "add-host", "add-host", true },
		{ "addhost", "add-host", true },
		{ "add_host", "add-host", true },
		{ "ADD-HOST", "add-host", true },
		{ "add-hots", "add-host", true },
		{ "ad-hots", "add-host", true },
		{ "ad-hotsx", "add-host", false },
		{ "shwo", "show", true }, { "sow", "show", true },
		{ "sohw", "show", true }, { "wosh", "show", false },
		{ "dns", "dn", false }, { "ls", "show", false },
		{ "", "", true }, { "", "show", false },
		{ "a-word-that-is-longer-than-any-of-ours-is", "show", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if ((guess_slips(rows[i].word, rows[i].right) < GUESS_FAR) !=
		    rows[i].near)
			fail_msg("%s, %s", rows[i].word, rows[i].right);
}

static void
attributes(void **state)
{
	static const struct {
		const char *name, *meant;
	} rows[] = {
		{ "kernal", "kernel" }, { "KERNEL", "kernel" },
		{ "adress", "address" }, { "fixed-address", "address" },
		{ "fixed_address", "address" }, { "IP", "address" },
		{ "gateway", "router" }, { "routers", "router" },
		{ "domain-name-servers", "dns" }, { "netmask", "mask" },
		{ "hostname", "host-name" }, { "append", "cmdline" },
		{ "bootfile", "filename" }, { "filname", "filename" },
		{ "nic", "nic.NAME" }, { "nic.a.b", "nic.NAME" },
		{ "interface", "nic.NAME" }, { "option-300", "option-NUMBER" },
		{ "options", "option-NUMBER" },
		{ "filename.efi", "filename.ARCH" },
		{ "filename.x64", "filename.ARCH" },
		{ "colour", NULL }, { "", NULL }, { "x", NULL },
	};
	const char *meant;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		meant = guess_attribute(rows[i].name);
		if (rows[i].meant == NULL ? meant != NULL : meant == NULL ||
		    strcmp(meant, rows[i].meant) != 0)
			fail_msg("%s: %s, not %s", rows[i].name,
			    meant != NULL ? meant : "nothing",
			    rows[i].meant != NULL ? rows[i].meant :
			    "nothing");
	}
}

/* Nobody is told that a name of ours should be another one. */
static void
own(void **state)
{
	(void)state;
	for (unsigned id = 0; id < ATTRIBUTES; id++)
		if (attribute_table[id].suffix == SUFFIX_NONE)
			assert_string_equal(attribute_table[id].name,
			    guess_attribute(attribute_table[id].name));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(near),
		cmocka_unit_test(attributes),
		cmocka_unit_test(own),
	};

	return cmocka_run_group_tests_name("guess", tests, NULL, NULL);
}

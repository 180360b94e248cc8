/* Entries that stand twice in a file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "../../pxectl/seen.h"

static void
twice(void **state)
{
	static const struct {
		enum entry_kind kind;
		const char *name;
	} rows[] = {
		{ ENTRY_SITE, "" }, { ENTRY_GROUP, "web" },
		{ ENTRY_HOST, "a" }, { ENTRY_HOST, "web" },
		{ ENTRY_HOST, "ab" }, { ENTRY_HOST, "b" },
		{ ENTRY_HOST, "web" }, { ENTRY_SITE, "" },
		{ ENTRY_HOST, "web" },
	};
	const size_t all = sizeof rows / sizeof rows[0];
	const struct seen_entry *e;
	struct seen s = { 0 };
	unsigned long first = 0;

	(void)state;
	assert_null(seen_twice(&s, &first));
	for (size_t i = 0; i < all; i++) {
		assert_true(seen_add(&s, rows[i].kind, rows[i].name, i + 1));
		e = seen_twice(&s, &first);
		if (i < 6) {
			assert_null(e);
			continue;
		}
		/* the first that is one too many, also when more follow */
		assert_non_null(e);
		assert_int_equal(e->line, 7);
		assert_int_equal(e->kind, ENTRY_HOST);
		assert_int_equal(first, 4);
	}
	seen_free(&s);
}

static void
many(void **state)
{
	struct seen s = { 0 };
	unsigned long first;
	char name[32];

	(void)state;
	for (unsigned i = 0; i < 5000; i++) {
		snprintf(name, sizeof name, "n%u", i * 7 % 5000);
		assert_true(seen_add(&s, ENTRY_HOST, name, i + 1));
	}
	assert_null(seen_twice(&s, &first));
	assert_true(seen_add(&s, ENTRY_HOST, "n4999", 5001));
	assert_non_null(seen_twice(&s, &first));
	assert_int_equal(first, 2858);
	seen_free(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(twice),
		cmocka_unit_test(many),
	};

	return cmocka_run_group_tests_name("pxectl_seen", tests, NULL, NULL);
}

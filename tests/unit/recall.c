#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "recall.h"

static struct recall *r;
static char out[RECALL_MOST];
static size_t n;

static int
setup(void **state)
{
	(void)state;
	r = recall_make();
	return r == NULL;
}

static int
teardown(void **state)
{
	(void)state;
	recall_free(r);
	return 0;
}

static void
put(unsigned table, const char *key, const char *value)
{
	recall_put(r, table, key, strlen(key), value, strlen(value));
}

static bool
get(unsigned table, const char *key)
{
	return recall_get(r, table, key, strlen(key), out, sizeof out, &n);
}

static bool
is(unsigned table, const char *key, const char *value)
{
	return get(table, key) && n == strlen(value) &&
	    memcmp(out, value, n) == 0;
}

static void
nothing_is_known_at_first(void **state)
{
	(void)state;
	assert_false(get(0, ""));
	assert_false(get(1, "a"));
}

static void
what_was_put_is_known_in_its_table(void **state)
{
	(void)state;
	put(1, "a", "first");
	put(2, "a", "second");
	put(1, "", "empty key");
	put(1, "empty value", "");
	assert_true(is(1, "a", "first"));
	assert_true(is(2, "a", "second"));
	assert_true(is(1, "", "empty key"));
	assert_true(is(1, "empty value", ""));
	assert_false(get(3, "a"));
	assert_false(get(1, "ab"));
	put(1, "a", "changed");
	assert_true(is(1, "a", "changed"));
}

/* For many keys at a time: the same answers, where they lie. */
static void
what_is_approached_is_found(void **state)
{
	const char *value;
	size_t place, other;

	(void)state;
	place = recall_place(r, 1, "a", 1);
	recall_approach(r, place);
	assert_null(recall_find(r, 1, "a", 1, &n));
	put(1, "a", "first");
	assert_int_equal(recall_place(r, 1, "a", 1), place);
	other = recall_place(r, 2, "a", 1);
	assert_int_not_equal(place, other);
	recall_approach(r, place);
	recall_approach(r, other);
	assert_non_null(value = recall_find(r, 1, "a", 1, &n));
	assert_int_equal(n, 5);
	assert_memory_equal(value, "first", 5);
	assert_null(recall_find(r, 2, "a", 1, &n));
	recall_forget(r);
	assert_null(recall_find(r, 1, "a", 1, &n));
}

static void
what_is_forgotten_is_not_known(void **state)
{
	(void)state;
	put(1, "a", "old");
	recall_forget(r);
	assert_false(get(1, "a"));
	put(1, "b", "new");
	assert_false(get(1, "a"));
	assert_true(is(1, "b", "new"));
}

static void
nothing_is_cut(void **state)
{
	static char big[RECALL_MOST + 1];

	(void)state;
	memset(big, 'x', RECALL_MOST);
	put(1, big, "");
	assert_true(is(1, big, ""));
	put(1, big, "y");
	assert_true(is(1, big, ""));
	put(1, "k", big);
	assert_false(get(1, "k"));
	put(1, "k", "12345");
	assert_false(recall_get(r, 1, "k", 1, out, 4, &n));
	assert_true(recall_get(r, 1, "k", 1, out, 5, &n));
}

/*
 * Many times round the ring: what is known is right, what was put last is
 * known, and most of what fits is.
 */
static void
the_oldest_makes_room(void **state)
{
	char key[16], value[300];
	unsigned i, k, known = 0;

	(void)state;
	for (i = 0; i < 200000; i++) {
		snprintf(key, sizeof key, "%u", i % 50000);
		memset(value, 'v', sizeof value);
		snprintf(value, sizeof value, "%*u", (int)(1 + i % 290), i);
		put(1, key, value);
		assert_true(is(1, key, value));
	}
	for (k = 150000; k < 200000; k++) {
		snprintf(key, sizeof key, "%u", k % 50000);
		if (!get(1, key))
			continue;
		snprintf(value, sizeof value, "%*u", (int)(1 + k % 290), k);
		assert_true(is(1, key, value));
		known++;
	}
	/* A record is 170 bytes or so; some share a place. */
	assert_in_range(known, 9000, RECALL_BYTES / 100);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		T(nothing_is_known_at_first),
		T(what_was_put_is_known_in_its_table),
		T(what_is_approached_is_found),
		T(what_is_forgotten_is_not_known),
		T(nothing_is_cut),
		T(the_oldest_makes_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

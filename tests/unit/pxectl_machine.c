#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "../../pxectl/machine.h"

#define SECOND UINT64_C(1000000000)

static const struct machine *
add(struct machines *all, const char *name, uint64_t second,
    enum event_stage stage, enum event_reason reason)
{
	struct event_record e = { .time = second * SECOND,
	    .stage = (uint8_t)stage, .reason = (uint8_t)reason };

	return machines_add(all, name, &e);
}

/* Firmware, the loader and the system each ask: one boot all the same. */
static void
one_boot(void **state)
{
	struct machines all = { 0 };
	const struct machine *m;

	(void)state;
	add(&all, "web", 100, EVENT_ASKED, EVENT_OK);
	add(&all, "web", 101, EVENT_ADDRESS, EVENT_OK);
	add(&all, "web", 102, EVENT_LOADER, EVENT_OK);
	add(&all, "web", 103, EVENT_ASKED, EVENT_OK);
	m = add(&all, "web", 104, EVENT_ADDRESS, EVENT_OK);
	assert_int_equal(m->stage, EVENT_LOADER);
	assert_int_equal(m->began, 100 * SECOND);
	assert_int_equal(m->reached, 102 * SECOND);
	m = add(&all, "web", 105, EVENT_KERNEL, EVENT_NO_FILE);
	assert_int_equal(m->stage, EVENT_LOADER);
	m = add(&all, "web", 106, EVENT_UP, EVENT_OK);
	assert_int_equal(m->stage, EVENT_UP);
	assert_int_equal(m->events, 7);
	machines_free(&all);
}

static void
next_boot(void **state)
{
	struct machines all = { 0 };
	const struct machine *m;

	(void)state;
	add(&all, "web", 100, EVENT_ASKED, EVENT_OK);
	m = add(&all, "web", 130, EVENT_UP, EVENT_OK);
	assert_int_equal(m->began, 100 * SECOND);
	m = add(&all, "web", 140, EVENT_ASKED, EVENT_OK);
	assert_int_equal(m->began, 140 * SECOND);
	assert_int_equal(m->stage, EVENT_ASKED);
	/* It never came up, and is switched on again much later. */
	m = add(&all, "web", 1000, EVENT_ASKED, EVENT_OK);
	assert_int_equal(m->began, 1000 * SECOND);
	/* A long transfer is no new boot. */
	m = add(&all, "web", 1400, EVENT_KERNEL, EVENT_OK);
	assert_int_equal(m->began, 1000 * SECOND);
	machines_free(&all);
}

static void
many(void **state)
{
	struct machines all = { 0 };
	char name[16];

	(void)state;
	for (int i = 0; i < 300; i++) {
		snprintf(name, sizeof name, "n%d", i % 150);
		assert_non_null(add(&all, name, (uint64_t)i, EVENT_ASKED,
		    EVENT_OK));
	}
	assert_int_equal(all.n, 150);
	machines_sort(&all);
	assert_string_equal(all.list[0]->name, "n149");
	assert_string_equal(all.list[149]->name, "n0");
	machines_free(&all);
	assert_null(all.tree);
}

/* Who declined is told so until it goes on with an address. */
static void
declined(void **state)
{
	struct machines all = { 0 };

	(void)state;
	add(&all, "web", 100, EVENT_ASKED, EVENT_OK);
	assert_false(add(&all, "web", 101, EVENT_ADDRESS, EVENT_OK)->declined);
	assert_true(add(&all, "web", 102, EVENT_DECLINE, EVENT_OK)->declined);
	assert_true(add(&all, "web", 103, EVENT_ASKED, EVENT_OK)->declined);
	assert_true(add(&all, "web", 104, EVENT_ADDRESS, EVENT_OK)->declined);
	assert_true(add(&all, "web", 104, EVENT_LEASE, EVENT_OK)->declined);
	assert_false(add(&all, "web", 105, EVENT_LOADER, EVENT_OK)->declined);
	add(&all, "web", 106, EVENT_DECLINE, EVENT_OK);
	assert_false(add(&all, "web", 1000, EVENT_ASKED, EVENT_OK)->declined);
	machines_free(&all);
}

/* With an address that discover= lent it. */
static void
stranger(void **state)
{
	struct machines all = { 0 };
	struct event_record e = { .program = EVENT_BOOTPD, .time = SECOND,
	    .stage = EVENT_ADDRESS, .reason = EVENT_UNREGISTERED };

	(void)state;
	assert_int_equal(machines_add(&all, "unknown-192-0-2-200", &e)->stage,
	    EVENT_ADDRESS);
	e.stage = EVENT_SILENCE;
	assert_int_equal(machines_add(&all, "02:00:5e:00:53:02", &e)->stage,
	    0);
	machines_free(&all);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_boot),
		cmocka_unit_test(next_boot),
		cmocka_unit_test(many),
		cmocka_unit_test(declined),
		cmocka_unit_test(stranger),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

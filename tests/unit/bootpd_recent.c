#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

#include "../../bootpd/recent.h"

#define S	RECENT_SECOND
#define START	(1000 * S)

static struct recent recent;

static struct identity
machine(uint32_t n)
{
	const uint8_t mac[6] = { 2, 0, (uint8_t)(n >> 24),
	    (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n };
	struct identity id;

	assert_true(identity_hw(&id, 1, mac, sizeof mac));
	return id;
}

static struct recent_machine *
find(uint32_t n)
{
	struct identity id = machine(n);

	return recent_find(&recent, &id);
}

static bool
pass(uint32_t n, uint64_t now)
{
	return recent_pass(&recent, find(n), now);
}

static int
fresh(void **state)
{
	(void)state;
	memset(&recent, 0, sizeof recent);
	recent.rate = 8;
	return 0;
}

/* To approach a machine is not to make one. */
static void
an_approach_changes_nothing(void **state)
{
	static struct recent was;
	struct identity id = machine(2);

	(void)state;
	pass(1, START);
	was = recent;
	recent_approach(&recent, &id);
	assert_memory_equal(&recent, &was, sizeof was);
}

/* 10,000 packets a second of one: a burst, then eight a second. */
static void
a_storm_is_cut(void **state)
{
	unsigned i, passed = 0, others = 0;

	(void)state;
	for (i = 0; i < 100000; i++) {
		passed += pass(1, START + i * 100);
		if (i % 10000 == 0)
			others += pass(2, START + i * 100);
	}
	assert_in_range(passed, 32 * 8 + 9 * 8, 32 * 8 + 10 * 8 + 64);
	assert_int_equal(others, 10);
	assert_true(pass(1, START + 30 * S));
}

/* A program that tries 500 packets on one host, as fast as it can. */
static void
five_hundred_questions_are_no_storm(void **state)
{
	unsigned i;

	(void)state;
	recent.rate = 16;
	for (i = 0; i < 500; i++)
		assert_true(pass(1, START + i));
	/* and half a minute later */
	for (i = 0; i < 500; i++)
		assert_true(pass(1, START + 32 * S + i));
}

static void
no_rate_is_no_limit(void **state)
{
	unsigned i;

	(void)state;
	recent.rate = 0;
	for (i = 0; i < 100000; i++)
		assert_true(pass(1, START));
}

/* Two relays double each packet of a ROM with its retries, iPXE, GRUB, the
 * kernel and the system, all within half a minute; then again. */
static void
a_boot_is_not(void **state)
{
	static const uint64_t at[] = { 0, 4, 12, 28, 28, 29, 29, 29, 30, 30,
	    31, 31, 31, 32, 32, 33, 33, 33, 34, 34 };
	unsigned i, boot, relay;

	(void)state;
	for (boot = 0; boot < 5; boot++)
		for (i = 0; i < sizeof at / sizeof at[0]; i++)
			for (relay = 0; relay < 2; relay++)
				assert_true(pass(1, START + (boot * 35 +
				    at[i]) * S));
	/* All of that in the same instant. */
	for (i = 0; i < 2 * sizeof at / sizeof at[0]; i++)
		assert_true(pass(2, START));
}

/* More machines than the table holds, each with its retries. */
static void
a_full_room_is_not(void **state)
{
	static const uint64_t at[] = { 0, 4, 12, 28, 60 };
	unsigned turn, i, k;

	(void)state;
	for (turn = 0; turn < 5; turn++)
		for (i = 0; i < 20000; i++)
			for (k = 0; k < 2; k++)
				assert_true(pass(i, START + at[turn] * S));
}

/* Those others do not let the storm forget itself: it has its part. */
static void
a_storm_among_a_full_room(void **state)
{
	unsigned i, passed = 0;

	(void)state;
	for (i = 0; i < 400000; i++) {
		passed += pass(1000000, START + i);
		passed += pass(1000000, START + i);
		assert_true(pass(i % 20000, START + i));
	}
	assert_in_range(passed, 400000 / RECENT_CROWD / 2,
	    2 * 400000 / RECENT_CROWD);
}

/* 100,000 packets a second of so many machines in turn; how many passed? */
static unsigned
crowd(unsigned machines, uint64_t from)
{
	unsigned i, passed = 0;

	for (i = 0; i < 300000; i++)
		passed += pass(i % machines, from + i * 10);
	return passed;
}

/* What a room or a load generator of some hosts asks, without a rest. */
static void
a_crowd_is_no_storm(void **state)
{
	(void)state;
	assert_int_equal(crowd(1000, START), 300000);
	assert_int_equal(crowd(1000, START + 4 * S), 300000);
	assert_int_equal(crowd(40, START + 20 * S), 300000);
}

/* A few that storm together are. */
static void
some_storms_are_cut(void **state)
{
	(void)state;
	assert_in_range(crowd(RECENT_CROWD / 2, START),
	    RECENT_CROWD / 2 * 32 * 8, RECENT_CROWD / 2 * 32 * 8 * 4);
}

static void
drops_are_told_by_the_second(void **state)
{
	struct recent_machine *m;
	struct identity id, storm = machine(1);
	unsigned i, dropped = 0, told = 0, events = 0, n;
	uint64_t now = START;
	size_t at = 0;

	(void)state;
	for (i = 0; i < 35000; i++) {
		now = START + i * 100;
		m = find(1);
		if (recent_pass(&recent, m, now))
			continue;
		dropped++;
		n = recent_tell(&recent, m, now);
		told += n;
		events += n > 0;
	}
	assert_in_range(events, 3, 4);
	assert_int_equal(recent.untold, dropped - told);
	assert_int_equal(recent_next(&recent, &at, now, &id), 0);
	at = 0;
	n = recent_next(&recent, &at, now + S, &id);
	assert_int_equal(told + n, dropped);
	assert_true(identity_equal(&id, &storm));
	assert_int_equal(recent_next(&recent, &at, now + S, &id), 0);
	assert_int_equal(recent.untold, 0);
}

/* A DISCOVER; does it get the script? */
static bool
loops(struct recent_machine *m, uint64_t now)
{
	recent_asked(m, now);
	return m->loops;
}

static void
the_third_load_within_a_minute(void **state)
{
	struct recent_machine *m = find(1);

	(void)state;
	assert_false(loops(m, START));
	recent_loaded(m, true, START);
	recent_loaded(m, true, START + S);	/* its REQUEST once more */
	assert_false(loops(m, START + 4 * S));
	recent_loaded(m, true, START + 4 * S);
	assert_false(m->loops);		/* for a REQUEST once more */
	assert_true(loops(m, START + 5 * S));
	assert_false(loops(m, START + 61 * S));
	assert_true(loops(m, START + 6 * S));
	recent_loaded(m, false, START + 6 * S);
	assert_true(m->loops);
	/* It got the script; a reboot starts anew. */
	assert_false(loops(m, START + 10 * S));
	recent_loaded(m, true, START + 10 * S);
	assert_false(loops(m, START + 71 * S));
	recent_loaded(m, true, START + 71 * S);
	assert_false(loops(m, START + 72 * S));
}

/* A hall of strangers is recorded whole, and of a flood enough. */
static void
a_flood_leaves_room_for_others(void **state)
{
	uint64_t now = START;
	unsigned i, told = 0;

	(void)state;
	for (i = 0; i < RECENT_STRANGERS; i++)
		assert_true(recent_record(&recent, now));
	for (i = 0; i < 100000; i++)
		told += recent_record(&recent, now += 10);
	assert_in_range(told, RECENT_STRANGERS_RATE - 1,
	    RECENT_STRANGERS_RATE + 1);
	assert_int_equal(recent.untold, 100000 - told);
	assert_int_equal(recent_unrecorded(&recent), 100000 - told);
	assert_int_equal(recent.untold, 0);
	assert_int_equal(recent_unrecorded(&recent), 0);
	now += RECENT_STRANGERS / RECENT_STRANGERS_RATE * RECENT_SECOND;
	for (i = 0; i < RECENT_STRANGERS; i++)
		assert_true(recent_record(&recent, now));
	assert_false(recent_record(&recent, now));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(an_approach_changes_nothing, fresh),
		cmocka_unit_test_setup(a_storm_is_cut, fresh),
		cmocka_unit_test_setup(five_hundred_questions_are_no_storm,
		    fresh),
		cmocka_unit_test_setup(no_rate_is_no_limit, fresh),
		cmocka_unit_test_setup(a_boot_is_not, fresh),
		cmocka_unit_test_setup(a_full_room_is_not, fresh),
		cmocka_unit_test_setup(a_storm_among_a_full_room, fresh),
		cmocka_unit_test_setup(a_crowd_is_no_storm, fresh),
		cmocka_unit_test_setup(some_storms_are_cut, fresh),
		cmocka_unit_test_setup(drops_are_told_by_the_second, fresh),
		cmocka_unit_test_setup(a_flood_leaves_room_for_others, fresh),
		cmocka_unit_test_setup(the_third_load_within_a_minute, fresh),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

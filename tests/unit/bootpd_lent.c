#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../bootpd/lent.h"

#define FIRST	0xc00002c8u	/* 192.0.2.200 */
#define LAST	0xc00002d1u	/* 192.0.2.209: ten */
#define NOW	UINT64_C(1700000000)

static char root[] = "/tmp/lent-test-XXXXXX", path[64];
static struct lent *lent;
static uint32_t of_a_host;

static bool
is_taken(void *arg, uint32_t address)
{
	(void)arg;
	return address == of_a_host;
}

static struct lent_range range = { FIRST, LAST, is_taken, NULL };

static struct identity
machine(uint32_t n)
{
	const uint8_t mac[6] = { 2, 0, (uint8_t)(n >> 24),
	    (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n };
	struct identity id;

	assert_true(identity_hw(&id, 1, mac, sizeof mac));
	return id;
}

/* What it gets, and keeps until then. */
static uint32_t
lend(uint32_t n, uint32_t wants, uint64_t now, uint64_t until)
{
	struct identity id = machine(n);
	uint32_t a = lent_find(lent, &id, &range, wants, now);

	if (a != 0)
		assert_true(lent_hold(lent, &id, a, now, until));
	return a;
}

static int
setup(void **state)
{
	(void)state;
	if (path[0] == '\0') {
		if (mkdtemp(root) == NULL)
			return -1;
		snprintf(path, sizeof path, "%s/db", root);
		if (mkdir(path, 0755) != 0)
			return -1;
		snprintf(path, sizeof path, "%s/db/lent", root);
	}
	of_a_host = 0;
	unlink(path);
	lent = lent_open(root);
	return lent == NULL;
}

static int
teardown(void **state)
{
	(void)state;
	lent_close(lent);
	return 0;
}

static int
remove_root(void **state)
{
	char command[64];

	(void)state;
	snprintf(command, sizeof command, "rm -rf %s", root);
	return system(command);
}

static void
open_again(void)
{
	lent_close(lent);
	lent = lent_open(root);
	assert_non_null(lent);
}

static void
each_has_its_own_and_keeps_it(void **state)
{
	uint32_t had[10], i, k;

	(void)state;
	for (i = 0; i < 10; i++) {
		had[i] = lend(i, 0, NOW, NOW + 600);
		assert_in_range(had[i], FIRST, LAST);
		for (k = 0; k < i; k++)
			assert_int_not_equal(had[i], had[k]);
	}
	assert_int_equal(lend(10, 0, NOW, NOW + 600), 0);
	assert_int_equal(lend(10, had[3], NOW, NOW + 600), 0);
	for (i = 0; i < 10; i++)
		assert_int_equal(lend(i, 0, NOW + 1, NOW + 600), had[i]);
	open_again();
	for (i = 0; i < 10; i++)
		assert_int_equal(lend(i, 0, NOW + 2, NOW + 600), had[i]);
}

static void
the_same_address_without_a_memory(void **state)
{
	uint32_t a, b;

	(void)state;
	a = lend(7, 0, NOW, NOW + 600);
	teardown(NULL);
	setup(NULL);
	assert_int_equal(lend(7, 0, NOW, NOW + 600), a);
	b = a == FIRST ? LAST : FIRST;
	teardown(NULL);
	setup(NULL);
	assert_int_equal(lend(7, b, NOW, NOW + 600), b);
}

static void
what_ran_out_goes_to_others_last(void **state)
{
	struct identity first = machine(0);
	uint32_t had[10], i;

	(void)state;
	for (i = 0; i < 9; i++)
		had[i] = lend(i, 0, NOW, NOW + 100 + i);
	had[9] = lend(20, 0, NOW + 1000, NOW + 2000);
	for (i = 0; i < 9; i++)		/* the one that nobody had */
		assert_int_not_equal(had[9], had[i]);
	/* nobody asked for it since: the old owner has it again */
	assert_int_equal(lend(5, 0, NOW + 1000, NOW + 2000), had[5]);
	/* and of the others the one that ran out first */
	assert_int_equal(lend(21, 0, NOW + 1000, NOW + 2000), had[0]);
	assert_false(lent_holds(lent, &first, had[0], NOW + 1000));
}

static void
of_its_own_it_has_the_one_it_wants(void **state)
{
	struct identity id = machine(1);

	(void)state;
	assert_true(lent_hold(lent, &id, FIRST, NOW, NOW + 10));
	assert_true(lent_hold(lent, &id, LAST, NOW, NOW + 600));
	assert_int_equal(lend(1, LAST, NOW + 20, NOW + 600), LAST);
	assert_int_equal(lend(1, FIRST, NOW + 20, NOW + 600), FIRST);
}

static void
a_hosts_address_is_never_lent(void **state)
{
	uint32_t a, i;

	(void)state;
	a = lend(1, 0, NOW, NOW + 600);
	of_a_host = a;
	assert_int_not_equal(lend(1, 0, NOW, NOW + 600), a);
	assert_int_not_equal(lend(1, a, NOW, NOW + 600), a);
	for (i = 2; i < 30; i++)
		assert_int_not_equal(lend(i, a, NOW, NOW + 600), a);
}

static void
an_offer_does_not_shorten_a_lease(void **state)
{
	struct identity id = machine(1);
	uint32_t a = lend(1, 0, NOW, NOW + 600);

	(void)state;
	lend(1, 0, NOW, NOW + 60);
	assert_true(lent_holds(lent, &id, a, NOW + 599));
	assert_false(lent_holds(lent, &id, a, NOW + 600));
	lent_release(lent, &id, a, NOW + 5);
	assert_false(lent_holds(lent, &id, a, NOW + 6));
	assert_int_equal(lend(1, 0, NOW + 7, NOW + 600), a);
}

static void
what_is_declined_is_nobodys(void **state)
{
	struct identity id = machine(40);
	uint32_t a = lend(40, 0, NOW, NOW + 600), i;

	(void)state;
	lent_decline(lent, a, NOW, NOW + 3600);
	assert_false(lent_holds(lent, &id, a, NOW));
	for (i = 0; i < 9; i++)
		assert_int_not_equal(lend(i, a, NOW, NOW + 600), a);
	assert_int_equal(lend(30, 0, NOW, NOW + 600), 0);
	assert_int_equal(lend(40, a, NOW + 3600, NOW + 4000), a);
}

static void
another_gives_nothing_back(void **state)
{
	struct identity one = machine(1), two = machine(2);
	uint32_t a = lend(1, 0, NOW, NOW + 600);

	(void)state;
	lent_release(lent, &two, a, NOW);
	assert_true(lent_holds(lent, &one, a, NOW + 1));
	assert_false(lent_holds(lent, &two, a, NOW + 1));
}

static void
a_crowd_meets_what_there_is(void **state)
{
	struct lent_range big = { 0x0a000001u, 0x0a004000u, is_taken, NULL };
	struct identity id;
	uint32_t i, a, n = 0;

	(void)state;
	for (i = 0; i < 20000; i++) {
		id = machine(i);
		a = lent_find(lent, &id, &big, 0, NOW);
		if (a == 0)
			continue;
		assert_in_range(a, big.first, big.last);
		n += lent_hold(lent, &id, a, NOW, NOW + 600);
	}
	assert_in_range(n, 16000, 16384);
	/* another subnet's range, and no slot near it is free */
	big.first += 0x10000;
	big.last += 0x10000;
	n = 0;
	for (i = 0; i < 1000; i++) {
		id = machine(i);
		a = lent_find(lent, &id, &big, 0, NOW);
		assert_int_not_equal(a, 0);
		n += lent_hold(lent, &id, a, NOW, NOW + 600);
	}
	assert_true(n < 400);
	/* later all of it goes on */
	for (i = 0; i < 1000; i++) {
		id = machine(i);
		a = lent_find(lent, &id, &big, 0, NOW + 601);
		assert_true(lent_hold(lent, &id, a, NOW + 601, NOW + 900));
	}
}

static void
damage_costs_a_record_and_no_more(void **state)
{
	uint32_t a = lend(1, 0, NOW, NOW + 600), i;
	off_t at = 4096 + (off_t)(a % LENT_SLOTS) * 64;
	int fd = open(path, O_RDWR);
	struct identity id = machine(1);
	struct stat st;

	(void)state;
	assert_int_equal(pwrite(fd, "\1", 1, at + 20), 1);
	close(fd);
	assert_false(lent_holds(lent, &id, a, NOW));
	assert_int_equal(lend(1, 0, NOW, NOW + 600), a);
	/* cut, or not ours: made anew */
	for (i = 0; i < 2; i++) {
		fd = open(path, O_RDWR);
		if (i == 0)
			assert_int_equal(ftruncate(fd, 5000), 0);
		else
			assert_int_equal(pwrite(fd, "else", 4, 0), 4);
		close(fd);
		teardown(NULL);
		lent = lent_open(root);
		assert_non_null(lent);
		assert_int_equal(stat(path, &st), 0);
		assert_int_equal(st.st_size, 4096 + 64 * LENT_SLOTS);
		assert_false(lent_holds(lent, &id, a, NOW));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		T(each_has_its_own_and_keeps_it),
		T(the_same_address_without_a_memory),
		T(what_ran_out_goes_to_others_last),
		T(of_its_own_it_has_the_one_it_wants),
		T(a_hosts_address_is_never_lent),
		T(an_offer_does_not_shorten_a_lease),
		T(what_is_declined_is_nobodys),
		T(another_gives_nothing_back),
		T(a_crowd_meets_what_there_is),
		T(damage_costs_a_record_and_no_more),
	};

	return cmocka_run_group_tests_name("bootpd_lent", tests, NULL,
	    remove_root);
}

/*
 * Files put in their place beside the one that asks for it.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../tftpd/keeper.h"

#define JOBS	200

static char dir[] = "/tmp/tftpd_keeper.XXXXXX";
static int root;
static struct keeper_job job[JOBS];

static int
set_up(void **state)
{
	(void)state;
	assert_non_null(mkdtemp(dir));
	root = open(dir, O_RDONLY | O_DIRECTORY);
	return root < 0;
}

static int
tear_down(void **state)
{
	char command[128];

	(void)state;
	close(root);
	snprintf(command, sizeof command, "rm -rf %s", dir);
	return system(command);
}

static const char *
name_of(int i)
{
	static char name[16];

	snprintf(name, sizeof name, "f%d", i);
	return name;
}

static void
give(struct keeper *k, int i, bool unwanted)
{
	job[i] = (struct keeper_job){ .of = &job[i] };
	job[i].unwanted = unwanted;
	job[i].store = store_open(root, name_of(i), 022, false, NULL);
	assert_non_null(job[i].store);
	assert_true(store_write(job[i].store, "x", 1));
	keeper_take(k, &job[i]);
}

static bool
is_there(int i)
{
	bool there = faccessat(root, name_of(i), F_OK, 0) == 0;

	unlinkat(root, name_of(i), 0);
	return there;
}

/* As the loop does it; each comes back once. */
static void
all_come_back(void **state)
{
	struct keeper *k = keeper_new();
	struct pollfd p = { .events = POLLIN };
	struct keeper_job *j;
	int back = 0, i;

	(void)state;
	assert_non_null(k);
	p.fd = keeper_fd(k);
	assert_int_equal(poll(&p, 1, 0), 0);
	assert_null(keeper_done(k));
	for (i = 0; i < JOBS; i++)
		give(k, i, i % 3 == 0);
	while (back < JOBS) {
		assert_int_equal(poll(&p, 1, 20000), 1);
		while ((j = keeper_done(k)) != NULL) {
			i = (int)(j - job);
			assert_ptr_equal(j->of, &job[i]);
			assert_int_equal(j->error,
			    i % 3 == 0 ? ECANCELED : 0);
			assert_true(is_there(i) == (i % 3 != 0));
			j->of = NULL;
			back++;
		}
	}
	assert_int_equal(keeper_waiting(k), 0);
	assert_int_equal(poll(&p, 1, 0), 0);
	keeper_end(k);
	assert_null(keeper_done(k));
	keeper_free(k);
}

/* The end waits for all of them. */
static void
the_end(void **state)
{
	struct keeper *k = keeper_new();
	int i, back = 0;

	(void)state;
	assert_non_null(k);
	for (i = 0; i < JOBS; i++)
		give(k, i, false);
	keeper_end(k);
	assert_int_equal(keeper_waiting(k), 0);
	for (i = 0; i < JOBS; i++)
		assert_true(is_there(i));
	while (keeper_done(k) != NULL)
		back++;
	assert_int_equal(back, JOBS);
	keeper_free(k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_come_back),
		cmocka_unit_test(the_end),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}

/*
 * Many descriptors to wait for: who is readable, who is so no longer, and
 * that a wait ends.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/time.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../tftpd/ready.h"

#define PIPES	40

static void *who[READY_MOST];
static sigset_t during;

static void
on_alarm(int number)
{
	(void)number;
}

/* Those that wait, as the sum of their numbers. */
static int
sum(struct ready *r, int n)
{
	int i, all = 0, told = ready_wait(r, 0, &during, who);

	assert_int_equal(told, n);
	for (i = 0; i < told; i++)
		all += *(int *)who[i];
	return all;
}

static void
says_who_can_be_read(void **state)
{
	struct ready *r = ready_new();
	int fd[PIPES][2], number[PIPES], i;
	char c;

	(void)state;
	assert_non_null(r);
	sigprocmask(SIG_SETMASK, NULL, &during);
	for (i = 0; i < PIPES; i++) {
		number[i] = 1 << i % 20;
		assert_int_equal(pipe(fd[i]), 0);
		assert_true(ready_add(r, fd[i][0], &number[i]));
	}
	assert_int_equal(sum(r, 0), 0);
	for (i = 0; i < 20; i++)
		assert_int_equal(write(fd[i][1], "x", 1), 1);
	assert_int_equal(sum(r, 20), (1 << 20) - 1);
	/* It is told until it is read. */
	assert_int_equal(sum(r, 20), (1 << 20) - 1);
	assert_int_equal(read(fd[3][0], &c, 1), 1);
	assert_int_equal(sum(r, 19), (1 << 20) - 1 - 8);
	ready_remove(r, fd[0][0]);
	assert_int_equal(sum(r, 18), (1 << 20) - 1 - 8 - 1);
	/* The last one that came is still known. */
	assert_int_equal(write(fd[PIPES - 1][1], "x", 1), 1);
	assert_int_equal(sum(r, 19), (1 << 20) - 1 - 8 - 1 + (1 << 19));
	ready_free(r);
	for (i = 0; i < PIPES; i++) {
		close(fd[i][0]);
		close(fd[i][1]);
	}
}

/* A signal that is blocked but for the wait ends it, at once. */
static void
lets_a_signal_in(void **state)
{
	struct sigaction act = { .sa_handler = on_alarm };
	struct ready *r = ready_new();
	sigset_t alarm;

	(void)state;
	assert_non_null(r);
	sigaction(SIGALRM, &act, NULL);
	sigemptyset(&alarm);
	sigaddset(&alarm, SIGALRM);
	sigprocmask(SIG_BLOCK, &alarm, &during);
	raise(SIGALRM);
	errno = 0;
	assert_int_equal(ready_wait(r, 60 * 1000000u, &during, who), -1);
	assert_int_equal(errno, EINTR);
	assert_int_equal(ready_wait(r, 1, &during, who), 0);
	sigprocmask(SIG_SETMASK, &during, NULL);
	ready_free(r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(says_who_can_be_read),
		cmocka_unit_test(lets_a_signal_in),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

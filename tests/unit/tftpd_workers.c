#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>
#include <setjmp.h>
#include <cmocka.h>

#include "../../tftpd/workers.h"

static void
bound(struct service *s, int type)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };

	*s = (struct service){ .from = SERVICE_LISTEN, .n = 1 };
	s->fd[0] = socket(AF_INET, type | SOCK_NONBLOCK, 0);
	assert_true(s->fd[0] >= 0);
	assert_int_equal(bind(s->fd[0], (struct sockaddr *)&a, sizeof a), 0);
	if (type == SOCK_STREAM)
		assert_int_equal(listen(s->fd[0], 10), 0);
}

/* Each worker: says what it has to do, and waits for the sum of all. */
static void
work(struct workers *w, int status)
{
	workers_serving(w, 10);
	workers_ready(w);
	while (workers_serve(w) != 30)
		usleep(1000);
	workers_busy(w, 42);
	if (status >= 0)
		_exit(status);
	kill(getppid(), SIGTERM);
	for (;;)
		pause();
}

/*
 * In a process of its own, as it would be: the status it ends with.  status:
 * of each worker; -1: they have it told to end.
 */
static int
run(unsigned n, int type, int status)
{
	struct service s;
	struct workers *w;
	int ended = -1, got;
	pid_t pid;

	bound(&s, type);
	if ((pid = fork()) == 0) {
		w = workers_new(n, &s);
		if (w == NULL || workers_number(w) != n)
			_exit(99);
		if (workers_start(w, &s, &ended))
			work(w, status);
		_exit(workers_busy_at(w) == 42 && workers_serve(w) == 0 &&
		    workers_over(w) ? ended : 98);
	}
	assert_int_equal(waitpid(pid, &got, 0), pid);
	close(s.fd[0]);
	assert_true(WIFEXITED(got));
	return WEXITSTATUS(got);
}

static void
the_first_that_ends_ends_all(void **state)
{
	(void)state;
	assert_int_equal(run(3, SOCK_DGRAM, EX_TEMPFAIL), EX_TEMPFAIL);
	assert_int_equal(run(3, SOCK_DGRAM, EX_OK), EX_OK);
	assert_int_equal(run(3, SOCK_STREAM, EX_NOINPUT), EX_NOINPUT);
}

static void
told_to_end(void **state)
{
	(void)state;
	assert_int_equal(run(3, SOCK_DGRAM, -1), EX_OK);
}

static void
one_alone_is_no_other_process(void **state)
{
	struct service s, before;
	struct workers *w;
	pid_t me = getpid();
	int ended;

	(void)state;
	bound(&s, SOCK_DGRAM);
	before = s;
	w = workers_new(1, &s);
	assert_non_null(w);
	assert_true(workers_start(w, &s, &ended));
	assert_int_equal(getpid(), me);
	assert_memory_equal(&s, &before, sizeof s);
	workers_ready(w);
	workers_serving(w, 7);
	assert_int_equal(workers_serve(w), 7);
	assert_false(workers_over(w));
	close(s.fd[0]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_that_ends_ends_all),
		cmocka_unit_test(told_to_end),
		cmocka_unit_test(one_alone_is_no_other_process),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

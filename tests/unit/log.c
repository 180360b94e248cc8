#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <syslog.h>
#include <unistd.h>

#include "log.h"

static char text[8192];

/* What fn writes to stderr, in text; its exit status. */
static int
capture(void (*fn)(void))
{
	int p[2], status;
	size_t n = 0;
	ssize_t got;
	pid_t pid;

	assert_int_equal(pipe(p), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		dup2(p[1], STDERR_FILENO);
		fn();
		_exit(0);
	}
	close(p[1]);
	while ((got = read(p[0], text + n, sizeof text - 1 - n)) > 0)
		n += (size_t)got;
	text[n] = '\0';
	close(p[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void
say_levels(void)
{
	log_open("prog", LOG_TO_STDERR, LOG_DAEMON, LOG_INFO);
	errno = ENOENT;
	log_err_e("%s", "kernel");
	log_warn("two: words");
	log_info("three");
	log_debug("never");
	log_open("prog", LOG_TO_STDERR, LOG_DAEMON, LOG_DEBUG);
	log_debug("four");
}

/* What is opened later must not get what is written to stderr. */
static void
closed_descriptors(void)
{
	close(STDIN_FILENO);
	close(STDOUT_FILENO);
	close(STDERR_FILENO);
	log_open("prog", LOG_TO_STDERR, LOG_DAEMON, LOG_INFO);
	_exit(dup(STDIN_FILENO) > STDERR_FILENO ? 0 : 1);
}

static void
none_of_012(void **state)
{
	(void)state;
	assert_int_equal(capture(closed_descriptors), 0);
}

static void
one_format(void **state)
{
	(void)state;
	assert_int_equal(capture(say_levels), 0);
	assert_string_equal(text,
	    "prog: kernel: No such file or directory\n"
	    "prog: two: words\nprog: three\nprog: four\n");
}

static void
say_to_nobody(void)
{
	close(STDERR_FILENO);
	errno = ENOENT;
	log_warn_e("unheard");
	_exit(errno == ENOENT ? 0 : 1);
}

static void
errno_stays(void **state)
{
	(void)state;
	assert_int_equal(capture(say_to_nobody), 0);
}

static void
say_fatal(void)
{
	log_open("prog", LOG_TO_STDERR, LOG_DAEMON, LOG_ERR);
	log_warn("not shown");
	log_fatal(EX_CONFIG, "no %s", "way");
}

static void
fatal_exits(void **state)
{
	(void)state;
	assert_int_equal(capture(say_fatal), EX_CONFIG);
	assert_string_equal(text, "prog: no way\n");
}

static void
say_long(void)
{
	char big[5000];

	memset(big, 'x', sizeof big - 1);
	big[sizeof big - 1] = '\0';
	log_open("prog", LOG_TO_STDERR, LOG_DAEMON, LOG_ERR);
	errno = EIO;
	log_err_e("%s", big);
}

static void
long_lines_are_cut(void **state)
{
	(void)state;
	assert_int_equal(capture(say_long), 0);
	assert_true(strlen(text) > 1000 && strlen(text) < 3000);
	assert_int_equal(text[strlen(text) - 1], '\n');
}

static void
clean_text(void **state)
{
	static const struct {
		const char *bytes;
		size_t n;
		const char *wanted;
	} rows[] = {
		{ "", 0, "" },
		{ "plain ~", 7, "plain ~" },
		{ "a\nb\0c", 5, "a\\012b\\000c" },
		{ "\x1b[2J\xff\x7f", 6, "\\033[2J\\377\\177" },
		{ "a\\b", 3, "a\\\\b" },
	};
	char out[64];

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		assert_string_equal(log_clean(out, sizeof out, rows[i].bytes,
		    rows[i].n), rows[i].wanted);
}

static void
clean_never_passes_its_size(void **state)
{
	char out[16];

	(void)state;
	for (size_t size = 1; size < sizeof out; size++) {
		memset(out, '#', sizeof out);
		log_clean(out, size, "ab\ncd\n", 6);
		assert_int_equal(out[size], '#');
		assert_true(strlen(out) < size);
	}
	assert_string_equal(log_clean(out, 6, "ab\ncd", 5), "ab");
	assert_string_equal(log_clean(out, 0, "ab", 2), "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(none_of_012),
		cmocka_unit_test(one_format),
		cmocka_unit_test(errno_stays),
		cmocka_unit_test(fatal_exits),
		cmocka_unit_test(long_lines_are_cut),
		cmocka_unit_test(clean_text),
		cmocka_unit_test(clean_never_passes_its_size),
	};

	return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}

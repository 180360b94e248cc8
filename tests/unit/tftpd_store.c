/*
 * Files that come, in a directory of its own.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../tftpd/store.h"

static char dir[] = "/tmp/tftpd_store.XXXXXX";
static int root;
static atomic_bool unwanted;

static void
put_file(const char *name, const char *bytes, mode_t mode)
{
	int fd = openat(root, name, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, strlen(bytes)), strlen(bytes));
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
}

static void
has(const char *name, const char *wanted, size_t n, mode_t mode)
{
	char bytes[256];
	struct stat st;
	int fd = openat(root, name, O_RDONLY);

	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_mode & 07777, mode);
	assert_int_equal(read(fd, bytes, sizeof bytes), n);
	assert_memory_equal(bytes, wanted, n);
	close(fd);
}

/* How many names begin as those of files that are being sent. */
static unsigned
left_over(void)
{
	DIR *d = fdopendir(openat(root, ".", O_RDONLY | O_DIRECTORY));
	struct dirent *e;
	unsigned n = 0;

	while ((e = readdir(d)) != NULL)
		n += strncmp(e->d_name, STORE_PREFIX,
		    strlen(STORE_PREFIX)) == 0;
	closedir(d);
	return n;
}

static void
refused(const char *path, int error)
{
	struct store *s = store_open(root, path, 022, false, NULL);

	if (s != NULL || errno != error)
		fail_msg("%s: %s", path, strerror(errno));
}

static int
set_up(void **state)
{
	(void)state;
	assert_non_null(mkdtemp(dir));
	root = open(dir, O_RDONLY | O_DIRECTORY);
	assert_int_equal(mkdirat(root, "sub", 0755), 0);
	assert_int_equal(symlinkat("sub", root, "link"), 0);
	assert_int_equal(symlinkat("/tmp/nowhere", root, "dangling"), 0);
	assert_int_equal(mkfifoat(root, "fifo", 0666), 0);
	return 0;
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

static void
new_files(void **state)
{
	struct store *s = store_open(root, "sub/new", 027, false, NULL);

	(void)state;
	assert_non_null(s);
	assert_true(store_write(s, "a\r\n", 3));
	assert_true(store_write(s, "b\r", 2));
	assert_int_equal(faccessat(root, "sub/new", F_OK, 0), -1);
	assert_true(store_commit(s, &unwanted));
	has("sub/new", "a\r\nb\r", 5, 0640);
	s = store_open(root, "empty", 022, false, NULL);
	assert_true(store_commit(s, &unwanted));
	has("empty", "", 0, 0644);
	assert_int_equal(left_over(), 0);
}

static void
files_that_are_there(void **state)
{
	struct store *s;
	int fd;

	(void)state;
	put_file("public", "before", 0666);
	put_file("private", "before", 0664);
	fd = openat(root, "public", O_RDONLY);
	s = store_open(root, "public", 022, false, NULL);
	assert_non_null(s);
	assert_true(store_write(s, "after", 5));
	has("public", "before", 6, 0666);
	assert_true(store_commit(s, &unwanted));
	has("public", "after", 5, 0666);
	/* Who has it open still reads what was there. */
	has("public", "after", 5, 0666);
	{
		char bytes[6];

		assert_int_equal(read(fd, bytes, 6), 6);
		assert_memory_equal(bytes, "before", 6);
	}
	close(fd);
	refused("private", EACCES);
	refused("sub", EACCES);
	refused("fifo", EACCES);
	refused("dangling", EACCES);
	refused("link/x", ENOTDIR);
	refused("none/x", ENOENT);
	refused("private/x", ENOTDIR);
	has("private", "before", 6, 0664);
	assert_int_equal(left_over(), 0);
}

static void
given_up(void **state)
{
	struct store *s = store_open(root, "never", 022, false, NULL), *again;

	(void)state;
	assert_true(store_write(s, "half", 4));
	assert_int_equal(left_over(), 1);
	/* Two at once would mix. */
	again = store_open(root, "never", 022, false, NULL);
	assert_null(again);
	assert_int_equal(errno, EBUSY);
	assert_int_equal(left_over(), 1);
	store_abort(s);
	assert_int_equal(left_over(), 0);
	assert_int_equal(faccessat(root, "never", F_OK, 0), -1);
	/* The same when all is there already. */
	s = store_open(root, "never", 022, false, NULL);
	assert_true(store_write(s, "all", 3));
	unwanted = true;
	assert_false(store_commit(s, &unwanted));
	assert_int_equal(errno, ECANCELED);
	unwanted = false;
	assert_int_equal(left_over(), 0);
	assert_int_equal(faccessat(root, "never", F_OK, 0), -1);
	/* What a crash left is in nobody's way. */
	put_file(STORE_PREFIX "never", "old and long", 0600);
	s = store_open(root, "never", 022, false, NULL);
	assert_non_null(s);
	assert_true(store_write(s, "new", 3));
	assert_true(store_commit(s, &unwanted));
	has("never", "new", 3, 0644);
	assert_int_equal(left_over(), 0);
}

/* Nothing that is there is written to. */
static void
numbered(void **state)
{
	struct store *s, *other;
	char name[260];

	(void)state;
	put_file("log.today.00", "before", 0666);
	s = store_open(root, "log", 022, false, "today");
	other = store_open(root, "log", 022, false, "today");
	assert_non_null(s);
	assert_non_null(other);
	assert_true(store_write(s, "first", 5));
	assert_true(store_write(other, "second", 6));
	assert_true(store_commit(s, &unwanted));
	assert_true(store_commit(other, &unwanted));
	has("log.today.00", "before", 6, 0666);
	has("log.today.01", "first", 5, 0644);
	has("log.today.02", "second", 6, 0644);
	for (int i = 0; i < 100; i++) {
		snprintf(name, sizeof name, "many.x.%02d", i);
		put_file(name, "", 0666);
	}
	assert_null(store_open(root, "many", 022, false, "x"));
	assert_int_equal(errno, EEXIST);
	memset(name, 'n', 250);
	name[250] = '\0';
	assert_null(store_open(root, name, 022, false, "today"));
	assert_int_equal(errno, ENAMETOOLONG);
	assert_int_equal(left_over(), 0);
}

/* However the bytes are parted. */
static void
netascii(void **state)
{
	static const char in[] = "a\r\nb\r\0c\r\r\nd\r\n";
	static const char out[] = "a\nb\rc\r\nd\n";
	size_t n = sizeof in - 1;
	struct store *s;

	(void)state;
	for (size_t part = 1; part <= n; part++) {
		s = store_open(root, "text", 0, true, NULL);
		assert_non_null(s);
		for (size_t i = 0; i < n; i += part)
			assert_true(store_write(s, in + i,
			    n - i < part ? n - i : part));
		assert_true(store_commit(s, &unwanted));
		has("text", out, sizeof out - 1, 0666);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(new_files),
		cmocka_unit_test(files_that_are_there),
		cmocka_unit_test(numbered),
		cmocka_unit_test(given_up),
		cmocka_unit_test(netascii),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}

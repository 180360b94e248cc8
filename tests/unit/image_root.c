#include "image_test.h"

#include <errno.h>

#include "../../pxectl/image/root.h"

/* Links under DIR/top, which is the root; DIR/outside is not in it. */
static const struct {
	const char *link, *target;
} links[] = {
	{ "top/up", "../outside" },
	{ "top/far", "../../../../../../../../etc/passwd" },
	{ "top/absolute", "/a/b/file" },
	{ "top/a/absolute", "/a/b/file" },
	{ "top/a/relative", "b/file" },
	{ "top/a/back", "../a/b" },
	{ "top/directory", "a/b" },
	{ "top/round", "round" },
	{ "top/a/shadow", "/outside" },
};

static const struct {
	const char *path, *real;
	int error;
} cases[] = {
	{ "a/b/file", "a/b/file", 0 },
	{ "/a/b/file", "a/b/file", 0 },
	{ "//a/./b//file", "a/b/file", 0 },
	{ "a/../a/b/file", "a/b/file", 0 },
	{ "../../a/b/file", "a/b/file", 0 },
	{ "absolute", "a/b/file", 0 },
	{ "a/absolute", "a/b/file", 0 },
	{ "a/relative", "a/b/file", 0 },
	{ "a/back/file", "a/b/file", 0 },
	{ "directory/file", "a/b/file", 0 },
	{ "directory/../b/file", "a/b/file", 0 },
	{ "/", "", 0 },
	{ "a/b", "a/b", 0 },
	{ "up", NULL, ENOENT },
	{ "../outside", NULL, ENOENT },
	{ "far", NULL, ENOENT },
	{ "a/shadow", NULL, ENOENT },
	{ "round", NULL, ELOOP },
	{ "a/b/file/x", NULL, ENOTDIR },
	{ "absolute/x", NULL, ENOTDIR },
	{ "pipe", NULL, EINVAL },
	{ "none", NULL, ENOENT },
};

static void
stays_inside(void **state)
{
	char path[PATH_MAX], real[PATH_MAX];
	struct root root;
	size_t i;
	int fd;

	(void)state;
	test_text("outside", 0644, "not for the image");
	test_text("top/a/b/file", 0644, "text");
	for (i = 0; i < sizeof(links) / sizeof(links[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", test_dir,
		    links[i].link);
		assert_int_equal(symlink(links[i].target, path), 0);
	}
	snprintf(path, sizeof(path), "%s/top/pipe", test_dir);
	assert_int_equal(mkfifo(path, 0600), 0);
	snprintf(path, sizeof(path), "%s/top//", test_dir);
	assert_int_equal(root_open(&root, path), 0);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		fd = root_find(&root, cases[i].path, real, NULL);
		if (cases[i].real == NULL) {
			if (fd != -1 || errno != cases[i].error)
				fail_msg("%s: %d %s", cases[i].path, fd,
				    strerror(errno));
			continue;
		}
		if (fd == -1)
			fail_msg("%s: %s", cases[i].path, strerror(errno));
		close(fd);
		assert_string_equal(real, cases[i].real);
	}
	root_close(&root);
}

static void
lists_sorted(void **state)
{
	struct root_bytes bytes;
	struct root root;
	char **names;

	(void)state;
	test_text("list/b", 0644, "");
	test_text("list/a", 0644, "x");
	test_text("list/.c", 0644, "");
	assert_int_equal(root_open(&root, test_dir), 0);
	names = root_list(&root, "list");
	assert_non_null(names);
	assert_string_equal(names[0], ".c");
	assert_string_equal(names[1], "a");
	assert_string_equal(names[2], "b");
	assert_null(names[3]);
	free(names);
	assert_int_equal(root_map(&root, "list/a", NULL, NULL, &bytes), 0);
	assert_int_equal(bytes.len, 1);
	root_unmap(&bytes);
	assert_int_equal(root_map(&root, "list/b", NULL, NULL, &bytes), 0);
	assert_int_equal(bytes.len, 0);
	assert_int_equal(root_map(&root, "list", NULL, NULL, &bytes), -1);
	assert_int_equal(errno, EISDIR);
	root_close(&root);
}

/* A name that cannot be, behind a file: nothing stays open. */
static void
closes_what_it_opened(void **state)
{
	char path[NAME_MAX + 16] = "a/file/", top[PATH_MAX];
	struct root root;
	int before, after;

	(void)state;
	test_text("top/a/file", 0644, "text");
	snprintf(top, sizeof(top), "%s/top", test_dir);
	assert_int_equal(root_open(&root, top), 0);
	before = dup(STDIN_FILENO);
	close(before);
	memset(path + strlen(path), 'x', NAME_MAX + 1);
	assert_int_equal(root_find(&root, path, NULL, NULL), -1);
	assert_int_equal(errno, ENAMETOOLONG);
	after = dup(STDIN_FILENO);
	close(after);
	assert_int_equal(after, before);
	root_close(&root);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(stays_inside, test_begin,
		    test_end),
		cmocka_unit_test_setup_teardown(closes_what_it_opened,
		    test_begin, test_end),
		cmocka_unit_test_setup_teardown(lists_sorted, test_begin,
		    test_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

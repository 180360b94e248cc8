#include "image_test.h"

#include <errno.h>

#include "../../pxectl/image/tree.h"

static void
links_of_directories(void **state)
{
	struct tree t = { 0 };
	char real[PATH_MAX];

	(void)state;
	assert_int_equal(tree_directory(&t, "usr/bin", 0755), 0);
	assert_int_equal(tree_link(&t, "bin", "usr/bin", IMAGE_SYSTEM), 0);
	assert_int_equal(tree_directory(&t, "/bin", 0755), 0);
	assert_int_equal(tree_get(&t, "bin")->kind, TREE_LINK);
	assert_int_equal(tree_link(&t, "/bin/sh", "/bin/dash", IMAGE_BIN), 0);
	assert_string_equal(tree_get(&t, "/bin/sh")->path, "usr/bin/sh");
	assert_ptr_equal(tree_get(&t, "bin/sh"), tree_get(&t, "usr/bin/sh"));
	assert_int_equal(tree_link(&t, "a/down", "../bin", IMAGE_BIN), 0);
	assert_int_equal(tree_resolve(&t, "a/down/x", real), -1);
	assert_int_equal(tree_link(&t, "loop", "loop", IMAGE_BIN), 0);
	assert_int_equal(tree_resolve(&t, "loop/x", real), -1);
	assert_int_equal(errno, ELOOP);
	tree_free(&t);
}

static void
sorted_and_once(void **state)
{
	struct tree t = { 0 };
	size_t i;

	(void)state;
	assert_int_equal(tree_link(&t, "c/d/e", "x", IMAGE_BIN), 0);
	assert_int_equal(tree_link(&t, "c-1", "x", IMAGE_BIN), 0);
	assert_int_equal(tree_link(&t, "a", "x", IMAGE_BIN), 0);
	assert_int_equal(tree_link(&t, "a", "y", IMAGE_SBIN), 0);
	assert_string_equal(tree_get(&t, "a")->target, "y");
	assert_int_equal(t.count, 5);
	for (i = 1; i < t.count; i++)
		assert_true(strcmp(t.node[i - 1]->path, t.node[i]->path) < 0);
	assert_int_equal(tree_get(&t, "c/d")->kind, TREE_DIRECTORY);
	tree_free(&t);
}

static void
refuses(void **state)
{
	struct tree t = { 0 };

	(void)state;
	assert_int_equal(tree_directory(&t, "d/e", 0755), 0);
	assert_int_equal(tree_link(&t, "d/e", "x", IMAGE_BIN), -1);
	assert_int_equal(errno, EISDIR);
	assert_int_equal(tree_bytes(&t, "f", 0644, IMAGE_BIN, strdup("x"), 1),
	    0);
	assert_int_equal(tree_link(&t, "f/g", "x", IMAGE_BIN), -1);
	assert_int_equal(errno, ENOTDIR);
	assert_int_equal(tree_link(&t, "../x", "x", IMAGE_BIN), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(tree_bytes(&t, "d", 0644, IMAGE_BIN, strdup("x"), 1),
	    -1);
	tree_free(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(links_of_directories),
		cmocka_unit_test(sorted_and_once),
		cmocka_unit_test(refuses),
	};

	(void)test_begin;
	(void)test_end;
	(void)test_file;
	return cmocka_run_group_tests(tests, NULL, NULL);
}

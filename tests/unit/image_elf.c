#include "image_test.h"

#include <sysexits.h>

#include "../../pxectl/image/busybox.h"
#include "../../pxectl/image/elf.h"
#include "../../pxectl/image/library.h"

/* Every library that `ls` of this machine needs is in, theirs too. */
static void
closes_over_ls(void **state)
{
	struct image_options options = { 0 };
	struct image_report report = { 0 };
	char why[256] = "", real[PATH_MAX], path[2 * PATH_MAX];
	struct root_bytes bytes;
	struct elf_facts facts;
	struct build b = { .options = &options, .report = &report,
	    .why = why, .whysize = sizeof(why), .progress = -1 };
	size_t i, j, libraries = 0;
	unsigned n;
	const char *base;
	bool in;

	(void)state;
	assert_int_equal(root_open(&b.from, "/"), 0);
	assert_int_equal(library_start(&b), EX_OK);
	assert_int_equal(root_map(&b.from, "bin/ls", real, NULL, &bytes), 0);
	assert_int_equal(elf_read(bytes.at, bytes.len, &facts), ELF_IS);
	assert_true(facts.needs > 0);
	assert_int_equal(library_close(&b, real, bytes.at, bytes.len), EX_OK);
	assert_int_equal(report.skips, 0);
	assert_non_null(tree_get(&b.tree, facts.interpreter));
	root_unmap(&bytes);
	assert_int_equal(b.homes, 1);
	/* Each file that went in has all it needs beside it. */
	for (i = 0; i < b.tree.count; i++) {
		if (b.tree.node[i]->kind != TREE_FILE)
			continue;
		libraries++;
		assert_int_equal(root_map(&b.from, b.tree.node[i]->source,
		    NULL, NULL, &bytes), 0);
		assert_int_equal(elf_read(bytes.at, bytes.len, &facts),
		    ELF_IS);
		for (n = 0; n < facts.needs; n++) {
			in = false;
			for (j = 0; j < b.tree.count; j++) {
				base = strrchr(b.tree.node[j]->path, '/');
				in |= base != NULL && strcmp(base + 1,
				    facts.needed[n]) == 0;
			}
			if (!in)
				fail_msg("%s", facts.needed[n]);
		}
		root_unmap(&bytes);
	}
	assert_true(libraries >= 2);
	snprintf(path, sizeof(path), "%s/libc.so.6", b.home[0].dir);
	assert_non_null(tree_get(&b.tree, path));
	tree_free(&b.tree);
	library_end(&b);
	root_close(&b.from);
}

/* Whatever byte is changed and wherever it is cut: an answer, no crash. */
static void
damaged_files(void **state)
{
	struct root_bytes bytes;
	struct elf_facts facts;
	struct root root;
	unsigned char *copy;
	size_t i, n, len;

	(void)state;
	assert_int_equal(root_open(&root, "/"), 0);
	assert_int_equal(root_map(&root, "bin/ls", NULL, NULL, &bytes), 0);
	assert_int_equal(elf_read(bytes.at, 3, &facts), ELF_IS_NOT);
	for (i = 0; i < 1024; i++) {
		len = i < 512 ? i * bytes.len / 512 : bytes.len;
		copy = malloc(len + 1);
		assert_non_null(copy);
		memcpy(copy, bytes.at, len);
		if (i >= 512)
			for (n = 0; n < 4; n++)
				copy[(i * 7 + n * 131) % 1024] ^=
				    (unsigned char)(1 + i + 3 * n);
		elf_read(copy, len, &facts);
		free(copy);
	}
	root_unmap(&bytes);
	root_close(&root);
}

static void
modinfo_texts(void **state)
{
	static const char info[] = "license=GPL\0\0x\0depends=a,b\0cut=off";
	const char *at = info, *end = info + sizeof(info) - 1, *key, *value;
	size_t n;

	(void)state;
	assert_true(elf_modinfo_next(&at, end, &key, &n, &value));
	assert_int_equal(n, 7);
	assert_string_equal(value, "GPL");
	assert_true(elf_modinfo_next(&at, end, &key, &n, &value));
	assert_string_equal(value, "a,b");
	/* The last one has no end: not a text. */
	assert_false(elf_modinfo_next(&at, end, &key, &n, &value));
	assert_ptr_equal(at, end);
}

static void
busybox_names(void **state)
{
	static const char table[] = "junk\0cat\0 no table\0"
	    "[\0[[\0ar\0ash\0cat\0chmod\0cp\0cut\0dd\0df\0du\0echo\0ed\0env\0"
	    "fold\0grep\0gzip\0head\0id\0ls\0mkdir\0udhcpc\0vi\0wc\0"
	    "After the table";
	const char *from, *to;
	char *copy = malloc(sizeof(table));

	(void)state;
	assert_non_null(copy);
	memcpy(copy, table, sizeof(table));
	assert_true(busybox_applets(copy, sizeof(table), &from, &to));
	assert_true(busybox_has(from, to, "udhcpc"));
	assert_true(busybox_has(from, to, "["));
	assert_true(busybox_has(from, to, "wc"));
	assert_false(busybox_has(from, to, "dhclient"));
	assert_false(busybox_has(from, to, "After the table"));
	assert_false(busybox_applets(copy, 30, &from, &to));
	free(copy);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(closes_over_ls),
		cmocka_unit_test(damaged_files),
		cmocka_unit_test(modinfo_texts),
		cmocka_unit_test(busybox_names),
	};

	(void)test_begin;
	(void)test_end;
	(void)test_file;
	return cmocka_run_group_tests(tests, NULL, NULL);
}

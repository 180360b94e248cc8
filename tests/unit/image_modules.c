#include "image_test.h"

#include <archive.h>
#include <archive_entry.h>

#include "../../pxectl/image/modules.h"

#define INFO(text) text, sizeof(text)

static const char kernel[] = "lib/modules/1.2.3/kernel";

static void
put(const char *name, const char *info, size_t len)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", kernel, name);
	test_module(path, info, len);
}

static void
some_modules(void)
{
	put("net/failover.ko", INFO("license=GPL\0depends=\0"));
	put("net/net-failover.ko", INFO("depends=failover\0"));
	put("virtio/virtio.ko", INFO("depends="));
	put("virtio/virtio_ring.ko", INFO("depends=virtio"));
	put("net/virtio_net.ko", INFO("alias=virtio:d00000001v*\0"
	    "depends=virtio_ring,virtio,net_failover,builtin-one\0"
	    "softdep=pre: nice missing post: other\0"));
	put("net/nice.ko", INFO("depends="));
	put("net/other.ko", INFO("depends="));
	put("net/alone.ko", INFO("depends=gone"));
	test_text("lib/modules/1.2.3/modules.builtin", 0644,
	    "kernel/fs/x.ko\nkernel/lib/builtin_one.ko\n");
}

static void
add_name(void *ctx, const struct module *m)
{
	strcat(ctx, m->name);
	strcat(ctx, " ");
}

static void
completes(void **state)
{
	char order[256] = "", who[256];
	struct modules m;
	struct root root;
	const char *why;

	(void)state;
	some_modules();
	assert_int_equal(root_open(&root, test_dir), 0);
	assert_int_equal(modules_open(&m, &root, "lib/modules/1.2.3"), 0);
	assert_int_equal(m.count, 8);
	assert_true(modules_is_builtin(&m, "builtin-one"));
	assert_false(modules_is_builtin(&m, "virtio"));
	assert_int_equal(modules_want(&m, "no_such"), 0);
	assert_int_equal(modules_want(&m, "virtio-net"), 1);
	assert_int_equal(modules_complete(&m, who, &why), 0);
	assert_true(modules_find(&m, "net_failover")->wanted);
	assert_true(modules_find(&m, "failover")->wanted);
	assert_true(modules_find(&m, "nice")->wanted);
	assert_false(modules_find(&m, "other")->wanted);
	modules_order(&m, modules_find(&m, "virtio_net"), add_name, order);
	assert_string_equal(order, "virtio virtio_ring failover "
	    "net_failover nice virtio_net ");
	/* A directory takes `alone` in, whose need is nowhere. */
	assert_int_equal(modules_want(&m, "kernel/virtio/"), 2);
	assert_int_equal(modules_want(&m, "kernel/net/"), 6);
	assert_int_equal(modules_complete(&m, who, &why), -1);
	assert_string_equal(who, "gone");
	modules_close(&m);
	root_close(&root);
}

/* The same module plain, and packed by the name of its suffix. */
static void
compressed(void **state)
{
	static const struct {
		const char *suffix;
		int (*filter)(struct archive *);
	} packs[] = {
		{ "gz", archive_write_add_filter_gzip },
		{ "xz", archive_write_add_filter_xz },
		{ "zst", archive_write_add_filter_zstd },
	};
	char path[PATH_MAX], who[256], file[2048];
	struct archive_entry *entry = archive_entry_new();
	struct archive *a;
	struct modules m;
	struct root root;
	const char *why;
	FILE *in;
	size_t i, n;

	(void)state;
	put("net/plain.ko", INFO("depends=\0alias=pci:v*"));
	snprintf(path, sizeof(path), "%s/%s/net/plain.ko", test_dir, kernel);
	in = fopen(path, "r");
	assert_non_null(in);
	n = fread(file, 1, sizeof(file), in);
	fclose(in);
	archive_entry_set_filetype(entry, AE_IFREG);
	archive_entry_set_pathname(entry, "data");
	for (i = 0; i < 3; i++) {
		snprintf(path, sizeof(path), "%s/%s/net/m%zu.ko.%s", test_dir,
		    kernel, i, packs[i].suffix);
		a = archive_write_new();
		packs[i].filter(a);
		archive_write_set_format_raw(a);
		assert_int_equal(archive_write_open_filename(a, path),
		    ARCHIVE_OK);
		assert_int_equal(archive_write_header(a, entry), ARCHIVE_OK);
		assert_int_equal(archive_write_data(a, file, n), n);
		assert_int_equal(archive_write_free(a), ARCHIVE_OK);
	}
	archive_entry_free(entry);
	snprintf(path, sizeof(path), "%s/net/bad.ko.xz", kernel);
	test_file(path, 0644, "\xfd" "7zXZ\0\0\4cut", 11);
	assert_int_equal(root_open(&root, test_dir), 0);
	assert_int_equal(modules_open(&m, &root, "lib/modules/1.2.3"), 0);
	assert_int_equal(modules_want(&m, "m0") + modules_want(&m, "m1") +
	    modules_want(&m, "m2"), 3);
	assert_int_equal(modules_complete(&m, who, &why), 0);
	assert_int_equal(modules_find(&m, "m1")->bytes.len, n);
	assert_memory_equal(modules_find(&m, "m1")->bytes.at, file, n);
	modules_want(&m, "bad");
	assert_int_equal(modules_complete(&m, who, &why), -1);
	assert_string_equal(who, "bad");
	modules_close(&m);
	root_close(&root);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(completes, test_begin,
		    test_end),
		cmocka_unit_test_setup_teardown(compressed, test_begin,
		    test_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "image_test.h"

#include <archive.h>
#include <archive_entry.h>
#include <sysexits.h>

#include "../../pxectl/image/image.h"

#define INFO(text) text, sizeof(text)

/* Programs of a system that is made of scripts. */
static const char *const programs[] = {
	"bin/sh", "bin/cat", "bin/chmod", "bin/chown", "bin/ln", "bin/mkdir",
	"bin/mknod", "bin/mount", "bin/mv", "bin/rm", "bin/sleep",
	"bin/umount", "sbin/insmod", "sbin/ip", "sbin/dhclient",
	"usr/bin/rsync", "usr/bin/setsid", "usr/local/bin/odd",
};

static char data_dir[PATH_MAX], from_dir[PATH_MAX], kernel_dir[PATH_MAX],
    recipe[PATH_MAX], output[PATH_MAX], again[PATH_MAX];

static void
name(char *to, const char *what)
{
	snprintf(to, PATH_MAX, "%s/%s", test_dir, what);
}

static int
begin(void **state)
{
	const char *top = getenv("TOP");
	char path[PATH_MAX];
	size_t i;

	if (test_begin(state) != 0)
		return -1;
	snprintf(data_dir, sizeof(data_dir), "%s/pxectl/image",
	    top == NULL ? "." : top);
	name(from_dir, "root");
	name(kernel_dir, "kernel");
	name(recipe, "recipe");
	name(output, "out.gz");
	name(again, "again.gz");
	for (i = 0; i < sizeof(programs) / sizeof(programs[0]); i++) {
		snprintf(path, sizeof(path), "root/%s", programs[i]);
		test_text(path, 0755, "#!/bin/sh\n");
	}
	test_text("root/bin/suid", 04755, "x");
	test_text("recipe", 0644, "/usr/bin\n\tplain=odd evil none\n"
	    "/bin\n\tsuid\nfiles\n\t/etc/evil\n");
	test_text("secret", 0644, "never in an image");
	name(path, "root/bin/evil");
	if (symlink("../../../../../../../../etc/passwd", path) != 0)
		return -1;
	test_text("root/etc/there", 0644, "");
	name(path, "root/etc/evil");
	if (symlink("../../secret", path) != 0)
		return -1;
	test_module("kernel/lib/modules/9/kernel/drivers/net/one-card.ko",
	    INFO("alias=pci:v00008086d0000100E*\0alias=bad;rm -r /\0"
	    "depends=shared\0firmware=no/such.bin\0"));
	test_module("kernel/lib/modules/9/kernel/lib/shared.ko",
	    INFO("depends="));
	test_text("kernel/boot/vmlinuz-9", 0644, "a kernel");
	return 0;
}

static void
options(struct image_options *o)
{
	static const char *manifests[2];

	memset(o, 0, sizeof(*o));
	manifests[0] = recipe;
	o->data = data_dir;
	o->from = from_dir;
	o->kernel = kernel_dir;
	o->modules = "list:one_card";
	o->manifest = manifests;
	o->output = output;
}

static char *
slurp(const char *path, size_t *len)
{
	FILE *in = fopen(path, "r");
	char *bytes = malloc(1 << 22);

	assert_non_null(in);
	assert_non_null(bytes);
	*len = fread(bytes, 1, 1 << 22, in);
	fclose(in);
	return bytes;
}

static void
same_bytes(void **state)
{
	struct image_options o;
	struct image_report r;
	char why[512], *one, *two;
	size_t n, m;

	(void)state;
	options(&o);
	if (image_build(&o, &r, why, sizeof(why)) != EX_OK)
		fail_msg("%s", why);
	image_report_free(&r);
	o.output = again;
	assert_int_equal(image_build(&o, &r, why, sizeof(why)), EX_OK);
	one = slurp(output, &n);
	two = slurp(again, &m);
	assert_int_equal(n, m);
	assert_int_equal(n, r.size);
	assert_memory_equal(one, two, n);
	assert_memory_equal(one + 4, "\0\0\0\0", 4);	/* gzip's time */
	free(two);
	assert_string_equal(r.pack, "gzip");
	assert_string_equal(r.dhcp, "dhclient");
	assert_string_equal(r.kernel, "9");
	assert_non_null(strstr(r.vmlinuz, "/kernel/boot/vmlinuz-9"));
	image_report_free(&r);
	/* Another time is another image. */
	o.time = 1000000000;
	assert_int_equal(image_build(&o, &r, why, sizeof(why)), EX_OK);
	two = slurp(again, &m);
	assert_true(n != m || memcmp(one, two, n) != 0);
	image_report_free(&r);
	free(one);
	free(two);
}

static void
look_at(const char *path, struct archive_entry *entry, const char *text)
{
	static const struct {
		const char *path;
		unsigned type, perm;
	} expect[] = {
		{ "init", AE_IFREG, 0755 },
		{ "dev/console", AE_IFCHR, 0600 },
		{ "etc/shadow", AE_IFREG, 0600 },
		{ "bin/suid", AE_IFREG, 04755 },
		{ "usr/bin/plain", AE_IFREG, 0755 },
		{ "tmp", AE_IFDIR, 01777 },
		{ "sbin/init", AE_IFLNK, 0777 },
	};
	size_t i;

	assert_int_equal(archive_entry_uid(entry), 0);
	assert_int_equal(archive_entry_mtime(entry), 0);
	for (i = 0; i < sizeof(expect) / sizeof(expect[0]); i++)
		if (strcmp(expect[i].path, path) == 0) {
			assert_int_equal(archive_entry_filetype(entry),
			    expect[i].type);
			assert_int_equal(archive_entry_perm(entry),
			    expect[i].perm);
		}
	if (strcmp(path, "lib/modules/9/modules.dep") == 0)
		assert_string_equal(text, "kernel/drivers/net/one-card.ko: "
		    "kernel/lib/shared.ko\nkernel/lib/shared.ko:\n");
	if (strcmp(path, "lib/modules/9/modules.alias") == 0)
		assert_string_equal(text,
		    "alias pci:v00008086d0000100E* one_card\n");
	if (strcmp(path, "lib/modules/9/netboot") == 0) {
		assert_non_null(strstr(text, "\none_card) files='kernel/lib/"
		    "shared.ko kernel/drivers/net/one-card.ko' ;;\n"));
		assert_null(strstr(text, "rm -r"));
	}
	assert_null(strstr(text, "never in an image"));
	assert_null(strstr(text, "root:x:0:0:root:/root:/bin/bash"));
}

static void
what_is_in(void **state)
{
	struct archive_entry *entry;
	struct image_options o;
	struct image_report r;
	struct archive *a = archive_read_new();
	char why[512], text[16384];
	const char *path;
	unsigned seen = 0, evil = 0;
	la_ssize_t n;
	size_t i;

	(void)state;
	options(&o);
	assert_int_equal(image_build(&o, &r, why, sizeof(why)), EX_OK);
	for (i = 0; i < r.skips; i++)
		evil += strstr(r.skipped[i].what, "evil") != NULL;
	assert_int_equal(evil, 2);
	image_report_free(&r);
	archive_read_support_filter_gzip(a);
	archive_read_support_format_cpio(a);
	assert_int_equal(archive_read_open_filename(a, output, 4096),
	    ARCHIVE_OK);
	while (archive_read_next_header(a, &entry) == ARCHIVE_OK) {
		path = archive_entry_pathname(entry);
		n = archive_read_data(a, text, sizeof(text) - 1);
		text[n < 0 ? 0 : n] = '\0';
		look_at(path, entry, text);
		assert_null(strstr(path, "evil"));
		seen += strcmp(path, "init") == 0 ||
		    strcmp(path, "dev/console") == 0 ||
		    strcmp(path, "etc/shadow") == 0 ||
		    strcmp(path, "bin/suid") == 0 ||
		    strcmp(path, "usr/bin/plain") == 0 ||
		    strcmp(path, "lib/modules/9/modules.dep") == 0 ||
		    strcmp(path, "lib/modules/9/netboot") == 0;
	}
	assert_int_equal(seen, 7);
	archive_read_free(a);
}

static void
failures(void **state)
{
	struct image_options o;
	struct image_report r;
	char why[512], path[PATH_MAX];
	struct stat st;

	(void)state;
	options(&o);
	o.modules = "list:no_card";
	assert_int_equal(image_build(&o, &r, why, sizeof(why)), EX_USAGE);
	assert_non_null(strstr(why, "no_card"));
	image_report_free(&r);
	options(&o);
	o.kernel = "8";
	assert_int_equal(image_build(&o, &r, why, sizeof(why)), EX_NOINPUT);
	image_report_free(&r);
	options(&o);
	o.output = "/nowhere/at/all.gz";
	assert_int_equal(image_build(&o, &r, why, sizeof(why)), EX_CANTCREAT);
	image_report_free(&r);
	test_text("recipe", 0644, "/bin\n\tok\nnonsense\n\tx\n");
	options(&o);
	assert_int_equal(image_build(&o, &r, why, sizeof(why)), EX_DATAERR);
	assert_non_null(strstr(why, ":4: nonsense x"));
	image_report_free(&r);
	/* Without rsync there is no image, nor half of one. */
	test_text("recipe", 0644, "/bin\n\tcat\n");
	name(path, "root/usr/bin/rsync");
	assert_int_equal(unlink(path), 0);
	options(&o);
	assert_int_equal(image_build(&o, &r, why, sizeof(why)),
	    EX_UNAVAILABLE);
	assert_non_null(strstr(why, "/usr/bin/rsync"));
	image_report_free(&r);
	assert_int_equal(stat(output, &st), -1);
}

/* By a link, over an image that others must not read. */
static void
in_place(void **state)
{
	struct image_options o;
	struct image_report r;
	struct stat st;
	char why[512], path[PATH_MAX];

	(void)state;
	test_text("old.gz", 0600, "old");
	name(path, "link.gz");
	assert_int_equal(symlink("old.gz", path), 0);
	options(&o);
	o.output = path;
	assert_int_equal(image_build(&o, &r, why, sizeof(why)), EX_OK);
	assert_int_equal(lstat(path, &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, r.size);
	assert_int_equal(st.st_mode & 07777, 0600);
	image_report_free(&r);
}

static void
dry_run(void **state)
{
	struct image_options o;
	struct image_report r;
	struct stat st;
	char why[512];

	(void)state;
	options(&o);
	o.dry_run = true;
	o.modules = "none";
	o.kernel = NULL;
	assert_int_equal(image_build(&o, &r, why, sizeof(why)), EX_OK);
	assert_int_equal(stat(output, &st), -1);
	assert_int_equal(r.size, 0);
	assert_int_equal(r.weight[IMAGE_MODULES].files, 0);
	assert_true(r.weight[IMAGE_SYSTEM].files > 10);
	image_report_free(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(same_bytes, begin, test_end),
		cmocka_unit_test_setup_teardown(what_is_in, begin, test_end),
		cmocka_unit_test_setup_teardown(failures, begin, test_end),
		cmocka_unit_test_setup_teardown(in_place, begin, test_end),
		cmocka_unit_test_setup_teardown(dry_run, begin, test_end),
	};

	unsetenv("SOURCE_DATE_EPOCH");
	return cmocka_run_group_tests(tests, NULL, NULL);
}

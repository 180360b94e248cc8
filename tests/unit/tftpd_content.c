/*
 * Names against a real tree and a real database, in a directory of its own.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hostdb_edit.h"

#include "../../tftpd/below.h"
#include "../../tftpd/content.h"

#define WEB	0xc000020au	/* 192.0.2.10 */
#define DB1	0xc000020bu
#define BSD	0xc000020du
#define PI	0xc000020eu
#define OFF	0xc000020fu
#define BIG	0xc0000210u
#define RAW	0xc0000211u
#define OPEN	0xc0000212u
#define STRANGER 0xc00002c8u
#define SERVER	0xc0000202u

static char root[] = "/tmp/tftpd_content.XXXXXX";
static char dir[64];
static struct hostdb *db;
static struct cache *cache;
static struct content_tree *tree;
static struct content found;

static const char *const entries[] = {
	"subnet 192.0.2.0/24",
	"host web mac=00:02:b3:4c:ed:c8 address=192.0.2.10 kernel=vmlinuz "
	    "initrd=initrd.gz,more uuid=b8945908-d6a6-41a9-611d-74a6ab80b83d",
	"host db1 mac=00:02:b3:4c:ed:c9 address=192.0.2.11 kernel=k.gz "
	    "initrd=plain",
	"host bare mac=00:02:b3:4c:ed:ca address=192.0.2.12",
	"host bsd mac=00:02:b3:4c:ed:cb address=192.0.2.13 kernel=k.gz "
	    "initrd=initrd.gz loader=pxeboot",
	"host pi mac=00:02:b3:4c:ed:cc address=192.0.2.14 kernel=vmlinuz "
	    "serial=1234abcd",
	"host off mac=00:02:b3:4c:ed:cd address=192.0.2.15 kernel=vmlinuz "
	    "serial=abcd1234 boot=local",
	"host big mac=00:02:b3:4c:ed:ce address=192.0.2.16 kernel=vmlinuz",
	"host raw mac=00:02:b3:4c:ed:cf address=192.0.2.17 kernel=vmlinuz "
	    "loader=pxeboot",
	"host open mac=00:02:b3:4c:ed:d0 address=192.0.2.18 kernel=initrd.gz "
	    "loader=openbsd",
};

static void
put_file(const char *name, const char *bytes)
{
	char path[512];
	FILE *f;

	snprintf(path, sizeof path, "%s/%s", dir, name);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(bytes, f);
	fclose(f);
}

static void
put_dir(const char *name)
{
	char path[512];

	snprintf(path, sizeof path, "%s/%s", dir, name);
	assert_int_equal(mkdir(path, 0755), 0);
}

static void
put_link(const char *to, const char *name)
{
	char path[512];

	snprintf(path, sizeof path, "%s/%s", dir, name);
	assert_int_equal(symlink(to, path), 0);
}

static int
make_tree(void **state)
{
	char path[512];

	(void)state;
	assert_non_null(mkdtemp(root));
	snprintf(dir, sizeof dir, "%s/tftpboot", root);
	assert_int_equal(mkdir(dir, 0755), 0);
	put_dir("boot");
	put_dir("hosts");
	put_dir("hosts/web");
	put_dir("hosts/db1");
	put_dir("pxelinux.cfg");
	put_dir("loaders");
	put_dir("loaders/pxelinux");
	put_file("vmlinuz", "kernel");
	put_file("initrd.gz", "\x1f\x8bz");
	put_file("more", "more");
	put_file("k.gz", "not even gzip");
	put_file("plain", "plain");
	put_file("boot/file", "shared");
	put_file("own", "shared own");
	put_file("hosts/web/own", "web's own");
	put_file("hosts/db1/secret", "db1's secret");
	put_file("pxelinux.cfg/default", "on disk");
	put_file("loaders/pxelinux/pxelinux.0", "loader");
	put_file("loaders/pxelinux/ldlinux.c32", "c32");
	put_dir("etc");
	put_dir("1234abcd");
	put_dir("hosts/pi");
	put_dir("templates");
	put_dir("templates/etc");
	put_dir("templates/pxelinux.cfg");
	put_file("boot/loader.rc", "shared loader.rc");
	put_file("etc/boot.conf", "shared boot.conf");
	put_file("config.txt", "shared config.txt");
	put_file("1234abcd/own.dtb", "pi's own");
	put_file("hosts/pi/cmdline.txt", "by hand");
	put_file("start4.elf", "firmware");
	put_file("templates/ks.cfg", "host %{name}\n");
	put_file("templates/both", "a template");
	put_file("hosts/web/both", "web's own");
	put_file("templates/bad.cfg", "one\n%{nonsense}\n");
	put_file("bad.cfg", "shared bad.cfg");
	put_file("templates/etc/boot.conf", "never");
	put_link("file", "boot/inside");
	put_link("../vmlinuz", "boot/up");
	put_link("/etc/passwd", "absolute");
	put_link("../../../../../../etc/passwd", "outside");
	put_link("../..", "outdir");
	put_link("loop", "loop");
	snprintf(path, sizeof path, "%s/fifo", dir);
	assert_int_equal(mkfifo(path, 0644), 0);
	return 0;
}

static int
make_all(void **state)
{
	struct hostdb_edit_error err;
	struct hostdb_edit *edit;
	struct entry_error bad;
	struct entry e;

	make_tree(state);
	edit = hostdb_edit_open(root, true, &err);
	assert_non_null(edit);
	assert_true(hostdb_edit_begin(edit, "test", &err));
	for (size_t i = 0; i < sizeof entries / sizeof entries[0]; i++) {
		assert_true(entry_parse(&e, entries[i], strlen(entries[i]),
		    &bad));
		if (!hostdb_edit_put(edit, &e, true, &err))
			fail_msg("%s", err.why);
		if (strncmp(entries[i], "host big ", 9) == 0) {
			char line[2100];

			memset(line, 'x', sizeof line - 1);
			line[sizeof line - 1] = '\0';
			assert_true(entry_set(&e, "cmdline", line, &bad));
			assert_true(hostdb_edit_put(edit, &e, false, &err));
		}
	}
	if (!hostdb_edit_commit(edit, &err))
		fail_msg("%s", err.why);
	hostdb_edit_close(edit);
	assert_int_equal(hostdb_open(&db, root, false), HOSTDB_OK);
	cache = cache_new(1024 * 1024);
	assert_non_null(cache);
	tree = content_open(dir, db, cache);
	assert_non_null(tree);
	return 0;
}

static int
remove_all(void **state)
{
	char command[128];

	(void)state;
	content_close(tree);
	cache_free(cache);
	hostdb_close(db);
	snprintf(command, sizeof command, "rm -rf %s", root);
	return system(command);
}

static bool
begins(const char *what)
{
	struct iovec piece;
	size_t n = strlen(what);

	return cache_size(found.file) >= n && cache_read(found.file, 0, n,
	    &piece, 1) == 1 && memcmp(piece.iov_base, what, n) == 0;
}

/* text NULL: anything. */
static void
gives(uint32_t peer, const char *name, const char *wanted)
{
	content_find(tree, name, peer, SERVER, 0, &found);
	if (found.status != CONTENT_OK)
		fail_msg("%s: %s", name, found.why);
	if (!begins(wanted))
		fail_msg("%s: not \"%s\"", name, wanted);
	cache_close(found.file);
}

static void
denies(uint32_t peer, const char *name, enum content_status status)
{
	content_find(tree, name, peer, SERVER, 0, &found);
	if (found.status == CONTENT_OK)
		cache_close(found.file);
	if (found.status != status)
		fail_msg("%s: status %d, not %d", name, found.status, status);
	assert_non_null(found.why);
}

static void
files_of_the_tree(void **state)
{
	char name[512];

	(void)state;
	gives(WEB, "boot/file", "shared");
	gives(WEB, "/boot/file", "shared");
	gives(WEB, "//boot/./file", "shared");
	gives(WEB, "\\boot\\file", "shared");
	gives(0, "boot/file", "shared");
	gives(STRANGER, "boot/file", "shared");
	gives(WEB, "boot/inside", "shared");
	gives(WEB, "boot/up", "kernel");
	snprintf(name, sizeof name, "%s/boot/file", dir);
	gives(WEB, name, "shared");
	assert_string_equal(found.host, "web");
	assert_false(found.quiet);
}

static void
bad_names(void **state)
{
	char name[2000];

	(void)state;
	denies(WEB, "../etc/passwd", CONTENT_FORBIDDEN);
	denies(WEB, "boot/../../x", CONTENT_FORBIDDEN);
	denies(WEB, "boot/../vmlinuz", CONTENT_FORBIDDEN);
	denies(WEB, "..\\..\\etc\\passwd", CONTENT_FORBIDDEN);
	denies(WEB, "..", CONTENT_FORBIDDEN);
	denies(WEB, "/etc/passwd", CONTENT_NOT_FOUND);
	denies(WEB, "absolute", CONTENT_FORBIDDEN);
	denies(WEB, "outside", CONTENT_FORBIDDEN);
	denies(WEB, "outdir/db/hosts/data.mdb", CONTENT_FORBIDDEN);
	denies(WEB, "loop", CONTENT_FORBIDDEN);
	denies(WEB, "boot", CONTENT_FORBIDDEN);
	denies(WEB, "boot/", CONTENT_FORBIDDEN);
	denies(WEB, "/", CONTENT_FORBIDDEN);
	denies(WEB, "fifo", CONTENT_FORBIDDEN);
	denies(WEB, "nothing", CONTENT_NOT_FOUND);
	denies(WEB, "vmlinuz/x", CONTENT_NOT_FOUND);
	denies(WEB, "..x", CONTENT_NOT_FOUND);
	denies(WEB, "x..", CONTENT_NOT_FOUND);
	for (size_t n = 100; n < sizeof name; n += 100) {
		memset(name, 'a', n);
		name[n] = '\0';
		denies(WEB, name, CONTENT_NOT_FOUND);
	}
}

/* What both ways of opening must agree on, where openat2 is missing. */
static void
without_openat2(void **state)
{
	static const struct { const char *name; int error; } rows[] = {
		{ "boot/file", 0 }, { "vmlinuz", 0 }, { "absolute", ELOOP },
		{ "boot/inside", ELOOP }, { "fifo", EISDIR },
		{ "boot", EISDIR }, { "nothing", ENOENT },
		{ "boot/nothing", ENOENT }, { "../db", EXDEV },
		{ "boot/../vmlinuz", EXDEV },
	};
	int at = open(dir, O_RDONLY | O_DIRECTORY), fd;
	struct stat st;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		fd = below_open(at, rows[i].name, true, &st);
		if ((fd >= 0) != (rows[i].error == 0) ||
		    (fd < 0 && errno != rows[i].error))
			fail_msg("%s: %s", rows[i].name, strerror(errno));
		if (fd >= 0)
			close(fd);
	}
	fd = below_open(at, "outdir/db/hosts/data.mdb", true, &st);
	assert_int_equal(fd, -1);
	close(at);
}

static void
a_hosts_own_directory(void **state)
{
	(void)state;
	gives(WEB, "own", "web's own");
	gives(DB1, "own", "shared own");
	gives(STRANGER, "own", "shared own");
	gives(DB1, "secret", "db1's secret");
	gives(DB1, "hosts/db1/secret", "db1's secret");
	denies(WEB, "secret", CONTENT_NOT_FOUND);
	denies(WEB, "hosts/db1/secret", CONTENT_FORBIDDEN);
	denies(WEB, "/hosts//db1/secret", CONTENT_FORBIDDEN);
	denies(WEB, "\\hosts\\db1\\secret", CONTENT_FORBIDDEN);
	denies(STRANGER, "hosts/db1/secret", CONTENT_FORBIDDEN);
	denies(STRANGER, "hosts", CONTENT_FORBIDDEN);
	denies(STRANGER, "hosts/web", CONTENT_FORBIDDEN);
}

static void
generated_files(void **state)
{
	(void)state;
	gives(WEB, "pxelinux.cfg/default", "# web\n");
	assert_true(found.generated);
	assert_int_equal(found.stage, EVENT_CONFIG);
	/* Who is not registered gets what is on the disk. */
	gives(STRANGER, "pxelinux.cfg/default", "on disk");
	gives(0xc000020cu, "pxelinux.cfg/default", "on disk");
	/* A name that says who: whoever asks. */
	gives(STRANGER, "pxelinux.cfg/01-00-02-b3-4c-ed-c8", "# web\n");
	gives(DB1, "pxelinux.cfg/01-00-02-b3-4c-ed-c8", "# web\n");
	gives(DB1, "pxelinux.cfg/C000020A", "# web\n");
	gives(0, "x/grub.cfg-01-00-02-b3-4c-ed-c8", "# web\n");
	gives(STRANGER,
	    "pxelinux.cfg/b8945908-d6a6-41a9-611d-74a6ab80b83d", "# web\n");
	/* The order of bytes that SMBIOS and so pxelinux has. */
	gives(STRANGER,
	    "pxelinux.cfg/085994b8-a6d6-a941-611d-74a6ab80b83d", "# web\n");
	gives(WEB, "autoexec.ipxe", "#!ipxe\n");
	gives(WEB, "boot/grub/grub.cfg", "# web\n");
	denies(STRANGER, "grub.cfg", CONTENT_NOT_FOUND);
	assert_true(found.quiet);
	denies(WEB, "pxelinux.cfg/C000020", CONTENT_NOT_FOUND);
	assert_true(found.quiet);
	denies(WEB, "pxelinux.cfg/01-00-00-00-00-00-01", CONTENT_NOT_FOUND);
	assert_true(found.quiet);
}

static void
aliases_of_the_address(void **state)
{
	(void)state;
	gives(WEB, "192.0.2.10/kernel", "kernel");
	assert_int_equal(found.stage, EVENT_KERNEL);
	gives(STRANGER, "/192.0.2.10/kernel", "kernel");
	gives(WEB, "192.0.2.10/initrd", "\x1f\x8bz");
	assert_int_equal(found.stage, EVENT_INITRD);
	gives(WEB, "192.0.2.10/initrd.gz", "\x1f\x8bz");
	/* .gz only where that is true. */
	denies(WEB, "192.0.2.10/kernel.gz", CONTENT_NOT_FOUND);
	assert_true(found.quiet);
	gives(DB1, "192.0.2.11/kernel.gz", "not even gzip");
	denies(DB1, "192.0.2.11/initrd.gz", CONTENT_NOT_FOUND);
	denies(WEB, "192.0.2.12/kernel", CONTENT_NOT_FOUND);
	denies(WEB, "192.0.2.99/kernel", CONTENT_NOT_FOUND);
}

/*
 * FreeBSD's loader unpacks what it got by the name with .gz, and nothing
 * else; before version 12 it asks for that name first, since then last.
 */
static void
aliases_for_freebsd(void **state)
{
	static const char *const asked[] = { "kernel", "kernel.split",
	    "kernel.bz2", "initrd", "initrd.split", "initrd.bz2" };
	char name[64];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof asked / sizeof asked[0]; i++) {
		snprintf(name, sizeof name, "192.0.2.13/%s", asked[i]);
		denies(BSD, name, CONTENT_NOT_FOUND);
		assert_true(found.quiet);
	}
	gives(BSD, "192.0.2.13/kernel.gz", "not even gzip");
	gives(BSD, "192.0.2.13/initrd.gz", "\x1f\x8bz");
	/* One that is not packed: the other way round. */
	gives(RAW, "192.0.2.17/kernel", "kernel");
	denies(RAW, "192.0.2.17/kernel.gz", CONTENT_NOT_FOUND);
	/* OpenBSD's and NetBSD's look at what is in it. */
	gives(OPEN, "192.0.2.18/kernel", "\x1f\x8bz");
}

/* A generated file is for hosts with that loader; others get the tree's. */
static void
loaders_of_the_bsds(void **state)
{
	(void)state;
	gives(BSD, "boot/loader.rc", "echo bsd\n");
	assert_int_equal(found.stage, EVENT_CONFIG);
	gives(BSD, "/boot/loader.conf", "# bsd\n");
	gives(WEB, "boot/loader.rc", "shared loader.rc");
	gives(STRANGER, "boot/loader.rc", "shared loader.rc");
	denies(WEB, "boot/loader.conf", CONTENT_NOT_FOUND);
	assert_true(found.quiet);
	gives(BSD, "etc/boot.conf", "never");
	gives(STRANGER, "etc/boot.conf", "shared boot.conf");
	denies(BSD, "boot.cfg", CONTENT_NOT_FOUND);
	denies(BSD, "192.0.2.13/initrd.bz2", CONTENT_NOT_FOUND);
	assert_true(found.quiet);
}

static void
a_raspberry_pi(void **state)
{
	(void)state;
	gives(PI, "1234abcd/config.txt", "# pi\n");
	assert_int_equal(found.stage, EVENT_CONFIG);
	gives(PI, "1234ABCD/vmlinuz", "kernel");
	assert_int_equal(found.stage, EVENT_KERNEL);
	gives(PI, "config.txt", "# pi\n");
	gives(PI, "1234abcd/cmdline.txt", "by hand");
	gives(PI, "1234abcd/own.dtb", "pi's own");
	gives(PI, "1234abcd/start4.elf", "firmware");
	/* TFTP_PREFIX=2 */
	gives(PI, "00-02-b3-4c-ed-cc/config.txt", "# pi\n");
	gives(PI, "00-02-B3-4C-ED-CC/start4.elf", "firmware");
	denies(PI, "00-02-b3-4c-ed-cc/hosts/db1/secret", CONTENT_FORBIDDEN);
	denies(PI, "00-02-b3-4c-ed-cd/config.txt", CONTENT_NOT_FOUND);
	denies(WEB, "00-02-b3-4c-ed-c8/vmlinuz", CONTENT_NOT_FOUND);
	gives(STRANGER, "config.txt", "shared config.txt");
	gives(WEB, "config.txt", "shared config.txt");
	denies(WEB, "1234abcd/config.txt", CONTENT_NOT_FOUND);
	denies(PI, "abcd1234/config.txt", CONTENT_NOT_FOUND);
	/* What is nobody else's stays so, by that way too. */
	denies(PI, "1234abcd/hosts/db1/secret", CONTENT_FORBIDDEN);
	denies(PI, "1234abcd/templates/ks.cfg", CONTENT_FORBIDDEN);
	denies(PI, "1234abcd/../vmlinuz", CONTENT_FORBIDDEN);
	/* boot=local: nothing here to start. */
	denies(OFF, "abcd1234/start4.elf", CONTENT_NOT_FOUND);
	assert_true(found.quiet);
	denies(OFF, "start4.elf", CONTENT_NOT_FOUND);
	denies(OFF, "config.txt", CONTENT_NOT_FOUND);
	gives(OFF, "vmlinuz", "kernel");
}

static void
templates(void **state)
{
	char name[512], command[600];

	(void)state;
	gives(WEB, "ks.cfg", "host web\n");
	assert_true(found.generated);
	gives(DB1, "/ks.cfg", "host db1\n");
	gives(PI, "1234abcd/ks.cfg", "host pi\n");
	denies(STRANGER, "ks.cfg", CONTENT_NOT_FOUND);
	gives(WEB, "both", "web's own");
	gives(DB1, "both", "a template");
	denies(WEB, "templates/ks.cfg", CONTENT_FORBIDDEN);
	denies(WEB, "templates", CONTENT_FORBIDDEN);
	/* An error is one: nothing takes the template's place. */
	denies(WEB, "bad.cfg", CONTENT_FAILED);
	assert_string_equal(found.note,
	    "templates/bad.cfg:2: %{nonsense}: no such attribute");
	gives(STRANGER, "bad.cfg", "shared bad.cfg");
	assert_string_equal(found.note, "");
	/* In place of a loader's file, whatever name it asks for. */
	put_file("templates/pxelinux.cfg/default", "mine, %{name}\n");
	gives(WEB, "pxelinux.cfg/default", "mine, web\n");
	gives(STRANGER, "x/pxelinux.cfg/01-00-02-b3-4c-ed-c8",
	    "mine, web\n");
	gives(0xc000020cu, "pxelinux.cfg/C000020C", "mine, bare\n");
	/* But never for a host that starts from its disk. */
	gives(OFF, "pxelinux.cfg/default", "# off\n");
	snprintf(name, sizeof name, "%s/templates/pxelinux.cfg/default",
	    dir);
	assert_int_equal(unlink(name), 0);
	/* Too large is an error, too. */
	snprintf(command, sizeof command, "head -c 70000 /dev/zero | "
	    "tr '\\0' x >%s/templates/huge", dir);
	assert_int_equal(system(command), 0);
	denies(WEB, "huge", CONTENT_FAILED);
	assert_non_null(strstr(found.note, "64 KiB"));
}

static void
writes(void **state)
{
	static const struct { uint32_t peer; const char *name; bool may; }
	rows[] = {
		{ WEB, "in/x", true }, { STRANGER, "/in//x", true },
		{ WEB, "hosts/web/x", true }, { WEB, "hosts/db1/x", false },
		{ STRANGER, "hosts/web/x", false }, { WEB, "hosts", false },
		{ WEB, "../x", false }, { WEB, "", false }, { WEB, "/", false },
		{ WEB, "pxelinux.cfg/default", false },
		{ WEB, "x/grub.cfg", false }, { WEB, "boot.ipxe", false },
		{ WEB, "boot/loader.rc", false }, { WEB, "a.mod", false },
		{ WEB, "192.0.2.10/kernel", false },
		{ WEB, "loaders/x/y", false }, { WEB, "templates/x", false },
		{ PI, "1234abcd/x", true },
		{ PI, "1234abcd/config.txt", false },
		{ PI, "1234abcd/hosts/web/x", false },
		{ WEB, "in/x/", false },
		{ WEB, "in/.tftpd-x", false }, { WEB, ".tftpd-x", false },
	};
	char path[CONTENT_NAME_MAX + 1];

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (content_may_write(tree, rows[i].name, rows[i].peer,
		    &found, path, sizeof path) != rows[i].may)
			fail_msg("%s", rows[i].name);
	assert_true(content_may_write(tree, "\\in\\x", WEB, &found, path,
	    sizeof path));
	assert_string_equal(path, "in/x");
	assert_string_equal(found.host, "web");
	content_known_only(tree, true);
	assert_false(content_may_write(tree, "in/x", STRANGER, &found, path,
	    sizeof path));
	assert_true(content_may_write(tree, "in/x", WEB, &found, path,
	    sizeof path));
	content_known_only(tree, false);
	/* What is being sent cannot be asked for. */
	put_file(".tftpd-x", "half");
	denies(WEB, ".tftpd-x", CONTENT_FORBIDDEN);
}

static void
a_command_line_too_long(void **state)
{
	(void)state;
	gives(BIG, "pxelinux.cfg/default", "# big\n");
	assert_non_null(strstr(found.note, "command line of big is "));
	gives(BIG, "pxelinux.cfg/default", "# big\n");
	assert_string_equal(found.note, "");
	gives(WEB, "pxelinux.cfg/default", "# web\n");
	assert_string_equal(found.note, "");
}

static void
stages(void **state)
{
	(void)state;
	gives(WEB, "vmlinuz", "kernel");
	assert_int_equal(found.stage, EVENT_KERNEL);
	gives(WEB, "/more", "more");
	assert_int_equal(found.stage, EVENT_INITRD);
	gives(STRANGER, "vmlinuz", "kernel");
	assert_int_equal(found.stage, EVENT_FILE);
	gives(WEB, "loaders/pxelinux/pxelinux.0", "loader");
	assert_int_equal(found.stage, EVENT_LOADER);
	gives(WEB, "loaders/pxelinux/ldlinux.c32", "c32");
	assert_int_equal(found.stage, EVENT_LOADER);
	denies(WEB, "loaders/x/bootx64.efi", CONTENT_NOT_FOUND);
	assert_int_equal(found.stage, EVENT_LOADER);
	gives(WEB, "boot/file", "shared");
	assert_int_equal(found.stage, EVENT_FILE);
}

static void
known_only(void **state)
{
	(void)state;
	content_known_only(tree, true);
	gives(WEB, "boot/file", "shared");
	denies(STRANGER, "boot/file", CONTENT_FORBIDDEN);
	denies(0, "boot/file", CONTENT_FORBIDDEN);
	denies(STRANGER, "pxelinux.cfg/01-00-02-b3-4c-ed-c8",
	    CONTENT_FORBIDDEN);
	content_known_only(tree, false);
}

/* Each address its own, as FreeBSD's -c and -C have it. */
static void
roots(void **state)
{
	char path[CONTENT_NAME_MAX + 1];

	(void)state;
	put_dir("192.0.2.10");
	put_file("192.0.2.10/plain", "of the address");
	put_file("192.0.2.10/vmlinuz", "kernel of the address");
	content_roots(tree, CONTENT_OWN_ROOT);
	gives(WEB, "plain", "of the address");
	gives(WEB, "/plain", "of the address");
	gives(WEB, "192.0.2.10/kernel", "kernel of the address");
	gives(WEB, "own", "web's own");
	gives(WEB, "pxelinux.cfg/default", "# web\n");
	denies(WEB, "boot/file", CONTENT_NOT_FOUND);
	denies(WEB, "192.0.2.10/plain", CONTENT_NOT_FOUND);
	denies(DB1, "plain", CONTENT_FORBIDDEN);
	assert_string_equal(found.why, "no directory for this address");
	denies(0, "plain", CONTENT_FORBIDDEN);
	assert_true(content_may_write(tree, "in/x", WEB, &found, path,
	    sizeof path));
	assert_string_equal(path, "192.0.2.10/in/x");
	assert_false(content_may_write(tree, "in/x", DB1, &found, path,
	    sizeof path));
	content_roots(tree, CONTENT_ROOT_OR_SHARED);
	gives(WEB, "plain", "of the address");
	denies(WEB, "boot/file", CONTENT_NOT_FOUND);
	gives(DB1, "plain", "plain");
	gives(0, "plain", "plain");
	content_roots(tree, CONTENT_ONE_ROOT);
	gives(WEB, "plain", "plain");
}

static enum content_status
look(const char *name, uint32_t peer)
{
	content_find(tree, name, peer, SERVER, 0, &found);
	return found.status;
}

static void
paths(void **state)
{
	static const struct { const char *name, *dir, *path; } rows[] = {
		{ "a", NULL, "a" }, { "/a/b", NULL, "a/b" },
		{ "a//b/./c/", NULL, "a/b/c/" }, { "", NULL, "" },
		{ "a//", NULL, "a/" }, { "a\\", NULL, "a/" },
		{ "123456/", NULL, NULL }, { "/srv/tftp/", "/srv/tftp", "" },
		{ "/", NULL, "" }, { ".", NULL, "" }, { "\\a\\b", NULL, "a/b" },
		{ "...", NULL, "..." }, { ".a", NULL, ".a" },
		{ "/srv/tftp/x", "/srv/tftp", "x" },
		{ "/srv/tftp/x", "/srv/tftp/", "x" },
		{ "/srv/tftpx", "/srv/tftp", "srv/tftpx" },
		{ "srv/tftp/x", "/srv/tftp", "srv/tftp/x" },
		{ "/srv/tftp", "/srv/tftp", "srv/tftp" },
		{ "/x", "/", "x" },
		{ "::a/b", NULL, "a/b" }, { "x/y/::a/b", NULL, "a/b" },
		{ "::", NULL, "" }, { "x/y/::/a//b", NULL, "a/b" },
		{ "a:b/c::d", NULL, "a:b/c::d" },
		{ "x/::..", NULL, NULL }, { "::../a", NULL, NULL },
		{ "x/::.", NULL, "" },
		{ "..", NULL, NULL }, { "a/..", NULL, NULL },
		{ "a\\..\\b", NULL, NULL }, { "/../a", NULL, NULL },
		{ "12345678", NULL, NULL },
	};
	char path[64], small[8];

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		bool fits = below_path(rows[i].name, rows[i].dir,
		    rows[i].path == NULL ? small : path,
		    rows[i].path == NULL ? sizeof small : sizeof path);

		assert_int_equal(fits, rows[i].path != NULL);
		if (fits)
			assert_string_equal(path, rows[i].path);
	}
}

/* Once a turn of the loop there is a look at the disk, in the next again. */
static void
turns(void **state)
{
	struct cache_file *first;
	char from[512], to[512];

	(void)state;
	content_turn(tree);
	assert_int_equal(look("turn", WEB), CONTENT_NOT_FOUND);
	put_file("turn", "one");
	assert_int_equal(look("turn", WEB), CONTENT_NOT_FOUND);
	content_turn(tree);
	assert_int_equal(look("turn", WEB), CONTENT_OK);
	first = found.file;
	assert_int_equal(look("turn", DB1), CONTENT_OK);
	assert_ptr_equal(found.file, first);
	cache_close(found.file);
	put_file("other", "another");
	snprintf(from, sizeof from, "%s/other", dir);
	snprintf(to, sizeof to, "%s/turn", dir);
	assert_int_equal(rename(from, to), 0);
	assert_int_equal(look("turn", WEB), CONTENT_OK);
	assert_int_equal(cache_size(found.file), 3);
	cache_close(found.file);
	content_turn(tree);
	assert_int_equal(look("turn", WEB), CONTENT_OK);
	assert_int_equal(cache_size(found.file), 7);
	cache_close(found.file);
	cache_close(first);
	/* More names than there is room for. */
	for (int i = 0; i < 2000; i++) {
		char name[32];

		snprintf(name, sizeof name, "%s%d", i % 2 ? "n" : "./turn/",
		    i);
		assert_int_equal(look(name, WEB), CONTENT_NOT_FOUND);
		assert_int_equal(look(i % 3 ? "turn" : "vmlinuz", WEB),
		    CONTENT_OK);
		assert_int_equal(cache_size(found.file) == 7, i % 3 != 0);
		cache_close(found.file);
	}
	put_file("turn2", "two");
	assert_int_equal(look("turn2", WEB), CONTENT_OK);
	cache_close(found.file);
	assert_int_equal(unlink(to), 0);
	content_turn(tree);
	assert_int_equal(look("turn", WEB), CONTENT_NOT_FOUND);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths),
		cmocka_unit_test(files_of_the_tree),
		cmocka_unit_test(bad_names),
		cmocka_unit_test(without_openat2),
		cmocka_unit_test(a_hosts_own_directory),
		cmocka_unit_test(generated_files),
		cmocka_unit_test(aliases_of_the_address),
		cmocka_unit_test(aliases_for_freebsd),
		cmocka_unit_test(loaders_of_the_bsds),
		cmocka_unit_test(a_raspberry_pi),
		cmocka_unit_test(templates),
		cmocka_unit_test(a_command_line_too_long),
		cmocka_unit_test(writes),
		cmocka_unit_test(stages),
		cmocka_unit_test(known_only),
		cmocka_unit_test(roots),
		cmocka_unit_test(turns),
	};

	return cmocka_run_group_tests(tests, make_all, remove_all);
}

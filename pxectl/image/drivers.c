/*
 * The kernel modules of an image.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <sysexits.h>
#include <unistd.h>

#include "drivers.h"
#include "elf.h"
#include "index.h"
#include "manifest.h"
#include "modules.h"

static const char *policy(const struct build *);
static bool none(const struct build *);
static int from_directory(struct build *, const char *);
static int only_version(struct build *, const char *);
static bool has(const struct root *, const char *, const char *);
static void find_vmlinuz(struct build *);
static int choose(struct build *, struct modules *);
static int choose_word(struct build *, struct modules *, const char *,
    const char *, size_t);
static int put_module(struct build *, struct module *);
static int put_firmware(struct build *, const struct module *, unsigned *,
    char *);

/* Where a root or an unpacked package keeps lib/modules. */
static const char *const bases[] = { "lib/modules", "usr/lib/modules" };

int
drivers_kernel(struct build *b)
{
	const char *kernel = b->options->kernel;
	struct utsname running;
	size_t i;
	int code = EX_OK;

	if (kernel != NULL && strchr(kernel, '/') != NULL)
		code = from_directory(b, kernel);
	else {
		if (root_open(&b->kernel, b->from.name[0] == '\0' ? "/" :
		    b->from.name) == -1)
			return build_fail_errno(b, b->from.name);
		if (kernel == NULL && b->options->from == NULL &&
		    uname(&running) == 0)
			for (i = 0; i < 2 && kernel == NULL; i++)
				if (has(&b->kernel, bases[i], running.release))
					kernel = running.release;
		if (kernel == NULL)
			code = only_version(b, "--kernel");
		else if (!manifest_path_ok(kernel) ||
		    strlen(kernel) >= sizeof(b->report->kernel))
			code = build_fail(b, EX_USAGE, "%s: not a kernel "
			    "version", kernel);
		else if (!has(&b->kernel, bases[0], kernel) &&
		    !has(&b->kernel, bases[1], kernel))
			code = build_fail(b, EX_NOINPUT, "%s/lib/modules/%s: "
			    "no such kernel; --kernel takes a version of that "
			    "directory, or an unpacked kernel package",
			    b->kernel.name, kernel);
		else
			strcpy(b->report->kernel, kernel);
	}
	if (code != EX_OK && kernel == NULL && none(b)) {
		b->why[0] = '\0';
		return EX_OK;
	}
	if (code == EX_OK)
		find_vmlinuz(b);
	return code;
}

int
drivers_put(struct build *b)
{
	struct modules m;
	char dir[256], who[256], missing[256] = "";
	const char *why;
	unsigned absent = 0;
	size_t i;
	int code;

	if (none(b) || b->report->kernel[0] == '\0')
		return EX_OK;
	for (i = 0; i < 2; i++)
		if (has(&b->kernel, bases[i], b->report->kernel))
			break;
	snprintf(dir, sizeof(dir), "%s/%s", bases[i == 2 ? 0 : i],
	    b->report->kernel);
	if (modules_open(&m, &b->kernel, dir) == -1)
		return build_fail_errno(b, dir);
	code = choose(b, &m);
	if (code == EX_OK && modules_complete(&m, who, &why) == -1)
		code = build_fail(b, EX_DATAERR, "module %s: %s", who, why);
	if (code == EX_OK)
		code = index_write(b, &m);
	for (i = 0; i < m.count && code == EX_OK; i++) {
		build_progress(b, "modules", i, m.count);
		if (!m.module[i].wanted)
			continue;
		code = put_firmware(b, &m.module[i], &absent, missing);
		if (code == EX_OK)
			code = put_module(b, &m.module[i]);
	}
	if (code == EX_OK && absent > 0)
		code = build_skip(b, "firmware", "%u files that drivers may "
		    "ask for (%s, ...) are not on this system", absent,
		    missing);
	modules_close(&m);
	return code;
}

bool
drivers_kernel_has(struct build *b, const char *name)
{
	char path[PATH_MAX], line[256];
	struct root_bytes bytes;
	bool found;

	if (b->report->kernel[0] == '\0')
		return false;
	snprintf(path, sizeof(path), "boot/config-%s", b->report->kernel);
	if (root_map(&b->kernel, path, NULL, NULL, &bytes) == -1)
		return false;
	snprintf(line, sizeof(line), "\n%s=y\n", name);
	found = bytes.len > 0 &&
	    memmem(bytes.at, bytes.len, line, strlen(line)) != NULL;
	root_unmap(&bytes);
	return found;
}

static const char *
policy(const struct build *b)
{
	const char *text = b->options->modules;

	if (text == NULL)
		return "netboot";
	return strncmp(text, "list:", 5) == 0 ? text + 5 : text;
}

static bool
none(const struct build *b)
{
	return strcmp(policy(b), "none") == 0;
}

/* An unpacked package, or /lib/modules/VERSION of some system. */
static int
from_directory(struct build *b, const char *dir)
{
	char real[PATH_MAX];
	char *slash;
	int fd;

	if (root_open(&b->kernel, dir) == -1)
		return build_fail_errno(b, dir);
	if ((fd = root_find(&b->kernel, "kernel", NULL, NULL)) == -1)
		return only_version(b, dir);
	close(fd);
	root_close(&b->kernel);
	if (realpath(dir, real) == NULL)
		return build_fail_errno(b, dir);
	if ((slash = strrchr(real, '/')) == NULL ||
	    strlen(slash + 1) >= sizeof(b->report->kernel))
		return build_fail(b, EX_USAGE, "%s: not a kernel version",
		    dir);
	strcpy(b->report->kernel, slash + 1);
	*slash = '\0';
	slash = strstr(real, "/lib/modules");
	if (slash == NULL || slash[12] != '\0')
		return build_fail(b, EX_NOINPUT, "%s: a directory of modules "
		    "must be lib/modules/VERSION", dir);
	*slash = '\0';
	if (strlen(real) >= 4 && strcmp(real + strlen(real) - 4, "/usr") == 0)
		real[strlen(real) - 4] = '\0';
	if (root_open(&b->kernel, real[0] == '\0' ? "/" : real) == -1)
		return build_fail_errno(b, real);
	return EX_OK;
}

static int
only_version(struct build *b, const char *what)
{
	char **names = NULL;
	size_t i, count = 0;
	int code = EX_OK;

	for (i = 0; i < 2 && count == 0; i++) {
		free(names);
		names = root_list(&b->kernel, bases[i]);
		for (count = 0; names != NULL && names[count] != NULL; )
			count++;
	}
	if (count == 1 && strlen(names[0]) < sizeof(b->report->kernel))
		strcpy(b->report->kernel, names[0]);
	else if (count > 1)
		code = build_fail(b, EX_USAGE, "%s: %zu kernels in "
		    "%s/lib/modules (%s, %s, ...): say --kernel VERSION",
		    what, count, b->kernel.name, names[0], names[1]);
	else
		code = build_fail(b, EX_NOINPUT, "%s: no kernel in "
		    "%s/lib/modules; unpack a kernel package (dpkg -x "
		    "linux-image-*.deb DIR) and say --kernel ./DIR", what,
		    b->kernel.name);
	free(names);
	return code;
}

static bool
has(const struct root *root, const char *base, const char *version)
{
	char path[PATH_MAX];
	int fd;

	if (snprintf(path, sizeof(path), "%s/%s/kernel", base, version) >=
	    (int)sizeof(path))
		return false;
	if ((fd = root_find(root, path, NULL, NULL)) == -1)
		return false;
	close(fd);
	return true;
}

static void
find_vmlinuz(struct build *b)
{
	static const struct { const char *before, *after; } names[] = {
		{ "boot/vmlinuz-", "" }, { "boot/vmlinux-", "" },
		{ "boot/Image-", "" }, { "lib/modules/", "/vmlinuz" },
	};
	char path[PATH_MAX], real[PATH_MAX];
	size_t i;
	int fd;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "%s%s%s", names[i].before,
		    b->report->kernel, names[i].after);
		if ((fd = root_find(&b->kernel, path, real, NULL)) == -1)
			continue;
		close(fd);
		if (snprintf(b->report->vmlinuz, sizeof(b->report->vmlinuz),
		    "%s/%s", b->kernel.name, real) <
		    (int)sizeof(b->report->vmlinuz))
			return;
		b->report->vmlinuz[0] = '\0';
	}
}

static int
choose(struct build *b, struct modules *m)
{
	struct root_bytes sets;
	char word[256];
	const char *list = policy(b);
	size_t n;
	int code = EX_OK;

	if (root_map(&b->data, "modules", NULL, NULL, &sets) == -1)
		return build_fail_errno(b, "modules");
	for (; *list != '\0' && code == EX_OK; list += n) {
		list += strspn(list, ", ");
		n = strcspn(list, ", ");
		if (n == 0)
			break;
		snprintf(word, sizeof(word), "%.*s", (int)n, list);
		code = choose_word(b, m, word, sets.at, sets.len);
	}
	root_unmap(&sets);
	return code;
}

static int
choose_word(struct build *b, struct modules *m, const char *name,
    const char *text, size_t len)
{
	enum manifest_result result;
	struct manifest_word word;
	struct manifest at;
	bool is_set = false;

	manifest_start(&at, text, len);
	while ((result = manifest_next(&at, &word)) == MANIFEST_WORD)
		if (strcmp(at.section.s, name) == 0) {
			is_set = true;
			modules_want(m, word.name[0].s);
		}
	if (result != MANIFEST_END)
		return build_fail(b, EX_DATAERR, "%s/modules:%u: %s",
		    b->data.name, at.line, manifest_reason(result));
	if (is_set || modules_want(m, name) > 0 ||
	    modules_is_builtin(m, name))
		return EX_OK;
	return build_fail(b, EX_USAGE, "--modules: %s: no such module in "
	    "kernel %s, and no such set", name, b->report->kernel);
}

static int
put_module(struct build *b, struct module *m)
{
	char path[PATH_MAX], source[PATH_MAX], real[PATH_MAX];
	char *end;
	struct stat st;
	int fd;

	snprintf(path, sizeof(path), "lib/modules/%s/%s", b->report->kernel,
	    m->path);
	snprintf(source, sizeof(source), "%s", path);
	if ((end = strstr(path, ".ko")) != NULL)
		end[3] = '\0';
	if (!m->bytes.mapped) {		/* it was packed */
		fd = tree_bytes(&b->tree, path, 0644, IMAGE_MODULES,
		    m->bytes.at, m->bytes.len);
		memset(&m->bytes, 0, sizeof(m->bytes));
		return fd == -1 ? build_fail_errno(b, path) : EX_OK;
	}
	fd = root_find(&b->kernel, source, real, &st);
	if (fd == -1) {
		snprintf(source, sizeof(source), "usr/lib/modules/%s/%s",
		    b->report->kernel, m->path);
		fd = root_find(&b->kernel, source, real, &st);
	}
	if (fd == -1)
		return build_fail_errno(b, source);
	close(fd);
	return build_place(b, path, IMAGE_MODULES, &b->kernel, real, &st);
}

/* The firmware that a module names, plain or packed, where it is there. */
static int
put_firmware(struct build *b, const struct module *m, unsigned *absent,
    char *missing)
{
	static const char *const suffix[] = { "", ".xz", ".zst" };
	const struct root *roots[] = { &b->kernel, &b->from };
	char path[PATH_MAX], real[PATH_MAX];
	const char *at = m->info, *key, *value;
	struct stat st;
	size_t n, i;
	int fd, code;

	while (elf_modinfo_next(&at, m->info_end, &key, &n, &value)) {
		if (n != 8 || memcmp(key, "firmware", n) != 0 ||
		    !manifest_path_ok(value) || value[0] == '/')
			continue;
		fd = -1;
		for (i = 0; i < 6 && fd == -1; i++)
			if (snprintf(path, sizeof(path), "lib/firmware/%s%s",
			    value, suffix[i / 2]) < (int)sizeof(path))
				fd = root_find(roots[i % 2], path, real, &st);
		if (fd == -1) {
			if (++*absent == 1)
				snprintf(missing, 256, "%.200s", value);
			continue;
		}
		close(fd);
		code = build_place(b, path, IMAGE_FIRMWARE,
		    roots[(i - 1) % 2], real, &st);
		if (code != EX_OK)
			return code;
	}
	return EX_OK;
}

/*
 * Kernel modules and what they need.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "elf.h"
#include "modules.h"
#include "unpack.h"

enum { DEEPEST = 16 };

static int scan(struct modules *, const char *, size_t *, int);
static int add(struct modules *, const char *, size_t *);
static int read_builtin(struct modules *);
static bool name_of(const char *, char *);
static int read_info(struct modules *, struct module *, const char **);
static int need(struct modules *, struct module *, const char *, size_t,
    bool, char *, const char **);
static int need_list(struct modules *, struct module *, const char *, bool,
    char *, const char **);
static int complete(struct modules *, struct module *, char *,
    const char **);
static void visit(struct module *, unsigned,
    void (*)(void *, const struct module *), void *);
static void clear_marks(struct modules *);
static int by_name(const void *, const void *);
static int by_text(const void *, const void *);

int
modules_open(struct modules *m, const struct root *root, const char *dir)
{
	size_t room = 0;
	int kept;

	memset(m, 0, sizeof(*m));
	m->root = root;
	if (strlen(dir) >= sizeof(m->dir)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	strcpy(m->dir, dir);
	if (scan(m, "kernel", &room, 0) == -1 || read_builtin(m) == -1) {
		kept = errno;
		modules_close(m);
		errno = kept;
		return -1;
	}
	/* What is outside kernel/ counts too, where there is any. */
	scan(m, "updates", &room, 0);
	scan(m, "extra", &room, 0);
	if (m->count > 0)
		qsort(m->module, m->count, sizeof(*m->module), by_name);
	return 0;
}

void
modules_close(struct modules *m)
{
	size_t i;

	for (i = 0; i < m->count; i++) {
		free(m->module[i].name);
		free(m->module[i].path);
		free(m->module[i].needs);
		root_unmap(&m->module[i].bytes);
	}
	free(m->module);
	for (i = 0; i < m->builtins; i++)
		free(m->builtin[i]);
	free(m->builtin);
	memset(m, 0, sizeof(*m));
}

struct module *
modules_find(const struct modules *m, const char *name)
{
	struct module key = { 0 };
	char text[256];

	if (!name_of(name, text) || m->count == 0)
		return NULL;
	key.name = text;
	return bsearch(&key, m->module, m->count, sizeof(key), by_name);
}

bool
modules_is_builtin(const struct modules *m, const char *name)
{
	char text[256];
	const char *key = text;

	return name_of(name, text) && m->builtins > 0 && bsearch(&key,
	    m->builtin, m->builtins, sizeof(key), by_text) != NULL;
}

size_t
modules_want(struct modules *m, const char *name)
{
	size_t i, n = strlen(name), found = 0;
	struct module *one;

	if (n == 0 || name[n - 1] != '/') {
		if ((one = modules_find(m, name)) == NULL)
			return 0;
		one->wanted = true;
		return 1;
	}
	for (i = 0; i < m->count; i++)
		if (strncmp(m->module[i].path, name, n) == 0) {
			m->module[i].wanted = true;
			found++;
		}
	return found;
}

int
modules_complete(struct modules *m, char *who, const char **why)
{
	size_t i;

	clear_marks(m);
	for (i = 0; i < m->count; i++)
		if (m->module[i].wanted &&
		    complete(m, &m->module[i], who, why) == -1)
			return -1;
	return 0;
}

void
modules_order(struct modules *m, struct module *one,
    void (*each)(void *, const struct module *), void *ctx)
{
	clear_marks(m);
	visit(one, 1, each, ctx);
}

static int
scan(struct modules *m, const char *under, size_t *room, int depth)
{
	char path[PATH_MAX], full[PATH_MAX];
	char **names;
	size_t i, n;
	int result = 0;

	if (snprintf(full, sizeof(full), "%s/%s", m->dir, under) >=
	    (int)sizeof(full) || depth == DEEPEST) {
		errno = ENAMETOOLONG;
		return -1;
	}
	if ((names = root_list(m->root, full)) == NULL)
		return errno == ENOTDIR && depth > 0 ? 0 : -1;
	for (i = 0; names[i] != NULL && result == 0; i++) {
		if (snprintf(path, sizeof(path), "%s/%s", under, names[i]) >=
		    (int)sizeof(path))
			continue;
		n = strlen(names[i]);
		if (strstr(names[i], ".ko") != NULL)
			result = add(m, path, room);
		else if (memchr(names[i], '.', n) == NULL)
			result = scan(m, path, room, depth + 1);
	}
	free(names);
	return result;
}

static int
add(struct modules *m, const char *path, size_t *room)
{
	struct module *more;
	char name[256];
	size_t n;

	if (!name_of(path, name))
		return 0;
	if (m->count == *room) {
		n = *room == 0 ? 1024 : 2 * *room;
		if ((more = realloc(m->module, n * sizeof(*more))) == NULL)
			return -1;
		m->module = more;
		*room = n;
	}
	more = &m->module[m->count];
	memset(more, 0, sizeof(*more));
	more->name = strdup(name);
	more->path = strdup(path);
	m->count++;
	return more->name == NULL || more->path == NULL ? -1 : 0;
}

static int
read_builtin(struct modules *m)
{
	struct root_bytes bytes;
	char path[PATH_MAX], line[512], name[256];
	const char *at, *end, *stop;
	char **more;

	snprintf(path, sizeof(path), "%s/modules.builtin", m->dir);
	if (root_map(m->root, path, NULL, NULL, &bytes) == -1)
		return errno == ENOENT ? 0 : -1;
	end = (const char *)bytes.at + bytes.len;
	for (at = bytes.at; at != NULL && at < end; at = stop + 1) {
		stop = memchr(at, '\n', (size_t)(end - at));
		if (stop == NULL)
			stop = end;
		if (snprintf(line, sizeof(line), "%.*s", (int)(stop - at),
		    at) >= (int)sizeof(line) || !name_of(line, name))
			continue;
		more = realloc(m->builtin, (m->builtins + 1) * sizeof(*more));
		if (more == NULL)
			break;
		m->builtin = more;
		if ((more[m->builtins] = strdup(name)) == NULL)
			break;
		m->builtins++;
	}
	root_unmap(&bytes);
	if (at != NULL && at < end)
		return -1;
	if (m->builtins > 0)
		qsort(m->builtin, m->builtins, sizeof(*m->builtin), by_text);
	return 0;
}

/* "kernel/net/foo-bar.ko.xz" or "foo-bar" -> "foo_bar", size 256. */
static bool
name_of(const char *path, char *name)
{
	static const char good[] = "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
	const char *last = strrchr(path, '/');
	const char *end;
	size_t i, n;

	if (last == NULL)
		last = path;
	else
		last++;
	end = strstr(last, ".ko");
	n = end == NULL ? strlen(last) : (size_t)(end - last);
	if (n == 0 || n > 255)
		return false;
	for (i = 0; i < n; i++) {
		name[i] = last[i] == '-' ? '_' : last[i];
		if (strchr(good, name[i]) == NULL)
			return false;
	}
	name[n] = '\0';
	return true;
}

static int
read_info(struct modules *m, struct module *one, const char **why)
{
	char path[PATH_MAX];
	size_t len;

	one->read = true;
	if (snprintf(path, sizeof(path), "%s/%s", m->dir, one->path) >=
	    (int)sizeof(path)) {
		*why = strerror(ENAMETOOLONG);
		return -1;
	}
	if (root_map(m->root, path, NULL, NULL, &one->bytes) == -1) {
		*why = strerror(errno);
		return -1;
	}
	if (unpack_module(one->path, &one->bytes, why) == -1)
		return -1;
	if (elf_modinfo(one->bytes.at, one->bytes.len, &one->info, &len) !=
	    ELF_IS) {
		*why = "not a kernel module";
		return -1;
	}
	one->info_end = one->info + len;
	return 0;
}

/* One module and, before it, all it needs; deep first. */
static int
complete(struct modules *m, struct module *one, char *who, const char **why)
{
	const char *at, *key, *value;
	size_t i, n;

	if (one->mark != 0)
		return 0;
	one->mark = 1;
	one->wanted = true;
	if (!one->read && read_info(m, one, why) == -1) {
		snprintf(who, 256, "%s", one->name);
		return -1;
	}
	for (at = one->info; elf_modinfo_next(&at, one->info_end, &key, &n,
	    &value); )
		if (n == 7 && memcmp(key, "depends", n) == 0 &&
		    need_list(m, one, value, true, who, why) == -1)
			return -1;
	for (at = one->info; elf_modinfo_next(&at, one->info_end, &key, &n,
	    &value); )
		if (n == 7 && memcmp(key, "softdep", n) == 0 &&
		    strncmp(value, "pre:", 4) == 0 &&
		    need_list(m, one, value + 4, false, who, why) == -1)
			return -1;
	for (i = 0; i < one->count; i++)
		if (complete(m, one->needs[i], who, why) == -1)
			return -1;
	return 0;
}

static int
need_list(struct modules *m, struct module *one, const char *list, bool hard,
    char *who, const char **why)
{
	size_t n;

	for (; *list != '\0'; list += n) {
		list += strspn(list, ", ");
		n = strcspn(list, ", ");
		if (n > 0 && list[n - 1] == ':')
			break;		/* "post:" and what follows */
		if (n > 0 && need(m, one, list, n, hard, who, why) == -1)
			return -1;
	}
	return 0;
}

static int
need(struct modules *m, struct module *one, const char *text, size_t len,
    bool hard, char *who, const char **why)
{
	struct module **more, *other;
	char name[256];

	snprintf(name, sizeof(name), "%.*s", (int)len, text);
	if ((other = modules_find(m, name)) == NULL) {
		if (!hard || modules_is_builtin(m, name))
			return 0;
		snprintf(who, 256, "%.200s", name);
		*why = "needed by another module, and not there";
		return -1;
	}
	more = realloc(one->needs, (one->count + 1) * sizeof(*more));
	if (more == NULL) {
		snprintf(who, 256, "%.200s", name);
		*why = strerror(errno);
		return -1;
	}
	one->needs = more;
	more[one->count++] = other;
	return 0;
}

/* Marks end loops, which soft dependencies may have. */
static void
visit(struct module *one, unsigned mark,
    void (*each)(void *, const struct module *), void *ctx)
{
	size_t i;

	if (one->mark == mark)
		return;
	one->mark = mark;
	for (i = 0; i < one->count; i++)
		visit(one->needs[i], mark, each, ctx);
	each(ctx, one);
}

static void
clear_marks(struct modules *m)
{
	size_t i;

	for (i = 0; i < m->count; i++)
		m->module[i].mark = 0;
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(((const struct module *)a)->name,
	    ((const struct module *)b)->name);
}

static int
by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/*
 * Shared libraries of the programs of an image.
 */
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "elf.h"
#include "library.h"

enum { MOST_INCLUDES = 8 };

/* One library that was looked for and found. */
struct found {
	char path[PATH_MAX];		/* as the loader names it */
	char real[PATH_MAX];		/* in the root, without links */
	struct root_bytes bytes;
	struct elf_facts facts;
	struct stat st;
	bool absolute;			/* by an rpath without $ORIGIN */
};

static int close_over(struct build *, const char *, const struct elf_facts *);
static int place(struct build *, const char *, struct found *);
static int interpreter(struct build *, const char *, const char *);
static bool find(struct build *, const char *, const char *,
    const struct elf_facts *, struct found *);
static bool find_in_list(struct build *, const char *, const char *,
    const char *, const struct elf_facts *, struct found *);
static bool try(struct build *, const char *, const char *,
    const struct elf_facts *, struct found *);
static struct build_home *home_of(struct build *, const struct elf_facts *);
static bool twins(const char *, const char *);
static void read_conf(struct build *, const char *, int);
static void include(struct build *, const char *, int);
static void add_dir(struct build *, const char *);

/* Where loaders look when nothing else is said. */
static const char *const usual[] = {
	"/lib", "/usr/lib", "/lib64", "/usr/lib64",
};

int
library_start(struct build *b)
{
	size_t i;

	read_conf(b, "/etc/ld.so.conf", 0);
	for (i = 0; i < sizeof(usual) / sizeof(usual[0]); i++)
		add_dir(b, usual[i]);
	return EX_OK;
}

void
library_end(struct build *b)
{
	while (b->library_dirs > 0)
		free(b->library_dir[--b->library_dirs]);
}

int
library_close(struct build *b, const char *source, void *bytes, size_t len)
{
	struct elf_facts facts;

	switch (elf_read(bytes, len, &facts)) {
	case ELF_IS:
		return close_over(b, source, &facts);
	case ELF_IS_NOT:
		return EX_OK;
	case ELF_TOO_MANY:
		return build_skip(b, source,
		    "its libraries: more than %d of them", ELF_NEEDS);
	default:
		return build_skip(b, source, "its libraries: damaged ELF");
	}
}

int
library_optional(struct build *b, const char *name)
{
	struct elf_facts any = { 0 };
	struct found *f = calloc(1, sizeof(*f));
	int code = EX_OK;
	unsigned i;

	if (f == NULL)
		return build_fail_errno(b, name);
	/* Of the kind of the programs that are in, or not at all. */
	for (i = 0; i < b->homes && code == EX_OK; i++) {
		any.class = b->home[i].class;
		any.machine = b->home[i].machine;
		if (find(b, name, "", &any, f))
			code = place(b, name, f);
		root_unmap(&f->bytes);
	}
	free(f);
	return code;
}

static int
close_over(struct build *b, const char *source, const struct elf_facts *facts)
{
	struct found *f;
	int code = EX_OK;
	unsigned i, pass;

	if (facts->interpreter != NULL)
		code = interpreter(b, source, facts->interpreter);
	if (code != EX_OK)
		return code;
	if ((f = calloc(1, sizeof(*f))) == NULL)
		return build_fail_errno(b, source);
	/* The C library first: the others move in with it. */
	for (pass = 0; pass < 2 && code == EX_OK; pass++)
		for (i = 0; i < facts->needs && code == EX_OK; i++) {
			if ((strncmp(facts->needed[i], "libc.", 5) == 0) ==
			    (pass == 1))
				continue;
			if (find(b, facts->needed[i], source, facts, f))
				code = place(b, facts->needed[i], f);
			else
				code = build_skip(b, facts->needed[i],
				    "library of /%s, not found", source);
			root_unmap(&f->bytes);
		}
	free(f);
	return code;
}

static int
place(struct build *b, const char *name, struct found *f)
{
	struct build_home *home = home_of(b, &f->facts);
	char path[PATH_MAX], dir[PATH_MAX];
	char *slash;
	int code;

	snprintf(dir, sizeof(dir), "%s", f->path);
	if ((slash = strrchr(dir, '/')) != NULL)
		*slash = '\0';
	if (home == NULL && strncmp(name, "libc.", 5) == 0 &&
	    b->homes < BUILD_HOMES) {
		home = &b->home[b->homes++];
		home->class = f->facts.class;
		home->machine = f->facts.machine;
		strcpy(home->dir, dir);
	}
	if (strchr(name, '/') != NULL || f->absolute || home == NULL ||
	    twins(dir, home->dir))
		snprintf(path, sizeof(path), "%s", f->path);
	else if (snprintf(path, sizeof(path), "%s/%s", home->dir, name) >=
	    (int)sizeof(path))
		return build_fail(b, EX_DATAERR, "%s: name too long", name);
	if (tree_get(&b->tree, path) != NULL)
		return EX_OK;
	code = build_place(b, path, IMAGE_LIBRARIES, &b->from, f->real,
	    &f->st);
	if (code != EX_OK)
		return code;
	return close_over(b, f->real, &f->facts);
}

static int
interpreter(struct build *b, const char *source, const char *path)
{
	char real[PATH_MAX];
	struct root_bytes bytes;
	struct stat st;
	int code;

	if (tree_get(&b->tree, path) != NULL)
		return EX_OK;
	if (root_map(&b->from, path, real, &st, &bytes) == -1)
		return build_skip(b, path, "loader of /%s: %s", source,
		    strerror(errno));
	code = build_place(b, path, IMAGE_LIBRARIES, &b->from, real, &st);
	root_unmap(&bytes);
	return code;
}

/*
 * In the loader's order: DT_RPATH unless there is a DT_RUNPATH, DT_RUNPATH,
 * the configured directories, the usual ones.
 */
static bool
find(struct build *b, const char *name, const char *source,
    const struct elf_facts *by, struct found *f)
{
	const char *list = by->runpath != NULL ? by->runpath : by->rpath;
	unsigned i;

	f->absolute = false;
	if (name[0] == '/') {
		f->absolute = try(b, "", name + 1, by, f);
		return f->absolute;
	}
	if (list != NULL && find_in_list(b, list, name, source, by, f))
		return true;
	for (i = 0; i < b->library_dirs; i++)
		if (try(b, b->library_dir[i], name, by, f))
			return true;
	return false;
}

static bool
find_in_list(struct build *b, const char *list, const char *name,
    const char *source, const struct elf_facts *by, struct found *f)
{
	static const char *const origins[] = { "$ORIGIN", "${ORIGIN}" };
	char dir[PATH_MAX];
	const char *last = strrchr(source, '/');
	int n, own = last == NULL ? 0 : (int)(last - source);
	size_t i, len;

	for (;; list += n + 1) {
		n = (int)strcspn(list, ":");
		snprintf(dir, sizeof(dir), "%.*s", n, list);
		f->absolute = dir[0] == '/';
		for (i = 0; i < 2; i++) {
			len = strlen(origins[i]);
			if (strncmp(list, origins[i], len) == 0 &&
			    (size_t)n >= len)
				snprintf(dir, sizeof(dir), "/%.*s%.*s", own,
				    source, n - (int)len, list + len);
		}
		if (dir[0] == '/' && strchr(dir, '$') == NULL &&
		    try(b, dir, name, by, f))
			return true;
		if (list[n] == '\0')
			break;
	}
	f->absolute = false;
	return false;
}

static bool
try(struct build *b, const char *dir, const char *name,
    const struct elf_facts *by, struct found *f)
{
	if (snprintf(f->path, sizeof(f->path), "%s/%s", dir, name) >=
	    (int)sizeof(f->path))
		return false;
	if (root_map(&b->from, f->path, f->real, &f->st, &f->bytes) == -1)
		return false;
	if (elf_read(f->bytes.at, f->bytes.len, &f->facts) == ELF_IS &&
	    f->facts.class == by->class && f->facts.machine == by->machine)
		return true;
	root_unmap(&f->bytes);
	return false;
}

static struct build_home *
home_of(struct build *b, const struct elf_facts *facts)
{
	unsigned i;

	for (i = 0; i < b->homes; i++)
		if (b->home[i].class == facts->class &&
		    b->home[i].machine == facts->machine)
			return &b->home[i];
	return NULL;
}

/* The loader that looks in /lib/X looks in /usr/lib/X as well. */
static bool
twins(const char *a, const char *b)
{
	if (strncmp(a, "/usr/", 5) == 0)
		a += 4;
	if (strncmp(b, "/usr/", 5) == 0)
		b += 4;
	return strcmp(a, b) == 0;
}

static void
read_conf(struct build *b, const char *path, int depth)
{
	struct root_bytes bytes;
	char line[PATH_MAX];
	const char *at, *end, *stop;
	size_t n;

	if (root_map(&b->from, path, NULL, NULL, &bytes) == -1)
		return;
	end = (const char *)bytes.at + bytes.len;
	for (at = bytes.at; at != NULL && at < end; at = stop + 1) {
		stop = memchr(at, '\n', (size_t)(end - at));
		if (stop == NULL)
			stop = end;
		while (at < stop && (*at == ' ' || *at == '\t'))
			at++;
		n = (size_t)(stop - at);
		if (n >= sizeof(line))
			continue;
		memcpy(line, at, n);
		line[n] = '\0';
		line[strcspn(line, "#\r")] = '\0';
		for (n = strlen(line); n > 0 && line[n - 1] == ' '; )
			line[--n] = '\0';
		if (strncmp(line, "include", 7) == 0)
			include(b, line + 7 + strspn(line + 7, " \t"), depth);
		else if (line[0] == '/')
			add_dir(b, line);
	}
	root_unmap(&bytes);
}

static void
include(struct build *b, const char *pattern, int depth)
{
	char dir[PATH_MAX], path[PATH_MAX];
	const char *last = strrchr(pattern, '/');
	char **names;
	size_t i;

	if (depth == MOST_INCLUDES)
		return;
	if (last == NULL)
		strcpy(dir, "/etc");
	else
		snprintf(dir, sizeof(dir), "%s%.*s",
		    pattern[0] == '/' ? "" : "/etc/",
		    (int)(last - pattern), pattern);
	if ((names = root_list(&b->from, dir)) == NULL)
		return;
	for (i = 0; names[i] != NULL; i++)
		if (fnmatch(last == NULL ? pattern : last + 1, names[i],
		    FNM_PERIOD) == 0 && snprintf(path, sizeof(path), "%s/%s",
		    dir, names[i]) < (int)sizeof(path))
			read_conf(b, path, depth + 1);
	free(names);
}

static void
add_dir(struct build *b, const char *dir)
{
	char *copy;
	unsigned i;
	size_t n;

	for (i = 0; i < b->library_dirs; i++)
		if (strcmp(b->library_dir[i], dir) == 0)
			return;
	if (b->library_dirs == BUILD_LIBRARY_DIRS ||
	    (copy = strdup(dir)) == NULL)
		return;
	for (n = strlen(copy); n > 1 && copy[n - 1] == '/'; )
		copy[--n] = '\0';
	b->library_dir[b->library_dirs++] = copy;
}

/*
 * Programs of an image.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "busybox.h"
#include "library.h"
#include "program.h"

/* Where a system may keep a program. */
static const char *const places[] = {
	"bin", "sbin", "usr/bin", "usr/sbin", "usr/local/bin",
	"usr/local/sbin", "usr/libexec", "usr/lib/bootserver",
};

/* Interpreters that are nothing without a library of scripts of theirs. */
static const char *const heavy[] = {
	"perl", "python", "ruby", "tclsh", "php", "guile", "lua",
};

static const struct {
	const char *dir;
	enum image_group group;
} groups[] = {
	{ "/bin", IMAGE_BIN },
	{ "/sbin", IMAGE_SBIN },
	{ "/usr/bin", IMAGE_USR_BIN },
	{ "/usr/sbin", IMAGE_USR_SBIN },
};

static enum image_group group_of(const char *);
static bool find(struct build *, const char *, const char *, char *);
static int try_applet(struct build *, const char *,
    const struct manifest_word *, unsigned, bool *);
static int try_real(struct build *, const char *,
    const struct manifest_word *, unsigned, bool *);
static int put_real(struct build *, const char *, const char *,
    const char *, bool *);
static int put_applet(struct build *, const char *, const char *,
    const char *);
static bool applet(const struct build *, const char *);
static int script(struct build *, const char *, const char *, size_t,
    bool *);
static int remember(struct build *, const char *, const char *);

int
program_start(struct build *b)
{
	char path[PATH_MAX];

	if (!find(b, "/bin", "busybox", path) ||
	    root_map(&b->from, path, b->busybox_source, NULL,
	    &b->busybox) == -1)
		return EX_OK;
	if (!busybox_applets(b->busybox.at, b->busybox.len, &b->applets,
	    &b->applets_end))
		return build_skip(b, path, "holds no table of names");
	return EX_OK;
}

void
program_end(struct build *b)
{
	root_unmap(&b->busybox);
	while (b->scripts > 0)
		free(b->script[--b->scripts]);
	free(b->script);
	b->script = NULL;
}

int
program_put(struct build *b, const char *dir,
    const struct manifest_word *word,
    bool (*struck)(const struct build *, const char *, const char *))
{
	/* busybox last of all, or ahead of each name's own program. */
	bool mixed = b->busybox_first;
	char path[PATH_MAX];
	unsigned pass, i, left = 0;
	bool in = false;
	int code = EX_OK;

	for (pass = 0; pass < (mixed ? 1 : 2); pass++)
		for (i = 0; i < word->names && !in && code == EX_OK; i++) {
			if (struck(b, dir, word->name[i].s))
				continue;
			left++;
			if (mixed || pass == 1)
				code = try_applet(b, dir, word, i, &in);
			if (!in && code == EX_OK && pass == 0)
				code = try_real(b, dir, word, i, &in);
		}
	if (code != EX_OK || (left == 0 && !word->needed))
		return code;
	if (in)
		return EX_OK;
	snprintf(path, sizeof(path), "%s/%s", dir, word->name[0].s);
	if (word->needed)
		return build_fail(b, EX_UNAVAILABLE, "%s: needed, and not in "
		    "%s: install it there, or busybox-static", path,
		    b->from.name[0] == '\0' ? "this system" : b->from.name);
	return build_skip(b, path, "not on this system");
}

int
program_interpreters(struct build *b)
{
	const char *path;
	size_t i;
	int code;

	for (i = 0; i < b->scripts; i++) {
		path = b->script[i] + strlen(b->script[i]) + 1;
		if (tree_get(&b->tree, path) != NULL)
			continue;
		code = program_file(b, path, path, group_of("/bin"), false);
		if (code != EX_OK)
			return code;
	}
	return EX_OK;
}

int
program_file(struct build *b, const char *path, const char *source,
    enum image_group group, bool needed)
{
	char real[PATH_MAX];
	struct root_bytes bytes;
	struct stat st;
	bool good = true;
	int code;

	if (root_map(&b->from, source, real, &st, &bytes) == -1) {
		if (needed)
			return build_fail_errno(b, source);
		return build_skip(b, path, "%s", errno == ENOENT ?
		    "not on this system" : strerror(errno));
	}
	code = script(b, path, bytes.at, bytes.len, &good);
	if (code == EX_OK && good)
		code = build_place(b, path, group, &b->from, real, &st);
	if (code == EX_OK && good)
		code = library_close(b, real, bytes.at, bytes.len);
	root_unmap(&bytes);
	return code;
}

static enum image_group
group_of(const char *dir)
{
	size_t i;

	for (i = 0; i < sizeof(groups) / sizeof(groups[0]); i++)
		if (strcmp(groups[i].dir, dir) == 0)
			return groups[i].group;
	return IMAGE_SYSTEM;
}

/* Where a program is: in the same directory, else in the first that has it. */
static bool
find(struct build *b, const char *dir, const char *name, char *path)
{
	struct stat st;
	size_t i, n = sizeof(places) / sizeof(places[0]);
	int fd, len;

	for (i = 0; i <= n; i++) {
		if (name[0] == '/')
			len = snprintf(path, PATH_MAX, "%s", name);
		else
			len = snprintf(path, PATH_MAX, "%s/%s",
			    i == 0 ? dir : places[i - 1], name);
		if (len >= PATH_MAX)
			return false;
		if ((fd = root_find(&b->from, path, NULL, &st)) != -1) {
			close(fd);
			if (S_ISREG(st.st_mode) && (st.st_mode & 0111) != 0)
				return true;
		}
		if (name[0] == '/')
			return false;
	}
	return false;
}

/* A name by its own word, then by each of its values. */
static int
try_applet(struct build *b, const char *dir, const struct manifest_word *word,
    unsigned i, bool *in)
{
	const char *name = word->name[i].s, *value = name;
	unsigned v;

	for (v = 0; v <= word->values; v++) {
		if (v > 0)
			value = word->value[v - 1].s;
		if (applet(b, value)) {
			*in = true;
			return put_applet(b, dir, name, value);
		}
	}
	return EX_OK;
}

static int
try_real(struct build *b, const char *dir, const struct manifest_word *word,
    unsigned i, bool *in)
{
	const char *name = word->name[i].s, *value = name;
	char path[PATH_MAX];
	unsigned v;
	int code = EX_OK;

	for (v = 0; v <= word->values && !*in && code == EX_OK; v++) {
		if (v > 0)
			value = word->value[v - 1].s;
		if (find(b, dir, value, path))
			code = put_real(b, dir, name, path, in);
	}
	return code;
}

static int
put_real(struct build *b, const char *dir, const char *name,
    const char *source, bool *in)
{
	char path[PATH_MAX], real[PATH_MAX];
	int fd;

	if ((fd = root_find(&b->from, source, real, NULL)) == -1)
		return EX_OK;
	close(fd);
	/* Where busybox is all there is, its own link says so. */
	if (b->busybox.len > 0 && strcmp(real, b->busybox_source) == 0 &&
	    strcmp(name, "busybox") != 0) {
		if (!applet(b, name))
			return EX_OK;
		*in = true;
		return put_applet(b, dir, name, name);
	}
	if (snprintf(path, sizeof(path), "%s/%s", dir, name) >= PATH_MAX)
		return build_fail(b, EX_DATAERR, "%s: name too long", name);
	*in = true;
	return program_file(b, path, source, group_of(dir), false);
}

static int
put_applet(struct build *b, const char *dir, const char *name,
    const char *what)
{
	static const char box[] = "/bin/busybox";
	char path[PATH_MAX], text[256 + 64];
	char *copy;
	int code;

	if (tree_get(&b->tree, box) == NULL) {
		code = program_file(b, box, b->busybox_source, IMAGE_BIN,
		    true);
		if (code != EX_OK)
			return code;
	}
	if (snprintf(path, sizeof(path), "%s/%s", dir, name) >= PATH_MAX)
		return build_fail(b, EX_DATAERR, "%s: name too long", name);
	if (strcmp(name, "busybox") == 0)
		return EX_OK;
	if (strcmp(name, what) == 0) {
		if (tree_link(&b->tree, path, box, group_of(dir)) == -1)
			return build_fail_errno(b, path);
		return EX_OK;
	}
	/* busybox goes by the name it is called, so that needs a script. */
	snprintf(text, sizeof(text), "#!/bin/sh\nexec %s %s \"$@\"\n", box,
	    what);
	if ((copy = strdup(text)) == NULL || tree_bytes(&b->tree, path, 0755,
	    group_of(dir), copy, strlen(text)) == -1)
		return build_fail_errno(b, path);
	return remember(b, path, "/bin/sh");
}

static bool
applet(const struct build *b, const char *name)
{
	return b->applets != NULL &&
	    busybox_has(b->applets, b->applets_end, name);
}

/* Notes the interpreter if it is a script; *good is false if it cannot be. */
static int
script(struct build *b, const char *path, const char *bytes, size_t len,
    bool *good)
{
	char line[256], found[PATH_MAX];
	char *name, *word;
	size_t i, n = 0;

	if (len < 3 || bytes[0] != '#' || bytes[1] != '!')
		return EX_OK;
	while (n < len - 2 && n < sizeof(line) - 1 && bytes[n + 2] != '\n') {
		line[n] = bytes[n + 2];
		n++;
	}
	line[n] = '\0';
	name = line + strspn(line, " \t");
	word = name + strcspn(name, " \t");
	if (*word != '\0')
		*word++ = '\0';
	if (strlen(name) > 4 && strcmp(name + strlen(name) - 4, "/env") == 0) {
		if (remember(b, path, name) != EX_OK)
			return EX_OSERR;
		word += strspn(word, " \t");
		word[strcspn(word, " \t")] = '\0';
		if (!find(b, "/usr/bin", word, found)) {
			*good = false;
			return build_skip(b, path, "its interpreter %s is not "
			    "on this system", word);
		}
		name = found;
	}
	for (i = 0; i < sizeof(heavy) / sizeof(heavy[0]); i++) {
		word = strrchr(name, '/');
		if (strncmp(word == NULL ? name : word + 1, heavy[i],
		    strlen(heavy[i])) == 0) {
			*good = false;
			return build_skip(b, path, "a %s script", heavy[i]);
		}
	}
	if (!manifest_path_ok(name)) {
		*good = false;
		return build_skip(b, path, "its interpreter has a bad name");
	}
	return remember(b, path, name);
}

static int
remember(struct build *b, const char *path, const char *name)
{
	size_t n = strlen(path) + 1, m = strlen(name) + 1;
	char **more = realloc(b->script, (b->scripts + 1) * sizeof(*more));

	if (more == NULL)
		return build_fail_errno(b, path);
	b->script = more;
	if ((more[b->scripts] = malloc(n + m)) == NULL)
		return build_fail_errno(b, path);
	memcpy(more[b->scripts], path, n);
	memcpy(more[b->scripts] + n, name, m);
	b->scripts++;
	return EX_OK;
}

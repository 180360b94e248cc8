/*
 * Names looked up inside a directory as if it were "/".
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "root.h"

enum { MOST_LINKS = 40 };

/* Where a walk is: `at` is the open directory whose name is `real`. */
struct walk {
	const struct root *root;
	int at;
	char real[PATH_MAX];
	char rest[PATH_MAX];
	int links;
};

static int step(struct walk *, const char *, int *, struct stat *);
static int up(struct walk *);
static int restart(struct walk *);
static int follow(struct walk *, const char *);
static int next_name(struct walk *, char *);
static int by_text(const void *, const void *);

int
root_open(struct root *root, const char *dir)
{
	size_t n = strlen(dir);

	if (n >= sizeof(root->name)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(root->name, dir, n + 1);
	while (n > 0 && root->name[n - 1] == '/')
		root->name[--n] = '\0';
	root->fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return root->fd == -1 ? -1 : 0;
}

void
root_close(struct root *root)
{
	if (root->fd != -1)
		close(root->fd);
	root->fd = -1;
}

int
root_find(const struct root *root, const char *path, char *real,
    struct stat *st)
{
	struct walk w = { .root = root, .at = -1 };
	struct stat own;
	char name[NAME_MAX + 1];
	int fd = -1, found = -1, kept, more;

	if (st == NULL)
		st = &own;
	if (strlen(path) >= sizeof(w.rest)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	strcpy(w.rest, path);
	if (restart(&w) == -1)
		return -1;
	while ((more = next_name(&w, name)) == 1) {
		if (fd != -1) {		/* a file in the middle of the name */
			errno = ENOTDIR;
			goto out;
		}
		if (step(&w, name, &fd, st) == -1)
			goto out;
	}
	if (more == -1)
		goto out;
	if (fd == -1) {
		if (fstat(w.at, st) == -1)
			goto out;
		fd = w.at;
		w.at = -1;
	}
	if (real != NULL)
		strcpy(real, w.real);
	found = fd;
out:
	kept = errno;
	if (found == -1 && fd != -1)
		close(fd);
	if (w.at != -1)
		close(w.at);
	errno = kept;
	return found;
}

int
root_link(const struct root *root, const char *path, char *text, size_t size)
{
	char dir[PATH_MAX];
	const char *last = strrchr(path, '/');
	ssize_t n;
	int fd, kept;

	if (last != NULL && last != path)
		snprintf(dir, sizeof(dir), "%.*s", (int)(last - path), path);
	else
		strcpy(dir, "/");
	if ((fd = root_find(root, dir, NULL, NULL)) == -1)
		return -1;
	n = readlinkat(fd, last == NULL ? path : last + 1, text, size - 1);
	kept = errno;
	close(fd);
	errno = kept;
	if (n == -1)
		return -1;
	text[n] = '\0';
	return (int)n;
}

int
root_map(const struct root *root, const char *path, char *real,
    struct stat *st, struct root_bytes *bytes)
{
	struct stat own;
	int fd, kept;

	memset(bytes, 0, sizeof(*bytes));
	if (st == NULL)
		st = &own;
	if ((fd = root_find(root, path, real, st)) == -1)
		return -1;
	if (!S_ISREG(st->st_mode)) {
		close(fd);
		errno = EISDIR;
		return -1;
	}
	bytes->len = (size_t)st->st_size;
	if (bytes->len > 0) {
		bytes->at = mmap(NULL, bytes->len, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE, fd, 0);
		bytes->mapped = bytes->at != MAP_FAILED;
	}
	kept = errno;
	close(fd);
	if (bytes->len > 0 && !bytes->mapped) {
		memset(bytes, 0, sizeof(*bytes));
		errno = kept;
		return -1;
	}
	return 0;
}

void
root_unmap(struct root_bytes *bytes)
{
	if (bytes->mapped)
		munmap(bytes->at, bytes->len);
	else
		free(bytes->at);
	memset(bytes, 0, sizeof(*bytes));
}

char **
root_list(const struct root *root, const char *path)
{
	struct dirent *entry;
	char **names = NULL, *text = NULL;
	size_t count = 0, used = 0, i;
	FILE *out = NULL;
	DIR *dir;
	int fd;

	if ((fd = root_find(root, path, NULL, NULL)) == -1)
		return NULL;
	if ((dir = fdopendir(fd)) == NULL) {
		close(fd);
		return NULL;
	}
	if ((out = open_memstream(&text, &used)) == NULL)
		goto out;
	while ((entry = readdir(dir)) != NULL) {
		if (strcmp(entry->d_name, ".") == 0 ||
		    strcmp(entry->d_name, "..") == 0)
			continue;
		fwrite(entry->d_name, strlen(entry->d_name) + 1, 1, out);
		count++;
	}
	if (fclose(out) != 0)
		goto out;
	names = malloc((count + 1) * sizeof(*names) + used);
	if (names == NULL)
		goto out;
	memcpy(names + count + 1, text, used);
	for (i = 0, used = 0; i < count; i++) {
		names[i] = (char *)(names + count + 1) + used;
		used += strlen(names[i]) + 1;
	}
	names[count] = NULL;
	qsort(names, count, sizeof(*names), by_text);
out:
	free(text);
	closedir(dir);
	return names;
}

/* One name further: into a directory, along a link, or to the file *fd. */
static int
step(struct walk *w, const char *name, int *fd, struct stat *st)
{
	size_t used;

	if (strcmp(name, "..") == 0)
		return up(w);
	if (fstatat(w->at, name, st, AT_SYMLINK_NOFOLLOW) == -1)
		return -1;
	if (S_ISLNK(st->st_mode))
		return follow(w, name);
	if (!S_ISREG(st->st_mode) && !S_ISDIR(st->st_mode)) {
		errno = EINVAL;
		return -1;
	}
	used = strlen(w->real);
	if (used + strlen(name) + 2 > sizeof(w->real)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	/* Should a link take its place meanwhile, this fails. */
	*fd = openat(w->at, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK |
	    O_CLOEXEC);
	if (*fd == -1)
		return -1;
	sprintf(w->real + used, "%s%s", used > 0 ? "/" : "", name);
	if (fstat(*fd, st) == 0 && S_ISDIR(st->st_mode)) {
		close(w->at);
		w->at = *fd;
		*fd = -1;
	}
	return 0;
}

static int
up(struct walk *w)
{
	char again[PATH_MAX], name[NAME_MAX + 1], rest[PATH_MAX];
	char *slash = strrchr(w->real, '/');
	struct stat st;
	int fd = -1;

	strcpy(rest, w->rest);
	if (slash != NULL)
		*slash = '\0';
	else
		w->real[0] = '\0';
	strcpy(again, w->real);
	if (restart(w) == -1)
		return -1;
	strcpy(w->rest, again);
	while (next_name(w, name) == 1)
		if (step(w, name, &fd, &st) == -1)
			return -1;
	strcpy(w->rest, rest);
	if (fd != -1) {			/* it was a directory before */
		close(fd);
		errno = ENOTDIR;
		return -1;
	}
	return 0;
}

static int
restart(struct walk *w)
{
	if (w->at != -1)
		close(w->at);
	w->real[0] = '\0';
	w->at = fcntl(w->root->fd, F_DUPFD_CLOEXEC, 0);
	return w->at == -1 ? -1 : 0;
}

static int
follow(struct walk *w, const char *name)
{
	char text[PATH_MAX];
	ssize_t n = readlinkat(w->at, name, text, sizeof(text) - 1);

	if (n == -1)
		return -1;
	if (++w->links > MOST_LINKS) {
		errno = ELOOP;
		return -1;
	}
	if (n == 0 || (size_t)n + strlen(w->rest) + 2 > sizeof(text)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	text[n] = '/';
	memcpy(text + n + 1, w->rest, strlen(w->rest) + 1);
	strcpy(w->rest, text);
	return text[0] == '/' ? restart(w) : 0;
}

/* Takes the next name off the rest.  1, 0 at the end, -1 and errno. */
static int
next_name(struct walk *w, char *name)
{
	size_t skip, n;

	for (;;) {
		skip = strspn(w->rest, "/");
		n = strcspn(w->rest + skip, "/");
		if (n > NAME_MAX) {
			errno = ENAMETOOLONG;
			return -1;
		}
		memcpy(name, w->rest + skip, n);
		name[n] = '\0';
		memmove(w->rest, w->rest + skip + n,
		    strlen(w->rest + skip + n) + 1);
		if (n == 0)
			return 0;
		if (strcmp(name, ".") != 0)
			return 1;
	}
}

static int
by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

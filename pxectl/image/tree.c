/*
 * The sorted set of what goes into an image.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "manifest.h"
#include "tree.h"

enum { MOST_LINKS = 16 };

static int put(struct tree *, const char *, struct tree_node *);
static int parents(struct tree *, const char *);
static int insert(struct tree *, size_t, struct tree_node *);
static size_t place(const struct tree *, const char *, int *);
static struct tree_node *exact(const struct tree *, const char *);
static void release(struct tree_node *);

int
tree_directory(struct tree *t, const char *path, mode_t mode)
{
	struct tree_node n = { .kind = TREE_DIRECTORY, .mode = mode,
	    .group = IMAGE_SYSTEM };
	struct tree_node *old;
	char below[PATH_MAX], real[PATH_MAX];

	/* A link to a directory is one already: /bin -> usr/bin. */
	if (snprintf(below, sizeof(below), "%s/x", path) >= PATH_MAX ||
	    tree_resolve(t, below, real) == -1) {
		errno = EINVAL;
		return -1;
	}
	real[strlen(real) - 2] = '\0';
	if ((old = exact(t, real)) != NULL && old->kind == TREE_DIRECTORY) {
		old->mode = mode;
		return 0;
	}
	return put(t, real, &n);
}

int
tree_link(struct tree *t, const char *path, const char *target,
    enum image_group group)
{
	struct tree_node n = { .kind = TREE_LINK, .mode = 0777,
	    .group = group };

	if ((n.target = strdup(target)) == NULL)
		return -1;
	return put(t, path, &n);
}

int
tree_device(struct tree *t, const char *path, enum tree_kind kind,
    mode_t mode, unsigned major, unsigned minor)
{
	struct tree_node n = { .kind = kind, .mode = mode,
	    .group = IMAGE_SYSTEM, .major = major, .minor = minor };

	return put(t, path, &n);
}

int
tree_file(struct tree *t, const char *path, mode_t mode,
    enum image_group group, const struct root *root, const char *source,
    uint64_t size)
{
	struct tree_node n = { .kind = TREE_FILE, .mode = mode,
	    .group = group, .root = root, .size = size };

	if ((n.source = strdup(source)) == NULL)
		return -1;
	return put(t, path, &n);
}

int
tree_bytes(struct tree *t, const char *path, mode_t mode,
    enum image_group group, void *bytes, size_t len)
{
	struct tree_node n = { .kind = TREE_FILE, .mode = mode,
	    .group = group, .bytes = bytes, .size = len };

	return put(t, path, &n);
}

struct tree_node *
tree_get(const struct tree *t, const char *path)
{
	char real[PATH_MAX];

	return tree_resolve(t, path, real) == -1 ? NULL : exact(t, real);
}

struct tree_node *
tree_from(const struct tree *t, const struct root *root, const char *source)
{
	size_t i;

	for (i = 0; i < t->count; i++)
		if (t->node[i]->root == root &&
		    strcmp(t->node[i]->source, source) == 0)
			return t->node[i];
	return NULL;
}

int
tree_resolve(const struct tree *t, const char *path, char *real)
{
	char rest[PATH_MAX], again[2 * PATH_MAX];
	struct tree_node *n;
	char *slash;
	size_t used, len;
	int links = 0;

	if (!manifest_path_ok(path) || strlen(path) >= sizeof(rest)) {
		errno = EINVAL;
		return -1;
	}
	strcpy(rest, path[0] == '/' ? path + 1 : path);
	for (used = 0; ; used += len + 1) {
		slash = strchr(rest + used, '/');
		if (slash == NULL)
			break;
		len = (size_t)(slash - rest) - used;
		*slash = '\0';
		n = exact(t, rest);
		*slash = '/';
		if (n == NULL || n->kind != TREE_LINK)
			continue;
		if (++links > MOST_LINKS) {
			errno = ELOOP;
			return -1;
		}
		if (n->target[0] == '/')
			snprintf(again, sizeof(again), "%s%s", n->target + 1,
			    slash);
		else
			snprintf(again, sizeof(again), "%.*s%s%s", (int)used,
			    rest, n->target, slash);
		if (strlen(again) >= sizeof(rest) || !manifest_path_ok(again)) {
			errno = EINVAL;
			return -1;
		}
		strcpy(rest, again);
		used = 0;
		len = (size_t)-1;	/* from the top again */
	}
	strcpy(real, rest);
	return 0;
}

void
tree_free(struct tree *t)
{
	size_t i;

	for (i = 0; i < t->count; i++)
		release(t->node[i]);
	free(t->node);
	memset(t, 0, sizeof(*t));
}

/* Puts a copy of *n at path; what *n owns is the tree's, or gone. */
static int
put(struct tree *t, const char *path, struct tree_node *n)
{
	struct tree_node *mine = malloc(sizeof(*mine));
	char real[PATH_MAX];
	size_t i;
	int there, kept;

	if (mine == NULL) {
		free(n->source);
		free(n->bytes);
		free(n->target);
		return -1;
	}
	*mine = *n;
	mine->path = NULL;
	if (tree_resolve(t, path, real) == -1 || parents(t, real) == -1 ||
	    (mine->path = strdup(real)) == NULL)
		goto bad;
	i = place(t, real, &there);
	if (!there) {
		if (insert(t, i, mine) == -1)
			goto bad;
		return 0;
	}
	if (t->node[i]->kind == TREE_DIRECTORY) {
		errno = EISDIR;
		goto bad;
	}
	release(t->node[i]);
	t->node[i] = mine;
	return 0;
bad:
	kept = errno;
	release(mine);
	errno = kept;
	return -1;
}

static int
parents(struct tree *t, const char *real)
{
	char dir[PATH_MAX];
	struct tree_node *n;
	char *slash;
	size_t i;
	int there;

	strcpy(dir, real);
	for (slash = dir; (slash = strchr(slash, '/')) != NULL; slash++) {
		*slash = '\0';
		i = place(t, dir, &there);
		if (there && t->node[i]->kind != TREE_DIRECTORY) {
			errno = ENOTDIR;
			return -1;
		}
		if (!there) {
			if ((n = calloc(1, sizeof(*n))) == NULL)
				return -1;
			n->kind = TREE_DIRECTORY;
			n->mode = 0755;
			n->group = IMAGE_SYSTEM;
			n->path = strdup(dir);
			if (n->path == NULL || insert(t, i, n) == -1) {
				release(n);
				return -1;
			}
		}
		*slash = '/';
	}
	return 0;
}

static int
insert(struct tree *t, size_t i, struct tree_node *n)
{
	struct tree_node **more;
	size_t room;

	if (t->count == t->room) {
		room = t->room == 0 ? 512 : 2 * t->room;
		more = realloc(t->node, room * sizeof(*more));
		if (more == NULL)
			return -1;
		t->node = more;
		t->room = room;
	}
	memmove(&t->node[i + 1], &t->node[i],
	    (t->count - i) * sizeof(t->node[0]));
	t->node[i] = n;
	t->count++;
	return 0;
}

static size_t
place(const struct tree *t, const char *real, int *there)
{
	size_t low = 0, high = t->count, middle;
	int order;

	*there = 0;
	while (low < high) {
		middle = low + (high - low) / 2;
		order = strcmp(real, t->node[middle]->path);
		if (order == 0) {
			*there = 1;
			return middle;
		}
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

static struct tree_node *
exact(const struct tree *t, const char *real)
{
	int there;
	size_t i = place(t, real, &there);

	return there ? t->node[i] : NULL;
}

static void
release(struct tree_node *n)
{
	free(n->path);
	free(n->source);
	free(n->bytes);
	free(n->target);
	free(n);
}

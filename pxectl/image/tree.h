/*
 * What goes into an image: a set of paths, sorted, each once.  A path that
 * leads through a link of the tree lands where the link points, as it will
 * on the running machine.
 */
#ifndef IMAGE_TREE_H
#define IMAGE_TREE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "image.h"
#include "root.h"

enum tree_kind { TREE_DIRECTORY, TREE_FILE, TREE_LINK, TREE_CHAR, TREE_BLOCK };

struct tree_node {
	char *path;			/* no leading slash */
	enum tree_kind kind;
	mode_t mode;			/* permission bits alone */
	enum image_group group;
	uint64_t size;			/* of a file */
	const struct root *root;	/* of a file on disk, else NULL */
	char *source;			/* its name in root */
	void *bytes;			/* of a file in memory */
	char *target;			/* of a link */
	unsigned major, minor;		/* of a device */
};

struct tree {
	struct tree_node **node;	/* sorted by path, as bytes */
	size_t count, room;
};

/*
 * Adders.  Parents appear by themselves (mode 0755).  What stood under the
 * same path before is replaced, but a directory stays one.  Strings are
 * copied.  0, or -1 and errno: ENOMEM, EINVAL (bad path), ENOTDIR, EISDIR,
 * ELOOP.
 */
int tree_directory(struct tree *, const char *path, mode_t);
int tree_link(struct tree *, const char *path, const char *target,
    enum image_group);
int tree_device(struct tree *, const char *path, enum tree_kind, mode_t,
    unsigned major, unsigned minor);
/* A file that is read from root when the image is packed. */
int tree_file(struct tree *, const char *path, mode_t, enum image_group,
    const struct root *, const char *source, uint64_t size);
/* A file in memory: takes bytes (from malloc) over, on failure too. */
int tree_bytes(struct tree *, const char *path, mode_t, enum image_group,
    void *bytes, size_t len);

/* What stands at path (links in its directories followed), or NULL. */
struct tree_node *tree_get(const struct tree *, const char *path);

/* The file that comes from this source, or NULL. */
struct tree_node *tree_from(const struct tree *, const struct root *,
    const char *source);

/* Where path lands in the tree (size PATH_MAX).  0, or -1 and errno. */
int tree_resolve(const struct tree *, const char *path, char *real);

void tree_free(struct tree *);

#endif

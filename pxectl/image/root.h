/*
 * A directory that stands for "/": names are looked up inside it, and no
 * symbolic link leads out of it.
 */
#ifndef IMAGE_ROOT_H
#define IMAGE_ROOT_H

#include <limits.h>
#include <stddef.h>
#include <sys/stat.h>

struct root {
	int fd;
	char name[PATH_MAX];	/* without a slash at the end; "" is "/" */
};

/* A file in memory; mapped or allocated. */
struct root_bytes {
	void *at;
	size_t len;
	int mapped;
};

/* Opens dir as a root.  0, or -1 and errno. */
int root_open(struct root *, const char *dir);
void root_close(struct root *);

/*
 * Opens the regular file or directory that path names, read-only.  Links
 * are followed inside the root, `..` stops at its top.  The name without
 * links goes to real (size PATH_MAX, no leading slash) unless NULL.  A
 * descriptor, or -1 and errno (EINVAL: a device, pipe or socket).
 */
int root_find(const struct root *, const char *path, char *real,
    struct stat *);

/* Reads the text of the link path itself.  Its length, or -1 and errno. */
int root_link(const struct root *, const char *path, char *text, size_t size);

/*
 * Maps a file privately, so that writing to it changes nothing on disk.
 * 0, or -1 and errno.  root_unmap() takes all-zero bytes too.
 */
int root_map(const struct root *, const char *path, char *real,
    struct stat *, struct root_bytes *);
void root_unmap(struct root_bytes *);

/*
 * The names in a directory, sorted, without "." and "..", NULL at the end.
 * One allocation: free() it.  NULL and errno if it cannot be read.
 */
char **root_list(const struct root *, const char *path);

#endif

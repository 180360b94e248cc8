#include "output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LINKS_MAX	40	/* in a row, as the kernel has it */

static bool follow(struct output *, bool *straight);
static int keep_owner(int, const struct stat *);

int
output_open(struct output *o, const char *path, mode_t mode)
{
	bool straight = false, there;
	struct stat st;
	size_t n = strlen(path);
	int fd, e;

	o->mode = mode;
	o->beside[0] = '\0';
	if (n >= sizeof o->path) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(o->path, path, n + 1);
	there = stat(path, &st) == 0;
	if (there && !S_ISREG(st.st_mode))
		return open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
	if (!follow(o, &straight))
		return -1;
	if (straight)
		return open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
	if (snprintf(o->beside, sizeof o->beside, "%s.XXXXXX", o->path) >=
	    (int)sizeof o->beside) {
		errno = ENAMETOOLONG;
		return -1;
	}
	fd = mkostemp(o->beside, O_CLOEXEC);
	if (fd < 0 || !there)
		return fd;
	o->mode = st.st_mode & 07777;
	if (keep_owner(fd, &st) == 0)
		return fd;
	e = errno;
	unlink(o->beside);
	close(fd);
	errno = e;
	return -1;
}

int
output_close(struct output *o, int fd, int good)
{
	int e;

	if (o->beside[0] == '\0')
		return 0;
	if (good && fchmod(fd, o->mode) == 0 && fsync(fd) == 0 &&
	    rename(o->beside, o->path) == 0)
		return 0;
	e = errno;
	unlink(o->beside);
	errno = e;
	return good ? -1 : 0;
}

/*
 * To the end of a chain of symlinks, which need not be there yet.  Those of
 * proc are open descriptors: a redirection, which no other file replaces.
 */
static bool
follow(struct output *o, bool *straight)
{
	char to[PATH_MAX];
	struct stat st, proc;
	const char *slash;
	size_t dir;
	ssize_t n;

	if (stat("/proc", &proc) != 0)
		proc.st_dev = 0;
	for (int i = 0; i < LINKS_MAX; i++) {
		if (lstat(o->path, &st) != 0 || !S_ISLNK(st.st_mode))
			return true;
		if (proc.st_dev != 0 && st.st_dev == proc.st_dev)
			return *straight = true;
		n = readlink(o->path, to, sizeof to);
		if (n < 0)
			return false;
		slash = strrchr(o->path, '/');
		dir = to[0] == '/' || slash == NULL ? 0 :
		    (size_t)(slash + 1 - o->path);
		if (dir + (size_t)n >= sizeof o->path) {
			errno = ENAMETOOLONG;
			return false;
		}
		memcpy(o->path + dir, to, (size_t)n);
		o->path[dir + (size_t)n] = '\0';
	}
	errno = ELOOP;
	return false;
}

static int
keep_owner(int fd, const struct stat *old)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return -1;
	return st.st_uid == old->st_uid && st.st_gid == old->st_gid ? 0 :
	    fchown(fd, old->st_uid, old->st_gid);
}

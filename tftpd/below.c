/*
 * Paths below a directory: see below.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#ifdef __linux__
#include <linux/openat2.h>
#include <sys/syscall.h>
#endif

#include "below.h"

static int open_beneath(int, const char *);
static int open_walk(int, const char *);

bool
below_path(const char *name, const char *dir, char *path, size_t size)
{
	size_t n, used = 0;
	const char *s;

	for (s = name; *s != '\0'; s += n) {
		if (*s == '/' || *s == '\\') {
			n = 1;
			continue;
		}
		n = strcspn(s, "/\\");
		/*
		 * "::" is pxelinux' word for the root; U-Boot reads the same
		 * file, but puts its directory in front of that.
		 */
		if (n >= 2 && s[0] == ':' && s[1] == ':') {
			used = 0;
			s += 2;
			n -= 2;
		}
		if (n == 1 && s[0] == '.')
			continue;
		if ((n == 2 && s[0] == '.' && s[1] == '.') ||
		    used + n + 3 > size)
			return false;
		if (used > 0)
			path[used++] = '/';
		memcpy(path + used, s, n);
		used += n;
	}
	/* It can only be a directory, and the system says so. */
	if (used > 0 && (s[-1] == '/' || s[-1] == '\\'))
		path[used++] = '/';
	path[used] = '\0';
	if (dir == NULL || (name[0] != '/' && name[0] != '\\'))
		return true;
	dir += strspn(dir, "/");
	for (n = strlen(dir); n > 0 && dir[n - 1] == '/'; n--)
		;
	if (n > 0 && strncmp(path, dir, n) == 0 && path[n] == '/')
		memmove(path, path + n + 1, used - n);
	return true;
}

int
below_open(int root, const char *path, bool walk, struct stat *st)
{
	int fd = walk ? open_walk(root, path) : open_beneath(root, path);

	if (fd < 0)
		return -1;
	if (fstat(fd, st) == 0 && S_ISREG(st->st_mode))
		return fd;
	close(fd);
	errno = EISDIR;
	return -1;
}

#ifdef RESOLVE_BENEATH
static int
open_beneath(int root, const char *path)
{
	struct open_how how = {
	    .flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC,
	    .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS };
	int fd, tries = 0;

	/* EAGAIN: somebody renamed on the way; not for ever. */
	do
		fd = (int)syscall(SYS_openat2, root, path, &how, sizeof how);
	while (fd < 0 && errno == EAGAIN && ++tries < 10);
	return fd;
}
#else
static int
open_beneath(int root, const char *path)
{
	(void)root;
	(void)path;
	errno = ENOSYS;
	return -1;
}
#endif

/* No component is a symbolic link, the last one neither. */
static int
open_walk(int root, const char *path)
{
	char name[BELOW_PATH_MAX + 1];
	char *at = name, *slash;
	int dir = root, next, saved;

	if (strlen(path) >= sizeof name) {
		errno = ENAMETOOLONG;
		return -1;
	}
	strcpy(name, path);
	for (;;) {
		slash = strchr(at, '/');
		if (slash != NULL)
			*slash = '\0';
		if (strcmp(at, "..") == 0) {
			errno = EXDEV;
			next = -1;
		} else
			next = openat(dir, at, O_RDONLY | O_NONBLOCK |
			    O_NOCTTY | O_CLOEXEC | O_NOFOLLOW |
			    (slash != NULL ? O_DIRECTORY : 0));
		saved = errno;
		if (dir != root)
			close(dir);
		errno = saved;
		if (next < 0 || slash == NULL)
			return next;
		dir = next;
		at = slash + 1;
	}
}

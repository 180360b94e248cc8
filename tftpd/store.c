/*
 * Files that clients send: see store.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store.h"

#define NAME_BYTES	256
#define NUMBERS		100	/* behind a stamp */

struct store {
	int dir;		/* where it will be */
	int fd;
	mode_t mode;
	bool ascii;
	bool cr;		/* a CR came; what it means follows */
	char name[NAME_BYTES];
	char temporary[NAME_BYTES];
};

static int open_directory(int, const char *, const char **);
static bool begin(struct store *, const char *, mode_t);
static bool begin_numbered(struct store *, const char *, const char *,
    mode_t);
static bool may_be_written(struct store *, mode_t);
static bool make_temporary(struct store *);
static bool put(struct store *, const char *, size_t);
static void let_go(struct store *);

struct store *
store_open(int root, const char *path, mode_t mask, bool ascii,
    const char *stamp)
{
	struct store *s = calloc(1, sizeof *s);
	const char *base;

	if (s == NULL)
		return NULL;
	s->fd = -1;
	s->ascii = ascii;
	s->dir = open_directory(root, path, &base);
	if (s->dir >= 0 && (stamp == NULL ? begin(s, base, mask) :
	    begin_numbered(s, base, stamp, mask)))
		return s;
	let_go(s);
	return NULL;
}

static bool
begin(struct store *s, const char *base, mode_t mask)
{
	if (strlen(base) + sizeof STORE_PREFIX > sizeof s->name) {
		errno = ENAMETOOLONG;
		return false;
	}
	strcpy(s->name, base);
	snprintf(s->temporary, sizeof s->temporary, STORE_PREFIX "%.*s",
	    (int)(NAME_BYTES - sizeof STORE_PREFIX), base);
	return may_be_written(s, mask) && make_temporary(s);
}

static bool
begin_numbered(struct store *s, const char *base, const char *stamp,
    mode_t mask)
{
	char name[NAME_BYTES];
	struct stat st;
	int i;

	for (i = 0; i < NUMBERS; i++) {
		if ((size_t)snprintf(name, sizeof name, "%s.%s.%02d", base,
		    stamp, i) >= sizeof name) {
			errno = ENAMETOOLONG;
			return false;
		}
		if (fstatat(s->dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0)
			continue;
		if (begin(s, name, mask))
			return true;
		if (errno != EBUSY)
			return false;
	}
	errno = EEXIST;
	return false;
}

/* The directory of the last component, which *base gets. */
static int
open_directory(int root, const char *path, const char **base)
{
	int dir = openat(root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char part[NAME_BYTES];
	const char *slash;
	int next, saved;

	for (; dir >= 0 && (slash = strchr(path, '/')) != NULL;
	    path = slash + 1) {
		next = -1;
		errno = ENAMETOOLONG;
		if ((size_t)(slash - path) < sizeof part) {
			memcpy(part, path, (size_t)(slash - path));
			part[slash - path] = '\0';
			next = openat(dir, part, O_RDONLY | O_DIRECTORY |
			    O_NOFOLLOW | O_CLOEXEC);
		}
		saved = errno;
		close(dir);
		errno = saved;
		dir = next;
	}
	*base = path;
	return dir;
}

static bool
may_be_written(struct store *s, mode_t mask)
{
	struct stat st;

	s->mode = 0666 & ~mask;
	if (fstatat(s->dir, s->name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return errno == ENOENT;
	s->mode = st.st_mode & 0777;
	if (S_ISREG(st.st_mode) && (st.st_mode & S_IWOTH) != 0)
		return true;
	errno = EACCES;
	return false;
}

/*
 * One name for each file, so that what a crash left is used by the next; the
 * lock tells that from one that is being written.
 */
static bool
make_temporary(struct store *s)
{
	struct stat mine, there;

	s->fd = openat(s->dir, s->temporary, O_WRONLY | O_CREAT | O_NOFOLLOW |
	    O_NONBLOCK | O_CLOEXEC, 0600);
	if (s->fd < 0)
		return false;
	if (flock(s->fd, LOCK_EX | LOCK_NB) != 0 ||
	    fstat(s->fd, &mine) != 0 || fstatat(s->dir, s->temporary, &there,
	    AT_SYMLINK_NOFOLLOW) != 0 || mine.st_ino != there.st_ino ||
	    !S_ISREG(mine.st_mode)) {
		close(s->fd);
		s->fd = -1;
		errno = EBUSY;
		return false;
	}
	return ftruncate(s->fd, 0) == 0;
}

bool
store_write(struct store *s, const void *bytes, size_t n)
{
	const char *in = bytes;
	size_t from = 0, i;

	if (!s->ascii)
		return put(s, in, n);
	/* CR LF is a line's end, CR NUL a CR (RFC 764). */
	for (i = 0; i < n; i++) {
		if (s->cr) {
			s->cr = false;
			if (in[i] != '\n' && !put(s, "\r", 1))
				return false;
			if (in[i] == '\0') {
				from = i + 1;
				continue;
			}
		}
		if (in[i] == '\r') {
			if (!put(s, in + from, i - from))
				return false;
			from = i + 1;
			s->cr = true;
		}
	}
	return put(s, in + from, n - from);
}

static bool
put(struct store *s, const char *bytes, size_t n)
{
	ssize_t r;

	for (; n > 0; bytes += r, n -= (size_t)r) {
		r = write(s->fd, bytes, n);
		if (r < 0 && errno == EINTR)
			r = 0;
		if (r < 0)
			return false;
	}
	return true;
}

bool
store_commit(struct store *s, atomic_bool *unwanted)
{
	bool well = (!s->cr || put(s, "\r", 1)) &&
	    fchmod(s->fd, s->mode) == 0 && fsync(s->fd) == 0;

	if (well && atomic_load(unwanted)) {
		errno = ECANCELED;
		well = false;
	}
	if (well && renameat(s->dir, s->temporary, s->dir, s->name) == 0)
		s->temporary[0] = '\0';
	else
		well = false;
	/* The name's place on the disk, too; some cannot. */
	if (well && fsync(s->dir) != 0)
		well = errno == EINVAL || errno == ENOTSUP;
	let_go(s);
	return well;
}

void
store_abort(struct store *s)
{
	let_go(s);
}

static void
let_go(struct store *s)
{
	int e = errno;

	if (s->fd >= 0) {
		if (s->temporary[0] != '\0')
			unlinkat(s->dir, s->temporary, 0);
		close(s->fd);
	}
	if (s->dir >= 0)
		close(s->dir);
	free(s);
	errno = e;
}

/*
 * A disk that takes as long as a test wants (LD_PRELOAD): each fsync(2)
 * writes a line to the FIFO $HOLD/begun, then waits for a byte of the FIFO
 * $HOLD/go: g goes on, n is a full disk, i a broken one.  Both are opened at
 * the start, before any chroot.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static int begun = -1, go = -1;

static int
open_fifo(const char *dir, const char *name)
{
	char path[256];

	snprintf(path, sizeof path, "%s/%s", dir, name);
	return open(path, O_RDWR | O_CLOEXEC);
}

__attribute__((constructor)) static void
begin(void)
{
	const char *dir = getenv("HOLD");

	if (dir == NULL)
		return;
	begun = open_fifo(dir, "begun");
	go = open_fifo(dir, "go");
	if (begun < 0 || go < 0)
		abort();
}

int
fsync(int fd)
{
	int (*real)(int);
	char c = 'g';

	/* As a function's address comes out of dlsym (POSIX). */
	*(void **)&real = dlsym(RTLD_NEXT, "fsync");
	if (go >= 0 && (write(begun, "\n", 1) != 1 || read(go, &c, 1) != 1))
		c = 'i';
	errno = c == 'n' ? ENOSPC : EIO;
	return c == 'g' ? real(fd) : -1;
}

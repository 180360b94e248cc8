/*
 * One run of rsync: its private directory with a configuration and a log,
 * its process, and how it went.
 */
#ifndef SERVE_H
#define SERVE_H

#include <limits.h>
#include <stdbool.h>
#include <sys/types.h>

#include "outcome.h"

struct serve {
	int run_fd;		/* the directory of all runs */
	int dir_fd;		/* ours in it */
	char dir[PATH_MAX];
	char log[PATH_MAX + 8];
	pid_t child;
};

/*
 * Makes the directory run, if need be, and in it one for this run; it must
 * be ours alone, so that nothing in it is somebody's trap.  dir and log are
 * absolute if run is.  False with errno; serve_remove may follow.
 */
bool serve_prepare(struct serve *, const char *run);

/* Writes the configuration.  False with errno. */
bool serve_write(struct serve *, const char *text);

/*
 * Starts rsync, the program, with the client's socket fd as its standard
 * input; fd is closed here.  From now on SIGCHLD, SIGTERM, SIGINT and SIGHUP
 * are blocked, for serve_wait.  False with errno, and fd is still open.
 */
bool serve_start(struct serve *, const char *rsync, int fd);

/*
 * Waits for its end: true, and the status as wait(2) has it.  False if we
 * are to stop; then rsync ends when we do (on Linux).
 */
bool serve_wait(struct serve *, int *status);

/* What its log says, each line also as a debug message with peer before. */
void serve_outcome(const struct serve *, int status, const char *peer,
    struct outcome *);

/* Removes all that serve_prepare and serve_write made, but run. */
void serve_remove(struct serve *);

#endif

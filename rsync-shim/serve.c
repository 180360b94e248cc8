#include "serve.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

#include "log.h"

#define CONF_FILE	"rsyncd.conf"
#define LOG_FILE	"log"
#define LOG_SIZE_MAX	(1 << 20)

bool
serve_prepare(struct serve *s, const char *run)
{
	struct stat st;

	*s = (struct serve){ .run_fd = -1, .dir_fd = -1 };
	if (mkdir(run, 0700) != 0 && errno != EEXIST)
		return false;
	s->run_fd = open(run, O_RDONLY | O_DIRECTORY | O_NOFOLLOW |
	    O_CLOEXEC);
	if (s->run_fd < 0 || fstat(s->run_fd, &st) != 0)
		return false;
	if (st.st_uid != geteuid() || (st.st_mode & 022) != 0) {
		errno = EPERM;
		return false;
	}
	errno = ENAMETOOLONG;
	if (snprintf(s->dir, sizeof s->dir, "%s/XXXXXX", run) >=
	    (int)sizeof s->dir || mkdtemp(s->dir) == NULL) {
		s->dir[0] = '\0';
		return false;
	}
	snprintf(s->log, sizeof s->log, "%s/" LOG_FILE, s->dir);
	s->dir_fd = open(s->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return s->dir_fd >= 0;
}

bool
serve_write(struct serve *s, const char *text)
{
	int fd = openat(s->dir_fd, CONF_FILE, O_WRONLY | O_CREAT | O_EXCL |
	    O_CLOEXEC, 0600);
	size_t n = strlen(text);
	ssize_t done;

	if (fd < 0)
		return false;
	done = write(fd, text, n);
	if (done >= 0 && (size_t)done < n)
		errno = ENOSPC;
	return close(fd) == 0 && done == (ssize_t)n;
}

/* In the child. */
static void
run(const char *rsync, int fd, const char *config, const sigset_t *mask)
{
	static char *const env[] = { "PATH=/usr/bin:/bin:/usr/local/bin",
	    "LC_ALL=C", NULL };
	const struct rlimit size = { LOG_SIZE_MAX, LOG_SIZE_MAX };
	char *const argv[] = { "rsync", "--daemon", "--no-detach",
	    (char *)config, NULL };

#ifdef __linux__
	/* Should we be killed, so is it. */
	prctl(PR_SET_PDEATHSIG, SIGTERM);
#endif
	/* It writes nothing but its log, which must not fill the disk. */
	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &size);
	sigprocmask(SIG_SETMASK, mask, NULL);
	if (dup2(fd, STDIN_FILENO) == STDIN_FILENO)
		execve(rsync, argv, env);
	_exit(EX_UNAVAILABLE);
}

bool
serve_start(struct serve *s, const char *rsync, int fd)
{
	char config[sizeof s->dir + 32];
	sigset_t wanted, before;

	if (access(rsync, X_OK) != 0)
		return false;
	snprintf(config, sizeof config, "--config=%s/" CONF_FILE, s->dir);
	signal(SIGCHLD, SIG_DFL);
	sigemptyset(&wanted);
	sigaddset(&wanted, SIGCHLD);
	sigaddset(&wanted, SIGTERM);
	sigaddset(&wanted, SIGINT);
	sigaddset(&wanted, SIGHUP);
	sigprocmask(SIG_BLOCK, &wanted, &before);
	s->child = fork();
	if (s->child == 0)
		run(rsync, fd, config, &before);
	if (s->child < 0)
		return false;
	close(fd);	/* or the client would wait for our end, too */
	return true;
}

bool
serve_wait(struct serve *s, int *status)
{
	sigset_t wanted;
	int got;

	sigprocmask(SIG_BLOCK, NULL, &wanted);
	for (;;) {
		if (sigwait(&wanted, &got) != 0)
			continue;
		if (got != SIGCHLD)
			return false;
		if (waitpid(s->child, status, WNOHANG) == s->child)
			return true;
	}
}

void
serve_outcome(const struct serve *s, int status, const char *peer,
    struct outcome *o)
{
	int fd = openat(s->dir_fd, LOG_FILE, O_RDONLY | O_CLOEXEC);
	FILE *f = fd < 0 ? NULL : fdopen(fd, "r");
	char line[1024];

	*o = (struct outcome){ .reason = EVENT_OK };
	while (f != NULL && fgets(line, sizeof line, f) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		log_debug("%s: %s", peer, line);
		outcome_line(o, line, strlen(line));
	}
	if (f != NULL)
		fclose(f);
	outcome_end(o, status);
}

void
serve_remove(struct serve *s)
{
	const char *name = strrchr(s->dir, '/');

	if (name != NULL) {
		unlinkat(s->dir_fd, CONF_FILE, 0);
		unlinkat(s->dir_fd, LOG_FILE, 0);
		if (unlinkat(s->run_fd, name + 1, AT_REMOVEDIR) != 0)
			log_warn_e("%s", s->dir);
	}
	if (s->dir_fd >= 0)
		close(s->dir_fd);
	if (s->run_fd >= 0)
		close(s->run_fd);
}

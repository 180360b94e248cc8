/*
 * Workers and their supervisor: see workers.h.
 */
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "log.h"
#include "workers.h"

#define PROCESSORS_MAX	16	/* the most for -j 0 */
#define SHORT_LIFE	1	/* seconds; the next one has to wait so long */

struct shared {
	_Atomic uint64_t busy;
	atomic_bool over;
	struct {		/* a cache line for each */
		_Alignas(64) atomic_uint serving;
		atomic_bool ready;
	} of[WORKERS_MAX];
};

struct worker {
	pid_t pid;		/* 0: none */
	time_t since;
	struct service service;	/* its sockets */
};

struct workers {
	struct shared *shared;
	unsigned n, running;
	unsigned self;		/* which of them this process is */
	int status;		/* of the first that ended by itself */
	bool own_sockets;	/* each has; else all share the first one's */
	bool failed;		/* one could not begin */
	pid_t supervisor;
	int ready;		/* the supervisor waits at the other end */
	struct worker worker[WORKERS_MAX];
};

static unsigned processors(void);
static bool shall_share(const struct service *);
static bool may_part(const struct service *);
static bool part(struct workers *);
static int socket_like(int);
static bool datagrams(const struct service *);
static bool supervise(struct workers *, const sigset_t *);
static bool begin(struct workers *, unsigned);
static void wait_first(struct workers *, int pipe[2]);
static bool starts_again(struct workers *, unsigned, int);
static void end_all(struct workers *);
static time_t seconds(void);

struct workers *
workers_new(unsigned n, const struct service *service)
{
	struct workers *w = calloc(1, sizeof *w);

	if (w == NULL)
		return NULL;
	w->shared = mmap(NULL, sizeof *w->shared, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (w->shared == MAP_FAILED) {
		free(w);
		return NULL;
	}
	w->ready = -1;
	w->n = n == 0 ? processors() : n;
	w->worker[0].service = *service;
	w->own_sockets = w->n == 1 ||
	    (!shall_share(service) && may_part(service) && part(w));
	if (!w->own_sockets && datagrams(service)) {
		log_warn_e("one worker only: no more sockets of one address");
		w->n = 1;
	}
	return w;
}

static unsigned
processors(void)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);

	return n < 1 ? 1 : n > PROCESSORS_MAX ? PROCESSORS_MAX : (unsigned)n;
}

/*
 * inetd and systemd listen on when all workers have left.  Connections that
 * wait in a queue of our own would be reset then; in theirs they wait for
 * the next start.
 */
static bool
shall_share(const struct service *service)
{
	return service->from != SERVICE_LISTEN && !datagrams(service);
}

/* Elsewhere SO_REUSEPORT gives all packets to the socket made last. */
static bool
may_part(const struct service *service)
{
#ifdef __linux__
	size_t i;
	int on = 1;

	for (i = 0; i < service->n; i++)
		if (setsockopt(service->fd[i], SOL_SOCKET, SO_REUSEPORT, &on,
		    sizeof on) != 0)
			return false;
	return true;
#else
	(void)service;
	errno = EOPNOTSUPP;
	return false;
#endif
}

/*
 * Sockets for all but the first worker, which has the service's own.  The
 * supervisor keeps them, too: what comes for a worker that was ended waits
 * for the next one.
 */
static bool
part(struct workers *w)
{
	const struct service *first = &w->worker[0].service;
	struct service *s;
	unsigned k;
	size_t i;
	int fd = 0, e;

	for (k = 1; k < w->n && fd >= 0; k++) {
		s = &w->worker[k].service;
		s->from = first->from;
		for (i = 0; i < first->n; i++) {
			fd = socket_like(first->fd[i]);
			if (fd < 0)
				break;
			s->fd[s->n++] = fd;
		}
	}
	if (fd >= 0)
		return true;
	for (e = errno; k-- > 1;)
		for (s = &w->worker[k].service; s->n > 0;)
			close(s->fd[--s->n]);
	errno = e;
	return false;
}

static int
socket_like(int like)
{
	union {
		struct sockaddr sa;
		struct sockaddr_storage room;
	} a;
	socklen_t alen = sizeof a, len = sizeof(int);
	int type, fd, e, on = 1, six = 0, reuse = 0;

	if (getsockname(like, &a.sa, &alen) != 0 ||
	    getsockopt(like, SOL_SOCKET, SO_TYPE, &type, &len) != 0)
		return -1;
	fd = socket(a.sa.sa_family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -1;
	len = sizeof six;
	if (a.sa.sa_family == AF_INET6 && getsockopt(like, IPPROTO_IPV6,
	    IPV6_V6ONLY, &six, &len) == 0)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &six, sizeof six);
	/* inetd has more sockets of this port, [::] beside 0.0.0.0. */
	len = sizeof reuse;
	if (getsockopt(like, SOL_SOCKET, SO_REUSEADDR, &reuse, &len) == 0)
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &reuse,
		    sizeof reuse);
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) == 0 &&
	    bind(fd, &a.sa, alen) == 0 &&
	    (type == SOCK_DGRAM || listen(fd, SOMAXCONN) == 0))
		return fd;
	e = errno;
	close(fd);
	errno = e;
	return -1;
}

static bool
datagrams(const struct service *service)
{
	int type = SOCK_DGRAM;
	socklen_t len = sizeof type;

	getsockopt(service->fd[0], SOL_SOCKET, SO_TYPE, &type, &len);
	return type == SOCK_DGRAM;
}

bool
workers_start(struct workers *w, struct service *service, int *status)
{
	sigset_t mine, before;
	unsigned k;

	if (w->n == 1)
		return true;
	sigemptyset(&mine);
	sigaddset(&mine, SIGTERM);
	sigaddset(&mine, SIGINT);
	sigaddset(&mine, SIGHUP);
	sigaddset(&mine, SIGCHLD);
	sigprocmask(SIG_BLOCK, &mine, &before);
	w->supervisor = getpid();
	if (!supervise(w, &mine)) {
		*status = w->status;
		return false;
	}
	sigprocmask(SIG_SETMASK, &before, NULL);
	if (!w->own_sockets)
		return true;
	*service = w->worker[w->self].service;
	for (k = 0; k < w->n; k++)
		while (k != w->self && w->worker[k].service.n > 0)
			close(w->worker[k].service.
			    fd[--w->worker[k].service.n]);
	return true;
}

/* True in a worker; false when all is over. */
static bool
supervise(struct workers *w, const sigset_t *mine)
{
	unsigned k;
	pid_t pid;
	int number, status;

	for (k = 0; k < w->n && !w->failed; k++)
		if (begin(w, k))
			return true;
	while (w->running > 0) {
		sigwait(mine, &number);
		if (number != SIGCHLD)
			end_all(w);
		while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
			for (k = 0; k < w->n && w->worker[k].pid != pid; k++)
				;
			if (k < w->n && starts_again(w, k, status) &&
			    begin(w, k))
				return true;
		}
	}
	return false;
}

/* True in the new worker. */
static bool
begin(struct workers *w, unsigned k)
{
	bool first = w->running == 0;
	int end[2] = { -1, -1 };
	pid_t pid;

	if (first && pipe(end) != 0)
		pid = -1;
	else
		pid = fork();
	if (pid < 0) {
		log_err_e("cannot start a worker");
		w->status = EX_OSERR;
		w->failed = true;
		end_all(w);
		return false;
	}
	if (pid == 0) {
		if (first)
			close(end[0]);
		w->ready = end[1];
		w->self = k;
		return true;
	}
	w->worker[k].pid = pid;
	w->worker[k].since = seconds();
	w->running++;
	if (first)
		wait_first(w, end);
	return false;
}

/* What is wrong for one is wrong for all: the others start when it is well. */
static void
wait_first(struct workers *w, int end[2])
{
	char c;
	ssize_t n;

	close(end[1]);
	do
		n = read(end[0], &c, 1);
	while (n < 0 && errno == EINTR);
	close(end[0]);
	w->failed = n != 1;
}

/* After a worker ended with this of waitpid(2). */
static bool
starts_again(struct workers *w, unsigned k, int status)
{
	bool was_ready = atomic_exchange(&w->shared->of[k].ready, false);

	w->worker[k].pid = 0;
	w->running--;
	w->shared->of[k].serving = 0;
	if (w->shared->over)
		return false;
	if (WIFSIGNALED(status))
		log_err("worker %u: ended by signal %d", k, WTERMSIG(status));
	if (WIFSIGNALED(status) && was_ready) {
		if (seconds() - w->worker[k].since < SHORT_LIFE)
			sleep(SHORT_LIFE);
		return true;
	}
	w->status = WIFEXITED(status) ? WEXITSTATUS(status) : EX_SOFTWARE;
	end_all(w);
	return false;
}

/* Where the system does not let us send signals they look by themselves. */
static void
end_all(struct workers *w)
{
	unsigned k;

	w->shared->over = true;
	for (k = 0; k < w->n; k++)
		if (w->worker[k].pid > 0)
			kill(w->worker[k].pid, SIGTERM);
}

static time_t
seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec;
}

void
workers_ready(struct workers *w)
{
	w->shared->of[w->self].ready = true;
	if (w->ready < 0)
		return;
	if (write(w->ready, "", 1) != 1)
		log_warn_e("the supervisor does not listen");
	close(w->ready);
	w->ready = -1;
}

bool
workers_over(const struct workers *w)
{
	return w->shared->over ||
	    (w->n > 1 && getppid() != w->supervisor);
}

void
workers_busy(struct workers *w, uint64_t now)
{
	atomic_store_explicit(&w->shared->busy, now, memory_order_relaxed);
}

uint64_t
workers_busy_at(const struct workers *w)
{
	return atomic_load_explicit(&w->shared->busy, memory_order_relaxed);
}

void
workers_serving(struct workers *w, unsigned n)
{
	atomic_store_explicit(&w->shared->of[w->self].serving, n,
	    memory_order_relaxed);
}

unsigned
workers_serve(const struct workers *w)
{
	unsigned k, n = 0;

	for (k = 0; k < w->n; k++)
		n += atomic_load_explicit(&w->shared->of[k].serving,
		    memory_order_relaxed);
	return n;
}

unsigned
workers_number(const struct workers *w)
{
	return w->n;
}

bool
workers_is_first(const struct workers *w)
{
	return w->self == 0;
}

/*
 * Many descriptors: see ready.h.
 */
#include <stdlib.h>
#include <unistd.h>

#include "ready.h"

#ifdef __linux__
#include <sys/epoll.h>

struct ready {
	int fd;
	struct epoll_event event[READY_MOST];
};

struct ready *
ready_new(void)
{
	struct ready *r = calloc(1, sizeof *r);

	if (r == NULL)
		return NULL;
	r->fd = epoll_create1(EPOLL_CLOEXEC);
	if (r->fd >= 0)
		return r;
	free(r);
	return NULL;
}

void
ready_free(struct ready *r)
{
	if (r == NULL)
		return;
	close(r->fd);
	free(r);
}

bool
ready_add(struct ready *r, int fd, void *who)
{
	struct epoll_event e = { .events = EPOLLIN, .data.ptr = who };

	return epoll_ctl(r->fd, EPOLL_CTL_ADD, fd, &e) == 0;
}

void
ready_remove(struct ready *r, int fd)
{
	struct epoll_event none = { .events = 0 };

	epoll_ctl(r->fd, EPOLL_CTL_DEL, fd, &none);
}

int
ready_wait(struct ready *r, uint64_t us, const sigset_t *during,
    void *who[READY_MOST])
{
	int i, n = epoll_pwait(r->fd, r->event, READY_MOST,
	    (int)((us + 999) / 1000), during);

	for (i = 0; i < n; i++)
		who[i] = r->event[i].data.ptr;
	return n;
}

#else
#include <poll.h>
#include <time.h>

struct ready {
	size_t n, room;
	struct pollfd *at;
	void **who;
};

struct ready *
ready_new(void)
{
	return calloc(1, sizeof(struct ready));
}

void
ready_free(struct ready *r)
{
	if (r == NULL)
		return;
	free(r->at);
	free(r->who);
	free(r);
}

bool
ready_add(struct ready *r, int fd, void *who)
{
	size_t room = r->room == 0 ? 64 : 2 * r->room;
	struct pollfd *at;
	void **more;

	if (r->n == r->room) {
		at = realloc(r->at, room * sizeof *at);
		if (at == NULL)
			return false;
		r->at = at;
		more = realloc(r->who, room * sizeof *more);
		if (more == NULL)
			return false;
		r->who = more;
		r->room = room;
	}
	r->at[r->n] = (struct pollfd){ .fd = fd, .events = POLLIN };
	r->who[r->n++] = who;
	return true;
}

void
ready_remove(struct ready *r, int fd)
{
	size_t i;

	for (i = 0; i < r->n; i++)
		if (r->at[i].fd == fd) {
			r->at[i] = r->at[--r->n];
			r->who[i] = r->who[r->n];
			return;
		}
}

int
ready_wait(struct ready *r, uint64_t us, const sigset_t *during,
    void *who[READY_MOST])
{
	uint64_t ms = (us + 999) / 1000;
	struct timespec wait = { (time_t)(ms / 1000),
	    (long)(ms % 1000 * 1000000) };
	int told = 0, n = ppoll(r->at, (nfds_t)r->n, &wait, during);
	size_t i;

	if (n < 0)
		return n;
	for (i = 0; i < r->n && told < n && told < READY_MOST; i++)
		if (r->at[i].revents != 0)
			who[told++] = r->who[i];
	return told;
}
#endif

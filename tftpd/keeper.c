/*
 * Threads that wait for the disk: see keeper.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "keeper.h"

#define THREADS		4	/* a disk takes some at once as fast as one */
#define STACK_BYTES	(256 * 1024)

struct queue {
	struct keeper_job *first, **end;
};

struct keeper {
	pthread_mutex_t lock;	/* of all below */
	pthread_cond_t some;	/* in todo, or over */
	struct queue todo, done;
	unsigned waiting;
	bool over;
	int tell[2];		/* a byte when done is no longer empty */
	unsigned threads;
	pthread_t thread[THREADS];
};

static int start(struct keeper *);
static void *work(void *);
static void put(struct queue *, struct keeper_job *);
static struct keeper_job *get(struct queue *);

struct keeper *
keeper_new(void)
{
	struct keeper *k = calloc(1, sizeof *k);
	int e;

	if (k == NULL)
		return NULL;
	k->todo.end = &k->todo.first;
	k->done.end = &k->done.first;
	if (pipe2(k->tell, O_NONBLOCK | O_CLOEXEC) != 0) {
		free(k);
		return NULL;
	}
	pthread_mutex_init(&k->lock, NULL);
	pthread_cond_init(&k->some, NULL);
	e = start(k);
	if (e == 0)
		return k;
	keeper_end(k);
	keeper_free(k);
	errno = e;
	return NULL;
}

/* Signals are for the loop, but for those that say that we are broken. */
static int
start(struct keeper *k)
{
	pthread_attr_t attr;
	sigset_t all, before;
	int e = 0;

	sigfillset(&all);
	sigdelset(&all, SIGSYS);
	sigdelset(&all, SIGSEGV);
	sigdelset(&all, SIGBUS);
	sigdelset(&all, SIGABRT);
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_BYTES);
	pthread_sigmask(SIG_BLOCK, &all, &before);
	for (; k->threads < THREADS && e == 0; k->threads += e == 0)
		e = pthread_create(&k->thread[k->threads], &attr, work, k);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attr);
	return e;
}

static void *
work(void *arg)
{
	struct keeper *k = arg;
	struct keeper_job *j;

	pthread_mutex_lock(&k->lock);
	for (;;) {
		while (k->todo.first == NULL && !k->over)
			pthread_cond_wait(&k->some, &k->lock);
		j = get(&k->todo);
		if (j == NULL)
			break;
		pthread_mutex_unlock(&k->lock);
		j->error = store_commit(j->store, &j->unwanted) ? 0 : errno;
		j->store = NULL;
		pthread_mutex_lock(&k->lock);
		/* A full pipe says it, too. */
		if (k->done.first == NULL && write(k->tell[1], "", 1) < 0)
			errno = 0;
		put(&k->done, j);
		k->waiting--;
	}
	pthread_mutex_unlock(&k->lock);
	return NULL;
}

static void
put(struct queue *q, struct keeper_job *j)
{
	j->next = NULL;
	*q->end = j;
	q->end = &j->next;
}

static struct keeper_job *
get(struct queue *q)
{
	struct keeper_job *j = q->first;

	if (j == NULL)
		return NULL;
	q->first = j->next;
	if (q->first == NULL)
		q->end = &q->first;
	return j;
}

int
keeper_fd(const struct keeper *k)
{
	return k->tell[0];
}

void
keeper_take(struct keeper *k, struct keeper_job *j)
{
	pthread_mutex_lock(&k->lock);
	put(&k->todo, j);
	k->waiting++;
	pthread_cond_signal(&k->some);
	pthread_mutex_unlock(&k->lock);
}

struct keeper_job *
keeper_done(struct keeper *k)
{
	struct keeper_job *j;
	char bytes[64];

	/* The byte first: what is done after that sends another one. */
	while (read(k->tell[0], bytes, sizeof bytes) > 0)
		;
	pthread_mutex_lock(&k->lock);
	j = get(&k->done);
	pthread_mutex_unlock(&k->lock);
	return j;
}

unsigned
keeper_waiting(struct keeper *k)
{
	unsigned n;

	pthread_mutex_lock(&k->lock);
	n = k->waiting;
	pthread_mutex_unlock(&k->lock);
	return n;
}

void
keeper_end(struct keeper *k)
{
	pthread_mutex_lock(&k->lock);
	k->over = true;
	pthread_cond_broadcast(&k->some);
	pthread_mutex_unlock(&k->lock);
	while (k->threads > 0)
		pthread_join(k->thread[--k->threads], NULL);
}

void
keeper_free(struct keeper *k)
{
	pthread_cond_destroy(&k->some);
	pthread_mutex_destroy(&k->lock);
	close(k->tell[0]);
	close(k->tell[1]);
	free(k);
}

/*
 * Files that came, put on the disk and in their place (store_commit) beside
 * the loop: a disk takes its time for that, and nobody else shall wait for
 * it.  A few threads do that and nothing else.
 */
#ifndef TFTPD_KEEPER_H
#define TFTPD_KEEPER_H

#include <stdatomic.h>

#include "store.h"

struct keeper;

struct keeper_job {		/* the caller's memory until it is done */
	struct store *store;	/* the keeper's from keeper_take on */
	void *of;		/* whose; for the caller alone */
	/* Becomes true when nobody wants the file anymore. */
	atomic_bool unwanted;
	int error;		/* when it is done: 0, or an errno */
	struct keeper_job *next;	/* the keeper's */
};

/*
 * Starts the threads, so before the sandbox, which then holds for them, too.
 * NULL with errno.
 */
struct keeper *keeper_new(void);
/* Readable when there may be something for keeper_done. */
int keeper_fd(const struct keeper *);

/* The job's store and unwanted are set.  Does not wait. */
void keeper_take(struct keeper *, struct keeper_job *);
/* A job that is done, and the caller's again; NULL: no more for now. */
struct keeper_job *keeper_done(struct keeper *);
/* How many are not done. */
unsigned keeper_waiting(struct keeper *);
/* Waits until all are done; nothing but keeper_done and _free after that. */
void keeper_end(struct keeper *);
/* After keeper_end. */
void keeper_free(struct keeper *);

#endif

/*
 * Waits until one of many descriptors can be read from.  By epoll(7), whose
 * cost does not grow with those that are silent; by poll(2) where that is
 * not to be had.
 */
#ifndef TFTPD_READY_H
#define TFTPD_READY_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#define READY_MOST	1024	/* told by one wait */

struct ready;

/* NULL with errno.  Descriptors that are in it stay the caller's. */
struct ready *ready_new(void);
void ready_free(struct ready *);

/* From now on; who: what ready_wait says then.  False with errno. */
bool ready_add(struct ready *, int fd, void *who);
/* No longer: before it is closed. */
void ready_remove(struct ready *, int fd);

/*
 * For us microseconds at most (in steps of a millisecond, upwards), with the
 * signal mask `during`: how many of them are readable, in who[0] and on.
 * What is more than READY_MOST is told next time.  -1 with errno.
 */
int ready_wait(struct ready *, uint64_t us, const sigset_t *during,
    void *who[READY_MOST]);

#endif

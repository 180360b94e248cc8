/*
 * Which addresses of discover= ranges are lent, to whom, and until when: for
 * machines that nobody registered.  A mapped file of fixed size, ROOT/db/lent,
 * so lending takes no system call, needs no rights and cannot fill the disk.
 * Losing it loses little: an address is chosen by the machine's identity
 * first, and one that is asked for is lent again if it is free.
 *
 * bootpd alone writes it.  Times are seconds since 1970.
 */
#ifndef LENT_H
#define LENT_H

#include <stdbool.h>
#include <stdint.h>

#include "identity.h"

#define LENT_SLOTS	16384u	/* 1 MiB; the most that can be lent at once */

struct lent;

/* Addresses from first to last, host byte order; which a host has. */
struct lent_range {
	uint32_t first, last;
	bool (*taken)(void *, uint32_t address);	/* never lent */
	void *arg;
};

/*
 * Opens ROOT/db/lent, and makes it if there is none or a damaged one.  NULL
 * with errno.  Afterwards nothing here makes a system call.
 */
struct lent *lent_open(const char *root);
void lent_close(struct lent *);

/*
 * An address of the range for that machine: one that it holds or held last,
 * best the one that it wants (0: none); else that one, if it is free; else a
 * free one, by its identity, that nobody had or had lately.  Of a range over
 * 256 addresses so many are looked at.  0: none is left.
 */
uint32_t lent_find(const struct lent *, const struct identity *,
    const struct lent_range *, uint32_t wants, uint64_t now);

/* Does that machine hold it now? */
bool lent_holds(const struct lent *, const struct identity *,
    uint32_t address, uint64_t now);

/* It is that machine's until then.  False: the file has no room for it. */
bool lent_hold(struct lent *, const struct identity *, uint32_t address,
    uint64_t now, uint64_t until);

/* It gives it back; nobody else gets it before others. */
void lent_release(struct lent *, const struct identity *, uint32_t address,
    uint64_t now);

/* Somebody uses it whom we do not know: nobody's until then. */
void lent_decline(struct lent *, uint32_t address, uint64_t now,
    uint64_t until);

#endif

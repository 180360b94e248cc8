/*
 * The sockets that transfers run on: see serve.h.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "serve.h"
#include "sockets.h"

#define PACKET_BYTES	1468	/* of a file, in a packet of Ethernet */
#define OWN_TRIES	8	/* ports of -R, before it shares one */

static bool own(struct server *, struct flight *);
static uint16_t luck(struct server *);

bool
serve_port_pool(struct server *s, sa_family_t family, char *why, size_t size)
{
	struct pool *pool = &s->pool[family == AF_INET6];
	unsigned range = s->set.last - s->set.first + 1u;
	unsigned share = range / workers_number(s->set.workers);
	unsigned n = s->shared, i;
	int fd;

	/* The other half is for those that need one of their own. */
	if (s->set.first > 0 && share / 2 < n)
		n = share / 2;
	pool->first = s->ports;
	for (i = 0; i == 0 || i < n; i++) {
		fd = sockets_data(family, s->set.first, s->set.last,
		    luck(s), range);
		if (fd < 0 && i > 0)
			break;
		if (fd < 0 || !serve_port_add(s, fd, family, serve_packet)) {
			snprintf(why, size, "data socket: %s%s",
			    strerror(errno), fd < 0 && s->set.first > 0 ?
			    ": no port of -R is free" : "");
			return false;
		}
		sockets_receive(fd);
		pool->n++;
	}
	/* A worker that is started again finds what it had before. */
	pool->own_most = s->set.first == 0 ? UINT_MAX :
	    share > pool->n ? share - (unsigned)pool->n : 0;
	return true;
}

bool
serve_port_add(struct server *s, int fd, sa_family_t family,
    void (*take)(struct server *, const struct port *, int))
{
	struct port *p = &s->port[s->ports++];

	*p = (struct port){ .fd = fd, .family = family, .take = take };
	return ready_add(s->ready, fd, p);
}

int
serve_port_shared(struct server *s, sa_family_t family, unsigned packets)
{
	const struct pool *pool = &s->pool[family == AF_INET6];
	size_t n = (size_t)packets * SERVE_SHARED;

	return s->port[pool->first + luck(s) % (n < pool->n ? n :
	    pool->n)].fd;
}

void
serve_port_choose(struct server *s, struct flight *f)
{
	uint64_t drawn = (uint64_t)f->t.window * f->t.blksize;

	if (s->set.single_port)
		return;
	if (drawn > f->size)
		drawn = f->size;
	if (drawn > SERVE_PACKETS * PACKET_BYTES && own(s, f))
		return;
	/* None is left: as one of the others, which is better than not. */
	f->peer.fd = serve_port_shared(s, f->peer.to.sa.sa_family,
	    (unsigned)(drawn / PACKET_BYTES) + 1);
}

static bool
own(struct server *s, struct flight *f)
{
	sa_family_t family = f->peer.to.sa.sa_family;
	struct pool *pool = &s->pool[family == AF_INET6];
	struct port *p;

	if (pool->own == pool->own_most || (p = calloc(1, sizeof *p)) == NULL)
		return false;
	p->family = family;
	p->take = serve_packet;
	p->of = f;
	p->fd = sockets_data(family, s->set.first, s->set.last, luck(s),
	    OWN_TRIES);
	/* It is the lowest that is free: all below are taken, too. */
	if (p->fd >= 0 && p->fd < s->own_below &&
	    ready_add(s->ready, p->fd, p)) {
		pool->own++;
		f->own = p;
		f->peer.fd = p->fd;
		return true;
	}
	if (p->fd >= 0)
		close(p->fd);
	free(p);
	return false;
}

void
serve_port_close(struct server *s, struct port *own)
{
	if (own == NULL)
		return;
	s->pool[own->family == AF_INET6].own--;
	ready_remove(s->ready, own->fd);
	close(own->fd);
	free(own);
}

/* A number that nobody can know beforehand. */
static uint16_t
luck(struct server *s)
{
	if (s->lucks == 0 && getrandom(s->luck, sizeof s->luck, 0) ==
	    sizeof s->luck)
		s->lucks = sizeof s->luck / sizeof *s->luck;
	return s->luck[s->lucks > 0 ? --s->lucks : 0];
}

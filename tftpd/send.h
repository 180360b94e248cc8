/*
 * Packets on their way out: many clients' DATA in one system call, and a
 * client's window of equal packets as one element of it (UDP_SEGMENT), where
 * the system and the way to the client can do it.  File contents are not
 * copied: they must stay where they are until tftpsend_flush.
 */
#ifndef TFTPD_SEND_H
#define TFTPD_SEND_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/uio.h>

#define TFTPSEND_PARTS	8	/* pieces of memory that one block may have */

union tftpsend_address {
	struct sockaddr sa;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
};

/* A client, and how it is reached. */
struct tftpsend_peer {
	int fd;			/* the socket that it knows us by */
	bool plain;		/* UDP_SEGMENT does not work towards it */
	bool broadcast;		/* it asked all of a network at once */
	union tftpsend_address to;
	/*
	 * Our address that it asked, of the same family, the reply's source
	 * (a machine may have several).  All zero: as the system chooses.
	 */
	union tftpsend_address from;
};

enum tftpsend_way { TFTPSEND_SEGMENT, TFTPSEND_MANY, TFTPSEND_ONE };

struct tftpsend;	/* what waits to be sent */

/* way: the best to be tried.  NULL: no memory. */
struct tftpsend *tftpsend_new(enum tftpsend_way);
void tftpsend_free(struct tftpsend *);

/*
 * Queues one DATA packet; sends what waited if there is no room.  wire: the
 * block number; parts: up to TFTPSEND_PARTS pieces, blksize bytes in all or
 * less.  The peer must stay until the flush too.
 */
void tftpsend_data(struct tftpsend *, struct tftpsend_peer *, uint16_t wire,
    size_t blksize, const struct iovec *parts, size_t n);
/* Sends all that is queued.  What the system refuses counts as lost. */
void tftpsend_flush(struct tftpsend *);
bool tftpsend_pending(const struct tftpsend *);

/* Queues one other packet (OACK, ERROR); copies it and the peer. */
void tftpsend_packet(struct tftpsend *, const struct tftpsend_peer *,
    const void *, size_t);

/* System calls made and packets sent so far. */
void tftpsend_count(const struct tftpsend *, uint64_t *calls,
    uint64_t *packets);

socklen_t tftpsend_len(const union tftpsend_address *);

#endif

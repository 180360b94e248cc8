/*
 * Packets on their way in: as many as are there in one system call, each
 * with its sender and the address of ours that it was sent to.
 */
#ifndef TFTPD_INBOX_H
#define TFTPD_INBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "send.h"

#define INBOX_PACKETS	64	/* of one receive, at most */

struct inbox;

/* room: bytes for each packet; longer ones are cut.  NULL: no memory. */
struct inbox *inbox_new(size_t room);
void inbox_free(struct inbox *);

/*
 * What has come to that socket, without waiting: how many packets, numbered
 * from 0, valid until the next receive.  0 also for an ICMP error that
 * somebody sent us, which is read off by that.
 */
int inbox_receive(struct inbox *, int fd);

/* The bytes of packet i, and how many; *cut: there were more. */
const uint8_t *inbox_packet(struct inbox *, int i, size_t *len, bool *cut);
/* Who sent it, as the socket says it. */
const union tftpsend_address *inbox_from(const struct inbox *, int i);
/* The same as a peer (peer_read), all but its fd. */
void inbox_peer(struct inbox *, int i, struct tftpsend_peer *);

#endif

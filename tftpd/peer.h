/*
 * Who sent a packet, and which address of ours it was sent to.
 */
#ifndef TFTPD_PEER_H
#define TFTPD_PEER_H

#include <stdint.h>
#include <sys/socket.h>

#include "send.h"

/*
 * Fills in all of a peer but its fd, from what recvmsg gave (IP_PKTINFO and
 * its like).  An IPv4 address inside of an IPv6 one becomes an IPv4 one.
 */
void peer_read(struct tftpsend_peer *, struct msghdr *,
    const union tftpsend_address *from);

/*
 * The same peer as an IPv6 socket sees it that serves IPv4, too
 * (::ffff:192.0.2.10); nothing, if it is one of IPv6.
 */
void peer_map(struct tftpsend_peer *);

/* Host byte order; 0 if it is no IPv4 address. */
uint32_t peer_ipv4(const union tftpsend_address *);

#endif

/*
 * The UDP sockets of tftpd: what those that it is given need, and those of
 * its own that transfers run on.
 */
#ifndef TFTPD_SOCKETS_H
#define TFTPD_SOCKETS_H

#include <stdint.h>
#include <sys/resource.h>
#include <sys/socket.h>

/*
 * A socket that requests come to: a large buffer, and each packet comes with
 * the address of ours that it was sent to.  Its family; AF_UNSPEC with errno.
 */
sa_family_t sockets_listen(int fd);

/* It sends file contents, too: a large buffer, and blocks of any size. */
void sockets_send(int fd, sa_family_t);

/*
 * A new socket for transfers, on any port (first 0), or on the first one that
 * is free of so many of those given, from the luck-th of them on and round.
 * -1 with errno.
 */
int sockets_data(sa_family_t, uint16_t first, uint16_t last, unsigned luck,
    unsigned tries);

/* Many clients' packets come to it: a large buffer. */
void sockets_receive(int fd);

/*
 * So many descriptors, of files, too, if the system allows them.  How many
 * there may be now.
 */
rlim_t sockets_descriptors(rlim_t want);

#endif

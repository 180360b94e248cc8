/*
 * Sockets of IPv6 that are passed to us.  BOOTP is IPv4's alone; but where
 * nobody asked for one or the other, such a socket hears IPv4, too.
 */
#ifndef BOOTPD_IPV6_H
#define BOOTPD_IPV6_H

#include <stdbool.h>

/*
 * Is that socket the one by which IPv4 comes?  xinetd and rlinetd make one
 * for both; openbsd-inetd makes one of IPv4 beside it, which hears the same.
 * Then true, and from now on nothing but IPv4 comes by it, from addresses as
 * ::ffff:192.0.2.10; answers by it may be addressed as those of IPv4.  Asks
 * the system, before rights are given up.
 */
bool ipv6_serves(int fd);

/*
 * Nothing comes by it any more, so that inetd does not start a second bootpd
 * for every packet.
 */
void ipv6_deafen(int fd);

#endif

/*
 * ra: answers IPv6 router solicitations on one interface with an empty
 * advertisement: there is no router, no prefix, no address to be had.
 *
 *	ra INTERFACE
 *
 * iPXE waits 13 seconds for such an answer after its DHCPACK before it goes
 * on with IPv4 alone; a boot test on a network without IPv6 need not.
 * RFC 4861, sections 4.1, 4.2, 6.2.6: from a link-local address (the kernel
 * sees to that), to all nodes, with a hop limit of 255.
 */
#include <sys/types.h>
#include <sys/socket.h>

#include <netinet/in.h>
#include <netinet/icmp6.h>

#include <arpa/inet.h>
#include <net/if.h>

#include <err.h>
#include <stdlib.h>
#include <sysexits.h>

static int	open_socket(unsigned int);

int
main(int argc, char *argv[])
{
	struct nd_router_advert ra = { .nd_ra_type = ND_ROUTER_ADVERT };
	struct sockaddr_in6 all_nodes = { .sin6_family = AF_INET6 };
	unsigned char packet[1500];
	unsigned int ifindex;
	int fd;

	if (argc != 2)
		errx(EX_USAGE, "usage: ra INTERFACE");
	if ((ifindex = if_nametoindex(argv[1])) == 0)
		err(EX_NOINPUT, "%s", argv[1]);
	fd = open_socket(ifindex);

	inet_pton(AF_INET6, "ff02::1", &all_nodes.sin6_addr);
	all_nodes.sin6_scope_id = ifindex;
	while (recv(fd, packet, sizeof(packet), 0) != -1)
		if (sendto(fd, &ra, sizeof(ra), 0,
		    (struct sockaddr *)&all_nodes, sizeof(all_nodes)) == -1)
			warn("%s", argv[1]);
	err(EX_OSERR, "%s", argv[1]);
}

/* Hears router solicitations on that interface and nothing else. */
static int
open_socket(unsigned int ifindex)
{
	struct icmp6_filter filter;
	struct ipv6_mreq all_routers = { .ipv6mr_interface = ifindex };
	const int hops = 255;
	int fd;

	ICMP6_FILTER_SETBLOCKALL(&filter);
	ICMP6_FILTER_SETPASS(ND_ROUTER_SOLICIT, &filter);
	inet_pton(AF_INET6, "ff02::2", &all_routers.ipv6mr_multiaddr);
	if ((fd = socket(AF_INET6, SOCK_RAW, IPPROTO_ICMPV6)) == -1 ||
	    setsockopt(fd, IPPROTO_ICMPV6, ICMP6_FILTER, &filter,
	    sizeof(filter)) == -1 ||
	    setsockopt(fd, IPPROTO_IPV6, IPV6_JOIN_GROUP, &all_routers,
	    sizeof(all_routers)) == -1 ||
	    setsockopt(fd, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, &hops,
	    sizeof(hops)) == -1)
		err(EX_OSERR, "ICMPv6 socket");
	return fd;
}

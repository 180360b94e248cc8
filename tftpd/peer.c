/*
 * Who sent a packet: see peer.h.
 */
#include <string.h>

#include "peer.h"

static void map(union tftpsend_address *);

void
peer_read(struct tftpsend_peer *peer, struct msghdr *m,
    const union tftpsend_address *from)
{
	struct in6_pktinfo six;
	struct cmsghdr *c;

	memset(peer, 0, sizeof *peer);
	peer->to = *from;
	for (c = CMSG_FIRSTHDR(m); c != NULL; c = CMSG_NXTHDR(m, c)) {
#ifdef __linux__
		if (c->cmsg_level == IPPROTO_IP &&
		    c->cmsg_type == IP_PKTINFO) {
			struct in_pktinfo four;

			memcpy(&four, CMSG_DATA(c), sizeof four);
			peer->from.in.sin_family = AF_INET;
			/* Of a broadcast: our own address there. */
			peer->from.in.sin_addr = four.ipi_spec_dst;
			peer->broadcast = four.ipi_addr.s_addr !=
			    four.ipi_spec_dst.s_addr;
		}
#else
		if (c->cmsg_level == IPPROTO_IP &&
		    c->cmsg_type == IP_RECVDSTADDR) {
			peer->from.in.sin_family = AF_INET;
			memcpy(&peer->from.in.sin_addr, CMSG_DATA(c),
			    sizeof peer->from.in.sin_addr);
		}
#endif
		if (c->cmsg_level == IPPROTO_IPV6 &&
		    c->cmsg_type == IPV6_PKTINFO &&
		    peer->from.sa.sa_family != AF_INET) {
			memcpy(&six, CMSG_DATA(c), sizeof six);
			peer->from.in6.sin6_family = AF_INET6;
			peer->from.in6.sin6_addr = six.ipi6_addr;
		}
	}
	/* ::ffff:192.0.2.10 is 192.0.2.10. */
	if (peer_ipv4(&peer->to) != 0 && peer->to.sa.sa_family == AF_INET6) {
		uint32_t to = peer_ipv4(&peer->to);
		uint32_t ours = peer_ipv4(&peer->from);
		in_port_t port = peer->to.in6.sin6_port;

		memset(&peer->to, 0, sizeof peer->to);
		memset(&peer->from, 0, sizeof peer->from);
		peer->to.in.sin_family = AF_INET;
		peer->to.in.sin_port = port;
		peer->to.in.sin_addr.s_addr = htonl(to);
		peer->from.in.sin_family = ours != 0 ? AF_INET : 0;
		peer->from.in.sin_addr.s_addr = htonl(ours);
	}
	if (peer->to.sa.sa_family == AF_INET6 &&
	    IN6_IS_ADDR_MULTICAST(&peer->from.in6.sin6_addr)) {
		memset(&peer->from, 0, sizeof peer->from);
		peer->broadcast = true;
	}
}

void
peer_map(struct tftpsend_peer *peer)
{
	map(&peer->to);
	map(&peer->from);
}

static void
map(union tftpsend_address *a)
{
	union tftpsend_address four = *a;

	if (four.sa.sa_family != AF_INET)
		return;
	memset(a, 0, sizeof *a);
	a->in6.sin6_family = AF_INET6;
	a->in6.sin6_port = four.in.sin_port;
	a->in6.sin6_addr.s6_addr[10] = a->in6.sin6_addr.s6_addr[11] = 0xff;
	memcpy(&a->in6.sin6_addr.s6_addr[12], &four.in.sin_addr,
	    sizeof four.in.sin_addr);
}

uint32_t
peer_ipv4(const union tftpsend_address *a)
{
	uint32_t v;

	if (a->sa.sa_family == AF_INET)
		return ntohl(a->in.sin_addr.s_addr);
	if (a->sa.sa_family != AF_INET6 ||
	    !IN6_IS_ADDR_V4MAPPED(&a->in6.sin6_addr))
		return 0;
	memcpy(&v, &a->in6.sin6_addr.s6_addr[12], sizeof v);
	return ntohl(v);
}

/*
 * Sockets: see sockets.h.
 */
#include <errno.h>
#include <netinet/in.h>
#include <sys/time.h>
#include <unistd.h>

#include "send.h"
#include "service.h"
#include "sockets.h"

#define BUFFER		(8 * 1024 * 1024)
#define PATIENCE_US	100000	/* with a full queue of an interface */

static int bind_one(int, sa_family_t, uint16_t, uint16_t, unsigned, unsigned);

sa_family_t
sockets_listen(int fd)
{
	union tftpsend_address a;
	socklen_t n = sizeof a;
	int on = 1;

	if (getsockname(fd, &a.sa, &n) != 0)
		return AF_UNSPEC;
	service_receive_buffer(fd, BUFFER);
	if (a.sa.sa_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on,
		    sizeof on);
#ifdef __linux__
	setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof on);
#else
	setsockopt(fd, IPPROTO_IP, IP_RECVDSTADDR, &on, sizeof on);
#endif
	return a.sa.sa_family;
}

void
sockets_send(int fd, sa_family_t family)
{
	struct timeval patience = { 0, PATIENCE_US };
	int buffer = BUFFER;
#ifdef IP_MTU_DISCOVER
	int never = IP_PMTUDISC_DONT;
#endif

	setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &buffer, sizeof buffer);
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
#ifdef IP_MTU_DISCOVER
	/* Blocks above the MTU are what the client asked for. */
	if (family == AF_INET)
		setsockopt(fd, IPPROTO_IP, IP_MTU_DISCOVER, &never,
		    sizeof never);
#else
	(void)family;
#endif
}

int
sockets_data(sa_family_t family, uint16_t first, uint16_t last,
    unsigned luck, unsigned tries)
{
	int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int on = 1, e;

	if (fd < 0)
		return -1;
	if (family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
	if (bind_one(fd, family, first, last, luck, tries) != 0) {
		e = errno;
		close(fd);
		errno = e;
		return -1;
	}
	sockets_send(fd, family);
	return fd;
}

static int
bind_one(int fd, sa_family_t family, uint16_t first, uint16_t last,
    unsigned luck, unsigned tries)
{
	union tftpsend_address any = { .sa = { .sa_family = family } };
	unsigned range = last - first + 1u, i;

	for (i = 0; i < tries && i < range; i++) {
		/* At the same place in sin6. */
		any.in.sin_port = htons((uint16_t)(first + (luck + i) %
		    range));
		if (bind(fd, &any.sa, tftpsend_len(&any)) == 0)
			return 0;
		if (errno != EADDRINUSE)
			break;
	}
	return -1;
}

void
sockets_receive(int fd)
{
	service_receive_buffer(fd, BUFFER);
}

rlim_t
sockets_descriptors(rlim_t want)
{
	struct rlimit r;

	if (getrlimit(RLIMIT_NOFILE, &r) != 0)
		return want;
	if (r.rlim_cur < want) {
		r.rlim_cur = r.rlim_max < want ? r.rlim_max : want;
		setrlimit(RLIMIT_NOFILE, &r);
		getrlimit(RLIMIT_NOFILE, &r);
	}
	return r.rlim_cur;
}

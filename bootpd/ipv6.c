#include <sys/types.h>
#include <sys/socket.h>

#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#ifdef __linux__
#include <linux/filter.h>
#include <linux/if_ether.h>
#endif

#include "ipv6.h"

#ifdef __linux__
static bool
filter(int fd, struct sock_filter *f, unsigned short n)
{
	struct sock_fprog program = { n, f };

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program,
	    sizeof program) == 0;
}

/* Has a socket of IPv4 this port, too?  If it cannot be seen, yes. */
static bool
is_beside_ipv4(unsigned port)
{
	FILE *f = fopen("/proc/net/udp", "re");
	bool found = f == NULL;
	char line[256];
	unsigned at;

	while (!found && fgets(line, sizeof line, f) != NULL)
		found = sscanf(line, " %*u: %*8x:%4x", &at) == 1 &&
		    at == port;
	if (f != NULL)
		fclose(f);
	return found;
}

bool
ipv6_serves(int fd)
{
	struct sock_filter ipv4[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
		    (uint32_t)(SKF_AD_OFF + SKF_AD_PROTOCOL)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ETH_P_IP, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct sockaddr_in6 in6 = { .sin6_family = AF_UNSPEC };
	socklen_t n = sizeof in6, len = sizeof(int);
	int only = 1;

	return getsockname(fd, (struct sockaddr *)&in6, &n) == 0 &&
	    in6.sin6_family == AF_INET6 &&
	    getsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &only, &len) == 0 &&
	    !only && !is_beside_ipv4(ntohs(in6.sin6_port)) &&
	    filter(fd, ipv4, sizeof ipv4 / sizeof ipv4[0]);
}

#else

bool
ipv6_serves(int fd)
{
	(void)fd;
	return false;
}
#endif

void
ipv6_deafen(int fd)
{
	char byte;

#ifdef __linux__
	struct sock_filter none = BPF_STMT(BPF_RET | BPF_K, 0);

	filter(fd, &none, 1);
#endif
	while (recv(fd, &byte, sizeof byte, MSG_DONTWAIT) >= 0)
		;
}

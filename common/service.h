/*
 * Where the socket comes from: inetd (wait or nowait), systemd's socket
 * activation (LISTEN_FDS), or --listen.
 */
#ifndef SERVICE_H
#define SERVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SERVICE_FDS_MAX	16

enum service_from {
	SERVICE_INETD_WAIT,	/* fd 0 is the bound or listening socket */
	SERVICE_INETD_NOWAIT,	/* fd 0 is one client's connection */
	SERVICE_SYSTEMD,
	SERVICE_LISTEN,
};

struct service {
	enum service_from from;
	size_t n;
	int fd[SERVICE_FDS_MAX];
};

/*
 * listen: the arguments of --listen, NULL-terminated ("192.0.2.2",
 * "192.0.2.2:6969", "[2001:db8::1]:69", ":69"), or NULL where there was no
 * --listen.  type: SOCK_DGRAM or SOCK_STREAM.  port: the default.  Sockets
 * that come from elsewhere are checked to be of that type.  From inetd, fd 0
 * is moved away (0, 1 and 2 then point to /dev/null, so that no stray print
 * reaches a client).  All are close-on-exec and, but for INETD_NOWAIT,
 * non-blocking.  0, or a sysexits code and why in words.
 */
int service_open(struct service *, const char *const *listen, int type,
    uint16_t port, char *why, size_t size);

/*
 * Makes the receive buffer at least `bytes` (SO_RCVBUFFORCE where allowed,
 * else SO_RCVBUF); returns what it is now.
 */
int service_receive_buffer(int fd, int bytes);

/* True if fd 0 is a socket, or systemd passed some. */
bool service_is_passed(void);

#endif

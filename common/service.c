#include "service.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sysexits.h>
#include <unistd.h>

#define SYSTEMD_FIRST	3
#define HOST_SIZE	64	/* an IPv6 address with its interface */

/* What a descriptor is, if it is a socket of the internet. */
struct facts {
	int type;
	bool listening;
	bool connected;
};

static int
fail(int status, char *why, size_t size, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, size, fmt, ap);
	va_end(ap);
	return status;
}

static bool
is_internet(int family)
{
	return family == AF_INET || family == AF_INET6;
}

static bool
facts_of(int fd, struct facts *f)
{
	struct sockaddr_storage ss = { 0 };
	socklen_t n = sizeof f->type;
	int on = 0;

	if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &f->type, &n) != 0)
		return false;
	n = sizeof ss;
	if (getsockname(fd, (struct sockaddr *)&ss, &n) != 0 ||
	    !is_internet(ss.ss_family))
		return false;
	n = sizeof ss;
	f->connected = getpeername(fd, (struct sockaddr *)&ss, &n) == 0;
	n = sizeof on;
	f->listening = getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &on,
	    &n) == 0 && on != 0;
	return true;
}

/* How many descriptors systemd passed to this very process. */
static int
systemd_passed(void)
{
	const char *pid = getenv("LISTEN_PID"), *n = getenv("LISTEN_FDS");

	if (pid == NULL || n == NULL || strtol(pid, NULL, 10) != getpid())
		return 0;
	return (int)strtol(n, NULL, 10);
}

bool
service_is_passed(void)
{
	struct facts f;

	return systemd_passed() > 0 || facts_of(STDIN_FILENO, &f);
}

static bool
settle(int fd, bool blocking)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0 || fcntl(fd, F_SETFD, FD_CLOEXEC) != 0)
		return false;
	flags = blocking ? flags & ~O_NONBLOCK : flags | O_NONBLOCK;
	return fcntl(fd, F_SETFL, flags) == 0;
}

/*
 * One client's connection: nowait in inetd.conf, Accept=yes of systemd.  A
 * datagram socket is never that, connected or not.
 */
static int
check_passed(struct service *s, const char *from, int fd, int type,
    char *why, size_t size)
{
	struct facts f;
	bool one;

	if (!facts_of(fd, &f))
		return fail(EX_USAGE, why, size,
		    "descriptor %d from %s: not an internet socket", fd, from);
	if (f.type != type)
		return fail(EX_USAGE, why, size,
		    "descriptor %d from %s: not a %s socket", fd, from,
		    type == SOCK_DGRAM ? "udp" : "tcp");
	one = type == SOCK_STREAM && !f.listening;
	if (one && !f.connected)
		return fail(EX_USAGE, why, size, "descriptor %d from %s: "
		    "neither listening nor connected", fd, from);
	if (one)
		s->from = SERVICE_INETD_NOWAIT;
	if (!settle(fd, one))
		return fail(EX_OSERR, why, size, "descriptor %d from %s: %s",
		    fd, from, strerror(errno));
	s->fd[s->n++] = fd;
	return 0;
}

static int
from_systemd(struct service *s, int n, int type, char *why, size_t size)
{
	int status = 0;

	unsetenv("LISTEN_PID");
	unsetenv("LISTEN_FDS");
	unsetenv("LISTEN_FDNAMES");
	if (n > SERVICE_FDS_MAX)
		return fail(EX_USAGE, why, size,
		    "%d sockets from systemd: %d are the most", n,
		    SERVICE_FDS_MAX);
	s->from = SERVICE_SYSTEMD;
	for (int i = 0; i < n && status == 0; i++)
		status = check_passed(s, "systemd", SYSTEMD_FIRST + i, type,
		    why, size);
	return status;
}

static int
from_inetd(struct service *s, int type, char *why, size_t size)
{
	int null, fd, status;

	s->from = SERVICE_INETD_WAIT;
	status = check_passed(s, "inetd", STDIN_FILENO, type, why, size);
	if (status != 0)
		return status;
	fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (fd < 0 || null < 0)
		return fail(EX_OSERR, why, size, "/dev/null: %s",
		    strerror(errno));
	for (int i = STDIN_FILENO; i <= STDERR_FILENO; i++)
		dup2(null, i);
	close(null);
	s->fd[0] = fd;
	return 0;
}

static int
listen_at(struct service *s, const struct addrinfo *a)
{
	int fd, on = 1, saved;

	fd = socket(a->ai_family,
	    a->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -1;
	if (a->ai_family == AF_INET6)	/* beside the same port of IPv4 */
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
	if (a->ai_socktype == SOCK_STREAM)
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (bind(fd, a->ai_addr, a->ai_addrlen) == 0 &&
	    (a->ai_socktype == SOCK_DGRAM || listen(fd, SOMAXCONN) == 0)) {
		s->fd[s->n++] = fd;
		return 0;
	}
	saved = errno;
	close(fd);
	errno = saved;
	return -1;
}

static bool
is_port(const char *s)
{
	size_t n = strspn(s, "0123456789");

	return n > 0 && n <= 5 && s[n] == '\0' && strtol(s, NULL, 10) <= 65535;
}

/*
 * Parts the argument into host ("" for all addresses) and port (untouched if
 * it names none).
 */
static bool
split(const char *text, char host[HOST_SIZE], char port[8])
{
	const char *from = text, *end, *colon = strchr(text, ':');

	if (*text == '[') {
		from = text + 1;
		end = strchr(from, ']');
		if (end == NULL)
			return false;
		colon = end[1] == '\0' ? NULL : end + 1;
		if (colon != NULL && *colon != ':')
			return false;
	} else {
		/* An IPv6 address by itself: its colons begin no port. */
		if (colon != NULL && strchr(colon + 1, ':') != NULL)
			colon = NULL;
		end = colon != NULL ? colon : text + strlen(text);
	}
	if ((size_t)(end - from) >= HOST_SIZE)
		return false;
	memcpy(host, from, (size_t)(end - from));
	host[end - from] = '\0';
	if (colon == NULL)
		return true;
	if (!is_port(colon + 1))
		return false;
	strcpy(port, colon + 1);
	return true;
}

static int
listen_on(struct service *s, const char *text, int type, uint16_t number,
    char *why, size_t size)
{
	struct addrinfo hints = { .ai_socktype = type,
	    .ai_flags = AI_PASSIVE | AI_NUMERICHOST | AI_NUMERICSERV };
	struct addrinfo *all = NULL, *a;
	char host[HOST_SIZE], port[8];
	size_t before = s->n;
	int status = 0;

	snprintf(port, sizeof port, "%u", number);
	if (!split(text, host, port) ||
	    getaddrinfo(host[0] == '\0' ? NULL : host, port, &hints,
	    &all) != 0)
		return fail(EX_USAGE, why, size, "--listen %s: not an address "
		    "(192.0.2.2, 192.0.2.2:%u, [2001:db8::1]:%u, :%u)", text,
		    number, number, number);
	for (a = all; a != NULL && status == 0; a = a->ai_next) {
		if (s->n == SERVICE_FDS_MAX)
			status = fail(EX_USAGE, why, size, "--listen %s: "
			    "%d sockets are the most", text, SERVICE_FDS_MAX);
		else if (listen_at(s, a) != 0 && (errno != EAFNOSUPPORT ||
		    host[0] != '\0'))
			status = fail(errno == EACCES || errno == EPERM ?
			    EX_NOPERM : EX_OSERR, why, size,
			    "--listen %s: port %s: %s", text, port,
			    strerror(errno));
	}
	freeaddrinfo(all);
	if (status == 0 && s->n == before)
		status = fail(EX_OSERR, why, size, "--listen %s: %s", text,
		    strerror(EAFNOSUPPORT));
	return status;
}

int
service_open(struct service *s, const char *const *listen, int type,
    uint16_t port, char *why, size_t size)
{
	int passed = systemd_passed(), status = 0;
	struct facts f;

	*s = (struct service){ .from = SERVICE_LISTEN };
	if (listen != NULL) {
		for (; *listen != NULL && status == 0; listen++)
			status = listen_on(s, *listen, type, port, why, size);
	} else if (passed > 0)
		status = from_systemd(s, passed, type, why, size);
	else if (facts_of(STDIN_FILENO, &f))
		status = from_inetd(s, type, why, size);
	else
		status = fail(EX_USAGE, why, size, "no socket: start it from "
		    "inetd or systemd, or say where to --listen");
	if (status != 0) {
		while (s->n > 0)
			close(s->fd[--s->n]);
	}
	return status;
}

int
service_receive_buffer(int fd, int bytes)
{
	socklen_t n = sizeof(int);
	int has = 0;

	getsockopt(fd, SOL_SOCKET, SO_RCVBUF, &has, &n);
	if (has >= bytes)
		return has;
#ifdef SO_RCVBUFFORCE
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes,
	    sizeof bytes) != 0)
#endif
		/* The BSDs do not cut what is too large, but refuse it. */
		while (setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes,
		    sizeof bytes) != 0 && bytes / 2 > has)
			bytes /= 2;
	getsockopt(fd, SOL_SOCKET, SO_RCVBUF, &has, &n);
	return has;
}

/*
 * bootpd: answers BOOTP and DHCP for the hosts of the database, whose
 * addresses are fixed, so that there are no leases to keep: bootpd(8).
 *
 * A packet's way: receive, packet.c, who is it (hostdb), answer.c, reply.c,
 * send.c, and one event.  Up to BATCH of them take it together, so that a
 * room of machines costs few system calls.
 */
#include <sys/types.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <popt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "ipv6.h"
#include "log.h"
#include "sandbox.h"
#include "serve.h"

#define RECEIVE_BUFFER	(32 << 20)	/* a room switched on at once */
#define SEND_BUFFER	(4 << 20)
#define CHECK_SECONDS	10	/* was the database replaced below us? */
#define RATE		16	/* packets a second from one machine */
#define RATE_MOST	1000000
#define USER		"_bootpd"

struct options {
	int debug;
	char **listen;
	char *root;
	char *user;
	double minutes;		/* of silence until inetd has the socket back */
	long rate;
};

static volatile sig_atomic_t stop, tell;

static void settings(struct options *, struct server *, int argc,
    const char **argv);
static void open_all(struct server *, const struct options *);
static void open_boot_port(struct server *);
static void give_up_rights(const struct options *);
static int loop(struct server *, const struct options *);
static void log_counters(const struct server *);

int
main(int argc, const char **argv)
{
	static struct server s;
	struct options o = { .minutes = 15, .rate = RATE };
	int status;

	settings(&o, &s, argc, argv);	/* EX_USAGE */
	open_all(&s, &o);		/* sockets, database: as root */
	give_up_rights(&o);
	status = loop(&s, &o);		/* receives, looks up, sends */
	log_counters(&s);
	sender_close(&s.sender);
	interfaces_close(&s.interfaces);
	hostdb_close(s.db);
	lent_close(s.lent);
	event_close(s.events);
	return status;
}

static void
settings(struct options *o, struct server *s, int argc, const char **argv)
{
	int version = 0, proxy = 0, rc;
	struct poptOption table[] = {
		{ "debug", 'd', POPT_ARG_NONE, &o->debug, 0,
		    "show each packet and its answer, on stderr", NULL },
		{ "interface", 'i', POPT_ARG_ARGV, &s->interface, 0,
		    "answer on this interface alone (may be repeated)",
		    "NAME" },
		{ "listen", 0, POPT_ARG_ARGV, &o->listen, 0,
		    "make the socket itself, and answer on the interface "
		    "with this address (0.0.0.0: all)", "ADDRESS[:PORT]" },
		{ "proxy", 0, POPT_ARG_NONE, &proxy, 0,
		    "answer boot firmware alone, beside another DHCP "
		    "server", NULL },
		{ "rate", 'r', POPT_ARG_LONG, &o->rate, 0,
		    "answer so many packets a second of one machine, and "
		    "32 times that at once; 0: all (default 16)",
		    "PACKETS" },
		{ "root", 0, POPT_ARG_STRING, &o->root, 0,
		    "root directory (default " HOSTDB_ROOT ")", "DIR" },
		{ "timeout", 't', POPT_ARG_DOUBLE, &o->minutes, 0,
		    "exit after this long without a packet when inetd or "
		    "systemd started it; 0: never (default 15)", "MINUTES" },
		{ "user", 'u', POPT_ARG_STRING, &o->user, 0,
		    "user to become (default " USER ", else nobody)", "USER" },
		{ "version", 0, POPT_ARG_NONE, &version, 0,
		    "print the version", NULL },
		POPT_AUTOHELP POPT_TABLEEND
	};
	poptContext c;

	log_open("bootpd", LOG_TO_STDERR, LOG_DAEMON, LOG_INFO);
	c = poptGetContext("bootpd", argc, argv, table, 0);
	rc = poptGetNextOpt(c);
	if (rc < -1)
		log_fatal(EX_USAGE, "%s: %s", poptBadOption(c, 0),
		    poptStrerror(rc));
	if (poptPeekArg(c) != NULL)
		log_fatal(EX_USAGE, "%s: not an option; bootpd --help shows "
		    "what there is", poptPeekArg(c));
	if (!(o->minutes >= 0 && o->minutes <= 1e6))
		log_fatal(EX_USAGE, "-t: not a number of minutes");
	if (o->rate < 0 || o->rate > RATE_MOST)
		log_fatal(EX_USAGE, "-r: 0 to %d packets a second, please",
		    RATE_MOST);
	s->recent.rate = (uint32_t)o->rate;
	poptFreeContext(c);
	s->show = o->debug != 0;
	s->proxy = proxy != 0;
	s->boot_fd = -1;
	if (version) {
		puts("bootpd " VERSION);
		exit(EX_OK);
	}
}

/*
 * --listen ADDRESS[:PORT]: which interface; the socket is always for all,
 * since one bound to an address does not hear broadcasts.
 */
static void
listen_argument(struct server *s, const char *text)
{
	char address[INET_ADDRSTRLEN];
	const char *colon = strchr(text, ':');
	size_t n = colon != NULL ? (size_t)(colon - text) : strlen(text);
	unsigned long port = DHCP_SERVER_PORT;
	char *end = (char *)(uintptr_t)"";
	uint32_t a = 0;

	if (colon != NULL)
		port = strtoul(colon + 1, &end, 10);
	if (n >= sizeof address || *end != '\0' || port == 0 || port > 65535)
		goto bad;
	memcpy(address, text, n);
	address[n] = '\0';
	if (n > 0 && !attribute_address(address, &a))
		goto bad;
	if (s->port != 0 && s->port != port)
		log_fatal(EX_USAGE, "--listen %s: one port for all, please",
		    text);
	s->port = (uint16_t)port;
	if (a == 0)
		return;
	if (s->nonly == SERVICE_FDS_MAX)
		log_fatal(EX_USAGE, "--listen: %d are the most",
		    SERVICE_FDS_MAX);
	s->only[s->nonly++] = a;
	return;
bad:
	log_fatal(EX_USAGE, "--listen %s: not an IPv4 address, with or "
	    "without :PORT", text);
}

static void
open_service(struct server *s, const struct options *o)
{
	char own[32], why[256];
	const char *at[2] = { own, NULL };
	const char *const *listen = NULL;
	char **l;
	int status;

	for (l = o->listen; l != NULL && *l != NULL; l++)
		listen_argument(s, *l);
	if (o->listen != NULL ||
	    (s->interface != NULL && !service_is_passed())) {
		if (s->port == 0)
			s->port = DHCP_SERVER_PORT;
		snprintf(own, sizeof own, "0.0.0.0:%u", s->port);
		listen = at;
	} else {
		s->port = DHCP_SERVER_PORT;
	}
	status = service_open(&s->service, listen, SOCK_DGRAM,
	    DHCP_SERVER_PORT, why, sizeof why);
	/* From inetd, nobody reads what goes to stderr. */
	if (s->service.from == SERVICE_INETD_WAIT)
		log_open("bootpd", LOG_TO_SYSLOG, LOG_DAEMON,
		    o->debug ? LOG_DEBUG : LOG_INFO);
	else if (o->debug)
		log_open("bootpd", LOG_TO_STDERR, LOG_DAEMON, LOG_DEBUG);
	if (status != 0)
		log_fatal(status, "%s", why);
	if (s->proxy)
		open_boot_port(s);
}

/* Passed by systemd, or made: inetd has one socket a service. */
static void
open_boot_port(struct server *s)
{
	static const char *const at[] = { "0.0.0.0", NULL };
	struct sockaddr_in in = { .sin_family = AF_UNSPEC };
	struct service own;
	socklen_t n;
	char why[256];
	int status;

	for (size_t i = 0; i < s->service.n && s->boot_fd < 0; i++) {
		n = sizeof in;
		if (getsockname(s->service.fd[i], (struct sockaddr *)&in,
		    &n) == 0 && in.sin_family == AF_INET &&
		    ntohs(in.sin_port) == DHCP_BOOTSERVER_PORT)
			s->boot_fd = s->service.fd[i];
	}
	if (s->boot_fd >= 0)
		return;
	status = service_open(&own, at, SOCK_DGRAM, DHCP_BOOTSERVER_PORT,
	    why, sizeof why);
	if (status != 0)
		log_fatal(status, "%s", why);
	if (s->service.n == SERVICE_FDS_MAX)
		log_fatal(EX_USAGE, "no room for port 4011: %d sockets are "
		    "the most", SERVICE_FDS_MAX);
	s->boot_fd = s->service.fd[s->service.n++] = own.fd[0];
}

static void
refuse_ipv6(const struct server *s, int fd)
{
	if (s->service.from != SERVICE_INETD_WAIT)
		log_fatal(EX_USAGE, "the socket is none of IPv4");
	ipv6_deafen(fd);
	log_info("inetd's IPv6 socket is left alone; \"udp4\" in inetd.conf "
	    "makes none");
	exit(EX_OK);
}

static void
prepare_socket(const struct server *s, int fd)
{
	union {
		struct sockaddr any;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
	} a;
	socklen_t n = sizeof a;
	int on = 1, size = SEND_BUFFER;

	memset(&a, 0, sizeof a);
	if (getsockname(fd, &a.any, &n) != 0)
		log_fatal(EX_OSERR, "the socket: %s", strerror(errno));
	if (a.any.sa_family != AF_INET && !ipv6_serves(fd))
		refuse_ipv6(s, fd);
#ifdef __linux__
	if (setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof on) != 0)
		log_fatal(EX_OSERR, "IP_PKTINFO: %s", strerror(errno));
#else
	if (setsockopt(fd, IPPROTO_IP, IP_RECVIF, &on, sizeof on) != 0 ||
	    setsockopt(fd, IPPROTO_IP, IP_RECVDSTADDR, &on, sizeof on) != 0)
		log_fatal(EX_OSERR, "IP_RECVIF: %s", strerror(errno));
#endif
	if (setsockopt(fd, SOL_SOCKET, SO_BROADCAST, &on, sizeof on) != 0)
		log_fatal(EX_OSERR, "SO_BROADCAST: %s", strerror(errno));
	service_receive_buffer(fd, RECEIVE_BUFFER);
#ifdef SO_SNDBUFFORCE
	setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof size);
#else
	setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
#endif
}

static void
open_all(struct server *s, const struct options *o)
{
	const char *root;
	char why[256];
	size_t i;

	open_service(s, o);
	for (i = 0; i < s->service.n; i++)
		prepare_socket(s, s->service.fd[i]);
	root = hostdb_root(o->root);
	if (hostdb_open(&s->db, root, false) != HOSTDB_OK)
		log_fatal(errno == ENOENT ? EX_NOINPUT : EX_OSERR,
		    "%s: the host database: %s%s", root, strerror(errno),
		    errno == ENOENT ? " (pxectl init makes it)" : "");
	s->events = event_open(root, true);
	if (s->events == NULL)
		log_warn_e("%s: the events are not recorded", root);
	if (!s->proxy && (s->lent = lent_open(root)) == NULL)
		log_warn_e("%s/db/lent: nothing is lent", root);
	if (!interfaces_open(&s->interfaces))
		log_fatal(EX_OSERR, "network interfaces: %s",
		    strerror(errno));
	if (!sender_open(&s->sender, &s->interfaces, why, sizeof why))
		log_warn("%s: answers go out by broadcast", why);
	answer_codes(&s->codes);
	if (gethostname(s->name, sizeof s->name - 1) != 0)
		s->name[0] = '\0';
}

/* Where there is nothing to find. */
static const char *
empty_directory(const struct options *o)
{
	static char path[4096];
	struct stat st;

	if (stat("/var/empty", &st) == 0 && S_ISDIR(st.st_mode))
		return "/var/empty";
	if ((size_t)snprintf(path, sizeof path, "%s/db",
	    hostdb_root(o->root)) >= sizeof path)
		log_fatal(EX_USAGE, "--root: too long");
	return path;
}

static void
give_up_rights(const struct options *o)
{
	const char *dir = empty_directory(o), *user = o->user;
	char why[256];
	bool chrooted;
	int status;

	if (user == NULL && geteuid() == 0)
		user = USER;
	status = sandbox_enter(dir, user, SANDBOX_NET, &chrooted, why,
	    sizeof why);
	if (status == EX_NOUSER && o->user == NULL)
		status = sandbox_enter(dir, "nobody", SANDBOX_NET, &chrooted,
		    why, sizeof why);
	if (status != 0)
		log_fatal(status, "%s", why);
}

static void
on_signal(int number)
{
	if (number == SIGUSR1)
		tell = 1;
	else
		stop = 1;
}

static time_t
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec;
}

/* Signals come only while it waits. */
static void
catch_signals(sigset_t *while_waiting)
{
	static const int ours[] = { SIGTERM, SIGINT, SIGHUP, SIGUSR1 };
	struct sigaction act = { .sa_handler = on_signal };
	sigset_t set;
	size_t i;

	sigemptyset(&set);
	for (i = 0; i < sizeof ours / sizeof ours[0]; i++) {
		sigaction(ours[i], &act, NULL);
		sigaddset(&set, ours[i]);
	}
	sigprocmask(SIG_BLOCK, &set, while_waiting);
	for (i = 0; i < sizeof ours / sizeof ours[0]; i++)
		sigdelset(while_waiting, ours[i]);
	signal(SIGPIPE, SIG_IGN);
}

static int
loop(struct server *s, const struct options *o)
{
	struct pollfd fds[SERVICE_FDS_MAX + 1];
	struct timespec wait = { CHECK_SECONDS, 0 };
	const struct timespec second = { 1, 0 }, none = { 0, 0 };
	bool ends = s->service.from != SERVICE_LISTEN && o->minutes > 0;
	/* Whole seconds, and never none: it would leave at once. */
	time_t idle = (time_t)(o->minutes * 60 + 0.999);
	time_t last = now();
	uint64_t seen = 0;
	bool cold = true;	/* the database may be on the disk alone */
	sigset_t mask;
	size_t i, n = s->service.n;

	if (ends && idle < wait.tv_sec)
		wait.tv_sec = idle;
	catch_signals(&mask);
	bootpd_prepare(s);
	for (i = 0; i < n; i++)
		fds[i] = (struct pollfd){ s->service.fd[i], POLLIN, 0 };
	/* poll(2) passes over a descriptor of -1. */
	fds[n] = (struct pollfd){ s->interfaces.fd, POLLIN, 0 };
	while (!stop) {
		if (ppoll(fds, (nfds_t)(n + 1), cold ? &none :
		    s->recent.untold > 0 ? &second : &wait, &mask) < 0 &&
		    errno != EINTR) {
			log_err_e("poll");
			return EX_OSERR;
		}
		if (tell) {
			tell = 0;
			log_counters(s);
		}
		if (fds[n].revents != 0 || s->interfaces.stale)
			interfaces_changed(&s->interfaces);
		for (i = 0; i < n; i++)
			if (fds[i].revents != 0)
				bootpd_serve(s, fds[i].fd);
		/* Only now: the first answer is not to wait for it. */
		if (cold)
			hostdb_read_ahead(s->db);
		cold = false;
		if (hostdb_replaced(s->db)) {
			log_warn("somebody replaced the host database: "
			    "I have to start again");
			return EX_TEMPFAIL;
		}
		if (s->recent.untold > 0)
			bootpd_tick(s);
		if (s->packets != seen) {
			seen = s->packets;
			last = now();
		} else if (ends && now() - last >= idle) {
			return EX_OK;
		}
	}
	return EX_OK;
}

static void
log_counters(const struct server *s)
{
	char line[1024];
	size_t n, i;

	n = (size_t)snprintf(line, sizeof line,
	    "%llu packets, %llu answered", (unsigned long long)s->packets,
	    (unsigned long long)s->answered);
	for (i = 0; i < SERVE_REASONS && n < sizeof line; i++)
		if (s->reasons[i] != 0)
			n += (size_t)snprintf(line + n, sizeof line - n,
			    ", %llu %s", (unsigned long long)s->reasons[i],
			    event_reason_name((unsigned)i));
	log_info("%s", line);
}

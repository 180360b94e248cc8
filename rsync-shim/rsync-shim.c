/*
 * rsync-shim(8): shows a diskless machine its own layers of files.  inetd or
 * systemd starts it for each connection: the peer's address says which host
 * it is, the host's rsync= which modules it has; rsync gets a configuration
 * with just these and serves them.  This program waits, removes the
 * configuration, and records how it went.
 *
 * Limits: IPv4 addresses alone are registered; who can send from a host's
 * address sees what the host sees.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <popt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sysexits.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "conf.h"
#include "event.h"
#include "host.h"
#include "log.h"
#include "outcome.h"
#include "print.h"
#include "refuse.h"
#include "sandbox.h"
#include "secret.h"
#include "serve.h"
#include "service.h"

#ifdef __linux__
#define RUN_DIR		"/run/rsync-shim"
#else
#define RUN_DIR		"/var/run/rsync-shim"
#endif

#define PRIVILEGED_PORT	1024

struct shim {
	const char *root;	/* of everything; absolute */
	const char *rsync;
	const char *run;
	bool prints;		/* --print-config */
	const char *print;	/* for this host, NULL: for all */

	int fd;			/* the client */
	char peer[INET6_ADDRSTRLEN];
	uint32_t address;	/* host byte order; 0 if not IPv4 */
	uint16_t port;

	struct event_ring *events;
	struct event_record event;	/* of this connection */
	struct host host;
	struct conf_layers layers;
	struct conf_options options;
	char conf[CONF_TEXT_MAX];
	char why[512];		/* what a refused client is told */

	char tree[PATH_MAX];
	char lock[PATH_MAX];
	struct serve serve;
	struct timespec start;
};

static void settings(struct shim *, int argc, const char **argv);
static void find_paths(struct shim *);
static void accept_client(struct shim *);
static bool find_layers(struct shim *);
static bool find_secrets(const struct shim *);
static int turn_away(struct shim *);
static bool serve_client(struct shim *);
static void record(struct shim *, int status);

int
main(int argc, const char *argv[])
{
	static struct shim s;
	char why[256];
	bool chrooted;
	int status;

	settings(&s, argc, argv);
	find_paths(&s);
	if (s.prints)
		return print_config(s.root, s.print, &s.options);

	accept_client(&s);
	if (!find_layers(&s))
		return turn_away(&s);
	if (!serve_client(&s)) {
		serve_remove(&s.serve);
		return turn_away(&s);
	}
	/* rsync has the client; what is left is to read and to unlink. */
	status = sandbox_enter(s.run, NULL, SANDBOX_READ | SANDBOX_WRITE,
	    &chrooted, why, sizeof why);
	if (status != EX_OK)
		log_err("%s", why);
	if (serve_wait(&s.serve, &status))
		record(&s, status);
	serve_remove(&s.serve);
	return EX_OK;
}

static void
settings(struct shim *s, int argc, const char **argv)
{
	int max_connections = 1000, timeout = 600, version = 0, print = 0;
	int debug = 0, got;
	enum log_to to = service_is_passed() ? LOG_TO_SYSLOG : LOG_TO_STDERR;
	const char *root = NULL, *from_rsync = NULL, *run = RUN_DIR;
	const struct poptOption options[] = {
		{ "root", 0, POPT_ARG_STRING, &root, 0,
		  "root directory (" HOSTDB_ROOT ")", "DIR" },
		{ "rsync", 0, POPT_ARG_STRING, &from_rsync, 0,
		  "the rsync to run", "PATH" },
		{ "run", 0, POPT_ARG_STRING, &run, 0,
		  "where configurations are written (" RUN_DIR ")", "DIR" },
		{ "max-connections", 0, POPT_ARG_INT, &max_connections, 0,
		  "transfers at once, 0: any number (1000)", "N" },
		{ "timeout", 0, POPT_ARG_INT, &timeout, 0,
		  "seconds without a byte that end a transfer (600)", "N" },
		{ "print-config", 0, POPT_ARG_NONE, &print, 0,
		  "print an rsyncd.conf for one host or all", NULL },
		{ "debug", 'd', POPT_ARG_NONE, &debug, 0, "log more", NULL },
		{ "version", 0, POPT_ARG_NONE, &version, 0,
		  "print the version", NULL },
		POPT_AUTOHELP
		POPT_TABLEEND
	};
	const char *word;
	poptContext c;

	log_open("rsync-shim", to, LOG_DAEMON, LOG_INFO);
	c = poptGetContext(NULL, argc, argv, options, 0);
	poptSetOtherOptionHelp(c, "[OPTION...] [--print-config [HOST]]");
	got = poptGetNextOpt(c);
	if (got < -1)
		log_fatal(EX_USAGE, "%s: %s (try --help)",
		    poptBadOption(c, 0), poptStrerror(got));
	if (version) {
		printf("rsync-shim %s\n", VERSION);
		exit(EX_OK);
	}
	word = poptGetArg(c);
	if (poptPeekArg(c) != NULL || (word != NULL && !print))
		log_fatal(EX_USAGE, "%s: one word too many (try --help)",
		    word);
	if (max_connections < 0 || timeout < 0)
		log_fatal(EX_USAGE, "a number below 0 (try --help)");
	if (!print && !service_is_passed())
		log_fatal(EX_USAGE, "no client: inetd or systemd start this "
		    "program (rsync-shim(8)); --print-config shows what it "
		    "would say");
	if (debug)
		log_open("rsync-shim", to, LOG_DAEMON, LOG_DEBUG);
	s->prints = print;
	s->print = word != NULL ? strdup(word) : NULL;
	s->root = hostdb_root(root);
	s->rsync = from_rsync;
	s->run = run;
	s->options = (struct conf_options){ .tree = s->tree,
	    .lock = print ? NULL : s->lock,
	    .max_connections = (unsigned)max_connections,
	    .timeout = (unsigned)timeout, .root = geteuid() == 0 || print };
	poptFreeContext(c);
}

/* Absolute, and free of what an rsyncd.conf would take for something else. */
static void
find_paths(struct shim *s)
{
	static const char *const usual[] = { "/usr/bin/rsync",
	    "/usr/local/bin/rsync", "/usr/pkg/bin/rsync" };
	char *root = realpath(s->root, NULL);

	if (root == NULL)
		log_fatal(EX_NOINPUT, "%s: %s%s", s->root, strerror(errno),
		    errno == ENOENT ? " (pxectl init makes it)" : "");
	s->root = root;
	if (snprintf(s->tree, sizeof s->tree, "%s/rsync", root) >=
	    (int)sizeof s->tree || !conf_is_path(s->tree))
		log_fatal(EX_CONFIG, "%s: cannot be named in an rsyncd.conf",
		    root);
	if (snprintf(s->lock, sizeof s->lock, "%s/lock", s->run) >=
	    (int)sizeof s->lock || !conf_is_path(s->lock))
		log_fatal(EX_USAGE, "--run %s: not an absolute path", s->run);
	for (size_t i = 0; s->rsync == NULL &&
	    i < sizeof usual / sizeof *usual; i++)
		if (access(usual[i], X_OK) == 0)
			s->rsync = usual[i];
	if (s->rsync == NULL)
		s->rsync = usual[0];
}

static void
set_peer(struct shim *s, const struct sockaddr_storage *ss)
{
	const struct sockaddr_in *in = (const void *)ss;
	const struct sockaddr_in6 *in6 = (const void *)ss;
	struct in_addr mapped;

	if (ss->ss_family == AF_INET) {
		mapped = in->sin_addr;
		s->port = ntohs(in->sin_port);
	} else {
		s->port = ntohs(in6->sin6_port);
		if (!IN6_IS_ADDR_V4MAPPED(&in6->sin6_addr)) {
			inet_ntop(AF_INET6, &in6->sin6_addr, s->peer,
			    sizeof s->peer);
			memcpy(s->event.address, &in6->sin6_addr,
			    sizeof s->event.address);
			s->event.family = 6;
			return;
		}
		memcpy(&mapped, in6->sin6_addr.s6_addr + 12, sizeof mapped);
	}
	inet_ntop(AF_INET, &mapped, s->peer, sizeof s->peer);
	s->address = ntohl(mapped.s_addr);
	event_set_address(&s->event, s->address);
}

static void
accept_client(struct shim *s)
{
	struct sockaddr_storage peer = { 0 };
	socklen_t n = sizeof peer;
	struct service service;
	char why[256];
	int status;

	status = service_open(&service, NULL, SOCK_STREAM, 873, why,
	    sizeof why);
	if (status != EX_OK)
		log_fatal(status, "%s", why);
	if (service.from != SERVICE_INETD_NOWAIT)
		log_fatal(EX_USAGE, "a listening socket: say nowait in "
		    "inetd.conf, Accept=yes in the .socket file");
	s->fd = service.fd[0];
	if (getpeername(s->fd, (struct sockaddr *)&peer, &n) != 0)
		log_fatal(EX_OSERR, "the client is gone: %s",
		    strerror(errno));
	clock_gettime(CLOCK_MONOTONIC, &s->start);
	event_make(&s->event, EVENT_RSYNC_SHIM, EVENT_SILENCE, EVENT_OK);
	set_peer(s, &peer);
	s->events = event_open(s->root, true);
	if (s->events == NULL)
		log_warn_e("%s/db/events", s->root);
}

/* Says no: why for the client and the event, false for the caller. */
static bool
no(struct shim *s, enum event_reason reason, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static bool
no(struct shim *s, enum event_reason reason, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(s->why, sizeof s->why, fmt, ap);
	va_end(ap);
	s->event.reason = (uint8_t)reason;
	return false;
}

static enum hostdb_status
load_host(struct shim *s)
{
	struct hostdb *db;
	enum hostdb_status got = hostdb_open(&db, s->root, false);

	if (got != HOSTDB_OK) {
		if (got == HOSTDB_DAMAGED)
			log_err("%s/db/hosts: the database is damaged",
			    s->root);
		else
			log_err_e("%s/db/hosts", s->root);
		return HOSTDB_ERROR;
	}
	got = hostdb_begin(db);
	if (got == HOSTDB_OK) {
		got = s->address == 0 ? HOSTDB_NOT_FOUND :
		    host_by_address(&s->host, db, s->address);
		/* All that the database still holds is read before its end. */
		if (got == HOSTDB_OK)
			conf_layers(&s->host, &s->layers);
		hostdb_end(db);
	}
	hostdb_close(db);
	return got;
}

static bool
find_layers(struct shim *s)
{
	const char *name;

	switch (load_host(s)) {
	case HOSTDB_OK:
		break;
	case HOSTDB_NOT_FOUND:
		return no(s, EVENT_UNREGISTERED,
		    "%s is not registered on this boot server", s->peer);
	case HOSTDB_DAMAGED:
		return no(s, EVENT_DAMAGED, "the entry of %s is damaged on "
		    "this boot server", s->peer);
	case HOSTDB_ERROR:
		return no(s, EVENT_DAMAGED,
		    "the database of this boot server cannot be read");
	}
	name = host_name(&s->host);
	event_set_name(&s->event, name);
	event_set_identity(&s->event, &s->host.mac);
	if (s->layers.bad[0] != '\0')
		log_err("%s: rsync=: %s: not a module name", name,
		    s->layers.bad);
	if (s->layers.n == 0)
		return no(s, EVENT_FORBIDDEN, "%s has no layers: pxectl set "
		    "%s rsync=...", name, name);
	s->options.secret = find_secrets(s);
	return true;
}

static bool
find_secrets(const struct shim *s)
{
	for (size_t i = 0; i < s->layers.n; i++)
		if (s->layers.layer[i].secret)
			return s->port < PRIVILEGED_PORT &&
			    secret_is_open(s->events, host_name(&s->host),
			    &s->host.mac, s->address);
	return false;
}

/* The client's own words are read without any right but that. */
static int
turn_away(struct shim *s)
{
	bool root = geteuid() == 0, chrooted;
	char why[256];
	int status;

	log_info("%s: %s", s->peer, s->why);
	event_set_detail(&s->event, s->why);
	event_put(s->events, &s->event);
	status = sandbox_enter(root ? s->root : NULL, root ? "nobody" : NULL,
	    SANDBOX_NET, &chrooted, why, sizeof why);
	if (status != EX_OK)
		log_fatal(status, "%s", why);
	refuse(s->fd, s->why);
	return EX_OK;
}

/* Writes the configuration and starts rsync with it. */
static bool
serve_client(struct shim *s)
{
	if (!serve_prepare(&s->serve, s->run)) {
		log_err_e("%s", s->run);
		return no(s, EVENT_SEND_FAILED, "this boot server has no "
		    "room to work in");
	}
	s->options.log = s->serve.log;
	s->options.list = true;
	s->options.up = true;
	if (conf_write(&s->layers, &s->options, s->conf, sizeof s->conf) == 0)
		return no(s, EVENT_FORBIDDEN, "%s has no layers to show now",
		    host_name(&s->host));
	if (!serve_write(&s->serve, s->conf)) {
		log_err_e("%s", s->serve.dir);
		return no(s, EVENT_SEND_FAILED, "this boot server has no "
		    "room to work in");
	}
	if (!serve_start(&s->serve, s->rsync, s->fd)) {
		log_err_e("%s", s->rsync);
		return no(s, EVENT_SEND_FAILED, "this boot server cannot "
		    "start rsync");
	}
	return true;
}

static void
record(struct shim *s, int status)
{
	const char *name = host_name(&s->host);
	struct timespec end;
	struct outcome o;
	uint64_t ms;

	serve_outcome(&s->serve, status, s->peer, &o);
	if (o.request[0] == '\0' && o.reason == EVENT_OK)
		return;
	clock_gettime(CLOCK_MONOTONIC, &end);
	ms = (uint64_t)((end.tv_sec - s->start.tv_sec) * 1000 +
	    (end.tv_nsec - s->start.tv_nsec) / 1000000);
	if (o.transfer)
		s->event.stage = conf_has_up(&s->layers) &&
		    strcmp(o.request, CONF_UP "/") == 0 ? EVENT_UP :
		    EVENT_FILES;
	s->event.reason = (uint8_t)o.reason;
	s->event.time = 0;
	s->event.ms = (uint32_t)ms;
	s->event.bytes = o.sent;
	s->event.number = o.total;
	event_set_detail(&s->event, o.request[0] != '\0' ? o.request :
	    o.why);
	event_put(s->events, &s->event);
	if (o.reason == EVENT_OK)
		log_info("%s: %s: %s: %llu bytes in %llu.%03llu s", s->peer,
		    name, o.request, (unsigned long long)o.sent,
		    (unsigned long long)ms / 1000,
		    (unsigned long long)ms % 1000);
	else
		log_warn("%s: %s: %s: %s", s->peer, name, o.request[0] != '\0'
		    ? o.request : "no module", o.why);
}

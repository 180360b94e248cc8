/*
 * tftpd: the files of a boot server by TFTP, and what loaders ask for made
 * from the host database.  See tftpd(8).
 *
 * Lives for long: the sockets, the database, the ring of events, the tree's
 * descriptor, one cache of file contents; all opened as root.  What runs is
 * chrooted into the tree as another user, and may receive, send and read;
 * with -w write, too.  With -j there are several of these, each with all of
 * that but the sockets from a process that stays root and only watches.
 */
#include <errno.h>
#include <popt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sysexits.h>
#include <syslog.h>
#include <unistd.h>

#include "cache.h"
#include "content.h"
#include "event.h"
#include "hostdb.h"
#include "http.h"
#include "limit.h"
#include "log.h"
#include "sandbox.h"
#include "server.h"
#include "service.h"
#include "workers.h"

#define USER		"nobody"
#define PORT		69
#define HTTP_PORT	80
#define CACHE_BYTES	(10u * 1024 * 1024)	/* of all workers */
#define TRANSFERS	16384	/* at once */
#define IDLE_MINUTES	15
#define RATE		2000	/* new transfers of an address, a second */
#define WRITE_MAX	"64M"	/* of one file that is sent here */

struct program {
	/* what the command line says */
	int log_requests, debug, known_only, http, version;
	int minutes;		/* -1: not said */
	int writes, rate, transfers, jobs, own_root, own_or_shared;
	char *dir, *user, *root, *umask, *write_max;
	char **listen;

	/* what is open */
	char database[4096];
	struct service service;
	struct workers *workers;
	struct hostdb *db;
	struct cache *cache;
	struct server_settings set;
	struct server *server;	/* one of these two */
	struct http *http_server;
};

static void settings(struct program *, int, const char **);
static void open_shared(struct program *);
static void open_all(struct program *);
static void give_up_rights(struct program *);
static void limits(struct program *);
static void directories(struct program *);
static void open_database(struct program *);
static void open_server(struct program *);

int
main(int argc, char *argv[])
{
	static const int status[] = { [SERVER_OVER] = EX_OK,
	    [SERVER_REPLACED] = EX_TEMPFAIL, [SERVER_FAILED] = EX_OSERR };
	struct program p = { .minutes = -1, .rate = RATE,
	    .transfers = TRANSFERS, .jobs = 1, .umask = "022",
	    .write_max = WRITE_MAX };
	enum server_end end;
	int ended;

	settings(&p, argc, (const char **)argv);
	open_shared(&p);
	if (!workers_start(p.workers, &p.service, &ended))
		return ended;
	open_all(&p);
	give_up_rights(&p);
	workers_ready(p.workers);
	end = p.http ? http_run(p.http_server) :
	    server_run(p.server);	/* no right comes back here */
	if (end == SERVER_FAILED)
		log_err_e("cannot wait for packets");
	if (p.http)
		http_free(p.http_server);
	else
		server_free(p.server);
	content_close(p.set.tree);
	cache_free(p.cache);
	event_close(p.set.report.ring);
	hostdb_close(p.db);
	return status[end];
}

static void
settings(struct program *p, int argc, const char **argv)
{
	struct poptOption options[] = {
		{ "log", 'l', POPT_ARG_NONE, &p->log_requests, 0,
		    "log each request", NULL },
		{ NULL, 's', POPT_ARG_STRING, &p->dir, 0,
		    "serve the files below DIR, chrooted into it", "DIR" },
		{ "user", 'u', POPT_ARG_STRING, &p->user, 0,
		    "run as USER (default: " USER ")", "USER" },
		{ "timeout", 't', POPT_ARG_INT, &p->minutes, 0,
		    "started by inetd or systemd: end after so many minutes "
		    "without a request (default: 15; 0: never)", "MINUTES" },
		{ NULL, 'c', POPT_ARG_NONE, &p->own_root, 0,
		    "each address has its own directory below -s, named by "
		    "it, or nothing", NULL },
		{ NULL, 'C', POPT_ARG_NONE, &p->own_or_shared, 0,
		    "the same, and who has none has the files of -s", NULL },
		{ NULL, 'w', POPT_ARG_NONE, &p->writes, 0,
		    "take files: new ones, and in place of those that "
		    "everybody may write to", NULL },
		{ NULL, 'U', POPT_ARG_STRING, &p->umask, 0,
		    "no such bits in the modes of new files (default: 022)",
		    "MASK" },
		{ "max-upload", 0, POPT_ARG_STRING, &p->write_max, 0,
		    "bytes of a file that is taken, with K, M or G "
		    "(default: " WRITE_MAX ")", "SIZE" },
		{ "jobs", 'j', POPT_ARG_INT, &p->jobs, 0,
		    "so many processes that serve (default: 1; 0: one for "
		    "each processor)", "N" },
		{ "max-transfers", 0, POPT_ARG_INT, &p->transfers, 0,
		    "transfers at once, by HTTP connections (default: 16384)", "N" },
		{ "rate", 0, POPT_ARG_INT, &p->rate, 0,
		    "requests of one address a second, and 20 times as many "
		    "after a rest (default: 2000; 0: any)", "N" },
		{ "known-only", 0, POPT_ARG_NONE, &p->known_only, 0,
		    "serve registered hosts only", NULL },
		{ "http", 0, POPT_ARG_NONE, &p->http, 0,
		    "serve the same by HTTP, and not by TFTP", NULL },
		{ "root", 0, POPT_ARG_STRING, &p->root, 0,
		    "where db/ is (default: the directory above -s)",
		    "DIR" },
		{ "listen", 0, POPT_ARG_ARGV, &p->listen, 0,
		    "stand alone, on this address; may be repeated",
		    "ADDRESS[:PORT]" },
		{ "debug", 'd', POPT_ARG_NONE, &p->debug, 0,
		    "say more", NULL },
		{ "version", 0, POPT_ARG_NONE, &p->version, 0,
		    "print the version and end", NULL },
		POPT_AUTOHELP
		POPT_TABLEEND
	};
	poptContext con;
	int r;

	con = poptGetContext("tftpd", argc, argv, options, 0);
	r = poptGetNextOpt(con);
	if (r < -1 || poptPeekArg(con) != NULL) {
		log_open("tftpd", LOG_TO_STDERR, LOG_FTP, LOG_INFO);
		log_fatal(EX_USAGE, "%s: %s (tftpd --help says more)",
		    r < -1 ? poptBadOption(con, POPT_BADOPTION_NOALIAS) :
		    poptPeekArg(con), r < -1 ? poptStrerror(r) :
		    "no argument expected");
	}
	poptFreeContext(con);
	if (p->version) {
		puts("tftpd (bootserver) " VERSION);
		exit(EX_OK);
	}
	/* inetd's descriptor 2 is the client's socket. */
	log_open("tftpd", p->listen == NULL && getenv("LISTEN_FDS") == NULL &&
	    service_is_passed() ? LOG_TO_SYSLOG : LOG_TO_STDERR, LOG_FTP,
	    p->debug ? LOG_DEBUG : LOG_INFO);
	if (p->minutes < -1 || p->minutes > 1000000)
		log_fatal(EX_USAGE, "-t %d: not a number of minutes",
		    p->minutes);
	limits(p);
	directories(p);
}

static void
limits(struct program *p)
{
	static const char units[] = "KMG";
	unsigned long long n;
	const char *unit;
	unsigned long mask;
	char *end;

	mask = strtoul(p->umask, &end, 8);
	if (p->umask[0] < '0' || p->umask[0] > '7' || *end != '\0' ||
	    mask > 0777)
		log_fatal(EX_USAGE, "-U %s: no mask, as 022 is one",
		    p->umask);
	p->set.mask = (mode_t)mask;
	errno = 0;
	n = strtoull(p->write_max, &end, 10);
	unit = *end == '\0' ? NULL : strchr(units, *end);
	if (p->write_max[0] < '0' || p->write_max[0] > '9' || errno != 0 ||
	    (*end != '\0' && (unit == NULL || end[1] != '\0')) ||
	    n > UINT64_MAX >> 31)
		log_fatal(EX_USAGE, "--max-upload %s: no size, as 64M is one",
		    p->write_max);
	p->set.write_max = unit == NULL ? n : n << 10 * (unit - units + 1);
	if (p->transfers < 1 || p->transfers > 1000000)
		log_fatal(EX_USAGE, "--max-transfers %d: not 1 to 1000000",
		    p->transfers);
	if (p->rate < 0 || p->rate > 1000000)
		log_fatal(EX_USAGE, "--rate %d: not 0 to 1000000", p->rate);
	if (p->jobs < 0 || p->jobs > WORKERS_MAX)
		log_fatal(EX_USAGE, "-j %d: not 0 to %d", p->jobs,
		    WORKERS_MAX);
	if (p->writes && p->http)
		log_fatal(EX_USAGE, "-w: files are taken by TFTP alone");
	p->set.transfers = (unsigned)p->transfers;
	p->set.writes = p->writes != 0;
}

/* The tree, and the root above it that has db/. */
static void
directories(struct program *p)
{
	char *slash;
	size_t n;

	if (p->dir == NULL) {
		snprintf(p->database, sizeof p->database, "%s",
		    hostdb_root(p->root));
		if (asprintf(&p->dir, "%s/tftpboot", p->database) < 0)
			log_fatal(EX_OSERR, "out of memory");
		return;
	}
	if (access(p->dir, F_OK) != 0)
		log_fatal(EX_NOINPUT, "%s: %s", p->dir, strerror(errno));
	if (p->root != NULL) {
		snprintf(p->database, sizeof p->database, "%s", p->root);
		return;
	}
	for (n = strlen(p->dir); n > 1 && p->dir[n - 1] == '/'; n--)
		;
	if (n >= sizeof p->database)
		log_fatal(EX_USAGE, "-s: name too long");
	memcpy(p->database, p->dir, n);
	p->database[n] = '\0';
	slash = strrchr(p->database, '/');
	if (slash == NULL)
		strcpy(p->database, ".");
	else
		slash[slash == p->database] = '\0';
}

/* What workers have in common. */
static void
open_shared(struct program *p)
{
	char why[512];
	uint64_t seed;
	int status;

	status = service_open(&p->service, (const char *const *)p->listen,
	    p->http ? SOCK_STREAM : SOCK_DGRAM, p->http ? HTTP_PORT : PORT,
	    why, sizeof why);
	if (status != 0)
		log_fatal(status, "%s", why);
	if (p->service.from == SERVICE_INETD_NOWAIT)
		log_fatal(EX_USAGE, "one connection instead of a socket that "
		    "listens: say wait, not nowait, in inetd.conf");
	p->workers = workers_new((unsigned)p->jobs, &p->service);
	if (p->rate > 0) {
		if (getrandom(&seed, sizeof seed, 0) != sizeof seed)
			log_fatal(EX_OSERR, "getrandom: %s", strerror(errno));
		p->set.limit = limit_new((unsigned)p->rate, seed);
	}
	if (p->workers == NULL || (p->rate > 0 && p->set.limit == NULL))
		log_fatal(EX_OSERR, "shared memory: %s", strerror(errno));
	p->set.workers = p->workers;
}

static void
open_all(struct program *p)
{
	open_database(p);
	p->cache = cache_new(CACHE_BYTES / workers_number(p->workers));
	if (p->cache == NULL)
		log_fatal(EX_OSERR, "cache: %s", strerror(errno));
	p->set.tree = content_open(p->dir, p->db, p->cache);
	if (p->set.tree == NULL)
		log_fatal(EX_NOINPUT, "%s: %s", p->dir, strerror(errno));
	content_known_only(p->set.tree, p->known_only);
	content_roots(p->set.tree, p->own_or_shared ? CONTENT_ROOT_OR_SHARED :
	    p->own_root ? CONTENT_OWN_ROOT : CONTENT_ONE_ROOT);
	p->set.cache = p->cache;
	p->set.db = p->db;
	p->set.report.requests = p->log_requests;
	p->set.way = TFTPSEND_SEGMENT;
	if (p->minutes < 0)
		p->minutes = p->service.from == SERVICE_LISTEN ? 0 :
		    IDLE_MINUTES;
	p->set.idle_us = (uint64_t)p->minutes * 60 * 1000000;
	open_server(p);
}

static void
open_server(struct program *p)
{
	unsigned n = workers_number(p->workers);
	struct http_settings http = { .tree = p->set.tree,
	    .cache = p->cache, .db = p->db, .report = p->set.report,
	    .workers = p->workers, .limit = p->set.limit,
	    .idle_us = p->set.idle_us,
	    .connections = (p->set.transfers + n - 1) / n };
	char why[512];

	if (p->http)
		p->http_server = http_new(&p->service, &http, why,
		    sizeof why);
	else
		p->server = server_new(&p->service, &p->set, why,
		    sizeof why);
	if (p->http_server == NULL && p->server == NULL)
		log_fatal(EX_OSERR, "%s", why);
}

static void
open_database(struct program *p)
{
	enum hostdb_status status;

	status = hostdb_open(&p->db, p->database, false);
	if (status != HOSTDB_OK)
		log_fatal(errno == ENOENT ? EX_NOINPUT : EX_OSERR,
		    "%s/db/hosts: %s%s", strcmp(p->database, "/") == 0 ? "" :
		    p->database,
		    status == HOSTDB_DAMAGED ? "damaged" : strerror(errno),
		    errno == ENOENT ? " (pxectl init makes one, --root says "
		    "where else it is)" : "");
	p->set.report.ring = event_open(p->database, true);
	if (p->set.report.ring == NULL)
		log_warn_e("%s/db/events: not written to", p->database);
}

static void
give_up_rights(struct program *p)
{
	const char *user = p->user;
	bool chrooted;
	char why[512];
	int status;

	if (user == NULL && geteuid() == 0)
		user = USER;
	status = sandbox_enter(p->dir, user, SANDBOX_NET | SANDBOX_READ |
	    SANDBOX_LOG | (p->http ? SANDBOX_ACCEPT : 0) |
	    (p->writes ? SANDBOX_WRITE : 0), &chrooted, why,
	    sizeof why);
	if (status != 0)
		log_fatal(status, "%s", why);
	if (geteuid() == 0)
		log_warn("still root, as -u wants it");
	log_debug("serving %s%s", p->dir, chrooted ? ", chrooted" : "");
}

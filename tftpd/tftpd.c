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
#include <signal.h>
#include <string.h>
#include <sys/random.h>
#include <sysexits.h>
#include <time.h>
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
#include "settings.h"
#include "workers.h"

#define PORT		69
#define HTTP_PORT	80
#define CACHE_BYTES	(10u * 1024 * 1024)	/* of all workers */
#define IDLE_MINUTES	15

struct program {
	struct settings line;

	/* what is open */
	struct service service;
	struct workers *workers;
	struct hostdb *db;
	struct cache *cache;
	struct server_settings set;
	struct server *server;	/* one of these two */
	struct http *http_server;
};

static void open_shared(struct program *);
static void open_all(struct program *);
static void give_up_rights(struct program *);
static void open_database(struct program *);
static void open_server(struct program *);

int
main(int argc, char *argv[])
{
	static const int status[] = { [SERVER_OVER] = EX_OK,
	    [SERVER_REPLACED] = EX_TEMPFAIL, [SERVER_FAILED] = EX_OSERR };
	struct program p = { .server = NULL };
	enum server_end end;
	int ended;

	settings_read(&p.line, argc, (const char **)argv);
	signal(SIGPIPE, SIG_IGN);	/* who reads the log may leave */
	signal(SIGXFSZ, SIG_IGN);	/* a limit is as a full disk */
	open_shared(&p);
	if (!workers_start(p.workers, &p.service, &ended))
		return ended;
	open_all(&p);
	give_up_rights(&p);
	workers_ready(p.workers);
	end = p.line.http ? http_run(p.http_server) :
	    server_run(p.server);	/* no right comes back here */
	if (end == SERVER_FAILED)
		log_err_e("cannot wait for packets");
	if (p.line.http)
		http_free(p.http_server);
	else
		server_free(p.server);
	content_close(p.set.tree);
	cache_free(p.cache);
	event_close(p.set.report.ring);
	hostdb_close(p.db);
	return status[end];
}

/* What workers have in common. */
static void
open_shared(struct program *p)
{
	char why[512];
	uint64_t seed;
	int status;

	status = service_open(&p->service,
	    (const char *const *)p->line.listen,
	    p->line.http ? SOCK_STREAM : SOCK_DGRAM,
	    p->line.http ? HTTP_PORT : PORT, why, sizeof why);
	if (status != 0)
		log_fatal(status, "%s", why);
	if (p->service.from == SERVICE_INETD_NOWAIT)
		log_fatal(EX_USAGE, "one connection instead of a socket that "
		    "listens: say wait, not nowait, in inetd.conf");
	p->workers = workers_new((unsigned)p->line.jobs, &p->service);
	if (p->line.rate > 0) {
		if (getrandom(&seed, sizeof seed, 0) != sizeof seed)
			log_fatal(EX_OSERR, "getrandom: %s", strerror(errno));
		p->set.limit = limit_new((unsigned)p->line.rate, seed);
	}
	if (p->workers == NULL || (p->line.rate > 0 && p->set.limit == NULL))
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
	p->set.tree = content_open(p->line.dir, p->db, p->cache);
	if (p->set.tree == NULL)
		log_fatal(EX_NOINPUT, "%s: %s", p->line.dir, strerror(errno));
	content_known_only(p->set.tree, p->line.known_only);
	content_roots(p->set.tree,
	    p->line.own_or_shared ? CONTENT_ROOT_OR_SHARED :
	    p->line.own_root ? CONTENT_OWN_ROOT : CONTENT_ONE_ROOT);
	p->set.cache = p->cache;
	p->set.db = p->db;
	p->set.report.requests = p->line.log_requests;
	p->set.way = TFTPSEND_SEGMENT;
	p->set.transfers = (unsigned)p->line.transfers;
	p->set.single_port = p->line.single_port != 0;
	p->set.first = p->line.first;
	p->set.last = p->line.last;
	p->set.refused = p->line.refused_options;
	p->set.blksize_max = (unsigned)p->line.blksize;
	p->set.writes = p->line.writes != 0;
	p->set.write_max = p->line.bytes;
	p->set.mask = p->line.mask;
	if (p->line.numbered) {
		tzset();	/* its files are out of reach later */
		p->set.stamp = p->line.stamp;
	}
	if (p->line.minutes < 0)
		p->line.minutes = p->service.from == SERVICE_LISTEN ? 0 :
		    IDLE_MINUTES;
	p->set.idle_us = (uint64_t)p->line.minutes * 60 * 1000000;
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
	    .connections = (p->set.transfers + n - 1) / n,
	    .per_address = (unsigned)p->line.per_address };
	char why[512];

	if (p->line.http)
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

	status = hostdb_open(&p->db, p->line.database, false);
	if (status != HOSTDB_OK)
		log_fatal(errno == ENOENT ? EX_NOINPUT : EX_OSERR,
		    "%s/db/hosts: %s%s",
		    strcmp(p->line.database, "/") == 0 ? "" :
		    p->line.database,
		    status == HOSTDB_DAMAGED ? "damaged" : strerror(errno),
		    errno == ENOENT ? " (pxectl init makes one, --root says "
		    "where else it is)" : "");
	p->set.report.ring = event_open(p->line.database, true);
	if (p->set.report.ring == NULL)
		log_warn_e("%s/db/events: not written to", p->line.database);
}

static void
give_up_rights(struct program *p)
{
	const char *user = p->line.user;
	bool chrooted;
	char why[512];
	int status;

	if (user == NULL && geteuid() == 0)
		user = SETTINGS_USER;
	status = sandbox_enter(p->line.dir, user, SANDBOX_NET | SANDBOX_READ |
	    SANDBOX_LOG | (p->line.http ? SANDBOX_ACCEPT : SANDBOX_SOCKET) |
	    (p->line.writes ? SANDBOX_WRITE : 0), &chrooted, why,
	    sizeof why);
	if (status != 0)
		log_fatal(status, "%s", why);
	if (geteuid() == 0)
		log_warn("still root, as -u wants it");
	log_debug("serving %s%s", p->line.dir, chrooted ? ", chrooted" : "");
}

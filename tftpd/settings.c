/*
 * The command line: see settings.h.
 */
#include <errno.h>
#include <limits.h>
#include <popt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <syslog.h>
#include <unistd.h>

#include "hostdb.h"
#include "log.h"
#include "packet.h"
#include "service.h"
#include "settings.h"
#include "workers.h"

#define UNSET	INT_MIN
#define RATE	2000	/* requests a second of one address, by TFTP */
#define WRITE_MAX	"64M"	/* of one file that is sent here */

static void parse(struct settings *, int, const char **);
static void read_line(const struct poptOption *, int, const char **);
static void check_numbers(const struct settings *);
static void check_writes(struct settings *);
static void check_transfers(struct settings *);
static void directories(struct settings *);

void
settings_read(struct settings *p, int argc, const char **argv)
{
	*p = (struct settings){ .minutes = -1, .rate = UNSET,
	    .transfers = 16384, .per_address = 4096, .jobs = 1, .umask = "022",
	    .write_max = WRITE_MAX, .stamp = "%Y%m%d" };
	parse(p, argc, argv);
	if (p->version) {
		puts("tftpd (bootserver) " VERSION);
		exit(EX_OK);
	}
	/* inetd's descriptor 2 is the client's socket. */
	log_open("tftpd", p->listen == NULL && getenv("LISTEN_FDS") == NULL &&
	    service_is_passed() ? LOG_TO_SYSLOG : LOG_TO_STDERR, LOG_FTP,
	    p->debug ? LOG_DEBUG : LOG_INFO);
	if (p->rate == UNSET)	/* a connection is from where it says */
		p->rate = p->http ? 0 : RATE;
	check_numbers(p);
	check_writes(p);
	check_transfers(p);
	directories(p);
}

static void
parse(struct settings *p, int argc, const char **argv)
{
	struct poptOption options[] = {
		{ "log", 'l', POPT_ARG_NONE, &p->log_requests, 0,
		    "log each request", NULL },
		{ NULL, 's', POPT_ARG_STRING, &p->dir, 0,
		    "serve the files below DIR, chrooted into it", "DIR" },
		{ "user", 'u', POPT_ARG_STRING, &p->user, 0,
		    "run as USER (default: " SETTINGS_USER ")", "USER" },
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
		{ NULL, 'W', POPT_ARG_NONE, &p->numbered, 0,
		    "take files under new names alone: each gets a date "
		    "and a number", NULL },
		{ NULL, 'F', POPT_ARG_STRING, &p->stamp, 0,
		    "of that date, for strftime(3) (default: %Y%m%d)",
		    "FORMAT" },
		{ "max-upload", 0, POPT_ARG_STRING, &p->write_max, 0,
		    "bytes of a file that is taken, with K, M or G "
		    "(default: " WRITE_MAX ")", "SIZE" },
		{ "jobs", 'j', POPT_ARG_INT, &p->jobs, 0,
		    "so many processes that serve (default: 1; 0: one for "
		    "each processor)", "N" },
		{ "max-transfers", 0, POPT_ARG_INT, &p->transfers, 0,
		    "transfers at once, by HTTP connections "
		    "(default: 16384)", "N" },
		{ "max-per-address", 0, POPT_ARG_INT, &p->per_address, 0,
		    "connections of one address at once, by HTTP "
		    "(default: 4096; 0: any)", "N" },
		{ "rate", 0, POPT_ARG_INT, &p->rate, 0,
		    "requests of one address a second, and 20 times as many "
		    "after a rest (default: 2000, by HTTP 0: any)", "N" },
		{ "port-range", 'R', POPT_ARG_STRING, &p->ports, 0,
		    "ports that transfers may have", "FIRST:LAST" },
		{ "single-port", 0, POPT_ARG_NONE, &p->single_port, 0,
		    "transfers have the port of the request, too", NULL },
		{ "blocksize", 'B', POPT_ARG_INT, &p->blksize, 0,
		    "the largest block that is granted (512 to 65464)",
		    "BYTES" },
		{ "refuse", 'r', POPT_ARG_ARGV, &p->refused, 0,
		    "pass over this option of requests; may be repeated",
		    "OPTION" },
		{ NULL, 'o', POPT_ARG_NONE, &p->no_options, 0,
		    "pass over all of them", NULL },
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

	read_line(options, argc, argv);
}

static void
read_line(const struct poptOption *options, int argc, const char **argv)
{
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
}

static void
check_numbers(const struct settings *p)
{
	if (p->minutes < -1 || p->minutes > 1000000)
		log_fatal(EX_USAGE, "-t %d: not a number of minutes",
		    p->minutes);
	if (p->transfers < 1 || p->transfers > 1000000)
		log_fatal(EX_USAGE, "--max-transfers %d: not 1 to 1000000",
		    p->transfers);
	if (p->per_address < 0 || p->per_address > 1000000)
		log_fatal(EX_USAGE, "--max-per-address %d: not 0 to 1000000",
		    p->per_address);
	if (p->rate < 0 || p->rate > 1000000)
		log_fatal(EX_USAGE, "--rate %d: not 0 to 1000000", p->rate);
	if (p->jobs < 0 || p->jobs > WORKERS_MAX)
		log_fatal(EX_USAGE, "-j %d: not 0 to %d", p->jobs,
		    WORKERS_MAX);
	if (p->blksize != 0 && (p->blksize < (int)TFTP_BLKSIZE ||
	    p->blksize > (int)TFTP_BLKSIZE_MAX))
		log_fatal(EX_USAGE, "-B %d: not %u to %u", p->blksize,
		    TFTP_BLKSIZE, TFTP_BLKSIZE_MAX);
}

/* What belongs to files that clients send. */
static void
check_writes(struct settings *p)
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
	p->mask = (mode_t)mask;
	errno = 0;
	n = strtoull(p->write_max, &end, 10);
	unit = *end == '\0' ? NULL : strchr(units, *end);
	if (p->write_max[0] < '0' || p->write_max[0] > '9' || errno != 0 ||
	    (*end != '\0' && (unit == NULL || end[1] != '\0')) ||
	    n > UINT64_MAX >> 31)
		log_fatal(EX_USAGE, "--max-upload %s: no size, as 64M is one",
		    p->write_max);
	p->bytes = unit == NULL ? n : n << 10 * (unit - units + 1);
	if (p->stamp[0] == '\0' || strchr(p->stamp, '/') != NULL)
		log_fatal(EX_USAGE, "-F %s: no part of a file name",
		    p->stamp);
	p->writes = p->writes || p->numbered;
	if (p->writes && p->http)
		log_fatal(EX_USAGE, "-w: files are taken by TFTP alone");
}

/* What belongs to transfers and their options. */
static void
check_transfers(struct settings *p)
{
	enum tftp_option option;
	unsigned first, last;
	char rest;
	char **name;

	for (name = p->refused; name != NULL && *name != NULL; name++) {
		option = tftp_option_named(*name);
		if (option == TFTP_OPTIONS)
			log_fatal(EX_USAGE, "-r %s: no option that is known",
			    *name);
		p->refused_options |= 1u << option;
	}
	if (p->no_options)
		p->refused_options = ~0u;
	if (p->ports == NULL)
		return;
	if (sscanf(p->ports, "%5u:%5u%c", &first, &last, &rest) != 2 ||
	    first == 0 || first > last || last > UINT16_MAX)
		log_fatal(EX_USAGE, "-R %s: no ports, as 4096:8192 are some",
		    p->ports);
	p->first = (uint16_t)first;
	p->last = (uint16_t)last;
}

/* The tree, and the root above it that has db/. */
static void
directories(struct settings *p)
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

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "command.h"
#include "install.h"
#include "interface.h"
#include "json.h"
#include "text.h"

static int directories(struct pxectl *);
static int ring(struct pxectl *);
static int subnets(struct pxectl *, size_t *, char *);
static size_t count(struct pxectl *, char *);
static int propose(struct pxectl *, const struct interface *, size_t);
static bool agreed(struct pxectl *, const char *, size_t);
static int fill(struct entry *, const struct interface *);
static void what_next(struct pxectl *, size_t, const char *);

static const char *const below_root[] = {
	"tftpboot/loaders", "tftpboot/hosts", "tftpboot/templates",
	"rsync/common", "db/arms",
};

/* All steps may be done again: what is there already stays as it is. */
int
cmd_init(struct pxectl *px, int n, char **arg)
{
	char routerless[ENTRY_NAME_MAX + 1] = "";
	size_t known = 0;
	int status;

	(void)n;
	(void)arg;
	if (px->dry_run)
		return fail(EX_USAGE, "init: --dry-run: not here: init adds "
		    "only what is missing");
	status = directories(px);
	if (status == EX_OK)
		status = ring(px);
	if (status == EX_OK) {
		status = session_open(px, DB_WRITE, true);
		if (status == EX_OK)
			status = session_close(px, subnets(px,
			    &known, routerless));
	}
	if (status == EX_OK && !px->json)
		what_next(px, known, routerless);
	if (status == EX_OK && px->json)
		status = json_print(json_pack("{s:s, s:I}", "root", px->root,
		    "subnets", (json_int_t)known), px->out);
	return status;
}

static int
directories(struct pxectl *px)
{
	char path[4096];
	int status = EX_OK;

	for (size_t i = 0; i < sizeof below_root / sizeof below_root[0] &&
	    status == EX_OK; i++) {
		if (!root_path(px, path, sizeof path, "%s", below_root[i]))
			return fail(EX_CANTCREAT, "%s: %s", px->root,
			    strerror(ENAMETOOLONG));
		status = install_directory(path);
	}
	return status;
}

static int
ring(struct pxectl *px)
{
	struct event_ring *events = event_open(px->root, true);

	if (events == NULL && errno == EINVAL)
		return fail(EX_DATAERR, "%s/db/events: is none, or of another "
		    "version: remove it, then pxectl init", px->root);
	if (events == NULL)
		return fail(errno == EACCES ? EX_NOPERM : EX_CANTCREAT,
		    "%s/db/events: %s", px->root, strerror(errno));
	event_close(events);
	return EX_OK;
}

/* Only a database without any gets one proposed. */
static int
subnets(struct pxectl *px, size_t *known, char *routerless)
{
	struct interface list[INTERFACES_MAX];
	size_t n;
	int status = EX_OK;

	*known = count(px, routerless);
	if (*known > 0 || option(px, OPT_NO_SUBNET) != NULL)
		return EX_OK;
	n = interface_list(list, INTERFACES_MAX);
	for (size_t i = 0; i < n && status == EX_OK; i++)
		status = propose(px, &list[i], n);
	*known = count(px, routerless);
	return status;
}

/* How many subnets there are, and the first of them without a router. */
static size_t
count(struct pxectl *px, char *routerless)
{
	struct hostdb_walk w;
	struct entry e;
	size_t n = 0;

	routerless[0] = '\0';
	hostdb_walk(&w, ENTRY_SUBNET);
	for (; hostdb_edit_next(px->edit, &w, &e) == HOSTDB_OK; n++)
		if (routerless[0] == '\0' &&
		    entry_get(&e, A_ROUTER, NULL) == NULL)
			strcpy(routerless, entry_name(&e));
	if (hostdb_edit_get(px->edit, ENTRY_SITE, "", &e) == HOSTDB_OK &&
	    entry_get(&e, A_ROUTER, NULL) != NULL)
		routerless[0] = '\0';
	return n;
}

static int
propose(struct pxectl *px, const struct interface *i, size_t of)
{
	char line[ENTRY_LINE_MAX];
	struct entry e;
	int status;

	status = fill(&e, i);
	if (status != EX_OK || entry_print(&e, line, sizeof line) == 0)
		return status;
	if (!agreed(px, line, of)) {
		if (!px->json)
			fprintf(px->out, "not added, from %s: %s\n", i->name,
			    line);
		return EX_OK;
	}
	status = put_entry(px, &e, true);
	if (status == EX_OK && !px->json)
		fprintf(px->out, "added, from %s: %s\n", i->name, line);
	return status;
}

/* A person is asked; without one, the only network is taken. */
static bool
agreed(struct pxectl *px, const char *line, size_t of)
{
	char answer[16];

	if (px->json || !isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return of == 1;
	fprintf(px->out, "Add `%s'? [Y/n] ", line);
	fflush(px->out);
	if (fgets(answer, sizeof answer, stdin) == NULL)
		return false;
	return answer[0] == '\n' || answer[0] == 'y' || answer[0] == 'Y';
}

static int
fill(struct entry *e, const struct interface *i)
{
	const uint32_t mask = entry_subnet_mask(i->len);
	char name[128], text[ATTRIBUTE_ADDRESS_SIZE];
	struct entry_error err;

	attribute_address_text(i->address & mask, text);
	snprintf(name, sizeof name, "%s/%u", text, i->len);
	if (!entry_init(e, ENTRY_SUBNET, name, &err))
		return fail(EX_SOFTWARE, "%s: %s", name, err.why);
	attribute_address_text(i->address, text);
	if (!entry_set(e, "next-server", text, &err))
		return fail(EX_SOFTWARE, "%s", err.why);
	attribute_address_text(i->router, text);
	if (i->router != 0 && ((i->router ^ i->address) & mask) == 0 &&
	    !entry_set(e, "router", text, &err))
		return fail(EX_SOFTWARE, "%s", err.why);
	return EX_OK;
}

static void
what_next(struct pxectl *px, size_t known, const char *routerless)
{
	char whole[PATH_MAX];
	const char *at = realpath(px->root, whole) != NULL ? whole : px->root;
	const bool usual = strcmp(px->root, HOSTDB_ROOT) == 0;
	const char *root = usual ? "" : " --root ";
	const char *dir = usual ? "" : at;

	fprintf(px->out, "%s is ready.  In /etc/inetd.conf:\n\n"
	    "bootps dgram udp wait root " PREFIX "/libexec/bootpd "
	    "bootpd%s%s\n"
	    "tftp dgram udp wait root " PREFIX "/libexec/tftpd "
	    "tftpd -l -s %s/tftpboot\n"
	    "rsync stream tcp nowait.100000 root " PREFIX
	    "/libexec/rsync-shim rsync-shim%s%s\n\nThen type:\n\n",
	    at, root, dir, at, root, dir);
	if (known == 0)
		fprintf(px->out, "pxectl%s%s add-subnet NET/LEN router=... "
		    "next-server=...\n", root, dir);
	/* Else the first host might get the router's address. */
	if (routerless[0] != '\0')
		fprintf(px->out, "pxectl%s%s set %s router=...\n", root, dir,
		    routerless);
	fprintf(px->out, "pxectl%s%s add-loader pxelinux\n"
	    "pxectl%s%s build-image\n"
	    "pxectl%s%s add-host MAC NAME\n",
	    root, dir, root, dir, root, dir);
}

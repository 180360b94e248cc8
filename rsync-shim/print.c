#include "print.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "log.h"

/* A host, by one of its addresses, has a layer. */
struct grant {
	char *module;
	uint32_t address;
	bool secret;
};

struct grants {
	struct grant *grant;
	size_t n, room;
	int status;		/* the worst so far */
};

static bool
add(struct grants *g, const struct conf_layer *l, uint32_t address)
{
	struct grant *more;
	size_t room;

	if (g->n == g->room) {
		room = g->room == 0 ? 64 : 2 * g->room;
		more = realloc(g->grant, room * sizeof *more);
		if (more == NULL)
			return false;
		g->grant = more;
		g->room = room;
	}
	g->grant[g->n] = (struct grant){ strdup(l->name), address,
	    l->secret };
	return g->grant[g->n++].module != NULL;
}

/* By address, because an interface may have a name and layers of its own. */
static void
collect_address(struct grants *g, struct hostdb *db, const char *text)
{
	struct conf_layers layers;
	struct host host;
	uint32_t address;

	if (!attribute_address(text, &address))
		return;
	if (host_by_address(&host, db, address) != HOSTDB_OK) {
		log_err("%s: its host cannot be read: pxectl check", text);
		g->status = EX_DATAERR;
		return;
	}
	conf_layers(&host, &layers);
	if (layers.bad[0] != '\0') {
		log_err("%s: rsync=: %s: not a module name",
		    host_name(&host), layers.bad);
		g->status = EX_DATAERR;
	}
	for (size_t i = 0; i < layers.n; i++)
		if (!add(g, &layers.layer[i], address))
			g->status = EX_OSERR;
}

static void
collect_host(struct grants *g, struct hostdb *db, const struct entry *e)
{
	char item[256];

	for (size_t i = 0; i < e->n; i++) {
		const char *at = e->text + e->values[i].value;

		if (e->values[i].id == A_ADDRESS)
			while (attribute_item(&at, item, sizeof item))
				collect_address(g, db, item);
		else if (e->values[i].id == A_NIC &&
		    attribute_item(&at, item, sizeof item) &&
		    attribute_item(&at, item, sizeof item))
			collect_address(g, db, item);
	}
}

static void
collect(struct grants *g, struct hostdb *db, const char *host)
{
	struct hostdb_walk walk;
	enum hostdb_status got;
	struct entry e;

	if (host != NULL) {
		got = hostdb_get(db, ENTRY_HOST, host, &e);
		if (got == HOSTDB_OK) {
			collect_host(g, db, &e);
			return;
		}
		log_err("%s: %s", host, got == HOSTDB_NOT_FOUND ?
		    "no such host" : "its entry is damaged: pxectl check");
		g->status = got == HOSTDB_NOT_FOUND ? EX_NOHOST : EX_DATAERR;
		return;
	}
	hostdb_walk(&walk, ENTRY_HOST);
	while ((got = hostdb_next(db, &walk, &e)) == HOSTDB_OK ||
	    got == HOSTDB_DAMAGED) {
		if (got == HOSTDB_OK) {
			collect_host(g, db, &e);
			continue;
		}
		log_err("an entry is damaged and left out: pxectl check");
		g->status = EX_DATAERR;
	}
}

static int
compare(const void *a, const void *b)
{
	const struct grant *x = a, *y = b;
	int c = strcmp(x->module, y->module);

	if (c != 0)
		return c;
	return (x->address > y->address) - (x->address < y->address);
}

/* The grants of one module, the first of which is g; how many. */
static size_t
print_module(const struct grant *g, size_t n,
    const struct conf_options *options)
{
	char text[8192], address[ATTRIBUTE_ADDRESS_SIZE];
	struct put o = put_into(text, sizeof text);
	size_t i = 0;

	if (!conf_module(&o, options, g->module))
		return n;
	printf("%.*s\thosts allow =", (int)(o.at - (uint8_t *)text), text);
	for (; i < n && strcmp(g[i].module, g->module) == 0; i++)
		if (i == 0 || g[i].address != g[i - 1].address)
			printf(" %s",
			    attribute_address_text(g[i].address, address));
	printf("\n\thosts deny = *\n");
	return i;
}

static size_t
skip_secret(const struct grant *g, size_t n)
{
	size_t i = 0;

	while (i < n && strcmp(g[i].module, g->module) == 0)
		i++;
	printf("\n# %s is secret: only rsync-shim shows it, while a host "
	    "boots.\n", g->module);
	return i;
}

/* A layer that is secret for one host is not shown to any. */
static bool
is_secret(const struct grant *g, size_t n)
{
	for (size_t i = 0; i < n && strcmp(g[i].module, g->module) == 0; i++)
		if (g[i].secret)
			return true;
	return false;
}

static int
print_all(struct grants *g, const struct conf_options *options)
{
	char text[2048];
	struct put o = put_into(text, sizeof text);

	if (g->n > 0)
		qsort(g->grant, g->n, sizeof *g->grant, compare);
	conf_head(&o, options);
	printf("# rsyncd.conf(5), printed by rsync-shim --print-config.\n"
	    "# The list of modules is the same for all clients of rsync's\n"
	    "# own daemon, so there is none.\n%.*s",
	    (int)(o.at - (uint8_t *)text), text);
	for (size_t i = 0; i < g->n; )
		i += is_secret(g->grant + i, g->n - i) ?
		    skip_secret(g->grant + i, g->n - i) :
		    print_module(g->grant + i, g->n - i, options);
	if (fflush(stdout) != 0) {
		log_err_e("stdout");
		g->status = EX_IOERR;
	}
	return g->status;
}

int
print_config(const char *root, const char *host,
    const struct conf_options *options)
{
	struct grants g = { 0 };
	enum hostdb_status got;
	struct hostdb *db;
	int status;

	got = hostdb_open(&db, root, true);
	if (got == HOSTDB_OK && (got = hostdb_begin(db)) != HOSTDB_OK)
		hostdb_close(db);
	if (got == HOSTDB_DAMAGED) {
		log_err("%s/db/hosts: the database is damaged", root);
		return EX_DATAERR;
	}
	if (got != HOSTDB_OK) {
		log_err("%s/db/hosts: %s%s", root, strerror(errno),
		    errno == ENOENT ? " (pxectl init makes it)" : "");
		return EX_NOINPUT;
	}
	collect(&g, db, host);
	hostdb_end(db);
	hostdb_close(db);
	status = g.status;
	if (status == EX_OK || status == EX_DATAERR)
		status = print_all(&g, options);
	for (size_t i = 0; i < g.n; i++)
		free(g.grant[i].module);
	free(g.grant);
	return status;
}

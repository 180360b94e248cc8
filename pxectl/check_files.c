#include <errno.h>
#include <limits.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>

#include "attribute.h"
#include "check.h"
#include "host.h"
#include "loader.h"
#include "text.h"

#define NOT_THERE	"not there"
#define MISSING_MAX	200	/* different ones; the first are enough */

/* What was missing already: each is said once, with how many want it. */
struct missing {
	char *path;
	const char *what;	/* is wrong with it */
	char *todo;
	char host[ENTRY_NAME_MAX + 1];
	unsigned hosts;
};

/* Hosts that all lack the same: how many, and the first. */
struct lack {
	unsigned hosts;
	char host[ENTRY_NAME_MAX + 1];
};

struct files {
	struct check *c;
	const struct host *h;
	char tree[PATH_MAX];	/* tftpboot, without links; "": none */
	uid_t uid;		/* tftpd's user */
	gid_t gid;
	struct lack identity, loader;
	struct missing missing[MISSING_MAX];
	size_t n;
};

static void check_host(struct files *, const char *);
static void check_paths(struct files *, enum attribute_id, const char *);
static void check_path(struct files *, const char *, const char *);
static void check_loader(struct files *);
static void check_modules(struct files *);
static void settle(struct files *);
static void check_lacks(struct files *);
static void lacking(struct check *, const struct lack *, const char *,
    const char *);
static void lacks(struct files *, struct lack *);
static bool is_there(struct files *, const char *, const char *);
static bool is_served(struct files *, const char *, const char *,
    const char *);
static void miss(struct files *, const char *, const char *, const char *);

/* As tftpd(8) will see it. */
static void
settle(struct files *f)
{
	const struct passwd *nobody = getpwnam("nobody");
	char path[PATH_MAX];

	f->uid = nobody != NULL ? nobody->pw_uid : (uid_t)-1;
	f->gid = nobody != NULL ? nobody->pw_gid : (gid_t)-1;
	if (!root_path(f->c->px, path, sizeof path, "tftpboot") ||
	    realpath(path, f->tree) == NULL)
		f->tree[0] = '\0';
}

int
check_files(struct check *c)
{
	struct files f = { .c = c };
	struct hostdb_walk w;
	enum hostdb_status s;
	struct entry e;
	int status = EX_OK;

	settle(&f);
	hostdb_walk(&w, ENTRY_HOST);
	while (status == EX_OK &&
	    (s = hostdb_next(c->px->db, &w, &e)) != HOSTDB_NOT_FOUND) {
		if (s == HOSTDB_ERROR)
			status = fail_lookup(s, ENTRY_HOST, "");
		if (s == HOSTDB_OK)
			check_host(&f, entry_name(&e));
	}
	for (size_t i = 0; i < f.n; i++) {
		if (f.missing[i].hosts == 1)
			check_found(c, f.missing[i].todo,
			    "%s: %s, and %s wants it", f.missing[i].path,
			    f.missing[i].what, f.missing[i].host);
		else
			check_found(c, f.missing[i].todo,
			    "%s: %s, and %u hosts want it (%s ...)",
			    f.missing[i].path, f.missing[i].what,
			    f.missing[i].hosts,
			    f.missing[i].host);
		free(f.missing[i].path);
		free(f.missing[i].todo);
	}
	lacking(c, &f.identity, "no mac= nor another identity, so bootpd "
	    "never finds it", "pxectl set HOST mac=...");
	lacking(c, &f.loader, "a kernel= and no loader= to load it",
	    "pxectl add-loader pxelinux");
	return status;
}

static void
lacking(struct check *c, const struct lack *l, const char *what,
    const char *todo)
{
	if (l->hosts == 1)
		check_found(c, todo, "%s has %s", l->host, what);
	else if (l->hosts > 1)
		check_found(c, todo, "%u hosts (%s ...): each has %s",
		    l->hosts, l->host, what);
}

static void
check_host(struct files *f, const char *name)
{
	const struct arch *a;
	struct host h;
	const char *boot;

	/* What cannot be read, the database's own check has said. */
	if (host_by_name(&h, f->c->px->db, name) != HOSTDB_OK)
		return;
	f->h = &h;
	boot = host_text(&h, A_BOOT, NULL);
	if (boot == NULL || strcmp(boot, "local") != 0) {
		check_paths(f, A_KERNEL, NULL);
		check_paths(f, A_INITRD, NULL);
	}
	check_paths(f, A_FILENAME, NULL);
	for (a = arch_table(); a->name != NULL; a++)
		if (!a->http)
			check_paths(f, A_FILENAME, a->name);
	check_loader(f);
	check_modules(f);
	check_lacks(f);
	f->h = NULL;
}

static void
check_lacks(struct files *f)
{
	static const enum attribute_id ids[] = { A_MAC, A_HW, A_CLIENT_ID,
	    A_UUID, A_CIRCUIT_ID, A_REMOTE_ID };
	const char *kernel = host_text(f->h, A_KERNEL, NULL);
	const char *boot = host_text(f->h, A_BOOT, NULL);
	bool known = false, told = false;
	struct host_step step = { 0 };

	for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++)
		if (entry_get(&f->h->own, ids[i], NULL) != NULL)
			known = true;
	while (text_host_next(f->h, &step)) {
		if (step.id == A_NIC)
			known = true;
		if (step.value[0] != '\0' && (step.id == A_LOADER ||
		    step.id == A_FILENAME || step.id == A_IPXE_SCRIPT))
			told = true;
	}
	if (!known)
		lacks(f, &f->identity);
	if (kernel != NULL && kernel[0] != '\0' && !told &&
	    (boot == NULL || strcmp(boot, "local") != 0))
		lacks(f, &f->loader);
}

static void
lacks(struct files *f, struct lack *l)
{
	if (l->hosts++ == 0)
		snprintf(l->host, sizeof l->host, "%s",
		    entry_name(&f->h->own));
}

static void
check_paths(struct files *f, enum attribute_id id, const char *suffix)
{
	char value[ENTRY_LINE_MAX], item[4096];
	const char *at = value;

	if (!host_value_expanded(f->h, id, suffix, value, sizeof value))
		return;
	while (attribute_item(&at, item, sizeof item))
		if (item[0] != '\0' && strstr(item, "://") == NULL)
			check_path(f, item, id == A_FILENAME ?
			    "pxectl add-loader" : "pxectl build-image");
}

/* The host's own directory comes before the tree, as in tftpd(8). */
static void
check_path(struct files *f, const char *item, const char *todo)
{
	char below[4096];

	while (item[0] == '/')
		item++;
	snprintf(below, sizeof below, "tftpboot/hosts/%s",
	    entry_name(&f->h->own));
	if (!is_served(f, below, item, item) &&
	    !is_served(f, "tftpboot", item, item))
		miss(f, item, NOT_THERE, todo);
}

static void
check_loader(struct files *f)
{
	const char *loader = host_text(f->h, A_LOADER, NULL);
	const struct loader_file *l;
	const char *first = NULL;
	char todo[128];

	if (loader == NULL || loader[0] == '\0')
		return;
	for (l = loader_table(); l->loader != NULL; l++) {
		if (strcmp(l->loader, loader) != 0)
			continue;
		if (is_served(f, "tftpboot", l->path, l->path))
			return;
		if (first == NULL)
			first = l->path;
	}
	snprintf(todo, sizeof todo, "pxectl add-loader %.60s", loader);
	miss(f, first != NULL ? first : loader, NOT_THERE, todo);
}

static void
check_modules(struct files *f)
{
	char value[ENTRY_LINE_MAX], item[512], below[1024], todo[4096];
	const char *at = value, *module;

	if (!host_value_expanded(f->h, A_RSYNC, NULL, value, sizeof value))
		return;
	while (attribute_item(&at, item, sizeof item)) {
		module = item[0] == '!' ? item + 1 : item;
		if (!attribute_is_module(module)) {
			snprintf(below, sizeof below, "rsync=%s", item);
			miss(f, below, "no name of a module",
			    "letters, digits, `.', `_' and `-', please");
			continue;
		}
		if (is_there(f, "rsync", module))
			continue;
		snprintf(below, sizeof below, "rsync/%s", module);
		snprintf(todo, sizeof todo, "mkdir %.2000s/%s",
		    f->c->px->root, below);
		miss(f, below, NOT_THERE, todo);
	}
}

static bool
is_there(struct files *f, const char *below, const char *item)
{
	char path[8192];
	struct stat st;

	return root_path(f->c->px, path, sizeof path, "%s/%s", below, item) &&
	    stat(path, &st) == 0;
}

/* The bit of a mode, 4 or 1, that counts for tftpd's user. */
static bool
may(const struct files *f, const struct stat *st, unsigned bit)
{
	if (st->st_uid == f->uid)
		bit <<= 6;
	else if (st->st_gid == f->gid)
		bit <<= 3;
	return st->st_mode & bit;
}

/*
 * Is it there?  What is, but can be no answer (it lies outside, or tftpd's
 * user may not read it) is said at once.
 */
static bool
is_served(struct files *f, const char *below, const char *item,
    const char *name)
{
	char path[8192], real[PATH_MAX], todo[PATH_MAX + 64], *slash;
	const size_t n = strlen(f->tree);
	struct stat st;

	if (!is_there(f, below, item))
		return false;
	if (n == 0 || !root_path(f->c->px, path, sizeof path, "%s/%s", below,
	    item) || realpath(path, real) == NULL)
		return true;
	if (strncmp(real, f->tree, n) != 0 || real[n] != '/') {
		miss(f, name, "a link that leads out of tftpboot, which "
		    "tftpd does not follow", "copy the file");
		return true;
	}
	for (unsigned bit = 4; stat(real, &st) == 0; bit = 1) {
		if (!may(f, &st, bit)) {
			snprintf(todo, sizeof todo, "chmod a+rX %s", real);
			miss(f, name, "not to be read by tftpd's user", todo);
			break;
		}
		slash = strrchr(real, '/');
		if (strlen(real) <= n || slash == NULL)
			break;
		*slash = '\0';
	}
	return true;
}

static void
miss(struct files *f, const char *path, const char *what, const char *todo)
{
	struct missing *m;

	for (m = f->missing; m < f->missing + f->n; m++)
		if (strcmp(m->path, path) == 0) {
			m->hosts++;
			return;
		}
	if (f->n == MISSING_MAX)
		return;
	m->path = strdup(path);
	m->what = what;
	m->todo = strdup(todo);
	m->hosts = 1;
	snprintf(m->host, sizeof m->host, "%s", entry_name(&f->h->own));
	if (m->path != NULL && m->todo != NULL)
		f->n++;
}

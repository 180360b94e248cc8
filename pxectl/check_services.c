#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"

static const struct service {
	const char *name;	/* as in services(5) */
	const char *alias;	/* the number, for inetd.conf */
	const char *program;
	bool tcp;
	unsigned port;
} services[] = {
	{ "bootps", "67", "bootpd", false, 67 },
	{ "tftp", "69", "tftpd", false, 69 },
	{ "rsync", "873", "rsync-shim", true, 873 },
};
#define SERVICES	(sizeof services / sizeof services[0])

/* Who may hold one of these ports, beside the program itself. */
static const char *const starters[] = { "inetd", "openbsd-inetd", "xinetd",
    "systemd", "tcpserver", "udpserver" };

static void inetd_root(const char *, char *, size_t);
static void inetd_read(struct check *, const char *, bool *);
static void inetd_check(struct check *, const char *, const struct service *,
    const struct check_inetd *);
static void port_check(struct check *, const struct service *, bool);
static unsigned long port_inode(const struct service *);
static bool inode_owner(unsigned long, char *, size_t);
static bool process_has(const char *, const char *);
static bool is_ours(const struct service *, const char *);

void
check_services(struct check *c, const char *inetd_conf)
{
	bool lines[SERVICES] = { false };

	inetd_read(c, inetd_conf, lines);
	for (size_t i = 0; i < SERVICES; i++)
		port_check(c, &services[i], lines[i]);
}

void
check_root(struct check *c)
{
	static const char *const parts[] = { "tftpboot", "tftpboot/loaders",
	    "tftpboot/hosts", "rsync", "db/arms", "db/events" };
	struct event_ring *ring;
	char path[4096];
	struct stat st;

	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
		if (root_path(c->px, path, sizeof path, "%s", parts[i]) &&
		    stat(path, &st) != 0)
			check_found(c, "pxectl init", "%s: %s", path,
			    strerror(errno));
	ring = event_open(c->px->root, false);
	if (ring == NULL && errno != ENOENT) {
		root_path(c->px, path, sizeof path, "db/events");
		check_found(c, "remove it, then pxectl init", "%s: %s", path,
		    strerror(errno));
	}
	if (ring != NULL)
		event_close(ring);
}

static void
take_root(char *root, size_t size, const char *value, bool served)
{
	char *slash;

	snprintf(root, size, "%s", value);
	while ((slash = strrchr(root, '/')) != NULL && slash != root &&
	    slash[1] == '\0')
		*slash = '\0';
	if (served && slash != NULL && slash != root)
		*slash = '\0';
}

/* --root DIR or =DIR; else tftpd's -s DIR/tftpboot, other flags before it. */
static void
inetd_root(const char *args, char *root, size_t size)
{
	enum { OTHER, ROOT, SERVED } of = OTHER;
	char word[1024];
	const char *value;
	int n;

	root[0] = '\0';
	for (; sscanf(args, "%1023s%n", word, &n) == 1; args += n) {
		value = word;
		if (of == OTHER && strncmp(word, "--root", 6) == 0) {
			of = ROOT;
			value = word[6] == '=' ? word + 7 : NULL;
		} else if (of == OTHER && word[0] == '-') {
			value = word + 1 + strspn(word + 1, "CcdloWw");
			of = *value++ == 's' ? SERVED : OTHER;
			if (*value == '\0')
				value = NULL;
		}
		if (of == OTHER || value == NULL)
			continue;
		if (of == ROOT || root[0] == '\0')
			take_root(root, size, value, of == SERVED);
		of = OTHER;
	}
}

bool
check_inetd_line(const char *line, struct check_inetd *l)
{
	char type[16], protocol[16];
	const char *dot;
	size_t n;
	int at = 0;

	if (sscanf(line, "%31s %15s %15s %31s %63s %255s%n", l->service, type,
	    protocol, l->wait, l->user, l->program, &at) != 6 ||
	    l->service[0] == '#')
		return false;
	inetd_root(line + at, l->root, sizeof l->root);
	n = strcspn(l->wait, "./");
	dot = l->wait + n;
	l->limited = n == 6 && strncmp(l->wait, "nowait", n) == 0 &&
	    (*dot == '\0' || strtoul(dot + 1, NULL, 10) < 10000);
	return true;
}

bool
check_socket_line(const char *line, bool tcp, unsigned port,
    unsigned long *inode)
{
	unsigned local, remote, state;

	/* sl: local:port remote:port state queues timer retransmits uid
	 * timeout inode */
	if (sscanf(line, " %*[0-9]: %*[0-9A-Fa-f]:%x %*[0-9A-Fa-f]:%x %x "
	    "%*[0-9A-Fa-f]:%*[0-9A-Fa-f] %*[0-9A-Fa-f]:%*[0-9A-Fa-f] "
	    "%*[0-9A-Fa-f] %*u %*u %lu", &local, &remote, &state,
	    inode) != 4)
		return false;
	return local == port && remote == 0 && state == (tcp ? 0x0a : 0x07);
}

static void
inetd_read(struct check *c, const char *path, bool *lines)
{
	const char *usual = "/etc/inetd.conf";
	FILE *f = fopen(path != NULL ? path : usual, "re");
	struct check_inetd l;
	char *line = NULL;
	size_t size = 0;

	if (f == NULL) {
		if (path != NULL || errno != ENOENT)
			check_found(c, "", "%s: %s", path != NULL ? path :
			    usual, strerror(errno));
		return;
	}
	if (path == NULL)
		path = usual;
	while (getline(&line, &size, f) >= 0) {
		if (!check_inetd_line(line, &l))
			continue;
		for (size_t i = 0; i < SERVICES; i++) {
			if (strcmp(l.service, services[i].name) != 0 &&
			    strcmp(l.service, services[i].alias) != 0)
				continue;
			lines[i] = true;
			inetd_check(c, path, &services[i], &l);
		}
	}
	free(line);
	fclose(f);
}

/* inetd starts them without PXE_ROOT. */
static bool
same_root(const char *ours, const char *theirs)
{
	struct stat a, b;

	if (theirs[0] == '\0')
		theirs = HOSTDB_ROOT;
	return strcmp(ours, theirs) == 0 || (stat(ours, &a) == 0 &&
	    stat(theirs, &b) == 0 && a.st_dev == b.st_dev &&
	    a.st_ino == b.st_ino);
}

static void
inetd_check(struct check *c, const char *path, const struct service *s,
    const struct check_inetd *l)
{
	const char *base = strrchr(l->program, '/');

	base = base != NULL ? base + 1 : l->program;
	if (strcmp(base, s->program) != 0) {
		check_found(c, "", "%s: %s starts %s, not our %s", path,
		    s->name, l->program, s->program);
		return;
	}
	if (access(l->program, X_OK) != 0)
		check_found(c, "", "%s: %s: %s", path, l->program,
		    strerror(errno));
	if (strcmp(l->user, "root") != 0)
		check_found(c, "write root", "%s: %s %s: it gives up its "
		    "rights itself, once all is open", path, s->name,
		    l->user);
	if (!same_root(c->px->root, l->root))
		check_found(c, "pxectl init prints the line", "%s: %s serves "
		    "%s, not %s", path, s->program, l->root[0] != '\0' ?
		    l->root : HOSTDB_ROOT, c->px->root);
	if (s->tcp && l->limited)
		check_found(c, "write nowait.100000", "%s: %s %s: inetd "
		    "stops it after some hundred clients a minute", path,
		    s->name, l->wait);
	if (!s->tcp && strncmp(l->wait, "wait", 4) != 0)
		check_found(c, "write wait", "%s: %s %s: would start one "
		    "for each packet", path, s->name, l->wait);
}

static void
port_check(struct check *c, const struct service *s, bool line)
{
	const char *protocol = s->tcp ? "tcp" : "udp";
	unsigned long inode = port_inode(s);
	char owner[300];

	if (inode == 0 && line)
		check_found(c, "start inetd, or make it read its "
		    "configuration (kill -HUP)", "%s port %u (%s): nobody "
		    "listens", protocol, s->port, s->name);
	else if (inode == 0)
		check_found(c, "pxectl init prints the lines for inetd.conf",
		    "%s port %u (%s): nobody listens", protocol, s->port,
		    s->name);
	else if (inode_owner(inode, owner, sizeof owner) &&
	    !is_ours(s, owner))
		check_found(c, "", "%s port %u (%s): held by %s", protocol,
		    s->port, s->name, owner);
}

/* 0: nobody's. */
static unsigned long
port_inode(const struct service *s)
{
	static const char *const files[2][2] = {
		{ "/proc/net/udp", "/proc/net/udp6" },
		{ "/proc/net/tcp", "/proc/net/tcp6" } };
	unsigned long inode;
	char line[512];
	FILE *f;

	for (int i = 0; i < 2; i++) {
		f = fopen(files[s->tcp][i], "re");
		while (f != NULL && fgets(line, sizeof line, f) != NULL)
			if (check_socket_line(line, s->tcp, s->port,
			    &inode)) {
				fclose(f);
				return inode;
			}
		if (f != NULL)
			fclose(f);
	}
	return 0;
}

/* "NAME (process PID)"; false if we may not see whose it is. */
static bool
inode_owner(unsigned long inode, char *owner, size_t size)
{
	char wanted[64], path[300], name[64];
	struct dirent *d;
	DIR *proc = opendir("/proc");
	bool found = false;
	FILE *f;

	snprintf(wanted, sizeof wanted, "socket:[%lu]", inode);
	while (proc != NULL && !found && (d = readdir(proc)) != NULL) {
		if (!isdigit((unsigned char)d->d_name[0]) ||
		    !process_has(d->d_name, wanted))
			continue;
		snprintf(path, sizeof path, "/proc/%s/comm", d->d_name);
		f = fopen(path, "re");
		if (f == NULL)
			continue;
		found = fscanf(f, "%63[^\n]", name) == 1;
		fclose(f);
		if (found)
			snprintf(owner, size, "%s (process %.20s)", name,
			    d->d_name);
	}
	if (proc != NULL)
		closedir(proc);
	return found;
}

static bool
process_has(const char *pid, const char *wanted)
{
	char path[600], to[64];
	struct dirent *d;
	bool found = false;
	ssize_t n;
	DIR *fds;

	snprintf(path, sizeof path, "/proc/%s/fd", pid);
	fds = opendir(path);
	while (fds != NULL && !found && (d = readdir(fds)) != NULL) {
		snprintf(path, sizeof path, "/proc/%s/fd/%s", pid,
		    d->d_name);
		n = readlink(path, to, sizeof to - 1);
		if (n <= 0)
			continue;
		to[n] = '\0';
		found = strcmp(to, wanted) == 0;
	}
	if (fds != NULL)
		closedir(fds);
	return found;
}

static bool
is_ours(const struct service *s, const char *owner)
{
	const size_t n = strcspn(owner, " ");

	if (strlen(s->program) == n && strncmp(owner, s->program, n) == 0)
		return true;
	for (size_t i = 0; i < sizeof starters / sizeof starters[0]; i++)
		if (strlen(starters[i]) == n &&
		    strncmp(owner, starters[i], n) == 0)
			return true;
	return false;
}

/*
 * Names and what they mean: see content.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "below.h"
#include "bootfile.h"
#include "content.h"
#include "host.h"
#include "opened.h"
#include "stage.h"
#include "store.h"
#include "template.h"

#define TEXT_MAX	65536	/* of a template, and of what is made of it */
#define WARNED		64	/* hosts whose long command line was told */

struct content_tree {
	int root;
	bool known_only;
	enum content_roots roots;
	bool walk;		/* this kernel has no openat2 */
	char *dir;
	struct hostdb *db;
	struct cache *cache;
	struct opened *opened;	/* NULL: nobody tells of turns */
	struct host peer;	/* big, so not on the stack */
	struct host named;
	uint32_t warned[WARNED];
	char text[TEXT_MAX];
	char source[TEXT_MAX + 1];
};

/* One question while it is answered. */
struct question {
	struct content_tree *tree;
	struct hostdb *db;	/* NULL: none that can be read */
	struct content *c;
	char path[CONTENT_NAME_MAX + 1];
	const char *below;	/* path without a Raspberry Pi's serial/ */
	char shared[20];	/* "", or ADDRESS/ that takes its place */
	struct bootfile_name name;
	const struct host *peer;	/* NULL: not registered */
	const struct host *host;	/* whose file it is */
	uint32_t address;
	uint32_t server;
	uint16_t http;
};

static void find(struct question *);
static const struct host *peer_host(struct question *);
static const struct host *named_host(struct question *);
static bool load(struct question *, struct host *,
    enum hostdb_status (*)(struct question *, struct host *));
static enum hostdb_status by_identity(struct question *, struct host *);
static enum hostdb_status by_name_address(struct question *, struct host *);
static enum hostdb_status by_peer(struct question *, struct host *);
static bool hidden(const struct question *, const char *);
static const char *below_serial(const struct question *);
static bool is_off(const struct question *);
static bool find_root(struct question *);
static bool own_file(struct question *, const char *);
static bool rendered(struct question *);
static ssize_t read_all(int, char *, size_t);
static bool generated(struct question *);
static void warn_once(struct question *);
static bool give_text(struct question *, size_t);
static bool alias(struct question *);
static bool is_packed(struct cache_file *, const char *);
static bool shared_file(struct question *, const char *);
static bool tree_file(struct question *, const char *);
static int open_below(struct content_tree *, const char *, struct stat *);

struct content_tree *
content_open(const char *dir, struct hostdb *db, struct cache *cache)
{
	struct content_tree *t = calloc(1, sizeof *t);

	if (t == NULL)
		return NULL;
	t->db = db;
	t->cache = cache;
	t->dir = strdup(dir);
	t->root = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (t->dir == NULL || t->root < 0) {
		content_close(t);
		return NULL;
	}
	return t;
}

void
content_close(struct content_tree *t)
{
	int e = errno;

	if (t->root >= 0)
		close(t->root);
	opened_free(t->opened);
	free(t->dir);
	free(t);
	errno = e;
}

void
content_known_only(struct content_tree *t, bool only)
{
	t->known_only = only;
}

void
content_roots(struct content_tree *t, enum content_roots roots)
{
	t->roots = roots;
}

void
content_turn(struct content_tree *t)
{
	if (t->opened == NULL)
		t->opened = opened_new();
	else
		opened_turn(t->opened);
}

void
content_find(struct content_tree *t, const char *name, uint32_t peer,
    uint32_t server, uint16_t http, struct content *c)
{
	struct question q = { .tree = t, .c = c, .address = peer,
	    .server = server, .http = http };

	memset(c, 0, sizeof *c);
	c->stage = EVENT_FILE;
	/* What is the same for all is served without the database, too. */
	if (t->db != NULL) {
		if (hostdb_begin(t->db) == HOSTDB_OK)
			q.db = t->db;
		else
			c->damaged = true;
	}
	if (below_path(name, t->dir, q.path, sizeof q.path)) {
		find(&q);
	} else {
		/* Who it was is wanted in the log all the same. */
		q.peer = peer_host(&q);
		content_failed(c, strlen(name) > CONTENT_NAME_MAX ?
		    ENAMETOOLONG : EACCES);
	}
	if (q.db != NULL)
		hostdb_end(q.db);
}

bool
content_may_write(struct content_tree *t, const char *name, uint32_t peer,
    struct content *c, char *path, size_t size)
{
	struct question q = { .tree = t, .c = c, .address = peer };
	bool may = false;

	memset(c, 0, sizeof *c);
	c->stage = EVENT_FILE;
	if (t->db != NULL && hostdb_begin(t->db) == HOSTDB_OK)
		q.db = t->db;
	q.peer = peer_host(&q);
	content_failed(c, EACCES);
	if (t->known_only && q.peer == NULL)
		c->why = "not a registered host";
	else if (find_root(&q) &&
	    below_path(name, t->dir, q.path, sizeof q.path) &&
	    (size_t)snprintf(path, size, "%s%s", q.shared, q.path) < size) {
		q.below = below_serial(&q);
		bootfile_parse(q.below, &q.name);
		may = q.path[0] != '\0' &&
		    q.path[strlen(q.path) - 1] != '/' &&
		    q.name.kind == BOOTFILE_NONE &&
		    strncmp(q.path, "loaders/", 8) != 0 &&
		    !hidden(&q, q.path) && !hidden(&q, q.below);
	}
	if (q.db != NULL)
		hostdb_end(q.db);
	return may;
}

int
content_root(const struct content_tree *t)
{
	return t->root;
}

static void
find(struct question *q)
{
	struct content *c = q->c;

	q->peer = peer_host(q);
	if (q->tree->known_only && q->peer == NULL) {
		content_failed(c, EPERM);
		c->why = "not a registered host";
		return;
	}
	if (!find_root(q))
		return;
	q->below = below_serial(q);
	bootfile_parse(q->below, &q->name);
	q->host = named_host(q);
	c->stage = stage_of(&q->name, q->below, q->peer);
	c->quiet = q->name.kind != BOOTFILE_NONE;
	if (q->path[0] == '\0' || hidden(q, q->path) ||
	    hidden(q, q->below)) {
		content_failed(c, EACCES);
		return;
	}
	if (is_off(q)) {
		content_failed(c, ENOENT);
		c->quiet = true;
		return;
	}
	if (own_file(q, q->path) || (q->below != q->path &&
	    (own_file(q, q->below) || shared_file(q, q->path))) ||
	    rendered(q) || generated(q) || alias(q) ||
	    shared_file(q, q->below) || c->status != CONTENT_NOT_FOUND)
		c->quiet = false;
}

/* The directory that is the shared one for this client. */
static bool
find_root(struct question *q)
{
	struct content_tree *t = q->tree;
	struct put o = put_into(q->shared, sizeof q->shared - 1);
	struct stat st;

	q->shared[0] = '\0';
	if (t->roots == CONTENT_ONE_ROOT)
		return true;
	if (q->address != 0) {
		attribute_put_address(&o, q->address);
		put_text(&o, "/");
		*o.at = '\0';
		if (fstatat(t->root, q->shared, &st, 0) == 0)
			return true;
	}
	q->shared[0] = '\0';
	if (t->roots == CONTENT_ROOT_OR_SHARED)
		return true;
	content_failed(q->c, EACCES);
	q->c->why = "no directory for this address";
	return false;
}

/* Both notes for the log and the event, and hosts/NAME/, are the peer's. */
static const struct host *
peer_host(struct question *q)
{
	struct host *h = &q->tree->peer;

	if (q->address == 0 || !load(q, h, by_peer))
		return NULL;
	strncpy(q->c->host, host_name(h), sizeof q->c->host - 1);
	q->c->mac = h->mac;
	return h;
}

/*
 * The host that the name is about.  A MAC or UUID in it counts whatever the
 * address: firmware may have got that from another server, or pass a
 * gateway.  Nothing in a generated file is secret.
 */
static const struct host *
named_host(struct question *q)
{
	struct host *h = &q->tree->named;

	if (q->name.identity.kind != IDENTITY_NONE) {
		if (!load(q, h, by_identity))
			return NULL;
	} else if (q->name.address != 0) {
		if (!load(q, h, by_name_address))
			return NULL;
	} else
		return q->peer;
	if (q->peer == NULL) {
		strncpy(q->c->host, host_name(h), sizeof q->c->host - 1);
		q->c->mac = h->mac;
	}
	return h;
}

static bool
load(struct question *q, struct host *h,
    enum hostdb_status (*how)(struct question *, struct host *))
{
	enum hostdb_status status;

	if (q->db == NULL)
		return false;
	status = how(q, h);
	if (status == HOSTDB_DAMAGED)
		q->c->damaged = true;
	return status == HOSTDB_OK;
}

static enum hostdb_status
by_peer(struct question *q, struct host *h)
{
	return host_by_address(h, q->db, q->address);
}

static enum hostdb_status
by_name_address(struct question *q, struct host *h)
{
	return host_by_address(h, q->db, q->name.address);
}

static enum hostdb_status
by_identity(struct question *q, struct host *h)
{
	struct hostdb_ref ref;
	struct identity id = q->name.identity;
	enum hostdb_status status;

	status = hostdb_by_identity(q->db, &id, &ref);
	if (status == HOSTDB_NOT_FOUND && id.kind == IDENTITY_UUID) {
		/* pxelinux writes the bytes as SMBIOS has them. */
		identity_uuid_swap(&id);
		status = hostdb_by_identity(q->db, &id, &ref);
	}
	if (status == HOSTDB_OK)
		status = host_load(h, q->db, &ref, q->address);
	return status;
}

/*
 * hosts/NAME/ is nobody's but NAME's, what is below templates/ has other
 * names, and a file that is being sent has none yet.
 */
static bool
hidden(const struct question *q, const char *path)
{
	const char *name, *base = strrchr(path, '/');
	size_t n;

	base = base == NULL ? path : base + 1;
	if (strncmp(base, STORE_PREFIX, sizeof STORE_PREFIX - 1) == 0)
		return true;
	if (strncmp(path, "templates", 9) == 0 &&
	    (path[9] == '/' || path[9] == '\0'))
		return true;
	if (strncmp(path, "hosts", 5) != 0 ||
	    (path[5] != '/' && path[5] != '\0'))
		return false;
	if (q->peer == NULL || path[5] == '\0')
		return true;
	name = entry_name(&q->peer->own);
	n = strlen(name);
	return strncmp(path + 6, name, n) != 0 || path[6 + n] != '/';
}

/*
 * A Raspberry Pi asks for everything below its serial number first; with
 * TFTP_PREFIX=2 below its MAC address, dashes between.
 */
static const char *
below_serial(const struct question *q)
{
	const char *serial = q->peer == NULL ? NULL :
	    host_text(q->peer, A_SERIAL, NULL);
	char mac[IDENTITY_TEXT_MAX] = "", *s;
	size_t n;

	if (serial == NULL)
		return q->path;
	n = strlen(serial);
	if (strncasecmp(q->path, serial, n) == 0 && q->path[n] == '/')
		return q->path + n + 1;
	if (q->peer->mac.kind == IDENTITY_HW)
		identity_print(&q->peer->mac, mac, sizeof mac);
	for (s = mac; (s = strchr(s, ':')) != NULL; s++)
		*s = '-';
	n = strlen(mac);
	return n > 0 && strncasecmp(q->path, mac, n) == 0 &&
	    q->path[n] == '/' ? q->path + n + 1 : q->path;
}

/*
 * boot=local to a Raspberry Pi: it finds nothing to start here, and goes on
 * to the next in its BOOT_ORDER.
 */
static bool
is_off(const struct question *q)
{
	static const char *const first[] = { "start.elf", "start4.elf",
	    "start_cd.elf", "start4cd.elf", "bootcode.bin", "config.txt",
	    "boot.img", "boot.sig" };
	const char *boot;
	size_t i;

	if (q->peer == NULL || host_text(q->peer, A_SERIAL, NULL) == NULL)
		return false;
	boot = host_text(q->peer, A_BOOT, NULL);
	if (boot == NULL || strcmp(boot, "local") != 0)
		return false;
	for (i = 0; i < sizeof first / sizeof first[0]; i++)
		if (strcmp(q->below, first[i]) == 0)
			return true;
	return false;
}

static bool
own_file(struct question *q, const char *path)
{
	char own[CONTENT_NAME_MAX + ENTRY_NAME_MAX + 16];
	struct put o = put_into(own, sizeof own);

	if (q->peer == NULL)
		return false;
	put_text(&o, "hosts/");
	put_text(&o, entry_name(&q->peer->own));
	put_u8(&o, '/');
	put_text(&o, path);
	put_u8(&o, 0);
	if (o.full)
		return false;
	/* What cannot be read just now does not become what others get. */
	return tree_file(q, own) || q->c->status == CONTENT_FAILED;
}

/*
 * A file of templates/.  What stands for a loader's file has one name there,
 * whatever the loader asks for, and is not used with boot=local: a host that
 * shall start from its disk must not be installed again.  True also for an
 * error: then nothing else may take its place.
 */
static bool
rendered(struct question *q)
{
	static const char *const names[] = {
		[BOOTFILE_NONE] = NULL,
		[BOOTFILE_PXELINUX] = "pxelinux.cfg/default",
		[BOOTFILE_GRUB] = "grub.cfg",
		[BOOTFILE_IPXE] = "autoexec.ipxe",
		[BOOTFILE_LOADER_RC] = "boot/loader.rc",
		[BOOTFILE_LOADER_CONF] = "boot/loader.conf",
		[BOOTFILE_BOOT_CONF] = "etc/boot.conf",
		[BOOTFILE_BOOT_CFG] = "boot.cfg",
		[BOOTFILE_PI_CONFIG] = "config.txt",
		[BOOTFILE_PI_CMDLINE] = "cmdline.txt",
		[BOOTFILE_KERNEL] = NULL, [BOOTFILE_INITRD] = NULL,
		[BOOTFILE_MISS] = NULL,
	};
	char path[CONTENT_NAME_MAX + 16];
	const char *name = names[q->name.kind], *boot;
	struct content_tree *t = q->tree;
	struct template_error err;
	struct stat st;
	size_t len = 0;
	ssize_t n;
	int fd;

	if (q->host == NULL)
		return false;
	boot = host_text(q->host, A_BOOT, NULL);
	if (name != NULL && boot != NULL && strcmp(boot, "local") == 0)
		return false;
	if (name == NULL)
		name = q->below;
	snprintf(path, sizeof path, "templates/%s", name);
	if ((fd = open_below(t, path, &st)) < 0) {
		content_failed(q->c, errno);
		return q->c->status == CONTENT_FAILED;
	}
	n = read_all(fd, t->source, sizeof t->source);
	close(fd);
	err.line = 0;
	if (n < 0 || (size_t)n == sizeof t->source)
		snprintf(err.why, sizeof err.why, "%s", n < 0 ?
		    strerror(errno) : "larger than 64 KiB");
	else if (template_render(path, t->source, (size_t)n, q->host,
	    host_next_server(q->host, q->server), t->text, sizeof t->text,
	    &len, &err))
		return give_text(q, len);
	content_failed(q->c, EIO);
	q->c->why = "a template has an error, the log says which";
	snprintf(q->c->note, sizeof q->c->note, "%.120s:%u: %s", path,
	    err.line, err.why);
	return true;
}

static ssize_t
read_all(int fd, char *bytes, size_t size)
{
	size_t n = 0;
	ssize_t r;

	while (n < size && (r = read(fd, bytes + n, size - n)) != 0) {
		if (r < 0 && errno != EINTR)
			return -1;
		n += r > 0 ? (size_t)r : 0;
	}
	return (ssize_t)n;
}

static bool
generated(struct question *q)
{
	struct content_tree *t = q->tree;
	size_t n;

	if (q->host == NULL)
		return false;
	n = bootfile_write(q->name.kind, q->host, q->server, q->http,
	    t->text, sizeof t->text);
	if (n == 0)
		return false;
	warn_once(q);
	return give_text(q, n);
}

/* A command line that the kernel will cut, once a host. */
static void
warn_once(struct question *q)
{
	const char *name = host_name(q->host), *s;
	size_t over = bootfile_cut(q->name.kind, q->host);
	uint32_t sum = 0x811c9dc5u, *slot;

	if (over == 0)
		return;
	for (s = name; *s != '\0'; s++)		/* FNV-1a */
		sum = (sum ^ (uint8_t)*s) * 0x01000193u;
	slot = &q->tree->warned[sum % WARNED];
	if (*slot == sum)
		return;
	*slot = sum;
	snprintf(q->c->note, sizeof q->c->note, "the command line of %.64s is "
	    "%zu bytes longer than the %d that loaders and Linux take", name,
	    over, BOOTFILE_CMDLINE_MAX);
}

/* What is in tree->text. */
static bool
give_text(struct question *q, size_t n)
{
	q->c->file = cache_text(q->tree->cache, q->tree->text, n);
	if (q->c->file == NULL)
		return false;
	q->c->status = CONTENT_OK;
	q->c->why = NULL;
	q->c->generated = true;
	return true;
}

/*
 * ADDRESS/kernel.gz and its like: what the host's own attribute names.
 *
 * FreeBSD's loader goes by the name: what comes without .gz it does not
 * unpack, and since version 12 it asks for that first.  Others look at the
 * bytes and ask for no other name.
 */
static bool
alias(struct question *q)
{
	char value[CONTENT_NAME_MAX + 1], item[CONTENT_NAME_MAX + 1];
	char path[CONTENT_NAME_MAX + 1];
	const char *at = value, *loader;
	bool packed;

	if (q->host == NULL || (q->name.kind != BOOTFILE_KERNEL &&
	    q->name.kind != BOOTFILE_INITRD))
		return false;
	if (!host_value_expanded(q->host, q->name.kind == BOOTFILE_KERNEL ?
	    A_KERNEL : A_INITRD, NULL, value, sizeof value) ||
	    !attribute_item(&at, item, sizeof item) ||
	    strstr(item, "://") != NULL ||
	    !below_path(item, q->tree->dir, path, sizeof path) ||
	    !(own_file(q, path) || shared_file(q, path)))
		return false;
	if (q->c->file == NULL)
		return true;
	loader = host_text(q->host, A_LOADER, NULL);
	packed = is_packed(q->c->file, path);
	if (q->name.gz ? packed : !packed || loader == NULL ||
	    strcmp(loader, "pxeboot") != 0)
		return true;
	cache_close(q->c->file);
	q->c->file = NULL;
	content_failed(q->c, ENOENT);
	return false;
}

/* By its name or its first bytes. */
static bool
is_packed(struct cache_file *file, const char *path)
{
	size_t n = strlen(path);
	struct iovec magic;

	return (n > 3 && strcmp(path + n - 3, ".gz") == 0) ||
	    (cache_size(file) > 2 &&
	    cache_read(file, 0, 2, &magic, 1) == 1 &&
	    memcmp(magic.iov_base, "\x1f\x8b", 2) == 0);
}

static bool
shared_file(struct question *q, const char *path)
{
	char full[sizeof q->shared + CONTENT_NAME_MAX];

	if (q->shared[0] == '\0')
		return tree_file(q, path);
	snprintf(full, sizeof full, "%s%s", q->shared, path);
	return tree_file(q, full);
}

static bool
tree_file(struct question *q, const char *path)
{
	struct content_tree *t = q->tree;
	struct cache_file *f = NULL;
	struct stat st;
	int fd;

	if (t->opened != NULL)
		f = opened_find(t->opened, path);
	if (f == NULL) {
		fd = open_below(t, path, &st);
		if (fd < 0 || (f = cache_open(t->cache, fd, &st)) == NULL) {
			const bool denied = errno == EACCES;

			content_failed(q->c, errno);
			if (denied)
				q->c->why = "its mode, or a directory's, "
				    "keeps it from tftpd's user";
			return false;
		}
		if (t->opened != NULL)
			opened_put(t->opened, path, f);
	}
	q->c->file = f;
	q->c->status = CONTENT_OK;
	q->c->why = NULL;
	return true;
}

/* What was not there a moment ago is not looked for again in this turn. */
static int
open_below(struct content_tree *t, const char *path, struct stat *st)
{
	int fd;

	if (t->opened != NULL && opened_absent(t->opened, path)) {
		errno = ENOENT;
		return -1;
	}
	fd = below_open(t->root, path, t->walk, st);
	if (fd < 0 && errno == ENOSYS && !t->walk) {
		t->walk = true;
		fd = below_open(t->root, path, true, st);
	}
	if (fd < 0 && (errno == EMFILE || errno == ENFILE) &&
	    cache_spare(t->cache))
		fd = below_open(t->root, path, t->walk, st);
	if (fd < 0 && errno == ENOENT && t->opened != NULL) {
		opened_put(t->opened, path, NULL);
		errno = ENOENT;
	}
	return fd;
}

void
content_failed(struct content *c, int error)
{
	static const struct {
		int error;
		enum content_status status;
		const char *why;
	} table[] = {
		{ ENOENT, CONTENT_NOT_FOUND, "file not found" },
		{ ENOTDIR, CONTENT_NOT_FOUND, "file not found" },
		{ ENAMETOOLONG, CONTENT_NOT_FOUND, "file name too long" },
		{ EACCES, CONTENT_FORBIDDEN, "access violation" },
		{ EPERM, CONTENT_FORBIDDEN, "access violation" },
		{ EXDEV, CONTENT_FORBIDDEN, "link out of the tree" },
		{ ELOOP, CONTENT_FORBIDDEN, "link not followed" },
		{ EROFS, CONTENT_FORBIDDEN, "access violation" },
		{ EISDIR, CONTENT_FORBIDDEN, "not a regular file" },
		{ ENXIO, CONTENT_FORBIDDEN, "not a regular file" },
		{ ENODEV, CONTENT_FORBIDDEN, "not a regular file" },
		{ EMFILE, CONTENT_FAILED, "too many open files, try again" },
		{ ENFILE, CONTENT_FAILED, "too many open files, try again" },
		{ ENOMEM, CONTENT_FAILED, "out of memory, try again" },
		{ EBUSY, CONTENT_FAILED, "somebody is writing it just now" },
		{ EEXIST, CONTENT_FORBIDDEN,
		    "no number is left for that name" },
		{ EIO, CONTENT_FAILED, "cannot read or write the file" },
		{ 0, CONTENT_FAILED, "cannot read the file" },
	};
	size_t i;

	for (i = 0; table[i].error != 0 && table[i].error != error; i++)
		;
	c->status = table[i].status;
	c->why = table[i].why;
}

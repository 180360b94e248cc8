/*
 * Names and what they mean: see content.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#ifdef __linux__
#include <linux/openat2.h>
#endif

#include "bootfile.h"
#include "content.h"
#include "host.h"

#define TEXT_MAX	16384

struct content_tree {
	int root;
	bool known_only;
	bool walk;		/* this kernel has no openat2 */
	char *dir;
	struct hostdb *db;
	struct cache *cache;
	struct host peer;	/* big, so not on the stack */
	struct host named;
	char text[TEXT_MAX];
};

/* One question while it is answered. */
struct question {
	struct content_tree *tree;
	struct hostdb *db;	/* NULL: none that can be read */
	struct content *c;
	char path[CONTENT_NAME_MAX + 1];
	struct bootfile_name name;
	const struct host *peer;	/* NULL: not registered */
	const struct host *host;	/* whose file it is */
	uint32_t address;
	uint32_t server;
};

static void find(struct question *);
static const struct host *peer_host(struct question *);
static const struct host *named_host(struct question *);
static bool load(struct question *, struct host *,
    enum hostdb_status (*)(struct question *, struct host *));
static enum hostdb_status by_identity(struct question *, struct host *);
static enum hostdb_status by_name_address(struct question *, struct host *);
static enum hostdb_status by_peer(struct question *, struct host *);
static bool hidden(const struct question *);
static bool own_file(struct question *, const char *);
static bool generated(struct question *);
static bool alias(struct question *);
static bool tree_file(struct question *, const char *);
static void failed(struct content *, int);
static enum event_stage stage_of(const struct question *);
static bool is_value(const struct host *, enum attribute_id, const char *);
static int open_walk(int, const char *);

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
content_find(struct content_tree *t, const char *name, uint32_t peer,
    uint32_t server, struct content *c)
{
	struct question q = { .tree = t, .c = c, .address = peer,
	    .server = server };

	memset(c, 0, sizeof *c);
	c->stage = EVENT_FILE;
	/* What is the same for all is served without the database, too. */
	if (t->db != NULL) {
		if (hostdb_begin(t->db) == HOSTDB_OK)
			q.db = t->db;
		else
			c->damaged = true;
	}
	if (content_path(name, t->dir, q.path, sizeof q.path)) {
		bootfile_parse(q.path, &q.name);
		find(&q);
	} else {
		/* Who it was is wanted in the log all the same. */
		q.peer = peer_host(&q);
		failed(c, strlen(name) > CONTENT_NAME_MAX ? ENAMETOOLONG :
		    EACCES);
	}
	if (q.db != NULL)
		hostdb_end(q.db);
}

static void
find(struct question *q)
{
	struct content *c = q->c;

	q->peer = peer_host(q);
	if (q->tree->known_only && q->peer == NULL) {
		failed(c, EPERM);
		c->why = "not a registered host";
		return;
	}
	q->host = named_host(q);
	c->stage = stage_of(q);
	c->quiet = q->name.kind != BOOTFILE_NONE;
	if (q->path[0] == '\0' || hidden(q)) {
		failed(c, EACCES);
		return;
	}
	if (own_file(q, q->path) || generated(q) || alias(q) ||
	    tree_file(q, q->path))
		c->quiet = false;
}

bool
content_path(const char *name, const char *dir, char *path, size_t size)
{
	size_t n, used = 0;
	const char *s;

	for (s = name; *s != '\0'; s += n) {
		if (*s == '/' || *s == '\\') {
			n = 1;
			continue;
		}
		n = strcspn(s, "/\\");
		/*
		 * "::" is pxelinux' word for the root; U-Boot reads the same
		 * file, but puts its directory in front of that.
		 */
		if (n > 2 && s[0] == ':' && s[1] == ':') {
			used = 0;
			s += 2;
			n -= 2;
		}
		if (n == 1 && s[0] == '.')
			continue;
		if ((n == 2 && s[0] == '.' && s[1] == '.') ||
		    used + n + 2 > size)
			return false;
		if (used > 0)
			path[used++] = '/';
		memcpy(path + used, s, n);
		used += n;
	}
	path[used] = '\0';
	if (dir == NULL || (name[0] != '/' && name[0] != '\\'))
		return true;
	dir += strspn(dir, "/");
	for (n = strlen(dir); n > 0 && dir[n - 1] == '/'; n--)
		;
	if (n > 0 && strncmp(path, dir, n) == 0 && path[n] == '/')
		memmove(path, path + n + 1, used - n);
	return true;
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

/* hosts/NAME/ is nobody's but NAME's. */
static bool
hidden(const struct question *q)
{
	const char *name;
	size_t n;

	if (strncmp(q->path, "hosts", 5) != 0 ||
	    (q->path[5] != '/' && q->path[5] != '\0'))
		return false;
	if (q->peer == NULL || q->path[5] == '\0')
		return true;
	name = entry_name(&q->peer->own);
	n = strlen(name);
	return strncmp(q->path + 6, name, n) != 0 || q->path[6 + n] != '/';
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
	return !o.full && tree_file(q, own);
}

static bool
generated(struct question *q)
{
	struct content_tree *t = q->tree;
	size_t n;

	if (q->host == NULL || (q->name.kind != BOOTFILE_PXELINUX &&
	    q->name.kind != BOOTFILE_GRUB && q->name.kind != BOOTFILE_IPXE))
		return false;
	n = bootfile_write(q->name.kind, q->host, q->server, t->text,
	    sizeof t->text);
	if (n == 0)
		return false;
	q->c->file = cache_text(t->cache, t->text, n);
	if (q->c->file == NULL)
		return false;
	q->c->status = CONTENT_OK;
	q->c->generated = true;
	return true;
}

/* ADDRESS/kernel.gz and its like: what the host's own attribute names. */
static bool
alias(struct question *q)
{
	char value[CONTENT_NAME_MAX + 1], item[CONTENT_NAME_MAX + 1];
	char path[CONTENT_NAME_MAX + 1];
	const char *at = value;
	struct iovec magic;
	size_t n;

	if (q->host == NULL || (q->name.kind != BOOTFILE_KERNEL &&
	    q->name.kind != BOOTFILE_INITRD))
		return false;
	if (!host_value_expanded(q->host, q->name.kind == BOOTFILE_KERNEL ?
	    A_KERNEL : A_INITRD, NULL, value, sizeof value) ||
	    !attribute_item(&at, item, sizeof item) ||
	    strstr(item, "://") != NULL ||
	    !content_path(item, q->tree->dir, path, sizeof path) ||
	    !(own_file(q, path) || tree_file(q, path)))
		return false;
	n = strlen(path);
	if (!q->name.gz || (n > 3 && strcmp(path + n - 3, ".gz") == 0) ||
	    (cache_size(q->c->file) > 2 &&
	    cache_read(q->c->file, 0, 2, &magic, 1) == 1 &&
	    memcmp(magic.iov_base, "\x1f\x8b", 2) == 0))
		return true;
	cache_close(q->c->file);
	q->c->file = NULL;
	failed(q->c, ENOENT);
	return false;
}

static bool
tree_file(struct question *q, const char *path)
{
	struct content_tree *t = q->tree;
	struct stat st;
	int fd;

	fd = content_open_below(t->root, path, t->walk);
	if (fd < 0 && errno == ENOSYS && !t->walk) {
		t->walk = true;
		fd = content_open_below(t->root, path, true);
	}
	if (fd < 0 || fstat(fd, &st) != 0) {
		failed(q->c, errno);
		return false;
	}
	if ((q->c->file = cache_open(t->cache, fd, &st)) == NULL) {
		failed(q->c, errno);
		return false;
	}
	q->c->status = CONTENT_OK;
	q->c->why = NULL;
	return true;
}

static void
failed(struct content *c, int error)
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
		{ EISDIR, CONTENT_FORBIDDEN, "not a regular file" },
		{ ENXIO, CONTENT_FORBIDDEN, "not a regular file" },
		{ ENODEV, CONTENT_FORBIDDEN, "not a regular file" },
		{ EMFILE, CONTENT_FAILED, "too many open files, try again" },
		{ ENFILE, CONTENT_FAILED, "too many open files, try again" },
		{ ENOMEM, CONTENT_FAILED, "out of memory, try again" },
		{ 0, CONTENT_FAILED, "cannot read the file" },
	};
	size_t i;

	for (i = 0; table[i].error != 0 && table[i].error != error; i++)
		;
	c->status = table[i].status;
	c->why = table[i].why;
}

static enum event_stage
stage_of(const struct question *q)
{
	static const char *const loaders[] = { ".efi", ".EFI", ".0", ".kpxe",
	    ".kkpxe", ".pxe", "/ldlinux.c32", "/ldlinux.e32", "/ldlinux.e64",
	    "/pxeboot" };
	static const char *const parts[] = { ".mod", ".lst", ".c32", ".pf2",
	    ".mo", ".cfg" };
	char base[CONTENT_NAME_MAX + 2] = "/";
	size_t i, n, len;

	switch (q->name.kind) {
	case BOOTFILE_PXELINUX:
	case BOOTFILE_GRUB:
	case BOOTFILE_IPXE:
		return EVENT_CONFIG;
	case BOOTFILE_KERNEL:
		return EVENT_KERNEL;
	case BOOTFILE_INITRD:
		return EVENT_INITRD;
	default:
		break;
	}
	if (q->peer != NULL && is_value(q->peer, A_KERNEL, q->path))
		return EVENT_KERNEL;
	if (q->peer != NULL && is_value(q->peer, A_INITRD, q->path))
		return EVENT_INITRD;
	if (q->peer != NULL && is_value(q->peer, A_FILENAME, q->path))
		return EVENT_LOADER;
	strcpy(base + 1, q->path);
	len = strlen(base);
	for (i = 0; i < sizeof loaders / sizeof loaders[0]; i++) {
		n = strlen(loaders[i]);
		if (len >= n && strcmp(base + len - n, loaders[i]) == 0)
			return EVENT_LOADER;
	}
	if (strncmp(q->path, "loaders/", 8) != 0)
		return EVENT_FILE;
	for (i = 0; i < sizeof parts / sizeof parts[0]; i++) {
		n = strlen(parts[i]);
		if (len >= n && strcmp(base + len - n, parts[i]) == 0)
			return EVENT_FILE;
	}
	return EVENT_LOADER;
}

static bool
is_value(const struct host *h, enum attribute_id id, const char *path)
{
	char value[4 * CONTENT_NAME_MAX], item[CONTENT_NAME_MAX + 1];
	char wanted[CONTENT_NAME_MAX + 1];
	const char *at = value;

	if (!host_value_expanded(h, id, NULL, value, sizeof value))
		return false;
	while (attribute_item(&at, item, sizeof item))
		if (content_path(item, NULL, wanted, sizeof wanted) &&
		    strcmp(wanted, path) == 0)
			return true;
	return false;
}

int
content_open_below(int root, const char *path, bool walk)
{
	struct stat st;
	int fd = -1, tries;

	if (walk)
		fd = open_walk(root, path);
#ifdef RESOLVE_BENEATH
	else {
		struct open_how how = {
		    .flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC,
		    .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS };

		/* EAGAIN: somebody renamed on the way; not for ever. */
		for (tries = 0; tries < 10; tries++) {
			fd = (int)syscall(SYS_openat2, root, path, &how,
			    sizeof how);
			if (fd >= 0 || errno != EAGAIN)
				break;
		}
	}
#else
	else
		fd = open_walk(root, path);
	(void)tries;
#endif
	if (fd < 0)
		return -1;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		return fd;
	close(fd);
	errno = EISDIR;
	return -1;
}

static int
open_walk(int root, const char *path)
{
	char name[CONTENT_NAME_MAX + ENTRY_NAME_MAX + 16];
	char *at = name, *slash;
	int dir = root, next, saved;

	if (strlen(path) >= sizeof name) {
		errno = ENAMETOOLONG;
		return -1;
	}
	strcpy(name, path);
	for (;;) {
		slash = strchr(at, '/');
		if (slash != NULL)
			*slash = '\0';
		if (strcmp(at, "..") == 0) {
			errno = EXDEV;
			next = -1;
		} else
			next = openat(dir, at, O_RDONLY | O_NONBLOCK |
			    O_NOCTTY | O_CLOEXEC | O_NOFOLLOW |
			    (slash != NULL ? O_DIRECTORY : 0));
		saved = errno;
		if (dir != root)
			close(dir);
		errno = saved;
		if (next < 0 || slash == NULL)
			return next;
		dir = next;
		at = slash + 1;
	}
}

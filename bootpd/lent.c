#include <sys/mman.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "crc32c.h"
#include "lent.h"

#define MAGIC		"bslent01"
#define WAYS		64u	/* slots that one address may have */
#define LOOKED_AT	256u	/* addresses of a range, for one machine */
#define IDENTITY_KEPT	32u	/* bytes; the sum stands for the others */

struct record {			/* on disk, in the machine's byte order */
	uint32_t check;		/* CRC-32C of what follows; else it is none */
	uint32_t address;	/* 0: none */
	uint64_t until;
	uint8_t kind, htype, len;	/* of the identity; kind 0: nobody's */
	uint8_t pad;
	uint32_t sum;		/* of all its bytes */
	uint8_t id[IDENTITY_KEPT];
	uint8_t spare[8];
};

struct file {
	char magic[8];
	uint32_t slots, size;	/* of a record */
	uint8_t pad[4080];
	struct record slot[LENT_SLOTS];
};

_Static_assert(sizeof(struct record) == 64, "a cache line");

struct lent {
	struct file *file;
};

static bool fill(int);
static struct file *map(int);
static struct record *find(const struct lent *, uint32_t);
static struct record *place(const struct lent *, uint32_t, uint64_t);
static uint32_t sum(const struct identity *);
static bool is_of(const struct record *, const struct identity *);
static void write_record(struct record *, uint32_t,
    const struct identity *, uint64_t);

struct lent *
lent_open(const char *root)
{
	struct lent *l;
	char path[4096];
	int fd, e;

	if ((size_t)snprintf(path, sizeof path, "%s/db/lent", root) >=
	    sizeof path) {
		errno = ENAMETOOLONG;
		return NULL;
	}
	if ((l = malloc(sizeof *l)) == NULL)
		return NULL;
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	l->file = fd < 0 ? NULL : map(fd);
	if (l->file == NULL && fd >= 0 && fill(fd))
		l->file = map(fd);
	e = errno;
	if (fd >= 0)
		close(fd);
	if (l->file != NULL)
		return l;
	free(l);
	errno = e;
	return NULL;
}

/* Written, not just long: a full disk must show now, not when we lend. */
static bool
fill(int fd)
{
	struct file *f = calloc(1, sizeof *f);
	bool good;

	if (f == NULL)
		return false;
	memcpy(f->magic, MAGIC, sizeof f->magic);
	f->slots = LENT_SLOTS;
	f->size = sizeof(struct record);
	errno = ENOSPC;		/* of a write that is cut short */
	good = ftruncate(fd, 0) == 0 &&
	    pwrite(fd, f, sizeof *f, 0) == sizeof *f;
	free(f);
	return good;
}

/* NULL if it is none of ours. */
static struct file *
map(int fd)
{
	struct { char magic[8]; uint32_t slots, size; } head;
	struct stat st;
	struct file *f;

	if (fstat(fd, &st) != 0)
		return NULL;
	if (!S_ISREG(st.st_mode) || st.st_size != sizeof *f ||
	    pread(fd, &head, sizeof head, 0) != sizeof head ||
	    memcmp(head.magic, MAGIC, sizeof head.magic) != 0 ||
	    head.slots != LENT_SLOTS || head.size != sizeof(struct record)) {
		errno = EINVAL;
		return NULL;
	}
	f = mmap(NULL, sizeof *f, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	return f == MAP_FAILED ? NULL : f;
}

void
lent_close(struct lent *l)
{
	if (l == NULL)
		return;
	munmap(l->file, sizeof *l->file);
	free(l);
}

/*
 * The one of these addresses that the machine has or had last; else, if any
 * will do, the free one that was given back first, by its identity among
 * equals.  One look at each: there is a flood of strangers to get through.
 */
static uint32_t
search(const struct lent *l, const struct identity *who,
    const struct lent_range *range, bool any, uint64_t now)
{
	uint32_t n = range->last - range->first + 1, whose = sum(who), k, a;
	uint32_t most = n > LOOKED_AT ? LOOKED_AT : n, best = 0;
	uint64_t oldest = any ? UINT64_MAX : 0, since;
	const struct record *r;
	bool own;

	for (k = 0; k < most; k++) {
		a = range->first + (whose % n + k) % n;
		r = find(l, a);
		own = r != NULL && r->sum == whose && is_of(r, who);
		since = r == NULL ? 0 : r->until;
		if (!own && (since > now || since >= oldest))
			continue;
		if (range->taken(range->arg, a))
			continue;
		if (own)
			return a;
		best = a;
		oldest = since;
	}
	return best;
}

uint32_t
lent_find(const struct lent *l, const struct identity *who,
    const struct lent_range *range, uint32_t wants, uint64_t now)
{
	const struct record *r;
	bool vacant = false;
	uint32_t a;

	if (range->last - range->first + 1 == 0)
		return 0;
	if (wants >= range->first && wants <= range->last &&
	    !range->taken(range->arg, wants)) {
		r = find(l, wants);
		if (r != NULL && is_of(r, who))
			return wants;
		vacant = r == NULL || r->until <= now;
	}
	a = search(l, who, range, !vacant, now);
	return a == 0 && vacant ? wants : a;
}

bool
lent_holds(const struct lent *l, const struct identity *who,
    uint32_t address, uint64_t now)
{
	const struct record *r = find(l, address);

	return r != NULL && r->until > now && is_of(r, who);
}

bool
lent_hold(struct lent *l, const struct identity *who, uint32_t address,
    uint64_t now, uint64_t until)
{
	struct record *r = place(l, address, now);

	if (r == NULL)
		return false;
	/* An offer does not shorten what was promised. */
	if (is_of(r, who) && r->address == address && r->until > until)
		return true;
	write_record(r, address, who, until);
	return true;
}

void
lent_release(struct lent *l, const struct identity *who, uint32_t address,
    uint64_t now)
{
	struct record *r = find(l, address);

	if (r != NULL && is_of(r, who) && r->until > now)
		write_record(r, address, who, now);
}

void
lent_decline(struct lent *l, uint32_t address, uint64_t now, uint64_t until)
{
	static const struct identity nobody = { .kind = IDENTITY_NONE };
	struct record *r = place(l, address, now);

	if (r != NULL)
		write_record(r, address, &nobody, until);
}

static uint32_t
check(const struct record *r)
{
	return crc32c(0, &r->address,
	    sizeof *r - offsetof(struct record, address));
}

/* The record of that address, or NULL. */
static struct record *
find(const struct lent *l, uint32_t address)
{
	struct record *r;
	uint32_t k;

	for (k = 0; k < WAYS; k++) {
		r = &l->file->slot[(address + k) % LENT_SLOTS];
		/* Never used: nothing was ever put behind it. */
		if (r->address == 0 && r->check == 0)
			return NULL;
		if (r->address == address && r->check == check(r))
			return r;
	}
	return NULL;
}

/* Where its record is, or may go; NULL: all its places are in use. */
static struct record *
place(const struct lent *l, uint32_t address, uint64_t now)
{
	struct record *r = find(l, address), *oldest = NULL;
	uint32_t k;

	if (r != NULL)
		return r;
	for (k = 0; k < WAYS; k++) {
		r = &l->file->slot[(address + k) % LENT_SLOTS];
		if (r->address == 0 || r->check != check(r))
			return r;
		if (r->until <= now &&
		    (oldest == NULL || r->until < oldest->until))
			oldest = r;
	}
	return oldest;
}

static uint32_t
sum(const struct identity *id)
{
	uint8_t kind[2] = { id->kind, id->htype };

	return crc32c(crc32c(0, kind, sizeof kind), id->bytes, id->len);
}

static bool
is_of(const struct record *r, const struct identity *id)
{
	size_t n = id->len < IDENTITY_KEPT ? id->len : IDENTITY_KEPT;

	return r->kind == id->kind && r->htype == id->htype &&
	    r->len == (uint8_t)id->len && r->sum == sum(id) &&
	    memcmp(r->id, id->bytes, n) == 0;
}

static void
write_record(struct record *r, uint32_t address, const struct identity *id,
    uint64_t until)
{
	struct record new = { .address = address, .until = until,
	    .kind = id->kind, .htype = id->htype, .len = (uint8_t)id->len,
	    .sum = sum(id) };

	memcpy(new.id, id->bytes, id->len < IDENTITY_KEPT ? id->len :
	    IDENTITY_KEPT);
	new.check = check(&new);
	*r = new;
}

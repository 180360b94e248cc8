/*
 * Shared file contents: see cache.h.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cache.h"

#define KEEP_FILES	64	/* open, though nobody reads them now */
#define KEEP_US		10000000u
#define BUCKETS		4096u	/* a power of two */
#define LONE_CHUNKS	16u	/* behind the only reader of a file */

struct chunk {
	struct cache_file *file;	/* NULL: free */
	uint64_t number;
	uint32_t next;		/* in its bucket: index + 1, 0 ends */
	uint32_t turn;		/* handed out in this turn */
	bool used;		/* since the hand went by */
};

struct cache_file {
	struct cache *cache;
	struct cache_file *next;
	unsigned users;
	int fd;			/* -1: text */
	bool changed;
	uint32_t number;
	uint64_t idle_since;	/* 0: not yet seen idle */
	struct stat st;
	char text[];
};

struct cache {
	uint8_t *memory;
	struct chunk *chunk;
	uint32_t chunks;
	uint32_t hand;
	uint32_t turn;
	uint32_t numbers;
	unsigned idle;
	struct cache_file *files;
	uint32_t bucket[BUCKETS];	/* index + 1 */
};

static struct chunk *chunk_of(struct cache_file *, uint64_t);
static struct chunk *chunk_find(struct cache_file *, uint64_t);
static struct chunk *chunk_for(struct cache_file *, uint64_t);
static struct chunk *chunk_free(struct cache *);
static void chunk_drop(struct cache *, struct chunk *);
static uint32_t *bucket_of(struct cache *, const struct cache_file *,
    uint64_t);
static bool same(const struct stat *, const struct stat *);
static void forget(struct cache_file *);

struct cache *
cache_new(size_t bytes)
{
	struct cache *c = calloc(1, sizeof *c);

	if (c == NULL)
		return NULL;
	c->turn = 1;
	c->chunks = (uint32_t)(bytes / CACHE_CHUNK);
	c->chunk = calloc(c->chunks, sizeof *c->chunk);
	c->memory = mmap(NULL, (size_t)c->chunks * CACHE_CHUNK,
	    PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (c->chunk != NULL && c->memory != MAP_FAILED)
		return c;
	if (c->memory != MAP_FAILED)
		munmap(c->memory, (size_t)c->chunks * CACHE_CHUNK);
	free(c->chunk);
	free(c);
	return NULL;
}

void
cache_free(struct cache *c)
{
	while (c->files != NULL)
		forget(c->files);
	munmap(c->memory, (size_t)c->chunks * CACHE_CHUNK);
	free(c->chunk);
	free(c);
}

struct cache_file *
cache_open(struct cache *c, int fd, const struct stat *st)
{
	struct cache_file *f;

	for (f = c->files; f != NULL; f = f->next)
		if (f->fd >= 0 && !f->changed && same(&f->st, st)) {
			close(fd);
			if (f->users++ == 0)
				c->idle--;
			return f;
		}
	if ((f = calloc(1, sizeof *f)) == NULL) {
		close(fd);
		return NULL;
	}
	f->cache = c;
	f->fd = fd;
	f->st = *st;
	f->users = 1;
	f->number = c->numbers++;
	f->next = c->files;
	c->files = f;
	return f;
}

/* The identity of a content: nobody changes a file without its mtime. */
static bool
same(const struct stat *a, const struct stat *b)
{
	return a->st_ino == b->st_ino && a->st_dev == b->st_dev &&
	    a->st_size == b->st_size &&
	    a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	    a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

struct cache_file *
cache_text(struct cache *c, const void *bytes, size_t n)
{
	struct cache_file *f = calloc(1, sizeof *f + n);

	if (f == NULL)
		return NULL;
	f->cache = c;
	f->fd = -1;
	f->users = 1;
	f->st.st_size = (off_t)n;
	memcpy(f->text, bytes, n);
	return f;
}

void
cache_share(struct cache_file *f)
{
	f->users++;
}

void
cache_close(struct cache_file *f)
{
	if (--f->users > 0)
		return;
	if (f->fd < 0) {
		free(f);
		return;
	}
	f->idle_since = 0;
	if (f->changed || f->cache->idle == KEEP_FILES)
		forget(f);
	else
		f->cache->idle++;
}

static void
forget(struct cache_file *f)
{
	struct cache *c = f->cache;
	struct cache_file **p;
	uint32_t i;

	for (i = 0; i < c->chunks; i++)
		if (c->chunk[i].file == f)
			chunk_drop(c, &c->chunk[i]);
	for (p = &c->files; *p != f; p = &(*p)->next)
		;
	*p = f->next;
	close(f->fd);
	free(f);
}

uint64_t
cache_size(const struct cache_file *f)
{
	return (uint64_t)f->st.st_size;
}

int
cache_fd(const struct cache_file *f)
{
	return f->fd;
}

time_t
cache_modified(const struct cache_file *f)
{
	return f->st.st_mtim.tv_sec;
}

int
cache_read(struct cache_file *f, uint64_t offset, size_t len,
    struct iovec *piece, int max)
{
	struct cache *c = f->cache;
	struct chunk *k;
	size_t at, n;
	int pieces = 0;

	if (f->fd < 0) {
		piece[0].iov_base = f->text + offset;
		piece[0].iov_len = len;
		return len > 0;
	}
	while (len > 0) {
		if (pieces == max) {
			errno = EINVAL;
			return -1;
		}
		if ((k = chunk_of(f, offset / CACHE_CHUNK)) == NULL)
			return -1;
		at = offset % CACHE_CHUNK;
		n = len < CACHE_CHUNK - at ? len : CACHE_CHUNK - at;
		k->used = true;
		k->turn = c->turn;
		piece[pieces].iov_base = c->memory +
		    (size_t)(k - c->chunk) * CACHE_CHUNK + at;
		piece[pieces++].iov_len = n;
		offset += n;
		len -= n;
	}
	return pieces;
}

static struct chunk *
chunk_of(struct cache_file *f, uint64_t number)
{
	struct cache *c = f->cache;
	uint32_t *b;
	uint64_t from = number * CACHE_CHUNK, left = cache_size(f) - from;
	struct chunk *k;
	size_t want, have;
	ssize_t n;

	if ((k = chunk_find(f, number)) != NULL)
		return k;
	if (f->changed) {
		errno = ESTALE;
		return NULL;
	}
	if ((k = chunk_for(f, number)) == NULL) {
		errno = EAGAIN;
		return NULL;
	}
	want = left < CACHE_CHUNK ? (size_t)left : CACHE_CHUNK;
	for (have = 0; have < want; have += (size_t)n) {
		n = pread(f->fd, c->memory + (size_t)(k - c->chunk) *
		    CACHE_CHUNK + have, want - have, (off_t)(from + have));
		if (n < 0 && errno == EINTR)
			n = 0;
		else if (n <= 0) {
			f->changed = true;
			if (n == 0)
				errno = ESTALE;
			return NULL;
		}
	}
	k->file = f;
	k->number = number;
	b = bucket_of(c, f, number);
	k->next = *b;
	*b = (uint32_t)(k - c->chunk) + 1;
	return k;
}

static struct chunk *
chunk_find(struct cache_file *f, uint64_t number)
{
	struct cache *c = f->cache;
	uint32_t i;

	for (i = *bucket_of(c, f, number); i != 0; i = c->chunk[i - 1].next)
		if (c->chunk[i - 1].file == f &&
		    c->chunk[i - 1].number == number)
			return &c->chunk[i - 1];
	return NULL;
}

/*
 * Room for this one.  What a file's only reader has left behind nobody will
 * want: it goes on in the same few chunks, which the processor has at hand,
 * and leaves what others read.
 */
static struct chunk *
chunk_for(struct cache_file *f, uint64_t number)
{
	struct chunk *k;

	if (f->users == 1 && number >= LONE_CHUNKS) {
		k = chunk_find(f, number - LONE_CHUNKS);
		if (k != NULL && k->turn != f->cache->turn) {
			chunk_drop(f->cache, k);
			return k;
		}
	}
	return chunk_free(f->cache);
}

/* The clock's hand: the next one that was not used since it went by. */
static struct chunk *
chunk_free(struct cache *c)
{
	struct chunk *k;
	uint32_t n;

	for (n = 0; n < 2 * c->chunks; n++) {
		k = &c->chunk[c->hand];
		c->hand = (c->hand + 1) % c->chunks;
		if (k->file == NULL)
			return k;
		if (k->turn == c->turn)
			continue;
		if (k->used) {
			k->used = false;
			continue;
		}
		chunk_drop(c, k);
		return k;
	}
	return NULL;
}

static void
chunk_drop(struct cache *c, struct chunk *k)
{
	uint32_t *p = bucket_of(c, k->file, k->number);
	uint32_t me = (uint32_t)(k - c->chunk) + 1;

	while (*p != me)
		p = &c->chunk[*p - 1].next;
	*p = k->next;
	k->file = NULL;
}

static uint32_t *
bucket_of(struct cache *c, const struct cache_file *f, uint64_t number)
{
	uint64_t h = (number + ((uint64_t)f->number << 32)) *
	    0x9e3779b97f4a7c15u;

	return &c->bucket[h >> 52 & (BUCKETS - 1)];
}

void
cache_turn(struct cache *c)
{
	c->turn++;
}

bool
cache_changed(struct cache_file *f)
{
	struct stat st;

	if (f->fd >= 0 && !f->changed)
		f->changed = fstat(f->fd, &st) != 0 || !same(&f->st, &st);
	return f->changed;
}

bool
cache_spare(struct cache *c)
{
	struct cache_file *f, *next;
	bool any = c->idle > 0;

	for (f = c->files; f != NULL; f = next) {
		next = f->next;
		if (f->users == 0)
			forget(f);
	}
	c->idle = 0;
	return any;
}

void
cache_tick(struct cache *c, uint64_t now)
{
	struct cache_file *f, *next;

	for (f = c->files; f != NULL; f = next) {
		next = f->next;
		if (f->users > 0)
			continue;
		if (f->idle_since == 0)
			f->idle_since = now;
		else if (now - f->idle_since > KEEP_US) {
			c->idle--;
			forget(f);
		}
	}
}

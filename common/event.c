#include "event.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#if defined(__FreeBSD__) || defined(__NetBSD__)
#include <sys/endian.h>
#else
#include <endian.h>
#endif

#include "crc32c.h"
#include "cursor.h"

#define HEAD_SIZE	4096u
#define ZEROS		65536u
#define SECOND		1000000000u

struct event_head {		/* on disk; see event.h */
	char magic[8];
	uint32_t slots;
	uint32_t size;		/* of a record */
	uint8_t pad[48];
	_Atomic uint64_t next;	/* in a cache line of its own */
};

struct event_ring {
	struct event_head *head;
	struct event_record *slot;
	uint32_t slots;
	size_t size;
	bool write;
};

static uint64_t
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (uint64_t)t.tv_sec * SECOND + (uint64_t)t.tv_nsec;
}

static bool
write_all(int fd, const void *bytes, size_t n)
{
	ssize_t done;

	for (const char *p = bytes; n > 0; p += done, n -= (size_t)done) {
		done = write(fd, p, n);
		if (done < 0)
			return false;
	}
	return true;
}

/*
 * An empty ring.  Zeros are written and not just allocated: posix_fallocate
 * is not there for every file system.
 */
static bool
fill(int fd)
{
	struct event_head head = { .magic = EVENT_MAGIC,
	    .slots = htole32(EVENT_SLOTS),
	    .size = htole32(sizeof(struct event_record)), .next = htole64(1) };
	char *zeros = calloc(1, ZEROS);
	size_t left = HEAD_SIZE - sizeof head +
	    (size_t)EVENT_SLOTS * sizeof(struct event_record);
	bool ok = zeros != NULL && write_all(fd, &head, sizeof head);

	while (ok && left > 0) {
		size_t n = left < ZEROS ? left : ZEROS;

		ok = write_all(fd, zeros, n);
		left -= n;
	}
	free(zeros);
	return ok && fchmod(fd, 0644) == 0;
}

/*
 * Makes the file under another name and links it, so that nobody sees half
 * of it; whoever comes second finds it made.
 */
static bool
make(const char *path)
{
	char temporary[4096];
	int fd, saved;
	bool ok;

	if (snprintf(temporary, sizeof temporary, "%s.XXXXXX", path) >=
	    (int)sizeof temporary) {
		errno = ENAMETOOLONG;
		return false;
	}
	fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0)
		return false;
	ok = fill(fd) && (link(temporary, path) == 0 || errno == EEXIST);
	saved = errno;
	close(fd);
	unlink(temporary);
	errno = saved;
	return ok;
}

static struct event_ring *
map(int fd, bool write)
{
	struct event_head head;
	struct event_ring *r;
	struct stat st;
	void *p;

	if (fstat(fd, &st) != 0)
		return NULL;
	if (!S_ISREG(st.st_mode) ||
	    pread(fd, &head, sizeof head, 0) != sizeof head ||
	    memcmp(head.magic, EVENT_MAGIC, sizeof head.magic) != 0 ||
	    le32toh(head.size) != sizeof(struct event_record) ||
	    head.slots == 0 ||
	    (uint64_t)st.st_size != HEAD_SIZE +
	    (uint64_t)le32toh(head.slots) * sizeof(struct event_record)) {
		errno = EINVAL;
		return NULL;
	}
	p = mmap(NULL, (size_t)st.st_size,
	    write ? PROT_READ | PROT_WRITE : PROT_READ, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED)
		return NULL;
	r = malloc(sizeof *r);
	if (r == NULL) {
		munmap(p, (size_t)st.st_size);
		return NULL;
	}
	*r = (struct event_ring){ p, (void *)((char *)p + HEAD_SIZE),
	    le32toh(head.slots), (size_t)st.st_size, write };
	return r;
}

struct event_ring *
event_open(const char *root, bool write)
{
	int flags = (write ? O_RDWR : O_RDONLY) | O_CLOEXEC, fd, saved;
	struct event_ring *r;
	char path[4000];

	if (snprintf(path, sizeof path, "%s/db/events", root) >=
	    (int)sizeof path) {
		errno = ENAMETOOLONG;
		return NULL;
	}
	fd = open(path, flags);
	if (fd < 0 && errno == ENOENT && write && make(path))
		fd = open(path, flags);
	if (fd < 0)
		return NULL;
	r = map(fd, write);
	saved = errno;
	close(fd);
	errno = saved;
	return r;
}

void
event_close(struct event_ring *r)
{
	if (r == NULL)
		return;
	munmap(r->head, r->size);
	free(r);
}

void
event_make(struct event_record *e, enum event_program program,
    enum event_stage stage, enum event_reason reason)
{
	*e = (struct event_record){ .time = now(), .program = (uint8_t)program,
	    .stage = (uint8_t)stage, .reason = (uint8_t)reason };
}

void
event_set_identity(struct event_record *e, const struct identity *id)
{
	e->id_kind = id->kind;
	e->id_htype = id->htype;
	e->id_len = (uint8_t)(id->len < EVENT_IDENTITY_MAX ? id->len :
	    EVENT_IDENTITY_MAX);
	memcpy(e->id, id->bytes, e->id_len);
}

void
event_set_address(struct event_record *e, uint32_t host_order)
{
	struct put o = put_into(e->address, sizeof e->address);

	put_u32(&o, host_order);
	e->family = 4;
}

static void
printable(char *s, size_t size)
{
	s[size - 1] = '\0';
	for (; *s != '\0'; s++)
		if (*s < ' ' || *s > '~')
			*s = '?';
}

void
event_set_name(struct event_record *e, const char *name)
{
	strncpy(e->name, name, sizeof e->name - 1);
	printable(e->name, sizeof e->name);
}

void
event_set_detail(struct event_record *e, const char *detail)
{
	strncpy(e->detail, detail, sizeof e->detail - 1);
	printable(e->detail, sizeof e->detail);
}

/* Between the machine's byte order and the file's: the same either way. */
static void
swap(struct event_record *e)
{
	e->seq = htole64(e->seq);
	e->time = htole64(e->time);
	e->check = htole32(e->check);
	e->ms = htole32(e->ms);
	e->bytes = htole64(e->bytes);
	e->number = htole64(e->number);
}

/* Of a record in the file's byte order; check itself counts as zero. */
static uint32_t
check_of(uint64_t seq, const struct event_record *e)
{
	struct event_record c = *e;

	c.check = 0;
	return crc32c((uint32_t)seq, &c.time,
	    sizeof c - offsetof(struct event_record, time));
}

static uint64_t
take_number(struct event_head *head)
{
	uint64_t next;

	if (htole64(1) == 1)
		return atomic_fetch_add(&head->next, 1);
	next = atomic_load(&head->next);
	while (!atomic_compare_exchange_weak(&head->next, &next,
	    htole64(le64toh(next) + 1)))
		continue;
	return le64toh(next);
}

static _Atomic uint64_t *
seq_of(struct event_record *slot)
{
	return (_Atomic uint64_t *)&slot->seq;
}

/* The order of the stores is the contract of event.h. */
void
event_put(struct event_ring *r, struct event_record *e)
{
	struct event_record record, *slot;
	uint64_t seq;

	if (r == NULL || !r->write)
		return;
	if (e->time == 0)
		e->time = now();
	seq = take_number(r->head);
	e->seq = seq;
	record = *e;
	swap(&record);
	record.check = htole32(check_of(seq, &record));
	e->check = le32toh(record.check);

	slot = &r->slot[(seq - 1) % r->slots];
	atomic_store_explicit(seq_of(slot), 0, memory_order_relaxed);
	atomic_thread_fence(memory_order_seq_cst);
	memcpy((char *)slot + sizeof slot->seq,
	    (char *)&record + sizeof record.seq,
	    sizeof record - sizeof record.seq);
	atomic_store_explicit(seq_of(slot), record.seq,
	    memory_order_release);
}

void
event_rest(struct event_ring *r)
{
	if (r != NULL)
		madvise(r->slot, r->size - HEAD_SIZE, MADV_DONTNEED);
}

uint64_t
event_head(const struct event_ring *r)
{
	return le64toh(atomic_load(&r->head->next));
}

enum found { WHOLE, GONE, NOT_YET };

static enum found
look(const struct event_ring *r, uint64_t seq, struct event_record *e)
{
	struct event_record *slot = &r->slot[(seq - 1) % r->slots];
	uint64_t has;

	has = le64toh(atomic_load_explicit(seq_of(slot),
	    memory_order_acquire));
	if (has < seq)
		return NOT_YET;
	if (has > seq)
		return GONE;
	memcpy(e, slot, sizeof *e);
	e->seq = htole64(seq);
	if (le32toh(e->check) != check_of(seq, e))
		return GONE;
	swap(e);
	printable(e->name, sizeof e->name);
	printable(e->detail, sizeof e->detail);
	if (e->id_len > EVENT_IDENTITY_MAX)
		e->id_len = EVENT_IDENTITY_MAX;
	return WHOLE;
}

/*
 * Nobody writes a record for a second: if one that came after it is older
 * than that (or of another time altogether), its writer died.
 */
static bool
abandoned(const struct event_ring *r, uint64_t seq, uint64_t head)
{
	struct event_record later;
	uint64_t t = now();

	while (++seq < head)
		if (look(r, seq, &later) == WHOLE)
			return later.time > t + SECOND ||
			    later.time + SECOND < t;
	return false;
}

bool
event_next(const struct event_ring *r, uint64_t *seq, struct event_record *e)
{
	return event_next_before(r, seq, UINT64_MAX, e);
}

bool
event_next_before(const struct event_ring *r, uint64_t *seq, uint64_t end,
    struct event_record *e)
{
	uint64_t head = event_head(r);
	uint64_t oldest = head > r->slots ? head - r->slots : 1;

	if (*seq < oldest)
		*seq = oldest;
	if (end > head)
		end = head;
	while (*seq < end) {
		enum found found = look(r, *seq, e);

		if (found == NOT_YET && !abandoned(r, *seq, head))
			return false;
		++*seq;
		if (found == WHOLE)
			return true;
	}
	return false;
}

static const char *const stages[] = {
	[EVENT_ASKED] = "asked", [EVENT_ADDRESS] = "address",
	[EVENT_LOADER] = "loader", [EVENT_CONFIG] = "config",
	[EVENT_KERNEL] = "kernel", [EVENT_INITRD] = "initrd",
	[EVENT_LEASE] = "lease", [EVENT_FILES] = "files",
	[EVENT_UP] = "up", [EVENT_FILE] = "file",
	[EVENT_SILENCE] = "silence", [EVENT_RELEASE] = "release",
	[EVENT_DECLINE] = "decline", [EVENT_PROGRESS] = "progress",
};

static const char *const programs[] = {
	[EVENT_BOOTPD] = "bootpd", [EVENT_TFTPD] = "tftpd",
	[EVENT_RSYNC_SHIM] = "rsync-shim", [EVENT_PXECTL] = "pxectl",
	[EVENT_GUEST] = "guest",
};

static const struct {
	const char *name, *text;
} reasons[] = {
	[EVENT_OK] = { "ok", "all is well" },
	[EVENT_UNREGISTERED] = { "unregistered",
	    "no entry has this identity or address" },
	[EVENT_NO_ADDRESS] = { "no-address",
	    "the host has no address on this network" },
	[EVENT_NO_SUBNET] = { "no-subnet",
	    "it asked from a network that no subnet entry describes" },
	[EVENT_OTHER_SERVER] = { "other-server",
	    "the client chose another server" },
	[EVENT_MALFORMED] = { "malformed", "the packet is malformed" },
	[EVENT_TRUNCATED] = { "truncated", "the packet is cut short" },
	[EVENT_NOT_REQUEST] = { "not-request",
	    "the packet is a reply, not a request" },
	[EVENT_HOPS] = { "hops", "the packet passed too many relays" },
	[EVENT_WRONG_ADDRESS] = { "wrong-address",
	    "the client asked for an address that is not its own" },
	[EVENT_DAMAGED] = { "damaged",
	    "the database entry is damaged: pxectl check" },
	[EVENT_NO_FILE] = { "no-file", "there is no such file" },
	[EVENT_FORBIDDEN] = { "forbidden",
	    "the host may not have this file or module" },
	[EVENT_TIMEOUT] = { "timeout", "the client went silent" },
	[EVENT_CLIENT_ERROR] = { "client-error",
	    "the client ended it with an error" },
	[EVENT_SEND_FAILED] = { "send-failed",
	    "the answer could not be sent" },
	[EVENT_UNSUPPORTED] = { "unsupported",
	    "nobody answers this kind of message here" },
	[EVENT_NO_BOOT_FILE] = { "no-boot-file",
	    "the entry names no boot file for this firmware" },
	[EVENT_LIMIT] = { "limit", "too many at once" },
	[EVENT_CHANGED] = { "changed",
	    "the file changed while it was sent" },
	[EVENT_ALL_LENT] = { "all-lent",
	    "no address of discover= is left to lend" },
	[EVENT_OTHER_INTERFACE] = { "other-interface",
	    "it asked by an interface that is not served" },
};

#define WORD(table, i, word) \
	((i) < sizeof (table) / sizeof *(table) && (word) != NULL ? \
	(word) : "unknown")

const char *
event_stage_name(unsigned i)
{
	return WORD(stages, i, stages[i]);
}

const char *
event_reason_name(unsigned i)
{
	return WORD(reasons, i, reasons[i].name);
}

const char *
event_reason_text(unsigned i)
{
	return WORD(reasons, i, reasons[i].text);
}

const char *
event_program_name(unsigned i)
{
	return WORD(programs, i, programs[i]);
}

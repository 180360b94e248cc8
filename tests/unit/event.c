#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "event.h"

#define HEAD	4096
#define OLD	1000000000	/* a second in 1970: long ago */

static char root[PATH_MAX], path[PATH_MAX + 16];

static int
make_root(void **state)
{
	const char *tmp = getenv("TMPDIR");
	char db[PATH_MAX + 8];

	(void)state;
	snprintf(root, sizeof root, "%s/event.XXXXXX",
	    tmp != NULL ? tmp : "/tmp");
	if (mkdtemp(root) == NULL)
		return -1;
	snprintf(db, sizeof db, "%s/db", root);
	snprintf(path, sizeof path, "%s/events", db);
	return mkdir(db, 0755);
}

static int
remove_root(void **state)
{
	char db[PATH_MAX + 8];

	(void)state;
	snprintf(db, sizeof db, "%s/db", root);
	unlink(path);
	return rmdir(db) != 0 || rmdir(root) != 0;	/* and no other file */
}

static void
add(struct event_ring *r, uint64_t number)
{
	struct event_record e;
	char detail[EVENT_DETAIL_MAX];

	event_make(&e, EVENT_TFTPD, EVENT_FILE, EVENT_OK);
	e.number = number;
	e.bytes = ~number;
	snprintf(detail, sizeof detail, "%0100llu",
	    (unsigned long long)number);
	event_set_detail(&e, detail);
	event_put(r, &e);
}

/* A whole record says the same thing three times. */
static bool
whole(const struct event_record *e)
{
	return e->bytes == ~e->number &&
	    strtoull(e->detail, NULL, 10) == e->number;
}

static void
put_at(off_t at, const void *bytes, size_t n)
{
	int fd = open(path, O_WRONLY);

	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, bytes, n, at), n);
	close(fd);
}

static void
writes_and_reads(void **state)
{
	struct event_ring *w, *r;
	struct identity id = { .kind = IDENTITY_CLIENT_ID, .len = 40 };
	struct event_record e;
	uint64_t seq = 0;
	struct stat st;

	(void)state;
	assert_null(event_open(root, false));
	assert_int_equal(errno, ENOENT);
	w = event_open(root, true);
	assert_non_null(w);
	r = event_open(root, false);
	assert_non_null(r);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0644);
	assert_int_equal(st.st_size, HEAD + 256 * EVENT_SLOTS);
	assert_true(st.st_blocks * 512 >= st.st_size);
	assert_false(event_next(r, &seq, &e));
	assert_int_equal(event_head(r), 1);

	event_make(&e, EVENT_BOOTPD, EVENT_SILENCE, EVENT_UNREGISTERED);
	memset(id.bytes, 7, id.len);
	event_set_identity(&e, &id);
	event_set_address(&e, 0xc000020a);
	event_set_name(&e, "a host name that is longer than the room there is "
	    "in a record of the ring");
	event_set_detail(&e, "line\nend\x1b\xc3\xa4\x7f");
	event_put(w, &e);
	event_put(NULL, &e);
	event_put(r, &e);	/* opened for reading: nothing */

	assert_int_equal(event_head(r), 2);
	assert_true(event_next(r, &seq, &e));
	assert_int_equal(seq, 2);
	assert_int_equal(e.seq, 1);
	assert_int_equal(e.program, EVENT_BOOTPD);
	assert_int_equal(e.stage, EVENT_SILENCE);
	assert_int_equal(e.reason, EVENT_UNREGISTERED);
	assert_int_equal(e.id_kind, IDENTITY_CLIENT_ID);
	assert_int_equal(e.id_len, EVENT_IDENTITY_MAX);
	assert_int_equal(e.family, 4);
	assert_memory_equal(e.address, "\xc0\x00\x02\x0a", 4);
	assert_int_equal(strlen(e.name), EVENT_NAME_MAX - 1);
	assert_string_equal(e.detail, "line?end????");
	assert_true(e.time / 1000000000 - (uint64_t)time(NULL) + 5 < 10);
	assert_false(event_next(r, &seq, &e));
	event_close(r);
	event_close(w);
	event_close(NULL);
}

/* What comes after the reader began is for the next one. */
static void
end(void **state)
{
	struct event_ring *w = event_open(root, true);
	struct event_record e;
	uint64_t seq = event_head(w), last;

	(void)state;
	add(w, 1);
	add(w, 2);
	last = event_head(w);
	add(w, 3);
	assert_true(event_next_before(w, &seq, last, &e) && e.number == 1);
	add(w, 4);
	assert_true(event_next_before(w, &seq, last, &e) && e.number == 2);
	assert_false(event_next_before(w, &seq, last, &e));
	assert_true(event_next(w, &seq, &e) && e.number == 3);
	event_close(w);
}

static void
outlives_a_restart(void **state)
{
	struct event_ring *w = event_open(root, true);
	struct event_record e;
	uint64_t seq = 0;

	(void)state;
	add(w, 1);
	event_close(w);
	w = event_open(root, true);
	add(w, 2);
	assert_true(event_next(w, &seq, &e) && e.number == 1);
	assert_true(event_next(w, &seq, &e) && e.number == 2);
	event_close(w);
}

static void
wraps_to_the_oldest(void **state)
{
	struct event_ring *w = event_open(root, true);
	uint64_t seq = 0, lagging = 5, n = EVENT_SLOTS + 100;
	struct event_record e;

	(void)state;
	for (uint64_t i = 1; i <= n; i++)
		add(w, i);
	assert_true(event_next(w, &seq, &e));
	assert_int_equal(e.number, 101);
	assert_true(event_next(w, &lagging, &e));
	assert_int_equal(e.number, 101);
	for (uint64_t i = 102; i <= n; i++) {
		assert_true(event_next(w, &seq, &e));
		assert_int_equal(e.number, i);
	}
	assert_false(event_next(w, &seq, &e));
	event_close(w);
}

/* A flipped bit anywhere in a record loses that record alone. */
static void
damaged_records_are_skipped(void **state)
{
	static const off_t at[] = { 8, 16, 20, 31, 60, 100, 200, 255 };

	(void)state;
	for (size_t i = 0; i < sizeof at / sizeof *at; i++) {
		struct event_ring *w = event_open(root, true);
		uint64_t seq = event_head(w), first = seq;
		struct event_record e;
		off_t slot = HEAD + 256 * (off_t)((first - 1) % EVENT_SLOTS);

		add(w, 1);
		add(w, 2);
		put_at(slot + at[i], "\xa5", 1);
		assert_true(event_next(w, &seq, &e));
		assert_int_equal(e.number, 2);
		event_close(w);
	}
}

/* A body that came with another number, as a writer that was lapped leaves. */
static void
mixed_records_are_skipped(void **state)
{
	struct event_ring *w = event_open(root, true);
	uint8_t record[256];
	uint64_t seq = 2;
	struct event_record e;
	int fd = open(path, O_RDONLY);

	(void)state;
	for (uint64_t i = 1; i <= 3; i++)
		add(w, i);
	assert_int_equal(pread(fd, record, sizeof record, HEAD), 256);
	close(fd);
	put_at(HEAD + 256 + 8, record + 8, sizeof record - 8);
	assert_true(event_next(w, &seq, &e));
	assert_int_equal(e.number, 3);
	event_close(w);
}

/* A writer killed between its number and its record leaves such a hole. */
static void
holes_of_dead_writers_are_skipped(void **state)
{
	struct event_ring *w = event_open(root, true);
	const uint64_t zero = 0;
	uint64_t seq = 0;
	struct event_record e;

	(void)state;
	add(w, 1);
	add(w, 2);
	put_at(HEAD + 256, &zero, sizeof zero);
	add(w, 3);
	assert_true(event_next(w, &seq, &e) && e.number == 1);
	/* Just now: perhaps it is still being written. */
	assert_false(event_next(w, &seq, &e));
	assert_int_equal(seq, 2);
	event_make(&e, EVENT_TFTPD, EVENT_FILE, EVENT_OK);
	put_at(HEAD + 512, &zero, sizeof zero);
	e.time = OLD;
	e.number = 4;
	event_put(w, &e);
	assert_true(event_next(w, &seq, &e));
	assert_int_equal(e.number, 4);
	assert_int_equal(seq, 5);
	event_close(w);
}

static void
foreign_files_are_refused(void **state)
{
	(void)state;
	event_close(event_open(root, true));
	put_at(0, "x", 1);
	assert_null(event_open(root, false));
	assert_int_equal(errno, EINVAL);
	put_at(0, EVENT_MAGIC, 8);
	event_close(event_open(root, false));
	assert_int_equal(truncate(path, HEAD + 256 * 100), 0);
	assert_null(event_open(root, true));
	assert_int_equal(errno, EINVAL);
	assert_int_equal(truncate(path, 10), 0);
	assert_null(event_open(root, true));
	assert_int_equal(errno, EINVAL);
}

#define WRITERS	4
#define EACH	40000	/* more than go into the ring, all together */

static void
start_writers(pid_t *pid)
{
	for (int i = 0; i < WRITERS; i++) {
		pid[i] = fork();
		assert_true(pid[i] >= 0);
		if (pid[i] == 0) {
			struct event_ring *w = event_open(root, true);

			if (w == NULL)
				_exit(1);
			for (uint64_t n = 1; n <= EACH; n++)
				add(w, (uint64_t)i << 32 | n);
			_exit(0);
		}
	}
}

/*
 * All make the file at once, write at once, and one reads: every record is
 * whole and those of a writer come in order.  At the end all that still fits
 * is there.
 */
static void
many_writers_one_reader(void **state)
{
	uint64_t last[WRITERS] = { 0 }, seq = 0, read = 0;
	struct event_ring *r;
	pid_t pid[WRITERS];
	int running = WRITERS, status;
	struct event_record e;

	(void)state;
	start_writers(pid);
	while ((r = event_open(root, false)) == NULL)
		assert_int_equal(errno, ENOENT);
	while (running > 0) {
		for (; event_next(r, &seq, &e); read++) {
			uint64_t who = e.number >> 32;

			assert_true(whole(&e));
			assert_true(who < WRITERS);
			assert_true((e.number & 0xffffffff) > last[who]);
			last[who] = e.number & 0xffffffff;
		}
		if (waitpid(-1, &status, WNOHANG) > 0) {
			assert_int_equal(status, 0);
			running--;
		}
	}
	assert_true(read > 0);
	assert_int_equal(event_head(r), WRITERS * EACH + 1);
	seq = read = 0;
	while (event_next(r, &seq, &e)) {
		assert_true(whole(&e));
		read++;
	}
	/* Writers may have lapped a slower one in a slot, hardly ever. */
	assert_true(read <= EVENT_SLOTS && read > EVENT_SLOTS - 10);
	event_close(r);
}

/* Kilobytes of files that count as memory of this process. */
static long
mapped(void)
{
	char line[128];
	long n, sum = 0;
	FILE *f = fopen("/proc/self/status", "r");

	while (f != NULL && fgets(line, sizeof line, f) != NULL)
		if (sscanf(line, "RssFile: %ld", &n) == 1 ||
		    sscanf(line, "RssShmem: %ld", &n) == 1)
			sum += n;
	if (f != NULL)
		fclose(f);
	return sum;
}

/* 16 MB went through it: they stay in the file, and are nobody's memory. */
static void
gives_memory_back(void **state)
{
	struct event_ring *w = event_open(root, true), *r;
	struct event_record e;
	uint64_t seq = 0, n;
	long before, after;

	(void)state;
	assert_non_null(w);
	before = mapped();
	for (n = 1; n <= EVENT_SLOTS; n++)
		add(w, n);
	assert_true(mapped() - before > 8192);
	event_rest(w);
	after = mapped();
	event_close(w);
	assert_true(after - before < 1024);
	r = event_open(root, false);
	for (n = 0; event_next(r, &seq, &e); n++)
		assert_true(whole(&e));
	assert_int_equal(n, EVENT_SLOTS);
	event_close(r);
}

static void
names(void **state)
{
	(void)state;
	assert_string_equal(event_stage_name(EVENT_ASKED), "asked");
	assert_string_equal(event_stage_name(EVENT_PROGRESS), "progress");
	assert_string_equal(event_stage_name(0), "unknown");
	assert_string_equal(event_stage_name(200), "unknown");
	assert_string_equal(event_program_name(EVENT_GUEST), "guest");
	assert_string_equal(event_program_name(6), "unknown");
	for (unsigned i = 0; i <= EVENT_CHANGED; i++) {
		assert_string_not_equal(event_reason_name(i), "unknown");
		assert_string_not_equal(event_reason_text(i), "unknown");
	}
	assert_string_equal(event_reason_text(99), "unknown");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, make_root, remove_root)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(writes_and_reads),
		TEST(outlives_a_restart),
		TEST(wraps_to_the_oldest),
		TEST(damaged_records_are_skipped),
		TEST(mixed_records_are_skipped),
		TEST(holes_of_dead_writers_are_skipped),
		TEST(foreign_files_are_refused),
		TEST(many_writers_one_reader),
		TEST(gives_memory_back),
		TEST(end),
		cmocka_unit_test(names),
	};

	return cmocka_run_group_tests_name("event", tests, NULL, NULL);
}

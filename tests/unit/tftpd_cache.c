#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../tftpd/cache.h"

static struct cache *cache;
static char path[] = "/tmp/tftpd_cache.XXXXXX";

static uint8_t
byte_at(uint64_t offset)
{
	return (uint8_t)(offset * 31 + offset / 251);
}

static int
write_file(size_t n)
{
	uint8_t *bytes = malloc(n + 1);
	int fd = open(path, O_RDWR | O_TRUNC | O_CREAT, 0600);

	assert_true(fd >= 0);
	for (size_t i = 0; i < n; i++)
		bytes[i] = byte_at(i);
	assert_int_equal(write(fd, bytes, n), n);
	free(bytes);
	return fd;
}

static struct cache_file *
file_of(int fd)
{
	struct cache_file *f;
	struct stat st;

	assert_int_equal(fstat(fd, &st), 0);
	f = cache_open(cache, fd, &st);
	assert_non_null(f);
	return f;
}

static void
reads_right(struct cache_file *f, uint64_t offset, size_t len)
{
	struct iovec piece[8];
	int n = cache_read(f, offset, len, piece, 8);
	size_t done = 0;

	assert_true(n >= 0);
	for (int i = 0; i < n; i++)
		for (size_t k = 0; k < piece[i].iov_len; k++)
			assert_int_equal(((uint8_t *)piece[i].iov_base)[k],
			    byte_at(offset + done++));
	assert_int_equal(done, len);
}

static int
set_up(void **state)
{
	(void)state;
	close(mkstemp(path));
	cache = cache_new(4 * CACHE_CHUNK);
	return cache == NULL;
}

static int
tear_down(void **state)
{
	(void)state;
	cache_free(cache);
	return unlink(path);
}

static void
pieces_across_chunks(void **state)
{
	struct cache_file *f = file_of(write_file(10 * CACHE_CHUNK + 7));

	(void)state;
	assert_int_equal(cache_size(f), 10 * CACHE_CHUNK + 7);
	for (uint64_t at = 0; at + 20000 < cache_size(f); at += 777) {
		reads_right(f, at, 1428);
		cache_turn(cache);
		reads_right(f, at, 20000);
		cache_turn(cache);
	}
	reads_right(f, 10 * CACHE_CHUNK, 7);
	reads_right(f, cache_size(f), 0);
	cache_close(f);
}

/* What was handed out stays until the turn, however much is asked for. */
static void
nothing_moves_within_a_turn(void **state)
{
	struct cache_file *f = file_of(write_file(10 * CACHE_CHUNK));
	struct iovec piece[8];

	(void)state;
	cache_turn(cache);
	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(cache_read(f, i * CACHE_CHUNK, 16, piece, 8),
		    1);
	assert_int_equal(cache_read(f, 5 * CACHE_CHUNK, 16, piece, 8), -1);
	assert_int_equal(errno, EAGAIN);
	cache_turn(cache);
	reads_right(f, 5 * CACHE_CHUNK, 16);
	cache_close(f);
}

static void
one_file_is_opened_once(void **state)
{
	int fd = write_file(100), again = dup(fd);
	struct cache_file *a = file_of(fd), *b = file_of(again);

	(void)state;
	assert_ptr_equal(a, b);
	assert_int_equal(fcntl(again, F_GETFD), -1);
	cache_close(a);
	reads_right(b, 0, 100);
	cache_close(b);
}

/* Never SIGBUS, never another content: a shorter file is stale. */
static void
a_file_cut_while_it_is_sent(void **state)
{
	struct cache_file *f = file_of(write_file(8 * CACHE_CHUNK)), *g;
	struct iovec piece[8];

	(void)state;
	cache_turn(cache);
	reads_right(f, 0, 100);
	assert_false(cache_changed(f));
	assert_int_equal(truncate(path, 100), 0);
	assert_int_equal(cache_read(f, 6 * CACHE_CHUNK, 10, piece, 8), -1);
	assert_int_equal(errno, ESTALE);
	assert_true(cache_changed(f));
	/* Who comes now gets the new one. */
	g = file_of(open(path, O_RDONLY));
	assert_ptr_not_equal(f, g);
	assert_int_equal(cache_size(g), 100);
	cache_close(f);
	reads_right(g, 0, 100);
	cache_close(g);
}

/* A long file that one client reads leaves what others read. */
static void
one_reader_takes_little(void **state)
{
	struct cache *small = cache;
	struct cache_file *kept, *lone;
	struct iovec piece[8];
	char other[] = "/tmp/tftpd_cache.XXXXXX";
	int fd = mkstemp(other);

	(void)state;
	cache = cache_new(40 * CACHE_CHUNK);
	assert_int_equal(write(fd, "before", 6), 6);
	kept = file_of(fd);
	assert_int_equal(cache_read(kept, 0, 6, piece, 8), 1);
	lone = file_of(write_file(400 * CACHE_CHUNK));
	for (uint64_t at = 0; at + 1000 <= cache_size(lone); at += 1000) {
		cache_turn(cache);
		reads_right(lone, at, 1000);
		if (at >= 30000)	/* a window once more */
			reads_right(lone, at - 30000, 30000);
	}
	assert_int_equal(pwrite(fd, "behind", 6, 0), 6);
	assert_int_equal(cache_read(kept, 0, 6, piece, 8), 1);
	assert_memory_equal(piece[0].iov_base, "before", 6);
	cache_close(lone);
	cache_close(kept);
	cache_free(cache);
	cache = small;
	unlink(other);
}

static void
texts(void **state)
{
	struct cache_file *f = cache_text(cache, "hello", 5);
	struct iovec piece;

	(void)state;
	assert_int_equal(cache_size(f), 5);
	assert_int_equal(cache_read(f, 1, 4, &piece, 1), 1);
	assert_memory_equal(piece.iov_base, "ello", 4);
	assert_int_equal(cache_read(f, 5, 0, &piece, 1), 0);
	assert_false(cache_changed(f));
	cache_close(f);
}

/* Descriptors of files that nobody reads are given back in time. */
static void
idle_files_are_let_go(void **state)
{
	int fd = write_file(100);
	struct cache_file *f = file_of(fd);

	(void)state;
	cache_close(f);
	cache_tick(cache, 1000000);
	assert_true(fcntl(fd, F_GETFD) >= 0);
	cache_tick(cache, 60000000);
	assert_int_equal(fcntl(fd, F_GETFD), -1);
	/* Or at once, but for those that are read. */
	fd = write_file(100);
	cache_close(file_of(fd));
	f = file_of(write_file(200));
	assert_true(cache_spare(cache));
	assert_int_equal(fcntl(fd, F_GETFD), -1);
	assert_false(cache_spare(cache));
	reads_right(f, 0, 200);
	cache_close(f);
	assert_true(cache_spare(cache));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pieces_across_chunks),
		cmocka_unit_test(nothing_moves_within_a_turn),
		cmocka_unit_test(one_file_is_opened_once),
		cmocka_unit_test(a_file_cut_while_it_is_sent),
		cmocka_unit_test(one_reader_takes_little),
		cmocka_unit_test(texts),
		cmocka_unit_test(idle_files_are_let_go),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}

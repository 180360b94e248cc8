/* Many keys at once: what LMDB finds, and nothing else; damaged pages too. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "pages.h"

#define KEYS	20000u
#define AT_ONCE	64u
#define LONGEST	400u

struct key {
	uint8_t bytes[LONGEST];
	size_t n;
};

static char directory[] = "/tmp/pages-test-XXXXXX";
static MDB_env *env;
static MDB_txn *txn;
static MDB_dbi table;
static struct pages pages;
static struct pages_tree tree;
static size_t found;

/* Key and value of the number i: the same each time, of many lengths. */
static void
key_of(unsigned i, struct key *k)
{
	uint32_t x = i * 2654435761u;

	/* some differ behind their first bytes only, some by length alone */
	k->n = 1 + x % 23;
	memset(k->bytes, i % 3 == 0 ? 0 : 'k', sizeof k->bytes);
	if (k->n > 12)
		memcpy(k->bytes + k->n - 3, &x, 3);
	else if (k->n >= 4)
		memcpy(k->bytes, &x, 4);
	if (i % 1000 == 7)
		k->n = LONGEST;
}

static size_t
value_of(unsigned i, char *value, size_t size)
{
	/* some have pages of their own */
	return (size_t)snprintf(value, size, "%u%*s", i,
	    i % 50 == 3 ? 2100 : (int)(i % 90), "");
}

static void
fill(unsigned from, unsigned to)
{
	static char value[3000];
	struct key key;
	unsigned i;
	MDB_val k, v;

	assert_int_equal(mdb_txn_begin(env, NULL, 0, &txn), 0);
	assert_int_equal(mdb_dbi_open(txn, "table", MDB_CREATE, &table), 0);
	for (i = from; i < to; i++) {
		key_of(i, &key);
		k = (MDB_val){ key.n, key.bytes };
		v = (MDB_val){ value_of(i, value, sizeof value), value };
		assert_int_equal(mdb_put(txn, table, &k, &v, 0), 0);
		if (i % 7 != 0)
			continue;
		key_of(i / 2, &key);
		k = (MDB_val){ key.n, key.bytes };
		assert_in_range(-mdb_del(txn, table, &k, NULL), 0,
		    -MDB_NOTFOUND);
	}
	assert_int_equal(mdb_txn_commit(txn), 0);
}

static void
look(void)
{
	assert_int_equal(mdb_txn_begin(env, NULL, MDB_RDONLY, &txn), 0);
	assert_true(pages_open(&pages, txn));
	assert_true(pages_tree(&pages, txn, "table", &tree));
}

static int
setup(void **state)
{
	(void)state;
	return mkdtemp(directory) == NULL || mdb_env_create(&env) != 0 ||
	    mdb_env_set_maxdbs(env, 2) != 0 ||
	    mdb_env_set_mapsize(env, 64 << 20) != 0 ||
	    mdb_env_open(env, directory, MDB_NOSYNC, 0600) != 0;
}

static int
teardown(void **state)
{
	char command[64];

	(void)state;
	mdb_env_close(env);
	snprintf(command, sizeof command, "rm -rf %s", directory);
	return system(command);
}

/* Asks for keys from..., n of them, and LMDB for each. */
static void
compare(unsigned from, unsigned n)
{
	static struct key key[AT_ONCE];
	struct pages_search s[AT_ONCE];
	MDB_val k, v;
	unsigned i;
	int there;

	for (i = 0; i < n; i++) {
		key_of((from + i) * 7919 % (2 * KEYS), &key[i]);
		s[i] = (struct pages_search){ .key = key[i].bytes,
		    .keylen = key[i].n };
	}
	pages_find(&pages, &tree, s, n);
	for (i = 0; i < n; i++) {
		k = (MDB_val){ key[i].n, key[i].bytes };
		there = mdb_get(txn, table, &k, &v) == 0;
		/* what starts a page has it to itself */
		if (there && (uintptr_t)v.mv_data % pages.size != 16) {
			assert_ptr_equal(s[i].value, v.mv_data);
			assert_int_equal(s[i].n, v.mv_size);
			found++;
		} else {
			assert_null(s[i].value);
		}
	}
}

static void
finds_what_lmdb_finds(void **state)
{
	static const unsigned sizes[] = { 2, 30, 2000, KEYS };
	unsigned from, n, done = 0;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		fill(done, sizes[i]);
		done = sizes[i];
		look();
		found = 0;
		for (from = 0, n = 1; from < 2 * KEYS; from += n) {
			n = n % AT_ONCE + 1;
			compare(from, n);
		}
		assert_true(found > 0);
		mdb_txn_abort(txn);
	}
	assert_true(tree.depth >= 3);
	assert_true(found > KEYS / 4);
}

static void
an_empty_tree_has_nothing(void **state)
{
	(void)state;
	assert_int_equal(mdb_txn_begin(env, NULL, 0, &txn), 0);
	assert_int_equal(mdb_dbi_open(txn, "table", 0, &table), 0);
	assert_int_equal(mdb_drop(txn, table, 0), 0);
	assert_int_equal(mdb_txn_commit(txn), 0);
	look();
	compare(0, AT_ONCE);
	assert_false(pages_tree(&pages, txn, "none", &tree));
	mdb_txn_abort(txn);
}

/* A key that stands in the page, as far as it can be told. */
static void
some_key(const uint8_t *page, struct key *k)
{
	uint16_t end, at, n;

	memcpy(&end, page + 12, sizeof end);
	memcpy(&at, page + 16 + 2 * (random() % ((end - 16) / 2)), sizeof at);
	memcpy(&n, page + at + 6, sizeof n);
	k->n = n;
	memcpy(k->bytes, page + at + 8, n);
}

/*
 * A page by itself with some bits turned: nothing outside of it is read (the
 * address sanitizer says so), nothing outside is given, and it ends.
 */
static void
turn_bits(const uint8_t *page, unsigned depth)
{
	struct pages one = { malloc(pages.size), 1, pages.size };
	struct pages_tree top = { 0, depth, 1 };
	uint8_t *map = (uint8_t *)(uintptr_t)one.map;
	struct pages_search s[4];
	struct key key[4];
	size_t i, at;

	assert_non_null(map);
	memcpy(map, page, pages.size);
	for (i = 0; i < 4; i++) {
		some_key(page, &key[i]);
		s[i] = (struct pages_search){ .key = key[i].bytes,
		    .keylen = key[i].n };
	}
	for (i = 0; i < 8; i++) {
		at = (size_t)random() % (i % 4 == 3 ? pages.size : 64);
		map[at] ^= (uint8_t)(1u << random() % 8);
	}
	/* so that it is looked at */
	memcpy(map + 10, page + 10, 2);
	pages_find(&one, &top, s, 4);
	for (i = 0; i < 4; i++)
		assert_true(s[i].value == NULL || (s[i].value >= map &&
		    s[i].n <= pages.size &&
		    s[i].value + s[i].n <= map + pages.size));
	free(map);
}

static void
damaged_pages_are_bounded(void **state)
{
	const uint8_t *page;
	uint64_t number;
	unsigned turn, leaves = 0, branches = 0;

	(void)state;
	srandom(1);
	look();
	for (number = 2; number < pages.n; number++) {
		page = pages.map + number * pages.size;
		/* what was left of a transaction is as good */
		if (page[11] != 0 || (page[10] != 1 && page[10] != 2) ||
		    page[13] >= pages.size >> 8 || page[12] + page[13] <= 17)
			continue;
		if (page[10] == 2)
			leaves++;
		else
			branches++;
		for (turn = 0; turn < (page[10] == 1 ? 1000 : 100); turn++)
			turn_bits(page, page[10] == 1 ? 2 : 1);
	}
	assert_true(leaves > 100 && branches > 3);
	mdb_txn_abort(txn);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_what_lmdb_finds),
		cmocka_unit_test(damaged_pages_are_bounded),
		cmocka_unit_test(an_empty_tree_has_nothing),
	};

	return cmocka_run_group_tests_name("pages", tests, setup, teardown);
}

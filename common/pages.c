#include <string.h>

#include "pages.h"

#define MAGIC	0xbeefc0deu
#define LAYOUT	1u		/* of the file's layout */

/* A page: number (8), 2 unused, flags (2), end of the places, and then... */
#define PAGE_FLAGS	10
#define PAGE_END	12
#define PAGE_PLACES	16	/* ...two bytes for each node, in order */
#define PAGE_BRANCH	1u
#define PAGE_LEAF	2u
#define PAGE_META	8u
#define PAGE_KINDS	0x6fu	/* flags that say what is in it */

/* A node: size of its value or the page below (6), size of the key, both. */
#define NODE_FLAGS	4
#define NODE_KEYLEN	6
#define NODE_KEY	8

/* A table, as it is stored in the main one. */
#define TABLE_SIZE	48
#define TABLE_DEPTH	6
#define TABLE_LEAVES	16
#define TABLE_NODES	32
#define TABLE_ROOT	40

#define DEPTH_MOST 32		/* LMDB's own limit */
#define LINE	64	/* of the processor's cache */
#define HEAD		8	/* bytes of a key that are compared first */
#define BRANCH_LINES	4	/* of one that is half full */

static uint16_t
u16(const uint8_t *p)
{
	uint16_t v;

	memcpy(&v, p, sizeof v);
	return v;
}

static uint32_t
u32(const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof v);
	return v;
}

static uint64_t
u64(const uint8_t *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof v);
	return v;
}

/* The layout is LMDB's own business: only what is known is read. */
static bool
is_known(MDB_env *env)
{
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	int major, minor;

	mdb_version(&major, &minor, NULL);
	return env != NULL && sizeof(size_t) == 8 && major == 0 && minor == 9;
#else
	(void)env;
	return false;
#endif
}

/* The map's start is nowhere to be asked for, but each page has its number. */
bool
pages_open(struct pages *p, MDB_txn *txn)
{
	MDB_env *env = mdb_txn_env(txn);
	MDB_envinfo info;
	MDB_stat stat;
	MDB_cursor *c;
	MDB_val k, v;
	MDB_dbi main;
	const uint8_t *page;

	if (!is_known(env) || mdb_env_info(env, &info) != 0 ||
	    mdb_env_stat(env, &stat) != 0 ||
	    mdb_dbi_open(txn, NULL, 0, &main) != 0 ||
	    mdb_cursor_open(txn, main, &c) != 0)
		return false;
	k.mv_data = NULL;
	if (mdb_cursor_get(c, &k, &v, MDB_FIRST) != 0)
		k.mv_data = NULL;
	mdb_cursor_close(c);
	if (k.mv_data == NULL)
		return false;
	p->size = stat.ms_psize;
	p->n = info.me_last_pgno + 1;
	page = (const uint8_t *)k.mv_data - (uintptr_t)k.mv_data % p->size;
	if (u64(page) >= p->n)
		return false;
	p->map = page - u64(page) * p->size;
	return u64(p->map) == 0 && u16(p->map + PAGE_FLAGS) == PAGE_META &&
	    u32(p->map + PAGE_PLACES) == MAGIC &&
	    u32(p->map + PAGE_PLACES + sizeof(uint32_t)) == LAYOUT;
}

bool
pages_tree(const struct pages *p, MDB_txn *txn, const char *name,
    struct pages_tree *t)
{
	MDB_val k = { strlen(name), (void *)(uintptr_t)name }, v;
	const uint8_t *table;
	uint64_t leaves, places;
	MDB_dbi main;

	if (mdb_dbi_open(txn, NULL, 0, &main) != 0 ||
	    mdb_get(txn, main, &k, &v) != 0 || v.mv_size != TABLE_SIZE)
		return false;
	table = v.mv_data;
	t->depth = u16(table + TABLE_DEPTH);
	t->root = u64(table + TABLE_ROOT);
	leaves = u64(table + TABLE_LEAVES);
	places = leaves == 0 ? 0 : 2 * (u64(table + TABLE_NODES) / leaves);
	t->leaf_lines = (unsigned)(places < p->size / 4 ?
	    (PAGE_PLACES + places) / LINE + 1 : 1);
	return t->depth == 0 || (t->depth <= DEPTH_MOST && t->root < p->n);
}

/* Big-endian, so that numbers are in the order of keys; filled up with 0. */
static uint64_t
head_of(const uint8_t *key, size_t n)
{
	uint64_t v = 0;
	size_t i;

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	if (n >= HEAD)
		return __builtin_bswap64(u64(key));
#endif
	for (i = 0; i < HEAD; i++)
		v = v << 8 | (i < n ? key[i] : 0);
	return v;
}

/* Node i of the page as far as its head, or NULL if that is outside of it. */
static const uint8_t *
node_at(const struct pages *p, const uint8_t *page, unsigned i)
{
	size_t at = u16(page + PAGE_PLACES + 2 * i);

	return at < PAGE_PLACES || at + NODE_KEY > p->size ? NULL : page + at;
}

/* Asks for the node in the middle; it is not touched yet. */
static void
ask(const struct pages *p, struct pages_search *s)
{
	s->middle = (uint16_t)((s->low + s->high) / 2);
	s->node = node_at(p, s->page, s->middle);
	if (s->node == NULL)
		return;
	__builtin_prefetch(s->node);
	__builtin_prefetch(s->node + NODE_KEY + HEAD - 1);
}

/* Nothing is to be found this way. */
static void
leave(struct pages_search *s)
{
	s->page = s->node = NULL;
	s->low = s->high = 0;
}

/* The page's head, and where its nodes are: some `lines' of it. */
static void
ask_page(const struct pages *p, struct pages_search *s, uint64_t number,
    unsigned lines)
{
	unsigned i;

	leave(s);
	if (number >= p->n)
		return;
	s->page = p->map + number * p->size;
	for (i = 0; i < lines; i++)
		__builtin_prefetch(s->page + i * LINE);
}

/* False: no page of that kind. */
static bool
enter(const struct pages *p, struct pages_search *s, unsigned kind)
{
	unsigned n;

	if (s->page == NULL)
		return false;
	n = u16(s->page + PAGE_END);
	if ((u16(s->page + PAGE_FLAGS) & PAGE_KINDS) != kind ||
	    n < PAGE_PLACES + 2 || n > p->size) {
		leave(s);
		return false;
	}
	/* What is below `low' is at or before the key, `high' behind it. */
	s->low = 0;
	s->high = (uint16_t)((n - PAGE_PLACES) / 2);
	ask(p, s);
	return true;
}

/* Is the key of the node, of n bytes, behind the one that is searched? */
static bool
is_behind(const struct pages_search *s, size_t n)
{
	const uint8_t *key = s->node + NODE_KEY;
	size_t least;
	uint64_t head = head_of(key, n);
	int order = 0;

	if (head != s->head)
		return head > s->head;
	least = n < s->keylen ? n : s->keylen;
	if (least > HEAD)
		order = memcmp(key + HEAD, s->key + HEAD, least - HEAD);
	return order != 0 ? order > 0 : n > s->keylen;
}

/* Is all of that node's key within its page?  Then how long it is. */
static bool
key_fits(const struct pages *p, const struct pages_search *s, size_t *n)
{
	if (s->node == NULL)
		return false;
	*n = u16(s->node + NODE_KEYLEN);
	return (size_t)(s->node - s->page) + NODE_KEY + *n <= p->size;
}

/* Halves what is left of the page; false if nothing is. */
static bool
step(const struct pages *p, struct pages_search *s)
{
	bool behind;
	size_t n;

	if (s->high - s->low <= 1)
		return false;
	if (!key_fits(p, s, &n)) {
		leave(s);
		return false;
	}
	/* Which way is anybody's guess: nothing to be predicted. */
	behind = is_behind(s, n);
	s->high = behind ? s->middle : s->high;
	s->low = behind ? s->low : s->middle;
	ask(p, s);
	return true;
}

/* One page each, from its head to the last node at or before the key. */
static void
search_page(const struct pages *p, struct pages_search *s, size_t n,
    unsigned kind)
{
	bool more = false;
	size_t i;

	for (i = 0; i < n; i++)
		more |= enter(p, &s[i], kind);
	while (more) {
		more = false;
		for (i = 0; i < n; i++)
			more |= step(p, &s[i]);
	}
}

/* To the page below; middle is low by now. */
static void
descend(const struct pages *p, struct pages_search *s, unsigned lines)
{
	const uint8_t *node = s->node;

	if (node == NULL)
		leave(s);
	else
		ask_page(p, s, (uint64_t)u16(node + NODE_FLAGS) << 32 |
		    u32(node), lines);
}

/* The value beside the key; one that has pages of its own is LMDB's. */
static void
take(const struct pages *p, struct pages_search *s)
{
	const uint8_t *node = s->node, *end;
	size_t n, at;

	if (!key_fits(p, s, &n) || n != s->keylen ||
	    u16(node + NODE_FLAGS) != 0 ||
	    memcmp(node + NODE_KEY, s->key, n) != 0)
		return;
	end = node + NODE_KEY + n;
	if (u32(node) > p->size - (size_t)(end - s->page))
		return;
	s->n = u32(node);
	s->value = end;
	for (at = LINE; at < s->n; at += LINE)
		__builtin_prefetch(s->value + at);
}

void
pages_find(const struct pages *p, const struct pages_tree *t,
    struct pages_search *s, size_t searches)
{
	unsigned level;
	size_t i;

	for (i = 0; i < searches; i++) {
		s[i].value = NULL;
		s[i].n = 0;
		s[i].head = head_of(s[i].key, s[i].keylen);
		leave(&s[i]);
		if (t->depth > 0)
			ask_page(p, &s[i], t->root, BRANCH_LINES);
	}
	for (level = 1; level < t->depth; level++) {
		search_page(p, s, searches, PAGE_BRANCH);
		for (i = 0; i < searches; i++)
			descend(p, &s[i], level + 1 < t->depth ?
			    BRANCH_LINES : t->leaf_lines);
	}
	search_page(p, s, searches, PAGE_LEAF);
	for (i = 0; i < searches; i++)
		take(p, &s[i]);
}

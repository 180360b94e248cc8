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
#define TABLE_ROOT	40

#define DEPTH_MOST 32		/* LMDB's own limit */
#define LINE	64	/* of the processor's cache */
#define HEAD		8	/* bytes of a key that are compared first */

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
	MDB_dbi main;

	if (mdb_dbi_open(txn, NULL, 0, &main) != 0 ||
	    mdb_get(txn, main, &k, &v) != 0 || v.mv_size != TABLE_SIZE)
		return false;
	t->depth = u16((const uint8_t *)v.mv_data + TABLE_DEPTH);
	t->root = u64((const uint8_t *)v.mv_data + TABLE_ROOT);
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

/* Node i of the page, or NULL if that would be outside of it. */
static const uint8_t *
node_at(const struct pages *p, const uint8_t *page, unsigned i)
{
	size_t at = u16(page + PAGE_PLACES + 2 * i);

	return at < PAGE_PLACES || at + NODE_KEY > p->size ||
	    at + NODE_KEY + u16(page + at + NODE_KEYLEN) > p->size ? NULL :
	    page + at;
}

/* Asks for node `middle' of the page; it is not touched yet. */
static void
ask(const struct pages *p, struct pages_search *s)
{
	size_t at;

	s->middle = (uint16_t)((s->low + s->high) / 2);
	at = u16(s->page + PAGE_PLACES + 2u * s->middle);
	s->node = s->page + at % p->size;
	__builtin_prefetch(s->node);
	__builtin_prefetch(s->node + NODE_KEY + s->keylen);
}

static void
ask_page(const struct pages *p, struct pages_search *s, uint64_t number)
{
	size_t at;

	s->page = NULL;
	if (number >= p->n)
		return;
	s->page = p->map + number * p->size;
	for (at = 0; at < 5 * LINE; at += LINE)
		__builtin_prefetch(s->page + at);
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
		s->page = NULL;
		return false;
	}
	/* What is below `low' is at or before the key, `high' behind it. */
	s->low = 0;
	s->high = (uint16_t)((n - PAGE_PLACES) / 2);
	ask(p, s);
	return true;
}

/* Is the key of the node behind the one that is searched? */
static bool
is_behind(const struct pages_search *s, const uint8_t *node)
{
	const uint8_t *key = node + NODE_KEY;
	size_t n = u16(node + NODE_KEYLEN), least;
	uint64_t head = head_of(key, n);
	int order = 0;

	if (head != s->head)
		return head > s->head;
	least = n < s->keylen ? n : s->keylen;
	if (least > HEAD)
		order = memcmp(key + HEAD, s->key + HEAD, least - HEAD);
	return order != 0 ? order > 0 : n > s->keylen;
}

/* Halves what is left of the page; false if nothing is. */
static bool
step(const struct pages *p, struct pages_search *s)
{
	const uint8_t *node;

	if (s->page == NULL || s->high - s->low <= 1)
		return false;
	node = node_at(p, s->page, s->middle);
	if (node == NULL) {
		s->page = NULL;
		return false;
	}
	if (is_behind(s, node))
		s->high = s->middle;
	else
		s->low = s->middle;
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
	for (i = 0; i < n; i++)
		s[i].node = s[i].page == NULL ? NULL :
		    node_at(p, s[i].page, s[i].low);
}

static void
descend(const struct pages *p, struct pages_search *s)
{
	const uint8_t *node = s->node;

	if (node == NULL) {
		s->page = NULL;
		return;
	}
	ask_page(p, s, (uint64_t)u16(node + NODE_FLAGS) << 32 | u32(node));
}

/* The value beside the key; one that has pages of its own is LMDB's. */
static void
take(const struct pages *p, struct pages_search *s)
{
	const uint8_t *node = s->node, *key = node + NODE_KEY;
	size_t at;

	if (node == NULL || u16(node + NODE_KEYLEN) != s->keylen ||
	    u16(node + NODE_FLAGS) != 0 ||
	    memcmp(key, s->key, s->keylen) != 0)
		return;
	s->n = u32(node);
	if (s->n > p->size - (size_t)(key + s->keylen - s->page))
		return;
	s->value = key + s->keylen;
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
		s[i].node = NULL;
		s[i].page = NULL;
		if (t->depth > 0)
			ask_page(p, &s[i], t->root);
	}
	for (level = 1; level < t->depth; level++) {
		search_page(p, s, searches, PAGE_BRANCH);
		for (i = 0; i < searches; i++)
			descend(p, &s[i]);
	}
	search_page(p, s, searches, PAGE_LEAF);
	for (i = 0; i < searches; i++)
		take(p, &s[i]);
}

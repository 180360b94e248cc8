/* The host database: the rules of each change, the lookups, the damage. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include <cmocka.h>

#include "host.h"
#include "hostdb_change.h"
#include "hostdb_test.h"

#define NET	"subnet 192.0.2.0/24 router=192.0.2.1\n"
#define WEB	"group web kernel=vmlinuz\n"
#define A	"host a mac=00:02:b3:00:00:01 address=192.0.2.10 group=web\n"

static void
rules(void **state)
{
	static const struct {
		const char *lines, *why;	/* NULL: taken */
	} rows[] = {
		{ NET WEB A, NULL },
		{ A WEB NET, NULL },		/* in any order */
		{ NET A, "no such group" },
		{ WEB A, "in no known subnet" },
		{ NET WEB A "host b mac=00:02:b3:00:00:01\n",
		  "b: mac=00:02:b3:00:00:01: already used by a" },
		{ NET WEB A "host b nic.x=00:02:b3:00:00:01\n",
		  "already used by a" },
		{ NET WEB A "host b address=192.0.2.10\n",
		  "b: address=192.0.2.10: already used by a" },
		{ NET "host b mac=00:02:b3:00:00:01,00:02:b3:00:00:01\n",
		  "stands twice" },
		{ NET "host b address=192.0.2.0\n", "network address" },
		{ NET "host b address=192.0.2.255\n", "broadcast address" },
		{ NET "host b address=192.0.2.2,192.0.2.3\n",
		  "second address" },
		{ NET "subnet 198.51.100.0/24\n"
		  "host b address=192.0.2.2,198.51.100.2\n", NULL },
		{ "subnet 192.0.2.0/31\nhost b address=192.0.2.0\n", NULL },
		{ NET "host b address=192.0.2.1\n", "b: address 192.0.2.1: "
		  "is the router of subnet 192.0.2.0/24" },
		{ "host b address=192.0.2.1\n" NET, "is the router of" },
		{ NET "host b nic.x=00:02:b3:00:00:02,192.0.2.1\n",
		  "is the router of" },
		{ NET "site next-server=192.0.2.9,192.0.2.10\n" WEB A,
		  "a: address 192.0.2.10: is the next-server of the site" },
		{ NET WEB "site next-server=192.0.2.9\n" A
		  "host b address=192.0.2.9\n",
		  "b: address 192.0.2.9: is the next-server of the site" },
		{ NET WEB A "site next-server=192.0.2.10\n",
		  "192.0.2.10: is the" },
		/* what is wrong half way is right in the end */
		{ NET "host b address=192.0.2.1\n"
		  "subnet 192.0.2.0/24 router=192.0.2.254\n", NULL },
		{ NET "host b address=192.0.2.1\nhost b address=192.0.2.2\n",
		  NULL },
		{ NET "host b address=192.0.2.1 dns=192.0.2.1\n",
		  "is the router of" },
		{ NET "site dns=192.0.2.2 ntp=192.0.2.2\n"
		  "host b address=192.0.2.2\n", NULL },
		{ NET "subnet 192.0.2.128/25\n", "overlaps" },
		{ NET "subnet 192.0.0.0/16\n", "overlaps" },
		{ NET "subnet 192.0.3.0/24\n" "subnet 192.0.1.0/24\n", NULL },
		{ "group a group=b\ngroup b group=a\n", "loop" },
		{ "group a group=a\n", "loop" },
		{ "group a group=b\ngroup b group=c\ngroup c group=d\n"
		  "group d group=e\ngroup e group=f\ngroup f group=g\n"
		  "group g group=h\ngroup h\nhost x group=a\n", NULL },
		{ "group a group=b\ngroup b group=c\ngroup c group=d\n"
		  "group d group=e\ngroup e group=f\ngroup f group=g\n"
		  "group g group=h\ngroup i\ngroup h group=i\nhost x group=a\n",
		  "above each other" },
		/* a placeholder UUID is nobody's: two may have it */
		{ "host a uuid=00020003-0004-0005-0006-000700080009\n"
		  "host b uuid=00020003-0004-0005-0006-000700080009\n", NULL },
		{ "host a uuid=10020003-0004-0005-0006-000700080009\n"
		  "host b uuid=10020003-0004-0005-0006-000700080009\n",
		  "already used" },
		{ "host a circuit-id=p1 remote-id=sw1\n"
		  "host b circuit-id=p1 remote-id=sw2\n", NULL },
		{ "host a circuit-id=p1\nhost b circuit-id=p1\n",
		  "already used" },
		/* the same in the other byte order */
		{ "host a uuid=4c4c4544-0042-3010-8056-b7c04f4d4e31\n"
		  "host b uuid=44454c4c-4200-1030-8056-b7c04f4d4e31\n",
		  "already used by a" },
		/* an interface's name is a name, too */
		{ "host a\nhost b nic.A=00:02:b3:00:00:02\n",
		  "b: nic.A: is the name of a host already" },
		{ "host b nic.a=00:02:b3:00:00:02\nhost a\n",
		  "a: is the name of b's interface already" },
		{ "host b nic.x=00:02:b3:00:00:02\n"
		  "host c nic.X=00:02:b3:00:00:03\n", "already used by b" },
		/* what is lent is of the subnet, and of a group that is */
		{ "subnet 192.0.2.0/24 discover=192.0.2.1-192.0.2.254 "
		  "discover-group=web\n" WEB "site discover-group=web\n",
		  NULL },
		{ "subnet 192.0.2.0/24 discover=192.0.2.0-192.0.2.9\n",
		  "not all of it are addresses of machines" },
		{ "subnet 192.0.2.0/24 discover=192.0.2.9-192.0.2.255\n",
		  "not all of it are addresses of machines" },
		{ "subnet 192.0.2.0/24 discover=192.0.3.1-192.0.3.2\n",
		  "not all of it are addresses of machines" },
		{ "subnet 192.0.2.0/24 discover-group=web\n",
		  "192.0.2.0/24: discover-group=web: no such group" },
		{ "site discover-group=web\n",
		  "site: discover-group=web: no such group" },
		{ "subnet 192.0.2.0/24 discover=192.0.2.200-192.0.2.250\n"
		  "host b address=192.0.2.201\n", NULL },
	};
	const char *why;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		why = test_import(rows[i].lines);
		if ((why == NULL) != (rows[i].why == NULL) ||
		    (why != NULL && strstr(why, rows[i].why) == NULL))
			fail_msg("%s%s", rows[i].lines,
			    why == NULL ? "was taken" : why);
	}
}

/* Puts the lines into the database that there is; the error, or NULL. */
static const char *
put_lines(const char *lines, unsigned long *line)
{
	static struct hostdb_edit_error err;
	struct entry_error wrong;
	struct hostdb_edit *ed;
	struct entry e;
	bool good = true;
	size_t n;

	*line = 0;
	assert_non_null(ed = hostdb_edit_open(test_root, false, &err));
	assert_true(hostdb_edit_begin(ed, "test", &err));
	for (; good && *lines != '\0'; lines += n + 1) {
		n = strcspn(lines, "\n");
		hostdb_edit_line(ed, ++*line);
		if (!entry_parse(&e, lines, n, &wrong))
			fail_msg("%s: %s", lines, wrong.why);
		good = hostdb_edit_put(ed, &e, false, &err);
	}
	good = good && hostdb_edit_commit(ed, &err);
	*line = err.line;
	hostdb_edit_close(ed);
	return good ? NULL : err.why;
}

/* Which machine a MAC and an address lead to. */
static void
leads_to(const char *mac, const char *address, const char *name)
{
	struct hostdb *db;
	struct hostdb_ref ref;
	struct identity id;
	uint32_t a;

	assert_int_equal(hostdb_open(&db, test_root, false), HOSTDB_OK);
	assert_int_equal(hostdb_begin(db), HOSTDB_OK);
	assert_true(identity_parse_mac(&id, mac));
	assert_true(attribute_address(address, &a));
	assert_int_equal(hostdb_by_identity(db, &id, &ref), HOSTDB_OK);
	assert_string_equal(ref.name, name);
	assert_int_equal(hostdb_by_address(db, a, &ref), HOSTDB_OK);
	assert_string_equal(ref.name, name);
	hostdb_end(db);
	hostdb_close(db);
}

static void
say(void *arg, const char *what)
{
	(void)what;
	++*(int *)arg;
}

static void
whole(void)
{
	struct hostdb_edit_error err;
	struct hostdb_edit *ed;
	int none = 0;

	assert_non_null(ed = hostdb_edit_open(test_root, false, &err));
	assert_int_equal(hostdb_edit_verify(ed, say, &none, &err), 0);
	hostdb_edit_close(ed);
}

/* What is unique is judged on the whole, whatever the order of the lines. */
static void
swapped(void **state)
{
#define M(n)	"00:02:b3:00:00:0" #n
#define H(name, n)	"host " #name " mac=" M(n) " address=192.0.2.1" #n "\n"
	static const struct {
		const char *lines, *why;
		unsigned long line;
	} rows[] = {
		{ H(a, 2) H(b, 1), NULL, 0 },
		{ H(a, 2) H(b, 3) H(c, 1), NULL, 0 },
		/* c takes what a keeps in the end, and lets go of it */
		{ H(c, 1) H(c, 3), NULL, 0 },
		{ H(c, 1), "c: mac=" M(1) ": already used by a", 1 },
		{ H(c, 3) H(a, 2), "a: mac=" M(2) ": already used by b", 2 },
		{ "site dns=192.0.2.9\n" H(a, 2) H(b, 2),
		  "b: mac=" M(2) ": already used by a", 3 },
		{ "site dns=192.0.2.9\n" H(d, 1) H(a, 4) H(d, 4),
		  "d: mac=" M(4) ": already used by a", 4 },
		{ "site\nhost c group=no\n", "c: group=no: no such", 2 },
	};
	unsigned long line;
	const char *why;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		assert_null(test_import(NET H(a, 1) H(b, 2)));
		why = put_lines(rows[i].lines, &line);
		if ((why == NULL) != (rows[i].why == NULL) || (why != NULL &&
		    (strstr(why, rows[i].why) == NULL ||
		    line != rows[i].line)))
			fail_msg("row %zu: line %lu: %s", i, line,
			    why == NULL ? "was taken" : why);
		whole();
	}
	assert_null(test_import(NET H(a, 1) H(b, 2)));
	assert_null(put_lines(H(a, 2) H(b, 1), &line));
	leads_to(M(1), "192.0.2.11", "b");
	leads_to(M(2), "192.0.2.12", "a");
	assert_null(put_lines(H(c, 1) H(c, 3), &line));
	leads_to(M(1), "192.0.2.11", "b");
	leads_to(M(3), "192.0.2.13", "c");
}

/* A subnet's line as it stands, whatever the rules say. */
static void
store_subnet(const char *name, const char *line)
{
	struct hostdb_edit_error err;
	struct hostdb_edit *ed;
	struct hostdb_key key;
	char value[128];
	struct put o = put_into(value, sizeof value);
	MDB_val k, v;

	assert_non_null(ed = hostdb_edit_open(test_root, false, &err));
	assert_true(hostdb_edit_begin(ed, "test", &err));
	assert_true(hostdb_entry_key(&key, ENTRY_SUBNET, name));
	put_u32(&o, hostdb_value_crc(key.bytes, key.len, line, strlen(line)));
	assert_true(put_text(&o, line));
	k = (MDB_val){ key.len, key.bytes };
	v = (MDB_val){ (size_t)((char *)o.at - value), value };
	assert_int_equal(mdb_put(ed->txn, ed->entries, &k, &v, 0), 0);
	assert_true(hostdb_edit_commit(ed, &err));
	hostdb_edit_close(ed);
}

/* A host that had the router's address before the rule may stay as it is. */
static void
spoken_before(void **state)
{
	unsigned long line;
	const char *why;

	(void)state;
	assert_null(test_import("subnet 192.0.2.0/24\n"
	    "host a address=192.0.2.1\nhost b address=192.0.2.2\n"));
	store_subnet("192.0.2.0/24", "subnet 192.0.2.0/24 router=192.0.2.1");
	assert_null(put_lines("host a address=192.0.2.1 mtu=1400\n", &line));
	assert_null(put_lines("subnet 192.0.2.0/24 router=192.0.2.1 "
	    "dns=192.0.2.9\n", &line));
	assert_null(put_lines("host b address=192.0.2.3\n", &line));
	why = put_lines("subnet 192.0.2.0/24 router=192.0.2.1,192.0.2.3\n",
	    &line);
	assert_string_equal(why, "192.0.2.0/24: router=192.0.2.3: is the "
	    "address of b");
	why = put_lines("site next-server=192.0.2.3\n", &line);
	assert_string_equal(why, "site: next-server=192.0.2.3: is the "
	    "address of b");
	assert_null(put_lines("host a address=192.0.2.4\n", &line));
	assert_non_null(put_lines("host a address=192.0.2.1\n", &line));
}

static void
deleted(void **state)
{
	struct hostdb_edit_error err;
	struct hostdb_edit *ed;

	(void)state;
	assert_null(test_import(NET WEB A));
	assert_non_null(ed = hostdb_edit_open(test_root, false, &err));
	assert_true(hostdb_edit_begin(ed, "test", &err));
	assert_true(hostdb_edit_delete(ed, ENTRY_GROUP, "web", &err));
	assert_false(hostdb_edit_commit(ed, &err));
	assert_non_null(strstr(err.why, "a is still in this group"));
	hostdb_edit_abort(ed);
	assert_true(hostdb_edit_begin(ed, "test", &err));
	assert_true(hostdb_edit_delete(ed, ENTRY_SUBNET, "192.0.2.0/24",
	    &err));
	assert_false(hostdb_edit_commit(ed, &err));
	assert_non_null(strstr(err.why, "still used by a"));
	hostdb_edit_abort(ed);
	assert_true(hostdb_edit_begin(ed, "test", &err));
	assert_false(hostdb_edit_delete(ed, ENTRY_HOST, "b", &err));
	assert_int_equal(err.status, EX_NOHOST);
	assert_true(hostdb_edit_delete(ed, ENTRY_HOST, "a", &err));
	assert_true(hostdb_edit_delete(ed, ENTRY_GROUP, "web", &err));
	assert_true(hostdb_edit_delete(ed, ENTRY_SUBNET, "192.0.2.0/24",
	    &err));
	assert_true(hostdb_edit_commit(ed, &err));
	hostdb_edit_close(ed);
}

/* Of discover-group= it is told whose it is. */
static void
group_of_strangers(void **state)
{
	static const struct {
		const char *lines, *why;
	} rows[] = {
		{ WEB "subnet 192.0.2.0/24 discover-group=web\n",
		  "web: is still discover-group of 192.0.2.0/24" },
		{ WEB "site discover-group=web\n",
		  "web: is still discover-group of the site" },
	};
	struct hostdb_edit_error err;
	struct hostdb_edit *ed;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		assert_null(test_import(rows[i].lines));
		assert_non_null(ed = hostdb_edit_open(test_root, false, &err));
		assert_true(hostdb_edit_begin(ed, "test", &err));
		assert_true(hostdb_edit_delete(ed, ENTRY_GROUP, "web", &err));
		assert_false(hostdb_edit_commit(ed, &err));
		assert_string_equal(err.why, rows[i].why);
		hostdb_edit_close(ed);
	}
}

static void
free_address(void **state)
{
	struct hostdb_edit_error err;
	struct hostdb_edit *ed;

	(void)state;
	assert_null(test_import("site dns=192.0.2.2\n"
	    "subnet 192.0.2.0/29 router=192.0.2.1 next-server=192.0.2.3\n"
	    "subnet 198.51.100.0/24 discover=198.51.100.1-198.51.100.7\n"
	    "host a address=192.0.2.4\n"));
	assert_non_null(ed = hostdb_edit_open(test_root, false, &err));
	assert_true(hostdb_edit_begin(ed, "test", &err));
	assert_int_equal(hostdb_edit_free_address(ed, "192.0.2.0/29"),
	    0xc0000205);
	assert_int_equal(hostdb_edit_free_address(ed, "192.0.3.0/29"), 0);
	assert_int_equal(hostdb_edit_free_address(ed, "198.51.100.0/24"),
	    0xc6336408);
	hostdb_edit_close(ed);
}

static void
lookups(void **state)
{
	struct hostdb_walk w;
	struct hostdb_ref ref;
	struct identity id;
	struct hostdb *db;
	struct entry e;

	(void)state;
	assert_null(test_import(NET WEB A "host b nic.b2=0002b3000002,"
	    "192.0.2.12\nsubnet 10.0.0.0/8\nsubnet 224.0.0.0/4\n"));
	assert_int_equal(hostdb_open(&db, test_root, false), HOSTDB_OK);
	assert_int_equal(hostdb_begin(db), HOSTDB_OK);
	assert_true(identity_parse(&id, "00:02:b3:00:00:02"));
	assert_int_equal(hostdb_by_identity(db, &id, &ref), HOSTDB_OK);
	assert_string_equal(ref.name, "b");
	assert_string_equal(ref.nic, "b2");
	assert_true(identity_parse(&id, "00:02:b3:00:00:03"));
	assert_int_equal(hostdb_by_identity(db, &id, &ref), HOSTDB_NOT_FOUND);
	assert_int_equal(hostdb_by_address(db, 0xc000020a, &ref), HOSTDB_OK);
	assert_string_equal(ref.name, "a");
	assert_string_equal(entry_name(hostdb_subnet_of(db, 0xc00002ff)),
	    "192.0.2.0/24");
	assert_string_equal(entry_name(hostdb_subnet_of(db, 0x0affffff)),
	    "10.0.0.0/8");
	assert_string_equal(entry_name(hostdb_subnet_of(db, 0xefffffff)),
	    "224.0.0.0/4");
	assert_null(hostdb_subnet_of(db, 0xc0000300));
	assert_null(hostdb_subnet_of(db, 0));
	assert_null(hostdb_subnet_of(db, 0xffffffff));
	hostdb_walk(&w, ENTRY_SITE);
	assert_int_equal(hostdb_next(db, &w, &e), HOSTDB_NOT_FOUND);
	hostdb_walk(&w, ENTRY_HOST);
	assert_int_equal(hostdb_next(db, &w, &e), HOSTDB_OK);
	assert_string_equal(entry_name(&e), "a");
	assert_int_equal(hostdb_next(db, &w, &e), HOSTDB_OK);
	assert_string_equal(entry_name(&e), "b");
	assert_int_equal(hostdb_next(db, &w, &e), HOSTDB_NOT_FOUND);
	assert_string_equal(entry_get(hostdb_shared(db, ENTRY_GROUP, "web"),
	    A_KERNEL, NULL), "vmlinuz");
	hostdb_end(db);

	/* a change is seen by the next snapshot, in what is shared too */
	assert_null(test_import(NET "group web kernel=other\n"));
	assert_int_equal(hostdb_begin(db), HOSTDB_OK);
	assert_string_equal(entry_get(hostdb_shared(db, ENTRY_GROUP, "web"),
	    A_KERNEL, NULL), "other");
	assert_null(hostdb_subnet_of(db, 0x0a000001));
	assert_int_equal(hostdb_get(db, ENTRY_HOST, "a", &e),
	    HOSTDB_NOT_FOUND);
	hostdb_end(db);
	assert_false(hostdb_replaced(db));
	hostdb_close(db);
}

/* Where the bytes stand in the file, or -1. */
static off_t
find_bytes(int fd, const char *bytes)
{
	static char file[1 << 20];
	ssize_t n = pread(fd, file, sizeof file, 0);
	char *at = n <= 0 ? NULL : memmem(file, (size_t)n, bytes,
	    strlen(bytes));

	return at == NULL ? -1 : at - file;
}

/* A damaged entry can be deleted, or put anew, or both; its keys are free. */
static void
repair(void **state)
{
	struct hostdb_edit_error err;
	struct entry_error bad;
	struct hostdb_edit *ed;
	struct entry e;
	char path[128], byte;
	static const char line[] = "host zzzz mac=00:02:b3:00:00:02 "
	    "address=192.0.2.20 group=web nic.zz=00:02:b3:00:00:03";
	int turn, fd, none = 0;
	off_t at;

	for (turn = 0; turn < 3; turn++) {
		test_root_remove(state);
		assert_null(test_import(NET WEB A "host zzzz "
		    "mac=00:02:b3:00:00:02 address=192.0.2.20 group=web "
		    "nic.zz=00:02:b3:00:00:03 comment=0123456789\n"));
		snprintf(path, sizeof path, "%s/db/hosts/data.mdb",
		    test_root);
		assert_true((fd = open(path, O_RDWR)) >= 0);
		assert_true((at = find_bytes(fd, "comment=0123456789")) > 0);
		assert_int_equal(pread(fd, &byte, 1, at + 9), 1);
		byte ^= 4;
		assert_int_equal(pwrite(fd, &byte, 1, at + 9), 1);
		close(fd);
		assert_non_null(ed = hostdb_edit_open(test_root, false,
		    &err));
		assert_true(hostdb_edit_begin(ed, "test", &err));
		if (turn != 1)
			assert_true(hostdb_edit_delete(ed, ENTRY_HOST, "zzzz",
			    &err));
		assert_true(entry_parse(&e, line, sizeof line - 1, &bad));
		if (turn != 2)
			assert_true(hostdb_edit_put(ed, &e, true, &err));
		assert_true(hostdb_edit_commit(ed, &err));
		assert_int_equal(hostdb_edit_verify(ed, say, &none, &err), 0);
		hostdb_edit_close(ed);
	}
	mkdir(test_root, 0700);
}

/* A subnet that cannot be read is damage, not a network nobody knows. */
static void
unreadable_subnet(void **state)
{
	struct hostdb *db;
	struct host h;

	(void)state;
	assert_null(test_import(NET WEB A));
	store_subnet("192.0.2.0/24", "subnet 192.0.2.0/24 router");
	assert_int_equal(hostdb_open(&db, test_root, false), HOSTDB_OK);
	assert_int_equal(hostdb_begin(db), HOSTDB_OK);
	assert_null(hostdb_subnet_of(db, 0xc0000201));
	assert_int_equal(hostdb_damaged(db), 1);
	assert_int_equal(host_by_name(&h, db, "a"), HOSTDB_DAMAGED);
	hostdb_end(db);
	hostdb_close(db);
}

/* A page that is none ends a walk with an error, not as if all was seen. */
static void
unreadable_page(void **state)
{
	struct hostdb_edit_error err;
	struct hostdb_edit *ed;
	struct hostdb_walk w;
	struct entry e;
	char path[128];
	off_t at;
	int fd;

	test_root_remove(state);	/* one copy of each page in the file */
	assert_null(test_import(NET WEB A));
	snprintf(path, sizeof path, "%s/db/hosts/data.mdb", test_root);
	assert_true((fd = open(path, O_RDWR)) >= 0);
	assert_true((at = find_bytes(fd, "host a ")) > 0);
	/* where LMDB says what is in the page */
	assert_int_equal(pwrite(fd, "\0\0", 2, at / 4096 * 4096 + 10), 2);
	close(fd);
	assert_non_null(ed = hostdb_edit_open(test_root, false, &err));
	assert_true(hostdb_edit_begin(ed, "test", &err));
	hostdb_walk(&w, ENTRY_HOST);
	errno = 0;
	assert_int_equal(hostdb_edit_next(ed, &w, &e), HOSTDB_ERROR);
	assert_int_equal(errno, EIO);
	errno = 0;
	assert_int_equal(hostdb_edit_get(ed, ENTRY_HOST, "a", &e),
	    HOSTDB_ERROR);
	assert_int_equal(errno, EIO);
	assert_false(hostdb_edit_delete(ed, ENTRY_HOST, "a", &err));
	assert_non_null(strstr(err.why, "damaged"));
	hostdb_edit_close(ed);
}

/* Cut short anywhere, before and after it is opened: an error, no signal. */
static void
cut(void **state)
{
	struct hostdb *db;
	struct entry e;
	struct stat st;
	char path[128];
	off_t size;
	int fd;

	snprintf(path, sizeof path, "%s/db/hosts/data.mdb", test_root);
	for (size = 0; size <= 5 * 4096; size += 4096) {
		test_root_remove(state);
		assert_null(test_import(NET WEB A));
		assert_true((fd = open(path, O_RDWR)) >= 0);
		assert_int_equal(hostdb_open(&db, test_root, false),
		    HOSTDB_OK);
		assert_int_equal(fstat(fd, &st), 0);
		if (size >= st.st_size)
			size = 5 * 4096;
		assert_int_equal(ftruncate(fd, size), 0);
		if (hostdb_begin(db) == HOSTDB_OK) {
			hostdb_get(db, ENTRY_HOST, "a", &e);
			hostdb_subnet_of(db, 0xc0000201);
			hostdb_end(db);
		}
		if (hostdb_begin(db) == HOSTDB_OK)
			hostdb_end(db);
		hostdb_close(db);
		if (hostdb_open(&db, test_root, false) == HOSTDB_OK)
			hostdb_close(db);
		else if (size < 2 * 4096)
			assert_int_not_equal(errno, ENOENT);
		close(fd);
	}
	test_root_remove(state);
	mkdir(test_root, 0700);
}

static void
missing(void **state)
{
	struct hostdb_edit_error err;
	struct hostdb *db;

	(void)state;
	assert_int_equal(hostdb_open(&db, "/tmp/hostdb-test-none", false),
	    HOSTDB_ERROR);
	assert_int_equal(errno, ENOENT);
	assert_null(hostdb_edit_open("/tmp/hostdb-test-none", false, &err));
	assert_int_equal(err.status, EX_CONFIG);
	assert_non_null(strstr(err.why, "pxectl init"));
}

/*
 * A flipped bit in a value gives no answer, never another host's; a page of
 * noise, a file cut short below the map do not end the program.
 */
static void
damage(void **state)
{
	struct hostdb_edit_error err;
	struct hostdb_ref ref;
	struct identity id;
	struct hostdb *db;
	struct entry e;
	struct stat st;
	char path[128], noise[4096], byte;
	off_t at;
	int fd, complaints = 0, i;
	struct hostdb_edit *ed;

	(void)state;
	test_root_remove(state);	/* one copy of each page in the file */
	assert_null(test_import(NET WEB A
	    "host zzzz mac=00:02:b3:00:00:02 comment=0123456789\n"));
	snprintf(path, sizeof path, "%s/db/hosts/data.mdb", test_root);
	assert_true((fd = open(path, O_RDWR)) >= 0);
	assert_true((at = find_bytes(fd, "comment=0123456789")) > 0);
	assert_int_equal(pread(fd, &byte, 1, at + 9), 1);
	byte ^= 4;
	assert_int_equal(pwrite(fd, &byte, 1, at + 9), 1);

	assert_int_equal(hostdb_open(&db, test_root, false), HOSTDB_OK);
	assert_int_equal(hostdb_begin(db), HOSTDB_OK);
	assert_int_equal(hostdb_get(db, ENTRY_HOST, "zzzz", &e),
	    HOSTDB_DAMAGED);
	assert_int_equal(hostdb_get(db, ENTRY_HOST, "a", &e), HOSTDB_OK);
	assert_int_equal(hostdb_damaged(db), 1);
	hostdb_end(db);
	assert_non_null(ed = hostdb_edit_open(test_root, false, &err));
	assert_true(hostdb_edit_verify(ed, say, &complaints, &err) > 0);
	assert_true(complaints > 0);
	hostdb_edit_close(ed);

	assert_int_equal(fstat(fd, &st), 0);
	memset(noise, 0xa5, sizeof noise);
	for (at = 2 * 4096; at < st.st_size; at += 4096)
		assert_int_equal(pwrite(fd, noise, sizeof noise, at),
		    sizeof noise);
	assert_true(identity_parse(&id, "00:02:b3:00:00:02"));
	for (i = 0; i < 3; i++) {
		if (hostdb_begin(db) != HOSTDB_OK)
			continue;
		assert_int_not_equal(hostdb_get(db, ENTRY_HOST, "a", &e),
		    HOSTDB_OK);
		assert_int_not_equal(hostdb_by_identity(db, &id, &ref),
		    HOSTDB_OK);
		assert_null(hostdb_subnet_of(db, 0xc0000201));
		hostdb_end(db);
	}
	assert_int_equal(ftruncate(fd, 4096), 0);
	for (i = 0; i < 3; i++) {
		if (hostdb_begin(db) != HOSTDB_OK)
			continue;
		assert_int_not_equal(hostdb_get(db, ENTRY_HOST, "a", &e),
		    HOSTDB_OK);
		hostdb_end(db);
	}
	close(fd);
	hostdb_close(db);
	mkdir(test_root, 0700);
}

/* Whoever was asked for together is known, even if all is lost since. */
static void
ahead(void **state)
{
	static const char *const macs[] = {
		"00:02:b3:00:00:01", "00:02:b3:00:00:09", "00:02:b3:00:00:02",
		"00:02:b3:00:00:01"
	};
	struct hostdb_ref ref;
	struct identity id[4];
	struct hostdb *db;
	struct entry e;
	struct stat st;
	char path[128], noise[4096];
	off_t at;
	size_t i;
	int fd;

	test_root_remove(state);
	assert_null(test_import(NET WEB "host a mac=00:02:b3:00:00:01\n"));
	for (i = 0; i < 4; i++)
		assert_true(identity_parse(&id[i], macs[i]));
	assert_int_equal(hostdb_open(&db, test_root, false), HOSTDB_OK);
	assert_int_equal(hostdb_begin(db), HOSTDB_OK);
	hostdb_ahead(db, id, 4);
	hostdb_ahead(db, id, 0);
	assert_int_equal(hostdb_by_identity(db, &id[2], &ref),
	    HOSTDB_NOT_FOUND);
	hostdb_end(db);

	/* of the next snapshot, not of that one */
	assert_null(test_import(NET WEB "host x mac=00:02:b3:00:00:01\n"
	    "host b nic.b2=0002b3000002,192.0.2.12\n"));
	assert_int_equal(hostdb_begin(db), HOSTDB_OK);
	hostdb_ahead(db, id, 4);
	snprintf(path, sizeof path, "%s/db/hosts/data.mdb", test_root);
	assert_true((fd = open(path, O_RDWR)) >= 0);
	assert_int_equal(fstat(fd, &st), 0);
	memset(noise, 0xa5, sizeof noise);
	for (at = 2 * 4096; at < st.st_size; at += 4096)
		assert_int_equal(pwrite(fd, noise, sizeof noise, at),
		    sizeof noise);
	assert_int_equal(hostdb_by_identity(db, &id[0], &ref), HOSTDB_OK);
	assert_string_equal(ref.name, "x");
	assert_int_equal(hostdb_by_identity(db, &id[2], &ref), HOSTDB_OK);
	assert_string_equal(ref.name, "b");
	assert_string_equal(ref.nic, "b2");
	assert_int_equal(hostdb_get(db, ENTRY_HOST, "x", &e), HOSTDB_OK);
	assert_int_equal(hostdb_get(db, ENTRY_HOST, "b", &e), HOSTDB_OK);
	assert_int_equal(hostdb_damaged(db), 0);
	/* nor does damage end the program */
	hostdb_ahead(db, id, 4);
	hostdb_end(db);
	assert_int_equal(ftruncate(fd, 4096), 0);
	for (i = 0; i < 3; i++)
		if (hostdb_begin(db) == HOSTDB_OK) {
			hostdb_ahead(db, id, 4);
			assert_int_not_equal(hostdb_by_identity(db, &id[1],
			    &ref), HOSTDB_OK);
			hostdb_end(db);
		}
	close(fd);
	hostdb_close(db);
	mkdir(test_root, 0700);
}

/* How much of the file is in memory, in pages; *all: of how many. */
static size_t
pages_in_memory(int fd, size_t *all)
{
	static unsigned char in[65536];
	struct stat st;
	size_t i, n = 0;
	void *map;

	assert_int_equal(fstat(fd, &st), 0);
	*all = ((size_t)st.st_size + 4095) / 4096;
	assert_true(*all <= sizeof in);
	map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd, 0);
	assert_true(map != MAP_FAILED);
	assert_int_equal(mincore(map, (size_t)st.st_size, in), 0);
	for (i = 0; i < *all; i++)
		n += in[i] & 1;
	munmap(map, (size_t)st.st_size);
	return n;
}

/* As on a machine that was just switched on, unless this is no disk. */
static void
read_ahead(void **state)
{
	static char lines[200000];
	struct hostdb *db;
	char path[128];
	size_t all, i, n = 0;
	int fd;

	(void)state;
	for (i = 0; i < 2000; i++)
		n += (size_t)snprintf(lines + n, sizeof lines - n,
		    "host h%zu mac=02:00:00:00:%02zx:%02zx\n", i, i >> 8,
		    i & 255);
	assert_null(test_import(lines));
	snprintf(path, sizeof path, "%s/db/hosts/data.mdb", test_root);
	fd = open(path, O_RDONLY);
	assert_true(fd >= 0);
	assert_int_equal(fsync(fd), 0);
	posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
	assert_int_equal(hostdb_open(&db, test_root, false), HOSTDB_OK);
	hostdb_read_ahead(db);
	/* It does not wait for the last of them. */
	for (i = 0; i < 1000 && pages_in_memory(fd, &all) < all; i++)
		usleep(10000);
	assert_int_equal(pages_in_memory(fd, &all), all);
	hostdb_close(db);
	close(fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rules),
		cmocka_unit_test(swapped),
		cmocka_unit_test(spoken_before),
		cmocka_unit_test(deleted),
		cmocka_unit_test(group_of_strangers),
		cmocka_unit_test(free_address),
		cmocka_unit_test(lookups),
		cmocka_unit_test(read_ahead),
		cmocka_unit_test(missing),
		cmocka_unit_test(repair),
		cmocka_unit_test(unreadable_subnet),
		cmocka_unit_test(unreadable_page),
		cmocka_unit_test(cut),
		cmocka_unit_test(damage),
		cmocka_unit_test(ahead),
	};

	return cmocka_run_group_tests_name("hostdb", tests, test_root_make,
	    test_root_remove);
}

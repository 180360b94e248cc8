/* A host with all it inherits: the order of layers, addresses, escapes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "host.h"
#include "hostdb_test.h"

static const char lines[] =
    "site dns=192.0.2.53 kernel=site domain=example.net router=192.0.2.254\n"
    "subnet 192.0.2.0/24 router=192.0.2.1 kernel=subnet\n"
    "subnet 198.51.100.0/24 router=198.51.100.1 next-server=198.51.100.9 "
    "discover=198.51.100.200-198.51.100.210 discover-group=web\n"
    "subnet 203.0.113.0/24 discover=203.0.113.9-203.0.113.9 "
    "shared-network=lab\n"
    "subnet 10.0.1.0/24 shared-network=lab kernel=lab\n"
    "subnet 10.0.2.0/24 shared-network=lab\n"
    "subnet 10.0.3.0/24 shared-network=hall\n"
    "group base kernel=base initrd=base cmdline=base\n"
    "group web group=base initrd=web rsync=common,!%n\n"
    "host a mac=00:02:b3:00:00:01 address=192.0.2.10,198.51.100.10 group=web "
    "cmdline=\"%n %a %m %M %g %d %s 100%%\" "
    "nic.a2=00:02:b3:00:00:02,192.0.2.11\n"
    "host c address=192.0.2.12,10.0.3.9,10.0.1.9,10.0.2.9\n"
    "host b router= rsync-path=\"rsync://x/%n\"\n";

static struct hostdb *db;
static struct host h;

static int
open_db(void **state)
{
	if (test_root_make(state) != 0 || test_import(lines) != NULL ||
	    hostdb_open(&db, test_root, false) != HOSTDB_OK)
		return -1;
	return hostdb_begin(db) == HOSTDB_OK ? 0 : -1;
}

static int
close_db(void **state)
{
	hostdb_end(db);
	hostdb_close(db);
	return test_root_remove(state);
}

static void
layers(void **state)
{
	struct host_value v;

	(void)state;
	assert_int_equal(host_by_name(&h, db, "a"), HOSTDB_OK);
	assert_string_equal(host_text(&h, A_INITRD, NULL), "web");
	assert_string_equal(host_text(&h, A_KERNEL, NULL), "base");
	assert_string_equal(host_text(&h, A_DNS, NULL), "192.0.2.53");
	assert_true(host_get(&h, A_ROUTER, NULL, &v));
	assert_string_equal(v.text, "192.0.2.1");
	assert_string_equal(entry_name(v.from), "192.0.2.0/24");
	assert_null(host_text(&h, A_MTU, NULL));
	/* an empty value ends the search */
	assert_int_equal(host_by_name(&h, db, "b"), HOSTDB_OK);
	assert_null(host_text(&h, A_ROUTER, NULL));
	assert_string_equal(host_text(&h, A_KERNEL, NULL), "site");
	assert_int_equal(host_by_name(&h, db, "d"), HOSTDB_NOT_FOUND);
}

static void
addresses(void **state)
{
	struct hostdb_ref ref = { "a", "" }, nic = { "a", "a2" };

	(void)state;
	assert_int_equal(host_load(&h, db, &ref, 0), HOSTDB_OK);
	assert_int_equal(h.address, 0xc000020a);
	assert_int_equal(host_load(&h, db, &ref, 0xc6336401), HOSTDB_OK);
	assert_int_equal(h.address, 0xc633640a);
	assert_string_equal(host_text(&h, A_ROUTER, NULL), "198.51.100.1");
	assert_int_equal(host_next_server(&h, 1), 0xc6336409);
	/* a network where it has none, and one that nobody knows */
	assert_int_equal(host_load(&h, db, &nic, 0xc6336401), HOSTDB_OK);
	assert_int_equal(h.address, 0);
	assert_int_equal(h.subnet_len, 24);
	assert_int_equal(host_load(&h, db, &ref, 0x0a000001), HOSTDB_OK);
	assert_int_equal(h.address, 0);
	assert_int_equal(h.subnet_len, 0);
	assert_int_equal(host_by_address(&h, db, 0xc000020b), HOSTDB_OK);
	assert_string_equal(host_name(&h), "a2");
	assert_string_equal(entry_name(&h.own), "a");
	assert_int_equal(h.address, 0xc000020b);
	assert_int_equal(h.mac.bytes[5], 2);
}

/* Where it has no address, one of another network on the same wire. */
static void
shared_network(void **state)
{
	struct hostdb_ref ref = { "c", "" }, other = { "a", "" };

	(void)state;
	assert_int_equal(host_load(&h, db, &ref, 0xcb007101), HOSTDB_OK);
	assert_int_equal(h.address, 0x0a000109);
	assert_int_equal(h.network, 0x0a000100);
	assert_int_equal(h.subnet_len, 24);
	assert_string_equal(host_text(&h, A_KERNEL, NULL), "lab");
	/* the network itself comes first, and a wire is not another */
	assert_int_equal(host_load(&h, db, &ref, 0x0a000201), HOSTDB_OK);
	assert_int_equal(h.address, 0x0a000209);
	assert_string_equal(host_text(&h, A_KERNEL, NULL), "site");
	assert_int_equal(host_load(&h, db, &ref, 0x0a000301), HOSTDB_OK);
	assert_int_equal(h.address, 0x0a000309);
	assert_int_equal(host_load(&h, db, &other, 0xcb007101), HOSTDB_OK);
	assert_int_equal(h.address, 0);
	assert_int_equal(h.network, 0xcb007100);
}

/* However many networks are looked at, the host's layers stay what they are. */
static void
shared_network_among_many(void **state)
{
	static char text[16384];
	struct hostdb_ref ref = { "far", "" };
	size_t n = (size_t)snprintf(text, sizeof text, "%s", lines);
	int i;

	(void)state;
	for (i = 0; i < 100; i++)
		n += (size_t)snprintf(text + n, sizeof text - n,
		    "subnet 10.9.%d.0/24\n", i);
	n += (size_t)snprintf(text + n, sizeof text - n,
	    "host far group=web address=10.9.0.5");
	for (i = 1; i < 100; i++)
		n += (size_t)snprintf(text + n, sizeof text - n,
		    ",10.9.%d.5", i);
	snprintf(text + n, sizeof text - n, ",10.0.1.5\n");
	hostdb_end(db);
	assert_null(test_import(text));
	assert_int_equal(hostdb_begin(db), HOSTDB_OK);
	assert_int_equal(host_load(&h, db, &ref, 0xcb007101), HOSTDB_OK);
	assert_string_equal(host_text(&h, A_INITRD, NULL), "web");
	assert_string_equal(host_text(&h, A_CMDLINE, NULL), "base");
	assert_string_equal(entry_name(h.layer[h.layers - 2]),
	    "203.0.113.0/24");
}

static void
escapes(void **state)
{
	char out[256];

	(void)state;
	assert_int_equal(host_by_name(&h, db, "a"), HOSTDB_OK);
	assert_true(host_value_expanded(&h, A_CMDLINE, NULL, out, sizeof out));
	assert_string_equal(out, "a 192.0.2.10 00:02:b3:00:00:01 "
	    "00-02-b3-00-00-01 web example.net 0.0.0.0 100%");
	assert_false(host_value_expanded(&h, A_CMDLINE, NULL, out, 20));
	assert_false(host_expand(&h, "%", out, sizeof out));
	assert_false(host_expand(&h, "%q", out, sizeof out));
}

static void
rsync_path(void **state)
{
	char out[256];

	(void)state;
	assert_int_equal(host_by_name(&h, db, "a"), HOSTDB_OK);
	assert_true(host_rsync_path(&h, 0xc0000202, out, sizeof out));
	assert_string_equal(out, "rsync://192.0.2.2/common "
	    "rsync://192.0.2.2/a");
	assert_false(host_rsync_path(&h, 0xc0000202, out, 30));
	assert_int_equal(host_by_name(&h, db, "b"), HOSTDB_OK);
	assert_true(host_rsync_path(&h, 0xc0000202, out, sizeof out));
	assert_string_equal(out, "rsync://x/b");
}

/* Nobody registered it, and it has an address of discover=. */
static void
stranger(void **state)
{
	uint32_t first, last;

	(void)state;
	assert_true(host_discover_range(db, 0xc6336401, &first, &last));
	assert_int_equal(first, 0xc63364c8);
	assert_int_equal(last, 0xc63364d2);
	assert_false(host_discover_range(db, 0xc0000201, &first, &last));
	assert_int_equal(host_by_address(&h, db, 0xc63364c8), HOSTDB_OK);
	assert_string_equal(host_name(&h), "unknown-198-51-100-200");
	assert_int_equal(h.address, 0xc63364c8);
	assert_int_equal(h.subnet_len, 24);
	assert_string_equal(host_text(&h, A_INITRD, NULL), "web");
	assert_string_equal(host_text(&h, A_KERNEL, NULL), "base");
	assert_string_equal(host_text(&h, A_ROUTER, NULL), "198.51.100.1");
	assert_string_equal(host_text(&h, A_DNS, NULL), "192.0.2.53");
	assert_string_equal(host_text(&h, A_DEFAULT_LEASE, NULL), "10m");
	assert_int_equal(host_by_address(&h, db, 0xcb007109), HOSTDB_OK);
	assert_null(host_text(&h, A_INITRD, NULL));
	assert_int_equal(host_by_address(&h, db, 0xcb007108),
	    HOSTDB_NOT_FOUND);
	assert_int_equal(host_by_address(&h, db, 0xc63364d3),
	    HOSTDB_NOT_FOUND);
	assert_int_equal(host_by_name(&h, db, "unknown-198-51-100-200"),
	    HOSTDB_NOT_FOUND);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(layers),
		cmocka_unit_test(addresses),
		cmocka_unit_test(shared_network),
		cmocka_unit_test(shared_network_among_many),
		cmocka_unit_test(escapes),
		cmocka_unit_test(rsync_path),
		cmocka_unit_test(stranger),
	};

	return cmocka_run_group_tests_name("host", tests, open_db, close_db);
}

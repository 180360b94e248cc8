/* The attribute table: every type's good and bad values, and its encoding. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "attribute.h"

static void
table(void **state)
{
	size_t i, j, suffix;

	(void)state;
	for (i = 0; i < ATTRIBUTES; i++) {
		const struct attribute *a = &attribute_table[i];

		assert_non_null(a->name);
		assert_non_null(a->doc);
		assert_true(a->scopes != 0);
		for (j = 0; j < i; j++)
			assert_string_not_equal(a->name,
			    attribute_table[j].name);
		if (a->suffix == SUFFIX_NONE)
			assert_int_equal(attribute_find(a->name,
			    strlen(a->name), &suffix), i);
	}
}

/* A row without its paragraph in the manual is not finished. */
static void
manual(void **state)
{
	char item[128], *page, *at;
	FILE *f = fopen("man/hosts.5", "r");
	size_t i, n;

	(void)state;
	assert_non_null(f);
	page = calloc(1, 65536);
	n = fread(page, 1, 65535, f);
	fclose(f);
	assert_true(n > 0);
	for (i = 0; i < ATTRIBUTES; i++) {
		snprintf(item, sizeof item, "\n.It Cm %s\n",
		    attribute_table[i].name);
		at = strstr(page, item);
		if (at == NULL)
			fail_msg("hosts(5): no paragraph on %s",
			    attribute_table[i].name);
		assert_true(at[strlen(item)] != '.' ||
		    strncmp(at + strlen(item), ".It", 3) != 0);
	}
	free(page);
}

static void
find(void **state)
{
	static const struct {
		const char *name;
		int id;
		const char *suffix;
	} rows[] = {
		{ "filename", A_FILENAME, "" },
		{ "filename.efi-x64", A_FILENAME, "efi-x64" },
		{ "filename.amiga", -1, "" },
		{ "nic.eth1", A_NIC, "eth1" },
		{ "nic", -1, "" }, { "nic.", -1, "" }, { "nic.a.b", -1, "" },
		{ "option-150", A_OPTION, "150" },
		{ "option-0", -1, "" }, { "option-255", -1, "" },
		{ "option-007", -1, "" }, { "option", -1, "" },
		{ "kernel.x", -1, "" }, { "kern", -1, "" },
		{ "kernels", -1, "" }, { "", -1, "" },
	};
	size_t i, suffix;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		assert_int_equal(attribute_find(rows[i].name,
		    strlen(rows[i].name), &suffix), rows[i].id);
		if (rows[i].id >= 0)
			assert_string_equal(rows[i].name + suffix,
			    rows[i].suffix);
	}
}

static void
values(void **state)
{
	static const struct {
		enum attribute_id id;
		const char *value;
		bool good;
	} rows[] = {
		{ A_ROUTER, "192.0.2.1", true },
		{ A_ROUTER, "192.0.2.1,192.0.2.2", true },
		{ A_ROUTER, "", true },		/* none */
		{ A_ROUTER, "192.0.2.1,", true },
		{ A_ROUTER, "192.0.2.1 ,192.0.2.2", false },
		{ A_ROUTER, "192.0.2", false }, { A_ROUTER, "x", false },
		{ A_ROUTER, "192.0.2.256", false },
		{ A_ROUTER, "192.0.2.010", false },
		{ A_ROUTER, "1.2.3.4.5", false },
		{ A_DISCOVER, "192.0.2.200-192.0.2.250", true },
		{ A_DISCOVER, "192.0.2.200-192.0.2.200", true },
		{ A_DISCOVER, "10.0.0.1-10.0.64.0", true },
		{ A_DISCOVER, "10.0.0.1-10.0.64.1", false },
		{ A_DISCOVER, "192.0.2.250-192.0.2.200", false },
		{ A_DISCOVER, "192.0.2.200", false },
		{ A_DISCOVER, "192.0.2.200-", false },
		{ A_DISCOVER, "-192.0.2.200", false },
		{ A_DISCOVER, "192.0.2.200-192.0.2.201-192.0.2.202", false },
		{ A_DISCOVER, "192.0.2.200 - 192.0.2.250", false },
		{ A_DISCOVER, "1192.00.002.200-192.0.2.250", false },
		{ A_MASK, "255.255.255.0", true },
		{ A_MASK, "1.2.3.4,1.2.3.4", false },
		{ A_MAC, "", false }, { A_MAC, "web", false },
		{ A_MAC, "00:02:b3:4c:ed:c8,0002b34cedc9", true },
		{ A_DEFAULT_LEASE, "1d", true },
		{ A_DEFAULT_LEASE, "infinite", true },
		{ A_DEFAULT_LEASE, "0", false },
		{ A_DEFAULT_LEASE, "-1", false },
		{ A_DEFAULT_LEASE, "99999999999", false },
		{ A_DEFAULT_LEASE, "1y", false },
		{ A_MTU, "1500", true }, { A_MTU, "65536", false },
		{ A_MTU, "0x5dc", true }, { A_MTU, "-1", false },
		{ A_TIME_OFFSET, "-3600", true },
		{ A_TIME_OFFSET, "2147483648", false },
		{ A_DOMAIN, "example.net", true },
		{ A_DOMAIN, "-example.net", false },
		{ A_DOMAIN, "example..net", false },
		{ A_HOST_NAME, "web_1", false },
		{ A_DOMAIN_SEARCH, "a.example.net,b", true },
		{ A_ROUTES, "198.51.100.0/24-192.0.2.1", true },
		{ A_ROUTES, "0.0.0.0/0-192.0.2.1", true },
		{ A_ROUTES, "198.51.100.1/24-192.0.2.1", false },
		{ A_ROUTES, "198.51.100.0/33-192.0.2.1", false },
		{ A_BOOT, "local", true }, { A_BOOT, "disk", false },
		{ A_LOCAL, "sanboot", true }, { A_LOCAL, "a", false },
		{ A_KERNEL, "boot/vmlinuz-%n", true },
		{ A_KERNEL, "../etc/shadow", false },
		{ A_KERNEL, "a\\..\\b", false }, { A_KERNEL, "a b", false },
		{ A_KERNEL, "v1..2", true }, { A_KERNEL, "%x", false },
		{ A_KERNEL, "50%", false }, { A_KERNEL, "50%%", true },
		{ A_RSYNC, "common,web,!%n", true },
		{ A_RSYNC, "common,..", false }, { A_RSYNC, "a b", false },
		{ A_CMDLINE, "console=ttyS0 x=\"y\"", true },
		{ A_CMDLINE, "a\nb", false },
		{ A_NIC, "00:02:b3:4c:ed:c8,192.0.2.1", true },
		{ A_NIC, "00:02:b3:4c:ed:c8", true },
		{ A_NIC, "192.0.2.1", false },
		{ A_NIC, "00:02:b3:4c:ed:c8,x", false },
		{ A_NIC, "infiniband/80:00:02:08:fe:80:00:00:00:00:00:00:"
		    "e4:1d:2d:03:00:4a:7c:51,192.0.2.1", true },
		{ A_OPTION, "ip:192.0.2.1", true },
		{ A_OPTION, "text:x y", true }, { A_OPTION, "x", false },
		{ A_OPTION, "u8:256", false }, { A_OPTION, "flag:on", true },
		{ A_OPTION, "hex:01:02", true }, { A_OPTION, "hex:zz", false },
		{ A_OPTION, "hex:", true }, { A_OPTION, "hex:01::02", false },
		{ A_OPTION, "hex:01:", false }, { A_OPTION, "hex:::", false },
		{ A_OPTION, "hex:0102:03", false },
		{ A_OPTION, "hex:012", false }, { A_OPTION, "hex:1", false },
		{ A_OPTION, "hex:0x01", false },
		{ A_GROUP, "web", true }, { A_GROUP, "", false },
		{ A_GROUP, "a/b", false },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if ((attribute_check(rows[i].id, rows[i].value) == NULL) !=
		    rows[i].good)
			fail_msg("%s=%s", attribute_table[rows[i].id].name,
			    rows[i].value);
}

static void
encoding(void **state)
{
	static const struct {
		enum attribute_id id;
		const char *value, *bytes;
		size_t n;
	} rows[] = {
		{ A_ROUTER, "192.0.2.1,192.0.2.2",
		  "\300\0\2\1\300\0\2\2", 8 },
		{ A_DOMAIN, "example.net", "example.net", 11 },
		{ A_DEFAULT_LEASE, "2h", "\0\0\34\40", 4 },
		{ A_DEFAULT_LEASE, "infinite", "\377\377\377\377", 4 },
		{ A_TIME_OFFSET, "-1", "\377\377\377\377", 4 },
		{ A_MTU, "1500", "\5\334", 2 },
		{ A_DOMAIN_SEARCH, "a.bc,d", "\1a\2bc\0\1d\0", 9 },
		{ A_ROUTES, "10.0.0.0/8-192.0.2.1,0.0.0.0/0-192.0.2.2",
		  "\10\12\300\0\2\1\0\300\0\2\2", 11 },
		{ A_OPTION, "hex:01:ff", "\1\377", 2 },
		{ A_OPTION, "hex:01ff", "\1\377", 2 },
		{ A_OPTION, "flag:on", "\1", 1 },
		{ A_OPTION, "u16:258", "\1\2", 2 },
		{ A_OPTION, "text:a,b", "a,b", 3 },
	};
	uint8_t out[64];
	struct put o;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		o = put_into(out, sizeof out);
		assert_true(attribute_encode(rows[i].id, rows[i].value, &o));
		assert_int_equal(o.at - out, rows[i].n);
		assert_memory_equal(out, rows[i].bytes, rows[i].n);
		/* no room, no half of it */
		o = put_into(out, rows[i].n - 1);
		assert_false(attribute_encode(rows[i].id, rows[i].value, &o));
		assert_ptr_equal(o.at, out);
		assert_false(o.full);
	}
	o = put_into(out, sizeof out);
	assert_false(attribute_encode(A_KERNEL, "vmlinuz", &o));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(table),
		cmocka_unit_test(manual),
		cmocka_unit_test(find),
		cmocka_unit_test(values),
		cmocka_unit_test(encoding),
	};

	return cmocka_run_group_tests_name("attribute", tests, NULL, NULL);
}

/* What a machine is known by: every form that people write, and the keys. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "identity.h"

static void
forms(void **state)
{
	static const struct {
		const char *text, *attribute, *canonical;
	} rows[] = {
		{ "00:02:B3:4C:ED:C8", "mac", "00:02:b3:4c:ed:c8" },
		{ "00-02-b3-4c-ed-c8", "mac", "00:02:b3:4c:ed:c8" },
		{ "0:2:b3:4c:ed:c8", "mac", "00:02:b3:4c:ed:c8" },
		{ "0002b34cedc8", "mac", "00:02:b3:4c:ed:c8" },
		{ "0002.b34c.edc8", "mac", "00:02:b3:4c:ed:c8" },
		{ "0002-b34c-edc8", "mac", "00:02:b3:4c:ed:c8" },
		{ "0002B3-4CEDC8", "mac", "00:02:b3:4c:ed:c8" },
		{ "0002.b34c-edc8", NULL, NULL },
		{ "0002b3-4cedc", NULL, NULL },
		{ "0002b34cedc8-", NULL, NULL },
		{ "0002b3--4cedc8", NULL, NULL },
		{ "1/00:02:b3:4c:ed:c8", "mac", "00:02:b3:4c:ed:c8" },
		{ "infiniband/80:00:02:08", "hw", "32/80:00:02:08" },
		{ "32/80000208", "hw", "32/80:00:02:08" },
		{ "4c4c4544-0042-3010-8056-b7c04f4d4e31", "uuid",
		  "4c4c4544-0042-3010-8056-b7c04f4d4e31" },
		{ "4C4C454400423010 8056b7c04f4d4e31", NULL, NULL },
		{ "client-id=01:00:02:b3:4c:ed:c8", "client-id",
		  "01:00:02:b3:4c:ed:c8" },
		{ "client-id=web-1", "client-id", "web-1" },
		{ "client-id=0x77", "client-id", "w" },
		{ "client-id=0x00", "client-id", "0x00" },
		{ "circuit-id=eth0/7", "circuit-id", "eth0/7" },
		{ "remote-id=00:11", "remote-id", "00:11" },
		{ "00:02:b3:4c:ed", NULL, NULL },
		{ "00:02:b3:4c:ed:c8:00", NULL, NULL },
		{ "00:02:b3-4c:ed:c8", NULL, NULL },
		{ "00:02:b3:4c:ed:cg", NULL, NULL },
		{ "00:00:00:00:00:00", NULL, NULL },
		{ "01:00:5e:00:00:01", NULL, NULL },	/* a group address */
		{ "1/bbbbbbbbbbbb", NULL, NULL },
		{ "ethernet/01:00:5e:00:00:01", NULL, NULL },
		{ "ff:ff:ff:ff:ff:ff", NULL, NULL },
		{ "256/00:01", NULL, NULL },
		{ "token/00:01", NULL, NULL },
		{ "client-id=", NULL, NULL },
		{ "", NULL, NULL },
	};
	char text[IDENTITY_TEXT_MAX];
	struct identity id, swapped;
	uint8_t key[IDENTITY_KEY_MAX];
	size_t i, n;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		if (rows[i].canonical == NULL) {
			assert_false(identity_parse(&id, rows[i].text));
			continue;
		}
		assert_true(identity_parse(&id, rows[i].text));
		identity_print(&id, text, sizeof text);
		assert_string_equal(text, rows[i].canonical);
		assert_string_equal(identity_attribute(&id),
		    rows[i].attribute);
		n = identity_key(&id, key);
		assert_int_equal(key[0], id.kind);
		assert_int_equal(n, 1 + (id.kind == IDENTITY_HW) + id.len);
		swapped = id;
		identity_uuid_swap(&swapped);
		assert_true(memcmp(key + n - id.len, id.bytes, id.len) == 0 ||
		    (id.kind == IDENTITY_UUID && memcmp(key + n - id.len,
		    swapped.bytes, id.len) == 0));
	}
}

/* What is no MAC at all, and what is one that no machine has. */
static void
groups(void **state)
{
	(void)state;
	assert_true(identity_is_group("01:00:5e:00:00:01"));
	assert_true(identity_is_group("ffff.ffff.ffff"));
	assert_true(identity_is_group("00:00:00:00:00:00"));
	assert_false(identity_is_group("00:02:b3:4c:ed:c8"));
	assert_false(identity_is_group("01:00:5e:00:00"));
	assert_false(identity_is_group("01:00:5e:00:00:01:02"));
	assert_false(identity_is_group(""));
}

static void
uuids(void **state)
{
	static const uint8_t ami[16] = {
		0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 8, 0, 9
	};
	struct identity id;
	char text[IDENTITY_TEXT_MAX];

	(void)state;
	assert_false(identity_bytes(&id, IDENTITY_UUID, ami, 16));
	/* written by a person it is taken, and is still nobody's */
	assert_true(identity_parse_uuid(&id,
	    "00020003-0004-0005-0006-000700080009"));
	assert_true(identity_uuid_is_default(id.bytes));
	assert_true(identity_parse_uuid(&id,
	    "44454c4c-4200-1030-8056-b7c04f4d4e31"));
	identity_uuid_swap(&id);
	identity_print(&id, text, sizeof text);
	assert_string_equal(text, "4c4c4544-0042-3010-8056-b7c04f4d4e31");
}

static void
wire(void **state)
{
	uint8_t bytes[300] = { 1 };
	struct identity a, b;

	(void)state;
	assert_false(identity_hw(&a, 1, bytes, 0));
	assert_false(identity_hw(&a, 1, bytes, 21));
	assert_false(identity_hw(&a, 1, bytes + 1, 6));
	assert_true(identity_hw(&a, 1, bytes, 16));
	assert_true(identity_hw(&b, 6, bytes, 16));
	assert_false(identity_equal(&a, &b));	/* the type counts */
	assert_false(identity_bytes(&a, IDENTITY_CLIENT_ID, bytes, 257));
	assert_false(identity_port(&a, bytes, 200, bytes, 56));
	assert_true(identity_port(&a, bytes, 200, bytes, 55));
	/* AB + C is not A + BC */
	assert_true(identity_port(&a, (const uint8_t *)"AB", 2,
	    (const uint8_t *)"C", 1));
	assert_true(identity_port(&b, (const uint8_t *)"A", 1,
	    (const uint8_t *)"BC", 2));
	assert_false(identity_equal(&a, &b));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(forms),
		cmocka_unit_test(groups),
		cmocka_unit_test(uuids),
		cmocka_unit_test(wire),
	};

	return cmocka_run_group_tests_name("identity", tests, NULL, NULL);
}

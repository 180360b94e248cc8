#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "identity.h"
#include "../../pxectl/change.h"
#include "../../pxectl/json.h"
#include "../../pxectl/text.h"

static struct entry
entry(const char *line)
{
	struct entry_error err;
	struct entry e;

	assert_true(entry_parse(&e, line, strlen(line), &err));
	return e;
}

static void
same(json_t *v, const char *text)
{
	char *got = json_dumps(v, JSON_COMPACT);

	assert_string_equal(got, text);
	free(got);
	json_decref(v);
}

static void
entries(void **state)
{
	struct entry e = entry("group web loader=grub "
	    "filename.efi-x64=x.efi option-150=ip:192.0.2.9 "
	    "cmdline=\"a \\\"b\\\"\"");

	(void)state;
	same(json_entry(&e), "{\"kind\":\"group\",\"name\":\"web\","
	    "\"attributes\":{\"loader\":\"grub\","
	    "\"filename.efi-x64\":\"x.efi\","
	    "\"option-150\":\"ip:192.0.2.9\",\"cmdline\":\"a \\\"b\\\"\"}}");
	e = entry("site");
	same(json_entry(&e), "{\"kind\":\"site\",\"name\":\"\","
	    "\"attributes\":{}}");
}

static void
events(void **state)
{
	static const uint8_t mac[] = { 0, 2, 0xb3, 0x4c, 0xed, 0xc8 };
	struct identity id;
	struct event_record e;

	(void)state;
	event_make(&e, EVENT_BOOTPD, EVENT_SILENCE, EVENT_UNREGISTERED);
	e.seq = 7;
	e.time = UINT64_C(1500000000250000000);
	assert_true(identity_hw(&id, 1, mac, sizeof mac));
	event_set_identity(&e, &id);
	event_set_address(&e, 0xc000020a);
	event_set_detail(&e, "say \"x\"");
	same(json_event(&e, e.name), "{\"seq\":7,\"time\":1500000000.25,"
	    "\"program\":\"bootpd\",\"stage\":\"silence\","
	    "\"reason\":\"unregistered\",\"name\":null,"
	    "\"identity\":\"00:02:b3:4c:ed:c8\","
	    "\"address\":\"192.0.2.10\",\"bytes\":0,\"ms\":0,"
	    "\"detail\":\"say \\\"x\\\"\"}");
}

/* Bytes of the ring are not to be trusted: no NUL, no UTF-8. */
static void
odd_events(void **state)
{
	json_t *v;
	struct event_record e;
	char name[64];

	(void)state;
	memset(&e, 0xff, sizeof e);
	text_event_name(name, sizeof name, &e);
	v = json_event(&e, name);
	assert_non_null(v);
	assert_true(json_is_null(json_object_get(v, "identity")));
	assert_true(json_is_null(json_object_get(v, "address")));
	json_decref(v);
}

static void
changes(void **state)
{
	struct entry a = entry("group a"), b = entry("group b mtu=1400");
	struct entry b2 = entry("group b mtu=1500"), c = entry("host c");
	struct changes all = { 0 };
	char *text;
	size_t n;
	FILE *f = open_memstream(&text, &n);

	(void)state;
	assert_true(change_note(&all, NULL, &c));
	assert_true(change_note(&all, &b, NULL));
	assert_true(change_note(&all, &a, NULL));
	assert_true(change_note(&all, NULL, &a));
	assert_true(change_note(&all, NULL, &b2));
	changes_print(&all, f);
	fclose(f);
	assert_string_equal(text, "-group b mtu=1400\n+group b mtu=1500\n"
	    "+host c\n");
	free(text);
	changes_free(&all);
}

static void
amounts(void **state)
{
	char text[32];

	(void)state;
	text_bytes(text, sizeof text, 940);
	assert_string_equal(text, "940 B");
	text_bytes(text, sizeof text, 8231456);
	assert_string_equal(text, "8.2 MB");
	text_bytes(text, sizeof text, 999999);
	assert_string_equal(text, "1.0 MB");
	text_span(text, sizeof text, 210000000);
	assert_string_equal(text, "0.21 s");
	text_span(text, sizeof text, UINT64_C(14000000000));
	assert_string_equal(text, "14 s");
	text_span(text, sizeof text, UINT64_C(86400000000000));
	assert_string_equal(text, "24 h");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(entries),
		cmocka_unit_test(events),
		cmocka_unit_test(odd_events),
		cmocka_unit_test(changes),
		cmocka_unit_test(amounts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

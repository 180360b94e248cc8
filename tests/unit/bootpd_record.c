/* What an event says of a packet and its answer. */
#include "bootpd_test.h"
#include "../../bootpd/record.h"

static struct event_record event;

static void
reads(void)
{
	const char *why;

	packet_bytes[packet_n] = 255;
	dhcp_read(&packet, packet_bytes, packet_n + 1, &why);
}

static void
records(const struct identity *mac, const char *name)
{
	reads();
	record_packet(&event, &packet, &answer, mac, name, 7);
}

static void
says_who_sent_it(void **state)
{
	static const uint8_t client[] = { 0, 'a', 'b' };
	struct identity id;

	(void)state;
	start_dhcp(DHCP_DISCOVER);
	add(DHCP_CLIENT_ID, client, sizeof client);
	reads();
	assert_true(record_sender(&packet, &id));
	assert_int_equal(id.kind, IDENTITY_HW);
	assert_memory_equal(id.bytes, packet_bytes + 28, 6);
	/* of a wrong length: it is refused, but its sender is to be seen */
	packet_bytes[2] = 5;
	reads();
	assert_true(record_sender(&packet, &id));
	assert_int_equal(id.len, 6);
	packet_bytes[2] = 0;
	reads();
	assert_true(record_sender(&packet, &id));
	assert_int_equal(id.kind, IDENTITY_CLIENT_ID);
	assert_int_equal(id.len, sizeof client);
	start_dhcp(DHCP_DISCOVER);
	packet_bytes[2] = 0;
	reads();
	assert_false(record_sender(&packet, &id));
	assert_int_equal(id.kind, IDENTITY_NONE);
}

static void
says_what_was_answered(void **state)
{
	(void)state;
	make_host("", NULL, "");
	start_dhcp(DHCP_DISCOVER);
	answer_silence(&answer, EVENT_OK, "");
	answer.stage = EVENT_ADDRESS;
	answer.given = HOST;
	answer.n = 300;
	snprintf(answer.file, sizeof answer.file, "pxelinux.0");
	records(&host.mac, "pxe-test");
	assert_int_equal(event.program, EVENT_BOOTPD);
	assert_int_equal(event.stage, EVENT_ADDRESS);
	assert_int_equal(event.number, 7);
	assert_int_equal(event.bytes, 300);
	assert_int_equal(event.family, 4);
	assert_string_equal(event.name, "pxe-test");
	assert_string_equal(event.detail, "pxelinux.0");
	assert_memory_equal(event.id, packet_bytes + 28, 6);
	/* words of the answer's own come first */
	answer.why = "because";
	packet_bytes[2] = 0;
	records(&host.mac, "pxe-test");
	assert_string_equal(event.detail, "because");
	assert_memory_equal(event.id, host.mac.bytes, 6);
	records(NULL, "");
	assert_int_equal(event.id_kind, IDENTITY_NONE);
}

static void
says_how_to_register_a_stranger(void **state)
{
	uint8_t uuid[17] = { 0, 0x11 };

	(void)state;
	start_dhcp(DHCP_DISCOVER);
	add(DHCP_UUID, uuid, sizeof uuid);
	add(DHCP_VENDOR_CLASS, "PXEClient", 9);
	answer_silence(&answer, EVENT_UNREGISTERED, "");
	records(NULL, "");
	assert_string_equal(event.detail, "uuid=11000000-0000-0000-0000-"
	    "000000000000 class=PXEClient");
	/* of others the vendor class alone is of interest */
	answer_silence(&answer, EVENT_NO_ADDRESS, "");
	records(NULL, "");
	assert_string_equal(event.detail, "PXEClient");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(says_who_sent_it),
		cmocka_unit_test(says_what_was_answered),
		cmocka_unit_test(says_how_to_register_a_stranger),
	};

	return cmocka_run_group_tests_name("record", tests, NULL, NULL);
}

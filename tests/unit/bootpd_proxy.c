#include "bootpd_test.h"

#define TEXT(code, s) add((code), (s), strlen(s))
#define CLASS "PXEClient:Arch:00007:UNDI:003016"
#define PXELINUX "loaders/pxelinux/pxelinux.0"
#define CLIENT 0xc0000263u	/* 192.0.2.99: another server's */

static void
proxied(const char *own)
{
	make_host(own, "loader=pxelinux rsync=common", "dns=192.0.2.53");
	context.proxy = true;
}

static void
ask_silent(enum event_reason reason)
{
	ask();
	assert_int_equal(answer.to, ANSWER_NOWHERE);
	assert_int_equal(answer.n, 0);
	assert_int_equal(answer.stage, EVENT_SILENCE);
	assert_int_equal(answer.reason, reason);
}

/* An offer has a boot file and nothing that is the DHCP server's. */
static void
check_offer(const char *class, const char *file)
{
	static const uint8_t others[] = { DHCP_MASK, DHCP_ROUTER, DHCP_DNS,
	    DHCP_HOST_NAME, DHCP_LEASE, DHCP_T1, DHCP_T2, DHCP_IPXE,
	    DHCP_RSYNC_PATH };

	open_reply();
	assert_int_equal(reply_address(YIADDR), 0);
	assert_int_equal(reply_address(SIADDR), SERVER);
	assert_int_equal(reply_u32(DHCP_SERVER_ID), SERVER);
	assert_string_equal(reply_text(DHCP_VENDOR_CLASS), class);
	assert_string_equal(reply_text(DHCP_BOOT_FILE), file);
	assert_string_equal(answer.file, file);
	for (size_t i = 0; i < sizeof others; i++)
		assert_false(reply_has(others[i]));
}

static void
offers_a_file_and_no_address(void **state)
{
	static const uint8_t uuid[17] = { 0, 1, 2, 3 };
	static const uint8_t list[] = { 1, 3, 6, 12, 43, 51, 60, 66, 67, 97 };

	(void)state;
	proxied("option-210=text:dir/");
	host.address = 0;		/* the other server's matter */
	start_dhcp(DHCP_DISCOVER);
	TEXT(DHCP_VENDOR_CLASS, CLASS);
	add(DHCP_UUID, uuid, sizeof uuid);
	add(DHCP_LIST, list, sizeof list);
	ask();
	assert_int_equal(answer.to, ANSWER_BROADCAST);
	assert_int_equal(answer.port, DHCP_CLIENT_PORT);
	assert_int_equal(answer.stage, EVENT_ASKED);
	assert_int_equal(answer.reason, EVENT_OK);
	check_offer("PXEClient", "loaders/pxelinux/efi64/syslinux.efi");
	assert_int_equal(reply_type(), DHCP_OFFER);
	assert_memory_equal(reply_text(DHCP_VENDOR), "\6\1\x8\xff", 4);
	assert_int_equal(reply_options.len[DHCP_UUID], sizeof uuid);
	assert_string_equal(reply_text(210), "dir/");
	/* Through a relay, to the relay. */
	set_address(GIADDR, 0xc6336401);
	ask();
	assert_int_equal(answer.to, ANSWER_ADDRESS);
	assert_int_equal(answer.address, 0xc6336401);
	assert_int_equal(answer.port, DHCP_SERVER_PORT);
}

/* iPXE takes a proxy's offer by its class, and must not be told to pass. */
static void
ipxe_is_one_too(void **state)
{
	(void)state;
	proxied("ipxe-script=boot.ipxe");
	start_dhcp(DHCP_DISCOVER);
	TEXT(DHCP_VENDOR_CLASS, CLASS);
	TEXT(DHCP_USER_CLASS, "iPXE");
	ask();
	check_offer("PXEClient", "boot.ipxe");
	assert_string_equal(answer.firmware->name, "ipxe");
}

static void
http_gets_a_url(void **state)
{
	(void)state;
	proxied("");
	start_dhcp(DHCP_DISCOVER);
	TEXT(DHCP_VENDOR_CLASS, "HTTPClient:Arch:00016:UNDI:003001");
	ask();
	check_offer("HTTPClient",
	    "http://192.0.2.2/loaders/pxelinux/efi64/syslinux.efi");
	assert_false(reply_has(DHCP_VENDOR));
}

static void
boot_servers_answer_where_it_came_from(void **state)
{
	static const uint16_t ports[] = { DHCP_BOOTSERVER_PORT,
	    DHCP_CLIENT_PORT };

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		proxied("");
		start_dhcp(DHCP_REQUEST);
		TEXT(DHCP_VENDOR_CLASS, CLASS);
		add(DHCP_VENDOR, "\x47\4\x80\0\0\0\xff", 7);
		set_address(CIADDR, CLIENT);
		context.source = CLIENT;
		context.source_port = ports[i];
		context.boot_port = i == 0;	/* or at 67, with its item */
		ask();
		assert_int_equal(answer.to, ANSWER_ADDRESS);
		assert_int_equal(answer.address, CLIENT);
		assert_int_equal(answer.port, ports[i]);
		assert_int_equal(answer.stage, EVENT_ADDRESS);
		check_offer("PXEClient",
		    "loaders/pxelinux/efi64/syslinux.efi");
		assert_int_equal(reply_type(), DHCP_ACK);
		assert_int_equal(reply_address(CIADDR), CLIENT);
		assert_memory_equal(reply_text(DHCP_VENDOR),
		    "\6\1\x8\x47\4\x80\0\0\0\xff", 10);
		/* From nowhere: there is nobody to answer. */
		context.source = 0;
		ask_silent(EVENT_MALFORMED);
	}
	/* Pad bytes in option 43 have no length. */
	proxied("");
	start_dhcp(DHCP_REQUEST);
	TEXT(DHCP_VENDOR_CLASS, CLASS);
	add(DHCP_VENDOR, "\0\x47\4\x80\0\0\0\0\xff", 9);
	set_address(CIADDR, CLIENT);
	context.source = CLIENT;
	ask();
	assert_int_equal(answer.type, DHCP_ACK);
	/* Some ROMs name no item, at port 4011. */
	start_dhcp(DHCP_REQUEST);
	TEXT(DHCP_VENDOR_CLASS, CLASS);
	set_address(CIADDR, CLIENT);
	context.source = CLIENT;
	context.boot_port = true;
	ask();
	assert_int_equal(answer.type, DHCP_ACK);
	context.boot_port = false;
	ask_silent(EVENT_OTHER_SERVER);
}

/* No lease, no NAK: whatever a system's client, or a ROM, wants of it. */
static void
the_rest_is_the_servers(void **state)
{
	static const uint8_t types[] = { DHCP_DISCOVER, DHCP_REQUEST,
	    DHCP_DECLINE, DHCP_RELEASE, DHCP_INFORM, 10 };

	(void)state;
	for (unsigned i = 0; i < sizeof types; i++)
		for (unsigned firmware = 0; firmware < 2; firmware++) {
			if (firmware && types[i] == DHCP_DISCOVER)
				continue;
			proxied("");
			start_dhcp(types[i]);
			add_u32(DHCP_REQUESTED, CLIENT);
			if (firmware)
				TEXT(DHCP_VENDOR_CLASS, CLASS);
			else
				TEXT(DHCP_VENDOR_CLASS, "udhcp 1.36.1");
			ask_silent(EVENT_OTHER_SERVER);
		}
	/* It chose the other one. */
	start_dhcp(DHCP_REQUEST);
	TEXT(DHCP_VENDOR_CLASS, CLASS);
	add(DHCP_VENDOR, "\x47\4\x80\0\0\0\xff", 7);
	add_u32(DHCP_SERVER_ID, 0xc0000201);
	ask_silent(EVENT_OTHER_SERVER);
	start_packet();		/* BOOTP */
	ask_silent(EVENT_OTHER_SERVER);
}

static void
no_file_no_offer(void **state)
{
	(void)state;
	proxied("");		/* pxelinux has nothing for arm64 */
	start_dhcp(DHCP_DISCOVER);
	TEXT(DHCP_VENDOR_CLASS, "PXEClient:Arch:00011:UNDI:003016");
	ask_silent(EVENT_NO_BOOT_FILE);
}

/* It would look for one on and on: so it is told that there is none. */
static void
local_leaves_at_once(void **state)
{
	(void)state;
	proxied("boot=local");
	start_dhcp(DHCP_DISCOVER);
	TEXT(DHCP_VENDOR_CLASS, CLASS);
	ask();
	open_reply();
	assert_int_equal(answer.reason, EVENT_OK);
	assert_int_equal(answer.to, ANSWER_BROADCAST);
	assert_int_equal(reply_type(), DHCP_OFFER);
	assert_int_equal(reply_address(YIADDR), 0);
	assert_string_equal(reply_text(DHCP_VENDOR_CLASS), "PXEClient");
	assert_false(reply_has(DHCP_BOOT_FILE));
	/* one item, of type 0; no second to choose in */
	assert_memory_equal(reply_text(DHCP_VENDOR), "\6\1\3\xa\xb\0", 6);
	assert_memory_equal(reply_text(DHCP_VENDOR) + 16,
	    "\x9\xd\0\0\xaLocal boot\xff", 16);
	assert_int_equal(reply_options.len[DHCP_VENDOR], 32);
	/* its boot server is nowhere */
	start_dhcp(DHCP_REQUEST);
	TEXT(DHCP_VENDOR_CLASS, CLASS);
	context.boot_port = true;
	context.source = CLIENT;
	ask_silent(EVENT_OK);
	context.boot_port = false;
	start_dhcp(DHCP_DISCOVER);
	TEXT(DHCP_VENDOR_CLASS, "HTTPClient:Arch:00016:UNDI:003001");
	ask();
	check_offer("HTTPClient", "http://192.0.2.2/boot=local");
	/* iPXE waits three seconds for a proxy, and goes */
	start_dhcp(DHCP_DISCOVER);
	TEXT(DHCP_VENDOR_CLASS, CLASS);
	TEXT(DHCP_USER_CLASS, "iPXE");
	ask_silent(EVENT_OK);
}

/* Loaders that would take an offer without an address for their own. */
static void
who_takes_the_first_offer_gets_none(void **state)
{
	(void)state;
	proxied("");
	start_dhcp(DHCP_DISCOVER);
	TEXT(DHCP_VENDOR_CLASS, "PXEClient");
	TEXT(DHCP_USER_CLASS, "\7FreeBSD");
	ask_silent(EVENT_OTHER_SERVER);
	start_dhcp(DHCP_DISCOVER);
	TEXT(DHCP_VENDOR_CLASS, "PXEClient:Arch:00000:UNDI:003000");
	TEXT(DHCP_LIST, "\1\3\6\x0c\x11");
	ask_silent(EVENT_OTHER_SERVER);
	/* a U-Boot that was built to look for proxies, as its entry says */
	proxied("firmware=pxe");
	ask();
	check_offer("PXEClient", PXELINUX);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(offers_a_file_and_no_address),
		cmocka_unit_test(ipxe_is_one_too),
		cmocka_unit_test(http_gets_a_url),
		cmocka_unit_test(boot_servers_answer_where_it_came_from),
		cmocka_unit_test(the_rest_is_the_servers),
		cmocka_unit_test(no_file_no_offer),
		cmocka_unit_test(local_leaves_at_once),
		cmocka_unit_test(who_takes_the_first_offer_gets_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

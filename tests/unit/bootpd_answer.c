#include "bootpd_test.h"

#define LIST(...) do { static const uint8_t list_[] = { __VA_ARGS__ };	\
	add(DHCP_LIST, list_, sizeof list_); } while (0)
#define TEXT(code, s) add((code), (s), strlen(s))

static void
plain_host(void)
{
	make_host("", "loader=pxelinux rsync=common,web",
	    "dns=192.0.2.53,192.0.2.54 domain=example.net");
}

/* RFC 2131 section 4.3.1 and table 3. */
static void
offers_what_the_host_has(void **state)
{
	(void)state;
	plain_host();
	start_dhcp(DHCP_DISCOVER);
	LIST(12, 15, 6, 28, 194, 58, 59, 66, 67, 54);
	ask();
	assert_int_equal(answer.stage, EVENT_ASKED);
	assert_int_equal(answer.reason, EVENT_OK);
	assert_int_equal(answer.to, ANSWER_LINK);
	assert_int_equal(answer.address, HOST);
	assert_int_equal(answer.port, DHCP_CLIENT_PORT);
	open_reply();
	assert_int_equal(reply_type(), DHCP_OFFER);
	assert_int_equal(reply_address(CIADDR), 0);
	assert_int_equal(reply_address(YIADDR), HOST);
	assert_int_equal(reply_address(SIADDR), SERVER);
	assert_int_equal(reply_u32(DHCP_SERVER_ID), SERVER);
	assert_int_equal(reply_u32(DHCP_LEASE), 86400);
	assert_int_equal(reply_u32(DHCP_T1), 43200);
	assert_int_equal(reply_u32(DHCP_T2), 75600);
	assert_int_equal(reply_u32(DHCP_MASK), 0xffffff00);
	assert_int_equal(reply_u32(DHCP_ROUTER), 0xc0000201);
	assert_int_equal(reply_u32(DHCP_BROADCAST), 0xc00002ff);
	assert_string_equal(reply_text(DHCP_HOST_NAME), "pxe-test");
	assert_string_equal(reply_text(DHCP_DOMAIN), "example.net");
	assert_string_equal(reply_text(DHCP_TFTP_NAME), "192.0.2.2");
	assert_string_equal(reply_text(DHCP_BOOT_FILE),
	    "loaders/pxelinux/pxelinux.0");
	assert_string_equal((char *)answer.bytes + 108,
	    "loaders/pxelinux/pxelinux.0");
	assert_string_equal(reply_text(DHCP_RSYNC_PATH),
	    "rsync://192.0.2.2/common rsync://192.0.2.2/web");
	assert_int_equal(reply_options.len[DHCP_DNS], 8);
}

/* The parameter request list's order, behind what is always sent. */
static void
keeps_the_order_asked_for(void **state)
{
	const uint8_t *at = reply_options.joined;
	size_t n;

	(void)state;
	plain_host();
	start_dhcp(DHCP_DISCOVER);
	LIST(15, 3, 12, 6, 15, 255, 0, 82, 52);
	ask();
	open_reply();
	at = answer.bytes + 240;
	assert_memory_equal(at, "\x35\1\2\x36\4", 5);
	assert_true(dhcp_option(&reply_options, DHCP_DOMAIN, &n) <
	    dhcp_option(&reply_options, DHCP_HOST_NAME, &n));
	assert_true(dhcp_option(&reply_options, DHCP_HOST_NAME, &n) <
	    dhcp_option(&reply_options, DHCP_DNS, &n));
	assert_false(reply_has(DHCP_RELAY));
	assert_false(reply_has(DHCP_OVERLOAD));
	assert_false(reply_has(DHCP_RSYNC_PATH));
}

/* GRUB asks for nothing and needs mask, router, lease, server. */
static void
gives_the_usual_to_who_names_nothing(void **state)
{
	static const uint8_t usual[] = { 1, 3, 6, 12, 15, 51, 54, 194 };
	size_t i;

	(void)state;
	plain_host();
	start_dhcp(DHCP_DISCOVER);
	ask();
	open_reply();
	for (i = 0; i < sizeof usual; i++)
		assert_true(reply_has(usual[i]));
}

static void
nearest_value_and_any_option_by_number(void **state)
{
	(void)state;
	make_host("domain=own.example dns= option-150=ip:192.0.2.9 "
	    "option-252=text:%n option-12=text:other",
	    "domain=group.example dns=192.0.2.60", "domain=net.example");
	start_dhcp(DHCP_DISCOVER);
	LIST(15, 6, 12);
	ask();
	open_reply();
	assert_string_equal(reply_text(DHCP_DOMAIN), "own.example");
	assert_false(reply_has(DHCP_DNS));	/* dns= says: none */
	assert_int_equal(reply_u32(150), 0xc0000209);
	assert_string_equal(reply_text(252), "pxe-test");
	assert_string_equal(reply_text(DHCP_HOST_NAME), "other");
	assert_int_equal(reply_type(), DHCP_OFFER);	/* ours alone */
}

/* RFC 2131 table 4: what a REQUEST is, by its state, and what it gets. */
static void
requests_in_all_states(void **state)
{
	enum { OURS = SERVER, OTHER = 0xc0000263, HERE = 0xc000020b,
	    THERE = 0xcb007137 };
	static const struct {
		const char *name;
		uint32_t server_id, requested, ciaddr;
		bool unicast, no_address;
		uint8_t type;		/* of the reply; 0: none */
		enum event_reason reason;
		enum answer_to to;
	} rows[] = {
		{ "selecting", OURS, HOST, 0, false, false, DHCP_ACK,
		    EVENT_OK, ANSWER_LINK },
		{ "selecting another server", OTHER, HOST, 0, false, false,
		    0, EVENT_OTHER_SERVER, ANSWER_NOWHERE },
		{ "selecting us with a wrong address", OURS, HERE, 0, false,
		    false, DHCP_NAK, EVENT_WRONG_ADDRESS, ANSWER_BROADCAST },
		{ "selecting us, address gone", OURS, HOST, 0, false, true,
		    DHCP_NAK, EVENT_WRONG_ADDRESS, ANSWER_BROADCAST },
		{ "init-reboot", 0, HOST, 0, false, false, DHCP_ACK, EVENT_OK,
		    ANSWER_LINK },
		{ "init-reboot, wrong address", 0, HERE, 0, false, false,
		    DHCP_NAK, EVENT_WRONG_ADDRESS, ANSWER_BROADCAST },
		{ "init-reboot, wrong network", 0, THERE, 0, false, false,
		    DHCP_NAK, EVENT_WRONG_ADDRESS, ANSWER_BROADCAST },
		{ "init-reboot, wrong network, none here", 0, THERE, 0, false,
		    true, DHCP_NAK, EVENT_WRONG_ADDRESS, ANSWER_BROADCAST },
		{ "init-reboot, another server's client", 0, HERE, 0, false,
		    true, 0, EVENT_NO_ADDRESS, ANSWER_NOWHERE },
		{ "renewing", 0, 0, HOST, true, false, DHCP_ACK, EVENT_OK,
		    ANSWER_ADDRESS },
		{ "rebinding", 0, 0, HOST, false, false, DHCP_ACK, EVENT_OK,
		    ANSWER_ADDRESS },
		{ "renewing a wrong address", 0, 0, HERE, true, false,
		    DHCP_NAK, EVENT_WRONG_ADDRESS, ANSWER_BROADCAST },
		{ "rebinding a wrong address", 0, 0, HERE, false, false,
		    DHCP_NAK, EVENT_WRONG_ADDRESS, ANSWER_BROADCAST },
		{ "nothing at all", 0, 0, 0, false, false, 0, EVENT_MALFORMED,
		    ANSWER_NOWHERE },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		plain_host();
		if (rows[i].no_address)
			host.address = 0;
		start_dhcp(DHCP_REQUEST);
		if (rows[i].server_id != 0)
			add_u32(DHCP_SERVER_ID, rows[i].server_id);
		if (rows[i].requested != 0)
			add_u32(DHCP_REQUESTED, rows[i].requested);
		set_address(CIADDR, rows[i].ciaddr);
		context.source = rows[i].ciaddr;
		context.unicast = rows[i].unicast;
		context.ours = rows[i].server_id == OURS;
		ask();
		if (answer.type != rows[i].type ||
		    answer.reason != rows[i].reason ||
		    answer.to != rows[i].to)
			fail_msg("%s: type %u, %s (%s), to %u", rows[i].name,
			    answer.type, event_reason_name(answer.reason),
			    answer.why, answer.to);
		if (rows[i].type == 0)
			continue;
		open_reply();
		assert_int_equal(reply_type(), rows[i].type);
		assert_int_equal(reply_u32(DHCP_SERVER_ID), SERVER);
		if (rows[i].type == DHCP_NAK) {
			assert_int_equal(answer.stage, EVENT_SILENCE);
			assert_int_equal(reply_address(YIADDR), 0);
			assert_int_equal(reply_address(CIADDR), 0);
			assert_false(reply_has(DHCP_LEASE));
			assert_false(reply_has(DHCP_MASK));
			assert_true(reply_has(DHCP_MESSAGE));
			continue;
		}
		assert_int_equal(answer.stage, EVENT_LEASE);
		assert_int_equal(reply_address(YIADDR), HOST);
		assert_int_equal(reply_address(CIADDR), rows[i].ciaddr);
		if (answer.to == ANSWER_ADDRESS)
			assert_int_equal(answer.address, HOST);
	}
}

/* A broadcast does not pass the routers that carried the renewal. */
static void
a_renewal_by_routers_gets_no_nak(void **state)
{
	(void)state;
	plain_host();
	host.network = 0xcb007100;
	host.address = 0xcb007110;
	start_dhcp(DHCP_REQUEST);
	set_address(CIADDR, 0xcb007111);
	context.unicast = true;
	ask();
	assert_int_equal(answer.to, ANSWER_NOWHERE);
	assert_int_equal(answer.reason, EVENT_WRONG_ADDRESS);
	/* through its relay it is refused */
	context.unicast = false;
	set_address(GIADDR, 0xcb007101);
	ask();
	assert_int_equal(answer.type, DHCP_NAK);
	assert_int_equal(answer.address, 0xcb007101);
}

/* Table 3: a lease has a time, T1 and T2 are of it, an INFORM has none. */
static void
the_lease_by_number_is_the_lease(void **state)
{
	static const struct {
		const char *set;
		uint32_t lease;
	} rows[] = {
		{ "option-51=u32:3600", 3600 },
		{ "option-51=u32:3600 default-lease=2h", 3600 },
		{ "option-51= default-lease=2h", 7200 },
		/* as only an older database has it */
		{ "load option-51=u8:9", 86400 },
		{ "load option-51=u32:0", 86400 },
		{ "load option-51=hex:0000000000", 86400 },
	};
	char line[64];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		if (strncmp(rows[i].set, "load", 4) == 0) {
			make_host("", NULL, "");
			snprintf(line, sizeof line, "host a%s",
			    rows[i].set + 4);
			assert_true(entry_load(&host.own, line,
			    strlen(line)));
		} else {
			make_host(rows[i].set, NULL, "");
		}
		start_dhcp(DHCP_DISCOVER);
		LIST(58, 59);
		ask();
		open_reply();
		assert_int_equal(reply_u32(DHCP_LEASE), rows[i].lease);
		assert_int_equal(reply_u32(DHCP_T1), rows[i].lease / 2);
		assert_int_equal(reply_u32(DHCP_T2), rows[i].lease / 8 * 7);
	}
	make_host("option-51=u32:3600 option-58=u32:9 option-59=u32:9", NULL,
	    "");
	start_dhcp(DHCP_INFORM);
	LIST(51, 58, 59);
	set_address(CIADDR, HOST);
	ask();
	open_reply();
	assert_false(reply_has(DHCP_LEASE) || reply_has(DHCP_T1) ||
	    reply_has(DHCP_T2));
}

static void
goes_where_the_client_can_hear(void **state)
{
	static const struct {
		const char *name;
		uint16_t flags;
		uint8_t htype, hlen;
		uint32_t giaddr, ciaddr;
		enum answer_to to;
		uint32_t address;
		uint16_t port;
	} rows[] = {
		{ "frame", 0, 1, 6, 0, 0, ANSWER_LINK, HOST, 68 },
		{ "flag", 0x8000, 1, 6, 0, 0, ANSWER_BROADCAST, 0, 68 },
		{ "reserved bits", 0x7fff, 1, 6, 0, 0, ANSWER_LINK, HOST, 68 },
		{ "relay", 0, 1, 6, 0xc0000201, 0, ANSWER_ADDRESS,
		    0xc0000201, 67 },
		{ "relay, flag", 0x8000, 1, 6, 0xc0000201, 0, ANSWER_ADDRESS,
		    0xc0000201, 67 },
		{ "no hardware address", 0, 32, 0, 0, 0, ANSWER_BROADCAST, 0,
		    68 },
		{ "other hardware", 0, 6, 6, 0, 0, ANSWER_BROADCAST, 0, 68 },
		/* a DISCOVER's ciaddr is no reason to write to a third */
		{ "forged", 0, 1, 6, 0, 0xc6336409, ANSWER_LINK, HOST, 68 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		plain_host();
		start_dhcp(DHCP_DISCOVER);
		packet_bytes[1] = rows[i].htype;
		packet_bytes[2] = rows[i].hlen;
		packet_bytes[10] = (uint8_t)(rows[i].flags >> 8);
		packet_bytes[11] = (uint8_t)rows[i].flags;
		set_address(GIADDR, rows[i].giaddr);
		set_address(CIADDR, rows[i].ciaddr);
		ask();
		open_reply();
		if (answer.to != rows[i].to || answer.port != rows[i].port ||
		    answer.address != rows[i].address)
			fail_msg("%s: to %u %08x:%u", rows[i].name, answer.to,
			    answer.address, answer.port);
		/* only the one flag that there is comes back */
		assert_int_equal(answer.bytes[10], rows[i].flags >> 8 & 0x80);
		assert_int_equal(answer.bytes[11], 0);
	}
}

/* Known by its client identifier, as on networks that have others. */
static void
no_frame_goes_to_nobody_or_many(void **state)
{
	static const uint8_t macs[][6] = {
		{ 0 }, { 1, 0, 0x5e, 0, 0, 1 },
		{ 0xff, 0xff, 0xff, 0xff, 0xff, 0xff },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof macs / sizeof macs[0]; i++) {
		plain_host();
		start_dhcp(DHCP_DISCOVER);
		memcpy(packet_bytes + 28, macs[i], sizeof macs[i]);
		ask();
		open_reply();
		assert_int_equal(answer.to, ANSWER_BROADCAST);
	}
}

static void
a_relay_gets_its_option_back_at_the_end(void **state)
{
	static const uint8_t info[] = "\1\3ge1\2\2r1";
	size_t n;
	const uint8_t *at;

	(void)state;
	plain_host();
	start_dhcp(DHCP_DISCOVER);
	add(DHCP_RELAY, info, sizeof info - 1);
	LIST(12, 15, 6, 194);
	set_address(GIADDR, 0xc0000201);
	ask();
	open_reply();
	at = dhcp_option(&reply_options, DHCP_RELAY, &n);
	assert_int_equal(n, sizeof info - 1);
	assert_memory_equal(at, info, n);
	assert_int_equal(at[n], DHCP_END);
	assert_int_equal(answer.port, DHCP_SERVER_PORT);
	/* a switch that adds it and is no relay takes it out again */
	set_address(GIADDR, 0);
	ask();
	open_reply();
	assert_int_equal(answer.to, ANSWER_LINK);
	at = dhcp_option(&reply_options, DHCP_RELAY, &n);
	assert_int_equal(n, sizeof info - 1);
	assert_int_equal(at[n], DHCP_END);
	/* a NAK by a relay: with option 82, and to be broadcast there */
	start_dhcp(DHCP_REQUEST);
	add_u32(DHCP_REQUESTED, 0xc0000263);
	add(DHCP_RELAY, info, sizeof info - 1);
	set_address(GIADDR, 0xc0000201);
	ask();
	open_reply();
	assert_int_equal(reply_type(), DHCP_NAK);
	assert_int_equal(answer.to, ANSWER_ADDRESS);
	assert_int_equal(answer.address, 0xc0000201);
	assert_int_equal(answer.bytes[10], 0x80);
	at = dhcp_option(&reply_options, DHCP_RELAY, &n);
	assert_int_equal(n, sizeof info - 1);
	assert_int_equal(at[n], DHCP_END);
}

/* RFC 8357: one that does not listen at 67 says so. */
static void
a_relay_may_have_a_port_of_its_own(void **state)
{
	(void)state;
	for (unsigned own = 0; own < 2; own++)
		for (unsigned nak = 0; nak < 2; nak++) {
			plain_host();
			start_dhcp(DHCP_REQUEST);
			add_u32(DHCP_REQUESTED, nak ? HOST + 1 : HOST);
			add(DHCP_RELAY, "\1\3ge1\x13\0", own ? 7 : 5);
			set_address(GIADDR, 0xc0000201);
			context.source_port = 1067;
			ask();
			open_reply();
			assert_int_equal(reply_type(), nak ? DHCP_NAK :
			    DHCP_ACK);
			assert_int_equal(answer.address, 0xc0000201);
			assert_int_equal(answer.port, own ? 1067 :
			    DHCP_SERVER_PORT);
		}
}

/*
 * RFC 2131 section 4.1: to ciaddr, flag or not.  But who sends from no address
 * may not answer ARP for it either: there by a frame.
 */
static void
ciaddr_is_reached_with_or_without_arp(void **state)
{
	(void)state;
	for (unsigned flag = 0; flag < 2; flag++) {
		plain_host();
		start_dhcp(DHCP_REQUEST);
		set_address(CIADDR, HOST);
		packet_bytes[10] = flag ? 0x80 : 0;
		context.source = HOST;
		ask();
		assert_int_equal(answer.to, ANSWER_ADDRESS);
		assert_int_equal(answer.address, HOST);
		context.source = 0;
		ask();
		open_reply();
		assert_int_equal(answer.to, ANSWER_LINK);
		assert_int_equal(answer.address, HOST);
		assert_int_equal(answer.port, DHCP_CLIENT_PORT);
		/* no frame for other hardware */
		packet_bytes[1] = 6;
		ask();
		assert_int_equal(answer.to, ANSWER_ADDRESS);
	}
}

/* An MTU of the wire is the most that a frame has, but RFC 791's least. */
static void
keeps_the_wires_size(void **state)
{
	static const struct {
		unsigned mtu;
		bool relay;
		size_t most;
	} rows[] = {
		{ 0, false, 1472 }, { 1500, false, 1472 },
		{ 9000, false, 1472 }, { 1000, false, 972 },
		{ 1000, true, 1472 }, { 296, false, 548 },
	};
	char xs[201], own[1000];
	size_t i;

	(void)state;
	memset(xs, 'x', sizeof xs - 1);
	xs[sizeof xs - 1] = '\0';
	snprintf(own, sizeof own, "filename=f server-name=s option-200=text:%s "
	    "option-201=text:%s option-202=text:%s option-203=text:%s", xs,
	    xs, xs, xs);
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		make_host(own, NULL, "");
		start_dhcp(DHCP_DISCOVER);
		add(DHCP_MAX_SIZE, "\5\xdc", 2);
		if (rows[i].relay)
			set_address(GIADDR, 0xc0000201);
		context.mtu = rows[i].mtu;
		ask();
		open_reply();
		if (answer.n > rows[i].most || (rows[i].most == 1472) !=
		    reply_has(203))
			fail_msg("row %zu: %zu bytes", i, answer.n);
	}
}

/* RFC 3527, 3011, 5107. */
static void
relays_choose_subnet_and_server(void **state)
{
	static const uint8_t info[] = "\5\4\xc6\x33\x64\0\x0b\4\xc6\x33\x64\1";

	(void)state;
	plain_host();
	start_dhcp(DHCP_DISCOVER);
	set_address(GIADDR, 0xc0000201);
	ask();
	assert_int_equal(answer_network(&packet, &context), 0xc0000201);
	add_u32(DHCP_SUBNET, 0xc0000300);
	ask();
	assert_int_equal(answer_network(&packet, &context), 0xc0000300);
	open_reply();
	assert_int_equal(reply_u32(DHCP_SUBNET), 0xc0000300);
	add(DHCP_RELAY, info, sizeof info - 1);
	ask();
	assert_int_equal(answer_network(&packet, &context), 0xc6336400);
	open_reply();
	assert_int_equal(reply_u32(DHCP_SERVER_ID), 0xc6336401);
	/* and the client then chooses us by that name */
	start_dhcp(DHCP_REQUEST);
	add_u32(DHCP_SERVER_ID, 0xc6336401);
	add_u32(DHCP_REQUESTED, HOST);
	add(DHCP_RELAY, info, sizeof info - 1);
	set_address(GIADDR, 0xc0000201);
	ask();
	open_reply();
	assert_int_equal(reply_type(), DHCP_ACK);
	/* without a relay: the wire, or ciaddr if routers carried it */
	start_dhcp(DHCP_REQUEST);
	set_address(CIADDR, HOST);
	ask();
	assert_int_equal(answer_network(&packet, &context), 0);
	context.unicast = true;
	assert_int_equal(answer_network(&packet, &context), HOST);
}

/* RFC 2131 section 4.3.5. */
static void
informs_without_lease_or_address(void **state)
{
	(void)state;
	plain_host();
	start_dhcp(DHCP_INFORM);
	LIST(6, 15, 51, 58, 59);
	set_address(CIADDR, 0xc0000263);
	context.source = 0xc0000263;
	packet_bytes[10] = 0x80;
	ask();
	open_reply();
	assert_int_equal(reply_type(), DHCP_ACK);
	assert_int_equal(answer.to, ANSWER_ADDRESS);
	assert_int_equal(answer.address, 0xc0000263);
	assert_int_equal(reply_address(CIADDR), 0xc0000263);
	assert_int_equal(reply_address(YIADDR), 0);
	assert_true(reply_has(DHCP_DNS) && reply_has(DHCP_SERVER_ID));
	assert_false(reply_has(DHCP_LEASE) || reply_has(DHCP_T1) ||
	    reply_has(DHCP_T2));
	/* nobody has us write to a third party */
	set_address(CIADDR, 0xc6336409);
	ask();
	assert_int_equal(answer.to, ANSWER_NOWHERE);
	/* but where it comes from is its own */
	context.source = 0xc6336409;
	ask();
	assert_int_equal(answer.address, 0xc6336409);
	set_address(CIADDR, 0);
	ask();
	assert_int_equal(answer.address, 0xc6336409);
	context.source = 0;
	ask();
	assert_int_equal(answer.reason, EVENT_MALFORMED);
}

/* No class, no file needed: its root path by NFS, in what it asks for. */
static void
freebsds_loader_gets_its_root_path(void **state)
{
	(void)state;
	make_host("root-path=192.0.2.2:/exports/freebsd", NULL, "");
	start_dhcp(DHCP_DISCOVER);
	TEXT(DHCP_VENDOR_CLASS, "PXEClient");
	TEXT(DHCP_USER_CLASS, "\7FreeBSD");
	LIST(17, 12, 16, 3, 1, 26, 54);
	memcpy(packet_bytes + 108, "/boot/kernel/kernel", 19);
	ask();
	open_reply();
	assert_int_equal(answer.reason, EVENT_OK);
	assert_string_equal(answer.firmware->name, "freebsd");
	assert_string_equal(reply_text(DHCP_ROOT_PATH),
	    "192.0.2.2:/exports/freebsd");
	assert_string_equal(reply_text(DHCP_HOST_NAME), "pxe-test");
	assert_int_equal(reply_u32(DHCP_MASK), 0xffffff00);
	assert_false(reply_has(DHCP_OVERLOAD) || reply_has(DHCP_VENDOR));
	assert_int_equal(answer.bytes[108], 0);
}

/*
 * With tftp:// in front its files come by TFTP, else by NFS: where tftpd
 * makes them and nobody said otherwise.
 */
static void
freebsds_loader_gets_a_root_by_tftp(void **state)
{
	static const struct { const char *own, *root; } rows[] = {
		{ "loader=pxeboot", "tftp:/" },
		{ "loader=pxeboot root-path=192.0.2.2:/exports",
		    "192.0.2.2:/exports" },
		{ "loader=grub", "" }, { "", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		make_host(rows[i].own, NULL, "next-server=192.0.2.3");
		start_dhcp(DHCP_DISCOVER);
		TEXT(DHCP_VENDOR_CLASS, "PXEClient");
		TEXT(DHCP_USER_CLASS, "\7FreeBSD");
		LIST(17, 12, 16, 3, 1, 26, 54);
		ask();
		open_reply();
		assert_string_equal(reply_text(DHCP_ROOT_PATH), rows[i].root);
	}
	/* The ROM before it, and the system after it, are not told. */
	make_host("loader=pxeboot", NULL, "");
	start_dhcp(DHCP_DISCOVER);
	TEXT(DHCP_VENDOR_CLASS, "PXEClient:Arch:00000:UNDI:002001");
	LIST(17, 1);
	ask();
	open_reply();
	assert_false(reply_has(DHCP_ROOT_PATH));
}

/*
 * NetBSD's loader asks anew for each file, with its name in the file field,
 * and takes one without tftp: for one by NFS; what has a ':' in the answer
 * takes the place of what it asked for.
 */
static void
netbsds_loader_gets_its_files_by_tftp(void **state)
{
	static const struct { const char *own, *asks, *file; } rows[] = {
		{ "loader=netbsd kernel=k", "boot.cfg", "tftp:boot.cfg" },
		{ "loader=netbsd kernel=k", "netbsd",
		    "tftp:192.0.2.10/kernel" },
		{ "loader=netbsd kernel=k", "", "tftp:192.0.2.10/kernel" },
		{ "loader=netbsd kernel=k", "tftp:192.0.2.10/kernel", "" },
		{ "loader=netbsd kernel=k", "tftp:/192.0.2.10/initrd", "" },
		{ "loader=netbsd", "netbsd", "" },
		{ "loader=netbsd kernel=k boot=local", "boot.cfg", "" },
		{ "filename=pxeboot_ia32.bin kernel=k", "boot.cfg",
		    "pxeboot_ia32.bin" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		make_host(rows[i].own, NULL, "");
		start_dhcp(DHCP_DISCOVER);
		TEXT(DHCP_VENDOR_CLASS, "NetBSD:i386:libsa");
		strcpy((char *)packet_bytes + 108, rows[i].asks);
		ask();
		open_reply();
		assert_string_equal(answer.firmware->name, "netbsd");
		assert_string_equal((char *)answer.bytes + 108, rows[i].file);
	}
	/* No NUL in the field. */
	make_host("loader=netbsd kernel=k", NULL, "");
	start_dhcp(DHCP_DISCOVER);
	TEXT(DHCP_VENDOR_CLASS, "NetBSD:i386:libsa");
	memset(packet_bytes + 108, 'x', 128);
	ask();
	open_reply();
	assert_string_equal((char *)answer.bytes + 108,
	    "tftp:192.0.2.10/kernel");
	/* Its kernel is a system like others. */
	start_dhcp(DHCP_DISCOVER);
	TEXT(DHCP_VENDOR_CLASS, "NetBSD:i386:kernel");
	ask();
	open_reply();
	assert_null(answer.firmware);
}

/* OpenBSD's and NetBSD's: BOOTP, nothing behind the cookie, 300 bytes. */
static void
openbsds_loader_gets_bootp(void **state)
{
	(void)state;
	make_host("root-path=/exports/root", NULL, "next-server=192.0.2.3 "
	    "filename=bsd.rd");
	start_packet();
	packet_n = 300;
	ask();
	open_reply();
	assert_int_equal(answer.stage, EVENT_ADDRESS);
	assert_int_equal(answer.n, 300);
	assert_int_equal(reply_address(YIADDR), HOST);
	assert_int_equal(reply_address(SIADDR), 0xc0000203);
	assert_string_equal((char *)answer.bytes + 108, "bsd.rd");
	assert_string_equal(reply_text(DHCP_ROOT_PATH), "/exports/root");
	assert_int_equal(reply_u32(DHCP_MASK), 0xffffff00);
}

/* RFC 2131 section 4.3.1: what is set, if nobody says what he wants. */
static void
without_a_list_dhcp_gets_all_that_is_set(void **state)
{
	static const uint8_t types[] = { DHCP_DISCOVER, DHCP_INFORM };
	static const uint8_t all[] = { 2, 4, 6, 7, 26, 44, 119, 121 };
	size_t i, k;

	(void)state;
	make_host("mtu=1400 wins=192.0.2.8 filename=pxelinux.0", NULL,
	    "routes=10.0.0.0/8-192.0.2.9 log-server=192.0.2.7 time-offset=60 "
	    "time-server=192.0.2.6 dns=192.0.2.53 domain-search=example.net");
	for (i = 0; i < sizeof types; i++) {
		start_dhcp(types[i]);
		set_address(CIADDR, HOST);
		ask();
		open_reply();
		for (k = 0; k < sizeof all; k++)
			assert_true(dhcp_option_seen(&reply_options, all[k]));
		assert_false(dhcp_option_seen(&reply_options, DHCP_BOOT_FILE));
		assert_false(dhcp_option_seen(&reply_options, DHCP_T1));
	}
	/* one wish is a list */
	start_dhcp(DHCP_DISCOVER);
	add(DHCP_LIST, "\x06", 1);
	ask();
	open_reply();
	assert_true(dhcp_option_seen(&reply_options, DHCP_DNS));
	assert_false(dhcp_option_seen(&reply_options, 26));
	/* BOOTP has no room for more than it needs */
	start_packet();
	packet_n = 300;
	ask();
	open_reply();
	assert_true(dhcp_option_seen(&reply_options, DHCP_DNS));
	assert_false(dhcp_option_seen(&reply_options, 26));
	assert_string_equal(answer.why, "");
}

static const char *
told_for(const char *file, uint8_t type)
{
	start_packet();
	if (type != DHCP_BOOTP)
		add(DHCP_TYPE, &type, 1);
	strcpy((char *)packet_bytes + 108, file);
	ask();
	open_reply();
	assert_string_equal(answer.file, (char *)answer.bytes + 108);
	return answer.file;
}

/* RFC 951: the file that BOOTP names, unless the database has another. */
static void
bootp_may_name_its_file(void **state)
{
	(void)state;
	make_host("", NULL, "");
	assert_string_equal(told_for("", DHCP_BOOTP), "");
	assert_string_equal(told_for("unix %n", DHCP_BOOTP), "unix %n");
	assert_string_equal(told_for("unix", DHCP_DISCOVER), "");
	/* a name without an end is none */
	start_packet();
	memset(packet_bytes + 108, 'f', DHCP_FILE_SIZE);
	ask();
	open_reply();
	assert_string_equal((char *)answer.bytes + 108, "");
	make_host("filename=bsd", NULL, "");
	assert_string_equal(told_for("unix", DHCP_BOOTP), "bsd");
	make_host("boot=local", NULL, "");
	assert_string_equal(told_for("unix", DHCP_BOOTP), "");
}

/*
 * InfiniBand (RFC 4390): no hardware address in the packet, so that only a
 * broadcast finds it; iPXE and FlexBoot put the port's GUID there.
 */
static void
infiniband_is_answered_by_broadcast(void **state)
{
	static const uint8_t guid[] = { 0, 2, 0xc9, 3, 0, 1, 2, 3 };

	(void)state;
	for (unsigned with_guid = 0; with_guid < 2; with_guid++) {
		plain_host();
		start_dhcp(DHCP_DISCOVER);
		packet_bytes[1] = 32;
		packet_bytes[2] = with_guid ? sizeof guid : 0;
		packet_bytes[10] = 0x80;
		memset(packet_bytes + 28, 0, 16);
		if (with_guid)
			memcpy(packet_bytes + 28, guid, sizeof guid);
		add(DHCP_CLIENT_ID, "\xff\0\0\0\1\0\4id", 9);
		TEXT(DHCP_VENDOR_CLASS, "PXEClient:Arch:00007:UNDI:003000");
		add(DHCP_IPXE, "\xb1\1\1", 3);
		ask();
		open_reply();
		assert_int_equal(answer.to, ANSWER_BROADCAST);
		assert_string_equal(answer.firmware->name, "ipxe");
		assert_int_equal(reply_options.len[DHCP_CLIENT_ID], 9);
	}
}

/* What the client wishes for is not always what it gets. */
static void
the_server_decides(void **state)
{
	uint8_t plain[ANSWER_MAX];
	size_t n;

	(void)state;
	make_host("default-lease=1h", NULL, "");
	start_dhcp(DHCP_DISCOVER);
	LIST(58, 59, 51, 1, 1, 3, 54, 55, 61);
	ask();
	n = answer.n;
	memcpy(plain, answer.bytes, n);
	open_reply();
	assert_int_equal(reply_u32(DHCP_LEASE), 3600);
	assert_int_equal(reply_u32(DHCP_T1), 1800);
	assert_int_equal(reply_u32(DHCP_T2), 3150);
	assert_false(reply_has(DHCP_LIST) || reply_has(DHCP_CLIENT_ID));
	/* its own lease time, another address, RFC 3118, rapid commit */
	add_u32(DHCP_LEASE, 300);
	add_u32(DHCP_REQUESTED, 0xc0000263);
	add(90, "\1\1\0\0\0\0\0\0\0\0\0", 11);
	add(80, "", 0);
	packet_bytes[9] = 77;		/* secs */
	ask();
	assert_int_equal(answer.n, n);
	assert_memory_equal(answer.bytes, plain, n);
}

/* Table 3 of RFC 2131, the fixed fields of each reply. */
static void
fills_the_fixed_fields(void **state)
{
	static const struct {
		uint8_t type, reply;
		uint32_t requested, ciaddr, ciaddr_back, yiaddr;
	} rows[] = {
		{ DHCP_DISCOVER, DHCP_OFFER, 0, 0, 0, HOST },
		{ DHCP_DISCOVER, DHCP_OFFER, 0, HOST, 0, HOST },
		{ DHCP_REQUEST, DHCP_ACK, HOST, 0, 0, HOST },
		{ DHCP_REQUEST, DHCP_ACK, 0, HOST, HOST, HOST },
		{ DHCP_REQUEST, DHCP_NAK, 0xc0000263, 0, 0, 0 },
		{ DHCP_INFORM, DHCP_ACK, 0, HOST, HOST, 0 },
	};
	const uint8_t *b = answer.bytes;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		plain_host();
		start_dhcp(rows[i].type);
		packet_bytes[3] = 3;		/* hops */
		packet_bytes[9] = 9;		/* secs */
		packet_bytes[10] = 0xff;	/* reserved flags too */
		packet_bytes[11] = 0xff;
		memset(packet_bytes + 44, 'x', 64 + 128);
		if (rows[i].requested != 0)
			add_u32(DHCP_REQUESTED, rows[i].requested);
		set_address(CIADDR, rows[i].ciaddr);
		ask();
		open_reply();
		assert_int_equal(reply_type(), rows[i].reply);
		assert_memory_equal(b + 3, "\0", 1);
		assert_memory_equal(b + 8, "\0\0\x80\0", 4);
		assert_int_equal(reply_address(CIADDR), rows[i].ciaddr_back);
		assert_int_equal(reply_address(YIADDR), rows[i].yiaddr);
		assert_int_equal(reply_address(SIADDR),
		    rows[i].reply == DHCP_NAK ? 0 : SERVER);
		assert_null(memchr(b + 44, 'x', 64));
		assert_int_equal(b[44 + 63], 0);
		assert_int_equal(b[108 + 127], 0);
		assert_true(answer.n >= 300);
	}
}

/* A NAK finds the client by broadcast, or has the relay do so. */
static void
a_nak_is_a_broadcast(void **state)
{
	(void)state;
	plain_host();
	start_dhcp(DHCP_REQUEST);
	add_u32(DHCP_REQUESTED, 0xcb007137);
	ask();
	open_reply();
	assert_int_equal(answer.to, ANSWER_BROADCAST);
	set_address(GIADDR, 0xc0000201);
	ask();
	open_reply();
	assert_int_equal(answer.to, ANSWER_ADDRESS);
	assert_int_equal(answer.address, 0xc0000201);
	assert_int_equal(answer.port, DHCP_SERVER_PORT);
	assert_int_equal(answer.bytes[10], 0x80);
	/* nothing but what table 3 allows */
	for (unsigned i = 1; i < DHCP_END; i++)
		assert_true(!reply_has((uint8_t)i) || i == DHCP_TYPE ||
		    i == DHCP_SERVER_ID || i == DHCP_MESSAGE);
}

/* Nobody is written to because somebody else named his address. */
static void
a_forged_ciaddr_draws_nothing(void **state)
{
	(void)state;
	/* DISCOVER and BOOTP: to the machine itself */
	plain_host();
	start_dhcp(DHCP_DISCOVER);
	set_address(CIADDR, 0x08080808);
	ask();
	assert_int_equal(answer.to, ANSWER_LINK);
	assert_int_equal(answer.address, HOST);
	start_packet();
	packet_n = 300;
	set_address(CIADDR, 0x08080808);
	ask();
	assert_int_equal(answer.to, ANSWER_LINK);
	/* INFORM for an address elsewhere that is not the sender's */
	start_dhcp(DHCP_INFORM);
	set_address(CIADDR, 0x08080808);
	context.source = HOST;
	ask();
	assert_int_equal(answer.to, ANSWER_NOWHERE);
	assert_int_equal(answer.reason, EVENT_MALFORMED);
}

/* An INFORM goes to who sent it, or to the host, not to its neighbours. */
static void
an_inform_draws_no_answer_to_others(void **state)
{
	enum { NEIGHBOUR = 0xc0000263, GUEST = 0xc0000264 };
	static const struct {
		uint32_t ciaddr, source, has;
		bool answered;
	} rows[] = {
		{ HOST, HOST, HOST, true },
		{ HOST, 0, HOST, true },
		{ GUEST, GUEST, HOST, true },	/* asked from there */
		{ NEIGHBOUR, HOST, HOST, false },
		{ NEIGHBOUR, 0, HOST, false },
		/* it has none here: any of the network's can be its own */
		{ GUEST, 0xc0000201, 0, true },
		{ SERVER, 0xc0000201, 0, false },
		{ NETWORK, 0xc0000201, 0, false },
		{ NETWORK | 255, 0xc0000201, 0, false },
		{ 0xc6336409, 0xc0000201, 0, false },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		plain_host();
		start_dhcp(DHCP_INFORM);
		set_address(CIADDR, rows[i].ciaddr);
		context.source = rows[i].source;
		host.address = rows[i].has;
		ask();
		if ((answer.to == ANSWER_ADDRESS) != rows[i].answered ||
		    (rows[i].answered && answer.address != rows[i].ciaddr))
			fail_msg("row %zu", i);
	}
}

/* pxelinux' options (RFC 5071), for who asks for them by INFORM. */
static void
informs_a_loader(void **state)
{
	(void)state;
	make_host("option-209=text:cfg/%n option-210=text:pxe/ "
	    "option-211=u32:30", "loader=pxelinux", "");
	start_dhcp(DHCP_INFORM);
	set_address(CIADDR, HOST);
	context.source = HOST;
	LIST(208, 209, 210, 211);
	ask();
	open_reply();
	assert_int_equal(answer.to, ANSWER_ADDRESS);
	assert_int_equal(answer.address, HOST);
	assert_string_equal(reply_text(209), "cfg/pxe-test");
	assert_string_equal(reply_text(210), "pxe/");
	assert_int_equal(reply_u32(211), 30);
	assert_false(reply_has(DHCP_LEASE));
}

static void
records_what_needs_no_answer(void **state)
{
	static const struct {
		uint8_t type;
		uint32_t server_id, address;
		enum event_stage stage;
		enum event_reason reason;
	} rows[] = {
		{ DHCP_RELEASE, SERVER, HOST, EVENT_RELEASE, EVENT_OK },
		{ DHCP_RELEASE, 0xc0000263, HOST, EVENT_SILENCE,
		    EVENT_OTHER_SERVER },
		{ DHCP_RELEASE, SERVER, HOST + 1, EVENT_SILENCE,
		    EVENT_WRONG_ADDRESS },
		{ DHCP_DECLINE, SERVER, HOST, EVENT_DECLINE, EVENT_OK },
		{ DHCP_DECLINE, 0, HOST, EVENT_DECLINE, EVENT_OK },
		{ DHCP_DECLINE, SERVER, HOST + 1, EVENT_SILENCE,
		    EVENT_WRONG_ADDRESS },
		{ DHCP_DECLINE, SERVER, 0, EVENT_SILENCE,
		    EVENT_WRONG_ADDRESS },
		{ DHCP_DECLINE, 0xc0000263, HOST, EVENT_SILENCE,
		    EVENT_OTHER_SERVER },
		{ 10, 0, 0, EVENT_SILENCE, EVENT_UNSUPPORTED },
		{ 255, 0, 0, EVENT_SILENCE, EVENT_UNSUPPORTED },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		plain_host();
		start_dhcp(rows[i].type);
		if (rows[i].server_id != 0)
			add_u32(DHCP_SERVER_ID, rows[i].server_id);
		if (rows[i].type == DHCP_RELEASE)
			set_address(CIADDR, rows[i].address);
		else if (rows[i].address != 0)
			add_u32(DHCP_REQUESTED, rows[i].address);
		context.ours = rows[i].server_id == SERVER;
		ask();
		assert_int_equal(answer.to, ANSWER_NOWHERE);
		assert_int_equal(answer.stage, rows[i].stage);
		assert_int_equal(answer.reason, rows[i].reason);
	}
}

static void
is_silent_where_nothing_is_known(void **state)
{
	(void)state;
	plain_host();
	host.address = 0;
	start_dhcp(DHCP_DISCOVER);
	ask();
	assert_int_equal(answer.to, ANSWER_NOWHERE);
	assert_int_equal(answer.reason, EVENT_NO_ADDRESS);
	host.subnet_len = 0;
	host.network = 0;
	ask();
	assert_int_equal(answer.reason, EVENT_NO_SUBNET);
	start_dhcp(DHCP_REQUEST);
	add_u32(DHCP_REQUESTED, HOST);
	ask();
	assert_int_equal(answer.to, ANSWER_NOWHERE);
	assert_int_equal(answer.reason, EVENT_NO_SUBNET);
}

/* RFC 951, 1497: 64 bytes, by need, nothing of DHCP's own. */
static void
bootp_gets_a_small_vendor_area(void **state)
{
	uint8_t code;

	(void)state;
	make_host("option-58=u32:1 option-150=ip:192.0.2.9", NULL,
	    "dns=192.0.2.53 domain=example.net next-server=192.0.2.3 "
	    "filename=boot/%n server-name=boss root-path=/very/long/path/"
	    "that/does/not/fit/any/more");
	start_packet();
	packet_n = 300;
	ask();
	assert_int_equal(answer.stage, EVENT_ADDRESS);
	assert_int_equal(answer.n, 300);
	open_reply();
	assert_int_equal(dhcp_options_read(&reply_options, answer.bytes + 240,
	    60, answer.bytes + 108, answer.bytes + 44, &code),
	    DHCP_OPTIONS_OK);
	assert_false(reply_has(DHCP_TYPE) || reply_has(DHCP_LEASE) ||
	    reply_has(DHCP_SERVER_ID) || reply_has(DHCP_T1) ||
	    reply_has(DHCP_OVERLOAD) || reply_has(DHCP_ROOT_PATH));
	assert_true(reply_has(DHCP_MASK) && reply_has(DHCP_ROUTER) &&
	    reply_has(DHCP_DNS) && reply_has(DHCP_HOST_NAME) &&
	    reply_has(DHCP_DOMAIN) && reply_has(150));
	assert_int_equal(reply_address(SIADDR), 0xc0000203);
	assert_string_equal((char *)answer.bytes + 108, "boot/pxe-test");
	assert_string_equal((char *)answer.bytes + 44, "boss");
	/* no vendor area at all: an answer of the usual size all the same */
	packet_n = DHCP_FIXED_SIZE;
	ask();
	assert_int_equal(answer.n, 300);
	/* a longer one asks for more */
	start_packet();
	packet_n = 548;
	ask();
	open_reply();
	assert_true(reply_has(DHCP_ROOT_PATH));
	/* from its own address: answered there */
	context.source = HOST;
	ask();
	assert_int_equal(answer.to, ANSWER_ADDRESS);
	assert_int_equal(answer.address, HOST);
}

static void
ask_by_name(const char *sname)
{
	start_packet();
	memcpy(packet_bytes + 44, sname, strlen(sname));
	ask();
}

/* RFC 951 section 7.3: a server of another name lets it be. */
static void
bootp_may_name_its_server(void **state)
{
	static const char *const ours[] = {
		"boot1", "BOOT1.example.net", "tftp", "tftp.example.org",
		"192.0.2.2", "192.0.2.5",
	}, *const others[] = {
		"boot2", "boot", "boot11", "boot1.example.org",
		"tftp.example.net", "192.0.2.3", "192.0.2.2 ",
	};
	size_t i;

	(void)state;
	make_host("", "server-name=tftp.example.org next-server=192.0.2.5",
	    "");
	context.name = "boot1.example.net";
	for (i = 0; i < sizeof ours / sizeof ours[0]; i++) {
		ask_by_name(ours[i]);
		assert_int_equal(answer.type, DHCP_BOOTP);
		assert_int_equal(answer.given, HOST);
	}
	for (i = 0; i < sizeof others / sizeof others[0]; i++) {
		ask_by_name(others[i]);
		assert_int_equal(answer.to, ANSWER_NOWHERE);
		assert_int_equal(answer.reason, EVENT_OTHER_SERVER);
	}
	/* all 64 bytes, and not one more */
	start_packet();
	memset(packet_bytes + 44, 'x', DHCP_SNAME_SIZE);
	ask();
	assert_int_equal(answer.to, ANSWER_NOWHERE);
	/* to DHCP it is no name */
	start_dhcp(DHCP_DISCOVER);
	memcpy(packet_bytes + 44, "boot2", 5);
	ask();
	assert_int_equal(answer.type, DHCP_OFFER);
	context.name = NULL;
	ask_by_name("boot1");
	assert_int_equal(answer.to, ANSWER_NOWHERE);
}

static void
bootp_gets_option_82_back(void **state)
{
	size_t n;

	(void)state;
	plain_host();
	start_packet();
	add(DHCP_RELAY, "\1\4\0\2\4\x18\2\6\0\x23\x74\x53\xfc\x48"
	    "\x09\x0b\0\0\x11\x8b\6\1\4\1\2\3\4", 27);
	set_address(GIADDR, 0xc0000201);
	packet_n = 300;
	ask();
	open_reply();
	assert_int_equal(answer.to, ANSWER_ADDRESS);
	assert_non_null(dhcp_option(&reply_options, DHCP_RELAY, &n));
	assert_int_equal(n, 27);
	assert_true(reply_has(DHCP_MASK));
}

/* RFC 2131 section 2: 576, unless the client takes more. */
static void
keeps_the_clients_size(void **state)
{
	static const struct {
		uint16_t asked;
		size_t most;
	} rows[] = {
		{ 0, 548 }, { 300, 548 }, { 576, 548 }, { 800, 772 },
		{ 1500, 1472 }, { 0xff00, 1472 },
	};
	char group[1200], xs[201];
	uint8_t size[2];
	size_t i;

	(void)state;
	memset(xs, 'x', sizeof xs - 1);
	xs[sizeof xs - 1] = '\0';
	snprintf(group, sizeof group, "group big option-200=text:%s "
	    "option-201=text:%s option-202=text:%s option-203=text:%.100s "
	    "option-204=text:%.100s option-205=text:%.50s", xs, xs, xs, xs,
	    xs, xs);
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		make_host("", NULL, "");
		layer(group);
		start_dhcp(DHCP_DISCOVER);
		size[0] = (uint8_t)(rows[i].asked >> 8);
		size[1] = (uint8_t)rows[i].asked;
		if (rows[i].asked != 0)
			add(DHCP_MAX_SIZE, size, sizeof size);
		ask();
		open_reply();
		if (answer.n > rows[i].most)
			fail_msg("%u: %zu bytes", rows[i].asked, answer.n);
		/* what does not fit goes into file and sname */
		assert_true(reply_has(200));
		if (rows[i].most == 548)
			assert_true(reply_has(DHCP_OVERLOAD));
		if (rows[i].most < 1472)
			continue;
		assert_false(reply_has(DHCP_OVERLOAD));
		assert_true(reply_has(205));
	}
}

/* An rsync-path of many layers is longer than one option holds. */
static void
splits_a_long_rsync_path(void **state)
{
	(void)state;
	make_host("", "rsync=l1,l2,l3,l4,l5,l6,l7,l8,l9,l10,l11,l12,l13,l14,"
	    "%n", "");
	start_dhcp(DHCP_DISCOVER);
	LIST(DHCP_RSYNC_PATH);
	add(DHCP_MAX_SIZE, "\5\xdc", 2);
	ask();
	open_reply();
	assert_true(reply_options.len[DHCP_RSYNC_PATH] > 255);
	assert_non_null(strstr(reply_text(DHCP_RSYNC_PATH),
	    " rsync://192.0.2.2/pxe-test"));
	assert_int_equal(answer.bytes[108], 0);
}

/* RFC 2131 section 4.3.5: straight to it; RFC 3046: without option 82. */
static void
an_inform_by_a_relay_is_answered_past_it(void **state)
{
	(void)state;
	plain_host();
	start_dhcp(DHCP_INFORM);
	add(DHCP_RELAY, "\1\3ge1\2\2r1", 9);
	set_address(GIADDR, 0xc0000201);
	set_address(CIADDR, HOST);
	context.source = 0xc0000201;
	ask();
	open_reply();
	assert_int_equal(answer.address, HOST);
	assert_int_equal(answer.port, DHCP_CLIENT_PORT);
	assert_false(reply_has(DHCP_RELAY));
	assert_string_equal(answer.why, "INFORM");
	/* a switch that is no relay takes it out */
	set_address(GIADDR, 0);
	context.source = HOST;
	ask();
	open_reply();
	assert_true(reply_has(DHCP_RELAY));
	/* no address of its own: only the relay finds it */
	set_address(GIADDR, 0xc0000201);
	set_address(CIADDR, 0);
	context.source = 0xc0000201;
	ask();
	open_reply();
	assert_int_equal(answer.address, 0xc0000201);
	assert_int_equal(answer.port, DHCP_SERVER_PORT);
	assert_int_equal(answer.bytes[10], 0x80);
	assert_int_equal(reply_address(YIADDR), 0);
	assert_true(reply_has(DHCP_RELAY));
}

static void
echoes_the_client_identifier(void **state)
{
	(void)state;
	plain_host();
	start_dhcp(DHCP_DISCOVER);
	add(DHCP_CLIENT_ID, "\xff\1\2\3", 4);
	ask();
	open_reply();
	assert_string_equal(reply_text(DHCP_CLIENT_ID), "\xff\1\2\3");
	start_dhcp(DHCP_REQUEST);
	add(DHCP_CLIENT_ID, "\xff\1\2\3", 4);
	add_u32(DHCP_REQUESTED, 0xc0000263);
	ask();
	open_reply();
	assert_int_equal(reply_type(), DHCP_NAK);
	assert_string_equal(reply_text(DHCP_CLIENT_ID), "\xff\1\2\3");
}

/* PXE 2.1: its class, its UUID, and no search for other boot servers. */
static void
pxe_gets_what_it_insists_on(void **state)
{
	static const char uuid[] = "\0" "0123456789abcdef";

	(void)state;
	plain_host();
	start_dhcp(DHCP_DISCOVER);
	TEXT(DHCP_VENDOR_CLASS, "PXEClient:Arch:00007:UNDI:003016");
	add(DHCP_UUID, uuid, 17);
	LIST(43, 60, 66, 67, 97);
	ask();
	open_reply();
	assert_string_equal(reply_text(DHCP_VENDOR_CLASS), "PXEClient");
	assert_string_equal(reply_text(DHCP_VENDOR), "\6\1\x08\xff");
	assert_int_equal(reply_options.len[DHCP_UUID], 17);
	/* old ROMs read names up to a NUL */
	assert_int_equal(reply_options.len[DHCP_BOOT_FILE],
	    strlen(answer.file) + 1);
	assert_int_equal(reply_options.len[DHCP_TFTP_NAME],
	    sizeof "192.0.2.2");
	assert_string_equal(answer.file,
	    "loaders/pxelinux/efi64/syslinux.efi");
	assert_int_equal(answer.reason, EVENT_OK);
	/* EDK2 would refuse this one */
	make_host("", NULL, "");
	ask();
	assert_int_equal(answer.to, ANSWER_LINK);
	assert_int_equal(answer.reason, EVENT_NO_BOOT_FILE);
	/* and should, with boot=local */
	make_host("boot=local", "loader=pxelinux", "");
	ask();
	open_reply();
	assert_int_equal(answer.reason, EVENT_OK);
	assert_string_equal(answer.file, "");
	assert_false(reply_has(DHCP_BOOT_FILE));
	/* a row by name */
	make_host("firmware=rpi4", "loader=pxelinux", "");
	ask();
	open_reply();
	assert_string_equal(answer.firmware->name, "rpi4");
	assert_non_null(memmem(reply_text(DHCP_VENDOR), 32,
	    "Raspberry Pi Boot", 17));
	/* the host's own option 43 goes first */
	make_host("option-43=hex:060107", "loader=pxelinux", "");
	ask();
	open_reply();
	assert_string_equal(reply_text(DHCP_VENDOR), "\6\1\7");
}

static void
ipxe_waits_for_no_proxy_and_gets_its_script(void **state)
{
	(void)state;
	make_host("", "loader=pxelinux", "");
	start_dhcp(DHCP_REQUEST);
	add_u32(DHCP_REQUESTED, HOST);
	TEXT(DHCP_VENDOR_CLASS, "PXEClient:Arch:00000:UNDI:002001");
	TEXT(DHCP_USER_CLASS, "iPXE");
	LIST(43, 60, 67, 175);
	ask();
	open_reply();
	assert_int_equal(answer.stage, EVENT_ADDRESS);
	assert_string_equal(reply_text(DHCP_IPXE), "\xb0\1\1");
	/* PXEClient back would send it to port 4011 */
	assert_false(reply_has(DHCP_VENDOR_CLASS));
	assert_string_equal(answer.file, "loaders/pxelinux/pxelinux.0");
	make_host("", "loader=pxelinux ipxe-script=http://192.0.2.2/%n.ipxe",
	    "");
	ask();
	assert_string_equal(answer.file, "http://192.0.2.2/pxe-test.ipxe");
	/* a boot server request: answered where it came from */
	start_dhcp(DHCP_REQUEST);
	set_address(CIADDR, HOST);
	TEXT(DHCP_VENDOR_CLASS, "PXEClient");
	TEXT(DHCP_USER_CLASS, "iPXE");
	add(DHCP_VENDOR, "\x47\4\x80\1\0\0\xff", 7);
	context.source = HOST;
	context.source_port = DHCP_BOOTSERVER_PORT;
	ask();
	open_reply();
	assert_int_equal(answer.address, HOST);
	assert_int_equal(answer.port, DHCP_BOOTSERVER_PORT);
	assert_memory_equal(reply_text(DHCP_VENDOR),
	    "\6\1\x08\x47\4\x80\1\0\0\xff", 10);
}

static void
http_boot_gets_a_url(void **state)
{
	(void)state;
	make_host("", "loader=grub", "next-server=192.0.2.3");
	start_dhcp(DHCP_DISCOVER);
	TEXT(DHCP_VENDOR_CLASS, "HTTPClient:Arch:00016:UNDI:003016");
	add(DHCP_ARCH, "\0\x10", 2);
	LIST(67);
	ask();
	open_reply();
	assert_string_equal(reply_text(DHCP_VENDOR_CLASS), "HTTPClient");
	assert_string_equal(reply_text(DHCP_BOOT_FILE),
	    "http://192.0.2.3/loaders/grub/x86_64-efi/core.efi");
	assert_string_equal((char *)answer.bytes + 108,
	    "http://192.0.2.3/loaders/grub/x86_64-efi/core.efi");
	make_host("filename.efi-x64=https://boot.example/a.efi",
	    "loader=grub", "");
	ask();
	assert_string_equal(answer.file, "https://boot.example/a.efi");
	/* Without one it would wait a minute for another server's. */
	make_host("loader=grub boot=local", "", "next-server=192.0.2.3");
	ask();
	assert_string_equal(answer.file, "http://192.0.2.3/boot=local");
	assert_int_equal(answer.reason, EVENT_OK);
}

/* Behind name servers in EDK2's device path GRUB does not know itself. */
static void
http_boot_by_address_gets_no_dns(void **state)
{
	static const struct {
		const char *own, *class;
		bool dns;
	} rows[] = {
		{ "filename=a.efi", "HTTPClient", false },
		{ "filename=http://192.0.2.9:8080/a.efi", "HTTPClient", false },
		{ "filename=http://boot.example/a.efi", "HTTPClient", true },
		{ "filename=http://192.0.2.9.example/a", "HTTPClient", true },
		{ "filename=a.efi option-6=ip:192.0.2.5", "HTTPClient", true },
		{ "filename=a.efi", "PXEClient", true },
		{ "boot=local", "HTTPClient", false },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		make_host(rows[i].own, "", "dns=192.0.2.53");
		start_dhcp(DHCP_DISCOVER);
		TEXT(DHCP_VENDOR_CLASS, rows[i].class);
		LIST(6, 67);
		ask();
		open_reply();
		if (reply_has(DHCP_DNS) != rows[i].dns)
			fail_msg("%s, %s", rows[i].own, rows[i].class);
	}
}

/* The nearest of filename.ARCH, filename and loader. */
static void
chooses_the_boot_file(void **state)
{
	static const struct {
		const char *own, *group, *arch, *file;
	} rows[] = {
		{ "", "loader=grub", "00000", "loaders/grub/i386-pc/core.0" },
		{ "", "loader=grub", "00007",
		    "loaders/grub/x86_64-efi/core.efi" },
		{ "", "loader=grub filename.efi-x64=a.efi", "00007",
		    "a.efi" },
		{ "", "loader=grub filename.efi-x64=a.efi filename=b",
		    "00007", "a.efi" },
		{ "", "loader=grub filename.efi-x64=a.efi filename=b",
		    "00000", "b" },
		{ "filename=c", "filename.efi-x64=a.efi", "00007", "c" },
		{ "loader=pxelinux", "filename=b", "00000",
		    "loaders/pxelinux/pxelinux.0" },
		{ "filename=", "filename=b loader=grub", "00000",
		    "loaders/grub/i386-pc/core.0" },
		{ "", "loader=pxelinux", "00011", "" },
		{ "filename=%M/%n.0", "", "00000",
		    "02-00-5e-00-53-01/pxe-test.0" },
	};
	char class[64];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		make_host(rows[i].own, rows[i].group, "");
		start_dhcp(DHCP_DISCOVER);
		snprintf(class, sizeof class, "PXEClient:Arch:%s:UNDI:002001",
		    rows[i].arch);
		TEXT(DHCP_VENDOR_CLASS, class);
		ask();
		if (strcmp(answer.file, rows[i].file) != 0)
			fail_msg("row %zu: %s", i, answer.file);
	}
}

/* Something else than all that we know: no loader of another fits. */
static void
an_unknown_machine_gets_no_loader(void **state)
{
	static const struct {
		const char *own, *arch, *file;
		size_t n;
	} rows[] = {
		{ "loader=pxelinux", "\0\0", "loaders/pxelinux/pxelinux.0", 2 },
		{ "loader=pxelinux", "", "loaders/pxelinux/pxelinux.0", 0 },
		{ "loader=pxelinux", "\0\x63", "", 2 },
		{ "loader=pxelinux", "\0\x63\0\0",
		    "loaders/pxelinux/pxelinux.0", 4 },
		{ "filename=f", "\0\x63", "f", 2 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		make_host(rows[i].own, NULL, "");
		start_dhcp(DHCP_DISCOVER);
		TEXT(DHCP_VENDOR_CLASS, "PXEClient");
		add(DHCP_ARCH, rows[i].arch, rows[i].n);
		ask();
		if (strcmp(answer.file, rows[i].file) != 0 ||
		    (answer.reason == EVENT_NO_BOOT_FILE) !=
		    (*rows[i].file == '\0'))
			fail_msg("row %zu: %s", i, answer.file);
	}
}

/* A name too long for its field: option 67, and file is free for more. */
static void
long_boot_files_go_into_an_option(void **state)
{
	char own[400], name[201];

	(void)state;
	memset(name, 'f', sizeof name - 1);
	name[sizeof name - 1] = '\0';
	snprintf(own, sizeof own, "filename=%s", name);
	make_host(own, NULL, "");
	start_dhcp(DHCP_DISCOVER);
	LIST(DHCP_BOOT_FILE);
	ask();
	open_reply();
	assert_string_equal(reply_text(DHCP_BOOT_FILE), name);
	assert_int_equal(answer.bytes[108], 0);
}

static void
finds_identities_best_first(void **state)
{
	struct identity id[ANSWER_IDENTITIES];
	size_t n;

	(void)state;
	plain_host();
	start_dhcp(DHCP_DISCOVER);
	add(DHCP_UUID, "\0" "0123456789abcdef", 17);
	add(DHCP_RELAY, "\1\3ge1\2\2r1", 9);
	add(DHCP_CLIENT_ID, "\1\2\0\x5e\0\x53\1", 7);
	ask();
	n = answer_identities(&packet, id);
	assert_int_equal(n, 7);
	assert_int_equal(id[0].kind, IDENTITY_HW);
	assert_int_equal(id[1].kind, IDENTITY_CLIENT_ID);
	assert_int_equal(id[1].len, 7);
	assert_int_equal(id[2].kind, IDENTITY_UUID);
	assert_memory_equal(id[2].bytes, "0123456789abcdef", 16);
	assert_int_equal(id[3].kind, IDENTITY_UUID);
	assert_memory_equal(id[3].bytes, "32105476" "89abcdef", 16);
	assert_int_equal(id[4].kind, IDENTITY_PORT);
	assert_int_equal(id[5].kind, IDENTITY_CIRCUIT);
	assert_int_equal(id[6].kind, IDENTITY_REMOTE);
	/* a UUID that firmware makers repeat, no hardware address */
	start_dhcp(DHCP_DISCOVER);
	memset(packet_bytes + 28, 0, 6);
	add(DHCP_UUID, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 17);
	ask();
	assert_int_equal(answer_identities(&packet, id), 0);
}

static void
further_interfaces_have_names_of_their_own(void **state)
{
	(void)state;
	make_host("nic.eth1=02:00:5e:00:53:02,192.0.2.11 host-name=first",
	    NULL, "");
	start_dhcp(DHCP_DISCOVER);
	ask();
	open_reply();
	assert_string_equal(reply_text(DHCP_HOST_NAME), "first");
	strcpy(host.nic, "eth1");
	ask();
	open_reply();
	assert_string_not_equal(reply_text(DHCP_HOST_NAME), "first");
	assert_string_equal(reply_text(DHCP_HOST_NAME), host_name(&host));
}

/* An iPXE that does not say so comes back, and back. */
static void
a_loop_of_loaders_ends(void **state)
{
	(void)state;
	make_host("loader=ipxe ipxe-script=boot.ipxe", "", "");
	start_dhcp(DHCP_DISCOVER);
	TEXT(DHCP_VENDOR_CLASS, "PXEClient:Arch:00000:UNDI:002001");
	ask();
	assert_true(answer.chain);
	assert_string_equal(answer.file, "loaders/ipxe/undionly.kpxe");
	context.loops = true;
	ask();
	assert_false(answer.chain);
	assert_string_equal(answer.file, "boot.ipxe");
	/* Only where iPXE is what it loads, and there is a script. */
	make_host("loader=ipxe", "", "");
	context.loops = true;
	ask();
	assert_false(answer.chain);
	assert_string_equal(answer.file, "loaders/ipxe/undionly.kpxe");
	make_host("loader=pxelinux ipxe-script=boot.ipxe", "", "");
	context.loops = true;
	ask();
	assert_false(answer.chain);
	assert_string_equal(answer.file, "loaders/pxelinux/pxelinux.0");
}

/* What pxelinux and GRUB look for, though no ROM asks for it. */
static void
loaders_options_go_unasked(void **state)
{
	(void)state;
	make_host("loader=pxelinux option-150=ip:192.0.2.9 "
	    "option-209=text:other.cfg option-210=text:dir/", "", "");
	start_dhcp(DHCP_DISCOVER);
	LIST(1, 3);
	TEXT(DHCP_VENDOR_CLASS, "PXEClient:Arch:00000:UNDI:002001");
	ask();
	open_reply();
	assert_int_equal(reply_u32(150), 0xc0000209);
	assert_string_equal(reply_text(209), "other.cfg");
	assert_string_equal(reply_text(210), "dir/");
}

/* Set for ROMs by a whole site, it must not mislead the others. */
static void
a_class_by_number_goes_to_its_own_kind(void **state)
{
	static const struct {
		const char *set, *class, *user, *sent;
	} rows[] = {
		{ "PXEClient", "PXEClient:Arch:00000", "", "PXEClient" },
		{ "PXEClient:x", "PXEClient:Arch:00000", "", "PXEClient:x" },
		{ "PXEClient", "PXEClient:Arch:00000", "iPXE", "" },
		{ "PXEClient", "HTTPClient:Arch:00016", "", "HTTPClient" },
		{ "other", "HTTPClient:Arch:00016", "", "HTTPClient" },
		{ "HTTPClient:x", "HTTPClient", "", "HTTPClient:x" },
		{ "HTTPClient", "PXEClient:Arch:00007", "", "PXEClient" },
		{ "PXEClient", "MSFT 5.0", "", "" },
		{ "HTTPClient", "MSFT 5.0", "", "" },
		{ "other", "MSFT 5.0", "", "other" },
		{ "other", "PXEClient:Arch:00007", "", "other" },
	};
	char line[64];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		snprintf(line, sizeof line, "option-60=text:%s", rows[i].set);
		make_host("filename=f", NULL, line);
		start_dhcp(DHCP_DISCOVER);
		TEXT(DHCP_VENDOR_CLASS, rows[i].class);
		if (*rows[i].user != '\0')
			TEXT(DHCP_USER_CLASS, rows[i].user);
		LIST(1, 60);
		ask();
		open_reply();
		if (strcmp(reply_text(DHCP_VENDOR_CLASS), rows[i].sent) != 0)
			fail_msg("row %zu: %s", i,
			    reply_text(DHCP_VENDOR_CLASS));
	}
}

/* Who set it by number means those too that read the field. */
static void
a_boot_file_by_number_is_one(void **state)
{
	(void)state;
	make_host("option-67=text:%n.efi", NULL, "");
	start_dhcp(DHCP_DISCOVER);
	TEXT(DHCP_VENDOR_CLASS, "PXEClient:Arch:00007:UNDI:003000");
	ask();
	open_reply();
	assert_int_equal(answer.reason, EVENT_OK);
	assert_string_equal(answer.file, "pxe-test.efi");
	assert_string_equal((char *)answer.bytes + 108, "pxe-test.efi");
	assert_string_equal(reply_text(DHCP_BOOT_FILE), "pxe-test.efi");
	start_packet();
	ask();
	assert_string_equal((char *)answer.bytes + 108, "pxe-test.efi");
	/* the attribute's is the field's all the same */
	make_host("option-67=text:a", "filename=b", "");
	ask();
	assert_string_equal((char *)answer.bytes + 108, "b");
}

/* The head of a server's name is the name of another. */
static void
a_name_that_fills_its_field_is_left_out(void **state)
{
	char own[100], name[65];

	(void)state;
	for (size_t n = 62; n < 65; n++) {
		memset(name, 's', n);
		name[n] = '\0';
		snprintf(own, sizeof own, "server-name=%s", name);
		make_host(own, NULL, "");
		start_packet();
		ask();
		assert_string_equal((char *)answer.bytes + 44,
		    n < 64 ? name : "");
	}
}

/* What an entry may set by number is what clients get. */
static void
options_by_number_are_sent_or_refused(void **state)
{
	struct entry_error err;
	char name[16];
	unsigned code, refused = 0;

	(void)state;
	for (code = 1; code < DHCP_END; code++) {
		make_host("", NULL, "");
		snprintf(name, sizeof name, "option-%u", code);
		if (!entry_set(&host.own, name, "hex:01020304", &err)) {
			refused++;
			continue;
		}
		start_dhcp(DHCP_REQUEST);
		add_u32(DHCP_REQUESTED, HOST);
		TEXT(DHCP_VENDOR_CLASS, "PXEClient:Arch:00000:UNDI:002001");
		add(DHCP_UUID, "\0" "0123456789abcdef", 17);
		add(DHCP_CLIENT_ID, "\1\2\0\x5e\0\x53\1", 7);
		ask();
		open_reply();
		if (!reply_has((uint8_t)code) || reply_u32((uint8_t)code) !=
		    0x01020304)
			fail_msg("%s is not sent", name);
	}
	assert_int_equal(refused, 11);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(offers_what_the_host_has),
		cmocka_unit_test(keeps_the_order_asked_for),
		cmocka_unit_test(gives_the_usual_to_who_names_nothing),
		cmocka_unit_test(nearest_value_and_any_option_by_number),
		cmocka_unit_test(requests_in_all_states),
		cmocka_unit_test(a_renewal_by_routers_gets_no_nak),
		cmocka_unit_test(the_lease_by_number_is_the_lease),
		cmocka_unit_test(goes_where_the_client_can_hear),
		cmocka_unit_test(no_frame_goes_to_nobody_or_many),
		cmocka_unit_test(a_relay_gets_its_option_back_at_the_end),
		cmocka_unit_test(a_relay_may_have_a_port_of_its_own),
		cmocka_unit_test(ciaddr_is_reached_with_or_without_arp),
		cmocka_unit_test(keeps_the_wires_size),
		cmocka_unit_test(relays_choose_subnet_and_server),
		cmocka_unit_test(informs_without_lease_or_address),
		cmocka_unit_test(freebsds_loader_gets_its_root_path),
		cmocka_unit_test(freebsds_loader_gets_a_root_by_tftp),
		cmocka_unit_test(netbsds_loader_gets_its_files_by_tftp),
		cmocka_unit_test(openbsds_loader_gets_bootp),
		cmocka_unit_test(infiniband_is_answered_by_broadcast),
		cmocka_unit_test(the_server_decides),
		cmocka_unit_test(fills_the_fixed_fields),
		cmocka_unit_test(a_nak_is_a_broadcast),
		cmocka_unit_test(a_forged_ciaddr_draws_nothing),
		cmocka_unit_test(an_inform_draws_no_answer_to_others),
		cmocka_unit_test(informs_a_loader),
		cmocka_unit_test(records_what_needs_no_answer),
		cmocka_unit_test(is_silent_where_nothing_is_known),
		cmocka_unit_test(bootp_gets_a_small_vendor_area),
		cmocka_unit_test(without_a_list_dhcp_gets_all_that_is_set),
		cmocka_unit_test(bootp_may_name_its_file),
		cmocka_unit_test(bootp_may_name_its_server),
		cmocka_unit_test(bootp_gets_option_82_back),
		cmocka_unit_test(keeps_the_clients_size),
		cmocka_unit_test(splits_a_long_rsync_path),
		cmocka_unit_test(an_inform_by_a_relay_is_answered_past_it),
		cmocka_unit_test(echoes_the_client_identifier),
		cmocka_unit_test(pxe_gets_what_it_insists_on),
		cmocka_unit_test(ipxe_waits_for_no_proxy_and_gets_its_script),
		cmocka_unit_test(http_boot_gets_a_url),
		cmocka_unit_test(http_boot_by_address_gets_no_dns),
		cmocka_unit_test(chooses_the_boot_file),
		cmocka_unit_test(an_unknown_machine_gets_no_loader),
		cmocka_unit_test(long_boot_files_go_into_an_option),
		cmocka_unit_test(finds_identities_best_first),
		cmocka_unit_test(further_interfaces_have_names_of_their_own),
		cmocka_unit_test(a_loop_of_loaders_ends),
		cmocka_unit_test(loaders_options_go_unasked),
		cmocka_unit_test(a_class_by_number_goes_to_its_own_kind),
		cmocka_unit_test(a_boot_file_by_number_is_one),
		cmocka_unit_test(a_name_that_fills_its_field_is_left_out),
		cmocka_unit_test(options_by_number_are_sent_or_refused),
	};

	return cmocka_run_group_tests_name("bootpd answer", tests, NULL,
	    NULL);
}

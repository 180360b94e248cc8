#include "bootpd_test.h"
#include "hostdb_test.h"

#include <unistd.h>

#include "../../bootpd/stranger.h"

/* Machines that nobody registered: what they ask, and what they are lent. */

#define FIRST	(NETWORK + 200)
#define LAST	(NETWORK + 203)		/* four, one of them pxe-test's */
#define OF_HOST	(NETWORK + 202)
#define NOW	UINT64_C(1700000000)

static struct interface wire = { .n = 2, .address = { SERVER, 0x0a090002 } };
static struct interfaces own = { .n = 1, .at = &wire };
static struct hostdb *db;
static struct lent *lent;
static uint64_t now;
static uint32_t told;

static int
setup(void **state)
{
	static bool made;

	if (!made && test_root_make(state) != 0)
		return -1;
	made = true;
	if (test_import("group install boot=net filename=install\n"
	    "group slow default-lease=2h\n"
	    "subnet 192.0.2.0/24 router=192.0.2.1 "
	    "discover=192.0.2.200-192.0.2.203 discover-group=install\n"
	    "subnet 198.51.100.0/24 discover=198.51.100.9-198.51.100.9 "
	    "discover-group=slow\n"
	    "subnet 203.0.113.0/24\n"
	    "site ntp=10.9.0.3\n"
	    "subnet 10.9.0.0/29 router=10.9.0.1 dns=10.9.0.5,10.9.0.4 "
	    "discover=10.9.0.1-10.9.0.6\n"
	    "host pxe-test mac=02:00:5e:00:53:01 address=192.0.2.202\n"))
		return -1;
	if (hostdb_open(&db, test_root, false) != HOSTDB_OK)
		return -1;
	lent = lent_open(test_root);
	now = NOW;
	memset(&context, 0, sizeof context);
	context.server = SERVER;
	context.source_port = DHCP_CLIENT_PORT;
	answer_codes(&codes);
	return lent == NULL;
}

static int
teardown(void **state)
{
	char path[64];

	(void)state;
	hostdb_close(db);
	lent_close(lent);
	snprintf(path, sizeof path, "%s/db/lent", test_root);
	return unlink(path);
}

/* A packet of the machine with that number. */
static void
start(uint8_t type, uint8_t number)
{
	start_dhcp(type);
	packet_bytes[28 + 5] = number;
	context.ours = false;
}

/* As bootpd goes about it.  What the machine has in the end; 0: silence. */
static uint32_t
stranger_on(uint32_t network)
{
	enum event_reason reason;
	struct identity id;
	const char *why;

	answer_silence(&answer, EVENT_OK, "");
	assert_int_equal(dhcp_read(&packet, packet_bytes, packet_n, &why),
	    EVENT_OK);
	if (!answer_wanted(&answer, &packet, &context))
		return 0;
	assert_true(identity_hw(&id, 1, packet.chaddr, 6));
	assert_int_equal(hostdb_begin(db), HOSTDB_OK);
	told = stranger_address(lent, db, &own, network, &packet, &id,
	    context.ours, now, &reason);
	if (told == 0)
		answer_silence(&answer, reason, "");
	else {
		assert_int_equal(host_stranger(&host, db, told), HOSTDB_OK);
		host.mac = id;
		answer_make(&answer, &packet, &context, &host, &codes);
		assert_true(stranger_remember(lent, &host, &answer, now));
	}
	hostdb_end(db);
	if (answer.to == ANSWER_NOWHERE)
		return 0;
	open_reply();
	return reply_type() == DHCP_NAK ? 0 : reply_address(YIADDR);
}

static uint32_t
stranger(void)
{
	return stranger_on(SERVER);
}

static uint32_t
discover(uint8_t number)
{
	start(DHCP_DISCOVER, number);
	return stranger();
}

static uint32_t
take(uint8_t number, uint32_t address)
{
	start(DHCP_REQUEST, number);
	add_u32(DHCP_SERVER_ID, SERVER);
	add_u32(DHCP_REQUESTED, address);
	context.ours = true;
	return stranger();
}

static void
gets_an_address_and_what_its_group_says(void **state)
{
	uint32_t a = discover(9);

	(void)state;
	assert_in_range(a, FIRST, LAST);
	assert_int_equal(reply_type(), DHCP_OFFER);
	assert_int_equal(take(9, a), a);
	assert_int_equal(reply_type(), DHCP_ACK);
	assert_int_equal(reply_u32(DHCP_LEASE), 600);
	assert_int_equal(reply_u32(DHCP_ROUTER), NETWORK + 1);
	assert_string_equal(answer.file, "install");
	start(DHCP_DISCOVER, 9);
	assert_int_equal(stranger_on(0xc6336401), 0xc6336409);
	assert_int_equal(reply_u32(DHCP_LEASE), 7200);
}

static void
as_many_as_there_are(void **state)
{
	uint32_t a[3], i;

	(void)state;
	for (i = 0; i < 3; i++) {
		a[i] = discover((uint8_t)(10 + i));
		assert_in_range(a[i], FIRST, LAST);
		assert_int_not_equal(a[i], OF_HOST);
	}
	assert_int_equal(discover(20), 0);
	assert_int_equal(answer.reason, EVENT_ALL_LENT);
	/* an offer that nobody took is free after a minute */
	assert_int_equal(take(10, a[0]), a[0]);
	now += 61;
	assert_true(discover(20) == a[1] || answer.given == a[2]);
	assert_int_not_equal(discover(21), 0);
	assert_int_equal(discover(22), 0);
	/* and a lease when its time and a little more are over */
	now += 600;
	assert_int_not_equal(discover(22), 0);
}

/* All but one of the network is the router's, ours, a name server's, ... */
static void
lends_nobody_elses(void **state)
{
	uint8_t n;

	(void)state;
	for (n = 40; n < 60; n++) {
		start(DHCP_DISCOVER, n);
		assert_int_equal(stranger_on(0x0a090002), 0x0a090006);
		now += 61;
	}
	/* asked for or not */
	start(DHCP_DISCOVER, 60);
	add_u32(DHCP_REQUESTED, 0x0a090001);
	assert_int_equal(stranger_on(0x0a090002), 0x0a090006);
	now += 61;
	/* the relay's too */
	start(DHCP_DISCOVER, 61);
	set_address(GIADDR, 0x0a090006);
	assert_int_equal(stranger_on(0x0a090006), 0);
	assert_int_equal(answer.reason, EVENT_ALL_LENT);
}

static void
no_range_no_answer(void **state)
{
	(void)state;
	start(DHCP_DISCOVER, 9);
	assert_int_equal(stranger_on(0xcb007101), 0);
	assert_int_equal(answer.reason, EVENT_UNREGISTERED);
	assert_int_equal(stranger_on(0x0a000001), 0);
	assert_int_equal(answer.reason, EVENT_UNREGISTERED);
}

/* BOOTP knows no lease. */
static void
bootp_gets_none(void **state)
{
	(void)state;
	start_packet();
	packet_bytes[33] = 9;
	assert_int_equal(stranger(), 0);
	assert_int_equal(answer.reason, EVENT_UNREGISTERED);
}

static void
another_servers_client_is_left_alone(void **state)
{
	(void)state;
	start(DHCP_REQUEST, 9);
	add_u32(DHCP_SERVER_ID, SERVER + 1);
	add_u32(DHCP_REQUESTED, FIRST);
	assert_int_equal(stranger(), 0);
	assert_int_equal(answer.to, ANSWER_NOWHERE);
	/* init-reboot with an address that is not of our range */
	start(DHCP_REQUEST, 9);
	add_u32(DHCP_REQUESTED, NETWORK + 50);
	assert_int_equal(stranger(), 0);
	assert_int_equal(answer.to, ANSWER_NOWHERE);
}

static void
reboots_renews_and_gives_back(void **state)
{
	uint32_t a = discover(9);
	struct identity id;

	(void)state;
	assert_int_equal(take(9, a), a);
	assert_true(identity_hw(&id, 1, packet.chaddr, 6));
	start(DHCP_REQUEST, 9);			/* init-reboot */
	add_u32(DHCP_REQUESTED, a);
	assert_int_equal(stranger(), a);
	start(DHCP_REQUEST, 9);			/* renewing */
	set_address(CIADDR, a);
	now += 300;
	assert_int_equal(stranger(), a);
	assert_true(lent_holds(lent, &id, a, now + 600));
	start(DHCP_INFORM, 9);
	set_address(CIADDR, a);
	assert_int_equal(stranger(), 0);	/* yiaddr stays 0 */
	assert_int_equal(answer.to, ANSWER_ADDRESS);
	start(DHCP_INFORM, 10);			/* it is not its own */
	set_address(CIADDR, a);
	stranger();
	assert_int_equal(answer.to, ANSWER_NOWHERE);
	start(DHCP_RELEASE, 10);
	set_address(CIADDR, a);
	add_u32(DHCP_SERVER_ID, SERVER);
	context.ours = true;
	stranger();
	assert_true(lent_holds(lent, &id, a, now));
	start(DHCP_RELEASE, 9);
	set_address(CIADDR, a);
	add_u32(DHCP_SERVER_ID, SERVER);
	context.ours = true;
	stranger();
	assert_int_equal(answer.stage, EVENT_RELEASE);
	assert_false(lent_holds(lent, &id, a, now));
}

static void
an_address_of_another_is_refused(void **state)
{
	uint32_t a = discover(9);

	(void)state;
	assert_int_equal(take(9, a), a);
	start(DHCP_REQUEST, 10);
	add_u32(DHCP_REQUESTED, a);
	assert_int_equal(stranger(), 0);
	assert_int_equal(reply_type(), DHCP_NAK);
	start(DHCP_REQUEST, 10);
	add_u32(DHCP_REQUESTED, OF_HOST);
	assert_int_equal(stranger(), 0);
	assert_int_equal(reply_type(), DHCP_NAK);
}

static void
declines(void **state)
{
	uint32_t a = discover(9);

	(void)state;
	assert_int_equal(take(9, a), a);
	start(DHCP_DECLINE, 9);
	add_u32(DHCP_REQUESTED, a);
	add_u32(DHCP_SERVER_ID, SERVER);
	context.ours = true;
	stranger();
	assert_int_equal(answer.stage, EVENT_DECLINE);
	assert_int_not_equal(discover(9), a);
	assert_int_not_equal(discover(9), 0);
	assert_int_not_equal(discover(10), a);
	assert_int_equal(discover(11), 0);
	now += 3600;
	assert_int_not_equal(discover(11), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		T(gets_an_address_and_what_its_group_says),
		T(as_many_as_there_are),
		T(lends_nobody_elses),
		T(no_range_no_answer),
		T(bootp_gets_none),
		T(another_servers_client_is_left_alone),
		T(reboots_renews_and_gives_back),
		T(an_address_of_another_is_refused),
		T(declines),
	};

	return cmocka_run_group_tests_name("bootpd_stranger", tests, NULL,
	    test_root_remove);
}

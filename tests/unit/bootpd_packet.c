#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "../../bootpd/packet.h"

#define OPTIONS(s) (s), (sizeof(s) - 1)
#define COOKIE	"\x63\x82\x53\x63"

static uint8_t bytes[1024];

/* A request of 236 bytes from 02:00:5e:00:53:01, and a vendor area. */
static size_t
request(const char *vendor, size_t n)
{
	static const uint8_t mac[6] = { 2, 0, 0x5e, 0, 0x53, 1 };

	memset(bytes, 0, sizeof bytes);
	bytes[0] = 1;
	bytes[1] = 1;
	bytes[2] = 6;
	memcpy(bytes + 4, "\x12\x34\x56\x78", 4);
	bytes[10] = 0x80;
	memcpy(bytes + 28, mac, sizeof mac);
	memcpy(bytes + DHCP_FIXED_SIZE, vendor, n);
	return DHCP_FIXED_SIZE + n;
}

static enum event_reason
read_it(struct dhcp_packet *p, size_t n)
{
	const char *why = NULL;
	enum event_reason reason = dhcp_read(p, bytes, n, &why);

	assert_non_null(why);
	/* a reason comes with words, and nothing else does */
	assert_int_equal(reason == EVENT_OK, *why == '\0');
	return reason;
}

static void
reads_a_discover(void **state)
{
	struct dhcp_packet p;
	size_t n = request(OPTIONS(COOKIE "\x35\1\1\x37\2\1\3\xff"));

	(void)state;
	assert_int_equal(read_it(&p, n), EVENT_OK);
	assert_int_equal(p.type, DHCP_DISCOVER);
	assert_int_equal(p.xid, 0x12345678);
	assert_int_equal(p.flags, DHCP_FLAG_BROADCAST);
	assert_int_equal(p.hlen, 6);
	assert_memory_equal(p.chaddr, "\2\0\x5e\0\x53\1", 6);
	assert_int_equal(p.relay.all.n, 0);
}

static void
reads_bootp_of_all_sizes(void **state)
{
	struct dhcp_packet p;
	size_t n;

	(void)state;
	/* no vendor area at all, as klibc sends it */
	assert_int_equal(read_it(&p, request("", 0)), EVENT_OK);
	assert_int_equal(p.type, DHCP_BOOTP);
	assert_int_equal(p.vendor_size, 0);
	/* somebody else's vendor area is passed over, whatever it holds */
	n = request(OPTIONS("CMU\0\x35\1\1\x3c\xff"));
	assert_int_equal(read_it(&p, n), EVENT_OK);
	assert_int_equal(p.type, DHCP_BOOTP);
	/* half a cookie is none */
	assert_int_equal(read_it(&p, request("\x63\x82", 2)), EVENT_OK);
	assert_int_equal(p.type, DHCP_BOOTP);
}

/* Every length of a whole packet: a reason, never a byte beyond. */
static void
takes_any_length(void **state)
{
	size_t n = request(OPTIONS(COOKIE "\x35\1\3\x32\4\xc0\0\2\xa"
	    "\x52\6\1\4abcd\xff")), i;
	struct dhcp_packet p;
	const char *why;
	enum event_reason reason;
	uint8_t *copy;

	(void)state;
	for (i = 0; i <= n; i++) {
		/* malloc'd to the byte, for the address sanitizer */
		copy = malloc(i > 0 ? i : 1);
		assert_non_null(copy);
		memcpy(copy, bytes, i);
		reason = dhcp_read(&p, copy, i, &why);
		if (i < DHCP_FIXED_SIZE)
			assert_int_equal(reason, EVENT_TRUNCATED);
		else if (i == n)
			assert_int_equal(reason, EVENT_OK);
		else
			assert_true(reason == EVENT_OK ||
			    reason == EVENT_MALFORMED);
		free(copy);
	}
}

/* The same machine that a whole reading finds, from as few bytes. */
static void
peeks_at_the_sender(void **state)
{
	size_t n = request(OPTIONS(COOKIE "\x35\1\1\xff"));
	struct identity id;
	uint8_t *copy;

	(void)state;
	copy = malloc(DHCP_FIXED_SIZE);
	assert_non_null(copy);
	memcpy(copy, bytes, DHCP_FIXED_SIZE);
	assert_true(dhcp_peek(bytes, n, &id));
	assert_true(dhcp_peek(copy, DHCP_FIXED_SIZE, &id));
	assert_int_equal(id.kind, IDENTITY_HW);
	assert_int_equal(id.htype, bytes[1]);
	assert_int_equal(id.len, bytes[2]);
	assert_memory_equal(id.bytes, bytes + 28, id.len);
	assert_false(dhcp_peek(copy, DHCP_FIXED_SIZE - 1, &id));
	assert_false(dhcp_peek(copy, 0, &id));
	copy[2] = 17;
	assert_false(dhcp_peek(copy, DHCP_FIXED_SIZE, &id));
	copy[2] = 0;
	assert_false(dhcp_peek(copy, DHCP_FIXED_SIZE, &id));
	free(copy);
}

static void
refuses_what_is_no_request(void **state)
{
	static const struct {
		size_t at;
		uint8_t value;
		enum event_reason reason;
	} rows[] = {
		{ 0, 2, EVENT_NOT_REQUEST },	/* op */
		{ 0, 0, EVENT_NOT_REQUEST },
		{ 3, 16, EVENT_OK },		/* hops */
		{ 3, 17, EVENT_HOPS },
		{ 2, 17, EVENT_MALFORMED },	/* hlen */
		{ 2, 5, EVENT_MALFORMED },	/* not Ethernet's */
		{ 2, 0, EVENT_OK },
		{ 24, 127, EVENT_MALFORMED },	/* giaddr */
		{ 24, 224, EVENT_MALFORMED },
		{ 24, 10, EVENT_OK },
		{ 242, 0, EVENT_MALFORMED },	/* message type 0 */
		{ 242, 10, EVENT_OK },		/* LEASEQUERY: answer.c's */
		{ 241, 0, EVENT_MALFORMED },	/* then 1 is an option */
	};
	struct dhcp_packet p;
	size_t i, n;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		n = request(OPTIONS(COOKIE "\x35\1\1\xff"));
		bytes[rows[i].at] = rows[i].value;
		if (read_it(&p, n) != rows[i].reason)
			fail_msg("row %zu", i);
	}
}

/* What decides who is meant must be whole: it is not as if it was absent. */
static void
refuses_options_of_a_wrong_length(void **state)
{
	static const struct {
		const char *vendor;
		size_t n;
		enum event_reason reason;
	} rows[] = {
		{ OPTIONS(COOKIE "\x35\0\xff"), EVENT_MALFORMED },
		{ OPTIONS(COOKIE "\x35\2\1\1\xff"), EVENT_MALFORMED },
		{ OPTIONS(COOKIE "\x35\1\3\x36\0\xff"), EVENT_MALFORMED },
		{ OPTIONS(COOKIE "\x35\1\3\x36\3\xc0\0\2\xff"),
		    EVENT_MALFORMED },
		/* said twice */
		{ OPTIONS(COOKIE "\x35\1\3\x36\4\xc0\0\2\1\x36\4\xc0\0\2\1"
		    "\xff"), EVENT_OK },
		{ OPTIONS(COOKIE "\x35\1\3\x32\0\xff"), EVENT_MALFORMED },
		{ OPTIONS(COOKIE "\x35\1\1\x76\5\xc0\0\2\0\0\xff"),
		    EVENT_MALFORMED },
		/* what only says what is wished for is passed over */
		{ OPTIONS(COOKIE "\x35\1\1\x0c\0\x37\0\x39\0\x3c\0\x3d\0"
		    "\x52\0\x5d\0\x61\0\xff"), EVENT_OK },
	};
	struct dhcp_packet p;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (read_it(&p, request(rows[i].vendor, rows[i].n)) !=
		    rows[i].reason)
			fail_msg("row %zu", i);
}

/* InfiniBand has 20 bytes, which chaddr cannot hold: RFC 4390. */
static void
takes_other_hardware(void **state)
{
	struct dhcp_packet p;
	size_t n = request(OPTIONS(COOKIE "\x35\1\1\x3d\3\xff" "ab\xff"));

	(void)state;
	bytes[1] = 32;
	bytes[2] = 0;
	assert_int_equal(read_it(&p, n), EVENT_OK);
	bytes[1] = 6;
	bytes[2] = 8;
	assert_int_equal(read_it(&p, n), EVENT_OK);
}

static void
reads_what_a_relay_says(void **state)
{
	struct dhcp_packet p;
	size_t n = request(OPTIONS(COOKIE "\x35\1\1\x52\x15"
	    "\1\3ge1\2\2rr\5\4\xc6\x33\x64\0\x0b\4\xc6\x33\x64\1\xff"));

	(void)state;
	assert_int_equal(read_it(&p, n), EVENT_OK);
	assert_int_equal(p.relay.circuit.n, 3);
	assert_memory_equal(p.relay.circuit.at, "ge1", 3);
	assert_int_equal(p.relay.remote.n, 2);
	assert_int_equal(p.relay.link, 0xc6336400);
	assert_int_equal(p.relay.server_id, 0xc6336401);
	assert_int_equal(p.relay.all.n, 0x15);
}

static void
survives_a_spoilt_relay_option(void **state)
{
	struct dhcp_packet p;
	size_t n;

	(void)state;
	/* sub-option 2 claims more than there is */
	n = request(OPTIONS(COOKIE "\x35\1\1\x52\6\1\1x\2\x40r\xff"));
	assert_int_equal(read_it(&p, n), EVENT_OK);
	assert_int_equal(p.relay.all.n, 6);
	assert_int_equal(p.relay.circuit.n, 1);
	assert_int_equal(p.relay.remote.n, 0);
	/* a sub-option without a length, and of the wrong one */
	n = request(OPTIONS(COOKIE "\x35\1\1\x52\4\5\1\1\1\xff"));
	assert_int_equal(read_it(&p, n), EVENT_OK);
	assert_int_equal(p.relay.link, 0);
	/* option 82 twice, the second within the first's value */
	n = request(OPTIONS(COOKIE "\x35\1\1\x52\4\x52\2\x52\0\x52\2\1\0\xff"));
	assert_int_equal(read_it(&p, n), EVENT_OK);
	assert_int_equal(p.relay.all.n, 6);
}

/* ISC dhcrelay leaves options of an ACK behind a BOOTP request. */
static void
op_of_a_relay_decides_not_the_message_type(void **state)
{
	static const uint8_t replies[] = { DHCP_OFFER, DHCP_ACK, DHCP_NAK };
	struct dhcp_packet p;
	size_t i, n;

	(void)state;
	for (i = 0; i < sizeof replies; i++) {
		n = request(OPTIONS(COOKIE "\x35\1\5\x36\4\xc6\x33\x64\1"
		    "\x3d\2xy\x52\5\1\3cr0\xff"));
		bytes[242] = replies[i];
		assert_int_equal(read_it(&p, n), EVENT_OK);
		/* no relay did that */
		assert_int_equal(p.type, replies[i]);
		memcpy(bytes + 24, "\xcb\0\x71\1", 4);
		assert_int_equal(read_it(&p, n), EVENT_OK);
		assert_int_equal(p.type, DHCP_BOOTP);
		assert_int_equal(p.server_id, 0);
		assert_false(dhcp_option_seen(&p.options, DHCP_CLIENT_ID));
		assert_int_equal(p.relay.circuit.n, 3);
	}
}

static void
writes_the_fixed_part(void **state)
{
	struct dhcp_packet p;
	struct dhcp_fixed f = { .flags = DHCP_FLAG_BROADCAST,
	    .yiaddr = 0xc000020a, .siaddr = 0xc0000202, .sname = "server" };
	uint8_t out[DHCP_FIXED_SIZE + DHCP_COOKIE_SIZE + 1];
	char file[200];

	(void)state;
	assert_int_equal(read_it(&p, request(OPTIONS(COOKIE "\xff"))),
	    EVENT_OK);
	memset(file, 'f', sizeof file - 1);
	file[sizeof file - 1] = '\0';
	f.file = file;
	memset(out, 0xee, sizeof out);
	dhcp_write_fixed(out, &p, &f);
	assert_memory_equal(out, "\2\1\6\0\x12\x34\x56\x78\0\0\x80\0", 12);
	assert_memory_equal(out + 16, "\xc0\0\2\x0a\xc0\0\2\2", 8);
	assert_memory_equal(out + 28, "\2\0\x5e\0\x53\1\0", 7);
	assert_string_equal((const char *)out + 44, "server");
	/* a name that fills its field still ends in a NUL */
	assert_int_equal(strlen((const char *)out + 108), 127);
	assert_memory_equal(out + 236, COOKIE, 4);
	assert_int_equal(out[240], 0xee);
}

static void
knows_addresses_of_machines(void **state)
{
	(void)state;
	assert_true(dhcp_is_unicast(0xc0000201));
	assert_false(dhcp_is_unicast(0));
	assert_false(dhcp_is_unicast(0x7f000001));
	assert_false(dhcp_is_unicast(0xe0000001));
	assert_false(dhcp_is_unicast(0xffffffff));
	assert_string_equal(dhcp_type_name(DHCP_INFORM), "INFORM");
	assert_string_equal(dhcp_type_name(200), "message");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_a_discover),
		cmocka_unit_test(reads_bootp_of_all_sizes),
		cmocka_unit_test(takes_any_length),
		cmocka_unit_test(peeks_at_the_sender),
		cmocka_unit_test(refuses_what_is_no_request),
		cmocka_unit_test(refuses_options_of_a_wrong_length),
		cmocka_unit_test(takes_other_hardware),
		cmocka_unit_test(reads_what_a_relay_says),
		cmocka_unit_test(survives_a_spoilt_relay_option),
		cmocka_unit_test(op_of_a_relay_decides_not_the_message_type),
		cmocka_unit_test(writes_the_fixed_part),
		cmocka_unit_test(knows_addresses_of_machines),
	};

	return cmocka_run_group_tests_name("bootpd packet", tests, NULL,
	    NULL);
}

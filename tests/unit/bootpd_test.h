/*
 * What the tests of bootpd share: a host made of text lines, a packet made
 * of fields, and a look into the reply.
 */
#ifndef BOOTPD_TEST_H
#define BOOTPD_TEST_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "../../bootpd/answer.h"

#define SERVER	0xc0000202u	/* 192.0.2.2 */
#define HOST	0xc000020au	/* 192.0.2.10 */
#define NETWORK	0xc0000200u	/* 192.0.2.0/24 */

static struct host host;
static struct entry test_layers[HOST_LAYERS];
static struct answer answer;
static struct answer_codes codes;
static struct answer_context context;
static struct dhcp_packet packet;
static uint8_t packet_bytes[1500];
static size_t packet_n;

/* One layer more: an entry's line.  The first is the host's own. */
static inline void
layer(const char *line)
{
	struct entry_error err;
	struct entry *e = host.layers == 0 ? &host.own :
	    &test_layers[host.layers];

	if (!entry_parse(e, line, strlen(line), &err))
		fail_msg("%s: %s", line, err.why);
	host.layer[host.layers++] = e;
}

/* pxe-test, 192.0.2.10 in 192.0.2.0/24, with what the lines say. */
static inline void
make_host(const char *own, const char *group, const char *subnet)
{
	char line[1024];

	memset(&host, 0, sizeof host);
	host.address = HOST;
	host.network = NETWORK;
	host.subnet_len = 24;
	assert_true(identity_parse_mac(&host.mac, "02:00:5e:00:53:01"));
	snprintf(line, sizeof line, "host pxe-test mac=02:00:5e:00:53:01 "
	    "address=192.0.2.10 %s", own);
	layer(line);
	if (group != NULL) {
		snprintf(line, sizeof line, "group web %s", group);
		layer(line);
	}
	snprintf(line, sizeof line, "subnet 192.0.2.0/24 router=192.0.2.1 %s",
	    subnet);
	layer(line);
	memset(&context, 0, sizeof context);
	context.server = SERVER;
	context.source_port = DHCP_CLIENT_PORT;
	answer_codes(&codes);
}

/* An empty request from 02:00:5e:00:53:01 with a cookie. */
static inline void
start_packet(void)
{
	memset(packet_bytes, 0, sizeof packet_bytes);
	packet_bytes[0] = packet_bytes[1] = 1;
	packet_bytes[2] = 6;
	memcpy(packet_bytes + 4, "\x12\x34\x56\x78", 4);
	memcpy(packet_bytes + 28, "\2\0\x5e\0\x53\1", 6);
	memcpy(packet_bytes + DHCP_FIXED_SIZE, "\x63\x82\x53\x63", 4);
	packet_n = DHCP_FIXED_SIZE + DHCP_COOKIE_SIZE;
}

static inline void
add(uint8_t code, const void *value, size_t n)
{
	packet_bytes[packet_n++] = code;
	packet_bytes[packet_n++] = (uint8_t)n;
	memcpy(packet_bytes + packet_n, value, n);
	packet_n += n;
}

static inline void
add_u32(uint8_t code, uint32_t v)
{
	uint8_t b[4] = { (uint8_t)(v >> 24), (uint8_t)(v >> 16),
	    (uint8_t)(v >> 8), (uint8_t)v };

	add(code, b, sizeof b);
}

static inline void
start_dhcp(uint8_t type)
{
	start_packet();
	add(DHCP_TYPE, &type, 1);
}

static inline void
set_address(size_t at, uint32_t v)
{
	packet_bytes[at] = (uint8_t)(v >> 24);
	packet_bytes[at + 1] = (uint8_t)(v >> 16);
	packet_bytes[at + 2] = (uint8_t)(v >> 8);
	packet_bytes[at + 3] = (uint8_t)v;
}
#define CIADDR	12
#define YIADDR	16
#define SIADDR	20
#define GIADDR	24

/* The whole way from bytes to answer, but for the database. */
static inline void
ask(void)
{
	const char *why;
	enum event_reason reason;

	reason = dhcp_read(&packet, packet_bytes, packet_n, &why);
	if (reason != EVENT_OK)
		answer_silence(&answer, reason, why);
	else if (answer_wanted(&answer, &packet, &context))
		answer_make(&answer, &packet, &context, &host, &codes);
}

static struct dhcp_options reply_options;

/* Reads the reply back; it must be whole. */
static inline void
open_reply(void)
{
	uint8_t code;
	const uint8_t *b = answer.bytes;

	assert_int_not_equal(answer.to, ANSWER_NOWHERE);
	assert_true(answer.n >= DHCP_MIN_SIZE && answer.n <= ANSWER_MAX);
	assert_int_equal(b[0], DHCP_OP_REPLY);
	assert_memory_equal(b + 1, packet_bytes + 1, 2);
	assert_memory_equal(b + 4, packet_bytes + 4, 4);	/* xid */
	assert_memory_equal(b + GIADDR, packet_bytes + GIADDR, 4 + 16);
	assert_memory_equal(b + DHCP_FIXED_SIZE, "\x63\x82\x53\x63", 4);
	assert_int_equal(dhcp_options_read(&reply_options,
	    b + DHCP_FIXED_SIZE + 4, answer.n - DHCP_FIXED_SIZE - 4, b + 108,
	    b + 44, &code), DHCP_OPTIONS_OK);
}

static inline uint32_t
reply_address(size_t at)
{
	const uint8_t *b = answer.bytes + at;

	return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 |
	    (uint32_t)b[2] << 8 | b[3];
}

static inline uint32_t
reply_u32(uint8_t code)
{
	uint32_t v = 0;

	assert_true(dhcp_option_u32(&reply_options, code, &v));
	return v;
}

static inline uint8_t
reply_type(void)
{
	uint8_t v = 0;

	dhcp_option_u8(&reply_options, DHCP_TYPE, &v);
	return v;
}

static inline const char *
reply_text(uint8_t code)
{
	static char out[2048];
	size_t n;
	const uint8_t *at = dhcp_option(&reply_options, code, &n);

	if (n > 0)
		memcpy(out, at, n);
	out[n] = '\0';
	return out;
}

static inline bool
reply_has(uint8_t code)
{
	return dhcp_option_seen(&reply_options, code);
}

#endif

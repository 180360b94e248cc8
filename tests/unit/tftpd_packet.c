#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <setjmp.h>
#include <cmocka.h>

#include "../../tftpd/packet.h"

#define PKT(s)	s, sizeof s - 1

struct row {
	const char *bytes;
	size_t len;
	enum tftp_reason reason;
};

static const struct row requests[] = {
	{ PKT("\0\1kernel\0octet\0"), TFTP_OK },
	{ PKT("\0\2kernel\0octet\0"), TFTP_OK },
	{ PKT("\0\1kernel\0OcTeT\0"), TFTP_OK },
	{ PKT("\0\1kernel\0netascii\0"), TFTP_OK },
	{ PKT("\0\1kernel\0octet\0tsize\0" "0\0"), TFTP_OK },
	{ PKT("\0\1kernel\0octet\0\0\0\0\0"), TFTP_OK },
	{ PKT("\0\1k\0octet\0multicast\0\0"), TFTP_OK },
	{ PKT(""), TFTP_SHORT },
	{ PKT("\0"), TFTP_SHORT },
	{ PKT("\0\1"), TFTP_UNTERMINATED },
	{ PKT("\0\1kernel"), TFTP_UNTERMINATED },
	{ PKT("\0\1kernel\0"), TFTP_UNTERMINATED },
	{ PKT("\0\1kernel\0octet"), TFTP_UNTERMINATED },
	{ PKT("\0\1\0octet\0"), TFTP_NO_NAME },
	{ PKT("\0\1kernel\0mail\0"), TFTP_MODE },
	{ PKT("\0\1kernel\0\0"), TFTP_MODE },
	{ PKT("\0\1kernel\0octet\0blksize"), TFTP_MALFORMED_OPTION },
	{ PKT("\0\1kernel\0octet\0blksize\0"), TFTP_MALFORMED_OPTION },
	{ PKT("\0\1kernel\0octet\0blksize\0" "1428"), TFTP_MALFORMED_OPTION },
	{ PKT("\0\0kernel\0octet\0"), TFTP_OPCODE },
	{ PKT("\0\3kernel\0octet\0"), TFTP_OPCODE },
	{ PKT("\1\1kernel\0octet\0"), TFTP_OPCODE },
};

/* What an option's text comes to; -1: as if it were not there. */
static const struct {
	const char *bytes;
	size_t len;
	enum tftp_option option;
	long value;
} values[] = {
#define OPTION(name, text) PKT("\0\1k\0octet\0" name "\0" text "\0")
	{ OPTION("blksize", "1428"), TFTP_O_BLKSIZE, 1428 },
	{ OPTION("BLKSIZE", "1428"), TFTP_O_BLKSIZE, 1428 },
	{ OPTION("blksize", "8"), TFTP_O_BLKSIZE, 8 },
	{ OPTION("blksize", "7"), TFTP_O_BLKSIZE, -1 },
	{ OPTION("blksize", "0"), TFTP_O_BLKSIZE, -1 },
	{ OPTION("blksize", "-1"), TFTP_O_BLKSIZE, -1 },
	{ OPTION("blksize", ""), TFTP_O_BLKSIZE, -1 },
	{ OPTION("blksize", " 1428"), TFTP_O_BLKSIZE, -1 },
	{ OPTION("blksize", "1428k"), TFTP_O_BLKSIZE, -1 },
	{ OPTION("blksize", "0x594"), TFTP_O_BLKSIZE, -1 },
	{ OPTION("blksize", "65464"), TFTP_O_BLKSIZE, 65464 },
	{ OPTION("blksize", "65465"), TFTP_O_BLKSIZE, 65464 },
	{ OPTION("blksize", "99999999999"), TFTP_O_BLKSIZE, 65464 },
	{ OPTION("blksize", "99999999999999999999999999"), TFTP_O_BLKSIZE,
	    65464 },
	{ OPTION("blksize2", "1468"), TFTP_O_BLKSIZE2, 1024 },
	{ OPTION("blksize2", "2048"), TFTP_O_BLKSIZE2, 2048 },
	{ OPTION("blksize2", "65464"), TFTP_O_BLKSIZE2, 32768 },
	{ OPTION("timeout", "1"), TFTP_O_TIMEOUT, 1 },
	{ OPTION("timeout", "255"), TFTP_O_TIMEOUT, 255 },
	{ OPTION("timeout", "0"), TFTP_O_TIMEOUT, -1 },
	{ OPTION("timeout", "256"), TFTP_O_TIMEOUT, -1 },
	{ OPTION("utimeout", "10000"), TFTP_O_UTIMEOUT, 10000 },
	{ OPTION("utimeout", "9999"), TFTP_O_UTIMEOUT, -1 },
	{ OPTION("tsize", "0"), TFTP_O_TSIZE, 0 },
	{ OPTION("tsize", "-1"), TFTP_O_TSIZE, -1 },
	{ OPTION("windowsize", "64"), TFTP_O_WINDOWSIZE, 64 },
	{ OPTION("windowsize", "0"), TFTP_O_WINDOWSIZE, -1 },
	{ OPTION("windowsize", "65536"), TFTP_O_WINDOWSIZE, 65535 },
	{ OPTION("rollover", "0"), TFTP_O_ROLLOVER, 0 },
	{ OPTION("rollover", "1"), TFTP_O_ROLLOVER, 1 },
	{ OPTION("rollover", "2"), TFTP_O_ROLLOVER, -1 },
	/* Of two the first. */
	{ OPTION("blksize", "1024\0blksize\0" "512"), TFTP_O_BLKSIZE, 1024 },
	{ OPTION("blksize", "x\0blksize\0" "512"), TFTP_O_BLKSIZE, 512 },
	{ OPTION("blksize2", "1024\0blksize\0" "512"), TFTP_O_BLKSIZE, -1 },
	{ OPTION("timeout", "3\0utimeout\0" "50000"), TFTP_O_UTIMEOUT, -1 },
	/* What nobody knows is passed over. */
	{ OPTION("mcast", "\0blksize\0" "512"), TFTP_O_BLKSIZE, 512 },
};

/* Each packet ends where its memory ends, so a sanitizer sees a step more. */
static uint8_t *
copy(const char *bytes, size_t n)
{
	uint8_t *p = malloc(n > 0 ? n : 1);

	assert_non_null(p);
	memcpy(p, bytes, n);
	return p;
}

static void
requests_are_read_or_refused(void **state)
{
	struct tftp_request rq;
	uint8_t *p;

	(void)state;
	for (size_t i = 0; i < sizeof requests / sizeof requests[0]; i++) {
		p = copy(requests[i].bytes, requests[i].len);
		if (tftp_parse_request(p, requests[i].len, &rq) !=
		    requests[i].reason)
			fail_msg("row %zu: %s", i, tftp_reason_text(
			    tftp_parse_request(p, requests[i].len, &rq)));
		free(p);
	}
	p = copy(PKT("\0\1boot/kernel\0netascii\0"));
	assert_int_equal(tftp_parse_request(p, 23, &rq), TFTP_OK);
	assert_int_equal(rq.opcode, TFTP_RRQ);
	assert_int_equal(rq.mode, TFTP_NETASCII);
	assert_string_equal(rq.name, "boot/kernel");
	assert_ptr_equal(rq.name, p + 2);
	assert_int_equal(rq.asked.has, 0);
	free(p);
}

static void
options_mean_what_their_rfc_says(void **state)
{
	struct tftp_request rq;

	(void)state;
	for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
		uint8_t *p = copy(values[i].bytes, values[i].len);
		bool has;

		assert_int_equal(tftp_parse_request(p, values[i].len, &rq),
		    TFTP_OK);
		has = rq.asked.has & 1u << values[i].option;
		if (has != (values[i].value >= 0) || (has && rq.asked.value[
		    values[i].option] != (uint64_t)values[i].value))
			fail_msg("row %zu: %s", i, values[i].bytes + 10);
		free(p);
	}
}

/* Of every packet above, every piece: nothing but a reason may come. */
static void
no_truncation_reads_on(void **state)
{
	struct tftp_request rq;
	const char *text;
	uint16_t n;
	size_t len;

	(void)state;
	for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
		for (size_t cut = 0; cut <= values[i].len; cut++) {
			uint8_t *p = copy(values[i].bytes, cut);

			(void)tftp_parse_request(p, cut, &rq);
			(void)tftp_parse_ack(p, cut, &n);
			(void)tftp_parse_error(p, cut, &n, &text, &len);
			free(p);
		}
}

static void
acks_and_errors(void **state)
{
	const char *text;
	uint16_t n;
	size_t len;

	(void)state;
	assert_int_equal(tftp_parse_ack((const uint8_t *)"\0\4\1\2", 4, &n),
	    TFTP_OK);
	assert_int_equal(n, 0x0102);
	assert_int_equal(tftp_parse_ack((const uint8_t *)"\0\4\1\2pad", 7,
	    &n), TFTP_OK);
	assert_int_equal(tftp_parse_ack((const uint8_t *)"\0\4\1", 3, &n),
	    TFTP_SHORT);
	assert_int_equal(tftp_parse_ack((const uint8_t *)"\0\3\1\2", 4, &n),
	    TFTP_OPCODE);
	assert_int_equal(tftp_parse_error((const uint8_t *)
	    "\0\5\0\10no\0x", 8, &n, &text, &len), TFTP_OK);
	assert_int_equal(n, 8);
	assert_int_equal(len, 2);
	assert_memory_equal(text, "no", 2);
	/* Without final NUL, without text: as some send it. */
	assert_int_equal(tftp_parse_error((const uint8_t *)"\0\5\0\0no", 6,
	    &n, &text, &len), TFTP_OK);
	assert_int_equal(len, 2);
	assert_int_equal(tftp_parse_error((const uint8_t *)"\0\5\0\0", 4, &n,
	    &text, &len), TFTP_OK);
	assert_int_equal(len, 0);
	assert_int_equal(tftp_parse_error((const uint8_t *)"\0\5\0", 3, &n,
	    &text, &len), TFTP_SHORT);
}

static void
replies_are_the_bytes_of_the_rfc(void **state)
{
	static const char oack[] = "\0\6blksize\0" "1428\0tsize\0"
	    "18446744073709551615\0windowsize\0" "4";
	static const char error[] = "\0\5\0\1file not found";
	struct tftp_options o = { .has = 1u << TFTP_O_BLKSIZE |
	    1u << TFTP_O_TSIZE | 1u << TFTP_O_WINDOWSIZE };
	uint8_t bytes[TFTP_REPLY_MAX], head[TFTP_HEAD];
	struct put p = put_into(bytes, sizeof bytes);

	(void)state;
	o.value[TFTP_O_BLKSIZE] = 1428;
	o.value[TFTP_O_TSIZE] = UINT64_MAX;
	o.value[TFTP_O_WINDOWSIZE] = 4;
	tftp_put_oack(&p, &o);
	assert_int_equal(p.at - bytes, sizeof oack);
	assert_memory_equal(bytes, oack, sizeof oack);
	p = put_into(bytes, sizeof bytes);
	tftp_put_error(&p, TFTP_E_NOT_FOUND, NULL);
	assert_int_equal(p.at - bytes, sizeof error);
	assert_memory_equal(bytes, error, sizeof error);
	tftp_head(head, 0xfffe);
	assert_memory_equal(head, "\0\3\xff\xfe", 4);
}

/* All options at once, as long as they get, still are one packet. */
static void
the_longest_oack_fits(void **state)
{
	struct tftp_options o = { .has = (1u << TFTP_OPTIONS) - 1 };
	uint8_t bytes[TFTP_REPLY_MAX];
	struct put p = put_into(bytes, sizeof bytes);

	(void)state;
	for (int i = 0; i < TFTP_OPTIONS; i++)
		o.value[i] = UINT64_MAX;
	tftp_put_oack(&p, &o);
	assert_false(p.full);
}

static void
options_may_be_limited(void **state)
{
	struct tftp_options o = { .has = 1u << TFTP_O_BLKSIZE |
	    1u << TFTP_O_TSIZE, .value = { [TFTP_O_BLKSIZE] = 1432 } };

	(void)state;
	tftp_limit_options(&o, 0, 0);
	assert_int_equal(o.value[TFTP_O_BLKSIZE], 1432);
	tftp_limit_options(&o, 0, 1000);
	assert_int_equal(o.value[TFTP_O_BLKSIZE], 1000);
	tftp_limit_options(&o, 1u << TFTP_O_BLKSIZE, 0);
	assert_int_equal(o.has, 1u << TFTP_O_TSIZE);
	o = (struct tftp_options){ .has = 1u << TFTP_O_BLKSIZE2,
	    .value = { [TFTP_O_BLKSIZE2] = 4096 } };
	tftp_limit_options(&o, 0, 1000);
	assert_int_equal(o.value[TFTP_O_BLKSIZE2], 512);
	assert_int_equal(tftp_option_named("BlkSize"), TFTP_O_BLKSIZE);
	assert_int_equal(tftp_option_named("blk"), TFTP_OPTIONS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(requests_are_read_or_refused),
		cmocka_unit_test(options_mean_what_their_rfc_says),
		cmocka_unit_test(no_truncation_reads_on),
		cmocka_unit_test(acks_and_errors),
		cmocka_unit_test(replies_are_the_bytes_of_the_rfc),
		cmocka_unit_test(options_may_be_limited),
		cmocka_unit_test(the_longest_oack_fits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * A scripted client that sends a file to tftpd's state machine, on a clock
 * of its own.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "../../tftpd/upload.h"

#define MS	1000u
#define S	1000000ull
#define LIMIT	1000000u

static struct upload u;
static struct upload_action act;
static struct tftp_options granted;

static void
begin(unsigned blksize, unsigned windowsize)
{
	struct tftp_options o = { 0 };

	if (blksize > 0) {
		o.has |= 1u << TFTP_O_BLKSIZE;
		o.value[TFTP_O_BLKSIZE] = blksize;
	}
	if (windowsize > 0) {
		o.has |= 1u << TFTP_O_WINDOWSIZE;
		o.value[TFTP_O_WINDOWSIZE] = windowsize;
	}
	upload_start(&u, &o, LIMIT, 1024 * 1024, &granted, 0, &act);
	assert_int_equal(act.end, TRANSFER_GOES_ON);
	assert_false(act.take);
	assert_true(act.oack == (o.has != 0));
	assert_true(act.ack == (o.has == 0));
	assert_int_equal(act.block, 0);
}

static void
data(uint16_t wire, size_t len, uint64_t now)
{
	upload_data(&u, wire, len, now, &act);
}

#define EXPECT_ACK(taken, n) do { \
	assert_true(act.take == (taken)); \
	assert_true(act.ack); \
	assert_int_equal(act.block, n); \
	assert_false(act.oack); \
	assert_int_equal(act.end, TRANSFER_GOES_ON); \
} while (0)
#define EXPECT_QUIET(taken) do { \
	assert_true(act.take == (taken)); \
	assert_false(act.ack); \
	assert_false(act.oack); \
	assert_false(act.last); \
	assert_int_equal(act.end, TRANSFER_GOES_ON); \
} while (0)

/* The last block came; its ACK waits for the disk. */
static void
whole(uint16_t wire, size_t len, uint64_t now)
{
	data(wire, len, now);
	assert_true(act.take && act.last);
	assert_false(act.ack || act.oack);
	assert_int_equal(act.end, TRANSFER_GOES_ON);
}

static void
plain_rfc1350(void **state)
{
	(void)state;
	begin(0, 0);
	data(1, 512, MS);
	EXPECT_ACK(true, 1);
	data(2, 512, 2 * MS);
	EXPECT_ACK(true, 2);
	whole(3, 0, 3 * MS);
	assert_int_equal(u.bytes, 1024);
	upload_kept(&u, true, 4 * MS, &act);
	EXPECT_ACK(false, 3);
	/* That ACK is lost: once more, and the file is not written again. */
	data(3, 0, 1000 * MS);
	EXPECT_ACK(false, 3);
	assert_false(act.last);
	upload_timeout(&u, 2 * S, &act);
	EXPECT_QUIET(false);
	upload_timeout(&u, 4 * S, &act);
	assert_int_equal(act.end, TRANSFER_DONE);
	data(3, 0, 5 * S);
	EXPECT_QUIET(false);
}

/* However long the disk takes, and whatever the client does meanwhile. */
static void
slow_disk(void **state)
{
	uint64_t now;

	(void)state;
	begin(100, 4);
	data(1, 100, MS);
	whole(2, 7, 2 * MS);
	data(2, 7, 500 * MS);	/* again: neither written nor answered */
	EXPECT_QUIET(false);
	data(1, 100, 500 * MS);
	EXPECT_QUIET(false);
	data(3, 0, 500 * MS);
	EXPECT_QUIET(false);
	upload_request(&u, &act);
	EXPECT_QUIET(false);
	for (now = S; now < 3600 * S; now = u.deadline) {
		upload_timeout(&u, now, &act);
		EXPECT_QUIET(false);
		assert_true(u.deadline > now);
	}
	assert_int_equal(u.bytes, 107);
	upload_kept(&u, true, now, &act);
	EXPECT_ACK(false, 2);
	data(2, 7, now);
	EXPECT_ACK(false, 2);
	upload_timeout(&u, now + 3 * S, &act);
	assert_int_equal(act.end, TRANSFER_DONE);
}

static void
disk_refuses(void **state)
{
	(void)state;
	begin(0, 0);
	whole(1, 0, MS);
	upload_kept(&u, false, 2 * MS, &act);
	assert_false(act.ack);
	assert_int_equal(act.end, TRANSFER_ABORTED);
	/* Nothing was asked of the disk yet. */
	begin(0, 0);
	upload_kept(&u, true, 2 * MS, &act);
	EXPECT_QUIET(false);
}

/* Who gives up while the disk works shall not find the file there. */
static void
gone_meanwhile(void **state)
{
	(void)state;
	for (unsigned kept = 0; kept < 2; kept++) {
		begin(0, 0);
		whole(1, 0, MS);
		upload_error(&u, &act);
		assert_true(act.unwanted);
		EXPECT_QUIET(false);
		upload_kept(&u, kept, 2 * MS, &act);
		assert_false(act.ack);
		assert_int_equal(act.end, kept ? TRANSFER_DONE :
		    TRANSFER_ABORTED);
	}
}

/* Each block twice: written once, and no third ACK for two. */
static void
doubled_blocks(void **state)
{
	(void)state;
	begin(0, 0);
	data(1, 512, MS);
	data(2, 512, MS);
	EXPECT_ACK(true, 2);
	data(1, 512, MS);	/* an older one: nothing */
	EXPECT_QUIET(false);
	data(2, 512, MS);
	EXPECT_ACK(false, 2);
	assert_int_equal(u.bytes, 1024);
	assert_int_equal(u.repeated, 2);
	data(9, 512, MS);	/* never sent */
	EXPECT_QUIET(false);
	data(3, 513, MS);	/* more than was agreed */
	EXPECT_QUIET(false);
	assert_int_equal(u.bytes, 1024);
}

static void
windows(void **state)
{
	(void)state;
	begin(100, 4);
	assert_int_equal(granted.value[TFTP_O_WINDOWSIZE], 4);
	for (uint16_t n = 1; n < 4; n++) {
		data(n, 100, MS);
		EXPECT_QUIET(true);
	}
	data(4, 100, MS);
	EXPECT_ACK(true, 4);
	/* 6 is lost: said once, and the window starts again behind 5. */
	data(5, 100, MS);
	EXPECT_QUIET(true);
	data(7, 100, MS);
	EXPECT_ACK(false, 5);
	data(8, 100, MS);
	EXPECT_QUIET(false);
	for (uint16_t n = 6; n < 9; n++) {
		data(n, 100, MS);
		EXPECT_QUIET(true);
	}
	data(9, 100, MS);
	EXPECT_ACK(true, 9);
	/* The ACK is lost, and the whole window comes again: one ACK. */
	for (uint16_t n = 6; n < 9; n++) {
		data(n, 100, MS);
		EXPECT_QUIET(false);
	}
	data(9, 100, MS);
	EXPECT_ACK(false, 9);
	whole(10, 7, MS);
	upload_kept(&u, true, MS, &act);
	EXPECT_ACK(false, 10);
	assert_int_equal(u.bytes, 907);
}

static void
past_65535(void **state)
{
	(void)state;
	for (unsigned rollover = 0; rollover < 2; rollover++) {
		begin(8, 0);
		u.rollover = (uint8_t)rollover;
		for (unsigned n = 1; n <= 70000; n++) {
			uint16_t wire = (uint16_t)(rollover == 0 ? n :
			    (n - 1) % 65535 + 1);

			data(wire, 8, MS);
			EXPECT_ACK(true, n);
			assert_int_equal(upload_wire(&u, act.block), wire);
		}
		assert_int_equal(u.bytes, 560000);
	}
}

/* One answer to a request; a forged address gets no more. */
static void
never_heard(void **state)
{
	(void)state;
	begin(512, 0);
	upload_request(&u, &act);
	assert_true(act.oack);
	upload_timeout(&u, 5 * S, &act);
	EXPECT_QUIET(false);
	upload_timeout(&u, 10 * S, &act);
	assert_int_equal(act.end, TRANSFER_SILENT);
	assert_false(act.ack || act.oack);
	begin(0, 0);
	upload_request(&u, &act);
	EXPECT_ACK(false, 0);
	data(1, 512, MS);
	upload_request(&u, &act);
	EXPECT_QUIET(false);
}

static void
silent_in_the_middle(void **state)
{
	unsigned acks = 0;

	(void)state;
	begin(0, 0);
	data(1, 512, 0);
	for (uint64_t now = 0; act.end == TRANSFER_GOES_ON; now += 10 * MS) {
		assert_true(now < 60 * S);
		upload_timeout(&u, now, &act);
		if (act.ack) {
			assert_int_equal(act.block, 1);
			acks++;
		}
	}
	assert_int_equal(act.end, TRANSFER_SILENT);
	assert_in_range(acks, 3, 8);
	/* However short its timeout is, it gets few and has its time. */
	begin(0, 0);
	u.rto = u.fixed = 10 * MS;
	data(1, 512, 0);
	for (acks = 0; act.end == TRANSFER_GOES_ON; acks += act.ack)
		upload_timeout(&u, u.deadline, &act);
	assert_int_equal(act.end, TRANSFER_SILENT);
	assert_in_range(acks, 10, 25);
}

static void
limits(void **state)
{
	struct tftp_options o = { .has = 1u << TFTP_O_TSIZE };

	(void)state;
	o.value[TFTP_O_TSIZE] = LIMIT + 1;
	upload_start(&u, &o, LIMIT, 65536, &granted, 0, &act);
	assert_true(act.too_large);
	assert_false(act.oack || act.ack);
	assert_int_equal(act.end, TRANSFER_REFUSED);
	o.value[TFTP_O_TSIZE] = LIMIT;
	upload_start(&u, &o, LIMIT, 65536, &granted, 0, &act);
	assert_true(act.oack);
	assert_int_equal(granted.value[TFTP_O_TSIZE], LIMIT);
	/* Who lies about it, or does not say, gets no further either. */
	begin(1000, 0);
	for (uint16_t n = 1; n <= LIMIT / 1000; n++) {
		data(n, 1000, MS);
		EXPECT_ACK(true, n);
	}
	data(LIMIT / 1000 + 1, 1, MS);
	assert_true(act.too_large);
	assert_false(act.take || act.ack || act.last);
	assert_int_equal(act.end, TRANSFER_ABORTED);
	/* No window without an end. */
	begin(65464, 65535);
	assert_int_equal(granted.value[TFTP_O_BLKSIZE], 65464);
	assert_int_equal(granted.value[TFTP_O_WINDOWSIZE],
	    1024 * 1024 / 65464);
}

static void
client_errors(void **state)
{
	(void)state;
	begin(512, 0);
	upload_error(&u, &act);
	assert_int_equal(act.end, TRANSFER_REFUSED);
	begin(0, 0);
	data(1, 512, MS);
	upload_error(&u, &act);
	assert_int_equal(act.end, TRANSFER_ABORTED);
	upload_error(&u, &act);
	assert_int_equal(act.end, TRANSFER_GOES_ON);
	begin(0, 0);
	whole(1, 1, MS);
	upload_kept(&u, true, MS, &act);
	upload_error(&u, &act);
	assert_int_equal(act.end, TRANSFER_DONE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_rfc1350),
		cmocka_unit_test(slow_disk),
		cmocka_unit_test(disk_refuses),
		cmocka_unit_test(gone_meanwhile),
		cmocka_unit_test(doubled_blocks),
		cmocka_unit_test(windows),
		cmocka_unit_test(past_65535),
		cmocka_unit_test(never_heard),
		cmocka_unit_test(silent_in_the_middle),
		cmocka_unit_test(limits),
		cmocka_unit_test(client_errors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

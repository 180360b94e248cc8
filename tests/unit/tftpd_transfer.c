/*
 * A scripted client against tftpd's state machine, on a clock of its own:
 * an hour of lost packets passes in a moment.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "../../tftpd/transfer.h"

#define MS	1000u
#define WINDOW_BYTES	(1024 * 1024)

static const struct tftp_options none;

static struct tftp_options
asking(unsigned blksize, unsigned windowsize)
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
	return o;
}

static struct tftp_options
with(struct tftp_options o, enum tftp_option option, uint64_t value)
{
	o.has |= 1u << option;
	o.value[option] = value;
	return o;
}

#define EXPECT_DATA(act, from, n) do { \
	assert_false((act).oack); \
	assert_int_equal((act).first, from); \
	assert_int_equal((act).count, n); \
	assert_int_equal((act).end, TRANSFER_GOES_ON); \
} while (0)
#define EXPECT_NOTHING(act) do { \
	assert_false((act).oack); \
	assert_int_equal((act).count, 0); \
	assert_int_equal((act).end, TRANSFER_GOES_ON); \
} while (0)
#define EXPECT_END(act, how) do { \
	assert_int_equal((act).count, 0); \
	assert_int_equal((act).end, how); \
} while (0)

static void
begin(struct transfer *t, const struct tftp_options *asked, uint64_t size)
{
	struct tftp_options granted;
	struct transfer_action act;

	transfer_start(t, asked, size, WINDOW_BYTES, &granted, 0, &act);
	if (granted.has == 0) {
		EXPECT_DATA(act, 1, 1);
		return;
	}
	assert_true(act.oack);
	assert_int_equal(act.count, 0);
	transfer_ack(t, 0, MS, &act);
	assert_int_equal(act.first, 1);
}

static void
plain_rfc1350(void **state)
{
	struct transfer_action act;
	struct transfer t;

	(void)state;
	begin(&t, &none, 1024);		/* 512, 512, 0 */
	transfer_ack(&t, 1, MS, &act);
	EXPECT_DATA(act, 2, 1);
	transfer_ack(&t, 2, 2 * MS, &act);
	EXPECT_DATA(act, 3, 1);
	assert_int_equal(t.last, 3);
	transfer_ack(&t, 3, 3 * MS, &act);
	EXPECT_END(act, TRANSFER_DONE);
	assert_int_equal(transfer_acked(&t, 1024), 1024);
	assert_int_equal(t.resent, 0);
	/* Whatever comes after the end is nothing. */
	transfer_ack(&t, 3, 4 * MS, &act);
	EXPECT_NOTHING(act);
	transfer_timeout(&t, 99999 * MS, &act);
	EXPECT_NOTHING(act);
}

static void
sizes_at_the_edges(void **state)
{
	static const struct { uint64_t size, last; } rows[] = {
		{ 0, 1 }, { 1, 1 }, { 511, 1 }, { 512, 2 }, { 513, 2 },
		{ 1024, 3 }, { 65535ull * 512, 65536 },
	};
	struct transfer t;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		begin(&t, &none, rows[i].size);
		assert_int_equal(t.last, rows[i].last);
	}
}

static void
the_oack_has_what_was_asked_and_no_more(void **state)
{
	struct tftp_options granted, asked = with(asking(1468, 4),
	    TFTP_O_TSIZE, 0);
	struct transfer_action act;
	struct transfer t;

	(void)state;
	transfer_start(&t, &asked, 5000, WINDOW_BYTES, &granted, 0, &act);
	assert_true(act.oack);
	assert_int_equal(granted.has, asked.has);
	assert_int_equal(granted.value[TFTP_O_BLKSIZE], 1468);
	assert_int_equal(granted.value[TFTP_O_WINDOWSIZE], 4);
	assert_int_equal(granted.value[TFTP_O_TSIZE], 5000);
	/* Not more in flight than allowed. */
	asked = asking(65464, 65535);
	transfer_start(&t, &asked, 1, WINDOW_BYTES, &granted, 0, &act);
	assert_int_equal(granted.value[TFTP_O_WINDOWSIZE], 16);
	asked = asking(8, 65535);
	transfer_start(&t, &asked, 1, WINDOW_BYTES, &granted, 0, &act);
	assert_int_equal(granted.value[TFTP_O_WINDOWSIZE],
	    TFTP_WINDOW_MAX);
	/* curl takes a size of 0 for an error. */
	asked = with(none, TFTP_O_TSIZE, 0);
	transfer_start(&t, &asked, 0, WINDOW_BYTES, &granted, 0, &act);
	assert_int_equal(granted.has, 0);
	/* A size that nobody knows yet is not promised. */
	transfer_start(&t, &asked, TRANSFER_UNKNOWN, WINDOW_BYTES, &granted,
	    0, &act);
	assert_int_equal(granted.has, 0);
	EXPECT_DATA(act, 1, 1);
}

static void
windows_end_with_the_file(void **state)
{
	struct tftp_options asked = asking(512, 4);
	struct transfer_action act;
	struct transfer t;

	(void)state;
	begin(&t, &asked, 10 * 512);	/* 11 blocks */
	transfer_ack(&t, 4, 2 * MS, &act);
	EXPECT_DATA(act, 5, 4);
	transfer_ack(&t, 8, 3 * MS, &act);
	EXPECT_DATA(act, 9, 3);
	transfer_ack(&t, 11, 4 * MS, &act);
	EXPECT_END(act, TRANSFER_DONE);
}

/* RFC 1123 4.2.3.1: a doubled ACK must not double the rest of the file. */
static void
no_sorcerers_apprentice(void **state)
{
	struct transfer_action act;
	struct transfer t;
	uint64_t sent = 1, now = MS;

	(void)state;
	begin(&t, &none, 100 * 512);
	for (uint16_t n = 1; n <= 101; n++) {
		for (int twice = 0; twice < 2; twice++) {
			transfer_ack(&t, n, now, &act);
			sent += act.count;
			now += MS;
		}
	}
	assert_int_equal(t.state, TRANSFER_OVER);
	assert_int_equal(sent, 101);
}

/* The same with windows, where an ACK again may mean a lost block. */
static void
doubled_acks_of_windows(void **state)
{
	struct tftp_options asked = asking(512, 8);
	struct transfer_action act;
	struct transfer t;
	uint64_t now = 10 * MS, sent = 8;

	(void)state;
	begin(&t, &asked, 800 * 512);
	for (unsigned n = 8; t.state != TRANSFER_OVER;) {
		for (int twice = 0; twice < 2; twice++) {
			transfer_ack(&t, (uint16_t)n, now, &act);
			sent += act.count;
			now += MS / 10;	/* much sooner than an answer */
		}
		n = n + 8 > 801 ? 801 : n + 8;
		now += 5 * MS;
	}
	assert_int_equal(sent, 801);
	assert_int_equal(t.resent, 0);
}

/* One early repeat of a window must not become a repeat of all. */
static void
a_repeated_window_does_not_go_on(void **state)
{
	struct tftp_options asked = asking(512, 8);
	struct transfer_action act;
	struct transfer t;

	(void)state;
	begin(&t, &asked, 800 * 512);
	transfer_ack(&t, 8, 2 * MS, &act);
	EXPECT_DATA(act, 9, 8);
	transfer_ack(&t, 8, 20 * MS, &act);	/* a late double */
	EXPECT_DATA(act, 9, 8);
	/* The client got 9 to 16 twice and says so twice. */
	transfer_ack(&t, 16, 22 * MS, &act);
	EXPECT_DATA(act, 17, 8);
	transfer_ack(&t, 16, 30 * MS, &act);
	EXPECT_NOTHING(act);
	transfer_ack(&t, 24, 31 * MS, &act);
	EXPECT_DATA(act, 25, 8);
}

static void
lost_blocks_are_sent_from_the_gap_on(void **state)
{
	struct tftp_options asked = asking(512, 8);
	struct transfer_action act;
	struct transfer t;

	(void)state;
	begin(&t, &asked, 800 * 512);
	/* 4 was lost: the client acknowledges 3 and waits for 4. */
	transfer_ack(&t, 3, 2 * MS, &act);
	EXPECT_DATA(act, 4, 8);
	assert_int_equal(t.resent, 5);
	/* 12 was the last sent; now 12, the first of this one, is lost. */
	transfer_ack(&t, 11, 4 * MS, &act);
	EXPECT_DATA(act, 12, 8);
	transfer_ack(&t, 11, 6 * MS, &act);
	EXPECT_DATA(act, 12, 8);
}

/* Some send one for each block that is not the one they wait for. */
static void
an_ack_for_each_block_past_a_gap(void **state)
{
	struct tftp_options asked = asking(512, 16);
	struct transfer_action act;
	struct transfer t;
	uint64_t now = 3 * MS;

	(void)state;
	begin(&t, &asked, 800 * 512);
	transfer_ack(&t, 16, now, &act);
	EXPECT_DATA(act, 17, 16);
	/* 20 was lost: 21 to 32 each say so. */
	now += 2 * MS;
	transfer_ack(&t, 19, now, &act);
	EXPECT_DATA(act, 20, 16);
	for (int i = 0; i < 11; i++) {
		now += MS / 10;
		transfer_ack(&t, 19, now, &act);
		EXPECT_NOTHING(act);
	}
	now += 2 * MS;
	transfer_ack(&t, 35, now, &act);
	EXPECT_DATA(act, 36, 16);
}

static void
acks_for_blocks_never_sent_are_nothing(void **state)
{
	struct tftp_options asked = asking(512, 4), granted;
	struct transfer_action act;
	struct transfer t;

	(void)state;
	begin(&t, &asked, 100 * 512);
	transfer_ack(&t, 5, 2 * MS, &act);
	EXPECT_NOTHING(act);
	transfer_ack(&t, 65535, 2 * MS, &act);
	EXPECT_NOTHING(act);
	transfer_ack(&t, 4, 3 * MS, &act);
	EXPECT_DATA(act, 5, 4);
	transfer_ack(&t, 3, 99 * MS, &act);	/* long ago */
	EXPECT_NOTHING(act);
	/* Before DATA only ACK 0 counts. */
	transfer_start(&t, &asked, 1, WINDOW_BYTES, &granted, 0, &act);
	transfer_ack(&t, 1, MS, &act);
	EXPECT_NOTHING(act);
	assert_int_equal(t.state, TRANSFER_OPENING);
}

/*
 * atftp says everything again after 5 s: its request (the OACK was lost), then
 * ACK 0 twice.
 */
static void
a_slow_opening(void **state)
{
	struct tftp_options asked = with(asking(512, 1), TFTP_O_BLKSIZE, 512),
	    granted;
	struct transfer_action act;
	struct transfer t;

	(void)state;
	transfer_start(&t, &asked, 513, WINDOW_BYTES, &granted, 0, &act);
	transfer_request(&t, 5000 * MS, &act);
	assert_true(act.oack);
	transfer_timeout(&t, 19000 * MS, &act);
	EXPECT_NOTHING(act);
	transfer_ack(&t, 0, 20001 * MS, &act);
	EXPECT_DATA(act, 1, 1);
	/* But nobody waits for ever. */
	transfer_start(&t, &asked, 513, WINDOW_BYTES, &granted, 0, &act);
	transfer_timeout(&t, t.deadline, &act);
	assert_int_equal(act.end, TRANSFER_SILENT);
}

/* Past 65535 the number goes on at 0, or at 1 with the rollover option. */
static void
block_numbers_roll_over(void **state)
{
	(void)state;
	for (unsigned rollover = 0; rollover < 2; rollover++) {
		struct tftp_options asked = with(asking(8, 7),
		    TFTP_O_ROLLOVER, rollover);
		struct transfer_action act;
		struct transfer t;
		uint64_t now = MS, blocks = 200000, n;

		begin(&t, &asked, (blocks - 1) * 8);
		act.first = 1;
		act.count = 7;
		while (t.state != TRANSFER_OVER) {
			n = act.first + act.count - 1;
			assert_true(n <= blocks);
			now += MS;
			transfer_ack(&t, transfer_wire(&t, n), now, &act);
			if (t.state != TRANSFER_OVER)
				assert_int_equal(act.first, n + 1);
		}
		assert_int_equal(t.base, blocks + 1);
		assert_int_equal(transfer_wire(&t, 65535), 65535);
		assert_int_equal(transfer_wire(&t, 65536), rollover);
		assert_int_equal(transfer_wire(&t, 65537), rollover + 1);
	}
}

static void
with_rollover_1_there_is_no_ack_0(void **state)
{
	struct tftp_options asked = with(asking(8, 1), TFTP_O_ROLLOVER, 1);
	struct transfer_action act;
	struct transfer t;

	(void)state;
	begin(&t, &asked, 70000 * 8);
	for (uint64_t n = 1; n <= 65535; n++)
		transfer_ack(&t, (uint16_t)n, n * MS, &act);
	EXPECT_DATA(act, 65536, 1);
	transfer_ack(&t, 0, 70000 * MS, &act);
	EXPECT_NOTHING(act);
	transfer_ack(&t, 1, 70000 * MS, &act);
	EXPECT_DATA(act, 65537, 1);
}

/* Everything that time makes it send until it gives up. */
static uint64_t
silence(struct transfer *t, enum transfer_end *end, unsigned *packets)
{
	struct transfer_action act;
	uint64_t now = 0;

	*packets = 0;
	for (int i = 0; i < 1000; i++) {
		now = t->deadline;
		transfer_timeout(t, now - 1, &act);
		EXPECT_NOTHING(act);
		transfer_timeout(t, now, &act);
		assert_false(act.oack);
		*packets += act.count;
		if (act.end != TRANSFER_GOES_ON) {
			*end = act.end;
			return now;
		}
	}
	fail_msg("never gives up");
	return 0;
}

static void
silence_in_every_state_ends(void **state)
{
	struct tftp_options asked = asking(512, 4), granted;
	struct transfer_action act;
	enum transfer_end end;
	unsigned packets;
	struct transfer t;

	(void)state;
	/* After the OACK: it is never sent again by itself. */
	transfer_start(&t, &asked, 9000, WINDOW_BYTES, &granted, 0, &act);
	assert_in_range(silence(&t, &end, &packets), 5000 * MS, 20000 * MS);
	assert_int_equal(end, TRANSFER_SILENT);
	assert_int_equal(packets, 0);
	/* After block 1 without options: a forged address gets little. */
	begin(&t, &none, 9000);
	assert_in_range(silence(&t, &end, &packets), 20000 * MS, 40000 * MS);
	assert_int_equal(end, TRANSFER_SILENT);
	assert_in_range(packets, 1, 2);
	/* ... but if only its ACKs were lost, it goes on. */
	begin(&t, &none, 9000);
	while (t.deadline < 10000 * MS)
		transfer_timeout(&t, t.deadline, &act);
	transfer_ack(&t, 1, 15000 * MS, &act);
	EXPECT_DATA(act, 2, 1);
	/* In the middle: patience. */
	begin(&t, &asked, 9000);
	assert_in_range(silence(&t, &end, &packets), 20000 * MS, 40000 * MS);
	assert_int_equal(end, TRANSFER_SILENT);
	assert_in_range(packets, 4 * 4, 20 * 4);
	/* After the last block: it probably arrived. */
	begin(&t, &none, 600);
	transfer_ack(&t, 1, MS, &act);
	assert_in_range(silence(&t, &end, &packets), 1000 * MS, 3000 * MS);
	assert_int_equal(end, TRANSFER_UNCONFIRMED);
	assert_in_range(packets, 4, 8);
}

static void
a_lost_block_comes_again_soon(void **state)
{
	struct transfer_action act;
	struct transfer t;
	uint64_t now = 0;

	(void)state;
	begin(&t, &none, 100 * 512);
	for (uint16_t n = 1; n <= 10; n++) {
		now += 2 * MS;
		transfer_ack(&t, n, now, &act);
	}
	/* Measured: 2 ms.  So not a second, and not at once. */
	assert_in_range(t.deadline - now, 10 * MS, 60 * MS);
	transfer_timeout(&t, t.deadline, &act);
	EXPECT_DATA(act, 11, 1);
	/* Then less and less often. */
	assert_in_range(t.deadline - now, 30 * MS, 60 * MS);
	/* Karn: the answer to a repeat measures nothing. */
	now += 5000 * MS;
	transfer_ack(&t, 11, now, &act);
	EXPECT_DATA(act, 12, 1);
	/* It is through: the next one is not waited for any longer. */
	assert_in_range(t.deadline - now, 10 * MS, 30 * MS);
}

/* A repeat that was answered twice was needless: so wait longer. */
static void
a_slow_client_is_waited_for(void **state)
{
	struct transfer_action act;
	struct transfer t;
	uint64_t now = 0, sent = 0;

	(void)state;
	begin(&t, &none, 1000 * 512);
	for (uint16_t n = 1; n <= 10; n++) {
		now += MS;
		transfer_ack(&t, n, now, &act);
	}
	/* From now on it needs 100 ms, and answers all that comes. */
	for (uint16_t n = 11; n <= 60; n++) {
		unsigned repeats = 0;

		for (; t.deadline < now + 100 * MS; repeats++) {
			transfer_timeout(&t, t.deadline, &act);
			EXPECT_DATA(act, n, 1);
		}
		sent += 1 + repeats;
		now += 100 * MS;
		transfer_ack(&t, n, now, &act);
		EXPECT_DATA(act, n + 1u, 1);
		for (; repeats > 0; repeats--) {
			transfer_ack(&t, n, now + 10 * MS, &act);
			EXPECT_NOTHING(act);
		}
	}
	assert_in_range(sent, 51, 56);
}

/* A long window that only waits for its last block, or for nothing. */
static void
the_last_block_is_asked_about_first(void **state)
{
	struct tftp_options asked = asking(512, 16);
	struct transfer_action act;
	struct transfer t;
	uint64_t now = 2 * MS;

	(void)state;
	begin(&t, &asked, 800 * 512);
	transfer_ack(&t, 16, now, &act);
	EXPECT_DATA(act, 17, 16);
	now = t.deadline;
	transfer_timeout(&t, now, &act);
	EXPECT_DATA(act, 32, 1);
	/* It was only that one, and its ACK says so. */
	transfer_ack(&t, 32, now + MS, &act);
	EXPECT_DATA(act, 33, 16);
	/* All of it was lost: the client says that it got nothing. */
	now = t.deadline;
	transfer_timeout(&t, now, &act);
	EXPECT_DATA(act, 48, 1);
	now += 2 * MS;
	transfer_ack(&t, 32, now, &act);	/* the answer to 32 again */
	EXPECT_NOTHING(act);
	transfer_ack(&t, 32, now, &act);
	EXPECT_DATA(act, 33, 16);
	/* Part of it was: it says from where. */
	transfer_ack(&t, 48, now += 2 * MS, &act);
	EXPECT_DATA(act, 49, 16);
	now = t.deadline;
	transfer_timeout(&t, now, &act);
	EXPECT_DATA(act, 64, 1);
	transfer_ack(&t, 60, now += 2 * MS, &act);
	EXPECT_DATA(act, 61, 16);
	/* It says nothing: then everything, and soon. */
	transfer_ack(&t, 76, now += 2 * MS, &act);
	EXPECT_DATA(act, 77, 16);
	transfer_timeout(&t, t.deadline, &act);
	EXPECT_DATA(act, 92, 1);
	assert_true(t.deadline < now + 40 * MS);
	transfer_timeout(&t, now = t.deadline, &act);
	EXPECT_DATA(act, 77, 16);
	/* What names a gap is no answer to both. */
	transfer_ack(&t, 80, now += 2 * MS, &act);
	EXPECT_DATA(act, 81, 16);
	transfer_ack(&t, 80, now += 9 * MS, &act);
	EXPECT_DATA(act, 81, 16);
}

/* A client that sends an ACK for each block that it has already. */
static void
an_ack_for_each_repeated_block(void **state)
{
	struct tftp_options asked = asking(512, 16);
	struct transfer_action act;
	struct transfer t;
	uint64_t now = 2 * MS, sent = 0;

	(void)state;
	begin(&t, &asked, 800 * 512);
	transfer_ack(&t, 5, now, &act);		/* 6 was lost */
	EXPECT_DATA(act, 6, 16);
	transfer_ack(&t, 7, now += 2 * MS, &act);	/* and 8 */
	EXPECT_DATA(act, 8, 16);
	/* It had 8 to 20, and says so of one after the other. */
	for (uint16_t n = 8; n <= 20; n++) {
		transfer_ack(&t, n, now + n, &act);
		sent += act.count;
		assert_true(act.count == 0 || act.first > 20);
	}
	assert_int_equal(sent, 13);	/* so many are new */
}

/* What the client did before it sent ACK 0 is no round trip. */
static void
a_late_ack_0_spoils_nothing(void **state)
{
	struct tftp_options asked = asking(512, 4), granted;
	struct transfer_action act;
	struct transfer t;
	uint64_t now;

	(void)state;
	/* The OACK and the answer to it are lost, each once. */
	transfer_start(&t, &asked, 90000, WINDOW_BYTES, &granted, 0, &act);
	transfer_request(&t, 1000 * MS, &act);
	now = 2000 * MS;
	transfer_ack(&t, 0, now, &act);
	EXPECT_DATA(act, 1, 4);
	assert_true(t.deadline <= now + 1000 * MS);
	transfer_ack(&t, 4, now += MS, &act);
	assert_true(t.deadline <= now + 20 * MS);
	/* It makes room for the file first; that counts only at first. */
	transfer_start(&t, &asked, 90000, WINDOW_BYTES, &granted, 0, &act);
	now = 100 * MS;
	transfer_ack(&t, 0, now, &act);
	assert_in_range(t.deadline - now, 100 * MS, 400 * MS);
	transfer_ack(&t, 4, now += MS, &act);
	assert_true(t.deadline <= now + 20 * MS);
	/* Its own time-out repeated the ACK: the next round trip tells. */
	transfer_start(&t, &asked, 90000, WINDOW_BYTES, &granted, 0, &act);
	transfer_ack(&t, 0, now = 900 * MS, &act);
	transfer_ack(&t, 4, now += 950 * MS, &act);
	transfer_ack(&t, 8, now += MS, &act);
	assert_true(t.deadline <= now + 20 * MS);
}

/* A window that begins with repeated blocks measures by the new ones. */
static void
a_window_with_a_gap_measures(void **state)
{
	struct tftp_options asked = asking(512, 4);
	struct transfer_action act;
	struct transfer t;
	uint64_t now = MS;

	(void)state;
	begin(&t, &asked, 800 * 512);
	for (uint16_t n = 3; n < 300; n = (uint16_t)(n + 3)) {
		/* The last of each window is lost; it takes 50 ms. */
		transfer_ack(&t, n, now += 50 * MS, &act);
		EXPECT_DATA(act, n + 1u, 4);
	}
	assert_in_range(t.srtt, 45 * MS, 55 * MS);
	transfer_timeout(&t, t.deadline, &act);
	transfer_timeout(&t, t.deadline, &act);
	now = t.deadline - MS;
	transfer_ack(&t, 300, now, &act);
	assert_true(t.deadline <= now + 80 * MS);
}

static void
the_clients_timeout_is_kept(void **state)
{
	struct tftp_options asked = with(none, TFTP_O_TIMEOUT, 3);
	struct transfer_action act;
	struct transfer t;

	(void)state;
	begin(&t, &asked, 100 * 512);
	transfer_ack(&t, 1, 2 * MS, &act);
	for (int i = 0; i < 3; i++) {
		uint64_t at = t.deadline;

		assert_int_equal(at, 2 * MS + (unsigned)(i + 1) * 3000 * MS);
		transfer_timeout(&t, at, &act);
		EXPECT_DATA(act, 2, 1);
	}
	asked = with(none, TFTP_O_UTIMEOUT, 50000);
	begin(&t, &asked, 100 * 512);
	transfer_ack(&t, 1, 2 * MS, &act);
	assert_int_equal(t.deadline, 2 * MS + 50 * MS);
	/* A short one: the client has no less time than others. */
	for (unsigned us = 10000; us < 2000000; us *= 2) {
		enum transfer_end end;
		unsigned packets;

		asked = with(none, TFTP_O_UTIMEOUT, us);
		begin(&t, &asked, 100 * 512);
		transfer_ack(&t, 1, 2 * MS, &act);
		assert_in_range(silence(&t, &end, &packets), 25000 * MS,
		    40000 * MS);
		assert_int_equal(end, TRANSFER_SILENT);
		assert_in_range(packets, 10, 25);
	}
}

static void
the_request_again(void **state)
{
	struct tftp_options asked = asking(1428, 16), granted;
	struct transfer_action act;
	struct transfer t;

	(void)state;
	transfer_start(&t, &asked, 90000, WINDOW_BYTES, &granted, 0, &act);
	transfer_request(&t, 1000 * MS, &act);
	assert_true(act.oack);
	assert_int_equal(act.count, 0);
	transfer_ack(&t, 0, 1001 * MS, &act);
	EXPECT_DATA(act, 1, 16);
	transfer_request(&t, 1002 * MS, &act);
	EXPECT_NOTHING(act);
	begin(&t, &none, 90000);
	transfer_request(&t, 1000 * MS, &act);
	EXPECT_DATA(act, 1, 1);
}

static void
errors_of_the_client(void **state)
{
	struct tftp_options asked = asking(1428, 0), granted;
	struct transfer_action act;
	struct transfer t;

	(void)state;
	transfer_start(&t, &asked, 90000, WINDOW_BYTES, &granted, 0, &act);
	transfer_error(&t, &act);
	EXPECT_END(act, TRANSFER_REFUSED);
	transfer_error(&t, &act);
	EXPECT_NOTHING(act);
	begin(&t, &asked, 90000);
	transfer_error(&t, &act);
	EXPECT_END(act, TRANSFER_ABORTED);
}

/* The end turns up while a window is being made. */
static void
a_size_that_is_known_late(void **state)
{
	struct tftp_options asked = asking(512, 8);
	struct transfer_action act;
	struct transfer t;

	(void)state;
	begin(&t, &asked, TRANSFER_UNKNOWN);
	transfer_ack(&t, 8, 2 * MS, &act);
	EXPECT_DATA(act, 9, 8);
	transfer_set_last(&t, 11);
	transfer_ack(&t, 12, 3 * MS, &act);
	EXPECT_NOTHING(act);
	transfer_ack(&t, 11, 4 * MS, &act);
	EXPECT_END(act, TRANSFER_DONE);
}

/*
 * A client that loses, doubles and holds back packets as a bad network
 * does; whatever comes to it in order is counted.  The whole file must
 * arrive, and not much more than was lost be sent.
 */
static void
a_bad_network(void **state)
{
	uint32_t dice = 1;

	(void)state;
	for (unsigned run = 0; run < 60; run++) {
		static const unsigned windows[] = { 1, 4, 16, 64 };
		struct tftp_options asked = asking(512, windows[run % 4]);
		struct transfer_action act;
		struct transfer t;
		uint64_t now = MS, want = 1, got = 0, sent = 0, n, last = 3000;
		unsigned in_window = 0;
		int ack;

#define ROLL(n)	((dice = dice * 1103515245u + 12345u) >> 16) % (n)
		begin(&t, &asked, (last - 1) * 512);
		act.first = 1;
		act.count = t.window;
		while (t.state != TRANSFER_OVER) {
			ack = -1;
			for (n = act.first; n < act.first + act.count; n++) {
				sent++;
				if (ROLL(100) < 5)
					continue;
				if (n == want) {
					want++;
					if (++in_window == t.window ||
					    n == last) {
						ack = (int)(n & 65535);
						in_window = 0;
					}
				} else {
					/* A gap, or something old. */
					ack = (int)((want - 1) & 65535);
					in_window = 0;
				}
			}
			got = want - 1;
			memset(&act, 0, sizeof act);
			now += 2 * MS;
			if (ack >= 0 && ROLL(100) >= 5) {
				transfer_ack(&t, (uint16_t)ack, now, &act);
				if (act.count == 0 && ROLL(100) < 10)
					transfer_ack(&t, (uint16_t)ack,
					    now + 100, &act);
			}
			if (t.state != TRANSFER_OVER && act.count == 0) {
				now = t.deadline;
				transfer_timeout(&t, now, &act);
			}
		}
		assert_int_equal(got, last);
		assert_true(now < 3600ull * TRANSFER_SECOND);
		assert_true(sent < 5 * last);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_rfc1350),
		cmocka_unit_test(sizes_at_the_edges),
		cmocka_unit_test(the_oack_has_what_was_asked_and_no_more),
		cmocka_unit_test(windows_end_with_the_file),
		cmocka_unit_test(no_sorcerers_apprentice),
		cmocka_unit_test(doubled_acks_of_windows),
		cmocka_unit_test(a_repeated_window_does_not_go_on),
		cmocka_unit_test(lost_blocks_are_sent_from_the_gap_on),
		cmocka_unit_test(an_ack_for_each_block_past_a_gap),
		cmocka_unit_test(acks_for_blocks_never_sent_are_nothing),
		cmocka_unit_test(a_slow_opening),
		cmocka_unit_test(block_numbers_roll_over),
		cmocka_unit_test(with_rollover_1_there_is_no_ack_0),
		cmocka_unit_test(silence_in_every_state_ends),
		cmocka_unit_test(a_lost_block_comes_again_soon),
		cmocka_unit_test(a_slow_client_is_waited_for),
		cmocka_unit_test(the_last_block_is_asked_about_first),
		cmocka_unit_test(an_ack_for_each_repeated_block),
		cmocka_unit_test(a_late_ack_0_spoils_nothing),
		cmocka_unit_test(a_window_with_a_gap_measures),
		cmocka_unit_test(the_clients_timeout_is_kept),
		cmocka_unit_test(the_request_again),
		cmocka_unit_test(errors_of_the_client),
		cmocka_unit_test(a_size_that_is_known_late),
		cmocka_unit_test(a_bad_network),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * Every way of sending must put the same packets on the wire: over loopback,
 * on ports of its own.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../../tftpd/packet.h"
#include "../../tftpd/send.h"

static int
bound(union tftpsend_address *a)
{
	int fd = socket(AF_INET, SOCK_DGRAM, 0), size = 4 * 1024 * 1024;
	socklen_t n = sizeof *a;

	assert_true(fd >= 0);
	memset(a, 0, sizeof *a);
	a->in.sin_family = AF_INET;
	a->in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(fd, &a->sa, sizeof a->in), 0);
	assert_int_equal(getsockname(fd, &a->sa, &n), 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size);
	return fd;
}

static void
gets(int fd, unsigned wire, size_t len)
{
	static uint8_t bytes[70000];
	ssize_t n = recv(fd, bytes, sizeof bytes, MSG_DONTWAIT);
	size_t i;

	assert_int_equal(n, len + TFTP_HEAD);
	assert_int_equal(bytes[1], TFTP_DATA);
	assert_int_equal(bytes[2] << 8 | bytes[3], wire);
	for (i = 0; i < len; i++)
		assert_int_equal(bytes[TFTP_HEAD + i], (uint8_t)(wire + i));
}

static void
same_packets(enum tftpsend_way way, size_t blksize, unsigned blocks,
    size_t last)
{
	static uint8_t data[300][9000];
	struct tftpsend *s = tftpsend_new(way);
	struct tftpsend_peer peer[2];
	union tftpsend_address a;
	int to[2];
	unsigned i, k;

	memset(peer, 0, sizeof peer);
	for (k = 0; k < 2; k++) {
		to[k] = bound(&peer[k].to);
		peer[k].fd = k == 0 ? bound(&a) : peer[0].fd;
		peer[k].from.in.sin_family = AF_INET;
		peer[k].from.in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	}
	for (k = 0; k < 2; k++)
		for (i = 0; i < blocks; i++) {
			size_t len = i + 1 < blocks ? blksize : last, c;
			struct iovec part[2] = { { data[i], len / 3 },
			    { data[i] + len / 3, len - len / 3 } };

			for (c = 0; c < len; c++)
				data[i][c] = (uint8_t)(i + 1 + c);
			tftpsend_data(s, &peer[k], (uint16_t)(i + 1), blksize,
			    part, len > 0 ? 2 : 0);
		}
	tftpsend_packet(s, &peer[0], "\0\5\0\1x", 6);
	assert_true(tftpsend_pending(s));
	tftpsend_flush(s);
	assert_false(tftpsend_pending(s));
	for (k = 0; k < 2; k++)
		for (i = 0; i < blocks; i++)
			gets(to[k], i + 1, i + 1 < blocks ? blksize : last);
	assert_int_equal(recv(to[0], data[0], 100, MSG_DONTWAIT), 6);
	assert_int_equal(recv(to[1], data[0], 100, MSG_DONTWAIT), -1);
	close(to[0]);
	close(to[1]);
	close(peer[0].fd);
	tftpsend_free(s);
}

static void
all_ways_are_equal(void **state)
{
	(void)state;
	for (int way = TFTPSEND_SEGMENT; way <= TFTPSEND_ONE; way++) {
		same_packets((enum tftpsend_way)way, 512, 1, 0);
		same_packets((enum tftpsend_way)way, 512, 64, 512);
		same_packets((enum tftpsend_way)way, 512, 65, 17);
		same_packets((enum tftpsend_way)way, 1428, 200, 1);
		same_packets((enum tftpsend_way)way, 8, 300, 0);
		same_packets((enum tftpsend_way)way, 8192, 20, 8191);
	}
}

/* A short packet ends its train: what follows is of full size again. */
static void
nothing_follows_a_short_one(void **state)
{
	static uint8_t data[512];
	static const size_t sizes[] = { 512, 17, 512, 0, 512, 512 };
	struct tftpsend *s = tftpsend_new(TFTPSEND_SEGMENT);
	struct tftpsend_peer peer;
	union tftpsend_address a;
	unsigned i;
	int to;

	(void)state;
	memset(&peer, 0, sizeof peer);
	to = bound(&peer.to);
	peer.fd = bound(&a);
	for (i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		struct iovec part = { data, sizes[i] };

		tftpsend_data(s, &peer, (uint16_t)i, sizeof data, &part, 1);
	}
	tftpsend_flush(s);
	for (i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
		assert_int_equal(recv(to, data, sizeof data, MSG_DONTWAIT |
		    MSG_TRUNC), sizes[i] + TFTP_HEAD);
	close(to);
	close(peer.fd);
	tftpsend_free(s);
}

/* A window is one system call where the system can do it. */
static void
trains_save_calls(void **state)
{
	struct tftpsend *s = tftpsend_new(TFTPSEND_SEGMENT);
	struct tftpsend_peer peer;
	static uint8_t data[1428];
	struct iovec part = { data, sizeof data };
	union tftpsend_address a;
	uint64_t calls, packets;
	int to;

	(void)state;
	memset(&peer, 0, sizeof peer);
	to = bound(&peer.to);
	peer.fd = bound(&a);
	for (unsigned i = 0; i < 64; i++)
		tftpsend_data(s, &peer, (uint16_t)i, sizeof data, &part, 1);
	tftpsend_flush(s);
	tftpsend_count(s, &calls, &packets);
	assert_int_equal(packets, 64);
	assert_int_equal(calls, peer.plain ? 65 : 1);
	close(to);
	close(peer.fd);
	tftpsend_free(s);
}

/* What a full socket does not take is lost, and not tried bit by bit. */
static void
full(void **state)
{
	static uint8_t data[1000];
	struct iovec part = { data, sizeof data };
	struct tftpsend *s = tftpsend_new(TFTPSEND_SEGMENT);
	struct tftpsend_peer peer;
	uint64_t calls, packets;
	int to = socket(AF_UNIX, SOCK_DGRAM, 0);
	unsigned i;

	(void)state;
	memset(&peer, 0, sizeof peer);
	/* The only kind whose queue is full when nobody reads. */
	peer.to.sa.sa_family = AF_UNIX;
	snprintf(peer.to.sa.sa_data + 1, sizeof peer.to.sa.sa_data - 1,
	    "t%ld", (long)getpid());
	assert_int_equal(bind(to, &peer.to.sa, sizeof peer.to.in), 0);
	peer.fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	while (sendto(peer.fd, "", 1, 0, &peer.to.sa, sizeof peer.to.in) == 1)
		;
	for (i = 0; i < 200; i++)
		tftpsend_data(s, &peer, (uint16_t)(i + 1), sizeof data,
		    &part, 1);
	tftpsend_flush(s);
	tftpsend_count(s, &calls, &packets);
	assert_int_equal(calls, 1);
	assert_int_equal(packets, 0);
	assert_false(peer.plain);
	assert_false(tftpsend_pending(s));
	tftpsend_free(s);
	close(peer.fd);
	close(to);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_ways_are_equal),
		cmocka_unit_test(nothing_follows_a_short_one),
		cmocka_unit_test(trains_save_calls),
		cmocka_unit_test(full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

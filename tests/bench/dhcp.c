/*
 * dhcp: a room of DHCP clients, to measure servers with (make bench).
 *
 *	dhcp [-b [-o SECONDS]] [-g GIADDR] [-n HOSTS] [-s SECONDS] [-w WINDOW]
 *	    DEVICE SERVER
 *	dhcp -e DEVICE
 *
 * Each client does DISCOVER, OFFER, REQUEST, ACK, at DEVICE: by broadcast, or
 * with -g as the relay of that address, to SERVER.  WINDOW of them are on
 * their way at any time; with -b, all HOSTS start in the same instant (evenly
 * over SECONDS with -o) and ask again as a ROM does, after 4, 8, 16 and 32 s,
 * then give up; seconds= is then until the last was served.  Client i of
 * HOSTS has hardware address 02:b0:00 and three bytes of i, and must get
 * 10.64.0.0 + i.  One line comes out, `name=value ...'.
 *
 * -e is a server that looks nothing up: what this program and the kernel can
 * do at most.
 */
#include <sys/types.h>
#include <sys/socket.h>

#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#define BATCH	64
#define SIZE	300
#define ROOM	1500
#define OPTIONS	240
#define FIRST	0x0a400000u	/* 10.64.0.0 */
#define BUFFER	(64 << 20)
#define AGAIN	1000000		/* us, in the closed loop */
#define TRIES	5
#define SAMPLES	(1u << 20)

enum { OP = 0, XID = 4, FLAGS = 10, YIADDR = 16, GIADDR = 24, CHADDR = 28 };
enum type { DISCOVER = 1, OFFER, REQUEST, ACK = 5 };

struct client {
	uint32_t host, server;	/* server: option 54 */
	uint32_t xid;
	uint8_t state;		/* what it sent; 0: done */
	uint8_t tries;
	uint64_t began, due;	/* us */
};

static struct {
	int fd;
	bool burst, echo;
	struct in_addr relay, server;
	uint32_t hosts, window, seconds, over;
	struct client *client;
	uint32_t next;		/* host to come */
	uint64_t done, again, lost, wrong, last;
	uint32_t *sample;
	/* what goes out in the next system call */
	unsigned n;
	struct mmsghdr out[BATCH];
	struct iovec out_iov[BATCH];
	struct sockaddr_in to;
	uint8_t bytes[BATCH][SIZE];
	/* what came */
	struct mmsghdr in[BATCH];
	struct iovec in_iov[BATCH];
	uint8_t got[BATCH][ROOM];
} b;

static const uint64_t rom_waits[TRIES] = { 4, 8, 16, 32, 32 };

static void settings(int argc, char *argv[]);
static void open_socket(const char *device);
static void run(void);
static void echo(void);
static void start(struct client *, uint64_t now);
static void send_one(struct client *, uint64_t now);
static void flush(void);
static void receive(uint64_t now);
static void overdue(uint64_t now);
static void report(uint64_t us);

int
main(int argc, char *argv[])
{
	settings(argc, argv);
	if (b.echo)
		echo();
	else
		run();
	return EX_OK;
}

static uint64_t
now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static void
put32(uint8_t *at, uint32_t v)
{
	v = htonl(v);
	memcpy(at, &v, 4);
}

static uint32_t
get32(const uint8_t *at)
{
	uint32_t v;

	memcpy(&v, at, 4);
	return ntohl(v);
}

static void
settings(int argc, char *argv[])
{
	int c;

	b.hosts = 1000;
	b.window = 256;
	b.seconds = 3;
	while ((c = getopt(argc, argv, "beg:n:o:s:w:")) != -1)
		switch (c) {
		case 'b': b.burst = true; break;
		case 'e': b.echo = true; break;
		case 'g': if (inet_pton(AF_INET, optarg, &b.relay) != 1)
				errx(EX_USAGE, "%s: no address", optarg);
			break;
		case 'n': b.hosts = (uint32_t)atol(optarg); break;
		case 'o': b.over = (uint32_t)atol(optarg); break;
		case 's': b.seconds = (uint32_t)atol(optarg); break;
		case 'w': b.window = (uint32_t)atol(optarg); break;
		default: exit(EX_USAGE);
		}
	if (argc - optind != (b.echo ? 1 : 2) || b.hosts == 0 ||
	    b.hosts > 1u << 22 || b.window == 0 || b.window > 65536 ||
	    b.seconds == 0 || b.seconds > 600 || b.over > 60)
		errx(EX_USAGE, "see the head of dhcp.c");
	if (!b.echo &&
	    inet_pton(AF_INET, argv[optind + 1], &b.server) != 1)
		errx(EX_USAGE, "%s: no address", argv[optind + 1]);
	if (b.burst)
		b.window = b.hosts;
	if (b.window > b.hosts)
		b.window = b.hosts;
	open_socket(argv[optind]);
}

static void
open_socket(const char *device)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
	    .sin_port = htons(b.echo || b.relay.s_addr != 0 ? 67 : 68) };
	int on = 1, size = BUFFER;
	unsigned i;

	b.fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	if (b.fd < 0 || setsockopt(b.fd, SOL_SOCKET, SO_BROADCAST, &on,
	    sizeof on) != 0 || setsockopt(b.fd, SOL_SOCKET, SO_BINDTODEVICE,
	    device, (socklen_t)strlen(device) + 1) != 0 ||
	    setsockopt(b.fd, SOL_SOCKET, SO_RCVBUFFORCE, &size,
	    sizeof size) != 0 || setsockopt(b.fd, SOL_SOCKET,
	    SO_SNDBUFFORCE, &size, sizeof size) != 0 ||
	    bind(b.fd, (struct sockaddr *)&at, sizeof at) != 0)
		err(EX_OSERR, "socket");
	b.to = (struct sockaddr_in){ .sin_family = AF_INET,
	    .sin_port = htons(b.echo ? 68 : 67), .sin_addr.s_addr =
	    b.relay.s_addr != 0 ? b.server.s_addr : INADDR_BROADCAST };
	for (i = 0; i < BATCH; i++) {
		b.out_iov[i] = (struct iovec){ b.bytes[i], SIZE };
		b.out[i].msg_hdr = (struct msghdr){ .msg_name = &b.to,
		    .msg_namelen = sizeof b.to, .msg_iov = &b.out_iov[i],
		    .msg_iovlen = 1 };
		b.in_iov[i] = (struct iovec){ b.got[i], ROOM };
		b.in[i].msg_hdr = (struct msghdr){ .msg_iov = &b.in_iov[i],
		    .msg_iovlen = 1 };
	}
}

static void
run(void)
{
	uint64_t began, now, end, scanned;
	struct pollfd p = { b.fd, POLLIN, 0 };
	uint32_t i;

	b.client = calloc(b.window, sizeof *b.client);
	b.sample = calloc(SAMPLES, sizeof *b.sample);
	if (b.client == NULL || b.sample == NULL)
		err(EX_OSERR, "memory");
	began = scanned = now = now_us();
	for (i = 0; i < b.window && b.over == 0; i++)
		start(&b.client[i], b.burst ? began : now_us());
	flush();
	/* 4 + 8 + 16 + 32 + 32 s is when the last of a burst gives up. */
	end = began + (b.burst ? 100 : b.seconds) * UINT64_C(1000000);
	while (now < end && (!b.burst || b.done + b.lost < b.hosts)) {
		poll(&p, 1, b.next < b.window ? 1 : 10);
		now = now_us();
		receive(now);
		while (b.next < b.window && now - began >=
		    b.over * UINT64_C(1000000) * b.next / b.window)
			start(&b.client[b.next], now);
		if (now - scanned > 20000) {
			overdue(now);
			scanned = now;
		}
		flush();
	}
	report((b.burst ? b.last : now) - began);
}

/* The next host, in an order that no cache foresees. */
static void
start(struct client *c, uint64_t now)
{
	c->host = (uint32_t)((uint64_t)b.next++ * 2654435761u % b.hosts);
	if (b.burst)
		c->host = b.next - 1;
	c->state = DISCOVER;
	c->tries = 0;
	c->began = now;
	/* Who it is, and which of its rounds. */
	c->xid = (uint32_t)(c - b.client) | (b.burst ? 0 : b.next << 16);
	send_one(c, now);
}

static void
send_one(struct client *c, uint64_t now)
{
	static const uint8_t list[] = { 55, 6, 1, 3, 6, 12, 15, 67 };
	uint8_t *p = b.bytes[b.n], *o = p + OPTIONS;

	memset(p, 0, SIZE);
	p[OP] = p[1] = 1;
	p[2] = 6;
	put32(p + XID, c->xid);
	if (b.relay.s_addr != 0) {
		p[3] = 1;
		memcpy(p + GIADDR, &b.relay, 4);
	} else {
		p[FLAGS] = 0x80;
	}
	put32(p + CHADDR, 0x02b00000 | c->host >> 16);
	p[CHADDR + 4] = (uint8_t)(c->host >> 8);
	p[CHADDR + 5] = (uint8_t)c->host;
	memcpy(p + 236, "\x63\x82\x53\x63", 4);
	memcpy(o, "\65\1", 2);
	o[2] = c->state;
	o += 3;
	if (c->state == REQUEST) {
		memcpy(o, "\62\4", 2);
		put32(o + 2, FIRST + c->host);
		memcpy(o + 6, "\66\4", 2);
		put32(o + 8, c->server);
		o += 12;
	}
	memcpy(o, list, sizeof list);
	o[sizeof list] = 255;
	c->due = now + (b.burst ? rom_waits[c->tries] * 1000000 : AGAIN);
	if (++b.n == BATCH)
		flush();
}

static void
flush(void)
{
	struct pollfd p = { b.fd, POLLOUT, 0 };
	unsigned at = 0;
	int n;

	while (at < b.n) {
		n = sendmmsg(b.fd, b.out + at, b.n - at, 0);
		if (n > 0)
			at += (unsigned)n;
		else if (errno == EAGAIN || errno == ENOBUFS)
			poll(&p, 1, 10);
		else
			err(EX_OSERR, "send");
	}
	b.n = 0;
}

/* Message type and server of a reply; 0: none. */
static uint8_t
read_reply(const uint8_t *p, size_t n, uint32_t *server)
{
	size_t i = OPTIONS;
	uint8_t type = 0;

	while (i + 1 < n && p[i] != 255) {
		if (p[i] == 0) {
			i++;
			continue;
		}
		if (i + 2 + p[i + 1] > n)
			break;
		if (p[i] == 53)
			type = p[i + 2];
		else if (p[i] == 54 && p[i + 1] == 4)
			*server = get32(p + i + 2);
		i += 2u + p[i + 1];
	}
	return type;
}

static void
one(const uint8_t *p, size_t n, uint64_t now)
{
	uint32_t xid = get32(p + XID), server = 0;
	uint32_t index = b.burst ? xid : xid & 0xffff;
	struct client *c;
	uint8_t type;

	if (n < OPTIONS || p[OP] != 2 || index >= b.window)
		return;
	c = &b.client[index];
	if (c->xid != xid || c->state == 0)
		return;
	type = read_reply(p, n, &server);
	if (get32(p + YIADDR) != FIRST + c->host) {
		b.wrong++;
	} else if (type == OFFER && c->state == DISCOVER) {
		c->state = REQUEST;
		c->server = server;
		send_one(c, now);
	} else if (type == ACK && c->state == REQUEST) {
		b.sample[b.done++ % SAMPLES] = (uint32_t)(now - c->began);
		b.last = now;
		c->state = 0;
		if (!b.burst)
			start(c, now);
	}
}

static void
receive(uint64_t now)
{
	int n, i, turn;

	for (turn = 0; turn < 16; turn++) {
		n = recvmmsg(b.fd, b.in, BATCH, MSG_DONTWAIT, NULL);
		for (i = 0; i < n; i++)
			one(b.got[i], b.in[i].msg_len, now);
		if (n < BATCH)
			return;
		now = now_us();
	}
}

static void
overdue(uint64_t now)
{
	struct client *c;

	for (c = b.client; c < b.client + b.window; c++) {
		if (c->state == 0 || c->due > now)
			continue;
		b.again++;
		if (++c->tries == TRIES) {
			b.lost++;
			c->state = 0;
			if (!b.burst)
				start(c, now);
			continue;
		}
		/* A ROM starts over. */
		if (b.burst)
			c->state = DISCOVER;
		send_one(c, now);
	}
}

static int
by_size(const void *x, const void *y)
{
	const uint32_t a = *(const uint32_t *)x, z = *(const uint32_t *)y;

	return a < z ? -1 : a > z;
}

static void
report(uint64_t us)
{
	size_t n = b.done < SAMPLES ? b.done : SAMPLES;

	if (n > 0)
		qsort(b.sample, n, sizeof *b.sample, by_size);
	printf("done=%llu seconds=%.3f rate=%.0f p50=%u p99=%u again=%llu "
	    "lost=%llu wrong=%llu\n", (unsigned long long)b.done,
	    (double)us / 1e6, us > 0 ? (double)b.done * 1e6 / (double)us : 0,
	    n > 0 ? b.sample[n / 2] : 0, n > 0 ? b.sample[n * 99 / 100] : 0,
	    (unsigned long long)b.again, (unsigned long long)b.lost,
	    (unsigned long long)b.wrong);
}

/* Turns each request round, in place; until it is ended. */
static void
echo(void)
{
	struct pollfd p = { b.fd, POLLIN, 0 };
	uint8_t *q;
	int n, i;

	for (;;) {
		n = recvmmsg(b.fd, b.in, BATCH, MSG_DONTWAIT, NULL);
		for (i = 0; i < n; i++) {
			q = b.got[i];
			memcpy(b.bytes[i], q, SIZE);
			q = b.bytes[i];
			q[OP] = 2;
			q[OPTIONS + 2] = q[OPTIONS + 2] == DISCOVER ? OFFER :
			    ACK;
			put32(q + YIADDR, FIRST +
			    (get32(q + CHADDR + 2) & 0xffffff));
		}
		b.n = n > 0 ? (unsigned)n : 0;
		flush();
		if (n <= 0)
			poll(&p, 1, -1);
	}
}

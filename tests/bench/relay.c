/*
 * relay: TFTP to a server far away (Linux).
 *
 *	relay [-D MS] OWN SERVER
 *
 * Requests that come to OWN port 69 go to SERVER port 69, and each packet of
 * the transfer, in both directions, arrives MS milliseconds late (20).  A
 * client has a pair of sockets: the server sees the port of one, the client
 * that of the other, as the answer comes from a port of its own (RFC 1350
 * section 4).  A request from a port that is known takes the place of the
 * one before.  Runs until it is ended.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define CLIENTS		4096
#define ROOM		65536
#define QUEUE		65536	/* packets on their way */
#define BUFFER		(16 * 1024 * 1024)
#define TFTP_PORT	69

struct client {
	int up, down;		/* seen by the server, by the client */
	struct sockaddr_in client, server;
};

struct late {			/* a packet on its way */
	uint64_t when;		/* us */
	int fd;
	struct sockaddr_in to;
	size_t len;
	uint8_t *bytes;
};

struct relay {
	int loop, door;
	uint64_t delay, now;	/* us */
	struct sockaddr_in own, server;
	size_t clients, in, out;	/* in, out: of the queue, a ring */
	struct client client[CLIENTS];
	struct late queue[QUEUE];
	uint8_t bytes[ROOM];
};

static void settings(struct relay *, int, char **);
static int open_socket(struct relay *, uint16_t, uint64_t);
static uint64_t clock_us(void);
static void receive(struct relay *, uint64_t);
static struct client *client_of(struct relay *, const struct sockaddr_in *);
static void hold(struct relay *, struct client *, bool, size_t);
static void deliver(struct relay *);
static int patience(const struct relay *);

int
main(int argc, char *argv[])
{
	static struct relay r;
	struct epoll_event come[64];
	int i, n;

	settings(&r, argc, argv);
	for (;;) {
		n = epoll_wait(r.loop, come, 64, patience(&r));
		r.now = clock_us();
		for (i = 0; i < n; i++)
			receive(&r, come[i].data.u64);
		deliver(&r);
	}
}

static void
settings(struct relay *r, int argc, char **argv)
{
	int c;

	r->delay = 20000;
	while ((c = getopt(argc, argv, "D:")) != -1) {
		if (c != 'D')
			exit(64);
		r->delay = (uint64_t)(strtod(optarg, NULL) * 1000);
	}
	r->own.sin_family = r->server.sin_family = AF_INET;
	r->server.sin_port = htons(TFTP_PORT);
	if (argc - optind != 2 ||
	    inet_pton(AF_INET, argv[optind], &r->own.sin_addr) != 1 ||
	    inet_pton(AF_INET, argv[optind + 1], &r->server.sin_addr) != 1) {
		fputs("usage: relay [-D MS] OWN SERVER\n", stderr);
		exit(64);
	}
	r->loop = epoll_create1(0);
	r->door = open_socket(r, TFTP_PORT, CLIENTS * 2);
}

/* what: comes back from the loop when something is there to be read. */
static int
open_socket(struct relay *r, uint16_t port, uint64_t what)
{
	struct sockaddr_in a = r->own;
	struct epoll_event e = { .events = EPOLLIN, .data.u64 = what };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	int size = BUFFER;

	a.sin_port = htons(port);
	if (what % 2 == 1)		/* towards the server */
		a.sin_addr.s_addr = htonl(INADDR_ANY);
	if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof a) != 0 ||
	    epoll_ctl(r->loop, EPOLL_CTL_ADD, fd, &e) != 0) {
		fprintf(stderr, "relay: socket: %s\n", strerror(errno));
		exit(71);
	}
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size);
	return fd;
}

static uint64_t
clock_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}

/* what / 2 is the client, an odd one means that the server speaks. */
static void
receive(struct relay *r, uint64_t what)
{
	struct client *c = what < CLIENTS * 2 ? &r->client[what / 2] : NULL;
	bool up = what % 2 == 0;
	int fd = c == NULL ? r->door : up ? c->down : c->up;
	struct sockaddr_in from;
	socklen_t n;
	ssize_t len;

	for (;;) {
		n = sizeof from;
		len = recvfrom(fd, r->bytes, ROOM, 0,
		    (struct sockaddr *)&from, &n);
		if (len < 0)
			return;
		if (what == CLIENTS * 2 && (c = client_of(r, &from)) == NULL)
			continue;
		if (!up)
			c->server = from;
		hold(r, c, up, (size_t)len);
	}
}

static struct client *
client_of(struct relay *r, const struct sockaddr_in *from)
{
	struct client *c;
	size_t i;

	for (i = 0; i < r->clients; i++) {
		c = &r->client[i];
		if (c->client.sin_port == from->sin_port &&
		    c->client.sin_addr.s_addr == from->sin_addr.s_addr) {
			c->server = r->server;
			return c;
		}
	}
	if (r->clients == CLIENTS)
		return NULL;
	c = &r->client[r->clients];
	c->client = *from;
	c->server = r->server;
	c->down = open_socket(r, 0, r->clients * 2);
	c->up = open_socket(r, 0, r->clients * 2 + 1);
	r->clients++;
	return c;
}

static void
hold(struct relay *r, struct client *c, bool up, size_t len)
{
	struct late *l = &r->queue[r->in % QUEUE];

	if (r->in - r->out == QUEUE || (l->bytes = malloc(len + 1)) == NULL)
		return;
	memcpy(l->bytes, r->bytes, len);
	l->len = len;
	l->fd = up ? c->up : c->down;
	l->to = up ? c->server : c->client;
	l->when = r->now + r->delay;
	r->in++;
}

static void
deliver(struct relay *r)
{
	struct late *l;

	for (; r->out < r->in; r->out++) {
		l = &r->queue[r->out % QUEUE];
		if (l->when > r->now)
			return;
		sendto(l->fd, l->bytes, l->len, 0,
		    (struct sockaddr *)&l->to, sizeof l->to);
		free(l->bytes);
	}
}

/* Milliseconds until the next packet is due; up, as less would spin. */
static int
patience(const struct relay *r)
{
	uint64_t now = clock_us(), when = r->queue[r->out % QUEUE].when;

	if (r->in == r->out)
		return -1;
	return when > now ? (int)((when - now + 999) / 1000) : 0;
}

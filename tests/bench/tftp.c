/*
 * tftp: many TFTP clients at once, as a load for a server (Linux, root).
 *
 *	tftp [-c CLIENTS] [-n TRANSFERS] [-o BLKSIZE/WINDOW[,...]] [-d DIR]
 *	    [-t SECONDS] INTERFACE OWN SERVER NAME...
 *
 * CLIENTS transfers run at a time (1) until TRANSFERS are over (as many as
 * clients).  Transfer i asks for NAME i and options i, each list from the
 * front again when it ends; a %x in a NAME is i in six digits, xx-xx-xx.
 * With -d each byte is compared with the file of that name below DIR.
 *
 * A socket for each client would cost more than a good server does, and
 * hide how good it is.  So one packet socket hears all clients, and one raw
 * socket speaks for all: many packets in a system call, a train as it left
 * the server (UDP_SEGMENT) in one piece.  Each transfer has a port of its
 * own, from PORT_FIRST on.  The caller drops what comes to these ports
 * (nftables), so that the system does not answer that nobody is there.
 *
 * Prints one line of NAME=VALUE: doubled are blocks that came again, ahead
 * such as came too early (something was lost), asked what the client had to
 * send again itself.  Exit status 1 if a transfer failed.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <linux/virtio_net.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define LISTS		16	/* names, options */
#define BATCH		64	/* packets of one system call */
#define ROOM		70000
#define BUFFER		(64 * 1024 * 1024)
#define PORT_FIRST	10000u
#define PORTS		22000u	/* below what systems give out */
#define TFTP_PORT	69
#define PATIENCE	1.0	/* seconds without a packet, then ask again */
#define SCAN		0.2
#define OUT_MAX		512

struct options {
	unsigned blksize, window;
};

struct name {
	const char *text;
	const uint8_t *bytes;	/* NULL: nothing to compare with */
	size_t size;
};

struct client {
	bool busy, gap;
	uint16_t server;	/* its port; 0: nothing came yet */
	const struct name *name;
	size_t number;		/* of its transfer */
	unsigned asked;		/* index of its options */
	unsigned blksize, window;	/* as granted */
	unsigned held;		/* blocks since the last ACK */
	uint64_t want;		/* the next block */
	uint64_t bytes;
	uint64_t seen;		/* want when it was looked at last */
	double began, last;
};

struct headers {		/* in front of what a client sends */
	struct iphdr ip;
	struct udphdr udp;
};

struct outbox {
	size_t n;
	struct mmsghdr message[BATCH];
	struct iovec piece[BATCH];
	uint8_t bytes[BATCH][OUT_MAX];
};

struct inbox {
	struct mmsghdr message[BATCH];
	struct iovec piece[BATCH];
	uint8_t bytes[BATCH][ROOM];
};

struct load {
	size_t clients, transfers, begun, over, ports, next;
	unsigned options, names;
	double limit;
	struct options option[LISTS];
	struct name name[LISTS];
	struct sockaddr_in own, server;
	int in, out;
	double now;
	struct client *client;
	double *took;
	uint64_t bytes, packets, doubled, ahead, asked, wrong, failed;
	char error[80];
	struct inbox inbox;
	struct outbox outbox;
};

static void settings(struct load *, int, char **);
static void option_list(struct load *, char *);
static void open_name(struct name *, const char *, const char *);
static void open_in(struct load *, const char *);
static void open_out(struct load *);
static double now(void);
static void begin(struct load *);
static void request(struct load *, struct client *);
static void send_to(struct load *, struct client *, const void *, size_t);
static void flush(struct load *);
static void receive(struct load *);
static void frame(struct load *, const uint8_t *, size_t);
static bool is_answer(const uint8_t *, size_t);
static void packet(struct load *, struct client *, const uint8_t *, size_t);
static void oack(struct client *, const uint8_t *, size_t);
static void data(struct load *, struct client *, uint16_t, const uint8_t *,
    size_t);
static void ack(struct load *, struct client *, uint64_t);
static void finish(struct load *, struct client *, bool);
static void scan(struct load *);
static int print(struct load *, double);
static int by_value(const void *, const void *);

int
main(int argc, char *argv[])
{
	static struct load l;
	double start, scanned;

	settings(&l, argc, argv);
	start = scanned = l.now = now();
	while (l.begun < l.clients)
		begin(&l);
	flush(&l);
	while (l.over < l.transfers) {
		receive(&l);
		if (l.now - scanned >= SCAN) {
			scanned = l.now;
			scan(&l);
		}
		flush(&l);
		if (l.now - start > l.limit)
			break;
	}
	return print(&l, now() - start);
}

static void
settings(struct load *l, int argc, char **argv)
{
	const char *dir = NULL;
	char plain[] = "512/1";
	int c;

	l->clients = 1;
	l->limit = 120;
	while ((c = getopt(argc, argv, "c:n:o:d:t:")) != -1) {
		switch (c) {
		case 'c': l->clients = strtoul(optarg, NULL, 10); break;
		case 'n': l->transfers = strtoul(optarg, NULL, 10); break;
		case 'o': option_list(l, optarg); break;
		case 'd': dir = optarg; break;
		case 't': l->limit = strtod(optarg, NULL); break;
		default: exit(64);
		}
	}
	if (l->options == 0)
		option_list(l, plain);
	if (l->transfers < l->clients)
		l->transfers = l->clients;
	l->own.sin_family = l->server.sin_family = AF_INET;
	if (argc - optind < 4 || l->clients == 0 || l->clients > PORTS ||
	    inet_pton(AF_INET, argv[optind + 1], &l->own.sin_addr) != 1 ||
	    inet_pton(AF_INET, argv[optind + 2], &l->server.sin_addr) != 1) {
		fputs("usage: tftp [-c CLIENTS] [-n TRANSFERS] [-o BLKSIZE/"
		    "WINDOW[,...]] [-d DIR]\n\t[-t SECONDS] INTERFACE OWN "
		    "SERVER NAME...\n", stderr);
		exit(64);
	}
	open_in(l, argv[optind]);
	open_out(l);
	for (optind += 3; optind < argc && l->names < LISTS; optind++)
		open_name(&l->name[l->names++], argv[optind], dir);
	l->ports = l->transfers < PORTS ? l->transfers : PORTS;
	l->client = calloc(l->ports, sizeof *l->client);
	l->took = calloc(l->transfers, sizeof *l->took);
}

static void
option_list(struct load *l, char *text)
{
	char *word;
	struct options *o;

	for (word = strtok(text, ","); word != NULL && l->options < LISTS;
	    word = strtok(NULL, ",")) {
		o = &l->option[l->options++];
		if (sscanf(word, "%u/%u", &o->blksize, &o->window) != 2) {
			fprintf(stderr, "tftp: %s: not BLKSIZE/WINDOW\n",
			    word);
			exit(64);
		}
	}
}

static void
open_name(struct name *n, const char *text, const char *dir)
{
	char path[1024];
	struct stat st;
	void *map;
	int fd;

	n->text = text;
	if (dir == NULL)
		return;
	snprintf(path, sizeof path, "%s/%s", dir, text);
	fd = open(path, O_RDONLY);
	if (fd < 0 || fstat(fd, &st) != 0 || (map = mmap(NULL,
	    (size_t)st.st_size + 1, PROT_READ, MAP_SHARED | MAP_POPULATE, fd,
	    0)) == MAP_FAILED) {
		fprintf(stderr, "tftp: %s: %s\n", path, strerror(errno));
		exit(66);
	}
	close(fd);
	n->bytes = map;
	n->size = (size_t)st.st_size;
}

/* Hears UDP to the clients' ports, and nothing else. */
static void
open_in(struct load *l, const char *interface)
{
	struct sock_filter code[] = {	/* of Ethernet frames */
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 14 + 9),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_UDP, 0, 5),
		BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 14),
		BPF_STMT(BPF_LD | BPF_H | BPF_IND, 14 + 2),
		BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, PORT_FIRST, 0, 2),
		BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, PORT_FIRST + PORTS, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, 0x40000),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct sock_fprog program = { sizeof code / sizeof code[0], code };
	struct sockaddr_ll a = { .sll_family = AF_PACKET, .sll_protocol =
	    htons(ETH_P_IP), .sll_ifindex = (int)if_nametoindex(interface) };
	int on = 1, size = BUFFER, i;
	struct timeval patience = { 0, 100000 };

	l->in = socket(AF_PACKET, SOCK_RAW, 0);
	if (l->in < 0 || setsockopt(l->in, SOL_SOCKET, SO_ATTACH_FILTER,
	    &program, sizeof program) != 0 || setsockopt(l->in, SOL_PACKET,
	    PACKET_VNET_HDR, &on, sizeof on) != 0 || setsockopt(l->in,
	    SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) != 0 ||
	    setsockopt(l->in, SOL_SOCKET, SO_RCVTIMEO, &patience,
	    sizeof patience) != 0 ||
	    bind(l->in, (struct sockaddr *)&a, sizeof a) != 0) {
		fprintf(stderr, "tftp: %s: %s\n", interface,
		    strerror(errno));
		exit(71);
	}
	for (i = 0; i < BATCH; i++) {
		l->inbox.piece[i] = (struct iovec){ l->inbox.bytes[i], ROOM };
		l->inbox.message[i].msg_hdr.msg_iov = &l->inbox.piece[i];
		l->inbox.message[i].msg_hdr.msg_iovlen = 1;
	}
}

/* A raw socket of this protocol sends whole IP packets and hears nothing. */
static void
open_out(struct load *l)
{
	struct outbox *o = &l->outbox;
	int i, size = BUFFER;

	l->out = socket(AF_INET, SOCK_RAW, IPPROTO_RAW);
	if (l->out < 0 || setsockopt(l->out, SOL_SOCKET, SO_SNDBUFFORCE,
	    &size, sizeof size) != 0) {
		fprintf(stderr, "tftp: raw socket: %s\n", strerror(errno));
		exit(71);
	}
	for (i = 0; i < BATCH; i++) {
		o->piece[i].iov_base = o->bytes[i];
		o->message[i].msg_hdr.msg_iov = &o->piece[i];
		o->message[i].msg_hdr.msg_iovlen = 1;
		o->message[i].msg_hdr.msg_name = &l->server;
		o->message[i].msg_hdr.msg_namelen = sizeof l->server;
	}
}

static double
now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* The next transfer, on the port that has rested longest. */
static void
begin(struct load *l)
{
	struct client *c;

	do {
		c = &l->client[l->next];
		l->next = (l->next + 1) % l->ports;
	} while (c->busy);
	*c = (struct client){ .busy = true, .want = 1, .blksize = 512,
	    .window = 1, .number = l->begun,
	    .name = &l->name[l->begun % l->names],
	    .asked = (unsigned)(l->begun % l->options), .began = l->now };
	l->begun++;
	request(l, c);
}

static void
request(struct load *l, struct client *c)
{
	const struct options *o = &l->option[c->asked];
	char bytes[OUT_MAX - 64] = "\0\1", *p = bytes + 2;
	char *end = bytes + sizeof bytes;
	const char *percent = strstr(c->name->text, "%x");

	if (percent == NULL)
		p += snprintf(p, 256, "%s", c->name->text) + 1;
	else
		p += snprintf(p, 256, "%.*s%02zx-%02zx-%02zx%s",
		    (int)(percent - c->name->text), c->name->text,
		    c->number >> 16 & 255, c->number >> 8 & 255,
		    c->number & 255, percent + 2) + 1;
	p = stpcpy(p, "octet") + 1;
	if (o->blksize != 512)
		p += snprintf(p, (size_t)(end - p), "blksize%c%u", 0,
		    o->blksize) + 1;
	if (o->window != 1)
		p += snprintf(p, (size_t)(end - p), "windowsize%c%u", 0,
		    o->window) + 1;
	c->last = l->now;
	send_to(l, c, bytes, (size_t)(p - bytes));
}

static void
send_to(struct load *l, struct client *c, const void *bytes, size_t len)
{
	struct outbox *o = &l->outbox;
	uint8_t *to = o->bytes[o->n];
	size_t whole = sizeof(struct headers) + len;
	struct headers h = {
		.ip = { .version = 4, .ihl = 5, .ttl = 64,
		    .protocol = IPPROTO_UDP,
		    .saddr = l->own.sin_addr.s_addr,
		    .daddr = l->server.sin_addr.s_addr },
		.udp = { .source = htons((uint16_t)(PORT_FIRST +
		    (size_t)(c - l->client))), .dest = c->server != 0 ?
		    c->server : htons(TFTP_PORT),
		    .len = htons((uint16_t)(sizeof h.udp + len)) },
	};

	memcpy(to, &h, sizeof h);
	memcpy(to + sizeof h, bytes, len);
	o->piece[o->n++].iov_len = whole;
	if (o->n == BATCH)
		flush(l);
}

static void
flush(struct load *l)
{
	struct outbox *o = &l->outbox;
	size_t sent;
	int n;

	for (sent = 0; sent < o->n; sent += n > 0 ? (size_t)n : 1)
		n = sendmmsg(l->out, o->message + sent,
		    (unsigned)(o->n - sent), 0);
	o->n = 0;
}

static void
receive(struct load *l)
{
	int i, n;

	n = recvmmsg(l->in, l->inbox.message, BATCH, MSG_WAITFORONE, NULL);
	l->now = now();
	for (i = 0; i < n; i++)
		frame(l, l->inbox.bytes[i], l->inbox.message[i].msg_len);
}

/* What the packet socket gives: a train's packets stand in one frame. */
static void
frame(struct load *l, const uint8_t *bytes, size_t len)
{
	struct virtio_net_hdr train;
	struct udphdr udp;
	struct client *c;
	size_t head, at, n, segment, number;

	head = sizeof train + ETH_HLEN;
	if (len < head + sizeof(struct headers))
		return;
	memcpy(&train, bytes, sizeof train);
	head += (bytes[head] & 15u) * 4;
	memcpy(&udp, bytes + head, sizeof udp);
	head += sizeof udp;
	at = ntohs(udp.dest) - PORT_FIRST;
	if (at >= l->ports || head > len)
		return;
	c = &l->client[at];
	number = c->number;
	/* Padding to the least frame of Ethernet is no data. */
	n = ntohs(udp.len);
	if (train.gso_type == VIRTIO_NET_HDR_GSO_NONE &&
	    n >= sizeof udp && head + n - sizeof udp < len)
		len = head + n - sizeof udp;
	segment = train.gso_type != VIRTIO_NET_HDR_GSO_NONE ?
	    train.gso_size : len - head;
	for (at = head; at < len; at += segment) {
		if (c->number != number)
			continue;
		if (c->server == 0 && !is_answer(bytes + at, len - at))
			continue;
		if (c->server == 0)
			c->server = udp.source;
		packet(l, c, bytes + at, len - at < segment ? len - at :
		    segment);
	}
}

/*
 * To a request: not the last block that the server of the run before sends
 * once more to the same port.
 */
static bool
is_answer(const uint8_t *bytes, size_t len)
{
	return len >= 4 && (bytes[1] != 3 || (bytes[2] == 0 && bytes[3] == 1));
}

static void
packet(struct load *l, struct client *c, const uint8_t *bytes, size_t len)
{
	l->packets++;
	if (!c->busy || len < 4) {
		l->doubled++;
		return;
	}
	switch (bytes[1]) {
	case 3:
		data(l, c, (uint16_t)(bytes[2] << 8 | bytes[3]), bytes + 4,
		    len - 4);
		break;
	case 5:
		snprintf(l->error, sizeof l->error, "%.*s", (int)(len - 4),
		    (const char *)bytes + 4);
		finish(l, c, false);
		break;
	case 6:
		if (c->want > 1) {
			l->doubled++;
			break;
		}
		oack(c, bytes + 2, len - 2);
		ack(l, c, 0);
		break;
	}
}

static void
oack(struct client *c, const uint8_t *bytes, size_t len)
{
	const char *p = (const char *)bytes, *end = p + len, *value;

	if (len == 0 || end[-1] != '\0')
		return;
	while (p < end) {
		value = p + strlen(p) + 1;
		if (value >= end)
			break;
		if (strcmp(p, "blksize") == 0)
			c->blksize = (unsigned)atoi(value);
		if (strcmp(p, "windowsize") == 0)
			c->window = (unsigned)atoi(value);
		p = value + strlen(value) + 1;
	}
}

static void
data(struct load *l, struct client *c, uint16_t wire, const uint8_t *bytes,
    size_t len)
{
	uint16_t off = (uint16_t)(wire - (uint16_t)c->want);
	const struct name *n = c->name;

	if (off != 0) {
		if (off < 32768)
			l->ahead++;
		else
			l->doubled++;
		/*
		 * Once for a gap (RFC 7440 section 4).  The last block again
		 * says that the server has not seen its ACK.
		 */
		if (off == UINT16_MAX || (c->window > 1 && !c->gap)) {
			ack(l, c, c->want - 1);
			c->gap = true;
			c->held = 0;
		}
		return;
	}
	if (n->bytes != NULL && (c->bytes + len > n->size ||
	    memcmp(n->bytes + c->bytes, bytes, len) != 0))
		l->wrong++;
	c->gap = false;
	c->bytes += len;
	c->held++;
	c->want++;
	if (len < c->blksize) {
		if (n->bytes != NULL && c->bytes != n->size)
			l->wrong++;
		ack(l, c, c->want - 1);
		finish(l, c, true);
	} else if (c->held >= c->window) {
		ack(l, c, c->want - 1);
		c->held = 0;
	}
}

static void
ack(struct load *l, struct client *c, uint64_t block)
{
	uint8_t bytes[4] = { 0, 4, (uint8_t)(block >> 8), (uint8_t)block };

	c->last = l->now;
	send_to(l, c, bytes, sizeof bytes);
}

static void
finish(struct load *l, struct client *c, bool whole)
{
	l->took[l->over++] = l->now - c->began;
	l->bytes += c->bytes;
	l->failed += !whole;
	c->busy = false;
	if (l->begun < l->transfers)
		begin(l);
}

/* Those that get no further ask again. */
static void
scan(struct load *l)
{
	struct client *c;
	size_t i;

	for (i = 0; i < l->ports; i++) {
		c = &l->client[i];
		if (!c->busy)
			continue;
		if (c->want != c->seen) {
			c->seen = c->want;
			c->last = l->now;
		}
		if (l->now - c->last < PATIENCE)
			continue;
		l->asked++;
		c->last = l->now;
		c->gap = false;
		c->held = 0;
		if (c->server == 0)
			request(l, c);
		else
			ack(l, c, c->want - 1);
	}
}

static int
print(struct load *l, double seconds)
{
	struct rusage used;
	size_t unfinished = l->transfers - l->over;

	getrusage(RUSAGE_SELF, &used);
	qsort(l->took, l->over, sizeof *l->took, by_value);
	printf("seconds=%.3f mbs=%.1f rate=%.0f median=%.3f slowest=%.3f "
	    "bytes=%llu packets=%llu doubled=%llu ahead=%llu asked=%llu "
	    "wrong=%llu failed=%llu unfinished=%zu cpu=%.2f%s%s\n", seconds,
	    (double)l->bytes / seconds / 1e6, (double)l->over / seconds,
	    l->over > 0 ? l->took[l->over / 2] : 0,
	    l->over > 0 ? l->took[l->over - 1] : 0,
	    (unsigned long long)l->bytes, (unsigned long long)l->packets,
	    (unsigned long long)l->doubled, (unsigned long long)l->ahead,
	    (unsigned long long)l->asked, (unsigned long long)l->wrong,
	    (unsigned long long)l->failed, unfinished,
	    (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
	    (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6,
	    l->error[0] != '\0' ? " error=" : "", l->error);
	return l->wrong > 0 || l->failed > 0 || unfinished > 0;
}

static int
by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/*
 * Batches and trains of DATA packets: see send.h.
 */
#include <errno.h>
#include <netinet/udp.h>
#include <stdlib.h>
#include <string.h>

#include "packet.h"
#include "send.h"

#ifdef __linux__
#ifndef UDP_SEGMENT
#define UDP_SEGMENT	103	/* linux/udp.h */
#endif
#endif

#define MESSAGES	64	/* elements of one sendmmsg */
#define BLOCKS		1024
#define PIECES		4096
#define TRAIN_SEGMENTS	64	/* the kernel's UDP_MAX_SEGMENTS */
#define TRAIN_BYTES	65000	/* of one element, below an IP packet's end */

union control {
	struct cmsghdr align;
	char bytes[CMSG_SPACE(sizeof(struct in6_pktinfo)) +
	    CMSG_SPACE(sizeof(uint16_t))];
};

struct train {			/* one element: DATA packets for one peer */
	struct tftpsend_peer *peer;
	size_t first_piece;
	size_t pieces;
	size_t segment;		/* bytes of each packet but the last */
	size_t bytes;
	unsigned packets;
	bool closed;		/* its last packet was a short one */
};

struct packet {			/* an OACK or ERROR */
	struct tftpsend_peer peer;
	uint8_t bytes[TFTP_REPLY_MAX];
};

struct tftpsend {
	enum tftpsend_way way;
	size_t trains, blocks, pieces, others;
	uint64_t calls, packets;
	struct train train[MESSAGES];
	struct mmsghdr message[MESSAGES];
	union control control[MESSAGES];
	struct packet other[MESSAGES];
	uint8_t head[BLOCKS][TFTP_HEAD];
	struct iovec piece[PIECES];
};

static struct train *train_for(struct tftpsend *, struct tftpsend_peer *,
    size_t segment, size_t bytes);
static size_t send_from(struct tftpsend *, size_t);
static void message_of(struct msghdr *, union control *,
    const struct tftpsend_peer *, struct iovec *, size_t, size_t segment);
static void send_apart(struct tftpsend *, struct train *);

struct tftpsend *
tftpsend_new(enum tftpsend_way way)
{
	struct tftpsend *s = calloc(1, sizeof *s);

	if (s != NULL)
		s->way = way;
	return s;
}

void
tftpsend_free(struct tftpsend *s)
{
	free(s);
}

void
tftpsend_data(struct tftpsend *s, struct tftpsend_peer *peer, uint16_t wire,
    size_t blksize, const struct iovec *parts, size_t n)
{
	size_t i, bytes = TFTP_HEAD;
	struct train *t;

	if (s->blocks == BLOCKS || s->pieces + n + 1 > PIECES)
		tftpsend_flush(s);
	for (i = 0; i < n; i++)
		bytes += parts[i].iov_len;
	t = train_for(s, peer, TFTP_HEAD + blksize, bytes);
	tftp_head(s->head[s->blocks], wire);
	s->piece[s->pieces].iov_base = s->head[s->blocks++];
	s->piece[s->pieces++].iov_len = TFTP_HEAD;
	memcpy(s->piece + s->pieces, parts, n * sizeof *parts);
	s->pieces += n;
	t->pieces += n + 1;
	t->bytes += bytes;
	t->packets++;
	t->closed = bytes < t->segment;
}

/* The last train if this packet can be its next one, else a new one. */
static struct train *
train_for(struct tftpsend *s, struct tftpsend_peer *peer, size_t segment,
    size_t bytes)
{
	struct train *t = s->trains > 0 ? &s->train[s->trains - 1] : NULL;

	if (t != NULL && t->peer == peer && s->way == TFTPSEND_SEGMENT &&
	    !peer->plain && !t->closed && t->segment == segment &&
	    t->packets < TRAIN_SEGMENTS && t->bytes + bytes <= TRAIN_BYTES)
		return t;
	if (s->trains == MESSAGES || (t != NULL && t->peer->fd != peer->fd))
		tftpsend_flush(s);
	t = &s->train[s->trains++];
	memset(t, 0, sizeof *t);
	t->peer = peer;
	t->segment = segment;
	t->first_piece = s->pieces;
	return t;
}

bool
tftpsend_pending(const struct tftpsend *s)
{
	return s->trains > 0;
}

void
tftpsend_flush(struct tftpsend *s)
{
	size_t i;
	struct train *t;

	for (i = 0; i < s->trains; i++) {
		t = &s->train[i];
		message_of(&s->message[i].msg_hdr, &s->control[i], t->peer,
		    s->piece + t->first_piece, t->pieces,
		    t->packets > 1 ? t->segment : 0);
	}
	for (i = 0; i < s->trains;) {
		i += send_from(s, i);
		/* The socket is full, for as long as it waits: no use. */
		if (i == s->trains || errno == EAGAIN)
			break;
		/* This one was refused: a train is tried in parts. */
		t = &s->train[i++];
		if (t->packets > 1) {
			t->peer->plain = true;
			send_apart(s, t);
		}
	}
	s->trains = s->blocks = s->pieces = s->others = 0;
}

/* Sends messages from i on until one is refused: how many went. */
static size_t
send_from(struct tftpsend *s, size_t i)
{
	size_t n, sent = 0;
	int r;

	while (i + sent < s->trains) {
		s->calls++;
#if defined(__linux__) || defined(__FreeBSD__)
		n = s->way == TFTPSEND_ONE ? 1 : s->trains - i - sent;
		r = (int)sendmmsg(s->train[i].peer->fd,
		    s->message + i + sent, (unsigned)n, 0);
#else
		n = 1;
		r = sendmsg(s->train[i].peer->fd,
		    &s->message[i + sent].msg_hdr, 0) < 0 ? -1 : 1;
#endif
		if (r < 0 && errno == EINTR)
			continue;
		if (r <= 0)
			break;
		for (n = 0; n < (size_t)r; n++)
			s->packets += s->train[i + sent + n].packets;
		sent += (size_t)r;
	}
	return sent;
}

static void
message_of(struct msghdr *m, union control *control,
    const struct tftpsend_peer *peer, struct iovec *piece, size_t pieces,
    size_t segment)
{
	struct cmsghdr *c = &control->align;
	size_t len = 0;

	memset(m, 0, sizeof *m);
	m->msg_name = (void *)(uintptr_t)&peer->to;
	m->msg_namelen = tftpsend_len(&peer->to);
	m->msg_iov = piece;
	m->msg_iovlen = pieces;
	m->msg_control = control;
	m->msg_controllen = sizeof *control;
	memset(control, 0, sizeof *control);
	if (peer->from.sa.sa_family == AF_INET6) {
		struct in6_pktinfo pi = { .ipi6_addr =
		    peer->from.in6.sin6_addr };

		c->cmsg_level = IPPROTO_IPV6;
		c->cmsg_type = IPV6_PKTINFO;
		c->cmsg_len = CMSG_LEN(sizeof pi);
		memcpy(CMSG_DATA(c), &pi, sizeof pi);
		len = CMSG_SPACE(sizeof pi);
	} else if (peer->from.sa.sa_family == AF_INET) {
#ifdef __linux__
		struct in_pktinfo pi = { .ipi_spec_dst =
		    peer->from.in.sin_addr };

		c->cmsg_level = IPPROTO_IP;
		c->cmsg_type = IP_PKTINFO;
#else
		struct in_addr pi = peer->from.in.sin_addr;

		c->cmsg_level = IPPROTO_IP;
		c->cmsg_type = IP_SENDSRCADDR;
#endif
		c->cmsg_len = CMSG_LEN(sizeof pi);
		memcpy(CMSG_DATA(c), &pi, sizeof pi);
		len = CMSG_SPACE(sizeof pi);
	}
#ifdef UDP_SEGMENT
	if (segment > 0) {
		uint16_t size = (uint16_t)segment;

		c = (struct cmsghdr *)(void *)(control->bytes + len);
		c->cmsg_level = IPPROTO_UDP;
		c->cmsg_type = UDP_SEGMENT;
		c->cmsg_len = CMSG_LEN(sizeof size);
		memcpy(CMSG_DATA(c), &size, sizeof size);
		len += CMSG_SPACE(sizeof size);
	}
#else
	(void)segment;
#endif
	m->msg_controllen = len;
	if (len == 0)
		m->msg_control = NULL;
}

/* Each packet of a train by itself: the way is too narrow for UDP_SEGMENT. */
static void
send_apart(struct tftpsend *s, struct train *t)
{
	struct iovec *p = s->piece + t->first_piece, *end = p + t->pieces;
	struct msghdr m;
	union control control;
	size_t n, bytes;

	for (; p < end; p += n) {
		/* A packet begins with the only piece that is a head. */
		for (n = 1, bytes = 0; p + n < end && bytes + TFTP_HEAD <
		    t->segment; n++)
			bytes += p[n].iov_len;
		message_of(&m, &control, t->peer, p, n, 0);
		s->calls++;
		if (sendmsg(t->peer->fd, &m, 0) >= 0)
			s->packets++;
		else if (errno == EAGAIN)
			return;
	}
}

void
tftpsend_packet(struct tftpsend *s, const struct tftpsend_peer *peer,
    const void *bytes, size_t len)
{
	struct packet *p;
	struct train *t;

	if (s->trains == MESSAGES || s->pieces == PIECES ||
	    (s->trains > 0 && s->train[s->trains - 1].peer->fd != peer->fd))
		tftpsend_flush(s);
	p = &s->other[s->others++];
	p->peer = *peer;
	if (len > sizeof p->bytes)
		len = sizeof p->bytes;
	memcpy(p->bytes, bytes, len);
	t = &s->train[s->trains++];
	*t = (struct train){ .peer = &p->peer, .first_piece = s->pieces,
	    .pieces = 1, .segment = len, .bytes = len, .packets = 1,
	    .closed = true };
	s->piece[s->pieces].iov_base = p->bytes;
	s->piece[s->pieces++].iov_len = len;
}

void
tftpsend_count(const struct tftpsend *s, uint64_t *calls, uint64_t *packets)
{
	*calls = s->calls;
	*packets = s->packets;
}

socklen_t
tftpsend_len(const union tftpsend_address *a)
{
	return a->sa.sa_family == AF_INET6 ? sizeof a->in6 : sizeof a->in;
}

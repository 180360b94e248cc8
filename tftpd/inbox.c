/*
 * Packets on their way in: see inbox.h.
 */
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "inbox.h"
#include "peer.h"

struct inbox {
	struct mmsghdr message[INBOX_PACKETS];
	struct iovec piece[INBOX_PACKETS];
	union tftpsend_address from[INBOX_PACKETS];
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(struct in6_pktinfo)) + 64];
	} control[INBOX_PACKETS];
	int used;		/* by the last receive */
	size_t room;		/* for each packet */
	uint8_t bytes[];	/* of all */
};

static void ready(struct inbox *, int);

struct inbox *
inbox_new(size_t room)
{
	struct inbox *in = calloc(1, sizeof *in + INBOX_PACKETS * room);
	int i;

	if (in == NULL)
		return NULL;
	in->room = room;
	for (i = 0; i < INBOX_PACKETS; i++)
		in->piece[i] = (struct iovec){ in->bytes + (size_t)i * room,
		    room };
	ready(in, INBOX_PACKETS);
	return in;
}

void
inbox_free(struct inbox *in)
{
	free(in);
}

/* The first n have been written to by the system. */
static void
ready(struct inbox *in, int n)
{
	struct msghdr *m;
	int i;

	for (i = 0; i < n; i++) {
		m = &in->message[i].msg_hdr;
		m->msg_name = &in->from[i];
		m->msg_namelen = sizeof in->from[i];
		m->msg_iov = &in->piece[i];
		m->msg_iovlen = 1;
		m->msg_control = &in->control[i];
		m->msg_controllen = sizeof in->control[i];
		m->msg_flags = 0;
	}
}

int
inbox_receive(struct inbox *in, int fd)
{
	int n;

	ready(in, in->used);
	do
		n = recvmmsg(fd, in->message, INBOX_PACKETS, MSG_DONTWAIT,
		    NULL);
	while (n < 0 && errno == EINTR);
	in->used = n < 0 ? 0 : n;
	return in->used;
}

const uint8_t *
inbox_packet(struct inbox *in, int i, size_t *len, bool *cut)
{
	*len = in->message[i].msg_len;
	*cut = (in->message[i].msg_hdr.msg_flags & MSG_TRUNC) != 0;
	return in->bytes + (size_t)i * in->room;
}

const union tftpsend_address *
inbox_from(const struct inbox *in, int i)
{
	return &in->from[i];
}

void
inbox_peer(struct inbox *in, int i, struct tftpsend_peer *peer)
{
	peer_read(peer, &in->message[i].msg_hdr, &in->from[i]);
}

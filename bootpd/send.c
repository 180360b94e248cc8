#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "send.h"

#define BROADCAST_IP	0xffffffffu
#define TTL		64
#define TOS_LOWDELAY	0x10
#define SEND_WAIT_MS	100
#define HURRY_US	1000000		/* after a wait in vain */

static const uint8_t broadcast_mac[6] = {
	0xff, 0xff, 0xff, 0xff, 0xff, 0xff
};

static bool open_devices(struct sender *, const struct interfaces *,
    char *why, size_t size);
static bool add_frame(struct sender *, const struct answer *,
    const struct interface *, uint32_t source, uint16_t source_port,
    bool *failed);
static void flush_udp(struct sender *, int udp, uint64_t now);
static void flush_frames(struct sender *, uint64_t now);

bool
sender_open(struct sender *s, const struct interfaces *all, char *why,
    size_t size)
{
	s->n = s->frames = s->devices = 0;
	s->packet = -1;
	s->hurry = 0;
	s->device = NULL;
	return open_devices(s, all, why, size);
}

void
sender_close(struct sender *s)
{
	size_t i;

	for (i = 0; i < s->devices; i++)
		libnet_destroy(s->device[i].libnet);
	free(s->device);
	s->device = NULL;
	s->devices = 0;
	if (s->packet >= 0)
		close(s->packet);
	s->packet = -1;
}

static bool
open_device(struct sender *s, int type, const char *name, unsigned index,
    char *why, size_t size)
{
	char error[LIBNET_ERRBUF_SIZE] = "";
	struct sender_device *d = &s->device[s->devices];

	*d = (struct sender_device){ .index = index };
	/* libnet takes char *, and does not write to it. */
	d->libnet = libnet_init(type, (char *)(uintptr_t)name, error);
	if (d->libnet == NULL) {
		error[strcspn(error, "\n")] = '\0';
		snprintf(why, size, "%s%s%s", name != NULL ? name : "",
		    name != NULL ? ": " : "", error);
		return false;
	}
	s->devices++;
	return true;
}

/* The message's address and, as ancillary data, which way it goes. */
static void
address_message(struct sending *m, struct msghdr *h)
{
	struct cmsghdr *c;

	*h = (struct msghdr){ .msg_name = &m->to,
	    .msg_namelen = sizeof m->to, .msg_iov = &m->iov,
	    .msg_iovlen = 1, .msg_control = m->control.bytes };
#ifdef __linux__
	const int type = IP_PKTINFO;
	struct in_pktinfo info = {
		/* Where it is routed is the kernel's to say, but for this. */
		.ipi_ifindex = m->to.sin_addr.s_addr == INADDR_BROADCAST ?
		    (int)m->index : 0,
		.ipi_spec_dst.s_addr = htonl(m->source),
	};
#else
	const int type = IP_SENDSRCADDR;
	struct in_addr info = { htonl(m->source) };
#endif

	memset(&m->control, 0, sizeof m->control);
	h->msg_controllen = CMSG_SPACE(sizeof info);
	c = CMSG_FIRSTHDR(h);
	c->cmsg_level = IPPROTO_IP;
	c->cmsg_type = type;
	c->cmsg_len = CMSG_LEN(sizeof info);
	memcpy(CMSG_DATA(c), &info, sizeof info);
}

void
sender_add(struct sender *s, const struct answer *a,
    const struct interface *i, uint32_t source, uint16_t source_port,
    bool *failed)
{
	struct sending *m;

	*failed = false;
	if (a->to != ANSWER_ADDRESS && i != NULL && i->ethernet &&
	    add_frame(s, a, i, source, source_port, failed))
		return;
	m = &s->udp[s->n++];
	m->answer = a;
	m->failed = failed;
	m->index = i != NULL ? i->index : 0;
	m->source = source;
	m->iov = (struct iovec){ (void *)(uintptr_t)a->bytes, a->n };
	m->to = (struct sockaddr_in){ .sin_family = AF_INET,
	    .sin_port = htons(a->port), .sin_addr.s_addr =
	    htonl(a->to == ANSWER_ADDRESS ? a->address : BROADCAST_IP) };
}

/* The frame is made now and kept until the flush. */
static bool
add_frame(struct sender *s, const struct answer *a,
    const struct interface *i, uint32_t source, uint16_t source_port,
    bool *failed)
{
	const uint8_t *to = a->to == ANSWER_LINK ? a->bytes + 28 :
	    broadcast_mac;
	uint32_t address = a->to == ANSWER_LINK ? a->address : BROADCAST_IP;
	struct sender_device *d = NULL;
	uint8_t *bytes;
	uint32_t n;
	size_t k;

	for (k = 0; k < s->devices && d == NULL; k++)
		if (s->device[k].index == 0 || s->device[k].index == i->index)
			d = &s->device[k];
	if (d == NULL)
		return false;
	d->udp = libnet_build_udp(source_port, a->port,
	    (uint16_t)(LIBNET_UDP_H + a->n), 0, a->bytes, (uint32_t)a->n,
	    d->libnet, d->udp > 0 ? d->udp : 0);
	d->ip = libnet_build_ipv4((uint16_t)(LIBNET_IPV4_H + LIBNET_UDP_H +
	    a->n), TOS_LOWDELAY, 0, 0, TTL, IPPROTO_UDP, 0, htonl(source),
	    htonl(address), NULL, 0, d->libnet, d->ip > 0 ? d->ip : 0);
	d->ethernet = libnet_build_ethernet(to, i->mac, ETHERTYPE_IP, NULL,
	    0, d->libnet, d->ethernet > 0 ? d->ethernet : 0);
	if (d->udp < 0 || d->ip < 0 || d->ethernet < 0 ||
	    libnet_adv_cull_packet(d->libnet, &bytes, &n) < 0) {
		libnet_clear_packet(d->libnet);
		d->udp = d->ip = d->ethernet = 0;
		return false;
	}
	s->frame[s->frames].libnet = d->libnet;
	s->frame[s->frames].bytes = bytes;
	s->frame[s->frames].n = n;
	s->frame[s->frames].index = i->index;
	s->frame[s->frames].failed = failed;
	s->frames++;
	return true;
}

void
sender_flush(struct sender *s, int udp, uint64_t now)
{
	if (s->frames > 0)
		flush_frames(s, now);
	if (s->n > 0)
		flush_udp(s, udp, now);
	s->frames = s->n = 0;
}

/* There was room in the socket again in time. */
static bool
wait_for_room(struct sender *s, int fd, uint64_t now)
{
	struct pollfd writable = { .fd = fd, .events = POLLOUT };

	if (now < s->hurry)
		return false;
	if (poll(&writable, 1, SEND_WAIT_MS) > 0)
		return true;
	s->hurry = now + HURRY_US;
	return false;
}

/* Sends all; failed[i] of what the kernel did not take. */
static void
send_all(struct sender *s, int fd, struct mmsghdr *m, size_t n,
    bool **failed, uint64_t now)
{
	size_t i = 0;
	int sent;
	bool waited = false, full = false;

	while (i < n) {
		sent = full ? 0 : sendmmsg(fd, m + i, (unsigned)(n - i),
		    MSG_DONTWAIT);
		if (sent > 0) {
			i += (size_t)sent;
			waited = false;
		} else if (sent < 0 && errno == EINTR) {
			continue;
		} else if (sent < 0 && errno == EAGAIN) {
			full = waited || !wait_for_room(s, fd, now);
			waited = true;
		} else {
			*failed[i++] = true;
		}
	}
}

static void
flush_udp(struct sender *s, int udp, uint64_t now)
{
	struct mmsghdr m[SEND_BATCH];
	bool *failed[SEND_BATCH];
	size_t i;

	for (i = 0; i < s->n; i++) {
		address_message(&s->udp[i], &m[i].msg_hdr);
		m[i].msg_len = 0;
		failed[i] = s->udp[i].failed;
	}
	send_all(s, udp, m, s->n, failed, now);
}

#ifdef __linux__
#include <linux/if_packet.h>

/*
 * Frames are made by libnet and leave by one packet socket for all
 * interfaces.  A socket of libnet's own takes in every frame that passes any
 * of them, and the kernel waits for all processors before it is closed: ours
 * is of no protocol.  Without one libnet gives no frame away unless told
 * afterwards that it makes them.
 */
static bool
open_devices(struct sender *s, const struct interfaces *all, char *why,
    size_t size)
{
	(void)all;
	s->device = calloc(1, sizeof s->device[0]);
	if (s->device == NULL ||
	    !open_device(s, LIBNET_NONE, NULL, 0, why, size))
		return false;
	s->device[0].libnet->injection_type = LIBNET_LINK_ADV;
	s->packet = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	if (s->packet < 0) {
		snprintf(why, size, "packet socket: %s", strerror(errno));
		sender_close(s);
	}
	return s->packet >= 0;
}

static void
flush_frames(struct sender *s, uint64_t now)
{
	struct mmsghdr m[SEND_BATCH];
	struct sockaddr_ll to[SEND_BATCH];
	struct iovec iov[SEND_BATCH];
	bool *failed[SEND_BATCH];
	size_t i;

	for (i = 0; i < s->frames; i++) {
		to[i] = (struct sockaddr_ll){ .sll_family = AF_PACKET,
		    .sll_protocol = htons(ETHERTYPE_IP),
		    .sll_ifindex = (int)s->frame[i].index,
		    .sll_halen = sizeof broadcast_mac };
		memcpy(to[i].sll_addr, s->frame[i].bytes,
		    sizeof broadcast_mac);
		iov[i] = (struct iovec){ s->frame[i].bytes, s->frame[i].n };
		m[i].msg_len = 0;
		m[i].msg_hdr = (struct msghdr){ .msg_name = &to[i],
		    .msg_namelen = sizeof to[i], .msg_iov = &iov[i],
		    .msg_iovlen = 1 };
		failed[i] = s->frame[i].failed;
	}
	send_all(s, s->packet, m, s->frames, failed, now);
	for (i = 0; i < s->frames; i++)
		libnet_adv_free_packet(s->frame[i].libnet,
		    s->frame[i].bytes);
}

#else	/* the BSDs: a packet filter device each */

static bool
open_devices(struct sender *s, const struct interfaces *all, char *why,
    size_t size)
{
	size_t i;

	s->device = calloc(all->n > 0 ? all->n : 1, sizeof s->device[0]);
	if (s->device == NULL)
		return false;
	for (i = 0; i < all->n; i++)
		if (all->at[i].ethernet && !open_device(s, LIBNET_LINK_ADV,
		    all->at[i].name, all->at[i].index, why, size))
			return false;
	return true;
}

static void
flush_frames(struct sender *s, uint64_t now)
{
	size_t i;

	(void)now;
	for (i = 0; i < s->frames; i++) {
		if (libnet_adv_write_link(s->frame[i].libnet,
		    s->frame[i].bytes, s->frame[i].n) < 0)
			*s->frame[i].failed = true;
		libnet_adv_free_packet(s->frame[i].libnet,
		    s->frame[i].bytes);
	}
}
#endif

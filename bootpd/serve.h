/*
 * What bootpd has open, and the batch of packets at hand.  All of it is
 * there from the start: a packet allocates nothing.
 */
#ifndef SERVE_H
#define SERVE_H

#include <sys/types.h>
#include <sys/socket.h>

#include <netinet/in.h>

#include "answer.h"
#include "interface.h"
#include "lent.h"
#include "recent.h"
#include "send.h"
#include "service.h"

#define SERVE_BATCH	SEND_BATCH
#define SERVE_PACKET_MAX 2048
#define SERVE_REASONS	64

/* What one packet of a batch brings, until the batch is sent. */
struct job {
	struct answer answer;
	struct event_record event;
	bool failed;		/* to be sent */
	bool limited;		/* one of too many */
	uint32_t dropped;	/* then: how many the event stands for */
};

struct server {
	bool show;			/* each packet, at LOG_DEBUG */
	char **interface;		/* answer by these alone; NULL: all */
	uint32_t only[SERVICE_FDS_MAX];	/* or by those with these addresses */
	size_t nonly;
	uint16_t port;
	char name[256];			/* of this machine, or "" */
	struct service service;
	bool proxy;
	int boot_fd;			/* port 4011 of a proxy, or -1 */
	bool boot_port;			/* this batch came there */
	struct hostdb *db;
	bool mute;			/* said already that it fails */
	struct event_ring *events;
	struct lent *lent;		/* NULL: nothing is lent */
	struct interfaces interfaces;
	struct sender sender;
	struct answer_codes codes;
	uint64_t packets, answered, reasons[SERVE_REASONS];
	uint64_t complained;		/* of damage, last: s since 1970 */
	uint64_t now;			/* us, when this batch came */
	uint64_t seconds;		/* the same, since 1970 */
	uint64_t ticked;		/* the last bootpd_tick, us */
	struct recent recent;
	/* the batch */
	struct mmsghdr message[SERVE_BATCH];
	struct iovec iov[SERVE_BATCH];
	union {
		struct sockaddr any;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;	/* of IPv4, mapped: ipv6.h */
	} from[SERVE_BATCH];
	union {
		struct cmsghdr align;
		char bytes[128];
	} control[SERVE_BATCH];
	uint8_t bytes[SERVE_BATCH][SERVE_PACKET_MAX];
	struct job job[SERVE_BATCH];
	struct identity expected[SERVE_BATCH];
	/* the packet at hand */
	struct dhcp_packet packet;
	struct host host;
};

/* Fills in what recvmmsg needs; once. */
void bootpd_prepare(struct server *);

/*
 * Receives all that waits on the socket fd, answers it, and records each
 * packet as one event.
 */
void bootpd_serve(struct server *, int fd);

/* Records what storms left untold; does so once a second at most. */
void bootpd_tick(struct server *);

#endif

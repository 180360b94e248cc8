/*
 * Sends answers, many in one system call: to addresses by the UDP socket
 * they came from; to clients that cannot answer ARP yet as an Ethernet frame
 * of their own, made by libnet.
 */
#ifndef SEND_H
#define SEND_H

#include <sys/types.h>
#include <sys/socket.h>

#include <libnet.h>
#include <stdbool.h>

#include "answer.h"
#include "interface.h"

#define SEND_BATCH	64

/* One message of a batch; the answer stays the caller's until the flush. */
struct sending {
	const struct answer *answer;
	bool *failed;
	unsigned index;			/* of the interface */
	uint32_t source;		/* our address, host byte order */
	struct sockaddr_in to;
	struct iovec iov;
	union {
		struct cmsghdr align;
		char bytes[64];
	} control;
};

struct sender_device {
	unsigned index;
	libnet_t *libnet;
	libnet_ptag_t udp, ip, ethernet;
};

struct sender {
	/* One for all on Linux, one an interface elsewhere; 0: no frames. */
	size_t devices;
	struct sender_device *device;
	int packet;			/* socket for frames, or -1 */
	uint64_t hurry;			/* until then nothing is waited for */
	size_t n;			/* by UDP */
	struct sending udp[SEND_BATCH];
	size_t frames;
	struct {
		libnet_t *libnet;
		uint8_t *bytes;
		uint32_t n;
		unsigned index;
		bool *failed;
	} frame[SEND_BATCH];
};

/*
 * Opens what needs privilege.  False: why says it, and then frames go out
 * as broadcasts of the UDP socket instead.
 */
bool sender_open(struct sender *, const struct interfaces *, char *why,
    size_t size);
void sender_close(struct sender *);

/*
 * Adds an answer that goes somewhere, by interface i (NULL: unknown) from
 * our address source.  At most SEND_BATCH between two flushes.  *failed is
 * set if it could not be sent.
 */
void sender_add(struct sender *, const struct answer *,
    const struct interface *i, uint32_t source, uint16_t source_port,
    bool *failed);

/*
 * Sends all that was added, now in us.  A full socket is waited for a moment;
 * but once in vain, not again for a second: what is in it may be for relays
 * that do not answer ARP, and then the others would wait for nothing.
 */
void sender_flush(struct sender *, int udp, uint64_t now);

#endif

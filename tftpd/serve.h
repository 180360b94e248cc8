/*
 * The parts of tftpd's loop, for each other: server.c waits and receives,
 * serve_request.c begins what a request asks for, serve_port.c knows by which
 * socket, serve_send.c has the files on their way out, serve_take.c those
 * that come.
 *
 * Transfers share sockets, so that one system call receives many clients'
 * packets and one sends theirs.  But whoever knows the port of a transfer can
 * acknowledge in its client's name, and have windows sent to an address that
 * did not ask.  So a transfer has one of SERVE_SHARED sockets, nobody can say
 * which, for each packet that one ACK draws, and the first ACK at a wrong one
 * ends it: who guesses gains nothing on the average.  One whose ACK draws more
 * than SERVE_PACKETS has a socket and port of its own, as with other servers.
 */
#ifndef TFTPD_SERVE_H
#define TFTPD_SERVE_H

#include "inbox.h"
#include "keeper.h"
#include "ready.h"
#include "server.h"
#include "table.h"

#define SERVE_REQUEST_MAX 2048	/* bytes of one; longer ones are refused */
#define SERVE_WINDOW_BYTES (1024 * 1024)	/* in flight to one client */
#define SERVE_SECOND_US	1000000
#define SERVE_SHARED	32
#define SERVE_PACKETS	4u
#define SERVE_POOL	(SERVE_SHARED * SERVE_PACKETS)	/* of a family */
#define SERVE_PORTS	(SERVICE_FDS_MAX + 2 * SERVE_POOL)

struct port {			/* a socket, and who takes what comes in */
	int fd;
	sa_family_t family;
	void (*take)(struct server *, const struct port *, int);
	struct flight *of;	/* whose own it is; NULL: many share it */
};

struct server {
	struct server_settings set;
	struct table *table;
	struct tftpsend *out;
	struct flight *dead;	/* freed at the end of the turn */
	uint64_t now;		/* us */
	uint64_t second;	/* the last one seen to */
	struct content found;	/* of the request in hand */
	size_t ports, given;	/* the first ones are the service's */
	struct port port[SERVE_PORTS];
	struct pool {		/* of port: what transfers share */
		size_t first, n;
		unsigned own;	/* besides: those of one transfer each */
		unsigned own_most;
	} pool[2];		/* of IPv4, IPv6 */
	unsigned shared;	/* so many in one, SERVE_POOL or less */
	int own_below;		/* descriptors from here on are for files */
	struct ready *ready;	/* says a port, or NULL: the keeper */
	void *readable[READY_MOST];
	uint16_t luck[128];	/* of these the first ones are not used up */
	size_t lucks;
	struct keeper *keeper;	/* NULL: no files are taken */
	struct inbox *in;
};

/* Packet i of the inbox: it came to a socket of requests, of transfers. */
void serve_request(struct server *, const struct port *, int i);
void serve_packet(struct server *, const struct port *, int i);

/* Not too often; what asks too often is told once, and gets no answer. */
bool serve_may_ask(struct server *, const union tftpsend_address *);
/* An ERROR; text NULL: that of the code. */
void serve_refuse(struct server *, const struct tftpsend_peer *,
    enum tftp_code, const char *text);
/* What s->found says of the request (to "read" or "write") is no file. */
void serve_refuse_found(struct server *, const struct tftpsend_peer *,
    const char *what, const char *name);
/*
 * A flight for that request, sum its checksum; not yet in the table.  NULL:
 * no memory, and the client will ask again.
 */
struct flight *serve_new_flight(struct server *,
    const struct tftpsend_peer *, const struct tftp_request *, uint64_t sum);
/* Into the table, t.deadline is set. */
void serve_add(struct server *, struct flight *);

/* Opens what transfers of that family share.  False, and why in words. */
bool serve_port_pool(struct server *, sa_family_t, char *why, size_t);
/* One more that is waited for.  False with errno. */
bool serve_port_add(struct server *, int fd, sa_family_t,
    void (*take)(struct server *, const struct port *, int));
/* A socket for what draws so many packets an ACK, SERVE_PACKETS at most. */
int serve_port_shared(struct server *, sa_family_t, unsigned packets);
/* The flight's transfer is set up: the socket that it runs on. */
void serve_port_choose(struct server *, struct flight *);
/* own: of a flight, may be NULL. */
void serve_port_close(struct server *, struct port *own);

/* What transfer.c wants done. */
void serve_step(struct server *, struct flight *,
    const struct transfer_action *);
/* The client's ERROR, whatever is missing of it: it gives up. */
bool serve_heard_error(struct flight *, const uint8_t *, size_t);
/* It is over, and told; freed at the end of the turn. */
void serve_finish(struct server *, struct flight *, enum transfer_end);

/* A write request. */
void serve_take_begin(struct server *, const struct tftpsend_peer *,
    const struct tftp_request *, uint64_t sum);
/* What upload.c wants done; bytes: of the DATA that came, if one did. */
void serve_take_step(struct server *, struct flight *,
    const struct upload_action *, const uint8_t *bytes, size_t);
/* A packet for a file that comes to us. */
void serve_take_packet(struct server *, struct flight *, const uint8_t *,
    size_t);
/* Files that are on the disk and in their place now, or cannot be. */
void serve_take_kept(struct server *);

#endif

/*
 * bare: what the sockets alone cost (Linux).  A server of DATA that cannot
 * do anything else: one file in memory, one block size, window 1, and no
 * look at who asks for what; so no server of files can need less.
 *
 *	bare ADDRESS BLKSIZE FILE
 *
 * Each packet to port 69 is answered with one: a request with an OACK of
 * that block size, or block 1 where it is 512; an ACK with the next block.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define BATCH	64
#define BUFFER	(8 * 1024 * 1024)

struct box {			/* a packet that came, and what it gets */
	struct sockaddr_in who;
	uint8_t in[512];
	uint8_t head[64];
	struct iovec piece[2];
};

static struct mmsghdr in[BATCH], out[BATCH];
static struct box box[BATCH];
static uint64_t next[65536];	/* block, by the client's port */
static size_t blksize, size;
static uint8_t *bytes;

static int
answer(struct box *b, size_t len)
{
	uint16_t port = b->who.sin_port, wire;
	uint64_t *n = &next[port], at;

	if (len < 4)
		return 0;
	if (b->in[1] == 1) {
		*n = blksize != 512 ? 0 : 1;
	} else if (b->in[1] == 4) {
		wire = (uint16_t)(b->in[2] << 8 | b->in[3]);
		if (wire != (uint16_t)*n)
			return 0;
		++*n;
	} else
		return 0;
	b->piece[1].iov_len = 0;
	if (*n == 0) {
		memcpy(b->head, "\0\6blksize", 10);
		b->piece[0].iov_len = 10 + 1 + (size_t)snprintf(
		    (char *)b->head + 10, sizeof b->head - 10, "%zu",
		    blksize);
		return 1;
	}
	at = (*n - 1) * blksize;
	if (at > size)
		return 0;
	b->head[0] = 0;
	b->head[1] = 3;
	b->head[2] = (uint8_t)(*n >> 8);
	b->head[3] = (uint8_t)*n;
	b->piece[0].iov_len = 4;
	b->piece[1].iov_base = bytes + at;
	b->piece[1].iov_len = size - at < blksize ? size - at : blksize;
	return 1;
}

int
main(int argc, char *argv[])
{
	struct sockaddr_in own = { .sin_family = AF_INET,
	    .sin_port = htons(69) };
	static struct iovec room[BATCH];
	int fd, file, i, n, sent, buffer = BUFFER;
	unsigned answers;
	struct stat st;

	if (argc != 4 || inet_pton(AF_INET, argv[1], &own.sin_addr) != 1 ||
	    (blksize = strtoul(argv[2], NULL, 10)) == 0)
		return 64;
	file = open(argv[3], O_RDONLY);
	if (file < 0 || fstat(file, &st) != 0 || (bytes = mmap(NULL,
	    (size_t)st.st_size, PROT_READ, MAP_SHARED | MAP_POPULATE, file,
	    0)) == MAP_FAILED)
		return 66;
	size = (size_t)st.st_size;
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&own, sizeof own) != 0)
		return 71;
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &buffer, sizeof buffer);
	setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &buffer, sizeof buffer);
	for (i = 0; i < BATCH; i++) {
		room[i] = (struct iovec){ box[i].in, sizeof box[i].in };
		box[i].piece[0].iov_base = box[i].head;
		in[i].msg_hdr = (struct msghdr){ .msg_name = &box[i].who,
		    .msg_iov = &room[i], .msg_iovlen = 1 };
	}
	for (;;) {
		for (i = 0; i < BATCH; i++)
			in[i].msg_hdr.msg_namelen = sizeof box[i].who;
		n = recvmmsg(fd, in, BATCH, MSG_WAITFORONE, NULL);
		for (i = 0, answers = 0; i < n; i++)
			if (answer(&box[i], in[i].msg_len))
				out[answers++].msg_hdr = (struct msghdr){
				    .msg_name = &box[i].who,
				    .msg_namelen = sizeof box[i].who,
				    .msg_iov = box[i].piece,
				    .msg_iovlen = 2 };
		for (i = 0; i < (int)answers; i += sent)
			if ((sent = sendmmsg(fd, out + i,
			    answers - (unsigned)i, 0)) <= 0)
				sent = 1;
	}
}

/*
 * http: many HTTP clients at once, as a load for a server (Linux).
 *
 *	http [-1v] [-c CLIENTS] [-n REQUESTS] [-t SECONDS] [-d DIR]
 *	    ADDRESS PORT NAME
 *
 * CLIENTS connections (1) ask for NAME, each again and again on the same
 * connection until REQUESTS (as many as clients) are answered or SECONDS (60)
 * are over.  With -1 each request has a connection of its own.  With -d each
 * byte is compared with NAME below DIR; without it the kernel throws the
 * bodies away uncopied, so that the clients cost little beside the server.
 * -v shows the first head.
 *
 * Prints one line of NAME=VALUE; bytes are those of bodies, also of such as
 * the end of time cut off (unfinished).  Exit status 1 if a request failed.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define BATCH		256	/* events of one system call */
#define ROOM		(1024 * 1024)
#define HEAD_MAX	1024
#define SPARE_FDS	16

struct client {
	int fd;			/* -1: none */
	bool busy;		/* asked, and not all has come */
	bool closing;		/* the server will close it after this one */
	size_t head;		/* bytes of it that are there */
	uint64_t want, got;	/* of the body */
	double began;
	char bytes[HEAD_MAX];
};

struct load {
	size_t clients, requests, begun, over;
	bool once, show;
	double limit, now;
	struct sockaddr_in server;
	const uint8_t *file;	/* NULL: nothing to compare with */
	size_t file_size;
	char request[512];
	size_t request_n;
	int epoll;
	struct client *client;
	float *took;
	uint64_t bytes, connections, wrong, failed;
	char error[80];
	char room[ROOM];
};

static void settings(struct load *, int, char **);
static void open_file(struct load *, const char *, const char *);
static double now(void);
static bool open_connection(struct load *, struct client *);
static void ask(struct load *, struct client *);
static void ready(struct load *, struct client *);
static bool head(struct load *, struct client *);
static void body(struct load *, struct client *, const char *, size_t);
static void finish(struct load *, struct client *);
static void fail(struct load *, struct client *, const char *);
static int print(struct load *, double);
static int by_value(const void *, const void *);

int
main(int argc, char *argv[])
{
	static struct load l;
	struct epoll_event event[BATCH];
	double start;
	size_t i;
	int n;

	settings(&l, argc, argv);
	start = l.now = now();
	for (i = 0; i < l.clients; i++)
		ask(&l, &l.client[i]);
	while (l.over < l.requests && l.now - start < l.limit) {
		n = epoll_wait(l.epoll, event, BATCH, 100);
		l.now = now();
		while (n-- > 0)
			ready(&l, event[n].data.ptr);
	}
	return print(&l, now() - start);
}

static void
settings(struct load *l, int argc, char **argv)
{
	const char *dir = NULL;
	struct rlimit r;
	size_t i;
	int c;

	l->clients = 1;
	l->limit = 60;
	while ((c = getopt(argc, argv, "1c:d:n:t:v")) != -1) {
		switch (c) {
		case '1': l->once = true; break;
		case 'c': l->clients = strtoul(optarg, NULL, 10); break;
		case 'd': dir = optarg; break;
		case 'n': l->requests = strtoul(optarg, NULL, 10); break;
		case 't': l->limit = strtod(optarg, NULL); break;
		case 'v': l->show = true; break;
		default: exit(64);
		}
	}
	l->server.sin_family = AF_INET;
	if (argc - optind != 3 || l->clients == 0 ||
	    inet_pton(AF_INET, argv[optind], &l->server.sin_addr) != 1) {
		fputs("usage: http [-1v] [-c CLIENTS] [-n REQUESTS] [-t "
		    "SECONDS] [-d DIR]\n\tADDRESS PORT NAME\n", stderr);
		exit(64);
	}
	l->server.sin_port = htons((uint16_t)atoi(argv[optind + 1]));
	if (dir != NULL)
		open_file(l, dir, argv[optind + 2]);
	l->request_n = (size_t)snprintf(l->request, sizeof l->request,
	    "GET /%s HTTP/1.1\r\nHost: %s\r\nUser-Agent: bench\r\n"
	    "Accept: */*\r\n%s\r\n", argv[optind + 2], argv[optind],
	    l->once ? "Connection: close\r\n" : "");
	if (l->requests < l->clients)
		l->requests = l->clients;
	getrlimit(RLIMIT_NOFILE, &r);
	r.rlim_cur = r.rlim_max;
	setrlimit(RLIMIT_NOFILE, &r);
	if (r.rlim_cur < l->clients + SPARE_FDS) {
		fprintf(stderr, "http: so many descriptors are not allowed\n");
		exit(71);
	}
	l->epoll = epoll_create1(0);
	l->client = calloc(l->clients, sizeof *l->client);
	l->took = calloc(l->requests, sizeof *l->took);
	if (l->epoll < 0 || l->client == NULL || l->took == NULL)
		exit(71);
	for (i = 0; i < l->clients; i++)
		l->client[i].fd = -1;
}

static void
open_file(struct load *l, const char *dir, const char *name)
{
	char path[1024];
	struct stat st;
	void *map;
	int fd;

	snprintf(path, sizeof path, "%s/%s", dir, name);
	fd = open(path, O_RDONLY);
	if (fd < 0 || fstat(fd, &st) != 0 || (map = mmap(NULL,
	    (size_t)st.st_size + 1, PROT_READ, MAP_SHARED | MAP_POPULATE, fd,
	    0)) == MAP_FAILED) {
		fprintf(stderr, "http: %s: %s\n", path, strerror(errno));
		exit(66);
	}
	close(fd);
	l->file = map;
	l->file_size = (size_t)st.st_size;
}

static double
now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* Waits for it: loopback and a wire answer at once. */
static bool
open_connection(struct load *l, struct client *c)
{
	struct epoll_event e = { .events = EPOLLIN, .data.ptr = c };
	struct linger none = { .l_onoff = 1 };
	int on = 1;

	c->fd = socket(AF_INET, SOCK_STREAM, 0);
	if (c->fd < 0 || connect(c->fd, (struct sockaddr *)&l->server,
	    sizeof l->server) != 0 ||
	    fcntl(c->fd, F_SETFL, O_NONBLOCK) != 0 ||
	    epoll_ctl(l->epoll, EPOLL_CTL_ADD, c->fd, &e) != 0) {
		fail(l, c, strerror(errno));
		return false;
	}
	setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	/* No port waits a minute for nothing. */
	setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &none, sizeof none);
	l->connections++;
	return true;
}

/* The next request, if there is one left. */
static void
ask(struct load *l, struct client *c)
{
	if (l->begun == l->requests) {
		if (c->fd >= 0)
			close(c->fd);
		c->fd = -1;
		return;
	}
	l->begun++;
	c->busy = true;
	c->head = 0;
	c->got = c->want = 0;
	c->began = l->now;
	if (c->fd < 0 && !open_connection(l, c))
		return;
	if (send(c->fd, l->request, l->request_n, MSG_NOSIGNAL) !=
	    (ssize_t)l->request_n)
		fail(l, c, "a request does not go out");
}

static void
ready(struct load *l, struct client *c)
{
	bool blind = c->want > 0 && l->file == NULL;
	uint64_t left = c->want - c->got;
	ssize_t n;

	if (c->fd < 0)
		return;
	n = recv(c->fd, l->room, c->want > 0 && left < ROOM ? (size_t)left :
	    ROOM, blind ? MSG_TRUNC : 0);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		fail(l, c, n < 0 ? strerror(errno) : "closed");
		return;
	}
	if (c->want > 0) {
		body(l, c, l->room, (size_t)n);
		return;
	}
	if ((size_t)n > HEAD_MAX - 1 - c->head) {
		/* The rest of it is body, then. */
		size_t part = HEAD_MAX - 1 - c->head;

		memcpy(c->bytes + c->head, l->room, part);
		c->head += part;
		if (!head(l, c)) {
			fail(l, c, "a head without an end");
			return;
		}
		if (c->busy)
			body(l, c, l->room + part, (size_t)n - part);
		return;
	}
	memcpy(c->bytes + c->head, l->room, (size_t)n);
	c->head += (size_t)n;
	head(l, c);
}

/* True when it is there. */
static bool
head(struct load *l, struct client *c)
{
	char *end, *length;
	size_t n;

	c->bytes[c->head] = '\0';
	end = strstr(c->bytes, "\r\n\r\n");
	if (end == NULL)
		return false;
	end += 4;
	n = c->head - (size_t)(end - c->bytes);
	if (l->show) {
		printf("%.*s", (int)(end - c->bytes), c->bytes);
		l->show = false;
	}
	length = strcasestr(c->bytes, "\r\nContent-Length:");
	if (strncmp(c->bytes, "HTTP/1.1 200 ", 13) != 0 || length == NULL ||
	    length > end) {
		fail(l, c, c->bytes);
		return true;
	}
	c->want = strtoull(length + 17, NULL, 10);
	c->closing = l->once ||
	    strcasestr(c->bytes, "\r\nConnection: close") != NULL;
	if (l->file != NULL && c->want != l->file_size)
		l->wrong++;
	body(l, c, end, n);
	return true;
}

static void
body(struct load *l, struct client *c, const char *bytes, size_t n)
{
	if (l->file != NULL && (c->got + n > l->file_size ||
	    memcmp(l->file + c->got, bytes, n) != 0))
		l->wrong++;
	c->got += n;
	l->bytes += n;
	if (c->got >= c->want)
		finish(l, c);
}

static void
finish(struct load *l, struct client *c)
{
	l->took[l->over++] = (float)(l->now - c->began);
	c->busy = false;
	if (c->closing) {
		close(c->fd);
		c->fd = -1;
	}
	ask(l, c);
}

/* Its connection is gone; the client goes on with the next request. */
static void
fail(struct load *l, struct client *c, const char *why)
{
	l->failed++;
	if (l->error[0] == '\0')
		snprintf(l->error, sizeof l->error, "%.*s",
		    (int)strcspn(why, "\r\n"), why);
	if (c->fd >= 0)
		close(c->fd);
	c->fd = -1;
	if (l->failed < l->clients)
		finish(l, c);
}

static int
print(struct load *l, double seconds)
{
	struct rusage used;
	size_t n = l->over;

	getrusage(RUSAGE_SELF, &used);
	qsort(l->took, n, sizeof *l->took, by_value);
	printf("seconds=%.3f mbs=%.1f rate=%.0f median=%.6f slowest=%.6f "
	    "bytes=%llu requests=%zu connections=%llu wrong=%llu failed=%llu "
	    "unfinished=%zu cpu=%.2f%s%s\n", seconds,
	    (double)l->bytes / seconds / 1e6, (double)n / seconds,
	    n > 0 ? (double)l->took[n / 2] : 0,
	    n > 0 ? (double)l->took[n - 1] : 0,
	    (unsigned long long)l->bytes, n,
	    (unsigned long long)l->connections,
	    (unsigned long long)l->wrong, (unsigned long long)l->failed,
	    l->requests - n,
	    (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
	    (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6,
	    l->error[0] != '\0' ? " error=" : "", l->error);
	return l->wrong > 0 || l->failed > 0;
}

static int
by_value(const void *a, const void *b)
{
	float x = *(const float *)a, y = *(const float *)b;

	return (x > y) - (x < y);
}

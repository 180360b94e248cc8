/*
 * dhcp_start: how long from the start of a DHCP server to its first OFFER on
 * the wire (make bench).
 *
 *	dhcp_start [-s] [-n RUNS] [-d FILE]... SERVERNS CLIENTNS DEVICE
 *	    COMMAND...
 *
 * As inetd does it: a socket of port 67 in the network namespace SERVERNS, a
 * DISCOVER that waits in it, then fork and exec of COMMAND with it as
 * standard input.  -s: COMMAND makes its socket itself; DISCOVERs are sent
 * every 0.2 ms until one is answered.  They are those of host 0 and on of
 * dhcp.c, by DEVICE of CLIENTNS.  The time is from before the fork to the
 * OFFER.  -d: FILE is put out of the page cache before each run.  One line
 * comes out, `name=value ...', times in ms: cpu and faults are the median of
 * what COMMAND used in all, its end too; in_cache is what was left of FILEs
 * in the page cache, in pages.
 */
#include <sys/types.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <arpa/inet.h>
#include <err.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#define FILES_MAX	16
#define RUNS_MAX	10000
#define HOSTS		1000	/* ask in turn: no storm of one machine */
#define PATIENCE	10000000	/* us until a run has failed */
#define INTERVAL	200		/* us between two DISCOVERs */

static struct {
	bool alone;
	unsigned runs, files;
	const char *file[FILES_MAX];
	int server_ns;
	char **command;
	int fd;			/* the client's socket */
	uint32_t xid;
	size_t in_cache;
} b;

static void settings(int argc, char *argv[]);
static int bound_socket(uint16_t port, const char *device);
static double run(struct rusage *);
static size_t drop(const char *file);

static int
by_size(const void *x, const void *y)
{
	const double a = *(const double *)x, z = *(const double *)y;

	return a < z ? -1 : a > z;
}

static double
in_ms(struct timeval t)
{
	return (double)t.tv_sec * 1000 + (double)t.tv_usec / 1000;
}

int
main(int argc, char *argv[])
{
	static double ms[RUNS_MAX], cpu[RUNS_MAX], faults[RUNS_MAX];
	struct rusage used;
	unsigned i;

	settings(argc, argv);
	for (i = 0; i < b.runs; i++) {
		ms[i] = run(&used);
		cpu[i] = in_ms(used.ru_utime) + in_ms(used.ru_stime);
		faults[i] = (double)used.ru_minflt;
	}
	qsort(ms, b.runs, sizeof ms[0], by_size);
	qsort(cpu, b.runs, sizeof cpu[0], by_size);
	qsort(faults, b.runs, sizeof faults[0], by_size);
	printf("runs=%u least=%.2f median=%.2f p90=%.2f most=%.2f cpu=%.2f "
	    "faults=%.0f in_cache=%zu\n", b.runs, ms[0], ms[b.runs / 2],
	    ms[b.runs * 9 / 10], ms[b.runs - 1], cpu[b.runs / 2],
	    faults[b.runs / 2], b.in_cache);
	return EX_OK;
}

static int
namespace(const char *name)
{
	char path[256];
	int fd;

	snprintf(path, sizeof path, "/run/netns/%s", name);
	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) < 0)
		err(EX_NOINPUT, "%s", path);
	return fd;
}

static void
enter(int ns)
{
	if (setns(ns, CLONE_NEWNET) != 0)
		err(EX_OSERR, "setns");
}

static void
settings(int argc, char *argv[])
{
	int c;

	b.runs = 100;
	while ((c = getopt(argc, argv, "+sn:d:")) != -1)
		switch (c) {
		case 's': b.alone = true; break;
		case 'n': b.runs = (unsigned)atoi(optarg); break;
		case 'd': if (b.files == FILES_MAX)
				errx(EX_USAGE, "-d: too many");
			b.file[b.files++] = optarg;
			break;
		default: exit(EX_USAGE);
		}
	argv += optind;
	if (argc - optind < 4 || b.runs == 0 || b.runs > RUNS_MAX)
		errx(EX_USAGE, "see the head of dhcp_start.c");
	b.server_ns = namespace(argv[0]);
	enter(namespace(argv[1]));
	b.fd = bound_socket(68, argv[2]);
	b.command = argv + 3;
}

static int
bound_socket(uint16_t port, const char *device)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
	    .sin_port = htons(port) };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), on = 1;

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_BROADCAST, &on,
	    sizeof on) != 0 || (device != NULL && setsockopt(fd, SOL_SOCKET,
	    SO_BINDTODEVICE, device, (socklen_t)strlen(device) + 1) != 0) ||
	    bind(fd, (struct sockaddr *)&at, sizeof at) != 0)
		err(EX_OSERR, "socket");
	return fd;
}

/* In the server's namespace; this process stays where it is. */
static int
server_socket(void)
{
	int own = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC), fd;

	if (own < 0)
		err(EX_OSERR, "/proc/self/ns/net");
	enter(b.server_ns);
	fd = bound_socket(67, NULL);
	enter(own);
	close(own);
	return fd;
}

static uint64_t
now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static void
discover(void)
{
	static const uint8_t options[] = { 99, 130, 83, 99, 53, 1, 1,
	    55, 2, 1, 3, 255 };
	const struct sockaddr_in to = { .sin_family = AF_INET,
	    .sin_port = htons(67), .sin_addr.s_addr = INADDR_BROADCAST };
	uint32_t host = b.xid++ % HOSTS, xid = htonl(b.xid);
	uint8_t p[300] = { 1, 1, 6 };

	memcpy(p + 4, &xid, sizeof xid);
	p[10] = 0x80;
	p[28] = 0x02;
	p[29] = 0xb0;
	p[32] = (uint8_t)(host >> 8);
	p[33] = (uint8_t)host;
	memcpy(p + 236, options, sizeof options);
	if (sendto(b.fd, p, sizeof p, 0, (const struct sockaddr *)&to,
	    sizeof to) < 0)
		err(EX_OSERR, "send");
}

static void
drain(int fd)
{
	char bytes[1500];

	while (recv(fd, bytes, sizeof bytes, MSG_DONTWAIT) >= 0)
		continue;
}

static void
child(int socket)
{
	int fd = socket >= 0 ? socket : open("/dev/null", O_RDWR);

	enter(b.server_ns);
	if (dup2(fd, STDIN_FILENO) < 0)
		_exit(EX_OSERR);
	execvp(b.command[0], b.command);
	_exit(EX_UNAVAILABLE);
}

static double
run(struct rusage *used)
{
	struct pollfd answer = { b.fd, POLLIN, 0 }, asked;
	const struct timespec wait = { 0, INTERVAL * 1000 };
	uint64_t began, ended;
	pid_t pid;
	int socket = -1;
	unsigned i;

	b.in_cache = 0;
	for (i = 0; i < b.files; i++)
		b.in_cache += drop(b.file[i]);
	if (!b.alone) {
		socket = server_socket();
		discover();
		asked = (struct pollfd){ socket, POLLIN, 0 };
		if (poll(&asked, 1, 1000) != 1)
			errx(EX_OSERR, "no DISCOVER came to the server");
	}
	drain(b.fd);
	began = now_us();
	if ((pid = fork()) == 0)
		child(socket);
	if (pid < 0)
		err(EX_OSERR, "fork");
	do {
		if (b.alone)
			discover();
		if (ppoll(&answer, 1, &wait, NULL) == 1)
			break;
	} while (now_us() - began < PATIENCE);
	ended = now_us();
	kill(pid, SIGTERM);
	wait4(pid, NULL, 0, used);
	if (socket >= 0)
		close(socket);
	if (ended - began >= PATIENCE)
		errx(EX_UNAVAILABLE, "%s: no OFFER", b.command[0]);
	return (double)(ended - began) / 1000;
}

/* Pages of the file that are in the page cache all the same. */
static size_t
drop(const char *file)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC);
	long page = sysconf(_SC_PAGESIZE);
	unsigned char *there;
	size_t i, pages, n = 0;
	struct stat st;
	void *map;

	if (fd < 0 || fstat(fd, &st) != 0 || st.st_size == 0)
		err(EX_NOINPUT, "%s", file);
	fdatasync(fd);
	posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
	pages = ((size_t)st.st_size + (size_t)page - 1) / (size_t)page;
	there = malloc(pages);
	map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd, 0);
	if (there == NULL || map == MAP_FAILED ||
	    mincore(map, (size_t)st.st_size, there) != 0)
		err(EX_OSERR, "%s", file);
	for (i = 0; i < pages; i++)
		n += there[i] & 1;
	munmap(map, (size_t)st.st_size);
	free(there);
	close(fd);
	return n;
}

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "service.h"

static struct service s;
static char why[256];

/* Runs fn in a process of its own: descriptors 0 to 4 get changed there. */
static void
apart(int (*fn)(void))
{
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0)
		_exit(fn());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

#define EXPECT(c) do { \
	if (!(c)) { \
		fprintf(stderr, "%s:%d: %s (%s)\n", __FILE__, __LINE__, #c, \
		    why); \
		return 1; \
	} \
} while (0)

static int
bound(int type)
{
	struct sockaddr_in in = { .sin_family = AF_INET,
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, type, 0);

	if (bind(fd, (struct sockaddr *)&in, sizeof in) != 0)
		return -1;
	if (type == SOCK_STREAM)
		listen(fd, 1);
	return fd;
}

static int
connected(void)
{
	struct sockaddr_in in;
	socklen_t n = sizeof in;
	int server = bound(SOCK_STREAM), fd;

	getsockname(server, (struct sockaddr *)&in, &n);
	fd = socket(AF_INET, SOCK_STREAM, 0);
	if (connect(fd, (struct sockaddr *)&in, sizeof in) != 0)
		return -1;
	return accept(server, NULL, NULL);
}

static int
settled(int fd, bool blocking)
{
	int flags = fcntl(fd, F_GETFL);

	EXPECT(fd > STDERR_FILENO);
	EXPECT(fcntl(fd, F_GETFD) == FD_CLOEXEC);
	EXPECT(((flags & O_NONBLOCK) == 0) == blocking);
	return 0;
}

static int
is_null(int fd)
{
	char byte;

	EXPECT(write(fd, "x", 1) == 1);
	EXPECT(read(fd, &byte, 1) == 0);
	return 0;
}

static int
inetd_wait_udp(void)
{
	int fd = bound(SOCK_DGRAM);

	for (int i = 0; i < 3; i++)
		dup2(fd, i);
	EXPECT(service_is_passed());
	EXPECT(service_open(&s, NULL, SOCK_DGRAM, 69, why, sizeof why) == 0);
	EXPECT(s.from == SERVICE_INETD_WAIT && s.n == 1);
	for (int i = 0; i < 3; i++)
		EXPECT(is_null(i) == 0);
	return settled(s.fd[0], false);
}

static int
inetd_wait_tcp(void)
{
	dup2(bound(SOCK_STREAM), 0);
	EXPECT(service_open(&s, NULL, SOCK_STREAM, 80, why, sizeof why) == 0);
	EXPECT(s.from == SERVICE_INETD_WAIT && s.n == 1);
	return settled(s.fd[0], false);
}

static int
inetd_nowait(void)
{
	dup2(connected(), 0);
	EXPECT(service_open(&s, NULL, SOCK_STREAM, 873, why, sizeof why) == 0);
	EXPECT(s.from == SERVICE_INETD_NOWAIT && s.n == 1);
	return settled(s.fd[0], true);
}

static int
inetd_of_the_wrong_kind(void)
{
	dup2(bound(SOCK_STREAM), 0);
	EXPECT(service_open(&s, NULL, SOCK_DGRAM, 69, why, sizeof why) ==
	    EX_USAGE);
	EXPECT(strstr(why, "not a udp socket") != NULL);
	dup2(socket(AF_INET, SOCK_STREAM, 0), 0);
	EXPECT(service_open(&s, NULL, SOCK_STREAM, 80, why, sizeof why) ==
	    EX_USAGE);
	return 0;
}

static int
nothing_passed(void)
{
	int p[2];

	EXPECT(pipe(p) == 0);
	dup2(p[0], 0);
	EXPECT(!service_is_passed());
	EXPECT(service_open(&s, NULL, SOCK_DGRAM, 69, why, sizeof why) ==
	    EX_USAGE);
	EXPECT(strstr(why, "--listen") != NULL);
	/* An editor's or an agent's own socket is nobody's service. */
	EXPECT(socketpair(AF_UNIX, SOCK_STREAM, 0, p) == 0);
	dup2(p[0], 0);
	EXPECT(!service_is_passed());
	return 0;
}

static void
pass_to(pid_t pid, int n)
{
	char text[16];

	snprintf(text, sizeof text, "%d", pid);
	setenv("LISTEN_PID", text, 1);
	snprintf(text, sizeof text, "%d", n);
	setenv("LISTEN_FDS", text, 1);
}

static int
systemd_two(void)
{
	int a = bound(SOCK_DGRAM), b = bound(SOCK_DGRAM);

	close(0);
	a = fcntl(a, F_DUPFD, 10);
	b = fcntl(b, F_DUPFD, 10);
	dup2(a, 3);
	dup2(b, 4);
	pass_to(getpid(), 2);
	EXPECT(service_is_passed());
	EXPECT(service_open(&s, NULL, SOCK_DGRAM, 69, why, sizeof why) == 0);
	EXPECT(s.from == SERVICE_SYSTEMD && s.n == 2);
	EXPECT(s.fd[0] == 3 && s.fd[1] == 4);
	EXPECT(getenv("LISTEN_PID") == NULL && getenv("LISTEN_FDS") == NULL);
	EXPECT(settled(3, false) == 0 && settled(4, false) == 0);
	return 0;
}

static int
systemd_accept(void)
{
	dup2(fcntl(connected(), F_DUPFD, 10), 3);
	pass_to(getpid(), 1);
	EXPECT(service_open(&s, NULL, SOCK_STREAM, 873, why, sizeof why) == 0);
	EXPECT(s.from == SERVICE_INETD_NOWAIT && s.n == 1 && s.fd[0] == 3);
	return settled(3, true);
}

static int
systemd_of_another(void)
{
	int p[2];

	EXPECT(pipe(p) == 0);
	dup2(p[0], 0);
	pass_to(getppid(), 1);
	EXPECT(!service_is_passed());
	EXPECT(service_open(&s, NULL, SOCK_DGRAM, 69, why, sizeof why) ==
	    EX_USAGE);
	pass_to(getpid(), 99);
	EXPECT(service_open(&s, NULL, SOCK_DGRAM, 69, why, sizeof why) ==
	    EX_USAGE);
	return 0;
}

#define APART(name) \
static void \
test_##name(void **state) \
{ \
	(void)state; \
	apart(name); \
}
APART(inetd_wait_udp)
APART(inetd_wait_tcp)
APART(inetd_nowait)
APART(inetd_of_the_wrong_kind)
APART(nothing_passed)
APART(systemd_two)
APART(systemd_accept)
APART(systemd_of_another)

static void
close_all(void)
{
	while (s.n > 0)
		close(s.fd[--s.n]);
}

static int
open_one(const char *listen, int type, uint16_t port)
{
	const char *list[] = { listen, NULL };

	return service_open(&s, list, type, port, why, sizeof why);
}

static uint16_t
port_of(int fd)
{
	struct sockaddr_storage ss;
	socklen_t n = sizeof ss;

	assert_int_equal(getsockname(fd, (struct sockaddr *)&ss, &n), 0);
	/* the port lies at the same place in both families */
	return ntohs(((struct sockaddr_in *)&ss)->sin_port);
}

static void
listen_forms(void **state)
{
	static const struct {
		const char *text;
		size_t n;		/* sockets; 0: refused */
		int family;
	} rows[] = {
		{ "127.0.0.1", 1, AF_INET },
		{ "127.0.0.1:0", 1, AF_INET },
		{ "[::1]:0", 1, AF_INET6 },
		{ "[::1]", 1, AF_INET6 },
		{ "::1", 1, AF_INET6 },
		{ "[127.0.0.1]:0", 1, AF_INET },
		{ ":0", 2, 0 }, { "", 2, 0 },
		{ "[::1", 0, 0 }, { "[::1]x", 0, 0 }, { "[::1]:", 0, 0 },
		{ "127.0.0.1:", 0, 0 }, { "127.0.0.1:x", 0, 0 },
		{ "127.0.0.1:65536", 0, 0 }, { "127.0.0.1:-1", 0, 0 },
		{ "example.net", 0, 0 }, { "127.0.0.1:69:69", 0, 0 },
		{ "0123456789012345678901234567890123456789012345678901234567"
		  "890123456789", 0, 0 },
	};
	struct sockaddr_storage ss;
	socklen_t n;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		int status = open_one(rows[i].text, SOCK_DGRAM, 0);

		if (rows[i].n == 0) {
			assert_int_equal(status, EX_USAGE);
			assert_non_null(strstr(why, "not an address"));
			continue;
		}
		if (status != 0)
			fail_msg("%s", why);
		assert_int_equal(s.from, SERVICE_LISTEN);
		/* one of two where a machine has no IPv6 */
		assert_true(s.n >= 1 && s.n <= rows[i].n);
		n = sizeof ss;
		getsockname(s.fd[0], (struct sockaddr *)&ss, &n);
		if (rows[i].family != 0)
			assert_int_equal(ss.ss_family, rows[i].family);
		assert_int_equal(settled(s.fd[0], false), 0);
		close_all();
	}
}

/* A connection that we closed first: its port stays taken for a while. */
static void
leave_a_connection(int server)
{
	struct sockaddr_in in;
	socklen_t n = sizeof in;
	int client = socket(AF_INET, SOCK_STREAM, 0), fd;

	getsockname(server, (struct sockaddr *)&in, &n);
	assert_int_equal(connect(client, (struct sockaddr *)&in, n), 0);
	fd = accept(server, NULL, NULL);
	assert_true(fd >= 0);
	close(fd);
	close(client);
}

/* The same port of both families, twice in a row. */
static void
both_families(void **state)
{
	char v4[32], v6[32];
	const char *list[] = { v4, v6, NULL };
	uint16_t port;

	(void)state;
	assert_int_equal(open_one("0.0.0.0:0", SOCK_STREAM, 0), 0);
	port = port_of(s.fd[0]);
	leave_a_connection(s.fd[0]);
	close_all();
	snprintf(v4, sizeof v4, "0.0.0.0");
	snprintf(v6, sizeof v6, "[::]:%u", port);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(service_open(&s, list, SOCK_STREAM, port,
		    why, sizeof why), 0);
		assert_int_equal(s.n, 2);
		assert_int_equal(port_of(s.fd[0]), port);
		assert_int_equal(port_of(s.fd[1]), port);
		close_all();
	}
}

static void
port_in_use(void **state)
{
	int taken = bound(SOCK_DGRAM);
	char text[32];

	(void)state;
	snprintf(text, sizeof text, "127.0.0.1:%u", port_of(taken));
	assert_int_equal(open_one(text, SOCK_DGRAM, 69), EX_OSERR);
	assert_non_null(strstr(why, strerror(EADDRINUSE)));
	assert_non_null(strstr(why, text));
	assert_int_equal(s.n, 0);
	close(taken);
}

static void
receive_buffer(void **state)
{
	int fd = bound(SOCK_DGRAM), has = service_receive_buffer(fd, 1);

	(void)state;
	assert_true(has > 1);		/* never made smaller */
	assert_int_equal(service_receive_buffer(fd, has), has);
	if (geteuid() == 0)
		assert_true(service_receive_buffer(fd, 16 << 20) >= 16 << 20);
	close(fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_inetd_wait_udp),
		cmocka_unit_test(test_inetd_wait_tcp),
		cmocka_unit_test(test_inetd_nowait),
		cmocka_unit_test(test_inetd_of_the_wrong_kind),
		cmocka_unit_test(test_nothing_passed),
		cmocka_unit_test(test_systemd_two),
		cmocka_unit_test(test_systemd_accept),
		cmocka_unit_test(test_systemd_of_another),
		cmocka_unit_test(listen_forms),
		cmocka_unit_test(both_families),
		cmocka_unit_test(port_in_use),
		cmocka_unit_test(receive_buffer),
	};

	return cmocka_run_group_tests_name("service", tests, NULL, NULL);
}

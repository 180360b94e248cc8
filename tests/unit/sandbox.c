#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "log.h"
#include "sandbox.h"

#if defined(__SANITIZE_ADDRESS__)
#define NO_FILTER 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define NO_FILTER 1
#endif
#endif
#ifndef NO_FILTER
#define NO_FILTER 0
#endif

#define KILLED (-SIGSYS)

static char said[1024], dir[64];

/* fn's return value, or minus the signal that ended it; stderr in said. */
static int
apart(int (*fn)(unsigned), unsigned rights)
{
	int p[2], status;
	size_t n = 0;
	ssize_t got;
	pid_t pid;

	assert_int_equal(pipe(p), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		alarm(20);
		dup2(p[1], STDERR_FILENO);
		close(p[1]);
		_exit(fn(rights));
	}
	close(p[1]);
	while ((got = read(p[0], said + n, sizeof said - 1 - n)) > 0)
		n += (size_t)got;
	said[n] = '\0';
	close(p[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

/* Number of the line that went wrong. */
#define EXPECT(c) do { \
	if (!(c)) { \
		dprintf(STDERR_FILENO, "%d: %s: %s\n", __LINE__, #c, \
		    strerror(errno)); \
		return 1; \
	} \
} while (0)

static int
enter(unsigned rights)
{
	char why[256] = "";
	bool chrooted;
	int status = sandbox_enter(NULL, NULL, rights, &chrooted, why,
	    sizeof why);

	if (status != 0)
		dprintf(STDERR_FILENO, "%s\n", why);
	return status;
}

static int
no_rights(unsigned rights)
{
	struct timespec t = { 0, 1 };
	void *p;

	EXPECT(enter(rights) == 0);
	p = malloc(8 << 20);
	EXPECT(p != NULL);
	memset(p, 1, 8 << 20);
	free(p);
	EXPECT(ppoll(NULL, 0, &t, NULL) == 0);
	EXPECT(clock_gettime(CLOCK_MONOTONIC, &t) == 0);
	EXPECT(mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1,
	    0) != MAP_FAILED);
	printf("stdio\n");
	fflush(stdout);
	log_err("still heard");
	/* syslog's reconnect must come back as an error, not as the end */
	EXPECT(socket(AF_UNIX, SOCK_DGRAM, 0) < 0 && errno == EACCES);
	EXPECT(connect(0, NULL, 0) < 0 && errno == EACCES);
	return 0;
}

static void
base_works_without_rights(void **state)
{
	(void)state;
	if (NO_FILTER)
		skip();
	if (apart(no_rights, 0) != 0)
		fail_msg("%s", said);
	assert_non_null(strstr(said, "still heard"));
}

static int net_fd[2], accept_fd, file_fd;

static int do_open(void) { return open("/", O_RDONLY | O_DIRECTORY); }
static int do_stat(void) { struct stat st; return stat("/", &st); }
static int do_create(void)
{
	return openat(AT_FDCWD, "made", O_WRONLY | O_CREAT, 0600);
}
static int do_unlink(void) { return unlink("made"); }
static int do_exec(void) { return execl("/bin/true", "true", NULL); }
static int do_fork(void) { pid_t p = fork(); if (p == 0) _exit(0); return p; }
static int do_kill(void) { return kill(getppid(), 0); }
static int do_udp(void) { return socket(AF_INET, SOCK_DGRAM, 0); }
static int do_tcp(void) { return socket(AF_INET, SOCK_STREAM, 0); }
static int do_unix(void) { return socket(AF_UNIX, SOCK_DGRAM, 0); }
static int do_accept(void)
{
	return accept4(accept_fd, NULL, NULL, SOCK_NONBLOCK);
}
static int do_epoll(void) { return epoll_create1(EPOLL_CLOEXEC); }
static int do_sendfile(void)
{
	off_t at = 0;

	return (int)sendfile(net_fd[0], file_fd, &at, 1);
}
static int do_recvmmsg(void)
{
	char bytes[8];
	struct iovec iov = { bytes, sizeof bytes };
	struct mmsghdr m = { .msg_hdr = { .msg_iov = &iov,
	    .msg_iovlen = 1 } };

	send(net_fd[0], "x", 1, 0);
	return recvmmsg(net_fd[1], &m, 1, MSG_DONTWAIT, NULL);
}
static int do_wx(void)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? -1 : 0;
}
static int do_fionread(void)
{
	int n;

	return ioctl(net_fd[1], FIONREAD, &n);
}
static int do_socket_option(void)
{
	int on = 1;

	return setsockopt(net_fd[0], SOL_SOCKET, SO_KEEPALIVE, &on,
	    sizeof on);
}
static int do_abort(void) { abort(); }

static int (*doing)(void);

static int
after_enter(unsigned rights)
{
	log_open("test", LOG_TO_STDERR, 0, 7);
	EXPECT(enter(rights) == 0);
	EXPECT(doing() >= 0);
	return 0;
}

/* Each thing to do, with every right it needs; all else is SIGSYS. */
static void
rights_and_nothing_else(void **state)
{
	static const struct {
		int (*fn)(void);
		unsigned rights;	/* any of them suffices */
	} rows[] = {
		{ do_open, SANDBOX_READ | SANDBOX_WRITE },
		{ do_stat, SANDBOX_READ | SANDBOX_WRITE },
		{ do_create, SANDBOX_WRITE },
		{ do_unlink, SANDBOX_WRITE },
		{ do_udp, SANDBOX_SOCKET },
		{ do_accept, SANDBOX_ACCEPT },
		{ do_sendfile, SANDBOX_ACCEPT },
		{ do_epoll, SANDBOX_ACCEPT },
		{ do_recvmmsg, SANDBOX_NET },
		{ do_fionread, SANDBOX_NET | SANDBOX_ACCEPT },
		{ do_socket_option,
		  SANDBOX_NET | SANDBOX_ACCEPT | SANDBOX_SOCKET },
		{ do_tcp, 0 }, { do_exec, 0 }, { do_fork, 0 },
		{ do_kill, 0 }, { do_wx, 0 },
	};

	(void)state;
	if (NO_FILTER)
		skip();
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		for (unsigned right = 1; right <= SANDBOX_LOG; right <<= 1) {
			int got;

			/* is there for unlink, not for create */
			if (rows[i].fn == do_unlink)
				close(open("made", O_CREAT | O_WRONLY, 0600));
			doing = rows[i].fn;
			got = apart(after_enter, right);
			if (got != (rows[i].rights & right ? 0 : KILLED))
				fail_msg("row %zu, right %#x: %d %s", i,
				    right, got, said);
			if (got == KILLED && strstr(said, "system call") ==
			    NULL)
				fail_msg("row %zu: nothing said", i);
			unlink("made");
		}
	doing = do_unix;
	assert_int_equal(apart(after_enter, SANDBOX_LOG), 0);
	doing = do_abort;
	assert_int_equal(apart(after_enter, 0), -SIGABRT);
}

static void *
in_a_thread(void *begin)
{
	char byte;

	if (read(*(int *)begin, &byte, 1) != 1)
		return "";
	return doing() < 0 ? "" : NULL;
}

/* A thread that was there before it has no more rights. */
static int
thread_after_enter(unsigned rights)
{
	pthread_t thread;
	void *result;
	int p[2];

	EXPECT(pipe(p) == 0);
	EXPECT(pthread_create(&thread, NULL, in_a_thread, &p[0]) == 0);
	EXPECT(enter(rights) == 0);
	EXPECT(write(p[1], "", 1) == 1);
	EXPECT(pthread_join(thread, &result) == 0 && result == NULL);
	return 0;
}

static void
threads(void **state)
{
	(void)state;
	if (NO_FILTER)
		skip();
	doing = do_open;
	if (apart(thread_after_enter, SANDBOX_READ) != 0)
		fail_msg("%s", said);
	assert_int_equal(apart(thread_after_enter, 0), KILLED);
	assert_non_null(strstr(said, "system call"));
}

/* A line of /proc/PID/status. */
static void
status_is(pid_t pid, const char *name, const char *wanted)
{
	char path[64], line[4096];
	size_t n = strlen(name);
	FILE *f;

	snprintf(path, sizeof path, "/proc/%d/status", pid);
	f = fopen(path, "r");
	assert_non_null(f);
	while (fgets(line, sizeof line, f) != NULL)
		if (strncmp(line, name, n) == 0 && line[n] == ':') {
			line[strcspn(line, "\n")] = '\0';
			fclose(f);
			assert_string_equal(line + n + 1, wanted);
			return;
		}
	fail_msg("no %s", name);
}

/* Seen from outside, because inside it cannot even ask who it is. */
static void
chroot_and_user(void **state)
{
	const struct passwd *pw = getpwnam("nobody");
	char ids[64], why[256], path[64], root[64] = "", byte;
	int in[2], out[2], status;
	bool chrooted;
	pid_t pid;

	(void)state;
	if (geteuid() != 0 || pw == NULL || access("/proc/self", F_OK) != 0)
		skip();
	assert_int_equal(pipe(in), 0);
	assert_int_equal(pipe(out), 0);
	pid = fork();
	if (pid == 0) {
		alarm(20);
		close(in[1]);
		if (sandbox_enter(dir, "nobody", SANDBOX_READ, &chrooted, why,
		    sizeof why) != 0 || !chrooted)
			_exit(1);
		if (write(out[1], "x", 1) != 1 || read(in[0], &byte, 1) != 0)
			_exit(2);
		_exit(0);
	}
	close(in[0]);
	assert_int_equal(read(out[0], &byte, 1), 1);
	snprintf(ids, sizeof ids, "\t%d\t%d\t%d\t%d", pw->pw_uid, pw->pw_uid,
	    pw->pw_uid, pw->pw_uid);
	status_is(pid, "Uid", ids);
	snprintf(ids, sizeof ids, "\t%d\t%d\t%d\t%d", pw->pw_gid, pw->pw_gid,
	    pw->pw_gid, pw->pw_gid);
	status_is(pid, "Gid", ids);
	snprintf(ids, sizeof ids, "\t%d ", pw->pw_gid);
	status_is(pid, "Groups", ids);
	status_is(pid, "CapEff", "\t0000000000000000");
	status_is(pid, "NoNewPrivs", "\t1");
	status_is(pid, "Seccomp", NO_FILTER ? "\t0" : "\t2");
	snprintf(path, sizeof path, "/proc/%d/root", pid);
	assert_true(readlink(path, root, sizeof root - 1) > 0);
	assert_string_equal(root, dir);
	close(in[1]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	close(out[0]);
	close(out[1]);
}

static int
nobody_reads(unsigned rights)
{
	char why[256] = "";
	bool chrooted;
	struct stat st;

	EXPECT(chdir("/etc") == 0);
	EXPECT(sandbox_enter(dir, "nobody", rights, &chrooted, why,
	    sizeof why) == 0);
	EXPECT(chrooted && getuid() != 0 && geteuid() != 0);
	EXPECT(stat("/inside", &st) == 0);
	EXPECT(stat("/../etc/passwd", &st) != 0 && errno == ENOENT);
	EXPECT(stat("passwd", &st) != 0 && errno == ENOENT);
	return 0;
}

static void
chroot_and_filter(void **state)
{
	(void)state;
	if (geteuid() != 0 || getpwnam("nobody") == NULL)
		skip();
	if (apart(nobody_reads, SANDBOX_READ) != 0)
		fail_msg("%s", said);
}

static int
bad_arguments(unsigned rights)
{
	char why[256];
	bool chrooted;

	EXPECT(sandbox_enter(NULL, "no-such-user", rights, &chrooted, why,
	    sizeof why) == EX_NOUSER);
	EXPECT(strstr(why, "no-such-user") != NULL && !chrooted);
	if (geteuid() != 0)
		return 0;
	EXPECT(sandbox_enter("/no/such/directory", NULL, rights, &chrooted,
	    why, sizeof why) == EX_NOINPUT);
	EXPECT(strstr(why, "/no/such/directory") != NULL && !chrooted);
	EXPECT(setuid(65534) == 0);
	EXPECT(sandbox_enter("/", "root", rights, &chrooted, why,
	    sizeof why) == EX_NOPERM);
	EXPECT(sandbox_enter("/", NULL, rights, &chrooted, why,
	    sizeof why) == 0 && !chrooted);
	return 0;
}

static void
says_what_is_wrong(void **state)
{
	(void)state;
	if (apart(bad_arguments, SANDBOX_READ) != 0)
		fail_msg("%s", said);
}

static int
set_up(void **state)
{
	struct sockaddr_in in = { .sin_family = AF_INET,
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof in;
	int client;

	(void)state;
	strcpy(dir, "/tmp/sandbox.XXXXXX");
	if (mkdtemp(dir) == NULL || chmod(dir, 0755) != 0 || chdir(dir) != 0)
		return -1;
	close(open("inside", O_CREAT | O_WRONLY, 0644));
	file_fd = open("/etc/passwd", O_RDONLY);
	accept_fd = socket(AF_INET, SOCK_STREAM, 0);
	client = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	if (bind(accept_fd, (struct sockaddr *)&in, sizeof in) != 0 ||
	    listen(accept_fd, 100) != 0 ||
	    getsockname(accept_fd, (struct sockaddr *)&in, &n) != 0)
		return -1;
	/* One connection waits for each process that may accept. */
	for (int i = 0; i < 20; i++) {
		client = socket(AF_INET, SOCK_STREAM, 0);
		if (connect(client, (struct sockaddr *)&in, sizeof in) != 0)
			return -1;
	}
	return socketpair(AF_UNIX, SOCK_DGRAM, 0, net_fd);
}

static int
tear_down(void **state)
{
	(void)state;
	unlink("inside");
	unlink("made");
	return chdir("/") != 0 || rmdir(dir) != 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(base_works_without_rights),
		cmocka_unit_test(threads),
		cmocka_unit_test(rights_and_nothing_else),
		cmocka_unit_test(chroot_and_user),
		cmocka_unit_test(chroot_and_filter),
		cmocka_unit_test(says_what_is_wrong),
	};

	return cmocka_run_group_tests_name("sandbox", tests, set_up,
	    tear_down);
}

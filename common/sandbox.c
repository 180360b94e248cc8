#include "sandbox.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#ifdef __linux__
#include <fcntl.h>
#include <linux/sockios.h>
#include <seccomp.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include "log.h"
#endif
#ifdef __FreeBSD__
#include <sys/capsicum.h>
#endif

static int
fail(int status, char *why, size_t size, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, size, fmt, ap);
	va_end(ap);
	return status;
}

/*
 * The sanitizers' own run time calls what no filter foresees (ptrace,
 * readlink, process_vm_readv): programs built with them have all the rest,
 * but no filter.
 */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || \
    __has_feature(memory_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

#ifdef __linux__
#define ALWAYS	0u

/*
 * What may be called, as numbers: libseccomp takes longer to look all the
 * names up than for the filter itself.  A call that this system does not
 * have is negative.
 */
#define S(name)	SCMP_SYS(name)
#define END	__NR_SCMP_ERROR

static const int base[] = {
	S(exit), S(exit_group), S(futex), S(futex_time64), S(restart_syscall),
	S(rseq), S(set_robust_list), S(membarrier), S(sched_yield),
	S(poll), S(ppoll), S(ppoll_time64),
	S(clock_gettime), S(clock_gettime64), S(clock_getres),
	S(gettimeofday), S(time),
	S(munmap), S(brk), S(madvise), S(mremap),
	S(rt_sigaction), S(rt_sigprocmask), S(rt_sigreturn), S(sigreturn),
	S(rt_sigtimedwait), S(rt_sigtimedwait_time64), S(rt_sigsuspend),
	S(sigaltstack),
	S(getrandom), S(fcntl), S(fcntl64), S(close), S(lseek), S(_llseek),
	S(read), S(readv), S(write), S(writev), S(fstat), S(fstat64),
	S(fadvise64), S(fadvise64_64), S(arm_fadvise64_64),
	S(getpid), S(gettid), S(getppid), S(getuid), S(geteuid), S(getgid),
	S(getegid), S(getuid32), S(geteuid32), S(getgid32), S(getegid32),
	S(wait4), S(waitid),
	/* malloc, qsort and sysconf of the C library */
	S(sysinfo), S(getrlimit), S(ugetrlimit), S(getrusage),
	S(sched_getaffinity),
	/* syslog's socket; sendto, too, is how send(2) is called */
	S(send), S(sendto), S(sendmsg), END
};
static const int receive[] = {
	S(recv), S(recvfrom), S(recvmsg), S(getsockname), S(getpeername),
	S(getsockopt), S(setsockopt), S(shutdown), END
};
static const int batches[] = {
	S(recvmmsg), S(recvmmsg_time64), S(sendmmsg), END
};
static const int connections[] = {
	S(accept), S(accept4), S(sendfile), S(sendfile64),
	S(epoll_create1), S(epoll_wait), S(epoll_pwait2), S(eventfd2),
	S(pipe2), END
};
/* What is waited for changes. */
static const int loop[] = {
	S(epoll_ctl), S(epoll_pwait), END
};
static const int files[] = {
	S(openat2), S(fstatat64), S(newfstatat), S(statx), S(stat), S(stat64),
	S(lstat), S(lstat64), S(fstatfs), S(fstatfs64), S(getcwd), S(access),
	S(faccessat), S(faccessat2), S(pread64), S(preadv), S(preadv2),
	S(getdents64), S(readlink), S(readlinkat), S(readahead),
	S(dup), S(dup3), END
};
static const int changes[] = {
	S(open), S(openat), S(pwrite64), S(pwritev), S(pwritev2), S(fsync),
	S(fdatasync), S(ftruncate), S(ftruncate64), S(fallocate), S(flock),
	S(rename), S(renameat), S(renameat2), S(unlink), S(unlinkat), S(link),
	S(linkat), S(mkdir), S(mkdirat), S(rmdir), S(chmod), S(fchmod),
	S(fchmodat), S(utimensat), S(umask), END
};
static const int sockets[] = {
	S(bind), S(getsockname), S(getpeername), S(getsockopt), S(setsockopt),
	END
};
static const int connects[] = {
	S(connect), END
};

/* With any of these rights (ALWAYS: with none). */
static const struct {
	unsigned rights;
	const int *calls;
} allowed[] = {
	{ ALWAYS, base },
	{ SANDBOX_NET | SANDBOX_ACCEPT, receive },
	{ SANDBOX_NET, batches },
	{ SANDBOX_ACCEPT, connections },
	{ SANDBOX_ACCEPT | SANDBOX_SOCKET, loop },
	{ SANDBOX_READ | SANDBOX_WRITE, files },
	{ SANDBOX_WRITE, changes },
	{ SANDBOX_SOCKET, sockets },
	{ SANDBOX_SOCKET | SANDBOX_LOG, connects },
};

/* Rows that look at one argument: (argument & mask) == value. */
static const struct {
	unsigned rights;
	int call;
	struct { unsigned n; scmp_datum_t mask, value; } arg[2];
} checked[] = {
	{ ALWAYS, S(mmap), { { 2, PROT_EXEC, 0 } } },
	{ ALWAYS, S(mmap2), { { 2, PROT_EXEC, 0 } } },
	{ ALWAYS, S(mprotect), { { 2, PROT_EXEC, 0 } } },
	/* how newer C libraries call fstat(2) */
	{ ALWAYS, S(newfstatat), { { 3, AT_EMPTY_PATH, AT_EMPTY_PATH } } },
	{ ALWAYS, S(statx), { { 2, AT_EMPTY_PATH, AT_EMPTY_PATH } } },
	/* stdio asks whether it writes to a terminal, libevent what is left */
	{ ALWAYS, S(ioctl), { { 1, 0xffffffff, TCGETS } } },
	{ SANDBOX_NET | SANDBOX_ACCEPT, S(ioctl),
	    { { 1, 0xffffffff, FIONREAD } } },
	/* how much of what was sent the client has not taken yet */
	{ SANDBOX_ACCEPT, S(ioctl), { { 1, 0xffffffff, SIOCOUTQ } } },
	/* getnameinfo(3) of a link-local address names the interface */
	{ SANDBOX_ACCEPT, S(ioctl), { { 1, 0xffffffff, SIOCGIFNAME } } },
	{ SANDBOX_READ, S(open),
	    { { 1, O_ACCMODE | O_CREAT | O_TRUNC, O_RDONLY } } },
	{ SANDBOX_READ, S(openat),
	    { { 2, O_ACCMODE | O_CREAT | O_TRUNC, O_RDONLY } } },
	{ SANDBOX_SOCKET, S(socket),
	    { { 0, 0xffffffff, AF_INET }, { 1, 0xf, SOCK_DGRAM } } },
	{ SANDBOX_SOCKET, S(socket),
	    { { 0, 0xffffffff, AF_INET6 }, { 1, 0xf, SOCK_DGRAM } } },
	{ SANDBOX_LOG, S(socket), { { 0, 0xffffffff, AF_UNIX } } },
};

/*
 * syslog(3) opens its socket again when syslogd was restarted.  That must
 * not be the end of a daemon without SANDBOX_LOG: it gets an error instead,
 * and goes on without a log.
 */
static const struct {
	unsigned unless;
	int call;
	int domain;		/* first argument, or -1: any */
} refused[] = {
	{ SANDBOX_LOG, S(socket), AF_UNIX },
	{ SANDBOX_LOG | SANDBOX_SOCKET, S(connect), -1 },
};

static int
add_calls(scmp_filter_ctx filter, const int *call)
{
	int e = 0;

	for (; *call != END && e == 0; call++)
		if (*call >= 0)
			e = seccomp_rule_add(filter, SCMP_ACT_ALLOW, *call,
			    0);
	return e;
}

static int
add_checked(scmp_filter_ctx filter, unsigned rights)
{
	int e = 0;

	for (size_t i = 0; i < sizeof checked / sizeof *checked; i++) {
		struct scmp_arg_cmp cmp[2];
		unsigned n = 0;
		int call = checked[i].call;

		if (call < 0 || (checked[i].rights != ALWAYS &&
		    (checked[i].rights & rights) == 0))
			continue;
		/* SANDBOX_WRITE has all of open and openat already */
		if (checked[i].rights == SANDBOX_READ &&
		    (rights & SANDBOX_WRITE) != 0)
			continue;
		for (; n < 2 && checked[i].arg[n].mask != 0; n++)
			cmp[n] = SCMP_CMP(checked[i].arg[n].n,
			    SCMP_CMP_MASKED_EQ, checked[i].arg[n].mask,
			    checked[i].arg[n].value);
		e = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, call, n,
		    cmp);
		if (e != 0)
			return e;
	}
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
		struct scmp_arg_cmp cmp = SCMP_A0_32(SCMP_CMP_EQ,
		    (uint32_t)refused[i].domain, 0);

		if ((refused[i].unless & rights) == 0 && e == 0)
			e = seccomp_rule_add_array(filter,
			    SCMP_ACT_ERRNO(EACCES),
			    refused[i].call,
			    refused[i].domain < 0 ? 0 : 1, &cmp);
	}
	return e;
}

/*
 * The line in the log, then the end, with SIGSYS as its cause: it is blocked
 * in here, and comes before anything else runs.
 */
static void
on_sigsys(int number, siginfo_t *info, void *context)
{
	(void)number;
	(void)context;
	log_err("system call %d is outside the rights of this program "
	    "(scmp_sys_resolver %d names it)", info->si_syscall,
	    info->si_syscall);
	signal(SIGSYS, SIG_DFL);
	raise(SIGSYS);
}

static int
filter_calls(unsigned rights, char *why, size_t size)
{
	struct sigaction act = { .sa_sigaction = on_sigsys,
	    .sa_flags = SA_SIGINFO };
	scmp_filter_ctx filter;
	int e = 0;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L) != 0)
		return fail(EX_OSERR, why, size, "no_new_privs: %s",
		    strerror(errno));
	/* A system built without seccomp: chroot and setuid must do. */
	if (SANITIZED || prctl(PR_GET_SECCOMP, 0L, 0L, 0L, 0L) < 0)
		return 0;
	sigaction(SIGSYS, &act, NULL);
	filter = seccomp_init(SCMP_ACT_TRAP);
	if (filter == NULL)
		return fail(EX_OSERR, why, size, "seccomp_init failed");
	for (size_t i = 0; i < sizeof allowed / sizeof *allowed && e == 0; i++)
		if (allowed[i].rights == ALWAYS ||
		    (allowed[i].rights & rights) != 0)
			e = add_calls(filter, allowed[i].calls);
	/* for threads that are there already, too */
	if (e == 0)
		e = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
	/* abort(3) and raise(3), on ourselves alone */
	if (e == 0)
		e = seccomp_rule_add(filter, SCMP_ACT_ALLOW,
		    SCMP_SYS(tgkill), 1, SCMP_A0_32(SCMP_CMP_EQ,
		    (uint32_t)getpid(), 0));
	if (e == 0)
		e = add_checked(filter, rights);
	if (e == 0)
		e = seccomp_load(filter);
	seccomp_release(filter);
	return e == 0 ? 0 : fail(EX_OSERR, why, size,
	    "system call filter: %s", strerror(-e));
}

#elif defined(__OpenBSD__)
static int
filter_calls(unsigned rights, char *why, size_t size)
{
	char promises[64];

	snprintf(promises, sizeof promises, "stdio%s%s%s",
	    rights & (SANDBOX_NET | SANDBOX_ACCEPT | SANDBOX_SOCKET) ?
	    " inet" : "",
	    rights & (SANDBOX_READ | SANDBOX_WRITE) ? " rpath" : "",
	    rights & SANDBOX_WRITE ? " wpath cpath fattr flock" : "");
	if (pledge(promises, "") != 0)
		return fail(EX_OSERR, why, size, "pledge: %s",
		    strerror(errno));
	return 0;
}

#else
/* Capability mode has no names: no addresses, no paths. */
static int
filter_calls(unsigned rights, char *why, size_t size)
{
	(void)why;
	(void)size;
#ifdef __FreeBSD__
	if ((rights & ~(unsigned)SANDBOX_ACCEPT) == 0 && cap_enter() != 0)
		return fail(EX_OSERR, why, size, "cap_enter: %s",
		    strerror(errno));
#else
	(void)rights;
#endif
	return 0;
}
#endif

/* Where unveil(2) is, it hides the rest also from a root that stays root. */
static bool
enter_root(const char *root)
{
	if (chroot(root) != 0 || chdir("/") != 0)
		return false;
#ifdef __OpenBSD__
	if (unveil("/", "rwc") != 0 || unveil(NULL, NULL) != 0)
		return false;
#endif
	return true;
}

/*
 * They are read from /etc, so before the chroot, and from wherever else this
 * system keeps them, which takes milliseconds: only for those who open files.
 */
static int
enter_groups(const struct passwd *pw, unsigned rights)
{
	gid_t own = pw->pw_gid;

	return rights & (SANDBOX_READ | SANDBOX_WRITE) ?
	    initgroups(pw->pw_name, own) : setgroups(1, &own);
}

static bool
become(const struct passwd *pw)
{
	if (setresgid(pw->pw_gid, pw->pw_gid, pw->pw_gid) != 0 ||
	    setresuid(pw->pw_uid, pw->pw_uid, pw->pw_uid) != 0)
		return false;
	errno = EPERM;
	/* There must be no way back. */
	if (pw->pw_uid != 0 && (setuid(0) == 0 || seteuid(0) == 0))
		return false;
	return pw->pw_uid == 0 || pw->pw_gid == 0 || setgid(0) != 0;
}

int
sandbox_enter(const char *root, const char *user, unsigned rights,
    bool *chrooted, char *why, size_t size)
{
	const struct passwd *pw = NULL;

	*chrooted = false;
	tzset();	/* the zone's file is out of reach afterwards */
	if (user != NULL) {
		pw = getpwnam(user);
		if (pw == NULL)
			return fail(EX_NOUSER, why, size,
			    "%s: no such user here", user);
	}
	if (geteuid() != 0) {
		if (pw != NULL && pw->pw_uid != geteuid())
			return fail(EX_NOPERM, why, size,
			    "%s: only root can become this user", user);
		return filter_calls(rights, why, size);
	}
	if (pw != NULL && enter_groups(pw, rights) != 0)
		return fail(EX_OSERR, why, size, "%s: groups: %s", user,
		    strerror(errno));
	if (root != NULL) {
		if (!enter_root(root))
			return fail(EX_NOINPUT, why, size, "%s: chroot: %s",
			    root, strerror(errno));
		*chrooted = true;
	}
	if (pw != NULL && !become(pw))
		return fail(EX_OSERR, why, size, "%s: setresuid: %s", user,
		    strerror(errno));
	return filter_calls(rights, why, size);
}

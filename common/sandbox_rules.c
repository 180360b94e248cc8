/*
 * sandbox_rules: writes the system call filters of sandbox.c as C, one for
 * each set of rights.  It runs when the programs are built, and so the
 * millisecond that libseccomp needs is not a part of each daemon's start.
 *
 *	sandbox_rules [ARCHITECTURE]
 *
 * ARCHITECTURE: of the machine that the filters are for, as libseccomp calls
 * it (aarch64); this machine's without one.  Flags of open(2) and requests of
 * ioctl(2) have the numbers of this machine in any case: x86, ARM, RISC-V,
 * s390 and LoongArch share them.
 */
#ifdef __linux__
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include <endian.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/sockios.h>
#include <seccomp.h>
#include <stdio.h>
#include <sysexits.h>
#include <unistd.h>

#include "sandbox.h"

#define ALWAYS	0u
#define PID	0x7fffffff	/* stands for the process's own */
#define LENGTH	1024		/* instructions */

/* What may be called. */
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

static size_t make_filter(uint32_t arch, unsigned rights,
    struct sock_filter[LENGTH]);
static void add_rules(scmp_filter_ctx, unsigned rights);
static size_t export(scmp_filter_ctx, struct sock_filter[LENGTH]);
static size_t print(uint32_t arch, const struct sock_filter *, size_t n);

int
main(int argc, char **argv)
{
	struct { size_t at, n; } filter[SANDBOX_SETS];
	struct sock_filter code[LENGTH];
	size_t at = 0, longest = 0, n, places;
	uint32_t arch = seccomp_arch_native();

	if (argc > 1)
		arch = seccomp_arch_resolve_name(argv[1]);
	if (arch == 0)
		errx(EX_USAGE, "%s: libseccomp knows no such architecture",
		    argv[1]);
	puts("static const struct sock_filter instructions[] = {");
	for (unsigned rights = 0; rights < SANDBOX_SETS; rights++) {
		n = make_filter(arch, rights, code);
		places = print(arch, code, n);
		if (places != 1)
			errx(EX_SOFTWARE, "rights %#x: %zu places for the "
			    "process's number, not one", rights, places);
		filter[rights].at = at;
		filter[rights].n = n;
		longest = n > longest ? n : longest;
		at += n;
	}
	puts("};\nstatic const struct {\n\tunsigned at;\n"
	    "\tunsigned short n;\n} filters[] = {");
	for (unsigned rights = 0; rights < SANDBOX_SETS; rights++)
		printf("\t{ %zu, %zu },\n", filter[rights].at,
		    filter[rights].n);
	printf("};\n#define SANDBOX_LENGTH %zu\n#define SANDBOX_PID %#x\n",
	    longest, PID);
	if (fflush(stdout) != 0 || ferror(stdout))
		err(EX_IOERR, "standard output");
	return EX_OK;
}

static void
must(int e, const char *what)
{
	if (e != 0) {
		errno = -e;
		err(EX_SOFTWARE, "%s", what);
	}
}

static size_t
make_filter(uint32_t arch, unsigned rights, struct sock_filter at[LENGTH])
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_TRAP);
	size_t n;

	if (filter == NULL)
		errx(EX_SOFTWARE, "seccomp_init");
	if (arch != seccomp_arch_native()) {
		must(seccomp_arch_remove(filter, SCMP_ARCH_NATIVE),
		    "seccomp_arch_remove");
		must(seccomp_arch_add(filter, arch), "seccomp_arch_add");
	}
	/* The call is found by halving, not by one comparison for each. */
	must(seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2),
	    "SCMP_FLTATR_CTL_OPTIMIZE");
	add_rules(filter, rights);
	n = export(filter, at);
	seccomp_release(filter);
	return n;
}

/* A call that arch does not have is left out by libseccomp. */
static void
allow(scmp_filter_ctx filter, int call, unsigned n,
    const struct scmp_arg_cmp *arg)
{
	must(seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, call, n, arg),
	    "seccomp_rule_add");
}

static void
add_checked(scmp_filter_ctx filter, unsigned rights)
{
	for (size_t i = 0; i < sizeof checked / sizeof *checked; i++) {
		struct scmp_arg_cmp cmp[2];
		unsigned n = 0;

		if (checked[i].rights != ALWAYS &&
		    (checked[i].rights & rights) == 0)
			continue;
		/* SANDBOX_WRITE has all of open and openat already */
		if (checked[i].rights == SANDBOX_READ &&
		    (rights & SANDBOX_WRITE) != 0)
			continue;
		for (; n < 2 && checked[i].arg[n].mask != 0; n++)
			cmp[n] = SCMP_CMP(checked[i].arg[n].n,
			    SCMP_CMP_MASKED_EQ, checked[i].arg[n].mask,
			    checked[i].arg[n].value);
		allow(filter, checked[i].call, n, cmp);
	}
}

static void
add_refused(scmp_filter_ctx filter, unsigned rights)
{
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
		struct scmp_arg_cmp cmp = SCMP_A0_32(SCMP_CMP_EQ,
		    (uint32_t)refused[i].domain, 0);

		if ((refused[i].unless & rights) == 0)
			must(seccomp_rule_add_array(filter,
			    SCMP_ACT_ERRNO(EACCES), refused[i].call,
			    refused[i].domain < 0 ? 0 : 1, &cmp),
			    "seccomp_rule_add");
	}
}

static void
add_rules(scmp_filter_ctx filter, unsigned rights)
{
	struct scmp_arg_cmp own = SCMP_A0_32(SCMP_CMP_EQ, PID, 0);

	for (size_t i = 0; i < sizeof allowed / sizeof *allowed; i++) {
		if (allowed[i].rights != ALWAYS &&
		    (allowed[i].rights & rights) == 0)
			continue;
		for (const int *call = allowed[i].calls; *call != END; call++)
			allow(filter, *call, 0, NULL);
	}
	/* abort(3) and raise(3), on ourselves alone */
	allow(filter, S(tgkill), 1, &own);
	add_checked(filter, rights);
	add_refused(filter, rights);
}

/* libseccomp writes it to a file. */
static size_t
export(scmp_filter_ctx filter, struct sock_filter at[LENGTH])
{
	FILE *f = tmpfile();
	size_t n;

	if (f == NULL)
		err(EX_CANTCREAT, "a temporary file");
	must(seccomp_export_bpf(filter, fileno(f)), "seccomp_export_bpf");
	rewind(f);
	n = fread(at, sizeof *at, LENGTH, f);
	if (ferror(f) || n == 0 || n == LENGTH)
		errx(EX_SOFTWARE, "a filter of %zu instructions", n);
	fclose(f);
	return n;
}

/* How often PID stands in it; libseccomp has it in the byte order of arch. */
static size_t
print(uint32_t arch, const struct sock_filter *at, size_t n)
{
	bool little = (arch & __AUDIT_ARCH_LE) != 0;
	size_t places = 0;

	for (; n > 0; n--, at++) {
		uint16_t op = little ? le16toh(at->code) : be16toh(at->code);
		uint32_t k = little ? le32toh(at->k) : be32toh(at->k);

		places += k == PID;
		printf("\t{ %#x, %u, %u, %#x },\n", op, at->jt, at->jf, k);
	}
	return places;
}
#else
int
main(void)
{
	return 0;
}
#endif

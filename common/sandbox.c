#include "sandbox.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#ifdef __linux__
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "log.h"
#include "sandbox_filter.h"
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
	struct sock_filter at[SANDBOX_LENGTH];
	struct sock_fprog program = { filters[rights].n, at };
	long rc;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L) != 0)
		return fail(EX_OSERR, why, size, "no_new_privs: %s",
		    strerror(errno));
	/* A system built without seccomp: chroot and setuid must do. */
	if (SANITIZED || prctl(PR_GET_SECCOMP, 0L, 0L, 0L, 0L) < 0)
		return 0;
	sigaction(SIGSYS, &act, NULL);
	memcpy(at, &instructions[filters[rights].at],
	    filters[rights].n * sizeof *at);
	for (size_t i = 0; i < filters[rights].n; i++)
		if (at[i].k == SANDBOX_PID)
			at[i].k = (uint32_t)getpid();
	/* for threads that are there already, too */
	rc = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
	    SECCOMP_FILTER_FLAG_TSYNC, &program);
	return rc == 0 ? 0 : fail(EX_OSERR, why, size,
	    "system call filter: %s", rc > 0 ?
	    "a thread has one of its own" : strerror(errno));
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
#ifdef __NetBSD__
	/* Of a process of root these set all three. */
	if (setgid(pw->pw_gid) != 0 || setuid(pw->pw_uid) != 0)
		return false;
#else
	if (setresgid(pw->pw_gid, pw->pw_gid, pw->pw_gid) != 0 ||
	    setresuid(pw->pw_uid, pw->pw_uid, pw->pw_uid) != 0)
		return false;
#endif
	errno = EPERM;
	/* There must be no way back. */
	if (pw->pw_uid != 0 && (setuid(0) == 0 || seteuid(0) == 0))
		return false;
	return pw->pw_uid == 0 || pw->pw_gid == 0 || setgid(0) != 0;
}

/*
 * A daemon's user is most often one of this machine.  Where else to look is
 * asked in shared libraries, which a program without them cannot do.
 */
static const struct passwd *
find_user(const char *name, unsigned rights)
{
#ifdef __linux__
	FILE *f = fopen("/etc/passwd", "re");
	const struct passwd *pw = NULL;

	while (f != NULL && (pw = fgetpwent(f)) != NULL &&
	    strcmp(pw->pw_name, name) != 0)
		continue;
	if (f != NULL)
		fclose(f);
	if (pw != NULL || (rights & (SANDBOX_READ | SANDBOX_WRITE)) == 0)
		return pw;
#else
	(void)rights;
#endif
	return getpwnam(name);
}

int
sandbox_enter(const char *root, const char *user, unsigned rights,
    bool *chrooted, char *why, size_t size)
{
	const struct passwd *pw = NULL;

	*chrooted = false;
	tzset();	/* the zone's file is out of reach afterwards */
	if (user != NULL) {
		pw = find_user(user, rights);
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

/*
 * Gives privileges up: chroot, setresuid, no_new_privs, and a system call
 * filter (seccomp on Linux, pledge and unveil on OpenBSD, Capsicum on
 * FreeBSD).  Each program names its rights in its own main; this only
 * carries them out, once, when sockets and database are open.
 */
#ifndef SANDBOX_H
#define SANDBOX_H

#include <stdbool.h>
#include <stddef.h>

enum sandbox_rights {
	SANDBOX_NET = 0x1,	/* receive and send on open sockets */
	SANDBOX_ACCEPT = 0x2,	/* accept connections, in libevent's loop */
	SANDBOX_READ = 0x4,	/* open files for reading */
	SANDBOX_WRITE = 0x8,	/* create, write, rename, remove files */
	SANDBOX_SOCKET = 0x10,	/* make new UDP sockets and bind them */
	SANDBOX_LOG = 0x20,	/* connect to syslog again */
	SANDBOX_SETS = 0x40,	/* so many sets of rights there are */
};

/*
 * root: directory to chroot into, or NULL.  user: name to become, or NULL
 * to stay (uid 0 then stays uid 0, with a warning from the caller if it
 * wants one); it stands in /etc/passwd or, for who has the right to open
 * files, wherever else this system keeps users.  Without privilege (euid not 0) chroot and user are skipped
 * if user is NULL or already us, and *chrooted says false.  A system call
 * outside the rights ends the process (SIGSYS) with a line in the log.  All
 * of that holds for threads, too, also for those that run already.
 * 0, or a sysexits code and why in words.
 */
int sandbox_enter(const char *root, const char *user, unsigned rights,
    bool *chrooted, char *why, size_t size);

#endif

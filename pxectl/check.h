/*
 * `pxectl check`: parts that look at one thing each, and say what they find.
 */
#ifndef CHECK_H
#define CHECK_H

#include <stdbool.h>

#include "command.h"
#include "json.h"

struct check {
	struct pxectl *px;
	struct json_list json;
	unsigned found;
};

/* Says what is wrong and what to do about it ("" where nobody knows). */
void check_found(struct check *, const char *todo, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* The same for what may be meant so: it does not change the exit status. */
void check_remark(struct check *, const char *todo, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Files and rsync modules that hosts name; needs px->db. */
int check_files(struct check *);
/* Routers and boot servers of the subnets; needs px->db. */
int check_network(struct check *);
/*
 * Our three services: who holds their ports, and inetd's lines; without a
 * file, those of /etc/inetd.conf if it is there.
 */
void check_services(struct check *, const char *inetd_conf);
/* The directories and the ring of events. */
void check_root(struct check *);

/*
 * Reads a line of inetd.conf: false if it is a comment, another service or
 * none.  *limited: a nowait that stops at some number of clients a minute.
 * Pure.
 */
struct check_inetd {
	char service[32];
	char wait[32];
	char user[64];
	char program[256];
	char root[1024];	/* --root, or -s without its last part; or "" */
	bool limited;
};
bool check_inetd_line(const char *line, struct check_inetd *);

/*
 * Finds the inode of a socket bound to the port in a line of
 * /proc/net/udp or tcp (there: listening); false if it is another.  Pure.
 */
bool check_socket_line(const char *line, bool tcp, unsigned port,
    unsigned long *inode);

#endif

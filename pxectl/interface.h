/*
 * The IPv4 networks this machine is on, for `pxectl init` to propose.
 */
#ifndef INTERFACE_H
#define INTERFACE_H

#include <stddef.h>
#include <stdint.h>

#define INTERFACES_MAX	32

struct interface {		/* addresses in host byte order */
	char name[32];
	uint32_t address;
	unsigned len;		/* of the network's prefix */
	uint32_t router;	/* 0: no default route leaves here */
};

/*
 * Those that are up, no loopback, one a network, with room for hosts (a
 * prefix of at most 30).  How many; without more than max.
 */
size_t interface_list(struct interface *, size_t max);

/*
 * The default gateway in the text of Linux' /proc/net/route for that
 * interface, or 0.  Pure.
 */
uint32_t interface_gateway(const char *text, const char *name);

#endif

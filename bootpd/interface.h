/*
 * This machine's network interfaces and their addresses, kept up to date
 * without any right: by a netlink socket on Linux, elsewhere as they were
 * at the start.
 */
#ifndef INTERFACE_H
#define INTERFACE_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define INTERFACE_ADDRESSES_MAX	32

struct interface {
	unsigned index;
	char name[IF_NAMESIZE];
	bool ethernet;		/* frames with mac as their source can go */
	uint8_t mac[6];
	unsigned mtu;		/* 0: unknown */
	size_t n;
	uint32_t address[INTERFACE_ADDRESSES_MAX];	/* host byte order */
};

struct interfaces {
	size_t n, size;
	struct interface *at;	/* moves when interfaces come */
	size_t last;		/* the one found last */
	int fd;			/* to wait for changes on, or -1 */
	int ask;		/* the system's whole list, or -1 */
	bool stale;		/* changes were lost: all is to be read anew */
};

/* Opens and reads all.  False with errno. */
bool interfaces_open(struct interfaces *);
void interfaces_close(struct interfaces *);

/*
 * Something is to be read from fd, or stale is set: takes the changes in.
 * If some were lost, all is read anew; if even that fails, no interface is
 * left, and stale stays set.
 */
void interfaces_changed(struct interfaces *);

/* NULL if there is none; valid until the next change. */
const struct interface *interface_by_index(struct interfaces *,
    unsigned index);

/* The interface that has this address (host byte order), or NULL. */
const struct interface *interface_by_address(const struct interfaces *,
    uint32_t address);

#endif

#include <sys/types.h>
#include <sys/socket.h>

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "interface.h"

/* The one with this index, made if need be; NULL: no memory. */
static struct interface *
get(struct interfaces *s, unsigned index)
{
	struct interface *at;
	size_t i, size;

	for (i = 0; i < s->n; i++)
		if (s->at[i].index == index)
			return &s->at[i];
	if (s->n == s->size) {
		size = s->size == 0 ? 16 : 2 * s->size;
		at = reallocarray(s->at, size, sizeof *at);
		if (at == NULL)
			return NULL;
		s->at = at;
		s->size = size;
	}
	at = &s->at[s->n++];
	memset(at, 0, sizeof *at);
	at->index = index;
	return at;
}

static void
drop(struct interfaces *s, unsigned index)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		if (s->at[i].index == index) {
			s->at[i] = s->at[--s->n];
			return;
		}
}

static void
add_address(struct interface *i, uint32_t address)
{
	size_t k;

	for (k = 0; k < i->n; k++)
		if (i->address[k] == address)
			return;
	if (i->n < INTERFACE_ADDRESSES_MAX)
		i->address[i->n++] = address;
}

const struct interface *
interface_by_index(struct interfaces *s, unsigned index)
{
	size_t i;

	if (s->last < s->n && s->at[s->last].index == index)
		return &s->at[s->last];
	for (i = 0; i < s->n; i++)
		if (s->at[i].index == index) {
			s->last = i;
			return &s->at[i];
		}
	return NULL;
}

const struct interface *
interface_by_name(const struct interfaces *s, const char *name)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		if (strcmp(s->at[i].name, name) == 0)
			return &s->at[i];
	return NULL;
}

const struct interface *
interface_by_address(const struct interfaces *s, uint32_t address)
{
	size_t i, k;

	for (i = 0; i < s->n; i++)
		for (k = 0; k < s->at[i].n; k++)
			if (s->at[i].address[k] == address)
				return &s->at[i];
	return NULL;
}

void
interfaces_close(struct interfaces *s)
{
	free(s->at);
	if (s->fd >= 0)
		close(s->fd);
	*s = (struct interfaces){ .fd = -1 };
}

#ifdef __linux__
#include <linux/if_arp.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#define MESSAGES_SIZE	32768	/* what the kernel sends at once at most */

static void
remove_address(struct interface *i, uint32_t address)
{
	size_t k;

	for (k = 0; k < i->n; k++)
		if (i->address[k] == address) {
			i->n--;
			memmove(&i->address[k], &i->address[k + 1],
			    (i->n - k) * sizeof i->address[0]);
			return;
		}
}

static void
link_message(struct interfaces *s, const struct nlmsghdr *h)
{
	const struct ifinfomsg *info = NLMSG_DATA(h);
	const struct rtattr *a = IFLA_RTA(info);
	size_t left = IFLA_PAYLOAD(h), n;
	struct interface *i;

	/* A bridge tells of its ports in messages of its own family. */
	if (h->nlmsg_type == RTM_DELLINK && info->ifi_family == AF_UNSPEC) {
		drop(s, (unsigned)info->ifi_index);
		return;
	}
	if (h->nlmsg_type != RTM_NEWLINK ||
	    (i = get(s, (unsigned)info->ifi_index)) == NULL)
		return;
	i->ethernet = false;
	for (; RTA_OK(a, left); a = RTA_NEXT(a, left)) {
		n = RTA_PAYLOAD(a);
		if (a->rta_type == IFLA_IFNAME && n <= sizeof i->name) {
			memcpy(i->name, RTA_DATA(a), n);
			i->name[sizeof i->name - 1] = '\0';
		} else if (a->rta_type == IFLA_ADDRESS &&
		    n == sizeof i->mac && info->ifi_type == ARPHRD_ETHER) {
			memcpy(i->mac, RTA_DATA(a), n);
			i->ethernet = true;
		}
	}
}

static void
address_message(struct interfaces *s, const struct nlmsghdr *h)
{
	const struct ifaddrmsg *info = NLMSG_DATA(h);
	const struct rtattr *a = IFA_RTA(info);
	size_t left = IFA_PAYLOAD(h);
	struct interface *i;
	uint32_t address = 0;

	if (info->ifa_family != AF_INET)
		return;
	/* LOCAL is ours; ADDRESS is the peer's where there is a peer. */
	for (; RTA_OK(a, left); a = RTA_NEXT(a, left))
		if (a->rta_type == IFA_LOCAL &&
		    RTA_PAYLOAD(a) == sizeof address)
			memcpy(&address, RTA_DATA(a), sizeof address);
	if (address == 0 || (i = get(s, info->ifa_index)) == NULL)
		return;
	address = ntohl(address);
	if (h->nlmsg_type == RTM_DELADDR)
		remove_address(i, address);
	else
		add_address(i, address);
}

static bool
ask(struct interfaces *s, uint16_t type)
{
	struct {
		struct nlmsghdr h;
		struct rtgenmsg g;
	} m = { .h = { .nlmsg_len = NLMSG_LENGTH(sizeof m.g),
	    .nlmsg_type = type, .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP,
	    .nlmsg_seq = type }, .g = { AF_UNSPEC } };

	return send(s->fd, &m, m.h.nlmsg_len, 0) >= 0;
}

/* One datagram of messages.  False: none there, or errno. */
static bool
take(struct interfaces *s, int flags, bool *done)
{
	union {
		struct nlmsghdr h;
		char bytes[MESSAGES_SIZE];
	} buffer;
	const struct nlmsghdr *h = &buffer.h;
	ssize_t n;
	size_t left;

	do
		n = recv(s->fd, &buffer, sizeof buffer, flags);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return false;
	left = (size_t)n;
	for (; NLMSG_OK(h, left); h = NLMSG_NEXT(h, left))
		switch (h->nlmsg_type) {
		case RTM_NEWLINK:
		case RTM_DELLINK:
			link_message(s, h);
			break;
		case RTM_NEWADDR:
		case RTM_DELADDR:
			address_message(s, h);
			break;
		case NLMSG_DONE:
		case NLMSG_ERROR:
			*done = true;
			break;
		}
	return true;
}

/* Everything from the beginning: the kernel dumps one thing at a time. */
static bool
read_all(struct interfaces *s)
{
	static const uint16_t what[] = { RTM_GETLINK, RTM_GETADDR };
	size_t i;
	bool done;

	s->n = 0;
	for (i = 0; i < sizeof what / sizeof what[0]; i++) {
		if (!ask(s, what[i]))
			return false;
		for (done = false; !done;)
			if (!take(s, 0, &done))
				return false;
	}
	return true;
}

bool
interfaces_open(struct interfaces *s)
{
	struct sockaddr_nl a = { .nl_family = AF_NETLINK,
	    .nl_groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR };

	*s = (struct interfaces){ .fd = socket(AF_NETLINK,
	    SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE) };
	return s->fd >= 0 &&
	    bind(s->fd, (struct sockaddr *)&a, sizeof a) == 0 && read_all(s);
}

void
interfaces_changed(struct interfaces *s)
{
	bool done;
	int turn;

	for (turn = 0; turn < 64; turn++)
		if (!take(s, MSG_DONTWAIT, &done)) {
			/* The kernel had more to tell than it could keep. */
			if (errno == ENOBUFS)
				read_all(s);
			return;
		}
}

#else	/* the BSDs */
#include <ifaddrs.h>
#include <net/if_dl.h>
#include <net/if_types.h>
#include <netinet/in.h>

static void
add(struct interfaces *s, const struct ifaddrs *a)
{
	const struct sockaddr_dl *dl = (const void *)a->ifa_addr;
	const struct sockaddr_in *in = (const void *)a->ifa_addr;
	struct interface *i;
	unsigned index = if_nametoindex(a->ifa_name);

	if (a->ifa_addr == NULL || index == 0 || (i = get(s, index)) == NULL)
		return;
	strncpy(i->name, a->ifa_name, sizeof i->name - 1);
	if (a->ifa_addr->sa_family == AF_INET) {
		add_address(i, ntohl(in->sin_addr.s_addr));
	} else if (a->ifa_addr->sa_family == AF_LINK &&
	    (dl->sdl_type == IFT_ETHER || dl->sdl_type == IFT_L2VLAN ||
	    dl->sdl_type == IFT_BRIDGE) && dl->sdl_alen == sizeof i->mac) {
		memcpy(i->mac, LLADDR(dl), sizeof i->mac);
		i->ethernet = true;
	}
}

bool
interfaces_open(struct interfaces *s)
{
	struct ifaddrs *all, *a;

	*s = (struct interfaces){ .fd = -1 };
	if (getifaddrs(&all) != 0)
		return false;
	for (a = all; a != NULL; a = a->ifa_next)
		add(s, a);
	freeifaddrs(all);
	return true;
}

void
interfaces_changed(struct interfaces *s)
{
	(void)s;
}
#endif

#include <sys/types.h>
#include <sys/socket.h>

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "interface.h"

static struct interface *
find(struct interfaces *s, unsigned index)
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

/* The one with this index, made if need be; NULL: no memory. */
static struct interface *
get(struct interfaces *s, unsigned index)
{
	struct interface *at = find(s, index);
	size_t size;

	if (at != NULL)
		return at;
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
	return find(s, index);
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
	if (s->ask >= 0)
		close(s->ask);
	*s = (struct interfaces){ .fd = -1, .ask = -1 };
}

#ifdef __linux__
#include <linux/if_arp.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#define MESSAGES_SIZE	32768	/* what the kernel sends at once at most */
#define CHANGES_MOST	4096	/* taken in before packets have their turn */
#define READ_TURNS	8

/* What a datagram of messages was. */
struct taken {
	bool last;		/* of the answer to a question */
	bool torn;		/* that answer is no whole: ask again */
};

static void
drop(struct interfaces *s, unsigned index)
{
	struct interface *i = find(s, index);

	if (i != NULL)
		*i = s->at[--s->n];
}

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
	if (info->ifi_type != ARPHRD_ETHER)
		i->ethernet = false;
	/* Some tell only what is new. */
	for (; RTA_OK(a, left); a = RTA_NEXT(a, left)) {
		n = RTA_PAYLOAD(a);
		if (a->rta_type == IFLA_IFNAME && n <= sizeof i->name) {
			memcpy(i->name, RTA_DATA(a), n);
			i->name[sizeof i->name - 1] = '\0';
		} else if (a->rta_type == IFLA_ADDRESS &&
		    n == sizeof i->mac && info->ifi_type == ARPHRD_ETHER) {
			memcpy(i->mac, RTA_DATA(a), n);
			i->ethernet = true;
		} else if (a->rta_type == IFLA_MTU && n == sizeof i->mtu) {
			memcpy(&i->mtu, RTA_DATA(a), n);
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
	if (address == 0)
		return;
	address = ntohl(address);
	if (h->nlmsg_type == RTM_NEWADDR) {
		if ((i = get(s, info->ifa_index)) != NULL)
			add_address(i, address);
	} else if ((i = find(s, info->ifa_index)) != NULL) {
		/* One that had no room may have it now. */
		s->stale = s->stale || i->n == INTERFACE_ADDRESSES_MAX;
		remove_address(i, address);
	}
}

static bool
ask(const struct interfaces *s, uint16_t type)
{
	struct {
		struct nlmsghdr h;
		struct rtgenmsg g;
	} m = { .h = { .nlmsg_len = NLMSG_LENGTH(sizeof m.g),
	    .nlmsg_type = type, .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP,
	    .nlmsg_seq = type }, .g = { AF_UNSPEC } };

	return send(s->ask, &m, m.h.nlmsg_len, 0) >= 0;
}

/* One datagram of messages.  False: none there, or errno. */
static bool
take(struct interfaces *s, int fd, int flags, struct taken *t)
{
	union {
		struct nlmsghdr h;
		char bytes[MESSAGES_SIZE];
	} buffer;
	const struct nlmsghdr *h = &buffer.h;
	ssize_t n;
	size_t left;

	do
		n = recv(fd, &buffer, sizeof buffer, flags);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return false;
	left = (size_t)n;
	for (; NLMSG_OK(h, left); h = NLMSG_NEXT(h, left)) {
		t->torn = t->torn || h->nlmsg_flags & NLM_F_DUMP_INTR;
		switch (h->nlmsg_type) {
		case RTM_NEWLINK:
		case RTM_DELLINK:
			link_message(s, h);
			break;
		case RTM_NEWADDR:
		case RTM_DELADDR:
			address_message(s, h);
			break;
		case NLMSG_ERROR:
			t->torn = true;
			/* FALLTHROUGH */
		case NLMSG_DONE:
			t->last = true;
			break;
		}
	}
	return true;
}

/*
 * Everything from the beginning.  The kernel answers one question at a time,
 * on a socket that no change can overrun; the changes that come meanwhile
 * wait on the other one and are taken in after it.
 */
static bool
read_once(struct interfaces *s)
{
	static const uint16_t what[] = { RTM_GETLINK, RTM_GETADDR };
	struct taken t = { .torn = false };
	size_t i;

	s->n = 0;
	for (i = 0; i < sizeof what / sizeof what[0]; i++) {
		if (!ask(s, what[i]))
			return false;
		for (t.last = false; !t.last;)
			if (!take(s, s->ask, 0, &t))
				return false;
	}
	return !t.torn;
}

/*
 * What waits is from before what was lost, and until all of it is read the
 * kernel keeps losing more.
 */
static void
forget_changes(const struct interfaces *s)
{
	char byte;

	while (recv(s->fd, &byte, sizeof byte, MSG_DONTWAIT) >= 0 ||
	    errno == ENOBUFS || errno == EINTR)
		;
}

static bool
read_all(struct interfaces *s)
{
	int turn;

	for (turn = 0; turn < READ_TURNS; turn++) {
		forget_changes(s);
		if (read_once(s)) {
			s->stale = false;
			return true;
		}
	}
	s->n = 0;
	s->stale = true;
	return false;
}

bool
interfaces_open(struct interfaces *s)
{
	struct sockaddr_nl a = { .nl_family = AF_NETLINK,
	    .nl_groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR };

	*s = (struct interfaces){
		.fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC,
		    NETLINK_ROUTE),
		.ask = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC,
		    NETLINK_ROUTE),
	};
	return s->fd >= 0 && s->ask >= 0 &&
	    bind(s->fd, (struct sockaddr *)&a, sizeof a) == 0 && read_all(s);
}

void
interfaces_changed(struct interfaces *s)
{
	struct taken t = { .last = false };
	int turn;

	for (turn = 0; turn < CHANGES_MOST; turn++) {
		if (s->stale && !read_all(s))
			return;
		if (take(s, s->fd, MSG_DONTWAIT, &t))
			continue;
		if (errno != ENOBUFS)
			return;
		s->stale = true;
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

	*s = (struct interfaces){ .fd = -1, .ask = -1 };
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

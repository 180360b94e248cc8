#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "entry.h"
#include "interface.h"

static bool usable(const struct ifaddrs *, struct interface *);
static void read_file(const char *, char *, size_t);
static uint32_t number(const struct sockaddr *);

size_t
interface_list(struct interface *list, size_t max)
{
	char routes[16384];
	struct ifaddrs *all, *a;
	struct interface i;
	size_t n = 0, k;

	if (getifaddrs(&all) != 0)
		return 0;
	read_file("/proc/net/route", routes, sizeof routes);
	for (a = all; a != NULL && n < max; a = a->ifa_next) {
		if (!usable(a, &i))
			continue;
		for (k = 0; k < n; k++)
			if (((list[k].address ^ i.address) &
			    entry_subnet_mask(i.len)) == 0)
				break;
		if (k < n)
			continue;
		i.router = interface_gateway(routes, i.name);
		list[n++] = i;
	}
	freeifaddrs(all);
	return n;
}

uint32_t
interface_gateway(const char *text, const char *name)
{
	unsigned destination, gateway, mask;
	char word[32];

	while ((text = strchr(text, '\n')) != NULL) {
		text++;
		if (sscanf(text, "%31s %x %x %*x %*u %*u %*u %x", word,
		    &destination, &gateway, &mask) == 4 &&
		    strcmp(word, name) == 0 && destination == 0 &&
		    mask == 0 && gateway != 0)
			return ntohl(gateway);	/* printed as it lies */
	}
	return 0;
}

static bool
usable(const struct ifaddrs *a, struct interface *i)
{
	uint32_t mask;

	if (a->ifa_addr == NULL || a->ifa_netmask == NULL ||
	    a->ifa_addr->sa_family != AF_INET ||
	    (a->ifa_flags & IFF_LOOPBACK) || !(a->ifa_flags & IFF_UP))
		return false;
	*i = (struct interface){ .address = number(a->ifa_addr) };
	mask = number(a->ifa_netmask);
	while (i->len < 32 && (mask & (0x80000000u >> i->len)))
		i->len++;
	snprintf(i->name, sizeof i->name, "%s", a->ifa_name);
	/* 169.254 is nobody's network. */
	return i->len >= 8 && i->len <= 30 && i->address >> 16 != 0xa9fe;
}

static void
read_file(const char *path, char *text, size_t size)
{
	FILE *f = fopen(path, "re");

	text[0] = '\0';
	if (f == NULL)
		return;
	text[fread(text, 1, size - 1, f)] = '\0';
	fclose(f);
}

static uint32_t
number(const struct sockaddr *a)
{
	struct sockaddr_in in;

	memcpy(&in, a, sizeof in);
	return ntohl(in.sin_addr.s_addr);
}

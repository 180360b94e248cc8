/* What a subnet says that is right on paper, and that no machine can use. */
#include <arpa/inet.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <string.h>
#include <sysexits.h>

#include "attribute.h"
#include "check.h"
#include "text.h"

static void check_routers(struct check *, const struct entry *);
static void check_server(struct check *, const struct entry *);
static bool is_own(uint32_t);

int
check_network(struct check *c)
{
	struct hostdb_walk w;
	enum hostdb_status s;
	struct entry e;

	if (hostdb_get(c->px->db, ENTRY_SITE, "", &e) == HOSTDB_OK)
		check_server(c, &e);
	hostdb_walk(&w, ENTRY_SUBNET);
	while ((s = hostdb_next(c->px->db, &w, &e)) != HOSTDB_NOT_FOUND) {
		if (s == HOSTDB_ERROR)
			return fail_lookup(s, ENTRY_SUBNET, "");
		if (s != HOSTDB_OK)
			continue;
		check_routers(c, &e);
		check_server(c, &e);
	}
	return EX_OK;
}

static void
check_routers(struct check *c, const struct entry *e)
{
	const char *at = entry_get(e, A_ROUTER, NULL);
	char item[64], todo[512];
	uint32_t network, address;
	unsigned len;

	if (!entry_subnet_parse(entry_name(e), &network, &len))
		return;
	snprintf(todo, sizeof todo, "pxectl set %s router=...",
	    entry_name(e));
	while (at != NULL && attribute_item(&at, item, sizeof item))
		if (attribute_address(item, &address) &&
		    ((address ^ network) & entry_subnet_mask(len)) != 0)
			check_found(c, todo, "subnet %s: router=%s is not in "
			    "it, so its machines cannot reach it",
			    entry_name(e), item);
}

/* Another machine may well be meant: said, but no fault. */
static void
check_server(struct check *c, const struct entry *e)
{
	const char *value = entry_get(e, A_NEXT_SERVER, NULL);
	char name[ENTRY_NAME_MAX + 16];
	uint32_t address;

	if (value == NULL || !attribute_address(value, &address) ||
	    is_own(address))
		return;
	text_entry(name, sizeof name, e);
	check_remark(c, "right if another server has the files", "%s: "
	    "next-server=%s is no address of this machine", name, value);
}

static bool
is_own(uint32_t address)
{
	struct ifaddrs *all, *a;
	struct sockaddr_in in;
	bool own = false;

	if (getifaddrs(&all) != 0)
		return true;
	for (a = all; a != NULL && !own; a = a->ifa_next) {
		if (a->ifa_addr == NULL || a->ifa_addr->sa_family != AF_INET)
			continue;
		memcpy(&in, a->ifa_addr, sizeof in);
		own = ntohl(in.sin_addr.s_addr) == address;
	}
	freeifaddrs(all);
	return own;
}

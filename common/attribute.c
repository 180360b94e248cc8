#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arch.h"
#include "attribute.h"

const struct attribute attribute_table[ATTRIBUTES] = {
	[A_MAC] = { "mac", T_MACS, ON_HOST, 0, SUFFIX_NONE, false,
	    "Ethernet addresses of the machine's own interface" },
	[A_HW] = { "hw", T_HWS, ON_HOST, 0, SUFFIX_NONE, false,
	    "hardware addresses of any type, as HTYPE/BYTES" },
	[A_CLIENT_ID] = { "client-id", T_BYTES, ON_HOST, 0, SUFFIX_NONE, false,
	    "DHCP client identifier: text, or hex bytes with colons" },
	[A_UUID] = { "uuid", T_UUIDS, ON_HOST, 0, SUFFIX_NONE, false,
	    "UUIDs of the machine (DHCP option 97)" },
	[A_CIRCUIT_ID] = { "circuit-id", T_BYTES, ON_HOST, 0, SUFFIX_NONE,
	    false, "switch port the machine hangs on (option 82)" },
	[A_REMOTE_ID] = { "remote-id", T_BYTES, ON_HOST, 0, SUFFIX_NONE, false,
	    "switch or modem the machine hangs on (option 82)" },
	[A_SERIAL] = { "serial", T_WORD, ON_HOST, 0, SUFFIX_NONE, false,
	    "serial number, the name of a Raspberry Pi's directory" },
	[A_ADDRESS] = { "address", T_ADDRESSES, ON_HOST, 0, SUFFIX_NONE, false,
	    "IPv4 addresses, at most one a subnet" },
	[A_NIC] = { "nic", T_NIC, ON_HOST, 0, SUFFIX_NAME, false,
	    "further interface: nic.NAME=MAC or nic.NAME=MAC,ADDRESS" },
	[A_GROUP] = { "group", T_WORD, ON_HOST | ON_GROUP, 0, SUFFIX_NONE,
	    false, "group the host (or group) inherits from" },
	[A_ROUTER] = { "router", T_ADDRESSES, ON_NETWORKS, 3, SUFFIX_NONE,
	    false, "default gateways, best first" },
	[A_DNS] = { "dns", T_ADDRESSES, ON_NETWORKS, 6, SUFFIX_NONE, false,
	    "name servers, best first" },
	[A_DOMAIN] = { "domain", T_NAME, ON_NETWORKS, 15, SUFFIX_NONE, false,
	    "domain name" },
	[A_DOMAIN_SEARCH] = { "domain-search", T_NAMES, ON_NETWORKS, 119,
	    SUFFIX_NONE, false, "domains to search, in order" },
	[A_HOST_NAME] = { "host-name", T_NAME, ON_HOST, 12, SUFFIX_NONE, false,
	    "name told to the machine; the entry's own if not given" },
	[A_MASK] = { "mask", T_ADDRESS, ON_NETWORKS, 1, SUFFIX_NONE, false,
	    "network mask; the subnet's own if not given" },
	[A_BROADCAST] = { "broadcast", T_ADDRESS, ON_NETWORKS, 28, SUFFIX_NONE,
	    false, "broadcast address; the subnet's own if not given" },
	[A_DEFAULT_LEASE] = { "default-lease", T_DURATION, ON_NETWORKS, 51,
	    SUFFIX_NONE, false, "lease time told to DHCP clients" },
	[A_MTU] = { "mtu", T_U16, ON_NETWORKS, 26, SUFFIX_NONE, false,
	    "interface MTU" },
	[A_NTP] = { "ntp", T_ADDRESSES, ON_NETWORKS, 42, SUFFIX_NONE, false,
	    "NTP servers, best first" },
	[A_LOG_SERVER] = { "log-server", T_ADDRESSES, ON_NETWORKS, 7,
	    SUFFIX_NONE, false, "syslog servers" },
	[A_TIME_SERVER] = { "time-server", T_ADDRESSES, ON_NETWORKS, 4,
	    SUFFIX_NONE, false, "RFC 868 time servers" },
	[A_TIME_OFFSET] = { "time-offset", T_S32, ON_NETWORKS, 2, SUFFIX_NONE,
	    false, "seconds east of UTC" },
	[A_TIMEZONE] = { "timezone", T_TEXT, ON_NETWORKS, 100, SUFFIX_NONE,
	    false, "time zone in POSIX form: CET-1CEST,M3.5.0,M10.5.0/3" },
	[A_TZ_NAME] = { "tz-name", T_PATH, ON_NETWORKS, 101, SUFFIX_NONE,
	    false, "time zone by name: Europe/Amsterdam" },
	[A_NIS_DOMAIN] = { "nis-domain", T_TEXT, ON_NETWORKS, 40, SUFFIX_NONE,
	    false, "NIS domain" },
	[A_NIS_SERVER] = { "nis-server", T_ADDRESSES, ON_NETWORKS, 41,
	    SUFFIX_NONE, false, "NIS servers" },
	[A_WINS] = { "wins", T_ADDRESSES, ON_NETWORKS, 44, SUFFIX_NONE, false,
	    "NetBIOS name servers" },
	[A_ROUTES] = { "routes", T_ROUTES, ON_NETWORKS, 121, SUFFIX_NONE,
	    false, "further routes: NET/LEN-GATEWAY" },
	[A_SWAP_SERVER] = { "swap-server", T_ADDRESS, ON_NETWORKS, 16,
	    SUFFIX_NONE, false, "server of the swap file" },
	[A_LPR_SERVER] = { "lpr-server", T_ADDRESSES, ON_NETWORKS, 9,
	    SUFFIX_NONE, false, "print servers" },
	[A_SHARED_NETWORK] = { "shared-network", T_WORD, ON_SUBNET, 0,
	    SUFFIX_NONE, false, "name of the wire it shares with others" },
	[A_DISCOVER] = { "discover", T_RANGE, ON_SUBNET, 0, SUFFIX_NONE, false,
	    "addresses lent to machines nobody registered: FIRST-LAST" },
	[A_DISCOVER_GROUP] = { "discover-group", T_WORD, ON_SUBNET | ON_SITE,
	    0, SUFFIX_NONE, false, "group that such a machine is of" },
	[A_NEXT_SERVER] = { "next-server", T_ADDRESSES, ON_NETWORKS, 0,
	    SUFFIX_NONE, false, "boot file server; ours if not given" },
	[A_SERVER_NAME] = { "server-name", T_TEXT, ON_NETWORKS, 66,
	    SUFFIX_NONE, false, "name of the boot file server" },
	[A_BOOT] = { "boot", T_BOOT, ON_NETWORKS, 0, SUFFIX_NONE, false,
	    "net, or local: from its own disk" },
	[A_LOCAL] = { "local", T_LOCAL, ON_NETWORKS, 0, SUFFIX_NONE, false,
	    "what local means: exit, none, sanboot, grub-scan" },
	[A_LOADER] = { "loader", T_WORD, ON_NETWORKS, 0, SUFFIX_NONE, false,
	    "boot loader: pxelinux, grub, ipxe, pxeboot, openbsd, netbsd" },
	[A_FILENAME] = { "filename", T_PATH, ON_NETWORKS, 67, SUFFIX_ARCH,
	    true, "boot file, also for one architecture: filename.efi-x64" },
	[A_FIRMWARE] = { "firmware", T_WORD, ON_NETWORKS, 0, SUFFIX_NONE,
	    false, "treat the firmware as this row of bootpd(8)'s table" },
	[A_KERNEL] = { "kernel", T_PATH, ON_NETWORKS, 0, SUFFIX_NONE, true,
	    "kernel below tftpboot/" },
	[A_INITRD] = { "initrd", T_PATHS, ON_NETWORKS, 0, SUFFIX_NONE, true,
	    "initial ramdisks below tftpboot/" },
	[A_CMDLINE] = { "cmdline", T_TEXT, ON_NETWORKS, 0, SUFFIX_NONE, true,
	    "kernel command line" },
	[A_CONSOLE] = { "console", T_WORDS, ON_NETWORKS, 0, SUFFIX_NONE, false,
	    "serial console of loader and kernel: ttyS0,115200" },
	[A_ROOT_PATH] = { "root-path", T_TEXT, ON_NETWORKS, 17, SUFFIX_NONE,
	    true, "root file system by NFS or iSCSI" },
	[A_IPXE_SCRIPT] = { "ipxe-script", T_PATH, ON_NETWORKS, 0, SUFFIX_NONE,
	    true, "boot file told to iPXE instead of a loader" },
	[A_RSYNC] = { "rsync", T_WORDS, ON_NETWORKS, 0, SUFFIX_NONE, true,
	    "layers of files, pulled over each other: common,web,%n" },
	[A_RSYNC_PATH] = { "rsync-path", T_TEXT, ON_NETWORKS, 194, SUFFIX_NONE,
	    true, "where the files come from; made from rsync= otherwise" },
	[A_OPTION] = { "option", T_OPTION, ON_NETWORKS, 0, SUFFIX_CODE, true,
	    "any DHCP option by number: option-150=ip:192.0.2.9" },
	[A_COMMENT] = { "comment", T_TEXT, ON_NETWORKS, 0, SUFFIX_NONE, false,
	    "a note for people" },
};

static bool suffix_fits(enum attribute_suffix, const char *, size_t);

int
attribute_find(const char *name, size_t n, size_t *suffix)
{
	const struct attribute *a;
	size_t len;
	int i;

	for (i = 0; i < ATTRIBUTES; i++) {
		a = &attribute_table[i];
		if (*a->name != *name)
			continue;
		len = strlen(a->name);
		if (len > n || memcmp(a->name, name, len) != 0)
			continue;
		if (len == n) {
			if (a->suffix != SUFFIX_NONE &&
			    a->suffix != SUFFIX_ARCH)
				return -1;
			*suffix = n;
			return i;
		}
		if (a->suffix == SUFFIX_NONE ||
		    name[len] != (a->suffix == SUFFIX_CODE ? '-' : '.'))
			continue;
		if (!suffix_fits(a->suffix, name + len + 1, n - len - 1))
			return -1;
		*suffix = len + 1;
		return i;
	}
	return -1;
}

static bool
suffix_fits(enum attribute_suffix form, const char *s, size_t n)
{
	char word[64];
	unsigned long code;
	char *end;

	if (n == 0 || n >= sizeof word)
		return false;
	memcpy(word, s, n);
	word[n] = '\0';
	if (form == SUFFIX_ARCH)
		return arch_by_name(word) != NULL;
	if (form == SUFFIX_NAME)
		return attribute_is_host_name(word) &&
		    strchr(word, '.') == NULL;
	if (word[0] < '1' || word[0] > '9')
		return false;
	code = strtoul(word, &end, 10);
	return *end == '\0' && code < 255;
}

bool
attribute_item(const char **at, char *item, size_t size)
{
	size_t n;

	if (*at == NULL || **at == '\0')
		return false;
	n = strcspn(*at, ",");
	if (n >= size)
		return false;
	memcpy(item, *at, n);
	item[n] = '\0';
	*at += n;
	if (**at == ',')
		++*at;
	return true;
}

bool
attribute_address(const char *s, uint32_t *address)
{
	uint32_t v = 0;
	unsigned part;
	int i, digits;

	for (i = 0; i < 4; i++) {
		part = 0;
		for (digits = 0; *s >= '0' && *s <= '9'; s++, digits++) {
			/* 010 is 8 to some programs: say no, do not guess */
			if (digits == 3 || (digits == 1 && part == 0))
				return false;
			part = part * 10 + (unsigned)(*s - '0');
		}
		if (digits == 0 || part > 255)
			return false;
		v = v << 8 | part;
		if (i < 3 && *s++ != '.')
			return false;
	}
	*address = v;
	return *s == '\0';
}

bool
attribute_range(const char *s, uint32_t *first, uint32_t *last)
{
	const char *to = strchr(s, '-');
	char from[16];
	size_t n = to != NULL ? (size_t)(to - s) : sizeof from;

	if (n >= sizeof from)
		return false;
	memcpy(from, s, n);
	from[n] = '\0';
	return attribute_address(from, first) &&
	    attribute_address(to + 1, last) && *first <= *last;
}

const char *
attribute_address_text(uint32_t a, char text[ATTRIBUTE_ADDRESS_SIZE])
{
	snprintf(text, ATTRIBUTE_ADDRESS_SIZE, "%u.%u.%u.%u", a >> 24,
	    a >> 16 & 255, a >> 8 & 255, a & 255);
	return text;
}

void
attribute_put_address(struct put *o, uint32_t a)
{
	char text[ATTRIBUTE_ADDRESS_SIZE];

	put_text(o, attribute_address_text(a, text));
}

static bool
is_alnum(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
	    (c >= 'A' && c <= 'Z');
}

bool
attribute_is_host_name(const char *s)
{
	uint32_t address;
	size_t n, total = strlen(s);

	if (total == 0 || total > 253 || attribute_address(s, &address))
		return false;
	for (;;) {
		for (n = 0; is_alnum(s[n]) || (s[n] == '-' && n > 0); n++)
			;
		if (n == 0 || n > 63 || s[n - 1] == '-')
			return false;
		s += n;
		if (*s == '\0')
			return true;
		if (*s++ != '.')
			return false;
	}
}

bool
attribute_is_module(const char *s)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
	size_t n = strspn(s, allowed);

	return n > 0 && n <= 255 && s[n] == '\0' && strcmp(s, ".") != 0 &&
	    strcmp(s, "..") != 0 && strcmp(s, "global") != 0;
}

bool
attribute_duration(const char *s, uint32_t *seconds)
{
	static const struct {
		char unit;
		uint32_t factor;
	} units[] = {
		{ 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 },
		{ 'w', 604800 },
	};
	uint64_t v = 0;
	size_t i;

	if (strcmp(s, "infinite") == 0) {
		*seconds = UINT32_MAX;
		return true;
	}
	if (*s < '0' || *s > '9')
		return false;
	for (; *s >= '0' && *s <= '9'; s++)
		if ((v = v * 10 + (uint64_t)(*s - '0')) > UINT32_MAX)
			return false;
	if (*s != '\0') {
		for (i = 0; i < sizeof units / sizeof units[0]; i++)
			if (units[i].unit == *s)
				break;
		if (i == sizeof units / sizeof units[0] || s[1] != '\0')
			return false;
		v *= units[i].factor;
	}
	if (v == 0 || v >= UINT32_MAX)
		return false;
	*seconds = (uint32_t)v;
	return true;
}

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arch.h"
#include "attribute.h"
#include "identity.h"

#define ESCAPES "naMmgds%"	/* host_expand() fills them in */

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
	[A_NEXT_SERVER] = { "next-server", T_ADDRESSES, ON_NETWORKS, 0,
	    SUFFIX_NONE, false, "boot file server; ours if not given" },
	[A_SERVER_NAME] = { "server-name", T_TEXT, ON_NETWORKS, 66,
	    SUFFIX_NONE, false, "name of the boot file server" },
	[A_BOOT] = { "boot", T_BOOT, ON_NETWORKS, 0, SUFFIX_NONE, false,
	    "net, or local: from its own disk" },
	[A_LOCAL] = { "local", T_LOCAL, ON_NETWORKS, 0, SUFFIX_NONE, false,
	    "what local means: exit, none, sanboot, grub-scan" },
	[A_LOADER] = { "loader", T_WORD, ON_NETWORKS, 0, SUFFIX_NONE, false,
	    "boot loader: pxelinux, grub, ipxe, pxeboot" },
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

/* Decimal or 0x hex, no sign, at most max. */
static bool
number(const char *s, uint32_t max, uint32_t *v)
{
	unsigned long long n;
	char *end;

	if (*s < '0' || *s > '9' || strlen(s) > 12)
		return false;
	n = strtoull(s, &end, s[0] == '0' && s[1] == 'x' ? 16 : 10);
	if (*end != '\0' || n > max)
		return false;
	*v = (uint32_t)n;
	return true;
}

static bool
number_s32(const char *s, uint32_t *v)
{
	bool minus = *s == '-';

	if (!number(s + minus, minus ? 0x80000000u : 0x7fffffffu, v))
		return false;
	if (minus)
		*v = 0u - *v;
	return true;
}

static bool
hex_bytes(const char *s, struct put *o)
{
	struct identity id;
	char text[2 * IDENTITY_BYTES_MAX + 3];

	if (*s == '\0')
		return true;
	/* one spelling of hex for the whole program: colons or none */
	if (strchr(s, ':') == NULL) {
		if ((size_t)snprintf(text, sizeof text, "0x%s", s) >=
		    sizeof text)
			return false;
		s = text;
	}
	return strspn(s + (s == text ? 2 : 0), "0123456789abcdefABCDEF:") ==
	    strlen(s) - (s == text ? 2 : 0) &&
	    identity_parse_bytes(&id, IDENTITY_CLIENT_ID, s) &&
	    put_bytes(o, id.bytes, id.len);
}

static bool
encode_text(const char *v, struct put *o)
{
	return put_text(o, v);
}

static bool
encode_address(const char *v, struct put *o)
{
	uint32_t a;

	return attribute_address(v, &a) && put_u32(o, a);
}

static bool
encode_addresses(const char *v, struct put *o)
{
	char item[16];

	while (*v != '\0')
		if (!attribute_item(&v, item, sizeof item) ||
		    !encode_address(item, o))
			return false;
	return true;
}

/* RFC 3397, without compression: RFC 1035 names one after the other. */
static bool
encode_names(const char *v, struct put *o)
{
	char item[256];
	const char *s;
	size_t n;

	while (*v != '\0') {
		if (!attribute_item(&v, item, sizeof item) ||
		    !attribute_is_host_name(item))
			return false;
		for (s = item; *s != '\0'; s += n + (s[n] == '.')) {
			n = strcspn(s, ".");
			put_u8(o, (uint8_t)n);
			put_bytes(o, s, n);
		}
		put_u8(o, 0);
	}
	return !o->full;
}

static bool
route(const char *item, uint32_t *net, uint32_t *len, uint32_t *gateway)
{
	char text[48];
	char *slash, *dash;

	if (strlen(item) >= sizeof text)
		return false;
	strcpy(text, item);
	if ((slash = strchr(text, '/')) == NULL ||
	    (dash = strchr(slash, '-')) == NULL)
		return false;
	*slash = *dash = '\0';
	return attribute_address(text, net) &&
	    number(slash + 1, 32, len) &&
	    attribute_address(dash + 1, gateway) &&
	    (*len == 32 || (*net & (0xffffffffu >> *len)) == 0);
}

/* RFC 3442: as many bytes of the network as the mask is long. */
static bool
encode_routes(const char *v, struct put *o)
{
	char item[48];
	uint32_t net, len, gateway, i;

	while (*v != '\0') {
		if (!attribute_item(&v, item, sizeof item) ||
		    !route(item, &net, &len, &gateway))
			return false;
		put_u8(o, (uint8_t)len);
		for (i = 0; i < len; i += 8)
			put_u8(o, (uint8_t)(net >> (24 - i)));
		put_u32(o, gateway);
	}
	return !o->full;
}

static bool
encode_u8(const char *v, struct put *o)
{
	uint32_t n;

	return number(v, 0xff, &n) && put_u8(o, (uint8_t)n);
}

static bool
encode_u16(const char *v, struct put *o)
{
	uint32_t n;

	return number(v, 0xffff, &n) && put_u16(o, (uint16_t)n);
}

static bool
encode_u32(const char *v, struct put *o)
{
	uint32_t n;

	return number(v, 0xffffffff, &n) && put_u32(o, n);
}

static bool
encode_s32(const char *v, struct put *o)
{
	uint32_t n;

	return number_s32(v, &n) && put_u32(o, n);
}

static bool
encode_duration(const char *v, struct put *o)
{
	uint32_t n;

	return attribute_duration(v, &n) && put_u32(o, n);
}

static bool
encode_flag(const char *v, struct put *o)
{
	if (strcmp(v, "on") != 0 && strcmp(v, "off") != 0)
		return false;
	return put_u8(o, v[1] == 'n');
}

static bool
encode_option(const char *v, struct put *o)
{
	static const struct {
		const char *prefix;
		bool (*encode)(const char *, struct put *);
	} kinds[] = {
		{ "ip:", encode_addresses }, { "text:", encode_text },
		{ "hex:", hex_bytes }, { "u8:", encode_u8 },
		{ "u16:", encode_u16 }, { "u32:", encode_u32 },
		{ "s32:", encode_s32 }, { "flag:", encode_flag },
		{ "names:", encode_names }, { "routes:", encode_routes },
	};
	size_t i, n;

	for (i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		n = strlen(kinds[i].prefix);
		if (strncmp(v, kinds[i].prefix, n) == 0)
			return kinds[i].encode(v + n, o);
	}
	return false;
}

static bool (*const encoders[])(const char *, struct put *) = {
	[T_TEXT] = encode_text, [T_NAME] = encode_text,
	[T_WORD] = encode_text, [T_WORDS] = encode_text,
	[T_PATH] = encode_text, [T_PATHS] = encode_text,
	[T_NAMES] = encode_names, [T_ADDRESS] = encode_address,
	[T_ADDRESSES] = encode_addresses, [T_ROUTES] = encode_routes,
	[T_U8] = encode_u8, [T_U16] = encode_u16, [T_U32] = encode_u32,
	[T_S32] = encode_s32, [T_DURATION] = encode_duration,
	[T_OPTION] = encode_option, [T_NIC] = NULL,
};

bool
attribute_encode(enum attribute_id id, const char *value, struct put *o)
{
	const struct attribute *a = &attribute_table[id];
	struct put saved = *o;

	if ((a->code != 0 || a->type == T_OPTION) &&
	    encoders[a->type] != NULL && !o->full &&
	    encoders[a->type](value, o))
		return true;
	*o = saved;
	return false;
}

/* What each type takes; NULL is well formed. */
static const char *
check_text(const char *v)
{
	for (; *v != '\0'; v++)
		if ((unsigned char)*v < 0x20 || *v == 0x7f)
			return "has a control character";
	return NULL;
}

static const char *
check_path(const char *v)
{
	const char *s;
	size_t n;

	for (s = v; *s != '\0'; s++)
		if ((unsigned char)*s <= 0x20 || *s == 0x7f || *s == '"')
			return "is no file name (blank, quote or control "
			    "character)";
	for (s = v; *s != '\0'; s += n + (s[n] != '\0')) {
		n = strcspn(s, "/\\");
		if (n == 2 && s[0] == '.' && s[1] == '.')
			return "has a \"..\" in it";
	}
	return NULL;
}

static const char *
check_word_of(const char *v, const char *more)
{
	if (*v == '\0')
		return "is empty";
	for (; *v != '\0'; v++)
		if (!is_alnum(*v) && strchr(more, *v) == NULL)
			return "has a character that is no letter, digit, "
			    "'.', '_' or '-'";
	return NULL;
}

static const char *
check_word(const char *v)
{
	return check_word_of(v, "._-");
}

static const char *
check_words(const char *v)
{
	char item[256];
	const char *why;

	while (*v != '\0') {
		if (!attribute_item(&v, item, sizeof item))
			return "is too long";
		if ((why = check_word_of(item, "._-%!/")) != NULL)
			return why;
		if (check_path(item) != NULL)
			return "has a \"..\" in it";
	}
	return NULL;
}

static const char *
check_name(const char *v)
{
	return attribute_is_host_name(v) ? NULL : "is no host name";
}

static const char *
check_address(const char *v)
{
	uint32_t a;

	return attribute_address(v, &a) ? NULL : "is not an IPv4 address";
}

static const char *
check_encoding(const char *v, bool (*encode)(const char *, struct put *),
    const char *why)
{
	uint8_t bytes[1024];
	struct put o = put_into(bytes, sizeof bytes);

	return encode(v, &o) ? NULL : why;
}

#define CHECK_ENCODED(name, encode, why)				\
	static const char *						\
	name(const char *v)						\
	{								\
		return check_encoding(v, encode, why);			\
	}

CHECK_ENCODED(check_addresses, encode_addresses,
    "is not a list of IPv4 addresses with commas between")
CHECK_ENCODED(check_names, encode_names,
    "is not a list of domain names with commas between")
CHECK_ENCODED(check_routes, encode_routes,
    "is not NET/LEN-GATEWAY, as in 198.51.100.0/24-192.0.2.1")
CHECK_ENCODED(check_u8, encode_u8, "is not a number from 0 to 255")
CHECK_ENCODED(check_u16, encode_u16, "is not a number from 0 to 65535")
CHECK_ENCODED(check_u32, encode_u32, "is not a number of 32 bits")
CHECK_ENCODED(check_s32, encode_s32, "is not a number of 32 bits")
CHECK_ENCODED(check_duration, encode_duration,
    "is no duration, as in 90s, 15m, 12h, 1d, 2w or infinite")
CHECK_ENCODED(check_option, encode_option,
    "needs ip: text: hex: u8: u16: u32: s32: flag: names: or routes: and a "
    "value of that kind")

static const char *
check_boot(const char *v)
{
	return strcmp(v, "net") == 0 || strcmp(v, "local") == 0 ? NULL :
	    "is neither net nor local";
}

static const char *
check_local(const char *v)
{
	static const char *const ways[] = {
		"exit", "none", "sanboot", "grub-scan"
	};
	size_t i;

	for (i = 0; i < sizeof ways / sizeof ways[0]; i++)
		if (strcmp(v, ways[i]) == 0)
			return NULL;
	return "is none of exit, none, sanboot, grub-scan";
}

static const char *
check_each(const char *v, bool (*parse)(struct identity *, const char *),
    const char *why)
{
	struct identity id;
	char item[IDENTITY_TEXT_MAX];

	if (*v == '\0')
		return "is empty";
	while (*v != '\0')
		if (!attribute_item(&v, item, sizeof item) ||
		    !parse(&id, item))
			return why;
	return NULL;
}

static const char *
check_macs(const char *v)
{
	return check_each(v, identity_parse_mac, "is not a MAC address");
}

static const char *
check_hws(const char *v)
{
	return check_each(v, identity_parse_hw,
	    "is not HTYPE/BYTES, as in 32/80:00:02:...");
}

static const char *
check_uuids(const char *v)
{
	return check_each(v, identity_parse_uuid, "is not a UUID");
}

static const char *
check_bytes(const char *v)
{
	struct identity id;

	if (check_text(v) != NULL)
		return check_text(v);
	return identity_parse_bytes(&id, IDENTITY_CLIENT_ID, v) &&
	    id.len <= 255 ? NULL : "is not 1 to 255 bytes";
}

static const char *
check_nic(const char *v)
{
	struct identity id;
	char item[64];
	uint32_t a;

	if (!attribute_item(&v, item, sizeof item) ||
	    (!identity_parse_mac(&id, item) && !identity_parse_hw(&id, item)))
		return "does not start with a MAC address";
	if (*v != '\0' && !attribute_address(v, &a))
		return "is not MAC,ADDRESS";
	return NULL;
}

static const char *(*const checks[])(const char *) = {
	[T_TEXT] = check_text, [T_NAME] = check_name, [T_WORD] = check_word,
	[T_WORDS] = check_words, [T_NAMES] = check_names,
	[T_PATH] = check_path, [T_PATHS] = check_path,
	[T_ADDRESS] = check_address, [T_ADDRESSES] = check_addresses,
	[T_ROUTES] = check_routes, [T_U8] = check_u8, [T_U16] = check_u16,
	[T_U32] = check_u32, [T_S32] = check_s32,
	[T_DURATION] = check_duration, [T_BOOT] = check_boot,
	[T_LOCAL] = check_local, [T_MACS] = check_macs, [T_HWS] = check_hws,
	[T_BYTES] = check_bytes, [T_UUIDS] = check_uuids, [T_NIC] = check_nic,
	[T_OPTION] = check_option,
};

const char *
attribute_check(enum attribute_id id, const char *value)
{
	const struct attribute *a = &attribute_table[id];
	const char *s, *why;

	/* "router=" says: none, whatever the group or subnet has */
	if (*value == '\0')
		return (a->scopes & ~(ON_HOST | ON_GROUP)) != 0 ? NULL :
		    "is empty";
	if ((why = check_text(value)) != NULL)
		return why;
	if ((why = checks[a->type](value)) != NULL)
		return why;
	if (!a->expands)
		return NULL;
	for (s = value; (s = strchr(s, '%')) != NULL; s += 2)
		if (s[1] == '\0' || strchr(ESCAPES, s[1]) == NULL)
			return "has a % that is none of %n %a %m %M %g %d %s "
			    "%%";
	return NULL;
}

static bool
canonical_each(const char *v, bool (*parse)(struct identity *, const char *),
    const char *prefix, char *out, size_t size)
{
	struct identity id;
	char item[IDENTITY_TEXT_MAX];
	size_t at = 0, n;

	while (attribute_item(&v, item, sizeof item)) {
		if (!parse(&id, item))
			return false;
		identity_print(&id, item, sizeof item);
		n = (size_t)snprintf(out + at, size - at, "%s%s%s",
		    at > 0 ? "," : "",
		    strchr(item, '/') == NULL ? prefix : "", item);
		if (n >= size - at)
			return false;
		at += n;
	}
	return *v == '\0';
}

static bool
parse_nic_part(struct identity *id, const char *item)
{
	return identity_parse_mac(id, item) || identity_parse_hw(id, item);
}

bool
attribute_canonical(enum attribute_id id, const char *value, char *out,
    size_t size)
{
	struct identity bytes;
	const char *rest = value;
	char item[64], mac[64];

	if (size == 0)
		return false;
	out[0] = '\0';
	if (*value == '\0')
		return true;
	switch (attribute_table[id].type) {
	case T_MACS:
		return canonical_each(value, identity_parse_mac, "", out,
		    size);
	case T_HWS:
		return canonical_each(value, identity_parse_hw, "1/", out,
		    size);
	case T_UUIDS:
		return canonical_each(value, identity_parse_uuid, "", out,
		    size);
	case T_BYTES:
		if (!identity_parse_bytes(&bytes, IDENTITY_CLIENT_ID, value))
			return false;
		identity_print(&bytes, out, size);
		return true;
	case T_NIC:
		return attribute_item(&rest, item, sizeof item) &&
		    canonical_each(item, parse_nic_part, "", mac,
		    sizeof mac) && (size_t)snprintf(out, size, "%s%s%s", mac,
		    *rest == '\0' ? "" : ",", rest) < size;
	default:
		if (strlen(value) >= size)
			return false;
		strcpy(out, value);
		return true;
	}
}

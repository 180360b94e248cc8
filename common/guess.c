#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "attribute.h"
#include "guess.h"

#define WORD_MAX	32	/* longer words are no slip */

/* Other programs' names; those that differ by a slip alone need no row. */
static const struct {
	const char *theirs;
	enum attribute_id id;
} others[] = {
	{ "hardware", A_MAC }, { "hw-address", A_MAC }, { "ethernet", A_MAC },
	{ "ether", A_MAC }, { "mac-address", A_MAC }, { "ha", A_MAC },
	{ "fixed-address", A_ADDRESS }, { "ip-address", A_ADDRESS },
	{ "ip", A_ADDRESS }, { "ipaddr", A_ADDRESS },
	{ "dhcp-client-identifier", A_CLIENT_ID },
	{ "client-identifier", A_CLIENT_ID }, { "guid", A_UUID },
	{ "gateway", A_ROUTER }, { "default-gateway", A_ROUTER },
	{ "gw", A_ROUTER }, { "netmask", A_MASK }, { "subnet-mask", A_MASK },
	{ "sm", A_MASK }, { "broadcast-address", A_BROADCAST },
	{ "domain-name-servers", A_DNS }, { "dns-server", A_DNS },
	{ "dns-servers", A_DNS }, { "nameserver", A_DNS },
	{ "nameservers", A_DNS }, { "name-servers", A_DNS },
	{ "domain-name", A_DOMAIN }, { "search", A_DOMAIN_SEARCH },
	{ "hostname", A_HOST_NAME }, { "lease", A_DEFAULT_LEASE },
	{ "lease-time", A_DEFAULT_LEASE },
	{ "default-lease-time", A_DEFAULT_LEASE },
	{ "valid-lifetime", A_DEFAULT_LEASE }, { "interface-mtu", A_MTU },
	{ "ntp-servers", A_NTP }, { "ntp-server", A_NTP },
	{ "log-servers", A_LOG_SERVER }, { "syslog", A_LOG_SERVER },
	{ "netbios-name-servers", A_WINS }, { "range", A_DISCOVER },
	{ "pool", A_DISCOVER }, { "siaddr", A_NEXT_SERVER },
	{ "tftp-server", A_NEXT_SERVER }, { "server", A_NEXT_SERVER },
	{ "sname", A_SERVER_NAME }, { "server-hostname", A_SERVER_NAME },
	{ "tftp-server-name", A_SERVER_NAME }, { "bootloader", A_LOADER },
	{ "file", A_FILENAME }, { "bootfile", A_FILENAME },
	{ "bootfile-name", A_FILENAME }, { "boot-file-name", A_FILENAME },
	{ "bf", A_FILENAME }, { "ramdisk", A_INITRD },
	{ "initramfs", A_INITRD }, { "append", A_CMDLINE },
	{ "kernel-options", A_CMDLINE }, { "kernel-args", A_CMDLINE },
	{ "kopts", A_CMDLINE }, { "interface", A_NIC }, { "note", A_COMMENT },
	{ "description", A_COMMENT },
};

/* How those with a suffix are written. */
static const char *const forms[ATTRIBUTES] = {
	[A_NIC] = "nic.NAME", [A_OPTION] = "option-NUMBER",
	[A_FILENAME] = "filename.ARCH",
};

static char
plain(char c)
{
	if (c == '_')
		return '-';
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static uint8_t
least(uint8_t a, uint8_t b)
{
	return a < b ? a : b;
}

/* Damerau's distance, with the last two rows of its table. */
unsigned
guess_slips(const char *a, const char *b)
{
	uint8_t rows[3][WORD_MAX + 1];
	const size_t n = strlen(a), m = strlen(b);
	uint8_t *two = rows[0], *one = rows[1], *row = rows[2], *spare;

	if (n > WORD_MAX || m > WORD_MAX || n < 3 || m < 3)
		return n == m && strcasecmp(a, b) == 0 ? 0 : GUESS_FAR;
	for (size_t j = 0; j <= m; j++)
		one[j] = (uint8_t)j;
	for (size_t i = 1; i <= n; i++) {
		row[0] = (uint8_t)i;
		for (size_t j = 1; j <= m; j++) {
			const bool same = plain(a[i - 1]) == plain(b[j - 1]);

			row[j] = least(least((uint8_t)(row[j - 1] + 1),
			    (uint8_t)(one[j] + 1)),
			    (uint8_t)(one[j - 1] + !same));
			if (i > 1 && j > 1 &&
			    plain(a[i - 1]) == plain(b[j - 2]) &&
			    plain(a[i - 2]) == plain(b[j - 1]))
				row[j] = least(row[j],
				    (uint8_t)(two[j - 2] + 1));
		}
		spare = two;
		two = one;
		one = row;
		row = spare;
	}
	return one[m] <= (m < 6 ? 1 : 2) ? one[m] : GUESS_FAR;
}

static bool
is_word(const char *a, const char *b)
{
	while (*a != '\0' && plain(*a) == *b) {
		a++;
		b++;
	}
	return *a == *b;
}

/* The row's name stands in front, and what follows is not of its form. */
static bool
has_form(const char *name, enum attribute_id id)
{
	const size_t n = strlen(attribute_table[id].name);

	return forms[id] != NULL &&
	    strncasecmp(name, attribute_table[id].name, n) == 0 &&
	    (name[n] == '\0' || name[n] == '.' || name[n] == '-');
}

static const char *
written(enum attribute_id id)
{
	return forms[id] != NULL && id != A_FILENAME ? forms[id] :
	    attribute_table[id].name;
}

const char *
guess_attribute(const char *name)
{
	unsigned best = GUESS_FAR, n;
	const char *meant = NULL;

	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
		if (is_word(name, others[i].theirs))
			return written(others[i].id);
	for (unsigned id = 0; id < ATTRIBUTES; id++) {
		if (has_form(name, id))
			return forms[id];
		n = guess_slips(name, attribute_table[id].name);
		if (n >= best)
			continue;
		best = n;
		meant = written(id);
	}
	return meant;
}

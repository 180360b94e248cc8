#include <string.h>

#include "firmware.h"

static const uint8_t rpi_mac[3] = { 0xb8, 0x27, 0xeb };
static const uint8_t rpi4_mac[3] = { 0xdc, 0xa6, 0x32 };
static const uint8_t rpi4b_mac[3] = { 0xe4, 0x5f, 0x01 };
static const uint8_t rpi4c_mac[3] = { 0xd8, 0x3a, 0xdd };
static const uint8_t rpi5_mac[3] = { 0x2c, 0xcf, 0x67 };
static const uint8_t uboot_list[] = { 1, 3, 6, 12, 17, 0 };
static const uint8_t slof_list[] = { 1, 3, 6, 66, 67, 93, 0 };
static const uint8_t grub_list[] = { 1, 3, 6, 15, 12, 17, 18, 60, 0 };

/* The first row that matches counts. */
static const struct firmware table[] = {
	/* EDK2's HTTP boot: no offer without HTTPClient and a URL is taken. */
	{ .name = "http", .vendor_class = "HTTPClient",
	    .does = FIRMWARE_HTTP | FIRMWARE_FILE },
	/*
	 * iPXE says PXEClient too, but an offer with that class would send
	 * it to port 4011.  Its user class is not coded as RFC 3004 has it.
	 */
	{ .name = "ipxe", .user_class = "iPXE", .does = FIRMWARE_IPXE },
	{ .name = "ipxe", .vendor_class = "PXEClient",
	    .user_class = "\4iPXE", .does = FIRMWARE_IPXE },
	/* Vendors' builds (FlexBoot) and gPXE have no such user class. */
	{ .name = "ipxe", .option = DHCP_IPXE, .does = FIRMWARE_IPXE },
	/* Raspberry Pi 4 and later: says it is an x86 BIOS. */
	{ .name = "rpi4", .uuid = "RPi", .does = FIRMWARE_RPI,
	    .arch = "rpi" },
	/* With DHCP_OPTION97=0, or before 2020, it is its serial number. */
	{ .name = "rpi4", .vendor_class = "PXEClient", .mac = rpi4_mac,
	    .does = FIRMWARE_RPI, .arch = "rpi" },
	{ .name = "rpi4", .vendor_class = "PXEClient", .mac = rpi4b_mac,
	    .does = FIRMWARE_RPI, .arch = "rpi" },
	{ .name = "rpi4", .vendor_class = "PXEClient", .mac = rpi4c_mac,
	    .does = FIRMWARE_RPI, .arch = "rpi" },
	{ .name = "rpi4", .vendor_class = "PXEClient", .mac = rpi5_mac,
	    .does = FIRMWARE_RPI, .arch = "rpi" },
	/* Raspberry Pi 3: the same, with its serial number as UUID. */
	{ .name = "rpi", .vendor_class = "PXEClient", .mac = rpi_mac,
	    .does = FIRMWARE_RPI, .arch = "rpi" },
	/* FreeBSD's loader: its root path and mask are all that it needs. */
	{ .name = "freebsd", .vendor_class = "PXEClient",
	    .user_class = "\7FreeBSD",
	    .does = FIRMWARE_FIRST | FIRMWARE_ROOT },
	/* NetBSD's: asks anew for each of its files, by its name. */
	{ .name = "netbsd", .vendor_class = "NetBSD:i386:libsa",
	    .does = FIRMWARE_SCHEME },
	/* U-Boot in its second round knows nothing of PXE but the class. */
	{ .name = "u-boot", .vendor_class = "PXEClient", .list = uboot_list,
	    .does = FIRMWARE_FIRST },
	/*
	 * Every other ROM, and EDK2's PXE.  Old ROMs take the END behind
	 * option 67 for a part of the name, unless a NUL is before it.
	 */
	{ .name = "pxe", .vendor_class = "PXEClient",
	    .does = FIRMWARE_PXE | FIRMWARE_FILE | FIRMWARE_NUL },
	{ .name = "u-boot", .vendor_class = "U-Boot" },
	/* IBM's firmware on POWER and on s390 (the same code). */
	{ .name = "slof", .list = slof_list },
	/* GRUB sends the bare message type, then this list. */
	{ .name = "grub", .list = grub_list },
	{ .name = "grub", .bare = true },
	{ .name = NULL },
};

const struct firmware *
firmware_table(void)
{
	return table;
}

static bool
has_uuid(const struct dhcp_packet *p, const char *start)
{
	size_t n, len = strlen(start);
	const uint8_t *at = dhcp_option(&p->options, DHCP_UUID, &n);

	return n > len && memcmp(at + 1, start, len) == 0;
}

static bool
has_list(const struct dhcp_packet *p, const uint8_t *start)
{
	size_t n, len = strlen((const char *)start);
	const uint8_t *at = dhcp_option(&p->options, DHCP_LIST, &n);

	return n >= len && memcmp(at, start, len) == 0;
}

/* DISCOVER, perhaps what a relay added, and nothing else? */
static bool
is_bare(const struct dhcp_packet *p)
{
	unsigned i, bits = 0;

	for (i = 0; i < sizeof p->options.seen; i++)
		bits += (unsigned)__builtin_popcount(p->options.seen[i]);
	bits -= dhcp_option_seen(&p->options, DHCP_RELAY);
	return bits == 1 && p->type == DHCP_DISCOVER;
}

static bool
matches(const struct firmware *f, const struct dhcp_packet *p)
{
	const struct dhcp_options *o = &p->options;

	return (f->vendor_class == NULL ||
	    dhcp_option_starts(o, DHCP_VENDOR_CLASS, f->vendor_class)) &&
	    (f->user_class == NULL ||
	    dhcp_option_starts(o, DHCP_USER_CLASS, f->user_class)) &&
	    (f->option == 0 || dhcp_option_seen(o, f->option)) &&
	    (f->uuid == NULL || has_uuid(p, f->uuid)) &&
	    (f->mac == NULL || (p->hlen == 6 &&
	    memcmp(p->chaddr, f->mac, 3) == 0)) &&
	    (f->list == NULL || has_list(p, f->list)) &&
	    (!f->bare || is_bare(p));
}

const struct firmware *
firmware_match(const struct dhcp_packet *p)
{
	const struct firmware *f;

	for (f = table; f->name != NULL; f++)
		if (matches(f, p))
			return f;
	return NULL;
}

const struct firmware *
firmware_by_name(const char *name)
{
	const struct firmware *f;

	for (f = table; f->name != NULL; f++)
		if (strcmp(f->name, name) == 0)
			return f;
	return NULL;
}

/* "PXEClient:Arch:00007:UNDI:003000": five decimal digits. */
static const struct arch *
arch_of_class(const struct dhcp_packet *p)
{
	static const char mark[] = ":Arch:";
	size_t n, i, digits = 0;
	const uint8_t *at = dhcp_option(&p->options, DHCP_VENDOR_CLASS, &n);
	uint32_t code = 0;

	if (n == 0 || (at = memmem(at, n, mark, sizeof mark - 1)) == NULL)
		return NULL;
	n -= (size_t)(at - p->options.at[DHCP_VENDOR_CLASS]);
	for (i = sizeof mark - 1; i < n && digits < 5; i++, digits++) {
		if (at[i] < '0' || at[i] > '9')
			return NULL;
		code = code * 10 + (uint32_t)(at[i] - '0');
	}
	return digits == 5 && code <= UINT16_MAX ?
	    arch_by_code((uint16_t)code) : NULL;
}

const struct arch *
firmware_arch(const struct firmware *f, const struct dhcp_packet *p)
{
	const struct arch *a = NULL;
	struct cursor c;
	uint16_t code;
	size_t n;

	if (f != NULL && f->arch != NULL)
		return arch_by_name(f->arch);
	c.at = dhcp_option(&p->options, DHCP_ARCH, &n);
	if (n > 0) {
		/* Several, best first: RFC 4578 section 2.1. */
		c.end = c.at + n;
		while (a == NULL && cursor_u16(&c, &code))
			a = arch_by_code(code);
	}
	return a != NULL ? a : arch_of_class(p);
}

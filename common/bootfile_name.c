/*
 * What a name asks for: see bootfile.h.
 */
#include <ctype.h>
#include <string.h>

#include "attribute.h"
#include "bootfile.h"

/* Files that have one name each; parent NULL: anywhere, "": at the top. */
static const struct {
	const char *parent, *name;
	enum bootfile_kind kind;
} files[] = {
	{ NULL, "autoexec.ipxe", BOOTFILE_IPXE },
	{ NULL, "boot.ipxe", BOOTFILE_IPXE },
	{ "boot", "loader.rc", BOOTFILE_LOADER_RC },
	{ "boot", "loader.conf", BOOTFILE_LOADER_CONF },
	{ "etc", "boot.conf", BOOTFILE_BOOT_CONF },
	{ NULL, "boot.cfg", BOOTFILE_BOOT_CFG },
	{ "", "config.txt", BOOTFILE_PI_CONFIG },
	{ "", "cmdline.txt", BOOTFILE_PI_CMDLINE },
};

/* Names that loaders ask for on the chance, the last component. */
static const char *const misses[] = {
	"command.lst", "fs.lst", "crypto.lst", "terminal.lst", "parttool.lst",
	"revocations.efi", "revocations_sku.efi", "revocations_sbat.efi",
	"shim_certificate.efi", "loader.conf.local", "loader.conf.lua",
	"local.lua", "theme.txt", "bootstrap.cfg", "ldlinux.c32",
	"libcom32.c32", "libutil.c32", "menu.c32", "vesamenu.c32",
	/* The URL of HTTP boot with boot=local. */
	"boot=local",
	/* U-Boot */
	"boot.scr.uimg", "dtb",
	/* FreeBSD */
	"boot.4th", "loader.rc.local", "menu.rc.local", "nextboot.conf",
	"device.hints", "linker.hints", "loader.help", "loader.help.bios",
	"loader.help.efi", "loader_lua", "loader.conf.d", "INDEX.fonts",
	/* OpenBSD */
	"random.seed", "bsd.upgrade",
	/* NetBSD, once it has its kernel by TFTP */
	"nfs.kmod",
	/* Raspberry Pi */
	"autoboot.txt", "bootcfg.txt", "dt-blob.bin", "recovery.elf",
	"recovery4.elf", "recover4.elf", "recover.elf", "pieeprom.sig",
	"pieeprom.upd", "vl805.sig", "vl805.bin", "tryboot.txt",
	"armstub.bin", "armstub7.bin", "armstub8.bin", "armstub8-32.bin",
	"armstub8-32-gic.bin", "armstub8-gic.bin",
};

static void parse_pxelinux(const char *, struct bootfile_name *);
static void parse_grub(const char *, struct bootfile_name *);
static bool parse_alias(const char *, const char *, struct bootfile_name *);
static bool freebsd_unpacks(const char *, const char *);
static bool ends_in(const char *, const char *);
static bool parse_hardware(const char *, struct identity *);
static bool parse_uuid(const char *, struct identity *);
static bool parse_hex_address(const char *, uint32_t *);
static bool is_hex_prefix(const char *);
static const char *last_component(const char *);
static int hex(char);

void
bootfile_parse(const char *name, struct bootfile_name *b)
{
	const char *base = last_component(name), *dir, *dir_end;
	char parent[64] = "";
	size_t i, n;

	memset(b, 0, sizeof *b);
	for (dir_end = base; dir_end > name && (dir_end[-1] == '/' ||
	    dir_end[-1] == '\\'); dir_end--)
		;
	for (dir = dir_end; dir > name && dir[-1] != '/' && dir[-1] != '\\';
	    dir--)
		;
	n = (size_t)(dir_end - dir);
	if (n < sizeof parent)
		memcpy(parent, dir, n);
	else
		parent[0] = '/';	/* none that is known */
	if (strcmp(parent, "pxelinux.cfg") == 0) {
		parse_pxelinux(base, b);
		return;
	}
	if (strncmp(base, "grub.cfg", 8) == 0 &&
	    (base[8] == '\0' || base[8] == '-')) {
		parse_grub(base, b);
		return;
	}
	for (i = 0; i < sizeof files / sizeof files[0]; i++)
		if (strcmp(base, files[i].name) == 0 &&
		    (files[i].parent == NULL ||
		    strcmp(parent, files[i].parent) == 0)) {
			b->kind = files[i].kind;
			return;
		}
	if (parse_alias(parent, base, b))
		return;
	/* "dtb/", too: U-Boot, when it does not know the name of its tree. */
	n = strcspn(base, "/\\");
	for (i = 0; i < sizeof misses / sizeof misses[0]; i++)
		if (strncmp(base, misses[i], n) == 0 && misses[i][n] == '\0')
			b->kind = BOOTFILE_MISS;
	/* GRUB's modules and translations; U-Boot's device trees. */
	if (ends_in(base, ".mod") || ends_in(base, ".mo") ||
	    ends_in(base, ".mo.gz") || strcmp(parent, "dtb") == 0 ||
	    freebsd_unpacks(parent, base))
		b->kind = BOOTFILE_MISS;
}

/*
 * FreeBSD's loader looks for each of its files under four names: in the order
 * .split, .gz, .bz2, plain, and since 12 plain, .gz, .bz2, .split.
 */
static bool
freebsd_unpacks(const char *parent, const char *base)
{
	static const char *const dirs[] = { "boot", "defaults", "lua",
	    "kernel", "modules", "fonts" };
	size_t i;

	if (!ends_in(base, ".gz") && !ends_in(base, ".bz2") &&
	    !ends_in(base, ".split"))
		return false;
	for (i = 0; i < sizeof dirs / sizeof dirs[0]; i++)
		if (strcmp(parent, dirs[i]) == 0)
			return true;
	return false;
}

static bool
ends_in(const char *s, const char *suffix)
{
	size_t n = strlen(s), len = strlen(suffix);

	return n > len && strcmp(s + n - len, suffix) == 0;
}

/* pxelinux.cfg/UUID, /01-MAC, /HEX and its prefixes, /default. */
static void
parse_pxelinux(const char *base, struct bootfile_name *b)
{
	b->kind = BOOTFILE_PXELINUX;
	if (strcmp(base, "default") == 0 ||
	    parse_hex_address(base, &b->address) ||
	    parse_hardware(base, &b->identity))
		return;
	if (parse_uuid(base, &b->identity))
		return;
	memset(&b->identity, 0, sizeof b->identity);
	/* U-Boot's default-ARCH-SOC-BOARD and the like, and shorter HEX. */
	b->kind = is_hex_prefix(base) || strncmp(base, "default-", 8) == 0 ||
	    strlen(base) == 36 ? BOOTFILE_MISS : BOOTFILE_NONE;
}

/* grub.cfg, grub.cfg-01-MAC, grub.cfg-HEX, grub.cfg-UUID. */
static void
parse_grub(const char *base, struct bootfile_name *b)
{
	const char *rest = base[8] == '-' ? base + 9 : NULL;

	b->kind = BOOTFILE_GRUB;
	if (rest == NULL || parse_hex_address(rest, &b->address) ||
	    parse_hardware(rest, &b->identity))
		return;
	if (parse_uuid(rest, &b->identity))
		return;
	memset(&b->identity, 0, sizeof b->identity);
	b->kind = BOOTFILE_MISS;
}

/* ADDRESS/kernel[.gz], ADDRESS/initrd[.gz]. */
static bool
parse_alias(const char *parent, const char *base, struct bootfile_name *b)
{
	static const struct {
		const char *name;
		enum bootfile_kind kind;
		bool gz;
	} table[] = {
		{ "kernel", BOOTFILE_KERNEL, false },
		{ "kernel.gz", BOOTFILE_KERNEL, true },
		{ "initrd", BOOTFILE_INITRD, false },
		{ "initrd.gz", BOOTFILE_INITRD, true },
	};
	size_t i;

	if (!attribute_address(parent, &b->address))
		return false;
	for (i = 0; i < sizeof table / sizeof table[0]; i++)
		if (strcmp(base, table[i].name) == 0) {
			b->kind = table[i].kind;
			b->gz = table[i].gz;
			return true;
		}
	/* .bz2, .split and others, and modules: loaders try them all. */
	b->kind = strncmp(base, "kernel.", 7) == 0 ||
	    strncmp(base, "initrd.", 7) == 0 ? BOOTFILE_MISS : BOOTFILE_NONE;
	b->address = 0;
	return b->kind == BOOTFILE_MISS;
}

/* The hardware type and the address in hex, dashes between: 01-00-02-... */
static bool
parse_hardware(const char *s, struct identity *id)
{
	uint8_t bytes[IDENTITY_HW_MAX + 1];
	size_t n = 0;

	for (;; s++) {
		if (n == sizeof bytes || hex(s[0]) < 0 || hex(s[1]) < 0)
			return false;
		bytes[n++] = (uint8_t)(hex(s[0]) << 4 | hex(s[1]));
		s += 2;
		if (*s == '\0')
			break;
		if (*s != '-')
			return false;
	}
	return n >= 2 && identity_hw(id, bytes[0], bytes + 1, n - 1);
}

/* All zero and its like name no machine: a miss. */
static bool
parse_uuid(const char *s, struct identity *id)
{
	return strlen(s) == 36 && identity_parse_uuid(id, s) &&
	    !identity_uuid_is_default(id->bytes);
}

static bool
parse_hex_address(const char *s, uint32_t *address)
{
	uint32_t v = 0;
	size_t i;

	for (i = 0; i < 8; i++) {
		if (hex(s[i]) < 0)
			return false;
		v = v << 4 | (uint32_t)hex(s[i]);
	}
	if (s[8] != '\0' || v == 0)
		return false;
	*address = v;
	return true;
}

static bool
is_hex_prefix(const char *s)
{
	size_t n;

	for (n = 0; hex(s[n]) >= 0; n++)
		;
	return n >= 1 && n < 8 && s[n] == '\0';
}

static int
hex(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *p;

	if (c == '\0')
		return -1;
	p = strchr(digits, tolower((unsigned char)c));
	return p == NULL ? -1 : (int)(p - digits);
}

static const char *
last_component(const char *name)
{
	const char *s, *last = name;

	for (s = name; *s != '\0'; s++)
		if ((*s == '/' || *s == '\\') && s[1] != '\0')
			last = s + 1;
	return last;
}

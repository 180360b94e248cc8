/*
 * Configuration files of boot loaders, made from a host: see bootfile.h.
 *
 * Each loader parts words in its own way, so each has a function that puts
 * one word of a kernel's command line, or one file's place, so that the
 * loader takes it for that and nothing else.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "bootfile.h"
#include "bootfile_plan.h"
#include "cursor.h"

/* boot=local in the words of each loader. */
struct local {
	const char *name, *pxelinux, *grub, *ipxe;
};

/*
 * The loaders of systems on a disk.  UEFI without entries of its own knows
 * only the last one, which on some is not the system but makes the entries.
 * An image that came by network has no modules for partitions in it.
 */
#define GRUB_SCAN_EFI \
	"if [ \"$grub_platform\" = efi ]; then\n" \
	"\tinsmod part_gpt\n" \
	"\tinsmod part_msdos\n" \
	"\tset cpu=x64\n" \
	"\tif [ \"$grub_cpu\" = arm64 ]; then set cpu=aa64; fi\n" \
	"\tif [ \"$grub_cpu\" = riscv64 ]; then set cpu=riscv64; fi\n" \
	"\tif [ \"$grub_cpu\" = i386 ]; then set cpu=ia32; fi\n" \
	"\tfor name in debian/shim$cpu.efi debian/grub$cpu.efi " \
	"ubuntu/shim$cpu.efi fedora/shim$cpu.efi redhat/shim$cpu.efi " \
	"centos/shim$cpu.efi rocky/shim$cpu.efi almalinux/shim$cpu.efi " \
	"opensuse/shim.efi systemd/systemd-boot$cpu.efi " \
	"Microsoft/Boot/bootmgfw.efi BOOT/BOOT$cpu.EFI; do\n" \
	"\t\tif search --no-floppy --file --set=root " \
	"\"/EFI/$name\"; then\n" \
	"\t\t\tchainloader \"/EFI/$name\"\n" \
	"\t\t\tboot\n" \
	"\t\tfi\n" \
	"\tdone\n"

/*
 * UEFI takes an exit without a number for the wish to see its set-up, and GRUB
 * 2.06 has no other: the disk is looked for first.
 */
#define GRUB_EXIT	GRUB_SCAN_EFI "fi\nexit 1\n"

static const struct local locals[] = {
	{ "exit", "LOCALBOOT 0", GRUB_EXIT, "exit 1\n" },
	{ "none", "LOCALBOOT -1", "exit 1\n", "exit 1\n" },
	{ "sanboot", "LOCALBOOT 0", GRUB_EXIT,
	    "sanboot --no-describe --drive 0x80 || exit 1\n" },
	{ "grub-scan", "LOCALBOOT 0", GRUB_SCAN_EFI
	    "else\n"
	    "\tset root=(hd0)\n"
	    "\tchainloader +1\n"
	    "\tboot\n"
	    "fi\n"
	    "exit 1\n",
	    "sanboot --no-describe --drive 0x80 || exit 1\n" },
};

static bool make_plan(struct plan *, const struct host *, uint32_t);
static void add_console(struct plan *);
static const struct local *local_of(const char *);
static void write_pxelinux(const struct plan *, struct put *);
static void pxelinux_path(struct put *, const char *);
static void write_grub(const struct plan *, struct put *);
static void grub_word(struct put *, const char *, size_t);
static void grub_path(struct put *, const struct plan *, const char *);
static void write_ipxe(const struct plan *, struct put *);
static void ipxe_word(struct put *, const char *);
static void ipxe_uri(struct put *, const struct plan *, const char *);
static void put_server(struct put *, const struct plan *);

static const struct {
	void (*write)(const struct plan *, struct put *);
	const char *loader;	/* only for hosts with this loader=; or NULL */
	bool serial;		/* only for hosts with a serial= */
} writers[] = {
	[BOOTFILE_PXELINUX] = { write_pxelinux, NULL, false },
	[BOOTFILE_GRUB] = { write_grub, NULL, false },
	[BOOTFILE_IPXE] = { write_ipxe, NULL, false },
	[BOOTFILE_LOADER_RC] = { plan_loader_rc, "pxeboot", false },
	[BOOTFILE_LOADER_CONF] = { plan_loader_conf, "pxeboot", false },
	[BOOTFILE_BOOT_CONF] = { plan_boot_conf, "openbsd", false },
	[BOOTFILE_BOOT_CFG] = { plan_boot_cfg, "netbsd", false },
	[BOOTFILE_PI_CONFIG] = { plan_pi_config, NULL, true },
	[BOOTFILE_PI_CMDLINE] = { plan_pi_cmdline, NULL, true },
};

size_t
bootfile_write(enum bootfile_kind kind, const struct host *host,
    uint32_t server, uint16_t http, char *text, size_t size)
{
	struct put o = put_into(text, size);
	struct plan p;

	if (!bootfile_is_for(kind, host) || !make_plan(&p, host, server))
		return 0;
	p.http = http;
	writers[kind].write(&p, &o);
	if (!put_u8(&o, 0))
		return 0;
	return (size_t)(o.at - (uint8_t *)text) - 1;
}

bool
bootfile_is_for(enum bootfile_kind kind, const struct host *host)
{
	const char *loader = host_text(host, A_LOADER, NULL);

	if (kind >= sizeof writers / sizeof writers[0] ||
	    writers[kind].write == NULL)
		return false;
	if (writers[kind].serial && host_text(host, A_SERIAL, NULL) == NULL)
		return false;
	return writers[kind].loader == NULL || (loader != NULL &&
	    strcmp(loader, writers[kind].loader) == 0);
}

size_t
bootfile_cut(enum bootfile_kind kind, const struct host *host)
{
	struct plan p;
	size_t n;

	if ((kind != BOOTFILE_PXELINUX && kind != BOOTFILE_GRUB &&
	    kind != BOOTFILE_IPXE && kind != BOOTFILE_PI_CMDLINE) ||
	    !make_plan(&p, host, 0) || p.local != NULL)
		return 0;
	n = strlen(p.cmdline) + sizeof " BOOTIF=01-00-00-00-00-00-00" - 1;
	if (kind != BOOTFILE_PI_CMDLINE)
		n += sizeof "BOOT_IMAGE=/ " - 1 + strlen(p.kernel);
	if (kind == BOOTFILE_PXELINUX)
		n += sizeof "initrd=:: " - 1 + strlen(p.initrd);
	return n > BOOTFILE_CMDLINE_MAX ? n - BOOTFILE_CMDLINE_MAX : 0;
}

static bool
make_plan(struct plan *p, const struct host *host, uint32_t server)
{
	const char *boot = host_text(host, A_BOOT, NULL);
	const char *s;

	memset(p, 0, sizeof *p);
	p->host = host;
	p->server = host_next_server(host, server);
	if (boot != NULL && strcmp(boot, "local") == 0) {
		p->local = host_text(host, A_LOCAL, NULL);
		if (p->local == NULL)
			p->local = "exit";
		return true;
	}
	s = host_text(host, A_KERNEL, NULL);
	if (s == NULL || s[0] == '\0' || !host_value_expanded(host, A_KERNEL,
	    NULL, p->kernel, sizeof p->kernel))
		return false;
	/* Absent is fine, too long is not: half a line must not be booted. */
	if (host_text(host, A_INITRD, NULL) != NULL && !host_value_expanded(
	    host, A_INITRD, NULL, p->initrd, sizeof p->initrd))
		return false;
	if (host_text(host, A_CMDLINE, NULL) != NULL && !host_value_expanded(
	    host, A_CMDLINE, NULL, p->cmdline, sizeof p->cmdline))
		return false;
	s = host_text(host, A_CONSOLE, NULL);
	if (s != NULL && strlen(s) < sizeof p->console)
		strcpy(p->console, s);
	/* For the BSDs too: their serial port is found in there. */
	add_console(p);
	return true;
}

/* console= of the host, unless its command line has that one already. */
static void
add_console(struct plan *p)
{
	char name[sizeof p->console + 16];
	size_t n = strcspn(p->console, ","), used = strlen(p->cmdline);
	const char *s;

	if (n == 0)
		return;
	snprintf(name, sizeof name, "console=%.*s", (int)n, p->console);
	for (s = p->cmdline; (s = strstr(s, name)) != NULL; s++)
		if ((s == p->cmdline || s[-1] == ' ') &&
		    strchr(" ,", s[strlen(name)]) != NULL)
			return;
	if (used + strlen(p->console) + 10 < sizeof p->cmdline)
		snprintf(p->cmdline + used, sizeof p->cmdline - used,
		    "%sconsole=%s", used > 0 ? " " : "", p->console);
}

bool
plan_serial_of(const struct plan *p, unsigned *port, unsigned long *speed)
{
	static const char what[] = "console=ttyS";
	const char *s;

	for (s = p->cmdline; (s = strstr(s, what)) != NULL; s++)
		if (s == p->cmdline || s[-1] == ' ')
			break;
	if (s == NULL)
		return false;
	s += sizeof what - 1;
	if (s[0] < '0' || s[0] > '3' || (s[1] >= '0' && s[1] <= '9'))
		return false;
	*port = (unsigned)(s[0] - '0');
	*speed = 0;
	if (s[1] == ',')
		for (s += 2; *s >= '0' && *s <= '9' && *speed < 1000000; s++)
			*speed = *speed * 10 + (unsigned long)(*s - '0');
	return true;
}

static const struct local *
local_of(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof locals / sizeof locals[0]; i++)
		if (strcmp(locals[i].name, name) == 0)
			return &locals[i];
	return &locals[0];
}

static void
write_pxelinux(const struct plan *p, struct put *o)
{
	const char *at = p->initrd;
	char item[PLAN_PATH], line[64];
	size_t n = strlen(p->kernel);
	unsigned long speed;
	bool first = true;
	unsigned port;

	/* SERIAL counts from where it stands, so first. */
	if (plan_serial_of(p, &port, &speed)) {
		snprintf(line, sizeof line, "SERIAL %u", port);
		put_text(o, line);
		if (speed > 0) {
			snprintf(line, sizeof line, " %lu", speed);
			put_text(o, line);
		}
		put_u8(o, '\n');
	}
	put_text(o, "# ");
	put_text(o, host_name(p->host));
	put_text(o, "\nDEFAULT boot\nPROMPT 0\nLABEL boot\n\t");
	if (p->local != NULL) {
		put_text(o, local_of(p->local)->pxelinux);
		put_u8(o, '\n');
		return;
	}
	/*
	 * LINUX, whatever the name ends in: to KERNEL a vmlinuz-6.1.0 is a
	 * boot sector.  But modules of its own are no kernels.
	 */
	put_text(o, n > 4 && strcasecmp(p->kernel + n - 4, ".c32") == 0 ?
	    "KERNEL " : "LINUX ");
	pxelinux_path(o, p->kernel);
	put_text(o, "\n\tIPAPPEND 2\n");
	if (p->initrd[0] == '\0' && p->cmdline[0] == '\0')
		return;
	put_text(o, "\tAPPEND ");
	while (attribute_item(&at, item, sizeof item)) {
		put_text(o, first ? "initrd=" : ",");
		pxelinux_path(o, item);
		first = false;
	}
	if (!first && p->cmdline[0] != '\0')
		put_u8(o, ' ');
	put_text(o, p->cmdline);
	put_u8(o, '\n');
}

/*
 * From the root of the tree, not from where pxelinux.0 came from: it puts its
 * own directory before /absolute names too, but not after "::".
 */
static void
pxelinux_path(struct put *o, const char *path)
{
	if (!plan_is_url(path)) {
		put_text(o, "::");
		path += path[0] == '/';
	}
	put_text(o, path);
}

static void
write_grub(const struct plan *p, struct put *o)
{
	const char *at = p->cmdline;
	char word[PLAN_VALUE];

	put_text(o, "# ");
	put_text(o, host_name(p->host));
	put_u8(o, '\n');
	if (p->local != NULL) {
		put_text(o, local_of(p->local)->grub);
		return;
	}
	put_text(o, "linux ");
	grub_path(o, p, p->kernel);
	while (plan_next_word(&at, word, sizeof word)) {
		put_u8(o, ' ');
		grub_word(o, word, strlen(word));
	}
	plan_put_bootif(o, p->host);
	put_u8(o, '\n');
	if (p->initrd[0] != '\0') {
		put_text(o, "initrd");
		for (at = p->initrd; attribute_item(&at, word, sizeof word);) {
			put_u8(o, ' ');
			grub_path(o, p, word);
		}
		put_u8(o, '\n');
	}
	put_text(o, "boot\n");
}

bool
plan_next_word(const char **at, char *word, size_t size)
{
	bool quoted = false, any = false;
	const char *s = *at;
	size_t n = 0;

	while (*s == ' ')
		s++;
	for (; *s != '\0' && (quoted || *s != ' '); s++) {
		any = true;
		if (*s == '"')
			quoted = !quoted;
		else if (n + 1 < size)
			word[n++] = *s;
	}
	word[n] = '\0';
	*at = s;
	return any;
}

/* Between single quotes nothing means anything to GRUB. */
static void
grub_word(struct put *o, const char *s, size_t n)
{
	size_t i;

	put_u8(o, '\'');
	for (i = 0; i < n; i++)
		if (s[i] == '\'')
			put_text(o, "'\\''");
		else
			put_u8(o, (uint8_t)s[i]);
	put_u8(o, '\'');
}

/*
 * (tftp,192.0.2.2)/path, as $root may be a disk where GRUB came from one.  By
 * HTTP where this file went that way.
 */
static void
grub_path(struct put *o, const struct plan *p, const char *path)
{
	char place[PLAN_PATH + 64];
	struct put q = put_into(place, sizeof place);
	const char *host, *rest;

	if (plan_is_url(path) && (host = strstr(path, "://")) != NULL) {
		rest = strchr(host + 3, '/');
		if (rest == NULL)
			rest = host + strlen(host);
		put_u8(&q, '(');
		put_bytes(&q, path, (size_t)(host - path));
		put_u8(&q, ',');
		put_bytes(&q, host + 3, (size_t)(rest - host - 3));
		put_u8(&q, ')');
		put_text(&q, rest);
	} else {
		put_text(&q, p->http != 0 ? "(http" : "(tftp");
		if (p->server != 0) {
			put_u8(&q, ',');
			put_server(&q, p);
		}
		put_u8(&q, ')');
		if (path[0] != '/')
			put_u8(&q, '/');
		put_text(&q, path);
	}
	if (q.full)
		o->full = true;
	grub_word(o, place, (size_t)(q.at - (uint8_t *)place));
}

static void
write_ipxe(const struct plan *p, struct put *o)
{
	const char *at;
	char word[PLAN_VALUE], name[32];
	unsigned n;

	put_text(o, "#!ipxe\n# ");
	put_text(o, host_name(p->host));
	put_u8(o, '\n');
	if (p->local != NULL) {
		put_text(o, local_of(p->local)->ipxe);
		return;
	}
	put_text(o, "kernel ");
	ipxe_uri(o, p, p->kernel);
	/* An EFI kernel asks for its ramdisks by these names. */
	for (n = 0, at = p->initrd; attribute_item(&at, word, sizeof word);
	    n++) {
		snprintf(name, sizeof name, " initrd=initrd%u", n);
		put_text(o, name);
	}
	for (at = p->cmdline; *at != '\0';) {
		n = (unsigned)strcspn(at, " ");
		if (n > 0 && n < sizeof word) {
			memcpy(word, at, n);
			word[n] = '\0';
			put_u8(o, ' ');
			ipxe_word(o, word);
		}
		at += n + strspn(at + n, " ");
	}
	/* Last: what ends in a backslash would go on in the next line. */
	put_text(o, " BOOTIF=01-${netX/mac:hexhyp}\n");
	for (n = 0, at = p->initrd; attribute_item(&at, word, sizeof word);
	    n++) {
		snprintf(name, sizeof name, "initrd --name initrd%u ", n);
		put_text(o, name);
		ipxe_uri(o, p, word);
		put_u8(o, '\n');
	}
	put_text(o, "boot\n");
}

/*
 * iPXE has no quotes of its own: a "${" always is a setting and cannot be
 * written, so there is no file then.  A word that would end the command
 * goes between quotes, which the kernel takes off.
 */
static void
ipxe_word(struct put *o, const char *word)
{
	bool special = word[0] == '#' || strcmp(word, "||") == 0 ||
	    strcmp(word, "&&") == 0;

	if (strstr(word, "${") != NULL) {
		o->full = true;
		return;
	}
	if (special)
		put_u8(o, '"');
	put_text(o, word);
	if (special)
		put_u8(o, '"');
}

/* A URI; every byte that could mean something to iPXE as %XX. */
static void
ipxe_uri(struct put *o, const struct plan *p, const char *path)
{
	static const char digits[] = "0123456789ABCDEF";
	bool url = plan_is_url(path);
	unsigned char c;

	/* Without our address: from where the script itself came. */
	if (!url) {
		if (p->server != 0) {
			put_text(o, p->http != 0 ? "http://" : "tftp://");
			put_server(o, p);
		}
		if (path[0] != '/')
			put_u8(o, '/');
	}
	for (; *path != '\0'; path++) {
		c = (unsigned char)*path;
		if (isalnum(c) || strchr("/._-~", c) != NULL ||
		    (url && strchr(":?&=%@,+;[]!", c) != NULL))
			put_u8(o, c);
		else {
			put_u8(o, '%');
			put_u8(o, (uint8_t)digits[c >> 4]);
			put_u8(o, (uint8_t)digits[c & 15]);
		}
	}
}

/* Its address, and a port of HTTP that is not the usual one. */
static void
put_server(struct put *o, const struct plan *p)
{
	char port[8];

	attribute_put_address(o, p->server);
	if (p->http != 0 && p->http != 80) {
		snprintf(port, sizeof port, ":%u", p->http);
		put_text(o, port);
	}
}

void
plan_put_bootif(struct put *o, const struct host *host)
{
	char two[8];
	size_t i;

	if (host->mac.kind != IDENTITY_HW)
		return;
	snprintf(two, sizeof two, "%02x", host->mac.htype);
	put_text(o, " BOOTIF=");
	put_text(o, two);
	for (i = 0; i < host->mac.len; i++) {
		snprintf(two, sizeof two, "-%02x", host->mac.bytes[i]);
		put_text(o, two);
	}
}

bool
plan_is_url(const char *s)
{
	size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyz");

	return n > 0 && strncmp(s + n, "://", 3) == 0;
}

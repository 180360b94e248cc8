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
#include "cursor.h"

#define VALUE_MAX	4096
#define PATH_TEXT	1024

struct plan {			/* what every loader needs to know */
	const struct host *host;
	uint32_t server;
	const char *local;	/* boot=local: what that means; else NULL */
	char kernel[PATH_TEXT];
	char initrd[VALUE_MAX];	/* commas between; "" if none */
	char cmdline[VALUE_MAX];
	char console[64];	/* ttyS0,115200 */
};

/* boot=local in the words of each loader. */
struct local {
	const char *name, *pxelinux, *grub, *ipxe;
};

static const struct local locals[] = {
	{ "exit", "LOCALBOOT 0", "exit 1\n", "exit\n" },
	{ "none", "LOCALBOOT -1", "exit 1\n", "exit 1\n" },
	{ "sanboot", "LOCALBOOT 0", "exit 1\n",
	    "sanboot --no-describe --drive 0x80 || exit\n" },
	{ "grub-scan", "LOCALBOOT 0",
	    "if [ \"$grub_platform\" = efi ]; then\n"
	    "\tfor name in BOOT/BOOTX64.EFI BOOT/BOOTAA64.EFI "
	    "BOOT/BOOTRISCV64.EFI; do\n"
	    "\t\tif search --no-floppy --file --set=root "
	    "\"/EFI/$name\"; then\n"
	    "\t\t\tchainloader \"/EFI/$name\"\n"
	    "\t\t\tboot\n"
	    "\t\tfi\n"
	    "\tdone\n"
	    "else\n"
	    "\tset root=(hd0)\n"
	    "\tchainloader +1\n"
	    "\tboot\n"
	    "fi\n"
	    "exit 1\n",
	    "sanboot --no-describe --drive 0x80 || exit\n" },
};

/* Names that loaders ask for on the chance, the last component. */
static const char *const misses[] = {
	"command.lst", "fs.lst", "crypto.lst", "terminal.lst", "parttool.lst",
	"revocations.efi", "revocations_sku.efi", "revocations_sbat.efi",
	"shim_certificate.efi", "loader.conf.local", "loader.conf.lua",
	"local.lua", "theme.txt", "bootstrap.cfg", "ldlinux.c32",
	"libcom32.c32", "libutil.c32", "menu.c32", "vesamenu.c32",
};

static void parse_pxelinux(const char *, struct bootfile_name *);
static void parse_grub(const char *, struct bootfile_name *);
static bool parse_alias(const char *, const char *, struct bootfile_name *);
static bool parse_hardware(const char *, struct identity *);
static bool parse_uuid(const char *, struct identity *);
static bool parse_hex_address(const char *, uint32_t *);
static bool is_hex_prefix(const char *);
static const char *last_component(const char *);
static int hex(char);
static bool make_plan(struct plan *, const struct host *, uint32_t);
static void add_console(struct plan *);
static bool serial_of(const struct plan *, unsigned *, unsigned long *);
static const struct local *local_of(const char *);
static bool next_word(const char **, char *, size_t);
static void write_pxelinux(const struct plan *, struct put *);
static void pxelinux_path(struct put *, const char *);
static void write_grub(const struct plan *, struct put *);
static void grub_word(struct put *, const char *, size_t);
static void grub_path(struct put *, const struct plan *, const char *);
static void write_ipxe(const struct plan *, struct put *);
static void ipxe_word(struct put *, const char *);
static void ipxe_uri(struct put *, const struct plan *, const char *);
static void put_bootif(struct put *, const struct host *);
static void put_address(struct put *, uint32_t);
static bool is_url(const char *);

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
	if (strcmp(parent, "pxelinux.cfg") == 0) {
		parse_pxelinux(base, b);
		return;
	}
	if (strncmp(base, "grub.cfg", 8) == 0 &&
	    (base[8] == '\0' || base[8] == '-')) {
		parse_grub(base, b);
		return;
	}
	if (strcmp(base, "autoexec.ipxe") == 0 ||
	    strcmp(base, "boot.ipxe") == 0) {
		b->kind = BOOTFILE_IPXE;
		return;
	}
	if (parse_alias(parent, base, b))
		return;
	n = strlen(base);
	for (i = 0; i < sizeof misses / sizeof misses[0]; i++)
		if (strcmp(base, misses[i]) == 0)
			b->kind = BOOTFILE_MISS;
	/* GRUB's modules and translations; what FreeBSD's loader unpacks. */
	if ((n > 4 && strcmp(base + n - 4, ".mod") == 0) ||
	    (n > 3 && strcmp(base + n - 3, ".mo") == 0) ||
	    (n > 6 && strcmp(base + n - 6, ".mo.gz") == 0) ||
	    (n > 3 && strcmp(base + n - 3, ".gz") == 0 &&
	    (strcmp(parent, "boot") == 0 || strcmp(parent, "defaults") == 0 ||
	    strcmp(parent, "lua") == 0)))
		b->kind = BOOTFILE_MISS;
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
	b->address = 0;
	return false;
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

size_t
bootfile_write(enum bootfile_kind kind, const struct host *host,
    uint32_t server, char *text, size_t size)
{
	static void (*const writers[])(const struct plan *, struct put *) = {
		[BOOTFILE_PXELINUX] = write_pxelinux,
		[BOOTFILE_GRUB] = write_grub,
		[BOOTFILE_IPXE] = write_ipxe,
	};
	struct put o = put_into(text, size);
	struct plan p;

	if (kind >= sizeof writers / sizeof writers[0] ||
	    writers[kind] == NULL || !make_plan(&p, host, server))
		return 0;
	writers[kind](&p, &o);
	if (!put_u8(&o, 0))
		return 0;
	return (size_t)(o.at - (uint8_t *)text) - 1;
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

/* The serial port among the consoles, and its speed, 0 if none is said. */
static bool
serial_of(const struct plan *p, unsigned *port, unsigned long *speed)
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
	char item[PATH_TEXT], line[64];
	size_t n = strlen(p->kernel);
	unsigned long speed;
	bool first = true;
	unsigned port;

	/* SERIAL counts from where it stands, so first. */
	if (serial_of(p, &port, &speed)) {
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
	if (!is_url(path)) {
		put_text(o, "::");
		path += path[0] == '/';
	}
	put_text(o, path);
}

static void
write_grub(const struct plan *p, struct put *o)
{
	const char *at = p->cmdline;
	char word[VALUE_MAX];

	put_text(o, "# ");
	put_text(o, host_name(p->host));
	put_u8(o, '\n');
	if (p->local != NULL) {
		put_text(o, local_of(p->local)->grub);
		return;
	}
	put_text(o, "linux ");
	grub_path(o, p, p->kernel);
	while (next_word(&at, word, sizeof word)) {
		put_u8(o, ' ');
		grub_word(o, word, strlen(word));
	}
	put_bootif(o, p->host);
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

/*
 * The words of a command line as the kernel parts them: blanks part, but
 * not between double quotes, which are taken off (GRUB puts them round a
 * word with blanks again).  False at the end.
 */
static bool
next_word(const char **at, char *word, size_t size)
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

/* (tftp,192.0.2.2)/path, as $root may be a disk where GRUB came from one. */
static void
grub_path(struct put *o, const struct plan *p, const char *path)
{
	char place[PATH_TEXT + 64];
	struct put q = put_into(place, sizeof place);
	const char *host, *rest;

	if (is_url(path) && (host = strstr(path, "://")) != NULL) {
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
		put_text(&q, "(tftp");
		if (p->server != 0) {
			put_u8(&q, ',');
			put_address(&q, p->server);
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
	char word[VALUE_MAX], name[32];
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
	bool url = is_url(path);
	unsigned char c;

	/* Without our address: from where the script itself came. */
	if (!url) {
		if (p->server != 0) {
			put_text(o, "tftp://");
			put_address(o, p->server);
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

/* As IPAPPEND 2 of pxelinux does it: the type, then the address. */
static void
put_bootif(struct put *o, const struct host *host)
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

static void
put_address(struct put *o, uint32_t a)
{
	char text[16];

	snprintf(text, sizeof text, "%u.%u.%u.%u", a >> 24, a >> 16 & 255,
	    a >> 8 & 255, a & 255);
	put_text(o, text);
}

static bool
is_url(const char *s)
{
	size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyz");

	return n > 0 && strncmp(s + n, "://", 3) == 0;
}

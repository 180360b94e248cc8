/*
 * The loaders of the BSDs: see bootfile.h.
 *
 * Kernel and ramdisk are always ADDRESS/kernel and ADDRESS/initrd, so that
 * no value of kernel= or initrd= stands in these files.  None of the loaders
 * can quote everything, and each cuts a long line in two, the second half of
 * which would be a command of its own: where a value cannot be written
 * safely there is no file.
 */
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "bootfile_plan.h"

/* Bytes of a line, without its end. */
#define FREEBSD_LINE	254	/* a buffer of 256 in the older ones */
#define OPENBSD_LINE	130
#define NETBSD_LINE	1000
#define NETBSD_COMMAND	79	/* from one ';' of a menu to the next */

/*
 * Flags that boot(8) knows: one that it does not is worse than none, as
 * OpenBSD's then waits at its prompt and NetBSD's tries again for ever.
 */
#define OPENBSD_FLAGS	"acds"
#define NETBSD_FLAGS	"abcdmqsvxz"

static void line(struct put *, size_t, const char *, ...)
    __attribute__((format(printf, 3, 4)));
static void freebsd(const struct plan *, struct put *, bool);
static void freebsd_console(const struct plan *, struct put *, bool);
static void variable(struct put *, bool, const char *, const char *);
static bool is_variable(const char *, size_t);
static bool is_command(const char *);
static bool is_plain(const char *);
static void address_text(const struct plan *, struct put *,
    char[ATTRIBUTE_ADDRESS_SIZE]);
static void netbsd_command(struct put *, const char *, ...)
    __attribute__((format(printf, 2, 3)));
static void flags_of(const struct plan *, struct put *, const char *, char *,
    size_t);

/*
 * The way of the first diskless FreeBSDs: commands, one a line, which their
 * Forth and their simple interpreter both know.
 */
void
plan_loader_rc(const struct plan *p, struct put *o)
{
	char flags[FREEBSD_LINE];

	line(o, FREEBSD_LINE, "echo %s", host_name(p->host));
	if (p->local != NULL) {
		if (strcmp(p->local, "none") == 0)
			line(o, FREEBSD_LINE, "set autoboot_delay=\"NO\"");
		else
			line(o, FREEBSD_LINE, "chain disk0:");
		return;
	}
	freebsd(p, o, false);
	flags_of(p, o, NULL, flags, sizeof flags);
	line(o, FREEBSD_LINE, "echo Loading kernel...");
	line(o, FREEBSD_LINE, "load ${boot.netif.ip}/kernel");
	if (p->initrd[0] != '\0') {
		line(o, FREEBSD_LINE, "echo Loading root filesystem...");
		line(o, FREEBSD_LINE,
		    "load -t mfs_root ${boot.netif.ip}/initrd");
	}
	line(o, FREEBSD_LINE, "echo Booting...");
	line(o, FREEBSD_LINE, "boot%s", flags);
}

/* For loader.lua, and the Forth loader before it: variables. */
void
plan_loader_conf(const struct plan *p, struct put *o)
{
	static const struct { char flag; const char *name; } boots[] = {
		{ 'a', "boot_askname" }, { 'C', "boot_cdrom" },
		{ 'd', "boot_ddb" }, { 'D', "boot_multicons" },
		{ 'g', "boot_gdb" }, { 'h', "boot_serial" },
		{ 'm', "boot_mute" }, { 'r', "boot_dfltroot" },
		{ 's', "boot_single" }, { 'v', "boot_verbose" },
	};
	char flags[FREEBSD_LINE], at[ATTRIBUTE_ADDRESS_SIZE];
	size_t i;

	line(o, FREEBSD_LINE, "# %s", host_name(p->host));
	if (p->local != NULL) {
		if (strcmp(p->local, "none") == 0) {
			variable(o, true, "autoboot_delay", "NO");
			return;
		}
		/* A BIOS goes by the first; UEFI knows only the second. */
		line(o, FREEBSD_LINE, "exec=\"chain disk0:\"");
		line(o, FREEBSD_LINE, "exec=\"quit\"");
		return;
	}
	address_text(p, o, at);
	variable(o, true, "autoboot_delay", "-1");
	variable(o, true, "beastie_disable", "YES");
	freebsd(p, o, true);
	flags_of(p, o, NULL, flags, sizeof flags);
	for (i = 0; i < sizeof boots / sizeof boots[0]; i++)
		if (strchr(flags, boots[i].flag) != NULL)
			variable(o, true, boots[i].name, "YES");
	line(o, FREEBSD_LINE, "bootfile=\"/%s/kernel\"", at);
	if (p->initrd[0] == '\0')
		return;
	variable(o, true, "mfsroot_load", "YES");
	variable(o, true, "mfsroot_type", "mfs_root");
	line(o, FREEBSD_LINE, "mfsroot_name=\"/%s/initrd\"", at);
}

/* What both files of FreeBSD say in variables: console, cmdline, root. */
static void
freebsd(const struct plan *p, struct put *o, bool conf)
{
	const char *at = p->cmdline;
	char word[PLAN_VALUE];
	bool root = false;
	size_t n;

	freebsd_console(p, o, conf);
	while (plan_next_word(&at, word, sizeof word)) {
		n = strcspn(word, "=");
		/* Words for Linux alone are nothing to FreeBSD. */
		if (word[n] == '\0' || strncmp(word, "console=ttyS", 12) == 0)
			continue;
		word[n] = '\0';
		if (!is_variable(word, n) || (conf && is_command(word))) {
			o->full = true;
			return;
		}
		root = root || strcmp(word, "vfs.root.mountfrom") == 0;
		variable(o, conf, word, word + n + 1);
	}
	/* FreeBSD 5 took the partition off the names of memory disks. */
	if (p->initrd[0] != '\0' && !root)
		variable(o, conf, "vfs.root.mountfrom", conf ? "ufs:/dev/md0" :
		    "ufs:/dev/md0c");
}

static void
freebsd_console(const struct plan *p, struct put *o, bool conf)
{
	static const char *const ports[] = { "0x3F8", "0x2F8", "0x3E8",
	    "0x2E8" };
	unsigned long speed;
	unsigned port;
	char text[24];

	if (!plan_serial_of(p, &port, &speed))
		return;
	if (speed > 0) {
		snprintf(text, sizeof text, "%lu", speed);
		variable(o, conf, "comconsole_speed", text);
	}
	variable(o, conf, "comconsole_port", ports[port]);
	variable(o, conf, "console", "comconsole");
}

static void
variable(struct put *o, bool conf, const char *name, const char *value)
{
	if (!is_plain(value))
		o->full = true;
	line(o, FREEBSD_LINE, "%s%s=\"%s\"", conf ? "" : "set ", name, value);
}

/* OpenBSD's boot(8): its kernel has the ramdisk in it. */
void
plan_boot_conf(const struct plan *p, struct put *o)
{
	char flags[OPENBSD_LINE], at[ATTRIBUTE_ADDRESS_SIZE];
	unsigned long speed;
	unsigned port;

	line(o, OPENBSD_LINE, "# %s", host_name(p->host));
	if (p->local != NULL) {
		line(o, OPENBSD_LINE, strcmp(p->local, "none") == 0 ?
		    "set timeout 0" : "boot hd0a:/bsd");
		return;
	}
	address_text(p, o, at);
	flags_of(p, o, OPENBSD_FLAGS, flags, sizeof flags);
	if (plan_serial_of(p, &port, &speed)) {
		if (speed > 0)
			line(o, OPENBSD_LINE, "stty com%u %lu", port, speed);
		line(o, OPENBSD_LINE, "set tty com%u", port);
	}
	line(o, OPENBSD_LINE, "set image %s/kernel", at);
	line(o, OPENBSD_LINE, "boot%s", flags);
}

/*
 * NetBSD: a menu of one.  The speed comes as a command of its own, because
 * versions that do not know it pass over the whole of consdev=.
 */
void
plan_boot_cfg(const struct plan *p, struct put *o)
{
	char flags[NETBSD_COMMAND], at[ATTRIBUTE_ADDRESS_SIZE];
	unsigned long speed = 0;
	unsigned port;

	line(o, NETBSD_LINE, "banner=%s", host_name(p->host));
	if (p->local != NULL && strcmp(p->local, "none") == 0) {
		line(o, NETBSD_LINE, "menu=Prompt:prompt");
		line(o, NETBSD_LINE, "timeout=-1");
		return;
	}
	if (p->local != NULL) {
		line(o, NETBSD_LINE, "menu=Disk:boot hd0a:netbsd");
		line(o, NETBSD_LINE, "timeout=0");
		return;
	}
	address_text(p, o, at);
	flags_of(p, o, NETBSD_FLAGS, flags, sizeof flags);
	if (plan_serial_of(p, &port, &speed))
		line(o, NETBSD_LINE, "consdev=com%u", port);
	put_text(o, "menu=Network:");
	if (speed > 0)
		netbsd_command(o, "consdev com%u,%lu;", port, speed);
	/* Without the slash it would be the name of a module. */
	if (p->initrd[0] != '\0')
		netbsd_command(o, "fs tftp:/%s/initrd;", at);
	netbsd_command(o, "boot tftp:%s/kernel%s\n", at, flags);
	line(o, NETBSD_LINE, "timeout=0");
}

/* The loader copies it into a buffer whose end it does not look for. */
static void
netbsd_command(struct put *o, const char *format, ...)
{
	char text[NETBSD_COMMAND + 2];
	va_list ap;
	int n;

	va_start(ap, format);
	n = vsnprintf(text, sizeof text, format, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= sizeof text)
		o->full = true;
	put_text(o, text);
}

static void
line(struct put *o, size_t max, const char *format, ...)
{
	char text[NETBSD_LINE + 2];
	va_list ap;
	int n;

	va_start(ap, format);
	n = vsnprintf(text, sizeof text, format, ap);
	va_end(ap);
	if (n < 0 || (size_t)n > max || strchr(text, '\n') != NULL) {
		o->full = true;
		return;
	}
	put_text(o, text);
	put_u8(o, '\n');
}

/*
 * " -sv": all words of the command line that are flags, in one, each flag
 * once, and of those only the known ones (NULL: all are).
 */
static void
flags_of(const struct plan *p, struct put *o, const char *known, char *out,
    size_t size)
{
	const char *at = p->cmdline, *s;
	char word[PLAN_VALUE];
	size_t n = 0;

	out[0] = '\0';
	while (plan_next_word(&at, word, sizeof word)) {
		if (word[0] != '-' || strchr(word, '=') != NULL)
			continue;
		for (s = word + 1; *s != '\0'; s++) {
			if (!isalpha((unsigned char)*s) || n + 3 > size - 1) {
				o->full = true;
				return;
			}
			if ((known != NULL && strchr(known, *s) == NULL) ||
			    (n > 0 && strchr(out + 2, *s) != NULL))
				continue;
			if (n == 0) {
				out[n++] = ' ';
				out[n++] = '-';
			}
			out[n++] = *s;
			out[n] = '\0';
		}
	}
}

static bool
is_variable(const char *s, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (!isalnum((unsigned char)s[i]) && strchr("._-", s[i]) ==
		    NULL)
			return false;
	return n > 0 && isalpha((unsigned char)s[0]);
}

/* Names in a loader.conf that stand for a command, not for a variable. */
static bool
is_command(const char *name)
{
	static const char *const ends[] = { "_load", "_name", "_type",
	    "_flags", "_before", "_after", "_error", "_conf_files",
	    "_conf_dirs" };
	size_t i, n = strlen(name), len;

	for (i = 0; i < sizeof ends / sizeof ends[0]; i++) {
		len = strlen(ends[i]);
		if (n >= len && strcmp(name + n - len, ends[i]) == 0)
			return true;
	}
	/* The last one names further directories to read from. */
	return strcmp(name, "exec") == 0 || strcmp(name, "product_vars") == 0;
}

/* Nothing in it means anything between double quotes. */
static bool
is_plain(const char *s)
{
	for (; *s != '\0'; s++)
		if ((unsigned char)*s < ' ' || *s == 0x7f ||
		    strchr("\"'\\$`", *s) != NULL)
			return false;
	return true;
}

static void
address_text(const struct plan *p, struct put *o,
    char text[ATTRIBUTE_ADDRESS_SIZE])
{
	if (p->host->address == 0)
		o->full = true;
	attribute_address_text(p->host->address, text);
}

/*
 * Any kernel=, initrd= and cmdline= that an entry takes: no more lines of a
 * loader's configuration than harmless values have, and any name is read.
 * The same in templates of each kind.
 */
#include <stdlib.h>
#include <string.h>

#include "bootfile.h"
#include "template.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static size_t
lines_of(enum bootfile_kind kind, const struct host *h)
{
	static char text[65536];
	size_t n = bootfile_write(kind, h, 0xc0000202, 0, text,
	    sizeof text);
	size_t i, lines = 0;

	if (n == 0)
		return 0;
	if (n != strlen(text))
		abort();
	for (i = 0; i < n; i++)
		lines += text[i] == '\n';
	return lines;
}

/* Each line begins as one of ours, and has both its quotes or none. */
static void
check_lines(enum bootfile_kind kind, const struct host *h)
{
	static const char *const begins[][8] = {
		[BOOTFILE_LOADER_RC] = { "echo ", "set ", "boot",
		    "load ${boot.netif.ip}/kernel\n",
		    "load -t mfs_root ${boot.netif.ip}/initrd\n" },
		[BOOTFILE_LOADER_CONF] = { "" },
		[BOOTFILE_BOOT_CONF] = { "# a\n", "stty com", "set tty com",
		    "set image 192.0.2.10/kernel\n", "boot\n", "boot -" },
		[BOOTFILE_BOOT_CFG] = { "banner=a\n", "consdev=com",
		    "menu=Network:fs tftp:/192.0.2.10/initrd;boot "
		    "tftp:192.0.2.10/kernel", "timeout=0\n" },
	};
	static char text[65536];
	size_t n = bootfile_write(kind, h, 0xc0000202, 0, text,
	    sizeof text);
	size_t i, quotes, len;
	char *line;

	for (line = text; line < text + n; line += len + 1) {
		len = strcspn(line, "\n");
		for (i = quotes = 0; i < len; i++)
			quotes += line[i] == '"';
		if ((quotes != 0 && quotes != 2) || memchr(line, '`', len) ||
		    (quotes == 2 && line[len - 1] != '"') ||
		    len > 1000 || strncmp(line, "exec", 4) == 0)
			abort();
		for (i = 0; i < 8 && begins[kind][i] != NULL; i++)
			if (strncmp(line, begins[kind][i],
			    strlen(begins[kind][i])) == 0)
				break;
		if (i == 8 || begins[kind][i] == NULL)
			abort();
	}
}

/* A value in a template, in any quotes: no line more, no byte of a shell. */
static void
try_template(const char *source, size_t n, const struct host *h, bool bare)
{
	static const char *const names[] = { "a.sh", "a.cfg", "user-data",
	    "a.json", "a.xml", "a" };
	static char text[65536];
	struct template_error err;
	size_t i, k, len;

	for (i = 0; i < sizeof names / sizeof names[0]; i++) {
		if (!template_render(names[i], source, n, h, 0xc0000202, text,
		    sizeof text, &len, &err)) {
			if (len != 0 || err.line == 0)
				abort();
			continue;
		}
		for (k = 0; bare && i != 3 && k < len; k++)
			if (strchr(i == 4 ? "<>\"'\n" : "$`\\;|&<>\n",
			    text[k]) != NULL)
				abort();
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	static const enum bootfile_kind kinds[] = {
		BOOTFILE_PXELINUX, BOOTFILE_GRUB, BOOTFILE_IPXE,
		BOOTFILE_LOADER_RC, BOOTFILE_LOADER_CONF,
		BOOTFILE_BOOT_CONF, BOOTFILE_BOOT_CFG,
		BOOTFILE_PI_CONFIG, BOOTFILE_PI_CMDLINE
	};
	static const char *const loaders[] = { "pxelinux", "grub", "ipxe",
	    "pxeboot", "pxeboot", "openbsd", "netbsd", "rpi", "rpi" };
	static const char *const names[] = { "kernel", "initrd", "cmdline" };
	static struct host plain, fuzzed;
	struct bootfile_name name;
	struct entry_error err;
	char value[1024];
	size_t i, wanted, got;

	if (n < 2 || n >= sizeof value)
		return 0;
	memcpy(value, bytes + 1, n - 1);
	value[n - 1] = '\0';
	bootfile_parse(value, &name);
	plain.layers = 1;
	plain.layer[0] = &plain.own;
	entry_init(&plain.own, ENTRY_HOST, "a", &err);
	try_template(value, strlen(value), &plain, false);
	if (entry_set(&plain.own, "comment", value, &err)) {
		try_template("%{comment}", 10, &plain, true);
		try_template("%%{'\"%{comment}", 15, &plain, false);
	}
	if (strchr(value, ',') != NULL || strchr(value, '%') != NULL ||
	    strstr(value, "console=") != NULL || value[0] == '\0')
		return 0;	/* these rightly change the shape */
	fuzzed.layers = 1;
	fuzzed.layer[0] = &fuzzed.own;
	plain.address = fuzzed.address = 0xc000020a;
	entry_init(&plain.own, ENTRY_HOST, "a", &err);
	if (!entry_set(&plain.own, "serial", "1", &err))
		abort();
	for (i = 0; i < 3; i++)
		if (!entry_set(&plain.own, names[i], "x", &err))
			abort();
	fuzzed.own = plain.own;
	if (!entry_set(&fuzzed.own, names[bytes[0] % 3], value, &err))
		return 0;
	for (i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		if (!entry_set(&plain.own, "loader", loaders[i], &err) ||
		    !entry_set(&fuzzed.own, "loader", loaders[i], &err))
			abort();
		wanted = lines_of(kinds[i], &plain);
		got = lines_of(kinds[i], &fuzzed);
		/* Variables of FreeBSD and flags are lines of their own. */
		if (wanted == 0 || (got != 0 && got != wanted &&
		    (i < 3 || i > 4)))
			abort();
		if (got != 0 && i >= 3 && i <= 6)
			check_lines(kinds[i], &fuzzed);
	}
	return 0;
}

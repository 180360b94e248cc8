/*
 * Any kernel=, initrd= and cmdline= that an entry takes: as many lines of a
 * loader's configuration as harmless values have, and any name is read.
 */
#include <stdlib.h>
#include <string.h>

#include "bootfile.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static size_t
lines_of(enum bootfile_kind kind, const struct host *h)
{
	static char text[65536];
	size_t n = bootfile_write(kind, h, 0xc0000202, text, sizeof text);
	size_t i, lines = 0;

	if (n == 0)
		return 0;
	if (n != strlen(text))
		abort();
	for (i = 0; i < n; i++)
		lines += text[i] == '\n';
	return lines;
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	static const enum bootfile_kind kinds[] = {
		BOOTFILE_PXELINUX, BOOTFILE_GRUB, BOOTFILE_IPXE
	};
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
	if (strchr(value, ',') != NULL || strchr(value, '%') != NULL ||
	    strstr(value, "console=") != NULL || value[0] == '\0')
		return 0;	/* these rightly change the shape */
	plain.layers = fuzzed.layers = 1;
	plain.layer[0] = &plain.own;
	fuzzed.layer[0] = &fuzzed.own;
	entry_init(&plain.own, ENTRY_HOST, "a", &err);
	for (i = 0; i < 3; i++)
		if (!entry_set(&plain.own, names[i], "x", &err))
			abort();
	fuzzed.own = plain.own;
	if (!entry_set(&fuzzed.own, names[bytes[0] % 3], value, &err))
		return 0;
	for (i = 0; i < 3; i++) {
		wanted = lines_of(kinds[i], &plain);
		got = lines_of(kinds[i], &fuzzed);
		if (got != 0 && got != wanted)
			abort();
	}
	return 0;
}

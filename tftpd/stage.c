/*
 * Steps of a boot by the files asked for: see stage.h.
 */
#include <string.h>

#include "below.h"
#include "content.h"
#include "stage.h"

/* Files made from the database; the others say nothing by this. */
static const enum event_stage generated[] = {
	[BOOTFILE_PXELINUX] = EVENT_CONFIG,
	[BOOTFILE_GRUB] = EVENT_CONFIG,
	[BOOTFILE_IPXE] = EVENT_CONFIG,
	[BOOTFILE_LOADER_RC] = EVENT_CONFIG,
	[BOOTFILE_LOADER_CONF] = EVENT_CONFIG,
	[BOOTFILE_BOOT_CONF] = EVENT_CONFIG,
	[BOOTFILE_BOOT_CFG] = EVENT_CONFIG,
	[BOOTFILE_PI_CONFIG] = EVENT_CONFIG,
	[BOOTFILE_PI_CMDLINE] = EVENT_CONFIG,
	[BOOTFILE_KERNEL] = EVENT_KERNEL,
	[BOOTFILE_INITRD] = EVENT_INITRD,
	[BOOTFILE_MISS] = 0,
};

/* Files that the host's entry names. */
static const struct {
	enum attribute_id id;
	enum event_stage stage;
} named[] = {
	{ A_KERNEL, EVENT_KERNEL },
	{ A_INITRD, EVENT_INITRD },
	{ A_FILENAME, EVENT_LOADER },
};

/* What loaders end in, and below loaders/ what they load besides. */
static const char *const loaders[] = { ".efi", ".EFI", ".0", ".kpxe",
    ".kkpxe", ".pxe", "/ldlinux.c32", "/ldlinux.e32", "/ldlinux.e64",
    "/pxeboot", NULL };
static const char *const parts[] = { ".mod", ".lst", ".c32", ".pf2", ".mo",
    ".cfg", NULL };

static bool is_value(const struct host *, enum attribute_id, const char *);
static bool ends_in(const char *, const char *const *);

enum event_stage
stage_of(const struct bootfile_name *name, const char *path,
    const struct host *peer)
{
	char base[CONTENT_NAME_MAX + 2] = "/";
	size_t i;

	if (generated[name->kind] != 0)
		return generated[name->kind];
	for (i = 0; peer != NULL && i < sizeof named / sizeof named[0]; i++)
		if (is_value(peer, named[i].id, path))
			return named[i].stage;
	strcpy(base + 1, path);
	if (ends_in(base, loaders))
		return EVENT_LOADER;
	return strncmp(path, "loaders/", 8) == 0 && !ends_in(base, parts) ?
	    EVENT_LOADER : EVENT_FILE;
}

static bool
is_value(const struct host *h, enum attribute_id id, const char *path)
{
	char value[4 * CONTENT_NAME_MAX], item[CONTENT_NAME_MAX + 1];
	char wanted[CONTENT_NAME_MAX + 1];
	const char *at = value;

	if (!host_value_expanded(h, id, NULL, value, sizeof value))
		return false;
	while (attribute_item(&at, item, sizeof item))
		if (below_path(item, NULL, wanted, sizeof wanted) &&
		    strcmp(wanted, path) == 0)
			return true;
	return false;
}

static bool
ends_in(const char *s, const char *const *ends)
{
	size_t n, len = strlen(s);

	for (; *ends != NULL; ends++) {
		n = strlen(*ends);
		if (len >= n && strcmp(s + len - n, *ends) == 0)
			return true;
	}
	return false;
}

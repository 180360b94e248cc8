/*
 * What a loader's configuration file says for a host.  Pure: a name and a
 * host give a text.  Nothing of it is ever on disk.
 */
#ifndef BOOTFILE_H
#define BOOTFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "host.h"
#include "identity.h"

enum bootfile_kind {
	BOOTFILE_NONE,		/* an ordinary name */
	BOOTFILE_PXELINUX,	/* .../pxelinux.cfg/UUID | 01-MAC | HEX */
	BOOTFILE_GRUB,		/* .../grub.cfg, grub.cfg-01-MAC, -HEX */
	BOOTFILE_IPXE,		/* autoexec.ipxe, boot.ipxe */
	BOOTFILE_LOADER_RC,	/* boot/loader.rc of FreeBSD */
	BOOTFILE_LOADER_CONF,	/* boot/loader.conf of FreeBSD */
	BOOTFILE_BOOT_CONF,	/* etc/boot.conf of OpenBSD */
	BOOTFILE_BOOT_CFG,	/* boot.cfg of NetBSD */
	BOOTFILE_PI_CONFIG,	/* config.txt of a Raspberry Pi */
	BOOTFILE_PI_CMDLINE,	/* its cmdline.txt */
	BOOTFILE_KERNEL,	/* ADDRESS/kernel[.gz]: the host's kernel= */
	BOOTFILE_INITRD,	/* ADDRESS/initrd[.gz]: the host's initrd= */
	BOOTFILE_MISS,		/* a name loaders try first and may lack */
};

/* What a name asks for, and the machine that it names, if it names one. */
struct bootfile_name {
	enum bootfile_kind kind;
	struct identity identity;	/* kind IDENTITY_NONE: by the peer */
	uint32_t address;	/* host byte order, 0: not in the name */
	bool gz;			/* the name ends in .gz */
};

/*
 * Reads a name as a client sent it (any prefix, any case of hex).  A name
 * that is not special gives BOOTFILE_NONE.  pxelinux' shorter and shorter
 * HEX prefixes and "default" are BOOTFILE_MISS resp. the peer's.
 */
void bootfile_parse(const char *name, struct bootfile_name *);

/*
 * Is this file made for this host at all?  Some are for hosts with a certain
 * loader= or with a serial= only.
 */
bool bootfile_is_for(enum bootfile_kind, const struct host *);

/*
 * pxelinux, and Linux on x86, arm64 and others, cut the command line at this
 * many bytes: by how many that of the host is too long, with what loaders
 * add to it; 0 if it fits or the file has none.
 */
#define BOOTFILE_CMDLINE_MAX 2047
size_t bootfile_cut(enum bootfile_kind, const struct host *);

/*
 * Writes the text for the host.  server: our address towards it, http: the
 * port of ours that it asked by HTTP, or 0, and then paths lead to TFTP; both
 * in host byte order.  The length without NUL, or 0 if the host lacks what it
 * needs (no kernel=, and boot=net) or it does not fit.  Values are quoted as
 * the loader's syntax needs; none can add a line or a directive.
 */
size_t bootfile_write(enum bootfile_kind, const struct host *,
    uint32_t server, uint16_t http, char *text, size_t size);

#endif

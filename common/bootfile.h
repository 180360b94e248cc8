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
	BOOTFILE_KERNEL,	/* ADDRESS/kernel[.gz]: the host's kernel= */
	BOOTFILE_INITRD,	/* ADDRESS/initrd[.gz]: the host's initrd= */
	BOOTFILE_MISS,		/* a name loaders try first and may lack */
};

/* What a name asks for, and the machine that it names, if it names one. */
struct bootfile_name {
	enum bootfile_kind kind;
	struct identity identity;	/* kind IDENTITY_NONE: by the peer */
	uint32_t address;		/* host byte order, 0: not in the name */
	bool gz;			/* the name ends in .gz */
};

/*
 * Reads a name as a client sent it (any prefix, any case of hex).  A name
 * that is not special gives BOOTFILE_NONE.  pxelinux' shorter and shorter
 * HEX prefixes and "default" are BOOTFILE_MISS resp. the peer's.
 */
void bootfile_parse(const char *name, struct bootfile_name *);

/*
 * Writes the text for the host.  server: our address towards it, host byte
 * order.  The length without NUL, or 0 if the host lacks what it needs
 * (no kernel=, and boot=net) or it does not fit.  Values are quoted as the
 * loader's syntax needs; none can add a line or a directive.
 */
size_t bootfile_write(enum bootfile_kind, const struct host *,
    uint32_t server, char *text, size_t size);

#endif

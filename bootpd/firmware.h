/*
 * What firmwares and boot loaders do differently from the DHCP clients of
 * operating systems: one table, a row a kind, bootpd(8) says why.  Pure.
 */
#ifndef FIRMWARE_H
#define FIRMWARE_H

#include <stdbool.h>
#include <stdint.h>

#include "arch.h"
#include "packet.h"

enum firmware_does {
	FIRMWARE_PXE = 0x1,	/* options 60 and 43 of PXE 2.1 in the reply */
	FIRMWARE_HTTP = 0x2,	/* option 60 HTTPClient, the file is a URL */
	FIRMWARE_IPXE = 0x4,	/* option 175 sub-option 176 in the reply */
	FIRMWARE_RPI = 0x8,	/* option 43 says "Raspberry Pi Boot" */
	FIRMWARE_FILE = 0x10,	/* takes no offer without a boot file */
	FIRMWARE_NUL = 0x20,	/* options 66 and 67 end in a NUL byte */
	FIRMWARE_FIRST = 0x40,	/* takes the first offer, even a proxy's */
	FIRMWARE_ROOT = 0x80,	/* its files come from where option 17 says */
	FIRMWARE_SCHEME = 0x100, /* a name without tftp: is one by NFS */
};

struct firmware {
	const char *name;	/* as in firmware= */
	/* Matches if all that are set hold: */
	const char *vendor_class;	/* how option 60 starts */
	const char *user_class;		/* how option 77 starts */
	uint8_t option;			/* an option that is there */
	const char *uuid;		/* how option 97 starts, behind its 0 */
	const uint8_t *mac;		/* first three bytes */
	const uint8_t *list;		/* how option 55 starts, 0 at its end */
	bool bare;			/* option 53 and no other */
	/* What it is: */
	unsigned does;		/* enum firmware_does */
	const char *arch;	/* if it does not say; NULL: unknown */
};

/* All rows; ended by name == NULL. */
const struct firmware *firmware_table(void);

/* The row for a request, or NULL: a client of an operating system. */
const struct firmware *firmware_match(const struct dhcp_packet *);

/* The first row with that name, or NULL. */
const struct firmware *firmware_by_name(const char *name);

/*
 * The architecture that the request names by option 93 or in its vendor
 * class, or the row's own.  NULL: it says nothing that we know.
 */
const struct arch *firmware_arch(const struct firmware *,
    const struct dhcp_packet *);

#endif

/*
 * Client system architectures (RFC 4578 option 93 and IANA's registry of
 * processor architecture types) and the names that filename.ARCH uses.
 */
#ifndef ARCH_H
#define ARCH_H

#include <stdbool.h>
#include <stdint.h>

struct arch {
	uint16_t code;		/* option 93 */
	const char *name;	/* "bios", "efi-x64", ... */
	bool http;		/* boots by HTTP; its TFTP twin has .name too */
};

/* By option 93; NULL if unknown.  9 gives the row of 7 (RFC 4578 errata). */
const struct arch *arch_by_code(uint16_t code);
/* The TFTP row of a name; NULL if unknown. */
const struct arch *arch_by_name(const char *name);
/* All rows, ended by name == NULL. */
const struct arch *arch_table(void);

#endif

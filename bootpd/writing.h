/*
 * A reply on its way from attributes to bytes: what reply.c, reply_file.c
 * and reply_option.c share, and nobody else needs.
 */
#ifndef WRITING_H
#define WRITING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "options.h"
#include "reply.h"

#define VALUE_MAX	ANSWER_MAX	/* more fits nowhere */

/* A reply being written. */
struct writing {
	const struct reply *r;
	struct answer *a;
	struct dhcp_writer w;
	bool echo;		/* option 82 goes back, at the end */
	bool long_name;		/* the boot file's passes ANSWER_FILE_MAX */
	uint32_t lease;
	uint8_t value[VALUE_MAX];	/* of one option */
	char text[VALUE_MAX];		/* of one attribute, filled in */
};

/*
 * The boot file's name into the answer, empty if there is none: ipxe-script=
 * for iPXE, else the nearest of filename.ARCH, filename and loader=.  An iPXE
 * that does not say so is known by its coming back.  None with boot=local;
 * but HTTP boot goes on for a minute to look for an offer with a URL, and
 * leaves at once when that leads nowhere.
 */
void writing_file(struct writing *);
/* Does tftpd make the files that this loader asks for? */
bool writing_makes_files(const struct reply *, const char *loader);

/*
 * An option, once, if the host has a value for it: option-N, what is made of
 * several attributes, or an attribute's own.  What does not fit is noted.
 */
void writing_option(struct writing *, uint8_t code);
/* Is option-CODE set? */
bool writing_has(const struct reply_values *, unsigned code);
/* The value with its escapes filled in, in out if it has any; NULL: no room. */
const char *writing_fill(struct writing *, const char *value, char *out,
    size_t size);

/* What firmware insists on; option-43 and option-60 of the host go first. */
void writing_firmware(struct writing *, const struct dhcp_fixed *);
/* What comes back as it came, what is asked for, what the host has set. */
void writing_wanted(struct writing *, const struct dhcp_fixed *);
/* What a loader needs beside the file; all else is the DHCP server's. */
void writing_proxy(struct writing *);

#endif

/*
 * What the writers of loaders' files have in common.  For bootfile*.c alone;
 * everybody else wants bootfile.h.
 */
#ifndef BOOTFILE_PLAN_H
#define BOOTFILE_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cursor.h"
#include "host.h"

#define PLAN_VALUE	4096
#define PLAN_PATH	1024

struct plan {			/* what every loader needs to know */
	const struct host *host;
	uint32_t server;
	uint16_t http;		/* its port, or 0: files come by TFTP */
	const char *local;	/* boot=local: what that means; else NULL */
	char kernel[PLAN_PATH];
	char initrd[PLAN_VALUE]; /* commas between; "" if none */
	char cmdline[PLAN_VALUE];
	char console[64];	/* ttyS0,115200 */
};

/*
 * Writers: the whole text for a plan.  What cannot be said in the loader's
 * language sets put.full, and then there is no file.
 */
void plan_loader_rc(const struct plan *, struct put *);
void plan_loader_conf(const struct plan *, struct put *);
void plan_boot_conf(const struct plan *, struct put *);
void plan_boot_cfg(const struct plan *, struct put *);
void plan_pi_config(const struct plan *, struct put *);
void plan_pi_cmdline(const struct plan *, struct put *);

/* The serial port among the consoles, and its speed, 0 if none is said. */
bool plan_serial_of(const struct plan *, unsigned *port,
    unsigned long *speed);

/*
 * The words of a command line as the kernel parts them: blanks part, but
 * not between double quotes, which are taken off.  What does not fit is cut.
 * *at moves on; false at the end.
 */
bool plan_next_word(const char **at, char *word, size_t size);

/*
 * " BOOTIF=01-...", as IPAPPEND 2 of pxelinux does it: the type, then the
 * address.  Nothing without a MAC.
 */
void plan_put_bootif(struct put *, const struct host *);
/* Does it begin with scheme://? */
bool plan_is_url(const char *);

#endif

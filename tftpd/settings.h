/*
 * The command line of tftpd(8), checked.
 */
#ifndef TFTPD_SETTINGS_H
#define TFTPD_SETTINGS_H

#include <stdint.h>
#include <sys/types.h>

#define SETTINGS_USER	"nobody"	/* where root starts it without -u */

struct settings {
	/* as they stand on it; see the table in settings.c */
	int log_requests, debug, known_only, http, version;
	int minutes;		/* -1: not said */
	int own_root, own_or_shared, writes, numbered;
	int rate, transfers, per_address, jobs;
	int no_options, blksize, single_port;
	char *dir, *user, *root, *umask, *write_max, *stamp, *ports;
	char **listen, **refused;

	/* what that means */
	char database[4096];	/* the directory that db/ is in */
	mode_t mask;
	uint64_t bytes;		/* of a file that is taken */
	unsigned refused_options;	/* 1u << enum tftp_option */
	uint16_t first, last;	/* ports for transfers; 0: any */
};

/*
 * Reads and checks all, and opens the log.  A mistake ends the program, with
 * EX_USAGE and a line that names it, as --help and --version do with 0.
 */
void settings_read(struct settings *, int argc, const char **argv);

#endif

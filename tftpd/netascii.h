/*
 * Files sent in netascii (RFC 1350, RFC 764): a line feed becomes CR LF, a
 * carriage return CR NUL.  Lengths and places change, so one remembers where
 * a block began.
 */
#ifndef TFTPD_NETASCII_H
#define TFTPD_NETASCII_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cache.h"

struct netascii {		/* a place in the converted file */
	uint64_t offset;	/* in the file */
	bool owed;		/* the second byte of a pair is still to come */
	uint8_t second;
};

/*
 * Converts from *at on until there are n bytes or the file ends; *at moves.
 * How many bytes there are, or -1 with errno of cache_read.
 */
long netascii_fill(struct cache_file *, struct netascii *at, uint8_t *out,
    size_t n);

#endif

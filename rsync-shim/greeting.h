/*
 * The first words of the rsync daemon's protocol, as far as it takes to turn
 * a client away: greetings are exchanged, the client names a module or asks
 * for the list, and gets one line.  Pure.
 */
#ifndef GREETING_H
#define GREETING_H

#include <stddef.h>

/* The digests belong to it since protocol 32; older clients pass over them. */
#define GREETING_OURS	"@RSYNCD: 31.0 sha512 sha256 sha1 md5 md4\n"
#define GREETING_END	"@RSYNCD: EXIT\n"
#define GREETING_ERROR	"@ERROR: "

enum greeting_wish {
	GREETING_MORE,		/* not a whole line yet */
	GREETING_LIST,		/* "#list", or an empty line */
	GREETING_MODULE,	/* anything else, however odd */
};

struct greeting {
	size_t n;
	char line[64];		/* the beginning of it says enough */
};

/* Takes what came from the client.  *g starts as all zeros. */
enum greeting_wish greeting_take(struct greeting *, const char *bytes,
    size_t n);

#endif

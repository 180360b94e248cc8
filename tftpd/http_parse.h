/*
 * What a request for a file says (RFC 9110, 9112): pure, over bytes that
 * nobody has looked at yet.
 */
#ifndef TFTPD_HTTP_PARSE_H
#define TFTPD_HTTP_PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#define HTTP_HEAD_MAX	8192	/* bytes of a request, to its empty line */

/*
 * Watches the bytes of a connection as they come, and finds what evhttp
 * would take though two readers may take it for two things: folded lines,
 * blanks before a colon, NUL and other control bytes, a CR by itself,
 * another version than 1.0 and 1.1, a head that is too long (RFC 9112
 * sections 2.2, 3, 5).  Bodies are none of its business: a request that may
 * have one ends the watch, and must end the connection.  All zero at first.
 */
struct http_guard {
	const char *bad;	/* what was wrong, static words; NULL: nothing */
	uint8_t state;
	uint8_t spaces;		/* in the request line so far */
	uint32_t bytes;		/* of this head */
	char method[5];		/* its begin */
	char tail[8];		/* the last bytes of the request line */
};

/* False once something was wrong, for good. */
bool http_guard(struct http_guard *, const uint8_t *, size_t);

/*
 * The name that a request target asks for: the path without query, its
 * %XX decoded once; of an absolute-form the host is passed over.  False if
 * it is no path, does not fit, has a broken %XX, or a control byte in it,
 * however written.
 */
bool http_target(const char *target, char *name, size_t size);

enum http_range {
	HTTP_RANGE_NONE,	/* none that counts: the whole file */
	HTTP_RANGE_PART,
	HTTP_RANGE_NOT,		/* beyond the file: 416 */
};

/*
 * A Range field for a file of size bytes (RFC 9110 section 14.2).  Only a
 * single range of bytes counts; several get the whole file, as do
 * malformed ones.  On PART, *first < size and *first + *length <= size.
 */
enum http_range http_range(const char *value, uint64_t size,
    uint64_t *first, uint64_t *length);

/*
 * A date in any of the three formats (RFC 9110 section 5.6.7).  now: for
 * years of two digits.  False if it is none.
 */
bool http_date(const char *text, time_t now, time_t *);
#define HTTP_DATE_SIZE	30
/* "Sun, 06 Nov 1994 08:49:37 GMT"; years 0 to 9999. */
const char *http_date_text(time_t, char[HTTP_DATE_SIZE]);

/* Content-Type by what the name ends in; text: when that says nothing. */
const char *http_type(const char *name, bool text);

#endif

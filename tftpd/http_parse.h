/*
 * What a request for a file says (RFC 9110, 9112): pure, over bytes that
 * nobody has looked at yet.  Strict: what two readers could take for two
 * things is refused.
 */
#ifndef TFTPD_HTTP_PARSE_H
#define TFTPD_HTTP_PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HTTP_HEAD_MAX	8192	/* bytes of a request, to its empty line */

struct http_text {		/* a part of the request; no NUL ends it */
	const char *at;
	size_t n;
};

enum http_method { HTTP_GET, HTTP_HEAD, HTTP_OTHER };

enum http_match {		/* RFC 9110 sections 13.1.1 and 13.1.2 */
	HTTP_MATCH_NONE,	/* no such field */
	HTTP_MATCH_ANY,		/* "*": whatever there is */
	HTTP_MATCH_TAGS,	/* entity tags; no file of ours has one */
};

struct http_request {
	enum http_method method;
	bool keep;		/* another one may follow on the connection */
	bool old;		/* HTTP/1.0 */
	bool body;		/* a body is announced */
	enum http_match if_match, if_none_match;
	struct http_text word, target;	/* the method as it was written */
	/* Field values, n 0 where there is none; of two the first. */
	struct http_text range, if_range;
	struct http_text if_modified_since, if_unmodified_since;
	/* Refused with that status, in static words; 0: it is well formed. */
	int status;
	const char *why;
};

/*
 * Reads the request that the bytes begin with.  How many of them are its
 * head; 0 if its end has not come yet.  Once it is refused, nobody knows
 * where another one would begin: all the bytes are its head then, and
 * whatever has been read of it is set.
 */
size_t http_parse(const void *bytes, size_t n, struct http_request *);

/*
 * The name that a target asks for: the path without query, its %XX decoded
 * once; of an absolute-form the host is passed over.  0, or the status to
 * refuse it with: 400 if it is no path, has a broken %XX or a control byte,
 * however written; 414 if it does not fit.
 */
int http_target(struct http_text, char *name, size_t size);

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
enum http_range http_range(struct http_text, uint64_t size,
    uint64_t *first, uint64_t *length);

#endif

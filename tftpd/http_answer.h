/*
 * The answer to one request: its fields judged, its name looked up, the
 * file on its way.  One at a time for each connection.
 */
#ifndef TFTPD_HTTP_ANSWER_H
#define TFTPD_HTTP_ANSWER_H

#include <stdbool.h>
#include <stdint.h>

#include "http.h"
#include "send.h"

struct evbuffer;
struct evhttp_request;

struct http_answer {
	const struct http_settings *set;
	struct evbuffer *scratch;	/* empty between two calls */
	union tftpsend_address peer;
	uint32_t server;	/* our address that it asked, host order, or 0 */

	struct evhttp_request *rq;	/* NULL: nothing is on its way */
	struct cache_file *file;	/* what is sent, or NULL */
	uint64_t first, at;	/* where it began, what is queued next */
	uint64_t length, left;
	uint64_t started, told;	/* us */
	int status;
	bool head, changed, quiet;
	enum event_stage stage;
	enum event_reason reason;
	const char *method, *why;
	struct identity mac;
	char host[ENTRY_NAME_MAX + 1];
	char name[128];
};

enum http_end {
	HTTP_SENT,
	HTTP_GONE,		/* the client closed the connection */
	HTTP_SILENT,		/* it took too little for too long */
};

/*
 * Answers.  bad: what the guard says, or NULL.  The request is evhttp's, or
 * ours until http_answer_end: that depends, and nobody else may touch it.
 */
void http_answer(struct http_answer *, struct evhttp_request *,
    const char *bad, uint64_t now);
/* Goes on?  unsent: bytes of the connection's output. */
void http_answer_tick(struct http_answer *, uint64_t unsent, uint64_t now);
void http_answer_end(struct http_answer *, enum http_end, uint64_t unsent,
    uint64_t now);
/* Bytes of the file that have left. */
uint64_t http_answer_sent(const struct http_answer *, uint64_t unsent);

#endif

/*
 * The answer to one request: its fields judged, its name looked up, head and
 * file on their way.  One at a time for each connection; no memory is asked
 * for.
 */
#ifndef TFTPD_HTTP_ANSWER_H
#define TFTPD_HTTP_ANSWER_H

#include <stdbool.h>
#include <stdint.h>

#include "http.h"
#include "http_date.h"
#include "http_parse.h"
#include "send.h"

#define HTTP_ANSWER_MAX	512	/* bytes of a head, and words of a refusal */

struct http_site {		/* what all connections share */
	struct http_settings set;
	time_t now;		/* what date says */
	char date[HTTP_DATE_SIZE];
};

struct http_answer {
	struct http_site *site;
	union tftpsend_address peer;
	uint32_t server;	/* our address that it asked, or 0 */
	uint16_t port;

	struct cache_file *file;	/* what is sent of, or NULL */
	uint64_t first, at, end;	/* of the file; at: sent up to there */
	uint64_t length;	/* what the head says, also to HEAD */
	uint64_t started, told;	/* us */
	uint16_t head_at, head_end;
	int status;
	bool keep;		/* the connection may go on after it */
	bool copied;		/* from the cache, with the head */
	bool headless, changed, quiet;
	enum event_stage stage;
	enum event_reason reason;
	const char *why;	/* of a refusal, or NULL */
	struct identity mac;
	char host[ENTRY_NAME_MAX + 1];
	char method[16], name[128];
	char head[HTTP_ANSWER_MAX];
};

/* Makes the answer; nothing is sent yet. */
void http_answer(struct http_answer *, const struct http_request *,
    uint64_t now);

enum http_sent {
	HTTP_ALL,
	HTTP_LATER,		/* when the socket takes more */
	HTTP_BROKEN,		/* the rest can never come: close it */
};

/* Sends what the socket takes, but not so much that others wait. */
enum http_sent http_answer_send(struct http_answer *, int fd);
/* A long one goes on: tells how far it is, once a second. */
void http_answer_tick(struct http_answer *, uint64_t now);

/* The whole answer of one who is not even asked what for; its length. */
size_t http_answer_busy(struct http_site *, char text[HTTP_ANSWER_MAX]);

enum http_end {
	HTTP_SENT,
	HTTP_GONE,		/* the client closed the connection */
	HTTP_SILENT,		/* it took too little for too long */
	HTTP_STOPPED,		/* we ended it */
};

void http_answer_end(struct http_answer *, enum http_end, uint64_t now);

#endif

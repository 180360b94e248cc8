/*
 * What may come on a connection, cut at any place: the parser says the same
 * of it when the rest has come, points into the bytes alone, and takes no
 * more of them than a head may have.  What is well formed has an answer: its
 * name, dates and range are read, and a head is written that says them.
 */
#include <stdlib.h>
#include <string.h>

#include "../../tftpd/content.h"
#include "../../tftpd/http_date.h"
#include "../../tftpd/http_head.h"
#include "../../tftpd/http_parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void prefixes(const uint8_t *, size_t, size_t);
static void inside(struct http_text, const uint8_t *, size_t);
static void told(const struct http_request *, const uint8_t *, size_t);
static void answered(const struct http_request *);

/* The first byte says in what steps the rest comes. */
int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct http_request rq;
	size_t used, step;

	if (n < 1)
		return 0;
	step = bytes[0] + 1u;
	for (bytes++, n--; n > 0; bytes += used, n -= used) {
		used = http_parse(bytes, n, &rq);
		prefixes(bytes, n, step);
		if (used > n || (used == 0 && n >= HTTP_HEAD_MAX))
			abort();
		told(&rq, bytes, n);
		if (used == 0 || rq.status != 0)
			break;
	}
	return 0;
}

/* Once there is an answer, more bytes change nothing about it. */
static void
prefixes(const uint8_t *bytes, size_t n, size_t step)
{
	struct http_request whole, part;
	size_t used = http_parse(bytes, n, &whole), first, k;

	for (k = 0; k < n; k += step) {
		first = http_parse(bytes, k, &part);
		if (first == 0)
			continue;
		if (part.status != whole.status || part.why != whole.why ||
		    (part.status == 0 && first != used) ||
		    part.method != whole.method || part.keep != whole.keep)
			abort();
	}
}

static void
told(const struct http_request *rq, const uint8_t *bytes, size_t n)
{
	size_t i;

	inside(rq->word, bytes, n);
	inside(rq->target, bytes, n);
	inside(rq->range, bytes, n);
	inside(rq->if_range, bytes, n);
	inside(rq->if_modified_since, bytes, n);
	if ((rq->status == 0) != (rq->why == NULL))
		abort();
	for (i = 0; i < rq->target.n; i++)
		if ((uint8_t)rq->target.at[i] <= ' ')
			abort();
	if (rq->status == 0)
		answered(rq);
}

/* As http_answer.c does it, in a head of its size. */
static void
answered(const struct http_request *rq)
{
	char name[CONTENT_NAME_MAX + 2], head[512], date[HTTP_DATE_SIZE];
	struct put o = put_into(head, sizeof head);
	uint64_t first = 0, length = UINT64_MAX;
	int status = http_target(rq->target, name, sizeof name);
	time_t t = 0;

	if (status != 0) {
		if (status != 400 && status != 414)
			abort();
		return;
	}
	http_date(rq->if_modified_since.at, rq->if_modified_since.n,
	    1764028800, &t);
	http_date(rq->if_range.at, rq->if_range.n, 1764028800, &t);
	status = 200;
	switch (http_range(rq->range, length, &first, &length)) {
	case HTTP_RANGE_PART:
		if (length == 0 || length > UINT64_MAX - first)
			abort();
		status = 206;
		break;
	case HTTP_RANGE_NOT:
		status = 416;
		break;
	case HTTP_RANGE_NONE:
		break;
	}
	http_head_begin(&o, status, http_date_text(1764028800, date));
	http_head_text(&o, "Last-Modified", http_date_text(t, date));
	http_head_text(&o, "Content-Type", http_type(name, false));
	http_head_number(&o, "Content-Length", length);
	http_head_text(&o, "Accept-Ranges", "bytes");
	http_head_range(&o, first, length, UINT64_MAX);
	http_head_text(&o, "Connection", "keep-alive");
	http_head_end(&o);
	if (o.full)
		abort();
}

static void
inside(struct http_text t, const uint8_t *bytes, size_t n)
{
	const uint8_t *at = (const uint8_t *)t.at;

	if (t.n > 0 && (at < bytes || at + t.n > bytes + n ||
	    t.n > HTTP_HEAD_MAX))
		abort();
}

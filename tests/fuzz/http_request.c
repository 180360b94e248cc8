/*
 * What may come on a connection, cut at any place: the parser says the same
 * of it when the rest has come, points into the bytes alone, and takes no
 * more of them than a head may have.
 */
#include <stdlib.h>
#include <string.h>

#include "../../tftpd/content.h"
#include "../../tftpd/http_parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void prefixes(const uint8_t *, size_t, size_t);
static void inside(struct http_text, const uint8_t *, size_t);
static void told(const struct http_request *, const uint8_t *, size_t);

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
	char name[CONTENT_NAME_MAX + 2];
	uint64_t first, length;
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
	http_target(rq->target, name, sizeof name);
	http_range(rq->range, 1000, &first, &length);
}

static void
inside(struct http_text t, const uint8_t *bytes, size_t n)
{
	const uint8_t *at = (const uint8_t *)t.at;

	if (t.n > 0 && (at < bytes || at + t.n > bytes + n ||
	    t.n > HTTP_HEAD_MAX))
		abort();
}

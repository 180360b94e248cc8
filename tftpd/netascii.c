/*
 * Netascii: see netascii.h.
 */
#include "netascii.h"

#define PIECES	8

static size_t convert(struct netascii *, const uint8_t *, size_t, uint8_t *,
    size_t);

long
netascii_fill(struct cache_file *f, struct netascii *at, uint8_t *out,
    size_t n)
{
	struct iovec piece[PIECES];
	struct netascii now = *at;
	size_t done = 0;
	uint64_t left;
	int i, pieces;

	for (;;) {
		if (now.owed && done < n) {
			out[done++] = now.second;
			now.owed = false;
		}
		left = cache_size(f) - now.offset;
		if (left == 0 || done == n)
			break;
		pieces = cache_read(f, now.offset,
		    n - done < left ? n - done : (size_t)left, piece, PIECES);
		if (pieces < 0)
			return -1;
		/* Each piece only until the room is gone. */
		for (i = 0; i < pieces && done < n; i++)
			done += convert(&now, piece[i].iov_base,
			    piece[i].iov_len, out + done, n - done);
	}
	*at = now;
	return (long)done;
}

/* At most n bytes to out; now->offset moves by what was taken of in. */
static size_t
convert(struct netascii *now, const uint8_t *in, size_t len, uint8_t *out,
    size_t n)
{
	size_t done = 0, i;

	for (i = 0; i < len && done < n; i++) {
		if (now->owed) {
			out[done++] = now->second;
			now->owed = false;
			if (done == n)
				break;
		}
		if (in[i] == '\n' || in[i] == '\r') {
			out[done++] = '\r';
			now->owed = true;
			now->second = in[i] == '\n' ? '\n' : '\0';
		} else
			out[done++] = in[i];
	}
	now->offset += i;
	return done;
}

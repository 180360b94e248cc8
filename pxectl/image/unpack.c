/*
 * Compressed kernel modules, by libarchive.
 */
#include <archive.h>
#include <archive_entry.h>
#include <stdlib.h>
#include <string.h>

#include "unpack.h"

enum { LARGEST = 256 << 20, STEP = 1 << 20 };

static int read_all(struct archive *, struct root_bytes *, const char **);

int
unpack_module(const char *path, struct root_bytes *bytes, const char **why)
{
	const char *end = strrchr(path, '.');
	struct root_bytes plain = { 0 };
	struct archive_entry *entry;
	struct archive *a;
	int result = -1;

	if (end == NULL || strcmp(end, ".ko") == 0)
		return 0;
	*why = "a compressed module that cannot be unpacked";
	if ((a = archive_read_new()) == NULL)
		return -1;
	if (archive_read_support_format_raw(a) == ARCHIVE_OK &&
	    archive_read_support_filter_gzip(a) >= ARCHIVE_WARN &&
	    archive_read_support_filter_xz(a) >= ARCHIVE_WARN &&
	    archive_read_support_filter_zstd(a) >= ARCHIVE_WARN &&
	    archive_read_open_memory(a, bytes->at, bytes->len) ==
	    ARCHIVE_OK && archive_read_next_header(a, &entry) == ARCHIVE_OK)
		result = read_all(a, &plain, why);
	archive_read_free(a);
	if (result == -1) {
		free(plain.at);
		return -1;
	}
	root_unmap(bytes);
	*bytes = plain;
	return 0;
}

static int
read_all(struct archive *a, struct root_bytes *plain, const char **why)
{
	size_t room = 0;
	la_ssize_t n;
	void *more;

	for (;;) {
		if (plain->len == room) {
			room += STEP;
			if (room > LARGEST ||
			    (more = realloc(plain->at, room)) == NULL) {
				*why = "a compressed module, too large";
				return -1;
			}
			plain->at = more;
		}
		n = archive_read_data(a, (char *)plain->at + plain->len,
		    room - plain->len);
		if (n < 0)
			return -1;
		if (n == 0)
			break;
		plain->len += (size_t)n;
	}
	if (plain->len == 0)
		return -1;
	/* Hundreds of them are held at once. */
	if ((more = realloc(plain->at, plain->len)) != NULL)
		plain->at = more;
	return 0;
}

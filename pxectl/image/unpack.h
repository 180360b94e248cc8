/*
 * Compressed kernel modules (.ko.gz, .ko.xz, .ko.zst).
 */
#ifndef IMAGE_UNPACK_H
#define IMAGE_UNPACK_H

#include "root.h"

/*
 * Replaces *bytes by what is packed in it, if path ends in a compressor's
 * suffix.  0, or -1 with the words in *why; *bytes stays the caller's.
 */
int unpack_module(const char *path, struct root_bytes *bytes,
    const char **why);

#endif

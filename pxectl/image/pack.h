/*
 * From the tree to one compressed cpio archive ("newc", the one the kernel
 * unpacks), the same bytes for the same tree.
 */
#ifndef IMAGE_PACK_H
#define IMAGE_PACK_H

#include "build.h"

/*
 * Writes the tree to options->output: a new file beside it first, which
 * takes the name when it is whole.  report->raw and size are filled.  pack is
 * not IMAGE_BY_NAME.
 */
int pack_write(struct build *, enum image_pack pack);

/* The way of packing that a file name asks for, or IMAGE_BY_NAME. */
enum image_pack pack_by_name(const char *name);

/* "gzip", "zstd", "xz", "none". */
const char *pack_word(enum image_pack);

#endif

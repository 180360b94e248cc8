/*
 * The archive.
 */
#include <archive.h>
#include <archive_entry.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "../output.h"
#include "pack.h"

enum { STEP = 128 << 10 };

/*
 * xz goes out in the .lzma form of the same compressor: the .xz that
 * libarchive writes ends in a CRC-64, which the kernel refuses.
 */
static const struct {
	const char *word, *filter, *suffix;
	int (*add)(struct archive *);
	int level;			/* the usual one */
} packs[] = {
	[IMAGE_GZIP] = { "gzip", "gzip", ".gz",
	    archive_write_add_filter_gzip, 6 },
	[IMAGE_ZSTD] = { "zstd", "zstd", ".zst",
	    archive_write_add_filter_zstd, 3 },
	[IMAGE_XZ] = { "xz", "lzma", ".xz",
	    archive_write_add_filter_lzma, 6 },
	[IMAGE_PLAIN] = { "none", NULL, ".cpio",
	    archive_write_add_filter_none, 0 },
};

static const struct {
	unsigned type;
	unsigned links;
} kinds[] = {
	[TREE_DIRECTORY] = { AE_IFDIR, 2 },
	[TREE_FILE] = { AE_IFREG, 1 },
	[TREE_LINK] = { AE_IFLNK, 1 },
	[TREE_CHAR] = { AE_IFCHR, 1 },
	[TREE_BLOCK] = { AE_IFBLK, 1 },
};

static int write_archive(struct build *, struct archive *, int,
    enum image_pack);
static int set_up(struct build *, struct archive *, enum image_pack);
static int write_node(struct build *, struct archive *,
    struct archive_entry *, const struct tree_node *, size_t);
static int write_data(struct build *, struct archive *,
    const struct tree_node *);
static int fail_archive(struct build *, struct archive *);

int
pack_write(struct build *b, enum image_pack pack)
{
	struct output o;
	struct archive *a;
	mode_t mask;
	int fd, code;

	umask(mask = umask(022));
	if ((fd = output_open(&o, b->options->output, 0666 & ~mask)) == -1) {
		build_fail_errno(b, b->options->output);
		return EX_CANTCREAT;
	}
	if ((a = archive_write_new()) == NULL)
		code = build_fail(b, EX_OSERR, "out of memory");
	else {
		code = write_archive(b, a, fd, pack);
		b->report->size = (uint64_t)archive_filter_bytes(a, -1);
		archive_write_free(a);
	}
	if (output_close(&o, fd, code == EX_OK) == -1) {
		build_fail_errno(b, b->options->output);
		code = EX_CANTCREAT;
	}
	if (close(fd) == -1 && code == EX_OK) {
		build_fail_errno(b, b->options->output);
		code = EX_CANTCREAT;
	}
	return code;
}

enum image_pack
pack_by_name(const char *name)
{
	size_t i, n, len = strlen(name);

	for (i = 0; i < sizeof(packs) / sizeof(packs[0]); i++) {
		if (packs[i].suffix == NULL)
			continue;
		n = strlen(packs[i].suffix);
		if (len > n && strcmp(name + len - n, packs[i].suffix) == 0)
			return (enum image_pack)i;
	}
	return IMAGE_BY_NAME;
}

const char *
pack_word(enum image_pack pack)
{
	return packs[pack].word == NULL ? "" : packs[pack].word;
}

static int
write_archive(struct build *b, struct archive *a, int fd,
    enum image_pack pack)
{
	struct archive_entry *entry;
	size_t i;
	int code = set_up(b, a, pack);

	if (code != EX_OK)
		return code;
	if (archive_write_open_fd(a, fd) != ARCHIVE_OK)
		return fail_archive(b, a);
	if ((entry = archive_entry_new()) == NULL)
		return build_fail(b, EX_OSERR, "out of memory");
	for (i = 0; i < b->tree.count && code == EX_OK; i++) {
		build_progress(b, "packing", i, b->tree.count);
		code = write_node(b, a, entry, b->tree.node[i], i);
	}
	archive_entry_free(entry);
	if (code == EX_OK && archive_write_close(a) != ARCHIVE_OK)
		code = fail_archive(b, a);
	b->report->raw = (uint64_t)archive_filter_bytes(a, 0);
	return code;
}

static int
set_up(struct build *b, struct archive *a, enum image_pack pack)
{
	char level[16];

	snprintf(level, sizeof(level), "%d", b->options->level > 0 ?
	    b->options->level : packs[pack].level);
	if (packs[pack].add(a) < ARCHIVE_WARN ||
	    archive_write_set_format_cpio_newc(a) != ARCHIVE_OK)
		return fail_archive(b, a);
	/* No padding after the end, and no time in gzip's head. */
	archive_write_set_bytes_in_last_block(a, 1);
	if (pack == IMAGE_GZIP)
		archive_write_set_filter_option(a, "gzip", "timestamp", NULL);
	if (pack != IMAGE_PLAIN && archive_write_set_filter_option(a,
	    packs[pack].filter, "compression-level", level) != ARCHIVE_OK)
		return build_fail(b, EX_USAGE, "--level %s: %s has no such "
		    "level", level, packs[pack].word);
	return EX_OK;
}

static int
write_node(struct build *b, struct archive *a, struct archive_entry *entry,
    const struct tree_node *n, size_t number)
{
	archive_entry_clear(entry);
	archive_entry_set_pathname(entry, n->path);
	archive_entry_set_filetype(entry, kinds[n->kind].type);
	archive_entry_set_perm(entry, n->mode);
	archive_entry_set_nlink(entry, kinds[n->kind].links);
	archive_entry_set_ino64(entry, (int64_t)number + 1);
	archive_entry_set_dev(entry, 0);
	archive_entry_set_uid(entry, 0);
	archive_entry_set_gid(entry, 0);
	archive_entry_set_mtime(entry, (time_t)b->options->time, 0);
	archive_entry_set_size(entry, 0);
	if (n->kind == TREE_FILE)
		archive_entry_set_size(entry, (int64_t)n->size);
	else if (n->kind == TREE_LINK)
		archive_entry_set_symlink(entry, n->target);
	else if (n->kind != TREE_DIRECTORY) {
		archive_entry_set_rdevmajor(entry, n->major);
		archive_entry_set_rdevminor(entry, n->minor);
	}
	if (archive_write_header(a, entry) != ARCHIVE_OK)
		return fail_archive(b, a);
	return n->kind == TREE_FILE ? write_data(b, a, n) : EX_OK;
}

static int
write_data(struct build *b, struct archive *a, const struct tree_node *n)
{
	struct root_bytes bytes = { .at = n->bytes, .len = n->size };
	size_t at, step;
	int code = EX_OK;

	if (n->root != NULL && root_map(n->root, n->source, NULL, NULL,
	    &bytes) == -1)
		return build_fail_errno(b, n->source);
	if (bytes.len != n->size)
		code = build_fail(b, EX_TEMPFAIL, "%s/%s: changed while the "
		    "image was made", n->root->name, n->source);
	for (at = 0; at < bytes.len && code == EX_OK; at += step) {
		step = bytes.len - at < STEP ? bytes.len - at : STEP;
		if (archive_write_data(a, (char *)bytes.at + at, step) !=
		    (la_ssize_t)step)
			code = fail_archive(b, a);
	}
	if (n->root != NULL)
		root_unmap(&bytes);
	return code;
}

static int
fail_archive(struct build *b, struct archive *a)
{
	const char *words = archive_error_string(a);

	return build_fail(b, EX_IOERR, "%s: %s", b->options->output,
	    words == NULL ? "cannot be written" : words);
}

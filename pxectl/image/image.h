/*
 * The ramdisk builder behind `pxectl build-image`: programs by a manifest,
 * the libraries and kernel modules they need, /etc and the start-up scripts,
 * packed as one cpio archive that a Linux kernel unpacks as its root.
 */
#ifndef IMAGE_H
#define IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum image_pack {
	IMAGE_BY_NAME,		/* .gz .zst .xz .cpio; else what fits */
	IMAGE_GZIP,		/* every kernel can unpack it */
	IMAGE_ZSTD,		/* kernel 5.9 and later */
	IMAGE_XZ,		/* smallest, slow to make and to unpack */
	IMAGE_PLAIN
};

enum image_layout {
	IMAGE_AS_SOURCE,	/* /bin is a link if it is one in `from` */
	IMAGE_MERGED,		/* /bin -> usr/bin and so on */
	IMAGE_SPLIT		/* /bin, /sbin, /lib are directories */
};

/* All strings stay the caller's and must live until image_build() is back. */
struct image_options {
	const char *data;	/* directory with manifests and overlay */
	const char *from;	/* root the programs come from; NULL: "/" */
	/*
	 * A version ("6.1.0-18-amd64", looked up in lib/modules of `from`),
	 * or a directory (any name with a slash): an unpacked kernel package
	 * or one directory of /lib/modules.  NULL: the running kernel's
	 * version if `from` is NULL and has it, else the only one there.
	 */
	const char *kernel;
	/*
	 * Words separated by commas, each a set of the data file `modules`
	 * (netboot, usb, nfs, ...) or the name of a module; "none" for no
	 * modules at all.  A leading "list:" changes nothing.  NULL: netboot.
	 */
	const char *modules;
	/*
	 * Manifests to use, NULL at the end: a word without a slash is
	 * `manifest.WORD` in the data directory ("full", "small"), all else
	 * is the name of a file.  NULL: "full".
	 */
	const char *const *manifest;
	/* Directories laid over the image, NULL at the end; NULL: none. */
	const char *const *overlay;
	const char *output;	/* NULL is good with dry_run only */
	enum image_pack pack;
	int level;		/* of the compressor; 0: its usual */
	enum image_layout layout;
	int64_t time;		/* of files, s; 0: $SOURCE_DATE_EPOCH */
	bool dry_run;		/* find and weigh everything, write nothing */
	FILE *progress;		/* a bar is drawn here; NULL: none */
};

/* What went in, in the order it is reported. */
enum image_group {
	IMAGE_BIN, IMAGE_SBIN, IMAGE_USR_BIN, IMAGE_USR_SBIN,
	IMAGE_LIBRARIES, IMAGE_MODULES, IMAGE_FIRMWARE, IMAGE_SYSTEM,
	IMAGE_GROUPS
};

struct image_weight {
	unsigned files;
	uint64_t bytes;		/* before compression */
};

struct image_note {
	char *what;		/* "/sbin/swapctl" */
	char *why;		/* "not on this system" */
};

struct image_report {
	struct image_weight weight[IMAGE_GROUPS];
	struct image_note *skipped;	/* as they were met */
	size_t skips;
	uint64_t raw;			/* bytes of the archive, unpacked */
	uint64_t size;			/* bytes of the output; 0: dry run */
	double seconds;
	char pack[8];			/* "gzip", "zstd", "xz", "none" */
	char dhcp[16];			/* "dhclient" or "udhcpc" */
	char kernel[128];		/* version; empty: no modules */
	char vmlinuz[4096];		/* kernel that fits; empty: not found */
};

/* The word for a group: "/bin", "libraries".  Never NULL. */
const char *image_group_name(enum image_group);

/*
 * Builds the image.  The output appears under its name only when it is
 * whole.  Needs no rights but to read the sources and to write the output.
 * EX_OK, or another code of sysexits(3) with one line in why.  *report is
 * filled as far as the work came, and is the caller's to free either way.
 */
int image_build(const struct image_options *, struct image_report *report,
    char *why, size_t whysize);

/*
 * Writes the report as a person reads it; what was left out by name and
 * reason, or (not verbose) the first few names.
 */
void image_report_print(const struct image_report *, bool verbose, FILE *);

/* Frees what the report holds; the struct itself stays the caller's. */
void image_report_free(struct image_report *);

#endif

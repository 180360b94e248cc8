/*
 * What went into an image, for a person to read.
 */
#include <stdlib.h>
#include <string.h>

#include "image.h"

#define NAMED	3	/* of what was left out, unless verbose */

static const char *const names[IMAGE_GROUPS] = {
	[IMAGE_BIN] = "/bin",
	[IMAGE_SBIN] = "/sbin",
	[IMAGE_USR_BIN] = "/usr/bin",
	[IMAGE_USR_SBIN] = "/usr/sbin",
	[IMAGE_LIBRARIES] = "libraries",
	[IMAGE_MODULES] = "modules",
	[IMAGE_FIRMWARE] = "firmware",
	[IMAGE_SYSTEM] = "system",
};

static void left_out(const struct image_report *, bool, FILE *);

const char *
image_group_name(enum image_group group)
{
	return (unsigned)group < IMAGE_GROUPS ? names[group] : "";
}

void
image_report_print(const struct image_report *r, bool verbose, FILE *out)
{
	size_t i;

	for (i = 0; i < IMAGE_GROUPS; i++)
		if (r->weight[i].files > 0)
			fprintf(out, "%-10s %5u files %8.1f MB\n", names[i],
			    r->weight[i].files,
			    (double)r->weight[i].bytes / 1e6);
	left_out(r, verbose, out);
	fprintf(out, "kernel %s, lease by %s\n",
	    r->kernel[0] == '\0' ? "of your choice (no modules)" : r->kernel,
	    r->dhcp[0] == '\0' ? "nothing" : r->dhcp);
	if (r->size > 0)
		fprintf(out, "%.1f MB, packed by %s to %.1f MB in %.1f s\n",
		    (double)r->raw / 1e6, r->pack, (double)r->size / 1e6,
		    r->seconds);
	else
		fprintf(out, "%.1f MB, nothing written\n",
		    (double)r->raw / 1e6);
}

void
image_report_free(struct image_report *r)
{
	size_t i;

	for (i = 0; i < r->skips; i++) {
		free(r->skipped[i].what);
		free(r->skipped[i].why);
	}
	free(r->skipped);
	memset(r, 0, sizeof(*r));
}

static void
left_out(const struct image_report *r, bool verbose, FILE *out)
{
	size_t i;

	if (verbose || r->skips <= 1) {
		for (i = 0; i < r->skips; i++)
			fprintf(out, "left out: %s: %s\n",
			    r->skipped[i].what, r->skipped[i].why);
		return;
	}
	fprintf(out, "left out: %zu: ", r->skips);
	for (i = 0; i < r->skips && i < NAMED; i++)
		fprintf(out, "%s%s", i > 0 ? ", " : "", r->skipped[i].what);
	fprintf(out, "%s (--verbose says why)\n", i < r->skips ? ", ..." : "");
}

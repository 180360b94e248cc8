#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "command.h"
#include "image/image.h"
#include "install.h"
#include "json.h"

static const struct pack {
	const char *word;
	enum image_pack pack;
	const char *file;
} packs[] = {
	{ "gzip", IMAGE_GZIP, "initrd.gz" },
	{ "zstd", IMAGE_ZSTD, "initrd.zst" },
	{ "xz", IMAGE_XZ, "initrd.xz" },
	{ "none", IMAGE_PLAIN, "initrd.cpio" },
	{ 0 }
};

static const struct layout {
	const char *word;
	enum image_layout layout;
} layouts[] = {
	{ "source", IMAGE_AS_SOURCE },
	{ "merged", IMAGE_MERGED },
	{ "split", IMAGE_SPLIT },
	{ 0 }
};

static int number(const char *, const char *, long long *);
static int settings(struct pxectl *, struct image_options *,
    const struct pack **);
static bool find_data(const struct pxectl *, char *, size_t);
static int in_place(struct pxectl *, const struct pack *,
    const struct image_report *);
static json_t *report_json(const struct image_report *);

int
cmd_build_image(struct pxectl *px, int n, char **arg)
{
	struct image_options o = { 0 };
	struct image_report report = { 0 };
	const struct pack *pack = NULL;
	char data[4096], output[4096], why[1024] = "";
	int status;

	(void)n;
	(void)arg;
	status = settings(px, &o, &pack);
	if (status != EX_OK)
		return status;
	if (!find_data(px, data, sizeof data))
		return fail(EX_NOINPUT, "%s: %s: say --data DIR", data,
		    strerror(errno));
	o.data = data;
	if (o.output == NULL) {
		/* Only the name decides where; packing follows --compress. */
		if (!root_path(px, output, sizeof output, "tftpboot/%s",
		    pack->file))
			return fail(EX_CANTCREAT, "%s: %s", px->root,
			    strerror(ENAMETOOLONG));
		o.output = output;
	}
	status = image_build(&o, &report, why, sizeof why);
	if (status != EX_OK)
		fail(status, "%s", why);
	else if (!px->json)
		image_report_print(&report,
		    option(px, OPT_VERBOSE) != NULL, px->out);
	if (status == EX_OK && o.output == output && !px->dry_run)
		status = in_place(px, pack, &report);
	if (status == EX_OK && px->json)
		status = json_print(report_json(&report), px->out);
	image_report_free(&report);
	return status;
}

static int
settings(struct pxectl *px, struct image_options *o,
    const struct pack **pack)
{
	const char *compress = option(px, OPT_COMPRESS);
	const char *layout = option(px, OPT_LAYOUT);
	const struct layout *l = layouts;
	long long level = 0, time = 0;
	int status;

	*pack = packs;
	while (compress != NULL && (*pack)->word != NULL &&
	    strcmp((*pack)->word, compress) != 0)
		++*pack;
	if ((*pack)->word == NULL)
		return fail(EX_USAGE, "--compress %s: not gzip, zstd, xz or "
		    "none", compress);
	while (layout != NULL && l->word != NULL &&
	    strcmp(l->word, layout) != 0)
		l++;
	if (l->word == NULL)
		return fail(EX_USAGE, "--layout %s: not source, merged or "
		    "split", layout);
	status = number("--level", option(px, OPT_LEVEL), &level);
	if (status == EX_OK)
		status = number("--time", option(px, OPT_TIME), &time);
	o->from = option(px, OPT_FROM);
	o->kernel = option(px, OPT_KERNEL);
	o->modules = option(px, OPT_MODULES);
	if (px->options[OPT_MANIFEST][0] != NULL)
		o->manifest = px->options[OPT_MANIFEST];
	if (px->options[OPT_OVERLAY][0] != NULL)
		o->overlay = px->options[OPT_OVERLAY];
	o->output = option(px, OPT_OUTPUT);
	o->pack = o->output != NULL && compress == NULL ? IMAGE_BY_NAME :
	    (*pack)->pack;
	o->level = (int)level;
	o->layout = l->layout;
	o->time = time;
	o->dry_run = px->dry_run;
	o->progress = isatty(STDERR_FILENO) ? stderr : NULL;
	return status;
}

static int
number(const char *name, const char *text, long long *v)
{
	char *end;

	if (text == NULL)
		return EX_OK;
	errno = 0;
	*v = strtoll(text, &end, 10);
	if (*text == '\0' || *end != '\0' || errno != 0 || *v < 0)
		return fail(EX_USAGE, "%s %s: not a number", name, text);
	return EX_OK;
}

/* Beside the program, as in the source tree, else where it is installed. */
static bool
find_data(const struct pxectl *px, char *data, size_t size)
{
	const char *given = option(px, OPT_DATA);
	struct stat st;
	char program[4000];
	ssize_t n;

	if (given != NULL) {
		snprintf(data, size, "%s", given);
		return stat(data, &st) == 0;
	}
	n = readlink("/proc/self/exe", program, sizeof program - 1);
	if (n > 0) {
		program[n] = '\0';
		*strrchr(program, '/') = '\0';
		snprintf(data, size, "%s/image/modules", program);
		if (stat(data, &st) == 0) {
			*strrchr(data, '/') = '\0';
			return true;
		}
	}
	snprintf(data, size, "%s", PREFIX "/share/bootserver/image");
	return stat(data, &st) == 0;
}

/* The kernel that the modules fit goes beside the image. */
static int
in_place(struct pxectl *px, const struct pack *pack,
    const struct image_report *r)
{
	char path[4096];
	int status = EX_OK;

	if (r->vmlinuz[0] != '\0') {
		if (!root_path(px, path, sizeof path, "tftpboot/vmlinuz"))
			return fail(EX_CANTCREAT, "%s: %s", px->root,
			    strerror(ENAMETOOLONG));
		status = install_copy(r->vmlinuz, path, 0644);
		if (status == EX_OK && !px->json)
			fprintf(px->out, "%s -> %s\n", r->vmlinuz, path);
	} else if (!px->json)
		fprintf(px->out, "no kernel image for %s found: copy one to "
		    "%s/tftpboot and set kernel=\n",
		    r->kernel[0] != '\0' ? r->kernel : "this image",
		    px->root);
	if (status == EX_OK)
		status = session_open(px, DB_WRITE, false);
	if (status != EX_OK)
		return status;
	if (r->vmlinuz[0] != '\0')
		status = site_default(px, A_KERNEL, "vmlinuz");
	if (status == EX_OK)
		status = site_default(px, A_INITRD, pack->file);
	return session_close(px, status);
}

static json_t *
report_json(const struct image_report *r)
{
	json_t *groups = json_object(), *skipped = json_array();

	for (int i = 0; i < IMAGE_GROUPS; i++)
		json_object_set_new(groups,
		    image_group_name((enum image_group)i),
		    json_pack("{s:I, s:I}",
		    "files", (json_int_t)r->weight[i].files,
		    "bytes", (json_int_t)r->weight[i].bytes));
	for (size_t i = 0; i < r->skips; i++)
		json_array_append_new(skipped, json_pack("{s:o, s:o}",
		    "what", json_text(r->skipped[i].what),
		    "why", json_text(r->skipped[i].why)));
	return json_pack("{s:o, s:o, s:I, s:I, s:f, s:s, s:s, s:o, s:o}",
	    "groups", groups, "skipped", skipped,
	    "raw", (json_int_t)r->raw, "size", (json_int_t)r->size,
	    "seconds", r->seconds, "pack", r->pack, "dhcp", r->dhcp,
	    "kernel", json_text(r->kernel),
	    "vmlinuz", json_text(r->vmlinuz));
}

/*
 * The steps that make an image.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "build.h"
#include "drivers.h"
#include "image.h"
#include "library.h"
#include "manifest.h"
#include "pack.h"
#include "program.h"
#include "recipe.h"

static int open_roots(struct build *);
static int lay_out(struct build *);
static int read_manifests(struct build *);
static int read_manifest(struct build *, const char *);
static int lay_over(struct build *, const struct root *, const char *,
    bool, int);
static int lay_one(struct build *, const struct root *, const char *, bool,
    int);
static int overlays(struct build *);
static int write_out(struct build *);
static void weigh(struct build *);
static void close_all(struct build *);

/* One after the other, until one fails. */
static int (*const steps[])(struct build *) = {
	open_roots, drivers_kernel, lay_out, library_start, program_start,
	read_manifests, recipe_cook, drivers_put, overlays, recipe_modes,
	write_out,
};

enum { DEEPEST = 32 };

int
image_build(const struct image_options *options, struct image_report *report,
    char *why, size_t whysize)
{
	struct image_options own = *options;
	const char *epoch = getenv("SOURCE_DATE_EPOCH");
	struct timespec start, end;
	struct build *b;
	size_t i;
	int code = EX_OK;

	memset(report, 0, sizeof(*report));
	if (whysize > 0)
		why[0] = '\0';
	if (own.time == 0 && epoch != NULL)
		own.time = strtoll(epoch, NULL, 10);
	if ((b = calloc(1, sizeof(*b))) == NULL) {
		snprintf(why, whysize, "%s", strerror(errno));
		return EX_OSERR;
	}
	b->options = &own;
	b->report = report;
	b->why = why;
	b->whysize = whysize;
	b->progress = -1;
	b->data.fd = b->from.fd = b->kernel.fd = -1;
	clock_gettime(CLOCK_MONOTONIC, &start);
	for (i = 0; i < sizeof(steps) / sizeof(steps[0]) && code == EX_OK;
	    i++)
		code = steps[i](b);
	clock_gettime(CLOCK_MONOTONIC, &end);
	report->seconds = (double)(end.tv_sec - start.tv_sec) +
	    (double)(end.tv_nsec - start.tv_nsec) / 1e9;
	if (b->progress != -1)
		fputs("\r\033[K", own.progress);
	close_all(b);
	free(b);
	return code;
}

int
build_fail(struct build *b, int code, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(b->why, b->whysize, format, args);
	va_end(args);
	return code;
}

int
build_fail_errno(struct build *b, const char *what)
{
	int kept = errno;

	build_fail(b, 0, "%s: %s", what, strerror(kept));
	if (kept == ENOMEM)
		return EX_OSERR;
	return kept == EACCES || kept == EPERM ? EX_NOPERM : EX_NOINPUT;
}

int
build_skip(struct build *b, const char *what, const char *format, ...)
{
	struct image_note *more;
	char text[512];
	va_list args;
	size_t i;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	for (i = 0; i < b->report->skips; i++)
		if (strcmp(b->report->skipped[i].what, what) == 0 &&
		    strcmp(b->report->skipped[i].why, text) == 0)
			return EX_OK;
	more = realloc(b->report->skipped,
	    (b->report->skips + 1) * sizeof(*more));
	if (more == NULL)
		return build_fail_errno(b, what);
	b->report->skipped = more;
	more += b->report->skips;
	more->what = strdup(what);
	more->why = strdup(text);
	if (more->what == NULL || more->why == NULL) {
		free(more->what);
		free(more->why);
		return build_fail_errno(b, what);
	}
	b->report->skips++;
	return EX_OK;
}

void
build_progress(struct build *b, const char *step, uint64_t done,
    uint64_t total)
{
	static const struct {
		const char *step;
		int from, to;		/* percent of the whole */
	} share[] = {
		{ "programs", 0, 30 },
		{ "modules", 30, 50 },
		{ "packing", 50, 100 },
	};
	static const char bar[] = "########################################";
	int percent = 0, full;
	size_t i;

	if (b->options->progress == NULL)
		return;
	for (i = 0; i < sizeof(share) / sizeof(share[0]); i++)
		if (strcmp(share[i].step, step) == 0)
			percent = share[i].from + (int)((uint64_t)
			    (share[i].to - share[i].from) * done / total);
	if (percent == b->progress)
		return;
	b->progress = percent;
	full = percent * (int)(sizeof(bar) - 1) / 100;
	fprintf(b->options->progress, "\r%-9s[%.*s%*s] %3d %%", step, full,
	    bar, (int)sizeof(bar) - 1 - full, "", percent);
	fflush(b->options->progress);
}

int
build_place(struct build *b, const char *path, enum image_group group,
    const struct root *root, const char *real, const struct stat *st)
{
	mode_t mode = (st->st_mode & 0111) != 0 ? 0755 : 0644;
	const struct tree_node *first = tree_from(&b->tree, root, real);
	char target[PATH_MAX + 1], here[PATH_MAX];

	if (tree_resolve(&b->tree, path, here) == -1)
		return build_fail_errno(b, path);
	if (first != NULL && strcmp(first->path, here) == 0)
		return EX_OK;
	if (first != NULL) {
		snprintf(target, sizeof(target), "/%s", first->path);
		if (tree_link(&b->tree, path, target, group) == -1)
			return build_fail_errno(b, path);
		return EX_OK;
	}
	/* Who may do what by set-id belongs to the program. */
	mode |= st->st_mode & (S_ISUID | S_ISGID);
	if (tree_file(&b->tree, path, mode, group, root, real,
	    (uint64_t)st->st_size) == -1)
		return build_fail_errno(b, path);
	return EX_OK;
}

static int
open_roots(struct build *b)
{
	const struct image_options *o = b->options;
	const char *const *dir;

	if (o->output == NULL && !o->dry_run)
		return build_fail(b, EX_USAGE, "no name for the output");
	if (root_open(&b->data, o->data) == -1)
		return build_fail_errno(b, o->data);
	if (root_open(&b->from, o->from == NULL ? "/" : o->from) == -1)
		return build_fail_errno(b, o->from == NULL ? "/" : o->from);
	for (dir = o->overlay; dir != NULL && *dir != NULL; dir++) {
		if (b->overlays == BUILD_OVERLAYS)
			return build_fail(b, EX_USAGE, "%s: more than %d "
			    "overlays", *dir, BUILD_OVERLAYS);
		if (root_open(&b->overlay[b->overlays], *dir) == -1)
			return build_fail_errno(b, *dir);
		b->overlays++;
	}
	return EX_OK;
}

/*
 * The shape of the source's own top: what is pulled into the image later was
 * often made from the same kind of system, and a layer in which /bin is a
 * link cannot be laid over one in which it is a directory.
 */
static int
lay_out(struct build *b)
{
	static const struct {
		const char *name, *target;
		bool always;		/* in a merged layout */
	} tops[] = {
		{ "bin", "usr/bin", true },
		{ "lib", "usr/lib", true },
		{ "lib32", "usr/lib32", false },
		{ "lib64", "usr/lib64", false },
		{ "libx32", "usr/libx32", false },
		{ "sbin", "usr/sbin", true },
	};
	char text[PATH_MAX];
	const char *at;
	bool link;
	size_t i;
	int fd;

	for (i = 0; i < sizeof(tops) / sizeof(tops[0]); i++) {
		at = text;
		link = root_link(&b->from, tops[i].name, text,
		    sizeof(text)) > 0;
		if (link && text[0] == '/')
			at++;
		link = link && strcmp(at, tops[i].target) == 0;
		if (b->options->layout == IMAGE_MERGED && !link) {
			fd = root_find(&b->from, tops[i].name, NULL, NULL);
			link = tops[i].always || fd != -1;
			if (fd != -1)
				close(fd);
		}
		if (!link || b->options->layout == IMAGE_SPLIT)
			continue;
		if (tree_directory(&b->tree, tops[i].target, 0755) == -1 ||
		    tree_link(&b->tree, tops[i].name, tops[i].target,
		    IMAGE_SYSTEM) == -1)
			return build_fail_errno(b, tops[i].name);
	}
	return EX_OK;
}

/* What every image needs, and then what was asked for. */
static int
read_manifests(struct build *b)
{
	static const char *const full[] = { "full", NULL };
	const char *const *name = b->options->manifest;
	int code = read_manifest(b, "start");

	for (name = name == NULL ? full : name; *name != NULL &&
	    code == EX_OK; name++)
		code = read_manifest(b, *name);
	return code;
}

static int
read_manifest(struct build *b, const char *name)
{
	struct root_bytes bytes;
	struct root dir;
	char path[PATH_MAX];
	const char *last = strrchr(name, '/');
	int code, result;

	if (last == NULL) {
		snprintf(path, sizeof(path), "manifest.%s", name);
		result = root_map(&b->data, path, NULL, NULL, &bytes);
	} else {
		snprintf(path, sizeof(path), "%.*s/", (int)(last - name),
		    name);
		if (root_open(&dir, path) == -1)
			return build_fail_errno(b, name);
		result = root_map(&dir, last + 1, NULL, NULL, &bytes);
		root_close(&dir);
	}
	if (result == -1 && last == NULL)
		return build_fail(b, EX_NOINPUT, "%s/manifest.%s: %s (a file "
		    "elsewhere is named with a slash: ./%s)", b->data.name,
		    name, strerror(errno), name);
	if (result == -1)
		return build_fail_errno(b, name);
	code = recipe_read(b, last == NULL ? path : name, bytes.at,
	    bytes.len);
	root_unmap(&bytes);
	return code;
}

static int
overlays(struct build *b)
{
	unsigned i;
	int code = lay_over(b, &b->data, "overlay", false, 0);

	for (i = 0; i < b->overlays && code == EX_OK; i++)
		code = lay_over(b, &b->overlay[i], "", true, 0);
	return code;
}

/* own: a person's overlay, whose modes mean something. */
static int
lay_over(struct build *b, const struct root *root, const char *dir, bool own,
    int depth)
{
	char path[PATH_MAX];
	char **names = root_list(root, dir[0] == '\0' ? "/" : dir);
	int code = EX_OK;
	size_t i;

	if (names == NULL)
		return build_fail_errno(b, dir[0] == '\0' ? root->name : dir);
	for (i = 0; names[i] != NULL && code == EX_OK; i++)
		if (snprintf(path, sizeof(path), "%s%s%s", dir,
		    dir[0] == '\0' ? "" : "/", names[i]) >= PATH_MAX ||
		    depth == DEEPEST)
			code = build_fail(b, EX_DATAERR, "%s/%s: too deep",
			    root->name, dir);
		else
			code = lay_one(b, root, path, own, depth);
	free(names);
	return code;
}

static int
lay_one(struct build *b, const struct root *root, const char *path, bool own,
    int depth)
{
	const char *to = own ? path : path + strlen("overlay/");
	char text[PATH_MAX];
	struct tree_node *node;
	struct stat st;
	mode_t mode;
	int fd, result;

	if (root_link(root, path, text, sizeof(text)) > 0) {
		node = tree_get(&b->tree, to);
		/* The link of a merged top over the same link. */
		if (node != NULL && node->kind == TREE_LINK &&
		    strcmp(node->target, text) == 0)
			return EX_OK;
		if (tree_link(&b->tree, to, text, IMAGE_SYSTEM) == -1)
			return build_fail_errno(b, to);
		return EX_OK;
	}
	if ((fd = root_find(root, path, NULL, &st)) == -1)
		return build_fail_errno(b, path);
	close(fd);
	mode = own ? st.st_mode & 07777 : st.st_mode & 0111 ? 0755 : 0644;
	if (S_ISDIR(st.st_mode)) {
		node = tree_get(&b->tree, to);
		if (node == NULL && tree_directory(&b->tree, to, own ?
		    mode : 0755) == -1)
			return build_fail_errno(b, to);
		return lay_over(b, root, path, own, depth + 1);
	}
	result = tree_file(&b->tree, to, mode, IMAGE_SYSTEM, root, path,
	    (uint64_t)st.st_size);
	return result == -1 ? build_fail_errno(b, to) : EX_OK;
}

static int
write_out(struct build *b)
{
	enum image_pack pack = b->options->pack;

	if (pack == IMAGE_BY_NAME && b->options->output != NULL)
		pack = pack_by_name(b->options->output);
	if (pack == IMAGE_BY_NAME)
		pack = drivers_kernel_has(b, "CONFIG_RD_ZSTD") ? IMAGE_ZSTD :
		    IMAGE_GZIP;
	snprintf(b->report->dhcp, sizeof(b->report->dhcp), "%s",
	    tree_get(&b->tree, "sbin/dhclient") != NULL ? "dhclient" :
	    tree_get(&b->tree, "sbin/udhcpc") != NULL ? "udhcpc" : "");
	snprintf(b->report->pack, sizeof(b->report->pack), "%s",
	    pack_word(pack));
	weigh(b);
	return b->options->dry_run ? EX_OK : pack_write(b, pack);
}

static void
weigh(struct build *b)
{
	const struct tree_node *n;
	size_t i;

	for (i = 0; i < b->tree.count; i++) {
		n = b->tree.node[i];
		if (n->kind == TREE_DIRECTORY)
			continue;
		b->report->weight[n->group].files++;
		b->report->weight[n->group].bytes += n->size;
		b->report->raw += n->size;
	}
}

static void
close_all(struct build *b)
{
	recipe_free(b);
	program_end(b);
	library_end(b);
	tree_free(&b->tree);
	while (b->overlays > 0)
		root_close(&b->overlay[--b->overlays]);
	root_close(&b->kernel);
	root_close(&b->from);
	root_close(&b->data);
}

/*
 * Indexes over the modules of an image.
 */
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "elf.h"
#include "index.h"

/* The files to load for one module, in order. */
struct order {
	const struct module *list[256];
	size_t count;
};

static void write_dep(FILE *, struct modules *);
static void write_alias(FILE *, struct modules *);
static void write_netboot(FILE *, struct modules *);
static void write_matches(FILE *, const struct module *);
static void collect(void *, const struct module *);
static void print_path(FILE *, const struct module *);
static bool next_alias(const struct module *, const char **, const char **);

static const struct {
	const char *name;
	void (*write)(FILE *, struct modules *);
} files[] = {
	{ "modules.dep", write_dep },
	{ "modules.alias", write_alias },
	{ "netboot", write_netboot },
};

int
index_write(struct build *b, struct modules *m)
{
	char path[PATH_MAX];
	size_t i, len;
	char *text;
	FILE *out;

	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		text = NULL;
		snprintf(path, sizeof(path), "lib/modules/%s/%s",
		    b->report->kernel, files[i].name);
		if ((out = open_memstream(&text, &len)) == NULL)
			return build_fail_errno(b, path);
		files[i].write(out, m);
		if (fclose(out) != 0) {
			free(text);
			return build_fail_errno(b, path);
		}
		if (tree_bytes(&b->tree, path, 0644, IMAGE_MODULES, text,
		    len) == -1)
			return build_fail_errno(b, path);
	}
	return EX_OK;
}

/* As depmod writes it: what must be loaded last comes first. */
static void
write_dep(FILE *out, struct modules *m)
{
	struct order order;
	size_t i, j;

	for (i = 0; i < m->count; i++) {
		if (!m->module[i].wanted)
			continue;
		order.count = 0;
		modules_order(m, &m->module[i], collect, &order);
		print_path(out, &m->module[i]);
		fputc(':', out);
		for (j = order.count; j-- > 0; )
			if (order.list[j] != &m->module[i]) {
				fputc(' ', out);
				print_path(out, order.list[j]);
			}
		fputc('\n', out);
	}
}

static void
write_alias(FILE *out, struct modules *m)
{
	const char *at, *alias;
	size_t i;

	for (i = 0; i < m->count; i++) {
		if (!m->module[i].wanted)
			continue;
		at = m->module[i].info;
		while (next_alias(&m->module[i], &at, &alias))
			fprintf(out, "alias %s %s\n", alias,
			    m->module[i].name);
	}
}

/* Two functions for a POSIX shell, whose `case` matches as aliases do. */
static void
write_netboot(FILE *out, struct modules *m)
{
	struct order order;
	size_t i, j;

	fputs("# Read by /lib/bootserver/modules.\n"
	    "# netboot_files NAME: sets files, in the order to load them.\n"
	    "netboot_files() {\n"
	    "files=\n"
	    "case $1 in\n", out);
	for (i = 0; i < m->count; i++) {
		if (!m->module[i].wanted)
			continue;
		order.count = 0;
		modules_order(m, &m->module[i], collect, &order);
		fprintf(out, "%s) files='", m->module[i].name);
		for (j = 0; j < order.count; j++) {
			fputs(j > 0 ? " " : "", out);
			print_path(out, order.list[j]);
		}
		fputs("' ;;\n", out);
	}
	fputs("*) return 1 ;;\n"
	    "esac\n"
	    "}\n"
	    "# netboot_match ALIAS: sets names, all modules that match.\n"
	    "netboot_match() {\n"
	    "names=\n", out);
	for (i = 0; i < m->count; i++)
		if (m->module[i].wanted)
			write_matches(out, &m->module[i]);
	fputs("[ \"$names\" ]\n"
	    "}\n", out);
}

static void
write_matches(FILE *out, const struct module *one)
{
	const char *at = one->info, *alias;
	bool first = true;

	while (next_alias(one, &at, &alias)) {
		fprintf(out, "%s%s", first ? "case $1 in " : "|", alias);
		first = false;
	}
	if (!first)
		fprintf(out, ") names=\"$names %s\" ;; esac\n", one->name);
}

static void
collect(void *ctx, const struct module *one)
{
	struct order *order = ctx;

	if (order->count < sizeof(order->list) / sizeof(order->list[0]))
		order->list[order->count++] = one;
}

static void
print_path(FILE *out, const struct module *one)
{
	const char *end = strstr(one->path, ".ko");

	fprintf(out, "%.*s", (int)(end - one->path) + 3, one->path);
}

/* The next alias that is safe in a line of a shell's `case`. */
static bool
next_alias(const struct module *one, const char **at, const char **alias)
{
	static const char good[] = "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_:*?.,[]-+/=@%";
	const char *key;
	size_t n;

	while (elf_modinfo_next(at, one->info_end, &key, &n, alias))
		if (n == 5 && memcmp(key, "alias", n) == 0 &&
		    **alias != '\0' && strspn(*alias, good) == strlen(*alias))
			return true;
	return false;
}

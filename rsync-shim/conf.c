#include "conf.h"

#include <stdio.h>
#include <string.h>

/*
 * rsync fills in %NAME%, goes on with the next line after a final '\', cuts
 * blanks at the ends, and parts a chroot from a directory in it at "/./".
 */
bool
conf_is_path(const char *s)
{
	size_t n = strlen(s);

	if (s[0] != '/' || s[n - 1] == '\\' || s[n - 1] == ' ' ||
	    strstr(s, "/./") != NULL)
		return false;
	for (; *s != '\0'; s++)
		if ((unsigned char)*s < ' ' || *s == 0x7f || *s == '%')
			return false;
	return true;
}

static bool
has(const struct conf_layers *l, const char *name)
{
	for (size_t i = 0; i < l->n; i++)
		if (strcmp(l->layer[i].name, name) == 0)
			return true;
	return false;
}

void
conf_layers(const struct host *h, struct conf_layers *l)
{
	char item[CONF_NAME_MAX + 2];
	const char *at = host_text(h, A_RSYNC, NULL);

	l->n = 0;
	l->bad[0] = '\0';
	if (at == NULL)
		return;
	while (attribute_item(&at, item, sizeof item)) {
		struct conf_layer *to = &l->layer[l->n];
		bool secret = item[0] == '!';

		if (l->n == CONF_LAYERS_MAX ||
		    !host_expand(h, item + secret, to->name,
		    sizeof to->name) || !attribute_is_module(to->name)) {
			if (l->bad[0] == '\0')
				snprintf(l->bad, sizeof l->bad, "%.60s",
				    item);
			continue;
		}
		if (has(l, to->name))
			continue;
		to->secret = secret;
		l->n++;
	}
}

static bool
put_number(struct put *o, const char *name, unsigned n)
{
	char text[16];

	snprintf(text, sizeof text, "%u", n);
	return put_text(o, name) && put_text(o, " = ") &&
	    put_text(o, text) && put_text(o, "\n");
}

static bool
put_value(struct put *o, const char *name, const char *value)
{
	return put_text(o, name) && put_text(o, " = ") &&
	    put_text(o, value) && put_text(o, "\n");
}

/*
 * uid and gid 0, because a root file system has files that nobody else may
 * read; read only and chroot are what keeps that harmless.  Symlinks reach
 * the client as they are: munging touches those alone that an upload to some
 * other daemon munged.
 */
static const char for_root[] =
    "use chroot = yes\n"
    "uid = 0\n"
    "gid = 0\n";
static const char for_others[] =
    "use chroot = no\n";
static const char for_all[] =
    "read only = yes\n"
    "munge symlinks = yes\n"
    "numeric ids = yes\n"
    "reverse lookup = no\n"
    "transfer logging = no\n"
    "refuse options = delete remove-source-files remove-sent-files"
    " write-devices copy-devices\n";

bool
conf_head(struct put *o, const struct conf_options *options)
{
	put_text(o, options->root ? for_root : for_others);
	put_text(o, for_all);
	put_value(o, "list", options->list ? "yes" : "no");
	put_number(o, "timeout", options->timeout);
	if (options->max_connections > 0) {
		put_number(o, "max connections", options->max_connections);
		if (options->lock != NULL)
			put_value(o, "lock file", options->lock);
	}
	if (options->log != NULL)
		put_value(o, "log file", options->log);
	return !o->full;
}

bool
conf_module(struct put *o, const struct conf_options *options,
    const char *module)
{
	if (!attribute_is_module(module))
		return false;
	put_text(o, "\n[");
	put_text(o, module);
	put_text(o, "]\n\tpath = ");
	put_text(o, options->tree);
	put_text(o, "/");
	put_text(o, module);
	put_text(o, "\n");
	return !o->full;
}

bool
conf_has_up(const struct conf_layers *l)
{
	return !has(l, CONF_UP);
}

static bool
up_module(struct put *o, const struct conf_options *options)
{
	put_text(o, "\n[" CONF_UP "]\n\tpath = ");
	put_text(o, options->tree);
	put_text(o, "\n\texclude = *\n\tlist = no\n");
	return !o->full;
}

size_t
conf_write(const struct conf_layers *l, const struct conf_options *options,
    char *text, size_t size)
{
	struct put o = put_into(text, size - 1);
	size_t modules = 0;
	bool ok = conf_head(&o, options);

	for (size_t i = 0; i < l->n && ok; i++) {
		if (l->layer[i].secret && !options->secret)
			continue;
		ok = conf_module(&o, options, l->layer[i].name);
		modules++;
	}
	if (modules > 0 && options->up && conf_has_up(l))
		ok = up_module(&o, options) && ok;
	if (!ok || modules == 0) {
		text[0] = '\0';
		return 0;
	}
	*o.at = '\0';
	return modules;
}

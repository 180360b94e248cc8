/*
 * Kernel modules: which there are, what each says of itself, and which must
 * go in so that those wanted can be loaded.  Dependencies come from the
 * modules' own .modinfo, so depmod need not have run.
 */
#ifndef IMAGE_MODULES_H
#define IMAGE_MODULES_H

#include <stdbool.h>
#include <stddef.h>

#include "root.h"

struct module {
	char *name;			/* with _ for every - */
	char *path;			/* under the version's directory */
	bool wanted;
	bool read;			/* .modinfo has been read */
	unsigned mark;			/* of the walk over dependencies */
	struct root_bytes bytes;	/* the module, unpacked */
	const char *info, *info_end;	/* .modinfo in bytes */
	struct module **needs;		/* to be loaded before it */
	size_t count;			/* of needs */
};

struct modules {
	const struct root *root;
	char dir[256];			/* "lib/modules/6.1.0-18-amd64" */
	struct module *module;		/* sorted by name */
	size_t count;
	char **builtin;			/* names, sorted */
	size_t builtins;
};

/* Lists the modules under dir of the root.  0, or -1 and errno. */
int modules_open(struct modules *, const struct root *, const char *dir);
void modules_close(struct modules *);

/* The module of this name (- and _ are one), or NULL. */
struct module *modules_find(const struct modules *, const char *name);
bool modules_is_builtin(const struct modules *, const char *name);

/*
 * Wants the module of this name, or with a slash at the end all modules
 * under that directory ("kernel/drivers/net/ethernet/").  How many it was.
 */
size_t modules_want(struct modules *, const char *name);

/*
 * Wants all that the wanted ones need.  0; -1 with the module or the
 * missing dependency in `who` (size 256) and the words in *why.
 */
int modules_complete(struct modules *, char *who, const char **why);

/*
 * `one` and its dependencies in the order to load them (`one` last): calls
 * each(ctx, module).
 */
void modules_order(struct modules *m, struct module *one,
    void (*each)(void *ctx, const struct module *), void *ctx);

#endif

/*
 * A host's layers, and the rsyncd.conf that shows them.  Pure: host and
 * options give a text.
 */
#ifndef CONF_H
#define CONF_H

#include <stdbool.h>
#include <stddef.h>

#include "cursor.h"
#include "host.h"

#define CONF_LAYERS_MAX	32
#define CONF_NAME_MAX	255
#define CONF_TEXT_MAX	65536	/* all a host can have fits */

struct conf_layer {
	char name[CONF_NAME_MAX + 1];
	bool secret;		/* written with a ! */
};

struct conf_layers {
	size_t n;
	struct conf_layer layer[CONF_LAYERS_MAX];
	char bad[64];		/* the first that is no module name, or "" */
};

struct conf_options {
	const char *tree;	/* ROOT/rsync, absolute: conf_is_path */
	const char *log;	/* rsync's log file, NULL: syslog */
	const char *lock;	/* for max_connections, NULL: rsync's own */
	unsigned max_connections;	/* on this server; 0: any number */
	unsigned timeout;	/* seconds without a byte */
	bool root;		/* we are root: chroot, and read all files */
	bool list;		/* the list of modules may be asked for */
	bool secret;		/* show secret layers as well */
	bool up;		/* show the module by which it says: I am up */
};

/*
 * The module that has nothing in it: a machine that asks for its files
 * ("rsync rsync://SERVER/up/") says that it is up.
 */
#define CONF_UP	"up"
/* True if that name is not a layer of its own. */
bool conf_has_up(const struct conf_layers *);

/*
 * The layers of rsync= in their order, each once, escapes filled in.  What
 * is no module name is left out and named in bad.
 */
void conf_layers(const struct host *, struct conf_layers *);

/* Can this path stand in an rsyncd.conf as it is? */
bool conf_is_path(const char *);

/* The parameters that hold for every module.  False if it did not fit. */
bool conf_head(struct put *, const struct conf_options *);
/* One module.  False, also if the name is none. */
bool conf_module(struct put *, const struct conf_options *,
    const char *module);

/*
 * Writes the whole rsyncd.conf, which has as many modules as the return
 * value says; 0, and an empty text, if there are none or they do not fit.
 */
size_t conf_write(const struct conf_layers *, const struct conf_options *,
    char *text, size_t size);

#endif

/*
 * What all commands of pxectl share: the row that describes one, what it
 * runs in, and how it says that it failed.
 */
#ifndef COMMAND_H
#define COMMAND_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "change.h"
#include "entry.h"
#include "event.h"
#include "hostdb.h"
#include "hostdb_edit.h"

/* What must be open before a command runs; the dispatcher sees to it. */
#define NOTHING		0x0u
#define DB_READ		0x1u	/* px->db, inside a snapshot */
#define DB_WALK		0x2u	/* the same, for walks of everything */
#define DB_WRITE	0x4u	/* px->edit, inside a transaction */
#define DB_EDIT		0x8u	/* px->edit, outside of any */
#define DB_LATER	0x10u	/* DB_WRITE once it calls session_begin() */
#define EVENTS		0x20u	/* px->events, for reading */
#define DB_TRY		0x40u	/* DB_READ if it can be read, else NULL */

#define ANY		(-1)	/* of a row's max: no limit */

/* Every option there is; a row of commands says which it takes. */
enum option {
	OPT_ROOT = 1, OPT_JSON, OPT_DRY_RUN, OPT_HELP, OPT_VERSION,
	OPT_NO_SUBNET, OPT_NO_ADDRESS, OPT_SUBNET, OPT_REPLACE,
	OPT_FOLLOW, OPT_NEW, OPT_ALL, OPT_SERVER, OPT_INETD,
	OPT_KERNEL, OPT_FROM, OPT_COMPRESS, OPT_LEVEL, OPT_MODULES,
	OPT_MANIFEST, OPT_OVERLAY, OPT_LAYOUT, OPT_TIME, OPT_DATA,
	OPT_OUTPUT, OPT_VERBOSE, OPT_BY,
	OPTIONS
};
#define OPTION_REPEAT	16	/* how often one may be given */
#define OPT(o)		(UINT64_C(1) << (o))
#define COMMON_OPTIONS	(OPT(OPT_ROOT) | OPT(OPT_JSON) | \
    OPT(OPT_DRY_RUN) | OPT(OPT_HELP) | OPT(OPT_VERSION))

struct pxectl;

/* Its arguments, without its own name.  EX_OK, or what fail() gave. */
typedef int command_run(struct pxectl *, int n, char **arg);

struct command {
	const char *name;
	command_run *run;
	int min, max;
	unsigned needs;
	uint64_t options;	/* beside COMMON_OPTIONS */
	const char *args;
	const char *help;
};

struct pxectl {
	const struct command *commands;	/* the table, ended by name NULL */
	const struct command *command;	/* the row that runs */
	const char *root;
	bool json;
	bool dry_run;
	/* As given, each list ended by NULL; "" if it takes no value. */
	const char *options[OPTIONS][OPTION_REPEAT + 1];
	struct hostdb *db;
	struct hostdb_edit *edit;
	bool begun;		/* a transaction of edit */
	struct event_ring *events;
	/*
	 * Where text goes.  For DB_WRITE and DB_LATER it is shown only once the
	 * transaction is durable, and not with --json or --dry-run: then the
	 * dispatcher shows the changes.
	 */
	FILE *out;
	struct changes changes;
};

/* Prints "pxectl: " and the words on stderr; returns status. */
int fail(int status, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* The same out of the library's error. */
int fail_edit(const struct hostdb_edit_error *);

/* The option's last value, or NULL if it was not given. */
const char *option(const struct pxectl *, enum option);

/* ROOT/... in a buffer; false (and it is cut) if it does not fit. */
bool root_path(const struct pxectl *, char *path, size_t size,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/*
 * Open and close what a row needs.  Commands with NOTHING that look things
 * up or change them only at their end call these themselves.  begin starts
 * the transaction of DB_LATER.  close with EX_OK commits a transaction that
 * was begun (unless it is --dry-run), with anything else drops it; the
 * status to go on with comes back.
 */
int session_open(struct pxectl *, unsigned needs, bool create);
int session_begin(struct pxectl *);
/* A new snapshot for DB_TRY; what was read in the last one is gone. */
void session_look(struct pxectl *);
int session_close(struct pxectl *, int status);

/*
 * Changes, noted for --dry-run and --json.  EX_OK, or fail()'s status.
 * add: that it is there already is an error.
 */
int put_entry(struct pxectl *, const struct entry *, bool add);
int delete_entry(struct pxectl *, enum entry_kind, const char *name);
/* The same without words: false and *err, for callers that have a line. */
bool put_quietly(struct pxectl *, const struct entry *, bool add,
    struct hostdb_edit_error *err);

/* Gets an entry inside the transaction; "NAME: no such host" and so on. */
int get_entry(struct pxectl *, enum entry_kind, const char *name,
    struct entry *);
/* The words for a lookup that failed, either side.  Returns their status. */
int fail_lookup(enum hostdb_status, enum entry_kind, const char *name);
/* For a name that is no host's, but a group's. */
int fail_group(const char *name);

/* Sets the words attribute=value on an entry. */
int entry_words(struct entry *, int n, char **word);

/*
 * Sets an attribute on the site if it has none; says so on px->out.  Inside
 * a transaction.
 */
int site_default(struct pxectl *, enum attribute_id, const char *value);

command_run cmd_init;
command_run cmd_add_subnet, cmd_delete_subnet, cmd_add_group;
command_run cmd_delete_group, cmd_set, cmd_unset;
command_run cmd_add_host, cmd_rename_host, cmd_delete_host, cmd_adopt;
command_run cmd_show, cmd_list;
command_run cmd_import, cmd_export;
command_run cmd_check;
command_run cmd_add_loader, cmd_build_image;
command_run cmd_status, cmd_why, cmd_unknown, cmd_events, cmd_watch;
command_run cmd_log, cmd_undo;
command_run cmd_help;

#endif

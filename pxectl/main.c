/*
 * pxectl(8): the one program that changes the host database, and the one
 * that people type.  A command is a row below; this file counts its
 * arguments, opens what it needs, runs it, and ends its transaction.
 */
#include <errno.h>
#include <popt.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <syslog.h>

#include "command.h"
#include "help.h"
#include "json.h"
#include "log.h"

static const struct command commands[] = {
	{ "init", cmd_init, 0, 0, NOTHING, OPT(OPT_NO_SUBNET), "",
	    "make the root directory, the database and the first subnet" },
	{ "add-subnet", cmd_add_subnet, 1, ANY, DB_WRITE, 0,
	    "NET/LEN [attribute=value ...]", "add a network" },
	{ "delete-subnet", cmd_delete_subnet, 1, ANY, DB_WRITE, 0,
	    "NET/LEN ...", "remove a network that no host is on" },
	{ "add-group", cmd_add_group, 1, ANY, DB_WRITE, 0,
	    "NAME [attribute=value ...]", "add a group of hosts" },
	{ "delete-group", cmd_delete_group, 1, ANY, DB_WRITE, 0,
	    "NAME ...", "remove a group without members" },
	{ "add-host", cmd_add_host, 2, ANY, DB_WRITE,
	    OPT(OPT_NO_ADDRESS) | OPT(OPT_SUBNET),
	    "MAC NAME [attribute=value ...]", "register a machine" },
	{ "adopt", cmd_adopt, 2, ANY, DB_WRITE | EVENTS,
	    OPT(OPT_BY) | OPT(OPT_NO_ADDRESS) | OPT(OPT_SUBNET),
	    "IDENTITY NAME [attribute=value ...]",
	    "register a machine that pxectl unknown shows" },
	{ "rename-host", cmd_rename_host, 2, 2, DB_WRITE, 0,
	    "OLD NEW", "give a machine another name" },
	{ "delete-host", cmd_delete_host, 1, ANY, DB_WRITE, 0,
	    "HOST ...", "forget machines" },
	{ "set", cmd_set, 2, ANY, DB_WRITE, 0,
	    "TARGET ... attribute=value ...", "set attributes" },
	{ "unset", cmd_unset, 2, ANY, DB_WRITE, 0,
	    "TARGET attribute ...", "remove attributes" },
	{ "show", cmd_show, 1, ANY, DB_READ, 0,
	    "TARGET ...", "show all values and where each comes from" },
	{ "list", cmd_list, 0, 1, DB_WALK, 0,
	    "[hosts | groups | subnets]", "list entries" },
	{ "import", cmd_import, 1, 1, DB_WRITE, OPT(OPT_REPLACE),
	    "FILE | -", "add or replace entries from text, all or none" },
	{ "export", cmd_export, 0, 1, DB_WALK, 0,
	    "[FILE]", "print all entries as text" },
	{ "log", cmd_log, 0, 1, DB_EDIT, 0,
	    "[COUNT]", "show what was changed, by whom and when" },
	{ "undo", cmd_undo, 0, 1, DB_LATER, 0,
	    "[NUMBER]", "take a change back" },
	{ "check", cmd_check, 0, 0, NOTHING, OPT(OPT_INETD), "",
	    "look for what is wrong, and say what to type" },
	{ "add-loader", cmd_add_loader, 1, ANY, NOTHING, OPT(OPT_FROM),
	    "pxelinux | grub | ipxe | pxeboot ...",
	    "put a boot loader of this system under tftpboot" },
	{ "build-image", cmd_build_image, 0, 0, NOTHING,
	    OPT(OPT_KERNEL) | OPT(OPT_FROM) | OPT(OPT_COMPRESS) |
	    OPT(OPT_LEVEL) | OPT(OPT_MODULES) | OPT(OPT_MANIFEST) |
	    OPT(OPT_OVERLAY) | OPT(OPT_LAYOUT) | OPT(OPT_TIME) |
	    OPT(OPT_DATA) | OPT(OPT_OUTPUT) | OPT(OPT_VERBOSE), "",
	    "make the ramdisk that diskless machines boot" },
	{ "status", cmd_status, 0, ANY, EVENTS | DB_TRY,
	    OPT(OPT_SERVER),
	    "[HOST ...]", "how far each machine came" },
	{ "why", cmd_why, 1, 1, DB_READ | EVENTS, OPT(OPT_ALL),
	    "HOST | MAC | ADDRESS", "what a machine asked, was told, and why" },
	{ "unknown", cmd_unknown, 0, 0, DB_READ | EVENTS, 0, "",
	    "machines that asked and are not registered" },
	{ "events", cmd_events, 0, ANY, EVENTS | DB_TRY,
	    OPT(OPT_FOLLOW) | OPT(OPT_NEW), "[HOST ...]",
	    "all that happened, one line each" },
	{ "watch", cmd_watch, 0, ANY, EVENTS | DB_TRY, OPT(OPT_ALL),
	    "[HOST ...]", "watch machines boot" },
	{ "help", cmd_help, 0, 1, NOTHING, 0,
	    "[COMMAND | ATTRIBUTE | attributes]",
	    "this list, or more of one thing" },
	{ 0 }
};

static const char given[] = "";	/* the value of options without one */

static int settings(struct pxectl *, poptContext, int *, char ***);
static int take_options(struct pxectl *, poptContext);
static void free_options(struct pxectl *);
static int find_command(struct pxectl *, int, char **);
static int run_guarded(struct pxectl *, int, char **);
static int run(struct pxectl *, int, char **);
static int show_changes(struct pxectl *);

int
main(int argc, char *argv[])
{
	struct pxectl px = { .commands = commands, .out = stdout };
	poptContext popt;
	char **arg = NULL;
	int n = 0, status;

	log_open("pxectl", LOG_TO_STDERR, LOG_USER, LOG_INFO);
	signal(SIGPIPE, SIG_IGN);
	popt = poptGetContext("pxectl", argc, (const char **)argv,
	    help_options, 0);
	if (popt == NULL)
		return fail(EX_OSERR, "%s", strerror(ENOMEM));
	status = settings(&px, popt, &n, &arg);
	if (status == EX_OK && px.command != NULL)
		status = run_guarded(&px, n, arg);
	if (fflush(stdout) != 0 && status == EX_OK && errno != EPIPE)
		status = fail(EX_IOERR, "standard output: %s",
		    strerror(errno));
	changes_free(&px.changes);
	free_options(&px);
	poptFreeContext(popt);
	return status;
}

/* Options and the command's row; no row and EX_OK: all is said already. */
static int
settings(struct pxectl *px, poptContext popt, int *n, char ***arg)
{
	int status;

	status = take_options(px, popt);
	if (status != EX_OK)
		return status;
	px->root = hostdb_root(option(px, OPT_ROOT));
	px->json = option(px, OPT_JSON) != NULL;
	px->dry_run = option(px, OPT_DRY_RUN) != NULL;
	if (option(px, OPT_VERSION) != NULL) {
		printf("pxectl %s\n", VERSION);
		return EX_OK;
	}
	/* popt keeps them until its context goes. */
	*arg = (char **)poptGetArgs(popt);
	for (*n = 0; *arg != NULL && (*arg)[*n] != NULL; ++*n)
		continue;
	if (*n == 0 && option(px, OPT_HELP) != NULL) {
		help_commands(commands, stdout);
		return EX_OK;
	}
	if (*n == 0) {
		help_commands(commands, stderr);
		return EX_USAGE;
	}
	status = find_command(px, *n, *arg);
	++*arg;
	--*n;
	if (status == EX_OK && option(px, OPT_HELP) != NULL) {
		help_command(px->command, stdout);
		px->command = NULL;
	}
	return status;
}

static int
take_options(struct pxectl *px, poptContext popt)
{
	const char **value;
	int o;

	while ((o = poptGetNextOpt(popt)) > 0) {
		value = px->options[o];
		while (*value != NULL)
			value++;
		if (value == &px->options[o][OPTION_REPEAT])
			return fail(EX_USAGE, "%s: given too often",
			    poptBadOption(popt, 0));
		*value = poptGetOptArg(popt);
		if (*value == NULL)
			*value = given;
	}
	if (o < -1)
		return fail(EX_USAGE, "%s: %s (pxectl help)",
		    poptBadOption(popt, 0), poptStrerror(o));
	return EX_OK;
}

static void
free_options(struct pxectl *px)
{
	for (int o = 0; o < OPTIONS; o++)
		for (const char **v = px->options[o]; *v != NULL; v++)
			if (*v != given)
				free((void *)*v);
}

static int
find_command(struct pxectl *px, int n, char **arg)
{
	const struct command *c;
	char meant[64];
	int o;

	for (c = commands; c->name != NULL; c++)
		if (strcmp(c->name, arg[0]) == 0)
			break;
	if (c->name == NULL) {
		help_meant(commands, arg[0], meant, sizeof meant);
		return fail(EX_USAGE, "%s: no such command%s (pxectl help)",
		    arg[0], meant);
	}
	for (o = 1; o < OPTIONS; o++)
		if (px->options[o][0] != NULL &&
		    ((c->options | COMMON_OPTIONS) & OPT(o)) == 0)
			return fail(EX_USAGE, "%s: --%s is no option of it "
			    "(pxectl help %s)", c->name, help_option_name(o),
			    c->name);
	px->command = c;
	if (option(px, OPT_HELP) != NULL)
		return EX_OK;
	n--;
	if (n < c->min || (c->max != ANY && n > c->max))
		return fail(EX_USAGE, "usage: pxectl %s%s%s", c->name,
		    c->args[0] == '\0' ? "" : " ", c->args);
	return EX_OK;
}

struct call {
	struct pxectl *px;
	int n;
	char **arg;
	int status;
};

static void
run_call(void *arg)
{
	struct call *c = arg;

	c->status = run(c->px, c->n, c->arg);
}

/* A page of the database may be worse than its checksums can tell. */
static int
run_guarded(struct pxectl *px, int n, char **arg)
{
	struct call c = { px, n, arg, EX_OK };

	if (hostdb_edit_guard(run_call, &c))
		return c.status;
	return fail(EX_DATAERR, "%s/db/hosts: a page is damaged: nothing was "
	    "changed (pxectl export what can be read, then import it into a "
	    "new --root)", px->root);
}

static int
run(struct pxectl *px, int n, char **arg)
{
	const unsigned needs = px->command->needs;
	const bool writes = needs & (DB_WRITE | DB_LATER);
	char *text = NULL;
	size_t size = 0;
	int status;

	status = session_open(px, needs, false);
	if (status != EX_OK)
		return status;
	if (writes) {
		px->out = open_memstream(&text, &size);
		if (px->out == NULL)
			return session_close(px, fail(EX_OSERR, "%s",
			    strerror(errno)));
	}
	status = px->command->run(px, n, arg);
	status = session_close(px, status);
	if (writes) {
		fclose(px->out);
		px->out = stdout;
		if (status == EX_OK && (px->json || px->dry_run))
			status = show_changes(px);
		else if (status == EX_OK)
			fwrite(text, 1, size, stdout);
		free(text);
	}
	return status;
}

static int
show_changes(struct pxectl *px)
{
	if (px->json)
		return json_changes(&px->changes, stdout);
	changes_print(&px->changes, stdout);
	return EX_OK;
}

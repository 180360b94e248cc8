#include <string.h>
#include <sysexits.h>

#include "attribute.h"
#include "guess.h"
#include "help.h"

#define FLAG(name, letter, o, help) \
	{ name, letter, POPT_ARG_NONE, NULL, o, help, NULL }
#define VALUE(name, letter, o, help, arg) \
	{ name, letter, POPT_ARG_STRING, NULL, o, help, arg }

const struct poptOption help_options[] = {
	VALUE("root", 'r', OPT_ROOT,
	    "where all is kept (else $PXE_ROOT, " HOSTDB_ROOT ")", "DIR"),
	FLAG("json", 'j', OPT_JSON, "print JSON"),
	FLAG("dry-run", 'n', OPT_DRY_RUN, "change nothing, show what would"),
	FLAG("help", 'h', OPT_HELP, "say what a command does"),
	FLAG("version", 'V', OPT_VERSION, "print the version"),
	FLAG("no-subnet", '\0', OPT_NO_SUBNET, "propose no subnet"),
	FLAG("no-address", '\0', OPT_NO_ADDRESS, "give it no address"),
	VALUE("subnet", '\0', OPT_SUBNET,
	    "pick the next free address of this one", "NET/LEN"),
	FLAG("replace", '\0', OPT_REPLACE,
	    "the file is all there is: remove what it lacks"),
	FLAG("follow", 'f', OPT_FOLLOW, "go on with what happens next"),
	FLAG("new", '\0', OPT_NEW, "leave out what happened before"),
	FLAG("all", 'a', OPT_ALL, "show older boots too"),
	FLAG("server", '\0', OPT_SERVER,
	    "count what was answered, and each reason for silence"),
	VALUE("inetd", '\0', OPT_INETD,
	    "inetd's configuration (/etc/inetd.conf)", "FILE"),
	VALUE("kernel", 'k', OPT_KERNEL,
	    "a version in lib/modules, or a directory", "VERSION|DIR"),
	VALUE("from", '\0', OPT_FROM,
	    "take files from below this directory", "DIR"),
	VALUE("compress", 'c', OPT_COMPRESS,
	    "how the image is packed", "gzip|zstd|xz|none"),
	VALUE("level", '\0', OPT_LEVEL, "how hard it is packed", "N"),
	VALUE("modules", 'm', OPT_MODULES,
	    "sets or names of kernel modules, commas between", "LIST"),
	VALUE("manifest", '\0', OPT_MANIFEST,
	    "list of programs: full, small, or a file", "NAME"),
	VALUE("overlay", '\0', OPT_OVERLAY,
	    "lay this directory over the image", "DIR"),
	VALUE("layout", '\0', OPT_LAYOUT,
	    "/bin a directory or a link", "source|merged|split"),
	VALUE("time", '\0', OPT_TIME,
	    "time of all files in the image", "SECONDS"),
	VALUE("data", '\0', OPT_DATA,
	    "where manifests and start-up scripts are", "DIR"),
	VALUE("output", 'o', OPT_OUTPUT,
	    "write this file, and leave tftpboot alone", "FILE"),
	FLAG("verbose", 'v', OPT_VERBOSE,
	    "name all that was left out, and why"),
	VALUE("by", '\0', OPT_BY,
	    "know the machine by this", "mac|uuid|circuit"),
	POPT_TABLEEND
};

static const char *const type_names[] = {
	[T_TEXT] = "text", [T_NAME] = "name", [T_WORD] = "word",
	[T_WORDS] = "words", [T_NAMES] = "names", [T_PATH] = "path",
	[T_PATHS] = "paths", [T_ADDRESS] = "address",
	[T_ADDRESSES] = "addresses", [T_ROUTES] = "routes",
	[T_RANGE] = "FIRST-LAST",
	[T_U8] = "0-255", [T_U16] = "0-65535", [T_U32] = "number",
	[T_S32] = "number", [T_DURATION] = "duration",
	[T_BOOT] = "net|local", [T_LOCAL] = "exit|none|...",
	[T_MACS] = "MACs", [T_HWS] = "HTYPE/BYTES", [T_BYTES] = "bytes",
	[T_UUIDS] = "UUIDs", [T_NIC] = "MAC[,ADDRESS]",
	[T_OPTION] = "TYPE:VALUE",
};

static const char *const suffix_names[] = {
	[SUFFIX_NONE] = "", [SUFFIX_ARCH] = "[.ARCH]",
	[SUFFIX_NAME] = ".NAME", [SUFFIX_CODE] = "-N",
};

/* What other programs call it. */
static const struct {
	const char *theirs, *ours;
} others[] = {
	{ "add", "add-host" }, { "new", "add-host" }, { "create", "add-host" },
	{ "register", "add-host" }, { "rm", "delete-host" },
	{ "del", "delete-host" }, { "delete", "delete-host" },
	{ "remove", "delete-host" }, { "remove-host", "delete-host" },
	{ "mv", "rename-host" }, { "move", "rename-host" },
	{ "rename", "rename-host" }, { "ls", "list" }, { "hosts", "list" },
	{ "get", "show" }, { "info", "show" }, { "edit", "set" },
	{ "modify", "set" }, { "dump", "export" }, { "save", "export" },
	{ "load", "import" }, { "restore", "import" }, { "history", "log" },
	{ "revert", "undo" }, { "rollback", "undo" }, { "tail", "events" },
	{ "lint", "check" }, { "test", "check" }, { "verify", "check" },
};

static void help_option(const struct poptOption *, FILE *);
static void help_attributes(const char *, FILE *);

const char *
help_option_name(int option)
{
	const struct poptOption *o;

	for (o = help_options; o->longName != NULL; o++)
		if (o->val == option)
			return o->longName;
	return "?";
}

void
help_commands(const struct command *c, FILE *out)
{
	fprintf(out, "usage: pxectl COMMAND [OPTION ...] [ARGUMENT ...]\n\n");
	for (; c->name != NULL; c++)
		fprintf(out, "  %-14s %s\n", c->name, c->help);
	fprintf(out, "\n`pxectl help COMMAND' says more; "
	    "pxectl(8) and hosts(5) say all.\n");
}

void
help_meant(const struct command *c, const char *word, char *text, size_t size)
{
	unsigned best = GUESS_FAR, n;
	const char *meant = NULL;

	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
		if (strcmp(word, others[i].theirs) == 0) {
			meant = others[i].ours;
			best = 0;
		}
	for (; c->name != NULL; c++)
		if ((n = guess_slips(word, c->name)) < best) {
			best = n;
			meant = c->name;
		}
	text[0] = '\0';
	if (meant != NULL)
		snprintf(text, size, ": is %s meant?", meant);
}

void
help_command(const struct command *c, FILE *out)
{
	const struct poptOption *o;

	fprintf(out, "usage: pxectl %s [OPTION ...]%s%s\n\n  %s\n\n", c->name,
	    c->args[0] == '\0' ? "" : " ", c->args, c->help);
	for (o = help_options; o->longName != NULL; o++)
		if ((c->options | COMMON_OPTIONS) & OPT(o->val))
			help_option(o, out);
}

int
cmd_help(struct pxectl *px, int n, char **arg)
{
	const struct command *c;
	char meant[64];

	if (n == 0) {
		help_commands(px->commands, px->out);
		return EX_OK;
	}
	if (strcmp(arg[0], "attributes") == 0) {
		help_attributes(NULL, px->out);
		return EX_OK;
	}
	for (c = px->commands; c->name != NULL; c++)
		if (strcmp(c->name, arg[0]) == 0) {
			help_command(c, px->out);
			return EX_OK;
		}
	for (size_t i = 0; i < ATTRIBUTES; i++)
		if (strcmp(attribute_table[i].name, arg[0]) == 0) {
			help_attributes(arg[0], px->out);
			return EX_OK;
		}
	help_meant(px->commands, arg[0], meant, sizeof meant);
	return fail(EX_USAGE, "%s: no such command or attribute%s "
	    "(pxectl help)", arg[0], meant);
}

static void
help_option(const struct poptOption *o, FILE *out)
{
	char left[64];

	snprintf(left, sizeof left, "%c%c%c --%s%s%s",
	    o->shortName != '\0' ? '-' : ' ',
	    o->shortName != '\0' ? o->shortName : ' ',
	    o->shortName != '\0' ? ',' : ' ', o->longName,
	    o->argDescrip != NULL ? " " : "",
	    o->argDescrip != NULL ? o->argDescrip : "");
	fprintf(out, "  %-32s %s\n", left, o->descrip);
}

/* One of them or, with NULL, all. */
static void
help_attributes(const char *only, FILE *out)
{
	static const struct {
		unsigned bit;
		char letter;
	} scopes[] = { { ON_HOST, 'h' }, { ON_GROUP, 'g' },
	    { ON_SUBNET, 'n' }, { ON_SITE, 's' } };
	const struct attribute *a;
	char name[64], on[5];

	fprintf(out, "On: h host, g group, n subnet, s site.  "
	    "DHCP: its option.  hosts(5) says more.\n\n"
	    "%-18s %-14s %-4s %4s  %s\n", "ATTRIBUTE", "VALUE", "ON", "DHCP",
	    "WHAT IT IS");
	for (a = attribute_table; a < attribute_table + ATTRIBUTES; a++) {
		if (only != NULL && strcmp(a->name, only) != 0)
			continue;
		snprintf(name, sizeof name, "%s%s", a->name,
		    suffix_names[a->suffix]);
		for (size_t i = 0; i < 4; i++)
			on[i] = a->scopes & scopes[i].bit ?
			    scopes[i].letter : '-';
		on[4] = '\0';
		fprintf(out, "%-18s %-14s %-4s ", name, type_names[a->type],
		    on);
		if (a->code != 0)
			fprintf(out, "%4u", a->code);
		else
			fprintf(out, "%4s", "-");
		fprintf(out, "  %s\n", a->doc);
	}
}

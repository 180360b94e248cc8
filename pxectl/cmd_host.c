#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>

#include "command.h"
#include "identity.h"
#include "target.h"
#include "text.h"

static int no_identity(const char *, const char *);
static int choose_address(struct pxectl *, struct entry *);
static int only_subnet(struct pxectl *, char *);
static void old_directory(struct pxectl *, const char *, const char *);

int
cmd_add_host(struct pxectl *px, int n, char **arg)
{
	struct identity id;
	struct entry_error err;
	struct entry e;
	char text[IDENTITY_TEXT_MAX];
	const char *address;
	int status;

	if (!identity_parse(&id, arg[0]))
		return no_identity(arg[0], arg[1]);
	if (!entry_init(&e, ENTRY_HOST, target_host(arg[1]), &err))
		return fail(EX_DATAERR, "%s: %s", arg[1], err.why);
	identity_print(&id, text, sizeof text);
	if (!entry_set(&e, identity_attribute(&id), text, &err))
		return fail(EX_DATAERR, "%s: %s", arg[0], err.why);
	status = entry_words(&e, n - 2, arg + 2);
	if (status == EX_OK && entry_get(&e, A_ADDRESS, NULL) == NULL &&
	    option(px, OPT_NO_ADDRESS) == NULL)
		status = choose_address(px, &e);
	if (status == EX_OK)
		status = put_entry(px, &e, true);
	address = entry_get(&e, A_ADDRESS, NULL);
	fprintf(px->out, "%s %s %s\n", entry_name(&e), text,
	    address != NULL ? address : "-");
	return status;
}

static int
no_identity(const char *word, const char *next)
{
	struct identity id;

	if (identity_is_group(word))
		return fail(EX_DATAERR, "%s: a MAC address of a group or of "
		    "nobody", word);
	if (identity_parse(&id, next))
		return fail(EX_USAGE, "%s: the MAC comes first: "
		    "pxectl add-host %s %s", word, next, word);
	return fail(EX_DATAERR, "%s: not a MAC (00:02:b3:4c:ed:c8), "
	    "HTYPE/BYTES, UUID or client-id=...", word);
}

int
cmd_rename_host(struct pxectl *px, int n, char **arg)
{
	struct entry_error err;
	struct entry old, new;
	char name[ENTRY_NAME_MAX + 1];
	int status;

	(void)n;
	/* Both in the form that entries have. */
	if (!entry_init(&old, ENTRY_HOST, target_host(arg[0]), &err))
		return fail(EX_NOHOST, "%s: no such host", arg[0]);
	strcpy(name, entry_name(&old));
	status = get_entry(px, ENTRY_HOST, name, &old);
	if (status != EX_OK)
		return status;
	new = old;
	if (!entry_rename(&new, target_host(arg[1]), &err))
		return fail(EX_DATAERR, "%s: %s", arg[1], err.why);
	/* First away: the new one has the same identities. */
	status = delete_entry(px, ENTRY_HOST, entry_name(&old));
	if (status == EX_OK)
		status = put_entry(px, &new, true);
	if (status != EX_OK)
		return status;
	fprintf(px->out, "%s is now %s\n", entry_name(&old),
	    entry_name(&new));
	old_directory(px, "tftpboot/hosts", entry_name(&old));
	old_directory(px, "rsync", entry_name(&old));
	return EX_OK;
}

int
cmd_delete_host(struct pxectl *px, int n, char **arg)
{
	char name[ENTRY_NAME_MAX + 1];
	struct target t;
	int status = EX_OK;

	for (int i = 0; i < n && status == EX_OK; i++) {
		status = target_open(&t, arg[i]);
		if (status == EX_OK && t.kind != ENTRY_HOST)
			return fail(EX_USAGE, "%s: not a host", arg[i]);
		while (status == EX_OK && target_next(&t, name)) {
			status = delete_entry(px, ENTRY_HOST, name);
			fprintf(px->out, "%s: deleted\n", name);
		}
	}
	return status;
}

/* The next free one: of --subnet, or of the only subnet there is. */
static int
choose_address(struct pxectl *px, struct entry *e)
{
	const char *subnet = option(px, OPT_SUBNET);
	char name[ENTRY_NAME_MAX + 1], text[64];
	struct entry_error err;
	struct entry known;
	uint32_t address;
	int status;

	if (subnet != NULL) {
		status = get_entry(px, ENTRY_SUBNET, subnet, &known);
		if (status == EX_OK)
			strcpy(name, entry_name(&known));
	} else
		status = only_subnet(px, name);
	if (status != EX_OK)
		return status;
	address = hostdb_edit_free_address(px->edit, name);
	if (address == 0)
		return fail(EX_UNAVAILABLE, "%s: no address of subnet %s is "
		    "free", entry_name(e), name);
	attribute_address_text(address, text);
	if (!entry_set(e, "address", text, &err))
		return fail(EX_SOFTWARE, "%s", err.why);
	return EX_OK;
}

static int
only_subnet(struct pxectl *px, char *name)
{
	struct hostdb_walk w;
	enum hostdb_status s;
	struct entry e;
	int n = 0;

	hostdb_walk(&w, ENTRY_SUBNET);
	while (n < 2 && (s = hostdb_edit_next(px->edit, &w, &e)) !=
	    HOSTDB_NOT_FOUND) {
		if (s == HOSTDB_ERROR)
			return fail_lookup(s, ENTRY_SUBNET, "");
		if (s == HOSTDB_OK && ++n == 1)
			snprintf(name, ENTRY_NAME_MAX + 1, "%s",
			    entry_name(&e));
	}
	if (n == 0)
		return fail(EX_DATAERR, "no subnet yet: "
		    "pxectl add-subnet NET/LEN");
	if (n > 1)
		return fail(EX_DATAERR, "more than one subnet: "
		    "say address=... or --subnet NET/LEN");
	return EX_OK;
}

/* What is named after the host stays where it is: renaming is no rm. */
static void
old_directory(struct pxectl *px, const char *below, const char *name)
{
	char path[4096];
	struct stat st;

	if (root_path(px, path, sizeof path, "%s/%s", below, name) &&
	    stat(path, &st) == 0)
		fprintf(px->out, "%s keeps its name: move it if you want\n",
		    path);
}

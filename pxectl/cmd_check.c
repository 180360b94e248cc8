#include <stdarg.h>
#include <sysexits.h>

#include "check.h"

static int check_database(struct check *);
static void say(void *, const char *);

int
cmd_check(struct pxectl *px, int n, char **arg)
{
	struct check c = { .px = px };
	const char *inetd = option(px, OPT_INETD);
	int status;

	(void)n;
	(void)arg;
	if (px->json)
		json_list_begin(&c.json, px->out);
	/* One after the other: LMDB must not be open twice in a process. */
	status = session_open(px, DB_EDIT, false);
	if (status == EX_OK)
		status = session_close(px, check_database(&c));
	if (status == EX_OK)
		status = session_open(px, DB_WALK, false);
	if (status == EX_OK)
		status = check_network(&c);
	if (status == EX_OK)
		status = check_files(&c);
	status = session_close(px, status);
	if (status == EX_OK) {
		check_root(&c);
		check_services(&c, inetd);
	}
	if (px->json)
		json_list_end(&c.json);
	else if (status == EX_OK && c.found == 0)
		fprintf(px->out, "all is well\n");
	return status != EX_OK ? status : c.found > 0 ? EX_CONFIG : EX_OK;
}

static void
put(struct check *c, const char *todo, const char *fmt, va_list ap)
{
	char what[1024];

	vsnprintf(what, sizeof what, fmt, ap);
	if (c->px->json)
		json_list_item(&c->json, json_pack("{s:o, s:o}", "what",
		    json_text(what), "do", json_text(todo)));
	else if (todo[0] != '\0')
		fprintf(c->px->out, "%s: %s\n", what, todo);
	else
		fprintf(c->px->out, "%s\n", what);
}

void
check_found(struct check *c, const char *todo, const char *fmt, ...)
{
	va_list ap;

	c->found++;
	va_start(ap, fmt);
	put(c, todo, fmt, ap);
	va_end(ap);
}

void
check_remark(struct check *c, const char *todo, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	put(c, todo, fmt, ap);
	va_end(ap);
}

static int
check_database(struct check *c)
{
	struct hostdb_edit_error err = { 0 };

	return hostdb_edit_verify(c->px->edit, say, c, &err) >= 0 ? EX_OK :
	    fail_edit(&err);
}

static void
say(void *arg, const char *what)
{
	check_found(arg, "pxectl export what is left, then "
	    "pxectl import --replace", "database: %s", what);
}

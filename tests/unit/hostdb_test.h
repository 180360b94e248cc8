/* A database of a test's own, in a directory that goes with the test. */
#ifndef HOSTDB_TEST_H
#define HOSTDB_TEST_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hostdb_edit.h"

static char test_root[] = "/tmp/hostdb-test-XXXXXX";

static inline int
test_root_make(void **state)
{
	(void)state;
	return mkdtemp(test_root) == NULL ? -1 : 0;
}

static inline int
test_root_remove(void **state)
{
	char command[64];

	(void)state;
	snprintf(command, sizeof command, "rm -rf %s", test_root);
	return system(command);
}

/*
 * Puts lines (each ended by a newline) in one transaction, after everything
 * that was there is gone.  NULL, or why not.
 */
static inline const char *
test_import(const char *lines)
{
	static struct hostdb_edit_error err;
	static struct entry_error bad;
	static struct entry e;
	struct hostdb_edit *ed = hostdb_edit_open(test_root, true, &err);
	const char *why = NULL;
	size_t n;

	if (ed == NULL)
		return err.why;
	if (!hostdb_edit_begin(ed, "test", &err) ||
	    !hostdb_edit_clear(ed, &err))
		why = err.why;
	for (; why == NULL && *lines != '\0'; lines += n + 1) {
		n = strcspn(lines, "\n");
		if (!entry_parse(&e, lines, n, &bad))
			why = bad.why;
		else if (!hostdb_edit_put(ed, &e, false, &err))
			why = err.why;
	}
	if (why == NULL && !hostdb_edit_commit(ed, &err))
		why = err.why;
	hostdb_edit_close(ed);
	return why;
}

#endif

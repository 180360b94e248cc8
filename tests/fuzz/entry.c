/* Any line: refused, or printed as a line that reads back as the same. */
#include <stdlib.h>
#include <string.h>

#include "entry.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	static char first[ENTRY_LINE_MAX + 1], second[ENTRY_LINE_MAX + 1];
	static struct entry e;
	struct entry_error err;
	size_t len;

	if (entry_load(&e, (const char *)bytes, n))
		entry_print(&e, first, sizeof first);
	if (!entry_parse(&e, (const char *)bytes, n, &err))
		return 0;
	len = entry_print(&e, first, sizeof first);
	if (len == 0)	/* quotes may make a full line too long */
		return 0;
	if (!entry_load(&e, first, len) ||
	    entry_print(&e, second, sizeof second) != len ||
	    strcmp(first, second) != 0)
		abort();
	if (!entry_parse(&e, first, len, &err) ||
	    entry_print(&e, second, sizeof second) != len ||
	    strcmp(first, second) != 0)
		abort();
	return 0;
}

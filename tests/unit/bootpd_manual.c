/*
 * bootpd(8) has a paragraph on every row of the firmware table, and on every
 * reason for silence that bootpd has.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "../../bootpd/firmware.h"

static char page[65536];

static int
read_page(void **state)
{
	FILE *f = fopen("man/bootpd.8", "r");
	size_t n;

	(void)state;
	if (f == NULL)
		return -1;
	n = fread(page, 1, sizeof page - 1, f);
	fclose(f);
	page[n] = '\0';
	return n > 0 ? 0 : -1;
}

/* Within that section, with words of its own behind it? */
static bool
has_paragraph(const char *section, const char *name)
{
	char head[64], item[64];
	const char *from, *to, *at;

	snprintf(head, sizeof head, "\n.Sh %s\n", section);
	snprintf(item, sizeof item, "\n.It Ic %s\n", name);
	from = strstr(page, head);
	assert_non_null(from);
	to = strstr(from + 1, "\n.Sh ");
	at = strstr(from, item);
	return at != NULL && (to == NULL || at < to) &&
	    strncmp(at + strlen(item), ".It", 3) != 0 &&
	    strncmp(at + strlen(item), ".El", 3) != 0;
}

static void
every_firmware_has_a_paragraph(void **state)
{
	const struct firmware *f;

	(void)state;
	for (f = firmware_table(); f->name != NULL; f++)
		if (!has_paragraph("FIRMWARE", f->name))
			fail_msg("bootpd(8): no paragraph on %s", f->name);
}

static void
every_reason_has_a_paragraph(void **state)
{
	/* What only tftpd and rsync-shim say. */
	static const bool others[] = {
		[EVENT_NO_FILE] = true, [EVENT_FORBIDDEN] = true,
		[EVENT_TIMEOUT] = true, [EVENT_CLIENT_ERROR] = true,
		[EVENT_CHANGED] = true,
	};
	const char *name;
	unsigned i;

	(void)state;
	for (i = 0; strcmp(name = event_reason_name(i), "unknown") != 0; i++)
		if ((i >= sizeof others || !others[i]) &&
		    !has_paragraph("DIAGNOSTICS", name))
			fail_msg("bootpd(8): no paragraph on %s", name);
	assert_true(i > EVENT_LIMIT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_firmware_has_a_paragraph),
		cmocka_unit_test(every_reason_has_a_paragraph),
	};

	return cmocka_run_group_tests_name("bootpd manual", tests,
	    read_page, NULL);
}

/* What pxectl says of itself. */
#include "../../pxectl/command.h"	/* its fail() is no macro */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "attribute.h"

/* Each attribute has its line, and each line says what a value looks like. */
static void
every_attribute_has_its_line(void **state)
{
	struct pxectl px = { .json = false };
	char word[] = "attributes", *argument = word, *text, *line;
	char name[64], value[64];
	size_t size, rows = 0;

	(void)state;
	px.out = open_memstream(&text, &size);
	assert_non_null(px.out);
	assert_int_equal(cmd_help(&px, 1, &argument), EX_OK);
	fclose(px.out);
	line = strstr(text, "WHAT IT IS\n");
	assert_non_null(line);
	while ((line = strchr(line, '\n')) != NULL && *++line != '\0') {
		assert_int_equal(sscanf(line, "%63s %63s", name, value), 2);
		assert_memory_equal(name, attribute_table[rows].name,
		    strlen(attribute_table[rows].name));
		assert_string_not_equal(value, "(null)");
		rows++;
	}
	assert_int_equal(rows, ATTRIBUTES);
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_attribute_has_its_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

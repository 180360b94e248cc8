#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

#include "../../pxectl/range.h"

static const struct {
	const char *word;
	const char *names;	/* with blanks between; NULL: refused */
} cases[] = {
	{ "web", "web" },
	{ "", "" },
	{ "rack1-[01-03]", "rack1-01 rack1-02 rack1-03" },
	{ "w[9-11]", "w9 w10 w11" },
	{ "w[08-11]x", "w08x w09x w10x w11x" },
	{ "w[1,3,5-6]", "w1 w3 w5 w6" },
	{ "[1-2]-[a]", NULL },
	{ "r[1-2]n[1-2]", "r1n1 r1n2 r2n1 r2n2" },
	{ "a[1-1]", "a1" },
	{ "a[]", NULL },
	{ "a[1", NULL },
	{ "a[1-", NULL },
	{ "a1]", NULL },
	{ "a[3-1]", NULL },
	{ "a[1,]", NULL },
	{ "a[-3]", NULL },
	{ "a[[1-2]]", NULL },
	{ "a[1-99999999999]", NULL },
	{ "a[0-65536]", NULL },
	{ "a[1-300][1-300]", NULL },
	{ "a[1][1][1][1][1]", NULL },
};

static void
names(void **state)
{
	char got[256], name[64];
	struct range r;
	const char *why;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		why = range_open(&r, cases[i].word);
		if (cases[i].names == NULL) {
			assert_non_null(why);
			continue;
		}
		assert_null(why);
		got[0] = '\0';
		for (int n = 0; range_next(&r, name, sizeof name); n++) {
			if (n > 0)
				strcat(got, " ");
			strcat(got, name);
		}
		assert_string_equal(got, cases[i].names);
	}
}

static void
how_many(void **state)
{
	char name[16];
	struct range r;
	uint32_t n = 0;

	(void)state;
	assert_null(range_open(&r, "n[0-65534]"));
	assert_int_equal(r.n, 65535);
	while (range_next(&r, name, sizeof name))
		n++;
	assert_int_equal(n, 65535);
	assert_string_equal(name, "n65534");
}

static void
does_not_fit(void **state)
{
	char name[6];
	struct range r;

	(void)state;
	assert_null(range_open(&r, "web-[1-2]"));
	assert_true(range_next(&r, name, 6));
	assert_string_equal(name, "web-1");
	assert_false(range_next(&r, name, 5));
	assert_null(range_open(&r, "web-11"));
	assert_false(range_next(&r, name, 6));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),
		cmocka_unit_test(how_many),
		cmocka_unit_test(does_not_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "image_test.h"

#include "../../pxectl/image/manifest.h"

static const struct {
	const char *text;
	enum manifest_result last;
	const char *read;		/* "SECTION NAME|NAME=VALUE,VALUE!;" */
} cases[] = {
	{ "", MANIFEST_END, "" },
	{ "# only a comment", MANIFEST_END, "" },
	{ "/bin\n\tls cat\n", MANIFEST_END, "/bin ls;/bin cat;" },
	{ "/bin\n ls # not cat\n\n  [\n", MANIFEST_END, "/bin ls;/bin [;" },
	{ "/sbin\r\n\tinit\r\n", MANIFEST_END, "/sbin init;" },
	{ "/sbin\n\tdhclient|udhcpc!\n", MANIFEST_END,
	    "/sbin dhclient|udhcpc!;" },
	{ "/sbin\n\tmount_nfs=mount.nfs,mount\n", MANIFEST_END,
	    "/sbin mount_nfs=mount.nfs,mount;" },
	{ "/sbin\n\t-dhclient", MANIFEST_END, "/sbin -dhclient;" },
	{ "a\n\tx\nb # c\n\ty\n", MANIFEST_END, "a x;b y;" },
	{ "m\n\tkernel/drivers/net/\n", MANIFEST_END,
	    "m kernel/drivers/net/;" },
	{ "\tls\n", MANIFEST_NO_SECTION, "" },
	{ "/bin /sbin\n", MANIFEST_TWO_WORDS, "" },
	{ "/bin\n\ta||b\n", MANIFEST_EMPTY_NAME, "" },
	{ "/bin\n\ta=\n", MANIFEST_EMPTY_NAME, "" },
	{ "/bin\n\t=a\n", MANIFEST_EMPTY_NAME, "" },
	{ "/bin\n\t!\n", MANIFEST_EMPTY_NAME, "" },
	{ "/bin\n\t-\n", MANIFEST_EMPTY_NAME, "" },
	{ "/bin\n\tok\n\t../sh\n", MANIFEST_BAD_NAME, "/bin ok;" },
	{ "/bin\n\ta=/etc/../x\n", MANIFEST_BAD_NAME, "" },
	{ "/../bin\n\ta\n", MANIFEST_BAD_NAME, "" },
	{ "/bin\n\t.\n", MANIFEST_BAD_NAME, "" },
	{ "/bin\n\ta//\n", MANIFEST_BAD_NAME, "" },
	{ "/bin\n\ta\x7f\n", MANIFEST_BAD_NAME, "" },
	{ "/bin\n\ta|b|c|d|e|f|g|h|i\n", MANIFEST_TOO_MANY, "" },
};

static const struct {
	const char *path;
	bool good;
} paths[] = {
	{ "a", true }, { "/a", true }, { "a/b.c/..d", true },
	{ "", false }, { "/", false }, { "//a", false }, { "a/", false },
	{ "a//b", false }, { ".", false }, { "a/./b", false },
	{ "..", false }, { "/..", false }, { "a/..", false },
};

static void
print(char *out, const struct manifest *m, const struct manifest_word *w)
{
	unsigned i;

	out += sprintf(out, "%s %s", m->section.s, w->strike ? "-" : "");
	for (i = 0; i < w->names; i++)
		out += sprintf(out, "%s%s", i > 0 ? "|" : "", w->name[i].s);
	for (i = 0; i < w->values; i++)
		out += sprintf(out, "%s%s", i > 0 ? "," : "=",
		    w->value[i].s);
	sprintf(out, "%s;", w->needed ? "!" : "");
}

static void
reads(void **state)
{
	enum manifest_result result;
	struct manifest_word word;
	struct manifest m;
	char read[1024], *text;
	size_t i, len;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		/* Without a NUL, so that a step too far is seen. */
		len = strlen(cases[i].text);
		text = malloc(len + 1);
		assert_non_null(text);
		memcpy(text, cases[i].text, len);
		text[len] = 'x';
		manifest_start(&m, text, len);
		read[0] = '\0';
		while ((result = manifest_next(&m, &word)) == MANIFEST_WORD)
			print(read + strlen(read), &m, &word);
		free(text);
		assert_string_equal(read, cases[i].read);
		assert_string_equal(manifest_reason(result),
		    manifest_reason(cases[i].last));
	}
}

static void
longest(void **state)
{
	struct manifest_word word;
	struct manifest m;
	char text[300] = "s\n\t";

	(void)state;
	memset(text + 3, 'a', MANIFEST_LONGEST);
	manifest_start(&m, text, 3 + MANIFEST_LONGEST);
	assert_int_equal(manifest_next(&m, &word), MANIFEST_WORD);
	assert_int_equal(strlen(word.name[0].s), MANIFEST_LONGEST);
	text[3 + MANIFEST_LONGEST] = 'a';
	manifest_start(&m, text, 4 + MANIFEST_LONGEST);
	assert_int_equal(manifest_next(&m, &word), MANIFEST_TOO_LONG);
	assert_int_equal(m.line, 2);
}

static void
path_names(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		if (manifest_path_ok(paths[i].path) != paths[i].good)
			fail_msg("%s", paths[i].path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads),
		cmocka_unit_test(longest),
		cmocka_unit_test(path_names),
	};

	(void)test_begin;
	(void)test_end;
	(void)test_file;
	return cmocka_run_group_tests(tests, NULL, NULL);
}

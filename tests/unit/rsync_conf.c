#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "../../rsync-shim/conf.h"

static struct conf_layers layers;
static char text[CONF_TEXT_MAX];

/* The layers of host "web-01" with this rsync=; NULL: without it. */
static void
read_layers(const char *rsync)
{
	static struct host h;
	struct entry_error err;

	h = (struct host){ .layers = 1, .layer = { &h.own } };
	assert_true(entry_init(&h.own, ENTRY_HOST, "web-01", &err));
	if (rsync != NULL && !entry_set(&h.own, "rsync", rsync, &err))
		fail_msg("%s: %s", rsync, err.why);
	conf_layers(&h, &layers);
}

static void
layers_of_a_host(void **state)
{
	(void)state;
	read_layers("common,web,!%n,web");
	assert_int_equal(layers.n, 3);
	assert_string_equal(layers.layer[0].name, "common");
	assert_string_equal(layers.layer[1].name, "web");
	assert_string_equal(layers.layer[2].name, "web-01");
	assert_false(layers.layer[0].secret);
	assert_false(layers.layer[1].secret);
	assert_true(layers.layer[2].secret);
	assert_string_equal(layers.bad, "");
	read_layers(NULL);
	assert_int_equal(layers.n, 0);
}

/* Whatever the entry's own check lets pass. */
static void
names_that_are_no_modules(void **state)
{
	static const char *const bad[] = { "", ".", "..", "a/b", "/", "../x",
	    "a b", "a]", "[a", "a\n[b]", "a\\", "a%b", "global", "\xc3\xa4",
	    "a#", "a=b" };
	static const char *const good[] = { "a", "common", "web-01.site_2",
	    "...", "-", "GLOBAL" };
	char longest[CONF_NAME_MAX + 2];

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		if (attribute_is_module(bad[i]))
			fail_msg("`%s' is a module", bad[i]);
	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		if (!attribute_is_module(good[i]))
			fail_msg("`%s' is no module", good[i]);
	memset(longest, 'a', sizeof longest);
	longest[CONF_NAME_MAX + 1] = '\0';
	assert_false(attribute_is_module(longest));
	longest[CONF_NAME_MAX] = '\0';
	assert_true(attribute_is_module(longest));

	read_layers("a,x%%y,b");
	assert_int_equal(layers.n, 2);
	assert_string_equal(layers.layer[1].name, "b");
	assert_string_equal(layers.bad, "x%%y");
}

static void
too_many(void **state)
{
	char list[1024];
	size_t n = 0;

	(void)state;
	for (int i = 0; i <= CONF_LAYERS_MAX; i++)
		n += (size_t)snprintf(list + n, sizeof list - n, "%sl%d",
		    i == 0 ? "" : ",", i);
	read_layers(list);
	assert_int_equal(layers.n, CONF_LAYERS_MAX);
	assert_string_equal(layers.bad, "l32");
}

static void
paths(void **state)
{
	(void)state;
	assert_true(conf_is_path("/usr/local/pxe/rsync"));
	assert_true(conf_is_path("/srv/my images"));
	assert_false(conf_is_path("srv"));
	assert_false(conf_is_path(""));
	assert_false(conf_is_path("/srv/%HOME%"));
	assert_false(conf_is_path("/srv\\"));
	assert_false(conf_is_path("/srv "));
	assert_false(conf_is_path("/srv\n[all]\npath = /"));
	assert_false(conf_is_path("/srv/./x"));
}

static const struct conf_options options = {
	.tree = "/usr/local/pxe/rsync", .log = "/run/rsync-shim/abc/log",
	.lock = "/run/rsync-shim/lock", .max_connections = 40,
	.timeout = 600, .root = true, .list = true,
};

static void
whole_text(void **state)
{
	(void)state;
	read_layers("common,!%n,web");
	assert_int_equal(conf_write(&layers, &options, text, sizeof text), 2);
	assert_string_equal(text,
	    "use chroot = yes\n"
	    "uid = 0\n"
	    "gid = 0\n"
	    "read only = yes\n"
	    "munge symlinks = yes\n"
	    "numeric ids = yes\n"
	    "reverse lookup = no\n"
	    "transfer logging = no\n"
	    "refuse options = delete remove-source-files"
	    " remove-sent-files write-devices copy-devices\n"
	    "list = yes\n"
	    "timeout = 600\n"
	    "max connections = 40\n"
	    "lock file = /run/rsync-shim/lock\n"
	    "log file = /run/rsync-shim/abc/log\n"
	    "\n[common]\n\tpath = /usr/local/pxe/rsync/common\n"
	    "\n[web]\n\tpath = /usr/local/pxe/rsync/web\n");
}

static void
secret_layers(void **state)
{
	struct conf_options o = options;

	(void)state;
	read_layers("!%n");
	assert_int_equal(conf_write(&layers, &o, text, sizeof text), 0);
	assert_string_equal(text, "");
	o.secret = true;
	assert_int_equal(conf_write(&layers, &o, text, sizeof text), 1);
	assert_non_null(strstr(text, "\n[web-01]\n"));
}

static void
without_root(void **state)
{
	struct conf_options o = options;

	(void)state;
	o.root = o.list = false;
	o.max_connections = 0;
	o.log = NULL;
	read_layers("common");
	assert_int_equal(conf_write(&layers, &o, text, sizeof text), 1);
	assert_non_null(strstr(text, "use chroot = no\n"));
	assert_non_null(strstr(text, "read only = yes\n"));
	assert_non_null(strstr(text, "list = no\n"));
	assert_null(strstr(text, "uid"));
	assert_null(strstr(text, "log file"));
	assert_null(strstr(text, "max connections"));
}

/* Half a configuration is never given. */
static void
never_cut(void **state)
{
	size_t whole, n;

	(void)state;
	read_layers("common,web");
	conf_write(&layers, &options, text, sizeof text);
	whole = strlen(text);
	for (n = 1; n <= whole; n++) {
		assert_int_equal(conf_write(&layers, &options, text, n), 0);
		assert_string_equal(text, "");
	}
	assert_int_equal(conf_write(&layers, &options, text, n), 2);
}

/* The module by which a machine says that it is up, unless it is a layer. */
static void
module_up(void **state)
{
	struct conf_options o = { .tree = "/pxe/rsync", .up = true };

	(void)state;
	read_layers("common");
	assert_int_equal(conf_write(&layers, &o, text, sizeof text), 1);
	assert_non_null(strstr(text, "\n[up]\n\tpath = /pxe/rsync\n"
	    "\texclude = *\n\tlist = no\n"));
	read_layers("up");
	assert_false(conf_has_up(&layers));
	assert_int_equal(conf_write(&layers, &o, text, sizeof text), 1);
	assert_null(strstr(text, "exclude"));
	/* who has no layers says nothing */
	read_layers(NULL);
	assert_int_equal(conf_write(&layers, &o, text, sizeof text), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(layers_of_a_host),
		cmocka_unit_test(names_that_are_no_modules),
		cmocka_unit_test(too_many),
		cmocka_unit_test(paths),
		cmocka_unit_test(whole_text),
		cmocka_unit_test(secret_layers),
		cmocka_unit_test(without_root),
		cmocka_unit_test(never_cut),
		cmocka_unit_test(module_up),
	};

	return cmocka_run_group_tests_name("rsync_conf", tests, NULL, NULL);
}

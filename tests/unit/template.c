#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "template.h"

#define SERVER	0xc0000202u	/* 192.0.2.2 */

static struct host host;
static struct entry subnet;
static struct template_error err;
static char text[8192];

static void
be(const char *line)
{
	static const char net[] = "subnet 192.0.2.0/24 router=192.0.2.1";
	struct entry_error bad;

	memset(&host, 0, sizeof host);
	assert_true(entry_parse(&subnet, net, strlen(net), &bad));
	if (!entry_parse(&host.own, line, strlen(line), &bad))
		fail_msg("%s: %s", line, bad.why);
	host.layer[0] = &host.own;
	host.layer[1] = &subnet;
	host.layers = 2;
	host.address = 0xc000020au;
	host.network = 0xc0000200u;
	host.subnet_len = 24;
	assert_true(identity_parse_mac(&host.mac, "00:02:b3:4c:ed:c8"));
}

static void
says(const char *name, const char *source, const char *wanted)
{
	size_t n;

	if (!template_render(name, source, strlen(source), &host, SERVER,
	    text, sizeof text, &n, &err))
		fail_msg("%s: %u: %s", source, err.line, err.why);
	text[n] = '\0';
	assert_string_equal(text, wanted);
}

static void
fails(const char *name, const char *source, unsigned line, const char *why)
{
	size_t n = 1;

	if (template_render(name, source, strlen(source), &host, SERVER,
	    text, sizeof text, &n, &err))
		fail_msg("%s: no error, but %.*s", source, (int)n, text);
	assert_int_equal(n, 0);
	assert_int_equal(err.line, line);
	if (strstr(err.why, why) == NULL)
		fail_msg("%s: %s", source, err.why);
}

static void
values(void **state)
{
	(void)state;
	be("host web kernel=vm-%n ntp=192.0.2.5,192.0.2.6 rsync=common,%n "
	    "option-150=ip:192.0.2.9 filename.efi-x64=x.efi tz-name=UTC");
	says("x", "", "");
	says("x", "no value, 100 %, %d, %%, ${a%%b}, %end\n",
	    "no value, 100 %, %d, %%, ${a%%b}, %end\n");
	says("x", "%%{name} %{name}", "%{name} web");
	says("x", "%%%{name}", "%%{name}");
	says("x", "%{name}%{name}", "webweb");
	says("x", "%{host-name} %{address} %{mac}",
	    "web 192.0.2.10 00:02:b3:4c:ed:c8");
	says("x", "%{mask} %{broadcast} %{network}",
	    "255.255.255.0 192.0.2.255 192.0.2.0");
	says("x", "%{router} %{ntp} %{kernel}",
	    "192.0.2.1 192.0.2.5,192.0.2.6 vm-web");
	says("x", "%{next-server} %{server}", "192.0.2.2 192.0.2.2");
	says("x", "%{rsync-path}",
	    "rsync://192.0.2.2/common rsync://192.0.2.2/web");
	says("x", "%{option-150} %{filename.efi-x64}",
	    "ip:192.0.2.9 x.efi");
	says("x", "%{domain:example.net}.%{dns:}.%{tz-name:x}",
	    "example.net..UTC");
	be("host web host-name=w mask=255.0.0.0");
	says("x", "%{name} %{host-name} %{mask}", "web w 255.0.0.0");
}

static void
errors(void **state)
{
	char small[4];
	size_t n;

	(void)state;
	be("host web");
	fails("x", "%{nonsense}", 1, "no such attribute");
	fails("x", "a\nb\n%{nonsense:default}", 3, "no such attribute");
	fails("x", "a\n%{domain}", 2, "web has no value");
	fails("x", "%{", 1, "without its }");
	fails("x", "%{name\n}", 1, "without its }");
	fails("x", "%{}", 1, "without the name");
	fails("x", "%{:x}", 1, "without the name");
	fails("x", "%{host-name.x}", 1, "no such attribute");
	fails("x", "%{option-999}", 1, "no such attribute");
	assert_false(template_render("x", "12345", 5, &host, SERVER, small,
	    sizeof small, &n, &err));
	assert_int_equal(n, 0);
	assert_true(template_render("x", "1234", 4, &host, SERVER, small,
	    sizeof small, &n, &err));
	assert_int_equal(n, 4);
}

static void
quoted_as_the_kind_needs(void **state)
{
	(void)state;
	be("host web cmdline=\"quiet console=ttyS0\" comment=\"a \\\"b\\\" "
	    "<c> & 'd' \\\\\" tz-name=123");
	says("a.sh", "x=%{cmdline} y=\"%{cmdline}\" z=%{name}",
	    "x='quiet console=ttyS0' y=\"quiet console=ttyS0\" z=web");
	says("a.sh", "x='%{cmdline}'", "x='quiet console=ttyS0'");
	says("a.sh", "\\\"%{cmdline}", "\\\"'quiet console=ttyS0'");
	says("b/a.ks", "bootloader --append=%{cmdline}\n",
	    "bootloader --append='quiet console=ttyS0'\n");
	says("preseed.cfg", "d-i x string %{cmdline}\n",
	    "d-i x string quiet console=ttyS0\n");
	says("a.json", "{\"a\":%{comment},\"b\":\"<%{comment}>\"}",
	    "{\"a\":\"a \\\"b\\\" <c> & 'd' \\\\\","
	    "\"b\":\"<a \\\"b\\\" <c> & 'd' \\\\>\"}");
	says("a.json", "{\"x\\\"\":%{name}}", "{\"x\\\"\":\"web\"}");
	says("a.xml", "<a b=\"%{comment}\">%{comment}</a>",
	    "<a b=\"a &quot;b&quot; &lt;c&gt; &amp; &#39;d&#39; \\\">"
	    "a &quot;b&quot; &lt;c&gt; &amp; &#39;d&#39; \\</a>");
	says("user-data", "hostname: %{name}\nx:\n  - %{mac}\n"
	    "url: http://%{address}/x\n",
	    "hostname: \"web\"\nx:\n  - \"00:02:b3:4c:ed:c8\"\n"
	    "url: http://192.0.2.10/x\n");
	says("A.YAML", "a: %{tz-name}  \nb: \"%{tz-name}\"\nc: x %{tz-name}",
	    "a: \"123\"  \nb: \"123\"\nc: x 123");
	be("host web comment=\"a: b\"");
	says("a.yaml", "x: %{comment}", "x: \"a: b\"");
	fails("a.yaml", "x: y %{comment}", 1, "safely");
	says("a.yaml", "x:  %{comment}", "x:  \"a: b\"");
	be("host web comment=a:");
	fails("a.yaml", "x %{comment}", 1, "safely");
	be("host web comment=\"- a\"");
	says("a.yaml", "x:\n  - %{comment}\ny: b %{comment}\n",
	    "x:\n  - \"- a\"\ny: b - a\n");
	fails("a.yaml", "x:\n  %{comment}\n", 2, "safely");
	be("host web comment=---");
	fails("a.yaml", "a\n%{comment}\n", 2, "safely");
	/* What is a word of a command in one is so by any of its names. */
	be("host web comment=\"a --b\"");
	says("ks.cfg", "lang %{comment}", "lang 'a --b'");
	says("web-ks.cfg", "lang %{comment}", "lang 'a --b'");
	says("a.ign", "{\"a\":%{comment}}", "{\"a\":\"a --b\"}");
	/* A section of a kickstart file. */
	be("host web comment=\" %end\"");
	fails("a.cfg", "%{comment}", 1, "safely");
	fails("a.ks", "\n%{comment}", 2, "safely");
	be("host web comment=50%");
	says("a.cfg", "%{comment}", "50%");
}

/* In any quotes of the template, a value stays what it is: a value. */
static void
no_value_injects(void **state)
{
	static const char *const names[] = { "a.sh", "a.ks", "a.cfg", "a",
	    "a.ipxe", "a.yaml", "user-data", "a.conf", "loader.rc" };
	static const char *const sources[] = { "%{comment}",
	    "\"%{comment}\"", "'%{comment}'", "x: %{comment}",
	    "cat <<EOF\n%{comment}\nEOF\n", "# don't\nx=%{comment}" };
	static const char *const evil[] = { "$(reboot)", "`reboot`", "a;b",
	    "a|b", "a&b", "a'b", "a\\\"b", "a\\\\", "${x}", "a #b", "{a}",
	    "[a]", "*", "!a", "<a>", "(a)", "?", "~a", "%{name}x{" };
	char line[128];

	(void)state;
	for (size_t i = 0; i < sizeof evil / sizeof evil[0]; i++) {
		snprintf(line, sizeof line, "host web comment=\"%s\"",
		    evil[i]);
		be(line);
		for (size_t k = 0; k < sizeof names / sizeof names[0]; k++)
			for (size_t s = 0; s < sizeof sources /
			    sizeof sources[0]; s++) {
				size_t n;

				if (template_render(names[k], sources[s],
				    strlen(sources[s]), &host, SERVER, text,
				    sizeof text, &n, &err))
					fail_msg("%s: %s: %.*s", names[k],
					    evil[i], (int)n, text);
				assert_non_null(strstr(err.why, "safely"));
			}
	}
	/* What a value says is not looked at again. */
	be("host web comment=%{name}");
	says("a.json", "[%{comment}]", "[\"%{name}\"]");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values),
		cmocka_unit_test(errors),
		cmocka_unit_test(quoted_as_the_kind_needs),
		cmocka_unit_test(no_value_injects),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "../../pxectl/check.h"	/* its fail() is no macro */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

#include "../../pxectl/interface.h"

static const struct {
	const char *line;
	const char *service;	/* NULL: no line of a service */
	bool limited;
} lines[] = {
	{ "tftp dgram udp wait root /usr/local/libexec/tftpd tftpd -l\n",
	    "tftp", false },
	{ "rsync\tstream\ttcp\tnowait\troot\t/x/rsync-shim rsync-shim",
	    "rsync", true },
	{ "rsync stream tcp nowait.100000 root /x/rsync-shim rsync-shim",
	    "rsync", false },
	{ "rsync stream tcp nowait.256 root /x/rsync-shim rsync-shim",
	    "rsync", true },
	{ "rsync stream tcp nowait/0/10 root /x/rsync-shim rsync-shim",
	    "rsync", true },
	{ "#rsync stream tcp nowait root /x/rsync-shim rsync-shim", NULL,
	    false },
	{ "# comment", NULL, false },
	{ "rsync stream tcp", NULL, false },
	{ "", NULL, false },
};

static void
inetd(void **state)
{
	struct check_inetd l;

	(void)state;
	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
		if (lines[i].service == NULL) {
			assert_false(check_inetd_line(lines[i].line, &l));
			continue;
		}
		assert_true(check_inetd_line(lines[i].line, &l));
		assert_string_equal(l.service, lines[i].service);
		assert_int_equal(l.limited, lines[i].limited);
	}
}

static void
inetd_roots(void **state)
{
	static const struct {
		const char *args, *root;
	} rows[] = {
		{ "bootpd", "" }, { "", "" },
		{ "bootpd --root /srv/pxe\n", "/srv/pxe" },
		{ "bootpd -d --root=/srv/pxe/", "/srv/pxe" },
		{ "tftpd -l -s /srv/pxe/tftpboot", "/srv/pxe" },
		{ "tftpd -l -s /srv/pxe/tftpboot//", "/srv/pxe" },
		{ "tftpd -ls /srv/pxe/tftpboot", "/srv/pxe" },
		{ "tftpd -s/srv/pxe/tftpboot -l", "/srv/pxe" },
		{ "tftpd -u services -s /a/tftpboot", "/a" },
		{ "tftpd -s /a/tftpboot --root /b", "/b" },
		{ "tftpd --root /b -s /a/tftpboot", "/b" },
		{ "tftpd --single-port -s /a/tftpboot", "/a" },
		{ "tftpd -s", "" }, { "bootpd --root", "" },
	};
	struct check_inetd l;
	char line[200];

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		snprintf(line, sizeof line, "tftp dgram udp wait root /x %s",
		    rows[i].args);
		assert_true(check_inetd_line(line, &l));
		assert_string_equal(l.root, rows[i].root);
		assert_string_equal(l.user, "root");
	}
}

static void
sockets(void **state)
{
	static const char udp[] = "  217: 00000000:0045 00000000:0000 07 "
	    "00000000:00000000 00:00000000 00000000     0        0 4711 2 "
	    "0000000000000000 0 ";
	static const char tcp6[] = "   0: 00000000000000000000000000000000:"
	    "0369 00000000000000000000000000000000:0000 0A 00000000:00000000 "
	    "00:00000000 00000000     0        0 815 1 0000 100 0 0 10 0";
	static const char connected[] = "   1: 0100007F:0369 0100007F:9C40 01"
	    " 00000000:00000000 00:00000000 00000000     0        0 816 1";
	unsigned long inode;

	(void)state;
	assert_true(check_socket_line(udp, false, 69, &inode));
	assert_int_equal(inode, 4711);
	assert_false(check_socket_line(udp, false, 67, &inode));
	assert_true(check_socket_line(tcp6, true, 873, &inode));
	assert_int_equal(inode, 815);
	assert_false(check_socket_line(connected, true, 873, &inode));
	assert_false(check_socket_line("  sl  local_address rem_address", false,
	    69, &inode));
}

static void
gateways(void **state)
{
	static const char routes[] =
	    "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\n"
	    "eth1\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0\n"
	    "eth0\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n";

	(void)state;
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	assert_int_equal(interface_gateway(routes, "eth1"), 0xc0000201);
#endif
	assert_int_equal(interface_gateway(routes, "eth0"), 0);
	assert_int_equal(interface_gateway(routes, "lo"), 0);
	assert_int_equal(interface_gateway("", "lo"), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(inetd),
		cmocka_unit_test(inetd_roots),
		cmocka_unit_test(sockets),
		cmocka_unit_test(gateways),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

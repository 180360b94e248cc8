#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

#include "../../bootpd/firmware.h"

#define OPTIONS(s) (s), (sizeof(s) - 1)

static uint8_t bytes[600];

/* A DISCOVER with these options behind its message type. */
static void
discover(struct dhcp_packet *p, const char *options, size_t n)
{
	const char *why;

	memset(bytes, 0, sizeof bytes);
	bytes[0] = bytes[1] = 1;
	bytes[2] = 6;
	bytes[28] = 2;
	memcpy(bytes + DHCP_FIXED_SIZE, "\x63\x82\x53\x63\x35\1\1", 7);
	memcpy(bytes + DHCP_FIXED_SIZE + 7, options, n);
	assert_int_equal(dhcp_read(p, bytes, DHCP_FIXED_SIZE + 7 + n, &why),
	    EVENT_OK);
}

static const char *
name_of(const struct firmware *f)
{
	return f != NULL ? f->name : "none";
}

static void
knows_each_by_its_signs(void **state)
{
	static const struct {
		const char *options;
		size_t n;
		const char *name, *arch;
	} rows[] = {
		{ OPTIONS("\x3c\x0aHTTPClient\x5d\2\0\x10"), "http",
		    "efi-x64" },
		{ OPTIONS("\x3c\x20PXEClient:Arch:00007:UNDI:003010"
		    "\x4d\4iPXE"), "ipxe", "efi-x64" },
		{ OPTIONS("\x3c\x20PXEClient:Arch:00007:UNDI:003010"
		    "\x4d\5\4iPXE"), "ipxe", "efi-x64" },
		/* vendors' builds: no user class, but option 175 */
		{ OPTIONS("\x3c\x09PXEClient\x5d\2\0\0\xaf\3\xb0\1\1"),
		    "ipxe", "bios" },
		{ OPTIONS("\x3c\x20PXEClient:Arch:00000:UNDI:002001"
		    "\x5d\2\0\0"), "pxe", "bios" },
		/* several, best first: the best that we know */
		{ OPTIONS("\x3c\x09PXEClient\x5d\4\0\7\0\0"), "pxe",
		    "efi-x64" },
		{ OPTIONS("\x3c\x09PXEClient\x5d\5\1\0\0\7\0"), "pxe",
		    "efi-x64" },
		/* the class has it in decimal; 9 means 7 */
		{ OPTIONS("\x3c\x20PXEClient:Arch:00011:UNDI:003000"), "pxe",
		    "efi-arm64" },
		{ OPTIONS("\x3c\x20PXEClient:Arch:00009:UNDI:003000"), "pxe",
		    "efi-x64" },
		{ OPTIONS("\x3c\x09PXEClient\x5d\2\0\x09"), "pxe",
		    "efi-x64" },
		{ OPTIONS("\x3c\x20PXEClient:Arch:00000:UNDI:002001"
		    "\x5d\2\0\0\x61\x11\0RPi4\0\0\0\0\0\0\0\0\0\0\0\0"),
		    "rpi4", "rpi" },
		/* FreeBSD's loader: stand/libsa/bootp.c */
		{ OPTIONS("\x3c\x09PXEClient\x4d\x08\x07" "FreeBSD"
		    "\x37\x07\x11\x0c\x10\x03\x01\x1a\x36"), "freebsd",
		    NULL },
		{ OPTIONS("\x3c\x20PXEClient:Arch:00010:UNDI:003000"
		    "\x5d\2\0\x0a\x37\5\1\3\6\x0c\x11"), "u-boot",
		    "efi-arm32" },
		/* old ROMs without option 97 */
		{ OPTIONS("\x3c\x20PXEClient:Arch:00000:UNDI:002001"
		    "\x37\x05\1\3\x2b\x3c\x43"), "pxe", "bios" },
		{ OPTIONS("\x3c\x20PXEClient:Arch:00027:UNDI:003000"
		    "\x5d\2\0\x1b"), "pxe", "efi-riscv64" },
		/* InfiniBand's ROM: option 175, a client identifier */
		{ OPTIONS("\x3c\x20PXEClient:Arch:00000:UNDI:002001"
		    "\x5d\2\0\0\x3d\x14\xff\0\0\0\0\0\2\0\0\2\xc9\0"
		    "\2\xc9\3\0\1\2\3\4\xaf\3\xb1\1\1"), "ipxe", "bios" },
		{ OPTIONS("\x3c\x0cU-Boot.armv7\x5d\2\0\x15"), "u-boot",
		    "uboot-arm32" },
		{ OPTIONS("\x37\6\1\3\6\x42\x43\x5d"), "slof", NULL },
		{ OPTIONS("\x37\x08\1\3\6\x42\x43\x5d\xd1\xd2\x5d\2\0\x0c"),
		    "slof", "ppc-of" },
		{ OPTIONS(""), "grub", NULL },
		{ OPTIONS("\x52\5\1\3ge1"), "grub", NULL },
		{ OPTIONS("\x37\x08\1\3\6\x0f\x0c\x11\x12\x3c"), "grub",
		    NULL },
		/* systems */
		{ OPTIONS("\x37\4\1\x1c\2\3\x3c\4test"), "none", NULL },
		{ OPTIONS("\x3c\x08MSFT 5.0"), "none", NULL },
		/* what shares the network: printers, telephones */
		{ OPTIONS("\x3c\x19Hewlett-Packard JetDirect"), "none", NULL },
		{ OPTIONS("\x3c\x28" "Cisco Systems, Inc. IP Phone CP-7911G"
		    "\0\0\0\x37\4\1\x42\6\x96"), "none", NULL },
		{ OPTIONS("\x3c\x0d" "AastraIPPhone\x37\5\1\3\6\x2b\x42"),
		    "none", NULL },
		{ OPTIONS("\x3c\x07yealink\x37\4\1\3\x42\x2b"), "none",
		    NULL },
		/* RFC 3004's user class, counted, is not iPXE's */
		{ OPTIONS("\x4d\5\4iPXE"), "none", NULL },
		/* what looks like an architecture and is none */
		{ OPTIONS("\x3c\x14PXEClient:Arch:0x007"), "pxe", NULL },
		{ OPTIONS("\x3c\x12PXEClient:Arch:000"), "pxe", NULL },
		{ OPTIONS("\x3c\x14PXEClient:Arch:65000"), "pxe", NULL },
		{ OPTIONS("\x3c\x14PXEClient:Arch:99999"), "pxe", NULL },
	};
	struct dhcp_packet p;
	const struct firmware *f;
	const struct arch *a;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		discover(&p, rows[i].options, rows[i].n);
		f = firmware_match(&p);
		if (strcmp(name_of(f), rows[i].name) != 0)
			fail_msg("row %zu is %s", i, name_of(f));
		a = firmware_arch(f, &p);
		if (rows[i].arch == NULL ? a != NULL : a == NULL ||
		    strcmp(a->name, rows[i].arch) != 0)
			fail_msg("row %zu has %s", i,
			    a != NULL ? a->name : "no architecture");
	}
}

/* The first Raspberry Pi with a network boot has nothing but its MAC. */
static void
knows_a_raspberry_pi_by_its_mac(void **state)
{
	static const char *const newer[] = {
		"\xdc\xa6\x32\1\2\3", "\xe4\x5f\x01\1\2\3",
		"\xd8\x3a\xdd\1\2\3", "\x2c\xcf\x67\1\2\3",
	};
	struct dhcp_packet p;

	(void)state;
	discover(&p, OPTIONS("\x3c\x20PXEClient:Arch:00000:UNDI:002001"));
	memcpy(bytes + 28, "\xb8\x27\xeb\1\2\3", 6);
	assert_string_equal(name_of(firmware_match(&p)), "rpi");
	/* a 4 whose UUID is set to the old form */
	for (size_t i = 0; i < sizeof newer / sizeof newer[0]; i++) {
		memcpy(bytes + 28, newer[i], 6);
		assert_string_equal(name_of(firmware_match(&p)), "rpi4");
	}
	/* Linux on it is a system like any other */
	discover(&p, OPTIONS("\x3c\x06" "dhcpcd"));
	memcpy(bytes + 28, "\xb8\x27\xeb\1\2\3", 6);
	assert_string_equal(name_of(firmware_match(&p)), "none");
}

/* IANA's registry of processor architecture types, read from there. */
static void
knows_the_registered_architectures(void **state)
{
	static const struct {
		uint16_t code;
		const char *name;
		bool http;
	} rows[] = {
		{ 0, "bios", false }, { 6, "efi-ia32", false },
		{ 7, "efi-x64", false }, { 9, "efi-x64", false },
		{ 10, "efi-arm32", false }, { 11, "efi-arm64", false },
		{ 15, "efi-ia32", true }, { 16, "efi-x64", true },
		{ 18, "efi-arm32", true }, { 19, "efi-arm64", true },
		{ 20, "bios", true }, { 21, "uboot-arm32", false },
		{ 22, "uboot-arm64", false }, { 25, "efi-riscv32", false },
		{ 27, "efi-riscv64", false }, { 28, "efi-riscv64", true },
		{ 30, "efi-riscv128", true }, { 31, "s390", false },
		{ 32, "s390", false }, { 33, "efi-mips32", false },
		{ 34, "efi-mips64", false }, { 36, "efi-sunway64", false },
		{ 37, "efi-loongarch32", false },
		{ 39, "efi-loongarch64", false },
		{ 40, "efi-loongarch64", true }, { 41, "rpi", false },
	};
	const struct arch *a;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		a = arch_by_code(rows[i].code);
		if (a == NULL || strcmp(a->name, rows[i].name) != 0 ||
		    a->http != rows[i].http)
			fail_msg("%u is %s", rows[i].code,
			    a != NULL ? a->name : "unknown");
		assert_string_equal(arch_by_name(rows[i].name)->name,
		    rows[i].name);
	}
	assert_null(arch_by_code(42));
	assert_null(arch_by_code(8));
}

static void
finds_rows_by_name(void **state)
{
	const struct firmware *f;

	(void)state;
	for (f = firmware_table(); f->name != NULL; f++) {
		assert_string_equal(firmware_by_name(f->name)->name, f->name);
		/* a row without a sign would match everything */
		assert_true(f->vendor_class != NULL ||
		    f->user_class != NULL || f->option != 0 ||
		    f->uuid != NULL || f->mac != NULL || f->list != NULL ||
		    f->bare);
		if (f->arch != NULL)
			assert_non_null(arch_by_name(f->arch));
	}
	assert_null(firmware_by_name("toaster"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(knows_each_by_its_signs),
		cmocka_unit_test(knows_a_raspberry_pi_by_its_mac),
		cmocka_unit_test(knows_the_registered_architectures),
		cmocka_unit_test(finds_rows_by_name),
	};

	return cmocka_run_group_tests_name("bootpd firmware", tests, NULL,
	    NULL);
}

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "bootfile.h"

#define SERVER	0xc0000202u	/* 192.0.2.2 */
#define MAC	"mac=00:02:b3:4c:ed:c8"

static struct host host;
static char text[16384];

static void
be(const char *line)
{
	struct entry_error err;

	memset(&host, 0, sizeof host);
	if (!entry_parse(&host.own, line, strlen(line), &err))
		fail_msg("%s: %s", line, err.why);
	host.layer[0] = &host.own;
	host.layers = 1;
	host.address = 0xc000020au;
	assert_true(identity_parse_mac(&host.mac, "00:02:b3:4c:ed:c8"));
}

static void
says(enum bootfile_kind kind, const char *line, const char *wanted)
{
	size_t n;

	be(line);
	n = bootfile_write(kind, &host, SERVER, 0, text, sizeof text);
	assert_int_equal(n, strlen(wanted));
	assert_string_equal(text, wanted);
}

static void
refuses(enum bootfile_kind kind, const char *line)
{
	be(line);
	assert_int_equal(bootfile_write(kind, &host, SERVER, 0, text,
	    sizeof text), 0);
}

/* address: in hex; identity: as identity_print writes it, "" none. */
static const struct {
	const char *name;
	enum bootfile_kind kind;
	const char *identity;
	uint32_t address;
	bool gz;
} names[] = {
	{ "boot=local", BOOTFILE_MISS, "", 0, false },
	{ "boot.scr.uimg", BOOTFILE_MISS, "", 0, false },
	{ "dtb", BOOTFILE_MISS, "", 0, false },
	{ "dtb/", BOOTFILE_MISS, "", 0, false },
	{ "pxelinux.cfg/default/", BOOTFILE_NONE, "", 0, false },
	{ "d/", BOOTFILE_NONE, "", 0, false },
	{ "dtb/sun8i-h3.dtb", BOOTFILE_MISS, "", 0, false },
	{ "boards/sun8i-h3.dtb", BOOTFILE_NONE, "", 0, false },
	{ "pxelinux.cfg/default", BOOTFILE_PXELINUX, "", 0, false },
	{ "/pxelinux.cfg/default", BOOTFILE_PXELINUX, "", 0, false },
	{ "loaders/pxelinux/pxelinux.cfg/default", BOOTFILE_PXELINUX, "", 0,
	    false },
	{ "a\\pxelinux.cfg\\default", BOOTFILE_PXELINUX, "", 0, false },
	{ "pxelinux.cfg/01-00-02-b3-4c-ed-c8", BOOTFILE_PXELINUX,
	    "00:02:b3:4c:ed:c8", 0, false },
	{ "pxelinux.cfg/01-00-02-B3-4C-ED-C8", BOOTFILE_PXELINUX,
	    "00:02:b3:4c:ed:c8", 0, false },
	{ "pxelinux.cfg/C000020A", BOOTFILE_PXELINUX, "", 0xc000020a, false },
	{ "pxelinux.cfg/c000020a", BOOTFILE_PXELINUX, "", 0xc000020a, false },
	{ "pxelinux.cfg/C000020", BOOTFILE_MISS, "", 0, false },
	{ "pxelinux.cfg/C", BOOTFILE_MISS, "", 0, false },
	{ "pxelinux.cfg/b8945908-d6a6-41a9-611d-74a6ab80b83d",
	    BOOTFILE_PXELINUX, "b8945908-d6a6-41a9-611d-74a6ab80b83d", 0,
	    false },
	{ "pxelinux.cfg/00000000-0000-0000-0000-000000000000",
	    BOOTFILE_MISS, "", 0, false },
	{ "pxelinux.cfg/other.cfg", BOOTFILE_NONE, "", 0, false },
	{ "pxelinux.cfg/", BOOTFILE_NONE, "", 0, false },
	{ "pxelinux.cfg", BOOTFILE_NONE, "", 0, false },
	{ "pxelinux.cfg/x/default", BOOTFILE_NONE, "", 0, false },
	{ "mypxelinux.cfg/default", BOOTFILE_NONE, "", 0, false },
	{ "grub.cfg", BOOTFILE_GRUB, "", 0, false },
	{ "/boot/grub/grub.cfg", BOOTFILE_GRUB, "", 0, false },
	{ "/EFI/x/grub.cfg-01-00-02-b3-4c-ed-c8", BOOTFILE_GRUB,
	    "00:02:b3:4c:ed:c8", 0, false },
	{ "grub.cfg-C000020A", BOOTFILE_GRUB, "", 0xc000020a, false },
	{ "grub.cfg-c000020a", BOOTFILE_GRUB, "", 0xc000020a, false },
	{ "grub.cfg-C000020", BOOTFILE_MISS, "", 0, false },
	{ "grub.cfg-", BOOTFILE_MISS, "", 0, false },
	{ "grub.cfg.old", BOOTFILE_NONE, "", 0, false },
	{ "autoexec.ipxe", BOOTFILE_IPXE, "", 0, false },
	{ "x/boot.ipxe", BOOTFILE_IPXE, "", 0, false },
	{ "192.0.2.10/kernel", BOOTFILE_KERNEL, "", 0xc000020a, false },
	{ "/192.0.2.10/kernel.gz", BOOTFILE_KERNEL, "", 0xc000020a, true },
	{ "192.0.2.10/initrd", BOOTFILE_INITRD, "", 0xc000020a, false },
	{ "192.0.2.10/initrd.gz", BOOTFILE_INITRD, "", 0xc000020a, true },
	{ "192.0.2.10/kernel.bz2", BOOTFILE_MISS, "", 0, false },
	{ "192.0.2.10/kernel.split", BOOTFILE_MISS, "", 0, false },
	{ "192.0.2.10/kernels", BOOTFILE_NONE, "", 0, false },
	{ "boot/loader.rc", BOOTFILE_LOADER_RC, "", 0, false },
	{ "/pxe/boot/loader.rc", BOOTFILE_LOADER_RC, "", 0, false },
	{ "loader.rc", BOOTFILE_NONE, "", 0, false },
	{ "boot/loader.conf", BOOTFILE_LOADER_CONF, "", 0, false },
	{ "boot/defaults/loader.conf", BOOTFILE_NONE, "", 0, false },
	{ "boot/loader.conf.local", BOOTFILE_MISS, "", 0, false },
	{ "boot/device.hints", BOOTFILE_MISS, "", 0, false },
	{ "/etc/boot.conf", BOOTFILE_BOOT_CONF, "", 0, false },
	{ "boot/boot.conf", BOOTFILE_NONE, "", 0, false },
	{ "etc/random.seed", BOOTFILE_MISS, "", 0, false },
	{ "boot.cfg", BOOTFILE_BOOT_CFG, "", 0, false },
	{ "x/boot.cfg", BOOTFILE_BOOT_CFG, "", 0, false },
	{ "config.txt", BOOTFILE_PI_CONFIG, "", 0, false },
	{ "cmdline.txt", BOOTFILE_PI_CMDLINE, "", 0, false },
	{ "12345678/recovery.elf", BOOTFILE_MISS, "", 0, false },
	{ "x/config.txt", BOOTFILE_NONE, "", 0, false },
	{ "0123456789012345678901234567890123456789012345678901234567890123/"
	    "config.txt", BOOTFILE_NONE, "", 0, false },
	{ "config.txt.old", BOOTFILE_NONE, "", 0, false },
	{ "192.0.2/kernel", BOOTFILE_NONE, "", 0, false },
	{ "kernel", BOOTFILE_NONE, "", 0, false },
	{ "boot/revocations.efi", BOOTFILE_MISS, "", 0, false },
	{ "boot/grub/i386-pc/all_video.mod", BOOTFILE_MISS, "", 0, false },
	{ "boot/loader.rc.gz", BOOTFILE_MISS, "", 0, false },
	{ "boot/loader.conf.d", BOOTFILE_MISS, "", 0, false },
	{ "boot/loader.conf.d.split", BOOTFILE_MISS, "", 0, false },
	{ "boot/lua/local.lua.bz2", BOOTFILE_MISS, "", 0, false },
	{ "boot/kernel/linker.hints.gz", BOOTFILE_MISS, "", 0, false },
	{ "boot/.gz", BOOTFILE_NONE, "", 0, false },
	{ "images/root.split", BOOTFILE_NONE, "", 0, false },
	{ "bsd.upgrade", BOOTFILE_MISS, "", 0, false },
	{ "stand/i386/9.3/modules/nfs/nfs.kmod", BOOTFILE_MISS, "", 0, false },
	{ "initrd-64M.gz", BOOTFILE_NONE, "", 0, false },
	{ "vmlinuz", BOOTFILE_NONE, "", 0, false },
	{ "", BOOTFILE_NONE, "", 0, false },
	{ "/", BOOTFILE_NONE, "", 0, false },
};

static void
names_of_loaders(void **state)
{
	struct bootfile_name b;
	char id[IDENTITY_TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		bootfile_parse(names[i].name, &b);
		id[0] = '\0';
		if (b.identity.kind != IDENTITY_NONE)
			identity_print(&b.identity, id, sizeof id);
		if (b.kind != names[i].kind || strcmp(id, names[i].identity)
		    != 0 || b.address != names[i].address ||
		    b.gz != names[i].gz)
			fail_msg("%s: kind %d id %s address %x",
			    names[i].name, b.kind, id, b.address);
	}
	bootfile_parse("pxelinux.cfg/20-80-00-02-08-fe-80-00-00-00-00-00-00-"
	    "f4-52-14-03-00-7b-cb-a1", &b);
	assert_int_equal(b.kind, BOOTFILE_PXELINUX);
	assert_int_equal(b.identity.htype, IDENTITY_HTYPE_INFINIBAND);
	assert_int_equal(b.identity.len, 20);
}

static void
pxelinux(void **state)
{
	(void)state;
	says(BOOTFILE_PXELINUX, "host pxe-test " MAC " kernel=vmlinuz-web "
	    "initrd=initrd-64M.gz cmdline=\"console=ttyS0 quiet\"",
	    "SERIAL 0\n"
	    "# pxe-test\n"
	    "DEFAULT boot\n"
	    "PROMPT 0\n"
	    "LABEL boot\n"
	    "\tLINUX ::vmlinuz-web\n"
	    "\tIPAPPEND 2\n"
	    "\tAPPEND initrd=::initrd-64M.gz console=ttyS0 quiet\n");
	says(BOOTFILE_PXELINUX, "host a " MAC " kernel=/boot/vmlinuz-6.1.0",
	    "# a\nDEFAULT boot\nPROMPT 0\nLABEL boot\n"
	    "\tLINUX ::boot/vmlinuz-6.1.0\n"
	    "\tIPAPPEND 2\n");
	says(BOOTFILE_PXELINUX, "host a " MAC " kernel=k initrd=i,j/%n.gz "
	    "console=ttyS1,115200",
	    "SERIAL 1 115200\n"
	    "# a\nDEFAULT boot\nPROMPT 0\nLABEL boot\n"
	    "\tLINUX ::k\n"
	    "\tIPAPPEND 2\n"
	    "\tAPPEND initrd=::i,::j/a.gz console=ttyS1,115200\n");
	says(BOOTFILE_PXELINUX, "host a " MAC " kernel=mboot.c32 "
	    "cmdline=x", "# a\nDEFAULT boot\nPROMPT 0\nLABEL boot\n"
	    "\tKERNEL ::mboot.c32\n\tIPAPPEND 2\n\tAPPEND x\n");
	says(BOOTFILE_PXELINUX, "host a " MAC " kernel=http://192.0.2.3/k",
	    "# a\nDEFAULT boot\nPROMPT 0\nLABEL boot\n"
	    "\tLINUX http://192.0.2.3/k\n\tIPAPPEND 2\n");
	/* Once is enough. */
	says(BOOTFILE_PXELINUX, "host a " MAC " kernel=k console=ttyS0,9600 "
	    "cmdline=\"console=ttyS0,9600n8 x\"",
	    "SERIAL 0 9600\n"
	    "# a\nDEFAULT boot\nPROMPT 0\nLABEL boot\n"
	    "\tLINUX ::k\n\tIPAPPEND 2\n"
	    "\tAPPEND console=ttyS0,9600n8 x\n");
}

static void
grub(void **state)
{
	(void)state;
	says(BOOTFILE_GRUB, "host pxe-test " MAC " kernel=vmlinuz-web "
	    "initrd=a.gz,b.gz cmdline=\"console=ttyS0 quiet\"",
	    "# pxe-test\n"
	    "linux '(tftp,192.0.2.2)/vmlinuz-web' 'console=ttyS0' 'quiet' "
	    "BOOTIF=01-00-02-b3-4c-ed-c8\n"
	    "initrd '(tftp,192.0.2.2)/a.gz' '(tftp,192.0.2.2)/b.gz'\n"
	    "boot\n");
	says(BOOTFILE_GRUB, "host a " MAC " kernel=http://192.0.2.3:80/x/k "
	    "next-server=192.0.2.9 initrd=i",
	    "# a\n"
	    "linux '(http,192.0.2.3:80)/x/k' BOOTIF=01-00-02-b3-4c-ed-c8\n"
	    "initrd '(tftp,192.0.2.9)/i'\n"
	    "boot\n");
}

static void
ipxe(void **state)
{
	(void)state;
	says(BOOTFILE_IPXE, "host pxe-test " MAC " kernel=vmlinuz-web "
	    "initrd=a.gz,b.gz cmdline=\"console=ttyS0  quiet\"",
	    "#!ipxe\n"
	    "# pxe-test\n"
	    "kernel tftp://192.0.2.2/vmlinuz-web initrd=initrd0 "
	    "initrd=initrd1 console=ttyS0 quiet "
	    "BOOTIF=01-${netX/mac:hexhyp}\n"
	    "initrd --name initrd0 tftp://192.0.2.2/a.gz\n"
	    "initrd --name initrd1 tftp://192.0.2.2/b.gz\n"
	    "boot\n");
	says(BOOTFILE_IPXE, "host a " MAC " kernel=http://192.0.2.3/k?x=1",
	    "#!ipxe\n# a\n"
	    "kernel http://192.0.2.3/k?x=1 BOOTIF=01-${netX/mac:hexhyp}\n"
	    "boot\n");
}

static void
freebsd(void **state)
{
	(void)state;
	/* The seed of it all, and what follows once it ran. */
	says(BOOTFILE_LOADER_RC, "host pxe-test " MAC " loader=pxeboot "
	    "kernel=k initrd=i.gz",
	    "echo pxe-test\n"
	    "set vfs.root.mountfrom=\"ufs:/dev/md0c\"\n"
	    "echo Loading kernel...\n"
	    "load ${boot.netif.ip}/kernel\n"
	    "echo Loading root filesystem...\n"
	    "load -t mfs_root ${boot.netif.ip}/initrd\n"
	    "echo Booting...\n"
	    "boot\n");
	says(BOOTFILE_LOADER_RC, "host a " MAC " loader=pxeboot kernel=k "
	    "cmdline=\"-s kern.ipc.nmbclusters=4096 quiet -v "
	    "vfs.root.mountfrom=nfs:\" console=ttyS1,115200",
	    "echo a\n"
	    "set comconsole_speed=\"115200\"\n"
	    "set comconsole_port=\"0x2F8\"\n"
	    "set console=\"comconsole\"\n"
	    "set kern.ipc.nmbclusters=\"4096\"\n"
	    "set vfs.root.mountfrom=\"nfs:\"\n"
	    "echo Loading kernel...\n"
	    "load ${boot.netif.ip}/kernel\n"
	    "echo Booting...\n"
	    "boot -sv\n");
	says(BOOTFILE_LOADER_CONF, "host a " MAC " loader=pxeboot kernel=k "
	    "initrd=i.gz cmdline=\"-v a.b=\\\"x y\\\"\"",
	    "# a\n"
	    "autoboot_delay=\"-1\"\n"
	    "beastie_disable=\"YES\"\n"
	    "a.b=\"x y\"\n"
	    "vfs.root.mountfrom=\"ufs:/dev/md0\"\n"
	    "boot_verbose=\"YES\"\n"
	    "bootfile=\"/192.0.2.10/kernel\"\n"
	    "mfsroot_load=\"YES\"\n"
	    "mfsroot_type=\"mfs_root\"\n"
	    "mfsroot_name=\"/192.0.2.10/initrd\"\n");
	refuses(BOOTFILE_LOADER_RC, "host a " MAC " kernel=k");
	refuses(BOOTFILE_LOADER_CONF, "host a " MAC " loader=grub kernel=k");
}

static void
openbsd(void **state)
{
	(void)state;
	says(BOOTFILE_BOOT_CONF, "host a " MAC " loader=openbsd "
	    "kernel=bsd.rd console=ttyS0,19200 cmdline=\"-s x=y\"",
	    "# a\n"
	    "stty com0 19200\n"
	    "set tty com0\n"
	    "set image 192.0.2.10/kernel\n"
	    "boot -s\n");
	refuses(BOOTFILE_BOOT_CONF, "host a " MAC " loader=netbsd kernel=k");
	/* A flag it does not know: "howto: bad option", and it waits. */
	says(BOOTFILE_BOOT_CONF, "host a " MAC " loader=openbsd kernel=bsd "
	    "cmdline=\"-v -abcdds -z\"",
	    "# a\n"
	    "set image 192.0.2.10/kernel\n"
	    "boot -acds\n");
	says(BOOTFILE_BOOT_CONF, "host a " MAC " loader=openbsd kernel=bsd "
	    "cmdline=-v",
	    "# a\n"
	    "set image 192.0.2.10/kernel\n"
	    "boot\n");
}

static void
netbsd(void **state)
{
	(void)state;
	says(BOOTFILE_BOOT_CFG, "host a " MAC " loader=netbsd kernel=netbsd "
	    "console=ttyS1 initrd=md.fs cmdline=-z",
	    "banner=a\n"
	    "consdev=com1\n"
	    "menu=Network:fs tftp:/192.0.2.10/initrd;boot "
	    "tftp:192.0.2.10/kernel -z\n"
	    "timeout=0\n");
	refuses(BOOTFILE_BOOT_CFG, "host a " MAC " kernel=k");
	/* A consdev= with a speed older versions pass over altogether. */
	says(BOOTFILE_BOOT_CFG, "host a " MAC " loader=netbsd kernel=netbsd "
	    "console=ttyS0,115200",
	    "banner=a\n"
	    "consdev=com0\n"
	    "menu=Network:consdev com0,115200;boot tftp:192.0.2.10/kernel\n"
	    "timeout=0\n");
	/*
	 * A flag it does not know ends the command, and with timeout=0 that
	 * begins again at once; each command has 79 bytes.
	 */
	says(BOOTFILE_BOOT_CFG, "host a " MAC " loader=netbsd kernel=netbsd "
	    "cmdline=\"-Dvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvv "
	    "-abcdmqsvxz -h\"",
	    "banner=a\n"
	    "menu=Network:boot tftp:192.0.2.10/kernel -vabcdmqsxz\n"
	    "timeout=0\n");
}

static void
raspberry_pi(void **state)
{
	char line[256];

	(void)state;
	says(BOOTFILE_PI_CONFIG, "host a " MAC " serial=1234abcd "
	    "kernel=/pi/kernel8.img initrd=pi/i,/pi/j "
	    "console=ttyS0,115200",
	    "# a\n"
	    "kernel=pi/kernel8.img\n"
	    "initramfs pi/i,pi/j followkernel\n"
	    "enable_uart=1\n");
	says(BOOTFILE_PI_CMDLINE, "host a " MAC " serial=1234abcd kernel=k "
	    "cmdline=\"quiet root=/dev/ram0\"",
	    "quiet root=/dev/ram0 BOOTIF=01-00-02-b3-4c-ed-c8\n");
	says(BOOTFILE_PI_CMDLINE, "host a " MAC " serial=1234abcd kernel=k",
	    "BOOTIF=01-00-02-b3-4c-ed-c8\n");
	refuses(BOOTFILE_PI_CONFIG, "host a " MAC " kernel=k");
	refuses(BOOTFILE_PI_CONFIG, "host a " MAC " serial=1 boot=local "
	    "kernel=k");
	refuses(BOOTFILE_PI_CONFIG, "host a " MAC " serial=1 "
	    "kernel=http://192.0.2.2/k");
	/* What the firmware would cut is not written. */
	snprintf(line, sizeof line, "host a " MAC " serial=1 kernel=%091d",
	    1);
	be(line);
	assert_true(bootfile_write(BOOTFILE_PI_CONFIG, &host, SERVER, 0, text,
	    sizeof text) > 0);
	snprintf(line, sizeof line, "host a " MAC " serial=1 kernel=%092d",
	    1);
	refuses(BOOTFILE_PI_CONFIG, line);
}

/* One byte too many for a kernel, with what pxelinux adds: told. */
static void
long_command_lines(void **state)
{
	char line[4096];
	size_t n = BOOTFILE_CMDLINE_MAX -
	    strlen("BOOT_IMAGE=/ k BOOTIF=01-00-02-b3-4c-ed-c8initrd=:: ");

	(void)state;
	snprintf(line, sizeof line, "host a " MAC " kernel=k cmdline=%0*d",
	    (int)n, 1);
	be(line);
	assert_int_equal(bootfile_cut(BOOTFILE_PXELINUX, &host), 0);
	snprintf(line, sizeof line, "host a " MAC " kernel=k cmdline=%0*d",
	    (int)n + 1, 1);
	be(line);
	assert_int_equal(bootfile_cut(BOOTFILE_PXELINUX, &host), 1);
	assert_int_equal(bootfile_cut(BOOTFILE_BOOT_CONF, &host), 0);
}

/* What was asked by HTTP says where the rest is by HTTP. */
static void
by_http(void **state)
{
	(void)state;
	be("host a " MAC " kernel=k initrd=/i,http://192.0.2.9/j");
	assert_true(bootfile_write(BOOTFILE_GRUB, &host, SERVER, 80, text,
	    sizeof text) > 0);
	assert_string_equal(text, "# a\nlinux '(http,192.0.2.2)/k' "
	    "BOOTIF=01-00-02-b3-4c-ed-c8\ninitrd '(http,192.0.2.2)/i' "
	    "'(http,192.0.2.9)/j'\nboot\n");
	assert_true(bootfile_write(BOOTFILE_IPXE, &host, SERVER, 8080, text,
	    sizeof text) > 0);
	assert_string_equal(text, "#!ipxe\n# a\n"
	    "kernel http://192.0.2.2:8080/k initrd=initrd0 initrd=initrd1 "
	    "BOOTIF=01-${netX/mac:hexhyp}\n"
	    "initrd --name initrd0 http://192.0.2.2:8080/i\n"
	    "initrd --name initrd1 http://192.0.2.9/j\nboot\n");
	be("host a " MAC " kernel=k next-server=192.0.2.7");
	assert_true(bootfile_write(BOOTFILE_IPXE, &host, SERVER, 80, text,
	    sizeof text) > 0);
	assert_non_null(strstr(text, "kernel http://192.0.2.7/k "));
	/* The same words as ever for those who know no HTTP. */
	assert_true(bootfile_write(BOOTFILE_PXELINUX, &host, SERVER, 80, text,
	    sizeof text) > 0);
	assert_non_null(strstr(text, "\tLINUX ::k\n"));
}

/* With UEFI always; with a BIOS, bios: or else it leaves. */
static void
grub_looks_for_the_disk(const char *local, bool bios)
{
	const char *parts, *search;
	char line[128];

	snprintf(line, sizeof line, "host a " MAC " boot=local local=%s",
	    local);
	be(line);
	assert_true(bootfile_write(BOOTFILE_GRUB, &host, SERVER, 0, text,
	    sizeof text) > 0);
	parts = strstr(text, "insmod part_gpt\n\tinsmod part_msdos\n");
	search = strstr(text, "search ");
	assert_true(parts != NULL && search != NULL && parts < search);
	assert_non_null(strstr(text, " BOOT/BOOT$cpu.EFI; do\n"));
	assert_non_null(strstr(text, "chainloader \"/EFI/$name\"\n"));
	assert_int_equal(strstr(text, "chainloader +1\n") != NULL, bios);
	assert_string_equal(text + strlen(text) - 10, "fi\nexit 1\n");
}

static void
local_boot(void **state)
{
	(void)state;
	says(BOOTFILE_PXELINUX, "host a " MAC " boot=local",
	    "# a\nDEFAULT boot\nPROMPT 0\nLABEL boot\n\tLOCALBOOT 0\n");
	says(BOOTFILE_PXELINUX, "host a " MAC " kernel=k boot=local "
	    "local=none",
	    "# a\nDEFAULT boot\nPROMPT 0\nLABEL boot\n\tLOCALBOOT -1\n");
	says(BOOTFILE_GRUB, "host a " MAC " boot=local local=none",
	    "# a\nexit 1\n");
	/* Plain exit is UEFI's set-up. */
	says(BOOTFILE_IPXE, "host a " MAC " boot=local",
	    "#!ipxe\n# a\nexit 1\n");
	says(BOOTFILE_IPXE, "host a " MAC " boot=local local=sanboot",
	    "#!ipxe\n# a\nsanboot --no-describe --drive 0x80 || exit 1\n");
	grub_looks_for_the_disk("exit", false);
	grub_looks_for_the_disk("sanboot", false);
	grub_looks_for_the_disk("grub-scan", true);
	says(BOOTFILE_LOADER_RC, "host a " MAC " boot=local loader=pxeboot",
	    "echo a\nchain disk0:\n");
	says(BOOTFILE_LOADER_RC, "host a " MAC " boot=local local=none "
	    "loader=pxeboot", "echo a\nset autoboot_delay=\"NO\"\n");
	says(BOOTFILE_LOADER_CONF, "host a " MAC " boot=local "
	    "loader=pxeboot",
	    "# a\nexec=\"chain disk0:\"\nexec=\"quit\"\n");
	says(BOOTFILE_LOADER_CONF, "host a " MAC " boot=local local=none "
	    "loader=pxeboot", "# a\nautoboot_delay=\"NO\"\n");
	says(BOOTFILE_BOOT_CONF, "host a " MAC " boot=local loader=openbsd",
	    "# a\nboot hd0a:/bsd\n");
	says(BOOTFILE_BOOT_CONF, "host a " MAC " boot=local local=none "
	    "loader=openbsd", "# a\nset timeout 0\n");
	says(BOOTFILE_BOOT_CFG, "host a " MAC " boot=local loader=netbsd",
	    "banner=a\nmenu=Disk:boot hd0a:netbsd\ntimeout=0\n");
	says(BOOTFILE_BOOT_CFG, "host a " MAC " boot=local local=none "
	    "loader=netbsd", "banner=a\nmenu=Prompt:prompt\ntimeout=-1\n");
}

static void
nothing_to_boot(void **state)
{
	(void)state;
	refuses(BOOTFILE_PXELINUX, "host a " MAC);
	refuses(BOOTFILE_GRUB, "host a " MAC " initrd=i");
	refuses(BOOTFILE_IPXE, "host a " MAC " kernel= boot=net");
	refuses(BOOTFILE_KERNEL, "host a " MAC " kernel=k");
	refuses(BOOTFILE_NONE, "host a " MAC " kernel=k");
	refuses(BOOTFILE_MISS, "host a " MAC " kernel=k");
}

/* Whatever does not fit gives nothing, not a half, at every size. */
static void
no_half_a_file(void **state)
{
	static const char *const loaders[] = { "pxeboot", "openbsd",
	    "netbsd" };
	struct entry_error err;
	size_t n, whole;

	(void)state;
	for (int kind = BOOTFILE_PXELINUX; kind <= BOOTFILE_PI_CMDLINE;
	    kind++) {
		be("host a " MAC " kernel=k initrd=i,j cmdline=\"a b\" "
		    "serial=1");
		for (size_t i = 0; i < 3 && !bootfile_is_for(
		    (enum bootfile_kind)kind, &host); i++)
			assert_true(entry_set(&host.own, "loader", loaders[i],
			    &err));
		whole = bootfile_write((enum bootfile_kind)kind, &host,
		    SERVER, 0, text, sizeof text);
		assert_true(whole > 0);
		for (n = 0; n <= whole; n++)
			assert_int_equal(bootfile_write((enum bootfile_kind)
			    kind, &host, SERVER, 0, text, n), 0);
		assert_int_equal(bootfile_write((enum bootfile_kind)kind,
		    &host, SERVER, 0, text, whole + 1), whole);
	}
}

/* How many lines begin with this word? */
static unsigned
lines_of(const char *word)
{
	const char *s = text;
	unsigned n = 0;

	for (;;) {
		s += strspn(s, " \t");
		if (strncmp(s, word, strlen(word)) == 0)
			n++;
		if ((s = strchr(s, '\n')) == NULL)
			return n;
		s++;
	}
}

/* What an attribute says stays one argument, whatever is in it. */
static void
no_value_injects(void **state)
{
	static const char *const evil[] = {
		"a; reboot", "a' ; reboot; '", "a\\\" ; reboot \\\"",
		"$(reboot)", "${reboot}x", "a || reboot", "a && reboot",
		"a # b", "{ reboot }",
		"\\\\", "a\\\\", "`reboot`", "a | b > c", "' '", "'", "''",
		"--- initrd=/x", "!a", "a;b", "$root", "%%{x}",
	};
	char line[256];

	(void)state;
	for (size_t i = 0; i < sizeof evil / sizeof evil[0]; i++) {
		snprintf(line, sizeof line, "host a " MAC
		    " kernel=k initrd=i cmdline=\"x %s y\"", evil[i]);
		be(line);
		/* pxelinux: one APPEND to the end of its line. */
		assert_true(bootfile_write(BOOTFILE_PXELINUX, &host, SERVER, 0,
		    text, sizeof text) > 0);
		assert_int_equal(lines_of("APPEND initrd=::i x "), 1);
		assert_int_equal(lines_of(""), 8);
		/* GRUB: outside of single quotes nothing but our own. */
		assert_true(bootfile_write(BOOTFILE_GRUB, &host, SERVER, 0,
		    text, sizeof text) > 0);
		for (char *s = strstr(text, "linux "), *end = strchr(s, '\n');
		    s < end; s++) {
			if (*s == '\'')
				s = strchr(s + 1, '\'');
			else if (*s == '\\') {
				assert_int_equal(s[1], '\'');
				s++;
			} else
				assert_null(strchr("\"$;&|{}()<>`#", *s));
		}
		assert_int_equal(lines_of(""), 5);
		/* iPXE: words, none of which ends the command. */
		if (strstr(evil[i], "${") != NULL) {
			refuses(BOOTFILE_IPXE, line);
			continue;
		}
		assert_true(bootfile_write(BOOTFILE_IPXE, &host, SERVER, 0,
		    text, sizeof text) > 0);
		assert_null(strstr(text, " || "));
		assert_null(strstr(text, " && "));
		assert_null(strstr(text, " #"));
		assert_int_equal(lines_of(""), 6);
		assert_null(strstr(text, "\\\n"));
	}
	/* In names of files, too. */
	says(BOOTFILE_IPXE, "host a " MAC " kernel=${k}#&|;",
	    "#!ipxe\n# a\nkernel tftp://192.0.2.2/%24%7Bk%7D%23%26%7C%3B "
	    "BOOTIF=01-${netX/mac:hexhyp}\nboot\n");
	says(BOOTFILE_GRUB, "host a " MAC " kernel=k';reboot;'",
	    "# a\nlinux '(tftp,192.0.2.2)/k'\\'';reboot;'\\''' "
	    "BOOTIF=01-00-02-b3-4c-ed-c8\nboot\n");
}

/*
 * What the BSDs and a Raspberry Pi make of the same: what is a variable or
 * a flag stands in quotes, what cannot be quoted gives no file.
 */
static void
no_value_injects_there(void **state)
{
	static const char *const evil[] = {
		"a=b\\\" exec=\\\"x", "a=$x", "a=${x}", "a=b'c", "a=`x`",
		"a=b\\\\", "a\nexec=x=y",
		"exec=\\\"reboot\\\"", "if_em_load=YES",
		"x_before=reboot", "a;reboot=1", "=x", "a'b=c", "-s;reboot",
		"-s\\\"", "--x=y", "a\\=b", "1=2",
	};
	static const char *const fine[] = {
		"a=b;reboot", "a=b#c", "a=|c", "-s", "x", "menu=x:y",
		"banner=x", "loader_color=NO", "a=b\\\"c\\\"",
	};
	static const char *const unquotable[] = { "$x", "${x}", "$(x)", "b'c",
	    "`x`", "b\\\\", "b\\\\c", NULL };
	static const struct {
		enum bootfile_kind kind;
		const char *loader;
	} kinds[] = {
		{ BOOTFILE_LOADER_RC, "pxeboot" },
		{ BOOTFILE_LOADER_CONF, "pxeboot" },
		{ BOOTFILE_BOOT_CONF, "openbsd" },
		{ BOOTFILE_BOOT_CFG, "netbsd" },
	};
	char line[512];
	unsigned plain;
	size_t i, k;

	(void)state;
	for (k = 0; k < sizeof kinds / sizeof kinds[0]; k++) {
		snprintf(line, sizeof line, "host a " MAC " kernel=k "
		    "loader=%s cmdline=a=b", kinds[k].loader);
		be(line);
		assert_true(bootfile_write(kinds[k].kind, &host, SERVER, 0,
		    text, sizeof text) > 0);
		plain = lines_of("");
		for (i = 0; i < sizeof evil / sizeof evil[0]; i++) {
			struct entry_error err;

			snprintf(line, sizeof line, "host a " MAC " kernel=k "
			    "loader=%s cmdline=\"%s\"", kinds[k].loader,
			    evil[i]);
			if (!entry_parse(&host.own, line, strlen(line), &err))
				continue;	/* a control character */
			be(line);
			if (bootfile_write(kinds[k].kind, &host, SERVER, 0,
			    text, sizeof text) == 0)
				continue;
			if (lines_of("") > plain || lines_of("exec") > 0 ||
			    lines_of("reboot") > 0 ||
			    strstr(text, "boot -s;") != NULL)
				fail_msg("%s: %s", evil[i], text);
		}
		for (i = 0; i < sizeof fine / sizeof fine[0]; i++) {
			snprintf(line, sizeof line, "host a " MAC " kernel=k "
			    "loader=%s cmdline=\"%s\"", kinds[k].loader,
			    fine[i]);
			be(line);
			assert_true(bootfile_write(kinds[k].kind, &host,
			    SERVER, 0, text, sizeof text) > 0);
			assert_true(lines_of("") <= plain);
			assert_int_equal(lines_of("reboot"), 0);
			assert_int_equal(lines_of("menu=x"), 0);
			assert_int_equal(lines_of("banner=x"), 0);
		}
	}
	/* What those loaders would read something into, in any quotes. */
	for (const char *const *v = unquotable; *v != NULL; v++) {
		snprintf(line, sizeof line, "host a " MAC " loader=pxeboot "
		    "kernel=k cmdline=\"a=%s\"", *v);
		refuses(BOOTFILE_LOADER_RC, line);
		refuses(BOOTFILE_LOADER_CONF, line);
	}
	refuses(BOOTFILE_LOADER_CONF, "host a " MAC " loader=pxeboot "
	    "kernel=k cmdline=exec=reboot");
	refuses(BOOTFILE_LOADER_CONF, "host a " MAC " loader=pxeboot "
	    "kernel=k cmdline=x_load=YES");
	refuses(BOOTFILE_LOADER_CONF, "host a " MAC " loader=pxeboot "
	    "kernel=k cmdline=loader_conf_dirs=/x");
	refuses(BOOTFILE_LOADER_CONF, "host a " MAC " loader=pxeboot "
	    "kernel=k cmdline=product_vars=kernel");
	/* A line that the loader's buffer cuts would be two. */
	snprintf(line, sizeof line, "host a " MAC " loader=openbsd kernel=k "
	    "cmdline=-%0129d", 1);
	refuses(BOOTFILE_BOOT_CONF, line);
	snprintf(line, sizeof line, "host a " MAC " loader=pxeboot kernel=k "
	    "cmdline=a=%0247d", 1);
	refuses(BOOTFILE_LOADER_RC, line);
	/* Blanks and quotes cannot be in the name of a file. */
	says(BOOTFILE_PI_CONFIG, "host a " MAC " serial=1 kernel=k#[all];$x",
	    "# a\nkernel=k#[all];$x\n");
	says(BOOTFILE_PI_CMDLINE, "host a " MAC " serial=1 kernel=k "
	    "cmdline=\"a; # $x\"",
	    "a; # $x BOOTIF=01-00-02-b3-4c-ed-c8\n");
}

/* The kernel's own quotes: to GRUB one word, which it quotes again. */
static void
quoted_words(void **state)
{
	(void)state;
	says(BOOTFILE_GRUB, "host a " MAC " kernel=k "
	    "cmdline=\"dyndbg=\\\"file a +p\\\" b\"",
	    "# a\nlinux '(tftp,192.0.2.2)/k' 'dyndbg=file a +p' 'b' "
	    "BOOTIF=01-00-02-b3-4c-ed-c8\nboot\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_of_loaders),
		cmocka_unit_test(pxelinux),
		cmocka_unit_test(grub),
		cmocka_unit_test(ipxe),
		cmocka_unit_test(freebsd),
		cmocka_unit_test(openbsd),
		cmocka_unit_test(netbsd),
		cmocka_unit_test(raspberry_pi),
		cmocka_unit_test(long_command_lines),
		cmocka_unit_test(by_http),
		cmocka_unit_test(local_boot),
		cmocka_unit_test(nothing_to_boot),
		cmocka_unit_test(no_half_a_file),
		cmocka_unit_test(no_value_injects),
		cmocka_unit_test(no_value_injects_there),
		cmocka_unit_test(quoted_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

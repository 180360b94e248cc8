/*
 * Packets of real clients, one file each: what each must get once it is
 * registered, and why.  A few lie in tests/data/packets; the others, in
 * ../shared/captures beside the checkout, are skipped where they are not.
 */
#include <arpa/inet.h>
#include <dirent.h>
#include <libgen.h>
#include <limits.h>
#include <stdlib.h>

#include "bootpd_test.h"

#define NO_FILE		""
#define PXELINUX	"loaders/pxelinux/pxelinux.0"
#define PXELINUX_X64	"loaders/pxelinux/efi64/syslinux.efi"
#define URL_X64	\
	"http://192.0.2.2/loaders/pxelinux/efi64/syslinux.efi"

struct row {
	const char *name;
	const char *address;	/* the host's; NULL: 192.0.2.10 */
	const char *server;	/* ours; NULL: 192.0.2.2 */
	const char *firmware;	/* the row of firmware.c, NULL: none */
	const char *file;	/* what boot file it is told */
	uint8_t type;		/* of the reply */
	enum answer_to to;
	enum event_stage stage;
	enum event_reason reason;
	const char *why;
};

/* What comes back, in short. */
#define OFFER	DHCP_OFFER, ANSWER_LINK, EVENT_ASKED, EVENT_OK
#define OFFER_B	DHCP_OFFER, ANSWER_BROADCAST, EVENT_ASKED, EVENT_OK
#define OFFER_R	DHCP_OFFER, ANSWER_ADDRESS, EVENT_ASKED, EVENT_OK
#define NO_BOOT	EVENT_ASKED, EVENT_NO_BOOT_FILE
#define ACK	DHCP_ACK, ANSWER_LINK, EVENT_LEASE, EVENT_OK
#define ACK_A	DHCP_ACK, ANSWER_ADDRESS, EVENT_LEASE, EVENT_OK
#define ACK_F	DHCP_ACK, ANSWER_LINK, EVENT_ADDRESS, EVENT_OK
#define ACK_FB	DHCP_ACK, ANSWER_BROADCAST, EVENT_ADDRESS, EVENT_OK
#define ACK_FA	DHCP_ACK, ANSWER_ADDRESS, EVENT_ADDRESS, EVENT_OK
#define INFORM	DHCP_ACK, ANSWER_ADDRESS, EVENT_ASKED, EVENT_OK
#define BOOTP	DHCP_BOOTP, ANSWER_LINK, EVENT_ADDRESS, EVENT_OK
#define BOOTP_A	DHCP_BOOTP, ANSWER_ADDRESS, EVENT_ADDRESS, EVENT_OK
#define NAK	DHCP_NAK, ANSWER_BROADCAST, EVENT_SILENCE, EVENT_WRONG_ADDRESS
#define NOTHING(stage, reason)	0, ANSWER_NOWHERE, (stage), (reason)

static const struct row rows[] = {
	{ "amd-mini-pc-http-discover", NULL, NULL, "http", URL_X64, OFFER_B,
	    "HTTPClient back, a URL; its UUID is the maker's, no identity" },
	{ "android-dhcpcd-request", "172.16.42.216", "172.16.42.1", NULL,
	    PXELINUX, ACK, "INIT-REBOOT for its own address" },
	{ "android9-discover", NULL, NULL, NULL, PXELINUX, OFFER,
	    "286 bytes are enough" },
	{ "arista-ztp-discover", NULL, NULL, NULL, PXELINUX, OFFER,
	    "by its MAC, though the client identifier is another" },
	{ "bootagent-asrock-bootserver-4011", "192.168.16.12",
	    "192.168.16.10", "pxe", PXELINUX, ACK_FA,
	    "boot server request: to the port it came from, item 71 back" },
	{ "bootagent-asrock-discover", NULL, NULL, "pxe", PXELINUX, OFFER_B,
	    "up to 1260 bytes; its UUID is the maker's" },
	{ "bootagent-asrock-request", "192.168.16.12", "192.168.16.1", "pxe",
	    PXELINUX, ACK_FB, "SELECTING, options in any order" },
	{ "bootagent-hyperv-discover", NULL, NULL, "pxe", PXELINUX, OFFER_B,
	    "a PXE ROM" },
	{ "bootagent-sun-discover", NULL, NULL, "pxe", PXELINUX, OFFER_B,
	    "a PXE ROM" },
	{ "bootptest-bootp", "192.0.2.77", NULL, NULL, PXELINUX, BOOTP_A,
	    "no hardware address, ciaddr 127.0.0.1: by where it came from" },
	{ "cisco-ios-request", "192.168.0.3", "192.168.0.1", NULL, PXELINUX,
	    ACK_A, "RENEWING" },
	{ "dhclient-initreboot-wrong-network", NULL, NULL, NULL, NO_FILE, NAK,
	    "INIT-REBOOT on another network: NAK by broadcast" },
	{ "dhclient-option150-discover", NULL, NULL, NULL, PXELINUX, OFFER,
	    "a system" },
	{ "dhclient-rsync-path-discover", NULL, NULL, NULL, PXELINUX, OFFER,
	    "option 194 asked for and given" },
	{ "dhclient-userclass-rfc3004-discover", NULL, NULL, NULL, PXELINUX,
	    OFFER, "a counted user class is not iPXE's" },
	{ "dhcpcd-raspbian-discover", NULL, NULL, NULL, PXELINUX, OFFER,
	    "secs 6325 means nothing" },
	{ "dhcpcd9-discover", NULL, NULL, NULL, PXELINUX, OFFER,
	    "the MAC beats a DUID; rapid commit is not ours" },
	{ "dhcpcd9-request", "192.0.2.101", "192.0.2.1", NULL, PXELINUX, ACK,
	    "option 50 before 53" },
	{ "dhcping-inform", NULL, NULL, NULL, PXELINUX, INFORM,
	    "247 bytes; no lease, no yiaddr" },
	{ "edk2-arm32-http-discover", NULL, NULL, "http", NO_FILE,
	    DHCP_OFFER, ANSWER_BROADCAST, NO_BOOT,
	    "pxelinux has nothing for it, and the event says so" },
	{ "edk2-arm64-http-discover-refuses-offer", NULL, NULL, "http",
	    NO_FILE, DHCP_OFFER, ANSWER_BROADCAST, NO_BOOT,
	    "the same; HTTPClient goes back all the same" },
	{ "edk2-arm64-pxe-discover", NULL, NULL, "pxe", NO_FILE,
	    DHCP_OFFER, ANSWER_BROADCAST, NO_BOOT, "the same by TFTP" },
	{ "edk2-x64-bootserver-4011", "192.0.2.190", "192.0.2.1", "pxe",
	    PXELINUX_X64, ACK_FA, "43 before 53; answered at port 4011" },
	{ "edk2-x64-http-discover", NULL, NULL, "http", URL_X64, OFFER_B,
	    "an offer without HTTPClient would be ignored" },
	{ "edk2-x64-pxe-discover", NULL, NULL, "pxe", PXELINUX_X64, OFFER_B,
	    "boot file by architecture" },
	{ "edk2-x64-pxe-discover-refuses-offer", NULL, NULL, "pxe",
	    PXELINUX_X64, OFFER_B, "with a boot file it is taken" },
	{ "edk2-x64-pxe-request", "192.0.2.187", "192.0.2.1", "pxe",
	    PXELINUX_X64, ACK_FB, "claims to take 65280 bytes" },
	{ "flood-tool-discover", NULL, NULL, "grub", PXELINUX, OFFER,
	    "odd, but whole: reserved flags do not come back" },
	{ "freebsd-dhclient-discover", NULL, NULL, NULL, PXELINUX, OFFER,
	    "a system" },
	{ "genexis-hmc-discover", NULL, NULL, NULL, PXELINUX, OFFER_B,
	    "a gateway" },
	{ "grandstream-discover", NULL, NULL, NULL, PXELINUX, OFFER,
	    "option 50 of 0.0.0.0 is none" },
	{ "grub-pc-discover", NULL, NULL, "grub", PXELINUX, OFFER,
	    "asks for nothing and needs mask and router" },
	{ "grub-pc-request", "192.0.2.165", "192.0.2.1", "grub", PXELINUX,
	    ACK_F, "known by its list" },
	{ "iphone-discover", NULL, NULL, NULL, PXELINUX, OFFER,
	    "the lease time is ours to say" },
	{ "ipxe-bios-e1000-discover", NULL, NULL, "ipxe", PXELINUX, OFFER,
	    "175.176 and no PXEClient" },
	{ "ipxe-bios-e1000-request", "192.0.2.154", "192.0.2.1", "ipxe",
	    PXELINUX, ACK_F, "54 and 50 at the end" },
	{ "ipxe-bootserver-4011", "192.0.2.166", "192.0.2.1", "ipxe",
	    PXELINUX, ACK_FA, "boot server request from port 68" },
	{ "ipxe-bootserver-broadcast", "192.0.2.166", "192.0.2.1", "ipxe",
	    PXELINUX, ACK_FA, "the same by broadcast, xid 0" },
	{ "ipxe-efi-snponly-discover", NULL, NULL, "ipxe", PXELINUX_X64,
	    OFFER, "the user class tells it from the ROM" },
	{ "klibc-bootp", NULL, NULL, NULL, PXELINUX, BOOTP,
	    "no vendor area at all: 64 bytes back" },
	{ "klibc-dhcp-discover", NULL, NULL, NULL, PXELINUX, OFFER_B,
	    "a system, in its initramfs" },
	{ "leasequery-by-mac", NULL, NULL, NULL, NO_FILE,
	    NOTHING(EVENT_SILENCE, EVENT_UNSUPPORTED), "type 10" },
	{ "macbook-renew", "192.168.5.16", "192.168.119.1", NULL, PXELINUX,
	    ACK_A, "RENEWING by routers: the network is ciaddr's" },
	{ "macos-ipv6only-discover", NULL, NULL, NULL, PXELINUX, OFFER,
	    "108 is not set, so not sent" },
	{ "malformed-option-overrun", NULL, NULL, NULL, NO_FILE,
	    NOTHING(EVENT_SILENCE, EVENT_MALFORMED),
	    "option 60 runs past the end" },
	{ "minimal-decline", NULL, NULL, NULL, NO_FILE,
	    NOTHING(EVENT_SILENCE, EVENT_WRONG_ADDRESS),
	    "declines no address at all (RFC 2131 table 5 wants one)" },
	{ "networkmanager-pad-first-request", "192.168.0.33", "192.168.0.1",
	    NULL, PXELINUX, ACK, "a pad byte before the message type" },
	{ "nmap-discover", NULL, NULL, NULL, PXELINUX, OFFER_B,
	    "asks for everything" },
	{ "overload-both-discover", NULL, NULL, NULL, PXELINUX, OFFER,
	    "options in file and sname" },
	{ "relay-bootp-option82", "10.206.80.9", "10.206.80.2", NULL,
	    PXELINUX, BOOTP_A, "option 82 goes back to BOOTP too" },
	{ "relay-cisco-phone-discover", "172.22.76.9", "172.22.76.2", NULL,
	    PXELINUX, OFFER_R, "no option 82 there, none back" },
	{ "relay-dhcpcd-mud-request", "62.12.173.123", "62.12.173.114", NULL,
	    PXELINUX, ACK_A, "REBINDING: to the relay" },
	{ "relay-dnsmasq-discover", "203.0.113.9", "198.51.100.1", NULL,
	    PXELINUX, OFFER_R, "a relay" },
	{ "relay-docsis3-discover", "10.254.226.9", "10.254.226.2", NULL,
	    PXELINUX, OFFER_R, "option 82 with sub-option 9" },
	{ "relay-isc-bootp-stale-options", "203.0.113.9", "198.51.100.1",
	    NULL, PXELINUX, BOOTP_A, "op decides, not message type 5" },
	{ "relay-isc-circuitid-discover", "203.0.113.9", "198.51.100.1", NULL,
	    PXELINUX, OFFER_R, "to giaddr, not where it came from" },
	{ "relay-juniper-option82-discover", "10.26.17.9", "10.26.17.2", NULL,
	    PXELINUX, OFFER_R, "a list that names options twice" },
	{ "relay-option82-malformed-discover", "10.254.226.9", "10.254.226.2",
	    NULL, PXELINUX, OFFER_R, "a spoilt option 82 goes back as is" },
	{ "routeros-discover", NULL, NULL, NULL, PXELINUX, OFFER_B,
	    "a router" },
	{ "rpi3-netboot-discover", NULL, NULL, "rpi", NO_FILE, OFFER,
	    "\"Raspberry Pi Boot\" in option 43; says it is a BIOS" },
	{ "rpi4-netboot-discover", NULL, NULL, "rpi4", NO_FILE, OFFER,
	    "the same, known by its option 97" },
	{ "s390-netboot-release", "192.0.2.168", "192.0.2.1", NULL, NO_FILE,
	    NOTHING(EVENT_RELEASE, EVENT_OK), "recorded" },
	{ "s390-netboot-request", "192.0.2.168", "192.0.2.1", "slof", NO_FILE,
	    ACK_F, "its architecture comes only now" },
	{ "slof-ppc64-discover", NULL, NULL, "slof", PXELINUX, OFFER,
	    "no architecture yet" },
	{ "slof-ppc64-request", "192.0.2.167", "192.0.2.1", "slof", NO_FILE,
	    ACK_F, "its architecture comes only now" },
	{ "synology-renew", "10.16.1.4", "10.16.1.1", NULL, PXELINUX, ACK_A,
	    "RENEWING; a NUL at the end of its name" },
	{ "tplink-switch-discover", NULL, NULL, NULL, PXELINUX, OFFER_B,
	    "has an address already, and asks by broadcast" },
	{ "uboot-arm-as-pxeclient-discover", NULL, NULL, "u-boot", NO_FILE,
	    OFFER, "its file field is no wish; nothing for arm32" },
	{ "uboot-arm-discover", NULL, NULL, "u-boot", NO_FILE, OFFER,
	    "its file field is not echoed" },
	{ "uboot-riscv64-discover", NULL, NULL, "u-boot", PXELINUX, OFFER,
	    "does not say what it is" },
	{ "ubuntu-initreboot", "192.168.1.10", "192.168.1.1", NULL, PXELINUX,
	    ACK, "INIT-REBOOT for its own address" },
	{ "udhcpc-hostname-discover", NULL, NULL, NULL, PXELINUX, OFFER,
	    "a system" },
	{ "udhcpc136-discover", NULL, NULL, NULL, PXELINUX, OFFER,
	    "a system" },
	{ "wii-request", "192.168.2.18", "192.168.2.1", NULL, PXELINUX, ACK,
	    "INIT-REBOOT for its own address" },
	{ "windows-release", "192.168.1.249", "192.168.1.1", NULL, NO_FILE,
	    NOTHING(EVENT_RELEASE, EVENT_OK), "recorded" },
	{ "windows10-discover", NULL, NULL, NULL, PXELINUX, OFFER,
	    "a system" },
	{ "windows7-inform", "192.168.5.9", "192.168.5.1", NULL, PXELINUX,
	    INFORM, "to ciaddr whatever the broadcast flag" },
	{ "windows7-secs-swapped-discover", NULL, NULL, NULL, PXELINUX, OFFER,
	    "secs in the wrong order means nothing" },
	{ "windowsxp-option43-discover", NULL, NULL, NULL, PXELINUX, OFFER,
	    "its option 43 is not PXE's" },
};
#define ROWS (sizeof rows / sizeof rows[0])

static char data[PATH_MAX], captures[PATH_MAX];

static uint32_t
address_of(const char *text)
{
	uint32_t a;

	assert_true(attribute_address(text, &a));
	return a;
}

/* "# udp: 192.0.2.166:68 to 192.0.2.1:4011" */
static void
read_udp_line(const char *line)
{
	char from[16], to[16];
	unsigned from_port, to_port;

	if (sscanf(line, "# udp: %15[0-9.]:%u to %15[0-9.]:%u", from,
	    &from_port, to, &to_port) != 4)
		return;
	context.source = address_of(from);
	context.source_port = (uint16_t)from_port;
	context.unicast = dhcp_is_unicast(address_of(to)) &&
	    address_of(to) == context.server;
}

static bool
read_capture(const char *dir, const char *name)
{
	char path[2 * PATH_MAX], line[512];
	unsigned byte;
	FILE *f;
	int used;

	snprintf(path, sizeof path, "%s/%s.hex", dir, name);
	if ((f = fopen(path, "r")) == NULL)
		return false;
	packet_n = 0;
	while (fgets(line, sizeof line, f) != NULL) {
		read_udp_line(line);
		if (line[0] == '#')
			continue;
		for (char *s = line; sscanf(s, " %2x%n", &byte, &used) == 1;
		    s += used) {
			assert_true(packet_n < sizeof packet_bytes);
			packet_bytes[packet_n++] = (uint8_t)byte;
		}
	}
	fclose(f);
	return true;
}

/* What every reply to a host must have or lack, whoever asks. */
static void
check_reply(const struct row *r)
{
	size_t n, back;
	const uint8_t *at, *id;
	bool inform = packet.type == DHCP_INFORM;

	open_reply();
	assert_int_equal(reply_type(), r->type);
	if (r->type == DHCP_NAK)
		return;
	assert_int_equal(reply_address(YIADDR), inform ? 0 : host.address);
	assert_int_equal(reply_u32(DHCP_MASK), 0xffffff00);
	assert_int_equal(reply_u32(DHCP_ROUTER), host.network + 1);
	if (r->type == DHCP_BOOTP) {
		assert_int_equal(answer.n, DHCP_MIN_SIZE);
		assert_false(reply_has(DHCP_LEASE) ||
		    reply_has(DHCP_SERVER_ID) || reply_has(DHCP_OVERLOAD));
	} else {
		assert_int_equal(reply_u32(DHCP_SERVER_ID), context.server);
		assert_int_equal(reply_has(DHCP_LEASE), !inform);
		id = dhcp_option(&packet.options, DHCP_CLIENT_ID, &n);
		at = dhcp_option(&reply_options, DHCP_CLIENT_ID, &back);
		assert_int_equal(n, back);
		if (n > 0)
			assert_memory_equal(id, at, n);
	}
	at = dhcp_option(&reply_options, DHCP_RELAY, &back);
	if (packet.giaddr != 0) {
		assert_int_equal(answer.to, ANSWER_ADDRESS);
		assert_int_equal(answer.address, packet.giaddr);
		assert_int_equal(answer.port, DHCP_SERVER_PORT);
		assert_int_equal(back, packet.relay.all.n);
		if (back > 0) {
			assert_memory_equal(at, packet.relay.all.at, back);
			assert_int_equal(at[back], DHCP_END);
		}
	} else {
		assert_int_equal(back, 0);
	}
}

/* What its kind insists on. */
static void
check_firmware(const struct row *r)
{
	bool http = strcmp(r->firmware, "http") == 0;
	bool ipxe = strcmp(r->firmware, "ipxe") == 0;
	size_t n, back;

	if (strcmp(r->firmware, "pxe") == 0 || strncmp(r->firmware, "rpi",
	    3) == 0)
		assert_string_equal(reply_text(DHCP_VENDOR_CLASS),
		    "PXEClient");
	if (strncmp(r->firmware, "rpi", 3) == 0)
		assert_non_null(memmem(reply_text(DHCP_VENDOR), 64,
		    "Raspberry Pi Boot", 17));
	if (http)
		assert_string_equal(reply_text(DHCP_VENDOR_CLASS),
		    "HTTPClient");
	if (ipxe)
		assert_memory_equal(reply_text(DHCP_IPXE), "\xb0\1\1", 3);
	if (ipxe && packet.type == DHCP_DISCOVER)
		assert_false(reply_has(DHCP_VENDOR_CLASS));
	dhcp_option(&packet.options, DHCP_UUID, &n);
	dhcp_option(&reply_options, DHCP_UUID, &back);
	assert_int_equal(n, back);
}

static void
gets_what_it_must(void **state)
{
	const struct row *r = *state;
	char subnet[64];
	struct in_addr in;

	make_host("", "loader=pxelinux rsync=common,web", "");
	host.address = r->address != NULL ? address_of(r->address) : HOST;
	host.network = host.address & 0xffffff00;
	in.s_addr = htonl(host.network + 1);
	snprintf(subnet, sizeof subnet, "site router=%s", inet_ntoa(in));
	host.layers = 2;
	layer(subnet);
	if (r->server != NULL)
		context.server = address_of(r->server);
	memset(packet_bytes, 0, sizeof packet_bytes);
	if (!read_capture(data, r->name) &&
	    !read_capture(captures, r->name))
		skip();
	/* packet.server_id is known only to the reader: twice, then */
	ask();
	context.ours = packet.server_id == context.server;
	ask();
	if (answer.type != r->type || answer.to != r->to ||
	    answer.stage != r->stage || answer.reason != r->reason)
		fail_msg("%s: type %u to %u %s %s (%s)", r->why, answer.type,
		    answer.to, event_stage_name(answer.stage),
		    event_reason_name(answer.reason), answer.why);
	assert_string_equal(answer.file, r->file);
	if (answer.to == ANSWER_NOWHERE)
		return;
	check_reply(r);
	if (r->firmware == NULL)
		assert_null(answer.firmware);
	else if (answer.firmware == NULL)
		fail_msg("not known as %s", r->firmware);
	else
		assert_string_equal(answer.firmware->name, r->firmware);
	if (r->firmware != NULL)
		check_firmware(r);
	if (dhcp_option_seen(&packet.options, DHCP_VENDOR) &&
	    context.source_port == DHCP_BOOTSERVER_PORT)
		assert_int_equal(answer.port, DHCP_BOOTSERVER_PORT);
}

/*
 * Beside another DHCP server: of all these, boot firmware that looks for its
 * file is answered, and nobody gets an address.
 */
static void
what_a_proxy_says_to_each(void **state)
{
	const struct row *r;
	unsigned offers = 0, acks = 0;
	const char *class;

	(void)state;
	for (r = rows; r < rows + ROWS; r++) {
		make_host("", "loader=pxelinux rsync=common,web", "");
		context.proxy = true;
		if (r->server != NULL)
			context.server = address_of(r->server);
		if (!read_capture(data, r->name) &&
		    !read_capture(captures, r->name))
			continue;
		context.boot_port = strstr(r->name, "-4011") != NULL;
		ask();
		if (answer.to == ANSWER_NOWHERE) {
			/* Firmware that asks for a file gets one. */
			assert_false(strstr(r->name, "bootserver") != NULL ||
			    (r->firmware != NULL && *r->file != '\0' &&
			    strstr(r->name, "discover") != NULL &&
			    dhcp_option_seen(&packet.options, DHCP_ARCH)));
			continue;
		}
		open_reply();
		class = reply_text(DHCP_VENDOR_CLASS);
		assert_true(dhcp_option_starts(&packet.options,
		    DHCP_VENDOR_CLASS, class) && *class != '\0');
		assert_int_equal(reply_address(YIADDR), 0);
		assert_false(reply_has(DHCP_LEASE) || reply_has(DHCP_MASK) ||
		    reply_has(DHCP_IPXE));
		offers += answer.type == DHCP_OFFER;
		if (answer.type != DHCP_ACK)
			continue;
		acks++;
		assert_non_null(strstr(r->name, "bootserver"));
		assert_int_equal(answer.address, context.source);
		assert_int_equal(answer.port, context.source_port);
		assert_string_equal(answer.file, r->file);
		assert_non_null(memmem(answer.bytes, answer.n, "\x47\4", 2));
	}
	assert_true(offers >= 3 && acks >= 1);
}

/* Cut anywhere, a packet is read within its bounds and the rest decided. */
static void
every_prefix_is_survived(void **state)
{
	uint8_t *copy;
	size_t i, k, n;
	const char *why;

	(void)state;
	for (k = 0; k < ROWS; k++) {
		make_host("", "loader=pxelinux rsync=common,web", "");
		if (!read_capture(data, rows[k].name) &&
		    !read_capture(captures, rows[k].name))
			continue;
		n = packet_n;
		for (i = 0; i < n; i++) {
			copy = malloc(i > 0 ? i : 1);
			assert_non_null(copy);
			memcpy(copy, packet_bytes, i);
			if (dhcp_read(&packet, copy, i, &why) == EVENT_OK &&
			    answer_wanted(&answer, &packet, &context))
				answer_make(&answer, &packet, &context, &host,
				    &codes);
			free(copy);
		}
	}
}

/* A packet that nobody said anything about is a hole in this table. */
static void
every_capture_has_a_row(void **state)
{
	const char *dirs[] = { data, captures };
	struct dirent *e;
	size_t i, k, n;
	DIR *d;

	(void)state;
	for (i = 0; i < 2; i++) {
		if ((d = opendir(dirs[i])) == NULL)
			continue;
		while ((e = readdir(d)) != NULL) {
			n = strlen(e->d_name);
			if (n < 4 || strcmp(e->d_name + n - 4, ".hex") != 0 ||
			    strstr(e->d_name, ".reply.") != NULL)
				continue;
			for (k = 0; k < ROWS; k++)
				if (strlen(rows[k].name) == n - 4 &&
				    strncmp(rows[k].name, e->d_name,
				    n - 4) == 0)
					break;
			if (k == ROWS)
				fail_msg("%s", e->d_name);
		}
		closedir(d);
	}
}

int
main(int argc, char **argv)
{
	static struct CMUnitTest tests[ROWS + 3];
	char self[PATH_MAX];
	const char *top;
	size_t i;

	snprintf(self, sizeof self, "%s", argc > 0 ? argv[0] : ".");
	top = dirname(self);
	snprintf(data, sizeof data, "%.3000s/../data/packets", top);
	snprintf(captures, sizeof captures,
	    "%.3000s/../../../shared/captures", top);
	for (i = 0; i < ROWS; i++)
		tests[i] = (struct CMUnitTest){ .name = rows[i].name,
		    .test_func = gets_what_it_must,
		    .initial_state = (void *)(uintptr_t)&rows[i] };
	tests[i++] = (struct CMUnitTest)cmocka_unit_test(
	    every_capture_has_a_row);
	tests[i++] = (struct CMUnitTest)cmocka_unit_test(
	    what_a_proxy_says_to_each);
	tests[i] = (struct CMUnitTest)cmocka_unit_test(
	    every_prefix_is_survived);
	return cmocka_run_group_tests_name("bootpd captures", tests, NULL,
	    NULL);
}

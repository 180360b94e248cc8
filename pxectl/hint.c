#include <stddef.h>

#include "hint.h"

#define COUNT(t) (sizeof t / sizeof t[0])

static const char *const stages[] = {
	[EVENT_ASKED] =
	    "It asked and took no address: our answer did not reach it, or "
	    "another DHCP server's came first.  Look for a firewall on udp "
	    "67 and 68, and for a switch port that starts slowly (spanning "
	    "tree: make it an edge port).",
	[EVENT_ADDRESS] =
	    "It has an address and fetched no boot loader: boot=local sent it "
	    "to its disk, a firewall on udp 69 (tcp 80 for HTTP), a wrong "
	    "next-server= or filename=, or no loader for its architecture "
	    "(pxectl check, pxectl show).",
	[EVENT_LOADER] =
	    "Its boot loader came and asked for no configuration: the loader "
	    "does not fit the firmware (bios, efi-x64, ...), Secure Boot "
	    "refused it, or a file of the loader is missing.",
	[EVENT_CONFIG] =
	    "Its configuration came and it fetched no kernel: kernel= names "
	    "a file that is not there, boot=local sent it to its disk, or it "
	    "waits at the loader's prompt.",
	[EVENT_KERNEL] =
	    "Its kernel came and no initrd: initrd= is not set, names a file "
	    "that is not there, or its memory is too small.",
	[EVENT_INITRD] =
	    "Kernel and initrd came and the system never asked for its "
	    "address: the image lacks the driver of its network card "
	    "(pxectl build-image --modules), or the kernel stopped: look at "
	    "its console (console=).",
	[EVENT_LEASE] =
	    "The system has its address and fetched no files: rsync= is not "
	    "set, a firewall on tcp 873, or inetd has no line for rsync.",
	[EVENT_FILES] =
	    "Its files came and it did not say that it is up: rc.inet1, "
	    "rc.inet2 or rc.local of its layers waits or fails.",
};

static const char *const reasons[] = {
	[EVENT_UNREGISTERED] = "pxectl add-host MAC NAME",
	[EVENT_NO_ADDRESS] = "pxectl set HOST address=...",
	[EVENT_NO_SUBNET] = "pxectl add-subnet NET/LEN",
	[EVENT_OTHER_SERVER] = "find the other DHCP server of this network",
	[EVENT_NO_FILE] = "pxectl check; pxectl build-image",
	[EVENT_FORBIDDEN] = "pxectl check; look at rsync= and at the name it "
	    "asked for",
	[EVENT_NO_BOOT_FILE] = "pxectl add-loader, or set filename=",
	[EVENT_SEND_FAILED] = "look at the server's log and its interface",
	[EVENT_TIMEOUT] = "look for lost packets: cable, duplex, MTU",
	[EVENT_ALL_LENT] = "pxectl unknown; a longer discover=",
	[EVENT_OTHER_INTERFACE] = "bootpd -i, --listen: name it too",
	[EVENT_WRONG_ADDRESS] = "none: it will ask again and get its own",
};

const char *
hint_stage(enum event_stage s)
{
	return (size_t)s < COUNT(stages) ? stages[s] : NULL;
}

const char *
hint_reason(enum event_reason r)
{
	return (size_t)r < COUNT(reasons) ? reasons[r] : NULL;
}

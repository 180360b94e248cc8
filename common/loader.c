#include <string.h>

#include "loader.h"

static const struct loader_file table[] = {
	{ "pxelinux", "bios", "loaders/pxelinux/pxelinux.0" },
	{ "pxelinux", "efi-ia32", "loaders/pxelinux/efi32/syslinux.efi" },
	{ "pxelinux", "efi-x64", "loaders/pxelinux/efi64/syslinux.efi" },
	{ "grub", "bios", "loaders/grub/i386-pc/core.0" },
	{ "grub", "efi-ia32", "loaders/grub/i386-efi/core.efi" },
	{ "grub", "efi-x64", "loaders/grub/x86_64-efi/core.efi" },
	{ "grub", "efi-arm32", "loaders/grub/arm-efi/core.efi" },
	{ "grub", "efi-arm64", "loaders/grub/arm64-efi/core.efi" },
	{ "grub", "efi-riscv64", "loaders/grub/riscv64-efi/core.efi" },
	{ "ipxe", "bios", "loaders/ipxe/undionly.kpxe" },
	{ "ipxe", "efi-ia32", "loaders/ipxe/ipxe-ia32.efi" },
	{ "ipxe", "efi-x64", "loaders/ipxe/snponly.efi" },
	{ "ipxe", "efi-arm64", "loaders/ipxe/ipxe-arm64.efi" },
	{ "pxeboot", "bios", "loaders/pxeboot/pxeboot" },
	{ "pxeboot", "efi-x64", "loaders/pxeboot/loader.efi" },
	{ "openbsd", "bios", "loaders/openbsd/pxeboot" },
	{ "openbsd", "efi-x64", "loaders/openbsd/BOOTX64.EFI" },
	{ "netbsd", "bios", "loaders/netbsd/pxeboot_ia32.bin" },
	{ NULL, NULL, NULL },
};

const struct loader_file *
loader_table(void)
{
	return table;
}

const char *
loader_path(const char *loader, const char *arch)
{
	const struct loader_file *f;

	for (f = table; f->loader != NULL; f++)
		if (strcmp(f->loader, loader) == 0 &&
		    strcmp(f->arch, arch) == 0)
			return f->path;
	return NULL;
}

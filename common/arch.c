#include <stddef.h>
#include <string.h>

#include "arch.h"

/*
 * IANA, "Processor Architecture Types" (RFC 5970).  The HTTP variants carry
 * the name of their TFTP twin: filename.efi-x64 is for both.
 */
static const struct arch table[] = {
	{ 0, "bios", false },
	{ 2, "efi-ia64", false },
	{ 6, "efi-ia32", false },
	{ 7, "efi-x64", false },
	{ 10, "efi-arm32", false },
	{ 11, "efi-arm64", false },
	{ 12, "ppc-of", false },
	{ 13, "ppc-epapr", false },
	{ 14, "ppc-opal", false },
	{ 15, "efi-ia32", true },
	{ 16, "efi-x64", true },
	{ 18, "efi-arm32", true },
	{ 19, "efi-arm64", true },
	{ 20, "bios", true },
	{ 21, "uboot-arm32", false },
	{ 22, "uboot-arm64", false },
	{ 23, "uboot-arm32", true },
	{ 24, "uboot-arm64", true },
	{ 25, "efi-riscv32", false },
	{ 26, "efi-riscv32", true },
	{ 27, "efi-riscv64", false },
	{ 28, "efi-riscv64", true },
	{ 29, "efi-riscv128", false },
	{ 30, "efi-riscv128", true },
	{ 31, "s390", false },
	{ 32, "s390", false },	/* its extended loader: the same files */
	{ 33, "efi-mips32", false },
	{ 34, "efi-mips64", false },
	{ 35, "efi-sunway32", false },
	{ 36, "efi-sunway64", false },
	{ 37, "efi-loongarch32", false },
	{ 38, "efi-loongarch32", true },
	{ 39, "efi-loongarch64", false },
	{ 40, "efi-loongarch64", true },
	{ 41, "rpi", false },
	{ 0, NULL, false },
};

const struct arch *
arch_table(void)
{
	return table;
}

const struct arch *
arch_by_code(uint16_t code)
{
	const struct arch *a;

	/* RFC 4578 called x86-64 9, its erratum 7: firmware sends both. */
	if (code == 9)
		code = 7;
	for (a = table; a->name != NULL; a++)
		if (a->code == code)
			return a;
	return NULL;
}

const struct arch *
arch_by_name(const char *name)
{
	const struct arch *a;

	for (a = table; a->name != NULL; a++)
		if (!a->http && strcmp(a->name, name) == 0)
			return a;
	return NULL;
}

/*
 * What an ELF file asks for, read by libelf and never by running it.
 */
#ifndef IMAGE_ELF_H
#define IMAGE_ELF_H

#include <stdbool.h>
#include <stddef.h>

enum { ELF_NEEDS = 128 };

enum elf_result {
	ELF_IS,			/* an ELF file, *facts is filled */
	ELF_IS_NOT,		/* some other file */
	ELF_DAMAGED,
	ELF_TOO_MANY		/* more than ELF_NEEDS libraries */
};

/* All strings point into the bytes that were read. */
struct elf_facts {
	int class, machine;		/* EI_CLASS, e_machine */
	const char *interpreter;	/* PT_INTERP, or NULL */
	const char *rpath, *runpath;	/* or NULL */
	const char *needed[ELF_NEEDS];
	unsigned needs;
};

/* Reads a program or shared library of any class and byte order. */
enum elf_result elf_read(void *bytes, size_t len, struct elf_facts *facts);

/*
 * Finds the section .modinfo of a kernel module: NUL-terminated texts
 * "key=value", one after the other.  *info points into bytes.
 */
enum elf_result elf_modinfo(void *bytes, size_t len, const char **info,
    size_t *infolen);

/*
 * Takes the next text of a .modinfo section from *at, which moves on.  The
 * value is terminated, the key is keylen bytes long.  False at the end.
 */
bool elf_modinfo_next(const char **at, const char *end, const char **key,
    size_t *keylen, const char **value);

#endif

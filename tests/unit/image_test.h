/*
 * What the tests of the ramdisk builder share: a directory of their own, and
 * kernel modules made by hand.
 */
#ifndef IMAGE_TEST_H
#define IMAGE_TEST_H

#include <elf.h>
#include <ftw.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char test_dir[64];

static int
test_begin(void **state)
{
	(void)state;
	strcpy(test_dir, "/tmp/image-test.XXXXXX");
	return mkdtemp(test_dir) == NULL ? -1 : 0;
}

static int
test_remove(const char *path, const struct stat *st, int kind,
    struct FTW *ftw)
{
	(void)st;
	(void)kind;
	(void)ftw;
	return remove(path);
}

static int
test_end(void **state)
{
	(void)state;
	return nftw(test_dir, test_remove, 16, FTW_DEPTH | FTW_PHYS);
}

/* Writes DIR/path, making its directories. */
static void
test_file(const char *path, mode_t mode, const void *bytes, size_t len)
{
	char full[PATH_MAX];
	char *slash;
	FILE *out;

	snprintf(full, sizeof(full), "%s/%s", test_dir, path);
	for (slash = full + strlen(test_dir) + 1;
	    (slash = strchr(slash, '/')) != NULL; slash++) {
		*slash = '\0';
		mkdir(full, 0755);
		*slash = '/';
	}
	out = fopen(full, "w");
	assert_non_null(out);
	assert_int_equal(fwrite(bytes, 1, len, out), len);
	assert_int_equal(fclose(out), 0);
	assert_int_equal(chmod(full, mode), 0);
}

static void __attribute__((unused))
test_text(const char *path, mode_t mode, const char *text)
{
	test_file(path, mode, text, strlen(text));
}

/* A kernel module that says info (texts, each with its NUL) of itself. */
static void __attribute__((unused))
test_module(const char *path, const char *info, size_t len)
{
	static const char names[] = "\0.modinfo\0.shstrtab";
	struct {
		Elf64_Ehdr head;
		Elf64_Shdr section[3];
		char names[sizeof(names)];
		char info[1024];
	} file;
	const uint16_t one = 1;

	memset(&file, 0, sizeof(file));
	memcpy(file.head.e_ident, ELFMAG, SELFMAG);
	file.head.e_ident[EI_CLASS] = ELFCLASS64;
	file.head.e_ident[EI_DATA] = *(const char *)&one == 1 ?
	    ELFDATA2LSB : ELFDATA2MSB;
	file.head.e_ident[EI_VERSION] = EV_CURRENT;
	file.head.e_type = ET_REL;
	file.head.e_machine = EM_X86_64;
	file.head.e_version = EV_CURRENT;
	file.head.e_ehsize = sizeof(file.head);
	file.head.e_shoff = sizeof(file.head);
	file.head.e_shentsize = sizeof(file.section[0]);
	file.head.e_shnum = 3;
	file.head.e_shstrndx = 2;
	file.section[1].sh_name = 1;
	file.section[1].sh_type = SHT_PROGBITS;
	file.section[1].sh_offset = offsetof(__typeof__(file), info);
	file.section[1].sh_size = len;
	file.section[2].sh_name = 10;
	file.section[2].sh_type = SHT_STRTAB;
	file.section[2].sh_offset = offsetof(__typeof__(file), names);
	file.section[2].sh_size = sizeof(names);
	memcpy(file.names, names, sizeof(names));
	assert_true(len <= sizeof(file.info));
	memcpy(file.info, info, len);
	test_file(path, 0644, &file, sizeof(file));
}

#endif

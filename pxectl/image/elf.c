/*
 * What an ELF file asks for.
 */
#include <gelf.h>
#include <libelf.h>
#include <string.h>

#include "elf.h"

static enum elf_result open_elf(void *, size_t, Elf **);
static enum elf_result read_dynamic(Elf *, const GElf_Phdr *, size_t,
    const char *, size_t, struct elf_facts *);
static bool file_offset(Elf *, size_t, GElf_Addr, size_t *);
static const char *text_at(const char *, size_t, size_t, size_t);

enum elf_result
elf_read(void *bytes, size_t len, struct elf_facts *facts)
{
	enum elf_result result;
	GElf_Phdr ph;
	GElf_Ehdr eh;
	Elf *elf;
	size_t i, count;

	memset(facts, 0, sizeof(*facts));
	if ((result = open_elf(bytes, len, &elf)) != ELF_IS)
		return result;
	result = ELF_DAMAGED;
	if (gelf_getehdr(elf, &eh) == NULL ||
	    elf_getphdrnum(elf, &count) == -1)
		goto out;
	facts->class = eh.e_ident[EI_CLASS];
	facts->machine = eh.e_machine;
	for (i = 0; i < count; i++) {
		if (gelf_getphdr(elf, (int)i, &ph) == NULL)
			goto out;
		if (ph.p_type == PT_INTERP) {
			facts->interpreter = text_at(bytes, len, ph.p_offset,
			    ph.p_filesz);
			if (facts->interpreter == NULL)
				goto out;
		} else if (ph.p_type == PT_DYNAMIC) {
			result = read_dynamic(elf, &ph, count, bytes, len,
			    facts);
			if (result != ELF_IS)
				goto out;
			result = ELF_DAMAGED;
		}
	}
	result = ELF_IS;
out:
	elf_end(elf);
	return result;
}

enum elf_result
elf_modinfo(void *bytes, size_t len, const char **info, size_t *infolen)
{
	enum elf_result result;
	Elf_Scn *section = NULL;
	GElf_Shdr sh;
	const char *name;
	Elf *elf;
	size_t names;

	if ((result = open_elf(bytes, len, &elf)) != ELF_IS)
		return result;
	result = ELF_DAMAGED;
	if (elf_getshdrstrndx(elf, &names) == -1)
		goto out;
	while ((section = elf_nextscn(elf, section)) != NULL) {
		if (gelf_getshdr(section, &sh) == NULL)
			goto out;
		name = elf_strptr(elf, names, sh.sh_name);
		if (name == NULL || strcmp(name, ".modinfo") != 0)
			continue;
		if (sh.sh_offset > len || sh.sh_size > len - sh.sh_offset)
			goto out;
		*info = (const char *)bytes + sh.sh_offset;
		*infolen = sh.sh_size;
		result = ELF_IS;
		goto out;
	}
out:
	elf_end(elf);
	return result;
}

bool
elf_modinfo_next(const char **at, const char *end, const char **key,
    size_t *keylen, const char **value)
{
	const char *from, *stop, *equals;

	while (*at < end) {
		from = *at;
		stop = memchr(from, '\0', (size_t)(end - from));
		if (stop == NULL)
			break;
		*at = stop + 1;
		equals = memchr(from, '=', (size_t)(stop - from));
		if (equals == NULL)
			continue;
		*key = from;
		*keylen = (size_t)(equals - from);
		*value = equals + 1;
		return true;
	}
	*at = end;
	return false;
}

static enum elf_result
open_elf(void *bytes, size_t len, Elf **elf)
{
	if (len < SELFMAG || memcmp(bytes, ELFMAG, SELFMAG) != 0)
		return ELF_IS_NOT;
	if (elf_version(EV_CURRENT) == EV_NONE)
		return ELF_DAMAGED;
	if ((*elf = elf_memory(bytes, len)) == NULL)
		return ELF_DAMAGED;
	if (elf_kind(*elf) != ELF_K_ELF) {
		elf_end(*elf);
		return ELF_DAMAGED;
	}
	return ELF_IS;
}

/*
 * By the program headers alone, as the loader does it: section headers may
 * be stripped.
 */
static enum elf_result
read_dynamic(Elf *elf, const GElf_Phdr *ph, size_t headers,
    const char *bytes, size_t len, struct elf_facts *facts)
{
	size_t needs[ELF_NEEDS], rpath = 0, runpath = 0;
	size_t i, count, strings = 0, size = 0;
	bool have = false;
	Elf_Data *data;
	GElf_Dyn dyn;

	if (ph->p_offset > len || ph->p_filesz > len - ph->p_offset)
		return ELF_DAMAGED;
	data = elf_getdata_rawchunk(elf, (int64_t)ph->p_offset, ph->p_filesz,
	    ELF_T_DYN);
	if (data == NULL)
		return ELF_DAMAGED;
	count = ph->p_filesz / gelf_fsize(elf, ELF_T_DYN, 1, EV_CURRENT);
	for (i = 0; i < count; i++) {
		if (gelf_getdyn(data, (int)i, &dyn) == NULL)
			return ELF_DAMAGED;
		if (dyn.d_tag == DT_NULL)
			break;
		if (dyn.d_tag == DT_STRTAB) {
			have = file_offset(elf, headers, dyn.d_un.d_ptr,
			    &strings);
			if (!have || strings > len)
				return ELF_DAMAGED;
		} else if (dyn.d_tag == DT_STRSZ)
			size = dyn.d_un.d_val;
		else if (dyn.d_tag == DT_RPATH)
			rpath = dyn.d_un.d_val;
		else if (dyn.d_tag == DT_RUNPATH)
			runpath = dyn.d_un.d_val;
		else if (dyn.d_tag == DT_NEEDED) {
			if (facts->needs == ELF_NEEDS)
				return ELF_TOO_MANY;
			needs[facts->needs++] = dyn.d_un.d_val;
		}
	}
	if (!have)
		return facts->needs == 0 ? ELF_IS : ELF_DAMAGED;
	if (size > len - strings)
		return ELF_DAMAGED;
	for (i = 0; i < facts->needs; i++) {
		facts->needed[i] = text_at(bytes + strings, size, needs[i],
		    size);
		if (facts->needed[i] == NULL)
			return ELF_DAMAGED;
	}
	/* Offset 0 of the table is the empty text: not there. */
	if (rpath != 0)
		facts->rpath = text_at(bytes + strings, size, rpath, size);
	if (runpath != 0)
		facts->runpath = text_at(bytes + strings, size, runpath, size);
	return ELF_IS;
}

static bool
file_offset(Elf *elf, size_t headers, GElf_Addr address, size_t *offset)
{
	GElf_Phdr ph;
	size_t i;

	for (i = 0; i < headers; i++)
		if (gelf_getphdr(elf, (int)i, &ph) != NULL &&
		    ph.p_type == PT_LOAD && address >= ph.p_vaddr &&
		    address - ph.p_vaddr < ph.p_filesz) {
			*offset = ph.p_offset + (address - ph.p_vaddr);
			return true;
		}
	return false;
}

/* The text at offset, of at most `most` bytes, its NUL among them. */
static const char *
text_at(const char *bytes, size_t len, size_t offset, size_t most)
{
	if (offset >= len)
		return NULL;
	if (most > len - offset)
		most = len - offset;
	return memchr(bytes + offset, '\0', most) == NULL ? NULL :
	    bytes + offset;
}

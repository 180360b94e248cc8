#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "crc32c.h"
#include "hostdb_format.h"

uint8_t
hostdb_kind_letter(enum entry_kind kind)
{
	static const uint8_t letters[] = {
		[ENTRY_SITE] = 'S', [ENTRY_SUBNET] = 'N',
		[ENTRY_GROUP] = 'G', [ENTRY_HOST] = 'H',
	};

	return letters[kind];
}

bool
hostdb_entry_key(struct hostdb_key *k, enum entry_kind kind, const char *name)
{
	struct put o = put_into(k->bytes, sizeof k->bytes);
	uint32_t network;
	unsigned len;

	put_u8(&o, hostdb_kind_letter(kind));
	if (kind == ENTRY_SUBNET) {
		if (!entry_subnet_parse(name, &network, &len))
			return false;
		put_u8(&o, 4);
		put_u32(&o, network);
		put_u8(&o, (uint8_t)len);
	} else {
		put_text(&o, name);
	}
	k->len = (size_t)(o.at - k->bytes);
	return !o.full && (kind == ENTRY_SITE) == (*name == '\0');
}

void
hostdb_address_key(struct hostdb_key *k, uint32_t address)
{
	struct put o = put_into(k->bytes, sizeof k->bytes);

	put_u8(&o, 4);
	put_u32(&o, address);
	k->len = 5;
}

void
hostdb_nic_key(struct hostdb_key *k, const char *nic)
{
	struct put o = put_into(k->bytes, sizeof k->bytes);

	put_u8(&o, 7);		/* behind every identity_kind */
	for (; *nic != '\0'; nic++)
		put_u8(&o, (uint8_t)(*nic >= 'A' && *nic <= 'Z' ?
		    *nic - 'A' + 'a' : *nic));
	k->len = (size_t)(o.at - k->bytes);
}

uint32_t
hostdb_value_crc(const void *key, size_t keylen, const void *content,
    size_t len)
{
	return crc32c(crc32c(0, key, keylen), content, len);
}

bool
hostdb_value_open(const MDB_val *key, const MDB_val *stored,
    struct cursor *content)
{
	uint32_t crc;

	*content = cursor_of(stored->mv_data, stored->mv_size);
	return cursor_u32(content, &crc) &&
	    crc == hostdb_value_crc(key->mv_data, key->mv_size, content->at,
	    cursor_left(content));
}

bool
hostdb_ref_load(struct hostdb_ref *ref, struct cursor *content)
{
	const uint8_t *nic;
	const char *name;
	size_t n;

	if (!cursor_text(content, &name) || strlen(name) >= sizeof ref->name)
		return false;
	n = cursor_left(content);
	if (n >= sizeof ref->nic || !cursor_take(content, n, &nic))
		return false;
	strcpy(ref->name, name);
	memcpy(ref->nic, nic, n);
	ref->nic[n] = '\0';
	return true;
}

bool
hostdb_path(char *path, size_t size, const char *root)
{
	return (size_t)snprintf(path, size, "%s/db/hosts",
	    hostdb_root(root)) < size;
}

bool
hostdb_is_cut(const char *path)
{
	char file[4200];
	struct stat st;

	snprintf(file, sizeof file, "%s/data.mdb", path);
	return stat(file, &st) == 0 && st.st_size < 2 * 4096;
}

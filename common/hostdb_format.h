/*
 * How the host database looks inside LMDB: for hostdb.c and hostdb_edit*.c
 * alone.  Never changed again without a new HOSTDB_FORMAT.
 *
 * Each value is four bytes of CRC-32C (big-endian, over key and what
 * follows), then:
 *   entries     'V'                  -> HOSTDB_FORMAT
 *               'S'                  -> the site's line
 *               'N' 4 ADDRESS LEN    -> a subnet's line
 *               'G' NAME, 'H' NAME   -> a group's, a host's line
 *   identities  identity_key()       -> NAME NUL NIC
 *               7 NIC                -> NAME NUL NIC (a name is used once)
 *   addresses   4 ADDRESS            -> NAME NUL NIC
 *   members     GROUP NUL 'H' NAME   -> nothing ('G': a group in a group)
 *   log         NUMBER (8 bytes)     -> TIME (8) WHO NUL VERB NUL LINES
 * Numbers and addresses are big-endian.
 */
#ifndef HOSTDB_FORMAT_H
#define HOSTDB_FORMAT_H

#include <lmdb.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "entry.h"
#include "hostdb.h"

#define HOSTDB_FORMAT	"1"
#define HOSTDB_READERS	1000u
#define HOSTDB_TABLES	8u
#define HOSTDB_MAP	(sizeof(size_t) > 4 ? (size_t)16 << 30 :	\
	(size_t)1 << 30)
#define HOSTDB_CRC	4
#define HOSTDB_KEY_MAX	(ENTRY_NAME_MAX + 8)
#define HOSTDB_REF_MAX	(ENTRY_NAME_MAX + 1 + 64)

struct hostdb_key {
	size_t len;
	uint8_t bytes[HOSTDB_KEY_MAX];
};

/* The key of an entry; false if the name cannot be one. */
bool hostdb_entry_key(struct hostdb_key *, enum entry_kind, const char *name);
void hostdb_address_key(struct hostdb_key *, uint32_t address);
/* Of an interface's own name, whatever its case. */
void hostdb_nic_key(struct hostdb_key *, const char *nic);
/* The letter that starts the keys of a kind. */
uint8_t hostdb_kind_letter(enum entry_kind);

/* What a stored value holds behind its CRC; false if that is wrong. */
bool hostdb_value_open(const MDB_val *key, const MDB_val *stored,
    struct cursor *content);
/* The CRC of key and content. */
uint32_t hostdb_value_crc(const void *key, size_t keylen,
    const void *content, size_t len);
/* NAME NUL NIC */
bool hostdb_ref_load(struct hostdb_ref *, struct cursor *content);

/*
 * Runs fn with faults in the map and LMDB's assert caught; false if there
 * was one, and then no transaction of that environment is to be trusted.
 * Makes no system call: hostdb_guard_signals must have been called before,
 * once in the process, and hostdb_guard_env for the environment (0, or
 * LMDB's code).
 */
bool hostdb_guard(void (*fn)(void *), void *arg);
void hostdb_guard_signals(void);
int hostdb_guard_env(MDB_env *);

/* ROOT/db/hosts; false if that is too long. */
bool hostdb_path(char *path, size_t size, const char *root);
/*
 * Is the file in that directory shorter than the two pages that LMDB always
 * writes?  It must not be taken for a new one.
 */
bool hostdb_is_cut(const char *path);

#endif

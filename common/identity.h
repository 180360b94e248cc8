/*
 * What a machine is known by: a hardware address of any type, a DHCP client
 * identifier, a UUID, or the switch port it hangs on (RFC 3046).
 */
#ifndef IDENTITY_H
#define IDENTITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * In order of precedence: a registered hardware address beats a client
 * identifier, that beats a UUID, that beats a circuit.  The numbers are the
 * first byte of the keys in the database and never change.
 */
enum identity_kind {
	IDENTITY_NONE = 0,
	IDENTITY_HW = 1,	/* bytes: the address; htype beside it */
	IDENTITY_CLIENT_ID = 2,	/* option 61, all of it, type byte too */
	IDENTITY_UUID = 3,	/* 16 bytes in the order they are written */
	IDENTITY_PORT = 4,	/* len of remote, remote, circuit */
	IDENTITY_CIRCUIT = 5,	/* option 82 sub-option 1 */
	IDENTITY_REMOTE = 6,	/* option 82 sub-option 2 */
};

#define IDENTITY_HTYPE_ETHERNET	1
#define IDENTITY_HTYPE_INFINIBAND 32
#define IDENTITY_BYTES_MAX	256
#define IDENTITY_HW_MAX		20
#define IDENTITY_KEY_MAX	(IDENTITY_BYTES_MAX + 2)
/* Longest text: two digits and a colon a byte. */
#define IDENTITY_TEXT_MAX	(3 * IDENTITY_BYTES_MAX + 32)

struct identity {
	uint8_t kind;		/* enum identity_kind */
	uint8_t htype;		/* RFC 1700; of IDENTITY_HW only */
	uint16_t len;
	uint8_t bytes[IDENTITY_BYTES_MAX];
};

/*
 * Make an identity from wire bytes.  False if the bytes are no identity:
 * empty, too long, an all-zero hardware address, or a UUID that firmware
 * makers put into whole product lines.
 */
bool identity_hw(struct identity *, uint8_t htype, const uint8_t *, size_t);
bool identity_bytes(struct identity *, enum identity_kind, const uint8_t *,
    size_t);
bool identity_port(struct identity *, const uint8_t *remote, size_t,
    const uint8_t *circuit, size_t);

/* True for UUIDs that name no machine (all zero, all F, vendor defaults). */
bool identity_uuid_is_default(const uint8_t uuid[16]);

/* The other byte order of a UUID: SMBIOS swaps its first three fields. */
void identity_uuid_swap(struct identity *);

/*
 * Parse what people write.  MAC: six bytes of one or two hex digits with
 * ':' or '-' between, or twelve digits, or three groups with '.' or '-', or
 * two with '-'; any case; no group address.
 * HW: HTYPE/BYTES, the type in decimal or a name (ethernet, infiniband),
 * 1 to 20 bytes; no group address of Ethernet.
 * Bytes (client-id, circuit-id, remote-id): hex with ':' between or 0x in
 * front, or any other text as it stands.
 * UUID: 8-4-4-4-12 or 32 digits, also one that is no identity.  False if it
 * is not of that form; the whole string must be used.
 */
bool identity_parse_mac(struct identity *, const char *);
/* Six bytes, but of a group (or all zero), which no machine has? */
bool identity_is_group(const char *);
bool identity_parse_hw(struct identity *, const char *);
bool identity_parse_uuid(struct identity *, const char *);
bool identity_parse_bytes(struct identity *, enum identity_kind,
    const char *);
/*
 * Bytes in hex: one or two digits each with ':' between, or two each and
 * nothing between.  All of s; 1 to max bytes.
 */
bool identity_parse_hex(const char *s, uint8_t *bytes, size_t max, size_t *n);
/* Any of them, for a command line: MAC, HTYPE/BYTES, UUID, client-id=... */
bool identity_parse(struct identity *, const char *);

/*
 * Writes the canonical value text: a MAC as 00:02:b3:4c:ed:c8, other types
 * as 32/80:00:..., a UUID in lower case, bytes as text where printable and
 * as 00:11:22 where not.  size >= IDENTITY_TEXT_MAX never cuts.
 */
void identity_print(const struct identity *, char *, size_t);

/* The attribute that writes this kind: "mac", "hw", "client-id", ... */
const char *identity_attribute(const struct identity *);

/*
 * The database key: kind, htype (IDENTITY_HW only), bytes.  Its length.  The
 * two byte orders of a UUID have the same key, the lesser of them.
 */
size_t identity_key(const struct identity *, uint8_t key[IDENTITY_KEY_MAX]);

bool identity_equal(const struct identity *, const struct identity *);

#endif

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "identity.h"

static const struct {
	const char *name;
	uint8_t htype;
} htypes[] = {
	{ "ethernet", IDENTITY_HTYPE_ETHERNET },
	{ "ieee802", 6 },
	{ "arcnet", 7 },
	{ "ieee1394", 24 },
	{ "infiniband", IDENTITY_HTYPE_INFINIBAND },
};

/*
 * UUIDs that board makers left in whole product lines.  The first is AMI's
 * (captures of several makers have it), the others are counters and
 * patterns of the same kind.
 */
static const uint8_t default_uuids[][16] = {
	{ 0x00, 0x02, 0x00, 0x03, 0x00, 0x04, 0x00, 0x05,
	  0x00, 0x06, 0x00, 0x07, 0x00, 0x08, 0x00, 0x09 },
	{ 0x03, 0x00, 0x02, 0x00, 0x04, 0x00, 0x05, 0x00,
	  0x00, 0x06, 0x00, 0x07, 0x00, 0x08, 0x00, 0x09 },
	{ 0x03, 0x02, 0x01, 0x00, 0x05, 0x04, 0x07, 0x06,
	  0x08, 0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x0e, 0x0f },
	{ 0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07,
	  0x08, 0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x0e, 0x0f },
	{ 0x12, 0x34, 0x56, 0x78, 0x12, 0x34, 0x56, 0x78,
	  0x12, 0x34, 0x56, 0x78, 0x12, 0x34, 0x56, 0x78 },
};

static bool all_are(const uint8_t *, size_t, uint8_t);
static bool parse_hex(const char *, char, uint8_t *, size_t, size_t *);
static int nibble(char);
static bool is_plain_text(const struct identity *);

bool
identity_hw(struct identity *id, uint8_t htype, const uint8_t *p, size_t n)
{
	memset(id, 0, sizeof *id);
	if (n == 0 || n > IDENTITY_HW_MAX || all_are(p, n, 0))
		return false;
	id->kind = IDENTITY_HW;
	id->htype = htype;
	id->len = (uint16_t)n;
	memcpy(id->bytes, p, n);
	return true;
}

bool
identity_bytes(struct identity *id, enum identity_kind kind, const uint8_t *p,
    size_t n)
{
	memset(id, 0, sizeof *id);
	if (n == 0 || n > IDENTITY_BYTES_MAX)
		return false;
	if (kind == IDENTITY_UUID && (n != 16 || identity_uuid_is_default(p)))
		return false;
	id->kind = (uint8_t)kind;
	id->len = (uint16_t)n;
	memcpy(id->bytes, p, n);
	return true;
}

bool
identity_port(struct identity *id, const uint8_t *remote, size_t rlen,
    const uint8_t *circuit, size_t clen)
{
	memset(id, 0, sizeof *id);
	if (rlen == 0 || clen == 0 || rlen + clen + 1 > IDENTITY_BYTES_MAX)
		return false;
	id->kind = IDENTITY_PORT;
	id->len = (uint16_t)(rlen + clen + 1);
	id->bytes[0] = (uint8_t)rlen;
	memcpy(id->bytes + 1, remote, rlen);
	memcpy(id->bytes + 1 + rlen, circuit, clen);
	return true;
}

bool
identity_uuid_is_default(const uint8_t uuid[16])
{
	size_t i;

	if (all_are(uuid, 16, 0) || all_are(uuid, 16, 0xff))
		return true;
	for (i = 0; i < sizeof default_uuids / sizeof default_uuids[0]; i++)
		if (memcmp(uuid, default_uuids[i], 16) == 0)
			return true;
	return false;
}

void
identity_uuid_swap(struct identity *id)
{
	static const uint8_t from[8] = { 3, 2, 1, 0, 5, 4, 7, 6 };
	uint8_t old[8];
	size_t i;

	memcpy(old, id->bytes, sizeof old);
	for (i = 0; i < sizeof old; i++)
		id->bytes[i] = old[from[i]];
}

/* A group address is nobody's own. */
static bool
one_machine(struct identity *id, const uint8_t b[6])
{
	return (b[0] & 1) == 0 &&
	    identity_hw(id, IDENTITY_HTYPE_ETHERNET, b, 6);
}

/*
 * As switches print it: three groups with dots or hyphens, or ProCurve's
 * 0002b3-4cedc8.
 */
static bool
is_grouped(const char *s, size_t n)
{
	const char *digits = "0123456789abcdefABCDEF";

	if (n == 13)
		return s[6] == '-' && strspn(s, digits) == 6 &&
		    strspn(s + 7, digits) == 6;
	return n == 14 && (s[4] == '.' || s[4] == '-') && s[9] == s[4] &&
	    strspn(s, digits) == 4 && strspn(s + 5, digits) == 4 &&
	    strspn(s + 10, digits) == 4;
}

/* Any of the forms that identity_parse_mac takes. */
static bool
six_bytes(const char *s, uint8_t b[6])
{
	size_t n, i;
	char dense[16];

	if ((parse_hex(s, ':', b, 6, &n) && n == 6) ||
	    (parse_hex(s, '-', b, 6, &n) && n == 6))
		return true;
	if (strlen(s) > 14)
		return false;
	if (is_grouped(s, strlen(s))) {
		for (i = n = 0; s[i] != '\0'; i++)
			if (s[i] != '.' && s[i] != '-')
				dense[n++] = s[i];
		dense[n] = '\0';
		s = dense;
	}
	return strlen(s) == 12 && parse_hex(s, '\0', b, 6, &n) && n == 6;
}

bool
identity_parse_mac(struct identity *id, const char *s)
{
	uint8_t b[6];

	return six_bytes(s, b) && one_machine(id, b);
}

bool
identity_is_group(const char *s)
{
	struct identity id;
	uint8_t b[6];

	return six_bytes(s, b) && !one_machine(&id, b);
}

bool
identity_parse_hw(struct identity *id, const char *s)
{
	const char *slash = strchr(s, '/');
	uint8_t b[IDENTITY_HW_MAX];
	size_t i, n, len;
	unsigned long htype = 256;
	char *end;

	if (slash == NULL || slash == s)
		return false;
	len = (size_t)(slash - s);
	if (*s >= '0' && *s <= '9') {
		htype = strtoul(s, &end, 10);
		if (end != slash)
			return false;
	} else {
		for (i = 0; i < sizeof htypes / sizeof htypes[0]; i++)
			if (strlen(htypes[i].name) == len &&
			    strncmp(s, htypes[i].name, len) == 0)
				htype = htypes[i].htype;
	}
	if (htype > 255)
		return false;
	if (!parse_hex(slash + 1, ':', b, sizeof b, &n) &&
	    !parse_hex(slash + 1, '\0', b, sizeof b, &n))
		return false;
	return htype == IDENTITY_HTYPE_ETHERNET && n == 6 ?
	    one_machine(id, b) : identity_hw(id, (uint8_t)htype, b, n);
}

bool
identity_parse_uuid(struct identity *id, const char *s)
{
	uint8_t b[16];
	char dense[33];
	size_t i, n;

	if (strlen(s) == 36) {
		if (s[8] != '-' || s[13] != '-' || s[18] != '-' ||
		    s[23] != '-')
			return false;
		for (i = n = 0; i < 36 && n < 32; i++)
			if (i != 8 && i != 13 && i != 18 && i != 23)
				dense[n++] = s[i];
		dense[n] = '\0';
		s = dense;
	}
	if (strlen(s) != 32 || !parse_hex(s, '\0', b, sizeof b, &n) || n != 16)
		return false;
	memset(id, 0, sizeof *id);
	id->kind = IDENTITY_UUID;
	id->len = 16;
	memcpy(id->bytes, b, 16);
	return true;
}

bool
identity_parse_hex(const char *s, uint8_t *bytes, size_t max, size_t *n)
{
	return parse_hex(s, strchr(s, ':') != NULL ? ':' : '\0', bytes, max,
	    n);
}

bool
identity_parse_bytes(struct identity *id, enum identity_kind kind,
    const char *s)
{
	uint8_t b[IDENTITY_BYTES_MAX];
	size_t n;

	if (s[0] == '0' && (s[1] == 'x' || s[1] == 'X'))
		return parse_hex(s + 2, '\0', b, sizeof b, &n) &&
		    identity_bytes(id, kind, b, n);
	if (strchr(s, ':') != NULL && identity_parse_hex(s, b, sizeof b, &n))
		return identity_bytes(id, kind, b, n);
	return identity_bytes(id, kind, (const uint8_t *)s, strlen(s));
}

bool
identity_parse(struct identity *id, const char *s)
{
	static const struct {
		const char *prefix;
		enum identity_kind kind;
	} kinds[] = {
		{ "client-id=", IDENTITY_CLIENT_ID },
		{ "circuit-id=", IDENTITY_CIRCUIT },
		{ "remote-id=", IDENTITY_REMOTE },
	};
	size_t i, n;

	for (i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		n = strlen(kinds[i].prefix);
		if (strncmp(s, kinds[i].prefix, n) == 0)
			return identity_parse_bytes(id, kinds[i].kind, s + n);
	}
	if (strncmp(s, "mac=", 4) == 0)
		return identity_parse_mac(id, s + 4);
	if (strncmp(s, "hw=", 3) == 0)
		return identity_parse_hw(id, s + 3);
	if (strncmp(s, "uuid=", 5) == 0)
		return identity_parse_uuid(id, s + 5);
	return identity_parse_mac(id, s) || identity_parse_hw(id, s) ||
	    identity_parse_uuid(id, s);
}

static size_t
print_hex(char *out, size_t size, const uint8_t *p, size_t n, char sep)
{
	static const char digits[] = "0123456789abcdef";
	size_t i, at = 0;

	for (i = 0; i < n && at + 4 <= size; i++) {
		if (i > 0 && sep != '\0')
			out[at++] = sep;
		out[at++] = digits[p[i] >> 4];
		out[at++] = digits[p[i] & 15];
	}
	if (size > 0)
		out[at < size ? at : size - 1] = '\0';
	return at;
}

static void
print_hw(const struct identity *id, char *out, size_t size)
{
	int n = 0;

	if (id->htype != IDENTITY_HTYPE_ETHERNET || id->len != 6)
		n = snprintf(out, size, "%u/", id->htype);
	if (n >= 0 && (size_t)n < size)
		print_hex(out + n, size - (size_t)n, id->bytes, id->len, ':');
}

static void
print_uuid(const struct identity *id, char *out, size_t size)
{
	static const uint8_t group[] = { 4, 2, 2, 2, 6 };
	size_t i, at = 0, from = 0;

	for (i = 0; i < sizeof group && at + 14 < size; i++) {
		if (i > 0)
			out[at++] = '-';
		at += print_hex(out + at, size - at, id->bytes + from,
		    group[i], '\0');
		from += group[i];
	}
}

static void
print_bytes(const struct identity *id, char *out, size_t size)
{
	size_t n;

	if (is_plain_text(id)) {
		n = id->len < size ? id->len : size - 1;
		memcpy(out, id->bytes, n);
		out[n] = '\0';
	} else if (id->len == 1) {
		snprintf(out, size, "0x%02x", id->bytes[0]);
	} else {
		print_hex(out, size, id->bytes, id->len, ':');
	}
}

void
identity_print(const struct identity *id, char *out, size_t size)
{
	struct identity half;
	size_t rlen, at;

	if (size == 0)
		return;
	out[0] = '\0';
	switch (id->kind) {
	case IDENTITY_HW:
		print_hw(id, out, size);
		break;
	case IDENTITY_UUID:
		print_uuid(id, out, size);
		break;
	case IDENTITY_PORT:
		/* "REMOTE CIRCUIT": for people; an entry has two values */
		rlen = id->bytes[0];
		if (rlen + 1u >= id->len)
			break;
		if (identity_bytes(&half, IDENTITY_REMOTE, id->bytes + 1, rlen))
			print_bytes(&half, out, size);
		at = strlen(out);
		if (at + 2 < size && identity_bytes(&half, IDENTITY_CIRCUIT,
		    id->bytes + 1 + rlen, id->len - 1 - rlen)) {
			out[at++] = ' ';
			print_bytes(&half, out + at, size - at);
		}
		break;
	case IDENTITY_CLIENT_ID:
	case IDENTITY_CIRCUIT:
	case IDENTITY_REMOTE:
		print_bytes(id, out, size);
		break;
	}
}

const char *
identity_attribute(const struct identity *id)
{
	static const char *const names[] = {
		[IDENTITY_NONE] = "none",
		[IDENTITY_HW] = "hw",
		[IDENTITY_CLIENT_ID] = "client-id",
		[IDENTITY_UUID] = "uuid",
		[IDENTITY_PORT] = "port",
		[IDENTITY_CIRCUIT] = "circuit-id",
		[IDENTITY_REMOTE] = "remote-id",
	};

	if (id->kind == IDENTITY_HW && id->len == 6 &&
	    id->htype == IDENTITY_HTYPE_ETHERNET)
		return "mac";
	return id->kind <= IDENTITY_REMOTE ? names[id->kind] : "none";
}

size_t
identity_key(const struct identity *id, uint8_t key[IDENTITY_KEY_MAX])
{
	struct identity other;
	size_t at = 0;

	key[at++] = id->kind;
	if (id->kind == IDENTITY_HW)
		key[at++] = id->htype;
	if (id->kind == IDENTITY_UUID) {
		/* firmware sends both byte orders: one key for the two */
		other = *id;
		identity_uuid_swap(&other);
		if (memcmp(other.bytes, id->bytes, id->len) < 0)
			id = &other;
	}
	memcpy(key + at, id->bytes, id->len);
	return at + id->len;
}

bool
identity_equal(const struct identity *a, const struct identity *b)
{
	return a->kind == b->kind && a->len == b->len &&
	    (a->kind != IDENTITY_HW || a->htype == b->htype) &&
	    memcmp(a->bytes, b->bytes, a->len) == 0;
}

static bool
all_are(const uint8_t *p, size_t n, uint8_t v)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (p[i] != v)
			return false;
	return true;
}

static int
nibble(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/*
 * Bytes of one or two digits with sep between, or, with sep '\0', of two
 * digits each.  All of s; at least one byte, at most max.
 */
static bool
parse_hex(const char *s, char sep, uint8_t *out, size_t max, size_t *n)
{
	int hi, lo;

	for (*n = 0; *n < max; ) {
		if ((hi = nibble(*s)) < 0)
			return false;
		s++;
		if ((lo = nibble(*s)) >= 0) {
			hi = hi << 4 | lo;
			s++;
		} else if (sep == '\0') {
			return false;
		}
		out[(*n)++] = (uint8_t)hi;
		if (*s == '\0')
			return true;
		if (sep != '\0' && *s++ != sep)
			return false;
	}
	return false;
}

/*
 * May the bytes be written as they stand and be read back as the same?  Not
 * if they are odd, or would be taken for hex.
 */
static bool
is_plain_text(const struct identity *id)
{
	struct identity again;
	char text[IDENTITY_BYTES_MAX + 1];
	size_t i;

	for (i = 0; i < id->len; i++)
		if (id->bytes[i] < 0x21 || id->bytes[i] > 0x7e ||
		    id->bytes[i] == ',')
			return false;
	memcpy(text, id->bytes, id->len);
	text[id->len] = '\0';
	return identity_parse_bytes(&again, (enum identity_kind)id->kind,
	    text) && identity_equal(id, &again);
}

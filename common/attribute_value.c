/*
 * What each type of value looks like: whether it is well formed, how DHCP
 * has it, how it is written.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attribute.h"
#include "identity.h"

#define RANGE_MOST 16384u	/* as many as bootpd can lend */
#define ESCAPES "naMmgds%"	/* host_expand() fills them in */

/* Decimal or 0x hex, no sign, at most max. */
static bool
number(const char *s, uint32_t max, uint32_t *v)
{
	unsigned long long n;
	char *end;

	if (*s < '0' || *s > '9' || strlen(s) > 12)
		return false;
	n = strtoull(s, &end, s[0] == '0' && s[1] == 'x' ? 16 : 10);
	if (*end != '\0' || n > max)
		return false;
	*v = (uint32_t)n;
	return true;
}

static bool
number_s32(const char *s, uint32_t *v)
{
	bool minus = *s == '-';

	if (!number(s + minus, minus ? 0x80000000u : 0x7fffffffu, v))
		return false;
	if (minus)
		*v = 0u - *v;
	return true;
}

static bool
hex_bytes(const char *s, struct put *o)
{
	uint8_t bytes[IDENTITY_BYTES_MAX];
	size_t n;

	return *s == '\0' || (identity_parse_hex(s, bytes, sizeof bytes, &n) &&
	    put_bytes(o, bytes, n));
}

static bool
encode_text(const char *v, struct put *o)
{
	return put_text(o, v);
}

static bool
encode_address(const char *v, struct put *o)
{
	uint32_t a;

	return attribute_address(v, &a) && put_u32(o, a);
}

static bool
encode_addresses(const char *v, struct put *o)
{
	char item[16];

	while (*v != '\0')
		if (!attribute_item(&v, item, sizeof item) ||
		    !encode_address(item, o))
			return false;
	return true;
}

/* RFC 3397, without compression: RFC 1035 names one after the other. */
static bool
encode_names(const char *v, struct put *o)
{
	char item[256];
	const char *s;
	size_t n;

	while (*v != '\0') {
		if (!attribute_item(&v, item, sizeof item) ||
		    !attribute_is_host_name(item))
			return false;
		for (s = item; *s != '\0'; s += n + (s[n] == '.')) {
			n = strcspn(s, ".");
			put_u8(o, (uint8_t)n);
			put_bytes(o, s, n);
		}
		put_u8(o, 0);
	}
	return !o->full;
}

static bool
route(const char *item, uint32_t *net, uint32_t *len, uint32_t *gateway)
{
	char text[48];
	char *slash, *dash;

	if (strlen(item) >= sizeof text)
		return false;
	strcpy(text, item);
	if ((slash = strchr(text, '/')) == NULL ||
	    (dash = strchr(slash, '-')) == NULL)
		return false;
	*slash = *dash = '\0';
	return attribute_address(text, net) &&
	    number(slash + 1, 32, len) &&
	    attribute_address(dash + 1, gateway) &&
	    (*len == 32 || (*net & (0xffffffffu >> *len)) == 0);
}

/* RFC 3442: as many bytes of the network as the mask is long. */
static bool
encode_routes(const char *v, struct put *o)
{
	char item[48];
	uint32_t net, len, gateway, i;

	while (*v != '\0') {
		if (!attribute_item(&v, item, sizeof item) ||
		    !route(item, &net, &len, &gateway))
			return false;
		put_u8(o, (uint8_t)len);
		for (i = 0; i < len; i += 8)
			put_u8(o, (uint8_t)(net >> (24 - i)));
		put_u32(o, gateway);
	}
	return !o->full;
}

static bool
encode_u8(const char *v, struct put *o)
{
	uint32_t n;

	return number(v, 0xff, &n) && put_u8(o, (uint8_t)n);
}

static bool
encode_u16(const char *v, struct put *o)
{
	uint32_t n;

	return number(v, 0xffff, &n) && put_u16(o, (uint16_t)n);
}

static bool
encode_u32(const char *v, struct put *o)
{
	uint32_t n;

	return number(v, 0xffffffff, &n) && put_u32(o, n);
}

static bool
encode_s32(const char *v, struct put *o)
{
	uint32_t n;

	return number_s32(v, &n) && put_u32(o, n);
}

static bool
encode_duration(const char *v, struct put *o)
{
	uint32_t n;

	return attribute_duration(v, &n) && put_u32(o, n);
}

static bool
encode_flag(const char *v, struct put *o)
{
	if (strcmp(v, "on") != 0 && strcmp(v, "off") != 0)
		return false;
	return put_u8(o, v[1] == 'n');
}

static bool
encode_option(const char *v, struct put *o)
{
	static const struct {
		const char *prefix;
		bool (*encode)(const char *, struct put *);
	} kinds[] = {
		{ "ip:", encode_addresses }, { "text:", encode_text },
		{ "hex:", hex_bytes }, { "u8:", encode_u8 },
		{ "u16:", encode_u16 }, { "u32:", encode_u32 },
		{ "s32:", encode_s32 }, { "flag:", encode_flag },
		{ "names:", encode_names }, { "routes:", encode_routes },
	};
	size_t i, n;

	for (i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		n = strlen(kinds[i].prefix);
		if (strncmp(v, kinds[i].prefix, n) == 0)
			return kinds[i].encode(v + n, o);
	}
	return false;
}

static bool (*const encoders[])(const char *, struct put *) = {
	[T_TEXT] = encode_text, [T_NAME] = encode_text,
	[T_WORD] = encode_text, [T_WORDS] = encode_text,
	[T_PATH] = encode_text, [T_PATHS] = encode_text,
	[T_NAMES] = encode_names, [T_ADDRESS] = encode_address,
	[T_ADDRESSES] = encode_addresses, [T_ROUTES] = encode_routes,
	[T_U8] = encode_u8, [T_U16] = encode_u16, [T_U32] = encode_u32,
	[T_S32] = encode_s32, [T_DURATION] = encode_duration,
	[T_OPTION] = encode_option,
};

bool
attribute_encode(enum attribute_id id, const char *value, struct put *o)
{
	const struct attribute *a = &attribute_table[id];
	struct put saved = *o;

	if ((a->code != 0 || a->type == T_OPTION) &&
	    encoders[a->type] != NULL && !o->full &&
	    encoders[a->type](value, o))
		return true;
	*o = saved;
	return false;
}

/* What each type takes; NULL is well formed. */
static const char *
check_text(const char *v)
{
	for (; *v != '\0'; v++)
		if ((unsigned char)*v < 0x20 || *v == 0x7f)
			return "has a control character";
	return NULL;
}

static const char *
check_path(const char *v)
{
	const char *s;
	size_t n;

	for (s = v; *s != '\0'; s++)
		if ((unsigned char)*s <= 0x20 || *s == 0x7f || *s == '"')
			return "is no file name (blank, quote or control "
			    "character)";
	for (s = v; *s != '\0'; s += n + (s[n] != '\0')) {
		n = strcspn(s, "/\\");
		if (n == 2 && s[0] == '.' && s[1] == '.')
			return "has a \"..\" in it";
	}
	return NULL;
}

static const char *
check_word_of(const char *v, const char *more)
{
	if (*v == '\0')
		return "is empty";
	for (; *v != '\0'; v++)
		if ((*v < '0' || *v > '9') && (*v < 'a' || *v > 'z') &&
		    (*v < 'A' || *v > 'Z') && strchr(more, *v) == NULL)
			return "has a character that is no letter, digit, "
			    "'.', '_' or '-'";
	return NULL;
}

static const char *
check_word(const char *v)
{
	return check_word_of(v, "._-");
}

static const char *
check_words(const char *v)
{
	char item[256];
	const char *name, *why;

	while (*v != '\0') {
		if (!attribute_item(&v, item, sizeof item))
			return "is too long";
		/* what rsync-shim takes for a module: a directory's name */
		name = item + (item[0] == '!');
		if ((why = check_word_of(name, "._-%")) != NULL)
			return why;
		if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 ||
		    strcmp(name, "global") == 0)
			return "has a word that can be no directory's name";
	}
	return NULL;
}

static const char *
check_name(const char *v)
{
	return attribute_is_host_name(v) ? NULL : "is no host name";
}

static const char *
check_address(const char *v)
{
	uint32_t a;

	return attribute_address(v, &a) ? NULL : "is not an IPv4 address";
}

static const char *
check_range(const char *v)
{
	uint32_t first, last;

	if (!attribute_range(v, &first, &last))
		return "is not FIRST-LAST, as in 192.0.2.200-192.0.2.250";
	return last - first < RANGE_MOST ? NULL :
	    "has over 16384 addresses";
}

static const char *
check_encoding(const char *v, bool (*encode)(const char *, struct put *),
    const char *why)
{
	uint8_t bytes[1024];
	struct put o = put_into(bytes, sizeof bytes);

	return encode(v, &o) ? NULL : why;
}

#define CHECK_ENCODED(name, encode, why)				\
	static const char *						\
	name(const char *v)						\
	{								\
		return check_encoding(v, encode, why);			\
	}

CHECK_ENCODED(check_addresses, encode_addresses,
    "is not a list of IPv4 addresses with commas and no blanks between")
CHECK_ENCODED(check_names, encode_names,
    "is not a list of domain names with commas between")
CHECK_ENCODED(check_routes, encode_routes,
    "is not NET/LEN-GATEWAY, as in 198.51.100.0/24-192.0.2.1")
CHECK_ENCODED(check_u8, encode_u8, "is not a number from 0 to 255")
CHECK_ENCODED(check_u16, encode_u16, "is not a number from 0 to 65535")
CHECK_ENCODED(check_u32, encode_u32, "is not a number of 32 bits")
CHECK_ENCODED(check_s32, encode_s32, "is not a number of 32 bits")
CHECK_ENCODED(check_duration, encode_duration,
    "is no duration, as in 90s, 15m, 12h, 1d, 2w or infinite")
CHECK_ENCODED(check_option, encode_option,
    "needs ip: text: hex: u8: u16: u32: s32: flag: names: or routes: and a "
    "value of that kind")

static const char *
check_boot(const char *v)
{
	return strcmp(v, "net") == 0 || strcmp(v, "local") == 0 ? NULL :
	    "is neither net nor local";
}

static const char *
check_local(const char *v)
{
	static const char *const ways[] = {
		"exit", "none", "sanboot", "grub-scan"
	};
	size_t i;

	for (i = 0; i < sizeof ways / sizeof ways[0]; i++)
		if (strcmp(v, ways[i]) == 0)
			return NULL;
	return "is none of exit, none, sanboot, grub-scan";
}

static const char *
check_each(const char *v, bool (*parse)(struct identity *, const char *),
    const char *why)
{
	struct identity id;
	char item[IDENTITY_TEXT_MAX];

	if (*v == '\0')
		return "is empty";
	while (*v != '\0')
		if (!attribute_item(&v, item, sizeof item) ||
		    !parse(&id, item))
			return why;
	return NULL;
}

static const char *
check_macs(const char *v)
{
	const char *why = "is not a MAC address";
	char item[IDENTITY_TEXT_MAX];

	for (const char *at = v; attribute_item(&at, item, sizeof item);)
		if (identity_is_group(item))
			why = "is a MAC address of a group or of nobody";
	return check_each(v, identity_parse_mac, why);
}

static const char *
check_hws(const char *v)
{
	return check_each(v, identity_parse_hw,
	    "is not HTYPE/BYTES, as in 32/80:00:02:...");
}

static const char *
check_uuids(const char *v)
{
	return check_each(v, identity_parse_uuid, "is not a UUID");
}

static const char *
check_bytes(const char *v)
{
	struct identity id;

	if (check_text(v) != NULL)
		return check_text(v);
	return identity_parse_bytes(&id, IDENTITY_CLIENT_ID, v) &&
	    id.len <= 255 ? NULL : "is not 1 to 255 bytes";
}

static bool
parse_nic_part(struct identity *id, const char *item)
{
	return identity_parse_mac(id, item) || identity_parse_hw(id, item);
}

static const char *
check_nic(const char *v)
{
	struct identity id;
	char item[IDENTITY_TEXT_MAX];
	uint32_t a;

	if (!attribute_item(&v, item, sizeof item) ||
	    !parse_nic_part(&id, item))
		return "does not start with a MAC address";
	if (*v != '\0' && !attribute_address(v, &a))
		return "is not MAC,ADDRESS";
	return NULL;
}

static const char *(*const checks[])(const char *) = {
	[T_TEXT] = check_text, [T_NAME] = check_name, [T_WORD] = check_word,
	[T_WORDS] = check_words, [T_NAMES] = check_names,
	[T_PATH] = check_path, [T_PATHS] = check_path,
	[T_ADDRESS] = check_address, [T_ADDRESSES] = check_addresses,
	[T_RANGE] = check_range, [T_ROUTES] = check_routes,
	[T_U8] = check_u8, [T_U16] = check_u16,
	[T_U32] = check_u32, [T_S32] = check_s32,
	[T_DURATION] = check_duration, [T_BOOT] = check_boot,
	[T_LOCAL] = check_local, [T_MACS] = check_macs, [T_HWS] = check_hws,
	[T_BYTES] = check_bytes, [T_UUIDS] = check_uuids, [T_NIC] = check_nic,
	[T_OPTION] = check_option,
};

/* Ones, then zeros. */
static bool
is_mask(const char *value)
{
	uint32_t mask;

	return attribute_address(value, &mask) &&
	    (~mask & (~mask + 1)) == 0;
}

const char *
attribute_check(enum attribute_id id, const char *value)
{
	const struct attribute *a = &attribute_table[id];
	const char *s, *why;

	/* "router=" says: none, whatever the group or subnet has */
	if (*value == '\0')
		return (a->scopes & ~(ON_HOST | ON_GROUP)) != 0 ? NULL :
		    "is empty";
	if ((why = check_text(value)) != NULL)
		return why;
	if ((why = checks[a->type](value)) != NULL)
		return why;
	if (id == A_MASK && !is_mask(value))
		return "is no network mask";
	if (!a->expands)
		return NULL;
	for (s = value; (s = strchr(s, '%')) != NULL; s += 2)
		if (s[1] == '\0' || strchr(ESCAPES, s[1]) == NULL)
			return "has a % that is none of %n %a %m %M %g %d %s "
			    "%%";
	return NULL;
}

static bool
canonical_each(const char *v, bool (*parse)(struct identity *, const char *),
    const char *prefix, char *out, size_t size)
{
	struct identity id;
	char item[IDENTITY_TEXT_MAX];
	size_t at = 0, n;

	while (attribute_item(&v, item, sizeof item)) {
		if (!parse(&id, item))
			return false;
		identity_print(&id, item, sizeof item);
		n = (size_t)snprintf(out + at, size - at, "%s%s%s",
		    at > 0 ? "," : "",
		    strchr(item, '/') == NULL ? prefix : "", item);
		if (n >= size - at)
			return false;
		at += n;
	}
	return *v == '\0';
}

bool
attribute_canonical(enum attribute_id id, const char *value, char *out,
    size_t size)
{
	struct identity bytes;
	const char *rest = value;
	char item[IDENTITY_TEXT_MAX], mac[64];

	if (size == 0)
		return false;
	out[0] = '\0';
	if (*value == '\0')
		return true;
	switch (attribute_table[id].type) {
	case T_MACS:
		return canonical_each(value, identity_parse_mac, "", out,
		    size);
	case T_HWS:
		return canonical_each(value, identity_parse_hw, "1/", out,
		    size);
	case T_UUIDS:
		return canonical_each(value, identity_parse_uuid, "", out,
		    size);
	case T_BYTES:
		if (!identity_parse_bytes(&bytes, IDENTITY_CLIENT_ID, value))
			return false;
		identity_print(&bytes, out, size);
		return true;
	case T_NIC:
		return attribute_item(&rest, item, sizeof item) &&
		    canonical_each(item, parse_nic_part, "", mac,
		    sizeof mac) && (size_t)snprintf(out, size, "%s%s%s", mac,
		    *rest == '\0' ? "" : ",", rest) < size;
	default:
		if (strlen(value) >= size)
			return false;
		strcpy(out, value);
		return true;
	}
}

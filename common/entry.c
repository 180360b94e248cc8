#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#ifdef __linux__
#include <bsd/string.h>
#endif

#include "entry.h"
#include "guess.h"

static const struct {
	const char *name;
	unsigned scope;
} kinds[] = {
	[ENTRY_SITE] = { "site", ON_SITE },
	[ENTRY_SUBNET] = { "subnet", ON_SUBNET },
	[ENTRY_GROUP] = { "group", ON_GROUP },
	[ENTRY_HOST] = { "host", ON_HOST },
};

/* A word of a line: name up to '=', value behind it with quotes removed. */
struct word {
	size_t at;		/* where it starts in the line */
	char *name;
	char *value;		/* NULL: no '=' */
};

static bool fail(struct entry_error *, size_t, const char *, ...)
    __attribute__((format(printf, 3, 4)));
static bool next_word(const char *, size_t, size_t *, char *, size_t *,
    struct word *, struct entry_error *);
static bool add_text(struct entry *, const char *, size_t, uint16_t *);
static bool canonical_name(enum entry_kind, const char *, char *, size_t,
    const char **);

const char *
entry_kind_name(enum entry_kind kind)
{
	return kinds[kind].name;
}

bool
entry_kind_find(const char *word, enum entry_kind *kind)
{
	size_t i;

	for (i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		if (strcmp(word, kinds[i].name) == 0) {
			*kind = (enum entry_kind)i;
			return true;
		}
	return false;
}

const char *
entry_name(const struct entry *e)
{
	return e->text + e->name;
}

bool
entry_init(struct entry *e, enum entry_kind kind, const char *name,
    struct entry_error *err)
{
	char canonical[ENTRY_NAME_MAX + 1];
	const char *why;

	e->kind = kind;
	e->n = 0;
	e->used = 1;
	e->text[0] = '\0';	/* offset 0 is the empty text */
	e->name = 0;
	if (kind == ENTRY_SITE)
		return *name == '\0' || fail(err, 0, "site has no name");
	if (!canonical_name(kind, name, canonical, sizeof canonical, &why))
		return fail(err, 0, "%s", why);
	return add_text(e, canonical, strlen(canonical), &e->name) ||
	    fail(err, 0, "is too long");
}

bool
entry_parse(struct entry *e, const char *line, size_t n,
    struct entry_error *err)
{
	return entry_import(e, line, n, NULL, NULL, err);
}

bool
entry_import(struct entry *e, const char *line, size_t n,
    void (*left_out)(void *, const char *), void *arg,
    struct entry_error *err)
{
	char buf[ENTRY_LINE_MAX + ENTRY_VALUES_MAX * 2];
	size_t at = 0, used = 0;
	char why[sizeof err->why];
	struct word w;
	enum entry_kind kind;

	err->at = 0;
	err->why[0] = '\0';
	if (n > ENTRY_LINE_MAX)
		return fail(err, ENTRY_LINE_MAX, "line is over %d bytes",
		    ENTRY_LINE_MAX);
	if (!next_word(line, n, &at, buf, &used, &w, err))
		return err->why[0] != '\0' ? false :
		    fail(err, 0, "line is empty");
	if (w.value != NULL || !entry_kind_find(w.name, &kind))
		return fail(err, w.at,
		    "%.40s: is none of site, subnet, group, host", w.name);
	w.name = "";
	if (kind != ENTRY_SITE &&
	    (!next_word(line, n, &at, buf, &used, &w, err) ||
	    w.value != NULL))
		return err->why[0] != '\0' ? false :
		    fail(err, w.value != NULL ? w.at : at, "%s: has no name",
		    kinds[kind].name);
	if (!entry_init(e, kind, w.name, err)) {
		strlcpy(why, err->why, sizeof why);
		return fail(err, w.at, "%.60s: %s", w.name, why);
	}
	while (next_word(line, n, &at, buf, &used, &w, err)) {
		if (w.value == NULL)
			return fail(err, w.at,
			    "%.60s: is no attribute=value", w.name);
		if (entry_get_named(e, w.name))
			return fail(err, w.at, "%.60s: stands twice", w.name);
		if (entry_set(e, w.name, w.value, err))
			continue;
		err->at = w.at;
		if (!err->needless || left_out == NULL)
			return false;
		left_out(arg, err->why);
		err->why[0] = '\0';
	}
	return err->why[0] == '\0';
}

bool
entry_load(struct entry *e, const char *line, size_t n)
{
	struct entry_error err;
	char buf[ENTRY_LINE_MAX + ENTRY_VALUES_MAX * 2];
	size_t at = 0, used = 0, suffix, len;
	struct entry_value *v;
	struct word w;
	int id;

	err.why[0] = '\0';
	e->n = 0;
	e->used = 1;
	e->text[0] = '\0';
	e->name = 0;
	if (n > ENTRY_LINE_MAX ||
	    !next_word(line, n, &at, buf, &used, &w, &err) ||
	    w.value != NULL || !entry_kind_find(w.name, &e->kind))
		return false;
	if (e->kind != ENTRY_SITE &&
	    (!next_word(line, n, &at, buf, &used, &w, &err) ||
	    w.value != NULL ||
	    !add_text(e, w.name, strlen(w.name), &e->name)))
		return false;
	while (next_word(line, n, &at, buf, &used, &w, &err)) {
		if (w.value == NULL || e->n == ENTRY_VALUES_MAX)
			return false;
		len = strlen(w.name);
		if ((id = attribute_find(w.name, len, &suffix)) < 0)
			continue;	/* a newer version wrote it */
		v = &e->values[e->n];
		v->id = (uint8_t)id;
		if (!add_text(e, w.name + suffix, len - suffix, &v->suffix) ||
		    !add_text(e, w.value, strlen(w.value), &v->value))
			return false;
		e->n++;
	}
	return err.why[0] == '\0';
}

static size_t
find(const struct entry *e, enum attribute_id id, const char *suffix)
{
	size_t i;

	for (i = 0; i < e->n; i++)
		if (e->values[i].id == id &&
		    strcmp(e->text + e->values[i].suffix, suffix) == 0)
			break;
	return i;
}

const char *
entry_get(const struct entry *e, enum attribute_id id, const char *suffix)
{
	size_t i = find(e, id, suffix == NULL ? "" : suffix);

	return i < e->n ? e->text + e->values[i].value : NULL;
}

bool
entry_names_address(const struct entry *e, uint32_t address)
{
	const struct attribute *a;
	const char *at;
	uint32_t other;
	char item[16];
	size_t i;

	for (i = 0; i < e->n; i++) {
		a = &attribute_table[e->values[i].id];
		if (a->type != T_ADDRESS && a->type != T_ADDRESSES)
			continue;
		for (at = e->text + e->values[i].value;
		    attribute_item(&at, item, sizeof item); )
			if (attribute_address(item, &other) &&
			    other == address)
				return true;
	}
	return false;
}

const char *
entry_get_named(const struct entry *e, const char *attribute)
{
	size_t suffix;
	int id = attribute_find(attribute, strlen(attribute), &suffix);

	return id < 0 ? NULL :
	    entry_get(e, (enum attribute_id)id, attribute + suffix);
}

/*
 * Options that mean something to one packet alone: bootpd makes them itself,
 * or only clients and relays send them.  Why, and what to set instead.
 */
static const char *
whose_option(const char *code)
{
	static const struct {
		const char *code, *why;
	} options[] = {
		{ "50", "is the address a client wants: address= gives one" },
		{ "52", "is bootpd's own, wherever options need more room: "
		    "nothing needs to be set" },
		{ "53", "is the message's type: nothing can be set" },
		{ "54", "is bootpd's own address: next-server= names another "
		    "server for the boot file" },
		{ "55", "is the client's list of wishes: what is set as "
		    "option-N goes to all, asked for or not" },
		{ "56", "is the reason of a NAK, which bootpd says itself: "
		    "nothing can be set" },
		{ "57", "is what the client can take, and bootpd keeps to "
		    "it: mtu= sets the interface's MTU" },
		{ "61", "is the client's identifier: client-id= knows a "
		    "machine by it" },
		{ "82", "is the relay's: circuit-id= and remote-id= know a "
		    "machine by it" },
		{ "97", "is the machine's UUID, and goes back as it came: "
		    "uuid= knows a machine by it" },
		{ "118", "is the network a client asks for: add-subnet adds "
		    "that network" },
	};
	size_t i;

	for (i = 0; i < sizeof options / sizeof options[0]; i++)
		if (strcmp(code, options[i].code) == 0)
			return options[i].why;
	return NULL;
}

/* The lease time that bootpd counts T1 and T2 from. */
static bool
is_lease(const char *value)
{
	uint8_t bytes[4];
	struct put o = put_into(bytes, sizeof bytes);

	return *value == '\0' || (attribute_encode(A_OPTION, value, &o) &&
	    put_room(&o) == 0 && memcmp(bytes, "\0\0\0", 4) != 0);
}

/* Values that are gone or replaced leave holes: copy what is alive. */
static void
compact(struct entry *e)
{
	struct entry old = *e;
	size_t i;

	e->used = 1;
	add_text(e, old.text + old.name, strlen(old.text + old.name),
	    &e->name);
	for (i = 0; i < e->n; i++) {
		add_text(e, old.text + old.values[i].suffix,
		    strlen(old.text + old.values[i].suffix),
		    &e->values[i].suffix);
		add_text(e, old.text + old.values[i].value,
		    strlen(old.text + old.values[i].value),
		    &e->values[i].value);
	}
}

static bool
no_attribute(const char *name, struct entry_error *err)
{
	const char *meant = guess_attribute(name);

	return fail(err, 0, "%.60s: no such attribute%s%s%s (pxectl help "
	    "attributes)", name, meant != NULL ? ": is " : "",
	    meant != NULL ? meant : "", meant != NULL ? "= meant?" : "");
}

bool
entry_set(struct entry *e, const char *attribute, const char *value,
    struct entry_error *err)
{
	char canonical[ENTRY_LINE_MAX];
	size_t i, suffix, len = strlen(attribute);
	struct entry_value v;
	const char *why;
	int id;

	if ((id = attribute_find(attribute, len, &suffix)) < 0)
		return no_attribute(attribute, err);
	if ((attribute_table[id].scopes & kinds[e->kind].scope) == 0)
		return fail(err, 0, "%s: does not belong on a %s",
		    attribute, kinds[e->kind].name);
	i = find(e, (enum attribute_id)id, attribute + suffix);
	if (id == A_OPTION && value != NULL &&
	    (why = whose_option(attribute + suffix)) != NULL) {
		fail(err, 0, "%s: %s", attribute, why);
		err->needless = true;
		return false;
	}
	if (value == NULL) {
		if (i == e->n)
			return fail(err, 0, "%s: is not set", attribute);
		memmove(&e->values[i], &e->values[i + 1],
		    (e->n - i - 1) * sizeof e->values[0]);
		e->n--;
		compact(e);
		return true;
	}
	if ((why = attribute_check((enum attribute_id)id, value)) != NULL)
		return fail(err, 0, "%s=%.60s: %s", attribute, value, why);
	if (id == A_OPTION && strcmp(attribute + suffix, "51") == 0 &&
	    !is_lease(value))
		return fail(err, 0, "%s=%.60s: is not u32:SECONDS, over 0",
		    attribute, value);
	if (!attribute_canonical((enum attribute_id)id, value, canonical,
	    sizeof canonical))
		return fail(err, 0, "%s: is too long", attribute);
	if (i == e->n && e->n == ENTRY_VALUES_MAX)
		return fail(err, 0, "has over %d attributes",
		    ENTRY_VALUES_MAX);
	v.id = (uint8_t)id;
	if (!add_text(e, attribute + suffix, len - suffix, &v.suffix) ||
	    !add_text(e, canonical, strlen(canonical), &v.value))
		return fail(err, 0, "line is over %d bytes", ENTRY_LINE_MAX);
	e->values[i] = v;
	if (i == e->n)
		e->n++;
	else
		compact(e);
	return true;
}

bool
entry_rename(struct entry *e, const char *name, struct entry_error *err)
{
	struct entry new;

	if (!entry_init(&new, e->kind, name, err))
		return false;
	if (!add_text(e, entry_name(&new), strlen(entry_name(&new)),
	    &e->name))
		return fail(err, 0, "line is over %d bytes", ENTRY_LINE_MAX);
	compact(e);
	return true;
}

static bool
stands_before(const struct entry *e, const struct entry_value *x,
    const struct entry_value *y)
{
	const char *s = e->text + x->suffix, *t = e->text + y->suffix;

	if (x->id != y->id)
		return x->id < y->id;
	/* option-9 stands before option-10 */
	if (attribute_table[x->id].suffix == SUFFIX_CODE &&
	    strlen(s) != strlen(t))
		return strlen(s) < strlen(t);
	return strcmp(s, t) < 0;
}

static void
print_value(struct put *o, const char *v)
{
	if (*v != '\0' && strpbrk(v, " \"\\#") == NULL) {
		put_text(o, v);
		return;
	}
	put_u8(o, '"');
	for (; *v != '\0'; v++) {
		if (*v == '"' || *v == '\\')
			put_u8(o, '\\');
		put_u8(o, (uint8_t)*v);
	}
	put_u8(o, '"');
}

size_t
entry_print(const struct entry *e, char *line, size_t size)
{
	struct entry_value sorted[ENTRY_VALUES_MAX];
	struct put o = put_into(line, size);
	const struct attribute *a;
	size_t i, at;

	for (i = 0; i < e->n; i++) {
		for (at = i; at > 0 && stands_before(e, &e->values[i],
		    &sorted[at - 1]); at--)
			sorted[at] = sorted[at - 1];
		sorted[at] = e->values[i];
	}
	put_text(&o, kinds[e->kind].name);
	if (e->kind != ENTRY_SITE) {
		put_u8(&o, ' ');
		put_text(&o, entry_name(e));
	}
	for (i = 0; i < e->n; i++) {
		a = &attribute_table[sorted[i].id];
		put_u8(&o, ' ');
		put_text(&o, a->name);
		if (e->text[sorted[i].suffix] != '\0') {
			put_u8(&o, a->suffix == SUFFIX_CODE ? '-' : '.');
			put_text(&o, e->text + sorted[i].suffix);
		}
		put_u8(&o, '=');
		print_value(&o, e->text + sorted[i].value);
	}
	put_u8(&o, '\0');
	return o.full ? 0 : (size_t)((char *)o.at - line) - 1;
}

bool
entry_subnet_parse(const char *name, uint32_t *network, unsigned *len)
{
	char text[ENTRY_NAME_MAX + 1];
	char *slash, *end;

	if (strlen(name) >= sizeof text)
		return false;
	strcpy(text, name);
	if ((slash = strchr(text, '/')) == NULL)
		return false;
	*slash++ = '\0';
	if (*slash < '0' || *slash > '9' || strlen(slash) > 2)
		return false;
	*len = (unsigned)strtoul(slash, &end, 10);
	return *end == '\0' && *len <= 32 &&
	    attribute_address(text, network) &&
	    (*network & ~entry_subnet_mask(*len)) == 0;
}

uint32_t
entry_subnet_mask(unsigned len)
{
	return len == 0 ? 0 : 0xffffffffu << (32 - len);
}

static bool
fail(struct entry_error *err, size_t at, const char *fmt, ...)
{
	va_list ap;

	err->at = at;
	err->needless = false;
	va_start(ap, fmt);
	vsnprintf(err->why, sizeof err->why, fmt, ap);
	va_end(ap);
	return false;
}

/*
 * The word at *at, copied to buf behind *used with quotes and backslashes
 * taken off.  False at the end of the line or, with err->why, on a word
 * that cannot be read.  buf is larger than any line, NUL bytes included.
 */
static bool
next_word(const char *line, size_t n, size_t *at, char *buf, size_t *used,
    struct word *w, struct entry_error *err)
{
	bool quoted = false;
	size_t i = *at;
	char c, *to = buf + *used;

	while (i < n && (line[i] == ' ' || line[i] == '\t'))
		i++;
	*at = i;
	if (i == n || line[i] == '#')
		return false;
	w->at = i;
	w->name = to;
	w->value = NULL;
	for (; i < n; i++) {
		c = line[i];
		if (!quoted && (c == ' ' || c == '\t'))
			break;
		if ((unsigned char)c < 0x20 || c == 0x7f)
			return fail(err, i, "control character in the line");
		if (c == '"') {
			quoted = !quoted;
			continue;
		}
		if (quoted && c == '\\' && i + 1 < n &&
		    (line[i + 1] == '"' || line[i + 1] == '\\'))
			c = line[++i];
		else if (!quoted && c == '=' && w->value == NULL) {
			*to++ = '\0';
			w->value = to;
			continue;
		}
		*to++ = c;
	}
	if (quoted)
		return fail(err, w->at, "quote is not closed");
	*to++ = '\0';
	*used = (size_t)(to - buf);
	*at = i;
	return true;
}

static bool
add_text(struct entry *e, const char *s, size_t n, uint16_t *offset)
{
	if (n == 0) {
		*offset = 0;
		return true;
	}
	if (n + 1 > sizeof e->text - e->used)
		return false;
	memcpy(e->text + e->used, s, n);
	e->text[e->used + n] = '\0';
	*offset = e->used;
	e->used = (uint16_t)(e->used + n + 1);
	return true;
}

static bool
canonical_name(enum entry_kind kind, const char *name, char *out, size_t size,
    const char **why)
{
	char text[ATTRIBUTE_ADDRESS_SIZE];
	uint32_t network;
	unsigned len;
	size_t i;

	if (strlen(name) >= size) {
		*why = "name is too long";
		return false;
	}
	strcpy(out, name);
	switch (kind) {
	case ENTRY_SUBNET:
		*why = "is no network as in 192.0.2.0/24, with no host bits "
		    "set";
		if (!entry_subnet_parse(name, &network, &len))
			return false;
		snprintf(out, size, "%s/%u",
		    attribute_address_text(network, text), len);
		return true;
	case ENTRY_HOST:
		*why = "is no host name (letters, digits and inner hyphens)";
		if (!attribute_is_host_name(name))
			return false;
		/* the DNS knows no case: neither do we */
		for (i = 0; out[i] != '\0'; i++)
			if (out[i] >= 'A' && out[i] <= 'Z')
				out[i] = (char)(out[i] - 'A' + 'a');
		return true;
	default:
		*why = "is no group name (letters, digits, '.', '_', '-')";
		return strlen(name) <= ENTRY_GROUP_MAX &&
		    attribute_check(A_GROUP, name) == NULL;
	}
}

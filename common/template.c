/*
 * Templates: see template.h.
 *
 * In which quotes a value will stand is certain in JSON and XML alone.
 * Everywhere else (here-documents, block scalars, a preseed file that knows
 * no quotes) only such bytes are written as mean nothing in any of them.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "cursor.h"
#include "template.h"

#define HOLE_NAME	96
#define VALUE_MAX	4096

enum quotes { BARE, SINGLE, DOUBLE };

/* The source up to where we are. */
struct place {
	const char *at, *end;
	const char *line;	/* where this line begins */
	const char *hole;	/* where the last %{ was */
	unsigned number;	/* of this line */
	enum quotes quotes;	/* of the template's own text, on this line */
	bool escaped;		/* a backslash went before */
};

struct value {
	const char *name;
	char text[VALUE_MAX];
};

struct kind {
	const char *suffix;
	bool whole;		/* suffix is the whole name */
	bool (*put)(struct put *, const struct place *, const char *);
};

static bool put_literal(struct put *, const struct place *, const char *);
static bool put_shell(struct put *, const struct place *, const char *);
static bool put_json(struct put *, const struct place *, const char *);
static bool put_yaml(struct put *, const struct place *, const char *);
static bool put_xml(struct put *, const struct place *, const char *);

static const struct kind kinds[] = {
	{ ".sh", false, put_shell }, { ".ks", false, put_shell },
	{ "ks.cfg", true, put_shell }, { "-ks.cfg", false, put_shell },
	{ ".json", false, put_json }, { ".ign", false, put_json },
	{ ".yaml", false, put_yaml }, { ".yml", false, put_yaml },
	{ ".xml", false, put_xml },
	/* cloud-init's have no suffix */
	{ "user-data", true, put_yaml }, { "meta-data", true, put_yaml },
	{ "vendor-data", true, put_yaml }, { "network-config", true, put_yaml },
	{ "", false, put_literal },
};

static const struct kind *kind_of(const char *);
static bool placeholder(struct place *, const struct kind *,
    const struct host *, uint32_t, struct put *, struct template_error *);
static bool fail(struct template_error *, const char *, ...)
    __attribute__((format(printf, 2, 3)));
static void step(struct place *, const struct kind *);
static bool value_of(const struct host *, uint32_t, struct value *, bool *);
static bool special(const struct host *, uint32_t, struct value *);
static bool is_special(const char *);
static bool address(struct value *, uint32_t);
static bool is_inert(const char *);
static bool is_yaml_mark(const char *);
static void put_between(struct put *, const char *, const char *);

bool
template_render(const char *name, const char *source, size_t n,
    const struct host *host, uint32_t server, char *out, size_t size,
    size_t *len, struct template_error *err)
{
	struct place p = { .at = source,
	    .end = source + n, .line = source, .number = 1 };
	const struct kind *kind = kind_of(name);
	struct put o = put_into(out, size);
	size_t left;

	*len = 0;
	while (p.at < p.end && !o.full) {
		err->line = p.number;
		left = (size_t)(p.end - p.at);
		if (left >= 3 && memcmp(p.at, "%%{", 3) == 0) {
			put_text(&o, "%{");
			p.at += 3;
		} else if (left >= 2 && memcmp(p.at, "%{", 2) == 0) {
			if (!placeholder(&p, kind, host, server, &o, err))
				return false;
		} else {
			put_u8(&o, (uint8_t)*p.at);
			step(&p, kind);
		}
	}
	if (o.full)
		return fail(err, "the file becomes larger than %zu bytes",
		    size);
	*len = (size_t)(o.at - (uint8_t *)out);
	return true;
}

static const struct kind *
kind_of(const char *name)
{
	const char *base = strrchr(name, '/');
	size_t i, n, len;

	base = base == NULL ? name : base + 1;
	len = strlen(base);
	for (i = 0;; i++) {
		n = strlen(kinds[i].suffix);
		if (n <= len && strcasecmp(base + len - n, kinds[i].suffix)
		    == 0 && (!kinds[i].whole || n == len))
			return &kinds[i];
	}
}

/* %{NAME} or %{NAME:TEXT}, at p->at; moves past it. */
static bool
placeholder(struct place *p, const struct kind *kind, const struct host *host,
    uint32_t server, struct put *o, struct template_error *err)
{
	const char *from = p->at + 2, *brace, *colon, *s;
	char name[HOLE_NAME];
	struct value v = { .name = name };
	bool known = false, found;
	size_t n;

	brace = memchr(from, '}', (size_t)(p->end - from));
	s = memchr(from, '\n', (size_t)(p->end - from));
	if (brace == NULL || (s != NULL && s < brace))
		return fail(err, "%%{ without its } (%%%%{ is a plain %%{)");
	colon = memchr(from, ':', (size_t)(brace - from));
	n = (size_t)((colon == NULL ? brace : colon) - from);
	if (n == 0 || n >= sizeof name || memchr(from, '\0', n) != NULL)
		return fail(err, "%%{} without the name of an attribute");
	memcpy(name, from, n);
	name[n] = '\0';
	found = value_of(host, server, &v, &known);
	if (!known)
		return fail(err, "%%{%.60s}: no such attribute", name);
	p->hole = p->at;
	p->at = brace + 1;
	if (!found && colon != NULL) {
		/* What the template's author wrote, as it stands. */
		put_bytes(o, colon + 1, (size_t)(brace - colon - 1));
		return true;
	}
	if (!found)
		return fail(err, "%%{%.60s}: %s has no value for it (%%{%.60s:"
		    "} writes nothing then)", name, host_name(host), name);
	if (!kind->put(o, p, v.text))
		return fail(err, "%%{%.60s}: the value of %s has characters "
		    "that cannot stand here safely", name, host_name(host));
	return true;
}

static bool
fail(struct template_error *err, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vsnprintf(err->why, sizeof err->why, format, ap);
	va_end(ap);
	return false;
}

/* Past one byte of the template's own. */
static void
step(struct place *p, const struct kind *kind)
{
	char c = *p->at++;
	bool escaped = p->escaped;

	p->escaped = false;
	if (c == '\n') {
		p->line = p->at;
		p->number++;
		p->quotes = BARE;
	} else if (escaped)
		return;
	else if (c == '\\' && p->quotes != SINGLE)
		p->escaped = true;
	else if (c == '"' && p->quotes != SINGLE)
		p->quotes = p->quotes == DOUBLE ? BARE : DOUBLE;
	else if (c == '\'' && p->quotes != DOUBLE && kind->put != put_json)
		p->quotes = p->quotes == SINGLE ? BARE : SINGLE;
}

static bool
value_of(const struct host *host, uint32_t server, struct value *v,
    bool *known)
{
	size_t suffix, n = strlen(v->name);
	int id;

	if (is_special(v->name)) {
		*known = true;
		return special(host, server, v);
	}
	id = attribute_find(v->name, n, &suffix);
	*known = id >= 0;
	return id >= 0 && host_value_expanded(host, (enum attribute_id)id,
	    suffix < n ? v->name + suffix : NULL, v->text, sizeof v->text);
}

static const char *const specials[] = {
	"name", "network", "server", "address", "mac", "host-name", "mask",
	"broadcast", "next-server", "rsync-path"
};

static bool
is_special(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof specials / sizeof specials[0]; i++)
		if (strcmp(name, specials[i]) == 0)
			return true;
	return false;
}

/* What follows from the entry and the subnet, where no value says other. */
static bool
special(const struct host *h, uint32_t server, struct value *v)
{
	const char *name = v->name, *text;
	uint32_t mask = entry_subnet_mask(h->subnet_len);

	if (strcmp(name, "address") == 0)
		return address(v, h->address);
	if (strcmp(name, "server") == 0)
		return address(v, server);
	if (strcmp(name, "next-server") == 0)
		return address(v, host_next_server(h, server));
	if (strcmp(name, "network") == 0)
		return h->subnet_len > 0 && address(v, h->network);
	if (strcmp(name, "rsync-path") == 0)
		return host_rsync_path(h, server, v->text, sizeof v->text);
	if (strcmp(name, "mac") == 0) {
		if (h->mac.kind != IDENTITY_HW)
			return false;
		identity_print(&h->mac, v->text, sizeof v->text);
		return true;
	}
	text = strcmp(name, "name") == 0 ? entry_name(&h->own) :
	    host_text(h, strcmp(name, "mask") == 0 ? A_MASK :
	    strcmp(name, "broadcast") == 0 ? A_BROADCAST : A_HOST_NAME, NULL);
	if (text == NULL && strcmp(name, "host-name") == 0)
		text = host_name(h);
	if (text != NULL)
		return (size_t)snprintf(v->text, sizeof v->text, "%s", text) <
		    sizeof v->text;
	return h->subnet_len > 0 && address(v, strcmp(name, "mask") == 0 ?
	    mask : h->network | ~mask);
}

static bool
address(struct value *v, uint32_t a)
{
	attribute_address_text(a, v->text);
	return a != 0;
}

/*
 * Nothing in it means anything to a shell, a loader or YAML, but blanks; nor
 * to a kickstart file, where a line that begins with a % is a section.
 */
static bool
is_inert(const char *s)
{
	if (s[strspn(s, " ")] == '%')
		return false;
	for (; *s != '\0'; s++)
		if ((*s < '0' || *s > '9') && (*s < 'a' || *s > 'z') &&
		    (*s < 'A' || *s > 'Z') && (unsigned char)*s < 0x80 &&
		    strchr(" ._:/@+,=-%", *s) == NULL)
			return false;
	return true;
}

static void
put_between(struct put *o, const char *quote, const char *value)
{
	put_text(o, quote);
	put_text(o, value);
	put_text(o, quote);
}

static bool
put_literal(struct put *o, const struct place *p, const char *value)
{
	(void)p;
	put_text(o, value);
	return is_inert(value);
}

/* One word, unless the template has quotes of its own there. */
static bool
put_shell(struct put *o, const struct place *p, const char *value)
{
	bool quote = p->quotes == BARE && (strchr(value, ' ') != NULL ||
	    value[0] == '\0');

	put_between(o, quote ? "'" : "", value);
	return is_inert(value);
}

static bool
put_json(struct put *o, const struct place *p, const char *value)
{
	if (p->quotes == BARE)
		put_u8(o, '"');
	for (; *value != '\0'; value++) {
		if (*value == '"' || *value == '\\')
			put_u8(o, '\\');
		put_u8(o, (uint8_t)*value);
	}
	if (p->quotes == BARE)
		put_u8(o, '"');
	return true;
}

/*
 * A value that is all of a scalar is quoted, so that no host is called 1e3
 * and no MAC address is a number.
 */
static bool
put_yaml(struct put *o, const struct place *p, const char *value)
{
	const char *s = p->at, *before = p->hole;
	bool whole;

	while (s < p->end && (*s == ' ' || *s == '\r'))
		s++;
	while (before > p->line && before[-1] == ' ')
		before--;
	whole = p->quotes == BARE && (s == p->end || *s == '\n') &&
	    before > p->line && before < p->hole &&
	    (before[-1] == ':' || before[-1] == '-');
	put_between(o, whole ? "\"" : "", value);
	/* In the middle of a scalar these would make a mapping of it. */
	return is_inert(value) && (whole || (strstr(value, ": ") == NULL &&
	    (value[0] == '\0' || value[strlen(value) - 1] != ':') &&
	    (before > p->line || !is_yaml_mark(value))));
}

/* At the begin of a line: an item of a list, or where a document ends. */
static bool
is_yaml_mark(const char *s)
{
	return (s[0] == '-' && (s[1] == ' ' || s[1] == '\0')) ||
	    strncmp(s, "---", 3) == 0 || strncmp(s, "...", 3) == 0;
}

static bool
put_xml(struct put *o, const struct place *p, const char *value)
{
	static const struct { char c; const char *entity; } table[] = {
		{ '&', "&amp;" }, { '<', "&lt;" }, { '>', "&gt;" },
		{ '"', "&quot;" }, { '\'', "&#39;" },
	};
	size_t i;

	(void)p;
	for (; *value != '\0'; value++) {
		for (i = 0; i < sizeof table / sizeof table[0]; i++)
			if (table[i].c == *value)
				break;
		if (i < sizeof table / sizeof table[0])
			put_text(o, table[i].entity);
		else
			put_u8(o, (uint8_t)*value);
	}
	return true;
}

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "attribute.h"
#include "cursor.h"
#include "text.h"

static void printable(char *, size_t, const char *, size_t);
static bool seen_before(const struct host *, size_t, enum attribute_id,
    const char *);

static const char joins[] = {
	[SUFFIX_NONE] = '\0', [SUFFIX_ARCH] = '.', [SUFFIX_NAME] = '.',
	[SUFFIX_CODE] = '-',
};

void
text_attribute(char *out, size_t size, enum attribute_id id,
    const char *suffix)
{
	const struct attribute *a = &attribute_table[id];

	if (suffix == NULL || suffix[0] == '\0')
		snprintf(out, size, "%s", a->name);
	else
		snprintf(out, size, "%s%c%s", a->name, joins[a->suffix],
		    suffix);
}

void
text_entry(char *out, size_t size, const struct entry *e)
{
	if (e->kind == ENTRY_SITE)
		snprintf(out, size, "%s", entry_kind_name(e->kind));
	else
		snprintf(out, size, "%s %s", entry_kind_name(e->kind),
		    entry_name(e));
}

bool
text_network_meant(char *text, size_t size, const char *written)
{
	const char *slash = strchr(written, '/');
	char address[ATTRIBUTE_ADDRESS_SIZE];
	uint32_t net, mask;
	unsigned len = 0;

	if (slash == NULL || (size_t)(slash - written) >= sizeof address)
		return false;
	memcpy(address, written, (size_t)(slash - written));
	address[slash - written] = '\0';
	if (!attribute_address(address, &net))
		return false;
	if (attribute_address(++slash, &mask)) {
		while (len < 32 && (mask & 0x80000000u >> len))
			len++;
		if (mask != entry_subnet_mask(len))
			return false;
	} else if (strspn(slash, "0123456789") != strlen(slash) ||
	    sscanf(slash, "%2u", &len) != 1 || len > 32 || strlen(slash) > 2)
		return false;
	attribute_address_text(net & entry_subnet_mask(len), address);
	snprintf(text, size, "%s/%u", address, len);
	return true;
}

/* at counts attribute * layers * values: no more than a few thousand. */
bool
text_host_next(const struct host *h, struct host_step *s)
{
	const size_t row = h->layers * ENTRY_VALUES_MAX;
	const struct entry_value *v;
	const struct entry *e;
	size_t layer, i;

	for (; s->at < ATTRIBUTES * row; s->at++) {
		layer = s->at % row / ENTRY_VALUES_MAX;
		i = s->at % ENTRY_VALUES_MAX;
		e = h->layer[layer];
		if (i >= e->n) {
			s->at += ENTRY_VALUES_MAX - 1 - i;
			continue;
		}
		v = &e->values[i];
		if (v->id != s->at / row || seen_before(h, layer,
		    (enum attribute_id)v->id, e->text + v->suffix))
			continue;
		s->id = (enum attribute_id)v->id;
		s->suffix = e->text + v->suffix;
		s->value = e->text + v->value;
		s->from = e;
		s->at++;
		return true;
	}
	return false;
}

bool
text_host_expanded(const struct host *h, const struct host_step *s,
    char *out, size_t size)
{
	return attribute_table[s->id].expands &&
	    strchr(s->value, '%') != NULL &&
	    host_expand(h, s->value, out, size);
}

bool
text_event_id(const struct event_record *e, struct identity *id)
{
	if (e->id_kind == IDENTITY_NONE || e->id_len == 0 ||
	    e->id_len > sizeof e->id)
		return false;
	*id = (struct identity){ .kind = e->id_kind, .htype = e->id_htype,
	    .len = e->id_len };
	memcpy(id->bytes, e->id, e->id_len);
	return true;
}

bool
text_event_ipv4(const struct event_record *e, uint32_t *address)
{
	struct cursor c = cursor_of(e->address, sizeof e->address);

	return e->family == 4 && cursor_u32(&c, address);
}

bool
text_event_identity(char *out, size_t size, const struct event_record *e)
{
	struct identity id;
	char text[IDENTITY_TEXT_MAX];

	snprintf(out, size, "-");
	if (!text_event_id(e, &id))
		return false;
	identity_print(&id, text, sizeof text);
	/* What is no hardware address needs its kind to be typed again. */
	if (id.kind == IDENTITY_HW)
		snprintf(out, size, "%s", text);
	else
		snprintf(out, size, "%s=%s", identity_attribute(&id), text);
	return true;
}

bool
text_event_address(char *out, size_t size, const struct event_record *e)
{
	const int family = e->family == 4 ? AF_INET :
	    e->family == 6 ? AF_INET6 : AF_UNSPEC;

	snprintf(out, size, "-");
	return family != AF_UNSPEC &&
	    inet_ntop(family, e->address, out, (socklen_t)size) != NULL;
}

void
text_event_name(char *out, size_t size, const struct event_record *e)
{
	printable(out, size, e->name, sizeof e->name);
}

void
text_event_detail(char *out, size_t size, const struct event_record *e)
{
	printable(out, size, e->detail, sizeof e->detail);
}

void
text_bytes(char *out, size_t size, uint64_t n)
{
	static const char *const units[] = { "kB", "MB", "GB", "TB" };
	double v = (double)n / 1000;
	size_t u = 0;

	if (n < 1000) {
		snprintf(out, size, "%u B", (unsigned)n);
		return;
	}
	for (; v >= 999.95 && u < 3; u++)
		v /= 1000;
	snprintf(out, size, v < 99.95 ? "%.1f %s" : "%.0f %s", v, units[u]);
}

void
text_span(char *out, size_t size, uint64_t ns)
{
	const double s = (double)ns / 1e9;

	if (s < 10)
		snprintf(out, size, "%.2f s", s);
	else if (s < 120)
		snprintf(out, size, "%.0f s", s);
	else if (s < 120 * 60)
		snprintf(out, size, "%.0f min", s / 60);
	else if (s < 48 * 3600)
		snprintf(out, size, "%.0f h", s / 3600);
	else
		snprintf(out, size, "%.0f d", s / 86400);
}

void
text_time(char *out, size_t size, uint64_t ns)
{
	time_t t = (time_t)(ns / 1000000000);
	struct tm tm;
	char day[32];

	if (localtime_r(&t, &tm) == NULL ||
	    strftime(day, sizeof day, "%Y-%m-%d %H:%M:%S", &tm) == 0)
		day[0] = '\0';
	snprintf(out, size, "%s.%03u", day,
	    (unsigned)(ns / 1000000 % 1000));
}

/* Fixed-size fields of the ring may lack their NUL, or hold anything. */
static void
printable(char *out, size_t size, const char *s, size_t n)
{
	size_t i;

	for (i = 0; i < n && i + 1 < size && s[i] != '\0'; i++)
		out[i] = (unsigned char)s[i] < ' ' || s[i] == 0x7f ?
		    '?' : s[i];
	out[i] = '\0';
}

static bool
seen_before(const struct host *h, size_t layer, enum attribute_id id,
    const char *suffix)
{
	for (size_t l = 0; l < layer; l++)
		if (entry_get(h->layer[l], id, suffix) != NULL)
			return true;
	return false;
}

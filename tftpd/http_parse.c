/*
 * Targets, ranges, dates and types: see http_parse.h.
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "http_parse.h"

static const char *const days[] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri",
    "Sat" };
static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May",
    "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };

static const char *path_of(const char *);
static int hex(char);
static bool number(const char **, uint64_t *);
static bool scan(const char *, const char *, struct tm *);
static bool word(const char **, const char *const *, int, int *);
static bool digits(const char **, int, int *);

bool
http_target(const char *target, char *name, size_t size)
{
	const char *s = path_of(target);
	size_t n = 0;
	int c;

	if (s == NULL)
		return false;
	for (; *s != '\0' && *s != '?' && *s != '#'; s++) {
		c = (unsigned char)*s;
		if (c == '%') {
			if (hex(s[1]) < 0 || hex(s[2]) < 0)
				return false;
			c = hex(s[1]) * 16 + hex(s[2]);
			s += 2;
		}
		if (c < ' ' || c == 0x7f || n + 1 >= size)
			return false;
		name[n++] = (char)c;
	}
	name[n] = '\0';
	return *s != '#';
}

/* Of origin-form and absolute-form (RFC 9112 section 3.2); else NULL. */
static const char *
path_of(const char *s)
{
	size_t n;

	if (*s == '/')
		return s;
	n = strncasecmp(s, "http://", 7) == 0 ? 7 :
	    strncasecmp(s, "https://", 8) == 0 ? 8 : 0;
	if (n == 0)
		return NULL;
	s += n;
	n = strcspn(s, "/?#");
	if (n == 0)
		return NULL;
	return s[n] == '/' ? s + n : "/";
}

static int
hex(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ?
	    c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

enum http_range
http_range(const char *s, uint64_t size, uint64_t *first, uint64_t *length)
{
	uint64_t from, to = UINT64_MAX;
	bool open;

	if (strncasecmp(s, "bytes=", 6) != 0)
		return HTTP_RANGE_NONE;
	s += 6;
	s += strspn(s, " \t");
	if (*s == '-') {	/* the last so many */
		s++;
		if (!number(&s, &to) || *s != '\0')
			return HTTP_RANGE_NONE;
		if (to == 0 || size == 0)
			return HTTP_RANGE_NOT;
		*length = to < size ? to : size;
		*first = size - *length;
		return HTTP_RANGE_PART;
	}
	if (!number(&s, &from) || *s++ != '-')
		return HTTP_RANGE_NONE;
	open = *s == '\0';
	if ((!open && !number(&s, &to)) || *s != '\0' || to < from)
		return HTTP_RANGE_NONE;
	if (from >= size)
		return HTTP_RANGE_NOT;
	*first = from;
	*length = to - from < size - from ? to - from + 1 : size - from;
	return HTTP_RANGE_PART;
}

/* What does not fit is as large as can be; blanks after it are skipped. */
static bool
number(const char **s, uint64_t *v)
{
	const char *p = *s;

	for (*v = 0; *p >= '0' && *p <= '9'; p++)
		*v = *v > (UINT64_MAX - 9) / 10 ? UINT64_MAX :
		    *v * 10 + (uint64_t)(*p - '0');
	if (p == *s)
		return false;
	*s = p + strspn(p, " \t");
	return true;
}

/*
 * In the formats small letters are: a the three letters of a day, f a day
 * in full, b a month, d its day, y a year, s one of two digits, t the time.
 */
bool
http_date(const char *text, time_t now, time_t *t)
{
	static const char *const formats[] = { "a, d b y t GMT",
	    "f, d-b-s t GMT", "a b d t y" };
	struct tm tm, today;
	size_t i;

	for (i = 0; i < sizeof formats / sizeof formats[0]; i++) {
		memset(&tm, 0, sizeof tm);
		if (scan(text, formats[i], &tm))
			break;
	}
	if (i == sizeof formats / sizeof formats[0] || tm.tm_mday < 1 ||
	    tm.tm_mday > 31 || tm.tm_hour > 23 || tm.tm_min > 59 ||
	    tm.tm_sec > 60 || gmtime_r(&now, &today) == NULL)
		return false;
	if (strchr(formats[i], 's') != NULL) {
		/* More than 50 years ahead is the century before. */
		tm.tm_year += today.tm_year / 100 * 100;
		if (tm.tm_year > today.tm_year + 50)
			tm.tm_year -= 100;
	} else
		tm.tm_year -= 1900;
	*t = timegm(&tm);
	return true;
}

static bool
scan(const char *s, const char *format, struct tm *tm)
{
	int day;

	for (; *format != '\0'; format++) {
		bool good;

		switch (*format) {
		case 'a':
		case 'f':
			good = word(&s, days, 7, &day);
			if (*format == 'f')
				s += strspn(s, "abcdefghijklmnopqrstuvwxyz");
			break;
		case 'b':
			good = word(&s, months, 12, &tm->tm_mon);
			break;
		case 'd':	/* " 6" in the format of asctime */
			good = *s == ' ' ? s++, digits(&s, 1, &tm->tm_mday) :
			    digits(&s, 2, &tm->tm_mday);
			break;
		case 'y':
			good = digits(&s, 4, &tm->tm_year);
			break;
		case 's':
			good = digits(&s, 2, &tm->tm_year);
			break;
		case 't':
			good = digits(&s, 2, &tm->tm_hour) && *s++ == ':' &&
			    digits(&s, 2, &tm->tm_min) && *s++ == ':' &&
			    digits(&s, 2, &tm->tm_sec);
			break;
		default:
			good = *s == *format;
			s += good;
		}
		if (!good)
			return false;
	}
	return *s == '\0';
}

static bool
word(const char **s, const char *const *words, int n, int *which)
{
	for (*which = 0; *which < n; (*which)++)
		if (strncmp(*s, words[*which], 3) == 0) {
			*s += 3;
			return true;
		}
	return false;
}

static bool
digits(const char **s, int n, int *v)
{
	for (*v = 0; n > 0; n--, (*s)++) {
		if (**s < '0' || **s > '9')
			return false;
		*v = *v * 10 + (**s - '0');
	}
	return true;
}

const char *
http_date_text(time_t t, char text[HTTP_DATE_SIZE])
{
	struct tm tm;

	if (gmtime_r(&t, &tm) == NULL || tm.tm_year < -1900 ||
	    tm.tm_year > 8099)
		memset(&tm, 0, sizeof tm);
	snprintf(text, HTTP_DATE_SIZE, "%s, %02u %s %04u %02u:%02u:%02u GMT",
	    days[tm.tm_wday % 7], tm.tm_mday % 100u, months[tm.tm_mon % 12],
	    (tm.tm_year + 1900u) % 10000u, tm.tm_hour % 100u,
	    tm.tm_min % 100u, tm.tm_sec % 100u);
	return text;
}

const char *
http_type(const char *name, bool text)
{
	static const char plain[] = "text/plain; charset=utf-8";
	static const struct {
		const char *suffix, *type;
	} types[] = {
		{ ".efi", "application/efi" },
		{ ".iso", "application/vnd.efi-iso" },
		{ ".img", "application/vnd.efi-img" },
		{ ".gz", "application/gzip" },
		{ ".xz", "application/x-xz" },
		{ ".zst", "application/zstd" },
		{ ".tar", "application/x-tar" },
		{ ".json", "application/json" },
		{ ".html", "text/html; charset=utf-8" },
		{ ".xml", "text/xml" },
		{ ".txt", plain },
		{ ".cfg", plain },
		{ ".conf", plain },
		{ ".ipxe", plain },
		{ ".rc", plain },
		{ ".yaml", plain },
	};
	size_t i, n, len = strlen(name);

	for (i = 0; i < sizeof types / sizeof types[0]; i++) {
		n = strlen(types[i].suffix);
		if (len >= n && strcasecmp(name + len - n,
		    types[i].suffix) == 0)
			return types[i].type;
	}
	return text ? plain : "application/octet-stream";
}

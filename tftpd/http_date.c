/*
 * Dates: see http_date.h.
 */
#include <string.h>

#include "http_date.h"

static const char days[][4] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri",
    "Sat" };
static const char months[][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
    "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };

static bool scan(const char *, const char *, struct tm *);
static bool word(const char **, const char (*)[4], int, int *);
static bool digits(const char **, int, int *);
static void put_digits(char *, int, unsigned);

/*
 * In the formats small letters are: a the three letters of a day, f a day
 * in full, b a month, d its day, y a year, s one of two digits, t the time.
 */
bool
http_date(const char *value, size_t n, time_t now, time_t *t)
{
	static const char *const formats[] = { "a, d b y t GMT",
	    "f, d-b-s t GMT", "a b d t y" };
	char text[40];
	struct tm tm, today;
	size_t i;

	if (n == 0 || n >= sizeof text)
		return false;
	memcpy(text, value, n);
	text[n] = '\0';
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
word(const char **s, const char (*words)[4], int n, int *which)
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
	memcpy(text, "Day, 00 Mon 0000 00:00:00 GMT", HTTP_DATE_SIZE);
	memcpy(text, days[tm.tm_wday], 3);
	put_digits(text + 5, 2, (unsigned)tm.tm_mday);
	memcpy(text + 8, months[tm.tm_mon], 3);
	put_digits(text + 12, 4, (unsigned)(tm.tm_year + 1900));
	put_digits(text + 17, 2, (unsigned)tm.tm_hour);
	put_digits(text + 20, 2, (unsigned)tm.tm_min);
	put_digits(text + 23, 2, (unsigned)tm.tm_sec);
	return text;
}

static void
put_digits(char *to, int n, unsigned v)
{
	for (; n > 0; n--, v /= 10)
		to[n - 1] = (char)('0' + v % 10);
}

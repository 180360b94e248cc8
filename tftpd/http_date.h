/*
 * Dates as HTTP writes them (RFC 9110 section 5.6.7): pure.
 */
#ifndef TFTPD_HTTP_DATE_H
#define TFTPD_HTTP_DATE_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

/*
 * A date of n bytes in any of the three formats.  now: for years of two
 * digits.  False if it is none.
 */
bool http_date(const char *, size_t n, time_t now, time_t *);

#define HTTP_DATE_SIZE	30
/* "Sun, 06 Nov 1994 08:49:37 GMT"; years 0 to 9999. */
const char *http_date_text(time_t, char[HTTP_DATE_SIZE]);

#endif

#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#define LINE_SIZE 2048

static struct {
	const char *program;
	enum log_to to;
	int level;
} state = { "?", LOG_TO_STDERR, LOG_INFO };

/*
 * Whoever is started without 0, 1 or 2 would open sockets and the database
 * there, and then write its own lines into them.
 */
static void
fill_descriptors(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

void
log_open(const char *program, enum log_to to, int facility, int level)
{
	fill_descriptors();
	state.program = program;
	state.to = to;
	state.level = level;
	if (to != LOG_TO_SYSLOG)
		return;
	/* syslog(3) stamps the local time: no zone file inside a chroot. */
	tzset();
	openlog(program, LOG_PID | LOG_NDELAY, facility);
}

bool
log_shows(int priority)
{
	return priority <= state.level;
}

/* error: an errno to put into words, or 0.  Leaves errno as it was. */
static void
put_line(int priority, int error, const char *fmt, va_list ap)
{
	char line[LINE_SIZE];
	int saved = errno;
	size_t n;

	if (!log_shows(priority))
		return;
	vsnprintf(line, sizeof line, fmt, ap);
	n = strlen(line);
	if (error != 0)
		snprintf(line + n, sizeof line - n, ": %s", strerror(error));
	if (state.to == LOG_TO_SYSLOG)
		syslog(priority, "%s", line);
	else	/* stderr has no buffer: one write */
		dprintf(STDERR_FILENO, "%s: %s\n", state.program, line);
	errno = saved;
}

#define PUT_LINE(priority, error) do { \
	va_list ap; \
	va_start(ap, fmt); \
	put_line(priority, error, fmt, ap); \
	va_end(ap); \
} while (0)

void
log_err(const char *fmt, ...)
{
	PUT_LINE(LOG_ERR, 0);
}

void
log_err_e(const char *fmt, ...)
{
	PUT_LINE(LOG_ERR, errno);
}

void
log_warn(const char *fmt, ...)
{
	PUT_LINE(LOG_WARNING, 0);
}

void
log_warn_e(const char *fmt, ...)
{
	PUT_LINE(LOG_WARNING, errno);
}

void
log_info(const char *fmt, ...)
{
	PUT_LINE(LOG_INFO, 0);
}

void
log_debug(const char *fmt, ...)
{
	PUT_LINE(LOG_DEBUG, 0);
}

void
log_fatal(int status, const char *fmt, ...)
{
	PUT_LINE(LOG_ERR, 0);
	exit(status);
}

/* A whole escape or nothing of it, when the room ends. */
const char *
log_clean(char *out, size_t size, const void *bytes, size_t n)
{
	const uint8_t *p = bytes;
	size_t at = 0;
	char one[8];

	if (size == 0)
		return "";
	for (size_t i = 0; i < n; i++) {
		int len = 1;

		if (p[i] == '\\')
			len = snprintf(one, sizeof one, "\\\\");
		else if (p[i] >= ' ' && p[i] <= '~')
			one[0] = (char)p[i];
		else
			len = snprintf(one, sizeof one, "\\%03o", p[i]);
		if (at + (size_t)len >= size)
			break;
		memcpy(out + at, one, (size_t)len);
		at += (size_t)len;
	}
	out[at] = '\0';
	return out;
}

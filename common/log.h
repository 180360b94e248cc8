/*
 * syslog, or stderr, one format: "program: what: why".  Its destination and
 * level are the only global state of common/.
 */
#ifndef LOG_H
#define LOG_H

#include <stdbool.h>
#include <stddef.h>

enum log_to { LOG_TO_STDERR, LOG_TO_SYSLOG };

/*
 * program: our name, kept.  facility: LOG_DAEMON, LOG_FTP, ...  level: the
 * least urgent priority that is shown (LOG_INFO, LOG_DEBUG).  For syslog the
 * connection is opened here, before a chroot.  Afterwards there are descriptors
 * 0, 1 and 2, so that nothing else can get one of these numbers.
 */
void log_open(const char *program, enum log_to, int facility, int level);

/* _e adds errno's words.  Bytes from the wire pass log_clean first. */
void log_err(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_err_e(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_warn_e(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_debug(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
bool log_shows(int priority);

/* At the start only: log_err, then exit(status). */
void log_fatal(int status, const char *fmt, ...)
    __attribute__((format(printf, 2, 3), noreturn));

/* Text of unknown origin made safe to print: vis(3) style.  Returns out. */
const char *log_clean(char *out, size_t size, const void *bytes, size_t n);

#endif

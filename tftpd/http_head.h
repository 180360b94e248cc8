/*
 * The head of an answer by HTTP, field by field: pure.
 */
#ifndef TFTPD_HTTP_HEAD_H
#define TFTPD_HTTP_HEAD_H

#include <stdbool.h>
#include <stdint.h>

#include "cursor.h"

void http_head_begin(struct put *, int status, const char *date);
void http_head_text(struct put *, const char *name, const char *value);
void http_head_number(struct put *, const char *name, uint64_t);
/* Content-Range; length 0: of a file that has no such part. */
void http_head_range(struct put *, uint64_t first, uint64_t length,
    uint64_t size);
void http_head_end(struct put *);

/* "Not Found" */
const char *http_phrase(int status);

/* Content-Type by what the name ends in; text: when that says nothing. */
const char *http_type(const char *name, bool text);

#endif

/*
 * Files of tftpboot/templates/: texts in which %{attribute} stands for what
 * holds for the host that asks.  Pure: text and host give a text.
 */
#ifndef TEMPLATE_H
#define TEMPLATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "host.h"

struct template_error {
	unsigned line;		/* of the source, from 1 */
	char why[160];
};

/*
 * Renders source (n bytes) for the host.  %{NAME} is the host's value of
 * that attribute, %{NAME:TEXT} is TEXT where it has none, %%{ is %{ itself;
 * any other % stands for itself.  Besides the attributes there are name,
 * network, server (our address, host byte order) and what bootpd would work
 * out: address, mac, host-name, mask, broadcast, next-server, rsync-path.
 *
 * name: of the file; what it ends in says how values are quoted (see
 * tftpd(8)).  A value that cannot stand there safely, a name that is no
 * attribute, and a value that the host lacks, are errors: false, *err says
 * why, and *len is 0.
 */
bool template_render(const char *name, const char *source, size_t n,
    const struct host *, uint32_t server, char *out, size_t size,
    size_t *len, struct template_error *err);

#endif

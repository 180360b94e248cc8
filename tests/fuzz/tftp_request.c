/* Any packet: refused with a reason, or a request with a name in it. */
#include <stdlib.h>
#include <string.h>

#include "../../tftpd/below.h"
#include "../../tftpd/content.h"
#include "../../tftpd/packet.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct tftp_request rq;
	char path[256];
	const char *s;

	if (tftp_parse_request(bytes, n, &rq) != TFTP_OK)
		return 0;
	if (rq.name[0] == '\0')
		abort();
	if (!below_path(rq.name, "/usr/local/pxe/tftpboot", path,
	    sizeof path))
		return 0;
	/* what is opened below the root climbs nowhere */
	for (s = path; (s = strstr(s, "..")) != NULL; s++)
		if ((s == path || s[-1] == '/') &&
		    (s[2] == '\0' || s[2] == '/'))
			abort();
	if (path[0] == '/')
		abort();
	return 0;
}

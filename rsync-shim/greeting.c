#include "greeting.h"

#include <string.h>

static enum greeting_wish
read_line(const struct greeting *g)
{
	static const char theirs[] = "@RSYNCD:";

	if (g->n >= sizeof theirs - 1 &&
	    memcmp(g->line, theirs, sizeof theirs - 1) == 0)
		return GREETING_MORE;
	if (g->n == 0 || (g->n == 5 && memcmp(g->line, "#list", 5) == 0))
		return GREETING_LIST;
	return GREETING_MODULE;
}

enum greeting_wish
greeting_take(struct greeting *g, const char *bytes, size_t n)
{
	enum greeting_wish wish;

	for (; n > 0; n--, bytes++) {
		if (*bytes != '\n') {
			if (*bytes != '\r' && g->n < sizeof g->line)
				g->line[g->n++] = *bytes;
			continue;
		}
		wish = read_line(g);
		if (wish != GREETING_MORE)
			return wish;
		g->n = 0;
	}
	return GREETING_MORE;
}

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

#include "../../tftpd/netascii.h"

#define TEXT(s)	s, sizeof s - 1

static const struct {
	const char *in;
	size_t in_len;
	const char *out;
	size_t out_len;
} rows[] = {
	{ TEXT(""), TEXT("") },
	{ TEXT("abc"), TEXT("abc") },
	{ TEXT("a\nb\n"), TEXT("a\r\nb\r\n") },
	{ TEXT("\n\n\n"), TEXT("\r\n\r\n\r\n") },
	{ TEXT("a\rb"), TEXT("a\r\0b") },
	{ TEXT("a\r\n"), TEXT("a\r\0\r\n") },
	{ TEXT("\0\xff\n"), TEXT("\0\xff\r\n") },
};

/* In pieces of every size it must come to the same. */
static void
converts(void **state)
{
	struct cache *cache = cache_new(CACHE_CHUNK);

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct cache_file *f = cache_text(cache, rows[i].in,
		    rows[i].in_len);

		for (size_t step = 1; step < 10; step++) {
			struct netascii at = { 0 };
			uint8_t out[64];
			size_t done = 0;
			long n;

			do {
				n = netascii_fill(f, &at, out + done, step);
				assert_true(n >= 0);
				done += (size_t)n;
			} while ((size_t)n == step);
			assert_int_equal(done, rows[i].out_len);
			assert_memory_equal(out, rows[i].out, done);
		}
		cache_close(f);
	}
	cache_free(cache);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(converts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "crc32c.h"

#include <string.h>

#if defined(__x86_64__)
#include <nmmintrin.h>
/* sys/platform/x86.h came with 2.33 */
#if defined(__GLIBC__) && (__GLIBC__ > 2 || __GLIBC_MINOR__ >= 33)
#include <sys/platform/x86.h>
#endif
#elif defined(__AARCH64EL__) && defined(__linux__)
#include <sys/auxv.h>
#include <asm/hwcap.h>
#endif

/*
 * A CRC is linear: the entry of a byte is the sum (xor) of the entries of
 * its bits.  So eight constants make a table, and the compiler fills it in.
 * Row k is for the byte that k more bytes follow.
 */
#define ENTRY(i, a, b, c, d, e, f, g, h) \
	(((i) & 1 ? a##u : 0) ^ ((i) & 2 ? b##u : 0) ^ \
	((i) & 4 ? c##u : 0) ^ ((i) & 8 ? d##u : 0) ^ \
	((i) & 16 ? e##u : 0) ^ ((i) & 32 ? f##u : 0) ^ \
	((i) & 64 ? g##u : 0) ^ ((i) & 128 ? h##u : 0))
#define R0(i)	ENTRY(i, 0xf26b8303, 0xe13b70f7, 0xc79a971f, 0x8ad958cf, \
	    0x105ec76f, 0x20bd8ede, 0x417b1dbc, 0x82f63b78)
#define R1(i)	ENTRY(i, 0x13a29877, 0x274530ee, 0x4e8a61dc, 0x9d14c3b8, \
	    0x3fc5f181, 0x7f8be302, 0xff17c604, 0xfbc3faf9)
#define R2(i)	ENTRY(i, 0xa541927e, 0x4f6f520d, 0x9edea41a, 0x38513ec5, \
	    0x70a27d8a, 0xe144fb14, 0xc76580d9, 0x8b277743)
#define R3(i)	ENTRY(i, 0xdd45aab8, 0xbf672381, 0x7b2231f3, 0xf64463e6, \
	    0xe964b13d, 0xd725148b, 0xaba65fe7, 0x52a0c93f)
#define R4(i)	ENTRY(i, 0x38116fac, 0x7022df58, 0xe045beb0, 0xc5670b91, \
	    0x8f2261d3, 0x1ba8b557, 0x37516aae, 0x6ea2d55c)
#define R5(i)	ENTRY(i, 0xef306b19, 0xdb8ca0c3, 0xb2f53777, 0x6006181f, \
	    0xc00c303e, 0x85f4168d, 0x0e045beb, 0x1c08b7d6)
#define R6(i)	ENTRY(i, 0x68032cc8, 0xd0065990, 0xa5e0c5d1, 0x4e2dfd53, \
	    0x9c5bfaa6, 0x3d5b83bd, 0x7ab7077a, 0xf56e0ef4)
#define R7(i)	ENTRY(i, 0x493c7d27, 0x9278fa4e, 0x211d826d, 0x423b04da, \
	    0x847609b4, 0x0d006599, 0x1a00cb32, 0x34019664)
#define X4(R, i)	R(i), R((i) + 1), R((i) + 2), R((i) + 3)
#define X16(R, i)	X4(R, i), X4(R, (i) + 4), X4(R, (i) + 8), \
	X4(R, (i) + 12)
#define X64(R, i)	X16(R, i), X16(R, (i) + 16), X16(R, (i) + 32), \
	X16(R, (i) + 48)
#define X256(R)		{ X64(R, 0), X64(R, 64), X64(R, 128), X64(R, 192) }

static const uint32_t table[8][256] = {
	X256(R0), X256(R1), X256(R2), X256(R3),
	X256(R4), X256(R5), X256(R6), X256(R7)
};

uint32_t
crc32c_portable(uint32_t start, const void *bytes, size_t n)
{
	const uint8_t *p = bytes;
	uint32_t c = ~start;

	for (; n >= 8; n -= 8, p += 8) {
		c ^= (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 |
		    (uint32_t)p[1] << 8 | p[0];
		c = table[7][c & 0xff] ^ table[6][c >> 8 & 0xff] ^
		    table[5][c >> 16 & 0xff] ^ table[4][c >> 24] ^
		    table[3][p[4]] ^ table[2][p[5]] ^
		    table[1][p[6]] ^ table[0][p[7]];
	}
	for (; n > 0; n--, p++)
		c = table[0][(c ^ *p) & 0xff] ^ c >> 8;
	return ~c;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2")))
static uint32_t
hardware(uint32_t start, const void *bytes, size_t n)
{
	const uint8_t *p = bytes;
	uint64_t c = (uint32_t)~start, word;

	for (; n >= 8; n -= 8, p += 8) {
		memcpy(&word, p, sizeof word);
		c = _mm_crc32_u64(c, word);
	}
	for (; n > 0; n--, p++)
		c = _mm_crc32_u8((uint32_t)c, *p);
	return ~(uint32_t)c;
}

/*
 * The C library asked the processor before main.  The compiler's own start-up
 * code would do so again, and each question is dear in a virtual machine.
 */
#ifdef CPU_FEATURE_ACTIVE
#define has_hardware()	CPU_FEATURE_ACTIVE(SSE4_2)
#else
#define has_hardware()	__builtin_cpu_supports("sse4.2")
#endif

#elif defined(__AARCH64EL__) && defined(__linux__)
static uint32_t
hardware(uint32_t start, const void *bytes, size_t n)
{
	const uint8_t *p = bytes;
	uint32_t c = ~start;
	uint64_t word;

	for (; n >= 8; n -= 8, p += 8) {
		memcpy(&word, p, sizeof word);
		__asm__(".arch_extension crc\n\tcrc32cx %w0, %w0, %x1"
		    : "+r"(c) : "r"(word));
	}
	for (; n > 0; n--, p++)
		__asm__(".arch_extension crc\n\tcrc32cb %w0, %w0, %w1"
		    : "+r"(c) : "r"((uint32_t)*p));
	return ~c;
}

/* A read of what the kernel left on the stack: no system call. */
#define has_hardware()	((getauxval(AT_HWCAP) & HWCAP_CRC32) != 0)

#else
#define hardware	crc32c_portable
#define has_hardware()	0
#endif

uint32_t
crc32c(uint32_t start, const void *bytes, size_t n)
{
	return has_hardware() ? hardware(start, bytes, n) :
	    crc32c_portable(start, bytes, n);
}

/*
 * CRC-32C (Castagnoli), the checksum of the database's values and of the
 * event ring's records.
 */
#ifndef CRC32C_H
#define CRC32C_H

#include <stddef.h>
#include <stdint.h>

/*
 * The checksum of n bytes; start is 0, or the checksum of what came before:
 * crc32c(crc32c(0, a), b) is that of a and b in one.  "123456789" gives
 * 0xe3069283.  By the processor's instruction where it has one.
 */
uint32_t crc32c(uint32_t start, const void *, size_t);

/* The same by tables, on any processor (the test compares the two). */
uint32_t crc32c_portable(uint32_t start, const void *, size_t);

#endif

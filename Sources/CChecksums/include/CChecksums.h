// CRC-32C (Castagnoli polynomial, reflected 0x82F63B78), as in RFC 3720, section 12.1.
#pragma once

#include <stddef.h>
#include <stdint.h>

/// The checksum of `count` bytes, going on from `seed` (0 to begin).
uint32_t scriptorium_crc32c(uint32_t seed, const void *bytes, size_t count);

/// The same by table only: the readable reference beside the processor's own instruction.
uint32_t scriptorium_crc32c_portable(uint32_t seed, const void *bytes, size_t count);

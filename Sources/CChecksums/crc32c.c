#include "CChecksums.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>

#if defined(__aarch64__) && defined(__linux__)
#include <arm_acle.h>
#include <sys/auxv.h>
#endif

/// One step of the table: eight shifts of the reflected polynomial.
static uint32_t table_entry(uint32_t index) {
    for (int bit = 0; bit < 8; bit++) index = (index >> 1) ^ ((index & 1) ? 0x82F63B78u : 0);
    return index;
}

static uint32_t table[256];
static atomic_bool table_is_ready;

static const uint32_t *ready_table(void) {
    if (!atomic_load_explicit(&table_is_ready, memory_order_acquire)) {
        // Threads that race here write the same values.
        for (uint32_t index = 0; index < 256; index++)
            __atomic_store_n(&table[index], table_entry(index), __ATOMIC_RELAXED);
        atomic_store_explicit(&table_is_ready, true, memory_order_release);
    }
    return table;
}

uint32_t scriptorium_crc32c_portable(uint32_t seed, const void *bytes, size_t count) {
    const uint32_t *entries = ready_table();
    const uint8_t *next = bytes;
    uint32_t crc = ~seed;
    while (count--) crc = (crc >> 8) ^ entries[(crc ^ *next++) & 0xFF];
    return ~crc;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2")))
static uint32_t crc32c_sse42(uint32_t seed, const void *bytes, size_t count) {
    const uint8_t *next = bytes;
    uint64_t crc = ~seed;
    for (; count >= 8; count -= 8, next += 8) {
        uint64_t word;
        memcpy(&word, next, 8);
        crc = __builtin_ia32_crc32di(crc, word);
    }
    uint32_t tail = (uint32_t)crc;
    while (count--) tail = __builtin_ia32_crc32qi(tail, *next++);
    return ~tail;
}
#elif defined(__aarch64__) && defined(__linux__)
__attribute__((target("crc")))
static uint32_t crc32c_armv8(uint32_t seed, const void *bytes, size_t count) {
    const uint8_t *next = bytes;
    uint32_t crc = ~seed;
    for (; count >= 8; count -= 8, next += 8) {
        uint64_t word;
        memcpy(&word, next, 8);
        crc = __crc32cd(crc, word);
    }
    while (count--) crc = __crc32cb(crc, *next++);
    return ~crc;
}

/// Whether Linux names the processor's instructions for it (Documentation/arch/arm64/elf_hwcaps.rst).
static bool has_crc(void) {
    enum { crc32_bit = 7 };
    return getauxval(AT_HWCAP) >> crc32_bit & 1;
}
#endif

uint32_t scriptorium_crc32c(uint32_t seed, const void *bytes, size_t count) {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("sse4.2")) return crc32c_sse42(seed, bytes, count);
#elif defined(__aarch64__) && defined(__linux__)
    if (has_crc()) return crc32c_armv8(seed, bytes, count);
#endif
    return scriptorium_crc32c_portable(seed, bytes, count);
}

#include "CElementConversion.h"

#include <stdint.h>
#include <string.h>

// Loads go through memcpy since a mapped file promises no alignment; compilers make it one load.
// The loops carry the verdict in an integer instead of leaving early, so that they vectorise.

static inline uint16_t load16(const unsigned char *source) {
    uint16_t bits;
    memcpy(&bits, source, sizeof bits);
    return bits;
}

static inline uint32_t load32(const unsigned char *source) {
    uint32_t bits;
    memcpy(&bits, source, sizeof bits);
    return bits;
}

static inline uint64_t load64(const unsigned char *source) {
    uint64_t bits;
    memcpy(&bits, source, sizeof bits);
    return bits;
}

static inline float float_of(uint32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static inline uint32_t bits_of(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static inline uint32_t not_finite32(uint32_t bits) { return (bits & 0x7F800000u) == 0x7F800000u; }

/// Exact for every half, subnormal ones too, and without a subnormal float on the way: compute
/// threads flush those to zero.
static inline uint32_t float_bits_of_half(uint16_t half) {
    uint32_t sign = (uint32_t)(half & 0x8000u) << 16;
    uint32_t magnitude = (uint32_t)(half & 0x7FFFu) << 13;
    uint32_t normal = magnitude + (112u << 23);
    uint32_t subnormal = bits_of(float_of(magnitude + (113u << 23)) - float_of(113u << 23));
    uint32_t special = magnitude | 0x7F800000u;
    uint32_t exponent = half & 0x7C00u;
    uint32_t bits = exponent == 0 ? subnormal : exponent == 0x7C00u ? special : normal;
    return sign | bits;
}

bool scriptorium_floats_from_float32(const void *source, float *destination, size_t count) {
    const unsigned char *next = source;
    uint32_t bad = 0;
    for (size_t index = 0; index < count; index++) {
        uint32_t bits = load32(next + 4 * index);
        bad |= not_finite32(bits);
        destination[index] = float_of(bits);
    }
    return !bad;
}

bool scriptorium_floats_from_float16(const void *source, float *destination, size_t count) {
    const unsigned char *next = source;
    uint32_t bad = 0;
    for (size_t index = 0; index < count; index++) {
        uint32_t bits = float_bits_of_half(load16(next + 2 * index));
        bad |= not_finite32(bits);
        destination[index] = float_of(bits);
    }
    return !bad;
}

bool scriptorium_floats_from_bfloat16(const void *source, float *destination, size_t count) {
    const unsigned char *next = source;
    uint32_t bad = 0;
    for (size_t index = 0; index < count; index++) {
        uint32_t bits = (uint32_t)load16(next + 2 * index) << 16;
        bad |= not_finite32(bits);
        destination[index] = float_of(bits);
    }
    return !bad;
}

bool scriptorium_floats_from_float64(const void *source, float *destination, size_t count) {
    const unsigned char *next = source;
    uint32_t bad = 0;
    for (size_t index = 0; index < count; index++) {
        uint64_t bits = load64(next + 8 * index);
        double value;
        memcpy(&value, &bits, sizeof value);
        float narrow = (float)value;
        bad |= not_finite32(bits_of(narrow));
        destination[index] = narrow;
    }
    return !bad;
}

bool scriptorium_float32_are_finite(const void *source, size_t count) {
    const unsigned char *next = source;
    uint32_t bad = 0;
    for (size_t index = 0; index < count; index++) bad |= not_finite32(load32(next + 4 * index));
    return !bad;
}

bool scriptorium_float16_are_finite(const void *source, size_t count) {
    const unsigned char *next = source;
    uint32_t bad = 0;
    for (size_t index = 0; index < count; index++)
        bad |= (load16(next + 2 * index) & 0x7C00u) == 0x7C00u;
    return !bad;
}

bool scriptorium_bfloat16_are_finite(const void *source, size_t count) {
    const unsigned char *next = source;
    uint32_t bad = 0;
    for (size_t index = 0; index < count; index++)
        bad |= (load16(next + 2 * index) & 0x7F80u) == 0x7F80u;
    return !bad;
}

bool scriptorium_float64_are_finite(const void *source, size_t count) {
    const unsigned char *next = source;
    uint32_t bad = 0;
    for (size_t index = 0; index < count; index++) {
        uint64_t bits = load64(next + 8 * index);
        double value;
        memcpy(&value, &bits, sizeof value);
        bad |= not_finite32(bits_of((float)value));
    }
    return !bad;
}

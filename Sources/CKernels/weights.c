// Weights in narrower numbers; made once at load, the same on every processor.
#include "CKernels.h"

#pragma STDC FP_CONTRACT OFF  // the same bits on every processor

#include <math.h>
#include <string.h>

void ck_to_bfloat16(const float *values, size_t count, uint16_t *output) {
    for (size_t i = 0; i < count; i++) {
        uint32_t bits;
        memcpy(&bits, values + i, sizeof bits);
        // Weights are finite, so rounding up cannot turn a NaN into a number.
        output[i] = (uint16_t)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
    }
}

/// The largest magnitude of a row, or of the sum of what has one sign in a pair.
static float largest_of_row(const float *row, size_t depth, bool in_pairs) {
    float largest = 0;
    for (size_t i = 0; i < depth; i++) largest = fmaxf(largest, fabsf(row[i]));
    if (in_pairs)
        for (size_t i = 0; i + 1 < depth; i += 2) {
            const float above = fmaxf(row[i], 0) + fmaxf(row[i + 1], 0);
            const float below = fmaxf(-row[i], 0) + fmaxf(-row[i + 1], 0);
            largest = fmaxf(largest, fmaxf(above, below));
        }
    return largest;
}

void ck_quantize_weights(const float *weights, size_t columns, size_t depth, bool for_pairs,
                         int8_t *output, float *scales, int32_t *sums) {
    for (size_t column = 0; column < columns; column++) {
        const float *row = weights + column * depth;
        const float largest = largest_of_row(row, depth, for_pairs);
        scales[column] = largest / 127.0f;
        const float inverse = largest > 0 ? 127.0f / largest : 0.0f;
        int32_t sum = 0;
        for (size_t i = 0; i < depth; i++) {
            // Adding 1.5 · 2²³ rounds to nearest even.
            const float shifted = row[i] * inverse + 12582912.0f;
            const int8_t rounded = (int8_t)(int32_t)(shifted - 12582912.0f);
            output[column * depth + i] = rounded;
            sum += rounded;
        }
        sums[column] = sum;
    }
}

enum { block_columns = 16, group = 4 };

static size_t in_groups(size_t depth) { return (depth + group - 1) / group * group; }

size_t ck_packed_bytes(size_t columns, size_t depth) {
    return (columns + block_columns - 1) / block_columns * block_columns * in_groups(depth);
}

void ck_pack_bytes(const int8_t *bytes, size_t columns, size_t depth, int8_t *packed) {
    memset(packed, 0, ck_packed_bytes(columns, depth));
    for (size_t column = 0; column < columns; column++) {
        int8_t *block = packed + column / block_columns * block_columns * in_groups(depth);
        for (size_t d = 0; d < depth; d++)
            block[(d / group * block_columns + column % block_columns) * group + d % group] =
                bytes[column * depth + d];
    }
}

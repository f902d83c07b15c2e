// Weights in narrower numbers; made once at load, the same on every processor.
#include "CKernels.h"

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

void ck_quantize_weights(const float *weights, size_t columns, size_t depth, int8_t *output,
                         float *scales, int32_t *sums) {
    for (size_t column = 0; column < columns; column++) {
        const float *row = weights + column * depth;
        float largest = 0;
        for (size_t i = 0; i < depth; i++) largest = fmaxf(largest, fabsf(row[i]));
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

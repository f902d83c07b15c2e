// Sums in double precision and fixed order.
#include "CKernels.h"

#pragma STDC FP_CONTRACT OFF  // the same bits on every processor

#include <math.h>
#include <string.h>

enum { lanes = 8 };  // independent partial sums, so that the compiler can keep several in flight

static double total(const double partial[lanes]) {
    double sum = 0;
    for (size_t lane = 0; lane < lanes; lane++) sum += partial[lane];
    return sum;
}

double ck_mean(const float *samples, size_t count) {
    if (count == 0) return 0;
    double partial[lanes] = {0};
    size_t i = 0;
    for (; i + lanes <= count; i += lanes)
        for (size_t lane = 0; lane < lanes; lane++) partial[lane] += samples[i + lane];
    for (; i < count; i++) partial[i % lanes] += samples[i];
    return total(partial) / (double)count;
}

void ck_normalize(const float *samples, size_t count, float epsilon, float *output) {
    if (count == 0) return;
    const double mean = ck_mean(samples, count);
    double partial[lanes] = {0};
    for (size_t i = 0; i < count; i++) {
        const double difference = samples[i] - mean;
        partial[i % lanes] += difference * difference;
    }
    const double scale = 1.0 / sqrt(total(partial) / (double)count + (double)epsilon);
    for (size_t i = 0; i < count; i++) output[i] = (float)((samples[i] - mean) * scale);
}

void ck_center(const float *samples, size_t count, float *output) {
    const double mean = ck_mean(samples, count);
    for (size_t i = 0; i < count; i++) output[i] = (float)(samples[i] - mean);
}

void ck_window_moments(const float *samples, size_t frames, size_t kernel, size_t stride,
                       double *mean, double *covariance) {
    memset(mean, 0, kernel * sizeof(double));
    memset(covariance, 0, kernel * kernel * sizeof(double));
    if (frames == 0) return;
    for (size_t t = 0; t < frames; t++)
        for (size_t i = 0; i < kernel; i++) mean[i] += samples[t * stride + i];
    for (size_t i = 0; i < kernel; i++) mean[i] /= (double)frames;

    double centred[ck_window_max];
    for (size_t t = 0; t < frames; t++) {
        for (size_t i = 0; i < kernel; i++) centred[i] = samples[t * stride + i] - mean[i];
        for (size_t i = 0; i < kernel; i++)
            for (size_t j = 0; j < kernel; j++) covariance[i * kernel + j] += centred[i] * centred[j];
    }
    for (size_t i = 0; i < kernel * kernel; i++) covariance[i] /= (double)frames;
}

// e^(x/3) for x ≤ 0, relative error below 2e-7: 2ⁿ times a polynomial of the rest.
static float cube_root_of_power(float x) {
    // Below this the result is 0 in all that it is added to.
    const float y = (x > -240.0f ? x : -240.0f) * 0.333333343f;
    // Adding 1.5 · 2²³ rounds to an integer, which then stands in the low bits.
    const float shifted = y * 1.44269504f + 12582912.0f;
    const float n = shifted - 12582912.0f;
    const float r = (y - n * 0.693359375f) + n * 2.12194440e-4f;
    float p = 1.395170445e-03f;
    p = p * r + 8.369590113e-03f;
    p = p * r + 4.166618748e-02f;
    p = p * r + 1.666651296e-01f;
    p = p * r + 5.000000101e-01f;
    p = p * (r * r) + r + 1.0f;
    uint32_t bits;
    memcpy(&bits, &shifted, sizeof bits);
    const uint32_t exponent = (bits - 0x4B400000u + 127u) << 23;
    float scale;
    memcpy(&scale, &exponent, sizeof scale);
    return p * scale;
}

float ck_cube_root_sum(const float *log_probabilities, size_t count) {
    float partial[lanes] = {0};
    size_t i = 0;
    for (; i + lanes <= count; i += lanes)
        for (size_t lane = 0; lane < lanes; lane++)
            partial[lane] += cube_root_of_power(log_probabilities[i + lane]);
    for (; i < count; i++) partial[i % lanes] += cube_root_of_power(log_probabilities[i]);
    float sum = 0;
    for (size_t lane = 0; lane < lanes; lane++) sum += partial[lane];
    return sum;
}

bool ck_all_finite(const float *values, size_t count) {
    // x · 0 is 0 for finite x and NaN otherwise; NaN stays in the sum.
    float sum = 0;
    for (size_t i = 0; i < count; i++) sum += values[i] * 0.0f;
    return sum == 0.0f;
}

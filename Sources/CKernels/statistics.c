// Sums in double precision and fixed order.
#include "CKernels.h"

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

bool ck_all_finite(const float *values, size_t count) {
    // x · 0 is 0 for finite x and NaN otherwise; NaN stays in the sum.
    float sum = 0;
    for (size_t i = 0; i < count; i++) sum += values[i] * 0.0f;
    return sum == 0.0f;
}

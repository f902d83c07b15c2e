// What features of rows are made of: sums in double precision and fixed order, and no function of a
// mathematical library, whose last bits differ from processor to processor.
#include "CKernels.h"

#pragma STDC FP_CONTRACT OFF  // the same bits on every processor

#include <math.h>
#include <string.h>

enum { lanes = 8 };  // independent partial sums, so that the compiler can keep several in flight

// e^x for x ≤ 0, relative error below 1e-15: 2ⁿ times a polynomial of the rest.
static inline double exponential(double x) {
    // Below this the result is 0 in all that it is added to.
    const double y = x > -700.0 ? x : -700.0;
    // Adding 1.5 · 2⁵² rounds to an integer, which then stands in the low bits.
    const double shifted = y * 1.4426950408889634 + 6755399441055744.0;
    const double n = shifted - 6755399441055744.0;
    // ln 2 in two parts, the first of which has few bits.
    const double r = (y - n * 0.693147180369123816490) - n * 1.90821492927058770002e-10;
    double p = 1.0 / 479001600.0;
    p = p * r + 1.0 / 39916800.0;
    p = p * r + 1.0 / 3628800.0;
    p = p * r + 1.0 / 362880.0;
    p = p * r + 1.0 / 40320.0;
    p = p * r + 1.0 / 5040.0;
    p = p * r + 1.0 / 720.0;
    p = p * r + 1.0 / 120.0;
    p = p * r + 1.0 / 24.0;
    p = p * r + 1.0 / 6.0;
    p = p * r + 0.5;
    p = p * r + 1.0;
    p = p * r + 1.0;
    uint64_t bits;
    memcpy(&bits, &shifted, sizeof bits);
    const uint64_t exponent = (bits - 0x4338000000000000u + 1023u) << 52;
    double scale;
    memcpy(&scale, &exponent, sizeof scale);
    return p * scale;
}

static inline double entropy_term(float log_probability) {
    const double x = log_probability > -700.0f ? log_probability : -700.0f;
    return -x * exponential(x);
}

ck_posterior ck_frame_posterior(const float *log_probabilities, size_t count) {
    double partial[lanes] = {0};
    size_t i = 0;
    for (; i + lanes <= count; i += lanes)
        for (size_t lane = 0; lane < lanes; lane++)
            partial[lane] += entropy_term(log_probabilities[i + lane]);
    for (; i < count; i++) partial[i % lanes] += entropy_term(log_probabilities[i]);
    double entropy = 0;
    for (size_t lane = 0; lane < lanes; lane++) entropy += partial[lane];

    float first = -INFINITY, second = -INFINITY;
    for (i = 0; i < count; i++) {
        const float value = log_probabilities[i];
        if (value > first) {
            second = first;
            first = value;
        } else if (value > second) {
            second = value;
        }
    }
    return (ck_posterior){
        .first = exponential(first),
        .second = count > 1 ? exponential(second) : 0,
        .entropy = entropy,
    };
}

double ck_decibels(double ratio) {
    int exponent;
    double m = frexp(ratio, &exponent);  // exact
    if (m < 0.70710678118654752) {
        m *= 2;
        exponent--;
    }
    // ln m = 2 · artanh t, |t| < 0.1716: the terms left out are below 1e-17.
    const double t = (m - 1) / (m + 1), square = t * t;
    double sum = 0;
    for (int k = 21; k >= 1; k -= 2) sum = sum * square + 1.0 / k;
    const double logarithm = 2 * t * sum + exponent * 0.69314718055994531;
    return logarithm * 4.3429448190325183;  // 10 / ln 10
}

void ck_add_spectrum(const float *windows, const double *weights, const double *cosines,
                     const double *sines, double *energy) {
    enum { size = ck_spectrum_samples };
    // One window is the real part and the other the imaginary one: the sum of both spectra's energies
    // is that of the whole and its mirror image.
    double real[size], imaginary[size];
    for (unsigned i = 0; i < size; i++) {
        unsigned reversed = 0;
        for (unsigned bit = 1; bit < size; bit <<= 1) reversed = reversed << 1 | ((i & bit) != 0);
        real[reversed] = weights[i] * windows[i];
        imaginary[reversed] = weights[i] * windows[size + i];
    }
    for (unsigned half = 1; half < size; half *= 2) {
        const double *c = cosines + half - 1, *s = sines + half - 1;
        for (unsigned start = 0; start < size; start += 2 * half) {
            double *re = real + start, *im = imaginary + start;
            for (unsigned k = 0; k < half; k++) {
                const double x = re[half + k] * c[k] - im[half + k] * s[k];
                const double y = re[half + k] * s[k] + im[half + k] * c[k];
                re[half + k] = re[k] - x;
                im[half + k] = im[k] - y;
                re[k] += x;
                im[k] += y;
            }
        }
    }
    for (unsigned k = 0; k < ck_spectrum_bins; k++) {
        const unsigned mirror = (size - k) % size;
        energy[k] += 0.5 * (real[k] * real[k] + imaginary[k] * imaginary[k]
                            + real[mirror] * real[mirror] + imaginary[mirror] * imaginary[mirror]);
    }
}

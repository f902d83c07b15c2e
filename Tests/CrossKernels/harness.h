// What the programs' tests share: numbers that are the same on every machine, memory that tells what was written
// beside it, and digests of bits.
#pragma once

#include <CKernels.h>
#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#pragma STDC FP_CONTRACT OFF  // inputs are the same on every machine

// MARK: What a test says

/// The table on trial, its name, and the test that runs.
extern const ck_table *table;
extern ck_instruction_set table_set;
extern const char *table_name, *test_name;
extern size_t failures, expectations;

/// Counts an expectation; the first failures are printed.
#define EXPECT(holds, ...)                                                                         \
    do {                                                                                           \
        expectations++;                                                                            \
        if (!(holds)) {                                                                            \
            if (failures++ < 20) {                                                                 \
                printf("%s: %s: ", table_name, test_name);                                         \
                printf(__VA_ARGS__);                                                               \
                printf("\n");                                                                      \
            }                                                                                      \
        }                                                                                          \
    } while (0)

// MARK: Numbers

void seed(uint64_t value);
uint64_t draw(void);
/// A number in first...last.
size_t draw_size(size_t first, size_t last);
int draw_flag(void);
/// Between −bound and bound; exact in float.
float draw_float(float bound);

// MARK: Memory

/// `bytes` bytes with a pattern in them and around them, `offset` floats away from a line of the cache.
void *guarded(size_t bytes, size_t offset);
float *floats(size_t count, float bound, size_t offset);
float *zeros(size_t count);
void *copy_of(const void *source, size_t bytes, size_t offset);
/// Frees all, and expects that nothing was written beside any.
void release_all(void);

// MARK: Digests

typedef enum {
    /// Bits of float kernels, and of bfloat16 kernels, of the table on trial.
    digest_floats, digest_halves,
    /// What every processor computes alike: bytes, statistics, the speech network, conversions.
    digest_common,
    digest_count,
} digest_kind;

extern uint64_t digests[digest_count];
void digest(digest_kind kind, const void *bytes, size_t count);

// MARK: References

double activation_of(ck_activation activation, double x);
static inline float float_of_half(uint16_t half) {
    const uint32_t bits = (uint32_t)half << 16;
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}
/// To nearest even.
uint16_t half_of_float(float value);
/// The largest |found − expected|; infinite where one is NaN.
double largest_difference(const float *found, const double *expected, size_t count);

// MARK: Tests

void test_activations(void);
void test_epilogues(void);
void test_epilogue_edges(void);
void test_winograd(void);
void test_bytes(void);
void test_attention(void);
void test_attention_edges(void);
void test_position(void);
void test_rows(void);
void test_convolutions(void);
void test_thread(void);
void test_registers(void);
void test_speech(void);
void test_statistics(void);
void test_features(void);
void test_weights(void);
void test_conversions(void);

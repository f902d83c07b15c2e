// How fast a processor multiplies when nothing stands in its way: what a model's speed is held against.
#include "CPeakRates.h"

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

// Sums that do not wait for each other: more than any processor's latency asks for, few enough to stay
// in registers together with the factors.
#if defined(__aarch64__)
enum { chains = 24 };
#else
enum { chains = 12 };
#endif

// The empty assembly keeps the compiler from taking the work out of the loop, or leaving it out.
#define CK_PEAK(NAME, TARGET, VECTOR, LEFT, RIGHT, SUM)                                                \
    TARGET static void NAME(size_t rounds) {                                                           \
        VECTOR left = LEFT, right = RIGHT, sums[chains];                                               \
        for (int i = 0; i < chains; i++) sums[i] = right;                                              \
        for (size_t round = 0; round < rounds; round++) {                                              \
            __asm__ volatile("" : CK_REGISTER(left), CK_REGISTER(right));                              \
            _Pragma("clang loop unroll(full)") for (int i = 0; i < chains; i++) {                      \
                VECTOR sum = sums[i];                                                                  \
                sums[i] = SUM;                                                                         \
            }                                                                                          \
        }                                                                                              \
        _Pragma("clang loop unroll(full)") for (int i = 0; i < chains; i++) {                          \
            __asm__ volatile("" : CK_REGISTER(sums[i]));                                               \
        }                                                                                              \
    }

#if defined(__x86_64__)
#define CK_REGISTER(VALUE) "+x"(VALUE)
#else
#define CK_REGISTER(VALUE) "+w"(VALUE)
#endif

typedef float four_floats __attribute__((vector_size(16)));

// Values that stay near 2, so that no number is ever too large or denormal.
CK_PEAK(multiply_portable, , four_floats, ((four_floats){0.5f, 0.5f, 0.5f, 0.5f}),
        ((four_floats){1, 1, 1, 1}), sum *left + right)

#if defined(__x86_64__)
CK_PEAK(multiply_avx2, __attribute__((target("avx2,fma"))), __m256, _mm256_set1_ps(0.5f),
        _mm256_set1_ps(1), _mm256_fmadd_ps(sum, left, right))
// The sum is a factor too, so that no product is the same as another.
CK_PEAK(multiply_byte_pairs, __attribute__((target("avx2"))), __m256i, _mm256_set1_epi8(1),
        _mm256_set1_epi16(1),
        _mm256_add_epi32(sum, _mm256_madd_epi16(_mm256_maddubs_epi16(sum, left), right)))
CK_PEAK(multiply_avx512, __attribute__((target("avx512f"))), __m512, _mm512_set1_ps(0.5f),
        _mm512_set1_ps(1), _mm512_fmadd_ps(sum, left, right))
// 0x3F80 is 1 and 0xBF80 is -1: sums of products that cancel.
CK_PEAK(multiply_bfloat16, __attribute__((target("avx512f,avx512bw,avx512bf16"))), __m512,
        (__m512)_mm512_set1_epi32(0x3F803F80), (__m512)_mm512_set1_epi32((int)0xBF803F80u),
        _mm512_dpbf16_ps(sum, (__m512bh)left, (__m512bh)right))
CK_PEAK(multiply_bytes, __attribute__((target("avx512f,avx512vnni"))), __m512i,
        _mm512_set1_epi8(1), _mm512_set1_epi8(1), _mm512_dpbusd_epi32(sum, left, right))
CK_PEAK(multiply_byte_fours, __attribute__((target("avx2,avxvnni"))), __m256i, _mm256_set1_epi8(1),
        _mm256_set1_epi8(1), _mm256_dpbusd_avx_epi32(sum, left, right))
CK_PEAK(multiply_byte_fours_evex, __attribute__((target("avx512vl,avx512vnni"))), __m256i,
        _mm256_set1_epi8(1), _mm256_set1_epi8(1), _mm256_dpbusd_epi32(sum, left, right))

// Six tiles of sums, which is more than the latency of a product asks for, and two of factors.
enum { tile_chains = 6, tile_rows = 16, tile_bytes = 64 };

__attribute__((target("amx-tile,amx-bf16,amx-int8"))) static double multiply_tiles(
    ck_element_type type, size_t rounds) {
    ck_tile_configuration configuration = {.palette = 1};
    for (int tile = 0; tile < tile_chains + 2; tile++) {
        configuration.row_bytes[tile] = tile_bytes;
        configuration.rows[tile] = tile_rows;
    }
    _tile_loadconfig(&configuration);
    // Zeros take as long as other numbers.
    _tile_zero(0), _tile_zero(1), _tile_zero(2), _tile_zero(3), _tile_zero(4), _tile_zero(5);
    _tile_zero(6), _tile_zero(7);
    if (type == ck_bfloat16)
        for (size_t round = 0; round < rounds; round++) {
            _tile_dpbf16ps(0, 6, 7), _tile_dpbf16ps(1, 6, 7), _tile_dpbf16ps(2, 6, 7);
            _tile_dpbf16ps(3, 6, 7), _tile_dpbf16ps(4, 6, 7), _tile_dpbf16ps(5, 6, 7);
        }
    else
        for (size_t round = 0; round < rounds; round++) {
            _tile_dpbusd(0, 6, 7), _tile_dpbusd(1, 6, 7), _tile_dpbusd(2, 6, 7);
            _tile_dpbusd(3, 6, 7), _tile_dpbusd(4, 6, 7), _tile_dpbusd(5, 6, 7);
        }
    _tile_release();
    const double values = type == ck_bfloat16 ? tile_bytes / 2 : tile_bytes;
    return 2.0 * tile_chains * (double)rounds * tile_rows * (tile_bytes / 4) * values;
}
#elif defined(__aarch64__)
CK_PEAK(multiply_neon, , float32x4_t, vdupq_n_f32(0.5f), vdupq_n_f32(1),
        vfmaq_f32(right, sum, left))
CK_PEAK(multiply_byte_pairs, , int32x4_t, vdupq_n_s32(0x01010101), vdupq_n_s32(0x01010101),
        vpadalq_s16(sum, vmull_s8(vget_low_s8(vreinterpretq_s8_s32(left)),
                                  vget_low_s8(vreinterpretq_s8_s32(right)))))
CK_PEAK(multiply_bytes, __attribute__((target("dotprod"))), int32x4_t, vdupq_n_s32(0x01010101),
        vdupq_n_s32(0x01010101),
        vdotq_s32(sum, vreinterpretq_s8_s32(left), vreinterpretq_s8_s32(right)))
// 0x3F80 is 1 and 0xBF80 is -1: sums of products that cancel.
CK_PEAK(multiply_bfloat16, __attribute__((target("bf16"))), float32x4_t,
        vreinterpretq_f32_u32(vdupq_n_u32(0x3F803F80)),
        vreinterpretq_f32_u32(vdupq_n_u32(0xBF803F80u)),
        vbfdotq_f32(sum, vreinterpretq_bf16_f32(left), vreinterpretq_bf16_f32(right)))
#endif

double ck_multiply_in_registers(ck_instruction_set set, ck_element_type type, size_t rounds) {
    // Two operations for each product of numbers and its addition.
    double per_product = 2.0 * chains * (double)rounds;
    switch (set) {
#if defined(__x86_64__)
    case ck_avx2:
        if (type == ck_uint8) {
            multiply_byte_pairs(rounds);
            return per_product * 32;
        }
        multiply_avx2(rounds);
        return per_product * 8;
    case ck_avx2_vnni:
    case ck_avx2_vnni_evex:
        if (type == ck_uint8) {
            (set == ck_avx2_vnni ? multiply_byte_fours : multiply_byte_fours_evex)(rounds);
            return per_product * 32;
        }
        multiply_avx2(rounds);
        return per_product * 8;
    case ck_amx:
        if (type != ck_float32) return multiply_tiles(type, rounds);
        multiply_avx512(rounds);
        return per_product * 16;
    case ck_avx512_narrow:
        if (type == ck_bfloat16) {
            multiply_bfloat16(rounds);
            return per_product * 32;
        }
        if (type == ck_uint8) {
            multiply_bytes(rounds);
            return per_product * 64;
        }
        multiply_avx512(rounds);
        return per_product * 16;
    case ck_avx512:
        multiply_avx512(rounds);
        return per_product * 16;
#elif defined(__aarch64__)
    case ck_neon_narrow:
        if (type == ck_bfloat16) {
            multiply_bfloat16(rounds);
            return per_product * 8;
        }
        return ck_multiply_in_registers(ck_neon_dot, type, rounds);
    case ck_neon_dot:
        if (type == ck_uint8) {
            multiply_bytes(rounds);
            return per_product * 16;
        }
        multiply_neon(rounds);
        return per_product * 4;
    case ck_neon:
        if (type == ck_uint8) {
            multiply_byte_pairs(rounds);
            return per_product * 8;
        }
        multiply_neon(rounds);
        return per_product * 4;
#else
        (void)type;
#endif
    default:
        multiply_portable(rounds);
        return per_product * 4;
    }
}

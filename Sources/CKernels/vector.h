// Sixteen floats as one value, whatever the registers: one on AVX-512, two on AVX2, four on SSE2 and NEON.
// Included once into each table's file, so that all of it is compiled for that instruction set.
#pragma clang diagnostic ignored "-Wpsabi"  // wide vectors never cross a call: all is inlined
#if defined(CK_SAME_BITS)
#pragma STDC FP_CONTRACT OFF                // a·b + c is two operations everywhere
#else
#pragma STDC FP_CONTRACT ON                 // a·b + c is one operation where the processor has it
#endif

#include "gelu_table.h"

enum { width16 = 16 };

typedef float f16 __attribute__((ext_vector_type(16)));
typedef int i16 __attribute__((ext_vector_type(16)));
typedef float f16_unaligned __attribute__((ext_vector_type(16), aligned(4)));
typedef int i16_unaligned __attribute__((ext_vector_type(16), aligned(4)));
typedef uint32_t u32x16 __attribute__((ext_vector_type(16)));
typedef uint16_t u16x16 __attribute__((ext_vector_type(16)));
typedef uint8_t u8x16 __attribute__((ext_vector_type(16)));
typedef float f8 __attribute__((ext_vector_type(8)));
typedef float f4 __attribute__((ext_vector_type(4)));

#define CK_INLINE static inline __attribute__((always_inline))

#if defined(CK_HAS_PERMUTES)
/// The entries of a table of 32 at sixteen places.
CK_INLINE f16 pick(const float table[32], __m512i places) {
    return (f16)_mm512_permutex2var_ps(_mm512_loadu_ps(table), places, _mm512_loadu_ps(table + 16));
}
#endif

CK_INLINE f16 load(const float *source) { return *(const f16_unaligned *)source; }
CK_INLINE void store(float *target, f16 value) { *(f16_unaligned *)target = value; }
CK_INLINE f16 all(float value) { return (f16)value; }

/// The first `count` floats, then `fill`.
CK_INLINE f16 load_part(const float *source, size_t count, float fill) {
    f16 value = all(fill);
    memcpy(&value, source, count * sizeof(float));
    return value;
}

CK_INLINE void store_part(float *target, f16 value, size_t count) {
    memcpy(target, &value, count * sizeof(float));
}

/// The next sixteen of `left` floats, or all of them and `fill`.
CK_INLINE f16 load_some(const float *source, size_t left, float fill) {
    return left >= width16 ? load(source) : load_part(source, left, fill);
}

CK_INLINE void store_some(float *target, f16 value, size_t left) {
    if (left >= width16)
        store(target, value);
    else
        store_part(target, value, left);
}

/// The next sixteen of `left` integers, or all of them and zeros.
CK_INLINE i16 load_some_integers(const int32_t *source, size_t left) {
    if (left >= width16) return *(const i16_unaligned *)source;
    i16 value = 0;
    memcpy(&value, source, left * sizeof(int32_t));
    return value;
}

CK_INLINE f16 maximum(f16 a, f16 b) { return a > b ? a : b; }
CK_INLINE f16 minimum(f16 a, f16 b) { return a < b ? a : b; }

/// x within [low, high]; NaN stays NaN, so that it is seen in the end.
CK_INLINE f16 clamp(f16 x, float low, float high) {
#if defined(CK_HAS_NEON)
    float32x4_t parts[4];
    memcpy(parts, &x, sizeof parts);
    for (size_t i = 0; i < 4; i++)
        parts[i] = vminq_f32(vmaxq_f32(parts[i], vdupq_n_f32(low)), vdupq_n_f32(high));
    memcpy(&x, parts, sizeof parts);
    return x;
#else
    x = all(low) > x ? all(low) : x;
    return all(high) < x ? all(high) : x;
#endif
}

/// Sum of the lanes, always in the same tree.
CK_INLINE float sum_of_lanes(f16 v) {
    const f8 a = v.lo + v.hi;
    const f4 b = a.lo + a.hi;
    return (b.x + b.z) + (b.y + b.w);
}

CK_INLINE float largest_lane(f16 v) {
    const f8 a = v.lo > v.hi ? v.lo : v.hi;
    const f4 b = a.lo > a.hi ? a.lo : a.hi;
    return fmaxf(fmaxf(b.x, b.z), fmaxf(b.y, b.w));
}

CK_INLINE uint32_t largest_unsigned_lane(u32x16 v) {
    uint32_t largest = 0;
    for (size_t lane = 0; lane < width16; lane++) largest = v[lane] > largest ? v[lane] : largest;
    return largest;
}

/// Rounded to the nearest of 0…255.
CK_INLINE u8x16 to_bytes(f16 value) {
#if defined(CK_HAS_PERMUTES)
    const __m512i rounded = _mm512_cvtps_epi32((__m512)value);
    return (u8x16)_mm512_cvtusepi32_epi8(_mm512_max_epi32(rounded, _mm512_setzero_si512()));
#elif defined(CK_HAS_NEON)
    // Both steps saturate: to integers of 0 and more, then to a byte.
    float32x4_t parts[4];
    memcpy(parts, &value, sizeof parts);
    const uint16x8_t low = vcombine_u16(vqmovn_u32(vcvtnq_u32_f32(parts[0])),
                                        vqmovn_u32(vcvtnq_u32_f32(parts[1])));
    const uint16x8_t high = vcombine_u16(vqmovn_u32(vcvtnq_u32_f32(parts[2])),
                                         vqmovn_u32(vcvtnq_u32_f32(parts[3])));
    const uint8x16_t bytes = vcombine_u8(vqmovn_u16(low), vqmovn_u16(high));
    u8x16 result;
    memcpy(&result, &bytes, sizeof result);
    return result;
#else
    // Adding 2²³ rounds to an integer, which then stands in the lowest byte.
    return __builtin_convertvector((u32x16)(clamp(value, 0, 255) + 8388608.0f), u8x16);
#endif
}

/// eˣ with a relative error below 9e-8; x below −87.3 gives the smallest normal float.
CK_INLINE f16 exponential(f16 x) {
    x = clamp(x, -87.33654f, 88.37626f);
    // Adding 1.5 · 2²³ rounds to an integer, which then stands in the low bits.
    const f16 shifted = x * 1.44269504f + 12582912.0f;
    const f16 n = shifted - 12582912.0f;
    f16 r = x - n * 0.693359375f;
    r = r + n * 2.12194440e-4f;
    f16 p = all(1.395170445e-03f);
    p = p * r + 8.369590113e-03f;
    p = p * r + 4.166618748e-02f;
    p = p * r + 1.666651296e-01f;
    p = p * r + 5.000000101e-01f;
    p = p * (r * r) + r + 1.0f;
    const i16 exponent = ((i16)shifted - 0x4B400000 + 127) << 23;
    return p * (f16)exponent;
}

/// eˣ for x ≤ 0, relative error below 9e-8; far below −87 it is 0 or the smallest normal float.
CK_INLINE f16 negative_exponential(f16 x) {
#if defined(CK_HAS_PERMUTES)
    // 2ʳ by a polynomial, r the rest of x · log₂ e over the nearest integer.
    const __m512 n = _mm512_roundscale_ps((__m512)(x * 1.44269502f), 8);
    f16 r = x * 1.44269502f - (f16)n;
    r = r + x * 1.92596303e-8f;
    f16 p = all(1.54035303e-4f);
    p = p * r + 1.33335581e-3f;
    p = p * r + 9.61812910e-3f;
    p = p * r + 5.55041087e-2f;
    p = p * r + 2.40226507e-1f;
    p = p * r + 6.93147182e-1f;
    p = p * r + 1.0f;
    return (f16)_mm512_scalef_ps((__m512)p, n);
#else
    return exponential(x);
#endif
}

/// erf(x), largest error 4e-7: a fitted ratio of polynomials in x² up to |x| = 3.925, 1 beyond.
CK_INLINE f16 error_function(f16 x) {
    x = clamp(x, -3.925f, 3.925f);
    const f16 u = x * x;
    f16 p = all(2.046025609e-06f);
    p = p * u + 2.848453432e-04f;
    p = p * u + 3.772604923e-03f;
    p = p * u + 5.276947124e-02f;
    p = p * u + 1.905949411e-01f;
    p = p * u + 1.128379146e+00f;
    f16 q = all(3.804785209e-05f);
    q = q * u + 1.163872118e-03f;
    q = q * u + 1.498330800e-02f;
    q = q * u + 1.141832259e-01f;
    q = q * u + 5.022430990e-01f;
    q = q * u + 1.0f;
    return clamp(x * p / q, -1.0f, 1.0f);
}

/// tanh(x), largest error 4e-7, made like ``error_function``.
CK_INLINE f16 hyperbolic_tangent(f16 x) {
    x = clamp(x, -9.02f, 9.02f);
    const f16 u = x * x;
    f16 p = all(2.568030273e-14f);
    p = p * u + -3.166807104e-11f;
    p = p * u + 4.567682745e-08f;
    p = p * u + 3.298436416e-05f;
    p = p * u + 4.093402222e-03f;
    p = p * u + 1.385523625e-01f;
    p = p * u + 1.0f;
    f16 q = all(1.668497102e-06f);
    q = q * u + 4.349117130e-04f;
    q = q * u + 2.805530227e-02f;
    q = q * u + 4.718856949e-01f;
    q = q * u + 1.0f;
    return clamp(x * p / q, -1.0f, 1.0f);
}

/// 0.5 x (1 + erf(x / √2)).
CK_INLINE f16 gelu(f16 x) {
#if defined(CK_HAS_PERMUTES)
    // |x| erf(|x|/√2)/2 from a table of 32 cubics, which two registers hold for each power.
    const f16 magnitude = (f16)((u32x16)x & 0x7FFFFFFFu);
    const f16 limit = all(gelu_limit - 1e-5f);
    const f16 place = (magnitude < limit ? magnitude : limit) * gelu_scale;
    const __m512i piece = _mm512_cvttps_epi32((__m512)place);
    const f16 u = place - (f16)_mm512_cvtepi32_ps(piece);
    f16 half = pick(gelu_table[3], piece);
    half = half * u + pick(gelu_table[2], piece);
    half = half * u + pick(gelu_table[1], piece);
    half = half * u + pick(gelu_table[0], piece);
    return magnitude * half + 0.5f * x;
#else
    return 0.5f * x * (1.0f + error_function(x * 0.70710678f));
#endif
}

/// sum + pair[0] · even halves + pair[1] · odd halves of sixteen bfloat16 pairs.
CK_INLINE f16 add_pair_products(f16 sum, int32_t pair, const uint16_t *halves) {
#if defined(CK_HAS_BFLOAT16)
    return (f16)_mm512_dpbf16_ps((__m512)sum, (__m512bh)_mm512_set1_epi32(pair),
                                 (__m512bh)_mm512_loadu_si512(halves));
#elif defined(CK_HAS_NEON_BFLOAT16)
    const bfloat16x8_t both = vreinterpretq_bf16_s32(vdupq_n_s32(pair));
    float32x4_t sums[4];
    memcpy(sums, &sum, sizeof sums);
    for (size_t i = 0; i < 4; i++)
        sums[i] = vbfdotq_f32(sums[i], vreinterpretq_bf16_u16(vld1q_u16(halves + 8 * i)), both);
    memcpy(&sum, sums, sizeof sums);
    return sum;
#else
    u32x16 both;
    memcpy(&both, halves, sizeof both);
    const uint32_t low = (uint32_t)pair << 16, high = (uint32_t)pair & 0xFFFF0000u;
    float first, second;
    memcpy(&first, &low, sizeof first);
    memcpy(&second, &high, sizeof second);
    sum += first * (f16)(both << 16);
    return sum + second * (f16)(both & 0xFFFF0000u);
#endif
}

/// ln(x) for normal positive x, to double's precision: by the mantissa's atanh series.
CK_INLINE double natural_logarithm(double x) {
    int exponent;
    double mantissa = frexp(x, &exponent);
    if (mantissa < 0.70710678118654752) {
        mantissa *= 2;
        exponent -= 1;
    }
    const double z = (mantissa - 1) / (mantissa + 1);
    const double u = z * z;
    double series = 1.0 / 21;
    for (int odd = 19; odd >= 1; odd -= 2) series = series * u + 1.0 / odd;
    return 2 * z * series + exponent * 0.69314718055994531;
}

// Products of bytes, for processors whose libraries have no good ones: the template for all instruction sets.
//
// Weights lie as ck_pack_bytes leaves them. Sums are exact, so that all tables give the same.

enum {
    byte_columns = width16,
    /// Bytes of depth that stand together in a block.
    byte_group = 4,
    /// Depth of a block that stays in the first-level cache while all rows pass; whole groups.
    byte_depth = 768,
};

/// sums[c] += Σ_j input[j] · weights[c][j], j < 4.
CK_INLINE i16 add_byte_products(i16 sums, uint32_t input, const int8_t *weights) {
#if defined(CK_HAS_BYTE_FOURS)
    typedef int i8 __attribute__((ext_vector_type(8)));
    const __m256i bytes = _mm256_set1_epi32((int)input);
    const i8 low = (i8)CK_ADD_BYTE_FOURS((__m256i)sums.lo, bytes, _mm256_load_si256((const __m256i *)weights));
    const i8 high =
        (i8)CK_ADD_BYTE_FOURS((__m256i)sums.hi, bytes, _mm256_load_si256((const __m256i *)weights + 1));
    return __builtin_shufflevector(low, high, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
#elif defined(CK_HAS_BYTE_PAIRS)
    // Pairs are added in 16 bits, which weights from ck_quantize_weights for pairs never overflow.
    const __m256i bytes = _mm256_set1_epi32((int)input), ones = _mm256_set1_epi16(1);
    const __m256i low = _mm256_maddubs_epi16(bytes, _mm256_load_si256((const __m256i *)weights));
    const __m256i high =
        _mm256_maddubs_epi16(bytes, _mm256_load_si256((const __m256i *)weights + 1));
    typedef int i8 __attribute__((ext_vector_type(8)));
    const i8 low_sums = (i8)_mm256_madd_epi16(low, ones);
    const i8 high_sums = (i8)_mm256_madd_epi16(high, ones);
    return sums + (i16)__builtin_shufflevector(low_sums, high_sums, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9,
                                               10, 11, 12, 13, 14, 15);
#elif defined(CK_HAS_NEON)
    // Four columns of four bytes in a register.
    int32x4_t parts[4];
    memcpy(parts, &sums, sizeof parts);
    for (size_t i = 0; i < 4; i++) {
        const int8x16_t columns = vld1q_s8(weights + 16 * i);
#if defined(CK_HAS_MIXED_DOT)
        parts[i] = vusdotq_s32(parts[i], vreinterpretq_u8_u32(vdupq_n_u32(input)), columns);
#else
        // Bytes less 128 are signed ones; multiply_byte_block takes the products of 128 away again.
        const int8x16_t bytes = vreinterpretq_s8_u32(vdupq_n_u32(input ^ 0x80808080u));
#if defined(CK_HAS_SIGNED_DOT)
        parts[i] = vdotq_s32(parts[i], bytes, columns);
#else
        // Two products add up within 16 bits: 2 · 128 · 127 < 2¹⁵, and weights are never −128.
        const int16x8_t low = vmull_s8(vget_low_s8(bytes), vget_low_s8(columns));
        const int16x8_t high = vmull_high_s8(bytes, columns);
        parts[i] = vpadalq_s16(parts[i], vpaddq_s16(low, high));
#endif
#endif
    }
    memcpy(&sums, parts, sizeof parts);
    return sums;
#else
    for (size_t c = 0; c < byte_columns; c++)
        for (size_t j = 0; j < byte_group; j++)
            sums[c] += (int)(input >> 8 * j & 0xFF) * weights[c * byte_group + j];
    return sums;
#endif
}

/// The next four of `left` bytes, or all of them and zeros; the first is the lowest.
CK_INLINE uint32_t load_some_bytes(const uint8_t *source, size_t left) {
    uint32_t value = 0;
    if (left >= byte_group)
        memcpy(&value, source, byte_group);
    else
        memcpy(&value, source, left);
    return value;
}

#if defined(CK_HAS_NEON) && !defined(CK_HAS_MIXED_DOT)
/// What ``add_byte_products`` makes of bytes that are zero, over a block's depth: what every sum there has too much.
CK_INLINE i16 sums_of_zeros(const int8_t *block, size_t depth) {
    i16 sums = 0;
    for (size_t d = 0; d < depth; d += byte_group)
        sums = add_byte_products(sums, 0, block + d * byte_columns);
    return sums;
}
#else
CK_INLINE i16 sums_of_zeros(const int8_t *block, size_t depth) {
    (void)block, (void)depth;
    return 0;
}
#endif

/// A block of columns over some of the depth; `count` is a constant, so that sums stay in registers.
CK_INLINE void multiply_byte_block(const uint8_t *input, size_t input_stride, const int8_t *block,
                                   size_t depth, i16 excess, bool adds, int32_t *output,
                                   size_t output_stride, size_t live, size_t count) {
    i16 sums[block_rows];
    for (size_t r = 0; r < count; r++)
        sums[r] = (adds ? load_some_integers(output + r * output_stride, live) : (i16)0) - excess;
    for (size_t d = 0; d + byte_group <= depth; d += byte_group)
        for (size_t r = 0; r < count; r++)
            sums[r] = add_byte_products(
                sums[r], load_some_bytes(input + r * input_stride + d, byte_group),
                block + d * byte_columns);
    const size_t part = depth % byte_group;
    if (part)
        for (size_t r = 0; r < count; r++)
            sums[r] = add_byte_products(
                sums[r], load_some_bytes(input + r * input_stride + depth - part, part),
                block + (depth - part) * byte_columns);
    for (size_t r = 0; r < count; r++) {
        int32_t *target = output + r * output_stride;
        if (live >= byte_columns)
            memcpy(target, &sums[r], sizeof sums[r]);
        else
            memcpy(target, &sums[r], live * sizeof *target);
    }
}

static void multiply_bytes(const ck_byte_product *p, const uint8_t *input, size_t input_stride,
                           size_t rows, int32_t *output) {
    const size_t whole = (p->depth + byte_group - 1) / byte_group * byte_group;
    for (size_t start = 0; start < p->depth; start += byte_depth) {
        const size_t depth = p->depth - start < byte_depth ? p->depth - start : byte_depth;
        for (size_t column = 0; column < p->columns; column += byte_columns) {
            const int8_t *block = p->weights + column * whole + start * byte_columns;
            const i16 excess = sums_of_zeros(block, depth);
            for (size_t r = 0; r < rows; r += block_rows) {
#define CALL(constant)                                                                             \
    multiply_byte_block(input + r * input_stride + start, input_stride, block, depth, excess,      \
                        start > 0, output + r * p->columns + column, p->columns,                   \
                        p->columns - column, constant)
                WITH_CONSTANT_COUNT(rows - r < block_rows ? rows - r : block_rows, CALL)
#undef CALL
            }
        }
    }
}

// What happens to rows between two matrix multiplications: the template for all instruction sets.

// MARK: Numbers that operands are made of

/// The upper halves of floats, rounded to nearest even; NaN stays NaN.
CK_INLINE u16x16 bfloat16(f16 value) {
#if defined(CK_HAS_BFLOAT16)
    return (u16x16)_mm512_cvtneps_pbh((__m512)value);
#elif defined(CK_HAS_NEON_BFLOAT16)
    float32x4_t parts[4];
    memcpy(parts, &value, sizeof parts);
    const bfloat16x8_t halves[2] = {vcvtq_high_bf16_f32(vcvtq_low_bf16_f32(parts[0]), parts[1]),
                                    vcvtq_high_bf16_f32(vcvtq_low_bf16_f32(parts[2]), parts[3])};
    u16x16 result;
    memcpy(&result, halves, sizeof result);
    return result;
#else
    const i16 bits = (i16)value;
    const i16 rounded = bits + 0x7FFF + ((bits >> 16) & 1);
    const i16 kept = value == value ? rounded : (bits | 0x400000);
    return __builtin_convertvector((u32x16)kept >> 16, u16x16);
#endif
}

CK_INLINE void store_bfloat16(uint16_t *target, f16 value, size_t count) {
    const u16x16 half = bfloat16(value);
    memcpy(target, &half, count * sizeof(uint16_t));
}

/// What has been seen of a row: its extremes, and its largest magnitude as bits, which a NaN tops.
typedef struct {
    f16 low, high;
    u32x16 magnitude;
} row_range;

CK_INLINE void see(row_range *range, f16 value) {
    range->low = minimum(value, range->low);
    range->high = maximum(value, range->high);
    const u32x16 bits = (u32x16)value & 0x7FFFFFFFu;
    range->magnitude = bits > range->magnitude ? bits : range->magnitude;
}

/// The loops below go over whole vectors, then over what is left of the row.
#define FOR_ROW(width, body)                                                                       \
    do {                                                                                           \
        size_t c = 0;                                                                              \
        for (; c + width16 <= (width); c += width16) body((size_t)width16);                        \
        if (c < (width)) body((width) - c);                                                        \
    } while (0)

/// One row as unsigned bytes: value = scale · (byte − zero), the row's range spread over 0…255.
CK_INLINE void store_uint8_row(const float *row, row_range range, uint8_t *target,
                               size_t width, float *scale, int32_t *zero) {
    const float low = -largest_lane(-range.low), high = largest_lane(range.high);
    const float step = (high - low) / 255.0f;
    const float inverse = step > 0 ? 1.0f / step : 0.0f;
    const float shift = rintf(-low * inverse);
    // An overflow or NaN in the row shows in its scale and so in all products.
    *scale = largest_unsigned_lane(range.magnitude) > 0x7F800000u ? NAN : step;
    *zero = (int32_t)shift;
#define BODY(left)                                                                                 \
    do {                                                                                           \
        const u8x16 bytes = to_bytes(load_some(row + c, left, 0) * inverse + shift);               \
        memcpy(target + c, &bytes, left);                                                          \
    } while (0)
    FOR_ROW(width, BODY);
#undef BODY
}

/// Where the values of a row go as they are made: bfloat16 at once, bytes when the row's range is known.
typedef struct {
    float *floats;
    uint16_t *halves;
} row_target;

CK_INLINE void store_value(row_target target, size_t c, f16 value, size_t left) {
    if (target.floats) store_some(target.floats + c, value, left);
    if (target.halves) store_bfloat16(target.halves + c, value, left);
}

/// Row `r` of an operand of floats; null for other operands.
CK_INLINE float *float_row(const ck_operand *operand, size_t r) {
    const bool is_here = operand->values && operand->element_type == ck_float32;
    return is_here ? (float *)operand->values + r * operand->stride : NULL;
}

/// The same of bfloat16.
CK_INLINE uint16_t *half_row(const ck_operand *operand, size_t r) {
    const bool is_here = operand->values && operand->element_type == ck_bfloat16;
    return is_here ? (uint16_t *)operand->values + r * operand->stride : NULL;
}

/// `row` as row `r` of an operand of bytes; `range` is of that row.
CK_INLINE void encode_bytes(const float *row, row_range range, const ck_operand *operand,
                            size_t r, size_t width) {
    store_uint8_row(row, range, (uint8_t *)operand->values + r * operand->stride, width,
                    operand->scales + r, operand->zeros + r);
}

enum {
    /// Values of a row that is kept nowhere but in the first-level cache.
    passing_values = 8192,
};

// MARK: A product's rows

/// One row of a product, with all that its values need.
typedef struct {
    const void *values;
    /// 1 or −1.
    float sign;
    float row_scale;
    int32_t row_zero;
    const float *column_scales;
    const int32_t *column_sums;
} product_row;

CK_INLINE f16 product_value(product_row product, size_t c, size_t left, bool is_integer) {
    if (!is_integer) return product.sign * load_some((const float *)product.values + c, left, 0);
    const i16 sum = load_some_integers((const int32_t *)product.values + c, left);
    const i16 offset = product.row_zero * load_some_integers(product.column_sums + c, left);
    return __builtin_convertvector(sum - offset, f16) *
           (product.row_scale * load_some(product.column_scales + c, left, 0));
}

/// What is asked of each row, beside its products.
typedef struct {
    const float *bias, *residual;
    const float *gamma, *beta;
    float epsilon;
} row_recipe;

/// Everything before a norm, of one row. Flags and count are constants, so that the loop has none.
CK_INLINE void sum_row(const product_row *products, size_t count, bool is_integer,
                       row_recipe recipe, row_target target, size_t width,
                       ck_activation activation, row_range *range) {
    row_range seen = *range;
#define BODY(left)                                                                                 \
    do {                                                                                           \
        f16 value = product_value(products[0], c, left, is_integer);                               \
        for (size_t p = 1; p < count; p++)                                                         \
            value += product_value(products[p], c, left, is_integer);                              \
        if (recipe.bias) value += load_some(recipe.bias + c, left, 0);                             \
        if (recipe.residual) value += load_some(recipe.residual + c, left, 0);                     \
        value = activate(value, activation);                                                       \
        see(&seen, value);                                                                         \
        store_value(target, c, value, left);                                                       \
    } while (0)
    FOR_ROW(width, BODY);
#undef BODY
    *range = seen;
}

CK_INLINE void norm_row(const float *input, row_recipe recipe, row_target target, size_t width,
                        ck_activation activation, row_range *range) {
    f16 sums = all(0);
#define BODY(left) sums += load_some(input + c, left, 0)
    FOR_ROW(width, BODY);
#undef BODY
    const float mean = sum_of_lanes(sums) / (float)width;
    f16 squares = all(0);
#define BODY(left)                                                                                 \
    do {                                                                                           \
        const f16 difference = load_some(input + c, left, mean) - mean;                            \
        squares += difference * difference;                                                        \
    } while (0)
    FOR_ROW(width, BODY);
#undef BODY
    const float scale = 1.0f / sqrtf(sum_of_lanes(squares) / (float)width + recipe.epsilon);
    row_range seen = *range;
#define BODY(left)                                                                                 \
    do {                                                                                           \
        const f16 normal = (load_some(input + c, left, 0) - mean) * scale;                         \
        const f16 value = activate(normal * load_some(recipe.gamma + c, left, 0) +                 \
                                       load_some(recipe.beta + c, left, 0),                        \
                                   activation);                                                    \
        see(&seen, value);                                                                         \
        store_value(target, c, value, left);                                                       \
    } while (0)
    FOR_ROW(width, BODY);
#undef BODY
    *range = seen;
}

CK_INLINE product_row row_of_product(const ck_product *product, size_t r, float sign,
                                     bool is_integer) {
    product_row row = {.values = (const float *)product->values + r * product->stride, .sign = sign};
    if (is_integer) {
        row.row_scale = sign * product->row_scales[r];
        row.row_zero = product->row_zeros[r];
        row.column_scales = product->column_scales;
        row.column_sums = product->column_sums;
    }
    return row;
}

/// One row, and its encoding. `passing` has room for a row that nobody reads but this function.
CK_INLINE void epilogue_row(const ck_epilogue *epilogue, size_t r, size_t width, size_t count,
                            bool is_integer, ck_activation activation, float *passing) {
    product_row products[ck_products_max];
    if (!epilogue->is_winograd) {
        for (size_t p = 0; p < count; p++)
            products[p] = row_of_product(&epilogue->products[p], r, 1, is_integer);
    } else {
        static const size_t used[3][3] = {{0, 1, 2}, {1, 2}, {1, 2, 3}};
        for (size_t p = 0; p + 1 < count; p++)
            products[p] = row_of_product(&epilogue->products[used[r % 3][p]], r / 3,
                                         count == 3 && p == 1 ? -1 : 1, is_integer);
        products[count - 1] = row_of_product(&epilogue->products[4], r, 1, is_integer);
    }
    const row_recipe recipe = {
        .bias = epilogue->bias,
        .residual = epilogue->residual ? epilogue->residual + r * epilogue->residual_stride : NULL,
        .gamma = epilogue->gamma,
        .beta = epilogue->beta,
        .epsilon = epilogue->epsilon,
    };
    const ck_operand *encoded = &epilogue->encoded;
    float *output = epilogue->output ? epilogue->output + r * epilogue->output_stride : NULL;
    float *const entering = float_row(encoded, r);
    const bool is_bytes = encoded->values && encoded->element_type == ck_uint8;
    const bool keeps_unnormed = recipe.gamma && epilogue->keeps_unnormed;
    float *const own = (float *)epilogue->products[0].values + r * epilogue->products[0].stride;
    // Floats that nobody else takes have the place of the product.
    float *const kept = output && !keeps_unnormed ? output
                        : !encoded->values        ? own
                        : entering                ? entering
                        : is_bytes                ? passing
                                                  : NULL;
    const row_target target = {.floats = kept, .halves = half_row(encoded, r)};
    row_range range = {all(0), all(0), (u32x16)all(0)};
    if (!recipe.gamma) {
        sum_row(products, count, is_integer, recipe, target, width, activation, &range);
    } else {
        row_range unused = range;
        float *const sums = output ? output : encoded->values ? passing : own;
        sum_row(products, count, is_integer, recipe, (row_target){.floats = sums}, width,
                ck_activation_linear, &unused);
        norm_row(sums, recipe, target, width, activation, &range);
    }
    if (entering && kept != entering) memcpy(entering, kept, width * sizeof(float));
    if (is_bytes) encode_bytes(kept, range, encoded, r, width);
}

CK_INLINE void epilogue_rows(const ck_epilogue *epilogue, size_t rows, size_t width, size_t count,
                          bool is_integer, ck_activation activation) {
    float buffer[passing_values];
    for (size_t r = 0; r < rows; r++) {
        // A row that is longer than any layer is wide takes the place of the product.
        float *passing = width <= passing_values ? buffer
                                                 : (float *)epilogue->products[0].values
                                                       + r * epilogue->products[0].stride;
        if (count < 4)
            epilogue_row(epilogue, r, width, count, is_integer, activation, passing);
        else if (r % 3 == 1)
            epilogue_row(epilogue, r, width, 3, is_integer, activation, passing);
        else
            epilogue_row(epilogue, r, width, 4, is_integer, activation, passing);
    }
}

/// The usual numbers of products, each with code of its own.
CK_INLINE void epilogue_by_count(const ck_epilogue *epilogue, size_t rows, size_t width,
                              ck_activation activation) {
    const bool is_integer = epilogue->products[0].column_scales != NULL;
    switch (epilogue->product_count) {
    case 1:
        if (is_integer)
            epilogue_rows(epilogue, rows, width, 1, true, activation);
        else
            epilogue_rows(epilogue, rows, width, 1, false, activation);
        break;
    case 2:
        if (is_integer)
            epilogue_rows(epilogue, rows, width, 2, true, activation);
        else
            epilogue_rows(epilogue, rows, width, 2, false, activation);
        break;
    case 3:
        if (is_integer)
            epilogue_rows(epilogue, rows, width, 3, true, activation);
        else
            epilogue_rows(epilogue, rows, width, 3, false, activation);
        break;
    default:
        if (is_integer)
            epilogue_rows(epilogue, rows, width, 4, true, activation);
        else
            epilogue_rows(epilogue, rows, width, 4, false, activation);
        break;
    }
}

static void apply_epilogue(const ck_epilogue *epilogue, size_t rows, size_t width) {
#define BODY_OF(constant) epilogue_by_count(epilogue, rows, width, constant)
    WITH_CONSTANT_ACTIVATION(epilogue->activation, BODY_OF)
#undef BODY_OF
}

// MARK: Winograd convolutions F(3, 2)

/// a + sign · b as row `r` of an operand; a null row is zero.
CK_INLINE void encode_sum(const float *a, float sign, const float *b, const ck_operand *operand,
                          size_t r, size_t width, float *scratch) {
    row_range range = {all(0), all(0), (u32x16)all(0)};
    float *const entering = float_row(operand, r);
    const bool is_bytes = operand->element_type == ck_uint8;
    const row_target target = {
        .floats = is_bytes ? scratch : entering, .halves = half_row(operand, r)};
#define BODY(left)                                                                                 \
    do {                                                                                           \
        f16 value = a ? load_some(a + c, left, 0) : all(0);                                        \
        if (b) value += sign * load_some(b + c, left, 0);                                          \
        see(&range, value);                                                                        \
        store_value(target, c, value, left);                                                       \
    } while (0)
    FOR_ROW(width, BODY);
#undef BODY
    if (is_bytes) encode_bytes(scratch, range, operand, r, width);
}

static void encode_winograd(const ck_winograd *input, size_t count, size_t width, float *scratch) {
    for (size_t u = 0; u < count; u++) {
        const float *row[7];
        for (size_t i = 0; i < 7; i++)
            row[i] = 6 * u + i < input->count ? input->rows + (6 * u + i) * input->stride : NULL;
        const ck_operand *encoded = input->encoded;
        encode_sum(row[0], -1, row[4], &encoded[0], u, width, scratch);
        encode_sum(row[2], 1, row[4], &encoded[1], u, width, scratch);
        encode_sum(row[4], -1, row[2], &encoded[2], u, width, scratch);
        encode_sum(row[6], -1, row[2], &encoded[3], u, width, scratch);
        for (size_t i = 0; i < 3; i++)
            encode_sum(row[2 * i + 1], 1, NULL, &encoded[4], 3 * u + i, width, scratch);
    }
}

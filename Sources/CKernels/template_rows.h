// What happens to rows between two matrix multiplications: the template for all instruction sets.

// MARK: Numbers that operands are made of

/// The upper halves of floats, rounded to nearest even; NaN stays NaN.
CK_INLINE u16x16 bfloat16(f16 value) {
#if defined(CK_HAS_BFLOAT16)
    return (u16x16)_mm512_cvtneps_pbh((__m512)value);
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

/// Lowest and highest value of a row, 0 included; both NaN if any is.
CK_INLINE void range_of_row(const float *row, size_t width, float *lowest, float *highest) {
    f16 low = all(0), high = all(0);
    u32x16 magnitude = (u32x16)all(0);
    for (size_t c = 0; c < width; c += width16) {
        const f16 value = load_some(row + c, width - c, 0);
        low = value < low ? value : low;
        high = value > high ? value : high;
        const u32x16 bits = (u32x16)value & 0x7FFFFFFFu;
        magnitude = bits > magnitude ? bits : magnitude;
    }
    *lowest = -largest_lane(-low);
    *highest = largest_lane(high);
    for (size_t lane = 0; lane < width16; lane++)
        if (magnitude[lane] > 0x7F800000u) *lowest = *highest = NAN;
}

/// One row as unsigned bytes: value = scale · (byte − zero), the row's range spread over 0…255.
CK_INLINE void store_uint8_row(const float *row, uint8_t *target, size_t width, float *scale,
                               int32_t *zero) {
    float low, high;
    range_of_row(row, width, &low, &high);
    const float step = (high - low) / 255.0f;
    const float inverse = step > 0 ? 1.0f / step : 0.0f;
    const float shift = rintf(-low * inverse);
    // An overflow or NaN in the row shows in its scale and so in all products.
    *scale = step > 0 ? step : high - low;
    *zero = (int32_t)shift;
    for (size_t c = 0; c < width; c += width16) {
        const f16 value = clamp(load_some(row + c, width - c, 0) * inverse + shift, 0, 255);
        // Adding 2²³ rounds to an integer, which then stands in the lowest byte.
        const u8x16 bytes = __builtin_convertvector((u32x16)(value + 8388608.0f), u8x16);
        memcpy(target + c, &bytes, width - c < width16 ? width - c : width16);
    }
}

/// `row` as row `r` of an operand.
CK_INLINE void encode_row(const float *row, const ck_operand *operand, size_t r, size_t width) {
    switch (operand->number) {
    case ck_float32:
        memcpy((float *)operand->values + r * operand->stride, row, width * sizeof(float));
        break;
    case ck_bfloat16: {
        uint16_t *target = (uint16_t *)operand->values + r * operand->stride;
        for (size_t c = 0; c < width; c += width16)
            store_bfloat16(target + c, load_some(row + c, width - c, 0),
                           width - c < width16 ? width - c : width16);
        break;
    }
    case ck_uint8:
        store_uint8_row(row, (uint8_t *)operand->values + r * operand->stride, width,
                        operand->scales + r, operand->zeros + r);
        break;
    }
}

// MARK: A product's rows

/// Sixteen values of a product, as floats.
CK_INLINE f16 product_value(const ck_product *product, size_t r, size_t c, size_t left) {
    if (!product->column_scales)
        return load_some((const float *)product->values + r * product->stride + c, left, 0);
    const i16 sum = load_some_integers(
        (const int32_t *)product->values + r * product->stride + c, left);
    const i16 offset =
        product->row_zeros[r] * load_some_integers(product->column_sums + c, left);
    return __builtin_convertvector(sum - offset, f16) *
           (product->row_scales[r] * load_some(product->column_scales + c, left, 0));
}

CK_INLINE void norm_row(const float *input, const float *gain, const float *shift, float *output,
                        size_t width, float epsilon) {
    f16 sums = all(0);
    for (size_t c = 0; c < width; c += width16) sums += load_some(input + c, width - c, 0);
    const float mean = sum_of_lanes(sums) / (float)width;
    f16 squares = all(0);
    for (size_t c = 0; c < width; c += width16) {
        const f16 difference = load_some(input + c, width - c, mean) - mean;
        squares += difference * difference;
    }
    const float scale = 1.0f / sqrtf(sum_of_lanes(squares) / (float)width + epsilon);
    for (size_t c = 0; c < width; c += width16) {
        const size_t left = width - c;
        const f16 normal = (load_some(input + c, left, 0) - mean) * scale;
        store_some(output + c, normal * load_some(gain + c, left, 0) + load_some(shift + c, left, 0),
                   left);
    }
}

/// Everything before norm and encoding, of one row.
CK_INLINE void sum_row(const ck_finish *finish, size_t r, float *row, size_t width,
                       ck_activation activation) {
    for (size_t c = 0; c < width; c += width16) {
        const size_t left = width - c;
        f16 value = product_value(&finish->products[0], r, c, left);
        for (size_t p = 1; p < finish->product_count; p++)
            value += product_value(&finish->products[p], r, c, left);
        if (finish->bias) value += load_some(finish->bias + c, left, 0);
        if (finish->residual)
            value += load_some(finish->residual + r * finish->residual_stride + c, left, 0);
        store_some(row + c, activate(value, activation), left);
    }
}

CK_INLINE void activate_row(float *row, size_t width, ck_activation activation) {
    for (size_t c = 0; c < width; c += width16)
        store_some(row + c, activate(load_some(row + c, width - c, 0), activation), width - c);
}

CK_INLINE void finish_all(const ck_finish *finish, size_t rows, size_t width,
                          ck_activation activation) {
    const ck_product *first = &finish->products[0];
    const size_t group = finish->group ? finish->group : 1;
    const bool encodes = finish->encoded.values != NULL;
    for (size_t start = 0; start < rows; start += group) {
        const size_t end = start + group < rows ? start + group : rows;
        for (size_t r = start; r < end; r++) {
            // Without an output of their own, values take the place of the product.
            float *row = finish->output ? finish->output + r * finish->output_stride
                                        : (float *)first->values + r * first->stride;
            float *normed = row;
            if (!finish->gain) {
                sum_row(finish, r, row, width, activation);
            } else {
                sum_row(finish, r, row, width, ck_activation_linear);
                if (finish->keeps_unnormed) normed = (float *)first->values + r * first->stride;
                norm_row(row, finish->gain, finish->shift, normed, width, finish->epsilon);
                if (activation != ck_activation_linear) activate_row(normed, width, activation);
            }
            if (encodes && group == 1) encode_row(normed, &finish->encoded, r, width);
        }
        if (!encodes || group == 1) continue;
        // Several rows are one row of the operand; what is missing of the last is zero.
        float *rows_of_group = (float *)first->values + start * first->stride;
        for (size_t r = end; r < start + group; r++)
            memset((float *)first->values + r * first->stride, 0, width * sizeof(float));
        encode_row(rows_of_group, &finish->encoded, start / group, group * width);
    }
}

static void finish_rows(const ck_finish *finish, size_t rows, size_t width) {
#define BODY(constant) finish_all(finish, rows, width, constant)
    WITH_CONSTANT_ACTIVATION(finish->activation, BODY)
#undef BODY
}

// Edges of the kernel between two multiplications, its activations, and what Winograd convolutions multiply.
#include "epilogue.h"

static const size_t widths[] = EPILOGUE_WIDTHS;
enum { width_count = sizeof widths / sizeof *widths };

/// One row of `values`, encoded.
static result encode(const float *values, size_t count, ck_element_type encoding) {
    recipe r = {.rows = 1, .width = count, .products = 1, .has_encoding = true, .encoding = encoding};
    r.values[0] = values;
    return run_recipe(&r, 1, 3);
}

static void check_not_a_number(size_t width, bool has_norm, ck_element_type encoding,
                               ck_activation activation) {
    recipe r = {.rows = 3, .width = width, .products = 1, .has_norm = has_norm,
                .has_encoding = true, .encoding = encoding, .activation = activation};
    fill_recipe(&r);
    ((float *)r.values[0])[width + 1] = NAN;
    const result found = run_recipe(&r, 1, 3);
    EXPECT(isnan(found.floats[width + 1]), "NaN became %g", (double)found.floats[width + 1]);
    for (size_t c = 0; c < width; c++)
        EXPECT(isfinite(found.floats[c]) && isfinite(found.floats[2 * width + c]), "neighbours of NaN");
    if (encoding == ck_uint8)
        EXPECT(isnan(found.scales[1]) && isfinite(found.scales[0]) && isfinite(found.scales[2]),
               "the scale of a row with NaN");
    else
        EXPECT(isnan(encoding == ck_float32
                         ? ((float *)found.encoded)[width + 1]
                         : float_of_half(((uint16_t *)found.encoded)[width + 1])), "NaN encoded");
}

static void check_rounding(void) {
    enum { count = 5000 };
    float *values = guarded((2 * count + 2) * 4, 0);
    for (size_t i = 0; i < count; i++) {
        // Normal floats of all magnitudes, and ties of both kinds.
        const uint32_t bits = i < 4000 ? (uint32_t)draw_size(0x00800000, 0x7EFFFFFF)
                                       : (uint32_t)draw_size(0x0080, 0x7EFF) << 16 | 0x8000;
        memcpy(values + i, &bits, 4);
        values[count + i] = -values[i];
    }
    values[2 * count] = 0;
    values[2 * count + 1] = -0.0f;
    const result found = encode(values, 2 * count + 2, ck_bfloat16);
    uint16_t *weights = guarded((2 * count + 2) * 2, 0);
    ck_to_bfloat16(values, 2 * count + 2, weights);
    for (size_t i = 0; i < 2 * count + 2; i++) {
        const uint16_t right = half_of_float(values[i]);
        EXPECT(((uint16_t *)found.encoded)[i] == right && weights[i] == right,
               "%a is rounded to %04x and %04x, not %04x", (double)values[i],
               ((uint16_t *)found.encoded)[i], weights[i], right);
    }
}

static void check_bytes(void) {
    static const float rows[5][3] = {{0, 0, 0}, {1, 2, 5}, {-3, -1, -2}, {-1, 0, 3}, {1e-30f, 0, 2e-30f}};
    for (size_t i = 0; i < 5; i++) {
        const result found = encode(rows[i], 3, ck_uint8);
        EXPECT(found.zeros[0] >= 0 && found.zeros[0] <= 255, "a zero of bytes");
        for (size_t c = 0; c < 3; c++) {
            const float decoded =
                found.scales[0] * (float)(((uint8_t *)found.encoded)[c] - found.zeros[0]);
            EXPECT(fabsf(decoded - rows[i][c]) <= 0.5001f * found.scales[0], "bytes spread a range");
            EXPECT(rows[i][c] != 0 || decoded == 0, "bytes hold zero exactly");
        }
    }
    const float large = 3.40282347e38f;
    const float overflows[3][3] = {{1, INFINITY, 2}, {-INFINITY, 0, 1}, {large, -large, 0}};
    for (size_t i = 0; i < 3; i++)
        EXPECT(!isfinite(encode(overflows[i], 3, ck_uint8).scales[0]), "an overflow shows in the scale");
}

void test_epilogue_edges(void) {
    for (size_t width = 3; width <= 40; width = width == 3 ? 16 : width == 16 ? 40 : 41)
        for (int has_norm = 0; has_norm < 2; has_norm++)
            for (int encoding = 0; encoding < 3; encoding++)
                for (int activation = 0; activation < 6; activation++) {
                    check_not_a_number(width, has_norm, (ck_element_type)encoding,
                                       (ck_activation)activation);
                    release_all();
                }
    check_rounding();
    check_bytes();
}

/// Floats of every sign and exponent, and a fine grid where the functions bend; errors are relative to max(1, |x|).
void test_activations(void) {
    static const struct {
        ck_activation activation;
        double bound;
    } bounds[] = {{ck_activation_gelu, 2.5e-7}, {ck_activation_gelu_tanh, 2.5e-7},
                  {ck_activation_tanh, 4e-7}, {ck_activation_relu, 0}, {ck_activation_swish, 3e-7}};
    enum { grid = 400001, capacity = 431000 + grid };
    float *samples = guarded(capacity * 4, 0);
    size_t count = 0;
    for (uint64_t bits = 0; bits < UINT32_MAX - 9973; bits += 9973) {
        const uint32_t word = (uint32_t)bits;
        memcpy(samples + count, &word, 4);
        if (isnormal(samples[count]) || samples[count] == 0) count++;
    }
    for (int step = -200000; step <= 200000; step++) samples[count++] = (float)step * 5e-5f;
    for (size_t b = 0; b < sizeof bounds / sizeof *bounds; b++) {
        float *values = copy_of(samples, count * 4, 0);
        ck_epilogue e;
        memset(&e, 0, sizeof e);
        e.products[0] = (ck_product){.values = values, .stride = count};
        e.product_count = 1;
        e.activation = bounds[b].activation;
        table->apply_epilogue(&e, 1, count);
        double worst = 0, at = 0;
        for (size_t i = 0; i < count; i++) {
            const double x = samples[i];
            const double error =
                fabs(values[i] - activation_of(bounds[b].activation, x)) / fmax(1, fabs(x));
            if (!(error <= worst)) worst = error == error ? error : INFINITY, at = x;
        }
        EXPECT(worst <= bounds[b].bound, "activation %d is off by %g at %g", bounds[b].activation, worst, at);
        digest(digest_floats, values, count * 4);
    }
}

void test_winograd(void) {
    for (size_t round = 0; round < 120; round++) {
        const size_t width = widths[draw_size(0, width_count - 1)], tiles = draw_size(1, 7);
        const size_t count = draw_size(1, 6 * tiles + 1), stride = width + 3;
        const ck_element_type type = (ck_element_type)(round % 3);
        const float *rows = floats(count * stride, 1, 1);
        ck_winograd call = {.rows = rows, .stride = stride, .count = count};
        ck_operand found[5], alone[5];
        for (size_t i = 0; i < 5; i++) {
            const size_t each = i < 4 ? tiles : 3 * tiles;
            for (size_t which = 0; which < 2; which++)
                (which ? alone : found)[i] = (ck_operand){
                    .element_type = type, .values = guarded(each * width * 4, 3), .stride = width,
                    .scales = zeros(each), .zeros = (int32_t *)zeros(each)};
            call.encoded[i] = found[i];
        }
        float *scratch = guarded(width * 4, 1);
        table->encode_winograd(&call, tiles, width, scratch);
        // Each row as an epilogue encodes the sum that it stands for.
        for (size_t i = 0; i < 5; i++)
            for (size_t r = 0; r < (i < 4 ? tiles : 3 * tiles); r++) {
                static const struct {
                    size_t first, second;
                    float sign;
                } sums[4] = {{0, 4, -1}, {2, 4, 1}, {4, 2, -1}, {6, 2, -1}};
                const size_t a = i < 4 ? 6 * r + sums[i].first : 6 * (r / 3) + 2 * (r % 3) + 1;
                const size_t b = i < 4 ? 6 * r + sums[i].second : SIZE_MAX;
                float *sum = zeros(width);
                for (size_t c = 0; c < width; c++) {
                    if (a < count) sum[c] = rows[a * stride + c];
                    if (b < count) sum[c] += sums[i].sign * rows[b * stride + c];
                }
                const result right = encode(sum, width, type);
                const size_t item = item_of(type);
                EXPECT(memcmp((char *)found[i].values + r * width * item, right.encoded, width * item) == 0,
                       "round %zu: row %zu of operand %zu", round, r, i);
                if (type == ck_uint8)
                    EXPECT(found[i].scales[r] == right.scales[0] && found[i].zeros[r] == right.zeros[0],
                           "round %zu: scale of row %zu of operand %zu", round, r, i);
                digest(type == ck_bfloat16 ? digest_halves : digest_floats,
                       (char *)found[i].values + r * width * item, width * item);
            }
        release_all();
    }
}

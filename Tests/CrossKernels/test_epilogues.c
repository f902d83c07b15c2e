// What happens to rows between two multiplications.
#include "epilogue.h"

static const size_t widths[] = EPILOGUE_WIDTHS;
enum { width_count = sizeof widths / sizeof *widths };
static const float epsilon = 1e-5f;

static size_t rows_of_product(const recipe *r, size_t product) {
    return r->is_winograd && product < 4 ? (r->rows + 2) / 3 : r->rows;
}

size_t item_of(ck_element_type type) {
    return type == ck_float32 ? 4 : type == ck_bfloat16 ? 2 : 1;
}

static const float *draw_floats_in(size_t count, float low, float high) {
    float *values = guarded(count * sizeof(float), 0);
    for (size_t i = 0; i < count; i++)
        values[i] = low + (high - low) * (0.5f + 0.5f * draw_float(1));
    return values;
}

static const int32_t *draw_integers(size_t count, int32_t low, int32_t high) {
    int32_t *values = guarded(count * sizeof(int32_t), 0);
    for (size_t i = 0; i < count; i++)
        values[i] = low + (int32_t)draw_size(0, (size_t)(high - low));
    return values;
}

void fill_recipe(recipe *r) {
    for (size_t p = 0; p < r->products; p++) {
        const size_t rows = rows_of_product(r, p);
        r->values[p] = r->is_integer ? (const void *)draw_integers(rows * r->width, -300000, 300000)
                                     : floats(rows * r->width, 1, 0);
        r->row_scales[p] = draw_floats_in(rows, 1e-3f, 4e-3f);
        r->row_zeros[p] = draw_integers(rows, 0, 255);
        r->column_scales[p] = draw_floats_in(r->width, 5e-4f, 2e-3f);
        r->column_sums[p] = draw_integers(r->width, -1000, 1000);
    }
    r->bias = floats(r->width, 1, 0);
    r->gamma = floats(r->width, 1, 0);
    r->beta = floats(r->width, 1, 0);
    r->residual = floats(r->rows * r->width, 1, 0);
}

static recipe draw_recipe(void) {
    recipe r = {.rows = draw_size(1, 9), .width = widths[draw_size(0, width_count - 1)]};
    r.products = draw_size(1, 3);
    r.is_integer = draw_flag();
    r.has_bias = draw_flag();
    r.has_norm = draw_flag();
    r.activation = (ck_activation)draw_size(0, 5);
    const size_t encoding = draw_size(0, 3);
    r.has_encoding = encoding < 3;
    r.encoding = (ck_element_type)(encoding % 3);
    r.target = (target_kind)draw_size(0, 2);
    r.has_residual = draw_flag() || r.target == into_residual;
    if (r.target != in_place && draw_flag()) {
        r.is_winograd = true;
        r.products = 5;
    }
    r.keeps_unnormed = r.has_norm && r.target != in_place && !r.is_winograd && draw_flag();
    fill_recipe(&r);
    return r;
}

/// Rows `first` to `end` alone; they begin a tile of three where there are tiles.
static recipe only(const recipe *r, size_t first, size_t end) {
    recipe part = *r;
    part.rows = end - first;
    for (size_t p = 0; p < r->products; p++) {
        const size_t start = r->is_winograd && p < 4 ? first / 3 : first;
        part.values[p] = (const float *)r->values[p] + start * r->width;
        part.row_scales[p] += start;
        part.row_zeros[p] += start;
    }
    part.residual += first * r->width;
    return part;
}

/// Rows of `width` four-byte values with gaps between them.
static float *spread(const void *values, size_t rows, size_t width, size_t gap, size_t offset) {
    float *target = guarded(rows * (width + gap) * 4, offset);
    if (values)
        for (size_t r = 0; r < rows; r++)
            memcpy(target + r * (width + gap), (const float *)values + r * width, width * 4);
    return target;
}

/// What `spread` rows hold; tells whether the gaps still have the pattern.
static float *gathered(const float *rows, size_t count, size_t width, size_t gap, bool *intact) {
    float *target = guarded(count * width * 4, 0);
    for (size_t r = 0; r < count; r++) {
        memcpy(target + r * width, rows + r * (width + gap), width * 4);
        for (size_t c = 0; c < gap; c++) {
            uint32_t bits;
            memcpy(&bits, rows + r * (width + gap) + width + c, 4);
            *intact &= bits == 0x7B7B7B7Bu;
        }
    }
    return target;
}

result run_recipe(const recipe *r, size_t offset, size_t gap) {
    const size_t width = r->width, stride = width + gap;
    ck_epilogue e;
    memset(&e, 0, sizeof e);
    for (size_t p = 0; p < r->products; p++) {
        e.products[p].values = spread(r->values[p], rows_of_product(r, p), width, gap, offset);
        e.products[p].stride = stride;
        if (!r->is_integer) continue;
        e.products[p].row_scales = r->row_scales[p];
        e.products[p].row_zeros = r->row_zeros[p];
        e.products[p].column_scales = r->column_scales[p];
        e.products[p].column_sums = r->column_sums[p];
    }
    e.product_count = r->products;
    e.is_winograd = r->is_winograd;
    e.bias = r->has_bias ? copy_of(r->bias, width * 4, offset) : NULL;
    float *added = r->has_residual ? spread(r->residual, r->rows, width, gap, offset) : NULL;
    e.residual = added;
    e.residual_stride = stride;
    e.gamma = r->has_norm ? copy_of(r->gamma, width * 4, offset) : NULL;
    e.beta = r->has_norm ? copy_of(r->beta, width * 4, offset) : NULL;
    e.epsilon = epsilon;
    e.keeps_unnormed = r->keeps_unnormed;
    e.activation = r->activation;
    float *output = r->target == in_place   ? NULL
                    : r->target == separate ? spread(NULL, r->rows, width, gap, offset)
                                            : added;
    e.output = output;
    e.output_stride = stride;
    const size_t item = item_of(r->encoding), encoded_stride = width + 5;
    result found = {.product_rows = rows_of_product(r, 0), .gaps_are_intact = true};
    unsigned char *encoded = NULL;
    if (r->has_encoding) {
        encoded = guarded(r->rows * encoded_stride * item, offset);
        found.scales = zeros(r->rows);
        found.zeros = (int32_t *)zeros(r->rows);
        e.encoded = (ck_operand){.element_type = r->encoding, .values = encoded,
                                 .stride = encoded_stride, .scales = found.scales,
                                 .zeros = found.zeros};
    }
    table->apply_epilogue(&e, r->rows, width);

    bool *intact = &found.gaps_are_intact;
    found.product = gathered(e.products[0].values, found.product_rows, width, gap, intact);
    found.floats = output ? gathered(output, r->rows, width, gap, intact) : found.product;
    if (!r->has_encoding) return found;
    unsigned char *packed = guarded(r->rows * width * item, 0);
    for (size_t row = 0; row < r->rows; row++) {
        memcpy(packed + row * width * item, encoded + row * encoded_stride * item, width * item);
        for (size_t i = width * item; i < encoded_stride * item; i++)
            found.gaps_are_intact &= encoded[row * encoded_stride * item + i] == 0x7B;
    }
    found.encoded = packed;
    return found;
}

// MARK: In double precision

static double sum_of(const recipe *r, size_t row, size_t column) {
    static const struct {
        size_t product;
        double sign;
    } tiles[3][4] = {{{0, 1}, {1, 1}, {2, 1}, {4, 1}}, {{1, 1}, {2, -1}, {4, 1}},
                     {{1, 1}, {2, 1}, {3, 1}, {4, 1}}};
    const size_t terms = !r->is_winograd ? r->products : row % 3 == 1 ? 3 : 4;
    double sum = 0;
    for (size_t t = 0; t < terms; t++) {
        const size_t p = r->is_winograd ? tiles[row % 3][t].product : t;
        const double sign = r->is_winograd ? tiles[row % 3][t].sign : 1;
        const size_t at = r->is_winograd && p < 4 ? row / 3 : row;
        if (!r->is_integer) {
            sum += sign * ((const float *)r->values[p])[at * r->width + column];
            continue;
        }
        const double number = ((const int32_t *)r->values[p])[at * r->width + column];
        sum += sign * (number - (double)r->row_zeros[p][at] * r->column_sums[p][column])
               * r->row_scales[p][at] * r->column_scales[p][column];
    }
    if (r->has_bias) sum += r->bias[column];
    if (r->has_residual) sum += r->residual[row * r->width + column];
    return sum;
}

/// A row before and after norm and activation; how far floats may be from the latter.
static double expected_row(const recipe *r, size_t row, double *sums, double *finished) {
    double magnitude = 0, mean = 0, variance = 0;
    for (size_t c = 0; c < r->width; c++) {
        sums[c] = sum_of(r, row, c);
        magnitude = fmax(magnitude, fabs(sums[c]));
        mean += sums[c] / (double)r->width;
    }
    if (!r->has_norm) {
        for (size_t c = 0; c < r->width; c++) finished[c] = activation_of(r->activation, sums[c]);
        return 2e-6 * (3 + magnitude);
    }
    for (size_t c = 0; c < r->width; c++)
        variance += (sums[c] - mean) * (sums[c] - mean) / (double)r->width;
    const double scale = 1 / sqrt(variance + (double)epsilon);
    for (size_t c = 0; c < r->width; c++)
        finished[c] = activation_of(r->activation,
                                    (sums[c] - mean) * scale * r->gamma[c] + r->beta[c]);
    // A rounding of the largest value is magnified by the norm's scale.
    return 2e-6 * (3 + magnitude * scale);
}

static void check_encoding(const recipe *r, const result *found, size_t row, const double *finished,
                           double tolerance, const char *what) {
    double low = 0, high = 0;
    for (size_t c = 0; c < r->width; c++) {
        low = fmin(low, finished[c]);
        high = fmax(high, finished[c]);
    }
    const double spread_of = (high - low) / 255;
    if (r->encoding == ck_uint8)
        EXPECT(fabs((double)found->scales[row] - spread_of) <= 2 * tolerance / 255 + 1e-6 * spread_of,
               "%s: scale %g of row %zu is not %g", what, (double)found->scales[row], row, spread_of);
    for (size_t c = 0; c < r->width; c++) {
        const size_t at = row * r->width + c;
        double value, allowed = tolerance;
        if (r->encoding == ck_float32) {
            value = ((const float *)found->encoded)[at];
        } else if (r->encoding == ck_bfloat16) {
            value = float_of_half(((const uint16_t *)found->encoded)[at]);
            allowed += fabs(finished[c]) * 0x1p-8;
        } else {
            const int byte = ((const uint8_t *)found->encoded)[at];
            value = (double)found->scales[row] * (byte - found->zeros[row]);
            allowed += 0.5001 * (double)found->scales[row];
        }
        EXPECT(fabs(value - finished[c]) <= allowed, "%s: row %zu, column %zu is encoded as %g, not %g",
               what, row, c, value, finished[c]);
    }
}

static void check(const recipe *r, const result *found, const char *what) {
    double *sums = guarded(r->width * 8, 0), *finished = guarded(r->width * 8, 0);
    EXPECT(found->gaps_are_intact, "%s: something was written between rows", what);
    for (size_t row = 0; row < r->rows; row++) {
        const double tolerance = expected_row(r, row, sums, finished);
        const float *floats_of = found->floats + row * r->width;
        const double worst =
            largest_difference(floats_of, r->keeps_unnormed ? sums : finished, r->width);
        // Without an output, only the encoding is made where there is one.
        if (r->target != in_place || !r->has_encoding)
            EXPECT(worst <= tolerance, "%s: row %zu is off by %g", what, row, worst);
        if (r->keeps_unnormed && !r->has_encoding)
            EXPECT(largest_difference(found->product + row * r->width, finished, r->width)
                       <= tolerance, "%s: normed row %zu is off", what, row);
        if (r->has_encoding) check_encoding(r, found, row, finished, tolerance, what);
    }
}

static bool is_part(const recipe *r, const result *all, const recipe *part, const result *some,
                    size_t first) {
    const size_t width = r->width, at = first * width, count = part->rows * width;
    const size_t of_product = r->is_winograd ? first / 3 * width : at;
    bool is_same = memcmp(all->floats + at, some->floats, count * 4) == 0
                   && memcmp(all->product + of_product, some->product,
                             some->product_rows * width * 4) == 0;
    if (!r->has_encoding) return is_same;
    const size_t item = item_of(r->encoding);
    is_same &= memcmp((const char *)all->encoded + at * item, some->encoded, count * item) == 0;
    return is_same && memcmp(all->scales + first, some->scales, part->rows * 4) == 0
           && memcmp(all->zeros + first, some->zeros, part->rows * 4) == 0;
}

void test_epilogues(void) {
    for (size_t round = 0; round < 606; round++) {
        char what[160];
        recipe r = draw_recipe();
        // The last rounds have rows that are too long to pass through the kernel's own memory.
        if (round >= 600) {
            r.width = 8200;
            fill_recipe(&r);
        }
        snprintf(what, sizeof what, "round %zu: %zu x %zu, %zu products, integers %d, norm %d, "
                 "activation %d, encoding %d", round, r.rows, r.width, r.products, r.is_integer,
                 r.has_norm, r.activation, r.has_encoding ? (int)r.encoding : -1);
        const result found = run_recipe(&r, 1, 3);
        check(&r, &found, what);
        digest(digest_floats, found.floats, r.rows * r.width * 4);
        if (r.has_encoding) {
            const bool is_half = r.encoding == ck_bfloat16;
            digest(is_half ? digest_halves : digest_floats, found.encoded,
                   r.rows * r.width * item_of(r.encoding));
            digest(digest_floats, found.scales, r.rows * 4);
            digest(digest_floats, found.zeros, r.rows * 4);
        }
        const size_t step = r.is_winograd ? 3 : 1, offset = draw_size(0, 15);
        for (size_t first = 0; first < r.rows; first += step) {
            const size_t end = first + step < r.rows ? first + step : r.rows;
            const recipe part = only(&r, first, end);
            const result alone = run_recipe(&part, offset, 0);
            EXPECT(is_part(&r, &found, &part, &alone, first), "%s: row %zu is another alone", what, first);
            EXPECT(alone.gaps_are_intact, "%s: beside row %zu", what, first);
        }
        release_all();
    }
}

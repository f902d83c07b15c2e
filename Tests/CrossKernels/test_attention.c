// Attention of one head against softmax in double precision, with what distances add.
#include "harness.h"

/// Queries, keys and values side by side, as a layer makes them, in a head's own columns.
typedef struct {
    size_t rows, width, stride;
    ck_element_type type;
    /// [rows, 3 · width] of the element type, `offset` rows behind the start of its memory.
    void *values;
} projection;

static size_t item_of(ck_element_type type) { return type == ck_float32 ? 4 : 2; }

/// Floats as numbers of the element type.
static void *encoded(const float *source, size_t count, ck_element_type type) {
    if (type == ck_float32) return copy_of(source, count * 4, 1);
    uint16_t *target = guarded(count * 2, 1);
    for (size_t i = 0; i < count; i++)
        target[i] = source[i] == source[i] ? half_of_float(source[i]) : 0x7FC0;
    return target;
}

static projection project(const float *source, size_t rows, size_t width, ck_element_type type) {
    return (projection){.rows = rows, .width = width, .stride = 3 * width, .type = type,
                        .values = encoded(source, rows * 3 * width, type)};
}

static double number(ck_element_type type, const void *values, size_t at) {
    return type == ck_float32 ? ((const float *)values)[at]
                              : float_of_half(((const uint16_t *)values)[at]);
}

static const void *place(const projection *p, size_t row, size_t part) {
    return (const char *)p->values + (row * p->stride + part * p->width) * item_of(p->type);
}

/// Distances of a call: numbers with gates, or vectors; either may be absent.
typedef struct {
    const float *bias;
    size_t reach;
    const float *gates;
    const void *vectors;
    const void *query;
    size_t count;
    ptrdiff_t first;
    size_t first_query;
} distances;

/// Contexts [queries, width] of queries from `first` on.
static float *attend(const projection *p, size_t first, size_t queries, size_t keys, distances d) {
    const size_t width = p->width, stride = width + 2;
    float *context = guarded(queries * stride * 4, 1);
    for (size_t i = 0; i < queries * stride; i++) context[i] = 77;
    const ck_attention a = {
        .element_type = p->type, .query = place(p, first, 0), .key = place(p, 0, 1),
        .value = place(p, 0, 2), .stride = p->stride, .width = width, .queries = queries,
        .keys = keys, .context = context + 1, .context_stride = stride,
        .first_query = d.first_query + first, .distance_bias = d.bias ? d.bias + d.reach : NULL,
        .gates = d.gates ? d.gates + first : NULL, .positions = d.vectors,
        .position_query = d.query ? (const char *)d.query + first * p->stride * item_of(p->type) : NULL,
        .position_stride = width, .position_count = d.count, .first_distance = d.first};
    // A multiple of sixteen floats, so that the scratch is aligned.
    void *scratch = guarded(table->attention_scratch(p->type, keys, width, d.count), 0);
    table->attend(&a, scratch);
    float *packed = guarded(queries * width * 4, 0);
    for (size_t r = 0; r < queries; r++) {
        memcpy(packed + r * width, context + r * stride + 1, width * 4);
        EXPECT(context[r * stride] == 77 && context[(r + 1) * stride - 1] == 77,
               "other columns are left alone");
    }
    return packed;
}

static size_t place_within(ptrdiff_t at, size_t count) {
    return at < 0 ? 0 : (size_t)at < count ? (size_t)at : count - 1;
}

static void expect_row(const projection *p, size_t query, size_t keys, distances d, double *expected) {
    double *powers = guarded(keys * 8, 0), top = -INFINITY, sum = 0;
    for (size_t k = 0; k < keys; k++) {
        double score = 0;
        const ptrdiff_t distance = (ptrdiff_t)k - (ptrdiff_t)(query + d.first_query);
        for (size_t c = 0; c < p->width; c++)
            score += number(p->type, place(p, query, 0), c) * number(p->type, place(p, k, 1), c);
        if (d.bias) score += (double)d.gates[query] * d.bias[(ptrdiff_t)d.reach + distance];
        if (d.count) {
            const size_t at = place_within(distance - d.first, d.count) * p->width;
            for (size_t c = 0; c < p->width; c++)
                score += number(p->type, d.query, query * p->stride + c)
                         * number(p->type, d.vectors, at + c);
        }
        powers[k] = score;
        top = fmax(top, score);
    }
    for (size_t k = 0; k < keys; k++) sum += powers[k] = exp(powers[k] - top);
    for (size_t c = 0; c < p->width; c++) {
        expected[c] = 0;
        for (size_t k = 0; k < keys; k++)
            expected[c] += powers[k] / sum * number(p->type, place(p, k, 2), c);
    }
}

static void check(const projection *p, size_t queries, size_t keys, distances d, const char *what) {
    const size_t width = p->width;
    const float *together = attend(p, 0, queries, keys, d);
    digest(p->type == ck_float32 ? digest_floats : digest_halves, together, queries * width * 4);
    double *expected = guarded(width * 8, 0);
    // A weight in bfloat16 is off by 2⁻⁹ of itself, and values are below 1.5.
    const double bound = p->type == ck_float32 ? 1e-5 : 1.5 * 0x1p-9 + 1e-5;
    for (size_t r = 0; r < queries; r++) {
        expect_row(p, r, keys, d, expected);
        const double worst = largest_difference(together + r * width, expected, width);
        EXPECT(worst <= bound, "%s: query %zu is off by %g", what, r, worst);
        const float *alone = attend(p, r, 1, keys, d);
        EXPECT(memcmp(alone, together + r * width, width * 4) == 0, "%s: query %zu is another alone", what, r);
    }
}

void test_attention(void) {
    static const size_t shapes[][3] = {
        {1, 1, 64}, {1, 7, 8}, {5, 2, 64}, {6, 31, 64}, {23, 23, 24}, {24, 48, 64}, {25, 49, 80},
        {50, 50, 6}, {61, 97, 15}, {7, 200, 1}, {130, 129, 64}, {3, 33, 100}};
    for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++)
        for (int type = 0; type < 2; type++) {
            const size_t queries = shapes[s][0], keys = shapes[s][1], width = shapes[s][2];
            const size_t rows = queries > keys ? queries : keys;
            char what[80];
            snprintf(what, sizeof what, "%zu, %zu, %zu, type %d", queries, keys, width, type);
            const projection p =
                project(floats(rows * 3 * width, 1.5f, 0), rows, width, (ck_element_type)type);
            check(&p, queries, keys, (distances){0}, what);
            release_all();
        }
    for (size_t round = 0; round < 60; round++) {
        const size_t queries = draw_size(1, 60), keys = draw_size(1, 100), width = draw_size(1, 70);
        const size_t rows = queries > keys ? queries : keys;
        const ck_element_type type = (ck_element_type)(round % 2);
        // Scores of about 1, so that no weight is all of them.
        const projection p = project(floats(rows * 3 * width, 0.5f, 0), rows, width, type);
        distances d = {.first_query = draw_size(0, 20)};
        d.reach = rows + keys + d.first_query;
        if (draw_flag()) {
            d.bias = floats(2 * d.reach + 1, 1, 1);
            d.gates = floats(queries, 1, 1);
        }
        if (draw_flag()) {
            d.count = draw_size(1, keys + queries);
            d.first = (ptrdiff_t)draw_size(0, keys) - (ptrdiff_t)draw_size(0, queries + d.first_query);
            d.vectors = encoded(floats(d.count * width, 0.5f, 0), d.count * width, type);
            d.query = encoded(floats(rows * p.stride, 0.5f, 0), rows * p.stride, type);
        }
        char what[100];
        snprintf(what, sizeof what, "round %zu: %zu, %zu, %zu, numbers %d, vectors %zu", round, queries,
                 keys, width, d.bias != NULL, d.count);
        check(&p, queries, keys, d, what);
        release_all();
    }
}

void test_attention_edges(void) {
    enum { rows = 40, width = 16, keys = 21, nan_rows = 30 };
    for (int type = 0; type < 2; type++) {
        // What lies beyond the keys plays no part.
        float *source = floats(rows * 3 * width, 1, 0);
        const projection clean = project(source, rows, width, (ck_element_type)type);
        for (size_t i = keys * 3 * width; i < rows * 3 * width; i++) source[i] = NAN;
        const projection dirty = project(source, rows, width, (ck_element_type)type);
        EXPECT(memcmp(attend(&clean, 0, keys, keys, (distances){0}),
                      attend(&dirty, 0, keys, keys, (distances){0}), keys * width * 4) == 0,
               "keys beyond the last one are seen");
        // NaN in a key is seen by every query, in a query by itself.
        static const size_t places[3][2] = {{11, 0}, {11, 1}, {29, 1}};
        for (size_t i = 0; i < 3; i++) {
            float *values = floats(nan_rows * 3 * width, 1, 0);
            values[(places[i][0] * 3 + places[i][1]) * width + 5] = NAN;
            const projection p = project(values, nan_rows, width, (ck_element_type)type);
            const float *context = attend(&p, 0, nan_rows, nan_rows, (distances){0});
            for (size_t at = 0; at < nan_rows * width; at++) {
                const bool is_lost = places[i][1] == 1 || at / width == places[i][0];
                EXPECT(is_lost ? isnan(context[at]) : isfinite(context[at]), "NaN at query %zu", at / width);
            }
        }
        release_all();
    }
}

// One head of attention over one utterance: the template for all instruction sets.
//
// Both products have a small depth or few columns, so they are computed here, on keys and values
// packed once a head: [column blocks][depth][block columns], pairs of depth together in bfloat16. Tiles (AMX)
// take the same layout, with the depth filled up with zeros.

enum {
    block_vectors = CK_BLOCK_VECTORS,
    block_columns = CK_BLOCK_VECTORS * width16,
    block_rows = 6,
#if defined(CK_HAS_TILES)
    query_rows = 32,
    /// What the depth of products of bfloat16 is a multiple of.
    half_depth = 32,
#else
    /// Queries whose scores exist at a time; they stay in the second-level cache.
    query_rows = 24,
    half_depth = 2,
#endif
};

CK_INLINE size_t in_blocks(size_t columns) {
    return (columns + block_columns - 1) / block_columns * block_columns;
}

/// The depth that products of so many values have.
CK_INLINE size_t in_depths(size_t values, ck_element_type type) {
    return type == ck_float32 ? values : (values + half_depth - 1) / half_depth * half_depth;
}

// MARK: Packing

static void pack_float_columns(const float *source, size_t depth_stride, size_t column_stride,
                               size_t depth, size_t columns, float *target) {
    for (size_t block = 0; block < columns; block += block_columns) {
        const size_t live = columns - block < block_columns ? columns - block : block_columns;
        for (size_t d = 0; d < depth; d++) {
            const float *from = source + d * depth_stride + block * column_stride;
            if (column_stride == 1)
                memcpy(target, from, live * sizeof(float));
            else
                for (size_t c = 0; c < live; c++) target[c] = from[c * column_stride];
            for (size_t c = live; c < block_columns; c++) target[c] = 0;
            target += block_columns;
        }
    }
}

/// Keys become columns: a pair of depth stands together already.
static void pack_half_keys(const uint16_t *keys, size_t stride, size_t width, size_t count,
                           uint16_t *target) {
    for (size_t block = 0; block < count; block += block_columns) {
        const size_t live = count - block < block_columns ? count - block : block_columns;
        const size_t whole = (width + 1) / 2 * 2;
        for (size_t d = 0; d < whole; d += 2) {
            const uint16_t *from = keys + block * stride + d;
            if (d + 1 < width)
                for (size_t c = 0; c < live; c++)
                    memcpy(target + 2 * c, from + c * stride, 2 * sizeof(uint16_t));
            else
                for (size_t c = 0; c < live; c++) {
                    target[2 * c] = from[c * stride];
                    target[2 * c + 1] = 0;
                }
            for (size_t c = 2 * live; c < 2 * block_columns; c++) target[c] = 0;
            target += 2 * block_columns;
        }
        const size_t rest = (in_depths(width, ck_bfloat16) - whole) * block_columns;
        memset(target, 0, rest * sizeof *target);
        target += rest;
    }
}

/// Values keep their columns; rows are joined in pairs.
static void pack_half_values(const uint16_t *values, size_t stride, size_t count, size_t width,
                             uint16_t *target) {
    for (size_t block = 0; block < width; block += block_columns) {
        const size_t live = width - block < block_columns ? width - block : block_columns;
        const size_t whole = (count + 1) / 2 * 2;
        for (size_t d = 0; d < whole; d += 2) {
            const uint16_t *first = values + d * stride + block;
            if (d + 1 < count) {
                const uint16_t *second = first + stride;
                for (size_t c = 0; c < live; c++) {
                    const uint32_t pair = first[c] | (uint32_t)second[c] << 16;
                    memcpy(target + 2 * c, &pair, sizeof pair);
                }
            } else {
                for (size_t c = 0; c < live; c++) {
                    const uint32_t pair = first[c];
                    memcpy(target + 2 * c, &pair, sizeof pair);
                }
            }
            for (size_t c = 2 * live; c < 2 * block_columns; c++) target[c] = 0;
            target += 2 * block_columns;
        }
        const size_t rest = (in_depths(count, ck_bfloat16) - whole) * block_columns;
        memset(target, 0, rest * sizeof *target);
        target += rest;
    }
}

// MARK: Products

/// output = input × one block of columns; `count` is a constant, so that sums stay in registers.
CK_INLINE void multiply_floats(const float *input, size_t input_stride, const float *block,
                               size_t depth, float *output, size_t output_stride, size_t count) {
    f16 sums[block_rows][block_vectors];
    for (size_t r = 0; r < count; r++)
        for (size_t v = 0; v < block_vectors; v++) sums[r][v] = all(0);
    for (size_t d = 0; d < depth; d++) {
        for (size_t r = 0; r < count; r++) {
            const f16 value = all(input[r * input_stride + d]);
            for (size_t v = 0; v < block_vectors; v++)
                sums[r][v] += value * load(block + d * block_columns + v * width16);
        }
    }
    for (size_t r = 0; r < count; r++)
        for (size_t v = 0; v < block_vectors; v++)
            store(output + r * output_stride + v * width16, sums[r][v]);
}

/// The same in bfloat16 with float sums; `depth` counts single values and is rounded up to pairs.
CK_INLINE void multiply_halves(const uint16_t *input, size_t input_stride, const uint16_t *block,
                               size_t depth, float *output, size_t output_stride, size_t count) {
    f16 sums[block_rows][block_vectors];
    for (size_t r = 0; r < count; r++)
        for (size_t v = 0; v < block_vectors; v++) sums[r][v] = all(0);
    for (size_t d = 0; d < depth; d += 2) {
        for (size_t r = 0; r < count; r++) {
            int32_t pair;
            memcpy(&pair, input + r * input_stride + d, sizeof pair);
            for (size_t v = 0; v < block_vectors; v++)
                sums[r][v] = add_pair_products(
                    sums[r][v], pair, block + d * block_columns + v * 2 * width16);
        }
    }
    for (size_t r = 0; r < count; r++)
        for (size_t v = 0; v < block_vectors; v++)
            store(output + r * output_stride + v * width16, sums[r][v]);
}

/// Any number of rows up to `block_rows`, each number with code of its own.
#define WITH_CONSTANT_COUNT(count, call)                                                           \
    switch (count) {                                                                               \
    case 6: call(6); break;                                                                        \
    case 5: call(5); break;                                                                        \
    case 4: call(4); break;                                                                        \
    case 3: call(3); break;                                                                        \
    case 2: call(2); break;                                                                        \
    default: call(1); break;                                                                       \
    }

static void multiply_block(ck_element_type type, const void *input, size_t input_stride,
                           const void *block, size_t depth, float *output, size_t output_stride,
                           size_t count) {
    if (type == ck_float32) {
#define CALL(constant)                                                                             \
    multiply_floats(input, input_stride, block, depth, output, output_stride, constant)
        WITH_CONSTANT_COUNT(count, CALL)
#undef CALL
    } else {
#define CALL(constant)                                                                             \
    multiply_halves(input, input_stride, block, depth, output, output_stride, constant)
        WITH_CONSTANT_COUNT(count, CALL)
#undef CALL
    }
}

#if defined(CK_HAS_TILES)
/// Tiles of 16 rows by 64 bytes: four of sums, two of rows, two of columns.
static void begin_tiles(void) {
    ck_tile_configuration configuration = {.palette = 1};
    for (int tile = 0; tile < 8; tile++) {
        configuration.row_bytes[tile] = 64;
        configuration.rows[tile] = 16;
    }
    _tile_loadconfig(&configuration);
}

static void end_tiles(void) { _tile_release(); }

/// Rows of a step for tiles; rows and depth that are missing are zero.
static const uint16_t *fill_tile_rows(const uint16_t *rows, size_t stride, size_t width,
                                      size_t count, size_t depth, uint16_t *target) {
    memset(target, 0, query_rows * depth * sizeof *target);
    for (size_t r = 0; r < count; r++)
        memcpy(target + r * depth, rows + r * stride, width * sizeof *target);
    return target;
}

/// output = input × one block of columns, for as many rows as a step has.
static void multiply_tiles(const uint16_t *input, size_t input_stride, const uint16_t *block,
                           size_t depth, float *output, size_t output_stride, size_t rows) {
    const size_t row_bytes = input_stride * sizeof *input, sum_bytes = output_stride * sizeof *output;
    const size_t pair_bytes = 2 * block_columns * sizeof *block;
    for (size_t column = 0; column < block_columns; column += 32) {
        _tile_zero(0), _tile_zero(1), _tile_zero(2), _tile_zero(3);
        for (size_t d = 0; d < depth; d += half_depth) {
            const uint16_t *pairs = block + d * block_columns + 2 * column;
            _tile_loadd(6, pairs, pair_bytes);
            _tile_loadd(7, pairs + 32, pair_bytes);
            _tile_loadd(4, input + d, row_bytes);
            _tile_dpbf16ps(0, 4, 6);
            _tile_dpbf16ps(1, 4, 7);
            if (rows <= 16) continue;
            _tile_loadd(5, input + 16 * input_stride + d, row_bytes);
            _tile_dpbf16ps(2, 5, 6);
            _tile_dpbf16ps(3, 5, 7);
        }
        _tile_stored(0, output + column, sum_bytes);
        _tile_stored(1, output + column + 16, sum_bytes);
        if (rows <= 16) continue;
        _tile_stored(2, output + 16 * output_stride + column, sum_bytes);
        _tile_stored(3, output + 16 * output_stride + column + 16, sum_bytes);
    }
}
#else
static void begin_tiles(void) {}
static void end_tiles(void) {}
#endif

/// output [rows, columns] = input × blocks of columns, for the rows of a step; `columns` is whole blocks.
static void multiply_rows(ck_element_type type, const void *input, size_t input_stride,
                          const void *blocks, size_t depth, size_t columns, float *output,
                          size_t output_stride, size_t rows) {
    const size_t item = type == ck_float32 ? sizeof(float) : sizeof(uint16_t);
    for (size_t column = 0; column < columns; column += block_columns) {
        const void *block = (const char *)blocks + column * depth * item;
#if defined(CK_HAS_TILES)
        if (type == ck_bfloat16) {
            multiply_tiles(input, input_stride, block, depth, output + column, output_stride, rows);
            continue;
        }
#endif
        for (size_t r = 0; r < rows; r += block_rows)
            multiply_block(type, (const char *)input + r * input_stride * item, input_stride, block,
                           depth, output + r * output_stride + column, output_stride,
                           rows - r < block_rows ? rows - r : block_rows);
    }
}

// MARK: Attention

/// eˣ⁻ᵗᵒᵖ of a row's scores, as the next product's input; zero from `keys` to `padded`. Returns the sum.
CK_INLINE float powers_of_row(float *scores, size_t keys, size_t padded, ck_element_type type,
                              uint16_t *halves) {
    f16 tops = all(-INFINITY);
    for (size_t c = 0; c < keys; c += width16)
        tops = maximum(tops, load_some(scores + c, keys - c, -INFINITY));
    const float top = largest_lane(tops);
    f16 sums = all(0);
    for (size_t c = 0; c < padded; c += width16) {
        f16 power = all(0);
        if (c + width16 <= keys) {
            power = negative_exponential(load(scores + c) - top);
        } else if (c < keys) {
            float part[width16] = {0};
            store(part, negative_exponential(load_some(scores + c, keys - c, top) - top));
            memset(part + (keys - c), 0, (width16 - (keys - c)) * sizeof(float));
            power = load(part);
        }
        sums += power;
        if (type == ck_float32)
            store(scores + c, power);
        else
            store_bfloat16(halves + c, power, width16);
    }
    return sum_of_lanes(sums);
}

/// Columns of the products with distances' vectors that queries of one step need.
CK_INLINE size_t distance_columns(size_t keys, size_t positions) {
    const size_t all_of_step = keys + query_rows;
    return in_blocks(positions < all_of_step ? positions : all_of_step) + block_columns;
}

static size_t attention_scratch(ck_element_type type, size_t keys, size_t width,
                                size_t positions) {
    const size_t item = type == ck_float32 ? sizeof(float) : sizeof(uint16_t);
    const size_t depth = in_depths(width, type);
    const size_t packed = (in_blocks(keys) + in_blocks(positions) + query_rows) * depth
                          + in_depths(keys, type) * in_blocks(width);
    const size_t rows = query_rows * in_blocks(keys) * (sizeof(float) + sizeof(uint16_t))
                        + query_rows * in_blocks(width) * sizeof(float);
    const size_t distances =
        positions ? query_rows * distance_columns(keys, positions) * sizeof(float) : 0;
    return packed * item + rows + distances + 8 * 64;
}

CK_INLINE void *take(char **free_memory, size_t bytes) {
    void *taken = *free_memory;
    *free_memory += (bytes + 63) / 64 * 64;
    return taken;
}

// MARK: Distances

CK_INLINE size_t place_within(ptrdiff_t place, size_t count) {
    return place < 0 ? 0 : (size_t)place < count ? (size_t)place : count - 1;
}

/// Rows that a step multiplies.
typedef struct {
    const void *values;
    size_t stride;
} step_rows;

/// The queries of a step, or those that meet distances: where they are, or for tiles in `target`.
static step_rows rows_of_step(const ck_attention *a, const void *queries, size_t start, size_t rows,
                              size_t depth, void *target) {
    const size_t item = a->element_type == ck_float32 ? sizeof(float) : sizeof(uint16_t);
    const void *first = (const char *)queries + start * a->stride * item;
#if defined(CK_HAS_TILES)
    if (a->element_type == ck_bfloat16)
        return (step_rows){fill_tile_rows(first, a->stride, a->width, rows, depth, target), depth};
#else
    (void)rows, (void)depth, (void)target;
#endif
    return (step_rows){first, a->stride};
}

/// Adds to the scores of `rows` queries from `start` on what distances and queries have to each other.
static void add_position_products(const ck_attention *a, const void *packed, size_t depth,
                                  size_t start, size_t rows, void *queries, float *products,
                                  float *scores, size_t padded) {
    const size_t item = a->element_type == ck_float32 ? sizeof(float) : sizeof(uint16_t);
    const ptrdiff_t query = (ptrdiff_t)(a->first_query + start);
    const size_t count = a->position_count;
    const size_t lowest = place_within(-(query + (ptrdiff_t)rows - 1) - a->first_distance, count);
    const size_t highest = place_within((ptrdiff_t)a->keys - 1 - query - a->first_distance, count);
    const size_t from = lowest / block_columns * block_columns;
    const size_t columns = in_blocks(highest + 1) - from;
    const step_rows entering = rows_of_step(a, a->position_query, start, rows, depth, queries);
    multiply_rows(a->element_type, entering.values, entering.stride,
                  (const char *)packed + from * depth * item, depth, columns, products, columns,
                  rows);
    for (size_t r = 0; r < rows; r++) {
        const float *row = products + r * columns;
        float *target = scores + r * padded;
        // Key c has the place c + shift; keys before and after those of the table take its ends.
        const ptrdiff_t shift = -(query + (ptrdiff_t)r) - a->first_distance;
        const size_t before = shift < 0 ? (size_t)-shift : 0;
        const ptrdiff_t inside = (ptrdiff_t)count - shift;
        const size_t first = before < a->keys ? before : a->keys;
        const size_t end = inside < (ptrdiff_t)first ? first
                           : (size_t)inside < a->keys ? (size_t)inside
                                                      : a->keys;
        for (size_t c = 0; c < first; c++) target[c] += row[0 - (ptrdiff_t)from];
        const float *own = row + shift - (ptrdiff_t)from;
        for (size_t c = first; c < end; c++) target[c] += own[c];
        for (size_t c = end; c < a->keys; c++) target[c] += row[count - 1 - from];
    }
}

static void add_distance_bias(const ck_attention *a, size_t start, size_t rows, float *scores,
                              size_t padded) {
    for (size_t r = 0; r < rows; r++) {
        const float gate = a->gates[start + r];
        const float *bias = a->distance_bias - (a->first_query + start + r);
        float *target = scores + r * padded;
        for (size_t c = 0; c < a->keys; c++) target[c] += gate * bias[c];
    }
}

static void attend(const ck_attention *a, void *scratch) {
    const ck_element_type type = a->element_type;
    const size_t item = type == ck_float32 ? sizeof(float) : sizeof(uint16_t);
    const size_t padded = in_blocks(a->keys), padded_width = in_blocks(a->width);
    const size_t key_depth = in_depths(a->width, type), value_depth = in_depths(a->keys, type);
    char *memory = scratch;
    void *keys = take(&memory, padded * key_depth * item);
    void *values = take(&memory, value_depth * padded_width * item);
    float *scores = take(&memory, query_rows * padded * sizeof(float));
    uint16_t *halves = take(&memory, query_rows * padded * sizeof(uint16_t));
    void *queries = take(&memory, query_rows * key_depth * item);
    float *results = take(&memory, query_rows * padded_width * sizeof(float));
    void *positions = take(&memory, in_blocks(a->position_count) * key_depth * item);
    float *products = (float *)memory;

    if (a->position_count) {
        if (type == ck_float32)
            pack_float_columns(a->positions, 1, a->position_stride, a->width, a->position_count,
                               positions);
        else
            pack_half_keys(a->positions, a->position_stride, a->width, a->position_count,
                           positions);
    }
    if (type == ck_float32) {
        pack_float_columns(a->key, 1, a->stride, a->width, a->keys, keys);
        pack_float_columns(a->value, a->stride, 1, a->keys, a->width, values);
    } else {
        pack_half_keys(a->key, a->stride, a->width, a->keys, keys);
        pack_half_values(a->value, a->stride, a->keys, a->width, values);
    }
    const void *powers = type == ck_float32 ? (void *)scores : (void *)halves;
    begin_tiles();
    for (size_t start = 0; start < a->queries; start += query_rows) {
        const size_t rows = a->queries - start < query_rows ? a->queries - start : query_rows;
        const step_rows entering = rows_of_step(a, a->query, start, rows, key_depth, queries);
        multiply_rows(type, entering.values, entering.stride, keys, key_depth, padded, scores,
                      padded, rows);
        if (a->position_count)
            add_position_products(a, positions, key_depth, start, rows, queries, products, scores,
                                  padded);
        if (a->distance_bias) add_distance_bias(a, start, rows, scores, padded);
        float sums[query_rows];
        for (size_t r = 0; r < rows; r++)
            sums[r] = powers_of_row(scores + r * padded, a->keys, padded, type,
                                    halves + r * padded);
        multiply_rows(type, powers, padded, values, value_depth, padded_width, results,
                      padded_width, rows);
        for (size_t r = 0; r < rows; r++) {
            const float share = 1.0f / sums[r];
            float *target = a->context + (start + r) * a->context_stride;
            for (size_t c = 0; c < a->width; c += width16)
                store_some(target + c, load(results + r * padded_width + c) * share, a->width - c);
        }
    }
    end_tiles();
}

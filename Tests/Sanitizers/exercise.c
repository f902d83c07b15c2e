// Every function of the C targets on buffers that end where their contents end, for sanitizers: a read or
// write beyond them, a misaligned or overflowing operation, or a difference between instruction sets ends
// the program. What the values should be is the business of the Swift tests.
//
//     exercise [SEED]

#include <CChecksums.h>
#include <CElementConversion.h>
#include <CKernels.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t state;

static uint64_t draw(void) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

/// A number in first...last.
static size_t draw_size(size_t first, size_t last) { return first + draw() % (last - first + 1); }

static void *allocate(size_t bytes) {
    // One byte at the least: a pointer to nothing may be null.
    void *memory = malloc(bytes ? bytes : 1);
    if (!memory) abort();
    return memory;
}

static void *allocate_aligned(size_t bytes) {
    void *memory;
    if (posix_memalign(&memory, 64, bytes ? bytes : 64) != 0) abort();
    return memory;
}

static float *floats(size_t count) {
    float *values = allocate(count * sizeof(float));
    for (size_t index = 0; index < count; index++)
        values[index] = (float)((double)(draw() % 20001) / 10000 - 1);
    return values;
}

static void *copy(const void *bytes, size_t count) { return memcpy(allocate(count), bytes, count); }

static void check(int holds, const char *what) {
    if (holds) return;
    fprintf(stderr, "%s\n", what);
    abort();
}

static void near(const float *left, const float *right, size_t count, const char *what) {
    for (size_t index = 0; index < count; index++)
        check(fabsf(left[index] - right[index]) <= 1e-3f * (1 + fabsf(right[index])), what);
}

static void exercise_checksums(void) {
    size_t count = draw_size(0, 300), offset = draw_size(0, 9);
    uint8_t *bytes = allocate(count + offset);
    for (size_t index = 0; index < count + offset; index++) bytes[index] = (uint8_t)draw();
    check(scriptorium_crc32c(7, bytes + offset, count) ==
              scriptorium_crc32c_portable(7, bytes + offset, count),
          "CRC-32C by instruction and by table");
    free(bytes);
}

static void exercise_conversions(void) {
    size_t count = draw_size(0, 70), offset = draw_size(0, 7);
    uint8_t *bytes = allocate(offset + 8 * count);
    for (size_t index = 0; index < offset + 8 * count; index++) bytes[index] = (uint8_t)draw();
    float *output = allocate(count * sizeof(float));
    const uint8_t *source = bytes + offset;
    // Each reads to the very end of what it is given.
    check(scriptorium_floats_from_float64(source, output, count) ==
              scriptorium_float64_are_finite(source, count),
          "doubles are finite or not");
    source = bytes + offset + 4 * count;
    check(scriptorium_floats_from_float32(source, output, count) ==
              scriptorium_float32_are_finite(source, count),
          "floats are finite or not");
    source = bytes + offset + 6 * count;
    check(scriptorium_floats_from_float16(source, output, count) ==
              scriptorium_float16_are_finite(source, count),
          "half floats are finite or not");
    check(scriptorium_floats_from_bfloat16(source, output, count) ==
              scriptorium_bfloat16_are_finite(source, count),
          "bfloat16 is finite or not");
    free(output);
    free(bytes);
}

static void exercise_statistics(void) {
    size_t count = draw_size(1, 1000);
    float *samples = floats(count), *output = allocate(count * sizeof(float));
    check(isfinite(ck_mean(samples, count)), "a mean");
    ck_normalize(samples, count, 1e-7f, output);
    check(ck_all_finite(output, count), "normalized samples");
    ck_center(samples, count, output);
    size_t kernel = draw_size(1, count < 40 ? count : 40), stride = draw_size(1, 7);
    size_t frames = (count - kernel) / stride + 1;
    double *mean = allocate(kernel * sizeof(double));
    double *covariance = allocate(kernel * kernel * sizeof(double));
    ck_window_moments(samples, frames, kernel, stride, mean, covariance);
    uint16_t *narrow = allocate(count * sizeof(uint16_t));
    ck_to_bfloat16(samples, count, narrow);
    free(narrow);
    free(covariance);
    free(mean);
    free(output);
    free(samples);
}

static void exercise_bytes(const ck_table *table) {
    size_t columns = draw_size(1, 70), depth = draw_size(1, 90), rows = draw_size(1, 20);
    // Rows are read in groups of four bytes.
    size_t stride = (depth + 3) / 4 * 4;
    float *weights = floats(columns * depth), *scales = allocate(columns * sizeof(float));
    int32_t *sums = allocate(columns * sizeof(int32_t));
    int8_t *quantized = allocate(columns * depth);
    ck_quantize_weights(weights, columns, depth, true, quantized, scales, sums);
    int8_t *packed = allocate_aligned(ck_packed_bytes(columns, depth));
    ck_pack_bytes(quantized, columns, depth, packed);
    uint8_t *input = allocate(rows * stride);
    for (size_t index = 0; index < rows * stride; index++)
        input[index] = index % stride < depth ? (uint8_t)draw() : 0;
    int32_t *output = allocate(rows * columns * sizeof(int32_t));
    ck_byte_product product = {.weights = packed, .columns = columns, .depth = depth};
    table->multiply_bytes(&product, input, stride, rows, output);
    for (size_t row = 0; row < rows; row++)
        for (size_t column = 0; column < columns; column++) {
            int32_t sum = 0;
            for (size_t index = 0; index < depth; index++)
                sum += input[row * stride + index] * quantized[column * depth + index];
            check(output[row * columns + column] == sum, "a sum of products of bytes");
        }
    free(output);
    free(input);
    free(packed);
    free(quantized);
    free(sums);
    free(scales);
    free(weights);
}

/// What a table's kernel makes of the same rows as the portable one.
static void exercise_rows(const ck_table *table, const ck_table *portable) {
    size_t rows = draw_size(1, 20), width = 2 * draw_size(1, 60), count = rows * width;
    float *values = floats(count);

    float *one = copy(values, count * 4), *other = copy(values, count * 4);
    table->log_softmax(one, rows, width);
    portable->log_softmax(other, rows, width);
    near(one, other, count, "log-softmax");
    free(one);
    free(other);

    float *cosines = floats(count / 2), *sines = floats(count / 2);
    one = copy(values, count * 4);
    other = copy(values, count * 4);
    table->rotate(one, width, cosines, sines, rows, width);
    portable->rotate(other, width, cosines, sines, rows, width);
    near(one, other, count, "rotation");
    free(one);
    free(other);
    free(cosines);
    free(sines);

    size_t factor = draw_size(1, 5), groups = (rows + factor - 1) / factor;
    one = allocate(groups * width * 4);
    other = allocate(groups * width * 4);
    table->mean_groups(values, rows, width, factor, one);
    portable->mean_groups(values, rows, width, factor, other);
    near(one, other, groups * width, "means of groups");
    float *sum = copy(values, count * 4);
    table->add_repeated(sum, one, rows, width, factor);
    free(sum);
    free(one);
    free(other);
    free(values);
}

static void exercise_convolution(const ck_table *table, const ck_table *portable) {
    size_t frames = draw_size(1, 40), channels = draw_size(1, 50), kernel = draw_size(1, 12);
    size_t stride = draw_size(1, 5), padded = (channels + 15) / 16 * 16;
    float *samples = floats((frames - 1) * stride + kernel);
    float *weights = floats(kernel * padded), *shift = floats(padded);
    float *one = allocate(frames * channels * 4), *other = allocate(frames * channels * 4);
    table->convolve_samples(samples, weights, shift, one, frames, channels, kernel, stride);
    portable->convolve_samples(samples, weights, shift, other, frames, channels, kernel, stride);
    near(one, other, frames * channels, "a convolution of samples");
    free(one);
    free(other);
    free(shift);
    free(weights);
    free(samples);
}

static void exercise_attention(const ck_table *table, const ck_table *portable) {
    size_t queries = draw_size(1, 60), keys = draw_size(1, 100), width = draw_size(1, 70);
    float *query = floats(queries * width), *key = floats(keys * width), *value = floats(keys * width);
    // Numbers and vectors of distances, of which some calls have none.
    size_t first = draw_size(0, 20), reach = keys + queries + first, positions = draw_size(0, keys + queries);
    float *bias = floats(2 * reach + 1), *gates = floats(queries);
    float *vectors = floats((positions + 1) * width), *other = floats(queries * width);
    int has_bias = (int)draw_size(0, 1);
    ptrdiff_t first_distance = (ptrdiff_t)draw_size(0, keys) - (ptrdiff_t)draw_size(0, queries + first);
    float *results[2];
    const ck_table *tables[2] = {table, portable};
    for (int index = 0; index < 2; index++) {
        results[index] = allocate(queries * width * 4);
        ck_attention attention = {
            .element_type = ck_float32, .query = query, .key = key, .value = value, .stride = width,
            .width = width, .queries = queries, .keys = keys, .context = results[index],
            .context_stride = width, .first_query = first, .distance_bias = has_bias ? bias + reach : NULL,
            .gates = has_bias ? gates : NULL, .positions = positions ? vectors : NULL,
            .position_query = positions ? other : NULL, .position_stride = width,
            .position_count = positions, .first_distance = first_distance};
        void *scratch = allocate_aligned(
            tables[index]->attention_scratch(ck_float32, keys, width, positions));
        tables[index]->attend(&attention, scratch);
        free(scratch);
    }
    near(results[0], results[1], queries * width, "attention");
    free(results[0]);
    free(results[1]);
    free(other);
    free(vectors);
    free(gates);
    free(bias);
    free(value);
    free(key);
    free(query);
}

/// What conformers take beside attention: gated halves, and a convolution of each channel.
static void exercise_channels(const ck_table *table, const ck_table *portable) {
    size_t frames = draw_size(1, 40), width = draw_size(1, 70), kernel = draw_size(1, 9);
    size_t before = draw_size(0, kernel - 1), first = draw_size(0, frames - 1);
    size_t count = draw_size(1, frames - first);
    float *input = floats(frames * 2 * width), *weights = floats(kernel * width);
    float *results[2];
    const ck_table *tables[2] = {table, portable};
    for (int index = 0; index < 2; index++) {
        results[index] = allocate((frames + count) * width * 4);
        tables[index]->gate(input, 2 * width, frames, width, results[index], width);
        tables[index]->convolve_channels(
            input, width, frames, width, weights, kernel, before, first, count,
            results[index] + frames * width, width);
    }
    near(results[0], results[1], (frames + count) * width, "channels");
    free(results[0]);
    free(results[1]);
    free(weights);
    free(input);
}

/// Floats that are freed with the others of `pieces`.
static float *piece(float **pieces, size_t *used, size_t count) {
    return pieces[(*used)++] = floats(count);
}

/// The speech network with weights of any kind: the same bits as the portable table's, whatever the cut.
static void exercise_speech(ck_instruction_set set) {
    static const size_t outputs[4] = {128, 64, 64, 128}, inputs[4] = {129, 128, 64, 64};
    float *pieces[20];
    size_t used = 0;
#define PIECE(count) piece(pieces, &used, count)
    ck_speech_network network = {.window = PIECE(256), .cosines = PIECE(255), .sines = PIECE(255)};
    uint8_t *places = allocate(128);
    for (size_t n = 0; n < 128; n++) {
        places[n] = 0;
        for (size_t bit = 0; bit < 7; bit++) places[n] |= (uint8_t)((n >> bit & 1) << (6 - bit));
    }
    network.places = places;
    for (size_t layer = 0; layer < 4; layer++)
        network.convolutions[layer] = (ck_speech_layer){
            .weights = PIECE(outputs[layer] * inputs[layer] * 3), .bias = PIECE(outputs[layer]),
            .depth = inputs[layer] * 3, .columns = outputs[layer]};
    network.input = (ck_speech_layer){
        .weights = PIECE(512 * 128), .bias = PIECE(512), .depth = 128, .columns = 512};
    network.recurrent = PIECE(512 * 128);
    network.output = PIECE(128);
    size_t frames = draw_size(1, 20), first = draw_size(0, frames);
    float *samples = PIECE(ck_speech_context + frames * ck_speech_frame);
    float *scratch = allocate(ck_speech_scratch * 4);
    float *found[2];
    for (size_t run = 0; run < 2; run++) {
        const ck_instruction_set one = run ? ck_portable : set;
        const size_t cut = run ? frames : first;
        float state[256] = {0}, *gates = allocate(frames * 512 * 4);
        found[run] = allocate(frames * 4);
        ck_speech_gates(one, &network, samples, cut, scratch, gates);
        ck_speech_gates(one, &network, samples + cut * ck_speech_frame, frames - cut, scratch,
                        gates + cut * 512);
        ck_speech_probabilities(one, &network, gates, cut, state, found[run]);
        ck_speech_probabilities(one, &network, gates + cut * 512, frames - cut, state,
                                found[run] + cut);
        free(gates);
    }
    check(memcmp(found[0], found[1], frames * 4) == 0, "probabilities of speech");
    free(found[0]);
    free(found[1]);
    free(scratch);
    free(places);
    while (used > 0) free(pieces[--used]);
#undef PIECE
}

int main(int count, char **arguments) {
    setvbuf(stdout, NULL, _IOLBF, 0);
    uint64_t seed = count > 1 ? strtoull(arguments[1], NULL, 10) : 1;
    state = seed * 0x9E3779B97F4A7C15u | 1;
    const ck_instruction_set sets[] = {ck_portable, ck_avx2, ck_avx512, ck_avx512_narrow,
                                       ck_neon, ck_neon_dot, ck_neon_narrow,
                                       ck_avx2_vnni, ck_avx2_vnni_evex, ck_amx};
    const char *names[] = {"portable", "avx2", "avx512", "narrow avx512", "neon",
                           "neon with sums of products", "narrow neon",
                           "avx2 with sums of products", "the same of AVX-512", "tiles"};
    const ck_table *portable = ck_kernels(ck_portable);
    for (int set = 0; set < (int)(sizeof sets / sizeof *sets); set++) {
        if (!ck_can_run(sets[set])) {
            printf("%s: not run, this processor lacks it\n", names[set]);
            continue;
        }
        const ck_table *table = ck_kernels(sets[set]);
        for (int run = 0; run < 200; run++) {
            exercise_checksums();
            exercise_conversions();
            exercise_statistics();
            exercise_rows(table, portable);
            exercise_convolution(table, portable);
            exercise_attention(table, portable);
            exercise_channels(table, portable);
            exercise_bytes(table);
            // It is long: a tenth of the runs is enough.
            if (run % 10 == 0) exercise_speech(sets[set]);
        }
        printf("%s: 200 runs of each function, seed %llu\n", names[set], (unsigned long long)seed);
    }
    return 0;
}

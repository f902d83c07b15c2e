// Kernels of rows of floats, and products of bytes.
#include "harness.h"

#include <CPeakRates.h>

static const size_t widths[] = {1, 2, 7, 15, 16, 17, 31, 32, 33, 64, 100, 512, 1023};

void test_bytes(void) {
    static const size_t shapes[][3] = {
        {48, 32, 768}, {7, 16, 4}, {1, 1, 1}, {5, 33, 7}, {13, 17, 770}, {6, 15, 2311}};
    for (size_t round = 0; round < 40; round++) {
        const bool is_listed = round < sizeof shapes / sizeof *shapes;
        const size_t rows = is_listed ? shapes[round][0] : draw_size(1, 20);
        const size_t columns = is_listed ? shapes[round][1] : draw_size(1, 70);
        const size_t depth = is_listed ? shapes[round][2] : draw_size(1, 900);
        // Among them pairs of equal weights: the most that a pair adds up to.
        float *weights = floats(columns * depth, 1, 0);
        for (size_t c = 0; depth > 1 && c < columns; c += 3)
            weights[c * depth] = weights[c * depth + 1] = c % 2 == 0 ? 1.5f : -1.5f;
        int8_t *bytes = guarded(columns * depth, 0);
        float *scales = guarded(columns * 4, 0);
        int32_t *sums = guarded(columns * 4, 0);
        ck_quantize_weights(weights, columns, depth, round % 4 != 3 || table_set == ck_avx2
                            || table_set == ck_avx512 || table_set == ck_avx512_narrow
                            || table_set == ck_amx,
                            bytes, scales, sums);
        int8_t *packed = guarded(ck_packed_bytes(columns, depth), 0);
        ck_pack_bytes(bytes, columns, depth, packed);
        const size_t stride = depth + 5;
        // The last row ends with its depth, so that nobody reads beyond it.
        uint8_t *input = guarded((rows - 1) * stride + depth, 1);
        for (size_t i = 0; i < (rows - 1) * stride + depth; i++)
            input[i] = draw_flag() ? 255 : (uint8_t)draw();
        int32_t *found = guarded(rows * columns * 4, 1);
        const ck_byte_product product = {.weights = packed, .columns = columns, .depth = depth};
        table->multiply_bytes(&product, input, stride, rows, found);
        for (size_t r = 0; r < rows; r++)
            for (size_t c = 0; c < columns; c++) {
                int32_t sum = 0;
                for (size_t d = 0; d < depth; d++) sum += input[r * stride + d] * bytes[c * depth + d];
                EXPECT(found[r * columns + c] == sum, "%zu x %zu x %zu: %d instead of %d", rows, depth,
                       columns, found[r * columns + c], sum);
            }
        if (round < 30 && round % 4 != 3) digest(digest_common, found, rows * columns * 4);
        release_all();
    }
}

static void check_log_softmax(size_t width) {
    enum { rows = 7 };
    const float *input = floats(rows * width, 30, 0);
    float *values = copy_of(input, rows * width * 4, 3);
    table->log_softmax(values, rows, width);
    double *expected = guarded(width * 8, 0);
    for (size_t r = 0; r < rows; r++) {
        double top = -INFINITY, sum = 0;
        for (size_t c = 0; c < width; c++) top = fmax(top, input[r * width + c]);
        for (size_t c = 0; c < width; c++) sum += exp(input[r * width + c] - top);
        for (size_t c = 0; c < width; c++) expected[c] = input[r * width + c] - top - log(sum);
        EXPECT(largest_difference(values + r * width, expected, width) < 8e-6, "log-softmax of %zu", width);
        float *alone = copy_of(input + r * width, width * 4, draw_size(0, 15));
        table->log_softmax(alone, 1, width);
        EXPECT(memcmp(alone, values + r * width, width * 4) == 0, "log-softmax of a row alone, %zu", width);
    }
    digest(digest_floats, values, rows * width * 4);
    if (width < 2) return;
    float *broken = copy_of(input, width * 4, 0);
    broken[1] = NAN;
    table->log_softmax(broken, 1, width);
    for (size_t c = 0; c < width; c++) EXPECT(isnan(broken[c]), "NaN is lost in a log-softmax");
}

static void check_groups(void) {
    const size_t rows = draw_size(1, 20), width = draw_size(1, 60), factor = draw_size(1, 5);
    const size_t groups = (rows + factor - 1) / factor;
    const float *input = floats(rows * width, 1, 1);
    float *means = guarded(groups * width * 4, 1), *sum = copy_of(input, rows * width * 4, 1);
    table->mean_groups(input, rows, width, factor, means);
    table->add_repeated(sum, means, rows, width, factor);
    for (size_t g = 0; g < groups; g++)
        for (size_t c = 0; c < width; c++) {
            double mean = 0;
            for (size_t r = g * factor; r < rows && r < (g + 1) * factor; r++)
                mean += input[r * width + c] / (double)factor;
            EXPECT(fabs(means[g * width + c] - mean) <= 1e-6, "the mean of a group");
            for (size_t r = g * factor; r < rows && r < (g + 1) * factor; r++)
                EXPECT(sum[r * width + c] == input[r * width + c] + means[g * width + c], "repetition");
        }
    digest(digest_floats, means, groups * width * 4);
}

static void check_rotation(void) {
    const size_t rows = draw_size(1, 9), half = draw_size(1, 50), stride = 2 * half + 3;
    const float *input = floats(rows * stride, 1, 0), *cosines = floats(rows * half, 1, 1);
    const float *sines = floats(rows * half, 1, 1);
    float *values = copy_of(input, rows * stride * 4, 1);
    table->rotate(values, stride, cosines, sines, rows, 2 * half);
    for (size_t r = 0; r < rows; r++)
        for (size_t j = 0; j < stride; j++) {
            const float *row = input + r * stride;
            const size_t at = r * half + j % half;
            const double right = j < half ? (double)row[j] * cosines[at] - (double)row[j + half] * sines[at]
                                 : j < 2 * half
                                     ? (double)row[j] * cosines[at] + (double)row[j - half] * sines[at]
                                     : row[j];
            EXPECT(fabs(values[r * stride + j] - right) <= 2.5e-7, "rotation");
        }
    digest(digest_floats, values, rows * stride * 4);
}

static void check_gate(void) {
    const size_t rows = draw_size(1, 9), width = widths[draw_size(0, 11)], stride = 2 * width + 3;
    const float *input = floats(rows * stride, 8, 1);
    float *output = guarded(rows * (width + 2) * 4, 1), *alone = guarded(width * 4, 0);
    table->gate(input, stride, rows, width, output, width + 2);
    for (size_t r = 0; r < rows; r++) {
        const float *row = input + r * stride, *found = output + r * (width + 2);
        for (size_t c = 0; c < width; c++) {
            const double right = row[c] / (1 + exp(-(double)row[width + c]));
            EXPECT(fabs(found[c] - right) <= 3e-7 * fmax(1, fabs(right)), "a gate: %g, not %g", (double)found[c], right);
        }
        table->gate(copy_of(row, 2 * width * 4, 2), 2 * width, 1, width, alone, width);
        EXPECT(memcmp(alone, found, width * 4) == 0, "a gated row alone");
        digest(digest_floats, alone, width * 4);
    }
}

void test_rows(void) {
    for (size_t i = 0; i < sizeof widths / sizeof *widths; i++) {
        check_log_softmax(widths[i]);
        release_all();
    }
    for (size_t round = 0; round < 40; round++) {
        check_groups();
        check_rotation();
        check_gate();
        release_all();
    }
}

static void check_samples(size_t channels, size_t kernel, size_t stride, size_t frames) {
    const size_t padded = (channels + 15) / 16 * 16, count = (frames - 1) * stride + kernel;
    const float *samples = floats(count, 1, 1), *weights = floats(kernel * padded, 1, 1);
    const float *bias = floats(padded, 1, 1);
    float *output = guarded(frames * channels * 4, 1), *alone = guarded(channels * 4, 2);
    table->convolve_samples(samples, weights, bias, output, frames, channels, kernel, stride);
    for (size_t t = 0; t < frames; t++) {
        for (size_t c = 0; c < channels; c++) {
            double sum = bias[c];
            for (size_t j = 0; j < kernel; j++)
                sum += (double)samples[t * stride + j] * weights[j * padded + c];
            EXPECT(fabs(output[t * channels + c] - sum) < 1e-5, "samples of %zu channels", channels);
        }
        table->convolve_samples(copy_of(samples + t * stride, kernel * 4, t % 5), weights, bias, alone, 1,
                                channels, kernel, stride);
        EXPECT(memcmp(alone, output + t * channels, channels * 4) == 0, "a frame of samples alone");
    }
    digest(digest_floats, output, frames * channels * 4);
}

static void check_channels(void) {
    const size_t frames = draw_size(1, 40), width = draw_size(1, 70), kernel = draw_size(1, 9);
    const size_t before = draw_size(0, kernel - 1), stride = width + 3;
    const float *input = floats(frames * stride, 1, 1), *weights = floats(kernel * width, 1, 1);
    float *all = guarded(frames * (width + 2) * 4, 1);
    table->convolve_channels(input, stride, frames, width, weights, kernel, before, 0, frames, all, width + 2);
    for (size_t t = 0; t < frames; t++)
        for (size_t c = 0; c < width; c++) {
            double sum = 0;
            for (size_t j = 0; j < kernel; j++)
                if (t + j >= before && t + j - before < frames)
                    sum += (double)input[(t + j - before) * stride + c] * weights[j * width + c];
            EXPECT(fabs(all[t * (width + 2) + c] - sum) <= 1e-5, "a convolution of channels");
        }
    const size_t first = draw_size(0, frames - 1), count = draw_size(1, frames - first);
    float *some = guarded(count * width * 4, 0);
    table->convolve_channels(input, stride, frames, width, weights, kernel, before, first, count, some, width);
    for (size_t t = 0; t < count; t++)
        EXPECT(memcmp(some + t * width, all + (first + t) * (width + 2), width * 4) == 0, "some of the frames");
    digest(digest_floats, some, count * width * 4);
}

void test_convolutions(void) {
    static const size_t channels[] = {1, 16, 24, 48, 512};
    for (size_t i = 0; i < 5; i++) {
        check_samples(channels[i], 10, 5, 23);
        release_all();
    }
    for (size_t round = 0; round < 40; round++) {
        check_samples(draw_size(1, 50), draw_size(1, 12), draw_size(1, 5), draw_size(1, 30));
        check_channels();
        release_all();
    }
}

// MARK: Threads and registers

void test_thread(void) {
    float values[2] = {0x1p-149f, 1};
    ck_epilogue e;
    memset(&e, 0, sizeof e);
    const float bias[2] = {0, 0};
    e.products[0] = (ck_product){.values = values, .stride = 2};
    e.product_count = 1;
    e.bias = bias;
    table->apply_epilogue(&e, 1, 2);
    EXPECT(values[0] == 0 && values[1] == 1, "a denormal operand is zero");
}

void test_registers(void) {
    for (int type = 0; type < 3; type++) {
        const double once = ck_multiply_in_registers(table_set, (ck_element_type)type, 10);
        EXPECT(once > 0 && ck_multiply_in_registers(table_set, (ck_element_type)type, 20) == 2 * once,
               "operations in registers");
    }
}

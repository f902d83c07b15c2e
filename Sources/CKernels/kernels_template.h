// Every kernel, once. The including file names its table in CK_TABLE and sets the instruction set.
#include "vector.h"

// MARK: Activations

CK_INLINE f16 activate(f16 x, ck_activation activation) {
    switch (activation) {
    case ck_activation_gelu:
        return 0.5f * x * (1.0f + error_function(x * 0.70710678f));
    case ck_activation_gelu_tanh:
        return 0.5f * x * (1.0f + hyperbolic_tangent(0.79788456f * (x + 0.044715f * x * x * x)));
    case ck_activation_relu:
        return maximum(all(0), x);
    case ck_activation_tanh:
        return hyperbolic_tangent(x);
    default:
        return x;
    }
}

/// Calls `body` with the activation as a constant, so that inner loops hold no branch.
#define WITH_CONSTANT_ACTIVATION(activation, body)                                                 \
    switch (activation) {                                                                          \
    case ck_activation_gelu:                                                                       \
        body(ck_activation_gelu);                                                                  \
        break;                                                                                     \
    case ck_activation_gelu_tanh:                                                                  \
        body(ck_activation_gelu_tanh);                                                             \
        break;                                                                                     \
    case ck_activation_relu:                                                                       \
        body(ck_activation_relu);                                                                  \
        break;                                                                                     \
    case ck_activation_tanh:                                                                       \
        body(ck_activation_tanh);                                                                  \
        break;                                                                                     \
    default:                                                                                       \
        body(ck_activation_linear);                                                                \
    }

// MARK: Row by row

CK_INLINE void layer_norm_row(const float *input, const float *gain, const float *bias,
                              float *output, size_t width, float epsilon,
                              ck_activation activation) {
    const size_t whole = width - width % width16, part = width - whole;
    f16 sums = all(0);
    for (size_t c = 0; c < whole; c += width16) sums += load(input + c);
    if (part) sums += load_part(input + whole, part, 0);
    const float mean = sum_of_lanes(sums) / (float)width;

    f16 squares = all(0);
    for (size_t c = 0; c < whole; c += width16) {
        const f16 difference = load(input + c) - mean;
        squares += difference * difference;
    }
    if (part) {
        const f16 difference = load_part(input + whole, part, mean) - mean;
        squares += difference * difference;
    }
    const float scale = 1.0f / sqrtf(sum_of_lanes(squares) / (float)width + epsilon);

    for (size_t c = 0; c < whole; c += width16) {
        const f16 normal = (load(input + c) - mean) * scale;
        store(output + c, activate(normal * load(gain + c) + load(bias + c), activation));
    }
    if (part) {
        const f16 normal = (load_part(input + whole, part, 0) - mean) * scale;
        const f16 value =
            normal * load_part(gain + whole, part, 0) + load_part(bias + whole, part, 0);
        store_part(output + whole, activate(value, activation), part);
    }
}

static void layer_norm(const float *input, const float *gain, const float *bias, float *output,
                       size_t rows, size_t width, float epsilon, ck_activation activation) {
#define BODY(constant)                                                                             \
    for (size_t r = 0; r < rows; r++)                                                              \
    layer_norm_row(input + r * width, gain, bias, output + r * width, width, epsilon, constant)
    WITH_CONSTANT_ACTIVATION(activation, BODY)
#undef BODY
}

CK_INLINE void add_bias_row(float *values, const float *bias, size_t width,
                            ck_activation activation) {
    const size_t whole = width - width % width16, part = width - whole;
    for (size_t c = 0; c < whole; c += width16) {
        f16 value = load(values + c);
        if (bias) value += load(bias + c);
        store(values + c, activate(value, activation));
    }
    if (part) {
        f16 value = load_part(values + whole, part, 0);
        if (bias) value += load_part(bias + whole, part, 0);
        store_part(values + whole, activate(value, activation), part);
    }
}

static void add_bias(float *values, size_t stride, const float *bias, size_t rows, size_t width,
                     ck_activation activation) {
#define BODY(constant)                                                                             \
    for (size_t r = 0; r < rows; r++) add_bias_row(values + r * stride, bias, width, constant)
    WITH_CONSTANT_ACTIVATION(activation, BODY)
#undef BODY
}

CK_INLINE void add_to_row(float *sum, const float *values, const float *bias, size_t width,
                          ck_activation activation) {
    const size_t whole = width - width % width16, part = width - whole;
    for (size_t c = 0; c < whole; c += width16) {
        f16 value = load(values + c);
        if (bias) value += load(bias + c);
        store(sum + c, load(sum + c) + activate(value, activation));
    }
    if (part) {
        f16 value = load_part(values + whole, part, 0);
        if (bias) value += load_part(bias + whole, part, 0);
        value = load_part(sum + whole, part, 0) + activate(value, activation);
        store_part(sum + whole, value, part);
    }
}

static void add_to(float *sum, size_t sum_stride, const float *values, size_t values_stride,
                   const float *bias, size_t rows, size_t width, ck_activation activation) {
#define BODY(constant)                                                                             \
    for (size_t r = 0; r < rows; r++)                                                              \
    add_to_row(sum + r * sum_stride, values + r * values_stride, bias, width, constant)
    WITH_CONSTANT_ACTIVATION(activation, BODY)
#undef BODY
}

// MARK: Softmax

static void softmax(float *values, size_t stride, size_t rows, size_t width, size_t valid) {
    const size_t whole = valid - valid % width16, part = valid - whole;
    for (size_t r = 0; r < rows; r++) {
        float *row = values + r * stride;
        f16 tops = all(-INFINITY);
        for (size_t c = 0; c < whole; c += width16) tops = maximum(tops, load(row + c));
        if (part) tops = maximum(tops, load_part(row + whole, part, -INFINITY));
        const float top = largest_lane(tops);

        f16 sums = all(0);
        for (size_t c = 0; c < whole; c += width16) {
            const f16 power = exponential(load(row + c) - top);
            store(row + c, power);
            sums += power;
        }
        if (part) {
            store_part(row + whole, exponential(load_part(row + whole, part, top) - top), part);
            sums += load_part(row + whole, part, 0);
        }
        const float scale = 1.0f / sum_of_lanes(sums);
        for (size_t c = 0; c < whole; c += width16) store(row + c, load(row + c) * scale);
        if (part) store_part(row + whole, load_part(row + whole, part, 0) * scale, part);
        if (valid < width) memset(row + valid, 0, (width - valid) * sizeof(float));
    }
}

static void log_softmax(float *values, size_t rows, size_t width) {
    const size_t whole = width - width % width16, part = width - whole;
    for (size_t r = 0; r < rows; r++) {
        float *row = values + r * width;
        f16 tops = all(-INFINITY);
        for (size_t c = 0; c < whole; c += width16) tops = maximum(tops, load(row + c));
        if (part) tops = maximum(tops, load_part(row + whole, part, -INFINITY));
        const float top = largest_lane(tops);

        f16 sums = all(0);
        for (size_t c = 0; c < whole; c += width16) sums += exponential(load(row + c) - top);
        if (part) {
            float powers[width16];
            store(powers, exponential(load_part(row + whole, part, top) - top));
            sums += load_part(powers, part, 0);
        }
        const float logarithm = (float)natural_logarithm((double)sum_of_lanes(sums));
        for (size_t c = 0; c < whole; c += width16)
            store(row + c, load(row + c) - top - logarithm);
        if (part) {
            const f16 value = load_part(row + whole, part, 0) - top - logarithm;
            store_part(row + whole, value, part);
        }
    }
}

// MARK: Convolutions

/// `count` frames by 16 channels; `count` is a constant, so that the sums stay in registers.
CK_INLINE void convolve_block(const float *samples, const float *weights, size_t padded, f16 shift,
                              float *output, size_t channels, size_t live, size_t kernel,
                              size_t stride, ck_activation activation, size_t count) {
    f16 sums[4];
    for (size_t f = 0; f < count; f++) sums[f] = shift;
    for (size_t j = 0; j < kernel; j++) {
        const f16 weight = load(weights + j * padded);
        for (size_t f = 0; f < count; f++) sums[f] += samples[f * stride + j] * weight;
    }
    for (size_t f = 0; f < count; f++) {
        const f16 value = activate(sums[f], activation);
        if (live == width16)
            store(output + f * channels, value);
        else
            store_part(output + f * channels, value, live);
    }
}

CK_INLINE void convolve_all(const float *samples, const float *weights, const float *shift,
                            float *output, size_t frames, size_t channels, size_t kernel,
                            size_t stride, ck_activation activation) {
    const size_t padded = (channels + width16 - 1) / width16 * width16;
    size_t t = 0;
    for (; t < frames; t += (frames - t >= 4 ? 4 : 1)) {
        const float *window = samples + t * stride;
        for (size_t c = 0; c < channels; c += width16) {
            const size_t live = channels - c < width16 ? channels - c : width16;
            float *target = output + t * channels + c;
            if (frames - t >= 4)
                convolve_block(window, weights + c, padded, load(shift + c), target, channels, live,
                               kernel, stride, activation, 4);
            else
                convolve_block(window, weights + c, padded, load(shift + c), target, channels, live,
                               kernel, stride, activation, 1);
        }
    }
}

static void convolve_samples(const float *samples, const float *weights, const float *shift,
                             float *output, size_t frames, size_t channels, size_t kernel,
                             size_t stride, ck_activation activation) {
#define BODY(constant)                                                                             \
    convolve_all(samples, weights, shift, output, frames, channels, kernel, stride, constant)
    WITH_CONSTANT_ACTIVATION(activation, BODY)
#undef BODY
}

/// `count` rows by 16 outputs over `depth` products, on top of what output holds.
CK_INLINE void multiply_block(const float *input, size_t input_stride, size_t depth,
                              const float *weights, float *output, size_t output_stride,
                              size_t count) {
    f16 sums[6];
    for (size_t r = 0; r < count; r++) sums[r] = load(output + r * output_stride);
    for (size_t p = 0; p < depth; p++) {
        const f16 weight = load(weights + p * width16);
        for (size_t r = 0; r < count; r++) sums[r] += input[r * input_stride + p] * weight;
    }
    for (size_t r = 0; r < count; r++) store(output + r * output_stride, sums[r]);
}

static void multiply_windows(const float *input, size_t input_stride, size_t depth,
                             const float *weights, size_t blocks, float *output, size_t rows) {
    // A slice of one block's weights (24 KiB) stays in the first-level cache for all rows.
    enum { slice = 384 };
    const size_t stride = blocks * width16;
    memset(output, 0, rows * stride * sizeof(float));
    for (size_t start = 0; start < depth; start += slice) {
        const size_t length = depth - start < slice ? depth - start : slice;
        for (size_t block = 0; block < blocks; block++) {
            const float *part = weights + (block * depth + start) * width16;
            const float *window = input + start;
            float *target = output + block * width16;
            size_t r = 0;
            for (; r + 6 <= rows; r += 6)
                multiply_block(window + r * input_stride, input_stride, length, part,
                               target + r * stride, stride, 6);
            for (; r < rows; r++)
                multiply_block(window + r * input_stride, input_stride, length, part,
                               target + r * stride, stride, 1);
        }
    }
}

// MARK: Shortening and lengthening time

static void mean_groups(const float *input, size_t rows, size_t width, size_t factor,
                        float *output) {
    const float share = 1.0f / (float)factor;
    for (size_t group = 0; group * factor < rows; group++) {
        const size_t start = group * factor;
        const size_t members = rows - start < factor ? rows - start : factor;
        for (size_t c = 0; c < width; c++) {
            float sum = 0;
            for (size_t i = 0; i < members; i++) sum += input[(start + i) * width + c];
            output[group * width + c] = sum * share;
        }
    }
}

static void add_repeated(float *sum, const float *groups, size_t rows, size_t width,
                         size_t factor) {
    for (size_t r = 0; r < rows; r++) {
        const float *group = groups + r / factor * width;
        for (size_t c = 0; c < width; c++) sum[r * width + c] += group[c];
    }
}

// MARK: Rotary position

static void rotate(float *values, size_t stride, const float *cosines, const float *sines,
                   size_t rows, size_t width) {
    const size_t half = width / 2;
    for (size_t r = 0; r < rows; r++) {
        float *first = values + r * stride, *second = first + half;
        const float *cosine = cosines + r * half, *sine = sines + r * half;
        for (size_t j = 0; j < half; j++) {
            const float a = first[j], b = second[j];
            first[j] = a * cosine[j] - b * sine[j];
            second[j] = b * cosine[j] + a * sine[j];
        }
    }
}

const ck_table CK_TABLE = {
    .layer_norm = layer_norm,
    .add_bias = add_bias,
    .add_to = add_to,
    .softmax = softmax,
    .log_softmax = log_softmax,
    .convolve_samples = convolve_samples,
    .multiply_windows = multiply_windows,
    .mean_groups = mean_groups,
    .add_repeated = add_repeated,
    .rotate = rotate,
};

// Every kernel, once. The including file names its table in CK_TABLE and sets the instruction set.
#include "vector.h"

// MARK: Activations

CK_INLINE f16 logistic(f16 x) { return 1.0f / (1.0f + exponential(-x)); }

CK_INLINE f16 activate(f16 x, ck_activation activation) {
    switch (activation) {
    case ck_activation_gelu:
        return gelu(x);
    case ck_activation_gelu_tanh:
        return 0.5f * x * (1.0f + hyperbolic_tangent(0.79788456f * (x + 0.044715f * x * x * x)));
    case ck_activation_relu:
        return maximum(all(0), x);
    case ck_activation_tanh:
        return hyperbolic_tangent(x);
    case ck_activation_swish:
        return x * logistic(x);
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
    case ck_activation_swish:                                                                      \
        body(ck_activation_swish);                                                                 \
        break;                                                                                     \
    default:                                                                                       \
        body(ck_activation_linear);                                                                \
    }

#include "template_rows.h"
#include "template_attention.h"
#include "template_bytes.h"
#include "template_position.h"

// MARK: Softmax

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

// MARK: The first convolution

/// `count` frames by 16 channels; `count` is a constant, so that the sums stay in registers.
CK_INLINE void convolve_block(const float *samples, const float *weights, size_t padded, f16 bias,
                              float *output, size_t channels, size_t live, size_t kernel,
                              size_t stride, size_t count) {
    f16 sums[8];
    for (size_t f = 0; f < count; f++) sums[f] = bias;
    for (size_t j = 0; j < kernel; j++) {
        const f16 weight = load(weights + j * padded);
        for (size_t f = 0; f < count; f++) sums[f] += samples[f * stride + j] * weight;
    }
    for (size_t f = 0; f < count; f++) store_some(output + f * channels, sums[f], live);
}

static void convolve_samples(const float *samples, const float *weights, const float *bias,
                             float *output, size_t frames, size_t channels, size_t kernel,
                             size_t stride) {
    const size_t padded = (channels + width16 - 1) / width16 * width16;
    for (size_t t = 0; t < frames; t += (frames - t >= 8 ? 8 : 1)) {
        const float *window = samples + t * stride;
        for (size_t c = 0; c < channels; c += width16) {
            float *target = output + t * channels + c;
            if (frames - t >= 8)
                convolve_block(window, weights + c, padded, load(bias + c), target, channels,
                               channels - c, kernel, stride, 8);
            else
                convolve_block(window, weights + c, padded, load(bias + c), target, channels,
                               channels - c, kernel, stride, 1);
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

// MARK: Convolution modules

static void gate(const float *input, size_t stride, size_t rows, size_t width, float *output,
                 size_t output_stride) {
    for (size_t r = 0; r < rows; r++) {
        const float *row = input + r * stride;
        for (size_t c = 0; c < width; c += width16) {
            const size_t left = width - c;
            store_some(output + r * output_stride + c,
                       load_some(row + c, left, 0) * logistic(load_some(row + width + c, left, 0)),
                       left);
        }
    }
}

static void convolve_channels(const float *input, size_t stride, size_t frames, size_t width,
                              const float *weights, size_t kernel, size_t before, size_t first,
                              size_t count, float *output, size_t output_stride) {
    for (size_t t = first; t < first + count; t++) {
        // Taps that stand outside are left out, so that a frame's sum has one order everywhere.
        const size_t from = t < before ? before - t : 0;
        const size_t rest = frames + before - t, end = rest < kernel ? rest : kernel;
        for (size_t c = 0; c < width; c += width16) {
            const size_t left = width - c;
            f16 sum = all(0);
            for (size_t j = from; j < end; j++)
                sum += load_some(input + (t + j - before) * stride + c, left, 0)
                       * load_some(weights + j * width + c, left, 0);
            store_some(output + (t - first) * output_stride + c, sum, left);
        }
    }
}

const ck_table CK_TABLE = {
    .apply_epilogue = apply_epilogue,
    .encode_winograd = encode_winograd,
    .multiply_bytes = multiply_bytes,
    .attention_scratch = attention_scratch,
    .attend = attend,
    .transform_taps = transform_taps,
    .position_scratch = position_scratch,
    .add_position = add_position,
    .convolve_samples = convolve_samples,
    .log_softmax = log_softmax,
    .mean_groups = mean_groups,
    .add_repeated = add_repeated,
    .rotate = rotate,
    .gate = gate,
    .convolve_channels = convolve_channels,
};

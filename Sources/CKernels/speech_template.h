// The network that tells speech from other sound, once for each instruction set. Products are not joined
// with sums, so that all of them give the same bits.
#define CK_SAME_BITS
#include "vector.h"

enum {
    half_length = ck_speech_window / 2,
    positions = ck_speech_positions,
    bins = ck_speech_bins,
    hidden = ck_speech_hidden,
    gates_width = 4 * hidden,
    narrow = ck_speech_narrow,
    batch = ck_speech_batch,
};

/// What a recording can hold; nothing that is no number, and nothing whose square is none.
CK_INLINE float bounded(float sample) {
    if (!(sample == sample)) return 0;
    return fminf(fmaxf(sample, -1e4f), 1e4f);
}

/// Samples of a frame, its context in front, and the mirror image of its end behind them.
static void mirror_end(const float *samples, float *frame) {
    enum { heard = ck_speech_context + ck_speech_frame };
    for (size_t i = 0; i < heard; i++) frame[i] = bounded(samples[i]);
    for (size_t i = 0; i < ck_speech_context; i++) frame[heard + i] = frame[heard - 2 - i];
}

/// The transform of 128 complex numbers in sixteen windows side by side, which come in bit-reversed order.
static void transform(const ck_speech_network *network, f16 *real, f16 *imaginary) {
    for (size_t half = 1; half < half_length; half *= 2) {
        const float *cosines = network->cosines + half - 1, *sines = network->sines + half - 1;
        for (size_t start = 0; start < half_length; start += 2 * half) {
            f16 *re = real + start, *im = imaginary + start;
            for (size_t k = 0; k < half; k++) {
                const f16 x = re[half + k] * cosines[k] - im[half + k] * sines[k];
                const f16 y = re[half + k] * sines[k] + im[half + k] * cosines[k];
                re[half + k] = re[k] - x;
                im[half + k] = im[k] - y;
                re[k] += x;
                im[k] += y;
            }
        }
    }
}

CK_INLINE void store_magnitude(f16 real, f16 imaginary, float *magnitudes, size_t windows) {
    const f16 squares = real * real + imaginary * imaginary;
    float roots[width16];
    for (size_t lane = 0; lane < width16; lane++) roots[lane] = sqrtf(squares[lane]);
    for (size_t lane = 0; lane < windows; lane++) magnitudes[lane * bins] = roots[lane];
}

/// Magnitudes [frames, 4, 129] of the spectra of at most four frames.
static void magnitudes_of(const ck_speech_network *network, const float *samples, size_t frames,
                          float *magnitudes) {
    f16 real[half_length], imaginary[half_length];
    memset(real, 0, sizeof real);
    memset(imaginary, 0, sizeof imaginary);
    for (size_t f = 0; f < frames; f++) {
        float frame[ck_speech_frame + 2 * ck_speech_context];
        mirror_end(samples + f * ck_speech_frame, frame);
        for (size_t p = 0; p < positions; p++) {
            const float *source = frame + p * ck_speech_hop;
            const size_t lane = f * positions + p;
            for (size_t n = 0; n < half_length; n++) {
                // Even samples are real parts, odd ones imaginary: half the transform.
                const size_t place = network->places[n];
                ((float *)&real[place])[lane] = source[2 * n] * network->window[2 * n];
                ((float *)&imaginary[place])[lane] = source[2 * n + 1] * network->window[2 * n + 1];
            }
        }
    }
    transform(network, real, imaginary);

    const float *cosines = network->cosines + half_length - 1;
    const float *sines = network->sines + half_length - 1;
    const size_t windows = frames * positions;
    for (size_t k = 0; k <= half_length / 2; k++) {
        const size_t mirror = (half_length - k) % half_length;
        const f16 even_real = (real[k] + real[mirror]) * 0.5f;
        const f16 even_imaginary = (imaginary[k] - imaginary[mirror]) * 0.5f;
        const f16 odd_real = (imaginary[k] + imaginary[mirror]) * 0.5f;
        const f16 odd_imaginary = (real[mirror] - real[k]) * 0.5f;
        const f16 x = odd_real * cosines[k] - odd_imaginary * sines[k];
        const f16 y = odd_real * sines[k] + odd_imaginary * cosines[k];
        store_magnitude(even_real + x, even_imaginary + y, magnitudes + k, windows);
        store_magnitude(even_real - x, even_imaginary - y, magnitudes + half_length - k, windows);
    }
}

/// `count` rows by 16 columns; `count` is a constant, so that the sums stay in registers.
CK_INLINE void multiply_block(const float *input, size_t stride, const float *weights, size_t depth,
                              f16 bias, bool is_rectified, float *output, size_t output_stride,
                              size_t count) {
    f16 sums[CK_SPEECH_ROWS];
    for (size_t r = 0; r < count; r++) sums[r] = bias;
    for (size_t k = 0; k < depth; k++) {
        const f16 weight = load(weights + k * width16);
        for (size_t r = 0; r < count; r++) sums[r] += input[r * stride + k] * weight;
    }
    for (size_t r = 0; r < count; r++)
        store(output + r * output_stride, is_rectified ? maximum(all(0), sums[r]) : sums[r]);
}

/// output [rows, columns] = bias + input · weights, of the weights `depth` from `first` on.
CK_INLINE void multiply_rows(const ck_speech_layer *layer, size_t first, size_t depth,
                             const float *input, size_t stride, size_t rows, bool is_rectified,
                             float *output, size_t output_stride) {
    for (size_t c = 0; c < layer->columns; c += width16) {
        const float *weights = layer->weights + c * layer->depth + first * width16;
        const f16 bias = load(layer->bias + c);
        size_t r = 0;
        for (; r + CK_SPEECH_ROWS <= rows; r += CK_SPEECH_ROWS)
            multiply_block(input + r * stride, stride, weights, depth, bias, is_rectified,
                           output + r * output_stride + c, output_stride, CK_SPEECH_ROWS);
        for (; r < rows; r++)
            multiply_block(input + r * stride, stride, weights, depth, bias, is_rectified,
                           output + r * output_stride + c, output_stride, 1);
    }
}

static void convolve_position(const ck_speech_layer *layer, size_t first, size_t depth,
                              const float *input, size_t stride, size_t rows, float *output,
                              size_t output_stride) {
    multiply_rows(layer, first, depth, input, stride, rows, true, output, output_stride);
}

static void speech_gates(const ck_speech_network *network, const float *samples, size_t frames,
                         float *scratch, float *gates) {
    float *spectra = scratch;
    float *first = spectra + batch * positions * bins;
    float *second = first + batch * positions * hidden;
    float *third = second + batch * 2 * narrow;
    float *fourth = third + batch * narrow;
    for (size_t start = 0; start < frames; start += batch) {
        const size_t rows = frames - start < batch ? frames - start : batch;
        for (size_t f = 0; f < rows; f += width16 / positions) {
            const size_t together = rows - f < width16 / positions ? rows - f : width16 / positions;
            magnitudes_of(network, samples + (start + f) * ck_speech_frame, together,
                          spectra + f * positions * bins);
        }
        // Three taps each. Zeros stand before the first position and after the last: those taps are left out.
        for (size_t p = 0; p < positions; p++) {
            const size_t skipped = p == 0 ? 1 : 0, taps = p == 0 || p == positions - 1 ? 2 : 3;
            convolve_position(&network->convolutions[0], skipped * bins, taps * bins,
                              spectra + (p + skipped - 1) * bins, positions * bins, rows,
                              first + p * hidden, positions * hidden);
        }
        convolve_position(&network->convolutions[1], hidden, 2 * hidden, first, positions * hidden,
                          rows, second, 2 * narrow);
        convolve_position(&network->convolutions[1], 0, 3 * hidden, first + hidden,
                          positions * hidden, rows, second + narrow, 2 * narrow);
        convolve_position(&network->convolutions[2], narrow, 2 * narrow, second, 2 * narrow, rows,
                          third, narrow);
        convolve_position(&network->convolutions[3], narrow, narrow, third, narrow, rows, fourth,
                          hidden);
        multiply_rows(&network->input, 0, hidden, fourth, hidden, rows, false,
                      gates + start * gates_width, gates_width);
    }
}

CK_INLINE f16 sigmoid(f16 x) { return 1.0f / (1.0f + exponential(-x)); }

static void speech_probabilities(const ck_speech_network *network, const float *gates,
                                 size_t frames, float *state, float *probabilities) {
    enum { together = 4 };
    float *output = state, *cell = state + hidden;
    for (size_t f = 0; f < frames; f++) {
        float sums[gates_width];
        for (size_t c = 0; c < gates_width; c += together * width16) {
            f16 sum[together];
            for (size_t v = 0; v < together; v++)
                sum[v] = load(gates + f * gates_width + c + v * width16);
            for (size_t k = 0; k < hidden; k++)
                for (size_t v = 0; v < together; v++)
                    sum[v] += output[k] * load(network->recurrent + (c + v * width16) * hidden
                                               + k * width16);
            for (size_t v = 0; v < together; v++) store(sums + c + v * width16, sum[v]);
        }
        f16 total = all(0);
        for (size_t j = 0; j < hidden; j += width16) {
            const f16 in = sigmoid(load(sums + j));
            const f16 kept = sigmoid(load(sums + hidden + j));
            const f16 candidate = hyperbolic_tangent(load(sums + 2 * hidden + j));
            const f16 out = sigmoid(load(sums + 3 * hidden + j));
            const f16 next = kept * load(cell + j) + in * candidate;
            const f16 value = out * hyperbolic_tangent(next);
            store(cell + j, next);
            store(output + j, value);
            total += maximum(all(0), value) * load(network->output + j);
        }
        probabilities[f] = sigmoid(all(sum_of_lanes(total) + network->output_bias))[0];
    }
}

const ck_speech_table CK_SPEECH_TABLE = {
    .gates = speech_gates,
    .probabilities = speech_probabilities,
};

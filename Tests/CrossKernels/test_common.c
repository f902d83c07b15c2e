// What every processor computes alike, to the last bit: the speech network, statistics, features of rows, weights in
// narrower numbers, conversions and checksums.
#include "harness.h"

#include <CChecksums.h>
#include <CElementConversion.h>

// MARK: The speech network

/// Angles of a transform, e^(-iπk/h) for 0 ≤ k < h at h - 1 + k, for h = 1, 2, … up to `last`.
static void fill_angles(size_t last, double *cosines, double *sines) {
    for (size_t h = 1; h <= last; h *= 2)
        for (size_t k = 0; k < h; k++) {
            cosines[h - 1 + k] = cos(3.14159265358979323846 * (double)k / (double)h);
            sines[h - 1 + k] = -sin(3.14159265358979323846 * (double)k / (double)h);
        }
}

static float *rounded(const double *values, size_t count) {
    float *result = guarded(count * 4, 0);
    for (size_t i = 0; i < count; i++) result[i] = (float)values[i];
    return result;
}

static ck_speech_network draw_network(void) {
    static const size_t outputs[4] = {128, 64, 64, 128}, inputs[4] = {129, 128, 64, 64};
    double cosines[255], sines[255], window[256];
    fill_angles(128, cosines, sines);
    for (size_t i = 0; i < 256; i++) window[i] = 0.5 - 0.5 * cos(3.14159265358979323846 * (double)i / 128);
    uint8_t *places = guarded(128, 0);
    for (size_t n = 0; n < 128; n++) {
        places[n] = 0;
        for (size_t bit = 0; bit < 7; bit++) places[n] |= (uint8_t)((n >> bit & 1) << (6 - bit));
    }
    ck_speech_network network = {.window = rounded(window, 256), .cosines = rounded(cosines, 255),
                                 .sines = rounded(sines, 255), .places = places};
    for (size_t i = 0; i < 4; i++)
        network.convolutions[i] = (ck_speech_layer){
            .weights = floats(outputs[i] * inputs[i] * 3, 0.1f, 0), .bias = floats(outputs[i], 0.1f, 0),
            .depth = inputs[i] * 3, .columns = outputs[i]};
    network.input = (ck_speech_layer){.weights = floats(512 * 128, 0.2f, 0), .bias = floats(512, 0.1f, 0),
                                      .depth = 128, .columns = 512};
    network.recurrent = floats(512 * 128, 0.2f, 0);
    network.output = floats(128, 0.3f, 0);
    network.output_bias = draw_float(0.1f);
    return network;
}

/// output[columns] = bias + taps · weights, of `depth` weights from `first` on, in double precision.
static void multiply(const ck_speech_layer *layer, size_t first, size_t depth, const double *input,
                     bool is_rectified, double *output) {
    for (size_t c = 0; c < layer->columns; c++) {
        double sum = layer->bias[c];
        for (size_t k = 0; k < depth; k++)
            sum += input[k] * layer->weights[(c / 16 * layer->depth + first + k) * 16 + c % 16];
        output[c] = is_rectified && sum < 0 ? 0 : sum;
    }
}

/// Gates of one frame by the definition.
static void expect_gates(const ck_speech_network *n, const float *samples, double *gates) {
    double frame[640], spectra[4 * 129], first[4 * 128], second[2 * 64], third[64], fourth[128];
    for (size_t i = 0; i < 576; i++) frame[i] = samples[i];
    for (size_t i = 0; i < 64; i++) frame[576 + i] = frame[574 - i];
    for (size_t p = 0; p < 4; p++)
        for (size_t k = 0; k < 129; k++) {
            double real = 0, imaginary = 0;
            for (size_t i = 0; i < 256; i++) {
                const double angle = 3.14159265358979323846 * (double)(k * i % 256) / 128;
                real += frame[p * 128 + i] * n->window[i] * cos(angle);
                imaginary -= frame[p * 128 + i] * n->window[i] * sin(angle);
            }
            spectra[p * 129 + k] = sqrt(real * real + imaginary * imaginary);
        }
    for (size_t p = 0; p < 4; p++) {
        const size_t skipped = p == 0, taps = p == 0 || p == 3 ? 2 : 3;
        multiply(&n->convolutions[0], skipped * 129, taps * 129, spectra + (p + skipped - 1) * 129, true,
                 first + p * 128);
    }
    multiply(&n->convolutions[1], 128, 256, first, true, second);
    multiply(&n->convolutions[1], 0, 384, first + 128, true, second + 64);
    multiply(&n->convolutions[2], 64, 128, second, true, third);
    multiply(&n->convolutions[3], 64, 64, third, true, fourth);
    multiply(&n->input, 0, 128, fourth, false, gates);
}

static double logistic(double x) { return 1 / (1 + exp(-x)); }

/// The probability after one more frame by the definition; `state` is that of doubles.
static double expect_probability(const ck_speech_network *n, const double *gates, double *state) {
    double sums[512], total = n->output_bias;
    for (size_t c = 0; c < 512; c++) {
        sums[c] = gates[c];
        for (size_t k = 0; k < 128; k++) sums[c] += state[k] * n->recurrent[(c / 16 * 128 + k) * 16 + c % 16];
    }
    for (size_t j = 0; j < 128; j++) {
        state[128 + j] = logistic(sums[128 + j]) * state[128 + j]
                         + logistic(sums[j]) * tanh(sums[256 + j]);
        state[j] = logistic(sums[384 + j]) * tanh(state[128 + j]);
        total += fmax(0, state[j]) * n->output[j];
    }
    return logistic(total);
}

void test_speech(void) {
    for (size_t round = 0; round < 3; round++) {
        const ck_speech_network network = draw_network();
        const size_t frames = round == 0 ? 1 : draw_size(17, 40), cut = draw_size(0, frames);
        const float *samples = floats(ck_speech_context + frames * ck_speech_frame, 0.5f, 1);
        float *scratch = guarded(ck_speech_scratch * 4, 0), *found[3];
        for (size_t way = 0; way < 3; way++) {
            // The table on trial whole and in two parts, and the portable one.
            const ck_instruction_set set = way == 2 ? ck_portable : table_set;
            const size_t first = way == 1 ? cut : frames;
            float *gates = guarded(frames * 512 * 4, 1), *state = zeros(256);
            found[way] = guarded(frames * (512 + 1) * 4, 0);
            ck_speech_gates(set, &network, samples, first, scratch, gates);
            ck_speech_gates(set, &network, samples + first * ck_speech_frame, frames - first, scratch,
                            gates + first * 512);
            ck_speech_probabilities(set, &network, gates, first, state, found[way]);
            ck_speech_probabilities(set, &network, gates + first * 512, frames - first, state,
                                    found[way] + first);
            memcpy(found[way] + frames, gates, frames * 512 * 4);
        }
        EXPECT(memcmp(found[0], found[1], frames * 513 * 4) == 0, "speech in two parts");
        EXPECT(memcmp(found[0], found[2], frames * 513 * 4) == 0, "speech by the portable table");
        digest(digest_common, found[0], frames * 513 * 4);
        double gates[512], state[256] = {0};
        for (size_t f = 0; f < frames; f++) {
            expect_gates(&network, samples + f * ck_speech_frame, gates);
            const double worst = largest_difference(found[0] + frames + f * 512, gates, 512);
            EXPECT(worst <= 5e-4, "gates of frame %zu are off by %g", f, worst);
            const double right = expect_probability(&network, gates, state);
            EXPECT(fabs(found[0][f] - right) <= 1e-4, "probability of frame %zu: %g, not %g", f,
                   (double)found[0][f], right);
        }
        release_all();
    }
}

// MARK: Statistics and features

void test_statistics(void) {
    for (size_t round = 0; round < 60; round++) {
        const size_t count = draw_size(round ? 1 : 0, 3000);
        float *samples = floats(count, 0.3f, 1), *output = zeros(count), *centred = zeros(count);
        const float level = round % 3 == 0 ? 1 : round % 3 == 1 ? 0.01f : 0;
        for (size_t i = 0; i < count; i++) samples[i] += level;
        const double mean = ck_mean(samples, count);
        ck_normalize(samples, count, 1e-7f, output);
        ck_center(samples, count, centred);
        double right = 0, variance = 0;
        for (size_t i = 0; i < count; i++) right += samples[i] / (double)count;
        for (size_t i = 0; i < count; i++) variance += (samples[i] - right) * (samples[i] - right) / (double)count;
        EXPECT(fabs(mean - right) < 1e-12, "a mean");
        for (size_t i = 0; i < count; i++) {
            const double difference = samples[i] - right;
            EXPECT(fabs(output[i] - difference / sqrt(variance + (double)1e-7f)) < 1e-5, "a normalized sample");
            EXPECT(fabs(centred[i] - difference) < 1e-7, "a centred sample");
        }
        digest(digest_common, &mean, sizeof mean);
        digest(digest_common, output, count * 4);
        digest(digest_common, centred, count * 4);
        if (count < 60) continue;
        const size_t kernel = draw_size(1, 40), stride = draw_size(1, 7);
        const size_t frames = (count - kernel) / stride + 1;
        double *means = guarded(kernel * 8, 0), *covariance = guarded(kernel * kernel * 8, 0);
        ck_window_moments(samples, frames, kernel, stride, means, covariance);
        for (size_t i = 0; i < kernel; i++)
            for (size_t j = 0; j < kernel; j++) {
                double first = 0, second = 0, product = 0;
                for (size_t t = 0; t < frames; t++) {
                    const double a = samples[t * stride + i], b = samples[t * stride + j];
                    first += a / (double)frames, second += b / (double)frames;
                    product += a * b / (double)frames;
                }
                EXPECT(fabs(means[i] - first) < 1e-12, "the mean of a place");
                EXPECT(fabs(covariance[i * kernel + j] - (product - first * second)) < 1e-11, "a covariance");
            }
        digest(digest_common, means, kernel * 8);
        digest(digest_common, covariance, kernel * kernel * 8);
        EXPECT(ck_all_finite(samples, count), "finite samples");
        const float broken[] = {NAN, INFINITY, -INFINITY};
        for (size_t i = 0; i < 3; i++) {
            samples[draw_size(0, count - 1)] = broken[i];
            EXPECT(!ck_all_finite(samples, count), "a sample that is not finite");
        }
        release_all();
    }
}

static void check_posterior(void) {
    const size_t count = draw_size(1, 200);
    double *numbers = guarded(count * 8, 0), sum = 0, entropy = 0, roots = 0, first = 0, second = 0;
    float *logs = guarded(count * 4, 1);
    for (size_t i = 0; i < count; i++) sum += numbers[i] = exp((double)draw_float(20));
    for (size_t i = 0; i < count; i++) {
        // To steps of 2⁻¹⁰, so that a machine's logarithm leaves no trace in the bits.
        logs[i] = fminf(0, (float)(floor(log(numbers[i] / sum) * 1024) / 1024));
        const double p = exp((double)logs[i]);
        entropy -= p * (double)logs[i];
        roots += exp((double)logs[i] / 3);
        if (p > first) second = first, first = p;
        else if (p > second) second = p;
    }
    const ck_posterior found = ck_frame_posterior(logs, count);
    EXPECT(fabs(found.first - first) < 1e-13 && fabs(found.second - second) < 1e-13, "the best two");
    EXPECT(fabs(found.entropy - entropy) < 1e-12 * (1 + entropy), "an entropy: %g, not %g", found.entropy, entropy);
    const float root_sum = ck_cube_root_sum(logs, count);
    EXPECT(fabs(root_sum - roots) < 1e-6 * (1 + roots), "cube roots: %g, not %g", (double)root_sum, roots);
    digest(digest_common, &found.first, 8);
    digest(digest_common, &found.second, 8);
    digest(digest_common, &found.entropy, 8);
    digest(digest_common, &root_sum, 4);
}

static void check_spectrum(const double *cosines, const double *sines) {
    double weights[512], energy[ck_spectrum_bins] = {0};
    const float *windows = floats(1024, 1, 1);
    for (size_t i = 0; i < 512; i++) weights[i] = (double)draw_float(1);
    ck_add_spectrum(windows, weights, cosines, sines, energy);
    for (size_t k = 0; k < ck_spectrum_bins; k++) {
        double right = 0;
        for (size_t w = 0; w < 2; w++) {
            double real = 0, imaginary = 0;
            for (size_t i = 0; i < 512; i++) {
                const double angle = 3.14159265358979323846 * (double)(k * i % 512) / 256;
                real += windows[w * 512 + i] * weights[i] * cos(angle);
                imaginary += windows[w * 512 + i] * weights[i] * sin(angle);
            }
            right += real * real + imaginary * imaginary;
        }
        EXPECT(fabs(energy[k] - right) < 1e-9 * (1 + right), "energy of bin %zu: %g, not %g", k, energy[k], right);
    }
    digest(digest_common, energy, sizeof energy);
}

void test_features(void) {
    for (size_t round = 0; round < 200; round++) {
        check_posterior();
        release_all();
    }
    double cosines[511], sines[511];
    fill_angles(256, cosines, sines);
    // Steps of 2⁻⁴⁰, so that a machine's cosine leaves no trace in the bits.
    for (size_t i = 0; i < 511; i++) {
        cosines[i] = nearbyint(cosines[i] * 0x1p40) * 0x1p-40;
        sines[i] = nearbyint(sines[i] * 0x1p40) * 0x1p-40;
    }
    for (size_t round = 0; round < 4; round++) check_spectrum(cosines, sines);
    for (size_t round = 0; round < 2000; round++) {
        const double ratio = ldexp(1 + (double)draw_size(0, 1u << 30) * 0x1p-30, (int)draw_size(0, 80) - 40);
        const double found = ck_decibels(ratio), right = 10 * log10(ratio);
        EXPECT(fabs(found - right) <= 1e-14 * (1 + fabs(right)) * 4, "%g in decibels is %g", ratio, found);
        digest(digest_common, &found, 8);
    }
}

// MARK: Weights

void test_weights(void) {
    for (size_t round = 0; round < 60; round++) {
        const size_t columns = draw_size(1, 40), depth = draw_size(1, 200);
        const bool in_pairs = round % 2;
        float *weights = floats(columns * depth, 1, 1);
        // Products that lie between two bytes to a float's precision: where one is joined with a sum, it rounds otherwise.
        for (size_t i = 0; i < columns * depth; i += 3)
            weights[i] = (float)(((double)draw_size(0, 126) + 0.5) / 127);
        for (size_t c = 0; c < columns; c++) weights[c * depth] = 1;
        for (size_t d = 0; columns > 3 && d < depth; d++) weights[3 * depth + d] = 0;
        int8_t *bytes = guarded(columns * depth, 1);
        float *scales = guarded(columns * 4, 1);
        int32_t *sums = guarded(columns * 4, 1);
        ck_quantize_weights(weights, columns, depth, in_pairs, bytes, scales, sums);
        int8_t *packed = guarded(ck_packed_bytes(columns, depth), 0);
        ck_pack_bytes(bytes, columns, depth, packed);
        for (size_t c = 0; c < columns; c++) {
            int32_t sum = 0, reach = 0;
            for (size_t d = 0; d < depth; d++) {
                const int8_t byte = bytes[c * depth + d];
                sum += byte;
                EXPECT(byte >= -127, "weights are never −128");
                EXPECT(fabsf((float)byte * scales[c] - weights[c * depth + d]) <= 0.5001f * scales[c], "a weight");
                EXPECT(packed[c / 16 * 16 * ((depth + 3) / 4 * 4) + (d / 4 * 16 + c % 16) * 4 + d % 4] == byte, "a packed byte");
                reach = abs(byte) > reach ? abs(byte) : reach;
                if (!in_pairs || d % 2 == 0) continue;
                const int before = bytes[c * depth + d - 1];
                if ((before > 0) == (byte > 0) && abs(before + byte) > reach) reach = abs(before + byte);
            }
            EXPECT(sums[c] == sum, "the sum of a column");
            EXPECT(c == 3 && columns > 3 ? reach == 0 : reach >= 126 && reach <= (in_pairs ? 128 : 127), "the reach of a column: %d", reach);
        }
        digest(digest_common, bytes, columns * depth);
        digest(digest_common, scales, columns * 4);
        digest(digest_common, packed, ck_packed_bytes(columns, depth));
        release_all();
    }
}

// MARK: Conversions and checksums

static double value_of_half(uint16_t half) {
    const int exponent = half >> 10 & 31, fraction = half & 1023;
    const double size = exponent == 31 ? (fraction ? NAN : INFINITY)
                        : exponent     ? ldexp(1024 + fraction, exponent - 25)
                                       : ldexp(fraction, -24);
    return half & 0x8000 ? -size : size;
}

void test_conversions(void) {
    // Denormal halves too, though this thread flushes what is denormal.
    uint8_t *bytes = guarded(65536 * 2 + 1, 0);
    float *output = guarded(65536 * 4, 1);
    for (size_t i = 0; i < 65536; i++) {
        const uint16_t half = (uint16_t)i;
        memcpy(bytes + 1 + 2 * i, &half, 2);
    }
    EXPECT(!scriptorium_floats_from_float16(bytes + 1, output, 65536), "halves that are not finite");
    for (size_t i = 0; i < 65536; i++) {
        const double right = value_of_half((uint16_t)i);
        EXPECT(isnan(right) ? isnan(output[i]) : (double)output[i] == right, "half %04zx", i);
        const uint16_t half = (uint16_t)i;
        EXPECT(scriptorium_float16_are_finite(&half, 1) == !!isfinite(right), "whether half %04zx is finite", i);
        EXPECT(scriptorium_bfloat16_are_finite(&half, 1) == ((i & 0x7F80) != 0x7F80), "bfloat16 %04zx", i);
    }
    digest(digest_common, output, 65536 * 4);
    EXPECT(!scriptorium_floats_from_bfloat16(bytes + 1, output, 65536), "bfloat16 that is not finite");
    for (size_t i = 0; i < 65536; i++) {
        uint32_t bits;
        memcpy(&bits, output + i, 4);
        EXPECT(bits == (uint32_t)i << 16, "bfloat16 %04zx", i);
    }
    for (size_t round = 0; round < 300; round++) {
        const size_t count = draw_size(0, 70), offset = draw_size(0, 7);
        uint8_t *source = guarded(offset + 8 * count, 0);
        for (size_t i = 0; i < offset + 8 * count; i++) source[i] = (uint8_t)draw();
        float *floats_of = guarded(count * 4, 0), *same = guarded(count * 4, 0);
        bool are_finite = true, are_finite_floats = true;
        for (size_t i = 0; i < count; i++) {
            double value;
            float single;
            memcpy(&value, source + offset + 8 * i, 8);
            memcpy(&single, source + offset + 4 * i, 4);
            are_finite &= isfinite((float)value) != 0;
            are_finite_floats &= isfinite(single) != 0;
        }
        EXPECT(scriptorium_floats_from_float64(source + offset, floats_of, count) == are_finite, "doubles");
        EXPECT(scriptorium_float64_are_finite(source + offset, count) == are_finite, "doubles are finite");
        for (size_t i = 0; i < count; i++) {
            double value;
            memcpy(&value, source + offset + 8 * i, 8);
            EXPECT(isnan(value) ? isnan(floats_of[i]) : floats_of[i] == (float)value, "a double");
        }
        EXPECT(scriptorium_floats_from_float32(source + offset, same, count) == are_finite_floats, "floats");
        EXPECT(scriptorium_float32_are_finite(source + offset, count) == are_finite_floats, "floats are finite");
        EXPECT(memcmp(same, source + offset, count * 4) == 0, "floats are kept");
        // Any number of bytes, since eight at a time and the rest are read by two instructions.
        const size_t bytes_read = count ? 8 * count - draw_size(0, 7) : 0;
        const uint32_t sum = scriptorium_crc32c(7, source + offset, bytes_read);
        EXPECT(sum == scriptorium_crc32c_portable(7, source + offset, bytes_read),
               "CRC-32C of %zu bytes by instruction and by table", bytes_read);
        digest(digest_common, &sum, 4);
        release_all();
    }
    // RFC 3720, appendix B.4: 32 bytes of zeros, and 0 to 31.
    uint8_t known[32] = {0};
    EXPECT(scriptorium_crc32c(0, known, 32) == 0x8A9136AAu, "CRC-32C of zeros");
    for (int i = 0; i < 32; i++) known[i] = (uint8_t)i;
    EXPECT(scriptorium_crc32c(0, known, 32) == 0x46DD794Eu, "CRC-32C of 0 to 31");
}

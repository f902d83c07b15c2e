// Everything that surrounds the matrix multiplications, as tables of functions: one table for each
// instruction set, all compiled from kernels_template.h.
//
// Conventions: all arrays are row-major float32 without alignment demands. A result depends on the
// values of its own row only, never on the row's position, its neighbours or addresses.
#pragma once

#include <stddef.h>
#include <stdbool.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

/// What a kernel does to each value before storing it.
typedef enum {
    ck_activation_linear = 0,
    /// 0.5 x (1 + erf(x / √2)).
    ck_activation_gelu = 1,
    /// 0.5 x (1 + tanh(√(2/π) (x + 0.044715 x³))).
    ck_activation_gelu_tanh = 2,
    ck_activation_relu = 3,
    ck_activation_tanh = 4,
    /// x · σ(x).
    ck_activation_swish = 5,
} ck_activation;

/// Instruction sets: that of any processor, those of x86, those of AArch64, each family narrowest first.
typedef enum {
    ck_portable = 0,
    /// AVX2 with FMA.
    ck_avx2 = 1,
    /// AVX-512 F, DQ, BW and VL.
    ck_avx512 = 2,
    /// The same with BF16 and VNNI, for precisions below float32.
    ck_avx512_narrow = 3,
    /// Advanced SIMD of AArch64.
    ck_neon = 4,
    /// The same with sums of four products of bytes (FEAT_DotProd); floats and sums are ck_neon's, bit for bit.
    ck_neon_dot = 5,
    /// The same with BF16 and I8MM; all but bfloat16 is ck_neon's, bit for bit.
    ck_neon_narrow = 6,
    /// AVX2 with sums of four products of bytes (AVX-VNNI); all else is ck_avx2's, bit for bit.
    ck_avx2_vnni = 7,
    /// The same for processors that have these sums among AVX-512's instructions alone; the same bits.
    ck_avx2_vnni_evex = 8,
    /// The same as ck_avx512_narrow with tiles that are multiplied whole (AMX), of bfloat16 and bytes; all but
    /// attention in bfloat16 is ck_avx512_narrow's, bit for bit.
    ck_amx = 9,
} ck_instruction_set;

/// How tiles are configured (Intel, Architecture Instruction Set Extensions, chapter 3).
typedef struct {
    uint8_t palette, start_row, reserved[14];
    uint16_t row_bytes[16];
    uint8_t rows[16];
} ck_tile_configuration;

/// How the operands of matrix multiplications store numbers.
typedef enum {
    ck_float32 = 0,
    /// The upper half of a float.
    ck_bfloat16 = 1,
    /// Unsigned bytes with a scale and a zero of each row: value = scale · (byte − zero).
    ck_uint8 = 2,
} ck_element_type;

/// Rows as the next multiplication takes them.
typedef struct {
    ck_element_type element_type;
    /// Rows `stride` elements apart; null where there is no operand.
    void *_Nullable values;
    size_t stride;
    /// Of each row, for bytes.
    float *_Nullable scales;
    int32_t *_Nullable zeros;
} ck_operand;

/// Rows that a multiplication gave: floats, or 32-bit sums of bytes and what turns them into floats.
typedef struct {
    void *values;
    size_t stride;
    /// Of the operand's rows.
    const float *_Nullable row_scales;
    const int32_t *_Nullable row_zeros;
    /// Scale and sum of each column of weights; null where the values are floats.
    const float *_Nullable column_scales;
    const int32_t *_Nullable column_sums;
} ck_product;

enum { ck_products_max = 5 };

/// What becomes of a product's rows before the next multiplication.
typedef struct {
    /// Added up, at most three. Without `output` the rows of the first may be overwritten; without `encoded` too they are the result.
    ck_product products[ck_products_max];
    size_t product_count;
    /// The products are m0…m3, a row a tile, and p, a row an output: rows 3u, 3u + 1 and 3u + 2 are
    /// m0 + m1 + m2, m1 − m2 and m1 + m2 + m3 of row u, each plus its p. Needs `output`.
    bool is_winograd;
    const float *_Nullable bias;
    /// Added to each row.
    const float *_Nullable residual;
    size_t residual_stride;
    /// Layer norm of the sum, where `gamma` is not null; then gamma and beta by column.
    const float *_Nullable gamma;
    const float *_Nullable beta;
    float epsilon;
    /// `output` gets the sum before norm and activation, `encoded` what comes after.
    bool keeps_unnormed;
    ck_activation activation;
    /// Where floats go; may be the residual itself.
    float *_Nullable output;
    size_t output_stride;
    ck_operand encoded;
} ck_epilogue;

/// Input rows of a convolution of three taps and stride two that is computed by Winograd's F(3, 2).
typedef struct {
    /// Six for each tile of three outputs and one more: e0 o0 e1 o1 e2 o2, and the next e0, e3.
    const float *rows;
    size_t stride;
    /// Rows that there are; zeros follow.
    size_t count;
    /// e0 − e2, e1 + e2, e2 − e1, e3 − e1, and three rows for each: o0, o1, o2.
    ck_operand encoded[5];
} ck_winograd;

/// One head of attention within one utterance.
typedef struct {
    /// Floats or bfloat16, for the first three.
    ck_element_type element_type;
    /// Rows `stride` elements apart, `width` elements each; queries are already scaled.
    const void *query, *key, *value;
    size_t stride, width;
    size_t queries;
    /// Keys to look at.
    size_t keys;
    /// Weighted means of the values, floats.
    float *context;
    size_t context_stride;
    /// The frame of the first query; distances are a key's frame less a query's.
    size_t first_query;
    /// Added to scores, times the query's gate: at the pointer stands distance 0. May be null.
    const float *_Nullable distance_bias;
    const float *_Nullable gates;
    /// Vectors of distances, the first one's and those after it, `position_stride` elements apart; those
    /// beyond either end are the end's. Their products with the rows of `position_query`, which lie as those
    /// of `query` do, are added to scores. May be null.
    const void *_Nullable positions;
    const void *_Nullable position_query;
    size_t position_stride, position_count;
    ptrdiff_t first_distance;
} ck_attention;

/// Lengths and angles of a discrete Fourier transform.
typedef struct {
    /// A power of two.
    size_t length;
    /// Taps of the convolution.
    size_t kernel;
    /// Of 2πi / length, i < length / 2.
    const float *cosines, *sines;
    /// Where each frequency lies after the forward transform.
    const uint32_t *places;
} ck_spectrum;

/// A convolution over time within two groups of channels, added to its own input or in its place.
typedef struct {
    const ck_spectrum *plan;
    /// First frame and channel of each group; the second may be null. Rows `stride` floats apart.
    float *_Nullable hidden[2];
    size_t stride, frames;
    /// Channels of a group.
    size_t width;
    /// What ``transform_taps`` makes: [length / 2 + 1][inputs][2][outputs rounded up to 16].
    const float *_Nullable weights[2];
    const float *_Nullable bias[2];
    ck_activation activation;
    /// The result takes the input's place and is not added to it.
    bool replaces;
} ck_position;

/// Weights as ``ck_pack_bytes`` leaves them.
typedef struct {
    const int8_t *weights;
    size_t columns, depth;
} ck_byte_product;

typedef struct {
    /// Sums, norm, activation and encoding of `rows` rows of `width` values.
    void (*apply_epilogue)(const ck_epilogue *epilogue, size_t rows, size_t width);

    /// What a Winograd convolution multiplies. `scratch`: `width` floats.
    void (*encode_winograd)(const ck_winograd *winograd, size_t count, size_t width, float *scratch);

    /// output [rows, columns] = input · weightsᵀ in 32 bits. Weights are quantized for pairs.
    void (*multiply_bytes)(const ck_byte_product *product, const uint8_t *input,
                           size_t input_stride, size_t rows, int32_t *output);

    /// Bytes that ``attend`` needs beside its arguments, 64-byte aligned.
    size_t (*attention_scratch)(ck_element_type type, size_t keys, size_t width, size_t positions);

    /// context = softmax(query · keyᵀ + what distances add) · value.
    void (*attend)(const ck_attention *attention, void *scratch);

    /// Two inputs' conjugate spectra over 4 · length from taps [length][lanes], zero beyond the kernel,
    /// which are overwritten. Each spectrum: frequency f at f · stride, real before imaginary lanes.
    void (*transform_taps)(const ck_spectrum *plan, float *first_taps, float *second_taps,
                           size_t lanes, float *first, float *second, size_t stride);

    /// Bytes that ``add_position`` needs beside its arguments.
    size_t (*position_scratch)(const ck_spectrum *plan, size_t frames, size_t width);

    /// hidden = hidden + activation(convolution(hidden) + bias), or the second term alone. Frame t sees
    /// frames from t − kernel / 2 on; zeros stand outside the utterance.
    void (*add_position)(const ck_position *position, void *scratch);

    /// Log-softmax of each row, in place.
    void (*log_softmax)(float *values, size_t rows, size_t width);

    /// Convolves mono samples: output[t][c] = bias[c] + Σ_j samples[t·stride + j] · weights[j][c].
    ///
    /// weights: kernel x padded, bias: padded, where padded is `channels` rounded up to 16.
    /// output: frames x channels.
    void (*convolve_samples)(const float *samples, const float *weights, const float *bias,
                             float *output, size_t frames, size_t channels, size_t kernel,
                             size_t stride);

    /// output[j] = (Σ_{i<factor} input[j·factor + i]) / factor, where input ends after `rows` rows
    /// and continues with zeros. output: ceil(rows / factor) x width.
    void (*mean_groups)(const float *input, size_t rows, size_t width, size_t factor,
                        float *output);

    /// sum[r] = sum[r] + groups[r / factor].
    void (*add_repeated)(float *sum, const float *groups, size_t rows, size_t width,
                         size_t factor);

    /// Rotates each row: with the row split into halves a and b, a' = a∘cos − b∘sin and
    /// b' = b∘cos + a∘sin. cosines, sines: rows x width/2. In place.
    void (*rotate)(float *values, size_t stride, const float *cosines, const float *sines,
                   size_t rows, size_t width);

    /// output[r][c] = input[r][c] · σ(input[r][width + c]), c < width.
    void (*gate)(const float *input, size_t stride, size_t rows, size_t width, float *output,
                 size_t output_stride);

    /// Convolves each channel over time: output[t] = Σ_j input[t + j − before] ∘ weights[j], zeros standing
    /// outside the `frames` rows, for `count` frames from `first` on, which go to the front of `output`.
    ///
    /// weights: kernel x width.
    void (*convolve_channels)(const float *input, size_t stride, size_t frames, size_t width,
                              const float *weights, size_t kernel, size_t before, size_t first,
                              size_t count, float *output, size_t output_stride);
} ck_table;

/// The table of `set`. Ask `ck_can_run` first.
const ck_table *ck_kernels(ck_instruction_set set);

/// Whether this processor and its operating system run `set`. Of tiles Linux is asked for the process's right to them.
bool ck_can_run(ck_instruction_set set);

/// Makes the calling thread treat denormal floats as zero, in operands and results.
void ck_prepare_thread(void);

// What follows is computed in double precision and fixed order, equally on every instruction set.

/// The mean of `count` samples.
double ck_mean(const float *samples, size_t count);

/// output = (samples − mean) / √(biased variance + epsilon).
void ck_normalize(const float *samples, size_t count, float epsilon, float *output);

/// output = samples − mean, so that sums of products over them do not cancel.
void ck_center(const float *samples, size_t count, float *output);

/// Mean and biased covariance of the windows samples[t·stride ..< t·stride + kernel], t < frames.
///
/// mean: kernel, covariance: kernel x kernel. Kernel at most `ck_window_max`.
void ck_window_moments(const float *samples, size_t frames, size_t kernel, size_t stride,
                       double *mean, double *covariance);

/// The longest window whose moments can be taken.
enum { ck_window_max = 400 };

/// Floats to bfloat16, to nearest even.
void ck_to_bfloat16(const float *values, size_t count, uint16_t *output);

/// Weights [columns, depth] to signed bytes: each column gets the scale that takes its largest
/// magnitude to 127, and the sum of its bytes.
///
/// With `for_pairs` the scale is that of the largest magnitude, or of the largest sum of what has the same
/// sign in a pair (bytes 2i and 2i + 1) if that is more. The products of a pair with any two unsigned
/// bytes then add up within 16 bits: 255 · 128 < 2¹⁵.
void ck_quantize_weights(const float *weights, size_t columns, size_t depth, bool for_pairs,
                         int8_t *output, float *scales, int32_t *sums);

/// Bytes that ``ck_pack_bytes`` fills.
size_t ck_packed_bytes(size_t columns, size_t depth);

/// Bytes [columns, depth] as [columns / 16][depth / 4][16 columns][4], both rounded up, zeros where
/// nothing is. `packed`: 64-byte aligned.
void ck_pack_bytes(const int8_t *bytes, size_t columns, size_t depth, int8_t *packed);

/// Σ e^(x/3) over `count` natural logarithms of probabilities, which are 0 at most: the sum of the cube
/// roots of the probabilities. The same bits on every processor.
float ck_cube_root_sum(const float *log_probabilities, size_t count);

/// What one frame's probabilities are like.
typedef struct {
    /// The highest probability and the one after it.
    double first, second;
    /// Σ −p ln p, in nats.
    double entropy;
} ck_posterior;

/// Of `count` natural logarithms of probabilities, which are 0 at most. The same bits on every processor.
ck_posterior ck_frame_posterior(const float *log_probabilities, size_t count);

/// 10 · log₁₀(ratio) of a positive number. The same bits on every processor.
double ck_decibels(double ratio);

enum { ck_spectrum_samples = 512, ck_spectrum_bins = ck_spectrum_samples / 2 + 1 };

/// Adds the energies of two windows to `energy`, bin by bin. The same bits on every processor.
///
/// windows: 2 × 512 samples. weights: 512, of each window's samples. cosines, sines: e^(-iπk/h) for
/// 0 ≤ k < h at h - 1 + k, for h = 1, 2, 4, …, 256. energy: 257 bins, |X[k]|².
void ck_add_spectrum(const float *windows, const double *weights, const double *cosines,
                     const double *sines, double *energy);

/// Whether every value is finite.
bool ck_all_finite(const float *values, size_t count);

// MARK: Telling speech from other sound

enum {
    /// Samples at 16 kHz that get one probability, and those before them that are heard again.
    ck_speech_frame = 512,
    ck_speech_context = 64,
    /// Windows of a spectrum, their distance, and how many a frame has.
    ck_speech_window = 256,
    ck_speech_hop = 128,
    ck_speech_positions = 4,
    ck_speech_bins = ck_speech_window / 2 + 1,
    /// Channels of the first and last convolution and of the state, and of those between.
    ck_speech_hidden = 128,
    ck_speech_narrow = 64,
    /// Frames whose layers are computed together; their number shows in no result.
    ck_speech_batch = 16,
    /// Floats that ``ck_speech_gates`` needs beside its arguments.
    ck_speech_scratch = ck_speech_batch
                        * (ck_speech_positions * (ck_speech_bins + ck_speech_hidden)
                           + 3 * ck_speech_narrow + ck_speech_hidden),
};

/// A product of a row with weights [columns / 16][depth][16].
typedef struct {
    const float *weights;
    const float *bias;
    size_t depth, columns;
} ck_speech_layer;

/// Weights of Silero's network for 16 kHz.
typedef struct {
    /// 256, of each window's samples.
    const float *window;
    /// e^(-iπk/h) for 0 ≤ k < h at h - 1 + k, for h = 1, 2, 4, …, 128.
    const float *cosines, *sines;
    /// The bits of n < 128 in reverse.
    const uint8_t *places;
    /// Three taps each, a tap's inputs one after another.
    ck_speech_layer convolutions[4];
    /// Gates of the recurrent layer, input, forget, candidate and output: of its input, and [512 / 16][128][16] of its state.
    ck_speech_layer input;
    const float *recurrent;
    /// 128.
    const float *output;
    float output_bias;
} ck_speech_network;

/// What each frame says to the recurrent layer: gates [frames, 512].
///
/// samples: 64 before the first frame, and 512 a frame. The same bits on every instruction set.
void ck_speech_gates(ck_instruction_set set, const ck_speech_network *network, const float *samples,
                     size_t frames, float *scratch, float *gates);

/// The probability of speech in each frame. `state`: 256 floats, zeros before the first frame of a
/// recording. The same bits on every instruction set.
void ck_speech_probabilities(ck_instruction_set set, const ck_speech_network *network,
                             const float *gates, size_t frames, float *state, float *probabilities);

#pragma clang assume_nonnull end

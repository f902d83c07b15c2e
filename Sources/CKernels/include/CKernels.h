// Everything that surrounds the matrix multiplications, as tables of functions: one table for each
// instruction set, all compiled from kernels_template.h.
//
// Conventions: all arrays are row-major float32 without alignment demands. A result depends on the
// values of its own row only, never on the row's position, its neighbours or addresses.
#pragma once

#include <stddef.h>
#include <stdbool.h>

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
} ck_activation;

/// Instruction sets, narrowest first.
typedef enum {
    ck_portable = 0,
    /// AVX2 with FMA.
    ck_avx2 = 1,
    /// AVX-512 F, DQ, BW and VL.
    ck_avx512 = 2,
} ck_instruction_set;

typedef struct {
    /// output = activation(layer norm of each row · gain + bias). May work in place.
    void (*layer_norm)(const float *input, const float *gain, const float *bias, float *output,
                       size_t rows, size_t width, float epsilon, ck_activation activation);

    /// values = activation(values + bias), in place; a null bias is zero.
    void (*add_bias)(float *values, size_t stride, const float *_Nullable bias, size_t rows,
                     size_t width, ck_activation activation);

    /// sum = sum + activation(values + bias); a null bias is zero.
    void (*add_to)(float *sum, size_t sum_stride, const float *values, size_t values_stride,
                   const float *_Nullable bias, size_t rows, size_t width,
                   ck_activation activation);

    /// Softmax over the first `valid` values of each row, in place; the rest up to `width` become 0.
    void (*softmax)(float *values, size_t stride, size_t rows, size_t width, size_t valid);

    /// Log-softmax of each row, in place.
    void (*log_softmax)(float *values, size_t rows, size_t width);

    /// Convolves mono samples: output[t][c] = activation(shift[c] + Σ_j samples[t·stride + j] ·
    /// weights[j][c]).
    ///
    /// weights: kernel x padded, shift: padded, where padded is `channels` rounded up to 16.
    /// output: frames x channels.
    void (*convolve_samples)(const float *samples, const float *weights, const float *shift,
                             float *output, size_t frames, size_t channels, size_t kernel,
                             size_t stride, ck_activation activation);

    /// output[r][o] = Σ_p input[r·input_stride + p] · weights[o / 16][p][o % 16], where rows of
    /// input may overlap (input_stride < depth).
    ///
    /// weights: blocks x depth x 16; output: rows x 16·blocks.
    void (*multiply_windows)(const float *input, size_t input_stride, size_t depth,
                             const float *weights, size_t blocks, float *output, size_t rows);

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
} ck_table;

/// The table of `set`. Ask `ck_can_run` first.
const ck_table *ck_kernels(ck_instruction_set set);

/// Whether this processor and its operating system run `set`.
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

/// Whether every value is finite.
bool ck_all_finite(const float *values, size_t count);

#pragma clang assume_nonnull end

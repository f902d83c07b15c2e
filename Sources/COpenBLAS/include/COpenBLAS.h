// OpenBLAS, loaded at run time, because the library reads OPENBLAS_CORETYPE when it is
// loaded and would pick its kernels before `main` if it were linked.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#pragma clang assume_nonnull begin

/// Loads the library once for the whole process, with one thread and the kernels of `core_type`
/// (a user's own OPENBLAS_CORETYPE holds over it; null leaves the choice to the library).
///
/// Call it before other threads read the environment, and not from two threads at once.
/// Returns null when the library is ready, else what is wrong and what would help.
const char *_Nullable openblas_loader_open(const char *_Nullable core_type);

/// The library's description of itself, for example `OpenBLAS 0.3.21 … Haswell MAX_THREADS=64`.
/// Empty before `openblas_loader_open` succeeded.
const char *openblas_loader_configuration(void);

/// The library's name for the kernels it chose, for example `Haswell`; empty before it is open.
const char *openblas_loader_core(void);

/// output = input × weightsᵀ.
///
/// input: rows x depth, rows `input_stride` floats apart. weights: columns x depth, as linear layers
/// store them. output: rows x columns, rows `output_stride` floats apart.
void openblas_loader_multiply(size_t rows, size_t columns, size_t depth, const float *input,
                            size_t input_stride, const float *weights, float *output,
                            size_t output_stride);

#pragma clang assume_nonnull end

// Stored weights to float32: the loops that must be fast in debug builds too.
//
// `source` is little-endian and need not be aligned. Each function writes `count` floats (or, where
// there is no destination, only looks) and returns whether all of them are finite.
#pragma once

#include <stdbool.h>
#include <stddef.h>

bool scriptorium_floats_from_float32(const void *source, float *destination, size_t count);
bool scriptorium_floats_from_float16(const void *source, float *destination, size_t count);
bool scriptorium_floats_from_bfloat16(const void *source, float *destination, size_t count);
/// A double beyond the range of float32 counts as infinite.
bool scriptorium_floats_from_float64(const void *source, float *destination, size_t count);

bool scriptorium_float32_are_finite(const void *source, size_t count);
bool scriptorium_float16_are_finite(const void *source, size_t count);
bool scriptorium_bfloat16_are_finite(const void *source, size_t count);
bool scriptorium_float64_are_finite(const void *source, size_t count);

// The loader of oneDNN: matrix products with weights packed once, in three precisions.
//
// The library is loaded at run time, so that an executable built with its headers also runs where it
// is missing, and built without them says so. Headers of 2.x and of 3.x both do; the library must have
// the same major version.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#pragma clang assume_nonnull begin

/// What is multiplied, and what comes out.
typedef enum {
    /// float32 by float32 to float32.
    onednn_fp32 = 0,
    /// bfloat16 by bfloat16, summed in float32, to float32.
    onednn_bf16 = 1,
    /// Unsigned by signed 8-bit integers, to 32-bit integers.
    onednn_int8 = 2,
} onednn_precision;

/// The instruction sets that the library is held to, so that equal classes give equal bits.
typedef enum {
    onednn_isa_any = 0,
    onednn_isa_avx2 = 1,
    /// AVX-512 F, DQ, BW, VL, and what the precision needs on top: BF16 or VNNI.
    onednn_isa_avx512 = 2,
    /// The same with AMX: tiles of bfloat16 and bytes.
    onednn_isa_amx = 3,
} onednn_isa;

/// Loads the library once for the whole process.
///
/// Returns null when it is ready, else what is wrong and what would help. Not from two threads at once.
const char *_Nullable onednn_loader_open(onednn_precision precision, onednn_isa isa);

/// Version of the library, `major << 16 | minor`; 0 before it is open.
unsigned onednn_loader_version(void);

/// Keeps the library's own threads from the calling thread: a product is computed where it is called.
void onednn_loader_prepare_thread(void);

/// A matrix product of fixed extents: output = input × weightsᵀ.
typedef struct onednn_product onednn_product;

typedef struct {
    onednn_precision precision;
    size_t rows, depth, columns;
    /// Elements from one row to the next.
    size_t input_stride, output_stride;
} onednn_shape;

/// Null if the library cannot do it; `problem` then says why.
onednn_product *_Nullable onednn_product_make(onednn_shape shape,
                                              const char *_Nullable *_Nonnull problem);
void onednn_product_free(onednn_product *_Nullable product);

/// Bytes of packed weights, and of scratch memory that a thread brings to a call.
size_t onednn_product_packed_bytes(const onednn_product *product);
size_t onednn_product_scratch_bytes(const onednn_product *product);

/// Whether weights packed for one product serve the other.
bool onednn_product_packs_like(const onednn_product *product, const onednn_product *other);

/// Packs weights [columns, depth], in the precision's own type, into `packed` (64-byte aligned).
/// False if the library failed.
bool onednn_product_pack(const onednn_product *product, const void *weights, void *packed);

/// Computes one tile. Threads may share a product, not `scratch`. False if the library failed.
bool onednn_product_run(const onednn_product *product, const void *input, const void *packed,
                        void *output, void *_Nullable scratch);

#pragma clang assume_nonnull end

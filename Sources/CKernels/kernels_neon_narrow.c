// The table for Advanced SIMD with bfloat16 (FEAT_BF16) and products of bytes of unlike signs (FEAT_I8MM).
#include "kernel_tables.h"

#if defined(__aarch64__)
#pragma clang attribute push(__attribute__((target("dotprod,bf16,i8mm"))), apply_to = function)
#define CK_TABLE ck_table_neon_narrow
#define CK_HAS_NEON
#define CK_HAS_NEON_BFLOAT16
#define CK_HAS_MIXED_DOT
#define CK_BLOCK_VECTORS 1
#include "kernels_template.h"
#pragma clang attribute pop
#endif

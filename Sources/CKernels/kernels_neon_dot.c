// The table for Advanced SIMD with sums of four products of bytes (FEAT_DotProd).
#include "kernel_tables.h"

#if defined(__aarch64__)
#pragma clang attribute push(__attribute__((target("dotprod"))), apply_to = function)
#define CK_TABLE ck_table_neon_dot
#define CK_HAS_NEON
#define CK_HAS_SIGNED_DOT
#define CK_BLOCK_VECTORS 1
#include "kernels_template.h"
#pragma clang attribute pop
#endif

// The table for AVX2 with FMA.
#include "kernel_tables.h"

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#define CK_TABLE ck_table_avx2
#define CK_HAS_BYTE_PAIRS
#define CK_BLOCK_VECTORS 1
#include "kernels_template.h"
#pragma clang attribute pop
#endif

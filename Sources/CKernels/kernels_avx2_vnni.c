// The table for AVX2 with FMA and sums of four products of bytes (AVX-VNNI).
#include "kernel_tables.h"

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2,fma,avxvnni"))), apply_to = function)
#define CK_TABLE ck_table_avx2_vnni
#define CK_HAS_BYTE_FOURS
#define CK_ADD_BYTE_FOURS _mm256_dpbusd_avx_epi32
#define CK_BLOCK_VECTORS 1
#include "kernels_template.h"
#pragma clang attribute pop
#endif

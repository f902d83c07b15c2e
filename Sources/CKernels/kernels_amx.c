// The table for AVX-512 with BF16 and tiles that are multiplied whole (AMX): attention in bfloat16 uses them.
#include "kernel_tables.h"

#if defined(__x86_64__)
#pragma clang attribute push(                                                                      \
    __attribute__((target(                                                                         \
        "avx2,fma,avx512f,avx512dq,avx512bw,avx512vl,avx512bf16,amx-tile,amx-bf16"))),             \
    apply_to = function)
#define CK_TABLE ck_table_amx
#define CK_HAS_PERMUTES
#define CK_HAS_BFLOAT16
#define CK_HAS_BYTE_PAIRS
#define CK_HAS_TILES
#define CK_BLOCK_VECTORS 4
#include "kernels_template.h"
#pragma clang attribute pop
#endif

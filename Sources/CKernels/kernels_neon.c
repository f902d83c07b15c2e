// The table for AArch64's Advanced SIMD, which every such processor has.
#include "kernel_tables.h"

#if defined(__aarch64__)
#define CK_TABLE ck_table_neon
#define CK_HAS_NEON
#define CK_BLOCK_VECTORS 1
#include "kernels_template.h"
#endif

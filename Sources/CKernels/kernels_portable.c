// The table for any processor: the template without an instruction set beyond the compiler's default.
#include "kernel_tables.h"

#define CK_TABLE ck_table_portable
#define CK_BLOCK_VECTORS 1
#include "kernels_template.h"

// How fast a processor multiplies when nothing stands in its way.
#pragma once

#include <CKernels.h>

/// Multiplies values of `type` with the widest instruction of `set` and adds the products up, in registers
/// or tiles alone. Gives the operations done, two for each product; the caller measures the time.
double ck_multiply_in_registers(ck_instruction_set set, ck_element_type type, size_t rounds);

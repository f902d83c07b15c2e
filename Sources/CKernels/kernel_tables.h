// The tables that the template makes, one for each instruction set.
#pragma once

#include "CKernels.h"

// Here, so that they are read before an instruction set is chosen.
#include <math.h>
#include <string.h>
#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

extern const ck_table ck_table_portable;
extern const ck_table ck_table_avx2;
extern const ck_table ck_table_avx2_vnni;
extern const ck_table ck_table_avx2_vnni_evex;
extern const ck_table ck_table_avx512;
extern const ck_table ck_table_avx512_narrow;
extern const ck_table ck_table_amx;
extern const ck_table ck_table_neon;
extern const ck_table ck_table_neon_dot;
extern const ck_table ck_table_neon_narrow;

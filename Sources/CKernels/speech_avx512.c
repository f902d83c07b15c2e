// The speech network on AVX-512.
#include "speech_tables.h"

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2,avx512f,avx512dq,avx512bw,avx512vl"))), \
                             apply_to = function)
#define CK_SPEECH_TABLE ck_speech_table_avx512
#define CK_SPEECH_ROWS 8
#include "speech_template.h"
#pragma clang attribute pop
#endif

// The speech network on AVX2.
#include "speech_tables.h"

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2"))), apply_to = function)
#define CK_SPEECH_TABLE ck_speech_table_avx2
#define CK_SPEECH_ROWS 4
#include "speech_template.h"
#pragma clang attribute pop
#endif

// The speech network on AArch64's Advanced SIMD.
#include "speech_tables.h"

#if defined(__aarch64__)
#define CK_SPEECH_TABLE ck_speech_table_neon
#define CK_SPEECH_ROWS 4
#include "speech_template.h"
#endif

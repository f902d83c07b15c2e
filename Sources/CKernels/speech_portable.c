// The speech network on any processor.
#include "speech_tables.h"

#define CK_SPEECH_TABLE ck_speech_table_portable
#define CK_SPEECH_ROWS 2
#include "speech_template.h"

// The tables that the template of the speech network makes, one for each instruction set.
#pragma once

#include "kernel_tables.h"

typedef struct {
    void (*gates)(const ck_speech_network *network, const float *samples, size_t frames,
                  float *scratch, float *gates);
    void (*probabilities)(const ck_speech_network *network, const float *gates, size_t frames,
                          float *state, float *probabilities);
} ck_speech_table;

extern const ck_speech_table ck_speech_table_portable;
extern const ck_speech_table ck_speech_table_avx2;
extern const ck_speech_table ck_speech_table_avx512;
extern const ck_speech_table ck_speech_table_neon;

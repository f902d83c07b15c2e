// Which table computes the speech network, and how the processor treats denormal floats meanwhile.
#include "speech_tables.h"

#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

static const ck_speech_table *table_of(ck_instruction_set set) {
    switch (set) {
#if defined(__x86_64__)
    case ck_avx2:
        return &ck_speech_table_avx2;
    case ck_avx512:
    case ck_avx512_narrow:
        return &ck_speech_table_avx512;
#elif defined(__aarch64__)
    case ck_neon:
    case ck_neon_dot:
    case ck_neon_narrow:
        return &ck_speech_table_neon;
#endif
    default:
        return &ck_speech_table_portable;
    }
}

// The thread may or may not be one that computes: denormal floats are zero for the time of the call, so
// that the bits are the same on all threads, and hours of silence are not slow.
#if defined(__x86_64__)
typedef unsigned int float_mode;
static float_mode begin_flushing(void) {
    const float_mode mode = _mm_getcsr();
    ck_prepare_thread();
    return mode;
}
static void end_flushing(float_mode mode) {
    // What the call itself raised stays unseen, as it was before.
    _mm_setcsr(mode);
}
#elif defined(__aarch64__)
typedef unsigned long float_mode;
static float_mode begin_flushing(void) {
    float_mode mode;
    __asm__ volatile("mrs %0, fpcr" : "=r"(mode));
    ck_prepare_thread();
    return mode;
}
static void end_flushing(float_mode mode) { __asm__ volatile("msr fpcr, %0" : : "r"(mode)); }
#else
typedef int float_mode;
static float_mode begin_flushing(void) { return 0; }
static void end_flushing(float_mode mode) { (void)mode; }
#endif

void ck_speech_gates(ck_instruction_set set, const ck_speech_network *network, const float *samples,
                     size_t frames, float *scratch, float *gates) {
    const float_mode mode = begin_flushing();
    table_of(set)->gates(network, samples, frames, scratch, gates);
    end_flushing(mode);
}

void ck_speech_probabilities(ck_instruction_set set, const ck_speech_network *network,
                             const float *gates, size_t frames, float *state, float *probabilities) {
    const float_mode mode = begin_flushing();
    table_of(set)->probabilities(network, gates, frames, state, probabilities);
    end_flushing(mode);
}

// Which table a processor can run, and how a compute thread is prepared.
#include "kernel_tables.h"

#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

bool ck_can_run(ck_instruction_set set) {
    switch (set) {
    case ck_portable:
        return true;
#if defined(__x86_64__)
    // The compiler's run-time asks the processor and whether the system saves the wide registers.
    case ck_avx2:
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    case ck_avx512:
        return ck_can_run(ck_avx2) && __builtin_cpu_supports("avx512f") &&
               __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw") &&
               __builtin_cpu_supports("avx512vl");
    case ck_avx512_narrow:
        return ck_can_run(ck_avx512) && __builtin_cpu_supports("avx512bf16") &&
               __builtin_cpu_supports("avx512vnni");
#endif
    default:
        return false;
    }
}

const ck_table *ck_kernels(ck_instruction_set set) {
    switch (set) {
#if defined(__x86_64__)
    case ck_avx2:
        return &ck_table_avx2;
    case ck_avx512:
        return &ck_table_avx512;
    case ck_avx512_narrow:
        return &ck_table_avx512_narrow;
#endif
    default:
        return &ck_table_portable;
    }
}

void ck_prepare_thread(void) {
#if defined(__x86_64__)
    enum { flush_to_zero = 0x8000, denormals_are_zero = 0x0040 };
    _mm_setcsr(_mm_getcsr() | flush_to_zero | denormals_are_zero);
#elif defined(__aarch64__)
    unsigned long control;
    __asm__ volatile("mrs %0, fpcr" : "=r"(control));
    __asm__ volatile("msr fpcr, %0" : : "r"(control | (1ul << 24)));
#endif
}

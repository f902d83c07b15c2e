// Which table a processor can run, and how a compute thread is prepared.
#include "kernel_tables.h"

#if defined(__x86_64__)
#include <cpuid.h>
#include <xmmintrin.h>
#if defined(__linux__)
#include <sys/syscall.h>
#include <unistd.h>
#endif
#elif defined(__aarch64__) && defined(__linux__)
#include <sys/auxv.h>
#endif

#if defined(__aarch64__)
/// Whether Linux names a feature of the processor, by its bit (Documentation/arch/arm64/elf_hwcaps.rst).
static bool has_feature(unsigned long word, unsigned bit) {
#if defined(__linux__)
    return getauxval(word) >> bit & 1;
#else
    (void)word, (void)bit;
    return false;
#endif
}

// The words are those of getauxval (Linux, include/uapi/linux/auxvec.h).
enum { features_word = 16, further_features_word = 26 };
enum { asimddp_bit = 20, i8mm_bit = 13, bf16_bit = 14 };
#endif

#if defined(__x86_64__)
/// Whether CPUID leaf 7, subleaf 1, names AVX-VNNI (Intel, Architecture Instruction Set Extensions, chapter 1).
static bool has_avx_vnni(void) {
    enum { avx_vnni = 1 << 4 };
    unsigned a, b, c, d;
    return __get_cpuid_count(7, 1, &a, &b, &c, &d) && a & avx_vnni;
}

static bool can_use_tiles(void) {
#if defined(__linux__)
    // Bits of CPUID leaf 7 (Intel, Architecture Instruction Set Extensions, chapter 3): AMX-BF16, AMX-TILE and
    // AMX-INT8; of XCR0: that the system saves the configuration and the data of tiles.
    enum { amx_bf16 = 1 << 22, amx_tile = 1 << 24, amx_int8 = 1 << 25, tile_state = 3 << 17 };
    enum { request_permission = 0x1023, tile_data = 18 };
    unsigned a, b, c, d, low, high;
    const unsigned needed = amx_bf16 | amx_tile | amx_int8;
    if (!__get_cpuid_count(7, 0, &a, &b, &c, &d) || (d & needed) != needed) return false;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    if ((low & tile_state) != tile_state) return false;
    // Linux gives a process tiles when it asks for them (Documentation/arch/x86/xstate.rst).
    return syscall(SYS_arch_prctl, request_permission, tile_data) == 0;
#else
    return false;
#endif
}
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
    case ck_avx2_vnni:
        return ck_can_run(ck_avx2) && has_avx_vnni();
    case ck_avx2_vnni_evex:
        return ck_can_run(ck_avx512) && __builtin_cpu_supports("avx512vnni");
    case ck_amx:
        return ck_can_run(ck_avx512_narrow) && can_use_tiles();
#elif defined(__aarch64__)
    case ck_neon:
        return true;
    case ck_neon_dot:
        return has_feature(features_word, asimddp_bit);
    case ck_neon_narrow:
        return ck_can_run(ck_neon_dot) && has_feature(further_features_word, i8mm_bit) &&
               has_feature(further_features_word, bf16_bit);
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
    case ck_avx2_vnni:
        return &ck_table_avx2_vnni;
    case ck_avx2_vnni_evex:
        return &ck_table_avx2_vnni_evex;
    case ck_avx512_narrow:
        return &ck_table_avx512_narrow;
    case ck_amx:
        return &ck_table_amx;
#elif defined(__aarch64__)
    case ck_neon:
        return &ck_table_neon;
    case ck_neon_dot:
        return &ck_table_neon_dot;
    case ck_neon_narrow:
        return &ck_table_neon_narrow;
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

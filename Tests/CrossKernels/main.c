// Every exported function of the C targets that compute, against its definition: one program for every architecture,
// so that kernels for a processor that is not at hand are tested in an emulator. The bounds are those of
// Tests/TensorsTests, which tests the tables of the processor at hand through Swift.
//
//     kernel_tests [TABLE...]
//
// Prints a line for each table that the processor runs (or of those that are named) with digests of all bits that it gave;
// ends with 1 if an expectation failed.
#include "harness.h"

static const struct {
    const char *name;
    void (*run)(void);
} tests[] = {
    {"activations", test_activations}, {"epilogues", test_epilogues},
    {"edges of epilogues", test_epilogue_edges}, {"Winograd convolutions", test_winograd},
    {"products of bytes", test_bytes}, {"attention", test_attention},
    {"edges of attention", test_attention_edges}, {"positional convolutions", test_position},
    {"rows", test_rows}, {"convolutions", test_convolutions},
    {"speech", test_speech}, {"threads", test_thread}, {"registers", test_registers},
}, common_tests[] = {
    {"statistics", test_statistics}, {"features", test_features}, {"weights", test_weights},
    {"conversions", test_conversions},
};

static void run(const char *name, void (*function)(void)) {
    test_name = name;
    seed(41);
    function();
    release_all();
}

static bool is_wanted(const char *name, int count, char **names) {
    for (int i = 1; i < count; i++)
        if (strcmp(names[i], name) == 0) return true;
    return count == 1;
}

int main(int argument_count, char **arguments) {
    setvbuf(stdout, NULL, _IOLBF, 0);
    // As every thread that computes.
    ck_prepare_thread();
    static const struct {
        ck_instruction_set set;
        const char *name;
    } sets[] = {
        {ck_portable, "portable"}, {ck_avx2, "avx2"}, {ck_avx512, "avx512"},
        {ck_avx512_narrow, "avx512-narrow"}, {ck_neon, "neon"}, {ck_neon_dot, "neon-dot"},
        {ck_neon_narrow, "neon-narrow"}, {ck_avx2_vnni, "avx2-vnni"},
        {ck_avx2_vnni_evex, "avx2-vnni-evex"}, {ck_amx, "amx"},
    };
    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++) {
        if (!ck_can_run(sets[i].set) || !is_wanted(sets[i].name, argument_count, arguments)) continue;
        table = ck_kernels(sets[i].set);
        table_set = sets[i].set;
        table_name = sets[i].name;
        memset(digests, 0, sizeof digests);
        for (size_t t = 0; t < sizeof tests / sizeof *tests; t++) run(tests[t].name, tests[t].run);
        printf("table %s floats %016llx halves %016llx common %016llx\n", sets[i].name,
               (unsigned long long)digests[digest_floats],
               (unsigned long long)digests[digest_halves],
               (unsigned long long)digests[digest_common]);
    }
    table_name = "all tables";
    memset(digests, 0, sizeof digests);
    for (size_t t = 0; t < sizeof common_tests / sizeof *common_tests; t++)
        run(common_tests[t].name, common_tests[t].run);
    printf("common %016llx\n", (unsigned long long)digests[digest_common]);
    printf("%zu expectations, %zu failures\n", expectations, failures);
    return failures > 0;
}

#include "COpenBLAS.h"

#include <dlfcn.h>
#include <stdlib.h>

// From cblas.h; repeated here so that building needs no BLAS headers.
enum { row_major = 101, not_transposed = 111, is_transposed = 112 };
typedef void (*sgemm_function)(int order, int transpose_a, int transpose_b, int m, int n, int k,
                               float alpha, const float *a, int lda, const float *b, int ldb,
                               float beta, float *c, int ldc);

static sgemm_function sgemm;
static const char *configuration = "";
static const char *core = "";

static const char *const missing =
    "OpenBLAS is not installed or cannot be loaded; install the Debian package libopenblas0";

const char *openblas_loader_open(const char *core_type) {
    if (sgemm) return NULL;
    const bool is_our_choice = core_type && !getenv("OPENBLAS_CORETYPE");
    if (is_our_choice) setenv("OPENBLAS_CORETYPE", core_type, 1);
    // Threads are ours: one computation per core, each with a library that stays on its thread.
    setenv("OPENBLAS_NUM_THREADS", "1", 1);
    void *library = dlopen("libopenblas.so.0", RTLD_NOW | RTLD_LOCAL);
    if (!library) library = dlopen("libopenblas.so", RTLD_NOW | RTLD_LOCAL);
    // Read while loading; a child process makes its own choice.
    if (is_our_choice) unsetenv("OPENBLAS_CORETYPE");
    if (!library) return missing;

    sgemm_function found = (sgemm_function)dlsym(library, "cblas_sgemm");
    void (*set_threads)(int) = (void (*)(int))dlsym(library, "openblas_set_num_threads");
    char *(*get_config)(void) = (char *(*)(void))dlsym(library, "openblas_get_config");
    char *(*get_core)(void) = (char *(*)(void))dlsym(library, "openblas_get_corename");
    if (!found || !set_threads || !get_config || !get_core) {
        dlclose(library);
        return "the OpenBLAS library lacks cblas_sgemm or its own entry points; install the Debian "
               "package libopenblas0";
    }
    set_threads(1);
    configuration = get_config();
    core = get_core();
    sgemm = found;
    return NULL;
}

const char *openblas_loader_configuration(void) { return configuration; }

const char *openblas_loader_core(void) { return core; }

void openblas_loader_multiply(size_t rows, size_t columns, size_t depth, const float *input,
                            size_t input_stride, const float *weights, float *output,
                            size_t output_stride) {
    sgemm(row_major, not_transposed, is_transposed, (int)rows, (int)columns, (int)depth, 1.0f, input,
          (int)input_stride, weights, (int)depth, 0.0f, output, (int)output_stride);
}

#include "COneDNN.h"

#if __has_include(<oneapi/dnnl/dnnl.h>)
#include <oneapi/dnnl/dnnl.h>

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if DNNL_VERSION_MAJOR >= 3
#define LIBRARY "libdnnl.so.3"
#define ANY_ISA dnnl_cpu_isa_default
#else
#define LIBRARY "libdnnl.so.2"
#define ANY_ISA dnnl_cpu_isa_all
#endif

// MARK: The library's functions

#if DNNL_VERSION_MAJOR >= 3
#define FUNCTIONS_OF_VERSION(use)                                                                  \
    use(dnnl_memory_desc_create_with_strides) use(dnnl_memory_desc_create_with_tag)                \
        use(dnnl_memory_desc_destroy) use(dnnl_memory_desc_clone)                                  \
            use(dnnl_matmul_primitive_desc_create) use(dnnl_reorder_primitive_desc_create)
#else
#define FUNCTIONS_OF_VERSION(use)                                                                  \
    use(dnnl_memory_desc_init_by_strides) use(dnnl_memory_desc_init_by_tag)                        \
        use(dnnl_matmul_desc_init) use(dnnl_primitive_desc_create)                                 \
            use(dnnl_reorder_primitive_desc_create)
#endif

#define FUNCTIONS(use)                                                                             \
    use(dnnl_version) use(dnnl_set_max_cpu_isa) use(dnnl_engine_create) use(dnnl_stream_create)    \
        use(dnnl_stream_wait) use(dnnl_stream_destroy) use(dnnl_primitive_attr_create)             \
            use(dnnl_primitive_attr_destroy) use(dnnl_primitive_attr_set_scratchpad_mode)          \
                use(dnnl_primitive_desc_destroy) use(dnnl_primitive_desc_query_md)                 \
                    use(dnnl_primitive_create) use(dnnl_primitive_destroy)                         \
                        use(dnnl_primitive_execute) use(dnnl_memory_create)                        \
                            use(dnnl_memory_destroy) use(dnnl_memory_desc_get_size)                \
                                use(dnnl_memory_desc_equal) FUNCTIONS_OF_VERSION(use)

#define DECLARE(name) static __typeof__(name) *call_##name;
FUNCTIONS(DECLARE)
#undef DECLARE

static void (*set_omp_threads)(int);
static dnnl_engine_t engine;
static unsigned version;

static const char *const missing =
    "oneDNN (" LIBRARY ") is not installed or cannot be loaded; install the Debian package that "
    "provides it (libdnnl2 or libdnnl3), or choose OpenBLAS";

static dnnl_cpu_isa_t library_isa(onednn_precision precision, onednn_isa isa) {
    switch (isa) {
    case onednn_isa_avx2: return dnnl_cpu_isa_avx2;
    case onednn_isa_avx512:
        return precision == onednn_fp32   ? dnnl_cpu_isa_avx512_core
               : precision == onednn_bf16 ? dnnl_cpu_isa_avx512_core_bf16
                                          : dnnl_cpu_isa_avx512_core_vnni;
    case onednn_isa_amx: return dnnl_cpu_isa_avx512_core_amx;
    default: return ANY_ISA;
    }
}

const char *onednn_loader_open(onednn_precision precision, onednn_isa isa) {
    if (engine) return NULL;
    void *library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
    if (!library) return missing;
#define FIND(name)                                                                                 \
    if (!(call_##name = (__typeof__(name) *)dlsym(library, #name))) {                              \
        dlclose(library);                                                                          \
        return "the oneDNN library lacks " #name "; install one of the version built against";     \
    }
    FUNCTIONS(FIND)
#undef FIND
    // Of the OpenMP library that oneDNN itself is linked to; absent where it uses none.
    set_omp_threads = (void (*)(int))dlsym(library, "omp_set_num_threads");
    const dnnl_version_t *found = call_dnnl_version();
    if (found->major != DNNL_VERSION_MAJOR)
        return "the oneDNN library has another major version than the headers built against";
    if (isa != onednn_isa_any &&
        call_dnnl_set_max_cpu_isa(library_isa(precision, isa)) != dnnl_success)
        return "oneDNN cannot be held to the instruction set that was asked for; unset "
               "ONEDNN_MAX_CPU_ISA and DNNL_MAX_CPU_ISA, or choose OpenBLAS with --arithmetic";
    dnnl_engine_t created;
    if (call_dnnl_engine_create(&created, dnnl_cpu, 0) != dnnl_success)
        return "oneDNN finds no processor that it can use";
    version = (unsigned)found->major << 16 | (unsigned)found->minor;
    engine = created;
    onednn_loader_prepare_thread();
    return NULL;
}

unsigned onednn_loader_version(void) { return version; }

void onednn_loader_prepare_thread(void) {
    if (set_omp_threads) set_omp_threads(1);
}

// MARK: What differs between the versions

#if DNNL_VERSION_MAJOR >= 3
typedef dnnl_memory_desc_t layout;
#define POINTER(value) (value)

static bool layout_of_rows(layout *result, const dnnl_dims_t dims, dnnl_data_type_t type,
                           dnnl_dim_t row, dnnl_dim_t column) {
    const dnnl_dims_t strides = {row, column};
    return call_dnnl_memory_desc_create_with_strides(result, 2, dims, type, strides) == dnnl_success;
}
static bool layout_any(layout *result, const dnnl_dims_t dims, dnnl_data_type_t type) {
    return call_dnnl_memory_desc_create_with_tag(result, 2, dims, type, dnnl_format_tag_any) ==
           dnnl_success;
}
static bool layout_copy(layout *result, const_dnnl_memory_desc_t source) {
    return call_dnnl_memory_desc_clone(result, source) == dnnl_success;
}
static void layout_free(layout *value) {
    if (*value) call_dnnl_memory_desc_destroy(*value);
}
static bool matmul_make(dnnl_primitive_desc_t *result, layout *input, layout *weights,
                        layout *output, dnnl_primitive_attr_t attributes) {
    return call_dnnl_matmul_primitive_desc_create(result, engine, *input, *weights, NULL, *output,
                                                  attributes) == dnnl_success;
}
#else
typedef dnnl_memory_desc_t layout;
#define POINTER(value) (&(value))

static bool layout_of_rows(layout *result, const dnnl_dims_t dims, dnnl_data_type_t type,
                           dnnl_dim_t row, dnnl_dim_t column) {
    const dnnl_dims_t strides = {row, column};
    return call_dnnl_memory_desc_init_by_strides(result, 2, dims, type, strides) == dnnl_success;
}
static bool layout_any(layout *result, const dnnl_dims_t dims, dnnl_data_type_t type) {
    return call_dnnl_memory_desc_init_by_tag(result, 2, dims, type, dnnl_format_tag_any) ==
           dnnl_success;
}
static bool layout_copy(layout *result, const dnnl_memory_desc_t *source) {
    *result = *source;
    return true;
}
static void layout_free(layout *value) { (void)value; }
static bool matmul_make(dnnl_primitive_desc_t *result, layout *input, layout *weights,
                        layout *output, dnnl_primitive_attr_t attributes) {
    dnnl_matmul_desc_t operation;
    return call_dnnl_matmul_desc_init(&operation, input, weights, NULL, output) == dnnl_success &&
           call_dnnl_primitive_desc_create(result, &operation, attributes, engine, NULL) ==
               dnnl_success;
}
#endif

// MARK: Products

struct onednn_product {
    dnnl_primitive_t primitive;
    dnnl_stream_t stream;
    layout input, plain, packed, output, scratch;
    size_t packed_bytes, scratch_bytes;
};

static dnnl_primitive_attr_t attributes(void) {
    dnnl_primitive_attr_t result = NULL;
    if (call_dnnl_primitive_attr_create(&result) != dnnl_success) return NULL;
    // Scratch memory is the caller's, because several threads run one product at once.
    call_dnnl_primitive_attr_set_scratchpad_mode(result, dnnl_scratchpad_mode_user);
    return result;
}

enum { line_floats = 16, cache_step_floats = 256 };

static bool build(onednn_product *product, onednn_shape shape) {
    static const dnnl_data_type_t inputs[] = {dnnl_f32, dnnl_bf16, dnnl_u8};
    static const dnnl_data_type_t weights[] = {dnnl_f32, dnnl_bf16, dnnl_s8};
    static const dnnl_data_type_t outputs[] = {dnnl_f32, dnnl_f32, dnnl_s32};
    const dnnl_dim_t rows = (dnnl_dim_t)shape.rows, depth = (dnnl_dim_t)shape.depth;
    const dnnl_dim_t columns = (dnnl_dim_t)shape.columns;
    const dnnl_dims_t input = {rows, depth}, weight = {depth, columns}, output = {rows, columns};
    const dnnl_data_type_t result = outputs[shape.precision];

    layout any = {0}, row_major = {0}, spread = {0};
    dnnl_primitive_attr_t attribute = attributes();
    dnnl_primitive_desc_t description = NULL;
    bool done =
        attribute &&
        layout_of_rows(&product->input, input, inputs[shape.precision],
                       (dnnl_dim_t)shape.input_stride, 1) &&
        layout_of_rows(&product->plain, weight, weights[shape.precision], 1, depth) &&
        layout_of_rows(&product->output, output, result, (dnnl_dim_t)shape.output_stride, 1) &&
        layout_any(&any, weight, weights[shape.precision]) &&
        layout_of_rows(&row_major, weight, weights[shape.precision], columns, 1) &&
        layout_of_rows(&spread, weight, weights[shape.precision], columns + line_floats, 1) &&
        matmul_make(&description, &product->input, &any, &product->output, attribute);
    // Where the library keeps weights row by row, as it does for AVX2, rows a multiple of 1 kB apart fall
    // into few sets of the cache: products then run at half to nine tenths of their speed.
    if (done && columns % cache_step_floats == 0 &&
        call_dnnl_memory_desc_equal(call_dnnl_primitive_desc_query_md(
                                        description, dnnl_query_weights_md, 0),
                                    POINTER(row_major))) {
        call_dnnl_primitive_desc_destroy(description);
        description = NULL;
        done = matmul_make(&description, &product->input, &spread, &product->output, attribute);
    }
    done =
        done &&
        layout_copy(&product->packed,
                    call_dnnl_primitive_desc_query_md(description, dnnl_query_weights_md, 0)) &&
        layout_copy(&product->scratch,
                    call_dnnl_primitive_desc_query_md(description, dnnl_query_scratchpad_md, 0)) &&
        call_dnnl_primitive_create(&product->primitive, description) == dnnl_success &&
        call_dnnl_stream_create(&product->stream, engine, dnnl_stream_default_flags) ==
            dnnl_success;
    if (done) {
        product->packed_bytes = call_dnnl_memory_desc_get_size(POINTER(product->packed));
        product->scratch_bytes = call_dnnl_memory_desc_get_size(POINTER(product->scratch));
    }
    if (description) call_dnnl_primitive_desc_destroy(description);
    if (attribute) call_dnnl_primitive_attr_destroy(attribute);
    layout_free(&any);
    layout_free(&row_major);
    layout_free(&spread);
    return done;
}

onednn_product *onednn_product_make(onednn_shape shape, const char **problem) {
    onednn_product *product = calloc(1, sizeof *product);
    if (product && engine && build(product, shape)) return product;
    *problem = engine ? "oneDNN has no such matrix product for this processor" : missing;
    onednn_product_free(product);
    return NULL;
}

void onednn_product_free(onednn_product *product) {
    if (!product) return;
    if (product->primitive) call_dnnl_primitive_destroy(product->primitive);
    if (product->stream) call_dnnl_stream_destroy(product->stream);
    layout_free(&product->input);
    layout_free(&product->plain);
    layout_free(&product->packed);
    layout_free(&product->output);
    layout_free(&product->scratch);
    free(product);
}

size_t onednn_product_packed_bytes(const onednn_product *product) { return product->packed_bytes; }
size_t onednn_product_scratch_bytes(const onednn_product *product) {
    return product->scratch_bytes;
}

bool onednn_product_packs_like(const onednn_product *product, const onednn_product *other) {
    return call_dnnl_memory_desc_equal(POINTER(product->packed), POINTER(other->packed));
}

static bool execute(dnnl_primitive_t primitive, dnnl_stream_t stream, size_t count,
                    const int *roles, const layout *const *layouts, void *const *data) {
    dnnl_exec_arg_t arguments[4] = {{0}};
    bool done = true;
    size_t made = 0;
    for (; made < count && done; made++) {
        arguments[made].arg = roles[made];
        done = call_dnnl_memory_create(&arguments[made].memory, POINTER(*layouts[made]), engine,
                                       data[made]) == dnnl_success;
    }
    done = done &&
           call_dnnl_primitive_execute(primitive, stream, (int)count, arguments) == dnnl_success &&
           call_dnnl_stream_wait(stream) == dnnl_success;
    for (size_t i = 0; i < made; i++)
        if (arguments[i].memory) call_dnnl_memory_destroy(arguments[i].memory);
    return done;
}

bool onednn_product_pack(const onednn_product *product, const void *weights, void *packed) {
    dnnl_primitive_desc_t description = NULL;
    dnnl_primitive_t reorder = NULL;
    bool done =
        call_dnnl_reorder_primitive_desc_create(&description, POINTER(product->plain), engine,
                                                POINTER(product->packed), engine, NULL) ==
            dnnl_success &&
        call_dnnl_primitive_create(&reorder, description) == dnnl_success;
    if (description) call_dnnl_primitive_desc_destroy(description);
    if (!done) return false;
    done = execute(reorder, product->stream, 2, (const int[]){DNNL_ARG_FROM, DNNL_ARG_TO},
                   (const layout *const[]){&product->plain, &product->packed},
                   (void *const[]){(void *)weights, packed});
    call_dnnl_primitive_destroy(reorder);
    return done;
}

bool onednn_product_run(const onednn_product *product, const void *input, const void *packed,
                        void *output, void *scratch) {
    return execute(
        product->primitive, product->stream, 4,
        (const int[]){DNNL_ARG_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DST, DNNL_ARG_SCRATCHPAD},
        (const layout *const[]){&product->input, &product->packed, &product->output,
                                &product->scratch},
        (void *const[]){(void *)input, (void *)packed, output, scratch});
}

#else

const char *onednn_loader_open(onednn_precision precision, onednn_isa isa) {
    return "this executable was built without oneDNN; install libdnnl-dev and build again, or choose "
           "OpenBLAS";
}
unsigned onednn_loader_version(void) { return 0; }
void onednn_loader_prepare_thread(void) {}
onednn_product *onednn_product_make(onednn_shape shape, const char **problem) {
    *problem = onednn_loader_open(shape.precision, onednn_isa_any);
    return NULL;
}
void onednn_product_free(onednn_product *product) {}
size_t onednn_product_packed_bytes(const onednn_product *product) { return 0; }
size_t onednn_product_scratch_bytes(const onednn_product *product) { return 0; }
bool onednn_product_packs_like(const onednn_product *product, const onednn_product *other) {
    return false;
}
bool onednn_product_pack(const onednn_product *product, const void *weights, void *packed) {
    return false;
}
bool onednn_product_run(const onednn_product *product, const void *input, const void *packed,
                        void *output, void *scratch) {
    return false;
}

#endif

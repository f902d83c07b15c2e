// One call of the kernel between two multiplications, as tests make it.
#pragma once

#include "harness.h"

#define EPILOGUE_WIDTHS {1, 2, 7, 15, 16, 17, 31, 32, 33, 64, 100, 512}

typedef enum { in_place, separate, into_residual } target_kind;

/// A call with all that goes into it.
typedef struct {
    size_t rows, width, products;
    bool is_integer, is_winograd, has_bias, has_norm, keeps_unnormed, has_residual, has_encoding;
    ck_activation activation;
    ck_element_type encoding;
    target_kind target;
    const void *values[ck_products_max];
    const float *row_scales[ck_products_max], *column_scales[ck_products_max];
    const int32_t *row_zeros[ck_products_max], *column_sums[ck_products_max];
    const float *bias, *gamma, *beta, *residual;
} recipe;

typedef struct {
    /// [rows, width], contiguous: of the output or of the first product, and of the first product.
    float *floats, *product;
    size_t product_rows;
    /// As the encoding stores them, contiguous.
    void *encoded;
    float *scales;
    int32_t *zeros;
    bool gaps_are_intact;
} result;

/// Bytes of a number of `type`.
size_t item_of(ck_element_type type);

/// Draws the operands of a call whose shape is known.
void fill_recipe(recipe *r);

/// Calls the kernel with everything `offset` floats off a line of the cache and `gap` floats between rows.
result run_recipe(const recipe *r, size_t offset, size_t gap);

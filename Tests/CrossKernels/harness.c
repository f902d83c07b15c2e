#include "harness.h"

const ck_table *table;
ck_instruction_set table_set;
const char *table_name = "", *test_name = "";
size_t failures, expectations;
uint64_t digests[digest_count];

static uint64_t state = 1;

void seed(uint64_t value) {
    state = value * 0x9E3779B97F4A7C15u | 1;
    for (int i = 0; i < 8; i++) draw();
}

uint64_t draw(void) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state * 0x2545F4914F6CDD1Du >> 16;
}

size_t draw_size(size_t first, size_t last) { return first + draw() % (last - first + 1); }

int draw_flag(void) { return (int)(draw() & 1); }

float draw_float(float bound) {
    // 2²⁴ steps, so that no machine rounds otherwise.
    return (float)((int32_t)(draw() & 0xFFFFFF) - 0x800000) * 0x1p-23f * bound;
}

// MARK: Memory

enum { pattern = 0x7B, guard = 64, pieces_max = 4096 };

static struct {
    unsigned char *start;
    size_t before, bytes, all;
} pieces[pieces_max];
static size_t piece_count;

void *guarded(size_t bytes, size_t offset) {
    const size_t before = guard + offset * sizeof(float), all = before + bytes + guard;
    void *start;
    if (piece_count == pieces_max || posix_memalign(&start, 64, (all + 63) / 64 * 64) != 0) abort();
    memset(start, pattern, all);
    pieces[piece_count].start = start;
    pieces[piece_count].before = before;
    pieces[piece_count].bytes = bytes;
    pieces[piece_count++].all = all;
    return (unsigned char *)start + before;
}

float *floats(size_t count, float bound, size_t offset) {
    float *values = guarded(count * sizeof(float), offset);
    for (size_t i = 0; i < count; i++) values[i] = draw_float(bound);
    return values;
}

float *zeros(size_t count) {
    return memset(guarded(count * sizeof(float), 0), 0, count * sizeof(float));
}

void *copy_of(const void *source, size_t bytes, size_t offset) {
    return memcpy(guarded(bytes, offset), source, bytes);
}

void release_all(void) {
    bool is_intact = true;
    while (piece_count > 0) {
        piece_count--;
        const unsigned char *start = pieces[piece_count].start;
        const size_t end = pieces[piece_count].before + pieces[piece_count].bytes;
        for (size_t i = 0; i < pieces[piece_count].before; i++) is_intact &= start[i] == pattern;
        for (size_t i = end; i < pieces[piece_count].all; i++) is_intact &= start[i] == pattern;
        free(pieces[piece_count].start);
    }
    EXPECT(is_intact, "something was written beside a buffer");
}

// MARK: Digests

void digest(digest_kind kind, const void *bytes, size_t count) {
    uint64_t value = digests[kind] ? digests[kind] : 0xCBF29CE484222325u;  // FNV-1a, 64 bits
    for (size_t i = 0; i < count; i++)
        value = (value ^ ((const unsigned char *)bytes)[i]) * 0x100000001B3u;
    digests[kind] = value;
}

// MARK: References

double activation_of(ck_activation activation, double x) {
    switch (activation) {
    case ck_activation_gelu:
        return 0.5 * x * (1 + erf(x / sqrt(2)));
    case ck_activation_gelu_tanh:
        return 0.5 * x * (1 + tanh(sqrt(2 / 3.14159265358979323846) * (x + 0.044715 * x * x * x)));
    case ck_activation_relu:
        return x > 0 ? x : 0;
    case ck_activation_tanh:
        return tanh(x);
    case ck_activation_swish:
        return x / (1 + exp(-x));
    default:
        return x;
    }
}

uint16_t half_of_float(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return (uint16_t)((bits + (uint64_t)0x7FFF + (bits >> 16 & 1)) >> 16);
}

double largest_difference(const float *found, const double *expected, size_t count) {
    double largest = 0;
    for (size_t i = 0; i < count; i++) {
        const double difference = fabs((double)found[i] - expected[i]);
        if (!(difference <= largest)) largest = difference == difference ? difference : INFINITY;
    }
    return largest;
}

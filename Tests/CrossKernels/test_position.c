// The positional convolution through Fourier transforms, against the definition in double precision.
#include "harness.h"

enum { groups_max = 2 };

static ck_spectrum make_spectrum(size_t kernel) {
    size_t length = 2;
    while (length < 2 * kernel) length *= 2;
    float *cosines = zeros(length / 2), *sines = zeros(length / 2);
    uint32_t *places = (uint32_t *)zeros(length);
    for (size_t i = 0; i < length / 2; i++) {
        const double angle = 6.283185307179586 * (double)i / (double)length;
        cosines[i] = (float)cos(angle);
        sines[i] = (float)sin(angle);
    }
    for (size_t i = 0; i < length; i++)
        for (size_t bit = 1, mirror = length / 2; bit < length; bit *= 2, mirror /= 2)
            if (i & bit) places[i] |= (uint32_t)mirror;
    return (ck_spectrum){.length = length, .kernel = kernel, .cosines = cosines, .sines = sines,
                         .places = places};
}

/// Weights of one group [outputs, inputs, kernel] and their spectra.
typedef struct {
    const float *weights, *bias;
    float *spectra;
} group;

static group draw_group(const ck_spectrum *plan, size_t width) {
    const size_t kernel = plan->kernel, lanes = (width + 15) / 16 * 16;
    const size_t stride = width * 2 * lanes, count = (plan->length / 2 + 1) * stride;
    // Sums of about 1, whatever the size.
    group g = {.weights = floats(width * width * kernel, 1.7f / sqrtf((float)(kernel * width)), 0),
               .bias = floats(width, 1, 0), .spectra = zeros(count)};
    float *unused = zeros(count);
    for (size_t input = 0; input < width; input += 2) {
        float *taps[2] = {zeros(plan->length * lanes), zeros(plan->length * lanes)};
        for (size_t i = 0; i < 2 && input + i < width; i++)
            for (size_t output = 0; output < width; output++)
                for (size_t tap = 0; tap < kernel; tap++)
                    taps[i][tap * lanes + output] =
                        g.weights[(output * width + input + i) * kernel + tap];
        table->transform_taps(plan, taps[0], taps[1], lanes, g.spectra + input * 2 * lanes,
                              input + 1 < width ? g.spectra + (input + 1) * 2 * lanes : unused, stride);
    }
    digest(digest_floats, g.spectra, count * 4);
    return g;
}

/// hidden [frames, groups · width + 2] after the call.
static float *run(const ck_spectrum *plan, const group *groups, size_t count, size_t width,
                  const float *hidden, size_t frames, ck_activation activation, bool replaces,
                  size_t offset) {
    const size_t stride = count * width + 2;
    float *values = copy_of(hidden, frames * stride * 4, offset);
    ck_position p = {.plan = plan, .stride = stride, .frames = frames, .width = width,
                     .activation = activation, .replaces = replaces};
    for (size_t g = 0; g < count; g++) {
        p.hidden[g] = values + 1 + g * width;
        p.weights[g] = groups[g].spectra;
        p.bias[g] = groups[g].bias;
    }
    // What memory held before is the guard's pattern here and NaN below.
    const size_t bytes = table->position_scratch(plan, frames, width);
    float *scratch = guarded(bytes, 0);
    for (size_t i = 0; offset && i < bytes / 4; i++) scratch[i] = NAN;
    table->add_position(&p, scratch);
    return values;
}

static void check(const ck_spectrum *plan, size_t width, size_t frames, size_t count) {
    const size_t kernel = plan->kernel, stride = count * width + 2;
    const ck_activation activation = (ck_activation)draw_size(0, 5);
    const bool replaces = draw_flag();
    group groups[groups_max];
    for (size_t g = 0; g < count; g++) groups[g] = draw_group(plan, width);
    const float *hidden = floats(frames * stride, 1, 0);
    const float *found = run(plan, groups, count, width, hidden, frames, activation, replaces, 0);
    const float *moved = run(plan, groups, count, width, hidden, frames, activation, replaces, 3);
    EXPECT(memcmp(found, moved, frames * stride * 4) == 0, "an utterance at another address");
    digest(digest_floats, found, frames * stride * 4);
    for (size_t t = 0; t < frames; t++) {
        // The first frames, the last ones, and some between: the definition takes long.
        if (t > 6 && t + 6 < frames && t % 37 != 0) continue;
        const float *row = hidden + t * stride;
        EXPECT(found[t * stride] == row[0] && found[(t + 1) * stride - 1] == row[stride - 1],
               "columns beside the groups");
        for (size_t c = 0; c < count * width; c++) {
            const group *own = &groups[c / width];
            const float *of_group = hidden + 1 + c / width * width;
            double sum = own->bias[c % width];
            for (size_t tap = 0; tap < kernel; tap++) {
                const size_t seen = t + tap;
                if (seen < kernel / 2 || seen - kernel / 2 >= frames) continue;
                for (size_t i = 0; i < width; i++)
                    sum += (double)of_group[(seen - kernel / 2) * stride + i]
                           * own->weights[(c % width * width + i) * kernel + tap];
            }
            const double right = activation_of(activation, sum) + (replaces ? 0 : row[1 + c]);
            EXPECT(fabs(found[t * stride + 1 + c] - right) < 3e-6, "kernel %zu, width %zu, frame %zu: %g, not %g",
                   kernel, width, t, (double)found[t * stride + 1 + c], right);
        }
    }
}

void test_position(void) {
    static const size_t shapes[][2] = {
        {1, 3}, {2, 16}, {3, 5}, {8, 17}, {31, 12}, {32, 6}, {127, 4}, {128, 48}};
    for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++) {
        const size_t kernel = shapes[s][0], width = shapes[s][1];
        for (size_t f = 0; f < 6; f++)
            for (size_t count = 1; count <= 2; count++) {
                const ck_spectrum plan = make_spectrum(kernel);
                const size_t advance = plan.length - kernel + 1;
                // Shorter than the kernel, one block, more than one, more than four at a time.
                const size_t frames[] = {1, kernel / 2 > 0 ? kernel / 2 : 1, kernel + 1, advance,
                                         advance + 1, 5 * advance + 3};
                check(&plan, width, frames[f], count);
                release_all();
            }
    }
    const ck_spectrum plan = make_spectrum(8);
    enum { width = 16, frames = 60, stride = width + 2 };
    const group own = draw_group(&plan, width);
    float *hidden = floats(frames * stride, 1, 0);
    hidden[30 * stride + 5] = NAN;
    const float *found = run(&plan, &own, 1, width, hidden, frames, ck_activation_gelu, false, 0);
    for (size_t c = 1; c <= width; c++) EXPECT(isnan(found[30 * stride + c]), "NaN in a frame is lost");
}

// A long convolution over time by Fourier transforms: the template for all instruction sets.
//
// Blocks of `length` frames overlap by the kernel. Real channels of two groups are transformed as one
// complex signal, sixteen lanes at a time. In place, frequencies are in bit-reversed order between the
// forward transform (decimation in frequency) and the inverse one (in time), so nothing is sorted.

/// Rows [length][lanes] of real and imaginary parts, `lanes` a multiple of 16.
CK_INLINE void transform(float *real, float *imaginary, const ck_spectrum *plan, size_t lanes,
                         bool inverse) {
    const size_t length = plan->length;
    for (size_t step = inverse ? 1 : length / 2; inverse ? step < length : step > 0;
         step = inverse ? step * 2 : step / 2) {
        for (size_t start = 0; start < length; start += 2 * step) {
            for (size_t i = 0; i < step; i++) {
                const float c = plan->cosines[i * (length / 2 / step)];
                const float s = inverse ? plan->sines[i * (length / 2 / step)]
                                        : -plan->sines[i * (length / 2 / step)];
                float *ar = real + (start + i) * lanes, *ai = imaginary + (start + i) * lanes;
                float *br = ar + step * lanes, *bi = ai + step * lanes;
                for (size_t lane = 0; lane < lanes; lane += width16) {
                    const f16 pr = load(ar + lane), pi = load(ai + lane);
                    f16 qr = load(br + lane), qi = load(bi + lane);
                    if (inverse) {
                        const f16 turned = qr * c - qi * s;
                        qi = qi * c + qr * s;
                        qr = turned;
                        store(br + lane, pr - qr);
                        store(bi + lane, pi - qi);
                    } else {
                        const f16 dr = pr - qr, di = pi - qi;
                        store(br + lane, dr * c - di * s);
                        store(bi + lane, di * c + dr * s);
                    }
                    store(ar + lane, pr + qr);
                    store(ai + lane, pi + qi);
                }
            }
        }
    }
}

/// The spectra of both groups of one block, from the transform of their complex sum: each
/// [frequencies][2][lanes], real before imaginary, twice too large.
CK_INLINE void split_spectra(const float *real, const float *imaginary, const ck_spectrum *plan,
                             size_t lanes, float *first, float *second) {
    const size_t length = plan->length;
    for (size_t f = 0; f <= length / 2; f++) {
        const size_t p = plan->places[f] * lanes, q = plan->places[(length - f) % length] * lanes;
        float *a = first + f * 2 * lanes, *b = second + f * 2 * lanes;
        for (size_t lane = 0; lane < lanes; lane += width16) {
            const f16 pr = load(real + p + lane), pi = load(imaginary + p + lane);
            const f16 qr = load(real + q + lane), qi = load(imaginary + q + lane);
            store(a + lane, pr + qr);
            store(a + lanes + lane, pi - qi);
            store(b + lane, pi + qi);
            store(b + lanes + lane, qr - pr);
        }
    }
}

/// The other way: spectra of real results to the complex sum that is transformed back.
CK_INLINE void join_spectra(const float *first, const float *second, const ck_spectrum *plan,
                            size_t lanes, float *real, float *imaginary) {
    const size_t length = plan->length;
    for (size_t f = 0; f <= length / 2; f++) {
        const size_t p = plan->places[f] * lanes, q = plan->places[(length - f) % length] * lanes;
        const float *a = first + f * 2 * lanes, *b = second + f * 2 * lanes;
        for (size_t lane = 0; lane < lanes; lane += width16) {
            const f16 ar = load(a + lane), ai = load(a + lanes + lane);
            const f16 br = load(b + lane), bi = load(b + lanes + lane);
            store(real + q + lane, ar + bi);
            store(imaginary + q + lane, br - ai);
            store(real + p + lane, ar - bi);
            store(imaginary + p + lane, ai + br);
        }
    }
}

/// `count` blocks' spectra times one frequency's weights [inputs][2][lanes].
CK_INLINE void multiply_frequency(const float *input, float *output, size_t spectrum,
                                  const float *weights, size_t inputs, size_t lanes, size_t count) {
    for (size_t lane = 0; lane < lanes; lane += width16) {
        f16 real[4], imaginary[4];
        for (size_t b = 0; b < count; b++) real[b] = imaginary[b] = all(0);
        for (size_t i = 0; i < inputs; i++) {
            const f16 wr = load(weights + i * 2 * lanes + lane);
            const f16 wi = load(weights + i * 2 * lanes + lanes + lane);
            for (size_t b = 0; b < count; b++) {
                const float xr = input[b * spectrum + i], xi = input[b * spectrum + lanes + i];
                real[b] += wr * xr;
                imaginary[b] += wr * xi;
                real[b] -= wi * xi;
                imaginary[b] += wi * xr;
            }
        }
        for (size_t b = 0; b < count; b++) {
            store(output + b * spectrum + lane, real[b]);
            store(output + b * spectrum + lanes + lane, imaginary[b]);
        }
    }
}

/// Conjugate spectra of two inputs' taps, scaled for ``add_position``; the taps are overwritten.
static void transform_taps(const ck_spectrum *plan, float *first_taps, float *second_taps,
                           size_t lanes, float *first, float *second, size_t stride) {
    const size_t length = plan->length;
    const float scale = 0.25f / (float)length;
    transform(first_taps, second_taps, plan, lanes, false);
    for (size_t f = 0; f <= length / 2; f++) {
        const size_t p = plan->places[f] * lanes, q = plan->places[(length - f) % length] * lanes;
        float *a = first + f * stride, *b = second + f * stride;
        for (size_t lane = 0; lane < lanes; lane += width16) {
            const f16 pr = load(first_taps + p + lane), pi = load(second_taps + p + lane);
            const f16 qr = load(first_taps + q + lane), qi = load(second_taps + q + lane);
            store(a + lane, (pr + qr) * scale);
            store(a + lanes + lane, (qi - pi) * scale);
            store(b + lane, (pi + qi) * scale);
            store(b + lanes + lane, (pr - qr) * scale);
        }
    }
}

static size_t position_scratch(const ck_spectrum *plan, size_t frames, size_t width) {
    const size_t lanes = (width + width16 - 1) / width16 * width16;
    const size_t advance = plan->length - plan->kernel + 1;
    const size_t blocks = (frames + advance - 1) / advance;
    const size_t spectrum = (plan->length / 2 + 1) * 2 * lanes;
    return (2 * plan->length * lanes + 4 * blocks * spectrum) * sizeof(float);
}

static void position_all(const ck_position *p, float *scratch, ck_activation activation) {
    const ck_spectrum *plan = p->plan;
    const size_t lanes = (p->width + width16 - 1) / width16 * width16, length = plan->length;
    const size_t frequencies = length / 2 + 1, advance = length - plan->kernel + 1;
    const size_t blocks = (p->frames + advance - 1) / advance, spectrum = frequencies * 2 * lanes;
    float *real = scratch, *imaginary = real + length * lanes;
    float *inputs[2] = {imaginary + length * lanes, imaginary + length * lanes + blocks * spectrum};
    float *outputs[2] = {inputs[1] + blocks * spectrum, inputs[1] + 2 * blocks * spectrum};
    const size_t before = plan->kernel / 2;

    for (size_t block = 0; block < blocks; block++) {
        for (size_t i = 0; i < length; i++) {
            const size_t t = block * advance + i;
            const bool inside = t >= before && t - before < p->frames;
            for (size_t part = 0; part < 2; part++) {
                float *row = (part ? imaginary : real) + i * lanes;
                memset(row, 0, lanes * sizeof(float));
                if (inside && p->hidden[part])
                    memcpy(row, p->hidden[part] + (t - before) * p->stride,
                           p->width * sizeof(float));
            }
        }
        transform(real, imaginary, plan, lanes, false);
        split_spectra(real, imaginary, plan, lanes, inputs[0] + block * spectrum,
                      inputs[1] + block * spectrum);
    }
    for (size_t part = 0; part < 2; part++) {
        if (!p->hidden[part]) {
            memset(outputs[part], 0, blocks * spectrum * sizeof(float));
            continue;
        }
        for (size_t f = 0; f < frequencies; f++) {
            const float *weights = p->weights[part] + f * p->width * 2 * lanes;
            for (size_t block = 0; block < blocks; block += 4) {
                const size_t at = block * spectrum + f * 2 * lanes;
                const float *input = inputs[part] + at;
                float *output = outputs[part] + at;
#define CALL(constant)                                                                             \
    multiply_frequency(input, output, spectrum, weights, p->width, lanes, constant)
                switch (blocks - block) {
                case 1: CALL(1); break;
                case 2: CALL(2); break;
                case 3: CALL(3); break;
                default: CALL(4); break;
                }
#undef CALL
            }
        }
    }
    for (size_t block = 0; block < blocks; block++) {
        join_spectra(outputs[0] + block * spectrum, outputs[1] + block * spectrum, plan, lanes,
                     real, imaginary);
        transform(real, imaginary, plan, lanes, true);
        for (size_t i = 0; i < advance && block * advance + i < p->frames; i++)
            for (size_t part = 0; part < 2; part++) {
                if (!p->hidden[part]) continue;
                const float *row = (part ? imaginary : real) + i * lanes;
                float *target = p->hidden[part] + (block * advance + i) * p->stride;
                for (size_t c = 0; c < p->width; c += width16) {
                    const size_t left = p->width - c;
                    const f16 value =
                        load(row + c) + load_some(p->bias[part] + c, left, 0);
                    const f16 before_it = p->replaces ? all(0) : load_some(target + c, left, 0);
                    store_some(target + c, before_it + activate(value, activation), left);
                }
            }
    }
}

static void add_position(const ck_position *position, void *scratch) {
#define BODY(constant) position_all(position, scratch, constant)
    WITH_CONSTANT_ACTIVATION(position->activation, BODY)
#undef BODY
}

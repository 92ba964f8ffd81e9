/* StyleGAN2's layers on a CPU: modulate, convolve, demodulate, add noise and bias, leaky ReLU.

   Pictures are [n, h, w, channels], float32; channels are multiples of 16. Convolutions
   go by Winograd where there are pixels enough to pay for the larger weights, else directly.
   app/engine/native.py builds this file, app/engine/native_synthesis.py calls it. */

#include "colours.h"
#include "common.h"
#include "direct.h"
#include "doubled.h"
#include "upward.h"
#include "winograd.h"

static size_t round_up(size_t floats) { return (floats + 15) / 16 * 16; }

/* Pictures done together: all where they are small, so that the weights are read once. */
static int together(const Layer *l, int n) { return l->side < 32 ? n : 1; }

/* What the direct forms read: the pictures with a border. */
static size_t pad_space(const Layer *l, int n) {
    if (l->winograd) return 0;
    return round_up((size_t)together(l, n) * (l->side + 2) * (l->side + 2) * l->inputs);
}

/* Floats of working space that pp_layer needs. */
long pp_space(const Layer *l, int n, int threads) {
    const size_t wide = l->up ? 2 * l->side : l->side;
    size_t all = pad_space(l, n) + round_up((size_t)n * l->inputs) + round_up((size_t)n * l->outputs);
    all += 2 * round_up(l->outputs) + round_up(wide * wide) + round_up(l->inputs);
    if (l->winograd)
        all += l->up ? doubled_space(l, together(l, n), threads) : threads * tile_space(l);
    else if (l->up)
        all += up_space(l, together(l, n), threads);
    return (long)all;
}

static void layer(
    const Layer *l, int n, const float *x, long step, const float *ws, long ws_step,
    const float *noise, float *y, const Colours *colours, float *space, int threads) {
    const int c = l->inputs, o = l->outputs, side = l->side, wide = l->up ? 2 * side : side;
    const int group = together(l, n);
    const float gain = l->up ? GAIN / 16 : GAIN; /* of the filter: 1/4 along each axis */
    float *style = space, *scale = style + round_up((size_t)n * c);
    float *bias = scale + round_up((size_t)n * o), *zero = bias + round_up(o);
    float *squares = zero + round_up(o), *own = squares + round_up(c);
    float *pad = own + round_up((size_t)wide * wide), *rest = pad + pad_space(l, n);
    memset(zero, 0, o * sizeof(float));
    for (int i = 0; i < o; i++) bias[i] = l->bias[i] * GAIN;
    for (int i = 0; noise && i < wide * wide; i++) own[i] = noise[i] * GAIN;
    for (int i = 0; i < n; i++) {
        float *s = style + (size_t)i * c, *d = scale + (size_t)i * o;
        affine(ws + i * ws_step, l->w_dim, l->affine, l->affine_bias, c, s);
        for (int k = 0; k < c; k++) squares[k] = s[k] * s[k];
        affine(squares, c, l->energy, zero, o, d);
        for (int k = 0; k < o; k++) d[k] = gain / sqrtf(d[k] + 1e-8f);
    }
    for (int first = 0; first < n; first += group) {
        const float *d = scale + (size_t)first * o;
        float *to = y ? y + (size_t)first * wide * wide * o : NULL;
        const float *from = x + first * step, *s = style + (size_t)first * c;
        if (l->winograd) {
            const float *add = noise ? own : NULL;
            if (l->up)
                doubled(l, group, from, step, s, d, bias, add, to, rest, threads);
            else
                winograd(l, group, from, step, s, d, bias, add, to, colours, rest, threads);
            continue;
        }
#pragma omp parallel for num_threads(threads)
        for (int row = 0; row < group * (side + 2); row++) {
            const int i = row / (side + 2), line = row % (side + 2) - 1;
            padded(
                line < 0 || line >= side ? NULL : from + i * step + (size_t)line * side * c,
                s + (size_t)i * c, side, c, pad + (size_t)row * (side + 2) * c);
        }
        if (l->up)
            up(l, group, pad, d, bias, noise ? own : NULL, to, rest, threads);
        else
            direct(l, group, pad, d, bias, noise ? own : NULL, to, threads);
    }
}

/* x [n, side, side, inputs], `step` floats apart (0: one for all), ws n rows of w_dim, `ws_step`
   apart, noise [wide, wide] or NULL -> y [n, wide, wide, outputs], wide = side or its double. */
void pp_layer(
    const Layer *l, int n, const float *x, long step, const float *ws, long ws_step,
    const float *noise, float *y, float *space, int threads) {
    layer(l, n, x, step, ws, ws_step, noise, y, NULL, space, threads);
}

/* x [n, side, side, inputs], small [n, 3, side / 2, side / 2] or NULL -> out [n, 3, side, side];
   space: (1 + V) inputs + 32 floats. */
void pp_rgb(
    const ToRGB *l, int n, const float *x, const float *ws, long ws_step, const float *small,
    float *out, float *space, int threads) {
    const int c = l->inputs, area = l->side * l->side;
    for (int i = 0; i < n; i++) {
        const Colours colours = {l, space + round_up(c), out + (size_t)i * 3 * area};
        modulate(l, ws + i * ws_step, space, colours.weight);
        const float *from = x + (size_t)i * area * c;
#pragma omp parallel for num_threads(threads)
        for (int at = 0; at < area; at += 8) colour(&colours, from + (size_t)at * c, 8, at);
        add_smaller(&colours, small ? small + (size_t)i * 3 * area / 4 : NULL);
    }
}

/* The last two of one picture, a layer by Winograd and its ToRGB, whose latents lie `ws_step` apart:
   tile by tile, so that what lies between never leaves the caches. space: of both. */
void pp_last(
    const Layer *l, const ToRGB *rgb, const float *x, const float *ws, long ws_step,
    const float *noise, const float *small, float *out, float *space, int threads) {
    const int c = rgb->inputs;
    const Colours colours = {rgb, space + round_up(c), out};
    modulate(rgb, ws + ws_step, space, colours.weight);
    layer(
        l, 1, x, 0, ws, 0, noise, NULL, &colours, space + round_up(c) + round_up((size_t)V * c), threads);
    add_smaller(&colours, small);
}

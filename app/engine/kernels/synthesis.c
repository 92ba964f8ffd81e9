/* StyleGAN2's layers on a CPU: modulate, convolve, demodulate, add noise and bias, leaky ReLU.

   Pictures are [n, h, w, channels], float32; channels are multiples of 16. Convolutions
   go by Winograd where there are pixels enough to pay for the larger weights, else directly.
   app/engine/native.py builds this file, app/engine/native_synthesis.py calls it. */

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

/* x [n, side, side, inputs], `step` floats apart (0: one for all), ws n rows of w_dim, `ws_step`
   apart, noise [wide, wide] or NULL -> y [n, wide, wide, outputs], wide = side or its double. */
void pp_layer(
    const Layer *l, int n, const float *x, long step, const float *ws, long ws_step,
    const float *noise, float *y, float *space, int threads) {
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
        float *to = y + (size_t)first * wide * wide * o;
        const float *from = x + first * step, *s = style + (size_t)first * c;
        if (l->winograd) {
            (l->up ? doubled : winograd)(
                l, group, from, step, s, d, bias, noise ? own : NULL, to, rest, threads);
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

/* Twice the size of one plane [side / 2, side / 2] added to out [side, side]: taps 3/4 and 1/4. */
static void add_doubled(const float *small, int side, float *out) {
    const int half = side / 2;
    for (int y = 0; y < side; y++) {
        int near = y / 2, far = y % 2 ? near + 1 : near - 1;
        const float *a = small + (size_t)near * half, *b = small + (size_t)far * half;
        const float fb = far >= 0 && far < half ? 0.25f : 0.f;
        if (fb == 0.f) b = a;
        float *to = out + (size_t)y * side, left = 0, mid = 0.75f * a[0] + fb * b[0];
        for (int x = 0; x < half; x++) {
            float right = x + 1 < half ? 0.75f * a[x + 1] + fb * b[x + 1] : 0;
            to[2 * x] += 0.75f * mid + 0.25f * left;
            to[2 * x + 1] += 0.75f * mid + 0.25f * right;
            left = mid, mid = right;
        }
    }
}

/* x [n, side, side, inputs], small [n, 3, side / 2, side / 2] or NULL -> out [n, 3, side, side];
   space: 17 inputs + 16 floats. */
void pp_rgb(
    const ToRGB *l, int n, const float *x, const float *ws, long ws_step, const float *small,
    float *out, float *space, int threads) {
    const int c = l->inputs, side = l->side, area = side * side;
    float *style = space, *w = space + round_up(c);
    for (int i = 0; i < n; i++) {
        affine(ws + i * ws_step, l->w_dim, l->affine, l->affine_bias, c, style);
        for (int k = 0; k < c; k++)
            for (int j = 0; j < V; j++) w[k * V + j] = j < 3 ? l->weight[j * c + k] * style[k] : 0;
        const float *from = x + (size_t)i * area * c;
        float *to = out + (size_t)i * 3 * area;
#pragma omp parallel for num_threads(threads)
        for (int at = 0; at < area; at += 8) {
            vec acc[8];
            for (int p = 0; p < 8; p++) acc[p] = (vec){l->bias[0], l->bias[1], l->bias[2]};
            for (int k = 0; k < c; k++)
                for (int p = 0; p < 8; p++) acc[p] += from[(size_t)(at + p) * c + k] * load(w + k * V);
            for (int p = 0; p < 8; p++)
                for (int j = 0; j < 3; j++) {
                    float v = acc[p][j];
                    if (l->clamp > 0) v = v > l->clamp ? l->clamp : v < -l->clamp ? -l->clamp : v;
                    to[(size_t)j * area + at + p] = v;
                }
        }
        for (int j = 0; small && j < 3; j++)
            add_doubled(small + ((size_t)i * 3 + j) * area / 4, side, to + (size_t)j * area);
    }
}

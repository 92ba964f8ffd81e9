/* Up-convolutions tap by tap, for few pixels: transposed, stride 2, then the filter [1, 3, 3, 1]
   along both axes. */

#ifndef UPWARD_H
#define UPWARD_H

#include "common.h"

/* Phase (py, px) of n transposed convolutions, outputs b to b + NR, into t. */
static void phase(const Layer *l, int n, const float *pad, int py, int px, int b, float *t) {
    const int c = l->inputs, o = l->outputs, side = l->side, wide = side + 1 - px;
    const size_t line = (size_t)(side + 2) * c, whole = line * (side + 2), span = 2 * side + 3;
    const long each = (long)(side + 1 - py) * wide, all = n * each;
    static const int before[2][2] = {{0, 4}, {6, 8}}; /* taps of other phases, see BY_PHASE */
    const float *weight = l->weight + ((size_t)b * 9 + before[py][px] * NR) * c;
    long shift[4];
    int taps = 0;
    for (int ky = py; ky < 3; ky += 2)
        for (int kx = px; kx < 3; kx += 2)
            shift[taps++] = (1 - ky / 2) * (long)line + (1 - kx / 2) * c;
    const int turns = (all + MR - 1) / MR, lines = c / turns;
    const float *soon = weight + (size_t)taps * NR * c;
    for (long at = 0; at < all; at += MR, soon += taps * NR * lines) {
        const float *a[MR];
        vec acc[MR][NV];
        for (int i = 0; i < MR; i++) {
            const long p = at + i < all ? at + i : all - 1, in = p % each;
            a[i] = pad + (p / each) * whole + (in / wide) * line + (in % wide) * c;
        }
        multiply(a, shift, taps, c, weight, soon, lines, acc);
        for (int i = 0; i < MR && at + i < all; i++) {
            const long image = (at + i) / each, in = (at + i) % each;
            const size_t row = 2 * (in / wide) + py + 1, column = 2 * (in % wide) + px + 1;
            float *to = t + ((image * span + row) * span + column) * o + b;
            for (int j = 0; j < NV; j++) store(to + j * V, acc[i][j]);
        }
    }
}

/* Row `y` of the low-passed picture, from t [span, span, o] with its border. */
static void blurred(
    const float *t, int side, int o, int y, const float *scale, const float *bias,
    const float *noise, float clamp, float *row, float *out) {
    const int span = 2 * side + 3, wide = 2 * side;
    const size_t line = (size_t)span * o;
    const float *r = t + y * line;
    for (size_t i = 0; i < line; i += V) {
        vec edge = load(r + i) + load(r + i + 3 * line);
        vec inner = load(r + i + line) + load(r + i + 2 * line);
        store(row + i, edge + 3 * inner); /* a sixteenth is left to `scale` */
    }
    for (int x = 0; x < wide; x++)
        for (int k = 0; k < o; k += V) {
            const float *p = row + (size_t)x * o + k;
            vec v = load(p) + load(p + 3 * o) + 3 * (load(p + o) + load(p + 2 * o));
            v = finish(v, load(scale + k), load(bias + k), noise ? noise[x] : 0, clamp);
            store(out + (size_t)x * o + k, v);
        }
}

static void bordered(float *t, int span, int o) {
    size_t line = (size_t)span * o;
    memset(t, 0, line * sizeof(float));
    memset(t + (span - 1) * line, 0, line * sizeof(float));
    for (int y = 1; y < span - 1; y++) {
        memset(t + y * line, 0, o * sizeof(float));
        memset(t + y * line + (size_t)(span - 1) * o, 0, o * sizeof(float));
    }
}

static size_t blur_space(const Layer *l) { return (size_t)(2 * l->side + 3) * l->outputs; }

static size_t up_space(const Layer *l, int n, int threads) {
    const size_t span = 2 * l->side + 3;
    return n * span * span * l->outputs + threads * blur_space(l);
}

static void up(
    const Layer *l, int n, const float *pad, const float *scale, const float *bias,
    const float *noise, float *y, float *space, int threads) {
    const int o = l->outputs, wide = 2 * l->side, span = wide + 3;
    const size_t whole = (size_t)span * span * o;
    float *t = space, *spare = space + n * whole;
    for (int i = 0; i < n; i++) bordered(t + i * whole, span, o);
#pragma omp parallel num_threads(threads)
    {
        float *mine = spare + omp_get_thread_num() * blur_space(l);
#pragma omp for schedule(dynamic) collapse(2)
        for (int b = 0; b < o; b += NR) /* phases lie one after the other in the weights */
            for (int which = 0; which < 4; which++) phase(l, n, pad, which / 2, which % 2, b, t);
#pragma omp for schedule(static)
        for (int all = 0; all < n * wide; all++) {
            const int image = all / wide, line = all % wide;
            blurred(
                t + image * whole, l->side, o, line, scale + (size_t)image * o, bias,
                noise ? noise + (size_t)line * wide : NULL, l->clamp, mine,
                y + (size_t)all * wide * o);
        }
    }
}

#endif

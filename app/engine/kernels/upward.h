/* Up-convolutions tap by tap, for few pixels: transposed, stride 2, then the filter [1, 3, 3, 1]
   along both axes. */

#ifndef UPWARD_H
#define UPWARD_H

#include "common.h"

/* Phase (py, px) of the transposed convolution, rows [top, low), into t. */
static void phase(const Layer *l, const float *pad, int py, int px, int top, int low, float *t) {
    const int c = l->inputs, o = l->outputs, side = l->side, wide = side + 1 - px;
    const size_t line = (size_t)(side + 2) * c, span = 2 * side + 3;
    const long all = (long)(low - top) * wide;
    static const int before[2][2] = {{0, 4}, {6, 8}}; /* taps of other phases, see BY_PHASE */
    long shift[4];
    int taps = 0;
    for (int ky = py; ky < 3; ky += 2)
        for (int kx = px; kx < 3; kx += 2)
            shift[taps++] = (1 - ky / 2) * (long)line + (1 - kx / 2) * c;
    for (int b = 0; b < o; b += NR)
        for (long at = 0; at < all; at += MR) {
            const float *a[MR];
            vec acc[MR][NV];
            for (int i = 0; i < MR; i++) {
                long p = at + i < all ? at + i : all - 1;
                a[i] = pad + (top + p / wide) * line + (p % wide) * c;
            }
            multiply(
                a, shift, taps, c, l->weight + ((size_t)b * 9 + before[py][px] * NR) * c, NULL, 0, acc);
            for (int i = 0; i < MR && at + i < all; i++) {
                long p = at + i;
                size_t row = 2 * (top + p / wide) + py + 1, column = 2 * (p % wide) + px + 1;
                for (int j = 0; j < NV; j++) store(t + (row * span + column) * o + b + j * V, acc[i][j]);
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

static size_t up_space(const Layer *l, int threads) {
    const size_t span = 2 * l->side + 3;
    return span * span * l->outputs + threads * blur_space(l);
}

static void up(
    const Layer *l, int n, const float *pad, const float *scale, const float *bias,
    const float *noise, float *y, float *space, int threads) {
    const int c = l->inputs, o = l->outputs, side = l->side, span = 2 * side + 3;
    const int rows = 4, parts = side / rows + 1; /* the last: line `side` */
    float *t = space, *spare = space + (size_t)span * span * o;
    bordered(t, span, o);
    for (int image = 0; image < n; image++) {
        const float *from = pad + (size_t)image * (side + 2) * (side + 2) * c;
#pragma omp parallel num_threads(threads)
        {
            float *mine = spare + omp_get_thread_num() * blur_space(l);
#pragma omp for schedule(dynamic) collapse(2)
            for (int part = 0; part < parts; part++)
                for (int which = 0; which < 4; which++) {
                    const int py = which / 2, px = which % 2, low = side + 1 - py;
                    const int top = part * rows, end = top + rows < low ? top + rows : low;
                    if (top < end) phase(l, from, py, px, top, end, t);
                }
#pragma omp for schedule(static)
            for (int line = 0; line < 2 * side; line++)
                blurred(
                    t, side, o, line, scale + (size_t)image * o, bias,
                    noise ? noise + (size_t)line * 2 * side : NULL, l->clamp, mine,
                    y + ((size_t)image * 2 * side + line) * 2 * side * o);
        }
    }
}

#endif

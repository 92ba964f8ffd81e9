/* From channels to red, green and blue. */

#ifndef COLOURS_H
#define COLOURS_H

#include "common.h"

/* A ToRGB with one picture's modulation: weights [inputs, V], of which three lanes count. */
typedef struct {
    const ToRGB *l;
    float *weight;
    float *to; /* [3, side, side] */
} Colours;

static void modulate(const ToRGB *l, const float *ws, float *style, float *weight) {
    affine(ws, l->w_dim, l->affine, l->affine_bias, l->inputs, style);
    for (int k = 0; k < l->inputs; k++)
        for (int j = 0; j < V; j++)
            weight[k * V + j] = j < 3 ? l->weight[j * l->inputs + k] * style[k] : 0;
}

/* `count` pixels, at most 8, `from` on, to those of the three planes that begin at `at`. */
static inline __attribute__((always_inline)) void colour(
    const Colours *p, const float *from, int count, size_t at) {
    const ToRGB *l = p->l;
    const int c = l->inputs;
    const size_t area = (size_t)l->side * l->side;
    vec acc[8];
    for (int i = 0; i < count; i++) acc[i] = (vec){l->bias[0], l->bias[1], l->bias[2]};
    for (int k = 0; k < c; k++)
        for (int i = 0; i < count; i++) acc[i] += from[(size_t)i * c + k] * load(p->weight + k * V);
    for (int i = 0; i < count; i++)
        for (int j = 0; j < 3; j++) {
            float v = acc[i][j];
            if (l->clamp > 0) v = v > l->clamp ? l->clamp : v < -l->clamp ? -l->clamp : v;
            p->to[j * area + at + i] = v;
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

static void add_smaller(const Colours *p, const float *small) {
    const int side = p->l->side;
    for (int j = 0; small && j < 3; j++)
        add_doubled(small + (size_t)j * side * side / 4, side, p->to + (size_t)j * side * side);
}

#endif

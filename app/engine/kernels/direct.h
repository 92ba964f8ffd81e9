/* A 3x3 convolution tap by tap, for few pixels and many channels. */

#ifndef DIRECT_H
#define DIRECT_H

#include "common.h"

static void direct(
    const Layer *l, int n, const float *pad, const float *scale, const float *bias,
    const float *noise, float *y, int threads) {
    const int c = l->inputs, o = l->outputs, side = l->side;
    const long each = (long)side * side, all = n * each;
    const size_t line = (size_t)(side + 2) * c, whole = line * (side + 2);
    long shift[9];
    for (int t = 0; t < 9; t++) shift[t] = (t / 3) * line + (t % 3) * c;
#pragma omp parallel for schedule(dynamic) collapse(2) num_threads(threads)
    for (long start = 0; start < all; start += CHUNK)
        for (int b = 0; b < o; b += NR) {
            const long end = start + CHUNK < all ? start + CHUNK : all;
            const float *weight = l->weight + (size_t)b * 9 * c, *soon = weight + (size_t)9 * NR * c;
            const int lines = c / ((end - start + MR - 1) / MR);
            for (long at = start; at < end; at += MR, soon += 9 * NR * lines) {
                const float *a[MR];
                vec acc[MR][NV];
                for (int i = 0; i < MR; i++) {
                    long p = at + i < end ? at + i : end - 1, in = p % each;
                    a[i] = pad + (p / each) * whole + (in / side) * line + (in % side) * c;
                }
                multiply(a, shift, 9, c, weight, soon, lines, acc);
                for (int i = 0; i < MR && at + i < end; i++) {
                    long p = at + i;
                    float add = noise ? noise[p % each] : 0;
                    for (int j = 0; j < NV; j++) {
                        int k = b + j * V;
                        vec out = finish(
                            acc[i][j], load(scale + (p / each) * o + k), load(bias + k), add, l->clamp);
                        store(y + p * o + k, out);
                    }
                }
            }
        }
}

#endif

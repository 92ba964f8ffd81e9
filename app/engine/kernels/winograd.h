/* Convolutions with fewer multiplications: Lavin and Gray 2016 (arXiv 1509.09308). */

#ifndef WINOGRAD_H
#define WINOGRAD_H

#include "common.h"

/* A tile of 4 x 4 input pixels takes `side` x `side` products per pair of channels: 6 for a 3x3
   convolution; 9 for an up-convolution, whose even lines are F(4, 2) and whose odd ones have one
   tap: 5 + 4. Tiles are done in blocks, the larger the more weights. Products lie in planes
   [tiles, channels], a line apart so that they share no cache set. */
enum { PLAIN = 6, DOUBLE = 9 };

static int block_of(const Layer *l) {
    const int even = l->inputs * l->outputs / (l->inputs + l->outputs); /* weights read as products */
    return (even < 48 ? 48 : even > 96 ? 96 : even) / MR * MR;
}

static size_t plane(int block, int channels) { return (size_t)block * channels + 16; }

static inline void into_plain(const vec d[6], vec t[6]) {
    t[0] = 4 * d[0] - 5 * d[2] + d[4];
    vec a = d[4] - 4 * d[2], b = d[3] - 4 * d[1];
    t[1] = a + b;
    t[2] = a - b;
    vec e = d[4] - d[2], f = 2 * (d[3] - d[1]);
    t[3] = e + f;
    t[4] = e - f;
    t[5] = 4 * d[1] - 5 * d[3] + d[5];
}

static inline void out_plain(const vec m[6], vec y[4]) {
    vec a = m[1] + m[2], b = m[1] - m[2], c = m[3] + m[4], d = m[3] - m[4];
    y[0] = m[0] + a + c;
    y[1] = b + 2 * d;
    y[2] = a + 4 * c;
    y[3] = b + 8 * d + m[5];
}

static inline void into_double(const vec d[5], vec t[9]) {
    vec a = d[3] - d[1];
    t[0] = a + 2 * (d[0] - d[2]);
    t[1] = d[3] - d[2] - 2 * d[1];
    t[2] = d[3] - 3 * d[2] + 2 * d[1];
    t[3] = a;
    t[4] = d[4] - d[2] - 2 * a;
    for (int i = 0; i < 4; i++) t[5 + i] = d[1 + i];
}

static inline void out_double(const vec m[9], vec y[8]) {
    vec a = m[1] + m[2], b = m[1] - m[2];
    y[0] = m[0] + a + m[3];
    y[2] = b + 2 * m[3];
    y[4] = a + 4 * m[3];
    y[6] = b + 8 * m[3] + m[4];
    for (int i = 0; i < 4; i++) y[2 * i + 1] = m[5 + i];
}

#define INTO(name, FROM, TO, transform)                                                       \
    static void name(                                                                        \
        const float *x, const float *style, size_t line, int c, float *v, size_t apart) {     \
        for (int k = 0; k < c; k += V) {                                                      \
            vec t[TO][FROM];                                                                  \
            for (int j = 0; j < FROM; j++) {                                                  \
                vec d[FROM], r[TO];                                                           \
                for (int i = 0; i < FROM; i++)                                                \
                    d[i] = load(x + i * line + (size_t)j * c + k) * load(style + k);          \
                transform(d, r);                                                              \
                for (int i = 0; i < TO; i++) t[i][j] = r[i];                                  \
            }                                                                                 \
            for (int i = 0; i < TO; i++) {                                                    \
                vec r[TO];                                                                    \
                transform(t[i], r);                                                           \
                for (int j = 0; j < TO; j++) store(v + (i * TO + j) * apart + k, r[j]);       \
            }                                                                                 \
        }                                                                                     \
    }
INTO(tile_into_plain, 6, 6, into_plain)
INTO(tile_into_double, 5, 9, into_double)

static void tile_out_plain(
    const float *m, size_t apart, int o, const float *scale, const float *bias, const float *noise,
    float clamp, int side, float *y) {
    for (int k = 0; k < o; k += V) {
        vec t[4][6];
        for (int j = 0; j < 6; j++) {
            vec d[6], r[4];
            for (int i = 0; i < 6; i++) d[i] = load(m + (i * 6 + j) * apart + k);
            out_plain(d, r);
            for (int i = 0; i < 4; i++) t[i][j] = r[i];
        }
        for (int i = 0; i < 4; i++) {
            vec r[4];
            out_plain(t[i], r);
            for (int j = 0; j < 4; j++) {
                float add = noise ? noise[i * side + j] : 0;
                vec out = finish(r[j], scale + k, bias + k, add, clamp);
                store(y + ((size_t)i * side + j) * o + k, out);
            }
        }
    }
}

static void tile_out_double(const float *m, size_t apart, int o, size_t line, float *t8) {
    for (int k = 0; k < o; k += V) {
        vec t[8][9];
        for (int j = 0; j < 9; j++) {
            vec d[9], r[8];
            for (int i = 0; i < 9; i++) d[i] = load(m + (i * 9 + j) * apart + k);
            out_double(d, r);
            for (int i = 0; i < 8; i++) t[i][j] = r[i];
        }
        for (int i = 0; i < 8; i++) {
            vec r[8];
            out_double(t[i], r);
            for (int j = 0; j < 8; j++) store(t8 + i * line + (size_t)j * o + k, r[j]);
        }
    }
}

/* Every plane of v [count, c] times its weights [c, o] -> m; the odd lines of DOUBLE share theirs. */
static void products(
    const Layer *l, int kind, int block, int count, const float *v, float *m) {
    const int c = l->inputs, o = l->outputs;
    const long none = 0;
    for (int p = 0; p < kind * kind; p++) {
        const int row = p / kind < 5 ? p / kind : 5, column = p % kind < 5 ? p % kind : 5;
        const float *from = v + p * plane(block, c);
        float *to = m + p * plane(block, o);
        for (int b = 0; b < o; b += NR) {
            const float *w = l->weight + ((size_t)(row * 6 + column) * o + b) * c;
            for (int t = 0; t < count; t += MR) {
                const float *a[MR];
                vec acc[MR][NV];
                for (int i = 0; i < MR; i++) a[i] = from + (size_t)(t + i) * c;
                multiply(a, &none, 1, c, w, acc);
                for (int i = 0; i < MR; i++)
                    for (int j = 0; j < NV; j++)
                        store(to + (size_t)(t + i) * o + b + j * V, acc[i][j]);
            }
        }
    }
}

/* The pixels that one tile sees, from (row - 1, column - 1) on: in the picture, or copied with
   zeros around it where the tile lies at its edge. */
static const float *seen(
    const float *x, int side, int c, int row, int column, int size, float *patch, size_t *line) {
    *line = (size_t)side * c;
    if (row && column && row + size - 1 <= side && column + size - 1 <= side)
        return x + (row - 1) * *line + (size_t)(column - 1) * c;
    const int left = column ? 0 : 1, right = column + size - 1 <= side ? size : size - 1;
    memset(patch, 0, (size_t)size * size * c * sizeof(float));
    for (int i = 0; i < size; i++) {
        const int y = row - 1 + i;
        if (y >= 0 && y < side)
            memcpy(
                patch + ((size_t)i * size + left) * c, x + y * *line + (size_t)(column - 1 + left) * c,
                (size_t)(right - left) * c * sizeof(float));
    }
    *line = (size_t)size * c;
    return patch;
}

/* One block of tiles of n pictures, `step` apart, from `start` on. Plain: finished into y. Double:
   one picture's transposed convolution into y, with border. */
static void tiles(
    const Layer *l, int kind, long start, int count, const float *x, long step, const float *style,
    const float *scale, const float *bias, const float *noise, float *y, float *space) {
    const int c = l->inputs, o = l->outputs, side = l->side, across = side / 4;
    const int block = block_of(l), size = kind == DOUBLE ? 5 : 6;
    const size_t wide = (size_t)(2 * side + 3) * o;
    float *v = space, *m = v + kind * kind * plane(block, c), *patch = m + kind * kind * plane(block, o);
    for (int t = 0; t < count; t++) {
        long image = (start + t) / (across * across), at = (start + t) % (across * across);
        size_t line;
        const float *from = seen(
            x + image * step, side, c, 4 * (at / across), 4 * (at % across), size, patch, &line);
        (kind == PLAIN ? tile_into_plain : tile_into_double)(
            from, style + image * c, line, c, v + (size_t)t * c, plane(block, c));
    }
    products(l, kind, block, count, v, m);
    for (int t = 0; t < count; t++) {
        long image = (start + t) / (across * across), at = (start + t) % (across * across);
        long row = 4 * (at / across), column = 4 * (at % across), corner = row * side + column;
        if (kind == DOUBLE)
            tile_out_double(
                m + (size_t)t * o, plane(block, o), o, wide,
                y + (2 * row + 1) * wide + (2 * column + 1) * o);
        else
            tile_out_plain(
                m + (size_t)t * o, plane(block, o), o, scale + image * o, bias,
                noise ? noise + corner : NULL, l->clamp, side,
                y + ((size_t)image * side * side + corner) * o);
    }
}

static size_t tile_space(const Layer *l) {
    const int kind = l->up ? DOUBLE : PLAIN, block = block_of(l);
    return kind * kind * (plane(block, l->inputs) + plane(block, l->outputs)) + 36 * l->inputs;
}

static void winograd(
    const Layer *l, int n, const float *x, long step, const float *style, const float *scale,
    const float *bias, const float *noise, float *y, float *space, int threads) {
    const long all = (long)n * (l->side / 4) * (l->side / 4), block = block_of(l);
#pragma omp parallel for schedule(dynamic) num_threads(threads)
    for (long start = 0; start < all; start += block)
        tiles(
            l, PLAIN, start, (int)(all - start < block ? all - start : block), x, step, style, scale,
            bias, noise, y, space + omp_get_thread_num() * tile_space(l));
}

#endif

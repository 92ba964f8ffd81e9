/* Convolutions with fewer multiplications: Lavin and Gray 2016 (arXiv 1509.09308). */

#ifndef WINOGRAD_H
#define WINOGRAD_H

#include "colours.h"
#include "common.h"

/* Products per pair of channels and tile, along one axis: 6 for 4 pixels of a 3x3 convolution, 8 for
   6 pixels; 9 for 4 pixels of an up-convolution, whose even lines are F(4, 2) and whose odd ones have
   one tap: 5 + 4. Tiles are done in blocks, the larger the more weights. Products lie in planes
   [tiles, channels], a line apart so that they share no cache set. */
enum { FOUR = 6, SIX = 8, DOUBLE = 9 };

static int kind_of(const Layer *l) { return l->up ? DOUBLE : l->winograd + 2; }
static int window_of(int kind) { return kind == DOUBLE ? 5 : kind; }
static int across_of(const Layer *l) { return (l->side + l->winograd - 1) / l->winograd; }

static int block_of(const Layer *l) {
    const int even = l->inputs * l->outputs / (l->inputs + l->outputs); /* weights read as products */
    if (kind_of(l) != FOUR && even < 128) return 24 / MR * MR; /* many planes leave the caches soon */
    return (even < 48 ? 48 : even > 96 ? 96 : even) / MR * MR;
}

static size_t plane(int block, int channels) { return (size_t)block * channels + 16; }

static inline void into_four(const vec d[6], vec t[6]) {
    t[0] = 4 * d[0] - 5 * d[2] + d[4];
    vec a = d[4] - 4 * d[2], b = d[3] - 4 * d[1];
    t[1] = a + b;
    t[2] = a - b;
    vec e = d[4] - d[2], f = 2 * (d[3] - d[1]);
    t[3] = e + f;
    t[4] = e - f;
    t[5] = 4 * d[1] - 5 * d[3] + d[5];
}

static inline void out_four(const vec m[6], vec y[4]) {
    vec a = m[1] + m[2], b = m[1] - m[2], c = m[3] + m[4], d = m[3] - m[4];
    y[0] = m[0] + a + c;
    y[1] = b + 2 * d;
    y[2] = a + 4 * c;
    y[3] = b + 8 * d + m[5];
}

static inline void into_six(const vec d[8], vec t[8]) {
    t[0] = d[0] - d[6] + 5.25f * (d[4] - d[2]);
    vec a = d[2] + d[6] - 4.25f * d[4], b = d[1] + d[5] - 4.25f * d[3];
    t[1] = a + b;
    t[2] = a - b;
    a = d[6] + 0.25f * d[2] - 1.25f * d[4], b = 0.5f * d[1] - 2.5f * d[3] + 2 * d[5];
    t[3] = a + b;
    t[4] = a - b;
    a = d[6] + 4 * (d[2] - 1.25f * d[4]), b = 2 * d[1] - 2.5f * d[3] + 0.5f * d[5];
    t[5] = a + b;
    t[6] = a - b;
    t[7] = d[7] - d[1] + 5.25f * (d[3] - d[5]);
}

static inline void out_six(const vec m[8], vec y[6]) {
    vec a = m[1] + m[2], b = m[1] - m[2], c = m[3] + m[4], d = m[3] - m[4];
    vec e = m[5] + m[6], f = m[5] - m[6];
    y[0] = m[0] + a + c + 32 * e;
    y[2] = a + 4 * c + 8 * e;
    y[4] = a + 16 * c + 2 * e;
    y[1] = b + 2 * d + 16 * f;
    y[3] = b + 8 * d + 4 * f;
    y[5] = m[7] + b + 32 * d + f;
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
INTO(tile_into_four, 6, 6, into_four)
INTO(tile_into_six, 8, 8, into_six)
INTO(tile_into_double, 5, 9, into_double)

/* `rows` and `columns` of a tile's TO x TO pixels are in the picture. */
#define OUT(name, FROM, TO, transform)                                                        \
    static void name(                                                                        \
        const float *m, size_t apart, int o, const float *scale, const float *bias,           \
        const float *noise, float clamp, int side, int rows, int columns, float *y,           \
        int pitch) {                                                                          \
        for (int k = 0; k < o; k += V) {                                                      \
            const vec factor = load(scale + k), add = load(bias + k);                         \
            vec t[TO][FROM];                                                                  \
            for (int j = 0; j < FROM; j++) {                                                  \
                vec d[FROM], r[TO];                                                           \
                for (int i = 0; i < FROM; i++) d[i] = load(m + (i * FROM + j) * apart + k);   \
                transform(d, r);                                                              \
                for (int i = 0; i < TO; i++) t[i][j] = r[i];                                  \
            }                                                                                 \
            for (int i = 0; i < rows; i++) {                                                  \
                vec r[TO];                                                                    \
                transform(t[i], r);                                                           \
                for (int j = 0; j < columns; j++) {                                           \
                    vec out = finish(r[j], factor, add, noise ? noise[i * side + j] : 0, clamp); \
                    store(y + ((size_t)i * pitch + j) * o + k, out);                          \
                }                                                                             \
            }                                                                                 \
        }                                                                                     \
    }
OUT(tile_out_four, 6, 4, out_four)
OUT(tile_out_six, 8, 6, out_six)

/* Rows of `planes` planes, the same `count` of each, times the weights [c, o] that all share; `apart`
   and `to_apart` floats lie between planes 0 and 1. */
static void product(
    const float *from, size_t apart, const int *planes, int of, int count, int c, int o,
    const float *w, float *to, size_t to_apart) {
    const long still = 0;
    const int rows = of * count, lines = (c * MR + rows - 1) / rows; /* of the next weights, a turn */
    for (int b = 0; b < o; b += NR, w += (size_t)NR * c) {
        const float *soon = w + (size_t)NR * c, *end = soon + (size_t)NR * c;
        for (int at = 0, p = 0, t = 0; at < rows; at += MR) {
            const float *a[MR];
            float *out[MR];
            vec acc[MR][NV];
            for (int i = 0; i < MR; i++) {
                a[i] = from + planes[p] * apart + (size_t)t * c;
                out[i] = to + planes[p] * to_apart + (size_t)t * o + b;
                if (at + i < rows - 1 && ++t == count) t = 0, p++;
            }
            const int some = soon + (size_t)lines * NR <= end ? lines : 0;
            multiply(a, &still, 1, c, w, soon, some, acc);
            soon += (size_t)some * NR;
            for (int i = 0; i < MR && at + i < rows; i++)
                for (int j = 0; j < NV; j++) store(out[i] + j * V, acc[i][j]);
        }
    }
}

/* Every plane of v times its weights -> m; the odd lines of DOUBLE share theirs. */
static void products(const Layer *l, int kind, int count, size_t block, const float *v, float *m) {
    const int c = l->inputs, o = l->outputs, own = kind == DOUBLE ? 6 : kind;
    for (int q = 0; q < own * own; q++) {
        const int row = q / own, column = q % own;
        const int down = kind == DOUBLE && row == 5 ? 4 : 1;
        const int along = kind == DOUBLE && column == 5 ? 4 : 1;
        int planes[16], of = 0;
        for (int i = 0; i < down; i++)
            for (int j = 0; j < along; j++) planes[of++] = (row + i) * kind + column + j;
        product(
            v, plane(block, c), planes, of, count, c, o, l->weight + (size_t)q * o * c, m,
            plane(block, o));
    }
}

/* The pixels that one tile sees, from (row - 1, column - 1) on: in the picture, or copied with
   zeros around it where the tile lies at its edge. */
static const float *seen(
    const float *x, int side, int c, int row, int column, int size, float *patch, size_t *line) {
    *line = (size_t)side * c;
    if (row && column && row + size - 1 <= side && column + size - 1 <= side)
        return x + (row - 1) * *line + (size_t)(column - 1) * c;
    const int left = column ? 0 : 1, right = column + size - 1 <= side ? size : side + 1 - column;
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

/* `count` tiles of n pictures, `step` apart, from `start` on -> their products, m. */
static void tiles(
    const Layer *l, long start, int count, const float *x, long step, const float *style, float *v,
    float *m, float *patch) {
    const int c = l->inputs, side = l->side, tile = l->winograd, across = across_of(l);
    const int block = block_of(l), kind = kind_of(l);
    for (int t = 0; t < count; t++) {
        long image = (start + t) / (across * across), at = (start + t) % (across * across);
        size_t line;
        const float *from = seen(
            x + image * step, side, c, tile * (at / across), tile * (at % across), window_of(kind),
            patch, &line);
        (kind == FOUR ? tile_into_four : kind == SIX ? tile_into_six : tile_into_double)(
            from, style + image * c, line, c, v + (size_t)t * c, plane(block, c));
    }
    products(l, kind, count, block, v, m);
}

/* Floats of the working space of `tiles`: v, m and patch; and of a tile's pixels. */
static size_t tile_space(const Layer *l) {
    const int kind = kind_of(l), block = block_of(l);
    return kind * kind * (plane(block, l->inputs) + plane(block, l->outputs)) + 64 * l->inputs + 36 * l->outputs;
}

/* A convolution into y or, where there are colours, tile by tile into those. */
static void winograd(
    const Layer *l, int n, const float *x, long step, const float *style, const float *scale,
    const float *bias, const float *noise, float *y, const Colours *colours, float *space,
    int threads) {
    const int c = l->inputs, o = l->outputs, side = l->side, tile = l->winograd, kind = kind_of(l);
    const int across = across_of(l), block = block_of(l);
    const long all = (long)n * across * across, share = ((all - 1) / threads / MR + 1) * MR;
    const long most = share < block ? share : block; /* none is idle where all would fit a block */
#pragma omp parallel for schedule(dynamic) num_threads(threads)
    for (long start = 0; start < all; start += most) {
        const int count = (int)(all - start < most ? all - start : most);
        float *v = space + omp_get_thread_num() * tile_space(l);
        float *m = v + kind * kind * plane(block, c), *patch = m + kind * kind * plane(block, o);
        float *pixels = patch + 64 * c;
        tiles(l, start, count, x, step, style, v, m, patch);
        for (int t = 0; t < count; t++) {
            const long image = (start + t) / (across * across), at = (start + t) % (across * across);
            const int row = tile * (at / across), column = tile * (at % across);
            const int rows = tile < side - row ? tile : side - row;
            const int columns = tile < side - column ? tile : side - column;
            const size_t corner = (size_t)row * side + column;
            (kind == FOUR ? tile_out_four : tile_out_six)(
                m + (size_t)t * o, plane(block, o), o, scale + image * o, bias,
                noise ? noise + corner : NULL, l->clamp, side, rows, columns,
                colours ? pixels : y + ((size_t)image * side * side + corner) * o,
                colours ? tile : side);
            for (int i = 0; colours && i < rows; i++) {
                const float *from = pixels + (size_t)i * tile * o;
                if (columns == 6)
                    colour(colours, from, 6, corner + (size_t)i * side);
                else
                    for (int j = 0; j < columns; j += 2)
                        colour(colours, from + (size_t)j * o, 2, corner + (size_t)i * side + j);
            }
        }
    }
}

#endif

/* Winograd's up-convolution together with the filter [1, 3, 3, 1] that follows it.

   A tile of the transposed convolution never reaches memory: its 8 x 8 pixels are low-passed at
   once, along lines with the last three columns of the tile to the left, along columns with the
   last three lines of the tiles above, which is why tiles come in order. What the filter sees of
   line and column 2 * side, beyond all tiles, is made beforehand. */

#ifndef DOUBLED_H
#define DOUBLED_H

#include "winograd.h"

/* What one thread needs for its rows of tiles. */
typedef struct {
    float *v, *m, *patch; /* of `tiles` */
    float *left;          /* [8, 3, o]: columns of the tile to the left */
    float *top;           /* [3, wide, o]: lines above, low-passed along the line */
    float *head;          /* [3, wide, o]: the first lines, where another thread has those above */
} Part;

static size_t part_space(const Layer *l) {
    return tile_space(l) + (size_t)(12 * l->side + 24) * l->outputs;
}

static Part part_at(const Layer *l, float *space) {
    const size_t block = block_of(l), lines = (size_t)6 * l->side * l->outputs;
    Part p = {.v = space};
    p.m = p.v + 81 * plane(block, l->inputs);
    p.patch = p.m + 81 * plane(block, l->outputs);
    p.left = p.patch + 64 * l->inputs;
    p.top = p.left + 24 * l->outputs;
    p.head = p.top + lines;
    return p;
}

/* A sixteenth, for both axes, is left to `scale`. One product: rounded alike wherever it stands. */
static inline vec lowpass(vec a, vec b, vec c, vec d) { return a + d + 3 * (b + c); }

/* Line and column 2 * side of the transposed convolution, for n pictures: the weights' planes with
   row or column 0 are half the one tap that reaches them. */
typedef struct {
    float *bottom; /* [n, 2 side + 3, o], a zero at both ends */
    float *right;  /* [n, 2 side, o] */
    float *rest;   /* what the products need */
} Edges;

static size_t edges_space(const Layer *l, int n) {
    const size_t rows = (size_t)n * (9 * (l->side / 4) + 1);
    return (size_t)n * (4 * l->side + 3) * l->outputs + 2 * rows * (l->inputs + l->outputs);
}

static Edges edges_at(const Layer *l, int n, float *space) {
    float *right = space + (size_t)n * (2 * l->side + 3) * l->outputs;
    return (Edges){space, right, right + (size_t)n * 2 * l->side * l->outputs};
}

/* Nine rows of v, `apart` floats apart, from four pixels of an edge and the one before them. */
static void edge_into(
    const float *x, size_t pixel, int first, const float *style, int c, float *v, size_t apart) {
    for (int k = 0; k < c; k += V) {
        vec d[5], r[9];
        for (int i = 0; i < 5; i++)
            d[i] = load_if(i || !first, x + i * pixel - pixel + k) * load(style + k);
        into_double(d, r);
        for (int i = 0; i < 9; i++) store(v + i * apart + k, r[i]);
    }
}

static void edge_out(const float *m, size_t apart, int o, float *t) {
    for (int k = 0; k < o; k += V) {
        vec d[9], r[8];
        for (int i = 0; i < 9; i++) d[i] = 2 * load(m + i * apart + k);
        out_double(d, r);
        for (int i = 0; i < 8; i++) store(t + (size_t)i * o + k, r[i]);
    }
}

/* Called by all threads: rows of v and m are n corners, then for every plane n x across tiles. */
static void edges(const Layer *l, int n, const float *x, long step, const float *style, Edges e) {
    const int c = l->inputs, o = l->outputs, side = l->side, across = side / 4, tiles = n * across;
    const size_t line = (size_t)side * c, rows = (size_t)n + 9 * tiles;
    float *v = e.rest, *m = v + 2 * rows * c; /* the second half: the right edge, without corners */
#pragma omp for
    for (int t = 0; t < tiles; t++) {
        const int image = t / across, at = t % across;
        const float *from = x + image * step, *s = style + (size_t)image * c;
        const float *low = from + (side - 1) * line, *right = from + (size_t)(side - 1) * c;
        float *to = v + (size_t)(n + t) * c;
        edge_into(low + (size_t)4 * at * c, c, !at, s, c, to, (size_t)tiles * c);
        edge_into(right + 4 * at * line, line, !at, s, c, to + rows * c, (size_t)tiles * c);
        if (!at)
            for (int k = 0; k < c; k++) v[(size_t)image * c + k] = low[line - c + k] * s[k];
    }
#pragma omp for schedule(dynamic)
    for (int q = 0; q < 12; q++) {
        const int p = q % 6, half = q / 6, alone = !p && !half, which = 0;
        const size_t row = half * rows + (alone ? 0 : n + p * tiles);
        const int count = p < 5 ? tiles + (alone ? n : 0) : 4 * tiles;
        product(
            v + row * c, 0, &which, 1, count, c, o, l->weight + (size_t)(half ? 6 * p : p) * o * c,
            m + row * o, 0);
    }
#pragma omp for
    for (int t = 0; t < tiles; t++) {
        const int image = t / across, at = t % across;
        const float *from = m + (size_t)(n + t) * o;
        float *low = e.bottom + (size_t)image * (2 * side + 3) * o;
        edge_out(from, (size_t)tiles * o, o, low + (size_t)(8 * at + 1) * o);
        edge_out(
            from + rows * o, (size_t)tiles * o, o, e.right + (size_t)(image * 2 * side + 8 * at) * o);
        if (at) continue;
        memset(low, 0, o * sizeof(float));
        for (int k = 0; k < o; k++) low[(2 * side + 1) * o + k] = 4 * m[(size_t)image * o + k];
        memset(low + (size_t)(2 * side + 2) * o, 0, o * sizeof(float));
    }
}

/* One picture's last touch, and where it goes. */
typedef struct {
    const float *scale, *bias, *noise; /* noise: [wide, wide] or NULL */
    float clamp;
    int wide, o;
    float *y;
} Paper;

static inline void put(const Paper *p, vec v, vec scale, vec bias, int row, int x, int k) {
    const size_t at = (size_t)row * p->wide + x;
    v = finish(v, scale, bias, p->noise ? p->noise[at] : 0, p->clamp);
    store(p->y + at * p->o + k, v);
}

/* Eight low-passed lines of column x, the first of them line 8 `row` of the transposed convolution;
   `begins`: with nothing above yet. */
static inline __attribute__((always_inline)) void down(
    const Paper *p, const Part *part, const vec h[8], int row, int begins, int x, int k, vec scale,
    vec bias) {
    const size_t line = (size_t)p->wide * p->o, at = (size_t)x * p->o + k;
    vec a[11];
    for (int i = 0; i < 3; i++) {
        a[i] = load_if(!begins, part->top + i * line + at);
        store(part->top + i * line + at, h[5 + i]);
    }
    for (int i = 0; i < 8; i++) a[3 + i] = h[i];
    for (int i = 0; begins && row && i < 3; i++) store(part->head + i * line + at, h[i]);
#define PUT(i) put(p, lowpass(a[i], a[i + 1], a[i + 2], a[i + 3]), scale, bias, 8 * row - 2 + i, x, k)
    if (begins)
        for (int i = row ? 3 : 2; i < 8; i++) PUT(i);
    else
        for (int i = 0; i < 8; i++) PUT(i);
#undef PUT
}

/* One tile's products to its pixels; after the last of a row also the two columns on its right. */
static void tile_out_double(
    const Paper *p, const Part *part, const float *m, size_t apart, int row, int begins, int column,
    const float *right) {
    const int o = p->o, last = 8 * column + 8 == p->wide;
    for (int k = 0; k < o; k += V) {
        const vec scale = load(p->scale + k), bias = load(p->bias + k);
        float *left = part->left + k;
        vec t[8][9], h[10][8];
        for (int j = 0; j < 9; j++) {
            vec d[9], r[8];
            for (int i = 0; i < 9; i++) d[i] = load(m + (i * 9 + j) * apart + k);
            out_double(d, r);
            for (int i = 0; i < 8; i++) t[i][j] = r[i];
        }
        for (int i = 0; i < 8; i++) {
            vec a[13];
            out_double(t[i], a + 3);
            for (int j = 0; j < 3; j++) {
                a[j] = load_if(column, left + (i * 3 + j) * o);
                store(left + (i * 3 + j) * o, a[8 + j]);
            }
            for (int j = 0; j < 8; j++) h[j][i] = lowpass(a[j], a[j + 1], a[j + 2], a[j + 3]);
            if (last) {
                const vec edge = load(right + (size_t)(8 * row + i) * o + k);
                h[8][i] = lowpass(a[8], a[9], a[10], edge);
                h[9][i] = lowpass(a[9], a[10], edge, none());
            }
        }
        for (int j = column ? 0 : 2; j < (last ? 10 : 8); j++)
            down(p, part, h[j], row, begins, 8 * column - 2 + j, k, scale, bias);
    }
}

/* The last two lines of a picture. */
static void last_lines(const Paper *p, const float *top, const float *bottom) {
    const int o = p->o, wide = p->wide;
    const size_t line = (size_t)wide * o;
    for (int x = 0; x < wide; x++)
        for (int k = 0; k < o; k += V) {
            const float *b = bottom + (size_t)x * o + k, *a = top + (size_t)x * o + k;
            const vec low = lowpass(load(b), load(b + o), load(b + 2 * o), load(b + 3 * o));
            const vec v[3] = {load(a), load(a + line), load(a + 2 * line)};
            const vec scale = load(p->scale + k), bias = load(p->bias + k);
            put(p, lowpass(v[0], v[1], v[2], low), scale, bias, wide - 2, x, k);
            put(p, lowpass(v[1], v[2], low, none()), scale, bias, wide - 1, x, k);
        }
}

/* The three lines between what two threads have done. */
static void seam(const Paper *p, const float *top, const float *head, int row) {
    const size_t line = (size_t)p->wide * p->o;
    for (int x = 0; x < p->wide; x++)
        for (int k = 0; k < p->o; k += V) {
            const vec scale = load(p->scale + k), bias = load(p->bias + k);
            vec a[6];
            for (int i = 0; i < 3; i++) {
                a[i] = load(top + i * line + (size_t)x * p->o + k);
                a[3 + i] = load(head + i * line + (size_t)x * p->o + k);
            }
            for (int i = 0; i < 3; i++)
                put(p, lowpass(a[i], a[i + 1], a[i + 2], a[i + 3]), scale, bias, 8 * row - 2 + i, x, k);
        }
}

static size_t doubled_space(const Layer *l, int n, int threads) {
    return edges_space(l, n) + threads * part_space(l);
}

static void doubled(
    const Layer *l, int n, const float *x, long step, const float *style, const float *scale,
    const float *bias, const float *noise, float *y, float *space, int threads) {
    const int o = l->outputs, wide = 2 * l->side, across = l->side / 4, block = block_of(l);
    const long rows = (long)n * across, parts = threads < rows ? threads : rows;
    const Edges e = edges_at(l, n, space);
    float *own = space + edges_space(l, n);
#define PAPER(image)                                                                          \
    {scale + (size_t)(image) * o, bias, noise, l->clamp, wide, o,                             \
     y + (size_t)(image) * wide * wide * o}
#pragma omp parallel num_threads(threads)
    {
        edges(l, n, x, step, style, e);
#pragma omp for schedule(static)
        for (long i = 0; i < parts; i++) {
            const Part part = part_at(l, own + i * part_space(l));
            const long first = rows * i / parts, end = rows * (i + 1) / parts * across;
            for (long start = first * across; start < end; start += block) {
                const int count = (int)(end - start < block ? end - start : block);
                tiles(l, start, count, x, step, style, part.v, part.m, part.patch);
                for (long t = start; t < start + count; t++) {
                    const long image = t / across / across, all = t / across, row = all % across;
                    const Paper paper = PAPER(image);
                    tile_out_double(
                        &paper, &part, part.m + (t - start) * o, plane(block, o), row,
                        !row || all == first, t % across, e.right + image * wide * o);
                    if ((t + 1) % (across * across) == 0)
                        last_lines(&paper, part.top, e.bottom + image * (wide + 3) * o);
                }
            }
        }
#pragma omp for schedule(static)
        for (long i = 1; i < parts; i++) {
            const long all = rows * i / parts;
            const Paper paper = PAPER(all / across);
            if (all % across)
                seam(
                    &paper, part_at(l, own + (i - 1) * part_space(l)).top,
                    part_at(l, own + i * part_space(l)).head, all % across);
        }
    }
#undef PAPER
}

#endif

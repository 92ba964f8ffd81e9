/* Vectors, the one matrix product, and what is done to every value before it is stored. */

#ifndef COMMON_H
#define COMMON_H

#include <stddef.h>
#include <string.h>
#include <math.h>
#ifdef _OPENMP
#include <omp.h>
#else
static int omp_get_thread_num(void) { return 0; }
#endif

#if defined(__AVX512F__)
#define V 16
#define MR 12
#elif defined(__AVX__)
#define V 8
#define MR 6
#else
#define V 4
#define MR 4
#endif
#define NR 16
#define NV (NR / V)
#define CHUNK 192 /* pixels of one direct block: a multiple of MR */

typedef float vec __attribute__((vector_size(4 * V))); /* aligned, where arrays of it are on the stack */
typedef float loose __attribute__((vector_size(4 * V), aligned(4), may_alias)); /* in memory */
typedef int bits __attribute__((vector_size(4 * V)));

typedef struct {
    int inputs, outputs, side, up; /* side: of the input */
    int winograd, w_dim;           /* pixels along a tile, 0: the direct form */
    float clamp;                                    /* 0: none */
    const float *affine, *affine_bias;              /* [w_dim, inputs], [inputs] */
    const float *energy;                            /* [inputs, outputs] squared sums */
    const float *weight;                            /* packed, see native_synthesis.py */
    const float *bias;                              /* [outputs] */
} Layer;

typedef struct {
    int inputs, side, w_dim;
    float clamp;
    const float *affine, *affine_bias; /* as above, with the gain */
    const float *weight, *bias;        /* [3, inputs], [3] */
} ToRGB;

/* sqrt 2, and 0.6 of the leaky ReLU with slope 0.2, v -> 0.6 (v + 2/3 |v|): both go before it. */
static const float GAIN = 0.6f * 1.41421356237309505f;

static vec load(const float *p) { return *(const loose *)p; }
static void store(float *p, vec v) { *(loose *)p = v; }
static inline vec none(void) { return (vec){0}; }
static inline vec load_if(int there, const float *p) { return there ? load(p) : none(); }

/* out[j] = bias[j] + sum_i x[i] * m[i][j] */
static void affine(const float *x, int k, const float *m, const float *bias, int n, float *out) {
    memcpy(out, bias, n * sizeof(float));
    for (int i = 0; i < k; i++) {
        const float *row = m + (size_t)i * n;
        for (int j = 0; j < n; j++) out[j] += x[i] * row[j];
    }
}

static inline __attribute__((always_inline)) void add_products(
    const float *const *p, int c, const float *b, vec acc[MR][NV]) {
    vec w[NV];
    for (int j = 0; j < NV; j++) w[j] = load(b + j * V);
    for (int i = 0; i < MR; i++)
        for (int j = 0; j < NV; j++) acc[i][j] += p[i][c] * w[j];
}

/* MR rows of A, `taps` shifted windows of `k` values each, times B [taps, k, NR]; `soon`: the first
   of the cache lines that are fetched meanwhile, `lines` with every window, at most k. */
static inline __attribute__((always_inline)) void multiply(
    const float *const *a, const long *shift, int taps, int k, const float *b, const float *soon,
    int lines, vec acc[MR][NV]) {
    for (int i = 0; i < MR; i++)
        for (int j = 0; j < NV; j++) acc[i][j] = (vec){0};
    for (int t = 0; t < taps; t++) {
        const float *p[MR];
        for (int i = 0; i < MR; i++) p[i] = a[i] + shift[t];
        int c = 0;
        for (; c < lines; c++, b += NR, soon += NR) {
            __builtin_prefetch(soon);
            add_products(p, c, b, acc);
        }
        for (; c < k; c++, b += NR) add_products(p, c, b, acc);
    }
}

/* One line of x times style with a zero pixel at both ends; NULL: zeros. */
static void padded(const float *x, const float *style, int side, int c, float *out) {
    memset(out, 0, (x ? 1 : side + 2) * (size_t)c * sizeof(float));
    if (!x) return;
    memset(out + (size_t)(side + 1) * c, 0, c * sizeof(float));
    for (int i = 0; i < side; i++)
        for (int k = 0; k < c; k += V) {
            const size_t at = (size_t)i * c + k;
            store(out + c + at, load(x + at) * load(style + k));
        }
}

static inline vec size(vec v) { return (vec)((bits)v & 0x7fffffff); }

static inline vec choose(bits mask, vec yes, vec no) {
    return (vec)((mask & (bits)yes) | (~mask & (bits)no));
}

static inline vec finish(vec v, vec scale, vec bias, float noise, float clamp) {
    v = v * scale + bias + noise;
    v = v + 0.66666667f * size(v); /* one product: rounded alike wherever this is compiled */
    if (clamp > 0) {
        vec top = (vec){0} + clamp;
        v = choose(v < top, v, top);
        v = choose(v > -top, v, -top);
    }
    return v;
}

#endif

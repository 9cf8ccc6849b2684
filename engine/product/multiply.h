// The one matrix product of the engine: a tile of C = A B, kept in registers while the sum runs.
//
// Every element of C is one accumulator that takes its terms in the order of k, so its bits depend neither on the shape
// of the tile, nor on the width of a vector, nor on the thread that computes it.
#pragma once

#include "product/panel.h"

namespace ranvier::RANVIER_LEVEL {

// Accumulators must fill the multiply-add pipelines (latency 4, two a cycle: at least 8) and leave registers for the
// operands: 6 rows of 2 vectors in 16 registers, 12 rows of one. The last columns of a matrix may need one vector only.
template <class Real>
constexpr int kTileVectors = kVectors<Real> < 2 ? 1 : 2;
template <int vectors>
constexpr int kTileRows = 12 / vectors;

template <class Real, int rows, int vectors>
struct Tile {
    Vec<Real> c[rows][vectors];

    // f(row, column, vector) for each.
    template <class F>
    RANVIER_INLINE void for_each(F&& f) {
#pragma GCC unroll 12
        for (int r = 0; r < rows; ++r)
#pragma GCC unroll 12
            for (int v = 0; v < vectors; ++v) f(r, v * kWidth<Real>, c[r][v]);
    }
    RANVIER_INLINE void load_from(const Real* at, int64_t row_step) {
        for_each([&](int r, int column, Vec<Real>& v) RANVIER_INLINE_LAMBDA { v = load(at + r * row_step + column); });
    }
    RANVIER_INLINE void add_from(const Real* at, int64_t row_step) {
        for_each([&](int r, int column, Vec<Real>& v) RANVIER_INLINE_LAMBDA { v += load(at + r * row_step + column); });
    }
    RANVIER_INLINE void store_to(Real* at, int64_t row_step) {
        for_each([&](int r, int column, Vec<Real> v) RANVIER_INLINE_LAMBDA { store(at + r * row_step + column, v); });
    }
};

// C += A B for `steps` values of k. A(r, k) = A[r * row_step + k * k_step] is broadcast; row k of B lies at B + k *
// b_step.
template <class Real, int rows, int vectors>
RANVIER_INLINE void accumulate(Tile<Real, rows, vectors>& C, const Real* A, int64_t row_step, int64_t k_step,
                               const Real* B, int64_t b_step, int steps) {
#pragma GCC unroll 2
    for (int k = 0; k < steps; ++k) {
        Vec<Real> b[vectors];
#pragma GCC unroll 12
        for (int v = 0; v < vectors; ++v) b[v] = load(B + v * kWidth<Real>);
#pragma GCC unroll 12
        for (int r = 0; r < rows; ++r) {
            const Vec<Real> a = broadcast(A[r * row_step]);
#pragma GCC unroll 12
            for (int v = 0; v < vectors; ++v) C.c[r][v] = fma(a, b[v], C.c[r][v]);
        }
        A += k_step;
        B += b_step;
    }
}

template <int n>
struct Count {
    static constexpr int value = n;
};

// Calls f(Count<rows>) with rows known to the compiler.
template <int most, class F>
RANVIER_INLINE void with_count(int rows, F&& f) {
    if constexpr (most > 1) {
        if (rows < most) return with_count<most - 1>(rows, f);
    }
    f(Count<most>{});
}

// Covers a matrix of so many rows and columns (at most one panel) with tiles. Rows are split into tiles as equal as can
// be: a tile of one or two rows could not fill the pipelines.
// Calls f(Count<rows of the tile>, Count<its vectors>, first row, first column).
template <class Real, class F>
RANVIER_INLINE void for_each_tile(int rows, int columns, F&& f) {
    for (int column = 0; column < columns; column += kTileVectors<Real> * kWidth<Real>) {
        const int vectors = columns - column > kWidth<Real> ? kTileVectors<Real> : 1;
        with_count<kTileVectors<Real>>(vectors, [&](auto vector_count) RANVIER_INLINE_LAMBDA {
            constexpr int most = kTileRows<decltype(vector_count)::value>;
            const int tiles = (rows + most - 1) / most;
            for (int t = 0; t < tiles; ++t) {
                const int begin = rows * t / tiles;
                const int end = rows * (t + 1) / tiles;
                with_count<most>(end - begin,
                                 [&](auto count) RANVIER_INLINE_LAMBDA { f(count, vector_count, begin, column); });
            }
        });
    }
}

// One tile of C = A B + start, at row r0 and `column`, from its first to its last term. A is in panels; `start` (a
// value for each column, or null for zero) begins each sum. end(r, c, sum) receives each finished vector.
template <class Real, int rows, int vectors, class End>
RANVIER_INLINE void multiply_tile(Panels<Real> A, int r0, const Real* B, int64_t b_step, const Real* start, int column,
                                  const End& end) {
    constexpr int lanes = kLanes<Real>;
    Tile<Real, rows, vectors> C = {};
    if (start) C.load_from(start + column, 0);
    for (int p = 0; p < A.count(); ++p)
        accumulate<Real, rows, vectors>(C, A.panel(p) + r0 * lanes, lanes, 1, B + p * lanes * b_step + column, b_step,
                                        A.width(p));
    C.for_each([&](int r, int c, Vec<Real> sum) RANVIER_INLINE_LAMBDA { end(r0 + r, column + c, sum); });
}

// C = A B + start, for one panel of B with `width` real columns; the others are padding.
template <class Real, class End>
__attribute__((noinline)) void multiply_panel(Panels<Real> A, const Real* B, int64_t b_step, const Real* start,
                                              int width, const End& end) {
    for_each_tile<Real>(A.rows, width, [&](auto rows, auto vectors, int r0, int column) RANVIER_INLINE_LAMBDA {
        multiply_tile<Real, decltype(rows)::value, decltype(vectors)::value>(A, r0, B, b_step, start, column, end);
    });
}

// C = A B + start for a few rows of A, where B lies row by row, b_step apart, and `vectors` vectors of its columns are
// wanted: they become the columns of C from panel `first` on. With few rows a tile is wide instead of high, so that it
// has as many sums.
template <class Real>
inline void multiply_few_rows(Panels<Real> A, const Real* B, int64_t b_step, const Real* start, int vectors,
                              Panels<Real> C, int first) {
    constexpr int high = 4, lanes = kLanes<Real>;
    auto end = [&](int r, int c, Vec<Real> sum)
                   RANVIER_INLINE_LAMBDA { store(C.panel(first + c / lanes) + r * lanes + c % lanes, sum); };
    const int bands = (A.rows + high - 1) / high;
    for (int band = 0; band < bands; ++band) {
        const int r0 = A.rows * band / bands;
        with_count<high>(A.rows * (band + 1) / bands - r0, [&](auto rows) {
            constexpr int wide = 12 / decltype(rows)::value;
            for (int v0 = 0; v0 < vectors; v0 += wide)
                with_count<wide>(vectors - v0 < wide ? vectors - v0 : wide, [&](auto count) {
                    multiply_tile<Real, decltype(rows)::value, decltype(count)::value>(A, r0, B, b_step, start,
                                                                                       v0 * kWidth<Real>, end);
                });
        });
    }
}

// The ends of a product, as types of their own so that each is compiled once.
template <class Real>
struct StoreAt {
    Real* panel;
    RANVIER_INLINE void operator()(int r, int c, Vec<Real> sum) const { store(panel + r * kLanes<Real> + c, sum); }
};
template <class Real>
struct MultiplyInto {
    Real* panel;
    RANVIER_INLINE void operator()(int r, int c, Vec<Real> sum) const {
        Real* at = panel + r * kLanes<Real> + c;
        store(at, sum * load(at));
    }
};

}  // namespace ranvier::RANVIER_LEVEL

// The one matrix product of the engine: a tile of C = A B, kept in registers while the sum runs.
//
// Every element of C is one accumulator that takes its terms in the order of k, so its bits depend neither on the shape
// of the tile, nor on the width of a vector, nor on the thread that computes it.
#pragma once

#include "product/panel.h"

namespace ranvier::RANVIER_LEVEL {

// Accumulators must fill the multiply-add pipelines (latency 4, two a cycle: at least 8) and leave registers for the
// operands: 6 rows of 2 vectors in 16 registers, 12 rows of one 64-byte vector in 32.
template <class Real>
constexpr int kTileVectors = kVectors<Real> < 2 ? 1 : 2;
template <class Real>
constexpr int kTileRows = 12 / kTileVectors<Real>;

template <class Real, int rows>
struct Tile {
    Vec<Real> c[rows][kTileVectors<Real>];
};

// C += A B for `steps` values of k. A(r, k) = A[r * row_step + k * k_step] is broadcast; row k of B lies at B + k * b_step.
template <class Real, int rows>
RANVIER_INLINE void accumulate(Tile<Real, rows>& C, const Real* A, int64_t row_step, int64_t k_step, const Real* B,
                               int64_t b_step, int steps) {
#pragma GCC unroll 2
    for (int k = 0; k < steps; ++k) {
        Vec<Real> b[kTileVectors<Real>];
#pragma GCC unroll 2
        for (int v = 0; v < kTileVectors<Real>; ++v) b[v] = load(B + v * kWidth<Real>);
#pragma GCC unroll 12
        for (int r = 0; r < rows; ++r) {
            const Vec<Real> a = broadcast(A[r * row_step]);
#pragma GCC unroll 2
            for (int v = 0; v < kTileVectors<Real>; ++v) C.c[r][v] = fma(a, b[v], C.c[r][v]);
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

// Splits rows into tiles as equal as can be: a tile of one or two rows could not fill the pipelines.
// Calls f(Count<rows of the tile>, first row).
template <class Real, class F>
RANVIER_INLINE void for_each_tile(int rows, F&& f) {
    const int tiles = (rows + kTileRows<Real> - 1) / kTileRows<Real>;
    for (int t = 0; t < tiles; ++t) {
        const int begin = rows * t / tiles;
        const int end = rows * (t + 1) / tiles;
        with_count<kTileRows<Real>>(end - begin, [&](auto count) { f(count, begin); });
    }
}

// C = A B + start, row by row of tiles, for one panel of B. A is in panels; `start` (kLanes values, or null for zero)
// begins each sum. end(r, v, sum) receives the finished vector at row r, column v of the panel.
template <class Real, class End>
inline void multiply_panel(Panels<Real> A, const Real* B, int64_t b_step, const Real* start, End&& end) {
    constexpr int lanes = kLanes<Real>;
    for (int v0 = 0; v0 < kVectors<Real>; v0 += kTileVectors<Real>) {
        const int column = v0 * kWidth<Real>;
        for_each_tile<Real>(A.rows, [&](auto count, int r0) {
            constexpr int rows = decltype(count)::value;
            Tile<Real, rows> C;
#pragma GCC unroll 12
            for (int r = 0; r < rows; ++r)
#pragma GCC unroll 2
                for (int v = 0; v < kTileVectors<Real>; ++v)
                    C.c[r][v] = start ? load(start + column + v * kWidth<Real>) : Vec<Real>{};
            for (int p = 0; p < A.count(); ++p)
                accumulate<Real, rows>(C, A.panel(p) + r0 * lanes, lanes, 1, B + p * lanes * b_step + column, b_step,
                                       A.width(p));
#pragma GCC unroll 12
            for (int r = 0; r < rows; ++r)
#pragma GCC unroll 2
                for (int v = 0; v < kTileVectors<Real>; ++v) end(r0 + r, column + v * kWidth<Real>, C.c[r][v]);
        });
    }
}

}  // namespace ranvier::RANVIER_LEVEL

// The dense layer over a sparse X: the equations of dense.h with the empty cells left out.
//
//     Z = X W + b         a row of Z takes the rows of W that its cells name
//     dW = X' dZ          a row of dW takes the rows of dZ whose cells name it
//
// W is wide here and most of its rows are far apart in a batch, so it stays as it lies, row by row, and is not put in
// panels; Z and dZ are in panels as everywhere. Each sum has its own lane and takes its terms in one order.
#pragma once

#include "machine/kernels.h"
#include "product/multiply.h"
#include "product/row.h"

namespace ranvier::RANVIER_LEVEL {

// Panels that a row is summed in at a time: eight sums in registers at every width.
template <class Real>
constexpr int kStrip = kVectors<Real> < 8 ? 8 / kVectors<Real> : 1;

// Calls f(Count<panels>, first panel) for strips of panels that cover them all.
template <class Real, class F>
RANVIER_INLINE void for_each_strip(int panels, F&& f) {
    for (int j = 0; j < panels; j += kStrip<Real>)
        with_count<kStrip<Real>>(panels - j < kStrip<Real> ? panels - j : kStrip<Real>,
                                 [&](auto count) { f(count, j); });
}

// `count` values from there, which need not fill a vector; the other lanes are zero.
template <class Real>
inline Vec<Real> load_some(const Real* from, int64_t count) {
    Vec<Real> v = {};
    for (int64_t c = 0; c < count && c < kWidth<Real>; ++c) v[c] = from[c];
    return v;
}

// W row by row in the flat block. A whole vector may be read at any of its first `readable` elements but the last ones:
// what comes after a row is the next one, and is cut off again.
template <class Real>
struct FlatRows {
    const Real* data;
    int columns;
    int64_t readable;
    int rows;
};

// Sums += x times `panels` panels of a row of W, which begin at element `at`. Whole panels are read: beyond the end of
// the row they hold the next rows, which must be finite, and near the end of the flat block the missing lanes are zero.
// The caller cuts these lanes off (sparse_forward).
template <class Real, int panels>
RANVIER_INLINE void add_row(Tile<Real, panels, kVectors<Real>>& sums, Real x, const FlatRows<Real>& W, int64_t at) {
    constexpr int lanes = kLanes<Real>;
    const bool is_whole = at + panels * lanes <= W.readable;
#pragma GCC unroll 8
    for (int p = 0; p < panels; ++p)
#pragma GCC unroll 4
        for (int v = 0; v < kVectors<Real>; ++v) {
            const int64_t from = at + p * lanes + v * kWidth<Real>;
            const Vec<Real> w = is_whole ? load(W.data + from) : load_some(W.data + from, W.readable - from);
            sums.c[p][v] = fma(broadcast(x), w, sums.c[p][v]);
        }
}

// Z = X W + b for the rows that `rows` names.
template <class Real>
inline void sparse_forward(const SparseRows<Real>& X, const int64_t* rows, const FlatRows<Real>& W, const Real* b,
                           Panels<Real> Z) {
    constexpr int lanes = kLanes<Real>, vectors = kVectors<Real>;
    for (int r = 0; r < Z.rows; ++r) {
        const auto range = X.cells_of(rows[r]);
        for_each_strip<Real>(Z.count(), [&](auto count, int j) RANVIER_INLINE_LAMBDA {
            constexpr int panels = decltype(count)::value;
            Tile<Real, panels, vectors> sums;
#pragma GCC unroll 8
            for (int p = 0; p < panels; ++p)
#pragma GCC unroll 4
                for (int v = 0; v < vectors; ++v) sums.c[p][v] = load(b + (j + p) * lanes + v * kWidth<Real>);
            for (int64_t cell = range.begin; cell < range.end; ++cell) {
                const int column = read_once(X.columns + cell);
                if (column < 0 || column >= W.rows) continue;  // written after the check of all cells
                add_row<Real, panels>(sums, X.values[cell], W, int64_t{column} * W.columns + j * lanes);
            }
#pragma GCC unroll 8
            for (int p = 0; p < panels; ++p)
#pragma GCC unroll 4
                for (int v = 0; v < vectors; ++v) {
                    const Int<Real> real = real_lanes<Real>(v * kWidth<Real>, Z.width(j + p));
                    store(Z.panel(j + p) + r * lanes + v * kWidth<Real>, real ? sums.c[p][v] : Vec<Real>{});
                }
        });
    }
}

// The cells of a batch by their columns, and where the dZ of each cell's row begins.
template <class Real>
struct SparseColumns {
    const int64_t* starts;
    const int64_t* places;
    const Real* values;
};

// dW = X' dZ for row i of W. end(column, vector of dW) takes each result; panel j of dZ begins at dZ + j stride.
template <class Real, class End>
RANVIER_INLINE void sparse_gradient(const SparseColumns<Real>& X, int i, const Real* dZ, int64_t stride, int columns,
                                    const End& end) {
    constexpr int lanes = kLanes<Real>, vectors = kVectors<Real>;
    for_each_strip<Real>(panels_of<Real>(columns), [&](auto count, int j) RANVIER_INLINE_LAMBDA {
        constexpr int panels = decltype(count)::value;
        Tile<Real, panels, vectors> dW = {};
        for (int64_t cell = X.starts[i]; cell < X.starts[i + 1]; ++cell) {
            const Vec<Real> x = broadcast(X.values[cell]);
            const Real* row = dZ + X.places[cell] + j * stride;
#pragma GCC unroll 8
            for (int p = 0; p < panels; ++p)
#pragma GCC unroll 4
                for (int v = 0; v < vectors; ++v)
                    dW.c[p][v] = fma(x, load(row + p * stride + v * kWidth<Real>), dW.c[p][v]);
        }
#pragma GCC unroll 8
        for (int p = 0; p < panels; ++p)
#pragma GCC unroll 4
            for (int v = 0; v < vectors; ++v) {
                const int column = (j + p) * lanes + v * kWidth<Real>;
                if (column < columns) end(column, dW.c[p][v]);
            }
    });
}

}  // namespace ranvier::RANVIER_LEVEL

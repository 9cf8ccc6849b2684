// The dense layer where a tile of the product would be mostly empty: a single unit, a single input, a few rows.
// Each function gives what its namesake in dense.h would, but sums along rows or columns in an order of its own.
#pragma once

#include "product/column_sums.h"
#include "product/multiply.h"
#include "product/row.h"

namespace ranvier::RANVIER_LEVEL {

// W and b of a layer in panels.
template <class Real>
struct Weights {
    Panels<Real> W;
    const Real* b = nullptr;  // padded to whole panels
    Panels<Real> Wt = {};     // W', where it is at hand
};

template <class Real>
RANVIER_INLINE bool is_single_unit(const Weights<Real>& layer) {
    return layer.W.columns == 1 && layer.Wt.data;
}

// Z = X W + b of a single unit, along the rows of X: a tile would use one lane of its vectors.
//
//     for (r) z[r] = b + sum_k X[r][k] * W'[k]
//
// Whole panels of X are read: its padding must be finite (after an activation it is f(0)), and that of W' zero.
template <class Real>
__attribute__((noinline)) void single_unit_forward(Panels<Real> X, const Weights<Real>& layer, Panels<Real> Z) {
    constexpr int lanes = kLanes<Real>, width = kWidth<Real>;
    for (int r = 0; r < X.rows; ++r) {
        Vec<Real> sum[kVectors<Real>] = {};
        for (int p = 0; p < X.count(); ++p)
#pragma GCC unroll 8
            for (int v = 0; v < kVectors<Real>; ++v)
                sum[v] = fma(load(X.panel(p) + r * lanes + v * width), load(layer.Wt.panel(p) + v * width), sum[v]);
        Real partial[lanes];
        __builtin_memcpy(partial, sum, sizeof partial);
        Vec<Real> z = {};
        z[0] = layer.b[0] + sum_lanes(partial);
        store(Z.panel(0) + r * lanes, z);
    }
}

// dZ = (dZ_above W') * f'(Z) below a single unit: each sum has a single term. `dZ` holds f'(Z) on entry.
template <class Real>
inline void single_unit_backward(Panels<Real> dZ_above, Panels<Real> Wt, Panels<Real> dZ) {
    constexpr int lanes = kLanes<Real>;
    const Real* const dz = dZ_above.panel(0);
    for (int i = 0; i < dZ.count(); ++i)
        for (int c = 0; c < lanes; c += kWidth<Real>) {
            const Vec<Real> w = load(Wt.panel(i) + c);
            const MultiplyInto<Real> into{dZ.panel(i)};
            for (int r = 0; r < dZ.rows; ++r) into(r, c, broadcast(dz[r * lanes]) * w);
        }
}

// X and dZ of all blocks, as column_sums takes them, and the first column of each as its factors.
template <class Blocks>
struct InputsOf {
    const Blocks& blocks;
    RANVIER_INLINE auto operator()(int block) const { return blocks.X(block); }
};
template <class Blocks>
struct SlopesOf {
    const Blocks& blocks;
    RANVIER_INLINE auto operator()(int block) const { return blocks.dZ(block); }
};
template <class Real, class BlockAt>
struct FirstColumnOf {
    BlockAt block_at;
    int panel;
    RANVIER_INLINE const Real* operator()(int block) const { return block_at(block).panel(panel); }
};

// dW of a single unit for the rows of W that panel i of X gives, one after the other: column sums of X, each row times
// its dZ.
template <class Real, class Blocks>
inline void single_unit_sums(const Blocks& blocks, int i, Real* sums) {
    const FirstColumnOf<Real, SlopesOf<Blocks>> dz{{blocks}, 0};
    column_sums<Real>(InputsOf<Blocks>{blocks}, blocks.count, i, dz, sums);
}

// The same, laid out as W: `dW` takes one square as multiply_transposed does, a row of W in the first lane of each of
// its rows and zeros beside it.
template <class Real, class Blocks>
inline void single_unit_gradient(const Blocks& blocks, int i, Real* dW) {
    constexpr int lanes = kLanes<Real>;
    alignas(64) Real sums[lanes];
    single_unit_sums(blocks, i, sums);
    for (int r = 0; r < blocks.X(0).width(i); ++r) {
        Vec<Real> alone = {};
        alone[0] = sums[r];
        store(dW + r * lanes, alone);
    }
}

// dW of a single row of W, in panel i of X: column sums of dZ, each row times its x. `dW` as above, a square a panel.
template <class Real, class Blocks>
inline void single_row_gradient(const Blocks& blocks, int i, int j_begin, int j_end, Real* dW) {
    const FirstColumnOf<Real, InputsOf<Blocks>> x{{blocks}, i};
    for (int j = j_begin; j < j_end; ++j)
        column_sums<Real>(SlopesOf<Blocks>{blocks}, blocks.count, j, x,
                          dW + (j - j_begin) * kLanes<Real> * kLanes<Real>);
}

// Z = X W + b for a few rows, with W and b read from the flat block: putting W in panels would cost more than the
// product. `rest` has room for the columns that fill no panel (inputs + 1 rows of one), because W has no padding there.
template <class Real>
inline void dense_forward_in_place(Panels<Real> X, const Real* W, Panels<Real> Z, Real* rest) {
    constexpr int lanes = kLanes<Real>;
    const int units = Z.columns, whole = units / lanes, left = units % lanes;
    const Real* const b = W + int64_t{X.columns} * units;
    multiply_few_rows<Real>(X, W, units, b, whole * kVectors<Real>, Z, 0);
    if (left == 0) return;
    for (int64_t k = 0; k <= X.columns; ++k)  // the last one is of b
        for (int c = 0; c < lanes; ++c) rest[k * lanes + c] = c < left ? W[k * units + whole * lanes + c] : 0;
    multiply_few_rows<Real>(X, rest, lanes, rest + int64_t{X.columns} * lanes, kVectors<Real>, Z, whole);
}

}  // namespace ranvier::RANVIER_LEVEL

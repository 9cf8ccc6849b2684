// The dense layer, forward and backward:
//
//     Z = X W + b         dX = dZ W'
//     A = f(Z)            dW = X' dZ        db = column sums of dZ
//                         dZ = dA * f'(Z)
#pragma once

#include "equations/activation.h"
#include "product/multiply.h"

namespace ranvier::RANVIER_LEVEL {

// Where W lies for a product: in panels (row_step = kLanes), or for a few rows straight in the flat block.
template <class Real>
struct Weights {
    const Real* W = nullptr;
    int64_t row_step = 0;
    int64_t panel_step = 0;
    const Real* last_panel =
        nullptr;              // a padded copy of the last panel (row step kLanes), where W itself has no padding
    const Real* b = nullptr;  // padded to whole panels

    Weights() = default;
    Weights(Panels<Real> panels, const Real* bias)
        : W(panels.data), row_step(kLanes<Real>), panel_step(panels.stride), b(bias) {}
};

// Z = X W + b
template <class Real>
inline void dense_forward(Panels<Real> X, const Weights<Real>& layer, Panels<Real> Z) {
    constexpr int lanes = kLanes<Real>;
    for (int j = 0; j < Z.count(); ++j) {
        const bool padded_copy = layer.last_panel && j == Z.count() - 1;
        const Real* W = padded_copy ? layer.last_panel : layer.W + j * layer.panel_step;
        Real* out = Z.panel(j);
        multiply_panel<Real>(X, W, padded_copy ? lanes : layer.row_step, layer.b + j * lanes,
                             [out](int r, int c, Vec<Real> sum) { store(out + r * lanes + c, sum); });
    }
}

// A = f(Z) in place, and where `slope` is given, slope = f'(Z): all that the backward pass needs to know of f.
template <class Real>
inline void activate(Activation kind, double parameter, Panels<Real> Z, Real* slope) {
    if (kind == Activation::softmax) return softmax_rows(Z);
    with_activation<Real>(kind, parameter, [&](auto f) {
        for (int j = 0; j < Z.count(); ++j) {
            Real* in = Z.panel(j);
            const int size = Z.rows * kLanes<Real>;
            for (int i = 0; i < size; i += kWidth<Real>) {
                const Vec<Real> z = load(in + i);
                const Vec<Real> a = f.f(z);
                store(in + i, a);
                if (slope) store(slope + j * Z.stride + i, f.df(z, a));
            }
        }
    });
}

// dZ = (dZ_above W') * f'(Z): `dZ` holds f'(Z) on entry, and dL/dZ of this layer on return. Wt is W', in panels, so that
// this product too reads both operands in the order they lie in.
template <class Real>
inline void dense_backward(Panels<Real> dZ_above, Panels<Real> Wt, Panels<Real> dZ) {
    constexpr int lanes = kLanes<Real>;
    for (int i = 0; i < dZ.count(); ++i) {
        Real* out = dZ.panel(i);
        multiply_panel<Real>(dZ_above, Wt.panel(i), lanes, nullptr, [out](int r, int c, Vec<Real> dX) {
            Real* at = out + r * lanes + c;
            store(at, dX * load(at));
        });
    }
}

// dW = X' dZ for the rows of W that panel i of X gives and the columns of panel j. The batch lies in `blocks` blocks of
// rows; X(b) and dZ(b) are the panels of block b. end(row of W, column in the panel, vector of dW) takes each result.
template <class Real, class Blocks, class End>
inline void dense_gradient(const Blocks& blocks, int i, int j, End&& end) {
    constexpr int lanes = kLanes<Real>;
    for (int v0 = 0; v0 < kVectors<Real>; v0 += kTileVectors<Real>) {
        const int column = v0 * kWidth<Real>;
        for_each_tile<Real>(blocks.X(0).width(i), [&](auto count, int r0) {
            constexpr int rows = decltype(count)::value;
            Tile<Real, rows> dW = {};
            for (int block = 0; block < blocks.count; ++block) {
                const Panels<Real> X = blocks.X(block);
                accumulate<Real, rows>(dW, X.panel(i) + r0, 1, lanes, blocks.dZ(block).panel(j) + column, lanes,
                                       X.rows);
            }
#pragma GCC unroll 12
            for (int r = 0; r < rows; ++r)
#pragma GCC unroll 2
                for (int v = 0; v < kTileVectors<Real>; ++v)
                    end(i * lanes + r0 + r, column + v * kWidth<Real>, dW.c[r][v]);
        });
    }
}

// db = column sums of dZ, for the columns of panel j. Four partial sums (rows r, r+1, r+2, r+3 modulo 4) at every level.
template <class Real, class Blocks, class End>
inline void bias_gradient(const Blocks& blocks, int j, End&& end) {
    constexpr int lanes = kLanes<Real>;
    for (int column = 0; column < lanes; column += kWidth<Real>) {
        Vec<Real> partial[4] = {};
        for (int block = 0; block < blocks.count; ++block) {
            const Panels<Real> dZ = blocks.dZ(block);
            const Real* panel = dZ.panel(j) + column;
            for (int r = 0; r < dZ.rows; ++r) partial[r & 3] += load(panel + r * lanes);
        }
        end(column, (partial[0] + partial[1]) + (partial[2] + partial[3]));
    }
}

}  // namespace ranvier::RANVIER_LEVEL

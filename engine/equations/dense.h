// The dense layer, forward and backward:
//
//     Z = X W + b         dX = dZ W'
//     A = f(Z)            dW = X' dZ        db = column sums of dZ
//                         dZ = dA * f'(Z)
//
// All matrices lie in panels (product/panel.h), whose padding columns are zero: whoever takes the memory clears them
// (take_panels in training_state.h), and every function here keeps them zero or never reads them. Layers of a single
// unit or input, and predictions of a few rows, go their own way: dense_narrow.h.
#pragma once

#include "equations/activation.h"
#include "equations/dense_narrow.h"
#include "product/column_sums.h"
#include "product/multiply.h"
#include "product/multiply_transposed.h"

namespace ranvier::RANVIER_LEVEL {

// Z = X W + b
template <class Real>
inline void dense_forward(Panels<Real> X, const Weights<Real>& layer, Panels<Real> Z) {
    if (is_single_unit(layer)) return single_unit_forward(X, layer, Z);
    for (int j = 0; j < Z.count(); ++j)
        multiply_panel<Real>(X, layer.W.panel(j), kLanes<Real>, layer.b + j * kLanes<Real>, layer.W.width(j),
                             StoreAt<Real>{Z.panel(j)});
}

// A = f(Z) in place, and slope = f'(Z) where it is given; slope lies in panels as Z does.
template <class Real>
inline void activate(Activation kind, double parameter, Panels<Real> Z, Real* slope) {
    if (kind == Activation::softmax) return softmax_rows(Z);
    for (int j = 0; j < Z.count(); ++j)
        activate_values(kind, parameter, Z.panel(j), Z.panel(j), slope ? slope + j * Z.stride : nullptr,
                        int64_t{Z.rows} * kLanes<Real>);
}

// The end of a product that is the rectified Z at once, with its slope.
template <class Real>
struct StoreRelu {
    Real* panel;
    Real* slope;
    RANVIER_INLINE void operator()(int r, int c, Vec<Real> z) const {
        constexpr typename Activations<Real>::Relu relu{};
        store(panel + r * kLanes<Real> + c, relu.f(z));
        store(slope + r * kLanes<Real> + c, relu.df(z, z));
    }
};

// Both: A = f(X W + b), slope = f'(Z). f follows each panel while that is in the cache; the commonest f is applied
// before the sum leaves its register.
template <class Real>
inline void dense_forward(Panels<Real> X, const Weights<Real>& layer, Activation kind, double parameter, Panels<Real> A,
                          Real* slope) {
    if (kind == Activation::softmax || is_single_unit(layer)) {
        dense_forward(X, layer, A);
        return activate(kind, parameter, A, slope);
    }
    for (int j = 0; j < A.count(); ++j) {
        const Real* const b = layer.b + j * kLanes<Real>;
        Real* const to = slope + j * A.stride;
        if (kind == Activation::relu) {
            const StoreRelu<Real> store_relu{A.panel(j), to};
            multiply_panel<Real>(X, layer.W.panel(j), kLanes<Real>, b, layer.W.width(j), store_relu);
        } else {
            multiply_panel<Real>(X, layer.W.panel(j), kLanes<Real>, b, layer.W.width(j), StoreAt<Real>{A.panel(j)});
            activate_values(kind, parameter, A.panel(j), A.panel(j), to, int64_t{A.rows} * kLanes<Real>);
        }
    }
}

// dZ = (dZ_above W') * f'(Z): `dZ` holds f'(Z) on entry, and dL/dZ of this layer on return. Wt is W' in panels, so that
// this product too reads both operands in the order they lie in.
template <class Real>
inline void dense_backward(Panels<Real> dZ_above, Panels<Real> Wt, Panels<Real> dZ) {
    if (dZ_above.columns == 1) return single_unit_backward(dZ_above, Wt, dZ);
    for (int i = 0; i < dZ.count(); ++i)
        multiply_panel<Real>(dZ_above, Wt.panel(i), kLanes<Real>, nullptr, dZ.width(i),
                             MultiplyInto<Real>{dZ.panel(i)});
}

// db = column sums of dZ, for the columns of panel j: end(j, column in the panel, vector of db).
template <class Real, class Blocks, class End>
inline void bias_gradient(const Blocks& blocks, int j, End&& end) {
    for_each_column_sum<Real>(SlopesOf<Blocks>{blocks}, blocks.count, j, end);
}

// dW = X' dZ for the rows of W that panel i of X gives and the columns of panels j_begin to j_end (at most
// kPanelsTogether). The batch lies in `blocks` blocks of rows; X(b) and dZ(b) are the panels of block b.
// end(panel of W, row of W, column in the panel, vector of dW) takes each result.
template <class Real, class Blocks, class End>
inline void dense_gradient(const Blocks& blocks, int i, int j_begin, int j_end, End&& end) {
    constexpr int lanes = kLanes<Real>, size = lanes * lanes;
    alignas(64) Real dW[kPanelsTogether * size];
    const int rows = blocks.X(0).width(i);
    if (rows == 1)
        single_row_gradient<Real>(blocks, i, j_begin, j_end, dW);
    else if (blocks.dZ(0).columns == 1)
        single_unit_gradient<Real>(blocks, i, dW);
    else
        multiply_transposed<Real>(blocks, i, j_begin, j_end, Squares<Real>{dW, size});
    for (int j = j_begin; j < j_end; ++j)
        for (int c = 0; c < blocks.dZ(0).width(j); c += kWidth<Real>)
            for (int r = 0; r < rows; ++r) end(j, i * lanes + r, c, load(dW + (j - j_begin) * size + r * lanes + c));
}

// The same, added to `sum`, which lies as W does. All rows must be one run.
template <class Real, class Blocks>
inline void add_dense_gradient(const Blocks& blocks, int i, int j_begin, int j_end, Panels<Real> sum) {
    constexpr int lanes = kLanes<Real>;
    const int rows = blocks.X(0).width(i);
    const Squares<Real> squares{sum.panel(j_begin) + int64_t{i} * lanes * lanes, sum.stride, true};
    if (rows > 1 && blocks.dZ(0).columns == 1) {
        alignas(64) Real dW[lanes];
        single_unit_sums(blocks, i, dW);
        for (int r = 0; r < rows; ++r) squares.data[r * lanes] += dW[r];
    } else if (rows > 1) {
        multiply_transposed<Real>(blocks, i, j_begin, j_end, squares);
    } else {
        dense_gradient<Real>(blocks, i, j_begin, j_end, [&](int j, int, int c, Vec<Real> dW) RANVIER_INLINE_LAMBDA {
            Real* const at = squares.data + (j - j_begin) * squares.stride + c;
            store(at, load(at) + dW);
        });
    }
}

}  // namespace ranvier::RANVIER_LEVEL

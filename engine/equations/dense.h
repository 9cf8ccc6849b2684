// The dense layer, forward and backward:
//
//     Z = X W + b         dX = dZ W'
//     A = f(Z)            dW = X' dZ        db = column sums of dZ
//                         dZ = dA * f'(Z)
#pragma once

#include "equations/activation.h"
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

// Z = X W + b of a single unit, along the rows of X: a tile would use one lane of its vectors.
template <class Real, class End>
__attribute__((noinline)) void single_unit_forward(Panels<Real> X, const Weights<Real>& layer, const End& end) {
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
        end(r, 0, z);
    }
}

// Z = X W + b for panel j; end(r, c, z) takes each vector of it.
template <class Real, class End>
RANVIER_INLINE void dense_forward_panel(Panels<Real> X, const Weights<Real>& layer, int j, const End& end) {
    constexpr int lanes = kLanes<Real>;
    if (layer.W.columns == 1 && layer.Wt.data) return single_unit_forward(X, layer, end);
    multiply_panel<Real>(X, layer.W.panel(j), lanes, layer.b + j * lanes, layer.W.width(j), end);
}

// Z = X W + b
template <class Real>
inline void dense_forward(Panels<Real> X, const Weights<Real>& layer, Panels<Real> Z) {
    for (int j = 0; j < Z.count(); ++j) dense_forward_panel(X, layer, j, StoreAt<Real>{Z.panel(j)});
}

// The same for a few rows, with W and b straight from the flat block: putting W in panels would cost more than the product.
// `rest` has room for the columns that fill no panel (inputs + 1 rows of one), because W has no padding there.
template <class Real>
inline void dense_forward_in_place(Panels<Real> X, const Real* W, Panels<Real> Z, Real* rest) {
    constexpr int lanes = kLanes<Real>;
    const int units = Z.columns, whole = units / lanes, left = units % lanes;
    const Real* b = W + int64_t{X.columns} * units;
    multiply_few_rows<Real>(X, W, units, b, whole * kVectors<Real>,
                            [&](int r, int c, Vec<Real> z) { store(Z.panel(c / lanes) + r * lanes + c % lanes, z); });
    if (left == 0) return;
    for (int k = 0; k <= X.columns; ++k)  // the last one is of b
        for (int c = 0; c < lanes; ++c) rest[k * lanes + c] = c < left ? W[int64_t{k} * units + whole * lanes + c] : 0;
    multiply_few_rows<Real>(X, rest, lanes, rest + int64_t{X.columns} * lanes, kVectors<Real>,
                            StoreAt<Real>{Z.panel(whole)});
}

// A = f(Z) in place for panel j, and where `slope` is given, slope = f'(Z): all that the backward pass needs to know of f.
template <class Real, class F>
RANVIER_INLINE void activate_panel(const F& f, Panels<Real> Z, Real* slope, int j) {
    Real* in = Z.panel(j);
    const int size = Z.rows * kLanes<Real>;
    if (slope) {
        slope += j * Z.stride;
        for (int i = 0; i < size; i += kWidth<Real>) {
            const Vec<Real> z = load(in + i);
            const Vec<Real> a = f.f(z);
            store(in + i, a);
            store(slope + i, f.df(z, a));
        }
    } else {
        for (int i = 0; i < size; i += kWidth<Real>) store(in + i, f.f(load(in + i)));
    }
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

// Z = X W + b and A = f(Z) in its place; slope = f'(Z) where it is given. f follows each panel while that is in the cache;
// the commonest f is done before the sum leaves its register.
template <class Real>
inline void dense_forward(Panels<Real> X, const Weights<Real>& layer, Activation kind, double parameter, Panels<Real> A,
                          Real* slope) {
    if (kind == Activation::softmax) {
        dense_forward(X, layer, A);
        return softmax_rows(A);
    }
    if (kind == Activation::relu && slope) {
        for (int j = 0; j < A.count(); ++j)
            dense_forward_panel(X, layer, j, StoreRelu<Real>{A.panel(j), slope + j * A.stride});
        return;
    }
    with_activation<Real>(kind, parameter, [&](auto f) {
        for (int j = 0; j < A.count(); ++j) {
            dense_forward_panel(X, layer, j, StoreAt<Real>{A.panel(j)});
            activate_panel(f, A, slope, j);
        }
    });
}

// A parametric activation: f_alpha(z) = z + alpha (f(z) - z), with an alpha of each unit that is learnt.
//
//     E = f(Z) - Z        dZ = dA * (1 + alpha (f'(Z) - 1))
//     A = Z + alpha E     dalpha = column sums of dA * E
template <class Real, class F>
RANVIER_INLINE void parametric_panel(const F& f, Panels<Real> Z, const Real* alpha, Real* slope, Real* E, int j) {
    Real* in = Z.panel(j);
    for (int c = 0; c < kLanes<Real>; c += kWidth<Real>) {
        const Vec<Real> own = load(alpha + j * kLanes<Real> + c), one = broadcast(Real(1));
        for (int r = 0; r < Z.rows; ++r) {
            const int i = r * kLanes<Real> + c;
            const Vec<Real> z = load(in + i), a = f.f(z), e = a - z;
            store(in + i, fma(own, e, z));
            if (!slope) continue;
            store(slope + j * Z.stride + i, fma(own, f.df(z, a) - one, one));
            store(E + j * Z.stride + i, e);
        }
    }
}

// Z = X W + b and A = f_alpha(Z) in its place.
template <class Real>
inline void parametric_forward(Panels<Real> X, const Weights<Real>& layer, Activation kind, double parameter,
                               const Real* alpha, Panels<Real> A, Real* slope, Real* E) {
    with_activation<Real>(kind, parameter, [&](auto f) {
        for (int j = 0; j < A.count(); ++j) {
            dense_forward_panel(X, layer, j, StoreAt<Real>{A.panel(j)});
            parametric_panel(f, A, alpha, slope, E, j);
        }
    });
}

// A = f_alpha(Z) in place for a Z that is there already; alpha is padded to whole panels.
template <class Real>
inline void parametric_activate(Activation kind, double parameter, const Real* alpha, Panels<Real> Z) {
    with_activation<Real>(kind, parameter, [&](auto f) {
        for (int j = 0; j < Z.count(); ++j)
            parametric_panel(f, Z, alpha, static_cast<Real*>(nullptr), static_cast<Real*>(nullptr), j);
    });
}

// A = f(Z) in place, as above, for a Z that is there already.
template <class Real>
inline void activate(Activation kind, double parameter, Panels<Real> Z, Real* slope) {
    if (kind == Activation::softmax) return softmax_rows(Z);
    with_activation<Real>(kind, parameter, [&](auto f) {
        for (int j = 0; j < Z.count(); ++j) activate_panel(f, Z, slope, j);
    });
}

// dZ = (dZ_above W') * f'(Z) below a single unit: each sum has a single term.
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

// dZ = (dZ_above W') * f'(Z): `dZ` holds f'(Z) on entry, and dL/dZ of this layer on return. Wt is W', in panels, so that
// this product too reads both operands in the order they lie in.
template <class Real>
inline void dense_backward(Panels<Real> dZ_above, Panels<Real> Wt, Panels<Real> dZ) {
    if (dZ_above.columns == 1) return single_unit_backward(dZ_above, Wt, dZ);
    for (int i = 0; i < dZ.count(); ++i)
        multiply_panel<Real>(dZ_above, Wt.panel(i), kLanes<Real>, nullptr, dZ.width(i),
                             MultiplyInto<Real>{dZ.panel(i)});
}

// The same for a layer whose activation is parametric: E, which holds f(Z) - Z on entry, becomes the terms of dalpha.
template <class Real>
inline void parametric_backward(Panels<Real> dZ_above, Panels<Real> Wt, Panels<Real> dZ, Panels<Real> E) {
    for (int i = 0; i < dZ.count(); ++i)
        multiply_panel<Real>(dZ_above, Wt.panel(i), kLanes<Real>, nullptr, dZ.width(i),
                             MultiplyIntoBoth<Real>{{dZ.panel(i)}, {E.panel(i)}});
}

// Column sums of dZ for the columns of panel j, each row r times factor(block, r). Four partial sums (rows r, r+1, r+2, r+3
// of each block) at every level, since one alone would wait for its own latency.
template <class Real, class Blocks, class Factor, class End>
RANVIER_INLINE void column_sums(const Blocks& blocks, int j, const Factor& factor, const End& end) {
    constexpr int lanes = kLanes<Real>;
    for (int column = 0; column < blocks.dZ(0).width(j); column += kWidth<Real>) {
        Vec<Real> partial[4] = {};
        for (int block = 0; block < blocks.count; ++block) {
            const Panels<Real> dZ = blocks.dZ(block);
            const Real* row = dZ.panel(j) + column;
            const auto factor_of = factor(block);
            int r = 0;
            for (; r + 4 <= dZ.rows; r += 4)
#pragma GCC unroll 4
                for (int k = 0; k < 4; ++k) partial[k] = fma(factor_of(r + k), load(row + (r + k) * lanes), partial[k]);
#pragma GCC unroll 4
            for (int k = 0; k < 3; ++k)
                if (r + k < dZ.rows) partial[k] = fma(factor_of(r + k), load(row + (r + k) * lanes), partial[k]);
        }
        end(column, (partial[0] + partial[1]) + (partial[2] + partial[3]));
    }
}

// db = column sums of dZ, for the columns of panel j. end(j, column in the panel, vector of db) takes each result.
template <class Real, class Blocks, class End>
inline void bias_gradient(const Blocks& blocks, int j, End&& end) {
    auto one = [](int) { return [](int) RANVIER_INLINE_LAMBDA { return broadcast(Real(1)); }; };
    column_sums<Real>(blocks, j, one, [&](int c, Vec<Real> db) RANVIER_INLINE_LAMBDA { end(j, c, db); });
}

// The terms of dalpha, as column_sums sees them.
template <class Real, class Blocks>
struct AlphaTerms {
    const Blocks& of;
    const int count;
    RANVIER_INLINE Panels<Real> dZ(int block) const { return of.E(block); }
};

// dalpha = column sums of dA * E, for the columns of panel j.
template <class Real, class Blocks, class End>
inline void alpha_gradient(const Blocks& blocks, int j, End&& end) {
    bias_gradient<Real>(AlphaTerms<Real, Blocks>{blocks, blocks.count}, j, end);
}

// Blocks whose X and dZ have changed places, which gives dW' = dZ' X.
template <class Real, class Blocks>
struct Transposed {
    const Blocks& of;
    const int count;
    RANVIER_INLINE Panels<Real> X(int block) const { return of.dZ(block); }
    RANVIER_INLINE Panels<Real> dZ(int block) const { return of.X(block); }
};

// dW of a single unit for the rows of W that panel i of X gives: sums of the columns of X, each row dZ times.
template <class Real, class Blocks, class End>
inline void single_unit_gradient(const Blocks& blocks, int i, End&& end) {
    constexpr int lanes = kLanes<Real>;
    auto dz = [&](int block) {
        const Real* dZ = blocks.dZ(block).panel(0);
        return [dZ](int r) RANVIER_INLINE_LAMBDA { return broadcast(dZ[r * lanes]); };
    };
    const int rows = blocks.X(0).width(i);
    column_sums<Real>(Transposed<Real, Blocks>{blocks, blocks.count}, i, dz, [&](int c, Vec<Real> dW) {
        for (int k = 0; k < kWidth<Real> && c + k < rows; ++k) {
            Vec<Real> alone = {};
            alone[0] = dW[k];
            end(0, i * lanes + c + k, 0, alone);
        }
    });
}

// dW of a single row of W, in panel i of X: sums of the columns of dZ, each row x times.
template <class Real, class Blocks, class End>
inline void single_row_gradient(const Blocks& blocks, int i, int j, End&& end) {
    auto x = [&](int block) {
        const Real* X = blocks.X(block).panel(i);
        return [X](int r) RANVIER_INLINE_LAMBDA { return broadcast(X[r * kLanes<Real>]); };
    };
    column_sums<Real>(blocks, j, x, [&](int c, Vec<Real> dW) { end(j, i * kLanes<Real>, c, dW); });
}

// Panels of dZ that are multiplied with a panel of X together, and rows of them that do so at a time: a run of X and of
// two panels of dZ is 24 KiB, and stays in the nearest cache.
constexpr int kPanelsTogether = 4;
constexpr int kRunRows = 128;

// The blocks of one run for panels i and j: adds their terms to `sums`, which begin as zero in the first run; in the last
// one end() receives them instead.
template <class Real, class Blocks, class End>
RANVIER_INLINE void gradient_run(const Blocks& blocks, int begin, int finish, int i, int j, Real* sums, End&& end) {
    constexpr int lanes = kLanes<Real>;
    for_each_tile<Real>(blocks.X(0).width(i), blocks.dZ(0).width(j),
                        [&](auto count, auto vector_count, int r0, int column) RANVIER_INLINE_LAMBDA {
                            constexpr int rows = decltype(count)::value, vectors = decltype(vector_count)::value;
                            Tile<Real, rows, vectors> dW = {};
                            Real* const kept = sums + r0 * lanes + column;
                            if (begin > 0) dW.load_from(kept, lanes);
                            for (int block = begin; block < finish; ++block) {
                                const Panels<Real> X = blocks.X(block);
                                accumulate<Real, rows, vectors>(dW, X.panel(i) + r0, 1, lanes,
                                                                blocks.dZ(block).panel(j) + column, lanes, X.rows);
                            }
                            if (finish < blocks.count) return dW.store_to(kept, lanes);
                            dW.for_each([&](int r, int c, Vec<Real> sum)
                                            RANVIER_INLINE_LAMBDA { end(j, i * lanes + r0 + r, column + c, sum); });
                        });
}

// dW = X' dZ for the rows of W that panel i of X gives and the columns of panels j_begin to j_end (at most
// kPanelsTogether). The batch lies in `blocks` blocks of rows; X(b) and dZ(b) are the panels of block b.
// end(panel of W, row of W, column in the panel, vector of dW) takes each result.
template <class Real, class Blocks, class End>
inline void dense_gradient(const Blocks& blocks, int i, int j_begin, int j_end, End&& end) {
    if (blocks.X(0).width(i) == 1) {
        for (int j = j_begin; j < j_end; ++j) single_row_gradient<Real>(blocks, i, j, end);
        return;
    }
    if (blocks.dZ(0).columns == 1) return single_unit_gradient<Real>(blocks, i, end);
    constexpr int size = kLanes<Real> * kLanes<Real>;
    alignas(64) Real sums[kPanelsTogether * size];
    const int runs = (blocks.count * blocks.X(0).rows + kRunRows - 1) / kRunRows;
    for (int run = 0; run < runs; ++run)
        for (int j = j_begin; j < j_end; ++j)
            gradient_run<Real>(blocks, blocks.count * run / runs, blocks.count * (run + 1) / runs, i, j,
                               sums + (j - j_begin) * size, end);
}

}  // namespace ranvier::RANVIER_LEVEL

// The embedding: what becomes of each column x of X before the first dense layer, forward and backward.
//
//     plain       c = x
//     periodic    h = cos(2 pi w x + b)             dV = h' dc    du = -sin(2 pi w x + b) * (dc V')
//                 c = (h V + v, x)                  dv = sums of dc    db = sums of du    dw = 2 pi sums of x du
//     piecewise   c = x a + v + p(x) M              da = sums of x dc    dv = sums of dc    dM = p(x)' dc
//     category    c = row x of a table              its row of the table's gradient takes dc
//     scale       A = s * c
//
// In training the first dense layer takes the scale of its rows upon it: Z = (s * c) W + b = c V + b, where row i of V
// is s_i times that of W. So no gradient has to come down to columns that are plain:
//
//     V = s * W           dW = s * dV       ds = row sums of W * dV       dc = dZ V'
//
// Periodic: Gorishniy et al. 2022 in the form of Holzmueller et al. 2024. Piecewise: Gorishniy et al. 2022, with
// p_t(x) = (x - e_t) / (e_{t+1} - e_t), cut off at 0 and at 1, but linear also below the first edge and above the last.
// Row 0 of a table is for what is missing or was not seen in training.
//
// Columns that are learnt have the rows as the lanes of a vector, so that the widths may be any and no sum runs along a
// vector: of those a block lies column by column. cos and sin are computed again for the backward pass, which is
// cheaper than keeping them. Plain columns go straight into the panels of A.
#pragma once

#include "equations/elementary.h"
#include "network.h"
#include "product/multiply.h"
#include "product/row.h"

namespace ranvier::RANVIER_LEVEL {

// A block of rows, learnt column by learnt column: x of each; c and dc of each number it gives. The rows are padded to
// whole lanes; what the padding adds to a sum is zero, because its dc is.
template <class Real>
struct ColumnBlock {
    Real* X = nullptr;
    Real* C = nullptr;
    Real* dC = nullptr;
    int rows = 0;
    int64_t stride = 0;  // from column to column

    RANVIER_INLINE Real* x(int i) const { return X + i * stride; }
    RANVIER_INLINE Real* c(int j) const { return C + j * stride; }
    RANVIER_INLINE Real* dc(int j) const { return dC + j * stride; }
    RANVIER_INLINE int padded() const { return (rows + kLanes<Real> - 1) / kLanes<Real> * kLanes<Real>; }
};

// Where the values of a periodic and of a piecewise column lie.
template <class Real>
struct Periodic {
    int64_t b, V, v;
    explicit Periodic(const Column& column)
        : b(column.size), V(2 * int64_t{column.size}), v(V + int64_t{column.size} * column.learnt()) {}
    // The angle in turns.
    static RANVIER_INLINE Vec<Real> turns(Real w, Real b, Vec<Real> x) {
        return fma(broadcast(w), x, broadcast(b * static_cast<Real>(0.15915494309189535)));  // 1 / (2 pi)
    }
};
struct Piecewise {
    int64_t v, M;  // a lies at 0
    explicit Piecewise(const Column& column) : v(column.linear ? column.width : 0), M(v + column.width) {}
};

// p_t(x)
template <class Real>
struct Piece {
    Vec<Real> edge, per_width;
    bool first, last;

    Piece(const Column& column, int t)
        : edge(broadcast(static_cast<Real>(column.edges[t]))),
          per_width(broadcast(static_cast<Real>(1 / (column.edges[t + 1] - column.edges[t])))),
          first(t == 0),
          last(t == column.size - 1) {}
    RANVIER_INLINE Vec<Real> operator()(Vec<Real> x) const {
        Vec<Real> p = (x - edge) * per_width;
        if (!first) p = maximum(Vec<Real>{}, p);
        return last ? p : minimum(broadcast(Real(1)), p);
    }
};

// The row of a table that a code names: 0 for any that it has not.
template <class Real>
RANVIER_INLINE int64_t code_of(Real x, int size) {
    return x >= 0 && x < static_cast<Real>(size) ? static_cast<int64_t>(x) : 0;
}

// Calls f(first output, Count<how many>) for all of them, a few at a time, as registers allow.
template <class F>
RANVIER_INLINE void for_some_outputs(int width, F&& f) {
    for (int k = 0; k < width; k += 4) with_count<4>(width - k < 4 ? width - k : 4, [&](auto count) { f(k, count); });
}

// ---- Forward ------------------------------------------------------------------------------------

// c_k = start_k + sum_h V_hk term(h, x) for the outputs of a column; the caller says where start(k, x) and the rows of V
// begin.
template <class Real, class Start, class Term>
RANVIER_INLINE void mixed_outputs(const ColumnBlock<Real>& block, const Real* x, int first, int width, int terms,
                                  const Real* V, const Start& start, const Term& term) {
    for_some_outputs(width, [&](int k0, auto count) RANVIER_INLINE_LAMBDA {
        constexpr int n = decltype(count)::value;
        for (int r = 0; r < block.rows; r += kWidth<Real>) {
            const Vec<Real> at = load(x + r);
            Vec<Real> c[n];
            for (int k = 0; k < n; ++k) c[k] = start(k0 + k, at);
            for (int h = 0; h < terms; ++h) {
                const Vec<Real> value = term(h, at);
#pragma GCC unroll 4
                for (int k = 0; k < n; ++k) c[k] = fma(broadcast(V[int64_t{h} * width + k0 + k]), value, c[k]);
            }
            for (int k = 0; k < n; ++k) store(block.c(first + k0 + k) + r, c[k]);
        }
    });
}

template <class Real>
inline void column_forward(const Column& column, const Real* values, const Real* x, const ColumnBlock<Real>& block) {
    const int width = column.learnt();
    switch (column.kind) {
        case ColumnKind::plain: return;  // is none that is learnt
        case ColumnKind::periodic: {
            const Periodic<Real> at(column);
            mixed_outputs(
                block, x, column.slot, width, column.size, values + at.V,
                [&](int k, Vec<Real>) { return broadcast(values[at.v + k]); },
                [&](int h, Vec<Real> x)
                    RANVIER_INLINE_LAMBDA { return cos_2pi(Periodic<Real>::turns(values[h], values[at.b + h], x)); });
            __builtin_memcpy(block.c(column.slot + width), x, sizeof(Real) * block.padded());
            return;
        }
        case ColumnKind::piecewise: {
            const Piecewise at(column);
            mixed_outputs(
                block, x, column.slot, width, column.size, values + at.M,
                [&](int k, Vec<Real> x) {
                    const Vec<Real> v = broadcast(values[at.v + k]);
                    return column.linear ? fma(broadcast(values[k]), x, v) : v;
                },
                [&](int t, Vec<Real> x) RANVIER_INLINE_LAMBDA { return Piece<Real>(column, t)(x); });
            return;
        }
        case ColumnKind::category:
            for (int r = 0; r < block.rows; ++r) {
                const Real* row = values + code_of(x[r], column.size) * width;
                for (int k = 0; k < width; ++k) block.c(column.slot + k)[r] = row[k];
            }
            return;
    }
}

// From rows of X: A of the plain columns, and x of the learnt ones, with zeros in the padding.
template <class Real>
inline void gather_columns(const Layer& layer, const Real* X, const int64_t* rows, Panels<Real> A,
                           const ColumnBlock<Real>& block) {
    for (int i = 0; i < layer.run_count; ++i)
        gather(X + layer.runs[i].input, layer.inputs, rows, A, layer.runs[i].first, layer.runs[i].width);
    for (int i = 0; i < layer.column_count; ++i) {
        Real* const x = block.x(i);
        for (int r = 0; r < block.rows; ++r)
            x[r] = X[(rows ? rows[r] : r) * int64_t{layer.inputs} + layer.columns[i].input];
        for (int r = block.rows; r < block.padded(); ++r) x[r] = 0;
    }
}

// A = c, for a block whose x are there, as is A of the plain columns. values_of(i) gives the values of learnt column i.
// Where `slope` is given it becomes 1, since a gradient goes through A as it is.
template <class Real, class ValuesOf>
inline void embedding_forward(const Layer& layer, const ValuesOf& values_of, const ColumnBlock<Real>& block,
                              Panels<Real> A, Real* slope) {
    constexpr int lanes = kLanes<Real>;
    for (int i = 0; i < layer.column_count; ++i) {
        const Column& column = layer.columns[i];
        column_forward(column, values_of(i), block.x(i), block);
        for (int k = 0; k < column.width; ++k) {
            const int j = column.first + k;
            const Real* c = block.c(column.slot + k);
            Real* a = A.panel(j / lanes) + j % lanes;
            for (int r = 0; r < block.rows; ++r) a[r * lanes] = c[r];
        }
    }
    if (!slope) return;
    for (int j = 0; j < A.count(); ++j)
        for (int i = 0; i < A.rows * lanes; i += kWidth<Real>) store(slope + j * A.stride + i, broadcast(Real(1)));
}

// A = s * A, s in whole panels.
template <class Real>
inline void scale_columns(const Real* s, Panels<Real> A) {
    constexpr int lanes = kLanes<Real>;
    for (int j = 0; j < A.count(); ++j)
        for (int r = 0; r < A.rows; ++r)
            for (int c = 0; c < lanes; c += kWidth<Real>) {
                Real* const at = A.panel(j) + r * lanes + c;
                store(at, load(s + j * lanes + c) * load(at));
            }
}

// V = s * W
template <class Real>
inline void fold_scale(const Real* s, Panels<Real> W, Panels<Real> V) {
    constexpr int lanes = kLanes<Real>;
    for (int j = 0; j < W.count(); ++j)
        for (int i = 0; i < W.rows; ++i)
            for (int c = 0; c < lanes; c += kWidth<Real>)
                store(V.panel(j) + i * lanes + c, broadcast(s[i]) * load(W.panel(j) + i * lanes + c));
}

// ---- Backward -----------------------------------------------------------------------------------

// dW = s * dV, for rows begin..end of W and its panels j_begin..j_end: use_W(panel, row, column, vector of dW). In the
// place of dV in the first of these panels remain the terms of ds, W * dV summed over the panels, lane by lane.
template <class Real, class UseW>
inline void unfold_scale(const Real* s, Panels<Real> W, Panels<Real> dV, int64_t begin, int64_t end, int j_begin,
                         int j_end, UseW&& use_W) {
    for (int64_t row = begin; row < end; ++row)
        for (int c = 0; c < kLanes<Real>; c += kWidth<Real>) {
            const int64_t at = row * kLanes<Real> + c;
            Vec<Real> terms = {};
            for (int j = j_begin; j < j_end; ++j) {
                const Vec<Real> own = load(dV.panel(j) + at);
                terms = fma(load(W.panel(j) + at), own, terms);
                use_W(j, static_cast<int>(row), c, broadcast(s[row]) * own);
            }
            store(dV.panel(j_begin) + at, terms);
        }
}

// ds = row sums of W * dV; unfold_scale has left their terms in panel first_of(g) for each group g of panels:
// use_b(panel, column, vector of ds).
template <class Real, class FirstOf, class UseB>
inline void scale_gradient(Panels<Real> terms, int groups, const FirstOf& first_of, UseB&& use_b) {
    constexpr int lanes = kLanes<Real>;
    for (int j = 0; j < panels_of<Real>(terms.rows); ++j) {
        alignas(64) Real ds[lanes] = {};
        for (int k = 0; k < lanes && j * lanes + k < terms.rows; ++k)
            for (int g = 0; g < groups; ++g)
                ds[k] += sum_lanes(terms.panel(first_of(g)) + int64_t{j * lanes + k} * lanes);
        for (int c = 0; c < lanes; c += kWidth<Real>) use_b(j, c, load(ds + c));
    }
}

// dc = dA of the learnt columns.
template <class Real>
inline void embedding_backward(const Layer& layer, Panels<Real> dA, const ColumnBlock<Real>& block) {
    constexpr int lanes = kLanes<Real>;
    for (int i = 0; i < layer.column_count; ++i) {
        const Column& column = layer.columns[i];
        for (int k = 0; k < column.width; ++k) {
            const int j = column.first + k;
            const Real* da = dA.panel(j / lanes) + j % lanes;
            Real* dc = block.dc(column.slot + k);
            for (int r = 0; r < block.rows; ++r) dc[r] = da[r * lanes];
            for (int r = block.rows; r < block.padded(); ++r) dc[r] = 0;
        }
    }
}

// Sums over all rows of all blocks, lane by lane: the same additions at every width of a vector. terms(block, r,
// partial) adds what some rows give.
template <class Real, int count, class Blocks, class Terms>
RANVIER_INLINE void sum_over_rows(const Blocks& blocks, Real (&sums)[count], const Terms& terms) {
    alignas(64) Real lanes[count][kLanes<Real>];
    for (int v = 0; v < kVectors<Real>; ++v) {
        Vec<Real> partial[count] = {};
        for (int b = 0; b < blocks.count; ++b) {
            const ColumnBlock<Real> block = blocks.columns(b);
            for (int r = v * kWidth<Real>; r < block.rows; r += kLanes<Real>) terms(block, r, partial);
        }
        for (int i = 0; i < count; ++i) store(lanes[i] + v * kWidth<Real>, partial[i]);
    }
    for (int i = 0; i < count; ++i) sums[i] = sum_lanes(lanes[i]);
}

// gradient_k += sums of weight(x) dc_k
template <class Real, class Blocks, class Weight>
RANVIER_INLINE void weighted_sums(const Blocks& blocks, int i, const Column& column, Real* gradient,
                                  const Weight& weight) {
    for_some_outputs(column.learnt(), [&](int k0, auto count) RANVIER_INLINE_LAMBDA {
        constexpr int n = decltype(count)::value;
        Real sums[n];
        sum_over_rows<Real>(blocks, sums,
                            [&](const ColumnBlock<Real>& block, int r, Vec<Real>* sum) RANVIER_INLINE_LAMBDA {
                                const Vec<Real> w = weight(load(block.x(i) + r));
                                for (int k = 0; k < n; ++k)
                                    sum[k] = fma(w, load(block.dc(column.slot + k0 + k) + r), sum[k]);
                            });
        for (int k = 0; k < n; ++k) gradient[k0 + k] += sums[k];
    });
}

// dV, dw and db of one frequency h.
template <class Real, class Blocks>
inline void frequency_gradient(const Blocks& blocks, int i, const Column& column, int h, const Real* values,
                               Real* gradient) {
    const Periodic<Real> at(column);
    const int width = column.learnt();
    const Real w = values[h], b = values[at.b + h];
    const int64_t row = at.V + int64_t{h} * width;
    weighted_sums(blocks, i, column, gradient + row,
                  [&](Vec<Real> x) RANVIER_INLINE_LAMBDA { return cos_2pi(Periodic<Real>::turns(w, b, x)); });
    Real sums[2];
    sum_over_rows<Real>(blocks, sums, [&](const ColumnBlock<Real>& block, int r, Vec<Real>* sum) RANVIER_INLINE_LAMBDA {
        const Vec<Real> x = load(block.x(i) + r);
        Vec<Real> dh = {};
        for (int k = 0; k < width; ++k) dh = fma(broadcast(values[row + k]), load(block.dc(column.slot + k) + r), dh);
        const Vec<Real> du = -sin_2pi(Periodic<Real>::turns(w, b, x)) * dh;
        sum[0] += du;
        sum[1] = fma(x, du, sum[1]);
    });
    gradient[at.b + h] += sums[0];
    gradient[h] += static_cast<Real>(6.283185307179586) * sums[1];
}

// Adds the gradient of column i to `gradient`; of a table for the codes begin..end only.
template <class Real, class Blocks>
inline void column_gradient(const Blocks& blocks, int i, const Column& column, const Real* values, int64_t begin,
                            int64_t end, Real* gradient) {
    const int width = column.learnt();
    auto one = [](Vec<Real>) { return broadcast(Real(1)); };
    auto itself = [](Vec<Real> x) { return x; };
    switch (column.kind) {
        case ColumnKind::plain: return;
        case ColumnKind::periodic:
            for (int h = 0; h < column.size; ++h) frequency_gradient(blocks, i, column, h, values, gradient);
            return weighted_sums(blocks, i, column, gradient + Periodic<Real>(column).v, one);
        case ColumnKind::piecewise: {
            const Piecewise at(column);
            if (column.linear) weighted_sums(blocks, i, column, gradient, itself);
            weighted_sums(blocks, i, column, gradient + at.v, one);
            for (int t = 0; t < column.size; ++t)
                weighted_sums(blocks, i, column, gradient + at.M + int64_t{t} * width, Piece<Real>(column, t));
            return;
        }
        case ColumnKind::category:
            for (int b = 0; b < blocks.count; ++b) {
                const ColumnBlock<Real> block = blocks.columns(b);
                for (int r = 0; r < block.rows; ++r) {
                    const int64_t code = code_of(block.x(i)[r], column.size);
                    if (code < begin || code >= end) continue;
                    Real* row = gradient + code * width;
                    for (int k = 0; k < width; ++k) row[k] += block.dc(column.slot + k)[r];
                }
            }
            return;
    }
}

}  // namespace ranvier::RANVIER_LEVEL

// The parametric activation: f_alpha(z) = z + alpha (f(z) - z), with an alpha of each unit that is learnt.
//
//     E = f(Z) - Z        dZ = dA * (1 + alpha (f'(Z) - 1))
//     A = Z + alpha E     dalpha = column sums of dA * E
//
// alpha and all matrices are padded to whole panels, as in dense.h.
#pragma once

#include "equations/dense.h"

namespace ranvier::RANVIER_LEVEL {

// A = f_alpha(Z) in place; where `slope` is given, it becomes the factor of dA in dZ, and E = f(Z) - Z.
template <class Real>
inline void parametric_activate(Activation kind, double parameter, const Real* alpha, Panels<Real> Z, Real* slope,
                                Real* E) {
    constexpr int lanes = kLanes<Real>, kRows = 16;
    alignas(64) Real f[kRows * lanes];
    const Vec<Real> one = broadcast(Real(1));
    for (int j = 0; j < Z.count(); ++j)
        for (int first = 0; first < Z.rows; first += kRows) {
            const int64_t begin = int64_t{first} * lanes;
            const int size = (Z.rows - first < kRows ? Z.rows - first : kRows) * lanes;
            Real* const z = Z.panel(j) + begin;
            Real* const df = slope ? slope + j * Z.stride + begin : nullptr;
            activate_values<Real>(kind, parameter, z, f, df, size);
            for (int i = 0; i < size; i += kWidth<Real>) {
                const Vec<Real> own = load(alpha + j * lanes + i % lanes), e = load(f + i) - load(z + i);
                store(z + i, fma(own, e, load(z + i)));
                if (!slope) continue;
                store(df + i, fma(own, load(df + i) - one, one));
                store(E + j * Z.stride + begin + i, e);
            }
        }
}

// A = f_alpha(X W + b)
template <class Real>
inline void parametric_forward(Panels<Real> X, const Weights<Real>& layer, Activation kind, double parameter,
                               const Real* alpha, Panels<Real> A, Real* slope, Real* E) {
    dense_forward(X, layer, A);
    parametric_activate(kind, parameter, alpha, A, slope, E);
}

// dZ = (dZ_above W') * slope, and E, which holds f(Z) - Z on entry, becomes the terms of dalpha. `dA` has room for the
// rows of a panel.
template <class Real>
inline void parametric_backward(Panels<Real> dZ_above, Panels<Real> Wt, Panels<Real> dZ, Panels<Real> E, Real* dA) {
    for (int i = 0; i < dZ.count(); ++i) {
        multiply_panel<Real>(dZ_above, Wt.panel(i), kLanes<Real>, nullptr, dZ.width(i), StoreAt<Real>{dA});
        for (int r = 0; r < dZ.rows; ++r)
            for (int c = 0; c < dZ.width(i); c += kWidth<Real>) {
                const Vec<Real> da = load(dA + r * kLanes<Real> + c);
                MultiplyInto<Real>{dZ.panel(i)}(r, c, da);
                MultiplyInto<Real>{E.panel(i)}(r, c, da);
            }
    }
}

// The terms of dalpha, as column_sums takes them.
template <class Blocks>
struct AlphaTermsOf {
    const Blocks& blocks;
    RANVIER_INLINE auto operator()(int block) const { return blocks.E(block); }
};

// dalpha = column sums of dA * E, for the columns of panel j.
template <class Real, class Blocks, class End>
inline void alpha_gradient(const Blocks& blocks, int j, End&& end) {
    for_each_column_sum<Real>(AlphaTermsOf<Blocks>{blocks}, blocks.count, j, end);
}

}  // namespace ranvier::RANVIER_LEVEL

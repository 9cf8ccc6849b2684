// One row of a matrix in panels, for what runs along a row: softmax, sums.
#pragma once

#include "product/panel.h"

namespace ranvier::RANVIER_LEVEL {

// The sum of the lanes of a panel's row, by halves: the same tree of additions at every vector width.
template <class Real>
RANVIER_INLINE Real sum_lanes(const Real* row) {
    Real partial[kLanes<Real>];
    __builtin_memcpy(partial, row, sizeof partial);
#pragma GCC unroll 4
    for (int half = kLanes<Real> / 2; half > 0; half /= 2)
        for (int i = 0; i < half; ++i) partial[i] += partial[i + half];
    return partial[0];
}

// Mask of the lanes of a vector that are real columns: lane + first < width.
template <class Real>
RANVIER_INLINE Int<Real> real_lanes(int first, int width) {
    Int<Real> lane;
    for (int i = 0; i < kWidth<Real>; ++i) lane[i] = first + i;
    return lane < width;
}

template <class Real>
struct RowOf {
    Panels<Real> of;
    int64_t offset;

    RANVIER_INLINE RowOf(Panels<Real> matrix, int r) : of(matrix), offset(static_cast<int64_t>(r) * kLanes<Real>) {}

    RANVIER_INLINE Real* panel(int j) const { return of.panel(j) + offset; }

    RANVIER_INLINE Real maximum() const {
        Real largest = panel(0)[0];
        for (int j = 0; j < of.count(); ++j)
            for (int c = 0; c < of.width(j); ++c) largest = panel(j)[c] > largest ? panel(j)[c] : largest;
        return largest;
    }

    // Replaces every vector v by f(v), padding by zero, and returns the sum of the row.
    template <class F>
    RANVIER_INLINE Real map(F&& f) const {
        alignas(64) Real partial[kLanes<Real>] = {};
        for (int j = 0; j < of.count(); ++j) {
            const int width = of.width(j);
            for (int c = 0; c < kLanes<Real>; c += kWidth<Real>) {
                Vec<Real> v = f(load(panel(j) + c));
                if (width < kLanes<Real>) v = real_lanes<Real>(c, width) ? v : Vec<Real>{};
                store(panel(j) + c, v);
                store(partial + c, load(partial + c) + v);
            }
        }
        return sum_lanes(partial);
    }
};

}  // namespace ranvier::RANVIER_LEVEL

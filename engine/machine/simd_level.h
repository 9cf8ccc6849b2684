// The whole engine for one type, compiled for one instruction-set level: simd_level_float.cpp and
// simd_level_double.cpp, which the build compiles once per level, with RANVIER_LEVEL naming the namespace and the flags
// naming the instructions.
#pragma once

#include "pieces.h"
#include "prediction.h"
#include "training.h"

namespace ranvier::RANVIER_LEVEL {

inline bool same(const char* a, const char* b) { return __builtin_strcmp(a, b) == 0; }

template <class Real, class F>
void map(F f, const Real* x, Real* y, int64_t size) {
    for (int64_t i = 0; i < size; i += kWidth<Real>) {
        const int64_t left = size - i < kWidth<Real> ? size - i : kWidth<Real>;
        Vec<Real> v = broadcast(Real(1));
        for (int64_t l = 0; l < left; ++l) v[l] = x[i + l];
        v = f(v);
        for (int64_t l = 0; l < left; ++l) y[i + l] = v[l];
    }
}

template <class Real>
bool elementary(const char* name, const Real* x, Real* y, int64_t size) {
    using V = Vec<Real>;
#define RANVIER_ENTRY(f)                                 \
    if (same(name, #f)) {                                \
        map<Real>([](V v) { return f(v); }, x, y, size); \
        return true;                                     \
    }
    RANVIER_ENTRY(exp)
    RANVIER_ENTRY(expm1)
    RANVIER_ENTRY(log)
    RANVIER_ENTRY(log1p)
    RANVIER_ENTRY(tanh)
    RANVIER_ENTRY(sigmoid)
    RANVIER_ENTRY(softplus)
    RANVIER_ENTRY(erf)
    RANVIER_ENTRY(normal_cdf)
    RANVIER_ENTRY(normal_pdf)
    RANVIER_ENTRY(cos_2pi)
    RANVIER_ENTRY(sin_2pi)
    RANVIER_ENTRY(sqrt)
#undef RANVIER_ENTRY
    return false;
}

// x - x is zero for every finite x, and not a number for others.
template <class Real>
bool all_finite(const Real* values, int64_t size) {
    constexpr int width = kWidth<Real>;
    Vec<Real> sums[4] = {};
    int64_t i = 0;
    for (; i + 4 * width <= size; i += 4 * width)
#pragma GCC unroll 4
        for (int v = 0; v < 4; ++v) {
            const Vec<Real> x = load(values + i + v * width);
            sums[v] += x - x;
        }
    Real sum = 0;
    for (; i < size; ++i) sum += values[i] - values[i];
    const Vec<Real> all = (sums[0] + sums[1]) + (sums[2] + sums[3]);
    for (int l = 0; l < width; ++l) sum += all[l];
    return sum == 0;
}

template <class Real>
void round_trip(const Real* A, Real* B, int rows, int columns, Arena& arena) {
    arena.reset();
    scatter(panels_from(arena, A, rows, columns), B, columns);
}

template <class Real>
void dropout_mask(double rate, uint64_t seed, uint64_t epoch, uint64_t layer, const int64_t* rows, int row_count,
                  int units, Real* mask, Arena& arena) {
    arena.reset();
    const Panels<Real> A = take_matrix<Real>(arena, row_count, units);
    for (int64_t i = 0; i < A.count() * A.stride; ++i) A.data[i] = 1;
    dropout_forward<Real>(DropoutKey(seed, epoch, layer), rate, rows, A, nullptr, nullptr);
    scatter(A, mask, units);
}

template <class Real>
constexpr Kernels<Real> kKernels = {
    predict<Real>,    gradient<Real>, train_epoch<Real>, all_finite<Real>,     elementary<Real>,
    activation<Real>, product<Real>,  output_loss<Real>, optimizer_step<Real>, {round_trip<Real>, dropout_mask<Real>},
};

}  // namespace ranvier::RANVIER_LEVEL

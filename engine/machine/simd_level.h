// The whole engine for one type, compiled for one instruction-set level: simd_level_float.cpp and simd_level_double.cpp,
// which the build compiles once per level, with RANVIER_LEVEL naming the namespace and the flags naming the
// instructions.
#pragma once

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
void activation(Activation kind, double parameter, const Real* z, Real* a, Real* slope, int64_t size) {
    constexpr int kMost = 256;
    alignas(64) Real in[kMost], out[kMost], df[kMost];
    for (int64_t first = 0; first < size; first += kMost) {
        const int64_t count = size - first < kMost ? size - first : kMost;
        const int64_t padded = (count + kWidth<Real> - 1) / kWidth<Real> * kWidth<Real>;
        for (int64_t i = 0; i < padded; ++i) in[i] = i < count ? z[first + i] : Real(0);
        activate_values<Real>(kind, parameter, in, out, df, padded);
        __builtin_memcpy(a + first, out, sizeof(Real) * count);
        __builtin_memcpy(slope + first, df, sizeof(Real) * count);
    }
}

// Row-major memory in panels of their own.
template <class Real>
Panels<Real> panels_from(Arena& arena, const Real* from, int rows, int columns) {
    const Panels<Real> panels = take_matrix<Real>(arena, rows, columns);
    gather<Real>(from, columns, nullptr, panels);
    return panels;
}

template <class Real>
void product(const Real* A, const Real* B, Real* C, int rows, int inner, int columns, Arena& arena) {
    arena.reset();
    const Panels<Real> a = panels_from(arena, A, rows, inner);
    const Panels<Real> b = panels_from(arena, B, inner, columns);
    const Panels<Real> c = take_matrix<Real>(arena, rows, columns);
    for (int j = 0; j < c.count(); ++j)
        multiply_panel<Real>(a, b.panel(j), kLanes<Real>, nullptr, c.width(j), StoreAt<Real>{c.panel(j)});
    scatter(c, C, columns);
}

template <class Real>
void round_trip(const Real* A, Real* B, int rows, int columns, Arena& arena) {
    arena.reset();
    scatter(panels_from(arena, A, rows, columns), B, columns);
}

template <class Real>
double loss(const Loss& loss, Activation output, double parameter, const Table<Real>& table, int columns, Real* dZ,
            Arena& arena) {
    arena.reset();
    const int rows = static_cast<int>(table.rows);
    const Panels<Real> A = panels_from(arena, table.X, rows, columns);
    const Panels<Real> Y = panels_from(arena, table.Y, rows, columns);
    const Panels<Real> slope = take_matrix<Real>(arena, rows, columns);
    activate(reads_logits(loss.kind) ? Activation::identity : output, parameter, A, slope.data);
    const double weight_sum = weight_sum_of<Real>(table, nullptr, 0, rows);
    const double sum = loss_of_block<Real>(loss, {A, Y, slope, table.weights, static_cast<Real>(1 / weight_sum)});
    scatter(slope, dZ, columns);
    return sum / weight_sum;
}

template <class Real>
void update(const Update& update, int64_t step, double learning_rate, Real* theta, const Real* gradient, Real* state,
            int size, Arena& arena) {
    arena.reset();
    const StepScalars<Real> scalars = step_scalars<Real>(update, BiasCorrection(update, step), learning_rate, 1, 1, 1);
    const Panels<Real> W = panels_from(arena, theta, 1, size);
    const Panels<Real> g = panels_from(arena, gradient, 1, size);
    Panels<Real> slots[3] = {};
    for (int s = 0; s < update.slots(); ++s)
        slots[state_of_slot(update, s)] = panels_from(arena, state + s * size, 1, size);
    Real* const state_panels[] = {slots[0].data, slots[1].data, slots[2].data};
    const Rule<Real> rule(update);
    for (int64_t at = 0; at < int64_t{W.count()} * kLanes<Real>; at += kWidth<Real>)
        apply(rule, W.data, penalised(load(g.data + at), W.data + at, scalars), state_panels, at, scalars);
    scatter(W, theta, size);
    for (int s = 0; s < update.slots(); ++s) scatter(slots[state_of_slot(update, s)], state + s * size, size);
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
    predict<Real>,
    gradient<Real>,
    train_epoch<Real>,
    all_finite<Real>,
    {elementary<Real>, activation<Real>, product<Real>, round_trip<Real>, loss<Real>, update<Real>, dropout_mask<Real>},
};

}  // namespace ranvier::RANVIER_LEVEL

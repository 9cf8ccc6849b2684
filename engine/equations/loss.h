// The losses: L beside dL/dA, for one row the mean over its outputs, over rows the weighted mean
//
//     L = sum_r w_r L_r / sum_r w_r
//
// Three of them form a pair with the activation of the output and are written in Z, where they are exact for every
// logit: cross_entropy with softmax, log_loss with sigmoid, poisson with exp. For these A stands for Z below.
#pragma once

#include "equations/elementary.h"
#include "loss_and_update.h"
#include "product/row.h"

namespace ranvier::RANVIER_LEVEL {

RANVIER_INLINE bool reads_logits(LossKind kind) {
    return kind == LossKind::poisson || kind == LossKind::log_loss || kind == LossKind::cross_entropy;
}

template <class Real>
struct Losses {
    using V = Vec<Real>;
    static RANVIER_INLINE V all(double x) { return broadcast(static_cast<Real>(x)); }

    struct SquaredError {
        V value(V a, V y) const { return (a - y) * (a - y); }
        V slope(V a, V y) const { return all(2) * (a - y); }
    };
    struct AbsoluteError {
        V value(V a, V y) const { return absolute(a - y); }
        V slope(V a, V y) const { return a > y ? all(1) : (a < y ? all(-1) : a - y); }
    };
    // Huber 1964: a parabola within delta, straight outside.
    struct Huber {
        V delta;
        V value(V a, V y) const {
            const V e = absolute(a - y);
            return e <= delta ? all(0.5) * e * e : delta * (e - all(0.5) * delta);
        }
        V slope(V a, V y) const {
            const V e = a - y;
            return e > delta ? delta : (e < -delta ? -delta : e);
        }
    };
    // Koenker and Bassett 1978: too low costs q, too high 1 - q.
    struct Quantile {
        V q;
        V value(V a, V y) const { return y > a ? q * (y - a) : (q - all(1)) * (y - a); }
        V slope(V a, V y) const { return a < y ? -q : (a > y ? all(1) - q : a - y); }
    };
    // exp(Z) is the expected count: minus the log-likelihood of Poisson's law, without the term of Y alone.
    struct Poisson {
        V value(V z, V y) const { return exp(z) - y * z; }
        V slope(V z, V y) const { return exp(z) - y; }
    };
    // -Y log p - (1 - Y) log(1 - p) with p = sigmoid(Z)
    struct LogLoss {
        V value(V z, V y) const { return softplus(z) - y * z; }
        V slope(V z, V y) const { return sigmoid(z) - y; }
    };
};

// One block of rows: A holds the outputs (or Z), `dZ` the slope of the output's activation on entry and dL/dZ on
// return.
template <class Real>
struct LossBlock {
    Panels<Real> A;
    Panels<Real> Y;
    Panels<Real> dZ;
    const Real* w;  // one weight a row; null: all 1
    Real scale;     // 1 / sum of the weights of the batch
};

// sum_r w_r L_r and dZ of a single output, with rows as the lanes.
template <class Real, class L>
inline double single_output_loss(const L& loss, const LossBlock<Real>& block) {
    constexpr int lanes = kLanes<Real>;
    double sum = 0;
    for (int first = 0; first < block.A.rows; first += lanes) {
        const int rows = block.A.rows - first < lanes ? block.A.rows - first : lanes;
        const Real* const A = block.A.data + int64_t{first} * lanes;
        const Real* const Y = block.Y.data + int64_t{first} * lanes;
        Real* const dZ = block.dZ.data + int64_t{first} * lanes;
        alignas(64) Real a[lanes] = {}, y[lanes] = {}, w[lanes] = {}, dA[lanes];
        for (int r = 0; r < rows; ++r) {
            a[r] = A[r * lanes];
            y[r] = Y[r * lanes];
            w[r] = block.w ? block.w[first + r] : Real(1);
        }
        for (int c = 0; c < lanes; c += kWidth<Real>) {
            const Vec<Real> share = load(w + c);
            store(w + c, share * loss.value(load(a + c), load(y + c)));
            store(dA + c, share * broadcast(block.scale) * loss.slope(load(a + c), load(y + c)));
        }
        for (int r = 0; r < rows; ++r) {
            Vec<Real> dz = {};  // zero in the padding
            dz[0] = dA[r] * dZ[r * lanes];
            store(dZ + r * lanes, dz);
            sum += static_cast<double>(w[r]);
        }
    }
    return sum;
}

// sum_r w_r L_r of the block, and dZ = dL/dA * f'(Z).
template <class Real, class L>
inline double elementwise_loss(const L& loss, const LossBlock<Real>& block) {
    if (block.A.columns == 1) return single_output_loss(loss, block);
    constexpr int lanes = kLanes<Real>;
    const Vec<Real> share = broadcast(Real(1) / static_cast<Real>(block.A.columns));
    alignas(64) Real partial[lanes] = {};
    for (int j = 0; j < block.A.count(); ++j) {
        const int width = block.A.width(j);
        for (int r = 0; r < block.A.rows; ++r) {
            const Real weight = block.w ? block.w[r] : Real(1);
            const Vec<Real> w = broadcast(weight) * share;
            const Vec<Real> dw = broadcast(weight * block.scale) * share;
            for (int c = 0; c < width; c += kWidth<Real>) {
                const int64_t at = int64_t{r} * lanes + c;
                const Int<Real> real = real_lanes<Real>(c, width);
                const Vec<Real> a = load(block.A.panel(j) + at);
                const Vec<Real> y = load(block.Y.panel(j) + at);
                const Vec<Real> L_ = real ? loss.value(a, y) : Vec<Real>{};
                const Vec<Real> dA = real ? loss.slope(a, y) : Vec<Real>{};
                store(partial + c, fma(w, L_, load(partial + c)));
                store(block.dZ.panel(j) + at, dw * dA * load(block.dZ.panel(j) + at));
            }
        }
    }
    double sum = 0;
    for (Real value : partial) sum += static_cast<double>(value);
    return sum;
}

// Cross-entropy of softmax(Z) to Y~ = (1 - s) Y + s / C:
//     L = sum_c Y~_c (log sum_k exp(Z_k) - Z_c)          dL/dZ = p sum_c Y~_c - Y~
template <class Real>
inline double cross_entropy_loss(double smoothing, const LossBlock<Real>& block) {
    const Vec<Real> kept = broadcast(static_cast<Real>(1 - smoothing));
    const Vec<Real> added = broadcast(static_cast<Real>(smoothing / block.A.columns));
    double sum = 0;
    for (int r = 0; r < block.A.rows; ++r) {
        const RowOf<Real> z(block.A, r), y(block.Y, r), dz(block.dZ, r);
        const Real largest = z.maximum();
        const Real total = y.map([&](Vec<Real> v) { return fma(kept, v, added); });
        for (int j = 0; j < block.A.count(); ++j) __builtin_memcpy(dz.panel(j), z.panel(j), 64);
        const Real exp_sum = dz.map([&](Vec<Real> v) { return exp(v - broadcast(largest)); });
        const Real log_sum = log(broadcast(exp_sum))[0];

        const Real weight = block.w ? block.w[r] : Real(1);
        const Vec<Real> dw = broadcast(weight * block.scale);
        const Vec<Real> p_scale = broadcast(total / exp_sum);
        alignas(64) Real partial[kLanes<Real>] = {};
        for (int j = 0; j < block.A.count(); ++j) {
            for (int c = 0; c < kLanes<Real>; c += kWidth<Real>) {
                const Vec<Real> target = load(y.panel(j) + c);
                const Vec<Real> logit = load(z.panel(j) + c) - broadcast(largest);
                store(partial + c, fma(target, broadcast(log_sum) - logit, load(partial + c)));
                store(dz.panel(j) + c, dw * fma(p_scale, load(dz.panel(j) + c), -target));
            }
        }
        sum += static_cast<double>(weight) * static_cast<double>(sum_lanes(partial));
    }
    return sum;
}

template <class Real>
inline double loss_of_block(const Loss& loss, const LossBlock<Real>& block) {
    using F = Losses<Real>;
    const Vec<Real> p = F::all(loss.parameter);
    switch (loss.kind) {
        case LossKind::squared_error: return elementwise_loss(typename F::SquaredError{}, block);
        case LossKind::absolute_error: return elementwise_loss(typename F::AbsoluteError{}, block);
        case LossKind::huber: return elementwise_loss(typename F::Huber{p}, block);
        case LossKind::quantile: return elementwise_loss(typename F::Quantile{p}, block);
        case LossKind::poisson: return elementwise_loss(typename F::Poisson{}, block);
        case LossKind::log_loss: return elementwise_loss(typename F::LogLoss{}, block);
        case LossKind::cross_entropy: return cross_entropy_loss(loss.parameter, block);
    }
    return 0;
}

}  // namespace ranvier::RANVIER_LEVEL

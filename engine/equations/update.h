// The updates: how a parameter moves when its gradient g is known. Each is a few lines over vectors; the tile of dW is
// still in registers when they run.
#pragma once

#include "loss_and_update.h"
#include "product/panel.h"

namespace ranvier::RANVIER_LEVEL {

// The scalars of one step for one group of parameters (the W or the b of a layer).
template <class Real>
struct StepScalars {
    Real rate;     // learning rate, bias correction included
    Real epsilon;  // Adam's, scaled as the bias correction asks
    Real l2;       // g += l2 theta
    Real keep;     // theta *= keep first: decoupled weight decay
    Real decays;   // the group's factor of both
    Real mean;     // what the running mean of theta takes of the new one; 0: there is none
};

// Adam's bias correction at step t = 1, 2, ...: its averages start at zero, and dividing by 1 - b^t makes up for it.
//     m_hat / (sqrt(v_hat) + eps) = root / (1 - b1^t) * m / (sqrt(v) + eps root),  root = sqrt(1 - b2^t)
// Kingma and Ba 2015, end of section 2, have a second form, in which eps itself stands beside sqrt(v).
struct BiasCorrection {
    double rate = 1;
    double epsilon = 0;
    double mean = 0;  // the mean of theta starts at zero too, and is corrected at once

    BiasCorrection(const Update& update, int64_t t) {
        if (update.averaging > 0)
            mean = (1 - update.averaging) / (1 - __builtin_pow(update.averaging, static_cast<double>(t)));
        if (update.kind != UpdateKind::adam) return;
        const double root = __builtin_sqrt(1 - __builtin_pow(update.beta2, static_cast<double>(t)));
        rate = root / (1 - __builtin_pow(update.beta1, static_cast<double>(t)));
        epsilon = update.epsilon * (update.corrected_epsilon ? root : 1);
    }
};

// For one group of parameters. `decays`, its factor of l2 and of the decay, is 1 for W and 0 for b unless the user says
// otherwise; the decay goes by the learning rate of the group, without the bias correction, and by its own schedule's
// factor in this step.
template <class Real>
inline StepScalars<Real> step_scalars(const Update& update, const BiasCorrection& correction, double learning_rate,
                                      double weight_sum, double decays, double scheduled) {
    const double l2 = update.l2_by_weight ? (weight_sum > 0 ? update.l2 / weight_sum : 0) : update.l2;
    return {static_cast<Real>(learning_rate * correction.rate),
            static_cast<Real>(correction.epsilon),
            static_cast<Real>(decays * l2),
            static_cast<Real>(1 - learning_rate * (update.weight_decay * scheduled) * decays),
            static_cast<Real>(decays),
            static_cast<Real>(correction.mean)};
}

// v <- momentum v - rate g;  theta += v, or with Nesterov's look-ahead theta += momentum v - rate g
template <class Real>
struct Sgd {
    Real momentum;
    bool has_momentum;
    bool nesterov;

    explicit Sgd(const Update& u)
        : momentum(static_cast<Real>(u.momentum)), has_momentum(u.momentum > 0), nesterov(u.nesterov) {}

    RANVIER_INLINE Vec<Real> operator()(Vec<Real> theta, Vec<Real> g, Real* const* state, int64_t at,
                                        const StepScalars<Real>& s) const {
        const Vec<Real> step = broadcast(s.rate) * g;
        if (!has_momentum) return theta - step;
        const Vec<Real> v = fma(broadcast(momentum), load(state[0] + at), -step);
        store(state[0] + at, v);
        return theta + (nesterov ? fma(broadcast(momentum), v, -step) : v);
    }
};

// Kingma and Ba 2015, algorithm 1, with the bias correction in rate and epsilon:
//     m <- b1 m + (1 - b1) g;  v <- b2 v + (1 - b2) g^2;  theta -= rate m / (sqrt(v) + epsilon)
template <class Real>
struct Adam {
    Real beta1, beta2, rest1, rest2;

    explicit Adam(const Update& u)
        : beta1(static_cast<Real>(u.beta1)),
          beta2(static_cast<Real>(u.beta2)),
          rest1(static_cast<Real>(1 - u.beta1)),
          rest2(static_cast<Real>(1 - u.beta2)) {}

    RANVIER_INLINE Vec<Real> operator()(Vec<Real> theta, Vec<Real> g, Real* const* state, int64_t at,
                                        const StepScalars<Real>& s) const {
        const Vec<Real> m = fma(broadcast(beta1), load(state[0] + at), broadcast(rest1) * g);
        const Vec<Real> v = fma(broadcast(beta2), load(state[1] + at), broadcast(rest2) * g * g);
        store(state[0] + at, m);
        store(state[1] + at, v);
        return theta - broadcast(s.rate) * m / (sqrt(v) + broadcast(s.epsilon));
    }
};

// theta at `at` decays, and then moves by the rule; its running mean, state[2], follows.
template <class Real, class Rule>
RANVIER_INLINE void apply(const Rule& rule, Real* theta, Vec<Real> g, Real* const* state, int64_t at,
                          const StepScalars<Real>& s) {
    const Vec<Real> old = load(theta + at);
    const Vec<Real> moved = rule(old * broadcast(s.keep), g, state, at, s);
    store(theta + at, moved);
    if (s.mean == 0) return;
    const Vec<Real> mean = load(state[2] + at);
    store(state[2] + at, fma(broadcast(s.mean), moved - mean, mean));
}

// Which of a parameter's states slot s is: the mean comes last, and has a place of its own.
inline int state_of_slot(const Update& update, int s) { return s < update.rule_slots() ? s : 2; }

// g + l2 theta: the gradient with the penalty l2 |W|^2 / 2
template <class Real>
RANVIER_INLINE Vec<Real> penalised(Vec<Real> g, const Real* theta, const StepScalars<Real>& s) {
    return fma(broadcast(s.l2), load(theta), g);
}

// Calls use(rule) with the rule that the update names.
template <class Real, class Use>
inline void with_rule(const Update& update, Use&& use) {
    if (update.kind == UpdateKind::adam) return use(Adam<Real>(update));
    use(Sgd<Real>(update));
}

}  // namespace ranvier::RANVIER_LEVEL

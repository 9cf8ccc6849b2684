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

// The rule by which parameters move. One type for all rules, so that what applies it is compiled once: the branch is
// the same for a whole epoch, and predicted.
template <class Real>
class Rule {
  public:
    explicit Rule(const Update& u)
        : is_adam_(u.kind == UpdateKind::adam),
          nesterov_(u.nesterov),
          momentum_(static_cast<Real>(u.momentum)),
          beta1_(static_cast<Real>(u.beta1)),
          beta2_(static_cast<Real>(u.beta2)),
          rest1_(static_cast<Real>(1 - u.beta1)),
          rest2_(static_cast<Real>(1 - u.beta2)) {}

    // The theta that follows from a vector of theta and its gradient g. state[s] + at is where the values lie that the
    // rule keeps of them: none for plain SGD, v for momentum, m and v for Adam.
    RANVIER_INLINE Vec<Real> operator()(Vec<Real> theta, Vec<Real> g, Real* const* state, int64_t at,
                                        const StepScalars<Real>& s) const {
        if (is_adam_) return adam(theta, g, state, at, s);
        return sgd(theta, g, state, at, s);
    }

    bool is_adam() const { return is_adam_; }

    // v <- momentum v - rate g;  theta += v, or with Nesterov's look-ahead theta += momentum v - rate g
    RANVIER_INLINE Vec<Real> sgd(Vec<Real> theta, Vec<Real> g, Real* const* state, int64_t at,
                                 const StepScalars<Real>& s) const {
        const Vec<Real> step = broadcast(s.rate) * g;
        if (!(momentum_ > 0)) return theta - step;
        const Vec<Real> v = fma(broadcast(momentum_), load(state[0] + at), -step);
        store(state[0] + at, v);
        return theta + (nesterov_ ? fma(broadcast(momentum_), v, -step) : v);
    }

    // Kingma and Ba 2015, algorithm 1, with the bias correction in rate and epsilon:
    //     m <- b1 m + (1 - b1) g;  v <- b2 v + (1 - b2) g^2;  theta -= rate m / (sqrt(v) + epsilon)
    RANVIER_INLINE Vec<Real> adam(Vec<Real> theta, Vec<Real> g, Real* const* state, int64_t at,
                                  const StepScalars<Real>& s) const {
        const Vec<Real> m = fma(broadcast(beta1_), load(state[0] + at), broadcast(rest1_) * g);
        const Vec<Real> v = fma(broadcast(beta2_), load(state[1] + at), broadcast(rest2_) * g * g);
        store(state[0] + at, m);
        store(state[1] + at, v);
        return theta - broadcast(s.rate) * m / (sqrt(v) + broadcast(s.epsilon));
    }

  private:
    const bool is_adam_, nesterov_;
    const Real momentum_, beta1_, beta2_, rest1_, rest2_;
};

// The rule where it is known beforehand: for a loop that would lose by the branch.
template <class Real, bool is_adam>
struct KnownRule {
    Rule<Real> rule;
    RANVIER_INLINE Vec<Real> operator()(Vec<Real> theta, Vec<Real> g, Real* const* state, int64_t at,
                                        const StepScalars<Real>& s) const {
        if constexpr (is_adam) return rule.adam(theta, g, state, at, s);
        return rule.sgd(theta, g, state, at, s);
    }
};

// theta at `at` decays, and then moves by the rule; its running mean, state[2], follows.
template <class Real, class AnyRule>
RANVIER_INLINE void apply(const AnyRule& rule, Real* theta, Vec<Real> g, Real* const* state, int64_t at,
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

}  // namespace ranvier::RANVIER_LEVEL

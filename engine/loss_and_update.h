// What to minimise and how: plain descriptions of the loss and of the update, shared by the entry points and the
// kernels.
#pragma once

#include <cstdint>

namespace ranvier {

enum class LossKind { squared_error, absolute_error, huber, quantile, poisson, log_loss, cross_entropy };

struct Loss {
    LossKind kind = LossKind::squared_error;
    double parameter = 0;  // delta of huber, q of quantile, smoothing of cross_entropy
};

enum class UpdateKind { sgd, adam };

struct Update {
    UpdateKind kind = UpdateKind::sgd;
    double momentum = 0;
    bool nesterov = false;
    double beta1 = 0.9;
    double beta2 = 0.999;
    double epsilon = 1e-8;
    bool corrected_epsilon = true;  // beside sqrt(v_hat); false: beside sqrt(v)
    double l2 = 0;                  // adds l2 W to dW; as the decay, times the group's decay factor
    bool l2_by_weight = false;      // adds l2 W / (sum of the batch's weights) instead
    double weight_decay = 0;        // decoupled: W loses the fraction (rate * weight_decay) of itself
    double clip_norm = 0;           // 0: no clipping
    // For each layer with parameters a row of kGroups factors: of a dense one for W, b and alpha, of an embedding for
    // its values, its scale and the values of its categories. Null: all 1 for the rates; W and all values decay, and
    // nothing else.
    const double* rate_factors = nullptr;
    const double* decay_factors = nullptr;
    double averaging = 0;  // beta of a running mean of theta, kept in the last slot; 0: none

    static constexpr int kGroups = 3;

    double rate_factor(int row, int group) const { return rate_factors ? rate_factors[kGroups * row + group] : 1; }
    double decay_factor(int row, int group, bool decays) const {
        return decay_factors ? decay_factors[kGroups * row + group] : decays;
    }

    // How many values the rule keeps for each parameter, and how many with the mean.
    int rule_slots() const { return kind == UpdateKind::adam ? 2 : momentum > 0 ? 1 : 0; }
    int slots() const { return rule_slots() + (averaging > 0); }
};

}  // namespace ranvier

// What to minimise and how: plain descriptions of the loss and of the update, shared by the doors and the kernels.
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
    bool corrected_epsilon = true;         // beside sqrt(v_hat); false: beside sqrt(v)
    double l2 = 0;                         // adds l2 W to dW
    bool l2_by_weight = false;             // adds l2 W / (sum of the batch's weights) instead
    double weight_decay = 0;               // decoupled: W loses the share (rate * weight_decay) of itself
    double clip_norm = 0;                  // 0: no clipping
    const double* rate_factors = nullptr;  // two for each dense layer, for W and for b; null: all 1

    // How many values the update keeps for each parameter.
    int slots() const { return kind == UpdateKind::adam ? 2 : momentum > 0 ? 1 : 0; }
};

}  // namespace ranvier

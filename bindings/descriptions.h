// Python's side of the update: it owns the factors that the engine's description points to.
#pragma once

#include <vector>

#include "loss_and_update.h"

namespace ranvier::bindings {

struct UpdateHolder {
    Update update;
    std::vector<double> rate_factors, decay_factors;  // Update::kGroups a row
};

}  // namespace ranvier::bindings

// Python's side of the update: it owns the rate factors that the engine's description points to.
#pragma once

#include <vector>

#include "recipe.h"

namespace ranvier::bindings {

struct UpdateHolder {
    Update update;
    std::vector<double> rate_factors;
};

}  // namespace ranvier::bindings

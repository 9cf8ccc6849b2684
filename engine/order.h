// The order in which an epoch takes its rows: a permutation that is a function of (seed, epoch) alone.
#pragma once

#include <cstdint>

namespace ranvier {

// Shuffles fewer than 2^32 rows.
void shuffle(int64_t* rows, int64_t size, uint64_t seed, uint64_t epoch);

}  // namespace ranvier

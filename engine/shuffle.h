// The order in which an epoch takes its rows: a permutation that is a function of (seed, epoch) alone, or one that a
// generator of NumPy's draws.
#pragma once

#include <cstdint>

namespace ranvier {

// Shuffles fewer than 2^32 rows.
void shuffle(int64_t* rows, int64_t size, uint64_t seed, uint64_t epoch);

// What NumPy's generators of random bits show of themselves (its numpy/random/bitgen.h), in a capsule of this name.
struct BitGenerator {
    static constexpr const char* kName = "BitGenerator";
    void* state;
    uint64_t (*next_uint64)(void* state);
    uint32_t (*next_uint32)(void* state);
    double (*next_double)(void* state);
    uint64_t (*next_raw)(void* state);
};

// The same with the draws of numpy.random.RandomState.shuffle, whose lock the caller holds.
void shuffle(int64_t* rows, int64_t size, const BitGenerator& random);

}  // namespace ranvier

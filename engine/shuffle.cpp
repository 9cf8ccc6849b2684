#include "shuffle.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace ranvier {

namespace {

__extension__ typedef unsigned __int128 Wide;

struct Product {
    uint64_t high, low;
    Product(uint64_t a, uint64_t b) {
        const Wide product = static_cast<Wide>(a) * b;
        high = static_cast<uint64_t>(product >> 64);
        low = static_cast<uint64_t>(product);
    }
};

// Philox4x64-10 (Salmon, Moraes, Dror and Shaw 2011): the n-th block of random bits is a function of n and of the key.
// Blocks are counted from 1 and taken in halves of 64 bits, the lower first, so that an order is the one that NumPy
// draws from a generator of this kind.
class Philox {
  public:
    Philox(uint64_t key, uint64_t other_key) : keys_{key, other_key} {}

    uint32_t next() {
        if (taken_ == kHalves) draw();
        const uint64_t word = block_[taken_ / 2];
        return static_cast<uint32_t>(taken_++ % 2 ? word >> 32 : word);
    }

    void unused(bool) {}

  private:
    static constexpr int kRounds = 10, kHalves = 8;

    void draw() {
        uint64_t x0 = ++count_, x1 = 0, x2 = 0, x3 = 0, key = keys_[0], other_key = keys_[1];
        for (int round = 0; round < kRounds; ++round) {
            const Product one(0xd2e7470ee14c6c93u, x0), other(0xca5a826395121157u, x2);
            x0 = other.high ^ x1 ^ key;
            x1 = other.low;
            x2 = one.high ^ x3 ^ other_key;
            x3 = one.low;
            key += 0x9e3779b97f4a7c15u;
            other_key += 0xbb67ae8584caa73bu;
        }
        block_[0] = x0, block_[1] = x1, block_[2] = x2, block_[3] = x3;
        taken_ = 0;
    }

    const uint64_t keys_[2];
    uint64_t count_ = 0;
    uint64_t block_[kHalves / 2];
    int taken_ = kHalves;
};

// BufferedGenerator of a generator of NumPy's, many at a time: its calls, one after the other, take half as long as
// with other work between them. Never more than are needed, for the generator is used again.
class BufferedGenerator {
  public:
    BufferedGenerator(const BitGenerator& generator, int64_t needed) : generator_(generator), needed_(needed) {}

    uint32_t next() {
        if (taken_ == drawn_) draw();
        return numbers_[taken_++];
    }

    // One of those drawn has not been of use.
    void unused(bool one) { needed_ += one; }

  private:
    static constexpr int64_t kMost = 512;

    void draw() {
        drawn_ = std::min(needed_, kMost);
        for (int64_t i = 0; i < drawn_; ++i) numbers_[i] = generator_.next_uint32(generator_.state);
        needed_ -= drawn_;
        taken_ = 0;
    }

    const BitGenerator& generator_;
    int64_t needed_;
    int64_t drawn_ = 0, taken_ = 0;
    uint32_t numbers_[kMost];
};

// From the last place to the second, each exchanges its row with that of a place up to itself (Fisher and Yates;
// Durstenfeld 1964). A place is drawn as so many bits as the last one has; beyond it, it is drawn again, which a
// processor cannot foresee: so there is no branch, and such a row is exchanged with itself.
template <class Random>
void shuffle_by(int64_t* rows, int64_t size, Random& random) {
    if (size < 2) return;
    uint32_t last = static_cast<uint32_t>(size - 1);
    for (uint32_t mask = ~0u >> std::countl_zero(last); last > 0; mask >>= 1)
        while (last > mask >> 1) {
            const uint32_t drawn = random.next() & mask;
            const bool beyond = drawn > last;
            const uint32_t again = 0u - beyond;
            std::swap(rows[last], rows[(drawn & ~again) | (last & again)]);
            last -= !beyond;
            random.unused(beyond);
        }
}

}  // namespace

void shuffle(int64_t* rows, int64_t size, uint64_t seed, uint64_t epoch) {
    Philox random(seed, epoch);
    shuffle_by(rows, size, random);
}

void shuffle(int64_t* rows, int64_t size, const BitGenerator& random) {
    BufferedGenerator numbers(random, size - 1);
    shuffle_by(rows, size, numbers);
}

}  // namespace ranvier

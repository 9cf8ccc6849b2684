// Dropout (Srivastava et al. 2014), in its inverted form: each unit is kept with probability 1 - rate and then divided
// by it, so that nothing changes at prediction.
//
//     A <- A * m,  m = 0 or 1 / (1 - rate)          dA <- dA * m
//
// The mask of the forward pass goes into A and into the slope of the layer below (and, where its activation is
// parametric, into E); the backward pass, which multiplies by that slope, has then nothing left to do. Which units fall
// is a function of (seed, epoch, layer, row, unit) alone, so it depends neither on the batches nor on the threads.
#pragma once

#include "product/panel.h"

namespace ranvier::RANVIER_LEVEL {

// The finaliser of splitmix64 (Steele, Lea and Flood 2014): every bit of the result depends on every bit of x.
RANVIER_INLINE uint64_t mix64(uint64_t x) {
    x += 0x9e3779b97f4a7c15u;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

struct DropoutKey {
    uint64_t key;
    DropoutKey(uint64_t seed, uint64_t epoch, uint64_t layer) : key(mix64(mix64(mix64(seed) ^ epoch) ^ layer)) {}
    RANVIER_INLINE uint64_t row(int64_t r) const { return mix64(key ^ static_cast<uint64_t>(r)); }
};

// Unsigned lanes as wide as Real; the numbers in them stay below 2^32.
template <class Real>
struct UnsignedLanes;
template <>
struct UnsignedLanes<float> {
    typedef uint32_t Bits __attribute__((vector_size(kVectorBytes)));
    static RANVIER_INLINE Bits low32(Bits x) { return x; }
};
template <>
struct UnsignedLanes<double> {
    typedef uint64_t Bits __attribute__((vector_size(kVectorBytes)));
    static RANVIER_INLINE Bits low32(Bits x) { return x & 0xffffffffu; }
};

// 32 random bits for each of some units of a row: two rounds of multiply and shift, keyed by both halves of the row's
// key.
template <class Real, class Bits = typename UnsignedLanes<Real>::Bits>
RANVIER_INLINE Bits random_bits(uint64_t row_key, Bits unit) {
    using Lanes = UnsignedLanes<Real>;
    Bits x = Lanes::low32(unit * 0x9e3779b9u + static_cast<uint32_t>(row_key));
    x = Lanes::low32((x ^ (x >> 16)) * 0x7feb352du);
    x ^= static_cast<uint32_t>(row_key >> 32);
    x = Lanes::low32((x ^ (x >> 15)) * 0x846ca68bu);
    return x ^ (x >> 16);
}

// A unit falls when its bits, as a fraction of 2^32, lie below the rate.
RANVIER_INLINE uint32_t dropout_threshold(double rate) { return static_cast<uint32_t>(rate * 4294967296.0); }

template <class Real>
inline void dropout_forward(const DropoutKey& key, double rate, const int64_t* rows, Panels<Real> A, Real* slope,
                            Real* E) {
    using Bits = typename UnsignedLanes<Real>::Bits;
    constexpr int lanes = kLanes<Real>, width = kWidth<Real>;
    const Bits threshold = Bits{} + dropout_threshold(rate);
    const Vec<Real> kept = broadcast(static_cast<Real>(1 / (1 - rate)));
    Bits lane;
    for (int i = 0; i < width; ++i) lane[i] = static_cast<uint32_t>(i);
    auto times = [](Real* at, Vec<Real> mask) { store(at, load(at) * mask); };
    for (int r = 0; r < A.rows; ++r) {
        const uint64_t row_key = key.row(rows[r]);
        Bits unit = lane;
        for (int j = 0; j < A.count(); ++j) {
            const int64_t at = j * A.stride + static_cast<int64_t>(r) * lanes;
            for (int c = 0; c < lanes; c += width, unit += width) {
                const Vec<Real> mask = random_bits<Real>(row_key, unit) < threshold ? Vec<Real>{} : kept;
                times(A.data + at + c, mask);
                if (slope) times(slope + at + c, mask);
                if (E) times(E + at + c, mask);
            }
        }
    }
}

}  // namespace ranvier::RANVIER_LEVEL

// The elementary functions, one vector at a time: polynomials and explicit fma, no tables, no calls.
//
// Included only by code that is compiled once per instruction-set level. Every lane is computed by the same operations at
// every width, so the results agree bit for bit at all levels that have a fused multiply-add.
// Polynomials are weighted minimax fits (Remez exchange on 60 digits, leading coefficients rounded first and the rest fitted
// again); the reductions follow W. J. Cody and W. Waite, Software Manual for the Elementary Functions (1980), and
// P. T. P. Tang's papers on exp and log (ACM TOMS 1989, 1990).
#pragma once

#include "machine/vector.h"

namespace ranvier::RANVIER_LEVEL {

// --- the two formats ---------------------------------------------------------------------------------------------------

template <class V>
struct Format;

template <>
struct Format<Vec<float>> {
    using Real = float;
    using Signed = Int<float>;
    typedef uint32_t Unsigned __attribute__((vector_size(kVectorBytes)));

    static constexpr int kMantissaBits = 23, kBias = 127;
    static constexpr Real kMinNormal = 0x1p-126f;
    static constexpr uint32_t kHighHalf = 0xfffff000u;  // the upper 12 of 24 significant bits: their square is exact

    static constexpr Real kLn2High = 0x1.63p-1f, kLn2Low = -2.1219444e-4f;  // n kLn2High is exact for |n| <= 2^14
    static constexpr Real kExpLow = -104, kExpHigh = 89;                    // exp is 0 below, infinite above
    static constexpr Real kUnitAt = 10;                                    // tanh rounds to 1, e^-2x is nothing beside 1
    static constexpr Real kTailEnd = 15;                                   // Phi(-x) is 0
    static constexpr Real kPdf[2] = {0.3989423f, -1.133517e-08f};           // 1 / sqrt(2 pi), and what rounding left

    static constexpr Real kExpm1[] = {0.4999999f, 0.16666472f, 0.041668743f, 0.0083742235f, 0.001381327f};
    static constexpr Real kLog[] = {0.66666776f, 0.39977583f, 0.29870796f};
    static constexpr Real kTanh[] = {-0.3333332f, 0.13332638f, -0.053857066f, 0.021089302f, -0.0062971218f};
    static constexpr Real kErf[] = {0.12837917f, -0.3761263f, 0.11283618f, -0.026855126f, 0.0051907334f, -0.0008030751f, 7.92031e-05f};
    static constexpr Real kMills[] = {0.75528514f, -0.6078967f, 0.38713667f, -0.18652149f, 0.060405605f, -0.0075345137f, -0.0035212617f, 0.0015819174f, 0.00019536751f, -0.00012773937f};
    static constexpr Real kSin[] = {0.033185273f, -41.34168f, 81.60232f, -76.57701f, 39.725807f};
};

template <>
struct Format<Vec<double>> {
    using Real = double;
    using Signed = Int<double>;
    typedef uint64_t Unsigned __attribute__((vector_size(kVectorBytes)));

    static constexpr int kMantissaBits = 52, kBias = 1023;
    static constexpr Real kMinNormal = 0x1p-1022;
    static constexpr uint64_t kHighHalf = 0xfffffffff8000000u;  // the upper 26 of 53 significant bits

    static constexpr Real kLn2High = 0x1.62e42fefa4p-1, kLn2Low = -1.7239444525614835e-13;
    static constexpr Real kExpLow = -746, kExpHigh = 710;
    static constexpr Real kUnitAt = 20;
    static constexpr Real kTailEnd = 40;
    static constexpr Real kPdf[2] = {0.3989422804014327, -2.49232720227773e-17};

    static constexpr Real kExpm1[] = {0.5, 0.16666666666666682, 0.04166666666666648, 0.008333333333317637, 0.0013888888888996913, 0.0001984126989516044, 2.4801587096016722e-05, 2.75572358974817e-06, 2.755746834467759e-07, 2.511172378139837e-08, 2.0855598918606486e-09};
    static constexpr Real kLog[] = {0.6666666666666731, 0.399999999994344, 0.28571428738627086, 0.22222198916929736, 0.18183548033188943, 0.15314436804388593, 0.14792327759935794};
    static constexpr Real kTanh[] = {-0.333333333333333, 0.1333333333332661, -0.0539682539637661, 0.021869488386218987, -0.008863232609597354, 0.0035920921278395, -0.0014555435397234804, 0.0005884475345628669, -0.00023338967074836464, 8.332842209893684e-05, -1.95022367482673e-05};
    static constexpr Real kErf[] = {0.12837916709551256, -0.3761263890318343, 0.11283791670941776, -0.026866170642824514, 0.005223977604259926, -0.0008548325856398813, 0.00012055291745836741, -1.4924682188490388e-05, 1.6446808587844837e-06, -1.6204136669275653e-07, 1.3702605660321673e-08, -7.76544293962717e-10};
    static constexpr Real kMills[] = {0.7552851304157515, -0.6078966419718921, 0.387137400742214, -0.1865218579596617, 0.06039657489085091, -0.007540188966528713, -0.0034796923642910426, 0.0016308184541992932, 0.0001333442696074119, -0.0002310949075811682, -1.9079431999998894e-06, 3.514457273494113e-05, 7.152690397094495e-07, -5.919978248772175e-06, -6.257796653341781e-07, 1.021722276611947e-06, 2.647933695120566e-07, -1.563591515033637e-07, -7.762748873974938e-08, 1.5872578447048353e-08, 1.4736458467974069e-08, -2.726327452172371e-10, -1.1965538213169814e-09};
    static constexpr Real kSin[] = {0.033185307179586475, -41.341702240399755, 81.60524927607297, -76.70585975274386, 42.05869392046237, -15.094641510657613, 3.8199250330379098, -0.7177042293668789, 0.10078071505127177};
};

template <class V>
using RealOf = typename Format<V>::Real;
template <class V>
using SignedOf = typename Format<V>::Signed;
template <class V>
using UnsignedOf = typename Format<V>::Unsigned;

template <class V>
RANVIER_INLINE V all(RealOf<V> x) {
    return broadcast<RealOf<V>>(x);
}

// --- bits --------------------------------------------------------------------------------------------------------------

template <class V>
RANVIER_INLINE V sign_bit(V x) {
    return (V)((SignedOf<V>)x & (SignedOf<V>)all<V>(RealOf<V>(-0.0)));
}
template <class V>
RANVIER_INLINE V magnitude(V x) {
    return (V)((SignedOf<V>)x & ~(SignedOf<V>)all<V>(RealOf<V>(-0.0)));
}
template <class V>
RANVIER_INLINE V with_sign_of(V x, V value) {  // value >= 0, or of the sign of x already
    return (V)((SignedOf<V>)value | (SignedOf<V>)sign_bit(x));
}
template <class V>
RANVIER_INLINE V high_half(V x) {
    return (V)((UnsignedOf<V>)x & Format<V>::kHighHalf);
}
template <class V>
RANVIER_INLINE V clamp(V x, RealOf<V> low, RealOf<V> high) {  // NaN stays NaN
    return minimum(all<V>(high), maximum(all<V>(low), x));
}
template <class V>
RANVIER_INLINE V power_of_two(SignedOf<V> n) {  // 2^n for a normal 2^n; 0 for the exponent below the normal ones
    return (V)((n + Format<V>::kBias) << Format<V>::kMantissaBits);
}
// value 2^n, where value is about 1 and n may leave the exponents of normal numbers: two factors, the second rounds.
template <class V>
RANVIER_INLINE V scale(V value, SignedOf<V> n) {
    using F = Format<V>;
    const UnsignedOf<V> both = (UnsignedOf<V>)(n + 2 * F::kBias), one = both >> 1, other = both - one;
    return value * (V)(one << F::kMantissaBits) * (V)(other << F::kMantissaBits);
}

// c[0] + c[1] x + c[2] x^2 + ... by Horner's rule.
template <class V, int N>
RANVIER_INLINE V polynomial(V x, const RealOf<V> (&c)[N]) {
    V sum = all<V>(c[N - 1]);
#pragma GCC unroll 32
    for (int i = N - 2; i >= 0; --i) sum = fma(sum, x, all<V>(c[i]));
    return sum;
}

// --- the exponential ---------------------------------------------------------------------------------------------------

template <class V>
struct Reduced {
    V r;  // x = n ln 2 + r, |r| <= ln 2 / 2
    V n;
    SignedOf<V> exponent;  // n
};

// Adding 3/2 2^(mantissa bits) rounds to an integer and leaves it in the low bits; ln 2 is taken off in two parts, the
// first of so few bits that its product is exact.
template <class V>
RANVIER_INLINE Reduced<V> reduce(V x) {
    using F = Format<V>;
    const V rounder = all<V>(RealOf<V>(3ll << (F::kMantissaBits - 1)));
    const V shifted = fma(x, all<V>(RealOf<V>(1.4426950408889634)), rounder);
    const V n = shifted - rounder;
    const V r = fma(n, all<V>(-F::kLn2Low), fma(n, all<V>(-F::kLn2High), x));
    return {r, n, (SignedOf<V>)shifted - (SignedOf<V>)rounder};
}

// e^r - 1 - r = r^2 q(r) for a reduced r.
template <class V>
RANVIER_INLINE V expm1_minus_r(V r) {
    return r * r * polynomial(r, Format<V>::kExpm1);
}
template <class V>
RANVIER_INLINE V expm1_reduced(V r) {
    return fma(r * r, polynomial(r, Format<V>::kExpm1), r);
}

// e^x = 2^n e^r.
template <class V>
RANVIER_INLINE V exp(V x) {
    const Reduced<V> x_ = reduce(clamp(x, Format<V>::kExpLow, Format<V>::kExpHigh));
    return scale(1 + expm1_reduced(x_.r), x_.exponent);
}

// e^x - 1 = 2 (2^(n-1) (e^r - 1) + (2^(n-1) - 1/2)); the halves keep 2^1024 out of reach. For n = 0, e^r - 1 itself.
template <class V>
RANVIER_INLINE V expm1(V x) {
    const Reduced<V> x_ = reduce(clamp(x, RealOf<V>(-40), Format<V>::kExpHigh));
    const V r = x_.r, rest = expm1_minus_r(r), half = power_of_two<V>(x_.exponent - 1);
    const V y = fma(half, rest, fma(half, r, half - RealOf<V>(0.5)));
    return with_sign_of(x, x_.n == 0 ? r + rest : y + y);
}

// --- the logarithm -----------------------------------------------------------------------------------------------------

template <class V>
struct Split {
    V m, k;                      // x = 2^k m, sqrt(1/2) <= m < sqrt(2)
    UnsignedOf<V> biased;  // k + bias
};

template <class V>
RANVIER_INLINE Split<V> split(V x) {  // x positive and normal
    using F = Format<V>;
    using U = UnsignedOf<V>;
    const U root_half = (U)all<V>(RealOf<V>(0.70710678118654752)), one = (U)all<V>(RealOf<V>(1));
    const V two_to_mantissa = all<V>(RealOf<V>(1ll << F::kMantissaBits));
    const U shifted = (U)x + (one - root_half);
    const U biased = shifted >> F::kMantissaBits;
    const U m = (shifted & ((U)all<V>(F::kMinNormal) - 1)) + root_half;  // (the bits of the least normal, less 1, are the mantissa's)
    const V k = (V)(biased | (U)two_to_mantissa) - (two_to_mantissa + RealOf<V>(F::kBias));
    return {(V)m, k, biased};
}

// log(2^k (1 + f)). With s = f / (2 + f): log(1 + f) = 2 atanh(s) = f - (f^2/2 - s (f^2/2 + s^2 R(s^2))),
// in which f is exact and the rest is small.
template <class V>
RANVIER_INLINE V log_of(V k, V f) {
    using F = Format<V>;
    const V s = f / (2 + f), s2 = s * s, half_square = RealOf<V>(0.5) * f * f;
    const V series = fma(s2, polynomial(s2, F::kLog), half_square);
    const V rest = half_square - fma(s, series, k * F::kLn2Low);
    return fma(k, all<V>(F::kLn2High), f - rest);
}

template <class V>
RANVIER_INLINE V log(V x) {
    using F = Format<V>;
    const auto subnormal = x < F::kMinNormal;
    const Split<V> x_ = split(subnormal ? x * RealOf<V>(1ll << F::kMantissaBits) : x);
    const V k = subnormal ? x_.k - RealOf<V>(F::kMantissaBits) : x_.k;
    const V infinity = all<V>(RealOf<V>(__builtin_inf())), nan = all<V>(RealOf<V>(__builtin_nan("")));
    const V special = x == 0 ? -infinity : x < 0 ? nan : x;
    return (x > 0) & (x < infinity) ? log_of(k, x_.m - 1) : special;
}

// log(1 + x) for -1 < x < infinity: 1 + x = u + c exactly, and f = 2^-k (u + c) - 1 (which is x itself for k = 0).
template <class V>
RANVIER_INLINE V log1p_finite(V x) {
    const V u = 1 + x, c = x - (u - 1);
    const Split<V> u_ = split(u);
    const V twice_scale = (V)((2 * Format<V>::kBias + 1 - u_.biased) << Format<V>::kMantissaBits);  // 2^(1-k)
    return log_of(u_.k, fma(RealOf<V>(0.5) * c, twice_scale, u_.m - 1));
}

template <class V>
RANVIER_INLINE V log1p(V x) {
    const V infinity = all<V>(RealOf<V>(__builtin_inf())), nan = all<V>(RealOf<V>(__builtin_nan("")));
    const V special = x == -1 ? -infinity : x < -1 ? nan : x;
    return with_sign_of(x, (x > -1) & (x < infinity) ? log1p_finite(x) : special);
}

// --- sigmoid, softplus, tanh -------------------------------------------------------------------------------------------

// 1 / (1 + e^-x), from e^-|x| so that nothing overflows and the left tail keeps its accuracy.
template <class V>
RANVIER_INLINE V sigmoid(V x) {
    const V e = exp(-magnitude(x)), d = 1 + e, lost = e - (d - 1);
    const V y = (x < 0 ? e : all<V>(1)) / d;
    return fma(lost * fma(all<V>(RealOf<V>(0.5)), e, all<V>(-1)), y, y);  // 1 / d = 1 - e / 2 roughly
}

// log(1 + e^x) = max(x, 0) + log(1 + e^-|x|).
template <class V>
RANVIER_INLINE V softplus(V x) {
    const V e = exp(-magnitude(x));
    return (x > 0 ? x : all<V>(0)) + log1p_finite(e);
}

// |x| < 0.55: x + x^3 p(x^2). Beyond: 1 - 2 / (e^2|x| + 1), whose error shrinks with the second term.
template <class V>
RANVIER_INLINE V tanh(V x) {
    using F = Format<V>;
    const V a = magnitude(x), square = x * x;
    const V near = fma(x * square, polynomial(square, F::kTanh), x);
    const Reduced<V> a_ = reduce(2 * clamp(a, RealOf<V>(0), F::kUnitAt));
    const V p = power_of_two<V>(a_.exponent);
    const V far = 1 - 2 / (fma(p, expm1_reduced(a_.r), p) + 1);
    return with_sign_of(x, a < RealOf<V>(0.55) ? near : far);
}

// --- the normal distribution -------------------------------------------------------------------------------------------

// e^(-z^2/2) = 2^exponent (1 + m). z^2 is taken as h^2 + (z - h) (z + h), where h is z cut to half its bits: both are
// exact or small, so the error does not grow with z^2.
template <class V>
struct Gaussian {
    V m;
    SignedOf<V> exponent;
};

template <class V>
RANVIER_INLINE Gaussian<V> gaussian(V z) {  // 0 <= z <= kTailEnd
    const V h = high_half(z);
    const Reduced<V> h_ = reduce(RealOf<V>(-0.5) * h * h);
    return {expm1_reduced(fma(RealOf<V>(-0.5) * (z - h), z + h, h_.r)), h_.exponent};
}

// e^(-x^2/2) / sqrt(2 pi).
template <class V>
RANVIER_INLINE V normal_pdf(V x) {
    using F = Format<V>;
    const Gaussian<V> g = gaussian(clamp(magnitude(x), RealOf<V>(0), F::kTailEnd));
    const V c = all<V>(F::kPdf[0]);
    return scale(c + fma(c, g.m, all<V>(F::kPdf[1])), g.exponent);
}

// Phi(-z) = e^(-z^2/2) G(t) / (z + 4) with t = (z - 4) / (z + 4), 0 <= z <= kTailEnd; G is nearly flat
// (M. M. Shepherd and J. G. Laframboise, Math. Comp. 36, 1981). e is the residual of u = 1 / (z + 4).
template <class V>
RANVIER_INLINE V normal_tail(V z) {
    const V u = 1 / (z + 4);
    const V e = u * fma(-u, z, 1 - 4 * u);
    const V t = fma(all<V>(-8), e, fma(all<V>(-8), u, all<V>(1)));
    const V ratio = polynomial(t, Format<V>::kMills) * (u + e);
    const Gaussian<V> g = gaussian(z);
    return scale(fma(ratio, g.m, ratio), g.exponent);
}

// Phi(x), relatively accurate in the lower tail too.
template <class V>
RANVIER_INLINE V normal_cdf(V x) {
    const V tail = normal_tail(clamp(magnitude(x), RealOf<V>(0), Format<V>::kTailEnd));
    return x < 0 ? tail : 1 - tail;
}

// |x| < 1: x + x p(x^2). Beyond: 1 - 2 Phi(-sqrt(2) |x|).
template <class V>
RANVIER_INLINE V erf(V x) {
    using F = Format<V>;
    const V a = magnitude(x);
    const V near = fma(x, polynomial(x * x, F::kErf), x);
    const V z = clamp(a * RealOf<V>(1.4142135623730951), RealOf<V>(0), F::kTailEnd);
    return with_sign_of(x, a < 1 ? near : 1 - 2 * normal_tail(z));
}

// --- turns -------------------------------------------------------------------------------------------------------------

// cos(2 pi x) = sin(2 pi y) with y = 1/4 - |x - (nearest integer)|, exact where the cosine is small.
template <class V>
RANVIER_INLINE V cos_2pi(V x) {
    using F = Format<V>;
    const V integers = all<V>(RealOf<V>(1ll << F::kMantissaBits)), a = magnitude(x);  // from here on all are integers
    const V nearest = a < integers ? (a + integers) - integers : a;
    const V y = RealOf<V>(0.25) - magnitude(a - nearest);
    return fma(y, all<V>(RealOf<V>(6.25)), y * polynomial(y * y, F::kSin));
}

}  // namespace ranvier::RANVIER_LEVEL

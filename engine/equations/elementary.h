// The elementary functions of one vector: polynomials and explicit fma, no tables, no calls.
//
// Included only by code that is compiled once per instruction-set level. Each lane goes through the same operations at
// every width, so all levels with a fused multiply-add agree bit for bit. Errors are the largest found: over all floats
// with 2^-6 <= |x| < 32 and every 31st elsewhere, and over 3 10^6 doubles or more; a second number is for the baseline,
// whose fma rounds twice. Subnormal arguments and results are as good as others, and what is not a number stays so.
//
// Reductions after W. J. Cody and W. Waite, Software Manual for the Elementary Functions (1980) and
// P. T. P. Tang, ACM TOMS 15 (1989) and 16 (1990). The coefficients are our own minimax fits of the
// relative error (least squares with Lawson's weights, 50 digits), rounded one at a time from the
// lowest, the rest fitted again after each.
#pragma once

#include "machine/vector.h"

namespace ranvier::RANVIER_LEVEL {

// ---- The two formats ----------------------------------------------------------------------------

template <class V>
struct Format;

template <>
struct Format<Vec<float>> {
    using Real = float;
    using Signed = Int<float>;
    typedef uint32_t Unsigned __attribute__((vector_size(kVectorBytes)));

    static constexpr int kMantissaBits = 23, kBias = 127;
    static constexpr uint32_t kMantissa = 0x7fffff;
    static constexpr uint32_t kHighHalf = 0xfffff000;  // 12 of 24 digits: their square is exact
    static constexpr Real kMinNormal = 0x1p-126f;
    static constexpr Real kLn2High = 0x1.63p-1f, kLn2Low = -2.1219444e-4f;  // n kLn2High is exact
    static constexpr Real kExpZero = -104, kExpInfinite = 89;               // beyond these, exp is 0 or infinite
    static constexpr Real kTanhOne = 10, kTailZero = 15;                    // so for tanh(x) = 1, Phi(-x) = 0
    static constexpr Real kPdf[] = {0.3989423f, -1.133517e-08f};            // 1 / sqrt(2 pi) and its rest

    static constexpr Real kExpm1[] = {0.4999999f, 0.16666472f, 0.041668743f, 0.0083742235f, 0.001381327f};
    static constexpr Real kLog[] = {0.66666776f, 0.39977583f, 0.29870796f};
    static constexpr Real kTanh[] = {-0.3333332f, 0.13332638f, -0.053857066f, 0.021089302f, -0.0062971218f};
    static constexpr Real kErf[] = {0.12837917f,   -0.3761263f,    0.11283618f, -0.026855126f,
                                    0.0051907334f, -0.0008030751f, 7.92031e-05f};
    static constexpr Real kTail[] = {0.75528514f,    -0.6078967f,    0.38713667f,   -0.18652149f,   0.060405605f,
                                     -0.0075345137f, -0.0035212617f, 0.0015819174f, 0.00019536751f, -0.00012773937f};
    static constexpr Real kSine[] = {0.033185273f, -41.34168f, 81.60232f, -76.57701f, 39.725807f};
};

template <>
struct Format<Vec<double>> {
    using Real = double;
    using Signed = Int<double>;
    typedef uint64_t Unsigned __attribute__((vector_size(kVectorBytes)));

    static constexpr int kMantissaBits = 52, kBias = 1023;
    static constexpr uint64_t kMantissa = 0xfffffffffffff;
    static constexpr uint64_t kHighHalf = 0xfffffffff8000000;  // 26 of 53 digits
    static constexpr Real kMinNormal = 0x1p-1022;
    static constexpr Real kLn2High = 0x1.62e42fefa4p-1, kLn2Low = -1.7239444525614835e-13;
    static constexpr Real kExpZero = -746, kExpInfinite = 710;
    static constexpr Real kTanhOne = 20, kTailZero = 40;
    static constexpr Real kPdf[] = {0.3989422804014327, -2.49232720227773e-17};

    static constexpr Real kExpm1[] = {0.50000000000000000,    0.16666666666666682,   0.04166666666666648,
                                      0.008333333333317637,   0.0013888888888996913, 0.0001984126989516044,
                                      2.4801587096016722e-05, 2.75572358974817e-06,  2.755746834467759e-07,
                                      2.511172378139837e-08,  2.0855598918606486e-09};
    static constexpr Real kLog[] = {0.6666666666666731,  0.399999999994344,   0.28571428738627086, 0.22222198916929736,
                                    0.18183548033188943, 0.15314436804388593, 0.14792327759935794};
    static constexpr Real kTanh[] = {-0.333333333333333,     0.1333333333332661,    -0.0539682539637661,
                                     0.021869488386218987,   -0.008863232609597354, 0.0035920921278395,
                                     -0.0014555435397234804, 0.0005884475345628669, -0.00023338967074836464,
                                     8.332842209893684e-05,  -1.95022367482673e-05};
    static constexpr Real kErf[] = {0.12837916709551256,     -0.3761263890318343,     0.11283791670941776,
                                    -0.026866170642824514,   0.005223977604259926,    -0.0008548325856398813,
                                    0.00012055291745836741,  -1.4924682188490388e-05, 1.6446808587844837e-06,
                                    -1.6204136669275653e-07, 1.3702605660321673e-08,  -7.76544293962717e-10};
    static constexpr Real kTail[] = {
        0.7552851304157515,     -0.6078966419718921,    0.387137400742214,       -0.1865218579596617,
        0.06039657489085091,    -0.007540188966528713,  -0.0034796923642910426,  0.0016308184541992932,
        0.0001333442696074119,  -0.0002310949075811682, -1.9079431999998894e-06, 3.514457273494113e-05,
        7.152690397094495e-07,  -5.919978248772175e-06, -6.257796653341781e-07,  1.021722276611947e-06,
        2.647933695120566e-07,  -1.563591515033637e-07, -7.762748873974938e-08,  1.5872578447048353e-08,
        1.4736458467974069e-08, -2.726327452172371e-10, -1.1965538213169814e-09};
    static constexpr Real kSine[] = {0.033185307179586475, -41.341702240399755, 81.60524927607297,
                                     -76.70585975274386,   42.05869392046237,   -15.094641510657613,
                                     3.8199250330379098,   -0.7177042293668789, 0.10078071505127177};
};

template <class V>
using RealOf = typename Format<V>::Real;
template <class V>
using SignedOf = typename Format<V>::Signed;
template <class V>
using UnsignedOf = typename Format<V>::Unsigned;

template <class V>
RANVIER_INLINE V all(double x) {
    return broadcast(static_cast<RealOf<V>>(x));
}

// ---- Bits ---------------------------------------------------------------------------------------

template <class V>
RANVIER_INLINE V magnitude(V x) {
    return (V)((SignedOf<V>)x & ~(SignedOf<V>)all<V>(-0.0));
}

// A value that is not negative, or has the sign of x already, gets the sign of x (of zeros too).
template <class V>
RANVIER_INLINE V with_sign_of(V x, V value) {
    return (V)((SignedOf<V>)value | ((SignedOf<V>)x & (SignedOf<V>)all<V>(-0.0)));
}

template <class V>
RANVIER_INLINE V clamp(V x, RealOf<V> low, RealOf<V> high) {  // not a number stays so
    return minimum(all<V>(high), maximum(all<V>(low), x));
}

template <class V>
RANVIER_INLINE V power_of_two(SignedOf<V> n) {  // 2^n, where that is a normal number
    return (V)((n + Format<V>::kBias) << Format<V>::kMantissaBits);
}

// x 2^n for x about 1, where 2^n itself may be too large or too small: half of n at a time, and
// only the second product rounds.
template <class V>
RANVIER_INLINE V scale(V x, SignedOf<V> n) {
    using F = Format<V>;
    const auto both = (UnsignedOf<V>)(n + 2 * F::kBias), one = both >> 1, other = both - one;
    return x * (V)(one << F::kMantissaBits) * (V)(other << F::kMantissaBits);
}

// c[First] + c[First + 1] x + c[First + 2] x^2 + ... by Horner's rule.
template <int First = 0, class V, int N>
RANVIER_INLINE V polynomial(V x, const RealOf<V> (&c)[N]) {
    V sum = all<V>(c[N - 1]);
#pragma GCC unroll 32
    for (int i = N - 2; i >= First; --i) sum = fma(sum, x, all<V>(c[i]));
    return sum;
}

// ---- Exponential --------------------------------------------------------------------------------

template <class V>
struct Power {  // of two, 2^n, and what stands beside it
    V rest;
    SignedOf<V> n;
};

// x = n ln 2 + r with |r| <= ln 2 / 2, and so e^x = 2^n e^r. Adding 1.5 2^kMantissaBits rounds
// to an integer and leaves it in the lowest bits. ln 2 is taken off in two parts, the first so short
// that its multiples are exact.
template <class V>
RANVIER_INLINE Power<V> reduce(V x) {
    using F = Format<V>;
    const V rounder = all<V>(3ll << (F::kMantissaBits - 1));
    const V shifted = fma(x, all<V>(1.4426950408889634), rounder), n = shifted - rounder;
    const V r = fma(n, all<V>(-F::kLn2Low), fma(n, all<V>(-F::kLn2High), x));
    return {r, (SignedOf<V>)shifted - (SignedOf<V>)rounder};
}

// e^r - 1 = r + r^2 q(r) for |r| <= ln 2 / 2.
template <class V>
RANVIER_INLINE V expm1_reduced(V r) {
    return fma(r * r, polynomial(r, Format<V>::kExpm1), r);
}

// e^x = 2^n (1 + (e^r - 1)). 1.1 ulp.
template <class V>
RANVIER_INLINE V exp(V x) {
    const auto [r, n] = reduce(clamp(x, Format<V>::kExpZero, Format<V>::kExpInfinite));
    return scale(1 + expm1_reduced(r), n);
}

// e^x - 1 = 2 (h (r + r^2 q(r)) + (h - 1/2)) with h = 2^(n-1), finite where e^x is; for n = 0,
// r + r^2 q(r). 1.5 ulp.
template <class V>
RANVIER_INLINE V expm1(V x) {
    const auto [r, n] = reduce(clamp(x, RealOf<V>(-40), Format<V>::kExpInfinite));
    const V rest = r * r * polynomial(r, Format<V>::kExpm1), h = power_of_two<V>(n - 1);
    const V y = fma(h, rest, fma(h, r, h - all<V>(0.5)));
    return with_sign_of(x, n == 0 ? r + rest : y + y);
}

// ---- Logarithm ----------------------------------------------------------------------------------

template <class V>
struct Split {  // x = 2^k m, sqrt(1/2) <= m < sqrt(2)
    V m, k;
    UnsignedOf<V> biased;  // k + kBias
};

template <class V>
RANVIER_INLINE Split<V> split(V x) {  // of a positive normal number
    using F = Format<V>;
    using Bits = UnsignedOf<V>;
    const Bits root = (Bits)all<V>(0.70710678118654752), one = (Bits)all<V>(1);
    const Bits shifted = (Bits)x + (one - root), biased = shifted >> F::kMantissaBits;
    const V unit = all<V>(1ll << F::kMantissaBits);  // its lowest bits are an integer
    const V k = (V)(biased | (Bits)unit) - (unit + all<V>(F::kBias));
    return {(V)((shifted & F::kMantissa) + root), k, biased};
}

// log(2^k (1 + f)). With s = f / (2 + f), log(1 + f) = 2 atanh(s)
//                                      = f - (f^2/2 - s (f^2/2 + s^2 R(s^2))): f, less a small rest.
template <class V>
RANVIER_INLINE V log_of(V k, V f) {
    using F = Format<V>;
    const V s = f / (2 + f), s2 = s * s, half_square = all<V>(0.5) * f * f;
    const V sum = fma(s2, polynomial(s2, F::kLog), half_square);
    const V rest = half_square - fma(s, sum, k * all<V>(F::kLn2Low));
    return fma(k, all<V>(F::kLn2High), f - rest);
}

// 0.9 ulp.
template <class V>
RANVIER_INLINE V log(V x) {
    using F = Format<V>;
    const V infinity = all<V>(__builtin_inf()), nan = all<V>(__builtin_nan(""));
    const auto subnormal = x < all<V>(F::kMinNormal);
    const auto [m, k, biased] = split(subnormal ? x * all<V>(1ll << F::kMantissaBits) : x);
    const V y = log_of(subnormal ? k - all<V>(F::kMantissaBits) : k, m - 1);
    const V special = x == 0 ? -infinity : x < 0 ? nan : x;
    return ((x > 0) & (x < infinity)) ? y : special;
}

// log(1 + x) for finite x > -1: 1 + x = u + lost = 2^k (1 + f) exactly; for k = 0, f is x itself.
template <class V>
RANVIER_INLINE V log1p_finite(V x) {
    using F = Format<V>;
    const V u = 1 + x, lost = x - (u - 1);
    const auto [m, k, biased] = split(u);
    const V twice = (V)((2 * F::kBias + 1 - biased) << F::kMantissaBits);  // 2 / 2^k, 0 for the largest k
    return log_of(k, fma(all<V>(0.5) * lost, twice, m - 1));
}

// 1.4 ulp.
template <class V>
RANVIER_INLINE V log1p(V x) {
    const V infinity = all<V>(__builtin_inf()), nan = all<V>(__builtin_nan(""));
    const V special = x == -1 ? -infinity : x < -1 ? nan : x;
    return with_sign_of(x, ((x > -1) & (x < infinity)) ? log1p_finite(x) : special);
}

// ---- Sigmoid, softplus, tanh --------------------------------------------------------------------

// 1 / (1 + e^-x) = (1 or e) / (1 + e) with e = e^-|x|, so that nothing overflows; then one Newton
// step on the quotient, with 1 - e/2 for 1 / (1 + e). 1.6 (2.0) ulp.
template <class V>
RANVIER_INLINE V sigmoid(V x) {
    const V e = exp(-magnitude(x)), d = 1 + e, lost = e - (d - 1);
    const V numerator = x < 0 ? e : all<V>(1), y = numerator / d;
    const V residual = fma(-y, lost, fma(-y, d, numerator));
    return fma(residual, fma(all<V>(-0.5), e, all<V>(1)), y);
}

// log(1 + e^x) = max(x, 0) + log(1 + e^-|x|). 1.7 ulp.
template <class V>
RANVIER_INLINE V softplus(V x) {
    return (x > 0 ? x : all<V>(0)) + log1p_finite(exp(-magnitude(x)));
}

// x + x^3 p(x^2) for |x| < 0.55; beyond, 1 - 2 / (1 + e^2|x|). 1.5 ulp.
template <class V>
RANVIER_INLINE V tanh(V x) {
    using F = Format<V>;
    const V a = magnitude(x), square = x * x;
    const V near = fma(x * square, polynomial(square, F::kTanh), x);
    const auto [r, n] = reduce(2 * clamp(a, RealOf<V>(0), F::kTanhOne));
    const V p = power_of_two<V>(n), far = 1 - 2 / (1 + fma(p, expm1_reduced(r), p));
    return with_sign_of(x, a < all<V>(0.55) ? near : far);
}

// ---- Normal distribution ------------------------------------------------------------------------

// e^(-z^2/2) = 2^n (1 + m) for 0 <= z <= kTailZero. z^2 = h^2 + (z - h) (z + h), h the upper half of
// the digits of z: the first is exact, the second small, so the error does not grow with z^2.
template <class V>
RANVIER_INLINE Power<V> gaussian(V z) {
    const V h = (V)((UnsignedOf<V>)z & Format<V>::kHighHalf), minus_half = all<V>(-0.5);
    const auto [r, n] = reduce(minus_half * h * h);
    return {expm1_reduced(fma(minus_half * (z - h), z + h, r)), n};
}

// e^(-x^2/2) / sqrt(2 pi). 1.3 (1.4) ulp.
template <class V>
RANVIER_INLINE V normal_pdf(V x) {
    using F = Format<V>;
    const auto [m, n] = gaussian(clamp(magnitude(x), RealOf<V>(0), F::kTailZero));
    const V c = all<V>(F::kPdf[0]);
    return scale(c + fma(c, m, all<V>(F::kPdf[1])), n);
}

// Phi(-z) = e^(-z^2/2) G(t) / (z + 4), t = (z - 4) / (z + 4), for 0 <= z <= kTailZero. G is tame up
// to infinity (M. M. Shepherd and J. G. Laframboise, Math. Comp. 36, 1981). u + du = 1 / (z + 4),
// g + dg = G(t), ratio + rest = their product: what each rounding loses is carried along. With 4, a
// power of two, 1 - 8 u is exact for z <= 12.
template <class V>
RANVIER_INLINE V normal_tail(V z) {
    using F = Format<V>;
    const V s = z + 4, lost = z - (s - 4), u = 1 / s;
    const V du = u * fma(-u, lost, fma(-u, s, all<V>(1)));
    const V t = fma(all<V>(-8), du, fma(all<V>(-8), u, all<V>(1)));
    const V slope = polynomial<1>(t, F::kTail), c = all<V>(F::kTail[0]);
    const V g = fma(t, slope, c), dg = fma(t, slope, c - g);
    const V ratio = g * u, rest = fma(dg, u, fma(g, du, fma(g, u, -ratio)));
    const auto [m, n] = gaussian(z);
    return scale(ratio + fma(ratio, m, fma(rest, m, rest)), n);
}

// Phi(x), the lower tail to full relative accuracy. 2.1 (4.5) ulp.
template <class V>
RANVIER_INLINE V normal_cdf(V x) {
    const V tail = normal_tail(clamp(magnitude(x), RealOf<V>(0), Format<V>::kTailZero));
    return x < 0 ? tail : 1 - tail;
}

// x + x p(x^2) for |x| < 1; beyond, 1 - 2 Phi(-sqrt(2) |x|). 1.4 (1.5) ulp.
template <class V>
RANVIER_INLINE V erf(V x) {
    using F = Format<V>;
    const V a = magnitude(x), near = fma(x, polynomial(x * x, F::kErf), x);
    const V z = clamp(a * all<V>(1.4142135623730951), RealOf<V>(0), F::kTailZero);
    return with_sign_of(x, a < 1 ? near : 1 - 2 * normal_tail(z));
}

// ---- DoubleBuffer --------------------------------------------------------------------------------------

// cos(2 pi x) = sin(2 pi y), y = 1/4 - |x - (nearest integer)|: exact where the cosine is small.
// sin(2 pi y) = y (6.25 + p(y^2)). 2.6 (3.3) ulp.
template <class V>
RANVIER_INLINE V cos_2pi(V x) {
    using F = Format<V>;
    const V unit = all<V>(1ll << F::kMantissaBits), a = magnitude(x);  // from unit on, all integers
    const V nearest = a < unit ? (a + unit) - unit : a, y = all<V>(0.25) - magnitude(a - nearest);
    return clamp(fma(y, all<V>(6.25), y * polynomial(y * y, F::kSine)), -1, 1);
}

// sin(2 pi x) by the same polynomial: y is how far |x| lies from the nearest half. 2.6 (3.3) ulp.
template <class V>
RANVIER_INLINE V sin_2pi(V x) {
    const V unit = all<V>(1ll << Format<V>::kMantissaBits), a = magnitude(x);
    const V turn = a < unit ? a - ((a + unit) - unit) : a - a, t = magnitude(turn);  // in [-1/2, 1/2]
    const V y = t > all<V>(0.25) ? all<V>(0.5) - t : t;
    const V sine = clamp(fma(y, all<V>(6.25), y * polynomial(y * y, Format<V>::kSine)), -1, 1);
    const V other_half = turn < 0 ? -sine : sine;
    return (SignedOf<V>)x < 0 ? -other_half : other_half;
}

}  // namespace ranvier::RANVIER_LEVEL

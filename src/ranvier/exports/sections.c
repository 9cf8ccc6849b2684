/* The sections of exported C files: rules for compilers, the engine's elementary functions for one number, as C99 without a library: the scalar twin of
   engine/equations/elementary.h and activation.h, operation by operation, so that the bits are equal.

   This file is a store of sections and is not compiled as it stands. A line "//// name: a b" begins the section `name`,
   which needs the sections a and b; an exported file gets the sections that its networks use. `real` is float or double,
   `bits` the unsigned integer of its size. The sections "format float" and "format double" hold what differs. */

//// format float:
typedef float real;
typedef uint32_t bits;
enum { LANES = 16, MANTISSA = 23, BIAS = 127 };
#define MANTISSA_MASK 0x7fffffu
#define HIGH_HALF 0xfffff000u
#define SIGN 0x80000000u
//// format double:
typedef double real;
typedef uint64_t bits;
enum { LANES = 8, MANTISSA = 52, BIAS = 1023 };
#define MANTISSA_MASK 0xfffffffffffffu
#define HIGH_HALF 0xfffffffff8000000u
#define SIGN 0x8000000000000000u

//// punning:
#define R(x) ((real)(x)) /* a constant as the engine has it: a double, rounded */
MAYBE_UNUSED static bits bits_of(real x) {
    union { real x; bits b; } u;
    u.x = x;
    return u.b;
}
//// real_of: punning
MAYBE_UNUSED static real real_of(bits b) {
    union { real x; bits b; } u;
    u.b = b;
    return u.x;
}

//// fma float: punning
/* a b + c with one rounding. Where the processor has no such instruction: the product of two floats is exact in double,
   and the sum, rounded to odd there, rounds to the right float (Boldo and Melquiond 2008). */
static real fma1(real a, real b, real c) {
#if RANVIER_HAS_FMA
    return __builtin_fmaf(a, b, c);
#else
    union { double x; uint64_t b; } sum;
    const double product = (double)a * (double)b, addend = (double)c;
    double part, lost;
    sum.x = product + addend;
    if (!(sum.x - sum.x == 0)) return (real)sum.x; /* infinite, or not a number */
    part = sum.x - product;
    lost = (product - (sum.x - part)) + (addend - part);
    if (lost != 0 && (sum.b & 1) == 0) {
        if ((lost > 0) == (sum.x > 0))
            sum.b += 1;
        else
            sum.b -= 1;
    }
    return (real)sum.x;
#endif
}
//// fma double: punning real_of
#if !RANVIER_HAS_FMA
/* A finite number other than 0 as sign, integer and power of two: m 2^e, m below 2^53. */
static void take_apart(real x, int* negative, uint64_t* m, int* e) {
    const bits b = bits_of(x);
    const int exponent = (int)(b >> 52 & 2047);
    *negative = (int)(b >> 63);
    *m = (b & MANTISSA_MASK) | (exponent ? (uint64_t)1 << 52 : 0);
    *e = (exponent ? exponent : 1) - 1075;
}
/* The two halves of a product of 64-bit integers. */
static void multiply_wide(uint64_t a, uint64_t b, uint64_t* high, uint64_t* low) {
    const uint64_t a0 = a & 0xffffffffu, a1 = a >> 32, b0 = b & 0xffffffffu, b1 = b >> 32;
    const uint64_t p00 = a0 * b0, p01 = a0 * b1, p10 = a1 * b0;
    const uint64_t middle = (p00 >> 32) + (p01 & 0xffffffffu) + (p10 & 0xffffffffu);
    *low = (middle << 32) | (p00 & 0xffffffffu);
    *high = a1 * b1 + (p01 >> 32) + (p10 >> 32) + (middle >> 32);
}
/* (high, low) shifted to the right; what falls off is kept as a last bit that is 1. */
static void shift_right(uint64_t* high, uint64_t* low, int count) {
    uint64_t lost = 0;
    if (count >= 128) {
        lost = *high | *low;
        *high = *low = 0;
    } else if (count >= 64) {
        lost = *low | (count > 64 ? *high << (128 - count) : 0);
        *low = *high >> (count - 64);
        *high = 0;
    } else if (count > 0) {
        lost = *low << (64 - count);
        *low = (*low >> count) | (*high << (64 - count));
        *high >>= count;
    }
    *low |= lost != 0;
}
/* Rounds (high, low) 2^e to the nearest double, ties to even. */
static real rounded(int negative, uint64_t high, uint64_t low, int e) {
    uint64_t m;
    int up, length = 0;
    while (length < 128 && (length < 64 ? low >> length || high : high >> (length - 64))) ++length;
    {
        /* down to 55 bits, the last of which is sticky; of a subnormal to fewer */
        int surplus = length - 55;
        if (e + surplus < -1076) surplus = -1076 - e;
        if (surplus > 0) {
            shift_right(&high, &low, surplus);
            e += surplus;
        }
    }
    m = low; /* fits: 55 bits */
    {
        /* what is short of 55 bits is exact: bring it to the same place */
        int shift = 0;
        while (m && m >> 54 == 0 && e - shift > -1076) {
            m <<= 1;
            ++shift;
        }
        e -= shift;
    }
    up = (m & 2) && (m & 5);
    m = (m >> 2) + (up ? 1 : 0);
    e += 2;
    if (m >> 53) {
        m >>= 1;
        ++e;
    }
    if (m >> 52) { /* normal */
        const int exponent = e + 1075;
        if (exponent >= 2047) return real_of((negative ? SIGN : 0) | (uint64_t)2047 << 52);
        return real_of((negative ? SIGN : 0) | (uint64_t)exponent << 52 | (m & MANTISSA_MASK));
    }
    return real_of((negative ? SIGN : 0) | m);
}
#endif
/* a b + c with one rounding; in integers where the processor has no such instruction. */
static real fma1(real a, real b, real c) {
#if RANVIER_HAS_FMA
    return __builtin_fma(a, b, c);
#else
    int na, nb, nc, ea, eb, ec, ep;
    uint64_t ma, mb, mc, ph, pl, ch = 0, cl;
    if (!(a - a == 0) || !(b - b == 0) || !(c - c == 0) || a == 0 || b == 0) return a * b + c;
    if (c == 0) {
        take_apart(a, &na, &ma, &ea);
        take_apart(b, &nb, &mb, &eb);
        multiply_wide(ma, mb, &ph, &pl);
        return rounded(na ^ nb, ph, pl, ea + eb);
    }
    take_apart(a, &na, &ma, &ea);
    take_apart(b, &nb, &mb, &eb);
    take_apart(c, &nc, &mc, &ec);
    multiply_wide(ma, mb, &ph, &pl);
    na ^= nb;
    ep = ea + eb;
    cl = mc;
    if (ec > ep) { /* the addend moves up as far as 126 bits allow, then the product down */
        int up = ec - ep;
        if (up > 72) {
            up = 72;
        }
        if (up >= 64) {
            ch = cl << (up - 64);
            cl = 0;
        } else {
            ch = cl >> (64 - up);
            cl <<= up;
        }
        ec -= up;
        if (ec > ep) {
            shift_right(&ph, &pl, ec - ep);
            ep = ec;
        }
    } else if (ep > ec) { /* the product moves up as far as it can, then the addend down */
        int up = 0;
        while (up < ep - ec && ph >> 61 == 0) {
            ph = (ph << 1) | (pl >> 63);
            pl <<= 1;
            ++up;
        }
        ep -= up;
        if (ep > ec) shift_right(&ch, &cl, ep - ec);
    }
    if (na == nc) {
        pl += cl;
        ph += ch + (pl < cl);
        return rounded(na, ph, pl, ep);
    }
    if (ph > ch || (ph == ch && pl >= cl)) {
        ph -= ch + (pl < cl);
        pl -= cl;
    } else {
        ph = ch - ph - (cl < pl);
        pl = cl - pl;
        na = nc;
    }
    if (!(ph | pl)) return 0;
    return rounded(na, ph, pl, ep);
#endif
}

//// signs: punning real_of
static real magnitude(real x) { return real_of(bits_of(x) & ~SIGN); }
//// with_sign_of: punning real_of
static real with_sign_of(real x, real value) { return real_of(bits_of(value) | (bits_of(x) & SIGN)); }
//// clamp:
static real clamp(real x, real low, real high) {
    const real above = low > x ? low : x;
    return high < above ? high : above;
}
//// polynomial: fma
/* c[0] + c[1] x + ... + c[n - 1] x^(n - 1) by Horner's rule. */
static real polynomial(real x, const real* c, int n) {
    real sum = c[n - 1];
    int i;
    for (i = n - 2; i >= 0; --i) sum = fma1(sum, x, c[i]);
    return sum;
}

//// constants reduce float:
static const real kLn2High = 0.693359375f, kLn2Low = -2.1219444e-4f;
#define ROUNDER 12582912.0f
//// constants reduce double:
static const real kLn2High = 0.6931471805601177, kLn2Low = -1.7239444525614835e-13;
#define ROUNDER 6755399441055744.0
//// reduce: fma punning constants_reduce
/* x = n ln 2 + r, |r| <= ln 2 / 2. */
static real reduce(real x, bits* n) {
    const real shifted = fma1(x, R(1.4426950408889634), ROUNDER), whole = shifted - ROUNDER;
    *n = bits_of(shifted) - bits_of(ROUNDER);
    return fma1(whole, -kLn2Low, fma1(whole, -kLn2High, x));
}
//// constants expm1 float:
static const real kExpm1[] = {0.4999999f, 0.16666472f, 0.041668743f, 0.0083742235f, 0.001381327f};
enum { EXPM1 = 5 };
//// constants expm1 double:
static const real kExpm1[] = {0.50000000000000000,    0.16666666666666682,   0.04166666666666648,
                              0.008333333333317637,   0.0013888888888996913, 0.0001984126989516044,
                              2.4801587096016722e-05, 2.75572358974817e-06,  2.755746834467759e-07,
                              2.511172378139837e-08,  2.0855598918606486e-09};
enum { EXPM1 = 11 };
//// expm1_reduced: polynomial constants_expm1
/* e^r - 1 */
static real expm1_reduced(real r) { return fma1(r * r, polynomial(r, kExpm1, EXPM1), r); }
//// scale: punning real_of
/* x 2^n in two halves, so that neither over- nor underflows on its own. */
static real scale(real x, bits n) {
    const bits both = n + 2 * BIAS, one = both >> 1, other = both - one;
    return x * real_of(one << MANTISSA) * real_of(other << MANTISSA);
}
//// power_of_two: punning real_of
static real power_of_two(bits n) { return real_of((n + BIAS) << MANTISSA); }
//// constants exp float:
static const real kExpZero = -104, kExpInfinite = 89;
//// constants exp double:
static const real kExpZero = -746, kExpInfinite = 710;
//// exp: reduce expm1_reduced scale clamp constants_exp
static real exp1(real x) {
    bits n;
    const real r = reduce(clamp(x, kExpZero, kExpInfinite), &n);
    return scale(1 + expm1_reduced(r), n);
}
//// constants expm1_high float:
static const real kExpm1High = 89;
//// constants expm1_high double:
static const real kExpm1High = 710;
//// expm1: reduce polynomial constants_expm1 power_of_two with_sign_of clamp constants_expm1_high
static real expm1_1(real x) {
    bits n;
    const real r = reduce(clamp(x, -40, kExpm1High), &n);
    const real rest = r * r * polynomial(r, kExpm1, EXPM1), h = power_of_two(n - 1);
    const real y = fma1(h, rest, fma1(h, r, h - R(0.5)));
    return with_sign_of(x, n == 0 ? r + rest : y + y);
}
//// constants log float:
static const real kLog[] = {0.66666776f, 0.39977583f, 0.29870796f};
#define UNIT 8388608.0f
enum { LOG = 3 };
//// constants log double:
static const real kLog[] = {0.6666666666666731,  0.399999999994344,   0.28571428738627086, 0.22222198916929736,
                            0.18183548033188943, 0.15314436804388593, 0.14792327759935794};
#define UNIT 4503599627370496.0
enum { LOG = 7 };
//// split: punning constants_log real_of
/* x = 2^k m, sqrt(1/2) <= m < sqrt(2); `biased` is k + BIAS. */
static real split(real x, real* k, bits* biased) {
    const bits root = bits_of(R(0.70710678118654752)), one = bits_of(1);
    const bits shifted = bits_of(x) + (one - root);
    *biased = shifted >> MANTISSA;
    *k = real_of(*biased | bits_of(UNIT)) - (UNIT + (real)BIAS);
    return real_of((shifted & MANTISSA_MASK) + root);
}
//// log_of: polynomial constants_reduce constants_log
/* log(2^k (1 + f)) */
static real log_of(real k, real f) {
    const real s = f / (2 + f), s2 = s * s, half_square = R(0.5) * f * f;
    const real sum = fma1(s2, polynomial(s2, kLog, LOG), half_square);
    const real rest = half_square - fma1(s, sum, k * kLn2Low);
    return fma1(k, kLn2High, f - rest);
}
//// constants log_edge float:
#define MIN_NORMAL 1.17549435e-38f
//// constants log_edge double:
#define MIN_NORMAL 2.2250738585072014e-308
//// log: split log_of constants_log_edge
static real log1(real x) {
    const int subnormal = x < MIN_NORMAL;
    bits biased;
    real k, m;
    if (!(x > 0) || !(x - x == 0)) return x == 0 ? -1 / (x * x) : x < 0 ? (x - x) / (x - x) : x;
    m = split(subnormal ? x * UNIT : x, &k, &biased);
    return log_of(subnormal ? k - MANTISSA : k, m - 1);
}
//// log1p_finite: split log_of real_of
/* log(1 + x) for finite x > -1 */
static real log1p_finite(real x) {
    const real u = 1 + x, lost = x - (u - 1);
    bits biased;
    real k;
    const real m = split(u, &k, &biased);
    const real twice = real_of((2 * BIAS + 1 - biased) << MANTISSA);
    return log_of(k, fma1(R(0.5) * lost, twice, m - 1));
}

//// log1p: log1p_finite with_sign_of
static real log1p1(real x) { return with_sign_of(x, log1p_finite(x)); } /* of finite x > -1 */

//// sigmoid: exp signs
static real sigmoid1(real x) {
    const real e = exp1(-magnitude(x)), d = 1 + e, lost = e - (d - 1);
    const real numerator = x < 0 ? e : 1, y = numerator / d;
    const real residual = fma1(-y, lost, fma1(-y, d, numerator));
    return fma1(residual, fma1(R(-0.5), e, 1), y);
}
//// softplus: exp signs log1p_finite
static real softplus1(real x) { return (x > 0 ? x : 0) + log1p_finite(exp1(-magnitude(x))); }
//// constants tanh float:
static const real kTanh[] = {-0.3333332f, 0.13332638f, -0.053857066f, 0.021089302f, -0.0062971218f};
static const real kTanhOne = 10;
enum { TANH = 5 };
//// constants tanh double:
static const real kTanh[] = {-0.333333333333333,     0.1333333333332661,    -0.0539682539637661,
                             0.021869488386218987,   -0.008863232609597354, 0.0035920921278395,
                             -0.0014555435397234804, 0.0005884475345628669, -0.00023338967074836464,
                             8.332842209893684e-05,  -1.95022367482673e-05};
static const real kTanhOne = 20;
enum { TANH = 11 };
//// tanh: reduce expm1_reduced power_of_two with_sign_of signs clamp constants_tanh
static real tanh1(real x) {
    const real a = magnitude(x), square = x * x;
    bits n;
    real r, p, far1;
    if (a < R(0.55)) return with_sign_of(x, fma1(x * square, polynomial(square, kTanh, TANH), x));
    r = reduce(2 * clamp(a, 0, kTanhOne), &n);
    p = power_of_two(n);
    far1 = 1 - 2 / (1 + fma1(p, expm1_reduced(r), p));
    return with_sign_of(x, far1);
}
//// constants tail float:
static const real kTailZero = 15;
static const real kTail[] = {0.75528514f,    -0.6078967f,    0.38713667f,   -0.18652149f,   0.060405605f,
                             -0.0075345137f, -0.0035212617f, 0.0015819174f, 0.00019536751f, -0.00012773937f};
enum { TAIL = 10 };
//// constants tail double:
static const real kTailZero = 40;
static const real kTail[] = {
    0.7552851304157515,     -0.6078966419718921,    0.387137400742214,       -0.1865218579596617,
    0.06039657489085091,    -0.007540188966528713,  -0.0034796923642910426,  0.0016308184541992932,
    0.0001333442696074119,  -0.0002310949075811682, -1.9079431999998894e-06, 3.514457273494113e-05,
    7.152690397094495e-07,  -5.919978248772175e-06, -6.257796653341781e-07,  1.021722276611947e-06,
    2.647933695120566e-07,  -1.563591515033637e-07, -7.762748873974938e-08,  1.5872578447048353e-08,
    1.4736458467974069e-08, -2.726327452172371e-10, -1.1965538213169814e-09};
enum { TAIL = 23 };
//// normal_cdf: reduce expm1_reduced scale signs clamp constants_tail real_of
/* Phi(-z) for 0 <= z <= kTailZero */
static real normal_tail(real z) {
    const real s = z + 4, lost = z - (s - 4), u = 1 / s;
    const real du = u * fma1(-u, lost, fma1(-u, s, 1));
    const real t = fma1(-8, du, fma1(-8, u, 1));
    const real slope = polynomial(t, kTail + 1, TAIL - 1), c = kTail[0];
    const real g = fma1(t, slope, c), dg = fma1(t, slope, c - g);
    const real ratio = g * u, rest = fma1(dg, u, fma1(g, du, fma1(g, u, -ratio)));
    const real h = real_of(bits_of(z) & HIGH_HALF);
    bits n;
    const real r = reduce(R(-0.5) * h * h, &n);
    const real m = expm1_reduced(fma1(R(-0.5) * (z - h), z + h, r));
    return scale(ratio + fma1(ratio, m, fma1(rest, m, rest)), n);
}
static real normal_cdf1(real x) {
    const real tail = normal_tail(clamp(magnitude(x), 0, kTailZero));
    return x < 0 ? tail : 1 - tail;
}
//// constants sine float:
static const real kSine[] = {0.033185273f, -41.34168f, 81.60232f, -76.57701f, 39.725807f};
#define WHOLE 8388608.0f
enum { SINE = 5 };
//// constants sine double:
static const real kSine[] = {0.033185307179586475, -41.341702240399755, 81.60524927607297,
                             -76.70585975274386,   42.05869392046237,   -15.094641510657613,
                             3.8199250330379098,   -0.7177042293668789, 0.10078071505127177};
#define WHOLE 4503599627370496.0
enum { SINE = 9 };
//// cos_2pi: polynomial signs clamp constants_sine
static real cos_2pi(real x) {
    const real a = magnitude(x), nearest = a < WHOLE ? (a + WHOLE) - WHOLE : a;
    const real y = R(0.25) - magnitude(a - nearest);
    return clamp(fma1(y, R(6.25), y * polynomial(y * y, kSine, SINE)), -1, 1);
}

//// activation identity:
//// activation relu:
static real activation_relu(real z) { return 0 > z ? 0 : z; }
//// activation leaky_relu:
static real activation_leaky_relu(real z, real slope) { return z > 0 ? z : slope * z; }
//// activation relu6:
static real activation_relu6(real z) { return z < 0 ? 0 : (z > 6 ? 6 : z); }
//// activation elu: expm1
static real activation_elu(real z, real alpha) { return z > 0 ? z : alpha * expm1_1(z); }
//// activation selu: expm1
static real activation_selu(real z) {
    return z > 0 ? (real)1.0507009873554804934193349852946 * z
                 : (real)(1.0507009873554804934193349852946 * 1.6732632423543772848170429916717) * expm1_1(z);
}
//// activation gelu: normal_cdf
static real activation_gelu(real z) { return z * normal_cdf1(z); }
//// activation gelu_tanh: sigmoid
static real activation_gelu_tanh(real z) {
    return z * sigmoid1((real)(2 * 0.79788456080286535587989211986876) * fma1(R(0.044715) * z * z, z, z));
}
//// activation silu: sigmoid
static real activation_silu(real z) { return z * sigmoid1(z); }
//// activation mish: tanh softplus
static real activation_mish(real z) { return z * tanh1(softplus1(z)); }
//// activation sigmoid: sigmoid
static real activation_sigmoid(real z) { return sigmoid1(z); }
//// activation tanh: tanh
static real activation_tanh(real z) { return tanh1(z); }
//// activation softplus: softplus
static real activation_softplus(real z) { return softplus1(z); }
//// activation softsign:
static real activation_softsign(real z) { return z / (1 + (z < 0 ? -z : z)); }
//// activation hard_sigmoid:
static real activation_hard_sigmoid(real z) { return z < -3 ? 0 : (z > 3 ? 1 : z / 6 + R(0.5)); }
//// activation hard_tanh:
static real activation_hard_tanh(real z) { return z < -1 ? -1 : (z > 1 ? 1 : z); }
//// activation step:
static real activation_step(real z) { return z >= 0 ? 1 : 0; }
//// activation exp: exp
static real activation_exp(real z) { return exp1(z); }
//// softmax: exp
/* Sums run in LANES parts that are added by halves, as the engine adds them. */
static void softmax(real* z, int n) {
    real largest = z[0], part[LANES] = {0}, factor;
    int i, half;
    for (i = 0; i < n; ++i) largest = z[i] > largest ? z[i] : largest;
    for (i = 0; i < n; ++i) {
        z[i] = exp1(z[i] - largest);
        part[i % LANES] += z[i];
    }
    for (half = LANES / 2; half > 0; half /= 2)
        for (i = 0; i < half; ++i) part[i] += part[i + half];
    factor = 1 / part[0];
    for (i = 0; i < n; ++i) z[i] = z[i] * factor;
}

//// dense: fma
/* Z = X W + b, each sum from b on in the order of the inputs, as the engine adds. */
static void dense(const real* x, int inputs, const real* W, const real* b, real* z, int units) {
    int i, j;
    for (j = 0; j < units; ++j) z[j] = b[j];
    for (i = 0; i < inputs; ++i)
        for (j = 0; j < units; ++j) z[j] = fma1(x[i], W[i * units + j], z[j]);
}
//// periodic: fma cos_2pi
/* c = h V + v with h = cos(2 pi w x + b); the values lie as w, b, V, v. */
static void periodic(const real* values, int frequencies, int width, real x, real* c) {
    const real *w = values, *b = w + frequencies, *V = b + frequencies, *v = V + frequencies * width;
    int h, k;
    for (k = 0; k < width; ++k) c[k] = v[k];
    for (h = 0; h < frequencies; ++h) {
        const real wave = cos_2pi(fma1(w[h], x, b[h] * R(0.15915494309189535)));
        for (k = 0; k < width; ++k) c[k] = fma1(V[h * width + k], wave, c[k]);
    }
    c[width] = x;
}
//// piecewise: fma
/* c = x a + v + p(x) M; the values lie as a (if any), v, M. */
static void piecewise(const real* values, const real* edges, const real* per_width, int bins, int width, int linear,
                      real x, real* c) {
    const real *v = values + (linear ? width : 0), *M = v + width;
    int t, k;
    for (k = 0; k < width; ++k) c[k] = linear ? fma1(values[k], x, v[k]) : v[k];
    for (t = 0; t < bins; ++t) {
        real p = (x - edges[t]) * per_width[t];
        if (t > 0) p = 0 > p ? 0 : p;
        if (t < bins - 1) p = 1 < p ? 1 : p;
        for (k = 0; k < width; ++k) c[k] = fma1(M[t * width + k], p, c[k]);
    }
}
//// category:
/* The row of a table that a code names; row 0 for a code that it has not. */
static void category(const real* table, int size, int width, real x, real* c) {
    const int code = x >= 0 && x < (real)size ? (int)x : 0;
    int k;
    for (k = 0; k < width; ++k) c[k] = table[code * width + k];
}

//// rules:
/* What must hold for the bits to be those of Python. */
#include <stdint.h>
#if defined(__SSE2__) && (defined(__GNUC__) || defined(__clang__)) && !defined(__TINYC__)
#include <emmintrin.h>
#endif

#if defined(__FAST_MATH__)
#error "compile without -ffast-math: it changes the results"
#endif
#if defined(__FLT_EVAL_METHOD__) && __FLT_EVAL_METHOD__ != 0 && __FLT_EVAL_METHOD__ != 16
#error "float must be computed as float: on x86 use -msse2 -mfpmath=sse"
#endif
#if defined(__clang__)
#pragma STDC FP_CONTRACT OFF
#elif defined(__GNUC__) && !defined(__TINYC__)
#pragma GCC optimize("fp-contract=off")
#endif
#if defined(__GNUC__) || defined(__clang__)
#define MAYBE_UNUSED __attribute__((unused))
#else
#define MAYBE_UNUSED
#endif
#if !defined(RANVIER_HAS_FMA)
#if (defined(__FMA__) || defined(__aarch64__) || defined(__ARM_FEATURE_FMA)) && !defined(__TINYC__)
#define RANVIER_HAS_FMA 1
#else
#define RANVIER_HAS_FMA 0
#endif
#endif

//// predict:
int NAME_predict(const real* x, real* y) {
    int i;
    for (i = 0; i < NAME_inputs; ++i)
        if (!(x[i] - x[i] == 0)) return 1;
    forward_net(x, y);
    return 0;
}

//// selftest:
int main(void) {
    int r, k, wrong = 0;
    for (r = 0; r < ROWS; ++r) {
        real y[NAME_outputs] = {0};
        if (NAME_predict(test_x + r * NAME_inputs, y)) ++wrong;
        for (k = 0; k < NAME_outputs; ++k) wrong += bits_of(y[k]) != bits_of(test_y[r * NAME_outputs + k]);
        CHECK_OF_THE_CLASS
    }
    printf("%d of %d numbers differ from Python's\n", wrong, ROWS * NAME_outputs);
    return wrong != 0;
}

//// square_root:
/* The square root, rounded once, without a library. */
static double square_root(double x) {
#if defined(__SSE2__) && (defined(__GNUC__) || defined(__clang__)) && !defined(__TINYC__)
    return _mm_cvtsd_f64(_mm_sqrt_sd(_mm_set_sd(x), _mm_set_sd(x)));
#elif defined(__aarch64__) && (defined(__GNUC__) || defined(__clang__)) && !defined(__TINYC__)
    double y;
    __asm__("fsqrt %d0, %d1" : "=w"(y) : "w"(x));
    return y;
#else
    /* x = m 2^e with an even e, m of 53 or 54 bits: one bit of the root a turn, and one more to round by. x is normal. */
    union { double x; uint64_t b; } u;
    uint64_t m, root = 0, rest = 0;
    int e, turn;
    u.x = x;
    e = (int)(u.b >> 52) - 1075;
    m = (u.b & 0xfffffffffffffu) | 0x10000000000000u;
    if (e & 1) {
        m <<= 1;
        e -= 1;
    }
    for (turn = 26; turn >= -27; --turn) {
        const uint64_t two = turn >= 0 ? m >> (2 * turn) & 3 : 0, trial = root << 2 | 1;
        rest = rest << 2 | two;
        root <<= 1;
        if (rest >= trial) {
            rest -= trial;
            root |= 1;
        }
    }
    root = (root >> 1) + (root & 1); /* never halfway */
    e = e / 2 - 26;
    while (root >> 53) {
        root >>= 1;
        ++e;
    }
    while (root >> 52 == 0) {
        root <<= 1;
        --e;
    }
    u.b = (uint64_t)(e + 1075) << 52 | (root & 0xfffffffffffffu);
    return u.x;
#endif
}

//// robust: square_root
/* A number less its median, over its width, clipped smoothly to (-3, 3); a missing one becomes 0. */
static double robust(double x, double median, double width) {
    double u = x / width - median / width, v;
    if (u != u) u = 0;
    u = u < -1e6 ? -1e6 : (u > 1e6 ? 1e6 : u);
    v = u / 3;
    return u / square_root(1 + v * v);
}

//// bins:
/* How far a scaled number is through each bin. */
static void bins(double x, const double* edges, int count, float* out) {
    int b;
    for (b = 0; b < count; ++b) {
        double p = (x - edges[b]) / (edges[b + 1] - edges[b]);
        p = p < 0 ? 0 : p;
        out[b] = (float)(p > 1 ? 1 : p);
    }
}

//// date_parts:
/* Microseconds since 1970: elapsed days, year, month, day of month, of week (Monday is 0), of year, hour. */
static void date_parts(int64_t time, double* part) {
    const int64_t day_length = (int64_t)86400 * 1000000;
    int64_t days = time / day_length, rest = time % day_length, era, of_era, years, of_year, month;
    if (rest < 0) {
        rest += day_length;
        days -= 1;
    }
    part[0] = (double)time / (double)day_length;
    part[6] = (double)rest / 3600000000.0;
    part[4] = (double)(((days + 3) % 7 + 7) % 7);
    /* Years begin in March here, so that the leap day is the last; an era has 400 years. */
    days += 719468;
    era = (days >= 0 ? days : days - 146096) / 146097;
    of_era = days - era * 146097;
    years = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    of_year = of_era - (365 * years + years / 4 - years / 100);
    month = (5 * of_year + 2) / 153;
    part[3] = (double)(of_year - (153 * month + 2) / 5 + 1);
    years += era * 400;
    if (month < 10) {
        const int leap = (years % 4 == 0 && years % 100 != 0) || years % 400 == 0;
        part[5] = (double)(of_year + 60 + leap);
        month += 3;
    } else {
        part[5] = (double)(of_year - 305);
        month -= 9;
        years += 1;
    }
    part[1] = (double)years;
    part[2] = (double)month;
}

//// texts:
/* Which of the sorted texts is this one; -1 for none. */
static int find_text(const char* const* sorted, int count, const char* text) {
    int low = 0, high = count - 1;
    while (low <= high) {
        const int middle = (low + high) / 2;
        const unsigned char* a = (const unsigned char*)text;
        const unsigned char* b = (const unsigned char*)sorted[middle];
        while (*a && *a == *b) ++a, ++b;
        if (*a == *b) return middle;
        if (*a < *b)
            high = middle - 1;
        else
            low = middle + 1;
    }
    return -1;
}
static const char* const kMissingTexts[] = {"#N/A", "<NA>", "N/A", "NA", "NULL", "NaN", "nan", "null"};
enum { MISSING_TEXT = -1, UNSEEN_TEXT = -2, LONGEST_KEY = 40 };

//// numbers:
/* Which of the sorted numbers is this one; -1 for none. */
static int find_number(const double* sorted, int count, double number) {
    int low = 0, high = count - 1;
    while (low <= high) {
        const int middle = (low + high) / 2;
        if (sorted[middle] == number) return middle;
        if (number < sorted[middle])
            high = middle - 1;
        else
            low = middle + 1;
    }
    return -1;
}

//// number_key: texts
/* A number as text in one form, such as -125e-2, so that 1.0 and 1 are the same; true and false in small letters.
   Returns 0 for another text, and for one with more digits than a double holds. */
static int number_key(const char* text, char* key) {
    int digits = 0, exponent = 0, given = 0, negative = 0, point = 0, group = -1, zeros = 0, any = 0, size = 0, length = 0;
    const char* c = text;
    while (c[0] == ' ' || (c[0] >= '\t' && c[0] <= '\r')) ++c;
    while (c[length]) ++length;
    while (length > 0 && (c[length - 1] == ' ' || (c[length - 1] >= '\t' && c[length - 1] <= '\r'))) --length;
    if (length == 4 || length == 5) {
        const char* word = length == 4 ? "true" : "false";
        int k = 0;
        while (k < length && (c[k] == word[k] || c[k] == word[k] - 32)) ++k;
        if (k == length) {
            for (k = 0; k < length; ++k) key[k] = word[k];
            key[length] = 0;
            return 1;
        }
    }
    if (length > 0 && (c[0] == '+' || c[0] == '-')) {
        negative = c[0] == '-';
        ++c;
        --length;
    }
    for (; length > 0; ++c, --length) {
        if (c[0] >= '0' && c[0] <= '9') {
            any = 1;
            if (group >= 0 && !point && ++group > 3) return 0;
            if (point) --exponent;
            if (c[0] == '0') {
                zeros += digits > 0; /* one that may be at the end */
            } else {
                if (digits + zeros + 1 > 15) return 0;
                while (zeros > 0) key[1 + digits++] = '0', --zeros;
                key[1 + digits++] = c[0];
            }
        } else if (c[0] == '.' && !point) {
            if (group >= 0 && group != 3) return 0;
            point = 1;
        } else if (c[0] == ',' && !point && any) {
            if (group >= 0 ? group != 3 : digits + zeros > 3) return 0;
            group = 0;
        } else {
            break;
        }
    }
    if (!any || (group >= 0 && !point && group != 3)) return 0;
    if (length > 1 && (c[0] == 'e' || c[0] == 'E')) {
        int down = 0;
        ++c, --length;
        if (c[0] == '+' || c[0] == '-') {
            down = c[0] == '-';
            ++c, --length;
        }
        if (length == 0 || length > 4) return 0;
        for (; length > 0; ++c, --length) {
            if (c[0] < '0' || c[0] > '9') return 0;
            given = given * 10 + (c[0] - '0');
        }
        exponent += down ? -given : given;
    }
    if (length > 0) return 0;
    exponent += zeros; /* those at the end */
    if (digits == 0) {
        key[0] = '0';
        key[1] = 0;
        return 1;
    }
    key[0] = negative ? '-' : '+';
    size = 1 + digits;
    key[size++] = 'e';
    if (exponent < 0) {
        key[size++] = '-';
        exponent = -exponent;
    }
    {
        char reversed[8];
        int k = 0;
        do reversed[k++] = (char)('0' + exponent % 10);
        while ((exponent /= 10) > 0);
        while (k > 0) key[size++] = reversed[--k];
    }
    key[size] = 0;
    return 1;
}

//// calibrated:
/* softmax(log(P) / T), in double. */
static void calibrated(const float* p, int n, double temperature, double* out) {
    double largest, sum = 0;
    int k;
    for (k = 0; k < n; ++k) {
        const double own = (double)p[k] > 1e-30 ? (double)p[k] : 1e-30;
        out[k] = log1_d(own) / temperature;
    }
    largest = out[0];
    for (k = 1; k < n; ++k) largest = out[k] > largest ? out[k] : largest;
    for (k = 0; k < n; ++k) out[k] = exp1_d(out[k] - largest);
    for (sum = out[0], k = 1; k < n; ++k) sum += out[k];
    for (k = 0; k < n; ++k) out[k] = out[k] / sum;
}

//// inverse:
/* The target of an output Z. */
static double inverse(double Z, int k) { return Z * kScale[k] + kCenter[k]; }
//// inverse_bent:
/* The target of an output Z, of which some are logarithms. */
static double inverse(double Z, int k) {
    const double f = Z * kScale[k] + kCenter[k];
    double away;
    if (kSign[k] == 0) return f;
    away = expm1_1_d(f);
    away = kDistance[k] * (away > 0 ? away : 0);
    return kEdge[k] + kSign[k] * away;
}
//// transform:
static double transform(double y, int k) { return (y - kCenter[k]) / kScale[k]; }
//// transform_bent:
static double transform(double y, int k) {
    double f = y;
    if (kSign[k] != 0) {
        f = kSign[k] * (y - kEdge[k]);
        f = log1p1_d((f > 0 ? f : 0) / kDistance[k]);
    }
    return (f - kCenter[k]) / kScale[k];
}
//// bounds:
/* As far from a prediction as an error of held-out rows, where networks learn. */
static void bounds(double y, int k, double* low, double* high) {
    const double Z = transform(y, k), a = inverse(Z - kError[k], k), b = inverse(Z + kError[k], k);
    *low = a < b ? a : b;
    *high = a < b ? b : a;
}

//// table_selftest:
int main(void) {
    volatile double test_zero = 0; /* makes a NaN where a compiler would warn of one */
    const struct NAME_row rows[ROWS] = {
VALUES
    };
    int r, k, wrong = 0;
    (void)test_zero;
    for (r = 0; r < ROWS; ++r) {
        struct NAME_result result;
        if (NAME_predict(&rows[r], &result)) {
            wrong += OUTPUTS;
            continue;
        }
        for (k = 0; k < OUTPUTS; ++k) {
            union { double x; uint64_t b; } own;
            own.x = result.MEMBER[k];
            wrong += own.b != test_bits[r * OUTPUTS + k];
            CHECK_OF_BOUNDS
        }
    }
    printf("%d of %d numbers differ from Python's\n", wrong, ROWS * OUTPUTS);
    return wrong != 0;
}

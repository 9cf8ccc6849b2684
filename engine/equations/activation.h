// The activation functions: A = f(Z), each beside its slope f'(Z).
//
// f(z) and df(z, a) take one vector; df may use a = f(z) where that is shorter. Constants are written as element
// values, so that the same line serves float and double. At a kink the slope is that of PyTorch.
#pragma once

#include "equations/elementary.h"
#include "network.h"
#include "product/row.h"

namespace ranvier::RANVIER_LEVEL {

template <class V>
RANVIER_INLINE V select(decltype(V{} < V{}) mask, V value) {
    return mask ? value : V{};
}

// 1 or 0, made of the mask by shifts: no register is needed for a constant. A template, since compilers differ in what
// whole numbers a comparison gives.
template <class Mask>
RANVIER_INLINE auto one_where(Mask mask) {
    typedef uint32_t Bits __attribute__((vector_size(kVectorBytes)));
    typedef uint64_t LongBits __attribute__((vector_size(kVectorBytes)));
    if constexpr (sizeof(mask[0]) == sizeof(float))
        return (Vec<float>)((Bits)mask >> 25 << 23);
    else
        return (Vec<double>)((LongBits)mask >> 54 << 52);
}

template <class Real>
struct Activations {
    using V = Vec<Real>;
    static RANVIER_INLINE V all(double x) { return broadcast(static_cast<Real>(x)); }

    struct Identity {
        V f(V z) const { return z; }
        V df(V, V) const { return all(1); }
    };
    struct Relu {
        V f(V z) const { return maximum(V{}, z); }  // not a number stays so
        V df(V z, V) const { return one_where(z > 0); }
    };
    struct LeakyRelu {
        V slope;
        V f(V z) const { return z > 0 ? z : slope * z; }
        V df(V z, V) const { return z > 0 ? all(1) : slope; }
    };
    struct Relu6 {
        V f(V z) const { return z < 0 ? V{} : (z > 6 ? all(6) : z); }
        V df(V z, V) const { return select((z > 0) & (z < 6), all(1)); }
    };
    struct Elu {
        V alpha;
        V f(V z) const { return z > 0 ? z : alpha * expm1(z); }
        V df(V z, V a) const { return z > 0 ? all(1) : a + alpha; }
    };
    // Klambauer et al. 2017: the fixed point of mean 0 and variance 1.
    struct Selu {
        static constexpr double kScale = 1.0507009873554804934193349852946;
        static constexpr double kAlpha = 1.6732632423543772848170429916717;
        V f(V z) const { return z > 0 ? all(kScale) * z : all(kScale * kAlpha) * expm1(z); }
        V df(V z, V a) const { return z > 0 ? all(kScale) : a + all(kScale * kAlpha); }
    };
    // z Phi(z), Phi the distribution of the standard normal (Hendrycks and Gimpel 2016).
    struct Gelu {
        V f(V z) const { return z * normal_cdf(z); }
        V df(V z, V) const { return normal_cdf(z) + z * normal_pdf(z); }
    };
    // Its form with tanh: z (1 + tanh u) / 2, u = sqrt(2/pi) (z + 0.044715 z^3). The bracket is 2 sigmoid(2 u), which
    // does not cancel where u is far below zero.
    struct GeluTanh {
        static constexpr double kRoot = 0.79788456080286535587989211986876;
        static constexpr double kCube = 0.044715;
        V s(V z) const { return sigmoid(all(2 * kRoot) * fma(all(kCube) * z * z, z, z)); }
        V f(V z) const { return z * s(z); }
        V df(V z, V a) const {
            const V s_ = s(z);
            return fma(a * (all(1) - s_), all(2 * kRoot) * fma(all(3 * kCube) * z, z, all(1)), s_);
        }
    };
    struct Silu {
        V f(V z) const { return z * sigmoid(z); }
        V df(V z, V a) const {
            const V s = sigmoid(z);
            return s + a * (all(1) - s);
        }
    };
    // z tanh(softplus(z)) (Misra 2019).
    struct Mish {
        V f(V z) const { return z * tanh(softplus(z)); }
        V df(V z, V) const {
            const V t = tanh(softplus(z));
            return t + z * sigmoid(z) * (all(1) - t * t);
        }
    };
    struct Sigmoid {
        V f(V z) const { return sigmoid(z); }
        V df(V, V a) const { return a * (all(1) - a); }
    };
    struct Tanh {
        V f(V z) const { return tanh(z); }
        V df(V, V a) const { return all(1) - a * a; }
    };
    struct Softplus {
        V f(V z) const { return softplus(z); }
        V df(V z, V) const { return sigmoid(z); }
    };
    struct Softsign {
        V f(V z) const { return z / (all(1) + absolute(z)); }
        V df(V z, V) const {
            const V d = all(1) + absolute(z);
            return all(1) / (d * d);
        }
    };
    struct HardSigmoid {
        V f(V z) const { return z < -3 ? V{} : (z > 3 ? all(1) : z / all(6) + all(0.5)); }
        V df(V z, V) const { return select((z > -3) & (z < 3), all(1.0 / 6)); }
    };
    struct HardTanh {
        V f(V z) const { return z < -1 ? all(-1) : (z > 1 ? all(1) : z); }
        V df(V z, V) const { return select((z > -1) & (z < 1), all(1)); }
    };
    // McCulloch and Pitts 1943: the unit fires or it does not. Its slope is zero everywhere: it cannot be trained.
    struct Step {
        V f(V z) const { return select(z >= 0, all(1)); }
        V df(V, V) const { return V{}; }
    };
    struct Exp {
        V f(V z) const { return exp(z); }
        V df(V, V a) const { return a; }
    };
};

// Calls use(f) with the function that `kind` names. Softmax is no function of single values: see softmax_rows.
template <class Real, class Use>
inline void with_activation(Activation kind, double parameter, Use&& use) {
    using F = Activations<Real>;
    const Vec<Real> p = F::all(parameter);
    switch (kind) {
        case Activation::identity: return use(typename F::Identity{});
        case Activation::relu: return use(typename F::Relu{});
        case Activation::leaky_relu: return use(typename F::LeakyRelu{p});
        case Activation::relu6: return use(typename F::Relu6{});
        case Activation::elu: return use(typename F::Elu{p});
        case Activation::selu: return use(typename F::Selu{});
        case Activation::gelu: return use(typename F::Gelu{});
        case Activation::gelu_tanh: return use(typename F::GeluTanh{});
        case Activation::silu: return use(typename F::Silu{});
        case Activation::mish: return use(typename F::Mish{});
        case Activation::sigmoid: return use(typename F::Sigmoid{});
        case Activation::tanh: return use(typename F::Tanh{});
        case Activation::softplus: return use(typename F::Softplus{});
        case Activation::softsign: return use(typename F::Softsign{});
        case Activation::hard_sigmoid: return use(typename F::HardSigmoid{});
        case Activation::hard_tanh: return use(typename F::HardTanh{});
        case Activation::step: return use(typename F::Step{});
        case Activation::exp: return use(typename F::Exp{});
        case Activation::softmax: return;
    }
}

// A = f(Z) for `size` values, and f'(Z) too where `slope` is given: all that the backward pass needs to know of f.
// z and a may be the same memory. Whole vectors are read and written, so `size` is a multiple of kWidth.
//
//     for (i < size) { a[i] = f(z[i]); slope[i] = f'(z[i]); }
//
// Compiled once for all callers: the functions above are much code, and a call is short beside the work on a panel.
template <class Real>
__attribute__((noinline)) void activate_values(Activation kind, double parameter, const Real* z, Real* a, Real* slope,
                                               int64_t size) {
    if (kind == Activation::identity && a == z) {  // the output layer's, as a rule
        for (int64_t i = 0; slope && i < size; i += kWidth<Real>) store(slope + i, broadcast(Real(1)));
        return;
    }
    with_activation<Real>(kind, parameter, [&](auto f) RANVIER_INLINE_LAMBDA {
        if (slope) {
            for (int64_t i = 0; i < size; i += kWidth<Real>) {
                const Vec<Real> in = load(z + i), out = f.f(in);
                store(a + i, out);
                store(slope + i, f.df(in, out));
            }
        } else {
            for (int64_t i = 0; i < size; i += kWidth<Real>) store(a + i, f.f(load(z + i)));
        }
    });
}

// A = softmax(Z), row by row in place; the padding becomes zero.
template <class Real>
inline void softmax_rows(Panels<Real> Z) {
    for (int r = 0; r < Z.rows; ++r) {
        RowOf<Real> row(Z, r);
        const Real largest = row.maximum();
        Real sum = row.map([&](Vec<Real> z) { return exp(z - broadcast(largest)); });
        const Vec<Real> scale = broadcast(Real(1) / sum);
        row.map([&](Vec<Real> e) { return e * scale; });
    }
}

}  // namespace ranvier::RANVIER_LEVEL

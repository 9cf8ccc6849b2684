// One vector of the level this file is compiled for, written with the compiler's vector extensions.
//
// Included only by code that is compiled once per instruction-set level (machine/simd_level.cpp). Everything lives in a
// namespace of its level, and nothing here comes from the standard library: an inline function of std compiled
// with AVX2 could be the copy the linker keeps for a processor without it.
#pragma once

#include <cstdint>

#if defined(__AVX2__) || defined(__AVX512F__) || defined(__SSE2__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

#define RANVIER_INLINE inline __attribute__((always_inline))
#define RANVIER_INLINE_LAMBDA __attribute__((always_inline))

namespace ranvier::RANVIER_LEVEL {

#if defined(__AVX512F__) || defined(RANVIER_WIDE)
constexpr int kVectorBytes = 64;
#elif defined(__AVX2__)
constexpr int kVectorBytes = 32;
#else
constexpr int kVectorBytes = 16;
#endif

template <class Real>
struct VectorTypes;
template <>
struct VectorTypes<float> {
    typedef float Real __attribute__((vector_size(kVectorBytes)));
    typedef int32_t Int __attribute__((vector_size(kVectorBytes)));
};
template <>
struct VectorTypes<double> {
    typedef double Real __attribute__((vector_size(kVectorBytes)));
    typedef int64_t Int __attribute__((vector_size(kVectorBytes)));
};

template <class Real>
using Vec = typename VectorTypes<Real>::Real;
template <class Real>
using Int = typename VectorTypes<Real>::Int;  // a comparison of two Vec gives it: all ones or zeros

template <class Real>
constexpr int kWidth = kVectorBytes / static_cast<int>(sizeof(Real));

template <class Real>
RANVIER_INLINE Vec<Real> broadcast(Real x) {
    return x - Vec<Real>{};  // x - 0 is x for every x, -0 included
}

template <class Real>
RANVIER_INLINE Vec<Real> load(const Real* from) {
    Vec<Real> v;
    __builtin_memcpy(&v, from, sizeof v);
    return v;
}

template <class Real>
RANVIER_INLINE void store(Real* to, Vec<Real> v) {
    __builtin_memcpy(to, &v, sizeof v);
}

// a b + c with one rounding where the level can (the baseline has no such instruction and rounds twice).
// Contraction by the compiler is off, so these are the only fused operations and every level with them agrees bit for
// bit.
#if defined(RANVIER_WIDE)  // the width of AVX-512 where there is none: slow, to compare the bits
template <class V>
RANVIER_INLINE V fma(V a, V b, V c) {
    for (unsigned i = 0; i < sizeof(V) / sizeof(a[0]); ++i)
        a[i] = sizeof(a[0]) == 4 ? __builtin_fmaf(a[i], b[i], c[i]) : __builtin_fma(a[i], b[i], c[i]);
    return a;
}
#elif defined(__AVX512F__)
RANVIER_INLINE Vec<float> fma(Vec<float> a, Vec<float> b, Vec<float> c) {
    return (Vec<float>)_mm512_fmadd_ps((__m512)a, (__m512)b, (__m512)c);
}
RANVIER_INLINE Vec<double> fma(Vec<double> a, Vec<double> b, Vec<double> c) {
    return (Vec<double>)_mm512_fmadd_pd((__m512d)a, (__m512d)b, (__m512d)c);
}
RANVIER_INLINE Vec<float> sqrt(Vec<float> a) { return (Vec<float>)_mm512_sqrt_ps((__m512)a); }
RANVIER_INLINE Vec<double> sqrt(Vec<double> a) { return (Vec<double>)_mm512_sqrt_pd((__m512d)a); }
#elif defined(__AVX2__)
RANVIER_INLINE Vec<float> fma(Vec<float> a, Vec<float> b, Vec<float> c) {
    return (Vec<float>)_mm256_fmadd_ps((__m256)a, (__m256)b, (__m256)c);
}
RANVIER_INLINE Vec<double> fma(Vec<double> a, Vec<double> b, Vec<double> c) {
    return (Vec<double>)_mm256_fmadd_pd((__m256d)a, (__m256d)b, (__m256d)c);
}
RANVIER_INLINE Vec<float> sqrt(Vec<float> a) { return (Vec<float>)_mm256_sqrt_ps((__m256)a); }
RANVIER_INLINE Vec<double> sqrt(Vec<double> a) { return (Vec<double>)_mm256_sqrt_pd((__m256d)a); }
#elif defined(__aarch64__)
RANVIER_INLINE Vec<float> fma(Vec<float> a, Vec<float> b, Vec<float> c) {
    return (Vec<float>)vfmaq_f32((float32x4_t)c, (float32x4_t)a, (float32x4_t)b);
}
RANVIER_INLINE Vec<double> fma(Vec<double> a, Vec<double> b, Vec<double> c) {
    return (Vec<double>)vfmaq_f64((float64x2_t)c, (float64x2_t)a, (float64x2_t)b);
}
RANVIER_INLINE Vec<float> sqrt(Vec<float> a) { return (Vec<float>)vsqrtq_f32((float32x4_t)a); }
RANVIER_INLINE Vec<double> sqrt(Vec<double> a) { return (Vec<double>)vsqrtq_f64((float64x2_t)a); }
#else
RANVIER_INLINE Vec<float> fma(Vec<float> a, Vec<float> b, Vec<float> c) { return a * b + c; }
RANVIER_INLINE Vec<double> fma(Vec<double> a, Vec<double> b, Vec<double> c) { return a * b + c; }
#if defined(__SSE2__)
RANVIER_INLINE Vec<float> sqrt(Vec<float> a) { return (Vec<float>)_mm_sqrt_ps((__m128)a); }
RANVIER_INLINE Vec<double> sqrt(Vec<double> a) { return (Vec<double>)_mm_sqrt_pd((__m128d)a); }
#endif
#endif
#if defined(RANVIER_WIDE) || !(defined(__SSE2__) || defined(__aarch64__))
template <class V>
RANVIER_INLINE V sqrt(V a) {
    for (unsigned i = 0; i < sizeof(V) / sizeof(a[0]); ++i)
        a[i] = sizeof(a[0]) == 4 ? __builtin_sqrtf(a[i]) : __builtin_sqrt(a[i]);
    return a;
}
#endif

// The larger and the smaller of two; b where either is not a number.
#if defined(__AVX512F__)
RANVIER_INLINE Vec<float> maximum(Vec<float> a, Vec<float> b) {
    return (Vec<float>)_mm512_max_ps((__m512)a, (__m512)b);
}
RANVIER_INLINE Vec<double> maximum(Vec<double> a, Vec<double> b) {
    return (Vec<double>)_mm512_max_pd((__m512d)a, (__m512d)b);
}
#elif defined(__AVX2__) && !defined(RANVIER_WIDE)
RANVIER_INLINE Vec<float> maximum(Vec<float> a, Vec<float> b) {
    return (Vec<float>)_mm256_max_ps((__m256)a, (__m256)b);
}
RANVIER_INLINE Vec<double> maximum(Vec<double> a, Vec<double> b) {
    return (Vec<double>)_mm256_max_pd((__m256d)a, (__m256d)b);
}
#else
template <class V>
RANVIER_INLINE V maximum(V a, V b) {
    return a > b ? a : b;
}
#endif
template <class V>
RANVIER_INLINE V minimum(V a, V b) {
    return a < b ? a : b;
}
template <class V>
RANVIER_INLINE V absolute(V a) {
    return a < 0 ? -a : a;
}

}  // namespace ranvier::RANVIER_LEVEL

// The arrays that pass the door: typed, C-contiguous views of NumPy memory, checked before the engine sees a pointer.
#pragma once

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>

#include <cstdint>
#include <string>

namespace ranvier::bindings {

namespace nb = nanobind;

template <class Real>
using Vector = nb::ndarray<const Real, nb::numpy, nb::ndim<1>, nb::c_contig, nb::device::cpu>;
template <class Real>
using Matrix = nb::ndarray<const Real, nb::numpy, nb::ndim<2>, nb::c_contig, nb::device::cpu>;
template <class Real>
using Values = nb::ndarray<const Real, nb::numpy, nb::c_contig, nb::device::cpu>;  // of any shape
template <class Real>
using MutableVector = nb::ndarray<Real, nb::numpy, nb::ndim<1>, nb::c_contig, nb::device::cpu>;
template <class Real>
using MutableMatrix = nb::ndarray<Real, nb::numpy, nb::ndim<2>, nb::c_contig, nb::device::cpu>;
template <class Real>
using NewMatrix = nb::ndarray<Real, nb::numpy, nb::ndim<2>>;
template <class Real>
using NewVector = nb::ndarray<Real, nb::numpy, nb::ndim<1>>;

// Throws ValueError: "<what> must be <expected>, but it is <given>".
[[noreturn]] void refuse(const std::string& what, const std::string& expected, const std::string& given);
void check_size(const char* what, int64_t given, int64_t expected);

// A new NumPy array that owns its memory.
template <class Real>
NewMatrix<Real> new_matrix(int64_t rows, int64_t columns) {
    Real* data = new Real[static_cast<size_t>(rows * columns)];
    nb::capsule owner(data, [](void* p) noexcept { delete[] static_cast<Real*>(p); });
    return NewMatrix<Real>(data, {static_cast<size_t>(rows), static_cast<size_t>(columns)}, owner);
}
template <class Real>
NewVector<Real> new_vector(int64_t size) {
    Real* data = new Real[static_cast<size_t>(size)];
    nb::capsule owner(data, [](void* p) noexcept { delete[] static_cast<Real*>(p); });
    return NewVector<Real>(data, {static_cast<size_t>(size)}, owner);
}

}  // namespace ranvier::bindings

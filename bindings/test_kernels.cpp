// Single pieces of the engine that nothing but the tests calls.
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <vector>

#include "arrays.h"
#include "machine/adaptive_threading.h"
#include "machine/kernels.h"

namespace ranvier::bindings {

namespace {

template <class Real>
NewMatrix<Real> panel_round_trip(const Matrix<Real>& A) {
    auto B = new_matrix<Real>(static_cast<int64_t>(A.shape(0)), static_cast<int64_t>(A.shape(1)));
    Arena arena;
    kernels<Real>().test_kernels.round_trip(A.data(), B.data(), static_cast<int>(A.shape(0)),
                                            static_cast<int>(A.shape(1)), arena);
    return B;
}

NewMatrix<double> dropout_mask(double rate, uint64_t seed, uint64_t epoch, uint64_t layer, const Vector<int64_t>& rows,
                               int units) {
    auto mask = new_matrix<double>(static_cast<int64_t>(rows.size()), units);
    Arena arena;
    kernels<double>().test_kernels.dropout_mask(rate, seed, epoch, layer, rows.data(), static_cast<int>(rows.size()),
                                                units, mask.data(), arena);
    return mask;
}

std::vector<int> counts_after_skip(int n_threads, uint32_t loops) {
    ThreadTeam team(n_threads);
    std::vector<int> counts(64);
    auto body = [](const void* context, int i, int) { ++static_cast<int*>(const_cast<void*>(context))[i]; };
    team.ensure_started();
    team.run(body, counts.data(), static_cast<int>(counts.size()));
    team.skip_loops(loops);
    team.ensure_started();
    team.run(body, counts.data(), static_cast<int>(counts.size()));
    return counts;
}

template <class Real>
void add_test_kernels_of(nb::module_& m) {
    using nb::arg;
    m.def("panel_round_trip", &panel_round_trip<Real>, arg("A").noconvert(), "A, by way of panels.");
}

}  // namespace

void add_test_kernels(nb::module_& m) {
    add_test_kernels_of<float>(m);
    add_test_kernels_of<double>(m);
    m.def("dropout_mask", &dropout_mask, nb::arg("rate"), nb::arg("seed"), nb::arg("epoch"), nb::arg("layer"),
          nb::arg("rows").noconvert(), nb::arg("units"), "0 where a unit falls, 1 / (1 - rate) where it stays.");
    m.def("counts_after_skip", &counts_after_skip, nb::arg("n_threads"), nb::arg("loops"),
          "How often each index of a loop is done, after as many loops as if they had been run.");
    nb::class_<AdaptiveThreading>(m, "AdaptiveThreading", "Whether a team or its caller alone does loops sooner.")
        .def(nb::init<>())
        .def("alone", &AdaptiveThreading::alone, nb::arg("body"), nb::arg("count"), nb::arg("now"),
             "Whether the caller is to do the loop that begins now, in nanoseconds, alone.")
        .def("interrupt", &AdaptiveThreading::interrupt, "Forget what is being measured.");
}

}  // namespace ranvier::bindings

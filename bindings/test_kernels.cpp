// Single equations, and the pace of the threads, for the tests.
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>

#include <optional>

#include "arrays.h"
#include "descriptions.h"
#include "machine/adaptive_threading.h"
#include "machine/kernels.h"

namespace ranvier::bindings {

namespace {

template <class Real>
NewVector<Real> elementary(const std::string& name, const Vector<Real>& x) {
    auto y = new_vector<Real>(static_cast<int64_t>(x.size()));
    if (!kernels<Real>().test_kernels.elementary(name.c_str(), x.data(), y.data(), static_cast<int64_t>(x.size())))
        refuse("the name", "an elementary function of the engine", "'" + name + "'");
    return y;
}

template <class Real>
nb::tuple activation(const std::string& name, double parameter, const Vector<Real>& z) {
    const Activation kind = activation_named(name);
    if (kind == Activation::softmax) refuse("the activation", "a function of single values", "'softmax'");
    const int64_t size = static_cast<int64_t>(z.size());
    auto a = new_vector<Real>(size);
    auto slope = new_vector<Real>(size);
    kernels<Real>().test_kernels.activation(kind, parameter, z.data(), a.data(), slope.data(), size);
    return nb::make_tuple(a, slope);
}

template <class Real>
NewMatrix<Real> multiply(const Matrix<Real>& A, const Matrix<Real>& B) {
    check_size("the rows of B", static_cast<int64_t>(B.shape(0)), static_cast<int64_t>(A.shape(1)));
    auto C = new_matrix<Real>(static_cast<int64_t>(A.shape(0)), static_cast<int64_t>(B.shape(1)));
    Arena arena;
    kernels<Real>().test_kernels.product(A.data(), B.data(), C.data(), static_cast<int>(A.shape(0)),
                                         static_cast<int>(A.shape(1)), static_cast<int>(B.shape(1)), arena);
    return C;
}

template <class Real>
NewMatrix<Real> panel_round_trip(const Matrix<Real>& A) {
    auto B = new_matrix<Real>(static_cast<int64_t>(A.shape(0)), static_cast<int64_t>(A.shape(1)));
    Arena arena;
    kernels<Real>().test_kernels.round_trip(A.data(), B.data(), static_cast<int>(A.shape(0)),
                                            static_cast<int>(A.shape(1)), arena);
    return B;
}

template <class Real>
nb::tuple loss(const Loss& loss, const std::string& output, const Matrix<Real>& Z, const Matrix<Real>& Y,
               const std::optional<Vector<Real>>& weights) {
    check_size("Y", static_cast<int64_t>(Y.size()), static_cast<int64_t>(Z.size()));
    Table<Real> table{Z.data(), Y.data(), nullptr, nullptr, static_cast<int64_t>(Z.shape(0))};
    if (weights) {
        check_size("the weights", static_cast<int64_t>(weights->size()), table.rows);
        table.weights = weights->data();
    }
    auto dZ = new_matrix<Real>(table.rows, static_cast<int64_t>(Z.shape(1)));
    Arena arena;
    const double value = kernels<Real>().test_kernels.loss(loss, activation_named(output), 0, table,
                                                           static_cast<int>(Z.shape(1)), dZ.data(), arena);
    return nb::make_tuple(value, dZ);
}

template <class Real>
void update(const UpdateHolder& holder, int64_t steps_before, double learning_rate, const MutableVector<Real>& theta,
            const Vector<Real>& gradient, const MutableMatrix<Real>& state) {
    const int64_t size = static_cast<int64_t>(theta.size());
    check_size("the gradient", static_cast<int64_t>(gradient.size()), size);
    check_size("the state", static_cast<int64_t>(state.size()), size * holder.update.slots());
    Arena arena;
    kernels<Real>().test_kernels.update(holder.update, steps_before + 1, learning_rate, theta.data(), gradient.data(),
                                        state.data(), static_cast<int>(size), arena);
}

NewMatrix<double> dropout_mask(double rate, uint64_t seed, uint64_t epoch, uint64_t layer, const Vector<int64_t>& rows,
                               int units) {
    auto mask = new_matrix<double>(static_cast<int64_t>(rows.size()), units);
    Arena arena;
    kernels<double>().test_kernels.dropout_mask(rate, seed, epoch, layer, rows.data(), static_cast<int>(rows.size()),
                                                units, mask.data(), arena);
    return mask;
}

template <class Real>
void add_test_kernels_of(nb::module_& m) {
    using nb::arg;
    m.def("elementary", &elementary<Real>, arg("name"), arg("x").noconvert(), "y = name(x), element by element.");
    m.def("activation", &activation<Real>, arg("name"), arg("parameter"), arg("z").noconvert(), "(f(z), f'(z)).");
    m.def("multiply", &multiply<Real>, arg("A").noconvert(), arg("B").noconvert(), "A B by the engine's product.");
    m.def("loss", &loss<Real>, arg("loss"), arg("output_activation"), arg("Z").noconvert(), arg("Y").noconvert(),
          arg("weights").noconvert().none(), "(L, dL/dZ) of the output layer.");
    m.def("update", &update<Real>, arg("update"), arg("steps_before"), arg("learning_rate"), arg("theta").noconvert(),
          arg("gradient").noconvert(), arg("state").noconvert(), "One step of weights theta, in place.");
    m.def("panel_round_trip", &panel_round_trip<Real>, arg("A").noconvert(), "A, by way of panels.");
}

}  // namespace

void add_test_kernels(nb::module_& m) {
    add_test_kernels_of<float>(m);
    add_test_kernels_of<double>(m);
    m.def("dropout_mask", &dropout_mask, nb::arg("rate"), nb::arg("seed"), nb::arg("epoch"), nb::arg("layer"),
          nb::arg("rows").noconvert(), nb::arg("units"), "0 where a unit falls, 1 / (1 - rate) where it stays.");
    nb::class_<AdaptiveThreading>(m, "AdaptiveThreading", "Whether a team or its caller alone does loops sooner.")
        .def(nb::init<>())
        .def("alone", &AdaptiveThreading::alone, nb::arg("body"), nb::arg("count"), nb::arg("now"),
             "Whether the caller is to do the loop that begins now, in nanoseconds, alone.")
        .def("interrupt", &AdaptiveThreading::interrupt, "Forget what is being measured.");
}

}  // namespace ranvier::bindings

// Single equations as entry points: what engine/pieces.h computes, for arrays of any origin.
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>

#include <limits>
#include <optional>

#include "arguments.h"
#include "descriptions.h"
#include "engine_call.h"

namespace ranvier::bindings {

namespace {

template <class Real>
NewVector<Real> elementary(const std::string& name, const Vector<Real>& x) {
    auto y = new_vector<Real>(static_cast<int64_t>(x.size()));
    if (!kernels<Real>().elementary(name.c_str(), x.data(), y.data(), static_cast<int64_t>(x.size())))
        refuse("the name", "an elementary function of the engine", "'" + name + "'");
    return y;
}

template <class Real>
nb::tuple activation(const std::string& name, double parameter, const Vector<Real>& z, Workspace* workspace) {
    const Activation kind = activation_named(name);
    if (kind == Activation::softmax) refuse("the activation", "a function of single values", "'softmax'");
    const int64_t size = static_cast<int64_t>(z.size());
    auto a = new_vector<Real>(size);
    auto slope = new_vector<Real>(size);
    EngineCall call(workspace);
    kernels<Real>().activation(kind, parameter, z.data(), a.data(), slope.data(), size, call.workspace());
    call.finish();
    return nb::make_tuple(a, slope);
}

// The engine counts the rows and the columns of one matrix in 32 bits.
template <class Real>
int checked_count(const char* what, const Matrix<Real>& matrix, size_t axis) {
    constexpr size_t kMost = std::numeric_limits<int32_t>::max() - 64;
    if (matrix.shape(axis) > kMost)
        refuse(what, "at most " + std::to_string(kMost), std::to_string(matrix.shape(axis)));
    return static_cast<int>(matrix.shape(axis));
}

template <class Real>
NewMatrix<Real> multiply(const Matrix<Real>& A, const Matrix<Real>& B, Workspace* workspace) {
    check_size("the rows of B", static_cast<int64_t>(B.shape(0)), static_cast<int64_t>(A.shape(1)));
    Product<Real> job{A.data(),
                      B.data(),
                      nullptr,
                      checked_count("the rows of A", A, 0),
                      checked_count("the columns of A", A, 1),
                      checked_count("the columns of B", B, 1)};
    auto C = new_matrix<Real>(job.rows, job.columns);
    job.C = C.data();
    EngineCall call(workspace);
    kernels<Real>().product(job, call.workspace());
    call.finish();
    return C;
}

template <class Real>
nb::tuple output_loss(const Loss& loss, const std::string& output, const Matrix<Real>& Z, const Matrix<Real>& Y,
                      const std::optional<Vector<Real>>& weights, Workspace* workspace) {
    const int rows = checked_count("the rows of Z", Z, 0);
    OutputLoss<Real> job{loss, activation_named(output), {}, checked_count("the columns of Z", Z, 1), nullptr};
    check_size("the rows of Y", static_cast<int64_t>(Y.shape(0)), rows);
    check_width("Y", Y, job.columns);
    job.table = {Z.data(), Y.data(), nullptr, nullptr, rows};
    if (weights) {
        check_size("the weights", static_cast<int64_t>(weights->size()), rows);
        job.table.weights = weights->data();
    }
    auto dZ = new_matrix<Real>(rows, job.columns);
    job.dZ = dZ.data();
    EngineCall call(workspace);
    const double value = kernels<Real>().output_loss(job, call.workspace());
    call.finish();
    return nb::make_tuple(value, dZ);
}

template <class Real>
void optimizer_step(const UpdateHolder& holder, int64_t steps_before, double learning_rate,
                    const MutableVector<Real>& theta, const Vector<Real>& gradient, const MutableMatrix<Real>& state,
                    Workspace* workspace) {
    const int64_t size = static_cast<int64_t>(theta.size());
    check_size("the gradient", static_cast<int64_t>(gradient.size()), size);
    check_size("the state", static_cast<int64_t>(state.size()), size * holder.update.slots());
    const OptimizerStep<Real> job{holder.update,   steps_before + 1, learning_rate, theta.data(),
                                  gradient.data(), state.data(),     size};
    EngineCall call(workspace);
    kernels<Real>().optimizer_step(job, call.workspace());
    call.finish();
}

template <class Real>
void add_pieces_of(nb::module_& m) {
    using nb::arg;
    m.def("elementary", &elementary<Real>, arg("name"), arg("x").noconvert(),
          "y = name(x), element by element, for the functions of engine/equations/elementary.h.");
    m.def("activation", &activation<Real>, arg("name"), arg("parameter"), arg("z").noconvert(),
          arg("workspace").none() = nb::none(), "(f(z), f'(z)), element by element.");
    m.def("multiply", &multiply<Real>, arg("A").noconvert(), arg("B").noconvert(), arg("workspace").none() = nb::none(),
          "A B.");
    m.def("output_loss", &output_loss<Real>, arg("loss"), arg("output_activation"), arg("Z").noconvert(),
          arg("Y").noconvert(), arg("weights").noconvert().none(), arg("workspace").none() = nb::none(),
          "(L, dL/dZ) of the output layer, L the mean loss over the rows.");
    m.def("optimizer_step", &optimizer_step<Real>, arg("update"), arg("steps_before"), arg("learning_rate"),
          arg("theta").noconvert(), arg("gradient").noconvert(), arg("state").noconvert(),
          arg("workspace").none() = nb::none(), "One step of weights theta; theta and state change in place.");
}

}  // namespace

void add_pieces(nb::module_& m) {
    add_pieces_of<float>(m);
    add_pieces_of<double>(m);
}

}  // namespace ranvier::bindings

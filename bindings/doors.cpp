// The few doors of the engine: predict, activations, loss and gradient, one epoch of training.
#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/variant.h>
#include <nanobind/stl/vector.h>

#include <cmath>
#include <optional>
#include <variant>
#include <vector>

#include "arrays.h"
#include "descriptions.h"
#include "machine/kernels.h"

namespace ranvier::bindings {

namespace {

using Labels = Vector<int32_t>;
template <class Real>
using Targets = std::variant<Labels, Matrix<Real>>;

template <class Real>
Model<Real> model_of(const Network& network, Real* theta, int64_t size) {
    check_size("theta", size, network.parameters());
    return {network.layers().data(),
            static_cast<int>(network.layers().size()),
            network.inputs(),
            network.outputs(),
            network.dense_layers(),
            network.parameters(),
            theta};
}

// A const theta is only read by these doors; the one that writes takes a mutable array.
template <class Real>
Model<Real> model_of(const Network& network, const Vector<Real>& theta) {
    return model_of<Real>(network, const_cast<Real*>(theta.data()), static_cast<int64_t>(theta.size()));
}

template <class Real>
void check_width(const char* what, const Matrix<Real>& matrix, int columns) {
    if (static_cast<int64_t>(matrix.shape(1)) != columns)
        refuse(what, std::to_string(columns) + " columns wide", std::to_string(matrix.shape(1)) + " columns wide");
}

// A code names a row of a table: a whole number below its size.
template <class Real>
void check_codes(const Network& network, const Matrix<Real>& X) {
    const Layer& layer = network.layers().front();
    if (layer.kind != LayerKind::embedding) return;
    for (int i = 0; i < layer.inputs; ++i) {
        if (layer.columns[i].kind != ColumnKind::category) continue;
        const Real size = static_cast<Real>(layer.columns[i].size);
        for (size_t r = 0; r < X.shape(0); ++r) {
            const Real code = X.data()[r * X.shape(1) + static_cast<size_t>(i)];
            if (!(code >= 0 && code < size && code == std::floor(code)))
                refuse("a category code in column " + std::to_string(i) + " of X",
                       "a whole number in 0.." + std::to_string(layer.columns[i].size - 1) +
                           " (0 for what is missing or new)",
                       nb::str(nb::float_(static_cast<double>(code))).c_str() + (" (row " + std::to_string(r) + ")"));
        }
    }
}

template <class Real>
void check_rows(const Network& network, const Matrix<Real>& X) {
    check_width("X", X, network.inputs());
    check_codes(network, X);
}

void check_trainable(const Network& network, const Loss& loss) {
    const Activation output = network.output_layer().activation;
    for (const Layer& layer : network.layers())
        if (layer.is_dense() && layer.activation == Activation::step)
            throw nb::value_error(
                "a layer with the activation 'step' cannot be trained: its slope is zero everywhere, so "
                "no weight below it would ever move; use 'sigmoid', 'tanh' or 'relu' for training");
    auto needs = [&](Activation canonical, const char* name) {
        if (output != Activation::identity && output != canonical)
            refuse(std::string("the output activation for the loss ") + name,
                   std::string("'identity' or '") + name_of(canonical) + "'", std::string("'") + name_of(output) + "'");
    };
    switch (loss.kind) {
        case LossKind::cross_entropy: return needs(Activation::softmax, "cross_entropy");
        case LossKind::log_loss: return needs(Activation::sigmoid, "log_loss");
        case LossKind::poisson: return needs(Activation::exp, "poisson");
        default:
            if (output == Activation::softmax) refuse("the loss of a softmax output", "'cross_entropy'", "another one");
    }
}

template <class Real>
Table<Real> table_of(const Network& network, const Loss& loss, const Matrix<Real>& X, const Targets<Real>& Y,
                     const std::optional<Vector<Real>>& weights) {
    check_trainable(network, loss);
    check_rows(network, X);
    Table<Real> table;
    table.X = X.data();
    table.rows = static_cast<int64_t>(X.shape(0));
    if (const Labels* labels = std::get_if<Labels>(&Y)) {
        if (loss.kind != LossKind::cross_entropy) refuse("Y", "a matrix for this loss", "a vector of labels");
        check_size("the labels", static_cast<int64_t>(labels->size()), table.rows);
        for (size_t i = 0; i < labels->size(); ++i)
            if (labels->data()[i] < 0 || labels->data()[i] >= network.outputs())
                refuse("a label", "in 0.." + std::to_string(network.outputs() - 1),
                       std::to_string(labels->data()[i]) + " (row " + std::to_string(i) + ")");
        table.labels = labels->data();
    } else {
        const Matrix<Real>& matrix = std::get<Matrix<Real>>(Y);
        check_width("Y", matrix, network.outputs());
        check_size("Y", static_cast<int64_t>(matrix.shape(0)), table.rows);
        table.Y = matrix.data();
    }
    if (weights) {
        check_size("the weights", static_cast<int64_t>(weights->size()), table.rows);
        table.weights = weights->data();
    }
    return table;
}

template <class Real>
void predict(const Network& network, const Vector<Real>& theta, const Matrix<Real>& X, const MutableMatrix<Real>& out,
             Workspace& workspace) {
    check_rows(network, X);
    if (out.shape(0) != X.shape(0) || static_cast<int64_t>(out.shape(1)) != network.outputs())
        refuse("out", std::to_string(X.shape(0)) + " x " + std::to_string(network.outputs()),
               std::to_string(out.shape(0)) + " x " + std::to_string(out.shape(1)));
    const Prediction<Real> job{model_of(network, theta), X.data(), static_cast<int64_t>(X.shape(0)), out.data()};
    nb::gil_scoped_release release;
    kernels<Real>().predict(job, workspace);
}

template <class Real>
NewMatrix<Real> embed(const Network& network, const Vector<Real>& theta, const Matrix<Real>& X, Workspace& workspace) {
    check_rows(network, X);
    if (network.layers().front().kind != LayerKind::embedding)
        refuse("the first layer", "an embedding", "another one");
    auto embedded = new_matrix<Real>(static_cast<int64_t>(X.shape(0)), network.layers().front().units);
    Prediction<Real> job{model_of(network, theta), X.data(), static_cast<int64_t>(X.shape(0))};
    job.embedded = embedded.data();
    nb::gil_scoped_release release;
    kernels<Real>().predict(job, workspace);
    return embedded;
}

template <class Real>
nb::list activations(const Network& network, const Vector<Real>& theta, const Matrix<Real>& X, Workspace& workspace) {
    check_rows(network, X);
    nb::list result;
    std::vector<Real*> Z, A;
    for (const Layer& layer : network.layers()) {
        if (!layer.is_dense()) continue;
        auto z = new_matrix<Real>(static_cast<int64_t>(X.shape(0)), layer.units);
        auto a = new_matrix<Real>(static_cast<int64_t>(X.shape(0)), layer.units);
        Z.push_back(z.data());
        A.push_back(a.data());
        result.append(nb::make_tuple(z, a));
    }
    const Prediction<Real> job{
        model_of(network, theta), X.data(), static_cast<int64_t>(X.shape(0)), nullptr, Z.data(), A.data()};
    nb::gil_scoped_release release;
    kernels<Real>().predict(job, workspace);
    return result;
}

template <class Real>
double loss_and_gradient(const Network& network, const Vector<Real>& theta, const Matrix<Real>& X,
                         const Targets<Real>& Y, const std::optional<Vector<Real>>& weights, const Loss& loss,
                         std::optional<MutableVector<Real>> gradient, Workspace& workspace) {
    Gradient<Real> job{model_of(network, theta), table_of(network, loss, X, Y, weights), loss};
    if (gradient) {
        check_size("the gradient", static_cast<int64_t>(gradient->size()), network.parameters());
        job.gradient = gradient->data();
    }
    nb::gil_scoped_release release;
    kernels<Real>().gradient(job, workspace);
    return job.result;
}

template <class Real>
double loss_only(const Network& network, const Vector<Real>& theta, const Matrix<Real>& X, const Targets<Real>& Y,
                 const std::optional<Vector<Real>>& weights, const Loss& loss, Workspace& workspace) {
    return loss_and_gradient<Real>(network, theta, X, Y, weights, loss, std::nullopt, workspace);
}

struct EpochResult {
    double loss;
    double gradient_norm;
    int64_t failed_step;
    nb::object step_losses;
    nb::object step_squares;
};

void check_factors(const char* what, const Network& network, const std::vector<double>& factors, const double*& to) {
    if (factors.empty()) return;
    check_size(what, static_cast<int64_t>(factors.size()) / Update::kGroups, network.parametric_layers());
    to = factors.data();
}

void check_order(const Vector<int64_t>& order, int64_t rows, int64_t batch_size, size_t rates) {
    if (batch_size < 1 || batch_size > (1 << 24))
        refuse("batch_size", "between 1 and 2^24", std::to_string(batch_size));
    const int64_t size = static_cast<int64_t>(order.size());
    check_size("rates", static_cast<int64_t>(rates), (size + batch_size - 1) / batch_size);
    for (int64_t i = 0; i < size; ++i)
        if (order.data()[i] < 0 || order.data()[i] >= rows)
            refuse("a row in order", "in 0.." + std::to_string(rows - 1), std::to_string(order.data()[i]));
}

template <class Real>
EpochResult train_epoch(const Network& network, const MutableVector<Real>& theta, const MutableMatrix<Real>& state,
                        const Matrix<Real>& X, const Targets<Real>& Y, const std::optional<Vector<Real>>& weights,
                        const Vector<int64_t>& order, int64_t batch_size, const Loss& loss, const UpdateHolder& update,
                        const Vector<double>& rates, int64_t steps_before, uint64_t seed, uint64_t epoch,
                        Workspace& workspace) {
    Epoch<Real> job;
    job.model = model_of<Real>(network, theta.data(), static_cast<int64_t>(theta.size()));
    job.table = table_of(network, loss, X, Y, weights);
    job.loss = loss;
    job.update = update.update;
    check_factors("rate_factors", network, update.rate_factors, job.update.rate_factors);
    check_factors("decay_factors", network, update.decay_factors, job.update.decay_factors);
    if (static_cast<int64_t>(state.shape(0)) != job.update.slots() ||
        static_cast<int64_t>(state.shape(1)) != network.parameters())
        refuse("the state", std::to_string(job.update.slots()) + " x " + std::to_string(network.parameters()),
               std::to_string(state.shape(0)) + " x " + std::to_string(state.shape(1)));
    job.state = state.data();
    check_order(order, job.table.rows, batch_size, rates.size());
    job.order = order.data();
    job.order_size = static_cast<int64_t>(order.size());
    job.batch_size = static_cast<int>(batch_size);
    job.rates = rates.data();
    job.steps_before = steps_before;
    job.seed = seed;
    job.number = epoch;
    const NewVector<double> losses = new_vector<double>(rates.size()), squares = new_vector<double>(rates.size());
    job.step_losses = losses.data();
    job.step_squares = squares.data();
    {
        nb::gil_scoped_release release;
        kernels<Real>().train_epoch(job, workspace);
    }
    return {job.mean_loss, job.gradient_norm, job.failed_step, nb::cast(losses), nb::cast(squares)};
}

template <class Real>
bool all_finite(const Values<Real>& values) {
    return kernels<Real>().all_finite(values.data(), static_cast<int64_t>(values.size()));
}

template <class Real>
void add_doors_of(nb::module_& m) {
    using nb::arg;
    m.def("all_finite", &all_finite<Real>, arg("values").noconvert(), "Whether there is no NaN and no infinity.");
    m.def("predict", &predict<Real>, arg("network"), arg("theta").noconvert(), arg("X").noconvert(),
          arg("out").noconvert(), arg("workspace"), "out <- the network's outputs for X; dropout is off.");
    m.def("embed", &embed<Real>, arg("network"), arg("theta").noconvert(), arg("X").noconvert(), arg("workspace"),
          "What the embedding makes of X: the inputs of the first dense layer.");
    m.def("activations", &activations<Real>, arg("network"), arg("theta").noconvert(), arg("X").noconvert(),
          arg("workspace"), "(Z, A) of each dense layer; dropout is off.");
    m.def("loss_and_gradient", &loss_and_gradient<Real>, arg("network"), arg("theta").noconvert(), arg("X").noconvert(),
          arg("Y").noconvert(), arg("weights").noconvert().none(), arg("loss"), arg("gradient").noconvert(),
          arg("workspace"), "The mean loss over the rows; gradient, where it is not None, <- its gradient.");
    m.def("loss", &loss_only<Real>, arg("network"), arg("theta").noconvert(), arg("X").noconvert(),
          arg("Y").noconvert(), arg("weights").noconvert().none(), arg("loss"), arg("workspace"),
          "The mean loss over the rows.");
    m.def("train_epoch", &train_epoch<Real>, arg("network"), arg("theta").noconvert(), arg("state").noconvert(),
          arg("X").noconvert(), arg("Y").noconvert(), arg("weights").noconvert().none(), arg("order").noconvert(),
          arg("batch_size"), arg("loss"), arg("update"), arg("rates").noconvert(), arg("steps_before"), arg("seed"),
          arg("epoch"), arg("workspace"), "One step for each batch of `order`; theta and state change in place.");
}

}  // namespace

void add_doors(nb::module_& m) {
    nb::class_<EpochResult>(m, "Epoch", "What an epoch reports.")
        .def_ro("loss", &EpochResult::loss)
        .def_ro("gradient_norm", &EpochResult::gradient_norm)
        .def_ro("failed_step", &EpochResult::failed_step)
        .def_ro("step_losses", &EpochResult::step_losses,
                "(steps,) mean loss of each batch; what comes after a failed step is not set.")
        .def_ro("step_squares", &EpochResult::step_squares,
                "(steps,) sum of squares of every W as the step met it; as above.");
    add_doors_of<float>(m);
    add_doors_of<double>(m);
}

}  // namespace ranvier::bindings

// The few entry points of the engine: predict, activations, loss and gradient, one epoch of training.
#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/variant.h>
#include <nanobind/stl/vector.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include "arguments.h"
#include "descriptions.h"
#include "engine_call.h"
#include "shuffle.h"

namespace ranvier::bindings {

namespace {

template <class Real, class Rows>
void predict(const Network& network, const Vector<Real>& theta, const Rows& X, const MutableMatrix<Real>& out,
             Workspace& workspace) {
    check_rows(network, X);
    if (static_cast<int64_t>(out.shape(0)) != count_of(X) || static_cast<int64_t>(out.shape(1)) != network.outputs())
        refuse("out", std::to_string(count_of(X)) + " x " + std::to_string(network.outputs()),
               std::to_string(out.shape(0)) + " x " + std::to_string(out.shape(1)));
    const ModelFor<Real> whole(network, theta, X);
    Prediction<Real> job;
    job.model = whole.model;
    job.Y_hat = out.data();
    put_rows(job, X);
    EngineCall call(&workspace);
    kernels<Real>().predict(job, call.workspace());
    call.finish();
}

template <class Real>
NewMatrix<Real> embed(const Network& network, const Vector<Real>& theta, const Matrix<Real>& X, Workspace& workspace) {
    check_rows(network, X);
    if (network.layers().front().kind != LayerKind::embedding) refuse("the first layer", "an embedding", "another one");
    auto embedded = new_matrix<Real>(static_cast<int64_t>(X.shape(0)), network.layers().front().units);
    Prediction<Real> job{model_of(network, theta), X.data(), static_cast<int64_t>(X.shape(0))};
    job.embedded = embedded.data();
    EngineCall call(&workspace);
    kernels<Real>().predict(job, call.workspace());
    call.finish();
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
    EngineCall call(&workspace);
    kernels<Real>().predict(job, call.workspace());
    call.finish();
    return result;
}

template <class Real, class Rows>
double loss_and_gradient(const Network& network, const Vector<Real>& theta, const Rows& X, const Targets<Real>& Y,
                         const std::optional<Vector<Real>>& weights, const Loss& loss,
                         std::optional<MutableVector<Real>> gradient, Workspace& workspace, double dropout,
                         uint64_t seed, uint64_t number) {
    const ModelFor<Real> whole(network, theta, X);
    Gradient<Real> job{whole.model, table_of<Real>(network, loss, X, Y, weights), loss};
    if (!(dropout >= 0 && dropout <= 1)) refuse("dropout", "a factor in [0, 1]", std::to_string(dropout));
    job.dropout = dropout;
    job.seed = seed;
    job.number = number;
    if (gradient) {
        check_size("the gradient", static_cast<int64_t>(gradient->size()), network.parameters());
        job.gradient = gradient->data();
    }
    EngineCall call(&workspace);
    kernels<Real>().gradient(job, call.workspace());
    call.finish();
    return job.result;
}

template <class Real, class Rows>
double loss_only(const Network& network, const Vector<Real>& theta, const Rows& X, const Targets<Real>& Y,
                 const std::optional<Vector<Real>>& weights, const Loss& loss, Workspace& workspace) {
    return loss_and_gradient<Real>(network, theta, X, Y, weights, loss, std::nullopt, workspace, 0, 0, 0);
}

struct EpochResult {
    double loss;
    double gradient_norm;
    int64_t failed_step;
    nb::object step_losses = nb::none();
    nb::object step_squares = nb::none();
};

void check_factors(const char* what, const Network& network, const std::vector<double>& factors, const double*& to) {
    if (factors.empty()) return;
    check_size(what, static_cast<int64_t>(factors.size()) / Update::kGroups, network.parametric_layers());
    to = factors.data();
}

// Factors of a schedule, one for each step.
const double* factors_of_steps(const char* what, const std::optional<Vector<double>>& factors, size_t steps,
                               double most) {
    if (!factors) return nullptr;
    check_size(what, static_cast<int64_t>(factors->size()), static_cast<int64_t>(steps));
    for (size_t i = 0; i < steps; ++i)
        if (!(factors->data()[i] >= 0 && factors->data()[i] <= most))
            refuse(std::string("a factor in ") + what, "in [0, " + std::to_string(most) + "]",
                   std::to_string(factors->data()[i]));
    return factors->data();
}

void check_order(const Vector<int64_t>& order, int64_t rows, int64_t batch_size, size_t rates) {
    if (batch_size < 1 || batch_size > (1 << 24))
        refuse("batch_size", "between 1 and 2^24", std::to_string(batch_size));
    const int64_t size = static_cast<int64_t>(order.size());
    check_size("rates", static_cast<int64_t>(rates), (size + batch_size - 1) / batch_size);
    bool outside = false;
    for (int64_t i = 0; i < size; ++i) outside |= static_cast<uint64_t>(order.data()[i]) >= static_cast<uint64_t>(rows);
    for (int64_t i = 0; outside && i < size; ++i)
        if (order.data()[i] < 0 || order.data()[i] >= rows)
            refuse("a row in order", "in 0.." + std::to_string(rows - 1), std::to_string(order.data()[i]));
}

template <class Real, class Rows>
EpochResult train_epoch(const Network& network, const MutableVector<Real>& theta, const MutableMatrix<Real>& state,
                        const Rows& X, const Targets<Real>& Y, const std::optional<Vector<Real>>& weights,
                        const Vector<int64_t>& order, int64_t batch_size, const Loss& loss, const UpdateHolder& update,
                        const Vector<double>& rates, int64_t steps_before, uint64_t seed, uint64_t epoch,
                        Workspace& workspace, bool step_records, const std::optional<Vector<double>>& decays,
                        const std::optional<Vector<double>>& dropouts) {
    const ModelFor<Real> whole(network, Vector<Real>(theta), X);
    Epoch<Real> job;
    job.model = whole.model;
    job.table = table_of<Real>(network, loss, X, Y, weights);
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
    job.decays = factors_of_steps("decays", decays, rates.size(), std::numeric_limits<double>::max());
    job.dropouts = factors_of_steps("dropouts", dropouts, rates.size(), 1);
    job.steps_before = steps_before;
    job.seed = seed;
    job.number = epoch;
    EpochResult result;
    if (step_records) {
        const NewVector<double> losses = new_vector<double>(rates.size()), squares = new_vector<double>(rates.size());
        job.step_losses = losses.data();
        job.step_squares = squares.data();
        result.step_losses = nb::cast(losses);
        result.step_squares = nb::cast(squares);
    }
    EngineCall call(&workspace);
    kernels<Real>().train_epoch(job, call.workspace());
    call.finish();
    result.loss = job.mean_loss;
    result.gradient_norm = job.gradient_norm;
    result.failed_step = job.failed_step;
    return result;
}

int64_t checked_size(size_t rows) {
    if (rows > std::numeric_limits<uint32_t>::max())
        refuse("the rows to shuffle", "fewer than 2^32", std::to_string(rows));
    return static_cast<int64_t>(rows);
}

NewVector<int64_t> shuffled(const Vector<int64_t>& rows, uint64_t seed, uint64_t epoch) {
    const int64_t size = checked_size(rows.size());
    NewVector<int64_t> order = new_vector<int64_t>(size);
    std::copy(rows.data(), rows.data() + size, order.data());
    shuffle(order.data(), size, seed, epoch);
    return order;
}

void shuffle_by(const MutableVector<int64_t>& rows, const nb::capsule& generator) {
    const char* const name = generator.name();
    if (!name || std::string_view(name) != BitGenerator::kName)
        refuse("the capsule", "of a bit generator of NumPy's", name ? name : "one without a name");
    shuffle(rows.data(), checked_size(rows.size()), *static_cast<const BitGenerator*>(generator.data()));
}

template <class Real>
bool all_finite(const Values<Real>& values) {
    const WithoutLock without_lock;
    return kernels<Real>().all_finite(values.data(), static_cast<int64_t>(values.size()));
}

// The entry points that take rows of either kind.
template <class Real, class Rows>
void add_entry_points_for(nb::module_& m) {
    using nb::arg;
    m.def("predict", &predict<Real, Rows>, arg("network"), arg("theta").noconvert(), arg("X").noconvert(),
          arg("out").noconvert(), arg("workspace"), "out <- the network's outputs for X; dropout is off.");
    m.def(
        "loss_and_gradient", &loss_and_gradient<Real, Rows>, arg("network"), arg("theta").noconvert(),
        arg("X").noconvert(), arg("Y").noconvert(), arg("weights").noconvert().none(), arg("loss"),
        arg("gradient").noconvert(), arg("workspace"), nb::kw_only(), arg("dropout") = 0.0, arg("seed") = 0,
        arg("number") = 0,
        "The mean loss over the rows; gradient, where it is not None, <- its gradient. dropout: a factor of its rates, "
        "by which the masks of (seed, number) and of each row's place take part; 0: it is off.");
    m.def("loss", &loss_only<Real, Rows>, arg("network"), arg("theta").noconvert(), arg("X").noconvert(),
          arg("Y").noconvert(), arg("weights").noconvert().none(), arg("loss"), arg("workspace"),
          "The mean loss over the rows.");
    m.def("train_epoch", &train_epoch<Real, Rows>, arg("network"), arg("theta").noconvert(), arg("state").noconvert(),
          arg("X").noconvert(), arg("Y").noconvert(), arg("weights").noconvert().none(), arg("order").noconvert(),
          arg("batch_size"), arg("loss"), arg("update"), arg("rates").noconvert(), arg("steps_before"), arg("seed"),
          arg("epoch"), arg("workspace"), arg("step_records") = false, nb::kw_only(),
          arg("decays").noconvert().none() = nb::none(), arg("dropouts").noconvert().none() = nb::none(),
          "One step for each batch of `order`; theta and state change in place. Of each step: its learning rate and, "
          "where given, factors of the weight decay and of the rates of dropout.");
}

template <class Real>
void add_entry_points_of(nb::module_& m, const char* sparse_name) {
    using nb::arg;
    nb::class_<Sparse<Real>>(m, sparse_name, "Rows most of whose cells are empty: the arrays of a CSR matrix.")
        .def(
            "__init__",
            [](Sparse<Real>* self, Vector<Real> values, Vector<int32_t> columns, Vector<int64_t> starts,
               int64_t width) { new (self) Sparse<Real>{values, columns, starts, width}; },
            arg("values").noconvert(), arg("columns").noconvert(), arg("starts").noconvert(), arg("width"));
    m.def("all_finite", &all_finite<Real>, arg("values").noconvert(), "Whether there is no NaN and no infinity.");
    m.def("embed", &embed<Real>, arg("network"), arg("theta").noconvert(), arg("X").noconvert(), arg("workspace"),
          "What the embedding makes of X: the inputs of the first dense layer.");
    m.def("activations", &activations<Real>, arg("network"), arg("theta").noconvert(), arg("X").noconvert(),
          arg("workspace"), "(Z, A) of each dense layer; dropout is off.");
    add_entry_points_for<Real, Matrix<Real>>(m);
    add_entry_points_for<Real, Sparse<Real>>(m);
}

}  // namespace

void add_entry_points(nb::module_& m) {
    nb::class_<EpochResult>(m, "Epoch", "What an epoch reports.")
        .def_ro("loss", &EpochResult::loss)
        .def_ro("gradient_norm", &EpochResult::gradient_norm)
        .def_ro("failed_step", &EpochResult::failed_step)
        .def_ro(
            "step_losses", &EpochResult::step_losses,
            "(steps,) mean loss of each batch, not set after a failed step; None unless step_records was asked for.")
        .def_ro("step_squares", &EpochResult::step_squares,
                "(steps,) sum of squares of every W as the step met it; as above.");
    m.def("shuffled", &shuffled, nb::arg("rows").noconvert(), nb::arg("seed"), nb::arg("epoch"),
          "The rows in another order, which is a function of (seed, epoch).");
    m.def("shuffle_by", &shuffle_by, nb::arg("rows").noconvert(), nb::arg("generator"),
          "Shuffles the rows as numpy.random.RandomState does; generator: the capsule of its bit generator, locked.");
    add_entry_points_of<float>(m, "SparseFloat32");
    add_entry_points_of<double>(m, "SparseFloat64");
}

}  // namespace ranvier::bindings

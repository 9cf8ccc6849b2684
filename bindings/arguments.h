// What the entry points are given, checked and put together: the model and the rows of a job.
#pragma once

#include <nanobind/stl/optional.h>
#include <nanobind/stl/variant.h>

#include <cmath>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "arrays.h"
#include "machine/kernels.h"
#include "sparse.h"

namespace ranvier::bindings {

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

// A const theta is only read by these entry points; the one that writes takes a mutable array.
template <class Real>
Model<Real> model_of(const Network& network, const Vector<Real>& theta) {
    return model_of<Real>(network, const_cast<Real*>(theta.data()), static_cast<int64_t>(theta.size()));
}

template <class Real>
int64_t width_of(const Matrix<Real>& X) {
    return static_cast<int64_t>(X.shape(1));
}
template <class Real>
int64_t width_of(const Sparse<Real>& X) {
    return X.width;
}
template <class Real>
int64_t count_of(const Matrix<Real>& X) {
    return static_cast<int64_t>(X.shape(0));
}
template <class Real>
int64_t count_of(const Sparse<Real>& X) {
    return X.rows();
}

// The model for some X. Over sparse rows the first W is taken out of the layers: see Model.
template <class Real>
struct ModelFor {
    ModelFor(const Network& network, const Vector<Real>& theta, const Matrix<Real>&)
        : model(model_of<Real>(network, theta)) {}
    ModelFor(const Network& network, const Vector<Real>& theta, const Sparse<Real>&)
        : model(model_of<Real>(network, theta)), layers_(network.layers()) {
        Layer& first = layers_.front();
        if (!first.is_dense() || first.parametric)
            refuse("the first layer over sparse rows", "dense, with a plain activation", "another one");
        model.sparse_W = model.theta + first.start;
        model.sparse_inputs = model.inputs;
        first.start += int64_t{first.inputs} * first.units;
        first.size = first.units;
        model.inputs = first.inputs = 0;
        model.layers = layers_.data();
    }
    ModelFor(const ModelFor&) = delete;

    Model<Real> model;

  private:
    std::vector<Layer> layers_;
};

template <class Rows>
void check_width(const char* what, const Rows& rows, int columns) {
    if (width_of(rows) != columns)
        refuse(what, std::to_string(columns) + " columns wide", std::to_string(width_of(rows)) + " columns wide");
}

// A code names a row of a table: a whole number below its size.
template <class Real>
void check_codes(const Network& network, const Matrix<Real>& X) {
    const Layer& layer = network.layers().front();
    if (layer.kind != LayerKind::embedding) return;
    for (int i = 0; i < layer.column_count; ++i) {
        const Column& column = layer.columns[i];
        if (column.kind != ColumnKind::category) continue;
        const Real size = static_cast<Real>(column.size);
        for (size_t r = 0; r < X.shape(0); ++r) {
            const Real code = X.data()[r * X.shape(1) + static_cast<size_t>(column.input)];
            if (!(code >= 0 && code < size && code == std::floor(code)))
                refuse("a category code in column " + std::to_string(column.input) + " of X",
                       "a whole number in 0.." + std::to_string(column.size - 1) + " (0 for what is missing or new)",
                       nb::str(nb::float_(static_cast<double>(code))).c_str() + (" (row " + std::to_string(r) + ")"));
        }
    }
}

template <class Real>
void check_codes(const Network&, const Sparse<Real>&) {}

template <class Rows>
void check_rows(const Network& network, const Rows& X) {
    check_width("X", X, network.inputs());
    check_codes(network, X);
}

inline void check_trainable(const Network& network, const Loss& loss) {
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

// Puts rows where a job looks for them.
template <class Job, class Real>
void put_rows(Job& job, const Matrix<Real>& X) {
    job.X = X.data();
    job.rows = count_of(X);
}
template <class Job, class Real>
void put_rows(Job& job, const Sparse<Real>& X) {
    job.sparse = X.checked();
    job.rows = count_of(X);
}

template <class Real, class Rows>
Table<Real> table_of(const Network& network, const Loss& loss, const Rows& X, const Targets<Real>& Y,
                     const std::optional<Vector<Real>>& weights) {
    check_trainable(network, loss);
    check_rows(network, X);
    Table<Real> table;
    put_rows(table, X);
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

}  // namespace ranvier::bindings

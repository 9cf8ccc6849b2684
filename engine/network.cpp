#include "network.h"

#include <cmath>
#include <stdexcept>
#include <utility>

namespace ranvier {

namespace {

constexpr const char* kActivationNames[] = {
    "identity", "relu", "leaky_relu", "relu6",    "elu",          "selu",      "gelu", "gelu_tanh", "silu",    "mish",
    "sigmoid",  "tanh", "softplus",   "softsign", "hard_sigmoid", "hard_tanh", "step", "exp",       "softmax",
};

// Sizes are checked before anything is multiplied, so that no count below can overflow.
constexpr int kLargestSize = 1 << 24;
constexpr int64_t kLargestBlock = int64_t{1} << 40;
constexpr int64_t kLargestColumn = int64_t{1} << 30;

void check_columns(const std::vector<Column>& columns, const std::vector<std::vector<double>>& edges, int inputs) {
    if (static_cast<int64_t>(columns.size()) != inputs || edges.size() != columns.size())
        throw std::invalid_argument("an embedding needs one column for each of the " + std::to_string(inputs) +
                                    " inputs, but got " + std::to_string(columns.size()));
    for (size_t i = 0; i < columns.size(); ++i) {
        const Column& column = columns[i];
        const std::string name = "column " + std::to_string(i) + " of the embedding";
        if (column.kind != ColumnKind::plain && (column.size < 1 || column.size > kLargestSize))
            throw std::invalid_argument(name + " needs a size between 1 and " + std::to_string(kLargestSize) +
                                        ", but got " + std::to_string(column.size));
        if (column.width < 1 || column.learnt() < 1 || column.width > kLargestSize)
            throw std::invalid_argument(name + " needs a width of at least 1, but got " + std::to_string(column.width));
        if (column.kind != ColumnKind::piecewise) continue;
        if (static_cast<int64_t>(edges[i].size()) != column.size + 1)
            throw std::invalid_argument(name + " needs one edge more than bins");
        for (size_t t = 0; t < edges[i].size(); ++t)
            if (!std::isfinite(edges[i][t]) || (t > 0 && !(edges[i][t] > edges[i][t - 1])))
                throw std::invalid_argument("the edges of " + name + " must be finite and ascend");
    }
}

int64_t values_of(const Column& column) {
    const int64_t size = column.size, width = column.learnt();
    switch (column.kind) {
        case ColumnKind::plain: return 0;
        case ColumnKind::periodic: return 2 * size + (size + 1) * width;        // w, b, V, c
        case ColumnKind::piecewise: return (size + 1 + column.linear) * width;  // c, M, a
        case ColumnKind::category: return size * width;
    }
    return 0;
}

}  // namespace

Activation activation_named(const std::string& name) {
    int index = 0;
    for (const char* known : kActivationNames) {
        if (name == known) return static_cast<Activation>(index);
        ++index;
    }
    throw std::invalid_argument("unknown activation '" + name + "': expected one of the names in ranvier.activations");
}

const char* name_of(Activation activation) { return kActivationNames[static_cast<int>(activation)]; }

Network::Network(int inputs) : inputs_(inputs) {
    if (inputs < 1 || inputs > kLargestSize)
        throw std::invalid_argument("a network needs between 1 and " + std::to_string(kLargestSize) +
                                    " inputs, but got " + std::to_string(inputs));
}

void Network::add_dense(int units, const std::string& activation, double parameter, bool parametric) {
    if (units < 1 || units > kLargestSize)
        throw std::invalid_argument("a dense layer needs between 1 and " + std::to_string(kLargestSize) +
                                    " units, but got " + std::to_string(units));
    if (!layers_.empty() && layers_.back().activation == Activation::softmax)
        throw std::invalid_argument("softmax belongs to the output: no layer can follow it");
    Layer layer;
    layer.kind = LayerKind::dense;
    layer.inputs = layers_.empty() ? inputs_ : layers_.back().units;
    layer.units = units;
    layer.activation = activation_named(activation);
    layer.parameter = parameter;
    layer.parametric = parametric;
    if (parametric && layer.activation == Activation::softmax)
        throw std::invalid_argument("softmax cannot be parametric: it is no function of single values");
    layer.depth = dense_layers();
    layer.param_group = parametric_layers();
    layer.start = parameters();
    layer.size = (int64_t{layer.inputs} + 1 + parametric) * units;
    if (layer.start + layer.parameters() > kLargestBlock)
        throw std::invalid_argument("the network has more than 2^40 parameters");
    layers_.push_back(layer);
}

void Network::add_dropout(double rate) {
    if (!(rate >= 0 && rate < 1))
        throw std::invalid_argument("the rate of a dropout layer must lie in [0, 1), but got " + std::to_string(rate));
    if (!layers_.empty() && layers_.back().activation == Activation::softmax)
        throw std::invalid_argument("softmax belongs to the output: no layer can follow it");
    Layer layer;
    layer.kind = LayerKind::dropout;
    layer.inputs = layer.units = layers_.empty() ? inputs_ : layers_.back().units;
    layer.rate = rate;
    layer.depth = dense_layers();
    layer.param_group = parametric_layers();
    layer.start = parameters();
    layers_.push_back(layer);
}

void Network::add_embedding(const std::vector<Column>& columns, const std::vector<std::vector<double>>& edges,
                            bool scaled) {
    if (!layers_.empty()) throw std::invalid_argument("an embedding can only be the first layer");
    check_columns(columns, edges, inputs_);
    auto embedding = std::make_shared<Embedding>(Embedding{{}, {}, edges});
    int64_t units = 0, size = 0;
    int slot = 0;
    for (size_t i = 0; i < columns.size(); ++i) {
        Column column = columns[i];
        column.input = static_cast<int>(i);
        column.first = static_cast<int>(units);
        column.slot = slot;
        column.start = size;
        column.values = values_of(column);
        column.edges = embedding->edges[i].data();
        units += column.width;
        size += column.values;
        if (units > kLargestSize)
            throw std::invalid_argument("an embedding gives at most " + std::to_string(kLargestSize) + " numbers");
        if (column.values > kLargestColumn)
            throw std::invalid_argument("column " + std::to_string(i) + " of the embedding has more than 2^30 values");
        if (size > kLargestBlock) throw std::invalid_argument("the network has more than 2^40 parameters");
        if (column.kind != ColumnKind::plain) {
            slot += column.width;
            embedding->columns.push_back(column);
        } else if (i > 0 && columns[i - 1].kind == ColumnKind::plain) {
            ++embedding->runs.back().width;
        } else {
            embedding->runs.push_back({column.input, column.first, 1});
        }
    }
    Layer layer;
    layer.kind = LayerKind::embedding;
    layer.inputs = inputs_;
    layer.units = static_cast<int>(units);
    layer.scaled = scaled;
    layer.size = size + (scaled ? units : 0);
    layer.columns = embedding->columns.data();
    layer.column_count = static_cast<int>(embedding->columns.size());
    layer.runs = embedding->runs.data();
    layer.run_count = static_cast<int>(embedding->runs.size());
    embedding_ = std::move(embedding);
    layers_.push_back(layer);
}

void Network::check_complete() const {
    if (layers_.empty() || !layers_.back().is_dense())
        throw std::invalid_argument("a network must end with a dense layer, which gives its outputs");
    if (layers_.back().parametric)
        throw std::invalid_argument("the last layer cannot be parametric: its activation belongs to the loss");
}

int Network::outputs() const { return layers_.empty() ? inputs_ : layers_.back().units; }

int Network::dense_layers() const {
    int count = 0;
    for (const Layer& layer : layers_) count += layer.is_dense();
    return count;
}

int Network::parametric_layers() const {
    return dense_layers() + (!layers_.empty() && layers_.front().kind == LayerKind::embedding);
}

int64_t Network::parameters() const { return layers_.empty() ? 0 : layers_.back().start + layers_.back().parameters(); }

}  // namespace ranvier

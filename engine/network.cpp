#include "network.h"

#include <stdexcept>

namespace ranvier {

namespace {

constexpr const char* kActivationNames[] = {
    "identity", "relu", "leaky_relu", "relu6",    "elu",          "selu",      "gelu", "gelu_tanh", "silu",    "mish",
    "sigmoid",  "tanh", "softplus",   "softsign", "hard_sigmoid", "hard_tanh", "step", "exp",       "softmax",
};

// Sizes are checked before anything is multiplied, so that no count below can overflow.
constexpr int kLargestSize = 1 << 24;
constexpr int64_t kLargestBlock = int64_t{1} << 40;

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

void Network::add_dense(int units, const std::string& activation, double parameter) {
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
    layer.depth = dense_layers();
    layer.start = parameters();
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
    layer.start = parameters();
    layers_.push_back(layer);
}

void Network::check_complete() const {
    if (layers_.empty() || !layers_.back().is_dense())
        throw std::invalid_argument("a network must end with a dense layer, which gives its outputs");
}

int Network::outputs() const { return layers_.empty() ? inputs_ : layers_.back().units; }

int Network::dense_layers() const {
    int count = 0;
    for (const Layer& layer : layers_) count += layer.is_dense();
    return count;
}

int64_t Network::parameters() const { return layers_.empty() ? 0 : layers_.back().start + layers_.back().parameters(); }

}  // namespace ranvier

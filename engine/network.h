// What a network is: layers in order, their sizes, and where their parameters lie in the one flat block.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace ranvier {

enum class Activation {
    identity,
    relu,
    leaky_relu,
    relu6,
    elu,
    selu,
    gelu,
    gelu_tanh,
    silu,
    mish,
    sigmoid,
    tanh,
    softplus,
    softsign,
    hard_sigmoid,
    hard_tanh,
    step,
    exp,
    softmax,
};

// The kinds of layer, a closed set: a new kind is a header in equations/ and a case in passes.h.
enum class LayerKind { dense, dropout };

// A plain struct, because the code compiled once per instruction set must not touch standard containers.
struct Layer {
    LayerKind kind = LayerKind::dense;
    int inputs = 0;
    int units = 0;
    Activation activation = Activation::identity;
    double parameter = 0;  // slope of leaky_relu, alpha of elu
    double rate = 0;       // dropout: the share of units set to zero
    int depth = 0;         // how many dense layers lie below it
    int64_t start = 0;     // W (inputs x units, row-major) and then b (units) start here in the flat block

    bool is_dense() const { return kind == LayerKind::dense; }
    int64_t parameters() const { return is_dense() ? (int64_t{inputs} + 1) * units : 0; }
};

// A frozen description. Throws std::invalid_argument with a full sentence when layers do not fit together.
class Network {
  public:
    explicit Network(int inputs);
    void add_dense(int units, const std::string& activation, double parameter);
    void add_dropout(double rate);
    void check_complete() const;

    int inputs() const { return inputs_; }
    int outputs() const;
    int dense_layers() const;
    int64_t parameters() const;
    const Layer& output_layer() const { return layers_.back(); }
    const std::vector<Layer>& layers() const { return layers_; }

  private:
    int inputs_;
    std::vector<Layer> layers_;
};

Activation activation_named(const std::string& name);
const char* name_of(Activation activation);

}  // namespace ranvier

// What a network is: layers in order, their sizes, and where their parameters lie in the one flat block.
#pragma once

#include <cstdint>
#include <memory>
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
enum class LayerKind { dense, dropout, embedding };

// What becomes of a column of X (equations/embedding.h), a closed set as well.
enum class ColumnKind { plain, periodic, piecewise, category };

struct Column {
    ColumnKind kind = ColumnKind::plain;
    int size = 0;        // periodic: frequencies; piecewise: bins; category: rows of the table
    int width = 1;       // numbers it gives: the embedding's units from `first` on
    bool linear = true;  // piecewise: whether x itself takes part
    int input = 0;       // the column of X
    int first = 0;
    int slot = 0;       // like first, among the numbers that learnt columns give
    int64_t start = 0;  // its values start here in the flat block
    int64_t values = 0;
    const double* edges = nullptr;  // piecewise: bins + 1, ascending

    // The outputs that are learnt; a periodic column passes x on as its last.
    int learnt() const { return kind == ColumnKind::periodic ? width - 1 : width; }
};

// Columns of X side by side that are passed on as they are: width of them from `input` on become units from `first` on.
struct PlainRun {
    int input, first, width;
};

struct Embedding {
    std::vector<Column> columns;             // those that are learnt
    std::vector<PlainRun> runs;              // and the others
    std::vector<std::vector<double>> edges;  // what the columns point to
};

// A plain struct, because the code compiled once per instruction set must not touch standard containers.
struct Layer {
    LayerKind kind = LayerKind::dense;
    int inputs = 0;
    int units = 0;
    Activation activation = Activation::identity;
    double parameter = 0;  // slope of leaky_relu, alpha of elu
    double rate = 0;       // dropout: the fraction of units set to zero
    int depth = 0;         // how many dense layers lie below it
    int64_t start = 0;    // W (inputs x units, row-major), b and the alpha of a parametric activation start here in the
                          // flat block; of an embedding the values of its columns, one after the other, and its scale
    int64_t size = 0;     // how many parameters
    int param_group = 0;  // of Update's factors: how many layers with parameters lie below it
    bool parametric = false;          // dense: A = Z + alpha (f(Z) - Z)
    bool scaled = false;              // embedding: each unit has a learnt factor
    const Column* columns = nullptr;  // embedding: those of its columns that are learnt, and the runs of the others
    const PlainRun* runs = nullptr;
    int column_count = 0, run_count = 0;

    bool is_dense() const { return kind == LayerKind::dense; }
    int64_t parameters() const { return size; }
};

// A frozen description. Throws std::invalid_argument with a full sentence when layers do not fit together.
class Network {
  public:
    explicit Network(int inputs);
    void add_dense(int units, const std::string& activation, double parameter, bool parametric = false);
    void add_dropout(double rate);
    // Only as the first layer. Of each column: kind, size, width, linear, and beside it the edges of a piecewise one.
    void add_embedding(const std::vector<Column>& columns, const std::vector<std::vector<double>>& edges, bool scaled);
    void check_complete() const;

    int inputs() const { return inputs_; }
    int outputs() const;
    int dense_layers() const;
    int parametric_layers() const;  // those with parameters: rows of Update's factors
    int64_t parameters() const;
    const Layer& output_layer() const { return layers_.back(); }
    const std::vector<Layer>& layers() const { return layers_; }

  private:
    int inputs_;
    std::vector<Layer> layers_;
    std::shared_ptr<const Embedding> embedding_;  // shared by copies, since the layer points into it
};

Activation activation_named(const std::string& name);
const char* name_of(Activation activation);

}  // namespace ranvier

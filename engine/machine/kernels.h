// The entry points of the engine: what can be asked of it, as plain structs, and one table of functions per instruction
// set.
#pragma once

#include <cstdint>

#include "loss_and_update.h"
#include "machine/workspace.h"
#include "network.h"

namespace ranvier {

// The layers of a network and its flat block of parameters.
template <class Real>
struct Model {
    const Layer* layers = nullptr;
    int layer_count = 0;
    int inputs = 0;
    int outputs = 0;
    int dense_layers = 0;
    int64_t parameters = 0;
    Real* theta = nullptr;
    // Where X is sparse: the W of the first dense layer, which stays where it lies. Among `layers` that layer then has
    // no inputs, and begins with its b.
    Real* sparse_W = nullptr;
    int sparse_inputs = 0;

    const Layer* embedding() const { return layers[0].kind == LayerKind::embedding ? layers : nullptr; }
    // Numbers that the first dense layer takes.
    int width() const { return embedding() ? layers[0].units : inputs; }
    // Parameters lie in places: one for each dense layer, by depth, then one for each learnt column of an embedding,
    // and last one for its scale.
    int scale_place() const { return dense_layers + (embedding() ? embedding()->column_count : 0); }
    int places() const { return scale_place() + (embedding() && embedding()->scaled); }
};

// A number that another thread may be writing, read in one piece and once: what was checked is what is used.
template <class Value>
inline __attribute__((always_inline)) Value read_once(const Value* from) {
    return *static_cast<const volatile Value*>(from);
}

// Rows most of whose cells are empty: the cells of row r are starts[r]..starts[r + 1] (the CSR layout of SciPy).
template <class Real>
struct SparseRows {
    const Real* values = nullptr;
    const int32_t* columns = nullptr;
    const int64_t* starts = nullptr;
    int64_t cells = 0;  // how many values and columns there are

    struct Range {
        int64_t begin, end;
    };
    // The cells of a row: within the arrays, whatever is written into `starts` meanwhile.
    __attribute__((always_inline)) Range cells_of(int64_t row) const {
        auto inside = [this](int64_t low, int64_t cell) { return cell < low ? low : cell < cells ? cell : cells; };
        const int64_t begin = inside(0, read_once(starts + row));
        return {begin, inside(begin, read_once(starts + row + 1))};
    }
};

// Rows to learn from: X (rows x inputs), and either Y (rows x outputs) or one class label a row.
template <class Real>
struct Table {
    const Real* X = nullptr;
    const Real* Y = nullptr;
    const int32_t* labels = nullptr;
    const Real* weights = nullptr;  // one a row; null: all 1
    int64_t rows = 0;
    SparseRows<Real> sparse = {};  // in place of X, where the model has a sparse_W
};

// Y_hat = the network's outputs for X. Where Z and A are given, they hold one row-major matrix for each dense layer.
template <class Real>
struct Prediction {
    Model<Real> model;
    const Real* X = nullptr;
    int64_t rows = 0;
    Real* Y_hat = nullptr;
    Real* const* Z = nullptr;
    Real* const* A = nullptr;
    SparseRows<Real> sparse = {};  // in place of X
    Real* embedded = nullptr;      // where given: what the embedding makes of X
};

// The mean loss over a table and, where `gradient` is given, its gradient over the flat block.
template <class Real>
struct Gradient {
    Model<Real> model;
    Table<Real> table;
    Loss loss;
    Real* gradient = nullptr;
    double dropout = 0;  // a factor of the rates of dropout; 0: it is off
    uint64_t seed = 0;
    uint64_t number = 0;  // as of an epoch: with the seed the key of the dropout masks
    double result = 0;
};

// One pass over the rows that `order` names, batch by batch, with an update of theta and of its state after each.
template <class Real>
struct Epoch {
    Model<Real> model;
    Table<Real> table;
    Loss loss;
    Update update;
    Real* state = nullptr;  // update.slots() blocks of the size of theta
    const int64_t* order = nullptr;
    int64_t order_size = 0;
    int batch_size = 1;
    const double* rates = nullptr;     // the learning rate of each step
    const double* decays = nullptr;    // and, where given, factors of the weight decay
    const double* dropouts = nullptr;  // and of the rates of dropout in that step; null: all 1
    int64_t steps_before = 0;
    uint64_t seed = 0;
    uint64_t number = 0;  // of this epoch, for the dropout masks

    double* step_losses = nullptr;   // where given: the mean loss of each step's batch,
    double* step_squares = nullptr;  // and the sum of squares of every W that the step began with
    double mean_loss = 0;
    double gradient_norm = 0;  // of the last step
    int64_t failed_step = -1;  // the step whose loss was not finite; the update of that step was not done
};

// C = A B, all row-major.
template <class Real>
struct Product {
    const Real* A;
    const Real* B;
    Real* C;
    int rows, inner, columns;
};

// The mean loss of outputs and dL/dZ; table.X holds Z, of so many columns.
template <class Real>
struct OutputLoss {
    Loss loss;
    Activation output;
    Table<Real> table;
    int columns;
    Real* dZ;
};

// Step t = 1, 2, ... of parameters that all have the same learning rate and decay as a W does.
template <class Real>
struct OptimizerStep {
    const Update& update;
    int64_t t;
    double learning_rate;
    Real* theta;
    const Real* gradient;
    Real* state;  // update.slots() blocks of the size of theta
    int64_t size;
};

// Single pieces, for the tests that compare them with their witnesses.
template <class Real>
struct TestKernels {
    void (*round_trip)(const Real* A, Real* B, int rows, int columns, Arena& arena);
    void (*dropout_mask)(double rate, uint64_t seed, uint64_t epoch, uint64_t layer, const int64_t* rows, int row_count,
                         int units, Real* mask, Arena& arena);
};

template <class Real>
struct Kernels {
    void (*predict)(const Prediction<Real>& job, Workspace& workspace);
    void (*gradient)(Gradient<Real>& job, Workspace& workspace);
    void (*train_epoch)(Epoch<Real>& job, Workspace& workspace);
    bool (*all_finite)(const Real* values, int64_t size);
    bool (*elementary)(const char* name, const Real* x, Real* y, int64_t size);  // false: no such function
    void (*activation)(Activation kind, double parameter, const Real* z, Real* a, Real* slope, int64_t size,
                       Workspace& workspace);
    void (*product)(const Product<Real>& job, Workspace& workspace);
    double (*output_loss)(const OutputLoss<Real>& job, Workspace& workspace);
    void (*optimizer_step)(const OptimizerStep<Real>& job, Workspace& workspace);
    TestKernels<Real> test_kernels;
};

// The kernels of the best level this processor has, or of the one that RANVIER_LEVEL names where that is lower.
template <class Real>
const Kernels<Real>& kernels();

// The level in use, and those this build holds and this processor can run, lowest first.
const char* level_in_use();
const std::vector<const char*>& levels_available();

}  // namespace ranvier

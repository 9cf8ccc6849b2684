// A random network with random rows, dense and sparse, for trials.cpp.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "machine/kernels.h"

namespace ranvier {

// SplitMix64 (Steele et al. 2014), and no function of the C library: the same numbers on every machine.
class Draw {
  public:
    explicit Draw(uint64_t seed) : state_(seed) {}

    uint64_t bits() {
        uint64_t z = state_ += 0x9e3779b97f4a7c15u;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
        return z ^ (z >> 31);
    }
    int between(int low, int high) {  // both included
        return low + static_cast<int>(bits() % static_cast<uint64_t>(high - low + 1));
    }
    bool chance(int percent) { return between(1, 100) <= percent; }
    double uniform(double low, double high) { return low + (high - low) * static_cast<double>(bits() >> 11) * 0x1p-53; }

  private:
    uint64_t state_;
};

constexpr const char* kHidden[] = {"relu",      "leaky_relu", "relu6",        "elu",       "selu",    "gelu",
                                   "gelu_tanh", "silu",       "mish",         "sigmoid",   "tanh",    "exp",
                                   "softplus",  "softsign",   "hard_sigmoid", "hard_tanh", "identity"};
constexpr LossKind kLosses[] = {LossKind::squared_error, LossKind::absolute_error, LossKind::huber,
                                LossKind::quantile,      LossKind::poisson,        LossKind::log_loss,
                                LossKind::cross_entropy};

inline void add_random_embedding(Draw& draw, Network& network) {
    std::vector<Column> columns(static_cast<size_t>(network.inputs()));
    std::vector<std::vector<double>> edges(columns.size());
    for (size_t i = 0; i < columns.size(); ++i) {
        Column& column = columns[i];
        column.kind = static_cast<ColumnKind>(draw.between(0, 3));
        if (column.kind == ColumnKind::plain) continue;
        column.size = draw.between(1, 9);
        column.width = draw.between(column.kind == ColumnKind::periodic ? 2 : 1, 6);
        column.linear = draw.chance(50);
        if (column.kind == ColumnKind::piecewise)
            for (int t = 0; t <= column.size; ++t) edges[i].push_back(t * draw.uniform(1.0, 1.05) - 0.5 * column.size);
    }
    network.add_embedding(columns, edges, draw.chance(50));
}

inline Network random_network(Draw& draw, LossKind loss, int widest) {
    Network network(draw.between(1, widest));
    if (draw.chance(40)) add_random_embedding(draw, network);
    for (int hidden = draw.between(0, 3); hidden > 0; --hidden) {
        if (draw.chance(30)) network.add_dropout(draw.uniform(0.1, 0.6));
        const char* const name = kHidden[draw.bits() % std::size(kHidden)];
        const int units = draw.between(1, widest);  // drawn here: compilers differ in which argument they take first
        network.add_dense(units, name, 0.3, draw.chance(30));
    }
    const bool canonical = draw.chance(50);
    const char* output = "identity";
    if (canonical && loss == LossKind::cross_entropy) output = "softmax";
    if (canonical && loss == LossKind::log_loss) output = "sigmoid";
    if (canonical && loss == LossKind::poisson) output = "exp";
    network.add_dense(draw.between(1, 20), output, 0);
    return network;
}

inline Update random_update(Draw& draw) {
    Update update;
    if (draw.chance(60)) update.kind = UpdateKind::adam;
    if (update.kind == UpdateKind::sgd && draw.chance(60)) update.momentum = 0.9;
    update.nesterov = update.momentum > 0 && draw.chance(50);
    if (draw.chance(30)) update.l2 = 1e-3;
    if (draw.chance(30)) update.weight_decay = 0.01;
    if (draw.chance(30)) update.clip_norm = 0.5;
    if (draw.chance(30)) update.averaging = 0.9;
    return update;
}

struct Sizes {
    int widest;
    int fewest_rows;
    int most_rows;
    int largest_batch;
};

// Of every kind that the engine treats in its own way: odd ones, wide layers, and many rows with few parameters.
inline Sizes sizes_of(uint64_t seed) {
    switch (seed % 8) {
        case 0: return {300, 300, 900, 700};
        case 4: return {14, 2000, 4000, 4000};
        default: return {90, 1, 400, 140};
    }
}

// A network, rows and a way to train on them.
template <class Real>
struct Trial {
    Network network{1};
    Loss loss;
    Update update;
    int rows = 0;
    int batch_size = 1;
    std::vector<Real> theta, X, Y, weights;
    std::vector<int32_t> labels;
    std::vector<int64_t> order;
    std::vector<double> rates, rate_factors, decay_factors;
    std::vector<Real> cells;  // of other rows, which are sparse
    std::vector<int32_t> columns;
    std::vector<int64_t> starts{0};
    std::vector<Layer> layers;  // over those

    Trial(uint64_t seed, const Sizes& sizes);
    bool can_be_sparse() const { return network.layers().front().is_dense() && !network.layers().front().parametric; }
    Model<Real> model(std::vector<Real>& parameters, bool sparse = false) const;
    Table<Real> table(bool sparse) const;
};

template <class Real>
Trial<Real>::Trial(uint64_t seed, const Sizes& sizes) {
    Draw draw(seed);
    loss = {kLosses[draw.bits() % std::size(kLosses)], 0.5};
    if (loss.kind == LossKind::cross_entropy) loss.parameter = 0.1;
    network = random_network(draw, loss.kind, sizes.widest);
    update = random_update(draw);
    rows = draw.between(sizes.fewest_rows, sizes.most_rows);
    batch_size = draw.between(1, sizes.largest_batch);

    theta.resize(static_cast<size_t>(network.parameters()));
    for (Real& x : theta) x = static_cast<Real>(draw.uniform(-0.2, 0.2));
    X.resize(static_cast<size_t>(rows) * network.inputs());
    for (Real& x : X) x = static_cast<Real>(draw.uniform(-2, 6));  // codes of categories, too, and some of none
    if (loss.kind == LossKind::cross_entropy) {
        for (int r = 0; r < rows; ++r) labels.push_back(draw.between(0, network.outputs() - 1));
    } else {
        const bool whole = loss.kind == LossKind::poisson || loss.kind == LossKind::log_loss;
        for (int i = 0; i < rows * network.outputs(); ++i)
            Y.push_back(static_cast<Real>(whole ? draw.between(0, 1) : draw.uniform(-2, 2)));
    }
    if (draw.chance(50))
        for (int r = 0; r < rows; ++r)
            weights.push_back(static_cast<Real>(r && draw.chance(20) ? 0 : draw.uniform(0.2, 3)));
    for (int r = 0; r < rows; ++r) order.push_back(draw.between(0, rows - 1));
    rates.assign(static_cast<size_t>((rows + batch_size - 1) / batch_size), 0.003);
    for (std::vector<double>* factors : {&rate_factors, &decay_factors})
        if (draw.chance(30))
            for (int i = 0; i < Update::kGroups * network.parametric_layers(); ++i)
                factors->push_back(draw.uniform(0, 2));
    for (int r = 0; r < rows; ++r) {
        for (int c = 0; c < network.inputs(); ++c)
            if (draw.chance(r % 5 ? 20 : 0)) {
                cells.push_back(static_cast<Real>(draw.uniform(-2, 2)));
                columns.push_back(c);
            }
        starts.push_back(static_cast<int64_t>(cells.size()));
    }
    layers = network.layers();
    layers.front().start = layers.front().parameters() - layers.front().units;
    layers.front().size = layers.front().units;
    layers.front().inputs = 0;
}

template <class Real>
Model<Real> Trial<Real>::model(std::vector<Real>& parameters, bool sparse) const {
    if (sparse)
        return {layers.data(),
                static_cast<int>(layers.size()),
                0,
                network.outputs(),
                network.dense_layers(),
                network.parameters(),
                parameters.data(),
                parameters.data(),
                network.inputs()};
    return {network.layers().data(), static_cast<int>(network.layers().size()),
            network.inputs(),        network.outputs(),
            network.dense_layers(),  network.parameters(),
            parameters.data()};
}

template <class Real>
Table<Real> Trial<Real>::table(bool sparse) const {
    Table<Real> table;
    table.X = sparse ? nullptr : X.data();
    if (sparse) table.sparse = {cells.data(), columns.data(), starts.data(), static_cast<int64_t>(cells.size())};
    table.Y = Y.empty() ? nullptr : Y.data();
    table.labels = labels.empty() ? nullptr : labels.data();
    table.weights = weights.empty() ? nullptr : weights.data();
    table.rows = rows;
    return table;
}

}  // namespace ranvier

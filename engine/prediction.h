// Y_hat for rows of X, block by block through all layers, with memory that does not grow with the rows.
#pragma once

#include "machine/sharing.h"
#include "passes.h"

namespace ranvier::RANVIER_LEVEL {

// Below this many rows, putting W in panels would cost more than the product: W is read where it lies.
constexpr int kRowsWorthPanels = 12;

// W straight from the flat block. Its last panel may have no padding there, so that one is copied.
template <class Real>
inline Weights<Real> weights_in_place(const Real* theta, const Layer& layer, Arena& arena) {
    constexpr int lanes = kLanes<Real>;
    Weights<Real> weights;
    weights.W = theta + layer.start;
    weights.row_step = layer.units;
    weights.panel_step = lanes;
    const Real* b = theta + layer.start + int64_t{layer.inputs} * layer.units;
    weights.b = b;
    const int rest = layer.units % lanes;
    if (rest != 0) {
        const Panels<Real> last = take_matrix<Real>(arena, layer.inputs, rest);
        gather(weights.W + (layer.units - rest), layer.units, static_cast<const int64_t*>(nullptr), last);
        weights.last_panel = last.data;
        const Panels<Real> padded = take_vector<Real>(arena, layer.units);
        gather(b, 0, static_cast<const int64_t*>(nullptr), padded);
        weights.b = padded.data;
    }
    return weights;
}

// Two blocks of rows that take turns as input and output of a layer.
template <class Real>
struct Turns {
    Real* blocks[2];
    int64_t stride;

    Turns(Arena& arena, const Model<Real>& model, int rows) : stride(spread_stride<Real>(rows)) {
        int widest = model.inputs;
        for (int l = 0; l < model.layer_count; ++l)
            widest = model.layers[l].units > widest ? model.layers[l].units : widest;
        for (Real*& block : blocks) block = take<Real>(arena, panels_of<Real>(widest) * stride);
    }
    Panels<Real> at(int depth, int rows, int columns) const { return {blocks[depth % 2], rows, columns, stride}; }
};

template <class Real>
inline void predict_block(const Prediction<Real>& job, const Weights<Real>* weights, const Turns<Real>& turns,
                          int64_t first, int rows) {
    const Model<Real>& model = job.model;
    Panels<Real> X = turns.at(0, rows, model.inputs);
    gather(job.X + first * model.inputs, model.inputs, static_cast<const int64_t*>(nullptr), X);
    for (int l = 0; l < model.layer_count; ++l) {
        const Layer& layer = model.layers[l];
        if (layer.kind == LayerKind::dropout) continue;  // off at prediction
        const Panels<Real> A = turns.at(layer.depth + 1, rows, layer.units);
        if (job.Z) {
            dense_forward(X, weights[layer.depth], A);
            scatter(A, job.Z[layer.depth] + first * layer.units, layer.units);
            activate<Real>(layer.activation, layer.parameter, A, nullptr);
        } else {
            dense_forward<Real>(X, weights[layer.depth], layer.activation, layer.parameter, A, nullptr);
        }
        if (job.A) scatter(A, job.A[layer.depth] + first * layer.units, layer.units);
        X = A;
    }
    if (job.Y_hat) scatter(X, job.Y_hat + first * model.outputs, model.outputs);
}

template <class Real>
inline void predict(const Prediction<Real>& job, Workspace& workspace) {
    if (job.rows == 0) return;
    Arena& arena = workspace.arena;
    workspace.begin();
    const Model<Real>& model = job.model;
    const bool in_place = job.rows < kRowsWorthPanels;
    const int64_t blocks = (job.rows + kBlockRows - 1) / kBlockRows;
    const int threads = workspace.team.size();

    Weights<Real>* weights = take<Weights<Real>>(arena, model.dense_layers);
    for (int l = 0; l < model.layer_count; ++l) {
        const Layer& layer = model.layers[l];
        if (layer.kind == LayerKind::dropout) continue;
        if (in_place) {
            weights[layer.depth] = weights_in_place(model.theta, layer, arena);
        } else {
            const Parameters<Real> parameters(arena, layer);
            parameters.read(model.theta, layer);
            weights[layer.depth] = Weights<Real>(parameters.W, parameters.b.data);
        }
    }
    Turns<Real>* turns = take<Turns<Real>>(arena, threads);
    const int most_rows = job.rows < kBlockRows ? static_cast<int>(job.rows) : kBlockRows;
    for (int t = 0; t < threads; ++t) turns[t] = Turns<Real>(arena, model, most_rows);

    shared_loop(workspace.team, static_cast<int>(blocks), [&](int block, int thread) {
        const int64_t first = int64_t{block} * kBlockRows;
        const int64_t left = job.rows - first;
        predict_block(job, weights, turns[thread], first, static_cast<int>(left < kBlockRows ? left : kBlockRows));
    });
}

}  // namespace ranvier::RANVIER_LEVEL

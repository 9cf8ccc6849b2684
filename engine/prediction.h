// Y_hat for rows of X, block by block through all layers, with memory that does not grow with the rows.
#pragma once

#include "machine/parallel_for.h"
#include "passes.h"

namespace ranvier::RANVIER_LEVEL {

constexpr int kRowsWorthPanels = 12;  // with fewer, W is read where it lies

// Two blocks of rows that take turns as input and output of a layer.
template <class Real>
struct DoubleBuffer {
    Real* blocks[2];
    int64_t stride;
    ColumnSlots<Real> columns;  // for an embedding
    Real* room;                 // for a row of numbers

    DoubleBuffer(Arena& arena, const Model<Real>& model, int rows) : stride(spread_stride<Real>(rows)) {
        if (model.embedding()) columns = ColumnSlots<Real>(arena, *model.embedding(), 1, false);
        int widest = model.width();
        for (int l = 0; l < model.layer_count; ++l)
            widest = model.layers[l].units > widest ? model.layers[l].units : widest;
        for (Real*& block : blocks) block = take<Real>(arena, panels_of<Real>(widest) * stride);
        room = take<Real>(arena, panels_of<Real>(widest) * kLanes<Real>);
    }
    Panels<Real> at(int depth, int rows, int columns) const { return {blocks[depth % 2], rows, columns, stride}; }
};

// A number of each column, in the room given, padded to whole panels.
template <class Real>
inline const Real* padded(const Real* numbers, Panels<Real> columns, Real* room) {
    for (int k = 0; k < columns.count() * kLanes<Real>; ++k) room[k] = k < columns.columns ? numbers[k] : Real(0);
    return room;
}

// Rows through the embedding; its parameters are read where they lie.
template <class Real>
inline void embed_block(const Prediction<Real>& job, const DoubleBuffer<Real>& buffers, int64_t first, Panels<Real> A) {
    const Layer& layer = *job.model.embedding();
    const ColumnBlock<Real> block = buffers.columns.at(0, A.rows);
    gather_columns(layer, job.X + first * layer.inputs, static_cast<const int64_t*>(nullptr), A, block);
    embedding_forward(
        layer, [&](int i) { return job.model.theta + layer.columns[i].start; }, block, A, static_cast<Real*>(nullptr));
    if (layer.scaled) scale_columns(padded(job.model.theta + layer.size - layer.units, A, buffers.room), A);
    if (job.embedded) scatter(A, job.embedded + first * layer.units, layer.units);
}

template <class Real>
inline void activate_layer(const Model<Real>& model, const Layer& layer, Real* room, Panels<Real> Z) {
    Real* const none = nullptr;
    if (!layer.parametric) return activate(layer.activation, layer.parameter, Z, none);
    const Real* alpha = model.theta + layer.start + layer.size - layer.units;
    parametric_activate(layer.activation, layer.parameter, padded(alpha, Z, room), Z, none, none);
}

// One block of rows through all layers. product(layer, X, Z) computes Z = X W + b.
template <class Real, class Product>
inline void predict_block(const Prediction<Real>& job, const DoubleBuffer<Real>& buffers, int64_t first, int rows,
                          Product&& product) {
    const Model<Real>& model = job.model;
    Panels<Real> X = buffers.at(0, rows, model.width());
    if (model.embedding())
        embed_block(job, buffers, first, X);
    else
        gather(job.X + first * model.inputs, model.inputs, static_cast<const int64_t*>(nullptr), X);
    for (int l = 0; l < model.layer_count; ++l) {
        const Layer& layer = model.layers[l];
        if (layer.kind != LayerKind::dense) continue;  // dropout is off at prediction
        const Panels<Real> A = buffers.at(layer.depth + 1, rows, layer.units);
        product(layer, X, A);
        if (job.Z) scatter(A, job.Z[layer.depth] + first * layer.units, layer.units);
        activate_layer(model, layer, buffers.room, A);
        if (job.A) scatter(A, job.A[layer.depth] + first * layer.units, layer.units);
        X = A;
    }
    if (job.Y_hat) scatter(X, job.Y_hat + first * model.outputs, model.outputs);
}

template <class Real>
inline void predict_few_rows(const Prediction<Real>& job, Arena& arena) {
    int deepest = 0;
    for (int l = 0; l < job.model.layer_count; ++l)
        deepest = job.model.layers[l].inputs > deepest ? job.model.layers[l].inputs : deepest;
    Real* const rest = take<Real>(arena, (int64_t{deepest} + 1) * kLanes<Real>);
    const int rows = static_cast<int>(job.rows);
    predict_block(job, DoubleBuffer<Real>(arena, job.model, rows), 0, rows,
                  [&](const Layer& layer, Panels<Real> X, Panels<Real> Z) {
                      dense_forward_in_place<Real>(X, job.model.theta + layer.start, Z, rest);
                  });
}

template <class Real>
inline void predict_many_rows(const Prediction<Real>& job, Workspace& workspace) {
    Arena& arena = workspace.arena;
    const Model<Real>& model = job.model;
    Parameters<Real>* parameters = take<Parameters<Real>>(arena, model.dense_layers);
    for (int l = 0; l < model.layer_count; ++l) {
        const Layer& layer = model.layers[l];
        if (layer.kind != LayerKind::dense) continue;
        parameters[layer.depth] = Parameters<Real>(arena, layer, nullptr);
        parameters[layer.depth].read(model.theta, layer, nullptr);
    }
    const int threads = workspace.team.size();
    const int most_rows = job.rows < kBlockRows ? static_cast<int>(job.rows) : kBlockRows;
    DoubleBuffer<Real>* buffers = take<DoubleBuffer<Real>>(arena, threads);
    for (int t = 0; t < threads; ++t) buffers[t] = DoubleBuffer<Real>(arena, model, most_rows);

    const int64_t blocks = (job.rows + kBlockRows - 1) / kBlockRows;
    parallel_for(workspace.team, static_cast<int>(blocks), [&](int block, int thread) {
        const int64_t first = int64_t{block} * kBlockRows, left = job.rows - first;
        predict_block(job, buffers[thread], first, static_cast<int>(left < kBlockRows ? left : kBlockRows),
                      [&](const Layer& layer, Panels<Real> X, Panels<Real> Z) {
                          const Parameters<Real>& p = parameters[layer.depth];
                          if (model.sparse_W && layer.depth == 0) {
                              int64_t numbers[kBlockRows];
                              for (int r = 0; r < Z.rows; ++r) numbers[r] = first + r;
                              return sparse_forward(job.sparse, numbers, flat_rows_of(model), p.b.data, Z);
                          }
                          dense_forward<Real>(X, {p.W, p.b.data}, Z);
                      });
    });
}

template <class Real>
inline void predict(const Prediction<Real>& job, Workspace& workspace) {
    if (job.rows == 0) return;
    workspace.begin();
    if (job.rows < kRowsWorthPanels && !job.model.sparse_W) return predict_few_rows(job, workspace.arena);
    predict_many_rows(job, workspace);
}

}  // namespace ranvier::RANVIER_LEVEL

// The forward and the backward pass: the loops over the layers, for one block of rows.
//
// Rows are independent until the gradient sums over them. So a block of rows goes through everything that is its own in
// one piece, while it is in the cache: gather, forward, loss, backward to dZ of the first layer. Only dW = X' dZ needs
// all blocks (gradient.h).
#pragma once

#include "equations/dense.h"
#include "equations/dropout.h"
#include "equations/parametric.h"
#include "equations/sparse.h"
#include "training_state.h"

namespace ranvier::RANVIER_LEVEL {

// Dropout of one step; without it (null) none.
struct DropoutNoise {
    uint64_t seed, epoch;
    double factor;  // of the rates of all layers
};

template <class Real>
inline void forward(const TrainingState<Real>& training, const DropoutNoise* noise, const int64_t* rows, int slot,
                    int row_count) {
    for (int l = 0; l < training.model.layer_count; ++l) {
        const Layer& layer = training.model.layers[l];
        const LayerBuffers<Real>& below = training.buffers[layer.depth];
        const Panels<Real> X = below.a(slot, row_count);
        if (layer.kind == LayerKind::dropout) {
            if (!noise) continue;
            const DropoutKey key(noise->seed, noise->epoch, static_cast<uint64_t>(l));
            dropout_forward(key, layer.rate * noise->factor, rows, X,
                            below.dZ ? below.dz(slot, row_count).data : nullptr, below.e_or_null(slot));
        } else if (layer.kind == LayerKind::embedding) {
            embedding_forward(
                layer, [&](int i) { return training.values_of(i); }, training.columns.at(slot, row_count), X,
                below.dZ ? below.dz(slot, row_count).data : nullptr);
        } else {
            const LayerBuffers<Real>& above = training.buffers[layer.depth + 1];
            const Parameters<Real>& p = training.parameters[layer.depth];
            const Weights<Real> weights{training.weights(layer.depth), p.b.data, training.Wt[layer.depth]};
            const Panels<Real> A = above.a(slot, row_count);
            Real* const slope = above.dz(slot, row_count).data;
            if (training.model.sparse_W && layer.depth == 0)  // Z is there
                activate(training.activation_of(layer), layer.parameter, A, slope);
            else if (layer.parametric)
                parametric_forward<Real>(X, weights, layer.activation, layer.parameter, p.alpha.data, A, slope,
                                         above.e(slot, row_count).data);
            else
                dense_forward<Real>(X, weights, training.activation_of(layer), layer.parameter, A, slope);
        }
    }
}

template <class Real>
inline void backward(const TrainingState<Real>& training, int slot, int row_count) {
    for (int depth = training.model.dense_layers - 1; depth >= training.lowest(); --depth) {
        const LayerBuffers<Real>& below = training.buffers[depth];
        const Panels<Real> dZ_above = training.buffers[depth + 1].dz(slot, row_count), dZ = below.dz(slot, row_count);
        if (below.E) {
            alignas(64) Real dA[kBlockRows * kLanes<Real>];
            parametric_backward(dZ_above, training.Wt[depth], dZ, below.e(slot, row_count), dA);
        } else
            dense_backward(dZ_above, training.Wt[depth], dZ);
    }
    if (training.embedding)
        embedding_backward(*training.embedding, training.buffers[0].dz(slot, row_count),
                           training.columns.at(slot, row_count));
}

// The W of a first layer over sparse rows, which is dense; theta ends somewhere behind it.
template <class Real>
RANVIER_INLINE FlatRows<Real> flat_rows_of(const Model<Real>& model) {
    return {model.sparse_W, model.layers[0].units, model.parameters - (model.sparse_W - model.theta),
            model.sparse_inputs};
}

// Gather, forward and loss of one block, in the given slot; returns its part of sum_r w_r L_r.
template <class Real>
inline double forward_loss(const TrainingState<Real>& training, const Batch<Real>& batch, const DropoutNoise* noise,
                           int block, int slot) {
    const int begin = batch.begin(block);
    const int row_count = batch.rows_in(block);
    int64_t rows[kBlockRows];
    Real weights[kBlockRows];
    for (int r = 0; r < row_count; ++r) {
        rows[r] = batch.row(begin + r);
        if (batch.table->weights) weights[r] = batch.table->weights[rows[r]];
    }
    const LayerBuffers<Real>& output = training.buffers[training.model.dense_layers];
    const Panels<Real> Y = training.targets.a(slot, row_count);
    if (training.model.sparse_W)
        sparse_forward(batch.table->sparse, rows, flat_rows_of(training.model), training.parameters[0].b.data,
                       training.buffers[1].a(slot, row_count));
    else if (training.embedding)
        gather_columns(*training.embedding, batch.table->X, rows, training.buffers[0].a(slot, row_count),
                       training.columns.at(slot, row_count));
    else
        gather(batch.table->X, training.model.inputs, rows, training.buffers[0].a(slot, row_count));
    gather_targets(batch, rows, Y);

    forward(training, noise, rows, slot, row_count);
    const double inverse = batch.weight_sum > 0 ? 1 / batch.weight_sum : 0;
    return loss_of_block<Real>(training.loss, {output.a(slot, row_count), Y, output.dz(slot, row_count),
                                               batch.table->weights ? weights : nullptr, static_cast<Real>(inverse)});
}

// And backward.
template <class Real>
inline double forward_backward(const TrainingState<Real>& training, const Batch<Real>& batch, const DropoutNoise* noise,
                               int block, int slot) {
    const double loss = forward_loss(training, batch, noise, block, slot);
    backward(training, slot, batch.rows_in(block));
    return loss;
}

}  // namespace ranvier::RANVIER_LEVEL

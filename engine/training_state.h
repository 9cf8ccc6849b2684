// What training holds in memory: the parameters in panels, and the activations of blocks of rows.
//
// Memory comes from the workspace's arena and is cleared there, or by take_panels, where somebody relies on zeros: the
// padding columns of every matrix are zero when a call begins.
#pragma once

#include "batch.h"
#include "equations/embedding.h"
#include "equations/loss.h"
#include "machine/kernels.h"

namespace ranvier::RANVIER_LEVEL {

template <class T>
RANVIER_INLINE T* take(Arena& arena, int64_t count) {
    return static_cast<T*>(arena.take(static_cast<size_t>(count) * sizeof(T)));
}

// Room for matrices of so many columns in panels, one after the other. Of what holds anything, only the padding is
// cleared: most of it lies in other threads' caches, from which a thread that cleared it all would have to fetch it.
template <class Real>
inline Real* take_panels(Arena& arena, int columns, int64_t stride, int count = 1) {
    const int64_t size = panels_of<Real>(columns) * stride, padded = columns / kLanes<Real> * stride;
    Real* data = static_cast<Real*>(arena.take_unset(static_cast<size_t>(size * count) * sizeof(Real)));
    for (int i = 0; i < count; ++i)
        __builtin_memset(data + i * size + padded, 0, static_cast<size_t>(size - padded) * sizeof(Real));
    return data;
}

// A vector of parameters, padded to whole panels.
template <class Real>
inline Panels<Real> take_vector(Arena& arena, int columns) {
    return {take<Real>(arena, int64_t{panels_of<Real>(columns)} * kLanes<Real>), 1, columns, kLanes<Real>};
}

template <class Real>
inline Panels<Real> take_matrix(Arena& arena, int rows, int columns) {
    const int64_t stride = int64_t{rows} * kLanes<Real>;
    return {take_panels<Real>(arena, columns, stride), rows, columns, stride};
}

// Calls f(place, layer, column) for each place that parameters lie in; of a dense layer and of the scale the column is
// null.
template <class Real, class F>
inline void for_each_place(const Model<Real>& model, F&& f) {
    const Column* const none = nullptr;
    for (int l = 0; l < model.layer_count; ++l) {
        const Layer& layer = model.layers[l];
        if (layer.kind == LayerKind::dense) f(layer.depth, layer, none);
        if (layer.kind != LayerKind::embedding) continue;
        for (int i = 0; i < layer.column_count; ++i) f(model.dense_layers + i, layer, layer.columns + i);
        if (layer.scaled) f(model.scale_place(), layer, none);
    }
}

// What lies in one place, in panels: W, b and, where the activation is parametric, alpha of a dense layer; the values
// of an embedding's column (as W); its scale (as b). Also the home of what is shaped like them (gradients, the update's
// state).
template <class Real>
struct Parameters {
    Panels<Real> W, b, alpha;

    Parameters() = default;
    Parameters(Arena& arena, const Layer& layer, const Column* column) {
        if (column) {
            W = take_vector<Real>(arena, static_cast<int>(column->values));
            return;
        }
        if (layer.is_dense()) W = take_matrix<Real>(arena, layer.inputs, layer.units);
        b = take_vector<Real>(arena, layer.units);
        if (layer.parametric) alpha = take_vector<Real>(arena, layer.units);
    }

    void read(const Real* block, const Layer& layer, const Column* column) const {
        const int64_t* const in_order = nullptr;
        if (W.data) gather(block + layer.start + (column ? column->start : 0), W.columns, in_order, W);
        if (b.data) gather(block + start_of_b(layer), 0, in_order, b);
        if (alpha.data) gather(block + start_of_b(layer) + layer.units, 0, in_order, alpha);
    }
    void write(Real* block, const Layer& layer, const Column* column) const {
        if (W.data) scatter(W, block + layer.start + (column ? column->start : 0), W.columns);
        if (b.data) scatter(b, block + start_of_b(layer), 0);
        if (alpha.data) scatter(alpha, block + start_of_b(layer) + layer.units, 0);
    }

  private:
    static int64_t start_of_b(const Layer& layer) {
        if (!layer.is_dense()) return layer.start + layer.size - layer.units;
        return layer.start + int64_t{layer.inputs} * layer.units;
    }
};

// Activations at one depth: A, and beside it the slope that becomes dZ. A block of rows lies in a slot; there are as
// many slots as blocks whose activations are wanted at the same time.
template <class Real>
struct LayerBuffers {
    Real* A = nullptr;
    Real* dZ = nullptr;
    Real* E = nullptr;  // parametric: f(Z) - Z, which becomes the terms of dalpha
    int columns = 0;
    int64_t stride = 0;     // from panel to panel
    int64_t slot_size = 0;  // from slot to slot

    LayerBuffers() = default;
    LayerBuffers(Arena& arena, int width, int slot_rows, int slots, bool with_slope, bool parametric = false)
        : columns(width) {
        stride = spread_stride<Real>(slot_rows);
        slot_size = panels_of<Real>(width) * stride;
        A = take_panels<Real>(arena, width, stride, slots);
        if (with_slope) dZ = take_panels<Real>(arena, width, stride, slots);
        if (parametric) E = take_panels<Real>(arena, width, stride, slots);
    }
    RANVIER_INLINE Panels<Real> a(int slot, int rows) const { return {A + slot * slot_size, rows, columns, stride}; }
    RANVIER_INLINE Panels<Real> dz(int slot, int rows) const { return {dZ + slot * slot_size, rows, columns, stride}; }
    RANVIER_INLINE Panels<Real> e(int slot, int rows) const { return {E + slot * slot_size, rows, columns, stride}; }
    RANVIER_INLINE Real* e_or_null(int slot) const { return E ? E + slot * slot_size : nullptr; }
};

// Blocks of rows as the learnt columns of an embedding see them, in as many slots.
template <class Real>
struct ColumnSlots {
    ColumnBlock<Real> first;
    int64_t inputs = 0, units = 0;

    ColumnSlots() = default;
    ColumnSlots(Arena& arena, const Layer& embedding, int slots, bool with_gradient) {
        if (embedding.column_count == 0) return;
        const Column& last = embedding.columns[embedding.column_count - 1];
        inputs = embedding.column_count * kStride;
        units = (last.slot + last.width) * kStride;
        first.stride = kStride;
        first.X = take<Real>(arena, inputs * slots);
        first.C = take<Real>(arena, units * slots);
        if (with_gradient) first.dC = take<Real>(arena, units * slots);
    }
    RANVIER_INLINE ColumnBlock<Real> at(int slot, int rows) const {
        return {first.X + slot * inputs, first.C + slot * units, first.dC + slot * units, rows, first.stride};
    }

  private:
    static constexpr int64_t kStride = (kBlockRows + kLanes<Real> - 1) / kLanes<Real> * kLanes<Real>;
};

// All that training holds: the parameters in panels, W' for the way back, and the buffers at each depth.
template <class Real>
struct TrainingState {
    Model<Real> model;
    Loss loss;
    Parameters<Real>* parameters;  // by place
    Panels<Real>* Wt;              // W' by depth, or V'; where no gradient goes further down, none
    Panels<Real> V;  // where there is a scale, what the first dense layer has for W (equations/embedding.h)
    LayerBuffers<Real>* buffers;  // by depth, from the inputs (0) to the outputs
    LayerBuffers<Real> targets;
    const Layer* embedding;
    ColumnSlots<Real> columns;  // of the embedding

    // Activations of so many slots, each for a block of at most `slot_rows`.
    TrainingState(const Model<Real>& model_, const Loss& loss_, int slot_rows, int slots, Arena& arena)
        : model(model_), loss(loss_), embedding(model.embedding()) {
        const int depths = model.dense_layers;
        parameters = take<Parameters<Real>>(arena, model.places());
        Wt = take<Panels<Real>>(arena, depths);
        buffers = take<LayerBuffers<Real>>(arena, depths + 1);
        buffers[0] = LayerBuffers<Real>(arena, model.width(), slot_rows, slots, lowest() == 0);
        if (embedding) columns = ColumnSlots<Real>(arena, *embedding, slots, true);
        targets = LayerBuffers<Real>(arena, model.outputs, slot_rows, slots, false);
        for_each_dense([&](const Layer& layer) {
            if (layer.depth == 0 && scaled()) V = take_matrix<Real>(arena, layer.inputs, layer.units);
            if (layer.depth >= lowest()) Wt[layer.depth] = take_matrix<Real>(arena, layer.units, layer.inputs);
            buffers[layer.depth + 1] = LayerBuffers<Real>(arena, layer.units, slot_rows, slots, true, layer.parametric);
        });
        for_each_place(model, [&](int place, const Layer& layer, const Column* column) {
            parameters[place] = Parameters<Real>(arena, layer, column);
        });
    }

    // The depth of the lowest layer that a gradient goes through to what lies below.
    RANVIER_INLINE int lowest() const { return embedding && embedding->column_count > 0 ? 0 : 1; }
    RANVIER_INLINE bool scaled() const { return embedding && embedding->scaled; }
    const Real* values_of(int i) const { return parameters[model.dense_layers + i].W.data; }
    const Real* scale() const { return parameters[model.scale_place()].b.data; }
    RANVIER_INLINE Panels<Real> weights(int depth) const { return depth == 0 && scaled() ? V : parameters[depth].W; }

    template <class F>
    RANVIER_INLINE void for_each_dense(F&& f) const {
        for (int l = 0; l < model.layer_count; ++l)
            if (model.layers[l].kind == LayerKind::dense) f(model.layers[l]);
    }

    // The activation that the forward pass applies: a loss written in Z takes the output layer's Z as it is.
    RANVIER_INLINE Activation activation_of(const Layer& layer) const {
        return layer.depth == model.dense_layers - 1 && reads_logits(loss.kind) ? Activation::identity
                                                                                : layer.activation;
    }

    // Where V is in the place of W, it is what the way back takes, and the scale has to be known before.
    void transpose(const Layer& layer, int i, int j) const {
        if (layer.depth >= lowest()) transpose_tile(weights(layer.depth), i, j, Wt[layer.depth]);
    }
    void transpose(const Layer& layer) const {
        for (int j = 0; j < panels_of<Real>(layer.units); ++j)
            for (int i = 0; i < panels_of<Real>(layer.inputs); ++i) transpose(layer, i, j);
    }
    void follow_scale() const {
        if (!scaled()) return;
        fold_scale(scale(), parameters[0].W, V);
        for_each_dense([&](const Layer& layer) {
            if (layer.depth == 0) transpose(layer);
        });
    }
    void read_parameters() const {
        for_each_place(model, [&](int place, const Layer& layer, const Column* column) {
            parameters[place].read(model.theta, layer, column);
        });
        if (scaled()) fold_scale(scale(), parameters[0].W, V);
        for_each_dense([&](const Layer& layer) { transpose(layer); });
    }
};

// Consecutive blocks of a batch as the gradient of one layer sees them: its X and dZ, and E of a parametric one. The
// activations of block b of them lie in slot `slot` + b.
template <class Real>
struct LayerBlocks {
    const TrainingState<Real>& training;
    const Batch<Real>& batch;
    int depth;
    int first;  // block of the batch
    int slot;
    int count;
    int rows_of_first = batch.rows_in(first);  // kept: the divisions behind it would be seen in a small layer
    RANVIER_INLINE int rows_in(int b) const { return b == 0 ? rows_of_first : batch.rows_in(first + b); }
    RANVIER_INLINE Panels<Real> X(int b) const { return training.buffers[depth].a(slot + b, rows_in(b)); }
    RANVIER_INLINE Panels<Real> dZ(int b) const { return training.buffers[depth + 1].dz(slot + b, rows_in(b)); }
    RANVIER_INLINE Panels<Real> E(int b) const { return training.buffers[depth + 1].e(slot + b, rows_in(b)); }
    RANVIER_INLINE ColumnBlock<Real> columns(int b) const { return training.columns.at(slot + b, rows_in(b)); }
};

}  // namespace ranvier::RANVIER_LEVEL

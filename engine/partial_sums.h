// The gradient where rows are many and parameters few: the activations of all rows would be a long way to the memory
// and back, so each block of rows adds its part of dW at once, while it is in the cache.
//
// It adds to the partial sum of its run of consecutive blocks. How many partial sums there are depends on the
// sizes alone, and they are added up in their order, so the result does not depend on the threads.
#pragma once

#include "passes.h"

namespace ranvier::RANVIER_LEVEL {

// How many partial sums a batch of so many rows may have. Of many blocks each has at least two, and up to four threads
// have equal shares. Of few there are two partial sums: a step of theirs is too short for more threads.
inline int most_partial_sums(int rows) {
    constexpr int kMost = 32;
    const int blocks = blocks_of(rows), count = blocks / 2 / 4 * 4;
    if (count == 0) return blocks < 2 ? 0 : 2;
    return count < kMost ? count : kMost;
}

// How many partial sums a batch of so many rows is worth; 0 where its gradient is better summed tile by tile.
template <class Real>
inline int partial_sums_of(const Model<Real>& model, int rows) {
    int64_t parameters = 0, width = 0;  // padded, as they lie in the memory
    for (int l = 0; l < model.layer_count; ++l) {
        const Layer& layer = model.layers[l];
        if (layer.kind == LayerKind::embedding) {
            parameters += layer.size;
            width += layer.units;                                                           // A
            if (layer.column_count > 0) width += 3 * layer.units + 2 * layer.column_count;  // C, dC, dA beside x
            continue;
        }
        if (!layer.is_dense()) continue;
        const int64_t columns = int64_t{panels_of<Real>(layer.units)} * kLanes<Real>;
        parameters += (layer.inputs + 1) * columns;
        width += 2 * columns;  // A and dZ
    }
    const int partial_sums = most_partial_sums(rows);
    return 4 * partial_sums * parameters <= width * rows ? partial_sums : 0;
}

template <class Real>
RANVIER_INLINE void add_to(Real* at, Vec<Real> value) {
    store(at, load(at) + value);
}

// The partial sums of a batch, and the gradient that each has summed.
template <class Real>
class PartialSums {
  public:
    PartialSums(const TrainingState<Real>& training, int count, Arena& arena)
        : training_(training),
          count_(count),
          sums_(take<Parameters<Real>>(arena, int64_t{count} * training.model.places())) {
        for_each_place(training.model, [&](int place, const Layer& layer, const Column* column) {
            for (int s = 0; s < count; ++s) sums(s, place) = Parameters<Real>(arena, layer, column);
        });
    }

    // Forward, backward and gradient of the blocks of partial sum s, one after the other in the same slot; returns
    // their part of sum_r w_r L_r.
    double run(const Batch<Real>& batch, const DropoutNoise* noise, int s, int slot) const {
        for (int place = 0; place < training_.model.places(); ++place) clear(sums(s, place));
        return over_blocks(batch, s, [&](int block) {
            const double loss = forward_backward(training_, batch, noise, block, slot);
            training_.for_each_dense([&](const Layer& layer) { add_gradient(layer, batch, s, block, slot); });
            if (training_.embedding) add_embedding(batch, s, block, slot);
            return loss;
        });
    }

    // Forward alone, with the same sum.
    double loss(const Batch<Real>& batch, const DropoutNoise* noise, int s, int slot) const {
        return over_blocks(batch, s, [&](int block) { return forward_loss(training_, batch, noise, block, slot); });
    }

    // The sums of all partial sums, for rows begin..end and columns of panel j of W: use_W(j, row of W, column, vector
    // of dW).
    template <class UseW>
    void sum_of_W(int place, int j, int64_t begin, int64_t end, UseW&& use_W) const {
        constexpr int lanes = kLanes<Real>;
        for (int64_t row = begin; row < end; ++row)
            for (int c = 0; c < lanes; c += kWidth<Real>)
                use_W(j, static_cast<int>(row), c,
                      total([&](int s) { return sums(s, place).W.panel(j) + row * lanes + c; }));
    }

    // And of b and alpha, where there are any: use_b(j, column, vector of db), and use_alpha likewise.
    template <class UseB, class UseAlpha>
    void sum_of_vectors(int place, int j, UseB&& use_b, UseAlpha&& use_alpha) const {
        const Parameters<Real>& shape = sums(0, place);
        for (int c = 0; c < kLanes<Real>; c += kWidth<Real>) {
            if (shape.b.data) use_b(j, c, total([&](int s) { return sums(s, place).b.panel(j) + c; }));
            if (shape.alpha.data) use_alpha(j, c, total([&](int s) { return sums(s, place).alpha.panel(j) + c; }));
        }
    }

  private:
    template <class LossOf>
    double over_blocks(const Batch<Real>& batch, int s, const LossOf& loss_of) const {
        double loss = 0;
        for (int block = batch.blocks * s / count_; block < batch.blocks * (s + 1) / count_; ++block)
            loss += loss_of(block);
        return loss;
    }

    Parameters<Real>& sums(int s, int place) const { return sums_[int64_t{s} * training_.model.places() + place]; }

    static void clear(const Parameters<Real>& p) {
        for (const Panels<Real>& part : {p.W, p.b, p.alpha})
            if (part.data) __builtin_memset(part.data, 0, sizeof(Real) * part.count() * part.stride);
    }

    void add_embedding(const Batch<Real>& batch, int s, int block, int slot) const {
        const LayerBlocks<Real> blocks{training_, batch, 0, block, slot, 1};
        const Layer& layer = *training_.embedding;
        for (int i = 0; i < layer.column_count; ++i) {
            const Column& column = layer.columns[i];
            Real* const sum = sums(s, training_.model.dense_layers + i).W.data;
            column_gradient(blocks, i, column, training_.values_of(i), 0, column.size, sum);
        }
    }

    void add_gradient(const Layer& layer, const Batch<Real>& batch, int s, int block, int slot) const {
        const LayerBlocks<Real> blocks{training_, batch, layer.depth, block, slot, 1};
        const Parameters<Real>& sum = sums(s, layer.depth);
        const int panels = sum.W.count();
        static_assert(kBlockRows <= kRunRows, "a block is one run, as add_dense_gradient asks");
        for (int j = 0; j < panels; j += kPanelsTogether)
            for (int i = 0; i < panels_of<Real>(layer.inputs); ++i)
                add_dense_gradient(blocks, i, j, j + kPanelsTogether < panels ? j + kPanelsTogether : panels, sum.W);
        auto add_terms = [&](Panels<Real> to) {
            return [to](int j, int c, Vec<Real> terms) RANVIER_INLINE_LAMBDA { add_to(to.panel(j) + c, terms); };
        };
        for (int j = 0; j < panels; ++j) {
            bias_gradient<Real>(blocks, j, add_terms(sum.b));
            if (layer.parametric) alpha_gradient<Real>(blocks, j, add_terms(sum.alpha));
        }
    }

    template <class At>
    RANVIER_INLINE Vec<Real> total(At&& at) const {
        Vec<Real> sum = load(at(0));
        for (int s = 1; s < count_; ++s) sum += load(at(s));
        return sum;
    }

    const TrainingState<Real>& training_;
    const int count_;
    Parameters<Real>* const sums_;  // by partial sum and place
};

}  // namespace ranvier::RANVIER_LEVEL

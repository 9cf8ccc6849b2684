// The gradient where rows are many and parameters few: the activations of all rows would be a long way to the memory and
// back, so each block of rows adds its part of dW at once, while it is in the cache.
//
// It adds to the sums of its strand, a run of consecutive blocks. How many strands there are depends on the sizes alone,
// and they are added up in their order, so the result does not depend on the threads.
#pragma once

#include "passes.h"

namespace ranvier::RANVIER_LEVEL {

// A block in its slot, as dense_gradient sees it.
template <class Real>
struct BlockInSlot {
    const Pass<Real>& pass;
    int depth;
    int slot;
    int rows;
    static constexpr int count = 1;
    RANVIER_INLINE Panels<Real> X(int) const { return pass.activity[depth].a(slot, rows); }
    RANVIER_INLINE Panels<Real> dZ(int) const { return pass.activity[depth + 1].dz(slot, rows); }
};

// How many strands a batch of so many rows is worth; 0 where its gradient is better summed tile by tile.
template <class Real>
inline int strands_of(const Model<Real>& model, int rows) {
    constexpr int kMost = 32;
    const int count = blocks_of(rows) / 2 / 4 * 4;  // at least two blocks each, and equal shares for up to four threads
    int64_t parameters = 0, width = 0;              // padded, as they lie in the memory
    for (int l = 0; l < model.layer_count; ++l) {
        const Layer& layer = model.layers[l];
        if (!layer.is_dense()) continue;
        const int64_t columns = int64_t{panels_of<Real>(layer.units)} * kLanes<Real>;
        parameters += (layer.inputs + 1) * columns;
        width += 2 * columns;  // A and dZ
    }
    const int strands = count < kMost ? count : kMost;
    return 4 * strands * parameters <= width * rows ? strands : 0;
}

template <class Real>
RANVIER_INLINE void add_to(Real* at, Vec<Real> value) {
    store(at, load(at) + value);
}

// The strands of a batch, and the gradient that each has summed.
template <class Real>
class Strands {
  public:
    Strands(const Pass<Real>& pass, int count, Arena& arena)
        : pass_(pass), count_(count), sums_(take<Parameters<Real>>(arena, int64_t{count} * pass.model.dense_layers)) {
        pass.for_each_dense([&](const Layer& layer) {
            for (int s = 0; s < count; ++s) sums(s, layer.depth) = Parameters<Real>(arena, layer);
        });
    }

    // Forward, backward and gradient of the blocks of strand s, one after the other in the same slot; returns their part
    // of sum_r w_r L_r.
    double run(const Batch<Real>& batch, const DropoutNoise* noise, int s, int slot) const {
        const int begin = batch.blocks * s / count_, end = batch.blocks * (s + 1) / count_;
        pass_.for_each_dense([&](const Layer& layer) { clear(sums(s, layer.depth)); });
        double loss = 0;
        for (int block = begin; block < end; ++block) {
            loss += forward_backward(pass_, batch, noise, block, slot);
            pass_.for_each_dense([&](const Layer& layer) { add_gradient(layer, s, slot, batch.rows_in(block)); });
        }
        return loss;
    }

    // The sums of all strands, for rows i_begin..i_end (in panels) and columns of panel j of W, with the first also b.
    // Calls use_W(row of W, column, vector of dW) and use_b(column, vector of db).
    template <class UseW, class UseB>
    void sum(const Layer& layer, int j, int i_begin, int i_end, UseW&& use_W, UseB&& use_b) const {
        constexpr int lanes = kLanes<Real>;
        const int end = i_end * lanes < layer.inputs ? i_end * lanes : layer.inputs;
        for (int row = i_begin * lanes; row < end; ++row)
            for (int c = 0; c < lanes; c += kWidth<Real>)
                use_W(row, c, total([&](int s) { return sums(s, layer.depth).W.panel(j) + row * lanes + c; }));
        if (i_begin != 0) return;
        for (int c = 0; c < lanes; c += kWidth<Real>)
            use_b(c, total([&](int s) { return sums(s, layer.depth).b.panel(j) + c; }));
    }

  private:
    Parameters<Real>& sums(int s, int depth) const { return sums_[int64_t{s} * pass_.model.dense_layers + depth]; }

    static void clear(const Parameters<Real>& p) {
        __builtin_memset(p.W.data, 0, sizeof(Real) * p.W.count() * p.W.stride);
        __builtin_memset(p.b.data, 0, sizeof(Real) * p.b.count() * p.b.stride);
    }

    void add_gradient(const Layer& layer, int s, int slot, int rows) const {
        const BlockInSlot<Real> block{pass_, layer.depth, slot, rows};
        const Parameters<Real>& sum = sums(s, layer.depth);
        for (int j = 0; j < sum.W.count(); ++j) {
            Real* const W = sum.W.panel(j);
            Real* const b = sum.b.panel(j);
            for (int i = 0; i < panels_of<Real>(layer.inputs); ++i)
                dense_gradient<Real>(block, i, j, [W](int row, int c, Vec<Real> dW) RANVIER_INLINE_LAMBDA {
                    add_to(W + row * kLanes<Real> + c, dW);
                });
            bias_gradient<Real>(block, j, [b](int c, Vec<Real> db) RANVIER_INLINE_LAMBDA { add_to(b + c, db); });
        }
    }

    template <class At>
    RANVIER_INLINE Vec<Real> total(At&& at) const {
        Vec<Real> sum = load(at(0));
        for (int s = 1; s < count_; ++s) sum += load(at(s));
        return sum;
    }

    const Pass<Real>& pass_;
    const int count_;
    Parameters<Real>* const sums_;  // by strand and depth
};

}  // namespace ranvier::RANVIER_LEVEL

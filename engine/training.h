// One epoch of training.
//
// A step is two shared loops. The first runs over blocks of rows: gather, forward, loss, backward. The second runs over
// tiles of W: dW = X' dZ, and at once, while the tile is in registers, the update. Only clipping by norm must know the
// whole gradient first and stores it.
#pragma once

#include "equations/update.h"
#include "gradient.h"

namespace ranvier::RANVIER_LEVEL {

// The update's state in panels, and the scalars of every step, worked out before the first.
template <class Real>
struct Optimizer {
    const Update& update;
    Parameters<Real>* state[2];             // by depth
    Parameters<Real>* gradients = nullptr;  // by depth; only for clipping
    BiasCorrection* corrections;            // by step
    const double* weight_sums;              // by step

    Optimizer(const Epoch<Real>& job, const Pass<Real>& pass, int64_t steps, const double* weight_sums_, Arena& arena)
        : update(job.update), weight_sums(weight_sums_) {
        for (auto& slot : state) slot = take<Parameters<Real>>(arena, job.model.dense_layers);
        if (update.clip_norm > 0) gradients = take<Parameters<Real>>(arena, job.model.dense_layers);
        pass.for_each_dense([&](const Layer& layer) {
            for (int s = 0; s < update.slots(); ++s) {
                state[s][layer.depth] = Parameters<Real>(arena, layer);
                state[s][layer.depth].read(job.state + s * job.model.parameters, layer);
            }
            if (gradients) gradients[layer.depth] = Parameters<Real>(arena, layer);
        });
        corrections = take<BiasCorrection>(arena, steps);
        for (int64_t step = 0; step < steps; ++step)
            corrections[step] = BiasCorrection(update, job.steps_before + step + 1);
    }

    StepScalars<Real> scalars(const Epoch<Real>& job, const Layer& layer, int64_t step, bool is_bias) const {
        const double factor = update.rate_factors ? update.rate_factors[2 * layer.depth + is_bias] : 1;
        return step_scalars<Real>(update, corrections[step], job.rates[step] * factor, weight_sums[step], is_bias);
    }

    void write_state(const Epoch<Real>& job, const Pass<Real>& pass) const {
        pass.for_each_dense([&](const Layer& layer) {
            for (int s = 0; s < update.slots(); ++s)
                state[s][layer.depth].write(job.state + s * job.model.parameters, layer);
        });
    }
};

// One chunk of parameters in a step: where they, their state and their gradient lie, and how far they move.
template <class Real>
struct Place {
    Real* theta;
    Real* state[2];
    Real* gradient;
    StepScalars<Real> scalars;

    Place(const Panels<Real>& theta_, const Panels<Real>& s0, const Panels<Real>& s1, const Panels<Real>& g, int j,
          const StepScalars<Real>& s)
        : theta(theta_.panel(j)),
          state{s0.data ? s0.panel(j) : nullptr, s1.data ? s1.panel(j) : nullptr},
          gradient(g.data ? g.panel(j) : nullptr),
          scalars(s) {}
};

template <class Real>
struct ChunkPlaces {
    Place<Real> W, b;

    ChunkPlaces(const Epoch<Real>& job, const Pass<Real>& pass, const Optimizer<Real>& o, const Chunk& chunk,
                int64_t step)
        : ChunkPlaces(job.model.layers[chunk.layer], job, pass, o, chunk.j, step) {}

  private:
    ChunkPlaces(const Layer& layer, const Epoch<Real>& job, const Pass<Real>& pass, const Optimizer<Real>& o, int j,
                int64_t step)
        : W(pass.parameters[layer.depth].W, o.state[0][layer.depth].W, o.state[1][layer.depth].W,
            o.gradients ? o.gradients[layer.depth].W : Panels<Real>{}, j, o.scalars(job, layer, step, false)),
          b(pass.parameters[layer.depth].b, o.state[0][layer.depth].b, o.state[1][layer.depth].b,
            o.gradients ? o.gradients[layer.depth].b : Panels<Real>{}, j, o.scalars(job, layer, step, true)) {}
};

// Sum of squares of what it is given, lane by lane.
template <class Real>
struct SquareSum {
    alignas(64) Real lanes[kLanes<Real>] = {};
    RANVIER_INLINE void add(int c, Vec<Real> g) { store(lanes + c, fma(g, g, load(lanes + c))); }
    RANVIER_INLINE double sum() const { return static_cast<double>(sum_lanes(lanes)); }
};

// Sums of squares of a chunk: of its gradient with the penalty, and of its W.
struct ChunkSquares {
    double gradient;
    double W;
};

// dW and db of a chunk, each handed with its penalty to use(place, at, g). The squares are summed where they are `wanted`.
template <class Real, class Use>
inline ChunkSquares penalised_gradient(const Gradients<Real>& gradients, const Batch<Real>& batch, const Chunk& chunk,
                                       const ChunkPlaces<Real>& places, bool wanted, Use&& use) {
    SquareSum<Real> squares, W_squares;
    auto each = [&](const Place<Real>& place, int64_t at, int c, Vec<Real> g) RANVIER_INLINE_LAMBDA {
        g = penalised(g, place.theta + at, place.scalars);
        if (wanted) squares.add(c, g);
        use(place, at, g);
    };
    gradients.of_chunk(
        batch, chunk,
        [&](int row, int c, Vec<Real> dW) {
            const int64_t at = int64_t{row} * kLanes<Real> + c;
            if (wanted) W_squares.add(c, load(places.W.theta + at));
            each(places.W, at, c, dW);
        },
        [&](int c, Vec<Real> db) { each(places.b, c, c, db); });
    return {squares.sum(), W_squares.sum()};
}

// The stored gradient of a chunk, clipped, moves its parameters.
template <class Real, class Rule>
inline void apply_stored(const Rule& rule, const Chunk& chunk, const ChunkPlaces<Real>& places, int inputs, Real clip) {
    auto move = [&](const Place<Real>& place, int64_t at) {
        apply(rule, place.theta, load(place.gradient + at) * broadcast(clip), place.state, at, place.scalars);
    };
    constexpr int64_t tile = int64_t{kLanes<Real>} * kLanes<Real>;
    const int64_t end =
        chunk.i_end * tile < int64_t{inputs} * kLanes<Real> ? chunk.i_end * tile : int64_t{inputs} * kLanes<Real>;
    for (int64_t at = chunk.i_begin * tile; at < end; at += kWidth<Real>) move(places.W, at);
    if (chunk.i_begin == 0)
        for (int at = 0; at < kLanes<Real>; at += kWidth<Real>) move(places.b, at);
}

// W' follows W, for the backward pass of the next step.
template <class Real>
inline void transpose_chunk(const Pass<Real>& pass, const Chunk& chunk) {
    for (int i = chunk.i_begin; i < chunk.i_end; ++i) pass.transpose(pass.model.layers[chunk.layer], i, chunk.j);
}

// An epoch, step by step.
template <class Real, class Rule>
class EpochRun {
  public:
    EpochRun(const Rule& rule, Epoch<Real>& job, Workspace& workspace)
        : rule_(rule),
          job_(job),
          steps_((job.order_size + job.batch_size - 1) / job.batch_size),
          most_rows_(job.order_size < job.batch_size ? static_cast<int>(job.order_size) : job.batch_size),
          clips_(job.update.clip_norm > 0),
          gradients_(job.model, job.loss, job.batch_size, most_rows_, workspace),
          pass_(gradients_.pass()),
          weight_sums_(take<double>(workspace.arena, steps_)),
          optimizer_(job, pass_, steps_, weight_sums_, workspace.arena),
          squares_(take<ChunkSquares>(workspace.arena, gradients_.chunk_count())),
          inputs_(pass_, SparseInputs<Real>::most_cells(job.table.sparse, job.order, job.order_size, job.batch_size),
                  workspace.arena),
          input_squares_(take<ChunkSquares>(workspace.arena, inputs_.chunk_count())) {
        pass_.read_parameters();
        for (int64_t step = 0; step < steps_; ++step)
            weight_sums_[step] = weight_sum_of(job.table, rows_of(step), 0, size_of(step));
    }

    void run() {
        for (int64_t step = 0; step < steps_ && failed_step_ < 0; ++step) {
            const Batch<Real> batch = batch_of(job_.table, rows_of(step), 0, size_of(step), weight_sums_[step]);
            pass_over_rows(batch, step);
            if (failed_step_ >= 0) break;
            update_weights(batch, step);
            if (clips_) apply_clipped(step);
        }
        report();
    }

  private:
    const int64_t* rows_of(int64_t step) const { return job_.order + step * job_.batch_size; }
    int size_of(int64_t step) const {
        const int64_t left = job_.order_size - step * job_.batch_size;
        return static_cast<int>(left < job_.batch_size ? left : job_.batch_size);
    }

    void pass_over_rows(const Batch<Real>& batch, int64_t step) {
        const DropoutNoise noise{job_.seed, job_.number};
        const double loss = gradients_.run(batch, &noise);
        if (job_.step_losses) job_.step_losses[step] = batch.weight_sum > 0 ? loss / batch.weight_sum : 0;
        if (is_finite(loss))
            loss_sum_ += loss;
        else
            failed_step_ = step;
    }

    // The gradient of each chunk, and its update at once; before clipping it can only be stored.
    void update_weights(const Batch<Real>& batch, int64_t step) {
        const bool squares_wanted = clips_ || job_.step_squares || step == steps_ - 1;
        gradients_.for_each_chunk([&](const Chunk& chunk, int index) {
            const ChunkPlaces<Real> places(job_, pass_, optimizer_, chunk, step);
            auto use = [&](const Place<Real>& place, int64_t at, Vec<Real> g) {
                if (clips_)
                    store(place.gradient + at, g);
                else
                    apply(rule_, place.theta, g, place.state, at, place.scalars);
            };
            squares_[index] = penalised_gradient(gradients_, batch, chunk, places, squares_wanted, use);
            if (!clips_) transpose_chunk(pass_, chunk);
        });
        ChunkSquares sum{};
        for (int i = 0; i < gradients_.chunk_count(); ++i) {
            sum.gradient += squares_[i].gradient;
            sum.W += squares_[i].W;
        }
        if (job_.model.sparse_W) {
            inputs_.turn(batch);
            update_inputs(step, clips_ ? nullptr : &kNoClip, sum);
        }
        norm_ = __builtin_sqrt(sum.gradient);
        if (job_.step_squares) job_.step_squares[step] = sum.W;
    }

    // The same for the W of a first layer over sparse rows, row by row; without a clip it is only measured. What is not
    // stored is summed anew when the clip is known: there are as many sums, and no memory for them.
    void update_inputs(int64_t step, const Real* clip, ChunkSquares& sum) {
        const Layer* layer = job_.model.layers;
        while (layer->kind != LayerKind::dense) ++layer;
        const StepScalars<Real> scalars = optimizer_.scalars(job_, *layer, step, false);
        const int64_t start = job_.model.sparse_W - job_.model.theta;
        const int slots = job_.update.slots();
        Real* const state[2] = {job_.state + start, job_.state + start + job_.model.parameters};
        inputs_.for_each_chunk(gradients_.team(), [&](int index, int first, int end) {
            SquareSum<Real> squares, W_squares;
            for (int i = first; i < end; ++i)
                inputs_.gradient_of_row(i, [&](int64_t at, int left, int c, Vec<Real> dW) RANVIER_INLINE_LAMBDA {
                    auto move = [&](Real* theta, Real* const own[2]) RANVIER_INLINE_LAMBDA {
                        const Vec<Real> g = penalised(dW, theta, scalars);
                        squares.add(c % kLanes<Real>, g);
                        W_squares.add(c % kLanes<Real>, load(theta));
                        if (clip) apply(rule_, theta, g * broadcast(*clip), own, 0, scalars);
                    };
                    with_lanes(job_.model.sparse_W, state, slots, at, left, move);
                });
            input_squares_[index] = {squares.sum(), W_squares.sum()};
        });
        for (int i = 0; i < inputs_.chunk_count(); ++i) {
            sum.gradient += input_squares_[i].gradient;
            sum.W += input_squares_[i].W;
        }
    }

    void apply_clipped(int64_t step) {
        const double clip = norm_ > job_.update.clip_norm ? job_.update.clip_norm / norm_ : 1;
        if (job_.model.sparse_W) {
            const Real factor = static_cast<Real>(clip);
            ChunkSquares again{};
            update_inputs(step, &factor, again);
        }
        gradients_.for_each_chunk([&](const Chunk& chunk, int) {
            const ChunkPlaces<Real> places(job_, pass_, optimizer_, chunk, step);
            apply_stored(rule_, chunk, places, job_.model.layers[chunk.layer].inputs, static_cast<Real>(clip));
            transpose_chunk(pass_, chunk);
        });
    }

    void report() {
        double weight_sum = 0;
        for (int64_t step = 0; step < (failed_step_ < 0 ? steps_ : failed_step_); ++step)
            weight_sum += weight_sums_[step];
        job_.mean_loss = weight_sum > 0 ? loss_sum_ / weight_sum : 0;
        job_.gradient_norm = norm_;
        job_.failed_step = failed_step_;
        pass_.for_each_dense([&](const Layer& layer) { pass_.parameters[layer.depth].write(job_.model.theta, layer); });
        optimizer_.write_state(job_, pass_);
    }

    static constexpr Real kNoClip = 1;
    const Rule rule_;
    Epoch<Real>& job_;
    const int64_t steps_;
    const int most_rows_;
    const bool clips_;
    Gradients<Real> gradients_;
    const Pass<Real>& pass_;
    double* const weight_sums_;  // of each step
    const Optimizer<Real> optimizer_;
    ChunkSquares* const squares_;  // of each chunk
    SparseInputs<Real> inputs_;
    ChunkSquares* const input_squares_;
    double loss_sum_ = 0;
    double norm_ = 0;
    int64_t failed_step_ = -1;
};

template <class Real>
inline void train_epoch(Epoch<Real>& job, Workspace& workspace) {
    if (job.order_size == 0) return;
    workspace.begin();
    with_rule<Real>(job.update, [&](auto rule) { EpochRun<Real, decltype(rule)>(rule, job, workspace).run(); });
}

}  // namespace ranvier::RANVIER_LEVEL

// Training: the gradient of a loss over a table, and one epoch of steps.
//
// A step is two shared loops. The first runs over blocks of rows: gather, forward, loss, backward. The second runs over
// tiles of W: dW = X' dZ, and at once, while the tile is in registers, the update. Only clipping by norm must know the
// whole gradient first and stores it.
#pragma once

#include "equations/update.h"
#include "machine/sharing.h"
#include "passes.h"

namespace ranvier::RANVIER_LEVEL {

constexpr int kGradientRows = 1024;  // a large table's gradient is summed over slices of so many rows

template <class Real>
inline Batch<Real> batch_of(const Table<Real>& table, const int64_t* rows, int64_t first, int size, double weight_sum) {
    return {&table, rows, first, size, blocks_of(size), weight_sum};
}

template <class Real>
inline double weight_sum_of(const Table<Real>& table, const int64_t* rows, int64_t first, int64_t size) {
    if (!table.weights) return static_cast<double>(size);
    double sum = 0;
    for (int64_t i = 0; i < size; ++i) sum += static_cast<double>(table.weights[rows ? rows[i] : first + i]);
    return sum;
}

inline double sum_in_order(const double* values, int count) {
    double sum = 0;
    for (int i = 0; i < count; ++i) sum += values[i];
    return sum;
}

RANVIER_INLINE bool is_finite(double x) { return x - x == 0; }

template <class Real>
RANVIER_INLINE void add_to(Real* at, Vec<Real> value) {
    store(at, load(at) + value);
}

// job.result and job.gradient over the whole table, slice by slice, each slice added in order.
template <class Real>
inline void gradient(Gradient<Real>& job, Workspace& workspace) {
    Arena& arena = workspace.arena;
    arena.reset();
    const int most_rows = job.table.rows < kGradientRows ? static_cast<int>(job.table.rows) : kGradientRows;
    const Pass<Real> pass(job.model, job.loss, most_rows, arena);
    pass.read_parameters();
    Parameters<Real>* sums = take<Parameters<Real>>(arena, job.model.dense_layers);
    pass.for_each_dense([&](const Layer& layer) { sums[layer.depth] = Parameters<Real>(arena, layer); });
    const Chunks chunks = Chunks::of(pass, most_rows, arena);
    double* losses = take<double>(arena, blocks_of(most_rows));
    const double weight_sum = weight_sum_of(job.table, static_cast<const int64_t*>(nullptr), 0, job.table.rows);
    double loss = 0;

    auto program = [&](int) {
        Sharing shared(workspace.team, workspace.team.size());
        for (int64_t first = 0; first < job.table.rows; first += kGradientRows) {
            const int64_t left = job.table.rows - first;
            const int size = static_cast<int>(left < kGradientRows ? left : kGradientRows);
            const Batch<Real> batch =
                batch_of(job.table, static_cast<const int64_t*>(nullptr), first, size, weight_sum);
            shared.loop(
                batch.blocks,
                [&](int block) { losses[block] = forward_backward<Real>(pass, batch, nullptr, block); },
                [&] { loss += sum_in_order(losses, batch.blocks); });
            if (!job.gradient) continue;
            shared.loop(chunks.count, [&](int index) {
                const Chunk& chunk = chunks.list[index];
                const Parameters<Real>& sum = sums[job.model.layers[chunk.layer].depth];
                gradient_of_chunk(
                    pass, batch, chunk,
                    [&](int row, int c, Vec<Real> dW) { add_to(sum.W.panel(chunk.j) + row * kLanes<Real> + c, dW); },
                    [&](int c, Vec<Real> db) { add_to(sum.b.panel(chunk.j) + c, db); });
            });
        }
    };
    run_program(workspace.team, program, workspace.team.size());
    job.result = weight_sum > 0 ? loss / weight_sum : 0;
    if (job.gradient)
        pass.for_each_dense([&](const Layer& layer) { sums[layer.depth].write(job.gradient, layer); });
}

// The update's state in panels, and the scalars of every step, worked out before the first.
template <class Real>
struct Optimizer {
    const Update& update;
    Parameters<Real>* state[2];  // by depth
    Parameters<Real>* gradients = nullptr;  // by depth; only for clipping
    BiasCorrection* corrections;  // by step

    Optimizer(const Epoch<Real>& job, const Pass<Real>& pass, int64_t steps, Arena& arena) : update(job.update) {
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
        return step_scalars<Real>(update, corrections[step], job.rates[step] * factor, is_bias);
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
        : theta(theta_.panel(j)), state{s0.data ? s0.panel(j) : nullptr, s1.data ? s1.panel(j) : nullptr},
          gradient(g.data ? g.panel(j) : nullptr), scalars(s) {}
};

template <class Real>
struct ChunkPlaces {
    Place<Real> W, b;

    ChunkPlaces(const Epoch<Real>& job, const Pass<Real>& pass, const Optimizer<Real>& o, const Chunk& chunk, int64_t step)
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

// dW and db of a chunk, each handed with its penalty to use(place, at, g); returns the sum of their squares.
template <class Real, class Use>
inline double penalised_gradient(const Pass<Real>& pass, const Batch<Real>& batch, const Chunk& chunk,
                                 const ChunkPlaces<Real>& places, Use&& use) {
    SquareSum<Real> squares;
    auto each = [&](const Place<Real>& place, int64_t at, int c, Vec<Real> g) RANVIER_INLINE_LAMBDA {
        g = penalised(g, place.theta + at, place.scalars);
        squares.add(c, g);
        use(place, at, g);
    };
    gradient_of_chunk(
        pass, batch, chunk,
        [&](int row, int c, Vec<Real> dW) { each(places.W, int64_t{row} * kLanes<Real> + c, c, dW); },
        [&](int c, Vec<Real> db) { each(places.b, c, c, db); });
    return squares.sum();
}

// The stored gradient of a chunk, clipped, moves its parameters.
template <class Real, class Rule>
inline void apply_stored(const Rule& rule, const Chunk& chunk, const ChunkPlaces<Real>& places, int inputs, Real clip) {
    auto move = [&](const Place<Real>& place, int64_t at) {
        apply(rule, place.theta, load(place.gradient + at) * broadcast(clip), place.state, at, place.scalars);
    };
    constexpr int64_t tile = int64_t{kLanes<Real>} * kLanes<Real>;
    const int64_t end = chunk.i_end * tile < int64_t{inputs} * kLanes<Real> ? chunk.i_end * tile : int64_t{inputs} * kLanes<Real>;
    for (int64_t at = chunk.i_begin * tile; at < end; at += kWidth<Real>) move(places.W, at);
    if (chunk.i_begin == 0)
        for (int at = 0; at < kLanes<Real>; at += kWidth<Real>) move(places.b, at);
}

// W' follows W, for the backward pass of the next step.
template <class Real>
inline void transpose_chunk(const Pass<Real>& pass, const Chunk& chunk) {
    for (int i = chunk.i_begin; i < chunk.i_end; ++i) pass.transpose(pass.model.layers[chunk.layer], i, chunk.j);
}

template <class Real, class Rule>
inline void train_epoch_with(const Rule& rule, Epoch<Real>& job, Workspace& workspace) {
    Arena& arena = workspace.arena;
    arena.reset();
    const int64_t steps = (job.order_size + job.batch_size - 1) / job.batch_size;
    const int most_rows = job.order_size < job.batch_size ? static_cast<int>(job.order_size) : job.batch_size;
    const Pass<Real> pass(job.model, job.loss, most_rows, arena);
    pass.read_parameters();
    const Optimizer<Real> optimizer(job, pass, steps, arena);
    const Chunks chunks = Chunks::of(pass, most_rows, arena);
    double* losses = take<double>(arena, blocks_of(most_rows));
    double* squares = take<double>(arena, chunks.count);
    double* weight_sums = take<double>(arena, steps);
    for (int64_t step = 0; step < steps; ++step) {
        const int64_t first = step * job.batch_size;
        const int64_t left = job.order_size - first;
        weight_sums[step] = weight_sum_of(job.table, job.order + first, 0, left < job.batch_size ? left : job.batch_size);
    }
    const DropoutNoise noise{job.seed, job.number};
    const bool clips = job.update.clip_norm > 0;
    double loss_sum = 0, norm = 0;
    int64_t failed_step = -1;

    auto program = [&](int) {
        Sharing shared(workspace.team, workspace.team.size());
        for (int64_t step = 0; step < steps; ++step) {
            const int64_t first = step * job.batch_size;
            const int64_t left = job.order_size - first;
            const int size = static_cast<int>(left < job.batch_size ? left : job.batch_size);
            const Batch<Real> batch = batch_of(job.table, job.order + first, 0, size, weight_sums[step]);

            shared.loop(
                batch.blocks,
                [&](int block) { losses[block] = forward_backward(pass, batch, &noise, block); },
                [&] {
                    const double loss = sum_in_order(losses, batch.blocks);
                    if (is_finite(loss))
                        loss_sum += loss;
                    else
                        __atomic_store_n(&failed_step, step, __ATOMIC_RELAXED);
                });
            if (__atomic_load_n(&failed_step, __ATOMIC_RELAXED) >= 0) return;

            shared.loop(
                chunks.count,
                [&](int index) {
                    const Chunk& chunk = chunks.list[index];
                    const ChunkPlaces<Real> places(job, pass, optimizer, chunk, step);
                    squares[index] = penalised_gradient(
                        pass, batch, chunk, places, [&](const Place<Real>& place, int64_t at, Vec<Real> g) {
                            if (clips)
                                store(place.gradient + at, g);
                            else
                                apply(rule, place.theta, g, place.state, at, place.scalars);
                        });
                    if (!clips) transpose_chunk(pass, chunk);
                },
                [&] { norm = __builtin_sqrt(sum_in_order(squares, chunks.count)); });
            if (!clips) continue;

            shared.loop(chunks.count, [&](int index) {
                const Chunk& chunk = chunks.list[index];
                const ChunkPlaces<Real> places(job, pass, optimizer, chunk, step);
                const double clip = norm > job.update.clip_norm ? job.update.clip_norm / norm : 1;
                apply_stored(rule, chunk, places, job.model.layers[chunk.layer].inputs, static_cast<Real>(clip));
                transpose_chunk(pass, chunk);
            });
        }
    };
    run_program(workspace.team, program, workspace.team.size());

    double weight_sum = 0;
    for (int64_t step = 0; step < (failed_step < 0 ? steps : failed_step); ++step) weight_sum += weight_sums[step];
    job.mean_loss = weight_sum > 0 ? loss_sum / weight_sum : 0;
    job.gradient_norm = norm;
    job.failed_step = failed_step;
    pass.for_each_dense([&](const Layer& layer) { pass.parameters[layer.depth].write(job.model.theta, layer); });
    optimizer.write_state(job, pass);
}

template <class Real>
inline void train_epoch(Epoch<Real>& job, Workspace& workspace) {
    if (job.order_size == 0) return;
    with_rule<Real>(job.update, [&](auto rule) { train_epoch_with(rule, job, workspace); });
}

}  // namespace ranvier::RANVIER_LEVEL

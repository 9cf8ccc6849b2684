// The gradient of a loss: dW = X' dZ for every layer, divided into tasks, each a part of some W. What it computes:
//
//     for (each block of rows) forward, loss, backward;             // leaves X and dZ of every layer (passes.h)
//     for (each layer)
//         for (i < inputs) for (j < units) {
//             dW[i][j] = 0;
//             for (each row r) dW[i][j] += X[r][i] * dZ[r][j];
//         }
//     for (each layer) for (j < units) db[j] = sum over r of dZ[r][j];
//
// Two things make it fast. A panel of dW takes the terms of a run of rows while it is in registers, and waits in the nearest
// cache for the next run (multiply_transposed.h). Or, if rows are many and parameters few, each block adds its part at
// once to a partial sum, and a task adds up the partial sums (partial_sums.h).
//
// Relied on: padding columns of X and dZ are finite, and those of dZ zero within every vector that holds a real column,
// so the padding of dW and db is zero as well and an update leaves the padding of the parameters zero. take_panels
// (training_state.h) clears it once; forward and backward keep it.
#pragma once

#include "gradient_tasks.h"
#include "machine/parallel_for.h"
#include "partial_sums.h"
#include "sparse.h"

namespace ranvier::RANVIER_LEVEL {

// Stores vectors of a gradient where they belong. A type of its own, so that of_W is compiled once for it.
template <class Real>
struct StoreInPanels {
    Panels<Real> to;
    RANVIER_INLINE void operator()(int j, int row, int c, Vec<Real> g) const {
        store(to.panel(j) + int64_t{row} * kLanes<Real> + c, g);
    }
};

inline double sum_in_order(const double* values, int count) {
    double sum = 0;
    for (int i = 0; i < count; ++i) sum += values[i];
    return sum;
}

RANVIER_INLINE bool is_finite(double x) { return x - x == 0; }

// What gives the gradients of one batch after the other: all that a pass holds, and how the work on it is shared.
template <class Real>
class Gradients {
  public:
    // So many rows, `size` at a time; from the size alone it follows how the gradient is summed.
    Gradients(const Model<Real>& model, const Loss& loss, int64_t rows, int size, Workspace& workspace)
        : team_(workspace.team),
          partial_count_(model.sparse_W ? 0 : partial_sums_of(model, size)),
          batch_rows_(rows < size ? static_cast<int>(rows) : size),
          training_(model, loss, most_rows_of_block(rows, size), partial_count_ ? team_.size() : blocks_of(batch_rows_),
                    workspace.arena),
          partial_sums_(training_, partial_count_, workspace.arena),
          tasks_(GradientTasks::of(training_, partial_count_ ? kUpdateRows + 4 * partial_count_ : batch_rows_,
                                   team_.size(), workspace.arena)),
          columns_(take<Parameters<Real>>(workspace.arena, training_.model.places())),
          losses_(take<double>(workspace.arena, partial_count_ ? partial_count_ : blocks_of(batch_rows_))) {
        if (training_.scaled()) dV_ = take_matrix<Real>(workspace.arena, training_.V.rows, training_.V.columns);
        if (partial_count_) return;
        for_each_place(model, [&](int place, const Layer& layer, const Column* column) {
            if (column) columns_[place] = Parameters<Real>(workspace.arena, layer, column);
        });
    }

    const TrainingState<Real>& training() const { return training_; }
    ThreadTeam& team() const { return team_; }
    int task_count() const { return tasks_.count + training_.scaled(); }

    // Forward and backward; returns sum_r w_r L_r.
    double run(const Batch<Real>& batch, const DropoutNoise* noise) {
        return over_shares(batch, [&](int share, int thread) {
            return partial_count_ ? partial_sums_.run(batch, noise, share, thread)
                                  : forward_backward(training_, batch, noise, share, share);
        });
    }

    // Forward alone.
    double loss(const Batch<Real>& batch, const DropoutNoise* noise) {
        return over_shares(batch, [&](int share, int thread) {
            return partial_count_ ? partial_sums_.loss(batch, noise, share, thread)
                                  : forward_loss(training_, batch, noise, share, share);
        });
    }

    // body(task, its number) for all tasks; that of a scale, which follows from others, is the last.
    template <class Body>
    void for_each_task(const Body& body) {
        auto one = [&](int offered, int) {
            const int index = tasks_.order[offered];
            body(tasks_.list[index], index);
        };
        if (tasks_.worth_sharing)
            parallel_for(team_, tasks_.count, one);
        else
            for (int offered = 0; offered < tasks_.count; ++offered) one(offered, 0);
        if (training_.scaled()) body(tasks_.list[tasks_.count], tasks_.count);
    }

    // Calls use_W(panel, row of W, column, vector of dW), use_b(panel, column, vector of db) and use_alpha likewise for
    // all of a task; for a column of an embedding, whose values lie row after row, use_W with these, and for its scale
    // use_b.
    template <class UseW, class UseB, class UseAlpha>
    void of_task(const Batch<Real>& batch, const GradientTask& task, UseW&& use_W, UseB&& use_b,
                 UseAlpha&& use_alpha) const {
        const Layer& layer = training_.model.layers[task.layer];
        if (task.place == training_.model.scale_place()) return of_scale(use_b);
        if (layer.kind == LayerKind::embedding && !partial_count_) return of_column(batch, task, layer, use_W);
        if (task.place == 0 && training_.scaled())
            of_folded(batch, task, use_W);
        else
            of_W(batch, task, use_W);
        if (task.begin == 0) of_vectors(batch, task, use_b, use_alpha);
    }

  private:
    LayerBlocks<Real> blocks_of_layer(const Batch<Real>& batch, int depth) const {
        return {training_, batch, depth, 0, 0, batch.blocks};
    }

    // loss_of(share, thread) for each partial sum or block, and their sum.
    template <class LossOf>
    double over_shares(const Batch<Real>& batch, const LossOf& loss_of) {
        const int shares = partial_count_ ? partial_count_ : batch.blocks;
        parallel_for(team_, shares, [&](int share, int thread) { losses_[share] = loss_of(share, thread); });
        return sum_in_order(losses_, shares);
    }

    template <class UseW>
    void of_W(const Batch<Real>& batch, const GradientTask& task, UseW&& use_W) const {
        if (partial_count_) {
            for (int j = task.j_begin; j < task.j_end; ++j)
                partial_sums_.sum_of_W(task.place, j, task.begin, task.end, use_W);
            return;
        }
        const LayerBlocks<Real> blocks = blocks_of_layer(batch, training_.model.layers[task.layer].depth);
        for (int i = task.i_begin; i < task.i_end; ++i)
            dense_gradient<Real>(blocks, i, task.j_begin, task.j_end, use_W);
    }

    // b and alpha
    template <class UseB, class UseAlpha>
    void of_vectors(const Batch<Real>& batch, const GradientTask& task, UseB&& use_b, UseAlpha&& use_alpha) const {
        const Layer& layer = training_.model.layers[task.layer];
        const LayerBlocks<Real> blocks = blocks_of_layer(batch, layer.depth);
        for (int j = task.j_begin; j < task.j_end; ++j) {
            if (partial_count_) {
                partial_sums_.sum_of_vectors(task.place, j, use_b, use_alpha);
                continue;
            }
            bias_gradient<Real>(blocks, j, use_b);
            if (layer.parametric) alpha_gradient<Real>(blocks, j, use_alpha);
        }
    }

    // Where the scale is folded into W: dV first, which is kept, and then dW.
    template <class UseW>
    void of_folded(const Batch<Real>& batch, const GradientTask& task, UseW&& use_W) const {
        of_W(batch, task, StoreInPanels<Real>{dV_});
        unfold_scale(training_.scale(), training_.parameters[0].W, dV_, task.begin, task.end, task.j_begin, task.j_end,
                     use_W);
    }

    template <class UseB>
    void of_scale(UseB&& use_b) const {
        const int panels = dV_.count();
        scale_gradient(
            dV_, GradientTasks::groups_of(panels), [&](int group) { return GradientTasks::group_begin(panels, group); },
            use_b);
    }

    template <class UseW>
    void of_column(const Batch<Real>& batch, const GradientTask& task, const Layer& layer, UseW&& use_W) const {
        constexpr int lanes = kLanes<Real>;
        const int i = task.place - training_.model.dense_layers;
        const Column& column = layer.columns[i];
        const LayerBlocks<Real> blocks = blocks_of_layer(batch, 0);
        const Parameters<Real>& g = columns_[task.place];
        Real* const values = g.W.data;
        for (int64_t at = task.begin * lanes; at < task.end * lanes; ++at) values[at] = 0;
        column_gradient(blocks, i, column, training_.values_of(i), task.i_begin, task.i_end, values);
        for (int64_t row = task.begin; row < task.end; ++row)
            for (int c = 0; c < lanes; c += kWidth<Real>)
                use_W(0, static_cast<int>(row), c, load(values + row * lanes + c));
    }

    ThreadTeam& team_;
    const int partial_count_;
    const int batch_rows_;  // of the largest batch
    const TrainingState<Real> training_;
    const PartialSums<Real> partial_sums_;
    const GradientTasks tasks_;
    Parameters<Real>* const columns_;  // the gradient of an embedding's columns, by place
    double* const losses_;             // of each share of the rows
    Panels<Real> dV_;                  // where a scale is folded into W
};

// Adds dW of a first layer over sparse rows to job.gradient, where it lies as W does.
template <class Real>
inline void add_gradient_of_inputs(SparseInputs<Real>& inputs, const Batch<Real>& batch, Gradient<Real>& job,
                                   ThreadTeam& team) {
    Real* const dW = job.gradient + (job.model.sparse_W - job.model.theta);
    Real* const no_state[3] = {};
    inputs.sort_by_column(batch);
    inputs.for_each_task(team, [&](int, int first, int end) {
        for (int i = first; i < end; ++i)
            inputs.gradient_of_row(i, [&](int64_t at, int left, int, Vec<Real> part) RANVIER_INLINE_LAMBDA {
                with_lanes(dW, no_state, at, left, [&](Real* sum, Real* const*) { add_to(sum, part); });
            });
    });
}

// job.result and job.gradient over the whole table, slice by slice, each slice added in order.
template <class Real>
inline void gradient(Gradient<Real>& job, Workspace& workspace) {
    if (job.table.rows == 0) {
        if (job.gradient) __builtin_memset(job.gradient, 0, sizeof(Real) * job.model.parameters);
        return;
    }
    workspace.begin();
    // Activations of so many rows are held. Each slice goes through all of a wide W, so there are few of them then.
    const int slice = job.model.sparse_W ? 4096 : 1024;
    const int64_t rows = job.table.rows;
    Gradients<Real> gradients(job.model, job.loss, rows, slice, workspace);
    const TrainingState<Real>& training = gradients.training();
    training.read_parameters();
    Parameters<Real>* sums = take<Parameters<Real>>(workspace.arena, job.model.places());
    for_each_place(job.model, [&](int place, const Layer& layer, const Column* column) {
        sums[place] = Parameters<Real>(workspace.arena, layer, column);
    });
    const double weight_sum = weight_sum_of(job.table, static_cast<const int64_t*>(nullptr), 0, rows);
    const DropoutNoise noise{job.seed, job.number, job.dropout};
    SparseInputs<Real> inputs(training, SparseInputs<Real>::most_cells(job.table, nullptr, rows, slice),
                              workspace.arena);
    if (job.gradient && job.model.sparse_W) __builtin_memset(job.gradient, 0, sizeof(Real) * job.model.parameters);
    double loss = 0;

    for (int64_t first = 0; first < rows && !workspace.team.stopped(); first += slice) {
        const int size = static_cast<int>(rows - first < slice ? rows - first : slice);
        const Batch<Real> batch = batch_of(job.table, static_cast<const int64_t*>(nullptr), first, size, weight_sum);
        const DropoutNoise* const active = job.dropout > 0 ? &noise : nullptr;
        if (!job.gradient) {
            loss += gradients.loss(batch, active);
            continue;
        }
        loss += gradients.run(batch, active);
        gradients.for_each_task([&](const GradientTask& task, int) {
            const Parameters<Real>& sum = sums[task.place];
            auto add = [first](Real* at, Vec<Real> part)
                           RANVIER_INLINE_LAMBDA { first == 0 ? store(at, part) : add_to(at, part); };
            gradients.of_task(
                batch, task,
                [&](int j, int row, int c, Vec<Real> dW) { add(sum.W.panel(j) + int64_t{row} * kLanes<Real> + c, dW); },
                [&](int j, int c, Vec<Real> db) { add(sum.b.panel(j) + c, db); },
                [&](int j, int c, Vec<Real> dalpha) { add(sum.alpha.panel(j) + c, dalpha); });
        });
        if (job.model.sparse_W) add_gradient_of_inputs(inputs, batch, job, gradients.team());
    }
    job.result = weight_sum > 0 ? loss / weight_sum : 0;
    if (!job.gradient) return;
    for_each_place(job.model, [&](int place, const Layer& layer, const Column* column) {
        sums[place].write(job.gradient, layer, column);
    });
}

}  // namespace ranvier::RANVIER_LEVEL

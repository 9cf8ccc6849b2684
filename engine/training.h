// One epoch of training.
//
// A step is two shared loops. The first runs over blocks of rows: gather, forward, loss, backward. The second runs over
// tiles of W: dW = X' dZ, and at once, while the tile is in registers, the update. Only clipping by norm must know the
// whole gradient first and stores it.
#pragma once

#include "gradient.h"
#include "optimizer.h"

namespace ranvier::RANVIER_LEVEL {

// Sum of squares of what it is given, lane by lane.
template <class Real>
struct SquareSum {
    alignas(64) Real lanes[kLanes<Real>] = {};
    RANVIER_INLINE void add(int c, Vec<Real> g) {
        Real* const at = lanes + c % kLanes<Real>;
        store(at, fma(g, g, load(at)));
    }
    RANVIER_INLINE double sum() const { return static_cast<double>(sum_lanes(lanes)); }
};

// Sums of squares of a task: of its gradient with the penalty, and of what is penalised, by how much of it (all of W,
// as a rule).
struct TaskSquares {
    double gradient;
    double W;
};

// dW, db and dalpha of a task, each handed with its penalty to use(place, at, g). The squares are summed where they are
// `wanted`.
template <class Real, class Use>
inline TaskSquares penalised_gradient(const Gradients<Real>& gradients, const Batch<Real>& batch,
                                      const GradientTask& task, const TaskPlaces<Real>& places, bool wanted,
                                      Use&& use) {
    SquareSum<Real> squares, W_squares, others[2];
    auto each = [&](const Place<Real>& place, int64_t at, int c, Vec<Real> g) RANVIER_INLINE_LAMBDA {
        g = penalised(g, place.theta + at, place.scalars);
        if (wanted) squares.add(c, g);
        use(place, at, g);
    };
    gradients.of_task(
        batch, task,
        [&](int j, int row, int c, Vec<Real> dW) {
            const int64_t at = places.W.at(j, row, c);
            if (wanted) W_squares.add(c, load(places.W.theta + at));
            each(places.W, at, c, dW);
        },
        [&](int j, int c, Vec<Real> db) {
            const int64_t at = places.b.at(j, 0, c);
            if (places.b.scalars.decays != 0) others[0].add(c, load(places.b.theta + at));
            each(places.b, at, c, db);
        },
        [&](int j, int c, Vec<Real> dalpha) {
            const int64_t at = places.alpha.at(j, 0, c);
            if (places.alpha.scalars.decays != 0) others[1].add(c, load(places.alpha.theta + at));
            each(places.alpha, at, c, dalpha);
        });
    const double sum = W_squares.sum() * places.W.scalars.decays;
    return {squares.sum(),
            sum + others[0].sum() * places.b.scalars.decays + others[1].sum() * places.alpha.scalars.decays};
}

// The stored gradient of a task, clipped, moves its parameters.
template <class Real>
inline void apply_stored(const Rule<Real>& rule, const GradientTask& task, const TaskPlaces<Real>& places, Real clip) {
    auto move = [&](const Place<Real>& place, int64_t at) {
        apply(rule, place.theta, load(place.gradient + at) * broadcast(clip), place.state, at, place.scalars);
    };
    for (int j = task.j_begin; j < task.j_end; ++j) {
        for (int64_t at = places.W.at(j, task.begin, 0); at < places.W.at(j, task.end, 0); at += kWidth<Real>)
            move(places.W, at);
        if (task.begin != 0) continue;
        for (int c = 0; c < kLanes<Real> && places.b.theta; c += kWidth<Real>) move(places.b, places.b.at(j, 0, c));
        for (int c = 0; c < kLanes<Real> && places.alpha.theta; c += kWidth<Real>)
            move(places.alpha, places.alpha.at(j, 0, c));
    }
}

// W' follows W, for the backward pass of the next step; V' does so at the end.
template <class Real>
inline void transpose_task(const TrainingState<Real>& training, const GradientTask& task) {
    const Layer& layer = training.model.layers[task.layer];
    if (!layer.is_dense() || (layer.depth == 0 && training.scaled())) return;
    for (int i = task.i_begin; i < task.i_end; ++i)
        for (int j = task.j_begin; j < task.j_end; ++j) training.transpose(layer, i, j);
}

// An epoch, step by step.
template <class Real>
class EpochRun {
  public:
    EpochRun(Epoch<Real>& job, Workspace& workspace)
        : rule_(job.update),
          job_(job),
          steps_((job.order_size + job.batch_size - 1) / job.batch_size),
          clips_(job.update.clip_norm > 0),
          gradients_(job.model, job.loss, job.order_size, job.batch_size, workspace),
          training_(gradients_.training()),
          weight_sums_(take<double>(workspace.arena, steps_)),
          optimizer_(job, steps_, weight_sums_, workspace.arena),
          squares_(take<TaskSquares>(workspace.arena, gradients_.task_count())),
          inputs_(training_, SparseInputs<Real>::most_cells(job.table, job.order, job.order_size, job.batch_size),
                  workspace.arena),
          input_squares_(take<TaskSquares>(workspace.arena, inputs_.task_count())) {
        training_.read_parameters();
        for (int64_t step = 0; step < steps_; ++step)
            weight_sums_[step] = weight_sum_of(job.table, rows_of(step), 0, size_of(step));
    }

    void run() {
        for (int64_t step = 0; step < steps_ && failed_step_ < 0; ++step) {
            const Batch<Real> batch = batch_of(job_.table, rows_of(step), 0, size_of(step), weight_sums_[step]);
            pass_over_rows(batch, step);
            if (failed_step_ >= 0 || team().stopped()) break;
            // The W of sparse rows changes where it lies, so there is no way back from half a step.
            team().interruption().hold(job_.model.sparse_W);
            update_weights(batch, step);
            if (clips_) apply_clipped(step);
            training_.follow_scale();
            team().interruption().hold(false);
            if (team().stopped()) break;
        }
        // What was stopped leaves theta and its state as the call found them; over sparse rows as the last step left
        // them.
        if (!team().stopped() || job_.model.sparse_W) report();
    }

  private:
    ThreadTeam& team() const { return gradients_.team(); }
    const int64_t* rows_of(int64_t step) const { return job_.order + step * job_.batch_size; }
    int size_of(int64_t step) const {
        const int64_t left = job_.order_size - step * job_.batch_size;
        return static_cast<int>(left < job_.batch_size ? left : job_.batch_size);
    }

    void pass_over_rows(const Batch<Real>& batch, int64_t step) {
        const DropoutNoise noise{job_.seed, job_.number, job_.dropouts ? job_.dropouts[step] : 1};
        const double loss = gradients_.run(batch, &noise);
        if (job_.step_losses) job_.step_losses[step] = batch.weight_sum > 0 ? loss / batch.weight_sum : 0;
        if (is_finite(loss))
            loss_sum_ += loss;
        else
            failed_step_ = step;
    }

    // The gradient of each task, and its update at once; before clipping it can only be stored.
    void update_weights(const Batch<Real>& batch, int64_t step) {
        const bool squares_wanted = clips_ || job_.step_squares || step == steps_ - 1;
        gradients_.for_each_task([&](const GradientTask& task, int index) {
            const TaskPlaces<Real> places(job_, training_, optimizer_, task, step);
            const Rule<Real> rule = rule_;  // a copy, which no store can change: it stays in registers
            const bool clips = clips_;
            auto use = [&](const Place<Real>& place, int64_t at, Vec<Real> g) RANVIER_INLINE_LAMBDA {
                if (clips)
                    store(place.gradient + at, g);
                else
                    apply(rule, place.theta, g, place.state, at, place.scalars);
            };
            squares_[index] = penalised_gradient(gradients_, batch, task, places, squares_wanted, use);
            if (!clips_) transpose_task(training_, task);
        });
        TaskSquares sum{};
        for (int i = 0; i < gradients_.task_count(); ++i) {
            sum.gradient += squares_[i].gradient;
            sum.W += squares_[i].W;
        }
        if (job_.model.sparse_W) {
            inputs_.sort_by_column(batch);
            update_inputs(step, clips_ ? nullptr : &kNoClip, sum);
        }
        norm_ = __builtin_sqrt(sum.gradient);
        if (job_.step_squares) job_.step_squares[step] = sum.W;
    }

    // The same for the W of a first layer over sparse rows, row by row; without a clip it is only measured. What is not
    // stored is summed again when the clip is known: there are as many sums, and no memory for them.
    void update_inputs(int64_t step, const Real* clip, TaskSquares& sum) {
        if (rule_.is_adam())
            update_inputs_by(KnownRule<Real, true>{rule_}, step, clip, sum);
        else
            update_inputs_by(KnownRule<Real, false>{rule_}, step, clip, sum);
    }

    template <class AnyRule>
    void update_inputs_by(const AnyRule& by, int64_t step, const Real* clip, TaskSquares& sum) {
        const StepScalars<Real> scalars = optimizer_.scalars(job_, job_.model.layers[0], step, 0);
        Real* state[3] = {};
        for (int s = 0; s < job_.update.slots(); ++s)
            state[state_of_slot(job_.update, s)] =
                job_.state + s * job_.model.parameters + (job_.model.sparse_W - job_.model.theta);
        inputs_.for_each_task(gradients_.team(), [&](int index, int first, int end) {
            SquareSum<Real> squares, W_squares;
            const AnyRule rule = by;  // copies, which no store can change
            const StepScalars<Real> s = scalars;
            const Real factor = clip ? *clip : Real(0);
            for (int i = first; i < end; ++i)
                inputs_.gradient_of_row(i, [&](int64_t at, int left, int c, Vec<Real> dW) RANVIER_INLINE_LAMBDA {
                    auto move = [&](Real* theta, Real* const* own) RANVIER_INLINE_LAMBDA {
                        const Vec<Real> g = penalised(dW, theta, s);
                        squares.add(c, g);
                        W_squares.add(c, load(theta));
                        if (clip) apply(rule, theta, g * broadcast(factor), own, 0, s);
                    };
                    with_lanes(job_.model.sparse_W, state, at, left, move);
                });
            input_squares_[index] = {squares.sum(), W_squares.sum() * scalars.decays};
        });
        for (int i = 0; i < inputs_.task_count(); ++i) {
            sum.gradient += input_squares_[i].gradient;
            sum.W += input_squares_[i].W;
        }
    }

    void apply_clipped(int64_t step) {
        const double clip = norm_ > job_.update.clip_norm ? job_.update.clip_norm / norm_ : 1;
        if (job_.model.sparse_W) {
            const Real factor = static_cast<Real>(clip);
            TaskSquares again{};
            update_inputs(step, &factor, again);
        }
        gradients_.for_each_task([&](const GradientTask& task, int) {
            const TaskPlaces<Real> places(job_, training_, optimizer_, task, step);
            apply_stored(rule_, task, places, static_cast<Real>(clip));
            transpose_task(training_, task);
        });
    }

    void report() {
        double weight_sum = 0;
        for (int64_t step = 0; step < (failed_step_ < 0 ? steps_ : failed_step_); ++step)
            weight_sum += weight_sums_[step];
        job_.mean_loss = weight_sum > 0 ? loss_sum_ / weight_sum : 0;
        job_.gradient_norm = norm_;
        job_.failed_step = failed_step_;
        for_each_place(job_.model, [&](int place, const Layer& layer, const Column* column) {
            training_.parameters[place].write(job_.model.theta, layer, column);
        });
        optimizer_.write_state(job_);
    }

    static constexpr Real kNoClip = 1;
    const Rule<Real> rule_;
    Epoch<Real>& job_;
    const int64_t steps_;
    const bool clips_;
    Gradients<Real> gradients_;
    const TrainingState<Real>& training_;
    double* const weight_sums_;  // of each step
    const Optimizer<Real> optimizer_;
    TaskSquares* const squares_;  // of each task
    SparseInputs<Real> inputs_;
    TaskSquares* const input_squares_;
    double loss_sum_ = 0;
    double norm_ = 0;
    int64_t failed_step_ = -1;
};

template <class Real>
inline void train_epoch(Epoch<Real>& job, Workspace& workspace) {
    if (job.order_size == 0) return;
    workspace.begin();
    EpochRun<Real>(job, workspace).run();
}

}  // namespace ranvier::RANVIER_LEVEL

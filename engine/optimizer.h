// What an epoch's updates work on: the state of the optimizer in panels, and for each task where its parameters lie and
// how far they move.
#pragma once

#include "equations/update.h"
#include "gradient_tasks.h"
#include "training_state.h"

namespace ranvier::RANVIER_LEVEL {

// The update's state in panels, and the scalars of every step, worked out before the first.
template <class Real>
struct Optimizer {
    const Update& update;
    Parameters<Real>* state[3];             // by place; the last is the running mean
    Parameters<Real>* gradients = nullptr;  // by place; only for clipping
    BiasCorrection* corrections;            // by step
    const double* weight_sums;              // by step

    Optimizer(const Epoch<Real>& job, int64_t steps, const double* weight_sums_, Arena& arena)
        : update(job.update), weight_sums(weight_sums_) {
        for (auto& slot : state) slot = take<Parameters<Real>>(arena, job.model.places());
        if (update.clip_norm > 0) gradients = take<Parameters<Real>>(arena, job.model.places());
        for_each_place(job.model, [&](int place, const Layer& layer, const Column* column) {
            for (int s = 0; s < update.slots(); ++s) {
                Parameters<Real>& slot = state[state_of_slot(update, s)][place];
                slot = Parameters<Real>(arena, layer, column);
                slot.read(job.state + s * job.model.parameters, layer, column);
            }
            if (gradients) gradients[place] = Parameters<Real>(arena, layer, column);
        });
        corrections = take<BiasCorrection>(arena, steps);
        for (int64_t step = 0; step < steps; ++step)
            corrections[step] = BiasCorrection(update, job.steps_before + step + 1);
    }

    // Of group 0 (W), 1 (b) or 2 (alpha, or the values of categories) of a layer.
    StepScalars<Real> scalars(const Epoch<Real>& job, const Layer& layer, int64_t step, int group) const {
        const bool decays = group == 0 || (group == 2 && !layer.is_dense());
        return step_scalars<Real>(update, corrections[step],
                                  job.rates[step] * update.rate_factor(layer.param_group, group), weight_sums[step],
                                  update.decay_factor(layer.param_group, group, decays),
                                  job.decays ? job.decays[step] : 1);
    }

    void write_state(const Epoch<Real>& job) const {
        for_each_place(job.model, [&](int place, const Layer& layer, const Column* column) {
            for (int s = 0; s < update.slots(); ++s)
                state[state_of_slot(update, s)][place].write(job.state + s * job.model.parameters, layer, column);
        });
    }
};

// Part W, b or alpha of the parameters at a place in a step: where they, their state and their gradient lie, in panels
// of the same shape, and how far they move.
template <class Real>
struct Place {
    Real* theta;
    Real* state[3];
    Real* gradient;
    int64_t stride;  // from panel to panel
    StepScalars<Real> scalars;

    Place(const TrainingState<Real>& training, const Optimizer<Real>& o, Panels<Real> Parameters<Real>::* part,
          const GradientTask& task, const StepScalars<Real>& s)
        : theta(of(training.parameters, part, task)),
          state{of(o.state[0], part, task), of(o.state[1], part, task), of(o.state[2], part, task)},
          gradient(of(o.gradients, part, task)),
          stride((training.parameters[task.place].*part).stride),
          scalars(s) {}

    RANVIER_INLINE int64_t at(int panel, int64_t row, int c) const { return panel * stride + row * kLanes<Real> + c; }

  private:
    static Real* of(const Parameters<Real>* all, Panels<Real> Parameters<Real>::* part, const GradientTask& task) {
        return all ? (all[task.place].*part).data : nullptr;
    }
};

template <class Real>
struct TaskPlaces {
    Place<Real> W, b, alpha;

    TaskPlaces(const Epoch<Real>& job, const TrainingState<Real>& training, const Optimizer<Real>& o,
               const GradientTask& task, int64_t step)
        : TaskPlaces(job.model.layers[task.layer], job, training, o, task, step) {}

  private:
    TaskPlaces(const Layer& layer, const Epoch<Real>& job, const TrainingState<Real>& training,
               const Optimizer<Real>& o, const GradientTask& task, int64_t step)
        : W(training, o, &Parameters<Real>::W, task, o.scalars(job, layer, step, group_of_W(job.model, layer, task))),
          b(training, o, &Parameters<Real>::b, task, o.scalars(job, layer, step, 1)),
          alpha(training, o, &Parameters<Real>::alpha, task, o.scalars(job, layer, step, 2)) {}

    static int group_of_W(const Model<Real>& model, const Layer& layer, const GradientTask& task) {
        if (layer.is_dense() || task.place == model.scale_place()) return 0;
        return layer.columns[task.place - model.dense_layers].kind == ColumnKind::category ? 2 : 0;
    }
};

}  // namespace ranvier::RANVIER_LEVEL

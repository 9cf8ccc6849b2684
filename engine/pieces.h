// Single equations for callers that hold row-major arrays: an activation, a product, a loss, an optimizer's step. The
// trace, TabM's shared weights and the statistics of a run are made of these.
#pragma once

#include "equations/dense.h"
#include "equations/loss.h"
#include "equations/update.h"
#include "machine/parallel_for.h"
#include "sparse.h"
#include "training_state.h"

namespace ranvier::RANVIER_LEVEL {

// Row-major memory in panels of their own.
template <class Real>
Panels<Real> panels_from(Arena& arena, const Real* from, int rows, int columns) {
    const Panels<Real> panels = take_matrix<Real>(arena, rows, columns);
    gather<Real>(from, columns, nullptr, panels);
    return panels;
}

// body(begin, end) for ranges of 0..size, shared by the threads; each but the last holds whole vectors.
template <class Body>
inline void for_ranges(Workspace& workspace, int64_t size, const Body& body) {
    constexpr int64_t kRange = 1 << 14;
    parallel_for(workspace.team, static_cast<int>((size + kRange - 1) / kRange), [&](int range, int) {
        const int64_t begin = range * kRange;
        body(begin, begin + kRange < size ? begin + kRange : size);
    });
}

// a = f(z) and slope = f'(z)
template <class Real>
void activation(Activation kind, double parameter, const Real* z, Real* a, Real* slope, int64_t size,
                Workspace& workspace) {
    workspace.begin();
    for_ranges(workspace, size, [&](int64_t begin, int64_t end) {
        const int64_t whole = begin + (end - begin) / kWidth<Real> * kWidth<Real>;
        activate_values<Real>(kind, parameter, z + begin, a + begin, slope + begin, whole - begin);
        if (whole == end) return;
        alignas(64) Real rest[3][kWidth<Real>] = {};
        const size_t bytes = sizeof(Real) * static_cast<size_t>(end - whole);
        __builtin_memcpy(rest[0], z + whole, bytes);
        activate_values<Real>(kind, parameter, rest[0], rest[1], rest[2], kWidth<Real>);
        __builtin_memcpy(a + whole, rest[1], bytes);
        __builtin_memcpy(slope + whole, rest[2], bytes);
    });
}

// C = A B, by blocks of rows.
template <class Real>
void product(const Product<Real>& job, Workspace& workspace) {
    workspace.begin();
    const Panels<Real> B = panels_from(workspace.arena, job.B, job.inner, job.columns);
    const int most = job.rows < kBlockRows ? job.rows : kBlockRows, threads = workspace.team.size();
    Panels<Real>* const blocks = take<Panels<Real>>(workspace.arena, 2 * int64_t{threads});
    for (int t = 0; t < 2 * threads; ++t)
        blocks[t] = take_matrix<Real>(workspace.arena, most, t % 2 ? job.columns : job.inner);
    parallel_for(workspace.team, (job.rows + kBlockRows - 1) / kBlockRows, [&](int block, int thread) {
        const int64_t first = int64_t{block} * kBlockRows;
        Panels<Real> A = blocks[2 * thread], C = blocks[2 * thread + 1];
        A.rows = C.rows = static_cast<int>(job.rows - first < kBlockRows ? job.rows - first : kBlockRows);
        gather<Real>(job.A + first * job.inner, job.inner, nullptr, A);
        for (int j = 0; j < C.count(); ++j)
            multiply_panel<Real>(A, B.panel(j), kLanes<Real>, nullptr, C.width(j), StoreAt<Real>{C.panel(j)});
        scatter(C, job.C + first * job.columns, job.columns);
    });
}

// One sum over all rows, in one order, so there is no work to share.
template <class Real>
double output_loss(const OutputLoss<Real>& job, Workspace& workspace) {
    workspace.begin();
    Arena& arena = workspace.arena;
    const int rows = static_cast<int>(job.table.rows);
    const Panels<Real> A = panels_from(arena, job.table.X, rows, job.columns);
    const Panels<Real> Y = panels_from(arena, job.table.Y, rows, job.columns);
    const Panels<Real> slope = take_matrix<Real>(arena, rows, job.columns);
    activate(reads_logits(job.loss.kind) ? Activation::identity : job.output, 0, A, slope.data);
    const double weight_sum = weight_sum_of<Real>(job.table, nullptr, 0, rows);
    const LossBlock<Real> block{A, Y, slope, job.table.weights, static_cast<Real>(1 / weight_sum)};
    const double sum = loss_of_block<Real>(job.loss, block);
    scatter(slope, job.dZ, job.columns);
    return sum / weight_sum;
}

// Each parameter moves on its own, so they are taken where they lie.
template <class Real>
void optimizer_step(const OptimizerStep<Real>& job, Workspace& workspace) {
    workspace.begin();
    const BiasCorrection correction(job.update, job.t);
    const StepScalars<Real> scalars = step_scalars<Real>(job.update, correction, job.learning_rate, 1, 1, 1);
    Real* state[3] = {};
    for (int s = 0; s < job.update.slots(); ++s) state[state_of_slot(job.update, s)] = job.state + s * job.size;
    // Half a step could not be taken back.
    workspace.team.interruption().hold(true);
    for_ranges(workspace, job.size, [&](int64_t begin, int64_t end) {
        const Rule<Real> rule(job.update);
        for (int64_t at = begin; at < end; at += kWidth<Real>) {
            const bool whole = end - at >= kWidth<Real>;
            const Vec<Real> g = whole ? load(job.gradient + at) : load_some(job.gradient + at, end - at);
            with_lanes(job.theta, state, at, static_cast<int>(end - at),
                       [&](Real* theta, Real* const* own) RANVIER_INLINE_LAMBDA {
                           apply(rule, theta, penalised(g, theta, scalars), own, 0, scalars);
                       });
        }
    });
    workspace.team.interruption().hold(false);
}

}  // namespace ranvier::RANVIER_LEVEL

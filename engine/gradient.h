// dW = X' dZ, shared out in chunks of W; and the gradient of a loss over a whole table.
#pragma once

#include "machine/sharing.h"
#include "passes.h"

namespace ranvier::RANVIER_LEVEL {

// The batch as dense_gradient sees it: X and dZ of the layer at one depth, block by block.
template <class Real>
struct GradientBlocks {
    const Pass<Real>& pass;
    const Batch<Real>& batch;
    int depth;
    int count;
    RANVIER_INLINE Panels<Real> X(int block) const { return pass.activity[depth].a(block, batch.rows_in(block)); }
    RANVIER_INLINE Panels<Real> dZ(int block) const { return pass.activity[depth + 1].dz(block, batch.rows_in(block)); }
};

// A share of the gradient: panels i_begin..i_end of the rows of W, panel j of its columns, and with the first also b.
struct Chunk {
    int layer;
    int j, i_begin, i_end;
};

// Calls use_W(row of W, column, vector of dW) and use_b(column, vector of db) for all of a chunk.
template <class Real, class UseW, class UseB>
inline void gradient_of_chunk(const Pass<Real>& pass, const Batch<Real>& batch, const Chunk& chunk, UseW&& use_W,
                              UseB&& use_b) {
    const GradientBlocks<Real> blocks{pass, batch, pass.model.layers[chunk.layer].depth, batch.blocks};
    for (int i = chunk.i_begin; i < chunk.i_end; ++i) dense_gradient<Real>(blocks, i, chunk.j, use_W);
    if (chunk.i_begin == 0) bias_gradient<Real>(blocks, chunk.j, use_b);
}

// All chunks, each large enough to be worth claiming and none so large that a thread would wait for it.
struct Chunks {
    Chunk* list;
    int count;

    template <class Real>
    static Chunks of(const Pass<Real>& pass, int rows, Arena& arena) {
        constexpr int64_t kWork = 1 << 16;  // multiply-adds in vectors of a panel's row: about 2 us
        const int64_t work_of_panel = int64_t{kLanes<Real>} * rows;
        const int step =
            static_cast<int>(work_of_panel * kLanes<Real> >= kWork ? 1 : kWork / (work_of_panel * kLanes<Real>));
        int64_t most = 0;
        pass.for_each_dense([&](const Layer& layer) {
            most += int64_t{panels_of<Real>(layer.units)} * (panels_of<Real>(layer.inputs) / step + 1);
        });
        Chunks chunks{take<Chunk>(arena, most), 0};
        for (int l = 0; l < pass.model.layer_count; ++l) {
            const Layer& layer = pass.model.layers[l];
            if (layer.kind != LayerKind::dense) continue;
            const int last = panels_of<Real>(layer.inputs);
            for (int j = 0; j < panels_of<Real>(layer.units); ++j)
                for (int i = 0; i < last; i += step)
                    chunks.list[chunks.count++] = {l, j, i, i + step < last ? i + step : last};
        }
        return chunks;
    }
};

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
    if (job.table.rows == 0) {
        if (job.gradient) __builtin_memset(job.gradient, 0, sizeof(Real) * job.model.parameters);
        return;
    }
    Arena& arena = workspace.arena;
    workspace.begin();
    const int most_rows = job.table.rows < kGradientRows ? static_cast<int>(job.table.rows) : kGradientRows;
    const Pass<Real> pass(job.model, job.loss, most_rows, arena);
    pass.read_parameters();
    Parameters<Real>* sums = take<Parameters<Real>>(arena, job.model.dense_layers);
    pass.for_each_dense([&](const Layer& layer) { sums[layer.depth] = Parameters<Real>(arena, layer); });
    const Chunks chunks = Chunks::of(pass, most_rows, arena);
    double* losses = take<double>(arena, blocks_of(most_rows));
    const double weight_sum = weight_sum_of(job.table, static_cast<const int64_t*>(nullptr), 0, job.table.rows);
    double loss = 0;

    for (int64_t first = 0; first < job.table.rows; first += kGradientRows) {
        const int64_t left = job.table.rows - first;
        const int size = static_cast<int>(left < kGradientRows ? left : kGradientRows);
        const Batch<Real> batch = batch_of(job.table, static_cast<const int64_t*>(nullptr), first, size, weight_sum);
        shared_loop(workspace.team, batch.blocks,
                    [&](int block, int) { losses[block] = forward_backward<Real>(pass, batch, nullptr, block); });
        loss += sum_in_order(losses, batch.blocks);
        if (!job.gradient) continue;
        shared_loop(workspace.team, chunks.count, [&](int index, int) {
            const Chunk& chunk = chunks.list[index];
            const Parameters<Real>& sum = sums[job.model.layers[chunk.layer].depth];
            gradient_of_chunk(
                pass, batch, chunk,
                [&](int row, int c, Vec<Real> dW) { add_to(sum.W.panel(chunk.j) + row * kLanes<Real> + c, dW); },
                [&](int c, Vec<Real> db) { add_to(sum.b.panel(chunk.j) + c, db); });
        });
    }
    job.result = weight_sum > 0 ? loss / weight_sum : 0;
    if (job.gradient) pass.for_each_dense([&](const Layer& layer) { sums[layer.depth].write(job.gradient, layer); });
}

}  // namespace ranvier::RANVIER_LEVEL

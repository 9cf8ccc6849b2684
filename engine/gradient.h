// The gradient of a loss: dW = X' dZ, shared out in chunks of W. Each tile of dW takes the terms of a run of rows while it
// is in registers, and waits in the nearest cache for the next run; or where that is the longer way, it takes the sums of
// the strands.
#pragma once

#include "machine/sharing.h"
#include "passes.h"
#include "sparse.h"
#include "strands.h"

namespace ranvier::RANVIER_LEVEL {

// All blocks of a batch, as dense_gradient sees them: X and dZ of the layer at one depth.
template <class Real>
struct BlocksOfBatch {
    const Pass<Real>& pass;
    const Batch<Real>& batch;
    int depth;
    int count;
    RANVIER_INLINE Panels<Real> X(int block) const { return pass.activity[depth].a(block, batch.rows_in(block)); }
    RANVIER_INLINE Panels<Real> dZ(int block) const { return pass.activity[depth + 1].dz(block, batch.rows_in(block)); }
    RANVIER_INLINE Panels<Real> E(int block) const { return pass.activity[depth + 1].e(block, batch.rows_in(block)); }
    RANVIER_INLINE ColumnBlock<Real> columns(int block) const { return pass.columns.at(block, batch.rows_in(block)); }
};

// A share of the gradient: panels i_begin..i_end of the rows of W, panels j_begin..j_end of its columns, and with the first
// rows also b and alpha. Or all of an embedding's column, and where that is a large table, some codes of it; or its scale,
// which is as of a b.
struct Chunk {
    int layer, place;
    int i_begin, i_end;  // of a column, the codes
    int j_begin, j_end;
    int64_t begin, end;  // the rows of a panel that this is, of W or of the values

    int64_t work() const { return (end - begin) * (j_end - j_begin); }  // in rows of panels
};

// All chunks, each large enough to be worth claiming and none so large that a thread would wait for it.
struct Chunks {
    Chunk* list;  // with that of a scale behind them
    int* order;   // in which they are offered
    int count;
    bool worth_sharing;  // else they are done before another thread has come

    template <class Real>
    static Chunks of(const Pass<Real>& pass, int rows, int threads, Arena& arena) {
        constexpr int64_t kWork = 1 << 16;  // multiply-adds in vectors of a panel's row: about 2 us
        const int64_t work_of_panel = int64_t{kLanes<Real>} * rows;
        int64_t most = 0, work = 0;
        pass.for_each_dense([&](const Layer& layer) {
            most += int64_t{panels_of<Real>(layer.units)} * (panels_of<Real>(layer.inputs) + 1);  // at least one
            work += work_of_panel * panels_of<Real>(layer.units) * layer.inputs;
        });
        if (const Layer* layer = pass.embedding) {
            for_each_codes<Real>(*layer, [&](int, int, int) { ++most; });
            most += layer->scaled;
            work += layer->size * rows;
        }
        Chunks chunks{take<Chunk>(arena, most), take<int>(arena, most), 0, work >= 4 * kWork};
        for (int l = 0; l < pass.model.layer_count; ++l) {
            const Layer& layer = pass.model.layers[l];
            if (layer.kind == LayerKind::embedding) chunks.add_columns<Real>(layer, pass.model.dense_layers);
            if (layer.kind != LayerKind::dense) continue;
            const int panels = panels_of<Real>(layer.units), groups = groups_of(panels);
            for (int g = 0; g < groups; ++g)
                chunks.add_rows<Real>(l, layer, group_begin(panels, g), group_begin(panels, g + 1),
                                      kWork / (work_of_panel * kLanes<Real>));
        }
        if (pass.scaled()) {
            const int panels = panels_of<Real>(pass.embedding->units);
            chunks.list[chunks.count] = {0, pass.model.scale_place(), 0, 0, 0, panels, 0, 0};
        }
        chunks.deal(threads, arena);
        return chunks;
    }

    // The panels of W's columns that go together.
    static int groups_of(int panels) { return (panels + kPanelsTogether - 1) / kPanelsTogether; }
    static int group_begin(int panels, int group) { return panels * group / groups_of(panels); }

  private:
    // Orders the chunks so that the ranges of the threads, which are of equal length (see thread_team.h), are of about equal
    // work: each chunk goes to whoever has least. Many stay as they are: there the differences are small beside the whole,
    // and neighbours, of which the processor fetches one with the other, should be one thread's.
    void deal(int threads, Arena& arena) {
        for (int i = 0; i < count; ++i) order[i] = i;
        if (count >= 32 * threads) return;
        int64_t* const given = take<int64_t>(arena, threads);
        int* const length = take<int>(arena, threads);
        auto begin = [&](int thread) { return static_cast<int>(int64_t{count} * thread / threads); };
        for (int i = 0; i < count; ++i) {
            int to = -1;
            for (int t = 0; t < threads; ++t)
                if (begin(t) + length[t] < begin(t + 1) && (to < 0 || given[t] < given[to])) to = t;
            order[begin(to) + length[to]++] = i;
            given[to] += list[i].work();
        }
    }

    // All rows of some columns of W, at least so many pairs of panels in a chunk.
    template <class Real>
    void add_rows(int l, const Layer& layer, int j_begin, int j_end, int64_t pairs) {
        const int last = panels_of<Real>(layer.inputs);
        const int columns = j_end - j_begin;
        const int step = pairs > columns ? static_cast<int>(pairs / columns) : 1;
        for (int i = 0; i == 0 || i < last; i += step) {  // at least one, which has b
            const int i_end = i + step < last ? i + step : last;
            const int64_t begin = int64_t{i} * kLanes<Real>, end = int64_t{i_end} * kLanes<Real>;
            const int64_t last_row = end < layer.inputs ? end : layer.inputs;
            list[count++] = {l, layer.depth, i, i_end, j_begin, j_end, begin, last_row};
        }
    }

    template <class Real>
    void add_columns(const Layer& layer, int first_place) {
        for_each_codes<Real>(layer, [&](int i, int begin, int end) {
            const Column& column = layer.columns[i];
            const int64_t last = end < column.size ? int64_t{end} * column.width : column.values;
            const int64_t first_row = int64_t{begin} * column.width / kLanes<Real>;
            const int64_t last_row = (last + kLanes<Real> - 1) / kLanes<Real>;
            list[count++] = {0, first_place + i, begin, end, 0, 1, first_row, last_row};
        });
    }

    // Calls f(column, first code, last code) for every share of an embedding. No two shares meet in a row of a panel.
    template <class Real, class F>
    static void for_each_codes(const Layer& layer, F&& f) {
        constexpr int kValues = 1 << 14;
        for (int i = 0; i < layer.column_count; ++i) {
            const Column& column = layer.columns[i];
            int step = column.size;
            if (column.kind == ColumnKind::category) step = (kValues / column.width / kLanes<Real> + 1) * kLanes<Real>;
            for (int begin = 0; begin < column.size; begin += step)
                f(i, begin, begin + step < column.size ? begin + step : column.size);
        }
    }
};

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

// What gives the gradients of one batch after the other: all that a pass holds, and how the work on it is shared.
template <class Real>
class Gradients {
  public:
    // `rows` is the usual size of a batch, from which it follows how the gradient is summed; `most_rows` the largest.
    Gradients(const Model<Real>& model, const Loss& loss, int rows, int most_rows, Workspace& workspace)
        : team_(workspace.team),
          strand_count_(model.sparse_W ? 0 : strands_of(model, rows)),
          pass_(model, loss, most_rows, strand_count_ ? team_.size() : blocks_of(most_rows), workspace.arena),
          strands_(pass_, strand_count_, workspace.arena),
          chunks_(Chunks::of(pass_, strand_count_ ? 4 * strand_count_ : most_rows, team_.size(), workspace.arena)),
          columns_(take<Parameters<Real>>(workspace.arena, pass_.model.places())),
          losses_(take<double>(workspace.arena, strand_count_ ? strand_count_ : blocks_of(most_rows))) {
        if (pass_.scaled()) scale_terms_ = take_panels<Real>(workspace.arena, pass_.V.columns, pass_.V.stride);
        if (strand_count_) return;
        for_each_place(model, [&](int place, const Layer& layer, const Column* column) {
            if (column) columns_[place] = Parameters<Real>(workspace.arena, layer, column);
        });
    }

    const Pass<Real>& pass() const { return pass_; }
    ThreadTeam& team() const { return team_; }
    int chunk_count() const { return chunks_.count + pass_.scaled(); }

    // Forward and backward; returns sum_r w_r L_r.
    double run(const Batch<Real>& batch, const DropoutNoise* noise) {
        const int shares = strand_count_ ? strand_count_ : batch.blocks;
        shared_loop(team_, shares, [&](int share, int thread) {
            losses_[share] = strand_count_ ? strands_.run(batch, noise, share, thread)
                                           : forward_backward(pass_, batch, noise, share, share);
        });
        return sum_in_order(losses_, shares);
    }

    // body(chunk, its number) for all chunks; that of a scale, which follows from others, is the last.
    template <class Body>
    void for_each_chunk(const Body& body) {
        auto one = [&](int offered, int) {
            const int index = chunks_.order[offered];
            body(chunks_.list[index], index);
        };
        if (chunks_.worth_sharing)
            shared_loop(team_, chunks_.count, one);
        else
            for (int offered = 0; offered < chunks_.count; ++offered) one(offered, 0);
        if (pass_.scaled()) body(chunks_.list[chunks_.count], chunks_.count);
    }

    // Calls use_W(panel, row of W, column, vector of dW), use_b(panel, column, vector of db) and use_alpha likewise for all
    // of a chunk; for a column of an embedding, whose values lie row after row, use_W with these, and for its scale use_b.
    template <class UseW, class UseB, class UseAlpha>
    void of_chunk(const Batch<Real>& batch, const Chunk& chunk, UseW&& use_W, UseB&& use_b,
                  UseAlpha&& use_alpha) const {
        const Layer& layer = pass_.model.layers[chunk.layer];
        if (chunk.place == pass_.model.scale_place()) return of_scale(use_b);
        const bool folded = pass_.scaled() && layer.is_dense() && layer.depth == 0;
        auto take_dW = [&](int j, int row, int c, Vec<Real> dW)
                           RANVIER_INLINE_LAMBDA { use_W(j, row, c, folded ? unfolded(chunk, j, row, c, dW) : dW); };
        if (strand_count_) {
            for (int j = chunk.j_begin; j < chunk.j_end; ++j)
                strands_.sum(chunk.place, j, chunk.begin, chunk.end, take_dW, use_b, use_alpha);
            return;
        }
        if (layer.kind == LayerKind::embedding) return of_column(batch, chunk, layer, use_W);
        const BlocksOfBatch<Real> blocks{pass_, batch, layer.depth, batch.blocks};
        for (int i = chunk.i_begin; i < chunk.i_end; ++i)
            dense_gradient<Real>(blocks, i, chunk.j_begin, chunk.j_end, take_dW);
        for (int j = chunk.j_begin; j < chunk.j_end && chunk.i_begin == 0; ++j) {
            bias_gradient<Real>(blocks, j, use_b);
            if (layer.parametric) alpha_gradient<Real>(blocks, j, use_alpha);
        }
    }

  private:
    // dW = s * dV. Its group of columns adds up the terms of ds in its first panel's place, lane by lane.
    RANVIER_INLINE Vec<Real> unfolded(const Chunk& chunk, int j, int row, int c, Vec<Real> dV) const {
        const int64_t at = int64_t{row} * kLanes<Real> + c;
        const Vec<Real> terms = load(pass_.parameters[0].W.panel(j) + at) * dV;
        Real* const sum = scale_terms_ + chunk.j_begin * pass_.V.stride + at;
        j == chunk.j_begin ? store(sum, terms) : add_to(sum, terms);
        return broadcast(pass_.scale()[row]) * dV;
    }

    // ds = row sums of W * dV
    template <class UseB>
    void of_scale(UseB&& use_b) const {
        constexpr int lanes = kLanes<Real>;
        const Panels<Real> V = pass_.V;
        for (int j = 0; j < panels_of<Real>(V.rows); ++j) {
            alignas(64) Real ds[lanes] = {};
            for (int k = 0; k < lanes && j * lanes + k < V.rows; ++k)
                for (int g = 0; g < Chunks::groups_of(V.count()); ++g)
                    ds[k] += sum_lanes(scale_terms_ + Chunks::group_begin(V.count(), g) * V.stride +
                                       int64_t{j * lanes + k} * lanes);
            for (int c = 0; c < lanes; c += kWidth<Real>) use_b(j, c, load(ds + c));
        }
    }

    template <class UseW>
    void of_column(const Batch<Real>& batch, const Chunk& chunk, const Layer& layer, UseW&& use_W) const {
        constexpr int lanes = kLanes<Real>;
        const int i = chunk.place - pass_.model.dense_layers;
        const Column& column = layer.columns[i];
        const BlocksOfBatch<Real> blocks{pass_, batch, 0, batch.blocks};
        const Parameters<Real>& g = columns_[chunk.place];
        Real* const values = g.W.data;
        for (int64_t at = chunk.begin * lanes; at < chunk.end * lanes; ++at) values[at] = 0;
        column_gradient(blocks, i, column, pass_.values_of(i), chunk.i_begin, chunk.i_end, values);
        for (int64_t row = chunk.begin; row < chunk.end; ++row)
            for (int c = 0; c < lanes; c += kWidth<Real>)
                use_W(0, static_cast<int>(row), c, load(values + row * lanes + c));
    }

    ThreadTeam& team_;
    const int strand_count_;
    const Pass<Real> pass_;
    const Strands<Real> strands_;
    const Chunks chunks_;
    Parameters<Real>* const columns_;  // the gradient of an embedding's columns, by place
    double* const losses_;             // of each share of the rows
    Real* scale_terms_ = nullptr;      // W * dV, summed over the panels of a group, in the place of its first
};

// Adds dW of a first layer over sparse rows to job.gradient, where it lies as W does.
template <class Real>
inline void add_gradient_of_inputs(SparseInputs<Real>& inputs, const Batch<Real>& batch, Gradient<Real>& job,
                                   ThreadTeam& team) {
    Real* const dW = job.gradient + (job.model.sparse_W - job.model.theta);
    Real* const no_state[3] = {};
    inputs.turn(batch);
    inputs.for_each_chunk(team, [&](int, int first, int end) {
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
    Gradients<Real> gradients(job.model, job.loss, slice, rows < slice ? static_cast<int>(rows) : slice, workspace);
    const Pass<Real>& pass = gradients.pass();
    pass.read_parameters();
    Parameters<Real>* sums = take<Parameters<Real>>(workspace.arena, job.model.places());
    for_each_place(job.model, [&](int place, const Layer& layer, const Column* column) {
        sums[place] = Parameters<Real>(workspace.arena, layer, column);
    });
    const double weight_sum = weight_sum_of(job.table, static_cast<const int64_t*>(nullptr), 0, rows);
    const DropoutNoise noise{job.seed, job.number, job.dropout};
    SparseInputs<Real> inputs(pass, SparseInputs<Real>::most_cells(job.table.sparse, nullptr, rows, slice),
                              workspace.arena);
    if (job.gradient && job.model.sparse_W) __builtin_memset(job.gradient, 0, sizeof(Real) * job.model.parameters);
    double loss = 0;

    for (int64_t first = 0; first < rows; first += slice) {
        const int size = static_cast<int>(rows - first < slice ? rows - first : slice);
        const Batch<Real> batch = batch_of(job.table, static_cast<const int64_t*>(nullptr), first, size, weight_sum);
        loss += gradients.run(batch, job.dropout > 0 ? &noise : nullptr);
        if (!job.gradient) continue;
        gradients.for_each_chunk([&](const Chunk& chunk, int) {
            const Parameters<Real>& sum = sums[chunk.place];
            auto add = [first](Real* at, Vec<Real> part)
                           RANVIER_INLINE_LAMBDA { first == 0 ? store(at, part) : add_to(at, part); };
            gradients.of_chunk(
                batch, chunk,
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

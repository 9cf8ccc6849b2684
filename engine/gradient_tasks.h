// How the work on the gradient is divided: into tasks, each a part of the parameters.
#pragma once

#include "passes.h"

namespace ranvier::RANVIER_LEVEL {

// A part of the gradient: panels i_begin..i_end of the rows of W, panels j_begin..j_end of its columns, and with the
// first rows also b and alpha. Or all of an embedding's column, and where that is a large table, some codes of it; or
// its scale, which is as of a b.
struct GradientTask {
    int layer, place;
    int i_begin, i_end;  // of a column, the codes
    int j_begin, j_end;
    int64_t begin, end;  // the rows of a panel that this is, of W or of the values

    int64_t work() const { return (end - begin) * (j_end - j_begin); }  // in rows of panels
};

// An update of a vector takes as long as so many multiply-adds of it.
constexpr int kUpdateRows = 64;

// All tasks, each large enough to be worth claiming and none so large that a thread would wait for it.
struct GradientTasks {
    GradientTask* list;  // with that of a scale behind them
    int* order;          // in which they are offered
    int count;
    bool worth_sharing;  // else they are done before another thread has come

    template <class Real>
    static GradientTasks of(const TrainingState<Real>& training, int rows, int threads, Arena& arena) {
        constexpr int64_t kWork = 1 << 16;  // multiply-adds in vectors of a panel's row: about 2 us
        const int64_t work_of_panel = int64_t{kLanes<Real>} * rows;
        int64_t most = 0, work = 0;
        training.for_each_dense([&](const Layer& layer) {
            most += int64_t{panels_of<Real>(layer.units)} * (panels_of<Real>(layer.inputs) + 1);  // at least one
            work += work_of_panel * panels_of<Real>(layer.units) * layer.inputs;
        });
        if (const Layer* layer = training.embedding) {
            for_each_codes<Real>(*layer, [&](int, int, int) { ++most; });
            most += layer->scaled;
            work += layer->size * rows;
        }
        GradientTasks tasks{take<GradientTask>(arena, most), take<int>(arena, most), 0, work >= 3 * kWork};
        for (int l = 0; l < training.model.layer_count; ++l) {
            const Layer& layer = training.model.layers[l];
            if (layer.kind == LayerKind::embedding) tasks.add_columns<Real>(layer, training.model.dense_layers);
            if (layer.kind != LayerKind::dense) continue;
            const int panels = panels_of<Real>(layer.units), groups = groups_of(panels);
            for (int g = 0; g < groups; ++g)
                tasks.add_rows<Real>(l, layer, group_begin(panels, g), group_begin(panels, g + 1),
                                     kWork / (work_of_panel * kLanes<Real>));
        }
        if (training.scaled()) {
            const int panels = panels_of<Real>(training.embedding->units);
            tasks.list[tasks.count] = {0, training.model.scale_place(), 0, 0, 0, panels, 0, 0};
        }
        tasks.deal(threads, arena);
        return tasks;
    }

    // The panels of W's columns that go together.
    static int groups_of(int panels) { return (panels + kPanelsTogether - 1) / kPanelsTogether; }
    static int group_begin(int panels, int group) { return panels * group / groups_of(panels); }

  private:
    // Orders the tasks so that the ranges of the threads, which are of equal length (see thread_team.h), are of about
    // equal work: each task goes to whoever has least. Many stay as they are: there the differences are small beside
    // the whole, and neighbours, which the processor fetches together, should be one thread's.
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

    // All rows of some columns of W, at least so many pairs of panels in a task.
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

    // Calls f(column, first code, last code) for every part of an embedding. No two parts meet in a row of a panel.
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

}  // namespace ranvier::RANVIER_LEVEL

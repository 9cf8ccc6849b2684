// A first layer over sparse rows, in the loops of training: the cells of a batch are turned round once, and then dW is
// shared out by rows of W, which no two threads have in common.
#pragma once

#include "equations/sparse.h"
#include "machine/parallel_for.h"
#include "passes.h"

namespace ranvier::RANVIER_LEVEL {

// f(theta, state) for one vector of parameters at element `at` of row-major memory; `count` of its lanes belong to
// this row. state[s] is null where nothing is kept. If the row ends within the vector, f works on copies whose other lanes
// are zero, and only `count` of them are written back; so no memory beyond the row is touched.
template <class Real, class F>
RANVIER_INLINE void with_lanes(Real* theta, Real* const (&state)[3], int64_t at, int count, F&& f) {
    Real* own[4] = {theta + at};
    for (int s = 0; s < 3; ++s) own[1 + s] = state[s] ? state[s] + at : nullptr;
    if (count >= kWidth<Real>) return f(own[0], own + 1);
    alignas(64) Real copies[4][kLanes<Real>] = {};
    Real* copied[4];
    for (int s = 0; s < 4; ++s) {
        copied[s] = own[s] ? copies[s] : nullptr;
        for (int c = 0; own[s] && c < count; ++c) copies[s][c] = own[s][c];
    }
    f(copied[0], copied + 1);
    for (int s = 0; s < 4; ++s)
        for (int c = 0; own[s] && c < count; ++c) own[s][c] = copies[s][c];
}

// The gradient of a first layer over sparse rows; empty where X is dense.
template <class Real>
class SparseInputs {
  public:
    SparseInputs(const TrainingState<Real>& training, int64_t most_cells, Arena& arena)
        : training_(training),
          inputs_(training.model.sparse_W ? training.model.sparse_inputs : 0),
          units_(training.buffers[1].columns) {
        if (!inputs_) return;
        constexpr int kWork = 1 << 13;  // parameters in a task
        step_ = units_ < kWork ? kWork / units_ : 1;
        starts_ = take<int64_t>(arena, int64_t{inputs_} + 2);
        most_cells_ = most_cells;
        places_ = take<int64_t>(arena, most_cells);
        values_ = take<Real>(arena, most_cells);
    }

    // The most cells in any batch of an order of rows (null: one row after the other).
    static int64_t most_cells(const Table<Real>& table, const int64_t* order, int64_t size, int64_t batch) {
        const SparseRows<Real>& X = table.sparse;
        int64_t most = 0, cells = 0;
        if (!X.starts) return 0;
        for (int64_t i = 0; i < size; ++i) {
            if (i % batch == 0) cells = 0;
            const auto [begin, end] = X.cells_of(order ? row_in(table, order + i) : i);
            cells += end - begin;
            most = cells > most ? cells : most;
        }
        return most;
    }

    int task_count() const { return inputs_ ? (inputs_ + step_ - 1) / step_ : 0; }

    // Sorts the cells of a batch by their columns, those of a column by their rows.
    void sort_by_column(const Batch<Real>& batch) {
        const SparseRows<Real>& X = batch.table->sparse;
        __builtin_memset(starts_, 0, sizeof(int64_t) * (inputs_ + 2));
        int64_t* const next = starts_ + 1;  // where the next cell of a column goes; in the end, its first cell
        for (int r = 0; r < batch.size; ++r)
            for_each_cell(X, batch.row(r), [&](int column, int64_t) { ++next[column + 1]; });
        for (int i = 0; i < inputs_; ++i) {
            const int64_t end = next[i] + next[i + 1];
            next[i + 1] = end < most_cells_ ? end : most_cells_;
        }
        for (int block = 0; block < batch.blocks; ++block) {
            const int begin = batch.begin(block), rows = batch.rows_in(block);
            const int64_t base = training_.buffers[1].dz(block, rows).data - training_.buffers[1].dZ;
            for (int r = 0; r < rows; ++r) {
                for_each_cell(X, batch.row(begin + r), [&](int column, int64_t cell) {
                    const int64_t at = next[column];
                    if (at >= most_cells_) return;
                    places_[at] = base + int64_t{r} * kLanes<Real>;
                    values_[at] = X.values[cell];
                    ++next[column];
                });
            }
        }
    }

    // body(index, first row of W, its end) for each task of rows of W.
    template <class Body>
    void for_each_task(ThreadTeam& team, const Body& body) const {
        parallel_for(team, task_count(), [&](int index, int) {
            const int first = index * step_;
            body(index, first, first + step_ < inputs_ ? first + step_ : inputs_);
        });
    }

    // use(element of W, how many of the row are left from there, column, vector of dW) for all of row i of W.
    template <class Use>
    RANVIER_INLINE void gradient_of_row(int i, const Use& use) const {
        const LayerBuffers<Real>& first = training_.buffers[1];
        sparse_gradient<Real>({starts_, places_, values_}, i, first.dZ, first.stride, units_,
                              [&](int c, Vec<Real> dW) RANVIER_INLINE_LAMBDA {
                                  const int left = units_ - c;
                                  const Vec<Real> real = real_lanes<Real>(0, left) ? dW : Vec<Real>{};
                                  use(int64_t{i} * units_ + c, left, c, real);
                              });
    }

  private:
    // f(column, cell) for the cells of a row. Another thread may write into the arrays meanwhile: sums are of no use
    // then, but nothing outside of them is touched. So a column is checked where it is read, and the places of cells
    // are counted.
    template <class F>
    RANVIER_INLINE void for_each_cell(const SparseRows<Real>& X, int64_t row, const F& f) const {
        const auto [begin, end] = X.cells_of(row);
        for (int64_t cell = begin; cell < end; ++cell) {
            const int column = read_once(X.columns + cell);
            if (column >= 0 && column < inputs_) f(column, cell);
        }
    }

    const TrainingState<Real>& training_;
    const int inputs_, units_;
    int step_ = 1;
    int64_t most_cells_ = 0;
    int64_t* starts_ = nullptr;  // of the cells of each column
    int64_t* places_ = nullptr;
    Real* values_ = nullptr;
};

}  // namespace ranvier::RANVIER_LEVEL

// The rows of one step, and the blocks that they are cut into.
#pragma once

#include "machine/kernels.h"
#include "product/panel.h"

namespace ranvier::RANVIER_LEVEL {

constexpr int kBlockRows = 96;  // 16 tiles of 6 rows; with 256 columns in float, 96 KiB

// Depends on the rows alone, never on the threads. An even number, so that two threads have equal shares.
RANVIER_INLINE int blocks_of(int rows) {
    if (rows < 32) return 1;
    const int blocks = (rows + kBlockRows - 1) / kBlockRows;
    return blocks <= 2 ? 2 : (blocks + 3) / 4 * 4;
}

// Rows of the largest block where so many rows are taken `size` at a time.
RANVIER_INLINE int most_rows_of_block(int64_t rows, int size) {
    auto most = [](int batch) { return (batch + blocks_of(batch) - 1) / blocks_of(batch); };
    const int whole = rows < size ? 0 : most(size), last = most(static_cast<int>(rows % size));
    return whole > last ? whole : last;
}

template <class Real>
RANVIER_INLINE int64_t row_in(const Table<Real>& table, const int64_t* at) {
    const int64_t row = read_once(at);
    return static_cast<uint64_t>(row) < static_cast<uint64_t>(table.rows) ? row : 0;
}

// The rows of one step.
template <class Real>
struct Batch {
    const Table<Real>* table;
    const int64_t* rows;  // null: the rows from `first` on
    int64_t first;
    int size;
    int blocks;
    double weight_sum;

    RANVIER_INLINE int begin(int block) const { return static_cast<int>(int64_t{size} * block / blocks); }
    RANVIER_INLINE int rows_in(int block) const { return begin(block + 1) - begin(block); }
    // Within the table, whatever is written into the order meanwhile.
    RANVIER_INLINE int64_t row(int i) const { return rows ? row_in(*table, rows + i) : first + i; }
};

template <class Real>
inline Batch<Real> batch_of(const Table<Real>& table, const int64_t* rows, int64_t first, int size, double weight_sum) {
    return {&table, rows, first, size, blocks_of(size), weight_sum};
}

template <class Real>
inline double weight_sum_of(const Table<Real>& table, const int64_t* rows, int64_t first, int64_t size) {
    if (!table.weights) return static_cast<double>(size);
    double sum = 0;
    for (int64_t i = 0; i < size; ++i)
        sum += static_cast<double>(table.weights[rows ? row_in(table, rows + i) : first + i]);
    return sum;
}

// Y of a block in panels; labels become rows of zeros with a single one.
template <class Real>
inline void gather_targets(const Batch<Real>& batch, const int64_t* rows, Panels<Real> Y) {
    const Table<Real>& table = *batch.table;
    if (!table.labels) return gather(table.Y, Y.columns, rows, Y);
    for (int j = 0; j < Y.count(); ++j) __builtin_memset(Y.panel(j), 0, sizeof(Real) * Y.rows * kLanes<Real>);
    for (int r = 0; r < Y.rows; ++r) {
        const int label = read_once(table.labels + rows[r]);
        if (label < 0 || label >= Y.columns) continue;  // written after the check of all labels
        Y.panel(label / kLanes<Real>)[r * kLanes<Real> + label % kLanes<Real>] = 1;
    }
}

}  // namespace ranvier::RANVIER_LEVEL

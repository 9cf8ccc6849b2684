// C = A' B, both in blocks of rows: the product behind dW = X' dZ.
//
//     for (i) for (j) { C[i][j] = 0; for (every row r of every block) C[i][j] += A[r][i] * B[r][j]; }
//
// Each element is one sum that takes its terms row by row, block by block, whatever the tiles and the runs.
#pragma once

#include "product/multiply.h"

namespace ranvier::RANVIER_LEVEL {

// Panels of B that are multiplied with a panel of A together, and rows of them that do so at a time: a run of A and of
// two panels of B is 24 KiB, and stays in the nearest cache.
constexpr int kPanelsTogether = 4;
constexpr int kRunRows = 128;

// Where a product A' B goes: element (r, c) of the square of panel j of B lies at data + j * stride + r * kLanes + c.
// With `adds` it is added to what lies there; then all rows must be one run.
template <class Real>
struct Squares {
    Real* data;
    int64_t stride;
    bool adds = false;
};

// Panel i of A with panels j_begin..j_end of B (at most kPanelsTogether). blocks.X(b) and blocks.dZ(b) are the b-th
// blocks of A and B, and all blocks but the last rows' have about as many rows as the first. C has a square of kLanes x
// kLanes a panel of B, the first one of j_begin; only real columns of A give rows of it, and what lies in columns that
// are padding of B is what that padding makes.
// Sums wait in C, in the nearest cache, from one run of rows to the next.
template <class Real, class Blocks>
__attribute__((noinline)) void multiply_transposed(const Blocks& blocks, int i, int j_begin, int j_end,
                                                   const Squares<Real>& C) {
    constexpr int lanes = kLanes<Real>;
    const int64_t count = blocks.count, runs = (count * blocks.X(0).rows + kRunRows - 1) / kRunRows;
    for (int64_t run = 0; run < runs; ++run) {
        const int begin = static_cast<int>(count * run / runs), end = static_cast<int>(count * (run + 1) / runs);
        for (int j = j_begin; j < j_end; ++j)
            for_each_tile<Real>(
                blocks.X(0).width(i), blocks.dZ(0).width(j),
                [&](auto tile_rows, auto tile_vectors, int r0, int column) RANVIER_INLINE_LAMBDA {
                    constexpr int rows = decltype(tile_rows)::value, vectors = decltype(tile_vectors)::value;
                    Tile<Real, rows, vectors> sums = {};
                    Real* const kept = C.data + (j - j_begin) * C.stride + r0 * lanes + column;
                    if (begin > 0) sums.load_from(kept, lanes);
                    for (int block = begin; block < end; ++block) {
                        const Panels<Real> A = blocks.X(block);
                        accumulate<Real, rows, vectors>(sums, A.panel(i) + r0, 1, lanes,
                                                        blocks.dZ(block).panel(j) + column, lanes, A.rows);
                    }
                    if (C.adds) sums.add_from(kept, lanes);
                    sums.store_to(kept, lanes);
                });
    }
}

}  // namespace ranvier::RANVIER_LEVEL

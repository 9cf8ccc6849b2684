// Column sums of a matrix that lies in blocks of rows, each row times a factor where factors are given.
//
//     for (c < columns) { sums[c] = 0; for (every row r of every block) sums[c] += factor[r] * M[r][c]; }
//
// A block is a matrix in panels; all blocks have the same columns, and those of panel j are summed. Whole vectors are
// read, so the padding of M must be finite; what its sums are is of no importance.
#pragma once

#include "product/panel.h"

namespace ranvier::RANVIER_LEVEL {

// block_at(b) gives block b in panels. It is a named type, not a lambda, so that this is compiled once for all callers.
// factors_at(b) points to the factor of its first row, those of the next rows being
// kLanes apart as in a panel's column. `sums` has room for a panel's row; its columns are written.
// Four partial sums (rows r, r+1, r+2, r+3 of each block) at every level, since one alone would wait for its own
// latency.
template <class Real, class BlockAt, class FactorsAt>
__attribute__((noinline)) void column_sums(const BlockAt& block_at, int count, int j, const FactorsAt& factors_at,
                                           Real* sums) {
    constexpr int lanes = kLanes<Real>;
    for (int column = 0; column < block_at(0).width(j); column += kWidth<Real>) {
        Vec<Real> partial[4] = {};
        for (int block = 0; block < count; ++block) {
            const Panels<Real> M = block_at(block);
            const Real* const row = M.panel(j) + column;
            const auto factors = factors_at(block);
            auto add = [&](int k, int r) RANVIER_INLINE_LAMBDA {
                const int64_t at = int64_t{r} * lanes;
                partial[k] = fma(broadcast(factors[at]), load(row + at), partial[k]);
            };
            int r = 0;
            for (; r + 4 <= M.rows; r += 4)
#pragma GCC unroll 4
                for (int k = 0; k < 4; ++k) add(k, r + k);
#pragma GCC unroll 4
            for (int k = 0; k < 3; ++k)
                if (r + k < M.rows) add(k, r + k);
        }
        store(sums + column, (partial[0] + partial[1]) + (partial[2] + partial[3]));
    }
}

// Factors that are all 1.
template <class Real>
struct NoFactors {
    RANVIER_INLINE NoFactors operator()(int) const { return {}; }
    RANVIER_INLINE Real operator[](int64_t) const { return 1; }
};

// end(j, column in the panel, vector of sums) for the plain sums of panel j.
template <class Real, class BlockAt, class End>
RANVIER_INLINE void for_each_column_sum(const BlockAt& block_at, int count, int j, End&& end) {
    alignas(64) Real sums[kLanes<Real>];
    column_sums<Real>(block_at, count, j, NoFactors<Real>{}, sums);
    for (int c = 0; c < block_at(0).width(j); c += kWidth<Real>) end(j, c, load(sums + c));
}

}  // namespace ranvier::RANVIER_LEVEL

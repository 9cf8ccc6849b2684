// The one layout of the engine: a matrix in panels of kLanes columns, each row of a panel being 64 bytes.
//
//     element (r, c) lies at panel(c / kLanes)[r * kLanes + c % kLanes]
//
// With it the operands of all three products of a layer are contiguous, so nothing is packed inside a loop. Columns are
// padded with zeros to whole panels.
#pragma once

#include "machine/vector.h"

namespace ranvier::RANVIER_LEVEL {

template <class Real>
constexpr int kLanes = 64 / static_cast<int>(sizeof(Real));
template <class Real>
constexpr int kVectors = kLanes<Real> / kWidth<Real>;  // vectors in a row of a panel

template <class Real>
RANVIER_INLINE constexpr int panels_of(int columns) {
    return (columns + kLanes<Real> - 1) / kLanes<Real>;
}

template <class Real>
struct Panels {
    Real* data = nullptr;
    int rows = 0;
    int columns = 0;
    int64_t stride = 0;  // elements from one panel to the next

    RANVIER_INLINE int count() const { return panels_of<Real>(columns); }
    RANVIER_INLINE Real* panel(int j) const { return data + j * stride; }
    // How many columns of panel j are real, the others being padding.
    RANVIER_INLINE int width(int j) const {
        const int left = columns - j * kLanes<Real>;
        return left < kLanes<Real> ? left : kLanes<Real>;
    }
};

// Elements that panels of this shape take. Activations use an odd number of rows from panel to panel: rows that lie a
// multiple of 4 KiB apart would share one set of the cache.
template <class Real>
RANVIER_INLINE int64_t spread_stride(int rows) {
    return static_cast<int64_t>(rows | 1) * kLanes<Real>;
}

// Columns first..first + width of `to` <- rows of a row-major matrix, those that `rows` names (null: the first
// to.rows).
template <class Real>
inline void gather(const Real* from, int64_t from_stride, const int64_t* rows, Panels<Real> to, int first, int width) {
    int count;
    for (int done = 0; done < width; done += count) {
        const int lane = (first + done) % kLanes<Real>;
        count = kLanes<Real> - lane < width - done ? kLanes<Real> - lane : width - done;
        Real* const panel = to.panel((first + done) / kLanes<Real>) + lane;
        for (int r = 0; r < to.rows; ++r) {
            const Real* row = from + (rows ? rows[r] : r) * from_stride + done;
            Real* out = panel + int64_t{r} * kLanes<Real>;
            if (count == kLanes<Real>)
                __builtin_memcpy(out, row, 64);
            else
                for (int c = 0; c < count; ++c) out[c] = row[c];  // the padding is zero from the start
        }
    }
}
template <class Real>
inline void gather(const Real* from, int64_t from_stride, const int64_t* rows, Panels<Real> to) {
    gather(from, from_stride, rows, to, 0, to.columns);
}

// The inverse: a row-major matrix <- the panels, padding left out.
template <class Real>
inline void scatter(Panels<Real> from, Real* to, int64_t to_stride) {
    for (int j = 0; j < from.count(); ++j) {
        const int width = from.width(j);
        const Real* panel = from.panel(j);
        for (int r = 0; r < from.rows; ++r) {
            const Real* row = panel + int64_t{r} * kLanes<Real>;
            Real* out = to + r * to_stride + j * kLanes<Real>;
            if (width == kLanes<Real>)
                __builtin_memcpy(out, row, 64);
            else
                for (int c = 0; c < width; ++c) out[c] = row[c];
        }
    }
}

// Panel (i) of the transpose, the part that panel `j` of `from` gives: rows j*kLanes.. of panel i of `to`.
template <class Real>
inline void transpose_tile(Panels<Real> from, int i, int j, Panels<Real> to) {
    constexpr int lanes = kLanes<Real>;
    const Real* in = from.panel(j) + static_cast<int64_t>(i) * lanes * lanes;
    Real* out = to.panel(i) + static_cast<int64_t>(j) * lanes * lanes;
    const int rows = to.width(i);  // rows of `from` in this tile
    const int columns = from.width(j);
    for (int c = 0; c < columns; ++c)
        for (int r = 0; r < rows; ++r) out[c * lanes + r] = in[r * lanes + c];
}

}  // namespace ranvier::RANVIER_LEVEL

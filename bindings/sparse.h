// Sparse rows that pass the door: the three arrays of a CSR matrix, and how many columns it has.
#pragma once

#include <vector>

#include "arrays.h"
#include "machine/kernels.h"

namespace ranvier::bindings {

template <class Real>
struct Sparse {
    Vector<Real> values;
    Vector<int32_t> columns;
    Vector<int64_t> starts;
    int64_t width;

    int64_t rows() const { return static_cast<int64_t>(starts.size()) - 1; }

    // Checked in each call, since NumPy may have written into the arrays since the last one.
    SparseRows<Real> checked() const {
        const int64_t cells = static_cast<int64_t>(values.size());
        check_size("the columns", static_cast<int64_t>(columns.size()), cells);
        const int64_t* const start = starts.data();
        if (rows() < 0 || start[0] != 0 || start[rows()] != cells)
            refuse("the starts", "numbers from 0 to the count of values", "something else");
        for (int64_t r = 0; r < rows(); ++r)
            if (start[r] > start[r + 1])
                refuse("the starts", "in ascending order", "falling at row " + std::to_string(r));
        uint32_t largest = 0;  // a negative column is a large one here
        for (int64_t e = 0; e < cells; ++e) {
            const uint32_t column = static_cast<uint32_t>(columns.data()[e]);
            largest = column > largest ? column : largest;
        }
        if (cells > 0 && largest >= width)
            refuse("a column of a cell", "in 0.." + std::to_string(width - 1), "outside of it");
        return {values.data(), columns.data(), start, cells};
    }
};

}  // namespace ranvier::bindings

"""histogram.py: counts of training rows between quantiles."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from ranvier.table.histogram import Histogram


@given(arrays(np.float64, st.integers(1, 60), elements=st.floats(-5, 5, width=16)))
def test_each_row_is_counted_once_and_a_description_is_exact(x: np.ndarray) -> None:
    histogram = Histogram.fit(x)
    assert (histogram.edges[0], histogram.edges[-1]) == (x.min(), x.max())
    assert sum(histogram.counts) == len(x)
    # The rows of training fall into its bins, and none outside.
    assert histogram.count(x).tolist() == [0, *histogram.counts, 0]
    text = json.dumps(histogram.describe(), allow_nan=False)
    assert Histogram.read(json.loads(text), "x") == histogram


@pytest.mark.parametrize("edges", [[1.0], [2.0, 1.0], [1.0, 1.0]])
def test_a_damaged_description_is_refused(edges: list[float]) -> None:
    with pytest.raises(ValueError, match="expected edges in order"):
        Histogram.read({"edges": edges, "counts": [1, 2]}, "x")

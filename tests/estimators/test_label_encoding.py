import tracemalloc
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.preprocessing import LabelBinarizer
from sklearn.utils.class_weight import compute_sample_weight

import ranvier as rv
from ranvier.estimators.label_encoding import as_targets, balanced, codes_of

LABELS: dict[str, Any] = {
    "int": np.array([3, 1, 3, 7]),
    "unsigned": np.array([3, 1, 3, 7], np.uint8),
    "text": np.array(["b", "a", "b", "c"]),
    "bool": np.array([True, False, True, True]),
    "one": np.array([5, 5, 5]),
    "objects": np.array(["b", "a", "b", "c"], object),
    "whole floats": np.array([2.0, 1.0, 2.0, 0.0]),
    "list": ["b", "a", "b"],
    "list of numbers": [3, 1, 2, 3],
    "series": pd.Series(["b", "a", "c"], dtype=object),
    "series of numbers": pd.Series([4, 3, 4]),
}


@pytest.mark.parametrize("name", LABELS)
def test_same_as_the_binarizer(name: str) -> None:
    y, mlp = LABELS[name], SimpleNamespace(warm_start=False)
    codes = codes_of(mlp, y, define=True)
    assert codes is not None
    expected = LabelBinarizer().fit(y)
    np.testing.assert_array_equal(mlp.classes_, expected.classes_, strict=True)
    assert mlp._label_binarizer.y_type_ == expected.y_type_
    columns = expected.transform(y).astype(bool)
    if len(mlp.classes_) > 2:
        columns = columns.argmax(axis=1)
    targets = as_targets(codes, len(mlp.classes_))
    np.testing.assert_array_equal(targets, columns)
    again = codes_of(mlp, y[:2], define=False)
    np.testing.assert_array_equal(again, codes[:2])


@pytest.mark.parametrize(
    "y",
    [
        [1, "b"],
        [],
        [None, "a"],
        np.array([1.5, 2.0]),
        np.array([1.0, np.nan]),
        np.array([[1], [2]]),
        np.array(["a", None], object),
        pd.Series([1, 2], dtype="Int64"),
    ],
)
def test_what_is_not_plain_goes_to_scikit_learn(y: object) -> None:
    assert codes_of(SimpleNamespace(), y, define=True) is None


def test_what_is_not_right_goes_to_scikit_learn() -> None:
    mlp = SimpleNamespace(warm_start=False)
    codes_of(mlp, np.array([1, 2, 4]), define=True)
    assert codes_of(mlp, np.array([1, 3]), define=False) is None
    assert codes_of(mlp, np.array([1, 9]), define=False) is None
    assert codes_of(mlp, np.array(["1"]), define=False) is None
    assert codes_of(mlp, np.array([1, 2]), define=False) is not None
    mlp.warm_start = True  # needs all of them
    assert codes_of(mlp, np.array([1, 2]), define=False) is None
    assert codes_of(mlp, np.array([1, 2, 4]), define=False) is not None


def test_balanced() -> None:
    codes = np.array([0, 0, 0, 1])
    np.testing.assert_allclose(balanced(codes, None), [2 / 3, 2 / 3, 2 / 3, 2])
    expected = compute_sample_weight("balanced", codes)
    np.testing.assert_allclose(balanced(codes, None), expected)
    # A row of weight 2 counts like two rows, one of weight 0 like none.
    weighted = balanced(codes, np.array([2.0, 0, 1, 3]))
    np.testing.assert_allclose(weighted, [1, 1, 1, 1])


def peak_of_fit(y: Any, **settings: Any) -> int:
    """Measure the memory of a fit, in bytes: the rows are many, the network small."""
    X = np.zeros((len(y), 1))
    clf = rv.MLPClassifier(1, max_iter=1, batch_size=200, random_state=0, **settings)
    tracemalloc.start()
    try:
        clf.fit(X, y)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("kind", [int, float, str, list, object])
def test_memory_does_not_grow_with_the_classes(weighted: bool, kind: Any) -> None:
    rows, peaks = 20_000, []
    for classes in (10, 500):
        y: Any = np.arange(rows) % classes
        if kind in (str, object):
            y = np.char.add("c", y.astype(str))
        y = y.tolist() if kind is list else y.astype(kind)
        weights = {y[0]: 2.0} if weighted else "balanced"
        peaks.append(peak_of_fit(y, class_weight=weights))
    # A column of a byte for each class would be 10 MB more.
    assert peaks[1] < peaks[0] + 2e6, peaks

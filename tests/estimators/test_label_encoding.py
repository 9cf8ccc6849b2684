from types import SimpleNamespace

import numpy as np
import pytest
from sklearn.preprocessing import LabelBinarizer
from sklearn.utils.class_weight import compute_sample_weight

from ranvier.estimators.label_encoding import balanced, binarised, codes_of

LABELS = {
    "int": np.array([3, 1, 3, 7]),
    "unsigned": np.array([3, 1, 3, 7], np.uint8),
    "text": np.array(["b", "a", "b", "c"]),
    "bool": np.array([True, False, True, True]),
    "one": np.array([5, 5, 5]),
}


@pytest.mark.parametrize("name", LABELS)
def test_same_as_the_binarizer(name: str) -> None:
    y, mlp = LABELS[name], SimpleNamespace(warm_start=False)
    codes = codes_of(mlp, y, define=True)
    assert codes is not None
    expected = LabelBinarizer().fit(y)
    np.testing.assert_array_equal(mlp.classes_, expected.classes_, strict=True)
    assert mlp._label_binarizer.y_type_ == expected.y_type_
    columns = binarised(codes, len(mlp.classes_))
    np.testing.assert_array_equal(columns, expected.transform(y).astype(bool))
    again = codes_of(mlp, y[:2], define=False)
    np.testing.assert_array_equal(again, codes[:2])


@pytest.mark.parametrize(
    "y",
    [[1, 2], np.array([1.0, 2.0]), np.array([[1], [2]]), np.array(["a", "b"], object)],
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

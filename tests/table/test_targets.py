"""targets.py: labels and standardised targets, and back."""

import json
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ranvier.table.targets import ClassTarget, NumberTarget, target_from_description

CLASSES = [
    (["b", "a", "b"], "text", ("a", "b"), [1, 0, 1], object),
    ([3, 1, 3], "integer", (1, 3), [1, 0, 1], np.int64),
    ([2.5, 1.0, 2.5], "float", (1.0, 2.5), [1, 0, 1], np.float64),
    ([True, False, True], "boolean", (False, True), [1, 0, 1], np.bool_),
    (["가", "=1+1", "\n"], "text", ("\n", "=1+1", "가"), [2, 1, 0], object),
]


def through_json(description: Any) -> Any:
    return json.loads(json.dumps(description, allow_nan=False))


@pytest.mark.parametrize(
    ("classes", "kind", "told"),
    [
        (np.array(["a", "b"], object), "text", ("a", "b")),
        (np.array([2, 10]), "integer", (2, 10)),
        (np.array([2, 10], object), "integer", (2, 10)),
        (np.array([2.5, 10.0]), "float", (2.5, 10.0)),
        (np.array([False, True]), "boolean", (False, True)),
    ],
)
def test_classes_that_are_known(classes: Any, kind: str, told: tuple[Any, ...]) -> None:
    target = ClassTarget.of_classes(classes, "mine")
    assert (target.name, target.type, target.classes) == ("mine", kind, told)
    assert target_from_description(through_json(target.description())) == target


@pytest.mark.parametrize(("values", "kind", "classes", "labels", "dtype"), CLASSES)
def test_classes(
    values: list[Any],
    kind: str,
    classes: tuple[Any, ...],
    labels: list[int],
    dtype: Any,
) -> None:
    target = ClassTarget.fit(values, name="y")
    assert (target.name, target.type, target.classes) == ("y", kind, classes)
    assert [type(c) for c in target.classes] == [type(c) for c in classes]
    assert target.transform(values).tolist() == labels
    assert target.transform(values).dtype == np.int32
    back = target.inverse(np.array(labels))
    assert (back.tolist(), back.dtype) == (values, np.dtype(dtype))
    rebuilt = target_from_description(through_json(target.description()))
    assert rebuilt == target
    assert repr(rebuilt) == repr(target)


def test_counts() -> None:
    assert ClassTarget.fit(["b", "a", "b"]).counts == (1, 2)


def test_classes_keep_their_type_beside_missing_values() -> None:
    assert ClassTarget.fit(pd.Series([1, 0, 1], dtype="Int64")).classes == (0, 1)
    column = pl.Series([1, None, 0])
    assert ClassTarget.fit(column.drop_nulls()).transform(column).tolist() == [1, -1, 0]


def test_unseen_classes_are_counted_and_named() -> None:
    target = ClassTarget.fit(["a", "b"])
    assert target.transform(["b", "c", None, "c", "d"]).tolist() == [1, -1, -1, -1, -1]
    assert target.unseen(["b", "c", None, "c", "d"]) == {"c": 2, "d": 1}
    assert target.transform([None]).tolist() == [-1]
    assert target.unseen([None]) == {}


def test_classes_found_in_another_type() -> None:
    assert ClassTarget.fit(["0", "1"]).transform([1, 0, 2]).tolist() == [1, 0, -1]
    assert ClassTarget.fit(["-1.0", "1.0"]).transform([1.0, -1.0]).tolist() == [1, 0]
    assert ClassTarget.fit([0, 1]).transform(["1", "0"]).tolist() == [1, 0]
    assert ClassTarget.fit([0, 1]).transform([1.0, np.nan]).tolist() == [1, -1]
    assert ClassTarget.fit([True, False]).transform(["True", "false"]).tolist() == [
        1,
        0,
    ]
    assert ClassTarget.fit([True, False]).transform([True, False]).tolist() == [1, 0]
    assert ClassTarget.fit([0, 1]).transform([True, False]).tolist() == [1, 0]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (["a", "a"], "'y' has one class only, 'a'"),
        (["a", None], r"'y' is missing in 1 row\(s\), the first is row 1"),
        ([], "'y' has no values"),
        ([1.0, np.inf], r"'y' holds 1 infinite value\(s\)"),
        ([f"name {i}" for i in range(30)], "has 30 classes in 30 rows"),
        ([np.datetime64("2024-01-01")], "'y' holds dates"),
    ],
)
def test_no_classes(values: list[Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        ClassTarget.fit(values, name="y")


def test_numbers_by_hand() -> None:
    target = NumberTarget.fit([1.0, 3.0], name="y")
    assert (target.scale.mean, target.scale.sd) == (2, 1)
    assert (target.minimum, target.maximum) == (1, 3)
    assert target.transform([2.0, 5.0]).tolist() == [[0], [3]]
    assert target.inverse(np.array([[0.0], [3.0]], dtype=np.float32)).tolist() == [2, 5]
    assert target.inverse([3.0]).tolist() == [5]
    assert target.numbers(["1,000", "NA", None]).tolist()[0] == 1000
    assert np.isnan(target.numbers([None])).all()


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([1.0, None], r"'y' is missing in 1 row\(s\), the first is row 1"),
        ([1.0, np.inf], r"'y' holds 1 infinite value\(s\), the first in row 1"),
        ([2, 2], "'y' has one value only, 2"),
        ([None], "'y' has no values"),
        (["1", "a"], "'y' should hold numbers, but row 1 .*'a'"),
        ([np.datetime64("2024-01-01")], "'y' holds dates"),
    ],
)
def test_no_numbers(values: list[Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        NumberTarget.fit(values, name="y")


def test_missing_at_transform() -> None:
    target = NumberTarget.fit([1.0, 3.0], name="y")
    with pytest.raises(ValueError, match="'y' is missing in 1 row"):
        target.transform([1.0, None])


@given(st.lists(st.floats(-1e100, 1e100), min_size=2, unique=True))
def test_numbers_come_back(values: list[float]) -> None:
    x = np.array(values)
    if x.std() > 1e-9 * np.abs(x).max():
        target = NumberTarget.fit(x)
        assert np.abs(target.inverse(target.transform(x)) - x).max() <= 1e-5 * x.std()
        assert target_from_description(through_json(target.description())) == target


@given(st.lists(st.text(), min_size=2, max_size=20, unique=True))
def test_texts_come_back(values: list[str]) -> None:
    target = ClassTarget.fit(values)
    assert target.inverse(target.transform(values)).tolist() == values
    assert target_from_description(through_json(target.description())) == target


TEXTS = ClassTarget.fit(["a", "b"]).description()
WHOLE = ClassTarget.fit([1, 2]).description()
HALVES = ClassTarget.fit([0.5, 2.0]).description()
NUMBER = NumberTarget.fit([1.0, 3.0]).description()


@pytest.mark.parametrize(
    "description",
    [
        None,
        [],
        {},
        {"kind": "classes"},
        TEXTS | {"kind": "number"},
        TEXTS | {"more": 1},
        TEXTS | {"type": "object"},
        TEXTS | {"classes": ["b", "a"]},
        TEXTS | {"classes": ["a", "a"]},
        TEXTS | {"classes": ["a", 1]},
        TEXTS | {"classes": ["a"], "counts": [1]},
        TEXTS | {"classes": "ab"},
        TEXTS | {"counts": [1]},
        TEXTS | {"counts": [1, -1]},
        TEXTS | {"name": 3},
        WHOLE | {"classes": [True, 2]},
        WHOLE | {"classes": [1, 2.0]},
        WHOLE | {"classes": [1, 2**63]},
        HALVES | {"classes": [0.5, float("nan")]},
        HALVES | {"classes": [0.5, float("inf")]},
        NUMBER | {"scale": {"mean": 0.0, "sd": 0.0, "median": 0.0}},
        NUMBER | {"scale": {"mean": 0.0, "sd": float("inf"), "median": 0.0}},
        NUMBER | {"minimum": None},
        NUMBER | {"kind": "classes"},
        NUMBER | {"kind": "lambda"},
    ],
)
def test_damaged_description(description: Any) -> None:
    with pytest.raises(ValueError, match="the description of the target is damaged"):
        target_from_description(description)


def test_classes_beyond_2_to_the_53_keep_their_digits() -> None:
    ids = [10300000000003004, 10300000000002003, 10300000000002003]
    target = ClassTarget.fit(np.array(ids))
    assert target.classes == (10300000000002003, 10300000000003004)
    assert target.inverse([1, 0]).tolist() == [10300000000003004, 10300000000002003]
    assert target.transform([str(value) for value in ids]).tolist() == [1, 0, 0]
    assert (
        target_from_description(json.loads(json.dumps(target.description()))) == target
    )
    unsigned = np.array(ids, dtype=np.uint64) + np.uint64(2**63)
    assert ClassTarget.fit(unsigned).inverse([0])[0] == 2**63 + 10300000000002003

"""given_targets.py: targets of every library and type, through every estimator."""

import decimal
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import ranvier as rv
from ranvier.table.given_targets import plain_target

LABELS = np.arange(60) // 20  # 0, 1, 2
X = pd.DataFrame({"x": np.arange(60.0)})
TRUTHS = (LABELS > 0).tolist()
TEXTS = np.array(["low", "mid", "high"], dtype=object)[LABELS]

# y, and the type of its classes.
PLAIN: dict[str, tuple[Any, type]] = {
    "Int64 of pandas": (pd.Series(LABELS).astype("Int64"), np.int64),
    "uint8 of pandas": (pd.Series(LABELS).astype("uint8"), np.uint8),
    "boolean of pandas": (pd.Series(TRUTHS).astype("boolean"), np.bool_),
    "truths as objects": (pd.Series(TRUTHS, dtype=object), np.bool_),
    "integers as objects": (np.array(LABELS.tolist(), dtype=object), np.int64),
    "whole decimals": ([decimal.Decimal(int(k)) for k in LABELS], np.int64),
    "Int128 of polars": (pl.Series(LABELS.tolist(), dtype=pl.Int128), np.int64),
    "Boolean of polars": (pl.Series(TRUTHS), np.bool_),
    "int8 of Arrow": (pa.array(LABELS.tolist(), pa.int8()), np.int8),
    "a category of integers": (pd.Series(LABELS * 10).astype("category"), np.int64),
    "Enum of polars": (
        pl.Series(TEXTS.tolist(), dtype=pl.Enum(["low", "mid", "high"])),
        str,
    ),
    "a dictionary of Arrow": (pa.array(TEXTS.tolist()).dictionary_encode(), str),
    "a list": (TEXTS.tolist(), str),
}


@pytest.mark.parametrize("name", PLAIN)
@pytest.mark.parametrize("make", [rv.TabularClassifier, rv.MLPClassifier])
def test_classes_have_the_type_that_y_had(name: str, make: Any) -> None:
    y, kind = PLAIN[name]
    settings = {"effort": "fast"} if make is rv.TabularClassifier else {"tol": 1e9}
    clf = make(random_state=0, **settings).fit(X, y)
    assert all(isinstance(value, kind) for value in clf.classes_)
    assert set(clf.predict(X)) <= set(clf.classes_)
    assert 0 <= clf.score(X, y) <= 1


REFUSED: dict[str, tuple[Any, str]] = {
    "Int64 with NA": (pd.Series([1, None, 2] * 20, dtype="Int64"), "missing in row 1"),
    "None among texts": (np.array(["a", None] * 30, dtype=object), "missing in row 1"),
    "null of polars": (pl.Series([True, None] * 30), "missing in row 1"),
    "NaN": (np.array([0.0, 1.0, np.nan] * 20), "missing in row 2"),
    "masked": (np.ma.masked_equal(LABELS, 2), "masked"),
    "texts and integers": (np.array(["a", 1] * 30, dtype=object), "'int' and 'str'"),
    "intervals": (pd.cut(X.x, 3), "Interval: give their names"),
    "periods": (pd.Series(pd.period_range("2024-01", periods=60, freq="M")), "Period"),
    "durations": (pd.Series(pd.to_timedelta(LABELS, "h")), "numbers, for example"),
    "bytes": (np.array([b"a", b"b"] * 30), "decode"),
    "complex": (LABELS + 1j, "give real numbers"),
}


@pytest.mark.parametrize("name", REFUSED)
@pytest.mark.parametrize(
    "make",
    [rv.TabularClassifier, rv.TabularRegressor, rv.MLPClassifier, rv.MLPRegressor],
)
def test_what_is_no_plain_value_is_refused_in_our_words(name: str, make: Any) -> None:
    y, message = REFUSED[name]
    with pytest.raises(ValueError, match=message):
        make().fit(X, y)


def test_plain_arrays_are_returned_as_they_are() -> None:
    for y in (LABELS, TEXTS, LABELS.astype(float), np.eye(3)[LABELS]):
        assert plain_target(y) is y


def test_integers_beyond_a_float_keep_all_digits() -> None:
    ids = [2**60 + k for k in (0, 1, 2)]
    y = pd.Series([ids[k] for k in LABELS]).astype("Int64")
    clf = rv.TabularClassifier(effort="fast", random_state=0).fit(X, y)
    assert clf.classes_.tolist() == ids

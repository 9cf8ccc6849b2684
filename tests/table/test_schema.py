"""schema.py: what the columns of whole tables are, hostile ones among them."""

import datetime as dt
import json
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ranvier.table.schema import Schema

DATA: dict[str, list[Any]] = {
    "income": [10.0, None, 30.0, 20.0],
    "island": ["Biscoe", "Dream", None, "Dream"],
    "when": [dt.date(2024, 1, 31), dt.date(2024, 2, 1), None, dt.date(2024, 2, 1)],
    "member": [True, False, True, True],
    "same": [7, 7, 7, 7],
    "species": ["a", "b", "a", "b"],
}
LIBRARIES = {"pandas": pd.DataFrame, "polars": pl.DataFrame, "arrow": pa.table}


def test_libraries_agree() -> None:
    schemas = [Schema.fit(make(DATA)) for make in LIBRARIES.values()]
    assert schemas[0] == schemas[1] == schemas[2]


def test_a_later_table_without_a_column() -> None:
    schema = Schema.fit(pd.DataFrame(DATA), target="species")
    renamed = pd.DataFrame(DATA).rename(columns={"income": "Incom"})
    with pytest.raises(ValueError, match=r"lacks the column\(s\) 'income', .*'Incom'"):
        schema.values(renamed)
    with pytest.raises(ValueError, match=r"'income', 'island', 'when' and 'member'"):
        schema.values(pd.DataFrame({"zzz": [1]}))


def test_kinds() -> None:
    schema = Schema.fit(pd.DataFrame(DATA), target="species")
    assert schema.rows == 4
    assert {name: c.kind for name, c in schema.columns.items()} == {
        "income": "number",
        "island": "category",
        "when": "date",
        "member": "number",
        "same": "dropped",
    }
    used = [column.name for column in schema.used]
    assert used == ["income", "island", "when", "member"]
    assert schema.notices == ("Column 'same' is left out: one value only (7).",)
    assert repr(schema) == "Schema(4 of 5 columns used)"


def test_unseen_categories_are_reported() -> None:
    schema = Schema.fit(pd.DataFrame(DATA))
    assert schema.unseen_categories(pd.DataFrame(DATA)) == []
    later = pd.DataFrame(DATA).assign(island=["Torgersen", "x", "x", None])
    assert schema.unseen_categories(later) == [
        "Column 'island' holds categories that training did not see or hardly saw, "
        "in 3 row(s): 'x' and 'Torgersen'."
    ]


def test_notices() -> None:
    n = 60
    frame = pd.DataFrame(
        {
            "id": range(n),
            "a": 1,
            "b": "x",
            "none": None,
            "text": [f"text {i}" for i in range(n)],
            "price": ["1,000", "NA", "?"] + ["5"] * (n - 3),
            "cost": ["1,000", "NA", "?"] + ["5"] * (n - 3),
            "y": np.arange(n) % 7,
        }
    )
    assert Schema.fit(frame, exclude=["y"]).notices == (
        "2 columns are left out (one value only): 'a' and 'b'.",
        "Column 'none' is left out: no values.",
        "2 columns are left out (every value different, as in an identifier): 'id' and "
        "'text'.",
        "The texts '?' and 'NA' among the numbers of 'price' and 'cost' are read as "
        "missing.",
    )
    many = pd.DataFrame({"c": [f"c{i % 60}" for i in range(600)] + ["d", "e"]})
    assert Schema.fit(many).notices == (
        "The 2 rarest categories of 'c' share one column (2 rows); 60 have their own.",
    )


@pytest.mark.parametrize(
    ("frame", "options", "message"),
    [
        (pd.DataFrame({"a": []}), {}, "the table has no rows"),
        (pd.DataFrame({"a": [1]}), {}, r"none of the 1 columns .*one value only \(1\)"),
        (pd.DataFrame({"a": [1, 2]}), {"target": "a"}, "no column beside the target"),
        (pd.DataFrame({"a": [1, 2]}), {"target": "A"}, "did you mean 'a'"),
        (pd.DataFrame({"a": [1, 2]}), {"exclude": ["b"]}, "has no column 'b'"),
        (pd.DataFrame([[1, 2]], columns=["a", "a"]), {}, "more than one column named"),
        (pd.DataFrame({"a": [1, -np.inf]}), {}, r"'a' holds 1 infinite .* in row 1"),
        ([[1, 2]], {}, "expected a table with named columns"),
    ],
)
def test_refused(frame: Any, options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Schema.fit(frame, **options)


DESCRIPTION = Schema.fit(pd.DataFrame(DATA)).description()


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"format": "pickle"}, "format is 'pickle'"),
        ({"version": "1"}, "version holds str"),
        ({"version": 2}, "install a newer Ranvier"),
        ({"rows": -1}, "rows holds a number outside"),
        ({"columns": {}}, "columns is dict, not a list"),
        ({"columns": [None]}, "column 0 of the table is damaged"),
        ({"columns": DESCRIPTION["columns"][:1] * 2}, "have the same name"),
        ({"columns": [{"kind": "eval"}]}, "column 0 of the table is damaged"),
        ({"more": 1}, "expected the fields format, version, rows, columns"),
    ],
)
def test_damaged_description(change: dict[str, Any], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        Schema.from_description(DESCRIPTION | change)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=9), inner, max_size=3)
    ),
    max_leaves=9,
)


@given(st.data())
def test_any_field_may_be_damaged(data: st.DataObject) -> None:
    """Whatever stands in a field, the result is an schema or a ValueError."""
    description = json.loads(json.dumps(DESCRIPTION))
    column = data.draw(st.sampled_from(description["columns"]))
    place = data.draw(st.sampled_from([description, column]))
    place[data.draw(st.sampled_from(sorted(place)))] = data.draw(json_values)
    try:
        schema = Schema.from_description(description)
    except ValueError:
        return
    assert len(schema.used) < 100


def test_numbers_that_are_declared_categories() -> None:
    frame = pd.DataFrame({"code": [3.0, 1, None, 3], "x": [1.0, 2, 3, 4]})
    schema = Schema.fit(frame, categories=["code"])
    assert schema.columns["code"].categories == ("1", "3")
    with pytest.raises(ValueError, match="read as categories, but holds dates"):
        Schema.fit(frame.assign(x=pd.Timestamp("2024-01-01")), categories=["code", "x"])
    with pytest.raises(ValueError, match="did you mean 'code'"):
        Schema.fit(frame, categories=["cod"])

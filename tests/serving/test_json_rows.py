"""json_rows.py: rows of JSON that become the columns of a model."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from served import fitted, rows_of, table

from ranvier.serving.json_rows import RequestError, columns_of_rows, rows_of_json
from ranvier.serving.predictions import columns_of_model

ANY = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["size", "count", "colour", "day", "x"]), inner
        )
    ),
    max_leaves=8,
)


@pytest.fixture(scope="module")
def columns() -> list[object]:
    return columns_of_model(fitted("kind"))


@pytest.mark.parametrize("form", ['{"rows": %s}', "%s"])
def test_forms_of_a_body(form: str) -> None:
    rows = [{"a": 1}, {"a": None}]
    assert rows_of_json((form % json.dumps(rows)).encode()) == rows
    assert rows_of_json(b'{"a": 1}') == [{"a": 1}]


def test_columns_have_the_values_of_the_table(columns: list[object]) -> None:
    frame = table(20).drop(columns=["kind", "price"])
    found = columns_of_rows(rows_of(frame), columns, ["kind"]).columns
    assert np.array_equal(found["size"], frame["size"], equal_nan=True)
    assert found["colour"].tolist() == frame["colour"].tolist()
    assert (found["day"] == frame["day"].to_numpy()).all()


def test_dates_with_a_zone_are_utc(columns: list[object]) -> None:
    row = {"size": 1, "count": 2, "colour": "red", "day": "2024-03-18T09:30:00+09:00"}
    found = columns_of_rows([row], columns, []).columns["day"]
    assert found[0] == np.datetime64("2024-03-18T00:30:00")


@given(ANY)
def test_any_json_is_read_or_refused(value: object) -> None:
    columns = _columns()
    try:
        rows = rows_of_json(json.dumps(value).encode())
        found = columns_of_rows(rows, columns, [])
        assert len(found) == len(rows)
    except RequestError as error:
        assert error.status in (400, 422)  # noqa: PT017
        json.dumps(error.fields, allow_nan=False)


def _columns(known: list[object] = []) -> list[object]:  # noqa: B006  # a cache
    if not known:
        known += columns_of_model(fitted("kind"))
    return known

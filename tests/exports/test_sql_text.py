"""Pieces of SQL read back as what was written."""

import duckdb
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ranvier.exports.sql_text import Query, comment, identifier, number, numbers, text

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))


@given(TEXTS)
def test_texts_and_names(value: str) -> None:
    name = identifier("x" + value)
    with duckdb.connect() as database:
        found = database.execute(f"SELECT {text(value)} AS {name}")
        assert found.description[0][0] == "x" + value
        assert found.fetchall() == [(value,)]


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers(value: float) -> None:
    with duckdb.connect() as database:
        (row,) = database.execute(f"SELECT {number(value)}").fetchall()
    assert row == (value,)


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int64])
def test_lists_of_numbers(dtype: type) -> None:
    values = (np.random.default_rng(0).normal(size=(4, 3)) * 1e9).astype(dtype)
    with duckdb.connect() as database:
        for array in (values, values[0], values / dtype(1) * dtype(2)):
            (row,) = database.execute(f"SELECT {numbers(array)}").fetchall()
            assert row[0] == array.astype(float).tolist()


def test_a_comment_is_one_line() -> None:
    assert comment("a\nDROP TABLE b; \x00") == "-- a DROP TABLE b;  "


def test_steps_see_the_ones_before() -> None:
    query = Query("SELECT 2 AS x")
    query.add({"y": "x + 1", "z": "x * 10"})
    query.add({})
    query.add({"total": "x + y + z", "said": text("a\nb")})
    with duckdb.connect() as database:
        assert database.execute(query.select("total, said")).fetchall() == [
            (25, "a\nb")
        ]

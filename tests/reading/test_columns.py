"""columns.py: readings of columns as sentences and as JSON."""

import numpy as np
import pytest

from ranvier.reading.columns import ColumnReading, Hints, guess_texts
from ranvier.table.values import Values, values_of


def guess(*texts: str, **hints: object) -> ColumnReading:
    return guess_texts(values_of(list(texts)), Hints(**hints))[0]  # type: ignore[arg-type]


def test_kinds() -> None:
    assert guess("1,5", "2").kind == "number"
    assert guess("18/03/2024").kind == "date"
    assert guess("30:15:05").kind == "duration"
    assert guess("True", "false").kind == "boolean"
    assert guess("red", "blue").kind == "text"
    assert guess("none", na=("none",)).kind == "empty"


def test_what_columns_prove() -> None:
    assert guess_texts(values_of(["1,5"]), Hints())[1:] == (",", "")
    assert guess_texts(values_of(["18/03/2024"]), Hints())[1:] == ("", "DMY")
    assert guess_texts(values_of(["1,234"]), Hints())[1:] == ("", "")


def test_a_named_order_that_cannot_be_is_not_forced_on_iso_dates() -> None:
    found = guess("01/02/2024", "2024-03-18", date_format="DMY")
    assert found.dates is not None
    assert not found.ambiguous
    parsed = found.dates.parse(["01/02/2024", "2024-03-18"])
    assert [str(date)[:10] for date in parsed] == ["2024-02-01", "2024-03-18"]


def test_mixed_forms_are_said_to_look_like_numbers_or_dates() -> None:
    mixed = [f"{i}{unit}" for i in range(9) for unit in (" kg", " g", " lb")]
    found = guess(*mixed)
    assert (found.kind, found.looks_like) == ("text", "numbers")
    assert "Most values of 'w' look like numbers" in found.notices("w")[0]
    found = guess("18/03/2024", "03/18/2024")
    assert (found.kind, found.looks_like) == ("text", "dates")
    assert "--date-format" in found.notices("d")[0]


def test_sentences() -> None:
    column = guess("1.234,5 €", "..", "2,5 €").measured(
        values_of([1234.5, np.nan, 2.5])
    )
    assert column.sentence("cost") == (
        "'cost': number (decimal comma, without '€'), 2.5 to 1234.5, 1 of 3 missing, "
        "read as missing: '..' (1)"
    )
    constant = ColumnReading("number").measured(values_of([2, 2]))
    assert constant.sentence("k") == "'k': number, always 2.0"


def test_json_and_back() -> None:
    for column in (guess("1,5", "-"), guess("18/03/24"), guess("x"), guess("1:00:00")):
        measured = column.measured(Values("number", np.array([1.5, np.nan])))
        assert ColumnReading.read(measured.describe(), "column 'a'") == measured
    described = guess("1,5").describe()
    for key, value in {"kind": "x", "rows": -1, "texts_missing": [["a", "b"]]}.items():
        with pytest.raises(
            ValueError, match="the description of column 'a' is damaged"
        ):
            ColumnReading.read(described | {key: value}, "column 'a'")

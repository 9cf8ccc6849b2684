"""texts.py: what the texts of a column are, and what they prove."""

from ranvier.reading.columns import ColumnReading
from ranvier.reading.texts import Hints, guess_texts
from ranvier.table.values import values_of


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

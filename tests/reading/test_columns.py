"""columns.py: readings of columns as sentences and as JSON."""

import numpy as np
import pytest

from ranvier.reading.columns import ColumnReading
from ranvier.reading.texts import Hints, guess_texts
from ranvier.table.values import Values, values_of


def guess(*texts: str, **hints: object) -> ColumnReading:
    return guess_texts(values_of(list(texts)), Hints(**hints))[0]  # type: ignore[arg-type]


def test_sentences() -> None:
    column = guess("1.234,5 €", "..", "2,5 €").measured(
        values_of([1234.5, np.nan, 2.5])
    )
    assert column.sentence("cost") == (
        "'cost': number (decimal comma, without '€'), 2.5 to 1234.5, 1 of 3 missing, "
        "read as missing: '..' (1)"
    )
    constant = ColumnReading("number").measured(values_of([2, 2]))
    assert constant.sentence("k") == "'k': number, always 2"


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


def test_whole_numbers_that_look_like_days() -> None:
    column = ColumnReading("number").measured(values_of([20240318, 20231201]))
    assert column.looks_like == "dates"
    assert "--date-format d=%Y%m%d" in column.notices("d")[0]
    assert not ColumnReading("number").measured(values_of([20241318])).looks_like
    assert not ColumnReading("number").measured(values_of([20240318] * 3)).looks_like


@pytest.mark.parametrize("sign", [-999, -9, 9999, -99.99])
def test_a_number_of_nines_far_from_all_others_is_named(sign: float) -> None:
    numbers = [*np.linspace(0, 7 if abs(sign) == 9 else 90, 50), sign, sign]
    column = ColumnReading("number").measured(values_of(numbers))
    assert (float(column.sentinel), column.sentinel_rows) == (sign, 2)
    assert f"--na {sign}" in column.notices("x")[0]
    assert ColumnReading.read(column.describe(), "column 'x'") == column


def test_a_number_among_the_others_is_no_sign_of_missing() -> None:
    for numbers in ([97, 98, 99, 99], [-9, -9, -5, 20], [0.1, 0.5, 5000, 5000]):
        assert not ColumnReading("number").measured(values_of(numbers)).sentinel

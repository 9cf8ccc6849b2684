from collections import Counter

import pytest

from ranvier.table.number_guess import guess_numbers
from ranvier.table.numbers import NumberFormat, is_placeholder, seconds, value


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("$1,234.50", 1234.5), ("\u20a91,765", 1765), ("1,765원", 1765), ("45%", 45),
        ("(12.50)", -12.5), ("1 765.29", 1765.29), ("1'765.29", 1765.29),
        ("\u221212.5", -12.5), ("\uff11\uff17\uff16\uff15", 1765), ("12 kg", 12),
        ("1.77M", 1.77e6),
        ("<0.05", 0.05), (">100", 100), ("30:15:05", 108905), ("1,76,529", 176529),
        ("€ 12", 12), ("12.50-", -12.5), ("3,000만원", 3e7), ("1.5e3", 1500),
        ("12 m²", 12), ("3.5 km/h", 3.5), (" 7 ", 7), ("-$5", -5), ("$-5", -5),
        ("1.5 million", 1.5e6), ("100+", 100), ("2 days 01:00:00", 176400),
    ],
)  # fmt: skip
def test_each_form_is_a_number(text: str, number: float) -> None:
    guess = guess_numbers({text: 1})
    assert guess is not None
    assert guess.format.parse(text) == pytest.approx(number, rel=1e-15)


def test_marks_that_do_not_fit_are_no_number() -> None:
    point = NumberFormat()
    assert point.parse("1,234.50") == 1234.5
    assert point.parse("1.234,50") is None
    assert point.parse("1,2345") is None
    assert point.parse("12 kg") is None
    assert NumberFormat(",", ".").parse("1.234,50") == 1234.5


def test_value_writes_what_python_reads() -> None:
    assert value("1,234.5", ".", ",") == "1234.5"
    assert value("1.234,5", ",", ".") == "1234.5"
    assert value(".5", ".", ",") == "0.5"
    assert value("0,125", ".", ",") is None
    assert value("12,34", ".", ",") is None
    assert value("12.5.1", ".", ",") is None


@pytest.mark.parametrize(
    ("text", "number"),
    [("12:30", 45000), ("0:00:01.5", 1.5), ("PT1H30M", 5400), ("-1:00", -3600)],
)
def test_seconds(text: str, number: float) -> None:
    assert seconds(text) == number


@pytest.mark.parametrize("text", ["12", "12:75", "P", "noon"])
def test_no_seconds(text: str) -> None:
    assert seconds(text) is None


def test_placeholders() -> None:
    assert all(map(is_placeholder, ["..", ":", "-", "#DIV/0!", "NA", "", "\u2026"]))
    assert not any(map(is_placeholder, ["0", "p", "12"]))


def test_a_format_comes_back_from_json() -> None:
    guess = guess_numbers(Counter(["1.234,5 €", "..", "12,25 €"]))
    assert guess is not None
    assert guess.format == NumberFormat(",", ".", ("€",), missing=("..",))
    described = guess.format.describe()
    assert NumberFormat.read(described, "column 'a'") == guess.format
    with pytest.raises(ValueError, match="decimal is 'x'"):
        NumberFormat.read(described | {"decimal": "x"}, "column 'a'")

from collections import Counter

import numpy as np
import pytest

from ranvier.table.number_guess import guess_numbers, looks_like_numbers


def marks(texts: list[str], **named: str) -> tuple[str, str, bool]:
    guess = guess_numbers(Counter(texts), **named)  # type: ignore[arg-type]
    assert guess is not None
    return guess.format.decimal, guess.format.thousands, guess.ambiguous


def test_the_marks_are_found_from_all_texts() -> None:
    assert marks(["5,19", "4.225,27", "149,00"]) == (",", ".", False)
    assert marks(["5.19", "4,225.27"]) == (".", ",", False)
    assert marks(["1'200.50", "12.00"]) == (".", "'", False)
    assert marks(["1\u00a0200,50", "12,00"]) == (",", " ", False)
    assert marks(["1.234", "0.125"]) == (".", ",", False)
    assert marks(["1.234.567", "1.234"]) == (",", ".", False)


def test_three_digits_behind_a_mark_are_ambiguous_and_can_be_named() -> None:
    assert marks(["1,234", "5,678"]) == (".", ",", True)
    assert marks(["1.234", "5.678"]) == (".", ",", True)
    assert marks(["1.234", "5.678"], prefer=",") == (",", ".", True)
    assert marks(["1.234", "5.678"], thousands=".") == (",", ".", False)
    assert marks(["1,234", "5,678"], decimal=",") == (",", ".", False)


def test_numbers_without_a_mark_and_with_a_last_zero_show_that_it_groups() -> None:
    assert marks(["91.420", "2.677", "297"]) == (",", ".", False)
    # Decimals as short as they are: 2.6 has lost its zeros.
    assert marks(["91.421", "2.677", "297"])[0] == "."
    assert marks(["91.420", "2.677", "1297"])[0] == "."


@pytest.mark.parametrize(
    "texts",
    [
        ["P41", "P53"], ["10001", "00501"], ["1st", "2nd", "3rd"], ["1A", "2B", "3C"],
        ["10.0.0.1", "10.0.0.2"], ["1.2.3", "1.3.4"], ["12 kg", "500 g", "7 lb"],
        ["2010년 06월", "2011년 07월"], ["3/18/2024"], ["10-12", "12-14"], ["red", "3"],
        ["1", "2", "3", "studio"], ["..", "-"],
    ],
)  # fmt: skip
def test_what_is_no_column_of_numbers(texts: list[str]) -> None:
    assert guess_numbers(Counter(texts)) is None


def test_texts_for_missing_are_named_and_counted() -> None:
    counts = Counter({f"{x / 7:.2f}": 2 for x in range(100)})
    guess = guess_numbers(counts | {"..": 22, "suppressed": 30})
    assert guess is not None
    assert guess.format.missing == ("..", "suppressed")
    assert guess.strays == 30
    assert guess_numbers(counts | {f"word {i}": 2 for i in range(5)}) is None


def test_flags_and_one_unit_in_two_cases_are_taken_off() -> None:
    guess = guess_numbers(Counter(["12.3 p", "12.4", "12.9", "13.0 e", ":"]))
    assert guess is not None
    assert guess.format.units == ("e", "p")
    guess = guess_numbers(Counter(["12 kg", "13 KG", "14kg"]))
    assert guess is not None
    assert guess.format.units == ("KG", "kg")


def test_a_random_column_comes_back_in_every_form() -> None:
    rng = np.random.default_rng(0)
    numbers = np.exp(rng.uniform(np.log(5), np.log(5e6), 200)).round(2)
    forms = {
        "comma": [f"{x:,.2f}".translate(str.maketrans(",.", ".,")) for x in numbers],
        "dollar": [f"${x:,.2f}" for x in numbers],
        "space": [f"{x:,.2f}".replace(",", "\u202f") for x in numbers],
        "swiss": [f"CHF {x:,.2f}".replace(",", "\u2019") for x in numbers],
    }
    for name, texts in forms.items():
        guess = guess_numbers(Counter(texts))
        assert guess is not None, name
        assert [guess.format.parse(text) for text in texts] == numbers.tolist(), name


def test_looks_like_numbers() -> None:
    assert looks_like_numbers({"12 kg": 1, "500 g": 1, "7 lb": 1})
    assert not looks_like_numbers({"red": 2, "5": 1})


@pytest.mark.parametrize("note", ["[1]", " [a]", " (est.)", "(vorläufig)"])
def test_notes_in_brackets_are_left_out(note: str) -> None:
    texts = [f"{x}.5" + note * (x % 7 == 0) for x in range(100)]
    guess = guess_numbers(Counter(texts))
    assert guess is not None
    assert [guess.format.parse(t) for t in texts] == [x + 0.5 for x in range(100)]


def test_a_number_in_brackets_is_no_note() -> None:
    assert guess_numbers(Counter(f"{x} ({x % 9})" for x in range(100))) is None

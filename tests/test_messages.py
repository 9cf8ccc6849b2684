"""names.py: lists in messages, and the nearest of several names."""

import numpy as np
import pytest

from ranvier.messages import check_known, choose, listed, nearest, plain, unknown


@pytest.mark.parametrize(
    ("names", "text"),
    [
        ([], ""),
        (["a"], "'a'"),
        (["a", "b"], "'a' and 'b'"),
        (["a", "b", "c"], "'a', 'b' and 'c'"),
        (list("abcdef"), "'a', 'b', 'c', 'd', 'e' and 'f'"),
        (list("abcdefg"), "'a', 'b', 'c', 'd', 'e' and 2 more"),
        (["line\nbreak", "\x1b[31m"], "'line\\nbreak' and '\\x1b[31m'"),
    ],
)
def test_listed(names: list[str], text: str) -> None:
    assert listed(names) == text


def test_nearest_ignores_case() -> None:
    assert nearest("INCOME", ["age", "Income", "incomes"]) == ["Income", "incomes"]
    assert nearest("zzz", ["age", "income"]) == []


def test_choose() -> None:
    assert choose("incme", ["age", "income"], "columns") == "did you mean 'income'?"
    assert (
        choose("zzz", ["age", "x"], "columns") == "there are the columns 'age' and 'x'"
    )
    assert choose("zzz", [], "columns") == "there is no columns"


def test_nothing_from_outside_steers_a_terminal() -> None:
    assert plain("a\nb\tc") == "a b c"
    assert plain("\x1b[31mred\x07") == "\ufffd[31mred\ufffd"
    assert plain("abc\u202edef") == "abc\ufffddef"
    assert plain("펭귄 Adélie <b>") == "펭귄 Adélie <b>"


def test_offers_the_nearest_and_lists_all() -> None:
    error = unknown("colour", "gren", ["red", "green"])
    assert isinstance(error, ValueError)
    assert str(error) == (
        "unknown colour 'gren': did you mean 'green'? Choose one of red, green"
    )


def test_offers_whatever_the_case() -> None:
    assert "did you mean 'red'?" in str(unknown("colour", "RED", ["red", "green"]))


def test_without_a_near_name_lists_all() -> None:
    text = "unknown colour 7: choose one of red, green"
    assert str(unknown("colour", 7, ["red", "green"])) == text
    assert "choose one of red, green" in str(unknown("colour", "x", ["red", "green"]))


def test_only_texts_of_the_list_are_known() -> None:
    assert check_known("colour", "red", ["red", "green"]) == "red"
    for wrong in ("blue", None, ["red"], np.zeros(2)):
        with pytest.raises(ValueError, match="unknown colour"):
            check_known("colour", wrong, ["red", "green"])

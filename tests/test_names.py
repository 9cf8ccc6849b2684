"""names.py: lists in messages, and the nearest of several names."""

import pytest

from ranvier.names import choose, listed, nearest, plain


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

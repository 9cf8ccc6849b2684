"""Names of findings: each has a verdict and a cure in both languages, and code."""

import ast
import string

import pytest

from ranvier.doctor import english, korean
from ranvier.doctor.kinds import CODES, RANKS


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_every_name_has_texts_in_both_languages() -> None:
    assert CODES.keys() == english.TEXTS.keys() == korean.TEXTS.keys() == RANKS.keys()
    assert english.WORDS.keys() == korean.WORDS.keys()


def test_data_that_cannot_be_learned_comes_before_symptoms() -> None:
    order = ["missing_values", "unscaled_column", "rate_too_high", "not_learning"]
    assert sorted(order, key=RANKS.__getitem__) == order


@pytest.mark.parametrize("name", CODES)
def test_code_is_python(name: str) -> None:
    code = CODES[name]
    ast.parse(code.format_map(dict.fromkeys(fields(code), "1")))

"""options.py: what the user says, and mistakes in it."""

from typing import Any

import pytest

from ranvier.reading.options import ReadOptions
from ranvier.reading.texts import Hints


def test_for_all_columns_or_some() -> None:
    options = ReadOptions(decimal=",", thousands={"a": "."}, na=("none",))
    assert options.hints("a", Hints()) == Hints(
        decimal=",", thousands=".", na=("none",)
    )
    assert options.hints("b", Hints(prefer_order="DMY")) == Hints(
        decimal=",", na=("none",), prefer_order="DMY"
    )


def test_plain_json_and_back() -> None:
    options = ReadOptions(delimiter=";", skip=(2, 1), header=0, na=("x",))
    assert ReadOptions.read(options.describe()) == options
    assert ReadOptions().describe() == {}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"delimiter": ""}, "give one or more characters"),
        ({"decimal": ";"}, "decimal is ';': give one of '.', ','"),
        ({"thousands": {"a": "x"}}, "thousands is 'x'"),
        ({"header": 3}, "header is 3: give 0 for"),
        ({"skip": (-1, 0)}, "give how many lines"),
    ],
)
def test_mistakes(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        ReadOptions(**given)

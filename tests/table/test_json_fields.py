"""description.py: only the expected fields, each of its kind."""

from typing import Any

import pytest

from ranvier.table.json_fields import MOST_ROWS, JsonFields


def fields(**values: Any) -> JsonFields:
    return JsonFields(values, "it", list(values))


def test_fields_of_every_kind() -> None:
    given = fields(a="x", b=1.5, c=3, d=["p", "q"], e=[1, 2], f={"any": None})
    assert given.text("a") == "x"
    assert given.choice("a", ["x", "y"]) == "x"
    assert given.number("b") == 1.5
    assert given.number("c") == 3.0
    assert given.count("c") == 3
    assert given.texts("d") == ("p", "q")
    assert given.counts("e") == (1, 2)
    assert given.items("e") == [1, 2]
    assert given.item("f") == {"any": None}
    given.require(True, "never said")


@pytest.mark.parametrize("value", [None, 1, "text", [], ["a"]])
def test_no_object(value: object) -> None:
    with pytest.raises(ValueError, match="expected an object, but got"):
        JsonFields(value, "it", ["a"])


@pytest.mark.parametrize("value", [{}, {"b": 1}, {"a": 1, "b": 1}, {1: 2}])
def test_other_fields(value: dict[Any, Any]) -> None:
    with pytest.raises(ValueError, match="expected the fields a, but got"):
        JsonFields(value, "it", ["a"])


@pytest.mark.parametrize(
    ("read", "value", "why"),
    [
        ("text", 1, "holds int, not text"),
        ("number", "1", "is str, not a number"),
        ("number", True, "is bool, not a number"),
        ("number", float("inf"), "is inf, not a finite number"),
        ("number", float("nan"), "is nan, not a finite number"),
        ("number", 10**400, "is inf, not a finite number"),
        ("count", 1.0, "holds float, not a whole number"),
        ("count", True, "holds bool, not a whole number"),
        ("count", -1, "outside 0 to"),
        ("count", MOST_ROWS + 1, "outside 0 to"),
        ("counts", [1, "2"], "holds str, not a whole number"),
        ("texts", "abc", "is str, not a list"),
        ("texts", ["a", None], "holds NoneType, not text"),
        ("texts", ["a", "a"], "names something twice"),
        ("items", {}, "is dict, not a list"),
    ],
)
def test_wrong_kind(read: str, value: object, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        getattr(fields(a=value), read)("a")


def test_choice_and_limits() -> None:
    with pytest.raises(ValueError, match="a is 'z', not one of x, y"):
        fields(a="z").choice("a", ["x", "y"])
    with pytest.raises(ValueError, match="not a finite number from 0"):
        fields(a=-1.0).number("a", least=0)
    with pytest.raises(ValueError, match="of it is damaged: because; save the model"):
        fields(a=1).require(False, "because")

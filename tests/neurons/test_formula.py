import pytest
from hypothesis import given
from hypothesis import strategies as st

from logic_texts import NAMES, formulas
from ranvier.neurons.formula import Constant, Not, Operation, Variable, evaluate, parse
from ranvier.neurons.formula import variables as names_of


class Truth(int):
    """True or False, with ~ as logic has it: Python's ~True is -2."""

    def __invert__(self) -> "Truth":
        return Truth(not self)

    def __and__(self, other) -> "Truth":
        return Truth(bool(self) and bool(other))

    def __or__(self, other) -> "Truth":
        return Truth(bool(self) or bool(other))

    def __xor__(self, other) -> "Truth":
        return Truth(bool(self) != bool(other))

    __rand__, __ror__, __rxor__ = __and__, __or__, __xor__


def by_python(text: str, values: dict[str, bool]) -> bool:
    truths = {name: Truth(value) for name, value in values.items()}
    text = text.replace("True", "T1").replace("False", "F0")
    return bool(eval(text, {"T1": Truth(1), "F0": Truth(0)}, truths))


@given(formulas(), st.integers(0, 2**12 - 1))
def test_as_python_evaluates_it(text: str, bits: int) -> None:
    values = {name: bool(bits >> i & 1) for i, name in enumerate(NAMES)}
    # `not` inside of signs is Python's syntax error, and ours to read.
    assert evaluate(parse(text), values) is by_python(text, values)


def table(text: str) -> list[int]:
    formula = parse(text)
    names = sorted(names_of(formula))
    return [
        int(evaluate(formula, {n: bool(k >> i & 1) for i, n in enumerate(names)}))
        for k in range(2 ** len(names))
    ]


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("a -> b", "not a or b"),
        ("a -> b -> c", "not a or (not b or c)"),
        ("a <-> b", "(a and b) or (not a and not b)"),
        ("a <-> b <-> c", "(a <-> b) <-> c"),
        ("a -> b <-> c", "(a -> b) <-> c"),
        ("a or b -> c", "(a or b) -> c"),
        ("a xor b and c", "a xor (b and c)"),
        ("a or b xor c", "a or (b xor c)"),
        ("a xor not b", "a <-> b"),
        ("a & not b", "a and ~b"),
        ("not a & b", "not (a and b)"),
        ("~a & b", "(not a) and b"),
        ("a && !b || c", "a and not b or c"),
        ("a \u2227 \u00acb \u2228 c", "a and not b or c"),
        ("a \u2295 b", "a xor b"),
        ("a \u2192 b", "a => b"),
        ("a \u2194 b", "a <=> b"),
        ("NOT a AND TRUE", "~a"),
    ],
)
def test_spellings_and_precedence(text: str, same: str) -> None:
    assert table(text) == table(same)


def test_names_in_any_script() -> None:
    formula = parse("비 -> 우산 and not café_2")
    assert names_of(formula) == ("비", "우산", "café_2")
    assert parse("android") == Variable("android")  # begins with and
    assert parse("a and true") == Operation("and", (Variable("a"), Constant(True)))
    assert parse("not a") == Not(Variable("a"))


@pytest.mark.parametrize(
    ("text", "message", "column"),
    [
        (
            "a and",
            "a name, 'not' or '(' should stand at position 5, but there is the end",
            5,
        ),
        ("a b", "an operator such as 'and' or the end should stand at position 2", 2),
        ("(a or b", "an operator or ')' should stand at position 7", 7),
        ("a or b)", "the end should stand at position 6, but there is ')'", 6),
        ("a & $", "a name, an operator or a bracket should stand at position 4", 4),
        ("비 & $", "position 4, but there is '$'", 5),  # 비 is two columns wide
        ("and a", "position 0, but there is 'and'", 0),
        ("1a", "position 0", 0),
        ("", "position 0, but there is the end", 0),
        ("a\n$", "position 2", 2),
        ("a - b", "position 2, but there is '-'", 2),
    ],
)
def test_errors_point_at_the_place(text: str, message: str, column: int) -> None:
    with pytest.raises(ValueError, match="this is no formula") as told:
        parse(text)
    assert message in str(told.value)
    *_, below = str(told.value).split("\n")
    assert below.index("^") == 2 + column


@pytest.mark.parametrize(
    "text",
    [
        "(" * 500 + "a" + ")" * 500,
        "~" * 500 + "a",
        "not " * 500 + "a",
        "a -> " * 500 + "a",
    ],
)
def test_what_is_too_deep_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="within each other"):
        parse(text)


def test_long_formulas_are_read() -> None:
    names = [f"x{i}" for i in range(3000)]
    formula = parse(" and ".join(names))
    assert len(names_of(formula)) == 3000
    assert evaluate(formula, dict.fromkeys(names, True))


def test_no_text() -> None:
    with pytest.raises(ValueError, match="a formula is a text"):
        parse(3)  # type: ignore[arg-type]

from itertools import product

import pytest

from ranvier.neurons.formula import evaluate, parse, variables
from ranvier.neurons.gates import FALSE, TRUE, Gate, Writer, layered


def fires(layers: list[list[Gate]], inputs: list[int]) -> list[list[int]]:
    """Run threshold units by hand: 1 where sum + bias reaches 0."""
    tape = [inputs]
    for units in layers:
        tape.append(
            [
                int(sum(w * tape[-1][i] for i, w in g.weights.items()) + g.bias >= 0)
                for g in units
            ]
        )
    return tape


@pytest.mark.parametrize(
    "text",
    [
        "a", "not a", "a and b", "a or b", "a xor b", "a <-> b", "a -> b",
        "(a and not b) or c", "a xor b xor c", "a <-> b <-> c <-> d",
        "a and (b or (c and (d or e)))", "not (a xor not b)", "a xor true",
        "a xor a", "a and not a", "a or not a", "a <-> false", "not a and not b",
        "(a xor b) and (b xor a)", "not (not a or b) xor (c -> a)",
    ],
)  # fmt: skip
def test_every_unit_is_what_it_says(text: str) -> None:
    formula = parse(text)
    names = variables(formula)
    layers = layered(formula, names)
    for bits in product((0, 1), repeat=len(names)):
        values = dict(zip(names, map(bool, bits), strict=True))
        tape = fires(layers, list(bits))
        assert tape[-1] == [int(evaluate(formula, values))]
        for units, outputs in zip(layers, tape[1:], strict=True):
            for gate, output in zip(units, outputs, strict=True):
                assert output == int(evaluate(parse(gate.formula), values)), gate


def test_one_unit_for_what_one_unit_can_do() -> None:
    formula = parse("a and not b and c and not d")
    ((gate,),) = layered(formula, variables(formula))
    weights = {0: 1, 1: -1, 2: 1, 3: -1}
    assert gate == Gate("AND", "a and not b and c and not d", weights, -1.5)
    assert gate.rule("abcd") == "a - b + c - d - 1.5 >= 0"


def test_biases_stand_half_way_between_two_sums() -> None:
    for text in ("a or not b or c", "a xor b", "not a"):
        for units in layered(parse(text), variables(parse(text))):
            assert all(gate.bias % 1 == 0.5 for gate in units)


def test_parts_that_occur_twice_are_one() -> None:
    text = "(a and b) or c xor (b and a)"
    first, *_ = layered(parse(text), "abc")
    assert [gate.formula for gate in first].count("a and b") == 1


def test_constants_are_folded_away() -> None:
    writer = Writer()
    for text, folded in (
        ("a or true", TRUE),
        ("a and false", FALSE),
        ("a xor a", FALSE),
        ("a -> a", TRUE),
    ):
        assert writer.write(parse(text)) == folded
    assert ~TRUE == FALSE
    ((gate,),) = layered(parse("a or true"), ("a",))
    assert (gate.kind, gate.weights, gate.bias) == ("TRUE", {}, 0.5)


def test_a_value_that_is_used_higher_up_is_handed_on() -> None:
    first, second = layered(parse("(a and b) or c"), "abc")
    assert [gate.kind for gate in first] == ["AND", "PASS"]
    assert second[0].kind == "OR"


def test_xor_of_many_stays_small() -> None:
    names = [f"x{i}" for i in range(64)]
    layers = layered(parse(" xor ".join(names)), names)
    assert len(layers) == 12
    assert max(len(gate.formula) for units in layers for gate in units) < 1000

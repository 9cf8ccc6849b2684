from itertools import product

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import assume, given, settings

import ranvier as rv
from logic_texts import formulas
from ranvier.neurons.formula import evaluate, parse, variables


@given(formulas())
@settings(max_examples=60)
def test_exact_for_every_assignment(text: str) -> None:
    """Up to 12 variables, all 4096 assignments, in one pass of the network."""
    formula = parse(text)
    assume(variables(formula))
    circuit = rv.logic.compile(text)
    table = circuit.truth_table()
    n = len(circuit.variables)
    assert table.assignments.shape == (2**n, n)
    for bits, value in zip(table.assignments.tolist(), table.values, strict=True):
        assert (
            evaluate(formula, dict(zip(circuit.variables, bits, strict=True))) == value
        )


def test_weights_one_can_read() -> None:
    circuit = rv.logic.compile("(a and not b) or c")
    first, last = circuit.network.layers
    assert first.W.tolist() == [[1, 0], [-1, 0], [0, 1]]
    assert first.b.tolist() == [-0.5, -0.5]
    assert (last.W.tolist(), last.b.tolist()) == ([[1], [1]], [-0.5])
    assert str(first.activation) == "step"
    assert [gate.formula for gate in circuit.gates[0]] == ["a and not b", "c"]
    assert "unit 0: a and not b    (AND of a - b - 0.5 >= 0)" in str(circuit)


def test_calls() -> None:
    implies = rv.logic.compile("비 -> 우산")
    assert implies(True, False) is False
    assert implies(0, 0) is True
    assert implies(우산=1, 비=1) is True
    assert implies([[0, 1], [1, 0]]).tolist() == [True, False]
    assert implies(np.array([1, 1])) is True


@pytest.mark.parametrize(
    ("values", "named", "message"),
    [
        ((True,), {}, r"the 2 variables 'rain' and 'wet'"),
        ((1, 0, 1), {}, "the 2 variables"),
        ((1, 2), {}, "give True and False or 1 and 0"),
        ((), {"rain": 1}, "'wet' is missing"),
        ((), {"rain": 1, "wett": 1}, "no variable 'wett': did you mean 'wet'"),
        ((1,), {"wet": 1}, "in order or by name, not both"),
    ],
)
def test_bad_calls(values: tuple, named: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        rv.logic.compile("rain -> wet")(*values, **named)


GATES = {
    "AND": all,
    "OR": any,
    "NAND": lambda bits: not all(bits),
    "NOR": lambda bits: not any(bits),
    "MAJORITY": lambda bits: 2 * sum(bits) > len(bits),
    "XOR": lambda bits: sum(bits) % 2 == 1,
}


@pytest.mark.parametrize("inputs", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("name", GATES)
def test_gates(name: str, inputs: int) -> None:
    circuit = getattr(rv.logic, name)(inputs)
    for bits in product((0, 1), repeat=inputs):
        assert circuit(*bits) == GATES[name](bits), bits
    if name != "XOR":
        assert len(circuit.network.layers) == 1


def test_not_and_defaults() -> None:
    assert rv.logic.NOT().truth_table().values.tolist() == [1, 0]
    assert rv.logic.AND().network.inputs == 2
    assert rv.logic.MAJORITY().network.inputs == 3
    assert len(rv.logic.XOR().network.layers) == 2


@pytest.mark.parametrize("inputs", [0, -1, 1.5, "3", True])
def test_gates_of_no_number(inputs: object) -> None:
    with pytest.raises(ValueError, match="inputs of MAJORITY must be a whole"):
        rv.logic.MAJORITY(inputs)


def test_truth_tables() -> None:
    table = rv.logic.compile("a and b").truth_table()
    assert str(table) == (
        "a  b  a and b\n0  0        0\n0  1        0\n1  0        0\n1  1        1"
    )
    assert list(table.to_frame()) == ["a", "b", "a and b"]
    assert table._repr_html_().count("<tr>") == 5
    wide = rv.logic.OR(21)
    with pytest.raises(ValueError, match=r"21 variables has 2,097,152 rows"):
        wide.truth_table()
    assert wide(np.eye(21)).all()


def test_no_variable() -> None:
    with pytest.raises(ValueError, match="'true' has no variable"):
        rv.logic.compile("true")
    with pytest.raises(ValueError, match="this is no formula"):
        rv.logic.compile("a and")


def test_hostile_text_is_text() -> None:
    html = rv.logic.compile("a<->b")._repr_html_()
    assert "a&lt;-&gt;b" in html


def test_a_circuit_is_traced() -> None:
    trace = rv.logic.XOR().network.trace([[1, 0]])
    assert trace["Z1"].tolist() == [[0.5, -0.5]]
    assert trace["A2"].tolist() == [[1.0]]


@pytest.mark.parametrize("library", [pd.DataFrame, pl.DataFrame, pa.table])
def test_a_frame_is_read_by_the_names_of_its_columns(library) -> None:
    circuit = rv.logic.compile("rain -> wet")
    frame = library({"wet": [0, 1, 0, 1], "other": ["a"] * 4, "rain": [0, 0, 1, 1]})
    assert circuit(frame).tolist() == [True, True, False, True]
    with pytest.raises(ValueError, match=r"no column 'wet'.*did you mean 'Wet'"):
        circuit(library({"Wet": [0], "rain": [1]}))


def test_values_that_are_no_truths() -> None:
    circuit = rv.logic.compile("a and b")
    for wrong in ([0.5, 1], ["yes", "no"], [None, True], [float("nan"), 1]):
        with pytest.raises(ValueError, match="a variable is true or false"):
            circuit(wrong)

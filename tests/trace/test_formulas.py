from xml.etree import ElementTree

import pytest

from ranvier.trace import formulas
from ranvier.trace.formulas import LOSS, Derivative, Symbol

W = Symbol("W", 2, (1, 0))


def test_text() -> None:
    assert str(W) == "W2[1,0]"
    assert str(LOSS) == "L"
    assert str(Derivative(LOSS, W)) == "dL/dW2[1,0]"


def test_latex() -> None:
    assert W.latex == "w^{(2)}_{1,0}"
    assert Derivative(LOSS, W).latex == r"\frac{\partial L}{\partial w^{(2)}_{1,0}}"


def test_mathml_is_well_formed_and_says_the_same() -> None:
    root = ElementTree.fromstring(formulas.math(Derivative(LOSS, W)))
    assert root.tag == "{http://www.w3.org/1998/Math/MathML}math"
    assert "".join(root.itertext()) == "\u2202L\u2202w1,0(2)"


@pytest.mark.parametrize(
    ("value", "text", "latex"),
    [
        (0.0, "0", "0"),
        (-0.0, "0", "0"),
        (-1.25, "-1.25", "-1.25"),
        (1 / 3, "0.333333", "0.333333"),
        (-2.5e-9, "-2.5e-09", r"-2.5 \cdot 10^{-9}"),
        (3e20, "3e+20", r"3 \cdot 10^{20}"),
    ],
)
def test_numbers(value: float, text: str, latex: str) -> None:
    assert formulas.number(value) == text
    assert formulas.number_latex(value) == latex
    ElementTree.fromstring(formulas.number_mathml(value))


def test_powers_of_ten_in_mathml() -> None:
    text = "".join(ElementTree.fromstring(formulas.number_mathml(-2.5e-9)).itertext())
    assert text == "\u22122.5\u00d710\u22129"


def test_products() -> None:
    a = Derivative(LOSS, Symbol("A", 1, (3,)))
    z = Derivative(Symbol("A", 1, (3,)), Symbol("Z", 1, (3,)))
    pairs = [(a, -2.0), (z, 0.5)]
    left = Derivative(LOSS, Symbol("Z", 1, (3,)))
    latex = formulas.product_latex(left, pairs, -1.0)
    assert latex.endswith(r"= (-2) \cdot 0.5 = -1")
    root = ElementTree.fromstring(formulas.product_mathml(left, pairs, -1.0))
    assert "".join(root.itertext()).endswith("=(\u22122)\u22c50.5=\u22121")

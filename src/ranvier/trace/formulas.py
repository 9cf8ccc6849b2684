"""Symbols of the two passes, written as plain text, MathML and LaTeX.

An entry of a matrix is a small letter in formulas and the matrix's own in text, where
`W2[1,0]` can be typed: the weight from input 1 to unit 0 of layer 2.
"""

from dataclasses import dataclass
from html import escape

MATHML = "http://www.w3.org/1998/Math/MathML"
PARTIAL = "\N{PARTIAL DIFFERENTIAL}"
MINUS, TIMES, DOT = "\N{MINUS SIGN}", "\N{MULTIPLICATION SIGN}", "\N{DOT OPERATOR}"


@dataclass(frozen=True)
class Symbol:
    """A number of a network: W2[1,0], A1[3], or L, which has no layer."""

    letter: str
    layer: int | None = None
    at: tuple[int, ...] = ()

    def __str__(self) -> str:
        number = "" if self.layer is None else str(self.layer)
        at = f"[{','.join(map(str, self.at))}]" if self.at else ""
        return f"{self.letter}{number}{at}"

    @property
    def mathml(self) -> str:
        """The symbol inside <math>: indices below, the layer above, in brackets."""
        if self.layer is None:
            return f"<mi>{escape(self.letter)}</mi>"
        below = "<mo>,</mo>".join(f"<mn>{index}</mn>" for index in self.at)
        above = f"<mo>(</mo><mn>{self.layer}</mn><mo>)</mo>"
        return (
            f"<msubsup><mi>{self.letter.lower()}</mi><mrow>{below}</mrow>"
            f"<mrow>{above}</mrow></msubsup>"
        )

    @property
    def latex(self) -> str:
        """The symbol in LaTeX."""
        if self.layer is None:
            return self.letter
        below = ",".join(map(str, self.at))
        return f"{self.letter.lower()}^{{({self.layer})}}_{{{below}}}"


@dataclass(frozen=True)
class Derivative:
    """The derivative of one symbol by another."""

    of: Symbol
    by: Symbol

    def __str__(self) -> str:
        return f"d{self.of}/d{self.by}"

    @property
    def mathml(self) -> str:
        """The fraction inside <math>."""
        top = f"<mrow><mo>{PARTIAL}</mo>{self.of.mathml}</mrow>"
        bottom = f"<mrow><mo>{PARTIAL}</mo>{self.by.mathml}</mrow>"
        return f"<mfrac>{top}{bottom}</mfrac>"

    @property
    def latex(self) -> str:
        """The fraction in LaTeX."""
        return rf"\frac{{\partial {self.of.latex}}}{{\partial {self.by.latex}}}"


Term = Symbol | Derivative
LOSS = Symbol("L")


def number(value: float) -> str:
    """Write a number for the eye: six digits, and 0 without a sign."""
    return f"{value:.6g}" if value else "0"


def number_mathml(value: float) -> str:
    """Write a number inside <math>, with a true minus sign and powers of ten."""
    mantissa, _, exponent = number(abs(value)).partition("e")
    sign = f"<mo>{MINUS}</mo>" if value < 0 else ""
    if not exponent:
        return f"<mrow>{sign}<mn>{mantissa}</mn></mrow>"
    power = int(exponent)
    above = f"<mo>{MINUS}</mo>" * (power < 0) + f"<mn>{abs(power)}</mn>"
    tens = f"<msup><mn>10</mn><mrow>{above}</mrow></msup>"
    return f"<mrow>{sign}<mn>{mantissa}</mn><mo>{TIMES}</mo>{tens}</mrow>"


def number_latex(value: float) -> str:
    """Write a number in LaTeX, with powers of ten."""
    mantissa, _, exponent = number(value).partition("e")
    return rf"{mantissa} \cdot 10^{{{int(exponent)}}}" if exponent else mantissa


def product_mathml(left: Term, factors: list[tuple[Term, float]], total: float) -> str:
    """Write left = factor . factor = number . number = total, as one <math>."""
    symbols = f"<mo>{DOT}</mo>".join(term.mathml for term, _ in factors)
    values = f"<mo>{DOT}</mo>".join(_bracketed(value) for _, value in factors)
    equal = "<mo>=</mo>"
    body = equal.join([left.mathml, symbols, values, number_mathml(total)])
    return f'<math xmlns="{MATHML}" display="block"><mrow>{body}</mrow></math>'


def product_latex(left: Term, factors: list[tuple[Term, float]], total: float) -> str:
    """Write left = factor . factor = number . number = total in LaTeX."""
    symbols = r" \cdot ".join(term.latex for term, _ in factors)
    values = r" \cdot ".join(_in_brackets(value) for _, value in factors)
    return f"{left.latex} = {symbols} = {values} = {number_latex(total)}"


def math(term: Term) -> str:
    """Write a symbol as a <math> of its own, inside a line of text."""
    return f'<math xmlns="{MATHML}" displaystyle="true">{term.mathml}</math>'


def _bracketed(value: float) -> str:
    text = number_mathml(value)
    return f"<mrow><mo>(</mo>{text}<mo>)</mo></mrow>" if value < 0 else text


def _in_brackets(value: float) -> str:
    return f"({number_latex(value)})" if value < 0 else number_latex(value)

"""From a formula's tree to layers of threshold units.

The tree is first written with "and", "or" and signs alone; then each part gets a layer
above the layers of what it is made of. Parts that occur twice are one unit, and units
that hand a value on fill the layers between.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from ranvier.neurons.formula import Constant, Formula, Not, Operation, Variable


@dataclass(frozen=True)
class Gate:
    """One threshold unit and what it stands for.

    Attributes
    ----------
    kind : str
        "AND", "OR", "PASS" (a value handed on), "NOT", "TRUE", "FALSE", ...
    formula : str
        What is true when the unit fires.
    weights : dict
        From the place of an input in the layer below to its weight.
    bias : float
        Minus the threshold, half-way between two sums.
    """

    kind: str
    formula: str
    weights: dict[int, int]
    bias: float

    def rule(self, below: Sequence[str]) -> str:
        """Write when the unit fires: "a - b - 0.5 >= 0"."""
        terms = [
            f"{'+' if weight > 0 else '-'} {_times(weight)}{below[place]}"
            for place, weight in self.weights.items()
        ]
        sign = "+" if self.bias > 0 else "-"
        text = " ".join([*terms, f"{sign} {abs(self.bias):g}"])
        return f"{text.removeprefix('+ ')} >= 0"


class Part:
    """A part of a formula, written with and, or and signs; equal only to itself.

    ``kind`` is "variable", "constant", "and", "or" or "xor" (an "and" by its parts),
    ``text`` the part as a formula, ``height`` the layer of its unit: one above the
    highest that it is made of.
    """

    __slots__ = ("height", "kind", "parts", "text")

    def __init__(self, kind: str, text: str, parts: tuple[Signed, ...] = ()) -> None:
        self.kind, self.text, self.parts = kind, text, parts
        self.height: int = 1 + max(own.part.height for own in parts) if parts else 0


class Signed(NamedTuple):
    """A part, or its negation."""

    part: Part
    negated: bool = False

    def __invert__(self) -> Signed:
        return {TRUE: FALSE, FALSE: TRUE}.get(self, Signed(self.part, not self.negated))

    def __str__(self) -> str:
        text = f"({self.part.text})" if self.part.parts else self.part.text
        return f"not {text}" if self.negated else text


TRUE: Final = Signed(Part("constant", "true"))
FALSE: Final = Signed(Part("constant", "false"))


class Writer:
    """Writes formulas with and, or and signs; what occurs twice becomes one part."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str | frozenset[Signed]], Part] = {}

    def write(self, formula: Formula) -> Signed:
        """Write a formula, constants folded away."""
        match formula:
            case Variable(name):
                return Signed(self._part("variable", name))
            case Constant(value):
                return TRUE if value else FALSE
            case Not(part):
                return ~self.write(part)
            case Operation(name, parts):
                signed = [self.write(part) for part in parts]
        if name == "->":
            return self._join("or", [~signed[0], signed[1]])
        if name in ("and", "or"):
            return self._join(name, signed)
        odd = self._odd(signed)
        # a <-> b is not (a xor b); each further <-> is one more "not".
        return ~odd if name == "<->" and len(signed) % 2 == 0 else odd

    def _odd(self, given: Sequence[Signed]) -> Signed:
        """Write that an odd number is true, in halves, which keeps the network low."""
        if len(given) == 1:
            return given[0]
        half = len(given) // 2
        a, b = self._odd(given[:half]), self._odd(given[half:])
        # The signs come out: not a xor b is not (a xor b).
        flip = a.negated != b.negated and a.part.kind != "constant" != b.part.kind
        if flip or (a.negated and b.negated):
            a, b = Signed(a.part), Signed(b.part)
        both, either = self._join("and", [a, b]), self._join("or", [a, b])
        odd = self._join("and", [either, ~both])
        if odd.part.parts == (
            either,
            ~both,
        ):  # no constant, no twin: called by its name
            odd = Signed(self._part("xor", f"{a} xor {b}", odd.part.parts))
        return ~odd if flip else odd

    def _join(self, kind: str, given: Sequence[Signed]) -> Signed:
        """Join by and (or by or), flat, and without what cannot matter."""
        # false ends an "and", and true does not matter to it; of "or" it is turned.
        ends, idle = (FALSE, TRUE) if kind == "and" else (TRUE, FALSE)
        parts: dict[Signed, None] = {}
        for signed in given:
            flat = signed.part.kind == kind and not signed.negated
            for own in signed.part.parts if flat else (signed,):
                if own == ends or ~own in parts:
                    return ends
                if own != idle:
                    parts[own] = None
        if len(parts) < 2:
            return next(iter(parts), idle)
        text = f" {kind} ".join(map(str, parts))
        return Signed(self._part(kind, text, tuple(parts)))

    def _part(self, kind: str, text: str, parts: tuple[Signed, ...] = ()) -> Part:
        key = (kind, frozenset(parts) or text)
        return self._known.setdefault(key, Part(kind, text, parts))


def layered(formula: Formula, variables: Sequence[str]) -> list[list[Gate]]:
    """Place the parts of a formula in layers of gates; the last is one unit."""
    writer = Writer()
    root = writer.write(formula)
    inputs = [writer.write(Variable(name)).part for name in variables]
    if root in (TRUE, FALSE):
        bias = 0.5 if root == TRUE else -0.5
        return [[Gate(root.part.text.upper(), root.part.text, {}, bias)]]
    top = root.part
    if root.negated or top.kind == "variable":
        top = Part("and", str(root), (root,))
    # Of each layer the parts that the layers above read, the lowest layer first.
    layers: list[list[Part]] = [[] for _ in range(top.height + 1)]
    layers[-1] = [top]
    for level in range(top.height, 1, -1):
        for part in layers[level]:
            ready = part.height < level
            for below in [part] if ready else [own.part for own in part.parts]:
                if below not in layers[level - 1]:
                    layers[level - 1].append(below)
    layers[0] = inputs
    return [
        [_gate(part, layers[level - 1], level) for part in layers[level]]
        for level in range(1, top.height + 1)
    ]


def _gate(part: Part, below: Sequence[Part], level: int) -> Gate:
    if part.height < level:
        return Gate("PASS", part.text, {below.index(part): 1}, -0.5)
    weights = {below.index(own.part): -1 if own.negated else 1 for own in part.parts}
    negative = sum(own.negated for own in part.parts)
    # The sum of the inputs lies from -negative to len - negative.
    if part.kind == "or":
        return Gate("OR", part.text, weights, negative - 0.5)
    kind = "AND" if len(part.parts) > 1 else "NOT" if negative else "PASS"
    return Gate(kind, part.text, weights, negative + 0.5 - len(part.parts))


def _times(weight: int) -> str:
    return "" if abs(weight) == 1 else f"{abs(weight)} "

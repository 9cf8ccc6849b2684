"""Formulas of logic: from text to a tree, with errors that point at the place.

Precedence is Python's; what Python has not stands where one expects it. From the
tightest: ~ & ^ | not and xor or -> <->.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import reduce
from operator import eq, le, ne
from typing import Final, NamedTuple

DEEPEST: Final = 40  # brackets and signs within each other


@dataclass(frozen=True)
class Variable:
    """A name that is true or false."""

    name: str


@dataclass(frozen=True)
class Constant:
    """True or false."""

    value: bool


@dataclass(frozen=True)
class Not:
    """True where its part is false."""

    part: Formula


@dataclass(frozen=True)
class Operation:
    """Two parts or more, joined by "and", "or", "xor" or "<->"; two by "->"."""

    name: str
    parts: tuple[Formula, ...]


Formula = Variable | Constant | Not | Operation


def evaluate(formula: Formula, values: Mapping[str, bool]) -> bool:
    """Say whether a formula is true, given what its variables are."""
    match formula:
        case Variable(name):
            return values[name]
        case Constant(value):
            return value
        case Not(part):
            return not evaluate(part, values)
        case Operation(name, parts):
            truths = [evaluate(part, values) for part in parts]
            if name in ("and", "or"):
                return all(truths) if name == "and" else any(truths)
            join = {"xor": ne, "->": le, "<->": eq}[name]  # false is less than true
            return bool(reduce(join, truths))


def variables(formula: Formula) -> tuple[str, ...]:
    """Name the variables in the order in which they first occur."""
    return tuple(dict.fromkeys(_names(formula)))


def _names(formula: Formula) -> Iterator[str]:
    match formula:
        case Variable(name):
            yield name
        case Not(part):
            yield from _names(part)
        case Operation(_, parts):
            for part in parts:
                yield from _names(part)


def parse(text: str) -> Formula:
    """Read a formula.

    Parameters
    ----------
    text
        Names, ``true``, ``false``, brackets, and ``not and or xor`` or the signs
        ``~ & | ^ -> <->``.

    Raises
    ------
    ValueError
        It is no formula; the message shows the place.

    Examples
    --------
    >>> parse("a and not b")
    Operation(name='and', parts=(Variable(name='a'), Not(part=Variable(name='b'))))
    """
    if not isinstance(text, str):
        raise ValueError(f"a formula is a text such as 'a and not b', but got {text!r}")
    reader = _Reader(text)
    formula = reader.level(0, 0)
    if reader.token.kind != "end":
        raise reader.error("an operator such as 'and' or the end")
    return formula


class _Token(NamedTuple):
    kind: str  # "name", "end", or the operator or bracket
    text: str
    start: int


# Spellings of each operator; the order of those with two characters and one matters.
_SIGNS: Final = {
    "<->": "<->", "<=>": "<->", "\N{LEFT RIGHT ARROW}": "<->",
    "->": "->", "=>": "->", "\N{RIGHTWARDS ARROW}": "->",
    "&&": "and", "||": "or", "&": "&", "|": "|", "^": "^", "~": "~", "!": "~",
    "\N{LOGICAL AND}": "&", "\N{LOGICAL OR}": "|", "\N{CIRCLED PLUS}": "^",
    "\N{NOT SIGN}": "~", "(": "(", ")": ")",
}  # fmt: skip
_WORDS: Final = {"and": "and", "or": "or", "xor": "xor", "not": "not"}
_CONSTANTS: Final = {"true": True, "false": False}

# From the loosest to the tightest: the operators that join two parts, and their name.
_LEVELS: Final[tuple[dict[str, str], ...]] = (
    {"<->": "<->"},
    {"->": "->"},
    {"or": "or"},
    {"xor": "xor"},
    {"and": "and"},
    {},  # not
    {"|": "or"},
    {"^": "xor"},
    {"&": "and"},
)
_NOT: Final = 5


class _Reader:
    """Reads a formula from left to right, one token ahead."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._tokens = self._split()
        self.token = next(self._tokens)

    def level(self, level: int, depth: int) -> Formula:
        """Read parts that the operators of a level, or tighter ones, join."""
        if depth > DEEPEST:
            raise self.error(f"at most {DEEPEST} brackets within each other")
        if level == len(_LEVELS):
            return self._smallest(depth)
        if level == _NOT and self.token.kind == "not":
            self._advance()
            return Not(self.level(level, depth + 1))
        parts, name = [self.level(level + 1, depth)], ""
        while self.token.kind in _LEVELS[level]:
            name = _LEVELS[level][self.token.kind]
            self._advance()
            if name == "->":  # a -> b -> c is a -> (b -> c)
                return Operation(name, (*parts, self.level(level, depth + 1)))
            parts.append(self.level(level + 1, depth))
        return Operation(name, tuple(parts)) if name else parts[0]

    def _smallest(self, depth: int) -> Formula:
        token = self.token
        if token.kind in ("~", "not"):  # a & not b, which Python refuses, is clear
            self._advance()
            return Not(self._signed(depth))
        if token.kind == "(":
            self._advance()
            inside = self.level(0, depth + 1)
            if self.token.kind != ")":
                raise self.error("an operator or ')'")
            self._advance()
            return inside
        if token.kind != "name":
            raise self.error("a name, 'not' or '('")
        self._advance()
        lower = token.text.lower()
        if lower in _CONSTANTS:
            return Constant(_CONSTANTS[lower])
        return Variable(token.text)

    def _signed(self, depth: int) -> Formula:
        if depth > DEEPEST:
            raise self.error(f"at most {DEEPEST} signs within each other")
        return self._smallest(depth + 1)

    def _advance(self) -> None:
        self.token = next(self._tokens)

    def _split(self) -> Iterator[_Token]:
        place, text = 0, self.text
        while place < len(text):
            if text[place].isspace():
                place += 1
                continue
            sign = next((sign for sign in _SIGNS if text.startswith(sign, place)), None)
            if sign is not None:
                yield _Token(_SIGNS[sign], sign, place)
                place += len(sign)
                continue
            match = re.compile(r"\w+").match(text, place)
            if match is None or match[0][0].isdecimal():
                self.token = _Token("sign", text[place], place)
                raise self.error("a name, an operator or a bracket")
            word = match[0]
            yield _Token(_WORDS.get(word.lower(), "name"), word, place)
            place = match.end()
        yield _Token("end", "", len(text.rstrip()))

    def error(self, expected: str) -> ValueError:
        """Make the error that points at the token at hand."""
        token = self.token
        what = "the end" if token.kind == "end" else repr(token.text)
        shown = self.text.replace("\n", " ").replace("\t", " ")
        below = " " * sum(map(_width, shown[: token.start])) + "^"
        return ValueError(
            f"this is no formula: {expected} should stand at position {token.start}, "
            f"but there is {what}\n  {shown}\n  {below}"
        )


def _width(letter: str) -> int:
    """Return the width of a letter in a terminal: two for Hangul and Hanja."""
    if unicodedata.combining(letter):
        return 0
    return 2 if unicodedata.east_asian_width(letter) in "WF" else 1

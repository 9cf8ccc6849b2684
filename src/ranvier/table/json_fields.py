"""Reading a plain JSON description that may come from a damaged or hostile file."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NoReturn

MOST_ROWS = 2**53  # the largest count that JSON readers keep exactly


class JsonFields:
    """The fields of one JSON object: exactly the expected ones, each of its kind.

    Nothing is looked up by a name from the file, and nothing is allocated that the file
    does not hold itself.
    """

    def __init__(self, value: Any, where: str, expected: Sequence[str]) -> None:
        self._where = where
        if not isinstance(value, dict):
            self._refuse(f"expected an object, but got {type(value).__name__}")
        if set(value) != set(expected):
            given = ", ".join(sorted(map(repr, value))[:20]) or "none"
            self._refuse(f"expected the fields {', '.join(expected)}, but got {given}")
        self._values: dict[str, Any] = value

    def text(self, key: str) -> str:
        """Return a text."""
        return self._text(self._values[key], key)

    def choice(self, key: str, choices: Sequence[str]) -> str:
        """Return a text out of a closed list."""
        text = self.text(key)
        if text not in choices:
            self._refuse(f"{key} is {text[:50]!r}, not one of {', '.join(choices)}")
        return text

    def number(self, key: str, least: float = -math.inf) -> float:
        """Return a finite number."""
        return self._number(self._values[key], key, least)

    def _number(self, value: Any, key: str, least: float = -math.inf) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            self._refuse(f"{key} is {type(value).__name__}, not a number")
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        if not (math.isfinite(number) and number >= least):
            self._refuse(f"{key} is {number!r}, not a finite number from {least}")
        return number

    def numbers(self, key: str) -> tuple[float, ...]:
        """Return a list of finite numbers."""
        return tuple(self._number(value, key) for value in self.items(key))

    def count(self, key: str) -> int:
        """Return a whole number from 0."""
        return self._count(self._values[key], key)

    def counts(self, key: str) -> tuple[int, ...]:
        """Return a list of whole numbers from 0."""
        return tuple(self._count(value, key) for value in self.items(key))

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of different texts."""
        texts = tuple(self._text(value, key) for value in self.items(key))
        if len(set(texts)) != len(texts):
            self._refuse(f"{key} names something twice")
        return texts

    def item(self, key: str) -> Any:
        """Return a value of any kind, for the caller to check."""
        return self._values[key]

    def items(self, key: str) -> list[Any]:
        """Return a list of anything, for the caller to check."""
        value = self._values[key]
        if not isinstance(value, list):
            self._refuse(f"{key} is {type(value).__name__}, not a list")
        return value

    def _text(self, value: Any, key: str) -> str:
        if not isinstance(value, str):
            self._refuse(f"{key} holds {type(value).__name__}, not text")
        return value

    def _count(self, value: Any, key: str) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            self._refuse(f"{key} holds {type(value).__name__}, not a whole number")
        if not 0 <= value <= MOST_ROWS:
            self._refuse(f"{key} holds a number outside 0 to {MOST_ROWS}")
        return value

    def _refuse(self, what: str) -> NoReturn:
        raise ValueError(
            f"the description of {self._where} is damaged: {what}; save the model "
            "again or use an undamaged copy"
        )

    def require(self, holds: bool, what: str) -> None:
        """Refuse the description unless a statement about it holds."""
        if not holds:
            self._refuse(what)

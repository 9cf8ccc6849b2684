"""Finding known texts again in a column, whatever type a file gave it this time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ranvier.table.values import NO_TEXT, Values, number_text, parse_number

MISSING, UNSEEN = -1, -2


class CategoryIndex:
    """Known texts, numbered in their order.

    A text is found exactly, or else by what it says: "1.0" also by the number 1, "True"
    also by "true". One file may hold as texts what another holds as numbers. "NA" and
    its like are missing unless they are known.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        self._exact = {text: code for code, text in enumerate(texts)}
        said = [(_canonical(text), code) for text, code in self._exact.items()]
        times = Counter(text for text, _ in said)
        # Where two known texts say the same ("1" and "1.0"), neither may be guessed.
        self._said = {text: code for text, code in said if times[text] == 1}

    def codes(self, values: Values) -> NDArray[np.int64]:
        """Return the (n,) numbers of the known texts; MISSING or UNSEEN for others."""
        n = len(values.data)
        if values.kind == "empty":
            return np.full(n, MISSING)
        if values.kind == "number":
            distinct, inverse = np.unique(values.data, return_inverse=True)
            found = [self._find_number(x, values.form == "boolean") for x in distinct]
            return np.array(found, dtype=np.int64)[inverse.reshape(n)]
        if values.kind == "text":
            known = {text: self._find(text) for text in set(values.data)}
            return np.fromiter((known[text] for text in values.data), np.int64, n)
        raise ValueError(f"expected texts or numbers, but got {values.kind} values")

    def unseen(self, values: Values) -> dict[str, int]:
        """Count the values that are not known, by their text, most frequent first."""
        others = values.data[self.codes(values) == UNSEEN]
        write = number_text if values.kind == "number" else str
        return dict(Counter(write(value) for value in others.tolist()).most_common())

    def _find(self, text: str | None) -> int:
        """Return the number of one text."""
        if text is None:
            return MISSING
        unknown = MISSING if text in NO_TEXT else UNSEEN
        return self._exact.get(text, self._said.get(_canonical(text), unknown))

    def _find_number(self, x: float, boolean: bool) -> int:
        """Return the number of the text that says this number, or this truth."""
        if np.isnan(x):
            return MISSING
        code = self._find("true" if x else "false") if boolean else UNSEEN
        return self._find(number_text(float(x))) if code == UNSEEN else code


def _canonical(text: str) -> str:
    """Write what a text says in one way: numbers shortest, truths in lower case."""
    number = parse_number(text)
    if number is not None and np.isfinite(number):
        return number_text(number)
    lower = text.strip().lower()
    return lower if lower in {"true", "false"} else text

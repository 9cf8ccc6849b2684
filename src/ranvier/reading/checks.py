"""New rows that contradict how the training rows were read are refused."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from ranvier.reading.columns import ColumnReading
from ranvier.table.values import Values

THOUSAND = 1000
_GROUPED = re.compile(r"\s*[+-]?[1-9]\d{0,2}(\.\d{3})*\s*", re.ASCII)


def refuse_contradictions(
    column: ColumnReading, values: Values, zoned: bool, name: str
) -> None:
    """Raise ValueError where new values cannot mean what those of training did.

    Parameters
    ----------
    column
        How the column was read in training.
    values
        The new values, read likewise.
    zoned
        Whether they are times with a zone.
    name
        Of the column, for the message.
    """
    if column.kind == "date" and values.kind == "date":
        _check_zone(column, values, zoned, name)
    if column.kind == "number" and values.kind == "number" and column.low:
        _check_sizes(column, values, name)


def refuse_grouping(
    column: ColumnReading, texts: Sequence[str | None], name: str
) -> None:
    """Refuse texts such as 91.420 throughout where training had whole numbers only."""
    point = column.numbers is not None and column.numbers.decimal == "."
    if not (column.whole and point and column.low):
        return
    given = [text for text in texts if text is not None]
    marked = [text for text in given if "." in text]
    if not marked or not all(map(_GROUPED.fullmatch, given)):
        return
    raise ValueError(
        f"column {name!r} holds {marked[0]!r} in row {list(texts).index(marked[0])} "
        f"(counted from 0), and held whole numbers in training ({column.low} to "
        f"{column.high}): the point seems to stand between thousands. Say which with "
        "--thousands . or --decimal . (thousands= or decimal= of read_table)"
    )


def _check_zone(column: ColumnReading, values: Values, zoned: bool, name: str) -> None:
    """Refuse local times where training had times with a zone, and the reverse."""
    if zoned == column.zoned or values.missing.all():
        return
    had, has = ("a zone", "none") if column.zoned else ("no zone", "one")
    row = int((~values.missing).argmax())
    raise ValueError(
        f"the times of column {name!r} had {had} in training, and row {row} (counted "
        f"from 0) has {has}: give the zone of both, or of neither"
    )


def _check_sizes(column: ColumnReading, values: Values, name: str) -> None:
    """Refuse numbers of a thousandth or a thousandfold, as a wrong mark makes them."""
    present = values.data[~values.missing & np.isfinite(values.data)]
    if not len(present) or not present.any():
        return
    low, high = float(column.low), float(column.high)
    largest = max(abs(low), abs(high))
    whole = bool((present == np.floor(present)).all())
    thousands = present * THOUSAND
    exact = bool(np.allclose(thousands, np.rint(thousands), rtol=0, atol=1e-6))
    smaller = column.whole and not whole and exact
    smaller = smaller and bool(np.abs(present).max() * 100 < largest)
    # Of 50.5 nobody would have written 50.500; 2.677 has three digits.
    hundreds = present * 100
    smaller = smaller and not np.allclose(
        hundreds, np.rint(hundreds), rtol=0, atol=1e-6
    )
    larger = not column.whole and whole and bool(np.abs(present).min() > 100 * largest)
    larger = larger and bool((present / THOUSAND >= low).all())
    larger = larger and bool((present / THOUSAND <= high).all())
    if not (smaller or larger):
        return
    first = float(present[0])
    row = int(np.flatnonzero(values.data == first)[0])
    times = "a thousandth" if smaller else "a thousand times"
    raise ValueError(
        f"column {name!r} holds {first:g} in row {row} (counted from 0), {times} the "
        f"size of training ({column.low} to {column.high}): the decimal mark seems to "
        "be another one. Name it with --decimal or --thousands (decimal= or thousands= "
        "of read_table)"
    )

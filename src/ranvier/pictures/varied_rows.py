"""Rows in which one or two columns vary and the rest stays, for pictures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ranvier import inspectable
from ranvier.checks import checked_index
from ranvier.messages import choose
from ranvier.network.network import Network

MOST_CATEGORIES: Final = 12  # that are drawn of a column, the most frequent


class Along(NamedTuple):
    """What is drawn along a column: its values, where they stand, and their names.

    ``at`` (n,) numbers; of dates, days since 1970. ``names`` of categories, else ().
    """

    values: NDArray[Any]
    at: NDArray[np.float64]
    names: tuple[str, ...] = ()

    @property
    def are_dates(self) -> bool:
        """Whether the values are dates."""
        return self.values.dtype.kind == "M"

    def bands(self, points: int) -> Along:
        """Assign each category a band of evenly spaced points, 1 wide; others stay."""
        if not self.names:
            return self
        count = len(self.names)
        each = max(1, points // count)
        at = (np.arange(count * each) + 0.5) / each - 0.5
        return Along(self.values.repeat(each), at, self.names)

    def places(self, values: NDArray[Any]) -> NDArray[np.float64]:
        """Say where values of the column stand; NaN for those that stand nowhere."""
        if self.names:
            number = {name: float(k) for k, name in enumerate(self.names)}
            return np.array([number.get(str(value), np.nan) for value in values])
        if self.are_dates:
            return _days(values.astype("datetime64[us]"))
        return values.astype(np.float64)


class Columns:
    """A table by its columns: an array, or a frame of pandas, polars or Arrow."""

    def __init__(self, X: Any) -> None:
        self._frame = None
        if hasattr(X, "columns") or hasattr(X, "column_names"):
            import narwhals as nw

            self._frame = nw.from_native(X, eager_only=True).to_pandas()
            self.names = tuple(map(str, self._frame.columns))
        else:
            try:
                self._array = np.asarray(X)
            except ValueError:  # lists of unequal length
                self._array = np.zeros(0)
            if self._array.ndim != 2 or not len(self._array):
                raise ValueError(
                    f"X has the shape {self._array.shape}, but rows and columns are "
                    "expected: give the table that the network was trained on"
                )
            self.names = tuple(f"x{i}" for i in range(self._array.shape[1]))

    def __len__(self) -> int:
        return len(self._array if self._frame is None else self._frame)

    def place(self, column: int | str) -> int:
        """Return the number of a column that is named or numbered."""
        if isinstance(column, str):
            if column not in self.names:
                raise ValueError(
                    f"column {column!r} does not exist: "
                    f"{choose(column, self.names, 'columns')}"
                )
            return self.names.index(column)
        return checked_index("column", column, len(self.names))

    def values(self, place: int) -> NDArray[Any]:
        """Return the values of a column."""
        if self._frame is None:
            return self._array[:, place]
        return np.asarray(self._frame.iloc[:, place])

    def numbers(self, place: int) -> NDArray[np.float64]:
        """Return the numbers of a column, the missing ones left out."""
        try:
            numbers = self.values(place).astype(np.float64)
        except (ValueError, TypeError):
            raise ValueError(
                f"the column {self.names[place]!r} holds no numbers, so nothing can be "
                "drawn along it: choose another"
            ) from None
        numbers = numbers[np.isfinite(numbers)]
        if not len(numbers):
            raise ValueError(f"the column {self.names[place]!r} has no values")
        return numbers

    def grid(self, place: int, points: int) -> NDArray[np.float64]:
        """Return evenly spaced numbers from a column's smallest to its largest."""
        numbers = self.numbers(place)
        margin = 0.1 * (np.ptp(numbers) or 1.0)
        return np.linspace(numbers.min() - margin, numbers.max() + margin, points)

    def along(self, place: int, points: int) -> Along:
        """Return what is drawn along a column of any kind.

        Evenly spaced numbers or dates over its range, or its most frequent categories,
        sorted.
        """
        values = self.known(place)
        if values.dtype.kind == "M":
            days = _days(values.astype("datetime64[us]"))
            at = np.linspace(days.min(), days.max(), points, dtype=np.float64)
            dates = np.rint(at * 86_400).astype("datetime64[s]")
            return Along(dates.astype("datetime64[us]"), at)
        if values.dtype.kind in "biuf" or self._frame is None:
            numbers = self.grid(place, points)
            return Along(numbers, numbers)
        counts = Counter(values.tolist())
        chosen = sorted((v for v, _ in counts.most_common(MOST_CATEGORIES)), key=str)
        categories = np.empty(len(chosen), object)
        categories[:] = chosen
        at = np.arange(len(chosen), dtype=np.float64)
        return Along(categories, at, tuple(map(str, chosen)))

    def known(self, place: int) -> NDArray[Any]:
        """Return the values of a column that are there, of the simplest type."""
        if self._frame is None:
            values = self.values(place)
        else:
            values = np.asarray(self._frame.iloc[:, place].dropna().infer_objects())
        if values.dtype.kind == "f":
            values = values[np.isfinite(values)]
        if not len(values):
            raise ValueError(f"the column {self.names[place]!r} has no values")
        return values

    def varied(self, given: Mapping[int, NDArray[Any]], row: int | None) -> Any:
        """Return rows with the given values in some columns; the rest is fixed.

        The rest is that of a row; without one, medians of numbers, and the most
        frequent of other values.
        """
        row = None if row is None else checked_index("row", row, len(self))
        size = len(next(iter(given.values())))
        if self._frame is None:
            fixed = np.median(self._array, axis=0) if row is None else self._array[row]
            table = np.tile(np.asarray(fixed, np.float64), (size, 1))
            for place, values in given.items():
                table[:, place] = values
            return table
        base = self._frame.iloc[[0 if row is None else row]]
        if row is None:
            base = base.assign(
                **{name: [_usual(self._frame[name])] for name in self._frame.columns}
            )
        table = base.loc[base.index.repeat(size)].reset_index(drop=True)
        for place, values in given.items():
            table[self._frame.columns[place]] = values
        return table


class Scores(NamedTuple):
    """What a fitted object gives for rows: (n, k) of classes, or (n,) numbers."""

    values: NDArray[np.float64]
    classes: tuple[str, ...]  # () for numbers


def scores(fitted: Any, X: Any) -> Scores:
    """Run rows through a network, a fitted object, or any function of a table."""
    try:
        network = inspectable.network_of(fitted)
    except TypeError:
        return _foreign(fitted, X)
    rows = inspectable.named(inspectable.encode(fitted, X), network)
    A = network(rows.X).astype(np.float64)
    last = network.activation.name
    if last == "softmax":
        # A network by itself knows its classes by their numbers.
        bare = fitted is network
        return Scores(A, tuple(map(str, range(A.shape[1]))) if bare else rows.outputs)
    if A.shape[1] == 1 and last in ("sigmoid", "step"):
        return Scores(np.hstack([1 - A, A]), _two(fitted, rows.outputs))
    return Scores(rows.origin + rows.unit * A[:, 0], ())


def _foreign(fitted: Any, X: Any) -> Scores:
    """Ask an object of another library, or a function."""
    if hasattr(fitted, "predict_proba"):
        labels = tuple(map(str, fitted.classes_))
        return Scores(np.asarray(fitted.predict_proba(X)), labels)
    if not hasattr(fitted, "predict") and not callable(fitted):
        raise TypeError(
            f"a {type(fitted).__name__} predicts nothing: give a Network, a fitted "
            "model, or a function of a table"
        )
    answers = np.asarray((getattr(fitted, "predict", None) or fitted)(X))
    if answers.shape[:1] != (len(X),) or answers.size != len(X):
        raise ValueError(
            f"fitted returned the shape {answers.shape} for {len(X):,} rows, but one "
            "value for each row is expected: give a function of a table"
        )
    answers = answers.reshape(-1)
    if not hasattr(fitted, "classes_"):
        return Scores(answers.astype(np.float64), ())
    classes = list(fitted.classes_)
    hits = [[answer == label for label in classes] for answer in answers]
    return Scores(np.array(hits, np.float64), tuple(map(str, classes)))


def network_rows(fitted: Any, X: Any) -> tuple[Network, NDArray[np.float64]]:
    """Return the network of a fitted object, and rows as it sees them."""
    return inspectable.network_of(fitted), inspectable.encode(fitted, X).X


def _two(fitted: Any, outputs: Sequence[str]) -> tuple[str, str]:
    """Name both classes of a network with one output."""
    classes = getattr(fitted, "classes_", None)
    if classes is not None and len(classes) == 2:
        return str(classes[0]), str(classes[1])
    return "0", "1"


def _days(dates: NDArray[Any]) -> NDArray[np.float64]:
    """Return days since 1970; NaN where there is no date."""
    days: NDArray[np.float64] = (dates - np.datetime64(0, "us")) / np.timedelta64(
        1, "D"
    )
    return days


def _usual(column: Any) -> Any:
    """Compute the median of numbers, the most frequent of other values."""
    known = column.dropna()
    if not len(known):
        return None
    if known.dtype.kind in "iuf":
        return known.median()
    return known.mode().iloc[0]

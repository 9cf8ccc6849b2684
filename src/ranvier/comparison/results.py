"""The result of a comparison: scores of each model on each fold, as one table."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from ranvier.metrics import SCORES

FIGURES = {
    "fit_seconds": "fit s",
    "predict_seconds": "predict s",
    "size": "size",
}
NONE = "-"


@dataclass(frozen=True)
class FoldResult:
    """A model on one fold: scores, seconds, size as a pickle; or why it failed.

    Attributes
    ----------
    model, fold
        Its name; the fold's number, from 0.
    scores
        By name, as `ranvier.metrics` has them; empty if it failed.
    fit_seconds, predict_seconds
        Wall time; the prediction is for all rows of the fold.
    size
        Bytes of the fitted model as a pickle, with its preprocessing.
    error
        Why it failed; None if it did not.
    """

    model: str
    fold: int
    scores: dict[str, float]
    fit_seconds: float = math.nan
    predict_seconds: float = math.nan
    size: int = 0
    error: str | None = None


@dataclass(frozen=True)
class Comparison:
    """Models on the same folds of a table; prints as one table.

    Attributes
    ----------
    target, task
        The target column, and "classification" or "regression".
    rows, folds
        Number of rows with a target, and of folds.
    titles
        The name and the title of each model that was compared.
    results
        A `FoldResult` for each model and fold that has finished.
    interrupted
        Whether Ctrl-C ended it before all had finished.
    notices
        What the folds may hide, as sentences.
    kept
        What the folds keep apart: "whole groups", "in order of time"; "" where they are
        drawn at random.

    Examples
    --------
    >>> import pandas as pd
    >>> import ranvier as rv
    >>> table = pd.DataFrame({"x": range(60), "y": range(60)})
    >>> found = rv.compare(table, "y", models=["linear"], folds=3)
    >>> found.task, found.rows, found.folds
    ('regression', 60, 3)
    """

    target: str
    task: str
    rows: int
    folds: int
    titles: dict[str, str]
    results: tuple[FoldResult, ...]
    interrupted: bool = False
    notices: tuple[str, ...] = ()
    kept: str = ""

    @property
    def main_score(self) -> str:
        """The score that the table is sorted by: ``accuracy`` or ``rmse``."""
        return "accuracy" if self.task == "classification" else "rmse"

    @property
    def scores(self) -> tuple[str, ...]:
        """The names of the scores, the main one first."""
        if self.task == "classification":
            return ("accuracy", "log_loss", "auc")
        return ("rmse", "mae", "r2")

    def of(self, model: str) -> list[FoldResult]:
        """Return the results of a model on the folds where it did not fail.

        Parameters
        ----------
        model
            Its name: a key of ``titles``.

        Returns
        -------
        list of FoldResult
            In the order of the folds.

        Examples
        --------
        >>> import pandas as pd
        >>> import ranvier as rv
        >>> table = pd.DataFrame({"x": range(60), "y": range(60)})
        >>> found = rv.compare(table, "y", models=["linear"], folds=3)
        >>> [result.fold for result in found.of("linear")]
        [0, 1, 2]
        """
        return [r for r in self.results if r.model == model and r.error is None]

    def summary(self) -> list[dict[str, Any]]:
        """Return a row for each model that has results, the best first.

        Returns
        -------
        list of dict
            ``model``, ``title``, ``folds`` finished; for each score its mean, and under
            ``NAME_sd`` its standard deviation over the folds (n - 1 in the divisor),
            None where it has none; means of ``fit_seconds``, ``predict_seconds`` and
            ``size``.

        Examples
        --------
        >>> import pandas as pd
        >>> import ranvier as rv
        >>> table = pd.DataFrame({"x": range(60), "y": range(60)})
        >>> found = rv.compare(table, "y", models=["linear"], folds=3)
        >>> found.summary()[0]["folds"]
        3
        """
        rows = []
        for name, title in self.titles.items():
            if done := self.of(name):
                row: dict[str, Any] = {
                    "model": name,
                    "title": title,
                    "folds": len(done),
                }
                for score in self.scores:
                    values = [result.scores.get(score, math.nan) for result in done]
                    row[score], row[f"{score}_sd"] = _mean(values), _spread(values)
                for figure in FIGURES:
                    row[figure] = _mean([getattr(result, figure) for result in done])
                rows.append(row)
        sign = -1 if SCORES[self.main_score].higher_is_better else 1
        return sorted(rows, key=lambda row: sign * row[self.main_score])

    def failures(self) -> dict[str, str]:
        """Return the first error of each model that failed on some fold.

        Returns
        -------
        dict of str to str
            The title of the model -> its error; empty if none failed.

        Examples
        --------
        >>> import pandas as pd
        >>> import ranvier as rv
        >>> table = pd.DataFrame({"x": range(60), "y": range(60)})
        >>> found = rv.compare(table, "y", models=["linear"], folds=3)
        >>> found.failures()
        {}
        """
        failed: dict[str, str] = {}
        for result in self.results:
            if result.error is not None:
                failed.setdefault(self.titles[result.model], result.error)
        return failed

    def head(self) -> list[str]:
        """Return the titles of the table's columns.

        Returns
        -------
        list of str
            ``"model"``, the scores with the main one first, seconds and size.

        Examples
        --------
        >>> import pandas as pd
        >>> import ranvier as rv
        >>> table = pd.DataFrame({"x": range(60), "y": range(60)})
        >>> found = rv.compare(table, "y", models=["linear"], folds=3)
        >>> found.head()[0]
        'model'
        """
        titles = [SCORES[name].title for name in self.scores]
        return ["model", *titles, *FIGURES.values()]

    def lines(self) -> list[list[str]]:
        """Return the cells of the table, a list for each model, the best first.

        The main score has its standard deviation; those of the others are in `summary`.

        Returns
        -------
        list of list of str
            A cell for each title of `head`.

        Examples
        --------
        >>> import pandas as pd
        >>> import ranvier as rv
        >>> table = pd.DataFrame({"x": range(60), "y": range(60)})
        >>> found = rv.compare(table, "y", models=["linear"], folds=3)
        >>> [len(line) == len(found.head()) for line in found.lines()]
        [True]
        """
        return [
            [
                _named(row, self.folds),
                _with_spread(row[self.main_score], row[f"{self.main_score}_sd"]),
                *(_figure(row[score]) for score in self.scores[1:]),
                _figure(row["fit_seconds"]),
                _figure(row["predict_seconds"]),
                _bytes(row["size"]),
            ]
            for row in self.summary()
        ]

    def to_dict(self) -> dict[str, Any]:
        """Return the comparison as plain data for JSON.

        Returns
        -------
        dict
            The attributes, and ``summary``.

        Examples
        --------
        >>> import pandas as pd
        >>> import ranvier as rv
        >>> table = pd.DataFrame({"x": range(60), "y": range(60)})
        >>> found = rv.compare(table, "y", models=["linear"], folds=3)
        >>> sorted(found.to_dict())[:4]
        ['folds', 'interrupted', 'kept', 'notices']
        """
        described = asdict(self)
        described["results"] = [asdict(result) for result in self.results]
        return described | {"summary": self.summary()}

    @property
    def folds_text(self) -> str:
        """How many folds there are, and what they keep apart."""
        return f"{self.folds} folds" + f", {self.kept}" * bool(self.kept)

    def __str__(self) -> str:
        lines = [self.head(), *self.lines()]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        texts = [f"{self.target!r} of {self.rows:,} rows, {self.folds_text}", ""]
        texts += ["  ".join(_aligned(line, widths)).rstrip() for line in lines]
        texts += [f"{title} failed: {why}" for title, why in self.failures().items()]
        return "\n".join(texts)

    def __repr__(self) -> str:
        return f"<Comparison>\n{self}"


def _aligned(cells: Sequence[str], widths: Sequence[int]) -> Iterable[str]:
    first, *rest = zip(cells, widths, strict=True)
    return [first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in rest)]


def _named(row: dict[str, Any], folds: int) -> str:
    missing = f" ({row['folds']} of {folds} folds)" if row["folds"] < folds else ""
    return f"{row['title']}{missing}"


def _mean(values: Sequence[float]) -> float | None:
    return None if any(map(math.isnan, values)) else sum(values) / len(values)


def _spread(values: Sequence[float]) -> float | None:
    mean = _mean(values)
    if mean is None or len(values) < 2:
        return None
    squares = sum((value - mean) ** 2 for value in values)
    return math.sqrt(squares / (len(values) - 1))


def _with_spread(mean: float | None, spread: float | None) -> str:
    """Write 0.913 +- 0.012: with the digits that the standard deviation affects."""
    if mean is None:
        return NONE
    if spread is None:
        return _figure(mean)
    doubt = spread or abs(mean) / 1000 or 1.0
    digits = min(4, max(0, 1 - math.floor(math.log10(doubt))))
    return f"{mean:,.{digits}f} +- {spread:,.{digits}f}"


def _figure(value: float | None) -> str:
    if value is None:
        return NONE
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 3
    return f"{value:,.{digits}f}"


def _bytes(value: float | None) -> str:
    if value is None:
        return NONE
    size, units = float(value), ["B", "kB", "MB", "GB"]
    while size >= 1000 and len(units) > 1:
        size, units = size / 1000, units[1:]
    digits = 1 if size < 10 and units[0] != "B" else 0
    return f"{size:,.{digits}f} {units[0]}"

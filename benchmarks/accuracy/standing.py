"""Rankings: mean ranks, mean errors, wins and losses, ratios of time.

A figure uses only tables on which all compared contenders have results. The result of
a table is the mean over its splits.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from benchmarks.accuracy.results import Key, Result
from benchmarks.accuracy.tables import FEW_ROWS, SPLITS_OF_FEW

SHIFT = 0.01  # added to errors, so that nearly solved tables do not dominate
SAME = 1e-9  # errors nearer than this are a tie

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Tables:
    """Results: contender -> table -> figure -> mean over the splits.

    ``outcomes`` holds the failed trials of a contender: (table, what happened).
    """

    tasks: Mapping[str, str]
    reached: Mapping[str, Mapping[str, Mapping[str, float]]]
    outcomes: Mapping[str, Sequence[tuple[str, str]]]

    def common(self, contenders: Iterable[str], regression: bool) -> list[str]:
        """List the tables of a kind on which all of them have results."""
        return [
            table
            for table, task in sorted(self.tasks.items())
            if (task == "regression") == regression
            and all(table in self.reached.get(name, {}) for name in contenders)
        ]

    def figures(self, name: str, tables: Sequence[str], figure: str) -> Array:
        """Return a figure of a contender for each table; NaN where it has none."""
        return np.array([self.reached[name][t].get(figure, np.nan) for t in tables])


def gather(results: Mapping[Key, Result]) -> Tables:
    """Take the mean over the splits of each table.

    Raises
    ------
    ValueError
        Results of one split belong to different rows.
    """
    tasks = {table: result["task"] for (table, _, _), result in results.items()}
    of: dict[tuple[str, str], list[Result]] = {}
    outcomes: dict[str, list[tuple[str, str]]] = {}
    checksums: dict[tuple[str, int], str] = {}
    for (table, split, name), result in sorted(results.items()):
        if result["status"] != "done":
            status = result["status"]
            status += f": {result['told']}" if status == "failed" else ""
            outcomes.setdefault(name, []).append((table, status))
            continue
        first = checksums.setdefault((table, split), result["checksum"])
        if first != result["checksum"]:
            raise ValueError(
                f"{name} has results for other rows of {table!r}, split {split}, "
                f"than the other contenders: run it again (--again {name})"
            )
        of.setdefault((name, table), []).append(result)
    reached: dict[str, dict[str, dict[str, float]]] = {}
    for (name, table), several in of.items():
        if len(several) == _splits(several[0]):
            reached.setdefault(name, {})[table] = _means(several)
    return Tables(tasks, reached, outcomes)


def _splits(result: Result) -> int:
    """Return the number of splits of the table; a quarter of its rows are tested."""
    _, test = result["rows"]
    return SPLITS_OF_FEW if 4 * test < FEW_ROWS else 1


def _means(several: Sequence[Result]) -> dict[str, float]:
    numbers = [key for key, value in several[0].items() if isinstance(value, float)]
    return {
        key: float(np.mean([result[key] for result in several]))
        for key in numbers
        if all(key in result for result in several)
    }


def mean_ranks(errors: Array) -> Array:
    """Return the mean rank of each contender, 1 being best; ties get mean ranks.

    Parameters
    ----------
    errors
        (contenders, tables).

    Examples
    --------
    >>> mean_ranks(np.array([[0.1, 0.3], [0.2, 0.3], [0.3, 0.1]]))
    array([1.75, 2.25, 2.  ])
    """
    ranks: Array = rankdata(np.round(errors / SAME) * SAME, axis=0).mean(axis=1)
    return ranks


def shifted_mean(errors: Array) -> float:
    """Compute the shifted geometric mean: exp of the mean of log(error + 0.01).

    As Holzmüller, Grinsztajn & Steinwart, "Better by default", 2024, section 2.

    Examples
    --------
    >>> round(shifted_mean(np.array([0.03, 0.15])), 6)
    0.08
    """
    return float(np.exp(np.log(errors + SHIFT).mean()))


def duels(own: Array, other: Array) -> tuple[int, int, int]:
    """Count the tables on which `own` is lower than `other`, higher, and the same.

    Examples
    --------
    >>> duels(np.array([0.1, 0.2, 0.3]), np.array([0.2, 0.2, 0.1]))
    (1, 1, 1)
    """
    difference = own - other
    same = np.abs(difference) < SAME
    wins = int(((difference < 0) & ~same).sum())
    return wins, len(own) - wins - int(same.sum()), int(same.sum())


def ratio_of_times(own: Array, other: Array) -> float:
    """Compute the geometric mean of own / other."""
    return float(np.exp(np.mean(np.log(own / other))))


@dataclass(frozen=True)
class Loss:
    """A table on which a contender has a larger error than the best of the others."""

    table: str
    own: float
    best: str
    error: float

    @property
    def ratio(self) -> float:
        """Ratio of the two shifted errors."""
        return (self.own + SHIFT) / (self.error + SHIFT)


def losses(found: Tables, own: str, others: Sequence[str]) -> list[Loss]:
    """List the tables on which another contender has a lower error, the worst first.

    Compared with all others that have a result there.
    """
    lost = []
    for table, figures in found.reached.get(own, {}).items():
        rivals = [
            (found.reached[name][table]["error"], name)
            for name in others
            if table in found.reached.get(name, {})
        ]
        if rivals and figures["error"] - min(rivals)[0] > SAME:
            error, name = min(rivals)
            lost.append(Loss(table, figures["error"], name, error))
    return sorted(lost, key=lambda loss: -loss.ratio)

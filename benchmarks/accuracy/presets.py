"""How near a preset comes to the network that it follows: `--presets`."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from scipy.stats import t as student

from benchmarks.accuracy import standing
from benchmarks.accuracy.contenders import KNOWN, PRESETS
from benchmarks.accuracy.results import Key, Result
from benchmarks.accuracy.standing import SHIFT, Array, Tables
from benchmarks.report import table, times

CONFIDENCE = 0.95
PAIRED = [who for name, preset in PRESETS.items() for who in (name, preset.name)]


class Spread(NamedTuple):
    """A geometric mean over tables, and the bounds that hold it with 95 %."""

    mean: float
    low: float
    high: float


def compare(results: Mapping[Key, Result]) -> str:
    """Write a table of errors for each preset beside its original, and the ratios."""
    found = standing.gather(_paired(results))
    return "\n\n".join(_section(found, name) for name in PRESETS)


def spread(ratios: Array) -> Spread:
    """Compute the geometric mean of ratios with its confidence interval (Student's t).

    Examples
    --------
    >>> [round(float(x), 3) for x in spread(np.array([0.9, 1.0, 1.1]))]
    [0.997, 0.777, 1.278]
    """
    logs = np.log(ratios)
    if len(logs) < 2:
        return Spread(float(ratios[0]), np.nan, np.nan)
    half = student.ppf((1 + CONFIDENCE) / 2, len(logs) - 1)
    half *= logs.std(ddof=1) / np.sqrt(len(logs))
    return Spread(*np.exp([logs.mean(), logs.mean() - half, logs.mean() + half]))


def _paired(results: Mapping[Key, Result]) -> dict[Key, Result]:
    """Keep the trials that a preset and its original have both been through."""
    partner = {name: preset.name for name, preset in PRESETS.items()}
    partner |= {preset: name for name, preset in partner.items()}
    done = {key for key, result in results.items() if result["status"] == "done"}
    return {
        key: results[key]
        for key in done
        if key[2] in partner and (key[0], key[1], partner[key[2]]) in done
    }


def _section(found: Tables, name: str) -> str:
    pair = KNOWN[name], PRESETS[name]
    if any(one.name not in found.reached for one in pair):
        return f"{pair[1].title}: no table has results of both."
    of_kind = {
        "classification": found.common([one.name for one in pair], False),
        "regression": found.common([one.name for one in pair], True),
    }
    every = [table for tables in of_kind.values() for table in tables]
    errors = [found.figures(one.name, every, "error") for one in pair]
    head = ["table", f"{pair[0].title}, pytabkit", pair[1].title, "ratio, shifted"]
    rows = [
        [table, f"{one:.4f}", f"{other:.4f}", f"{ratio:.3f}"]
        for table, one, other, ratio in zip(
            every, *errors, _ratio(*errors), strict=True
        )
    ]
    sums = ["tables", "how many", "ratio of errors", "of it 95 %", "of fits"]
    means = [
        _mean(found, title, tables, pair[0].name, pair[1].name)
        for title, tables in (*of_kind.items(), ("all", every))
        if tables
    ]
    return table(head, rows) + "\n\n" + table(sums, means)


def _ratio(theirs: Array, ours: Array) -> Array:
    return (ours + SHIFT) / (theirs + SHIFT)


def _mean(
    found: Tables, title: str, tables: list[str], theirs: str, ours: str
) -> list[str]:
    errors = [found.figures(one, tables, "error") for one in (theirs, ours)]
    seconds = [found.figures(one, tables, "fit_processor") for one in (ours, theirs)]
    ratio = spread(_ratio(*errors))
    bounds = "" if len(tables) == 1 else f"{ratio.low:.3f} to {ratio.high:.3f}"
    fits = times(standing.ratio_of_times(*seconds))
    return [title, str(len(tables)), f"{ratio.mean:.3f}", bounds, fits]

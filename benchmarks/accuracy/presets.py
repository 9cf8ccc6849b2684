"""How near a preset comes to the network that it follows: `--presets`."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np
from scipy.stats import t as student

from benchmarks.accuracy import standing
from benchmarks.accuracy.contenders import KNOWN, PRESETS
from benchmarks.accuracy.results import Key, Result
from benchmarks.accuracy.standing import SHIFT, Tables
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


def spread(ratios: np.ndarray) -> Spread:
    """Give the geometric mean of ratios with its confidence interval (Student's t).

    Examples
    --------
    >>> [round(float(x), 3) for x in spread(np.array([0.9, 1.0, 1.1]))]
    [0.997, 0.777, 1.278]
    """
    logs = np.log(ratios)
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
    rows, told = [], []
    for title, regression in (("classification", False), ("regression", True)):
        tables = found.common([one.name for one in pair], regression)
        if not tables:
            continue
        errors = [found.figures(one.name, tables, "error") for one in pair]
        rows += list(_rows(tables, *errors))
        ratios = (errors[1] + SHIFT) / (errors[0] + SHIFT)
        mean = f"{len(tables)} tables of {title}: error {_told(ratios)}"
        seconds = [found.figures(one.name, tables, "fit_processor") for one in pair]
        told.append(f"- {mean}; fit {times(standing.ratio_of_times(*seconds[::-1]))}")
    head = ["table", f"{pair[0].title}, pytabkit", pair[1].title, "ratio, shifted"]
    return "\n".join([table(head, rows), "", *told])


def _told(ratios: np.ndarray) -> str:
    if len(ratios) < 2:
        return f"{ratios[0]:.3f} of its own"
    mean, low, high = spread(ratios)
    return f"{mean:.3f} of its own ({low:.3f} to {high:.3f})"


def _rows(tables: list[str], theirs: np.ndarray, ours: np.ndarray) -> Iterator[list]:
    for name, one, other in zip(tables, theirs, ours, strict=True):
        ratio = (other + SHIFT) / (one + SHIFT)
        yield [name, f"{one:.4f}", f"{other:.4f}", f"{ratio:.3f}"]

"""One contender on one split of one table, in a process of its own.

`python -m benchmarks.accuracy.trial JSON` prints the result as the last line.
"""

import json
import resource
import sys
import warnings
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from time import perf_counter
from typing import Any, Self

import numpy as np

from benchmarks.accuracy import tables
from benchmarks.accuracy.contenders import KNOWN, Contender
from benchmarks.accuracy.tables import Table
from benchmarks.machine import installed, memory_peak
from ranvier.comparison.competitors import ModelSettings
from ranvier.metrics import score_classifier, score_regressor

MOST_WARNINGS, WARNING_LETTERS = 3, 200


@dataclass(frozen=True)
class Trial:
    """What is to be run."""

    contender: str
    table: Table
    split: int
    threads: int
    folder: str

    def to_json(self) -> str:
        """Write it as one line."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read it from `to_json`."""
        given = json.loads(text)
        return cls(**given | {"table": Table(**given["table"])})


def timed(what: Callable[[], Any]) -> tuple[Any, float, float]:
    """Do something; give what came of it, its seconds, and those of the processors."""
    begun, used = perf_counter(), processor_seconds()
    value = what()
    return value, perf_counter() - begun, processor_seconds() - used


def processor_seconds() -> float:
    """Return the seconds of the processors: this process and those it started."""
    used = [
        resource.getrusage(who)
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    ]
    return sum(part.ru_utime + part.ru_stime for part in used)


def run(trial: Trial, contender: Contender | None = None) -> dict[str, Any]:
    """Fit, predict, score; `contender`, if it is none of those with a name."""
    table, contender = trial.table, contender or KNOWN[trial.contender]
    frame, y = tables.read(table, Path(trial.folder))
    rows = tables.split(table, y, trial.split)
    X, X_test = (frame.iloc[part].reset_index(drop=True) for part in rows)
    y_train, y_test, seen = y[rows.train], y[rows.held_out], np.empty(0, int)
    del frame
    if table.classification:  # some want the classes of the training rows as 0, 1, ...
        seen, y_train = np.unique(y_train, return_inverse=True)
    model = contender.make(
        ModelSettings(table.classification, trial.split, trial.threads)
    )
    with warnings.catch_warnings(record=True) as raised:
        warnings.simplefilter("always")
        _, fit_seconds, fit_processor = timed(lambda: model.fit(X, y_train))
        _, predict_seconds, predict_processor = timed(lambda: model.predict(X_test))
        if table.classification:
            scores = score_classifier(model, X_test, y_test, seen)
            error = 1 - scores.pop("accuracy")
        else:
            scores = score_regressor(model, X_test, y_test)
            error = scores["rmse"] / float(np.std(y_test))
    told = dict.fromkeys(f"{w.category.__name__}: {w.message}" for w in raised)
    return {
        "status": "done",
        "error": error,
        **scores,
        "fit_seconds": fit_seconds,
        "fit_processor": fit_processor,
        "predict_seconds": predict_seconds,
        "predict_processor": predict_processor,
        "memory": memory_peak(),
        "rows": [len(X), len(X_test)],
        "columns": X.shape[1],
        "checksum": tables.checksum(rows),
        "versions": {name: installed(name) for name in contender.packages},
        "warnings": [text[:WARNING_LETTERS] for text in list(told)[:MOST_WARNINGS]],
    }


if __name__ == "__main__":
    print("\n" + json.dumps(run(Trial.from_json(sys.argv[1]))), flush=True)

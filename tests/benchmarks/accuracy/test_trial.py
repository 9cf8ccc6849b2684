import json
from pathlib import Path

import pytest
from benchmarks.accuracy.trial import Trial, timed

from benchmarks.accuracy import tables, trial


@pytest.mark.parametrize("contender", ["linear", "forest", "histgb", "svm"])
@pytest.mark.parametrize("number", [0, 1])
def test_a_trial(folder: Path, contender: str, number: int) -> None:
    table = tables.tables(folder)[number]
    told = trial.run(Trial(contender, table, 0, 1, str(folder)))
    assert told["status"] == "done"
    assert 0 <= told["error"] < (0.5 if table.classification else 0.9)
    assert ("auc" in told) == table.classification
    assert ("log_loss" in told) == (table.classification and contender != "svm")
    assert ("rmse" in told) != table.classification
    assert told["fit_processor"] >= 0
    assert told["fit_seconds"] > 0
    assert sum(told["rows"]) == table.rows
    assert told["versions"]["scikit-learn"]
    json.dumps(told)


@pytest.mark.parametrize("contender", ["ranvier", "ranvier-realmlp-td"])
def test_ranvier_takes_part(folder: Path, contender: str) -> None:
    told = trial.run(Trial(contender, tables.tables(folder)[0], 0, 1, str(folder)))
    assert told["error"] < 0.9


def test_a_trial_survives_its_text(folder: Path) -> None:
    given = Trial("svm", tables.tables(folder)[1], 2, 1, str(folder))
    assert Trial.from_json(given.to_json()) == given


def test_processor_time_counts_work_and_not_sleep() -> None:
    import time

    value, seconds, worked = timed(lambda: time.sleep(0.3) or "done")
    assert value == "done"
    assert seconds >= 0.3
    assert worked < seconds

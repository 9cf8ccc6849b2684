import signal
import threading
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import ranvier as rv
from ranvier.comparison import compare as comparing
from ranvier.comparison import pipelines
from stacks import hearing_ctrl_c

TWO = ["linear", "forest"]


def table(n: int = 60) -> pd.DataFrame:
    x = np.arange(n) / n
    kinds = [None if i % 11 == 0 else "ab"[i % 2] for i in range(n)]
    large = np.where(x > 0.5, "yes", "no")
    return pd.DataFrame({"x": x, "kind": kinds, "large": large})


@pytest.mark.parametrize("kind", [pd.DataFrame, pl.from_pandas, pa.Table.from_pandas])
def test_tables_of_any_library_give_the_same(kind: Any) -> None:
    found = rv.compare(kind(table()), "large", models=TWO, folds=3, n_threads=1)
    again = rv.compare(table(), "large", models=TWO, folds=3, n_threads=1)
    assert found.task == "classification"
    assert len(found.results) == 6
    assert [r.scores for r in found.results] == [r.scores for r in again.results]
    assert all(row["accuracy"] > 0.9 for row in found.summary())
    assert all(result.size > 500 for result in found.results)


def test_ranvier_takes_part_in_raw_columns() -> None:
    found = rv.compare(table(), "large", models=["ranvier"], folds=2, n_threads=1)
    assert found.failures() == {}
    assert found.summary()[0]["accuracy"] > 0.8


def test_regression_and_missing_targets() -> None:
    numbers = pd.DataFrame({"x": np.arange(50.0), "y": 3 * np.arange(50.0) + 0.5})
    numbers.loc[7, "y"] = np.nan
    found = rv.compare(numbers, "y", models=["linear"], folds=4)
    assert (found.task, found.rows) == ("regression", 49)
    assert found.summary()[0]["r2"] > 0.99


def test_nothing_is_learnt_from_the_tested_rows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fitted: list[pd.DataFrame] = []

    class Spy:
        def fit(self, frame: pd.DataFrame, y: Any) -> None:
            fitted.append(frame)

        def predict(self, frame: pd.DataFrame) -> Any:
            shared = set(frame["x"]) & set(fitted[-1]["x"])
            assert not shared
            return np.zeros(len(frame))

    monkeypatch.setattr(pipelines, "linear", lambda _: Spy())
    monkeypatch.setattr(comparing.pickle, "dumps", lambda _: b"")
    found = rv.compare(table(), "large", models=["linear"], folds=3)
    assert found.failures() == {}
    assert [len(frame) for frame in fitted] == [40, 40, 40]


def test_a_model_that_fails_stops_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: Any) -> Any:
        raise RuntimeError("it\nbroke")

    monkeypatch.setattr(pipelines, "linear", broken)
    found = rv.compare(table(), "large", models=TWO, folds=2)
    assert found.failures() == {"linear model": "it broke"}
    assert [row["model"] for row in found.summary()] == ["forest"]


def test_progress_tells_each_fit() -> None:
    told: list[str] = []
    rv.compare(table(), "large", models=TWO, folds=2, progress=told.append)
    assert told[0] == "Fold 1 of 2: linear model"
    assert len(told) == 4


def test_ctrl_c_keeps_what_is_finished() -> None:
    def stop(text: str) -> None:
        if text == "Fold 2 of 3: random forest":
            raise KeyboardInterrupt

    found = rv.compare(table(), "large", models=TWO, folds=3, progress=stop)
    assert found.interrupted
    assert [(r.model, r.fold) for r in found.results] == [
        ("linear", 0),
        ("forest", 0),
        ("linear", 1),
    ]


def test_ctrl_c_within_a_fit_of_ranvier_ends_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    frame = pd.DataFrame(np.random.default_rng(0).normal(size=(3000, 30)))
    frame.columns = [f"x{i}" for i in range(30)]
    frame["y"] = frame["x0"] * frame["x1"]
    timers: list[threading.Timer] = []

    def soon(_: str) -> None:
        timers.append(threading.Timer(1.0, signal.raise_signal, [signal.SIGINT]))
        timers[-1].start()

    with hearing_ctrl_c():
        found = rv.compare(frame, "y", models=["ranvier"], folds=3, progress=soon)
    for timer in timers:
        timer.cancel()
    assert found.interrupted
    assert len(found.results) < 3


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"target": "larg"}, "did you mean 'large'"),
        ({"folds": 1}, "folds must be a whole number of at least 2"),
        ({"folds": 40}, "too few for 40 folds"),
        ({"models": ["nets"]}, "there is no model 'nets'"),
    ],
)
def test_what_cannot_be_done(changes: dict[str, Any], message: str) -> None:
    given: dict[str, Any] = {"target": "large", "models": TWO, **changes}
    with pytest.raises(ValueError, match=message):
        rv.compare(table(), **given)


def test_too_small_tables() -> None:
    with pytest.raises(ValueError, match="5 rows"):
        rv.compare(table(5), "large", models=TWO, folds=2, task="classification")
    with pytest.raises(ValueError, match="no rows"):
        rv.compare(table().iloc[:0], "large")
    one = table().assign(large=["yes", *["no"] * 59])
    with pytest.raises(ValueError, match="all but one row"):
        rv.compare(one, "large", models=TWO)


def test_each_model_is_tested_on_later_rows() -> None:
    frame = pd.DataFrame({"t": range(120), "x": [k % 7 for k in range(120)]})
    frame["y"] = frame.t * 1.0
    shuffled = frame.sample(frac=1, random_state=0)
    found = rv.compare(shuffled, "y", models=["linear"], folds=3, time="t")
    again = rv.compare(frame, "y", models=["linear"], folds=3, time_ordered=True)
    assert found.of("linear")[0].scores == again.of("linear")[0].scores
    assert "3 folds, in order of time" in str(found)
    # A tree cannot predict above what it has seen.
    late = rv.compare(frame, "y", models=["forest"], folds=3, time_ordered=True)
    assert all(result.scores["r2"] < 0 for result in late.of("forest"))
    mixed = rv.compare(frame, "y", models=["forest"], folds=3)
    assert all(result.scores["r2"] > 0.9 for result in mixed.of("forest"))


def test_each_group_is_new_to_the_models_that_it_tests() -> None:
    rng = np.random.default_rng(0)
    person = np.repeat(np.arange(40), 6)
    frame = pd.DataFrame({"person": person, "x": rng.normal(size=240)})
    frame["y"] = np.where(rng.integers(0, 2, 40)[person] > 0, "ill", "well")
    known = rv.compare(frame, "y", models=["forest"], folds=4)
    assert "--groups person" in known.notices[0]
    new = rv.compare(frame, "y", models=["forest", "ranvier"], folds=4, groups="person")
    assert new.of("forest")
    assert "4 folds, whole groups" in str(new)
    gap = known.summary()[0]["accuracy"] - max(r["accuracy"] for r in new.summary())
    assert gap > 0.2
    assert not new.failures()

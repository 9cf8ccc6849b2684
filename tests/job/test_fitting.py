"""From a table to a model: the members, what is seen of them, and how it ends early."""

from pathlib import Path
from typing import Any

import numpy as np
import pages
import pandas as pd
import pytest

import ranvier as rv
from ranvier.job import fitting
from ranvier.job.fitting import fit, fit_table
from ranvier.job.model import Model
from ranvier.job.preparation import prepare
from ranvier.tabular.supervision import Supervision
from ranvier.tabular.views import train_views
from ranvier.training.history import EpochRecord

TABLE = pages.table(120)


def trained(**options: Any) -> Model:
    options = {"epochs": 6, "hidden": (8,), "progress": False} | options
    return fit_table(TABLE, "kind", **options)


def test_the_same_seed_gives_the_same_model_for_any_threads(tmp_path: Path) -> None:
    one = trained(n_threads=1)
    # Whether it is recorded and watched changes nothing either.
    other = trained(n_threads=2, run=tmp_path, callbacks=[lambda record: None])
    assert one.networks == other.networks
    assert trained(seed=1).networks != one.networks


def test_the_networks_are_those_of_the_estimator(monkeypatch: Any) -> None:
    """The first, which is trained where it can be seen, among them."""
    monkeypatch.setattr(fitting, "temperature", lambda *_: 1.0)
    prepared = prepare(TABLE, "kind", hidden=(8,), epochs=6)
    networks = fit(prepared, seed=4, progress=False).networks
    places, divided = prepared.encoder.is_bin, prepared.divided(4)
    members = train_views(prepared.lesson, places, divided, 4, Supervision(1))
    assert list(networks) == [member.network for member in members]


def test_options_reach_the_training() -> None:
    seen: list[int] = []
    model = trained(hidden=(7, 5), callbacks=[lambda r: seen.append(r.epoch)])
    units = [layer.units for layer in model.network.dense_layers]
    assert units == [7, 5, 2]
    assert seen == list(range(1, 7))
    assert model.history is not None
    assert len(model.history) == model.facts.epochs == 6
    assert model.facts.best_epoch == model.history.best_epoch
    assert trained(task="classification", effort="fast").facts.epochs == 6
    assert len(trained(effort="fast").networks) == 2


def test_probabilities_are_calibrated_on_rows_held_out() -> None:
    """A coin with 80 % heads is not told with more certainty than that."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(300, 6)), columns=list("abcdef"))
    frame["y"] = np.where(rng.random(300) < 0.8, frame.a > 0, frame.a <= 0)
    model = fit_table(frame, "y", epochs=30, progress=False)
    new = pd.DataFrame(rng.normal(size=(1000, 6)), columns=list("abcdef"))
    sure = model.predict_proba(new).max(axis=1).mean()
    assert 0.6 < sure < 0.85


@pytest.mark.parametrize("rows", [4, 30])
def test_a_tiny_table_can_be_trained_on(rows: int) -> None:
    x = np.linspace(0, 3, rows)
    table = pd.DataFrame({"x": x, "y": np.where(x > 1.5, "b", "a")})
    model = fit_table(table, "y", epochs=50, progress=False)
    assert model.predict(table).tolist() == table.y.tolist()


def test_a_callback_that_stops_the_training_stops_all() -> None:
    model = trained(callbacks=[lambda record: record.epoch == 3])
    assert model.history is not None
    assert len(model.history) == 3
    assert len(model.networks) == 1
    assert model.history.stopped.startswith("callback")


def interrupt_at(epoch: int) -> Any:
    """Give a callback that does as Ctrl-C does."""

    def interrupt(record: EpochRecord) -> None:
        if record.epoch == epoch:
            raise KeyboardInterrupt

    return interrupt


def test_ctrl_c_in_the_first_network(tmp_path: Path) -> None:
    with pytest.warns(RuntimeWarning, match="training was interrupted in epoch"):
        model = trained(callbacks=[interrupt_at(3)], run=tmp_path)
    assert model.history is not None
    assert model.history.stopped == "interrupted"
    assert len(model.networks) == 1
    # What was recorded goes on, and the others follow.
    run = rv.Run(model.history.run)
    again = fit(prepare(TABLE, "kind", hidden=(8,), epochs=6), run=run)
    assert again.networks == trained().networks
    # So they do where the run had ended.
    assert run.state == "ended"
    more = fit(prepare(TABLE, "kind", hidden=(8,), epochs=6), run=run)
    assert more.networks == again.networks


def test_ctrl_c_in_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that have learnt something are kept, and the model is one that ended so."""
    own = fitting.train_views

    def stopped(*given: Any) -> Any:
        members = own(*given)
        next(each for each in given if isinstance(each, Supervision)).stopping.set()
        return members[:3]

    monkeypatch.setattr(fitting, "train_views", stopped)
    with pytest.warns(RuntimeWarning, match="3 of 12 networks are kept"):
        model = trained()
    assert model.history is not None
    assert model.history.stopped == "interrupted"
    assert len(model.networks) == 3

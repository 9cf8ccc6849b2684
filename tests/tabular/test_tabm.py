"""Members that share their weights, trained as one."""

from dataclasses import replace
from threading import Event
from typing import Any

import numpy as np
import pandas as pd
import pytest

import stacks
from ranvier.network.losses import Loss
from ranvier.splits import Split
from ranvier.table.encoder import TableEncoder
from ranvier.tabular.fit_context import FitContext
from ranvier.tabular.input_embedding import input_embedding
from ranvier.tabular.members import MemberSpec, OutputSpec
from ranvier.tabular.presets import preset_hyperparameters
from ranvier.tabular.tabm import train_tabm
from ranvier.tabular.time_budget import TimeBudget
from ranvier.training.task import Data

Array = np.ndarray[Any, Any]


def spec(rows: int = 120, **changes: Any) -> tuple[MemberSpec, Split]:
    """Return a small TabM over two numbers, and its fold."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(rows, 2))
    hyperparameters = preset_hyperparameters("tabm", rows, classification=True)
    small = {"hidden": (12, 12), "batch_ensemble_size": 5, "batch_size": 32} | changes
    hyperparameters = replace(hyperparameters, **small)
    table = pd.DataFrame(X, columns=["a", "b"])
    encoding = TableEncoder.fit(table, **hyperparameters.encoding())
    labels = (X[:, 0] > X[:, 1]).astype(np.int32)
    made = MemberSpec(
        Data(encoding.transform(table), labels),
        OutputSpec(Loss("cross_entropy"), 2, "softmax"),
        hyperparameters,
        input_embedding(encoding, hyperparameters),
        encoding.sources,
    )
    cut = rows * 4 // 5
    return made, Split(np.arange(cut), np.arange(cut, rows))


def train(
    made: MemberSpec, fold: Split, limit: float | None = None, **given: Any
) -> Any:
    context = FitContext(**{"n_threads": 2} | given, time_budget=TimeBudget(limit))
    return train_tabm(made, fold, 3, context)


def test_each_member_is_a_network_of_the_best_epoch_of_all() -> None:
    made, fold = spec()
    members = train(made, fold)
    assert len(members) == 5
    assert [m.network.seed for m in members] == [3, 4, 5, 6, 7]
    assert len({m.network.theta.tobytes() for m in members}) == 5
    first = members[0]
    assert len({(m.best_epoch, m.score) for m in members}) == 1
    scores = [1 - record.metrics["accuracy"] for record in first.records]
    assert first.best_epoch == 1 + int(np.argmin(scores))
    assert len(first.records) == first.best_epoch + made.hyperparameters.patience + 1
    mean = np.mean([m.outputs for m in members], axis=0)
    wrong = mean.argmax(axis=1) != made.data.Y[fold.held_out]
    assert wrong.mean() == pytest.approx(first.score, abs=1e-7)


def test_no_thread_changes_a_bit() -> None:
    made, fold = spec()
    found = [
        [m.network.theta.tobytes() for m in train(made, fold, n_threads=n)]
        for n in (1, 2)
    ]
    assert found[0] == found[1]


def test_the_time_ends_it() -> None:
    made, fold = spec(patience=10**6, epochs=10**6)
    members = train(made, fold, limit=0.5)
    assert 1 <= len(members[0].records) < 10**6


def test_ctrl_c_keeps_what_has_been_learnt() -> None:
    made, fold = spec()
    stopping = Event()
    stopping.set()
    members = train(made, fold, stopping=stopping)
    assert len(members[0].records) == 1


def test_ctrl_c_within_a_step_keeps_what_has_been_learnt() -> None:
    made, fold = spec(patience=10**6, epochs=10**6)
    context = FitContext(2)
    with stacks.ctrl_c_within("_member"):
        members = train_tabm(made, fold, 3, context)
    assert context.interrupted
    assert len(members) == 5
    assert members[0].records


def test_a_signal_handler_ends_it() -> None:
    made, fold = spec(patience=10**6, epochs=10**6)
    with pytest.raises(stacks.TrialTimeoutError), stacks.time_limit(0.5):
        train_tabm(made, fold, 3, FitContext(2))


def test_with_no_rows_held_out_it_is_the_last_epoch() -> None:
    made, _ = spec(30)
    every = Split(np.arange(30), np.arange(0))
    members = train(
        replace(made, hyperparameters=replace(made.hyperparameters, epochs=4)), every
    )
    assert members[0].best_epoch == len(members[0].records) == 4
    assert members[0].outputs.shape == (0, 2)


def test_leaving_the_finite_numbers() -> None:
    made, fold = spec(learning_rate=1e38)
    failed: list[Any] = []
    assert train(made, fold, failed=failed) == []
    assert len(failed) == 1

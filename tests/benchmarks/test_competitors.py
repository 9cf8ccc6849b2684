"""Every competitor learns the same as Ranvier, where it computes the same."""

import importlib
from typing import Any

import numpy as np
import pytest
from benchmarks.competitors import (
    MATMUL,
    ONNX,
    PEERS,
    RANVIER,
    Competitor,
    UnsupportedError,
)
from benchmarks.machine import installed
from benchmarks.problems import Problem
from benchmarks.workloads import Workload, named

from benchmarks import problems

WORKLOADS = [
    named("5-9-7-2", rows=90, batch=20),  # the last batch has ten rows
    named("5-9-3", rows=90, batch=30, loss="cross_entropy", activation="tanh"),
    named("5-9-2", rows=90, batch=30, loss="cross_entropy", weight_decay=0.1),
    named("5-9-1", rows=90, batch=30, loss="absolute_error", activation="gelu"),
    named("5-9-1", rows=90, batch=30, dtype="float64"),
    # Other masks: only about the same is reached.
    named("8-64-2", rows=2000, batch=100, loss="cross_entropy", dropout=0.1),
]
# scikit-learn comes with Ranvier; the others have to be installed.
MARKS = {"scikit-learn": (), "torch.compile": (pytest.mark.peers, pytest.mark.slow)}
EACH_PEER = pytest.mark.parametrize(
    "peer",
    [
        pytest.param(peer, marks=MARKS.get(peer.name, pytest.mark.peers), id=peer.name)
        for peer in PEERS
    ],
)


def module_of(competitor: Competitor) -> Any:
    if not installed(competitor.package):
        pytest.skip(f"{competitor.package} is not installed")
    return importlib.import_module(f"benchmarks.competitors.{competitor.module}")


def trainer_of(competitor: Competitor, form: str, workload: Workload) -> Any:
    problem = problems.problem_of(workload)
    settings = competitor.forms[form]
    return module_of(competitor).Trainer(workload, problem, 1, **settings)


def loss_after(trainer: Any, workload: Workload, epochs: int) -> float:
    trainer.train(epochs)
    problem = problems.problem_of(workload)
    return problems.mean_loss(workload, problem, trainer.weights())


@EACH_PEER
@pytest.mark.parametrize("workload", WORKLOADS, ids=str)
def test_all_reach_the_same_loss(peer: Competitor, workload: Workload) -> None:
    ours = loss_after(trainer_of(RANVIER, "", workload), workload, 20)
    problem = problems.problem_of(workload)
    way = problems.mean_loss(workload, problem, problem.start) - ours
    assert way > 0.01
    for form in peer.forms:
        try:
            trainer = trainer_of(peer, form, workload)
        except UnsupportedError:
            continue
        theirs = loss_after(trainer, workload, 20)
        if not trainer.difference:
            assert abs(theirs - ours) < (0.1 if workload.dropout else 0.02) * way
        if not workload.dropout:  # from the first weights again
            assert loss_after(trainer, workload, 20) == pytest.approx(theirs, rel=1e-5)


@EACH_PEER
def test_shuffled_epochs_and_stopping(peer: Competitor) -> None:
    workload = Workload("w", (5, 9, 1), 30, 90, shuffle=True)
    trainer = trainer_of(peer, next(iter(peer.forms)), workload)
    seen: list[int] = []

    def third_time() -> bool:
        assert len(trainer.weights()) == 2
        seen.append(len(seen))
        return len(seen) == 3

    trainer.train(9, third_time)
    assert len(seen) == 3


@pytest.mark.peers
def test_an_epoch_of_jax_is_over_when_it_is_said_to_be() -> None:
    jax = next(peer for peer in PEERS if peer.name == "JAX")
    workload = named("50-256-256-1", rows=20_000, batch=100)
    trainer = trainer_of(jax, next(iter(jax.forms)), workload)
    ready = []

    def after_epoch() -> bool:
        ready.append(all(Q.is_ready() for layer in trainer.theta for Q in layer))
        return len(ready) == 2

    trainer.train(3, after_epoch)
    assert ready == [True, True]


def test_what_scikit_learn_lacks_is_told() -> None:
    peer = PEERS[0]
    with pytest.raises(UnsupportedError, match="GELU"):
        trainer_of(peer, "float32", named("5-9-1", activation="gelu"))
    with pytest.raises(UnsupportedError, match="double"):
        trainer_of(peer, "float32", named("5-9-1", dtype="float64"))
    settings = {"dropout": 0.1, "weight_decay": 0.01, "loss": "absolute_error"}
    trainer = trainer_of(peer, "float32", named("5-9-1", **settings))
    assert trainer.difference == (
        "squared error instead, no dropout, Adam instead of AdamW"
    )


@pytest.mark.parametrize(
    "competitor",
    [
        RANVIER,
        PEERS[0],
        pytest.param(ONNX, marks=pytest.mark.peers),
        pytest.param(PEERS[1], marks=pytest.mark.peers),
    ],
    ids=lambda competitor: competitor.name,
)
def test_predictions(competitor: Competitor) -> None:
    if competitor is ONNX and not installed("onnx"):
        pytest.skip("onnx is not installed")
    workload = named("5-9-7-2", rows=40, activation="tanh", batch=1)
    problem: Problem = problems.problem_of(workload)
    predict = module_of(competitor).predictor(workload, problem.start, 1)
    expected = problems.outputs(workload, problem.start, problem.X)
    for X in (problem.X, problem.X[:1]):
        np.testing.assert_allclose(predict(X), expected[: len(X)], rtol=1e-4, atol=1e-5)


def test_the_product_multiplies(monkeypatch: pytest.MonkeyPatch) -> None:
    module = module_of(MATMUL)
    monkeypatch.setattr(module, "SIZE", 32)
    trainer = module.Trainer(named("2-1", dtype="float64"), None, 1)
    trainer.train(1)
    np.testing.assert_allclose(trainer.C, trainer.A @ trainer.B)
    assert trainer.C.dtype == np.float64
    assert trainer.weights() == []

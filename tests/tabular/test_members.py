from dataclasses import replace
from threading import Event
from typing import Any

import numpy as np
import pytest

import stacks
from ranvier.network.columns import Plain
from ranvier.network.embedding import Embedding
from ranvier.network.losses import Loss, cross_entropy
from ranvier.splits import Split, ensemble_splits
from ranvier.tabular.fit_context import FitContext
from ranvier.tabular.hyperparameters import Hyperparameters
from ranvier.tabular.members import (
    Member,
    MemberSpec,
    OutputSpec,
    train_members,
    within,
)
from ranvier.tabular.time_budget import TimeBudget
from ranvier.training.calibration import calibrated_loss
from ranvier.training.nonfinite import NonFiniteError
from ranvier.training.progress_bar import NoBar
from ranvier.training.task import Data

X = np.random.default_rng(0).normal(size=(100, 2)).astype(np.float32)
SPEC = MemberSpec(
    Data(X, X[:, :1] * X[:, 1:]),
    OutputSpec(Loss("squared_error"), 1, "identity"),
    Hyperparameters(members=3, hidden=(16,), epochs=5),
    Embedding([Plain(), Plain()]),
)
FOLDS = ensemble_splits(100, 3, seed=0)


class StopsAfter(NoBar):
    """Asks to stop once so many epochs were shown."""

    def __init__(self, stopping: Event, epochs: int) -> None:
        self.stopping, self.left = stopping, epochs

    def show(self, record: Any) -> None:
        self.left -= 1
        if self.left <= 0:
            self.stopping.set()


def trained(
    n_threads: int = 1, epochs: int = 1000, spec: MemberSpec = SPEC
) -> list[Member]:
    stopping = Event()
    context = FitContext(
        n_threads, shown=StopsAfter(stopping, epochs), stopping=stopping
    )
    seeds = range(3, 3 + len(FOLDS))
    return train_members([spec] * len(FOLDS), FOLDS, seeds, context)


def test_each_holds_the_weights_of_its_best_epoch() -> None:
    for member, fold in zip(trained(), FOLDS, strict=True):
        losses = [record.validation_loss for record in member.records]
        assert len(losses) == 5
        assert losses[member.best_epoch - 1] == min(losses)
        told = np.square(member.outputs - SPEC.data.Y[fold.held_out]).mean()
        assert np.isclose(told, min(losses), rtol=1e-5)
        assert member.history().best_epoch == member.best_epoch


def test_the_last_of_the_epochs_with_the_fewest_errors() -> None:
    labels = (X[:, 0] * X[:, 1] > 0).astype(np.int32)
    hyperparameters = Hyperparameters(
        members=3, hidden=(16,), epochs=25, best_by="accuracy"
    )
    spec = MemberSpec(
        Data(X, labels),
        OutputSpec(Loss("cross_entropy"), 2, "softmax"),
        hyperparameters,
        SPEC.embedding,
    )
    members = trained(spec=spec)
    differ = False
    for member, fold in zip(members, FOLDS, strict=True):
        right = [record.metrics["accuracy"] for record in member.records]
        best = max(epoch for epoch, share in enumerate(right, 1) if share == max(right))
        assert member.best_epoch == best
        told = (member.outputs.argmax(axis=1) == labels[fold.held_out]).mean()
        assert np.isclose(told, max(right))
        losses = [record.validation_loss for record in member.records]
        differ |= losses[best - 1] != min(losses)
    assert differ


def test_of_classes_the_best_epoch_has_the_lowest_calibrated_loss() -> None:
    y = (X[:, 0] > X[:, 1]).astype(np.int32)
    spec = replace(
        SPEC, data=Data(X, y), output=OutputSpec(cross_entropy(0.0), 2, "softmax")
    )
    for member in trained(spec=spec):
        told = [record.metrics["calibrated_log_loss"] for record in member.records]
        assert member.score == min(told) == told[member.best_epoch - 1]
        at_best = calibrated_loss(y[member.held_out], member.outputs, None)
        assert np.isclose(member.score, at_best, rtol=1e-6)
        for record, loss in zip(member.records, told, strict=True):
            assert loss <= record.validation_loss + 1e-3  # type: ignore[operator]
        right = (member.outputs.argmax(axis=1) == y[member.held_out]).mean()
        accuracy = member.records[member.best_epoch - 1].metrics["accuracy"]
        assert np.isclose(accuracy, right)


@pytest.mark.usefixtures("more_processors")
@pytest.mark.parametrize("n_threads", [2, 3])
def test_threads_change_no_bit(n_threads: int) -> None:
    for one, other in zip(trained(), trained(n_threads), strict=True):
        assert one.network == other.network


def test_stopped_they_keep_what_they_have() -> None:
    members = trained(epochs=7)  # the first is done, the second has two epochs
    assert [len(member.records) for member in members] == [5, 2]


# Days of training, an epoch alone takes minutes.
MANY = np.random.default_rng(0).normal(size=(200_000, 2)).astype(np.float32)
ENDLESS = replace(
    SPEC,
    data=Data(MANY, MANY[:, :1].copy()),
    hyperparameters=replace(
        SPEC.hyperparameters, hidden=(64, 64), batch_size=1, epochs=10**6
    ),
)
HALVES = [Split(np.arange(100_000), np.arange(100_000, 100_010))] * 3


def test_ctrl_c_within_the_first_epoch_keeps_the_first_member() -> None:
    context = FitContext(2)
    with stacks.ctrl_c_within("_one_epoch"):
        members = train_members([ENDLESS] * 3, HALVES, [3, 4, 5], context)
    assert context.interrupted
    assert [len(member.records) for member in members] == [0]
    assert members[0].network.seed == 3
    assert members[0].outputs.shape == (10, 1)


def test_a_signal_handler_ends_all_members() -> None:
    context = FitContext(2)
    with pytest.raises(stacks.TrialTimeoutError), stacks.time_limit(0.5):
        train_members([ENDLESS] * 3, HALVES, [3, 4, 5], context)
    assert context.stopping.is_set()


def wild(spec: MemberSpec) -> MemberSpec:
    """Return a spec of counts that diverges at once."""
    counts = Data(X, np.abs(spec.data.Y))
    hyperparameters = replace(spec.hyperparameters, learning_rate=1e6)
    return replace(
        spec,
        data=counts,
        output=OutputSpec(Loss("poisson"), 1, "exp"),
        hyperparameters=hyperparameters,
    )


def test_what_leaves_the_finite_numbers_is_left_out() -> None:
    context = FitContext(2)
    specs = [SPEC, wild(SPEC), SPEC]
    members = train_members(specs, FOLDS, [3, 4, 5], context)
    alone = trained()
    assert [m.network for m in members] == [alone[0].network, alone[2].network]
    assert [type(error) for error in context.failed] == [NonFiniteError]


def test_what_fits_into_the_time() -> None:
    assert within(FitContext(1), SPEC, FOLDS, 0) == (SPEC, FOLDS)
    context = FitContext(1, TimeBudget(1e-4))
    spec, chosen = within(context, SPEC, FOLDS, 0)
    assert "rows" in context.notices[0]
    assert spec.hyperparameters.epochs < 5
    assert len(chosen) == 1

import subprocess
import sys
import warnings
from math import isnan, nan
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import ranvier as rv
from ranvier.run import checkpoints
from ranvier.run.lock import Lock
from ranvier.training.history import EpochRecord
from ranvier.training.resume import as_record
from ranvier.training.run_writer import as_line

ROOT = Path(__file__).resolve().parent.parent
RNG = np.random.default_rng(0)
X = RNG.normal(size=(300, 5)).astype(np.float32)
Y = np.sin(X[:, 0]) * X[:, 1]
LABELS = (Y > 0).astype(np.int32)


class CrashError(Exception):
    """What a callback raises to stop a training without a word."""


def crash_at(epoch: int) -> Any:
    """Return a callback that fails after an epoch."""

    def crash(record: EpochRecord) -> None:
        if record.epoch == epoch:
            raise CrashError

    return crash


def half(t: float) -> float:
    """Return a schedule that no file holds."""
    return 0.5 + t / 2


def bias(y: Any, A: Any) -> float:
    """Return a metric that no file holds."""
    return float(abs((y - A).mean()))


CASES: dict[str, dict[str, Any]] = {
    "adam": {"optimizer": "adam"},
    "sgd": {"optimizer": "sgd"},
    "momentum": {"optimizer": rv.SGD(0.01, 0.9, nesterov=True), "schedule": "cosine"},
    "clipped": {"optimizer": rv.AdamW(clip_norm=0.1, layer_rates=[1.0, (0.5, 2.0), 1])},
    "weights": {"sample_weight": RNG.random(300), "validation": 0.2, "metric": "mae"},
    "rows": {"validation": (X[:50], Y[:50], np.ones(50)), "metric": ["r2", "rmse"]},
    "numbers": {"validation": np.arange(0, 300, 7), "stop": rv.EarlyStopping(9)},
    "stop": {"validation": 0.3, "stop": rv.EarlyStopping(4), "optimizer": rv.Adam(0.1)},
    "functions": {"schedule": half, "metric": bias, "validation": 0.5},
    "schedules": {
        "optimizer": rv.AdamW(weight_decay=0.3),
        "decay_schedule": "flat_cos",
        "dropout_schedule": half,
        "drop_last": True,
    },
    "plain": {"shuffle": False, "batch_size": 7, "seed": None},
    "loss": {"loss": rv.losses.huber(0.3), "seed": 2**64 - 1},
    "lbfgs": {"optimizer": rv.LBFGS(l2=1e-3), "loss": "squared_error"},
}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", CASES)
def test_bitwise(tmp_path: Path, name: str, dtype: str) -> None:
    options = {"epochs": 24} | CASES[name]
    dropout = 0.0 if name == "lbfgs" else 0.2
    start = rv.Network.mlp(5, [8, 6], 1, "tanh", dropout=dropout, dtype=dtype, seed=1)
    recording = rv.Recording(tmp_path, time_fraction=1.0, name="x")
    crash = crash_at(9)
    with pytest.raises(CrashError):
        rv.train(start.copy(), X, Y, **options, run=recording, callbacks=[crash])
    asked = rv.Run(tmp_path / "x").manifest["training"]
    again = {key: value for key, value in CASES[name].items() if callable(value)}
    resumed, told = rv.resume(tmp_path / "x", **again)
    options["seed"] = asked["seed"]
    history = rv.train(whole := start.copy(), X, Y, **options)
    assert resumed == whole
    assert told.stopped == history.stopped
    assert told.best_epoch == history.best_epoch
    assert told.losses == history.losses
    assert [r.metrics for r in told] == [r.metrics for r in history]


def test_classes(tmp_path: Path) -> None:
    start = rv.Network.mlp(5, 8, 2, output_activation="softmax", seed=1)
    options: dict[str, Any] = {"epochs": 15, "validation": 0.3, "metric": "accuracy"}
    with pytest.raises(CrashError):
        rv.train(
            start.copy(),
            X,
            LABELS,
            **options,
            run=rv.Recording(tmp_path, "x", time_fraction=1.0),
            callbacks=[crash_at(7)],
        )
    rv.train(whole := start.copy(), X, LABELS, **options)
    assert rv.resume(tmp_path / "x").network == whole


def test_patience_that_was_over(tmp_path: Path) -> None:
    """Killed between the last epoch and the word that it was the last."""
    start = rv.Network.mlp(5, 8, 1, seed=1)
    options: dict[str, Any] = {
        "epochs": 200,
        "validation": 0.3,
        "stop": rv.EarlyStopping(3),
        "optimizer": rv.Adam(0.1),
    }
    history = rv.train(whole := start.copy(), X, Y, **options)
    assert history.stopped == "early stopping"
    recording = rv.Recording(tmp_path, "x", time_fraction=1.0)
    with pytest.raises(CrashError):
        rv.train(
            start.copy(),
            X,
            Y,
            **options,
            run=recording,
            callbacks=[crash_at(len(history))],
        )
    resumed, told = rv.resume(tmp_path / "x")
    assert resumed == whole
    assert (len(told), told.stopped) == (len(history), "early stopping")


def test_an_ended_run_is_only_read(tmp_path: Path) -> None:
    net = rv.Network.mlp(5, 8, 1, seed=1)
    history = rv.train(net, X, Y, epochs=5, run=tmp_path)
    assert history.run is not None
    before = {path: path.read_bytes() for path in history.run.glob("*.*")}
    resumed, told = rv.resume(history.run)
    assert resumed == net
    assert told.losses == history.losses
    assert (told.stopped, told.best_epoch) == ("finished", history.best_epoch)
    assert (told.seed, told.run) == (0, history.run)
    assert {path: path.read_bytes() for path in history.run.glob("*.*")} == before


def test_a_run_that_is_being_written(tmp_path: Path) -> None:
    with pytest.raises(CrashError):
        rv.train(
            rv.Network.mlp(5, 8, 1),
            X,
            Y,
            run=rv.Recording(tmp_path, "x"),
            callbacks=[crash_at(3)],
        )
    with (
        Lock(tmp_path / "x"),
        pytest.raises(rv.RunInUseError, match="is being written by process"),
    ):
        rv.resume(tmp_path / "x")
    assert len(rv.resume(tmp_path / "x").history) == 100


def test_rows_that_were_not_kept(tmp_path: Path) -> None:
    start = rv.Network.mlp(5, 8, 1, seed=1)
    recording = rv.Recording(tmp_path, "x", largest_data=9)
    with pytest.raises(CrashError):
        rv.train(start.copy(), X, Y, epochs=9, run=recording, callbacks=[crash_at(3)])
    with pytest.raises(ValueError, match=r"has not kept its rows, .*: give X and"):
        rv.resume(tmp_path / "x")
    with pytest.raises(ValueError, match=r"rows given are not the"):
        rv.resume(tmp_path / "x", X[:-1], Y[:-1])
    with pytest.raises(ValueError, match=r"rows given are not the"):
        rv.resume(tmp_path / "x", X + 1, Y)
    rv.train(whole := start.copy(), X, Y, epochs=9)
    assert rv.resume(tmp_path / "x", X, Y).network == whole


def test_a_training_that_left_the_finite_numbers(tmp_path: Path) -> None:
    net = rv.Network.mlp(5, 8, 1, seed=1)
    recording = rv.Recording(tmp_path, "x")
    with pytest.raises(rv.NonFiniteError) as info, warnings.catch_warnings():
        rv.train(net, X, Y, optimizer=rv.SGD(1e30), run=recording)
    run = rv.Run(tmp_path / "x")
    assert run.state == "ended"
    assert run.end == {"ended": "not finite", "why": str(info.value)}
    assert rv.resume(run).history.stopped == "not finite"


def interruptions(folder: Path, count: int) -> None:
    """Run `tests/training/interruptions.py`, which tells what went wrong."""
    script = ROOT / "training" / "interruptions.py"
    command = [sys.executable, str(script), str(folder), str(count)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_200_interruptions(tmp_path: Path) -> None:
    interruptions(tmp_path, 200)


@pytest.mark.slow
def test_2000_interruptions(tmp_path: Path) -> None:
    interruptions(tmp_path, 2000)


# ---------------------------------------------------------------- restoring

X1 = np.linspace(-1, 1, 64, dtype=np.float32)[:, None]
Y1 = X1[:, 0] ** 2
NET1 = rv.Network.mlp(1, 8, 1, "tanh", seed=0)


@pytest.mark.parametrize(
    "record",
    [
        EpochRecord(1, 0.1 + 0.2, learning_rate=0.1, gradient_norm=1.0),
        EpochRecord(2, 0.5, 0.25, {"r2": 0.5, "mae": 1e-300}, 0.1, 2.0, 0.1, 1e6),
    ],
)
def test_records_there_and_back(record: EpochRecord) -> None:
    back = as_record(as_line(record))
    assert repr(back) == repr(record)


def test_nan_and_nothing_are_told_apart() -> None:
    line = as_line(EpochRecord(1, 0.5, validation_loss=nan))
    assert "validation_loss" in line
    back = as_record(line | {"validation_loss": None, "metrics": {"r2": None}})
    assert back.validation_loss is not None
    assert isnan(back.validation_loss)
    assert isnan(back.metrics["r2"])
    assert as_record(as_line(EpochRecord(1, 0.5))).validation_loss is None


def stopped(folder: Path, epochs: int = 30, at: int = 20) -> Path:
    """Record a training that is interrupted."""

    def interrupt(record: EpochRecord) -> None:
        if record.epoch == at:
            raise KeyboardInterrupt

    recording = rv.Recording(folder, name="x", time_fraction=1.0)
    with pytest.warns(RuntimeWarning, match="interrupted"):
        history = rv.train(
            NET1.copy(), X1, Y1, epochs=epochs, run=recording, callbacks=[interrupt]
        )
    assert history.run is not None
    return history.run


def uninterrupted(epochs: int = 30) -> rv.Network:
    """Return the network of a training that nothing interrupted."""
    net = NET1.copy()
    rv.train(net, X1, Y1, epochs=epochs)
    return net


def test_from_the_checkpoint(tmp_path: Path) -> None:
    path = stopped(tmp_path)
    checkpoint = checkpoints.load_checkpoint(path)
    assert checkpoint is not None
    assert checkpoint.epoch == 20
    seen: list[int] = []
    net, history = rv.resume(path, callbacks=[lambda record: seen.append(record.epoch)])
    assert net == uninterrupted()
    assert seen == list(range(checkpoint.epoch + 1, 31))
    assert [record.epoch for record in history] == list(range(1, 31))


@pytest.mark.parametrize("damage", ["gone", "torn", "of another network", "early end"])
def test_from_the_beginning(tmp_path: Path, damage: str) -> None:
    path = stopped(tmp_path)
    file = path / checkpoints.CHECKPOINT
    if damage == "gone":
        file.unlink()
    elif damage == "torn":
        file.write_bytes(file.read_bytes()[:-9])
    elif damage == "of another network":
        checkpoint = checkpoints.load_checkpoint(path)
        assert checkpoint is not None
        small = checkpoints.Checkpoint(
            3, 6, "adam", 0, checkpoint.theta[1:], checkpoint.slots[:, 1:]
        )
        checkpoints.save_checkpoint(path, small)
    else:  # the records that the checkpoint stands on are lost
        (path / "epochs.jsonl").write_text("")
    net, history = rv.resume(path)
    assert net == uninterrupted()
    assert len(history) == len(rv.Run(path).records) == 30


def test_networks_of_lost_epochs_are_made_again(tmp_path: Path) -> None:
    path = stopped(tmp_path)
    (path / checkpoints.CHECKPOINT).unlink()
    other = NET1.copy()
    other.theta[...] = 9
    checkpoints.keep(path, other, 16)
    rv.resume(path)
    assert rv.Run(path).network(16) == uninterrupted(16)

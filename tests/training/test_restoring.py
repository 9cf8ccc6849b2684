from math import isnan, nan
from pathlib import Path

import numpy as np
import pytest

import ranvier as rv
from ranvier.run import checkpoints
from ranvier.training.history import EpochRecord
from ranvier.training.restoring import as_record
from ranvier.training.run_writer import as_line

X = np.linspace(-1, 1, 64, dtype=np.float32)[:, None]
Y = X[:, 0] ** 2
NET = rv.Network.mlp(1, 8, 1, "tanh", seed=0)


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

    recording = rv.Recording(folder, name="x", share=1.0)
    with pytest.warns(RuntimeWarning, match="interrupted"):
        history = rv.train(
            NET.copy(), X, Y, epochs=epochs, run=recording, callbacks=[interrupt]
        )
    assert history.run is not None
    return history.run


def whole(epochs: int = 30) -> rv.Network:
    """Give the network of a training that nothing interrupted."""
    net = NET.copy()
    rv.train(net, X, Y, epochs=epochs)
    return net


def test_from_the_checkpoint(tmp_path: Path) -> None:
    path = stopped(tmp_path)
    checkpoint = checkpoints.load_checkpoint(path)
    assert checkpoint is not None
    assert checkpoint.epoch == 20
    seen: list[int] = []
    net, history = rv.resume(path, callbacks=[lambda record: seen.append(record.epoch)])
    assert net == whole()
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
    assert net == whole()
    assert len(history) == len(rv.Run(path).records) == 30


def test_networks_of_lost_epochs_are_made_again(tmp_path: Path) -> None:
    path = stopped(tmp_path)
    (path / checkpoints.CHECKPOINT).unlink()
    other = NET.copy()
    other.theta[...] = 9
    checkpoints.keep(path, other, 16)
    rv.resume(path)
    assert rv.Run(path).network(16) == whole(16)

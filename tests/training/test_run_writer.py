import errno
import json
import os
import resource
import shutil
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import inf, nan
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import ranvier as rv
from ranvier.run import checkpoints, journal
from ranvier.training import run_writer
from ranvier.training.history import EpochRecord
from ranvier.training.run_writer import Budget, as_line, as_text

X = np.linspace(-1, 1, 64, dtype=np.float32)[:, None]
Y = X[:, 0] ** 2
START = rv.Network.mlp(1, 8, 1, "tanh", seed=0)
EPOCHS = 12
WRITERS = ("open", "write", "fsync", "ftruncate", "mkdir", "replace", "fdopen")


def whole() -> rv.Network:
    """Return the network of a training that nothing has disturbed."""
    rv.train(net := START.copy(), X, Y, epochs=EPOCHS, validation=0.25)
    return net


def recorded(folder: Path, net: rv.Network) -> None:
    """Record the same training, with all that can be written, at every epoch."""
    setup = rv.Recording(folder, name="x", time_fraction=1.0)
    rv.train(net, X, Y, epochs=EPOCHS, validation=0.25, run=setup)


def stray(folder: Path) -> list[str]:
    """Find what should not be left."""
    return [path.name for path in folder.rglob("*") if path.suffix == ".tmp"]


# ---------------------------------------------------------------- what is written


def test_watching_changes_no_weight(tmp_path: Path) -> None:
    recorded(tmp_path, net := START.copy())
    assert net == whole()
    assert rv.Run(tmp_path / "x").network() == net
    assert stray(tmp_path) == []


def test_the_folder_need_not_exist(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    first = rv.train(START.copy(), X, Y, epochs=2, run=str(folder))
    second = rv.train(START.copy(), X, Y, epochs=2, run=folder)
    assert {first.run, second.run} == set(folder.iterdir())
    assert rv.train(START.copy(), X, Y, epochs=2).run is None


def test_statistics(tmp_path: Path) -> None:
    recorded(tmp_path, START.copy())
    records = rv.Run(tmp_path / "x").records
    assert all(len(record["layers"]) == 2 for record in records)
    step = records[0]["layers"][0]["update"]
    run = rv.Run(tmp_path / "x")
    before, after = run.network(0).layers[0], run.network(1).layers[0]
    assert isinstance(before, rv.DenseLayer)
    assert isinstance(after, rv.DenseLayer)
    change = np.linalg.norm(after.W - before.W) / np.linalg.norm(after.W)
    assert step == pytest.approx(float(change), rel=1e-5)


def test_a_callback_that_fails_leaves_a_run_to_go_on_with(tmp_path: Path) -> None:
    def fail(record: EpochRecord) -> None:
        if record.epoch == 5:
            raise ZeroDivisionError

    setup = rv.Recording(tmp_path, name="x", time_fraction=1.0)
    with pytest.raises(ZeroDivisionError):
        rv.train(START.copy(), X, Y, epochs=12, run=setup, callbacks=[fail])
    run = rv.Run(tmp_path / "x")
    assert (run.state, len(run.records)) == ("stopped", 5)


@pytest.mark.parametrize(
    "record",
    [
        EpochRecord(3, 0.1 + 0.2, 1e-17, {}, 1e-3, 5.0, 0.25, 1e6),
        EpochRecord(3, 0.1 + 0.2, None, {}, 1e-3, 5.0, 0.25, 1e6),
        EpochRecord(3, 0.5, None, {"r2": 0.5, "한글": nan}, 1e-3, 5.0, 0.25, 1e6),
        EpochRecord(3, 0.5, nan, {}, 1e-3, 5.0, 0.25, 1e6),
        EpochRecord(3, 0.5, 0.5, {}, nan, inf, 0.25, -inf),
    ],
)
def test_a_line_is_the_same_both_ways(record: EpochRecord) -> None:
    line = as_line(record)
    told = [json.loads(text) for text in (as_text(record), journal.encode(line))]
    assert told[0] == told[1]
    assert as_text(record).endswith("}\n")


# ---------------------------------------------------------------- time


def test_the_budget() -> None:
    budget = Budget(0.01)
    assert budget.affords("a")
    budget.spent["a"] = budget.last["a"] = 1.0
    assert not budget.affords("a")
    assert budget.affords("b")
    budget.started -= 198
    assert budget.affords("a")  # 1 + 1 seconds of 0.025 + 0.01 * 198
    with budget.spend("a"):
        pass
    assert budget.spent["a"] > 1.0
    assert budget.last["a"] < 1.0


def test_a_share_of_one_waits_for_no_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However slow the machine, the same is kept; `GRACE` would allow nothing."""
    monkeypatch.setattr(run_writer, "GRACE", -inf)
    recorded(tmp_path, START.copy())
    run = rv.Run(tmp_path / "x")
    assert run.epochs == [0, 1, 2, 3, 4, 6, 8, 12]
    assert all(len(record["layers"]) == 2 for record in run.records)
    checkpoint = checkpoints.load_checkpoint(run.path)
    assert checkpoint is not None
    assert checkpoint.epoch == EPOCHS


def test_little_time_is_spent_on_many_epochs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_writer, "GRACE", 0.0)
    setup = rv.Recording(tmp_path, name="x", time_fraction=1e-6)
    rv.train(START.copy(), X, Y, epochs=200, run=setup)
    run = rv.Run(tmp_path / "x")
    assert run.epochs[:2] == [0, 1]  # what costs nothing yet is done once
    assert len(run.epochs) <= 3
    assert sum("layers" in record for record in run.records) <= 2
    assert len(run.records) == 200


# ---------------------------------------------------------------- failing disks


@contextmanager
def failing(number: int, count: list[int], stop: int) -> Iterator[None]:
    """Let the call of that number to a function that writes fail."""
    real: dict[str, Callable[..., Any]] = {name: getattr(os, name) for name in WRITERS}

    def wrapped(name: str) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            count[0] += 1
            if count[0] == stop:
                raise OSError(number, os.strerror(number))
            return real[name](*arguments, **options)

        return call

    try:
        for name in WRITERS:
            setattr(os, name, wrapped(name))
        yield
    finally:
        for name in WRITERS:
            setattr(os, name, real[name])


@pytest.mark.parametrize("number", [errno.EIO, errno.ENOSPC])
def test_every_write_may_fail(tmp_path: Path, number: int) -> None:
    """Training goes on, and one warning says that its run does not.

    Only a run that cannot be begun for another reason than room is an error.
    """
    with failing(number, calls := [0], -1):
        recorded(tmp_path / "all", START.copy())
    goal, reported = whole(), 0
    for stop in range(1, calls[0] + 1):
        folder, net = tmp_path / str(stop), START.copy()
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            try:
                with failing(number, [0], stop):
                    recorded(folder, net)
            except OSError as error:
                reported += 1
                assert error.errno == number != errno.ENOSPC  # noqa: PT017
                assert net == START
            else:
                assert net == goal
                reported += len(told)
        assert len(told) <= 1
        assert all("recording stopped" in str(one.message) for one in told)
        assert stray(folder) == []
        if not (folder / "x" / "run.json").exists():
            continue
        if rv.Run(folder / "x").state != "ended":
            assert rv.resume(folder / "x").network == goal
        shutil.rmtree(folder)
    # What need not be reported: that a folder's new name waits for the disk.
    assert reported > 0.7 * calls[0]


LIMITED = """
import resource, sys, warnings
from pathlib import Path
import numpy as np, ranvier as rv
X = np.linspace(-1, 1, 500, dtype=np.float32)[:, None]
net = rv.Network.mlp(1, [64, 64], 1, seed=0)
def limit(record):
    if record.epoch == 40:
        resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000))
setup = rv.Recording(sys.argv[1], name="x", time_fraction=1.0)
with warnings.catch_warnings(record=True) as told:
    history = rv.train(net, X, X[:, 0], epochs=400, run=setup, callbacks=[limit])
assert len(history) == 400
print(*[one.message for one in told], sep="\\n")
"""


def test_a_disk_quota(tmp_path: Path) -> None:
    assert resource.RLIMIT_FSIZE
    command = [sys.executable, "-c", LIMITED, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "File too large" in done.stdout, done.stdout
    assert "intact" in done.stdout or "old file is as it was" in done.stdout
    assert stray(tmp_path) == []
    run = rv.Run(tmp_path / "x")
    assert run.state == "stopped"
    checkpoint = checkpoints.load_checkpoint(run.path)
    assert checkpoint is not None
    assert len(run.records) >= checkpoint.epoch >= 1
    _, history = rv.resume(run)
    assert len(history) == 400


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Mount a file system of 300 kB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=300k", "none", str(folder)]
    if shutil.which("mount") is None or os.geteuid() != 0:
        pytest.skip("only root can mount a small disk")
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("no disk can be mounted here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk(small_disk: Path) -> None:
    net = rv.Network.mlp(1, [64, 64], 1, seed=0)  # 17 kB, so the tenth is too many
    setup = rv.Recording(small_disk, name="x", time_fraction=1.0)
    with pytest.warns(UserWarning, match="continues without it: .*No space left on"):
        history = rv.train(net, X, Y, epochs=400, run=setup)
    assert len(history) == 400
    assert stray(small_disk) == []
    checkpoint = checkpoints.load_checkpoint(small_disk / "x")
    assert checkpoint is not None
    assert checkpoint.epoch >= 1


def test_a_disk_that_is_full_from_the_beginning(small_disk: Path) -> None:
    (small_disk / "filler").write_bytes(b"0" * 299_000)
    net = START.copy()
    with pytest.warns(UserWarning, match="recording stopped, and training continues"):
        history = rv.train(net, X, Y, epochs=4, run=small_disk)
    assert (len(history), history.run) == (4, None)
    with pytest.warns(UserWarning, match="recording stopped, and training continues"):
        rv.MLPRegressor(max_iter=300, run=small_disk).fit(X, Y)
    with pytest.warns(UserWarning, match="recording stopped, and training continues"):
        model = rv.TabularRegressor(effort="fast", run=small_disk).fit(X, Y)
    assert not hasattr(model, "run_")
    assert [path.name for path in small_disk.iterdir()] == ["filler"]


def test_a_folder_that_may_not_be_written(small_disk: Path) -> None:
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    net = START.copy()
    with pytest.raises(OSError, match="Read-only file system"):
        rv.train(net, X, Y, epochs=4, run=small_disk)
    assert net == START


def test_a_file_in_place_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "runs").touch()
    with pytest.raises((FileExistsError, NotADirectoryError)):
        rv.train(START.copy(), X, Y, epochs=4, run=tmp_path / "runs")


# ---------------------------------------------------------------- the rows

"""A disk that fails at any one of its calls: the old file stays, training continues.

Seeds are fixed. ./test takes a tenth of what ./test --slow takes.
"""

import errno
import os
import random
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np
import pages
import pyarrow as pa
import pytest

import ranvier as rv
from ranvier.live.run_index import RunIndex
from ranvier.reading.writing import write_table

SMALL_OR_SLOW = [False, pytest.param(True, marks=pytest.mark.slow)]
CALLS = [
    (os, "open"), (os, "fdopen"), (os, "write"), (os, "fsync"), (os, "ftruncate"),
    (Path, "replace"), (Path, "rename"), (Path, "mkdir"), (Path, "chmod"),
]  # fmt: skip
NET = rv.Network.mlp(2, [3], 1, seed=0)
X = np.linspace(-1, 1, 40, dtype=np.float32).reshape(20, 2)
Y = X[:, 0] ** 2


@contextmanager
def failing(number: int, code: int, *, for_good: bool) -> Iterator[list[int]]:
    """Let the call of that number fail, and those after it if `for_good`.

    Yields
    ------
    list of int
        One number: how many calls there were.
    """
    calls = [0]

    def wrapped(own: Callable[..., Any]) -> Callable[..., Any]:
        def call(*given: Any, **named: Any) -> Any:
            if own is own_open and not given[1] & os.O_CREAT:
                return own(*given, **named)  # a folder, or a file to read
            calls[0] += 1
            if calls[0] == number or (for_good and calls[0] > number):
                if own is own_write:
                    own(given[0], given[1][: len(given[1]) // 2])
                raise OSError(code, os.strerror(code))
            return own(*given, **named)

        return call

    own_open, own_write = os.open, os.write
    with pytest.MonkeyPatch.context() as patch:
        for place, name in CALLS:
            patch.setattr(place, name, wrapped(getattr(place, name)))
        yield calls


def writers() -> dict[str, Callable[[Path], object]]:
    """Return what writes a file, by the name of the file."""
    table = pages.table(60)
    model = rv.fit_table(table, "kind", effort="fast", epochs=2)
    numbers = pa.table({"x": [1.5, 2.5]})
    return {
        "network": NET.save,
        "table": model.save,
        "trace": NET.trace(X[:2]).save,
        "network.py": lambda path: rv.export(NET, path),
        "predictions.csv": lambda path: write_table(numbers, path),
        "predictions.parquet": lambda path: write_table(numbers, path),
    }


@pytest.mark.parametrize("slow", SMALL_OR_SLOW)
def test_files_are_whole_or_as_they_were(tmp_path: Path, slow: bool) -> None:
    """1,000 faults."""
    chance, files = random.Random(0), writers()
    for name, save in files.items():
        with failing(0, 0, for_good=False) as calls:
            save(tmp_path / name)
        new = (tmp_path / name).read_bytes()
        for _ in range((1000 if slow else 100) // len(files) + 1):
            (tmp_path / name).write_bytes(b"old")
            number = chance.randrange(1, calls[0] + 2)
            code = chance.choice([errno.EIO, errno.ENOSPC])
            with (
                failing(number, code, for_good=chance.random() < 0.5),
                suppress(OSError),
            ):
                save(tmp_path / name)
            assert (tmp_path / name).read_bytes() in (b"old", new)
        (tmp_path / name).unlink()
        assert list(tmp_path.iterdir()) == []


def trained(folder: Path) -> rv.Network:
    """Train with a run."""
    net = NET.copy()
    recording = rv.Recording(folder, name="one", time_fraction=1.0)
    rv.train(net, X, Y, epochs=3, validation=0.2, seed=0, run=recording)
    return net


@pytest.mark.parametrize("slow", SMALL_OR_SLOW)
@pytest.mark.filterwarnings("ignore:recording stopped:UserWarning")
def test_training_survives_its_run(tmp_path: Path, slow: bool) -> None:
    """500 faults: the same network; what was recorded can be resumed to it."""
    chance, runs = random.Random(1), tmp_path / "runs"
    with failing(0, 0, for_good=False) as calls:
        whole = trained(runs)
    for _ in range(500 if slow else 50):
        shutil.rmtree(runs)
        number = chance.randrange(1, calls[0] + 1)
        code = chance.choice([errno.EIO, errno.ENOSPC])
        net = None
        with failing(number, code, for_good=chance.random() < 0.5):
            try:
                net = trained(runs)
            except OSError as error:
                # Only before the first epoch, where the folder cannot be made.
                assert error.errno == code == errno.EIO  # noqa: PT017
        assert net is None or net == whole
        runs.mkdir(exist_ok=True)
        for told in RunIndex(runs).describe_all():
            assert told["state"] in ("ended", "stopped")
            run = rv.Run(runs / told["id"])
            if run.state == "stopped":
                rv.resume(run)
            assert run.network() == whole
        assert not list(runs.rglob(".*.tmp"))

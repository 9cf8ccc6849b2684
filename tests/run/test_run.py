import os
import shutil
from pathlib import Path

import numpy as np
import pytest

import ranvier as rv
from ranvier.run.lock import Lock
from ranvier.run.run import Run, runs_in

X = np.linspace(-1, 1, 40, dtype=np.float32)[:, None]
Y = X[:, 0] ** 2


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Record a training of 40 epochs."""
    net = rv.Network.mlp(1, 4, 1, "tanh", seed=0)
    folder = tmp_path_factory.mktemp("runs")
    recording = rv.Recording(
        folder, name="one", time_fraction=1.0, about={"table": "parabola"}
    )
    history = rv.train(net, X, Y, epochs=40, validation=0.25, run=recording)
    assert history.run == folder / "one"
    return folder / "one"


def test_what_a_run_tells(recorded: Path) -> None:
    run = rv.Run(recorded)
    assert repr(run) == f"Run({str(recorded)!r}, ended, 40 epochs)"
    assert run.name == "one"
    assert run.manifest["about"] == {"table": "parabola"}
    assert run.manifest["training"]["optimizer"]["name"] == "adam"
    assert run.manifest["data"]["training_rows"] == 30
    assert run.manifest["data"]["validation_rows"] == 10
    assert run.end is not None
    assert run.end["ended"] == "finished"
    assert [record["epoch"] for record in run.records] == list(range(1, 41))
    assert run.data is not None
    np.testing.assert_array_equal(run.data["X"], X)
    assert len(run.data["rows"]) == 30


def test_time_travel(recorded: Path) -> None:
    run = rv.Run(str(recorded))
    assert run.epochs == [0, 1, 2, 3, 4, 6, 8, 12, 16, 24, 32]
    assert run.network(0) == rv.Network.mlp(1, 4, 1, "tanh", seed=0)
    # The network of an epoch is the one a training of so many epochs gives.
    short = rv.Network.mlp(1, 4, 1, "tanh", seed=0)
    rv.train(short, X, Y, epochs=12, validation=0.25)
    assert run.network(12) == short
    rv.train(whole := run.network(0), X, Y, epochs=40, validation=0.25)
    assert run.network() == whole
    text = "keeps no network of epoch 13: choose one of '0', '1', '2', .* or None for"
    with pytest.raises(ValueError, match=text):
        run.network(13)


def test_states(recorded: Path, tmp_path: Path) -> None:
    shutil.copytree(recorded, tmp_path / "two")
    file = tmp_path / "two" / "epochs.jsonl"
    whole = file.read_bytes()
    file.write_bytes(
        b"".join(whole.splitlines(keepends=True)[:20]) + b'{"epoch":21,"lo'
    )
    run = Run(tmp_path / "two")
    assert (run.state, len(run.records)) == ("stopped", 20)
    with Lock(run.path):
        assert run.state == "running"
    (tmp_path / "two" / "network.safetensors").unlink()
    assert run.network() == run.network(32)
    assert Run(recorded).state == "ended"


def test_without_rows(tmp_path: Path) -> None:
    net = rv.Network.mlp(1, 4, 1, seed=0)
    recording = rv.Recording(tmp_path, largest_data=10)
    history = rv.train(net, X, Y, epochs=2, run=recording)
    assert history.run is not None
    run = Run(history.run)
    assert run.data is None
    assert len(run.manifest["data"]["sha256"]) == 64


def test_runs_in_a_folder(recorded: Path, tmp_path: Path) -> None:
    for number, name in enumerate(["a", "b", "c"]):
        shutil.copytree(recorded, tmp_path / name)
        os.utime(tmp_path / name, (number, number))
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to(recorded)
    (tmp_path / "d e").mkdir()
    shutil.copy(recorded / "run.json", tmp_path / "d e" / "run.json")
    assert [path.name for path in runs_in(tmp_path)] == ["c", "b", "a"]
    assert runs_in(recorded) == [recorded]
    assert runs_in(tmp_path / "nowhere") == []

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from ranvier import files
from ranvier.files import FileFormatError
from ranvier.network.network import Network
from ranvier.run import checkpoints
from ranvier.run.checkpoints import Checkpoint

NET = Network.mlp(2, 3, 1, seed=0)
SIZE = NET.theta.size
CHECKPOINT = Checkpoint(
    epoch=7,
    steps=70,
    optimizer="adam",
    seed=2**64 - 1,
    theta=NET.theta.copy(),
    slots=np.arange(2 * SIZE, dtype=np.float32).reshape(2, SIZE),
    best_epoch=5,
    best=NET.theta + 1,
)


def same(a: Checkpoint, b: Checkpoint) -> bool:
    """Say whether two checkpoints are equal to the bit."""
    for name in ("theta", "slots", "best"):
        x, y = getattr(a, name), getattr(b, name)
        if (x is None) != (y is None) or (x is not None and x.tobytes() != y.tobytes()):
            return False
    none = {"theta": None, "slots": None, "best": None}
    return replace(a, **none) == replace(b, **none)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "checkpoint", [CHECKPOINT, replace(CHECKPOINT, best=None, best_epoch=None)]
)
def test_there_and_back(tmp_path: Path, checkpoint: Checkpoint) -> None:
    assert checkpoints.load_checkpoint(tmp_path) is None
    checkpoints.save_checkpoint(tmp_path, checkpoint)
    back = checkpoints.load_checkpoint(tmp_path)
    assert back is not None
    assert same(back, checkpoint)
    back.theta[...] = 0  # not read-only


def test_damage_is_noticed(tmp_path: Path) -> None:
    checkpoints.save_checkpoint(tmp_path, CHECKPOINT)
    file = tmp_path / checkpoints.CHECKPOINT
    data = bytearray(file.read_bytes())
    data[-3] ^= 1
    file.write_bytes(data)
    with pytest.raises(FileFormatError, match="checksum"):
        checkpoints.load_checkpoint(tmp_path)
    files.save(file, {"epoch": 1}, {"theta": NET.theta}, "checkpoint")
    with pytest.raises(FileFormatError, match="no checkpoint that can be used"):
        checkpoints.load_checkpoint(tmp_path)


def test_milestones() -> None:
    ages = [epoch for epoch in range(1, 1_000_001) if checkpoints.is_milestone(epoch)]
    assert len(ages) == 39
    gaps = [b / a for a, b in pairwise(ages[1:])]
    assert max(gaps) <= 1.5
    for each in (2, 16):
        ages = [epoch for epoch in range(500) if checkpoints.is_milestone(epoch, each)]
        after = [checkpoints.next_milestone(epoch, each) for epoch in range(ages[-1])]
        assert after == [min(a for a in ages if a > e) for e in range(ages[-1])]
    dense = [epoch for epoch in range(1, 65) if checkpoints.is_milestone(epoch, 16)]
    assert dense == [*range(1, 32), *range(32, 65, 2)]


def test_networks_by_age(tmp_path: Path) -> None:
    assert checkpoints.kept(tmp_path) == []
    (tmp_path / "networks").mkdir()
    for epoch in (8, 0, 123_456_789):
        checkpoints.keep(tmp_path, NET, epoch)
    (tmp_path / "networks" / "notes.txt").touch()
    assert checkpoints.kept(tmp_path) == [0, 8, 123_456_789]
    assert checkpoints.load_kept(tmp_path, 8) == NET
    NET.save(tmp_path / checkpoints.FINAL)
    checkpoints.forget_after(tmp_path, 0)
    assert checkpoints.kept(tmp_path) == [0]
    assert not (tmp_path / checkpoints.FINAL).exists()


def test_sweeping(tmp_path: Path) -> None:
    (tmp_path / "networks").mkdir()
    drafts = [".checkpoint.safetensors.0123abcd.tmp", "networks/.00000001.89abcdef.tmp"]
    for name in [*drafts, "mine.tmp", ".mine"]:
        (tmp_path / name).touch()
    checkpoints.sweep(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        ".mine",
        "mine.tmp",
        "networks",
    ]
    assert list((tmp_path / "networks").iterdir()) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"theta": NET.theta[:-1]},
        {"theta": NET.theta.astype(np.float64)},
        {"theta": np.full_like(NET.theta, np.nan)},
        {"best": NET.theta[:-1]},
        {"slots": np.zeros((2, SIZE - 1), np.float32)},
        {"slots": np.zeros(SIZE, np.float32)},
    ],
)
def test_of_another_shape(changes: dict[str, object]) -> None:
    assert checkpoints.same_shape(NET, CHECKPOINT)
    changed = replace(CHECKPOINT, **changes)  # type: ignore[arg-type]
    assert not checkpoints.same_shape(NET, changed)

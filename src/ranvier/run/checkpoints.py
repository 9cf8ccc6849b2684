"""The networks of a run at some epochs, and the checkpoint to resume from."""

import os
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ranvier import files
from ranvier.disk import sweep_drafts
from ranvier.network import spec
from ranvier.network.network import Network

Array = NDArray[Any]

CHECKPOINT: Final = "checkpoint.safetensors"
FINAL: Final = "network.safetensors"
KIND: Final = "checkpoint"
_KEPT: Final = re.compile(r"(\d{8,18})\.safetensors")


@dataclass(frozen=True)
class Checkpoint:
    """All that training carries from one epoch to the next.

    Parameters
    ----------
    epoch, steps
        Epochs finished, which is also the position in the order of the rows, since each
        epoch has its own order; optimizer steps taken.
    optimizer
        The kind of optimizer the slots belong to.
    seed
        Key of the generators of orders and dropout masks; their state is (seed, epoch).
    theta, slots
        The parameters, and the optimizer's running values.
    best_epoch, best
        The epoch that was best so far, and its parameters.
    """

    epoch: int
    steps: int
    optimizer: str
    seed: int
    theta: Array
    slots: Array
    best_epoch: int | None = None
    best: Array | None = None


def save_checkpoint(path: Path, checkpoint: Checkpoint) -> None:
    """Replace the checkpoint of a run, whole or not at all.

    Raises
    ------
    OSError
        It cannot be written; the one before is as it was.
    """
    arrays = {"theta": checkpoint.theta, "slots": checkpoint.slots}
    if checkpoint.best is not None:
        arrays["best"] = checkpoint.best
    description = {
        "epoch": checkpoint.epoch,
        "steps": checkpoint.steps,
        "optimizer": checkpoint.optimizer,
        "seed": checkpoint.seed,
        "best_epoch": checkpoint.best_epoch,
    }
    files.save(path / CHECKPOINT, description, arrays, KIND, follow=False)


def load_checkpoint(path: Path) -> Checkpoint | None:
    """Read the checkpoint of a run; None where it has none yet.

    Raises
    ------
    FileFormatError
        It is damaged.
    """
    try:
        described, arrays = files.load(path / CHECKPOINT, KIND, follow=False)
    except FileNotFoundError:
        return None
    try:
        return _checkpoint(described, arrays)
    except files.UNUSABLE as error:
        raise files.FileFormatError(
            f"{str(path / CHECKPOINT)!r} is no checkpoint that can be used: {error!r}"
        ) from None


def _checkpoint(described: Mapping[str, Any], arrays: files.Arrays) -> Checkpoint:
    best, best_epoch = arrays.get("best"), described["best_epoch"]
    if best_epoch is not None and not 1 <= int(best_epoch) <= int(described["epoch"]):
        raise ValueError(f"the best epoch is {best_epoch}")
    return Checkpoint(
        epoch=int(described["epoch"]),
        steps=int(described["steps"]),
        optimizer=str(described["optimizer"]),
        seed=int(described["seed"]),
        theta=arrays["theta"].copy(),
        slots=arrays["slots"].copy(),
        best_epoch=None if best_epoch is None else int(best_epoch),
        best=None if best is None else best.copy(),
    )


def is_milestone(epoch: int, each: int = 2) -> bool:
    """Say whether an age is one of those kept: `each` in each doubling, evenly apart.

    Examples
    --------
    >>> [epoch for epoch in range(50) if is_milestone(epoch)]
    [0, 1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48]
    """
    return epoch % _step(epoch, each) == 0


def next_milestone(epoch: int, each: int = 2) -> int:
    """Return the first age after an epoch that is one of those kept.

    Examples
    --------
    >>> next_milestone(13), next_milestone(16)
    (16, 24)
    """
    step = _step(epoch, each)
    return (epoch // step + 1) * step


def _step(epoch: int, each: int) -> int:
    octave = 1 << max(epoch.bit_length() - 1, 0)
    return max(1, octave // each)


def keep(path: Path, net: Network, epoch: int) -> None:
    """Keep the network of an epoch.

    Raises
    ------
    OSError
        It cannot be written; nothing of it is left.
    """
    save_network(_networks(path) / f"{epoch:08d}.safetensors", net)


def save_network(path: Path, net: Network) -> None:
    """Write a network of a run; errors as for `keep`."""
    files.save(path, net.description(), spec.tensors(net.layers), follow=False)


def kept(path: Path) -> list[int]:
    """Return the epochs whose networks are kept, in order."""
    names: list[str] = []
    with suppress(FileNotFoundError):
        names = os.listdir(_networks(path))  # noqa: PTH208 (names, and nothing more)
    matches = [_KEPT.fullmatch(name) for name in names]
    return sorted(int(match[1]) for match in matches if match)


def load_kept(path: Path, epoch: int) -> Network:
    """Read the network kept of an epoch."""
    return load_network(_networks(path) / f"{epoch:08d}.safetensors")


def load_network(path: Path) -> Network:
    """Read a network of a run; a link is not followed."""
    parts, theta = spec.load(path, follow=False)
    return Network.from_description(spec.describe(parts), theta)


def _networks(path: Path) -> Path:
    """Return the folder of the networks, which must not be a link to another."""
    folder = path / "networks"
    if folder.is_symlink():
        raise files.FileFormatError(
            f"{str(folder)!r} is a link, but the networks of a run lie in a folder of "
            "its own: copy the run again from where it came from"
        )
    return folder


def forget_after(path: Path, epoch: int) -> None:
    """Drop the networks of epochs that will be trained again, and the end's."""
    for later in kept(path):
        if later > epoch:
            (_networks(path) / f"{later:08d}.safetensors").unlink(missing_ok=True)
    (path / FINAL).unlink(missing_ok=True)


def sweep(path: Path) -> None:
    """Remove what a killed process has left half written."""
    for folder in (path, _networks(path)):
        sweep_drafts(folder)


def same_shape(net: Network, checkpoint: Checkpoint) -> bool:
    """Say whether a checkpoint is one of this network."""
    theta = checkpoint.theta
    best = checkpoint.theta if checkpoint.best is None else checkpoint.best
    return bool(
        theta.shape == best.shape == net.theta.shape
        and theta.dtype == best.dtype == net.dtype
        and checkpoint.slots.ndim == 2
        and checkpoint.slots.shape[1:] == theta.shape
        and np.isfinite(theta).all()
    )

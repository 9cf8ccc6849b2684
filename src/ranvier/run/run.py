"""A run as its reader sees it: what was trained, how, and the network at any age."""

import os
from collections.abc import Mapping
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from ranvier import files
from ranvier.messages import listed
from ranvier.network.network import Network
from ranvier.run import checkpoints, folder, journal, lock

State = Literal["running", "stopped", "ended"]


class Run:
    """A recorded training, finished or not, as its folder holds it.

    Parameters
    ----------
    path
        Folder of the run, one of those in what ``rv.train(..., run=...)`` was given.

    Attributes
    ----------
    path : Path
        The folder.
    manifest : dict
        What stands in ``run.json``: name, created, version of Ranvier, network,
        training (all parameters), data (rows, columns, classes).

    Raises
    ------
    FileNotFoundError
        The folder is no run.
    FileFormatError
        It is damaged, or was written by a newer Ranvier.

    Examples
    --------
    >>> import ranvier as rv
    >>> X = [[0.0], [1.0], [2.0], [3.0]]
    >>> net = rv.Network.mlp(1, 4, 1, seed=0)
    >>> history = rv.train(net, X, [0, 1, 4, 9], epochs=20, run="runs")
    >>> run = rv.Run(history.run)
    >>> run.state, len(run.records), run.network() == net
    ('ended', 20, True)
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self.manifest = folder.read_manifest(self.path)

    def __repr__(self) -> str:
        return f"Run({str(self.path)!r}, {self.state}, {len(self.records)} epochs)"

    @cached_property
    def name(self) -> str:
        """Name of the run, which is that of its folder."""
        return self.path.resolve().name

    @property
    def state(self) -> State:
        """``"running"``, ``"ended"``, or ``"stopped"``: it can be resumed."""
        if self.end is not None:
            return "ended"
        return "running" if lock.is_held(self.path) else "stopped"

    @property
    def end(self) -> dict[str, Any] | None:
        """How training ended: ``ended`` and ``best_epoch``; None if it has not."""
        found = [line for line in journal.read(self.path) if "ended" in line]
        return found[-1] if found else None

    @property
    def records(self) -> list[dict[str, Any]]:
        """The record of each epoch in order: fields of `EpochRecord`, and layers."""
        return [line for line in journal.read(self.path) if "epoch" in line]

    @property
    def epochs(self) -> list[int]:
        """The epochs whose networks are kept, 0 (before training) among them."""
        return checkpoints.kept(self.path)

    def network(self, epoch: int | None = None) -> Network:
        """Return the network as it was at an age, or as training left it.

        Parameters
        ----------
        epoch
            One of `epochs`. None: the network at the end; of a run that has not ended,
            the newest that is kept.

        Raises
        ------
        ValueError
            The network of that epoch is not kept.
        """
        if epoch is None:
            try:
                return checkpoints.load_network(self.path / checkpoints.FINAL)
            except FileNotFoundError:
                epoch = max(self.epochs, default=0)
        try:
            return checkpoints.load_kept(self.path, epoch)
        except FileNotFoundError:
            raise ValueError(
                f"the run {self.name!r} keeps no network of epoch {epoch}: choose one "
                f"of {listed(self.epochs, 12)}, or None for the last"
            ) from None

    @cached_property
    def data(self) -> Mapping[str, Any] | None:
        """The rows as the network saw them: X, Y, and what else there was; or None.

        ``rows`` are the numbers of those trained on, ``weights`` theirs; and with rows
        of their own for validation, ``validation_X``, ``validation_Y`` and
        ``validation_weights``.
        """
        try:
            source = self.path / "data.safetensors"
            return files.load(source, "data", follow=False)[1]
        except FileNotFoundError:
            return None


def runs_in(parent: str | os.PathLike[str]) -> list[Path]:
    """Return the folders in a folder that are runs, the newest first."""
    root = Path(parent)
    if _is_there(root / folder.MANIFEST):
        return [root]
    if not root.is_dir():
        return []
    found = []
    for entry in os.scandir(root):
        with suppress(FileNotFoundError):  # it was removed just now
            if (
                folder.NAME.fullmatch(entry.name)
                and entry.is_dir(follow_symlinks=False)
                and _is_there(Path(entry.path, folder.MANIFEST))
            ):
                found.append((entry.stat().st_mtime, Path(entry.path)))
    return [path for _, path in sorted(found, reverse=True)]


def _is_there(path: Path) -> bool:
    """Say whether something has a name, be it a link that leads nowhere."""
    return os.path.lexists(path)

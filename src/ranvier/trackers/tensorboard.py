"""TensorBoard: event files with scalars, histograms and settings."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from typing import Any

from ranvier.network.network import Network
from ranvier.trackers.tracker import Logged, Tracker, require
from ranvier.training.history import History


class TensorBoardLogger(Tracker):
    """Write event files for TensorBoard, by tensorboardX or PyTorch.

    Parameters
    ----------
    folder
        Where the event files go, for example ``"tensorboard/run1"``.
    **settings
        ``every`` and ``histograms`` of `Tracker`.

    Raises
    ------
    ModuleNotFoundError
        Neither tensorboardX nor torch with tensorboard is installed.

    Examples
    --------
    >>> import ranvier as rv
    >>> net = rv.Network.mlp(1, 4, 1, seed=0)
    >>> logger = rv.TensorBoardLogger("tensorboard/first")  # doctest: +SKIP
    >>> rv.train(net, X, y, callbacks=[logger])  # doctest: +SKIP
    """

    name = "TensorBoard"

    def __init__(self, folder: str | os.PathLike[str], **settings: Any) -> None:
        super().__init__(**settings)
        self.folder = os.fspath(folder)
        named = "tensorboardX" if find_spec("tensorboardX") else None
        if named is None and find_spec("torch") and find_spec("tensorboard"):
            self._writers: Any = require("torch", "torch.utils.tensorboard")
        else:
            self._writers = require("tensorboardX")

    def open(self, network: Network, config: Mapping[str, Any]) -> None:
        """Open the event file."""
        self._writer = self._writers.SummaryWriter(self.folder)
        self._config = {
            name: value
            for name, value in config.items()
            if isinstance(value, str | int | float | bool)
        }
        self._writer.add_text("network", repr(network))

    def log(self, epochs: Sequence[Logged]) -> None:
        """Add scalars and histograms."""
        for epoch, values, weights in epochs:
            for tag, value in values.items():
                self._writer.add_scalar(tag, value, epoch)
            for tag, array in weights.items():
                self._writer.add_histogram(f"weights/{tag}", array, epoch)

    def close(self, network: Network, history: History) -> None:
        """Add the settings with the best loss, and close the file."""
        best = history[(history.best_epoch or len(history)) - 1] if history else None
        if best is not None:
            loss = best.loss if best.validation_loss is None else best.validation_loss
            self._writer.add_hparams(self._config, {"best_loss": loss})
        self._writer.close()

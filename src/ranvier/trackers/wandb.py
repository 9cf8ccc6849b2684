"""Weights & Biases, and Trackio, which has the same functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from ranvier.network.network import Network
from ranvier.trackers.tracker import Logged, Tracker, require
from ranvier.training.history import History


class WandbLogger(Tracker):
    """Log to Weights & Biases or, with ``to="trackio"``, to Trackio.

    Parameters
    ----------
    project
        Name of the project.
    to
        ``"wandb"`` or ``"trackio"``.
    every, histograms
        See `Tracker`. Trackio has no histograms.
    init
        More arguments of the tool's ``init``, for example ``mode="offline"``.

    Raises
    ------
    ModuleNotFoundError
        The tool is not installed.

    Examples
    --------
    >>> logger = rv.WandbLogger("prices", mode="offline")  # doctest: +SKIP
    >>> rv.train(net, X, y, callbacks=[logger])  # doctest: +SKIP
    """

    def __init__(
        self,
        project: str,
        *,
        to: Literal["wandb", "trackio"] = "wandb",
        every: int = 1,
        histograms: int = 0,
        **init: Any,
    ) -> None:
        super().__init__(every=every, histograms=histograms)
        if to not in ("wandb", "trackio"):
            raise ValueError(f"to must be 'wandb' or 'trackio', but got {to!r}")
        self.name = {"wandb": "Weights & Biases", "trackio": "Trackio"}[to]
        self._tool: Any = require(to)
        self._init = {"project": project} | init
        self._to = to

    def open(self, network: Network, config: Mapping[str, Any]) -> None:
        """Begin a run."""
        described = dict(config) | {"network": repr(network)}
        self._run = self._tool.init(config=described, **self._init)

    def log(self, epochs: Sequence[Logged]) -> None:
        """Log each epoch as one step."""
        for epoch, values, weights in epochs:
            logged: dict[str, Any] = dict(values)
            if self._to == "wandb":
                for tag, array in weights.items():
                    logged[f"weights/{tag}"] = self._tool.Histogram(array)
            self._run.log(logged, step=epoch)

    def close(self, network: Network, history: History) -> None:
        """End the run."""
        self._run.finish()

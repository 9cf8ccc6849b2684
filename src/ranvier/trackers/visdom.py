"""Visdom: curves, histograms, the network and its errors, in a browser."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any, Final

import numpy as np

from ranvier.network.network import Network
from ranvier.trackers.tracker import Logged, Tracker, require
from ranvier.training.history import History

WINDOWS: Final = {
    "loss": "Loss",
    "validation": "Validation metrics",
    "learning_rate": "Learning rate",
    "gradient_norm": "Gradient norm",
}


class VisdomLogger(Tracker):
    """Show a training in Visdom, 0.2.4 or newer.

    Parameters
    ----------
    server, port, env
        Of the Visdom server, and the environment to draw in.
    data
        (X, y) rows for a confusion matrix and, with two classes, a ROC curve when
        training ends; None: neither.
    offline
        Path of a file to write to in place of a server; Visdom's ``replay_log`` shows
        it later. None: the server.
    every, histograms
        See `Tracker`.
    settings
        More arguments of `visdom.Visdom`, for example ``username=``.

    Raises
    ------
    ModuleNotFoundError
        visdom is not installed.

    Examples
    --------
    >>> logger = rv.VisdomLogger(env="xor")  # doctest: +SKIP
    >>> rv.train(net, X, y, callbacks=[logger])  # doctest: +SKIP
    """

    name = "Visdom"

    def __init__(
        self,
        server: str = "http://localhost",
        port: int = 8097,
        env: str = "main",
        *,
        data: tuple[Any, Any] | None = None,
        offline: str | os.PathLike[str] | None = None,
        every: int = 1,
        histograms: int = 0,
        **settings: Any,
    ) -> None:
        super().__init__(every=every, histograms=histograms)
        self._visdom: Any = require("visdom")
        self._data = data
        self._settings = {
            "server": server,
            "port": port,
            "env": env,
            "use_incoming_socket": False,
            "raise_exceptions": True,  # in a thread of our own, which passes them on
        } | settings
        if offline is not None:
            log = {"offline": True, "log_to_filename": os.fspath(offline)}
            self._settings |= log

    def open(self, network: Network, config: Mapping[str, Any]) -> None:
        """Connect, and write down what is trained."""
        self._vis = self._visdom.Visdom(**self._settings)
        rows = [
            f"<tr><td>{name}</td><td>{escape(str(value))}</td></tr>"
            for name, value in config.items()
        ]
        table = f"<table>{''.join(rows)}</table>"
        self._vis.text(f"<b>{network!r}</b>{table}", win="settings")

    def log(self, epochs: Sequence[Logged]) -> None:
        """Add a point to each curve, and draw histograms."""
        tags = dict.fromkeys(tag for logged in epochs for tag in logged.values)
        for tag in tags:
            points = [(e.epoch, e.values[tag]) for e in epochs if tag in e.values]
            X, Y = np.array(points, dtype=float).T
            window, _, line = tag.partition("/")
            self._vis.line(
                Y=Y,
                X=X,
                win=window,
                name=line or window,
                update="append",
                opts={"title": WINDOWS.get(window, window), "xlabel": "epoch"},
            )
        for epoch, _, weights in epochs:
            for name, array in weights.items():
                options = {"title": f"{name}, epoch {epoch}", "numbins": 40}
                self._vis.histogram(array.ravel(), win=f"weights {name}", opts=options)

    def close(self, network: Network, history: History) -> None:
        """Draw the network, and its errors on the rows given."""
        self._picture(network)
        if self._data is not None:
            self._errors(network)
        ended = f"{history.stopped}, best epoch {history.best_epoch}"
        self._vis.text(ended, win="end", opts={"title": "Training ended"})

    def _picture(self, network: Network) -> None:
        try:
            from ranvier.pictures.drawing import plot_network
        except ModuleNotFoundError:  # without matplotlib there is no picture
            return
        from io import StringIO

        from matplotlib.figure import Figure

        figure = Figure(figsize=(8, 5))
        plot_network(network, ax=figure.add_subplot())
        text = StringIO()
        figure.savefig(text, format="svg")
        self._vis.svg(svgstr=text.getvalue(), win="network", opts={"title": "Network"})

    def _errors(self, network: Network) -> None:
        from sklearn.metrics import confusion_matrix, roc_curve

        X, y = self._data or ((), ())
        outputs = np.asarray(network(X))
        if outputs.shape[1] == 1:
            return
        found = confusion_matrix(y, outputs.argmax(1), labels=range(outputs.shape[1]))
        classes = [str(k) for k in range(outputs.shape[1])]
        options: dict[str, Any] = {"columnnames": classes, "rownames": classes}
        options |= {"title": "Confusion matrix", "xlabel": "predicted"}
        options |= {"ylabel": "true"}
        self._vis.heatmap(found, win="confusion", opts=options)
        if outputs.shape[1] == 2:
            false, true, _ = roc_curve(y, outputs[:, 1])
            options = {"title": "ROC", "xlabel": "false positive rate"}
            options |= {"ylabel": "true positive rate"}
            self._vis.line(Y=true, X=false, win="roc", opts=options)

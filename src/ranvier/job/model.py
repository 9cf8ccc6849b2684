"""A trained network with what it takes to use it on raw tables."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from ranvier import files
from ranvier.fitted import EncodedRows
from ranvier.job.encoded import encoded_rows
from ranvier.job.preparation import Preparation, Target, prepare, squash
from ranvier.job.recorded import recording
from ranvier.job.scores import classification_scores, regression_scores
from ranvier.network.network import Network
from ranvier.table import facts
from ranvier.table.description import Fields
from ranvier.table.facts import Facts
from ranvier.table.frames import take_rows, target_column
from ranvier.table.infer import TaskName, rows_with_target
from ranvier.table.table import TableEncoder
from ranvier.table.targets import ClassTarget, target_from_description
from ranvier.trace.trace import Trace
from ranvier.training.history import History
from ranvier.training.onlookers import Callback
from ranvier.training.train import train

KIND = "model"


class Model:
    """A network, the encoders of its inputs and its target, and how it came about.

    `fit_table`, `Model.load` and the command ``ranvier train`` make one.

    Parameters
    ----------
    network
        From the encoder's columns to probabilities, or to one standardised number.
    encoder, target
        How raw columns become inputs, and outputs answers.
    facts
        How the model came about.
    history
        The epochs of the training; None for a model from a file, which has them not.

    Raises
    ------
    ValueError
        The network does not fit the encoders.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"x": range(60), "large": [i >= 30 for i in range(60)]})
    >>> model = fit_table(table, "large", epochs=40)
    >>> model.predict(pd.DataFrame({"x": [3, 55]}))
    array([False,  True])
    """

    def __init__(
        self,
        network: Network,
        encoder: TableEncoder,
        target: Target,
        facts: Facts,
        history: History | None = None,
    ) -> None:
        outputs = len(target.classes) if isinstance(target, ClassTarget) else 1
        given, needed = (network.inputs, network.outputs), (len(encoder.names), outputs)
        if given != needed:
            raise ValueError(
                f"the network has (inputs, outputs) = {given}, but the table needs "
                f"{needed}: give a network of that shape"
            )
        self.network = network
        self.encoder = encoder
        self.target = target
        self.facts = facts
        self.history = history

    def __repr__(self) -> str:
        size = f"{len(self.encoder.names)} inputs, {self.facts.rows:,} rows"
        return f"Model({self.task} of {self.target.name!r}, {size})"

    @property
    def task(self) -> TaskName:
        """``"classification"`` or ``"regression"``."""
        return "classification" if self.classes else "regression"

    @property
    def classes(self) -> tuple[Any, ...]:
        """The classes, in the order of the probabilities; () for a regression."""
        return self.target.classes if isinstance(self.target, ClassTarget) else ()

    def predict(self, frame: Any) -> NDArray[Any]:
        """Predict the target of each row.

        Parameters
        ----------
        frame
            A pandas, polars or Arrow table with the columns of the training table, raw,
            in any order; others, the target among them, are ignored.

        Returns
        -------
        numpy.ndarray
            (n,) classes as they were in the training table, or numbers in the units of
            the target.

        Raises
        ------
        ValueError
            A column is missing or holds values of another kind than in training.
        """
        return self._answers(self.outputs(frame))

    def predict_proba(self, frame: Any) -> NDArray[np.float32]:
        """Give the probability of each class for each row.

        Parameters
        ----------
        frame
            As for `predict`.

        Returns
        -------
        numpy.ndarray
            (n, C), in the order of `classes`, each row with sum 1.

        Raises
        ------
        ValueError
            The model predicts numbers; or as for `predict`.
        """
        if not self.classes:
            raise ValueError(
                f"the model predicts numbers of {self.target.name!r}, which have no "
                "probabilities: use predict"
            )
        return self.outputs(frame)

    def score(self, frame: Any) -> dict[str, float]:
        """Score the predictions for rows whose target is known.

        Parameters
        ----------
        frame
            As for `predict`, with the target; rows without one do not count.

        Returns
        -------
        dict
            ``accuracy``, ``log_loss``, with two classes ``auc``; or ``rmse``, ``mae``
            and ``r2``: see `ranvier.job.scores`.

        Raises
        ------
        ValueError
            No row has a target; or as for `predict`.
        """
        name = self.target.name
        known = rows_with_target(target_column(frame, name), name=name, task=self.task)
        frame = take_rows(frame, known.rows)
        outputs, column = self.outputs(frame), target_column(frame, name)
        if isinstance(self.target, ClassTarget):
            return classification_scores(self.target.transform(column), outputs)
        return regression_scores(self.target.numbers(column), self._answers(outputs))

    def outputs(self, frame: Any) -> NDArray[np.float32]:
        """Run the network: (n, C) probabilities or (n, 1) standardised numbers."""
        return np.asarray(self.network(squash(self.encoder.transform(frame))))

    def encode_rows(self, frame: Any, y: Any = None) -> EncodedRows:
        """Give rows as the network sees them; see `ranvier.fitted`."""
        return encoded_rows(self.encoder, self.target, frame, y)

    def trace(self, frame: Any, y: Any = None, **settings: Any) -> Trace:
        """Keep every number of both passes for some raw rows; see `Trace.of`."""
        return Trace.of(self, frame, y, **settings)

    def _answers(self, outputs: NDArray[np.float32]) -> NDArray[Any]:
        best = outputs.argmax(axis=1) if self.classes else outputs
        return self.target.inverse(best)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the model to one file, usually with the ending .safetensors.

        Raises
        ------
        OSError
            It cannot be written; a file that was there is as it was.
        """
        net = self.network
        description = {
            "network": net.description(),
            "encoder": self.encoder.description(),
            "target": self.target.description(),
            "facts": asdict(self.facts),
        }
        files.save(path, description, {"theta": net.theta}, KIND)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """Read a model from a file. Nothing in the file is executed.

        Returns
        -------
        Model
            It predicts what the saved one did, to the bit.

        Raises
        ------
        OSError
            The file cannot be read.
        files.FileFormatError
            It is damaged, newer than this Ranvier, or no model of Ranvier's.
        """
        description, arrays = files.load(path, KIND)
        try:
            return cls._read(description, arrays)
        except (ValueError, TypeError, KeyError) as error:
            raise files.FileFormatError(
                f"{os.fspath(path)!r} holds no usable model: {error}"
            ) from error

    @classmethod
    def _read(cls, description: dict[str, Any], arrays: files.Arrays) -> Self:
        """Rebuild a model, checking that its parts are whole and fit together."""
        parts = ["network", "encoder", "target", "facts"]
        fields = Fields(description, "the model", parts)
        fields.require(set(arrays) == {"theta"}, "it should hold theta and no more")
        return cls(
            Network.from_description(fields.item("network"), arrays["theta"]),
            TableEncoder.from_description(fields.item("encoder")),
            target_from_description(fields.item("target")),
            Facts.read(fields.item("facts")),
        )


def fit_table(
    frame: Any,
    target: str,
    *,
    task: TaskName | None = None,
    hidden: tuple[int, ...] | None = None,
    epochs: int | None = None,
    seed: int = 0,
    strict: bool = False,
    n_threads: int | None = None,
    progress: bool | None = None,
    callbacks: Iterable[Callback] = (),
    run: str | os.PathLike[str] | None = None,
    live: bool = False,
) -> Model:
    """Train a network on a table: infer the task, encode, train, keep the best epoch.

    Parameters
    ----------
    frame
        A pandas, polars or Arrow table, one row for each example.
    target
        Name of the column to predict; rows without a value there are left out.
    task
        ``"classification"`` or ``"regression"``; None: inferred from the column.
    hidden, epochs
        Units of each hidden layer, and passes over the rows, instead of the defaults
        for a table of that size (`ranvier.job.recipe`).
    seed
        Of the weights, the order of the rows and the rows that tell the best epoch.
    strict
        Refuse a target with missing values instead of leaving those rows out.
    n_threads, progress, callbacks, run, live
        As for `train`; no result depends on them.

    Returns
    -------
    Model
        With ``history``. After Ctrl-C, the best network so far.

    Raises
    ------
    ValueError
        The table, its target or an option cannot be used; the message says why.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"x": [i / 100 for i in range(200)]})
    >>> table["y"] = table.x**2
    >>> model = fit_table(table, "y", epochs=100)
    >>> bool(abs(model.predict(table) - table.y).mean() < 0.1)
    True
    """
    chosen = {"task": task, "hidden": hidden, "epochs": epochs, "strict": strict}
    prepared = prepare(frame, target, seed=seed, **chosen)  # type: ignore[arg-type]
    watched: dict[str, Any] = {"callbacks": callbacks, "live": live, "run": run}
    return fit(prepared, seed=seed, n_threads=n_threads, progress=progress, **watched)


def fit(
    preparation: Preparation,
    *,
    seed: int = 0,
    run: str | os.PathLike[str] | None = None,
    about: Mapping[str, Any] | None = None,
    **watched: Any,
) -> Model:
    """Train the network of a prepared table; a run is told `about` it too."""
    recipe, X, Y = preparation.recipe, preparation.X, preparation.Y
    network = Network.mlp(
        X.shape[1],
        recipe.hidden,
        preparation.outputs,
        activation=recipe.activation,
        output_activation="softmax" if Y.ndim == 1 else "identity",
        dropout=recipe.dropout,
        seed=seed,
    )
    history = train(
        network,
        squash(X),
        Y,
        optimizer=recipe.optimizer,
        schedule=recipe.schedule,
        epochs=recipe.epochs,
        batch_size=recipe.batch_size,
        validation=recipe.validation,
        stop=recipe.stop,
        seed=seed,
        run=recording(preparation, run, about),
        **watched,
    )
    told = Facts(
        reason=preparation.task.reason,
        rows=len(X),
        epochs=len(history),
        best_epoch=history.best_epoch or len(history),
        seconds=history.seconds,
        seed=seed,
        created=facts.now(),
        version=facts.version(),
    )
    return Model(network, preparation.encoder, preparation.target, told, history)

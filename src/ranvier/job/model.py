"""Trained networks with what it takes to use them on raw tables."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from ranvier import files
from ranvier.inspectable import EncodedRows
from ranvier.job.encoded import encoded_rows
from ranvier.job.preparation import Target
from ranvier.metrics import classification_scores, regression_scores
from ranvier.network.network import Network
from ranvier.table.description import Fields
from ranvier.table.encoder import TableEncoder
from ranvier.table.facts import Facts
from ranvier.table.frames import take_rows, target_column
from ranvier.table.infer import TaskName, rows_with_target
from ranvier.table.targets import ClassTarget, target_from_description
from ranvier.trace.trace import Trace
from ranvier.training.history import History

Array = NDArray[np.float32]

KIND = "model"


class Model:
    """Networks, the encoders of their inputs and their target, and how it came about.

    `fit_table`, `Model.load` and the command ``ranvier train`` make one.

    Parameters
    ----------
    networks
        One or more, from the encoder's columns to probabilities, or to one standardised
        number; the model's answer is the mean of theirs.
    encoder, target
        How raw columns become inputs, and outputs answers.
    usual
        (inputs,) the average training row, which attributions compare with.
    facts
        How the model came about.
    history
        The epochs of the first network; None for a model from a file, which has them
        not.

    Raises
    ------
    ValueError
        The networks do not fit the encoders.

    Examples
    --------
    >>> import pandas as pd
    >>> import ranvier as rv
    >>> table = pd.DataFrame({"x": range(60), "large": [i >= 30 for i in range(60)]})
    >>> model = rv.fit_table(table, "large", effort="fast")
    >>> model.predict(pd.DataFrame({"x": [3, 55]}))
    array([False,  True])
    """

    def __init__(
        self,
        networks: Sequence[Network],
        encoder: TableEncoder,
        target: Target,
        usual: Array,
        facts: Facts,
        history: History | None = None,
    ) -> None:
        outputs = len(target.classes) if isinstance(target, ClassTarget) else 1
        needed = len(encoder.names), outputs
        for network in networks:
            if (given := (network.inputs, network.outputs)) != needed:
                raise ValueError(
                    f"the network has (inputs, outputs) = {given}, but the table needs "
                    f"{needed}: give a network of that shape"
                )
        self.networks = tuple(networks)
        self.usual = usual
        self.encoder = encoder
        self.target = target
        self.facts = facts
        self.history = history

    def __repr__(self) -> str:
        size = f"{len(self.networks)} networks, {self.facts.rows:,} rows"
        return f"Model({self.task} of {self.target.name!r}, {size})"

    @property
    def network(self) -> Network:
        """The first of the networks, to look into."""
        return self.networks[0]

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
            and ``r2``: see `ranvier.metrics`.

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
        """Average the networks: (n, C) probabilities or (n, 1) standardised numbers."""
        X = self.encoder.transform(frame)
        A = np.stack([network(X) for network in self.networks])
        return np.asarray(A.mean(axis=0, dtype=np.float64), np.float32)

    def encode_rows(self, frame: Any, y: Any = None) -> EncodedRows:
        """Give rows as the networks see them; see `ranvier.inspectable`."""
        return encoded_rows(self.encoder, self.target, self.usual, frame, y)

    def trace(self, frame: Any, y: Any = None, **settings: Any) -> Trace:
        """Keep every number of both passes of `network` for rows; see `Trace.of`."""
        return Trace.of(self, frame, y, **settings)

    def _answers(self, outputs: NDArray[np.float32]) -> NDArray[Any]:
        """Give classes, or numbers within what training saw of them."""
        if isinstance(self.target, ClassTarget):
            return self.target.inverse(outputs.argmax(axis=1))
        y = self.target.inverse(outputs)
        return np.clip(y, self.target.minimum, self.target.maximum)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the model to one file, usually with the ending .safetensors.

        Raises
        ------
        OSError
            It cannot be written; a file that was there is as it was.
        """
        description = {
            "network": self.network.description(),
            "encoder": self.encoder.describe(),
            "target": self.target.description(),
            "facts": asdict(self.facts),
        }
        theta = np.stack([network.theta for network in self.networks])
        files.save(path, description, {"theta": theta, "usual": self.usual}, KIND)

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
        except files.UNUSABLE as error:
            raise files.FileFormatError(
                f"{os.fspath(path)!r} holds no usable model: {error}"
            ) from error

    @classmethod
    def _read(cls, description: dict[str, Any], arrays: files.Arrays) -> Self:
        """Rebuild a model, checking that its parts are whole and fit together."""
        parts = ["network", "encoder", "target", "facts"]
        fields = Fields(description, "the model", parts)
        names = {"theta", "usual"}
        fields.require(set(arrays) == names, "it should hold theta, usual and no more")
        theta, usual = arrays["theta"], arrays["usual"]
        fields.require(theta.ndim == 2 and len(theta) > 0, "theta holds no networks")
        encoder = TableEncoder.read(fields.item("encoder"))
        fits = usual.dtype == np.float32 and usual.shape == (len(encoder.names),)
        fields.require(fits and bool(np.isfinite(usual).all()), "usual is no row")
        described = fields.item("network")
        return cls(
            [Network.from_description(described, values) for values in theta],
            encoder,
            target_from_description(fields.item("target")),
            usual,
            Facts.read(fields.item("facts")),
        )

"""The fitted model of a table: networks with what it takes to use them on raw rows."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from ranvier.exact_math import mean_in_order
from ranvier.inspectable import EncodedRows
from ranvier.messages import listed
from ranvier.metrics import classification_scores, regression_scores
from ranvier.network.network import Network
from ranvier.reading.decisions import Reading
from ranvier.table.encoder import TableEncoder
from ranvier.table.frames import columns_of, take_rows, target_column
from ranvier.table.task_inference import TaskName, rows_with_target
from ranvier.tabular import model_file
from ranvier.tabular.column_summary import column_summary
from ranvier.tabular.conformal import Interval, conformal_quantile
from ranvier.tabular.encoded_rows import encoded_rows
from ranvier.tabular.hyperparameters import ROWS_TO_HOLD_OUT
from ranvier.tabular.metadata import TrainingMetadata
from ranvier.tabular.outputs import ClassOutputs, NumberOutputs, Outputs
from ranvier.trace.trace import Trace
from ranvier.training.calibration import at_temperature
from ranvier.training.history import History
from ranvier.warn import warn_user

Array = NDArray[Any]


class TableModel:
    """An ensemble of networks, the encoder of their inputs, and what they predict.

    `fit_table`, `load` and the command ``ranvier train`` make one; a fitted
    `TabularClassifier` or `TabularRegressor` has one as ``model_``.

    Parameters
    ----------
    members
        The networks as they were trained, from the encoder's columns to the outputs.
    encoder
        How columns of a table become inputs.
    outputs
        What the outputs stand for: classes, labels or numbers.
    temperature
        By which the logarithms of class probabilities are divided; None: they are
        averaged as they are.
    residuals
        (m, k) sizes of the errors on held-out rows, ascending, of the target as it is
        learned: what intervals are made of. None for classes.
    notices
        What was decided about the columns and the target.
    reading
        How the training table was read; new rows are read likewise.
    metadata
        How the model was trained, and its scores on test rows.
    not_inputs
        Columns of the training table that are no inputs: the target, weights, groups.
    history
        The epochs of the first network; None for a model from a file.
    histories
        The epochs of each network; empty for a model from a file.
    estimator
        What the estimator that saved the model needs beside it.
    mean_of_outputs
        Whether the outputs of the networks are averaged in float32 before they are
        decoded, as models did that were saved before version 0.1.

    Raises
    ------
    ValueError
        The networks do not fit the encoder and the outputs.

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
        members: Sequence[Network],
        encoder: TableEncoder,
        outputs: Outputs,
        metadata: TrainingMetadata,
        *,
        temperature: float | None = None,
        residuals: Array | None = None,
        notices: Sequence[str] = (),
        reading: Reading | None = None,
        not_inputs: Sequence[str] = (),
        history: History | None = None,
        histories: Sequence[History] = (),
        estimator: Mapping[str, Any] | None = None,
        mean_of_outputs: bool = False,
    ) -> None:
        needed = len(encoder.names), len(outputs.names)
        for network in members:
            if (given := (network.inputs, network.outputs)) != needed:
                raise ValueError(
                    f"the network has (inputs, outputs) = {given}, but the table needs "
                    f"{needed}: give a network of that shape"
                )
        self.members = tuple(members)
        self.encoder = encoder
        self.outputs = outputs
        self.metadata = metadata
        self.temperature = temperature
        self.residuals = residuals
        self.notices = list(notices)
        self.reading = Reading() if reading is None else reading
        self.not_inputs = tuple(not_inputs)
        self.history = history
        self.histories = list(histories)
        self.estimator = estimator
        self.mean_of_outputs = mean_of_outputs

    def __repr__(self) -> str:
        size = f"{len(self.members)} networks, {self.metadata.rows:,} rows"
        return f"TableModel({self.task} of {self.target!r}, {size})"

    @property
    def task(self) -> TaskName:
        """``"classification"`` or ``"regression"``."""
        return self.outputs.task

    @property
    def target(self) -> str:
        """Name of the column that is predicted."""
        return self.outputs.name

    @property
    def classes(self) -> tuple[Any, ...]:
        """The classes, in the order of the probabilities; () for a regression."""
        if isinstance(self.outputs, ClassOutputs):
            return self.outputs.target.classes
        return ()

    @property
    def columns(self) -> dict[str, str]:
        """How each column of the table was read, in words."""
        return column_summary(self.encoder)

    @cached_property
    def networks(self) -> tuple[Network, ...]:
        """The networks whose mean is the prediction.

        They are the members; for classes, copies with the temperature T in their last
        layer: softmax(log(softmax(Z)) / T) = softmax(Z / T), so W and b are divided.
        """
        if self.temperature in (None, 1.0):
            return self.members
        networks = tuple(network.copy() for network in self.members)
        for network in networks:
            last = network.dense_layers[-1]
            last.W[...] /= self.temperature
            last.b[...] /= self.temperature
        return networks

    @property
    def network(self) -> Network:
        """The first of the networks, to look into."""
        return self.networks[0]

    def predict(self, frame: Any, interval: float | None = None) -> Any:
        """Predict the target of each row.

        Parameters
        ----------
        frame
            A pandas, polars or Arrow table with the columns of the training table, in
            any order.
        interval
            For numbers: the fraction of true values that bounds around the predictions
            should hold, in (0, 1). Split conformal, from errors on held-out rows. None:
            no bounds.

        Returns
        -------
        ndarray or Interval
            (n,) classes in their own type, or numbers within the range that training
            saw; (n, k) for several targets. With `interval`, also ``low`` and ``high``.

        Raises
        ------
        ValueError
            A column is missing, or the table cannot be read as in training.

        Warns
        -----
        UserWarning
            The table has columns that the training table did not have; they are
            ignored.
        """
        outputs = self.outputs
        if not isinstance(outputs, NumberOutputs):
            if interval is not None:
                raise ValueError(
                    f"there are no intervals for classes of {self.target!r}: use "
                    "predict_proba, or leave interval= out"
                )
            P = self.predict_proba(frame)
            if isinstance(outputs, ClassOutputs):
                return outputs.target.inverse(P.argmax(axis=1))
            return P > 0.5
        y = outputs.decode(self._outputs(frame))
        if interval is None:
            return outputs.shaped(y)
        if self.residuals is None or not len(self.residuals):
            raise ValueError(
                "there are no intervals, because no rows were held out: train with "
                f"{ROWS_TO_HOLD_OUT} different rows or more"
            )
        transform = outputs.transform
        error, Z = conformal_quantile(self.residuals, interval), transform.transform(y)
        ends = [transform.inverse_transform(bound) for bound in (Z - error, Z + error)]
        bounds = np.sort(ends, axis=0)
        return Interval(*map(outputs.shaped, (y, *bounds)))

    def predict_proba(self, frame: Any) -> Array:
        """Compute the probability of each class, or label, of each row: (n, classes).

        Parameters and errors are those of `predict`; numbers have no probabilities.
        """
        if isinstance(self.outputs, NumberOutputs):
            raise ValueError(
                f"the model predicts numbers of {self.target!r}, which have no "
                "probabilities: use predict"
            )
        P = self._outputs(frame)
        if self.temperature is None:
            return mean_in_order(P)
        return mean_in_order(at_temperature(P, self.temperature))

    def evaluate(self, frame: Any) -> dict[str, float]:
        """Score the predictions for rows whose target is known.

        Parameters
        ----------
        frame
            A table as for `predict`, with the target; rows without one are left out.

        Returns
        -------
        dict
            ``accuracy``, ``log_loss`` and, with two classes, ``auc``; or ``rmse``,
            ``mae`` and ``r2``.

        Raises
        ------
        ValueError
            There is no such column, or it has no values.
        """
        name, outputs = self.target, self.outputs
        frame = self.reading.apply(frame, target=name)
        known = rows_with_target(target_column(frame, name), name=name, task=self.task)
        frame = take_rows(frame, known.rows)
        column = target_column(frame, name)
        if isinstance(outputs, ClassOutputs):
            codes = outputs.target.transform(column)
            return classification_scores(codes, self.predict_proba(frame))
        if isinstance(outputs, NumberOutputs) and outputs.single:
            return regression_scores(outputs.numbers(column), self.predict(frame))
        raise ValueError(
            "a model of several targets is scored by the score method of its estimator"
        )

    def unknown_columns(self, frame: Any) -> list[str]:
        """Name the columns of a table that the training table did not have."""
        known = {*self.encoder.schema.columns, *self.not_inputs, self.target}
        return [name for name in columns_of(frame) if name not in known]

    def _outputs(self, frame: Any) -> Array:
        """Return the outputs of each member for each row: (members, n, outputs)."""
        X = self.encode(frame)
        Z = np.stack([network(X) for network in self.members])
        if not self.mean_of_outputs:
            return Z
        return np.asarray(Z.mean(axis=0, dtype=np.float64), np.float32)[None]

    def encode(self, frame: Any) -> Array:
        """Return the inputs of rows, (n, inputs); a warning names columns not known."""
        if unknown := self.unknown_columns(frame):
            warn_user(
                f"the column(s) {listed(unknown)} were not in the training table and "
                "are ignored",
                UserWarning,
            )
        return self.encoder.transform(self.reading.apply(frame, target=self.target))

    def trace(self, frame: Any, y: Any = None, **settings: Any) -> Trace:
        """Keep every number of both passes of `network` for rows; see `Trace.of`.

        Parameters
        ----------
        frame, y
            Rows as for `predict`, and their targets; None: those of the table, where it
            has them without gaps, else the forward pass only.
        settings
            As for `Trace.of`.
        """
        return Trace.of(self, frame, y, **settings)

    def encode_rows(self, frame: Any, y: Any = None) -> EncodedRows:
        """Return rows and targets as the networks see them; see `encoded_rows`."""
        return encoded_rows(self, frame, y)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the model to one file, usually with the ending .safetensors.

        Raises
        ------
        OSError
            It cannot be written; an old file is as it was.
        """
        model_file.save(self, path)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """Read a model from a file. Nothing in the file is executed.

        Parameters
        ----------
        path
            A file that `save`, ``ranvier train`` or the save method of a
            `TabularClassifier` or `TabularRegressor` wrote.

        Returns
        -------
        TableModel
            It predicts what the saved one did, to the bit.

        Raises
        ------
        OSError
            The file cannot be read.
        FileFormatError
            It is damaged, newer than this Ranvier, or no model of Ranvier's.
        """
        return model_file.load(cls, path)

"""The fitted model of a table: networks with what it takes to use them on raw rows."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, Self

from numpy.typing import NDArray

from ranvier.inspectable import EncodedRows
from ranvier.network.network import Network
from ranvier.reading.decisions import Reading
from ranvier.table.encoder import TableEncoder
from ranvier.table.task_inference import TaskName
from ranvier.tabular import model_card, model_file
from ranvier.tabular.column_summary import column_summary
from ranvier.tabular.encoded_rows import encoded_rows
from ranvier.tabular.metadata import TrainingMetadata
from ranvier.tabular.outputs import ClassOutputs, Outputs
from ranvier.tabular.prediction import TablePredictor
from ranvier.trace.trace import Trace
from ranvier.training.history import History

Array = NDArray[Any]


class TableModel(TablePredictor):
    """An ensemble of networks, the encoder of their inputs, and what they predict.

    `fit_table`, `load` and the command ``ranvier train`` make one; a fitted
    `TabularClassifier` or `TabularRegressor` has one as ``model_``.

    Parameters
    ----------
    members
        The networks as they were trained, from the encoder's columns to the outputs;
        of classes of fewer than 100 rows, calibrated.
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

    def trace(self, X: Any, y: Any = None, **settings: Any) -> Trace:
        """Keep every number of both passes of `network` for some rows.

        Parameters
        ----------
        X
            Rows as for `predict`; or one row, a pandas series or a dict.
        y
            Their targets; None: those of the table if it has them without gaps, else
            the forward pass only.
        settings
            As for `Trace.of`.

        Returns
        -------
        Trace
            Every number of both passes, in float64.

        Raises
        ------
        ValueError
            As for `predict` and `Trace.of`.

        Examples
        --------
        >>> import pandas as pd
        >>> import ranvier as rv
        >>> table = pd.DataFrame({"x": range(60), "y": [2.0 * i for i in range(60)]})
        >>> model = rv.fit_table(table, "y", effort="fast")
        >>> model.trace({"x": 3}, y=[6.0]).Y_hat.shape
        (1, 1)
        """
        return Trace.of(self, X, y, **settings)

    def encode_rows(self, X: Any, y: Any = None) -> EncodedRows:
        """Encode rows and targets for `network`, with the names of inputs and outputs.

        Parameters
        ----------
        X, y
            As for `trace`.

        Returns
        -------
        EncodedRows
            ``X`` (n, inputs) and ``Y`` (n, outputs) with their names, and the columns
            that the inputs were made from.

        Raises
        ------
        ValueError
            As for `predict`; or a target is no class that training knew.

        Examples
        --------
        >>> import pandas as pd
        >>> import ranvier as rv
        >>> table = pd.DataFrame({"x": range(60), "y": [2.0 * i for i in range(60)]})
        >>> model = rv.fit_table(table, "y", effort="fast")
        >>> model.encode_rows(table).Y.shape
        (60, 1)
        """
        return encoded_rows(self, X, y)

    def card(self, name: str = "Model of a table") -> str:
        """Write a model card: data, columns, training, scores and limits, in Markdown.

        Parameters
        ----------
        name
            The heading.

        Returns
        -------
        str
            The card, with the header of YAML that model hubs read.

        Examples
        --------
        >>> import pandas as pd
        >>> import ranvier as rv
        >>> table = pd.DataFrame({"x": range(60), "y": [2.0 * i for i in range(60)]})
        >>> card = rv.fit_table(table, "y", effort="fast").card("Twice")
        >>> "# Twice" in card, "| x | number | 0 to 59 | 0 |" in card
        (True, True)
        """
        return model_card.write_card(self, name)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the model to one safetensors file; nothing in it is a pickle.

        Parameters
        ----------
        path
            Where, usually with the ending .safetensors; an old file there is replaced
            once the new one is complete.

        Raises
        ------
        OSError
            It cannot be written; an old file is as it was.

        Examples
        --------
        >>> import pandas as pd
        >>> import ranvier as rv
        >>> table = pd.DataFrame({"x": range(60), "y": [2.0 * i for i in range(60)]})
        >>> model = rv.fit_table(table, "y", effort="fast")
        >>> model.save("model.safetensors")
        >>> again = rv.load("model.safetensors")
        >>> bool((again.predict(table) == model.predict(table)).all())
        True
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

        Examples
        --------
        >>> import pandas as pd
        >>> import ranvier as rv
        >>> table = pd.DataFrame({"x": range(60), "y": [2.0 * i for i in range(60)]})
        >>> rv.fit_table(table, "y", effort="fast").save("model.safetensors")
        >>> rv.TableModel.load("model.safetensors").target
        'y'
        """
        return model_file.load(cls, path)

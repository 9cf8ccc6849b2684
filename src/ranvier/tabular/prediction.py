"""Prediction of a fitted model: raw rows -> inputs -> classes or numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ranvier.exact_math import mean_in_order
from ranvier.messages import listed
from ranvier.metrics import classification_scores, regression_scores
from ranvier.network.network import Network
from ranvier.reading.decisions import Reading
from ranvier.table.encoder import TableEncoder
from ranvier.table.frames import columns_of, take_rows, target_column
from ranvier.table.table import Table
from ranvier.table.task_inference import rows_with_target, with_class_names
from ranvier.tabular.conformal import Interval, conformal_quantile
from ranvier.tabular.drift import DriftReport, DriftWarning, drift, drift_message
from ranvier.tabular.hyperparameters import ROWS_TO_HOLD_OUT
from ranvier.tabular.outputs import ClassOutputs, NumberOutputs, Outputs
from ranvier.training.calibration import at_temperature
from ranvier.warn import warn_user

Array = NDArray[Any]


class TablePredictor:
    """What a `TableModel` does with new rows: encode, predict, evaluate."""

    members: tuple[Network, ...]
    encoder: TableEncoder
    outputs: Outputs
    temperature: float | None
    residuals: Array | None
    reading: Reading
    not_inputs: tuple[str, ...]
    mean_of_outputs: bool

    @property
    def target(self) -> str:
        """Name of the column that is predicted."""
        return self.outputs.name

    def predict(self, X: Any, interval: float | None = None) -> Any:
        """Predict the target of each row.

        Parameters
        ----------
        X
            A pandas, polars or Arrow table (n, d) with the columns of the training
            table, in any order.
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
            ignored. Or, as a `DriftWarning`, rows differ from the training rows beyond
            chance: unseen categories, numbers far outside, or values missing where
            training had them all.

        Examples
        --------
        >>> import pandas as pd
        >>> import ranvier as rv
        >>> table = pd.DataFrame({"x": range(60), "y": [2.0 * i for i in range(60)]})
        >>> model = rv.fit_table(table, "y", effort="fast")
        >>> y, low, high = model.predict(pd.DataFrame({"x": [3, 55]}), interval=0.8)
        >>> y.shape, bool((low <= high).all())
        ((2,), True)
        """
        outputs = self.outputs
        if not isinstance(outputs, NumberOutputs):
            if interval is not None:
                raise ValueError(
                    f"there are no intervals for classes of {outputs.name!r}: use "
                    "predict_proba, or leave interval= out"
                )
            P = self.predict_proba(X)
            if isinstance(outputs, ClassOutputs):
                return outputs.target.inverse(P.argmax(axis=1))
            return P > 0.5
        y = outputs.decode(self._outputs(X))
        if interval is None:
            return outputs.shaped(y)
        if self.residuals is None or not len(self.residuals):
            raise ValueError(
                "there are no intervals, because no rows were held out: train with "
                f"{ROWS_TO_HOLD_OUT} different rows or more"
            )
        transform = outputs.transform
        error = conformal_quantile(self.residuals, interval)
        Z = transform.transform(y)
        ends = [transform.inverse_transform(bound) for bound in (Z - error, Z + error)]
        bounds = np.sort(ends, axis=0)
        return Interval(*map(outputs.shaped, (y, *bounds)))

    def predict_proba(self, X: Any) -> Array:
        """Compute the probability of each class, or label, of each row.

        Parameters
        ----------
        X
            Rows (n, d), as for `predict`.

        Returns
        -------
        ndarray of float64
            (n, C): the mean over the networks, each calibrated by the temperature. The
            rows sum to 1 for classes; labels are independent of each other.

        Raises
        ------
        ValueError
            The model predicts numbers; or as for `predict`.

        Examples
        --------
        >>> import pandas as pd
        >>> import ranvier as rv
        >>> table = pd.DataFrame({"x": range(60), "large": [i > 29 for i in range(60)]})
        >>> model = rv.fit_table(table, "large", effort="fast")
        >>> (model.predict_proba(pd.DataFrame({"x": [3, 55]})) > 0.5).tolist()
        [[True, False], [False, True]]
        """
        if isinstance(self.outputs, NumberOutputs):
            raise ValueError(
                f"the model predicts numbers of {self.outputs.name!r}, which have no "
                "probabilities: use predict"
            )
        P = self._outputs(X)
        if self.temperature is None:
            return mean_in_order(P)
        return mean_in_order(at_temperature(P, self.temperature))

    def evaluate(self, table: Any) -> dict[str, float]:
        """Score the predictions for rows whose target is known.

        Parameters
        ----------
        table
            Rows as for `predict`, with the target; rows without one are left out.

        Returns
        -------
        dict
            ``accuracy``, ``log_loss`` and, with two classes, ``auc``; or ``rmse``,
            ``mae`` and ``r2``.

        Raises
        ------
        ValueError
            There is no such column, or it has no values.

        Examples
        --------
        >>> import pandas as pd
        >>> import ranvier as rv
        >>> table = pd.DataFrame({"x": range(60), "large": [i > 29 for i in range(60)]})
        >>> model = rv.fit_table(table, "large", effort="fast")
        >>> sorted(model.evaluate(table))
        ['accuracy', 'auc', 'log_loss']
        """
        outputs = self.outputs
        table, column = self.labelled_rows(table)
        if isinstance(outputs, ClassOutputs):
            codes = outputs.target.transform(column)
            return classification_scores(codes, self.predict_proba(table))
        if isinstance(outputs, NumberOutputs) and outputs.single:
            return regression_scores(outputs.numbers(column), self.predict(table))
        raise ValueError(
            "a model of several targets is scored by the score method of its estimator"
        )

    def labelled_rows(self, table: Any) -> tuple[Any, Any]:
        """Return the rows of a table whose target is known, and their targets.

        Parameters
        ----------
        table
            Rows as for `evaluate`.

        Returns
        -------
        table, column
            Rows, read as in training, and the target of each.

        Raises
        ------
        ValueError
            As for `evaluate`.

        Examples
        --------
        >>> import pandas as pd
        >>> import ranvier as rv
        >>> table = pd.DataFrame({"x": range(60), "y": [2.0 * i for i in range(60)]})
        >>> model = rv.fit_table(table, "y", effort="fast")
        >>> table.loc[:9, "y"] = None
        >>> len(model.labelled_rows(table)[0])
        50
        """
        outputs = self.outputs
        name = outputs.name
        table = self.reading.apply(table, target=name)
        target: Any = target_column(table, name)
        if isinstance(outputs, ClassOutputs):
            target = with_class_names(target, outputs.target.labels)
        rows = rows_with_target(target, name=name, task=outputs.task).rows
        table = take_rows(table, rows)
        return table, target_column(table, name)

    def unknown_columns(self, X: Any) -> list[str]:
        """Name the columns of a table that the training table did not have.

        Parameters
        ----------
        X
            Rows as for `predict`.

        Returns
        -------
        list of str
            In the table's order; predictions ignore them.

        Examples
        --------
        >>> import pandas as pd
        >>> import ranvier as rv
        >>> table = pd.DataFrame({"x": range(60), "y": [2.0 * i for i in range(60)]})
        >>> model = rv.fit_table(table, "y", effort="fast")
        >>> model.unknown_columns(table.assign(colour="red"))
        ['colour']
        """
        known = {*self.encoder.schema.columns, *self.not_inputs, self.outputs.name}
        return [name for name in columns_of(X) if name not in known]

    def encode(self, X: Any) -> Array:
        """Encode rows as the inputs of the networks.

        Parameters
        ----------
        X
            Rows (n, d), as for `predict`.

        Returns
        -------
        ndarray
            (n, inputs), a column for each of ``encoder.names``.

        Raises
        ------
        ValueError
            A column is missing, or the table cannot be read as in training.

        Warns
        -----
        UserWarning
            As for `predict`.

        Examples
        --------
        >>> import pandas as pd
        >>> import ranvier as rv
        >>> table = pd.DataFrame({"x": range(60), "y": [2.0 * i for i in range(60)]})
        >>> model = rv.fit_table(table, "y", effort="fast")
        >>> model.encode(table).shape == (60, len(model.encoder.names))
        True
        """
        return self.encoder.transform(self._read_rows(X))

    def drift(self, X: Any) -> DriftReport:
        """Compare rows with the training rows, column by column.

        What the model holds of the training rows suffices: quantiles of numbers and
        dates, counts of categories and of missing values.

        Parameters
        ----------
        X
            Rows as for `predict`.

        Returns
        -------
        DriftReport
            Its ``columns`` have the Kolmogorov-Smirnov statistic or the total variation
            distance, and the population stability index.

        Examples
        --------
        >>> import pandas as pd
        >>> import ranvier as rv
        >>> table = pd.DataFrame({"x": range(60), "y": [2.0 * i for i in range(60)]})
        >>> model = rv.fit_table(table, "y", effort="fast")
        >>> model.drift(pd.DataFrame({"x": [10, 20, 900]})).columns[0].above
        1
        """
        return drift(self.encoder, self.reading.apply(X, target=self.outputs.name))

    def _read_rows(self, X: Any) -> Table:
        """Read rows as the training table was read, and warn of what differs."""
        if unknown := self.unknown_columns(X):
            warn_user(
                f"the column(s) {listed(unknown)} were not in the training table and "
                "are ignored",
                UserWarning,
            )
        table = Table.of(self.reading.apply(X, target=self.outputs.name))
        if message := drift_message(self.encoder, table):
            warn_user(message, DriftWarning)
        return table

    def _outputs(self, X: Any) -> Array:
        """Return the outputs of each member for each row: (members, n, outputs)."""
        inputs = self.encode(X)
        Z = np.stack([network(inputs) for network in self.members])
        if not self.mean_of_outputs:
            return Z
        return np.asarray(Z.mean(axis=0, dtype=np.float64), np.float32)[None]

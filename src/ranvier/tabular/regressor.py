"""TabularRegressor: numbers from a raw table, with nothing to set."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import RegressorMixin
from sklearn.utils import check_array, column_or_1d

from ranvier.inspectable import EncodedRows
from ranvier.messages import unknown
from ranvier.network.losses import Loss, quantile
from ranvier.run.folder import Recording
from ranvier.table.description import Fields
from ranvier.tabular.base import Tabular
from ranvier.tabular.conformal import (
    Interval,
    calibration_residuals,
    half_width,
    residual_quantiles,
)
from ranvier.tabular.members import Aim
from ranvier.tabular.recipe import ROWS_TO_HOLD_OUT
from ranvier.tabular.recorded import name_of
from ranvier.tabular.units import Units
from ranvier.tabular.ways import Held

Array = NDArray[Any]

LOSSES = ("squared_error", "absolute_error", "quantile", "poisson")


class TabularRegressor(RegressorMixin, Tabular):
    """Predict numbers for the rows of a raw table with an ensemble of networks.

    Numbers, texts, categories, dates and missing values are taken as they are. The
    networks learn from different rows, and those that one does not see tell its best
    epoch and how far off its predictions are.

    Parameters
    ----------
    loss
        ``"squared_error"`` for the mean, ``"absolute_error"`` for the median,
        ``"quantile"``, or ``"poisson"`` for counts.
    quantile
        The share of answers below the prediction, with ``loss="quantile"``, in (0, 1).
    effort
        ``"fast"``, ``"default"`` or ``"best"``: how many networks are trained, and how
        long. The best takes about four times as long as the default, and fast a tenth.
    preset
        Not our own recipe but a published one, value by value, with a fifth of the rows
        held out: ``"realmlp-td"``, one network, or ``"tabm"``, 32 that share weights,
        which takes many times as long and as much memory. None: our own.
    time_limit
        Seconds within which the fit ends: networks, epochs and rows are taken out until
        it does, and what comes out then depends on the machine. None: no limit.
    categories
        Names of the columns that hold categories though their values are numbers; None:
        all whole numbers are numbers.
    validation
        Share of the rows that each network holds out to tell its best epoch, in (0, 1).
        None: each holds out a fold of its own; of ordered rows, the last fifth.
    time_ordered
        Whether the rows are in order of time: then the last ones are held out.
    random_state
        The same seed gives the same bits; None: a new one each time.
    n_threads
        How many networks are trained at a time; no result depends on it. None: as many
        as there are processors for this process.
    progress
        Whether to draw a progress bar on standard error.
    run
        Folder of runs, or a `ranvier.Recording`: the first network is trained before
        the others, and its epochs go into a folder of their own there, for `ranvier
        view`. The result is the same. None: nothing is written.

    Attributes
    ----------
    networks_ : list of Network
        The networks whose answers are averaged; ``network_`` is the first.
    encoder_ : TableEncoder
        How the columns of a table become their inputs.
    notices_ : list of str
        What was decided about the columns, and which should not be there.
    columns_ : dict of str to str
        How each column was read, in words.
    histories_ : list of History
        The epochs of each network.
    run_ : pathlib.Path
        With `run`: the folder of the first network's run. That network sees all inputs;
        where others did clearly better without some, it is none of ``networks_``.
    units_ : Units
        What the networks learn of the target. Of skewed ones that may be logarithms,
        with ``loss="squared_error"``, if networks err less with it on rows held out.
    conformal_residuals_ : ndarray of shape (m, k)
        Quantiles of the sizes of residuals on held-out rows, ascending, in the units
        of the networks' outputs. Intervals are made of them.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"size": [i / 50 for i in range(100)]})
    >>> reg = TabularRegressor(effort="fast").fit(table, table["size"] ** 2)
    >>> y, low, high = reg.predict(table, interval=0.9)
    >>> bool(((low <= y) & (y <= high)).all())
    True
    """

    def __init__(
        self,
        *,
        loss: str = "squared_error",
        quantile: float = 0.5,
        effort: str = "default",
        preset: str | None = None,
        time_limit: float | None = None,
        categories: Sequence[str] | None = None,
        validation: float | None = None,
        time_ordered: bool = False,
        random_state: Any = 0,
        n_threads: int | None = None,
        progress: bool = False,
        run: str | os.PathLike[str] | Recording | None = None,
    ) -> None:
        self.loss = loss
        self.quantile = quantile
        self.effort = effort
        self.preset = preset
        self.time_limit = time_limit
        self.categories = categories
        self.validation = validation
        self.time_ordered = time_ordered
        self.random_state = random_state
        self.n_threads = n_threads
        self.progress = progress
        self.run = run

    def fit(
        self, X: Any, y: Any, sample_weight: Any = None, *, groups: Any = None
    ) -> Self:
        """Fit the ensemble to a table.

        Parameters
        ----------
        X
            The rows (n, d): a pandas, polars or Arrow table, an array, lists, or a
            sparse matrix.
        y
            The number of each row (n,), or several (n, k).
        sample_weight
            Weights of the rows (n,), at least 0: a row of weight 2 counts as two.
        groups
            (n,) rows of one group are all learnt from, or all held out.

        Raises
        ------
        ValueError
            The table or the target cannot be used; the message says why.
        NonFiniteError
            All networks left the finite numbers.
        OSError
            The run cannot be written.

        Warns
        -----
        UserWarning
            One column alone predicts the target.
        RuntimeWarning
            Ctrl-C ended the fit, and what has been learnt is kept; or some networks
            left the finite numbers, and are left out.
        """
        name = name_of(y)
        table, y, weights, groups = self._taken(X, y, sample_weight, groups)
        activation = "exp" if self.loss == "poisson" else "identity"
        aim = Aim(self._loss(), y.shape[1], activation)
        ways = self._ways(y, weights)
        learnt = self._learn(
            table, [way.tell(y).astype(np.float32) for way in ways], weights, aim,
            groups=groups, judge=lambda k, held: _error(ways[k], held, ways[0].unit),
            targets=[way.target(name) for way in ways],
        )  # fmt: skip
        held = learnt.held_out().averaged()
        self.units_ = ways[learnt.way].balanced(*held[:3])
        if name := self.units_.name:
            self.notices_.append(f"The target is skewed and is learnt as {name}.")
        self.conformal_residuals_ = residual_quantiles(
            *calibration_residuals(
                self.units_, self.networks_, learnt.data, held, learnt.copies
            )
        )
        return self

    def predict(self, X: Any, interval: float | None = None) -> Any:
        """Predict the number of each row, or numbers (n, k).

        Parameters
        ----------
        X
            Rows with the columns of the training table.
        interval
            Share of the answers that bounds around the predictions should hold, in
            (0, 1): split conformal, from errors on rows held out. None: no bounds.

        Returns
        -------
        ndarray, or Interval
            The predictions; with `interval` also ``low`` and ``high``.
        """
        Z = self._outputs(X)
        units = self.units_
        y = units.back(Z).mean(axis=0)
        if interval is None:
            return self._shaped(y)
        if not len(self.conformal_residuals_):
            raise ValueError(
                "there are no intervals, because no rows were held out: fit with "
                f"{ROWS_TO_HOLD_OUT} different rows or more"
            )
        error, Z = half_width(self.conformal_residuals_, interval), units.tell(y)
        bounds = np.sort([units.bound(Z - error), units.bound(Z + error)], axis=0)
        return Interval(*map(self._shaped, (y, *bounds)))

    def _shaped(self, y: Array) -> Array:
        return np.asarray(y[:, 0] if self._one else y)

    _own = ("one", "units", "errors")

    def _described(self) -> dict[str, Any]:
        return {
            "one": self._one,
            "units": self.units_.describe(),
            "errors": self.conformal_residuals_.tolist(),
        }

    def _restore(self, fields: Fields) -> None:
        self._one = bool(fields.item("one"))
        outputs = self.network_.outputs
        self.units_ = Units.read(fields.item("units"))
        fields.require(len(self.units_.unit) == outputs, "a target has no output")
        errors = np.array(fields.items("errors"), np.float64)
        self.conformal_residuals_ = errors.reshape(-1, outputs)

    def _with_targets(self, rows: EncodedRows, y: Any) -> EncodedRows:
        if y is not None:
            y = self.units_.tell(np.asarray(y, np.float64).reshape(len(rows.X), -1))
        outputs = self.units_.names("y") if self.units_.side.any() else ()
        if not self._one:
            return rows._replace(Y=y, outputs=outputs)
        unit, origin = float(self.units_.unit[0]), float(self.units_.origin[0])
        return rows._replace(Y=y, unit=unit, origin=origin, outputs=outputs)

    def _ways(self, y: Array, weights: Array | None) -> list[Units]:
        """Give the ways in which the target may be told, the plain one first."""
        if self.loss == "poisson":
            return [Units.counts(y, weights)]
        ways = [Units.fit(y, weights)]
        bent = Units.logarithmic(y, weights) if self.loss == "squared_error" else None
        return [*ways, bent] if bent else ways

    def _loss(self) -> Loss:
        if self.loss not in LOSSES:
            raise unknown("loss", self.loss, LOSSES)
        return quantile(self.quantile) if self.loss == "quantile" else Loss(self.loss)

    def _targets(self, y: Any) -> Array:
        if y is None:
            raise ValueError(
                "requires y to be passed, but the target y is None: give the number of "
                "each row"
            )
        y = check_array(y, ensure_2d=False, dtype=np.float64, input_name="y")
        self._one = y.ndim == 1 or y.shape[1] == 1
        return np.asarray(column_or_1d(y, warn=True)[:, None] if self._one else y)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        tags.target_tags.positive_only = self.loss == "poisson"
        return tags


def _error(units: Units, held: Held, spread: Array) -> float:
    """Give the mean squared error on rows held out, over the spread of each target."""
    units = units.balanced(*held[:3])
    errors = (units.back(held.Z) - units.bound(held.Y)) / spread
    return float(np.average(np.square(errors).mean(axis=1), weights=held.weights))

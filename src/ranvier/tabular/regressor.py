"""TabularRegressor: numbers from a raw table, with nothing to set."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import RegressorMixin
from sklearn.utils import check_array, column_or_1d

from ranvier.run.folder import Recording
from ranvier.table.given_targets import PlainScores, plain_target
from ranvier.table.given_weights import naming
from ranvier.table.target_transform import TargetTransform
from ranvier.tabular.base import Tabular
from ranvier.tabular.first_member import name_of
from ranvier.tabular.outputs import NumberOutputs, number_outputs
from ranvier.training.callbacks import Callback

Array = NDArray[Any]


class TabularRegressor(PlainScores, RegressorMixin, Tabular):
    """Predict numbers for the rows of a raw table with an ensemble of networks.

    Numbers, texts, categories, dates and missing values are taken as they are. The
    networks learn from different rows, and the rows that a network does not see
    choose its best epoch and measure its errors.

    Parameters
    ----------
    loss
        ``"squared_error"`` for the mean, ``"absolute_error"`` for the median,
        ``"quantile"``, or ``"poisson"`` for counts.
    quantile
        Fraction of targets below the prediction, with ``loss="quantile"``, in (0, 1).
    effort
        ``"fast"``, ``"default"`` or ``"best"``: how many networks are trained, and how
        long. The best takes about four times as long as the default, and fast a tenth.
    preset
        A published network instead of our own, value by value, with a fifth of the rows
        held out: ``"realmlp-td"``, one network, or ``"tabm"``, 32 that share weights,
        which takes many times as long and as much memory. None: our own.
    hidden, epochs
        Units of each hidden layer, and passes over the rows, instead of those chosen
        for the number of rows.
    time_limit
        Seconds within which the fit ends: networks, epochs and rows are taken out until
        it does, and what comes out then depends on the machine. None: no limit.
    categories
        Names of the columns that hold categories though their values are numbers.
    numbers
        Names of the columns that are numbers alone. None: a column of whole numbers is
        also a category with learnt numbers, where the data show effects of its codes.
    validation
        Fraction of the rows that each network holds out to choose its best epoch, in
        (0, 1). None: each holds out a fold of its own; of ordered rows, the last fifth.
    time_ordered
        Whether the rows are in order of time: then the last ones are held out.
    random_state
        The same seed gives the same bits; None: a new one each time.
    n_threads
        How many networks are trained at a time; no result depends on it. None: as many
        as there are processors for this process.
    progress
        Whether to draw a progress bar on standard error.
    callbacks
        As for `train`, of the first network, which is then trained before the others. A
        callback that stops its training stops the fit.
    run
        Folder of runs, or a `ranvier.Recording`: the first network is trained before
        the others, and its epochs go into a folder of their own there, for `ranvier
        view`. The result is the same. None: nothing is written.

    Attributes
    ----------
    model_ : TableModel
        The fitted model: what `fit_table` gives for the same rows and seed.
    networks_ : list of Network
        The networks whose predictions are averaged; ``network_`` is the first.
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
    target_transform_ : TargetTransform
        What the networks learn of the target. Skewed targets may be learned as
        logarithms, with ``loss="squared_error"``, if that gives a lower error on
        held-out rows.
    conformal_residuals_ : ndarray of shape (m, k)
        Sizes of the errors on held-out rows, ascending, of the target as it is learned:
        what intervals are made of.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"size": [i / 50 for i in range(90)]})
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
        hidden: Sequence[int] | None = None,
        epochs: int | None = None,
        time_limit: float | None = None,
        categories: Sequence[str] | None = None,
        numbers: Sequence[str] | None = None,
        validation: float | None = None,
        time_ordered: bool = False,
        random_state: Any = 0,
        n_threads: int | None = None,
        progress: bool = False,
        callbacks: Iterable[Callback] | None = None,
        run: str | os.PathLike[str] | Recording | None = None,
    ) -> None:
        self.loss = loss
        self.quantile = quantile
        self.effort = effort
        self.preset = preset
        self.hidden = hidden
        self.epochs = epochs
        self.time_limit = time_limit
        self.categories = categories
        self.numbers = numbers
        self.validation = validation
        self.time_ordered = time_ordered
        self.random_state = random_state
        self.n_threads = n_threads
        self.progress = progress
        self.callbacks = callbacks
        self.run = run

    def fit(
        self,
        X: Any,
        y: Any,
        sample_weight: Any = None,
        *,
        groups: Any = None,
        stratify: Any = None,
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
            (n,) rows of one group are all learned from, or all held out.
        stratify
            (n,) values; each network holds out the same fraction of the rows of each.
            Classes are always held out so.

        Raises
        ------
        ValueError
            The table or the target cannot be used; the message says why.
        NonFiniteError
            All networks diverged (NaN or infinity).
        OSError
            The run cannot be written.

        Warns
        -----
        UserWarning
            One column alone predicts the target.
        RuntimeWarning
            Ctrl-C ended the fit, and the networks trained so far are kept; or some
            networks diverged, and are left out.

        Examples
        --------
        >>> import pandas as pd
        >>> import ranvier as rv
        >>> table = pd.DataFrame({"x": range(60)})
        >>> reg = rv.TabularRegressor(effort="fast").fit(table, 2.0 * table.x)
        >>> reg.n_features_in_
        1
        """
        name = name_of(y)
        table, y, weights, by = self._validate(X, y, sample_weight, groups, stratify)
        outputs = number_outputs(
            y, weights, name, loss=self.loss, level=self.quantile, single=self._one
        )
        self._fit(table, outputs, y, weights, by)
        return self

    def predict(self, X: Any, interval: float | None = None) -> Any:
        """Predict the number of each row, or numbers (n, k).

        Parameters
        ----------
        X
            Rows (n, d) with the columns of the training table; named ones in any order.
        interval
            Fraction of true values that bounds around the predictions should hold, in
            (0, 1): split conformal, from errors on held-out rows. None: no bounds.

        Returns
        -------
        ndarray, or Interval
            The predictions, (n,) or (n, k); with `interval` also ``low`` and ``high``.

        Raises
        ------
        ValueError
            A column is missing, the rows cannot be read as in the fit, or there are no
            held-out rows for an interval.

        Warns
        -----
        UserWarning
            The table has columns that the training table did not have; they are
            ignored. Or there are too few held-out rows for `interval`.

        Examples
        --------
        >>> import pandas as pd
        >>> import ranvier as rv
        >>> table = pd.DataFrame({"x": range(60)})
        >>> reg = rv.TabularRegressor(effort="fast").fit(table, 2.0 * table.x)
        >>> y, low, high = reg.predict(pd.DataFrame({"x": [3, 55]}), interval=0.8)
        >>> y.shape, bool((low <= high).all())
        ((2,), True)
        """
        return self._fitted.predict(self._table(X), interval)

    @property
    def target_transform_(self) -> TargetTransform:
        """What the networks learn of the target."""
        outputs = self._fitted.outputs
        assert isinstance(outputs, NumberOutputs)
        return outputs.transform

    @property
    def conformal_residuals_(self) -> Array:
        """Sizes of the errors on held-out rows, (m, k)."""
        residuals = self._fitted.residuals
        assert residuals is not None
        return residuals

    def _targets(self, y: Any) -> Array:
        if y is None:
            raise ValueError(
                "requires y to be passed, but the target y is None: give the number of "
                "each row"
            )
        y = plain_target(y)
        with naming("y"):
            y = check_array(y, ensure_2d=False, dtype=np.float64, input_name="y")
        self._one = y.ndim == 1 or y.shape[1] == 1
        return np.asarray(column_or_1d(y, warn=True)[:, None] if self._one else y)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        tags.target_tags.positive_only = self.loss == "poisson"
        return tags

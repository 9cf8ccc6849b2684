"""What the two estimators share: scikit-learn's multilayer perceptron on our engine.

scikit-learn's own classes stay underneath: they check parameters and inputs, binarise
classes, and give the tags, the representation and the documentation. What computes is
replaced here: the start, the fit and the forward pass.
"""

from dataclasses import replace
from itertools import chain, pairwise
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import train_test_split
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

from ranvier.estimators import engine_calls, solvers
from ranvier.estimators.architecture import describe, hidden_sizes, one_for_each
from ranvier.estimators.convergence import Validation
from ranvier.estimators.engine_rows import Rows, ready
from ranvier.estimators.extra_parameters import DEFAULTS, STOCHASTIC
from ranvier.estimators.fit_callbacks import CallbackSupportMixin, FitCallbacks
from ranvier.estimators.lbfgs_objective import packed_loss
from ranvier.estimators.objective import Objective, objective_of
from ranvier.estimators.parameter_views import (
    adopt_parameters,
    theta_of,
    view_parameters,
)
from ranvier.estimators.record_fit import record_fit
from ranvier.estimators.scoring import HeldOut
from ranvier.network.array_inputs import is_ready
from ranvier.network.network import Network
from ranvier.network.passes import LayerValues
from ranvier.table.given_targets import PlainScores
from ranvier.table.given_weights import checked_weights, naming
from ranvier.trace.trace import Trace
from ranvier.training.callbacks import checked_callbacks
from ranvier.training.column_scales import warn_of_scales
from ranvier.warn import warn_user

Array = NDArray[Any]


class BaseMLP(PlainScores, CallbackSupportMixin):
    """The fit and the forward pass of both estimators."""

    label_smoothing: float = 0.0  # the classifier has a parameter of this name

    def _fit_watched(
        self, X: Any, y: Any, sample_weight: Any, held_out: tuple[Any, Any, Any]
    ) -> Any:
        if hasattr(self, "_init_callback_context"):  # from scikit-learn 1.9 on
            self._init_callback_context(max_subtasks=self.max_iter)
        return self._fit(X, y, sample_weight, held_out=held_out)

    def _fit(
        self,
        X: Any,
        y: Any,
        sample_weight: Any = None,
        incremental: bool = False,
        held_out: tuple[Any, Any, Any] = (None, None, None),
    ) -> Any:
        hidden = hidden_sizes(self)
        self._check(hidden, incremental)
        first = not hasattr(self, "coefs_") or not (self.warm_start or incremental)
        table = X, y, sample_weight
        X, y = self._validate_input(X, y, incremental, reset=first)
        if sample_weight is not None:
            sample_weight = checked_weights("sample_weight", sample_weight, X)
        sample_weight = self._class_weighted(y, sample_weight, incremental)
        self.n_outputs_ = self._count_outputs(y)
        self._random_state = check_random_state(self.random_state)
        dtype = X.dtype if self.dtype == "auto" else np.dtype(self.dtype)
        if first:
            warn_of_scales(X, getattr(self, "feature_names_in_", None))
            self._initialize([X.shape[1], *hidden, self.n_outputs_], dtype)
        of_table = dtype
        if self.solver == "lbfgs":
            dtype = np.dtype(np.float64)  # the line search needs all its digits
        elif not first:
            of_table = dtype = self.coefs_[0].dtype
        theta = adopt_parameters(self, theta_of(self).astype(dtype, copy=False))
        objective = objective_of(self, self.n_outputs_)
        rows = objective.rows(X, y, sample_weight, of_table)
        chosen, given = None, self._given(held_out, objective, dtype)
        if self.early_stopping and given is None and self.solver != "lbfgs":
            chosen, given = self._split(rows, y)
        with FitCallbacks(self, *table).watching() as watchers:
            self._train(theta, rows, chosen, given, objective, watchers, incremental)
        if self.solver == "lbfgs" and self.dtype == "float32":
            adopt_parameters(self, theta.astype(np.float32))
        if not all(np.isfinite(part).all() for part in self._parameters()):
            raise ValueError(
                "Solver produced non-finite parameter weights. The input data may"
                " contain large values and need to be preprocessed, or"
                " learning_rate_init or alpha is too large."
            )
        return self

    def _train(
        self, theta: Array, rows: Rows, chosen: Array | None, given: HeldOut | None,
        objective: Objective, watchers: FitCallbacks, incremental: bool,
    ) -> None:  # fmt: skip
        if self.solver == "lbfgs":
            objective = objective.consistent()
        validation = None
        if given is not None:
            validation = Validation(self, theta, given, objective)
        scored = None if chosen is not None or given is None else given.rows
        with record_fit(self, theta, rows, chosen, scored, objective, watchers):
            if self.solver == "lbfgs":
                solvers.minimise(self, theta, rows, objective, validation, watchers)
                return
            solvers.descend(
                self, theta, rows, chosen, objective, validation, watchers,
                incremental=incremental,
            )  # fmt: skip

    def _check(self, hidden: list[int], incremental: bool) -> None:
        """Refuse parameters that do not go together."""
        if min(hidden, default=1) <= 0:
            raise ValueError(f"hidden_layer_sizes must be > 0, got {hidden}.")
        one_for_each("activation", self.activation, len(hidden))
        rates = one_for_each("dropout", self.dropout, len(hidden))
        for rate in rates:
            if not isinstance(rate, Real) or not 0 <= float(rate) < 1:
                raise ValueError(
                    f"dropout must be a rate in [0, 1), or a list of rates, but got "
                    f"{self.dropout!r}: give for example 0.1"
                )
        if self.solver == "lbfgs" and any(rates):
            raise ValueError(
                "solver='lbfgs' needs the same loss each time it asks, but dropout "
                "changes it from step to step: set dropout=0, or solver='adam'"
            )
        checked_callbacks(self.callbacks or ())
        if self.early_stopping and incremental:
            raise ValueError("partial_fit does not support early_stopping=True")
        if self.run is not None and incremental:
            raise ValueError(
                "a run holds the epochs of one fit, but partial_fit takes one step of "
                f"a stream: set run=None, or call fit (run is {self.run!r})"
            )

    def _initialize(self, layer_units: list[int], dtype: Any) -> None:
        """Draw the weights, and forget what an earlier fit has left."""
        self.n_iter_, self.t_ = 0, 0
        self.n_layers_ = len(layer_units)
        self.out_activation_ = self._out_activation()
        sizes = pairwise(layer_units)
        theta = np.empty(sum((d_in + 1) * d_out for d_in, d_out in sizes), dtype)
        bound = view_parameters(theta, layer_units)
        names = one_for_each("activation", self.activation, len(layer_units) - 2)
        last = self.activation if isinstance(self.activation, str) else None
        for W, b, name in zip(
            bound.coefs, bound.intercepts, (*names, last), strict=True
        ):
            # Glorot & Bengio 2010, and a third of that variance for logistic units.
            factor = 2.0 if name in ("logistic", "sigmoid") else 6.0
            limit = np.sqrt(factor / sum(W.shape))
            W[...] = self._random_state.uniform(-limit, limit, W.shape)
            b[...] = self._random_state.uniform(-limit, limit, b.shape)
        self.coefs_, self.intercepts_ = list(bound.coefs), list(bound.intercepts)
        self._bound = bound
        self.validation_losses_: list[float] = []
        self.best_epoch_: int | None = None
        if self.solver in STOCHASTIC:
            self._start_curves()

    def _start_curves(self) -> None:
        self.loss_curve_: list[float] = []
        self._no_improvement_count = 0
        stops = self.early_stopping
        self.best_loss_ = None if stops else np.inf
        self.validation_scores_: list[float] | None = [] if stops else None
        self.best_validation_score_ = -np.inf if stops else None

    def _split(self, rows: Rows, y: Array) -> tuple[Array, HeldOut]:
        """Hold rows out for early stopping: the very rows that scikit-learn would."""
        stratify = y if hasattr(self, "classes_") and self.n_outputs_ == 1 else None
        chosen, out = train_test_split(
            np.arange(len(rows)),
            random_state=self._random_state,
            test_size=self.validation_fraction,
            stratify=stratify,
        )
        if len(out) < 2:
            raise ValueError(
                "The validation set is too small. Increase 'validation_fraction' "
                "or the size of your dataset."
            )
        held_out = rows.take(out)
        if rows.weights is not None:
            held_out = self._with_weight(held_out)
            if not rows.weights[chosen].any():
                raise ValueError(
                    f"early stopping holds out all rows with a weight above 0, and "
                    f"leaves {len(chosen)} of weight 0 to train on: drop rows of "
                    "weight 0, or set early_stopping=False"
                )
        return chosen, HeldOut(held_out, y[out])

    def _with_weight(self, held_out: Rows) -> Rows:
        """Weight rows equally if all have weight 0, as a bootstrap may draw."""
        if held_out.weights is None or held_out.weights.any():
            return held_out
        warn_user(
            f"all {len(held_out)} rows held out for early stopping have sample_weight "
            "0; they are scored with equal weights",
            UserWarning,
        )
        return replace(held_out, weights=None)

    def _given(
        self, held_out: tuple[Any, Any, Any], objective: Objective, dtype: Any
    ) -> HeldOut | None:
        """Check validation rows that were given, and turn them into the engine's."""
        X, y, weights = held_out
        if X is None and y is None:
            return None
        if X is None or y is None:
            missing, there = ("X_val", "y_val") if X is None else ("y_val", "X_val")
            raise ValueError(
                f"{there} was given without {missing}: give both, or neither"
            )
        kinds = (np.float64, np.float32)
        sparse = ["csr", "csc"]
        with naming("X_val"):
            X = validate_data(self, X, accept_sparse=sparse, dtype=kinds, reset=False)
        with naming("y_val"):
            y = self._answers(y, X)
        if weights is not None:
            weights = checked_weights("sample_weight_val", weights, X)
        weights = self._class_weighted(y, weights, incremental=False)
        return HeldOut(objective.rows(X, y, weights, dtype), y)

    def _parameters(self) -> Any:
        return chain(self.coefs_, self.intercepts_)

    def _check_solver(self) -> bool:
        if self.solver not in STOCHASTIC:
            raise AttributeError(
                "partial_fit is only available for stochastic optimizers. "
                f"{self.solver} is not stochastic."
            )
        return True

    def _loss_grad_lbfgs(
        self, packed: Array, X: Any, y: Array, sample_weight: Any, *_: Any
    ) -> tuple[float, Array]:
        return packed_loss(self, packed, X, y, sample_weight)

    # ------------------------------------------------------------ forward

    def _forward_pass_fast(self, X: Any, check_input: bool = True) -> Array:
        """Return the outputs for the rows of X."""
        dtype = self.coefs_[0].dtype
        named = not check_input or hasattr(self, "feature_names_in_")
        if named or not is_ready(X, dtype, self.n_features_in_):
            X = self._checked(X, check_input)
        theta = theta_of(self)
        wanted = np.result_type(X.dtype, dtype)
        if wanted not in (np.float32, np.float64):
            wanted = dtype
        X, theta = ready(X, wanted), theta.astype(wanted, copy=False)
        workspace = engine_calls.workspace_for(
            self.n_threads, 2.0 * X.shape[0] * theta.size
        )
        return engine_calls.predict(describe(self), theta, X, workspace)

    def _checked(self, X: Any, check_input: bool) -> Any:
        if not check_input:
            return X
        return validate_data(self, X, accept_sparse=["csr", "csc"], reset=False)

    def hidden_activations(self, X: Any) -> list[LayerValues]:
        """Compute every Z and A on the way to the outputs.

        Parameters
        ----------
        X
            Inputs (n, n_features_in_), as for `predict`.

        Returns
        -------
        list of LayerValues
            (Z, A) of each layer, both (n, units): Z = A_below W + b and A = f(Z). The
            last A is what the network puts out.
        """
        check_is_fitted(self)
        X = validate_data(self, X, accept_sparse=["csr", "csc"], reset=False)
        X = X.toarray() if hasattr(X, "toarray") else X
        return self.network_.forward(X)

    def trace(self, X: Any, y: Any = None, **settings: Any) -> Trace:
        """Keep every number of both passes for some rows.

        Parameters
        ----------
        X, y
            As for `predict` (n, d), and targets; None: the forward pass only.
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
        >>> import ranvier as rv
        >>> X, y = [[0.0], [1.0], [2.0]], [0.0, 2.0, 4.0]
        >>> mlp = rv.MLPRegressor(solver="lbfgs", random_state=0).fit(X, y)
        >>> mlp.trace(X, y).Y_hat.shape
        (3, 1)
        """
        check_is_fitted(self)
        return Trace.of(self, X, y, **settings)

    @property
    def network_(self) -> Network:
        """A `ranvier.Network` with a copy of the weights, and dropout as in the fit."""
        check_is_fitted(self)
        description = describe(self, dropout=True)
        dtype = self.coefs_[0].dtype
        net = Network(description.inputs, description.layers(), dtype=dtype)
        net.theta[...] = theta_of(self)
        return net

    def __getstate__(self) -> Any:
        state = dict(super().__getstate__())
        state.pop("_bound", None)  # coefs_ and intercepts_ hold the same values
        return state

    def __setstate__(self, state: Any) -> None:
        # What scikit-learn's class was pickled from lacks the parameters added here.
        for name in self._get_param_names():
            if name in DEFAULTS:
                state.setdefault(name, DEFAULTS[name])
        super().__setstate__(state)

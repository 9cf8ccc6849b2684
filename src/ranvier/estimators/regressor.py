"""MLPRegressor: scikit-learn's, on Ranvier's engine."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn import neural_network
from sklearn.base import _fit_context
from sklearn.utils._param_validation import StrOptions
from sklearn.utils.validation import (
    check_array,
    check_consistent_length,
    check_is_fitted,
)

from ranvier.estimators import interop
from ranvier.estimators.base_mlp import BaseMLP
from ranvier.estimators.extra_parameters import CONSTRAINTS
from ranvier.estimators.fit_callbacks import with_callbacks
from ranvier.network import losses
from ranvier.network.losses import Loss
from ranvier.network.network import Network
from ranvier.table.given_targets import plain_target

Array = NDArray[Any]

# Taken here, before `patch_sklearn` can put ours in its place.
_Regressor: Any = neural_network.MLPRegressor


class MLPRegressor(BaseMLP, _Regressor):
    """Multilayer perceptron for numbers: scikit-learn's, on Ranvier's engine.

    A subclass of `sklearn.neural_network.MLPRegressor` with its parameters, attributes,
    errors and numbers: with the same `random_state` it makes the same draws in the same
    order, and the weights agree to the last digits. The parameters from `dropout` on
    are more than scikit-learn has; left alone they change nothing. One thing differs on
    purpose: lbfgs with several outputs (see Notes).

    Parameters
    ----------
    loss
        ``"squared_error"`` and ``"poisson"`` as in scikit-learn, ``"absolute_error"``,
        ``"huber"``, ``"quantile"`` (the median), or a `ranvier.Loss` such as
        ``ranvier.losses.quantile(0.9)`` or ``ranvier.losses.huber(2.0)``.
    hidden_layer_sizes, activation, solver, alpha, batch_size, learning_rate, \
learning_rate_init, power_t, max_iter, shuffle, random_state, tol, verbose, \
warm_start, momentum, nesterovs_momentum, early_stopping, validation_fraction, \
beta_1, beta_2, epsilon, n_iter_no_change, max_fun, dropout, weight_decay, clip_norm, \
scoring, keep_optimizer, dtype, n_threads, callbacks, progress, run
        As in `MLPClassifier`; `scoring` None means R^2.

    Attributes
    ----------
    validation_losses_, best_epoch_, network_, run_
        As in `MLPClassifier`.
    coefs_, intercepts_, loss_, loss_curve_, best_loss_, n_iter_, t_, n_layers_, \
n_outputs_, out_activation_, n_features_in_, feature_names_in_, validation_scores_, \
best_validation_score_
        As in scikit-learn.

    Notes
    -----
    scikit-learn's squared error of several outputs is their mean, but the gradient it
    uses is that of their sum. sgd and adam do the same here. L-BFGS compares losses
    with gradients, and with two that do not fit each other it stops too early (its
    issue #8349); here lbfgs minimises the sum, and `loss_` is then the sum.

    Examples
    --------
    >>> import numpy as np
    >>> X = np.linspace(-1, 1, 200)[:, None]
    >>> reg = MLPRegressor(solver="lbfgs", activation="tanh", random_state=0)
    >>> reg.fit(X, X[:, 0] ** 2).score(X, X[:, 0] ** 2) > 0.95
    True
    """

    _parameter_constraints = {  # noqa: RUF012  # as scikit-learn has it
        **_Regressor._parameter_constraints,
        **CONSTRAINTS,
        "loss": [
            StrOptions(set(losses.NAMES) - {"log_loss", "cross_entropy"}),
            Loss,
        ],
    }

    def __init__(
        self,
        loss: Any = "squared_error",
        hidden_layer_sizes: Any = (100,),
        activation: Any = "relu",
        *,
        solver: str = "adam",
        alpha: float = 0.0001,
        batch_size: int | str = "auto",
        learning_rate: Any = "constant",
        learning_rate_init: float = 0.001,
        power_t: float = 0.5,
        max_iter: int = 200,
        shuffle: bool = True,
        random_state: Any = None,
        tol: float = 1e-4,
        verbose: bool | int = False,
        warm_start: bool = False,
        momentum: float = 0.9,
        nesterovs_momentum: bool = True,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
        n_iter_no_change: float = 10,
        max_fun: int = 15000,
        dropout: Any = 0.0,
        weight_decay: float = 0.01,
        clip_norm: float | None = None,
        scoring: Any = None,
        keep_optimizer: bool = False,
        dtype: str = "auto",
        n_threads: int | None = None,
        callbacks: Any = None,
        progress: bool = False,
        run: Any = None,
    ) -> None:
        given = dict(locals())
        del given["self"]
        self.__dict__.update(given)

    @with_callbacks
    @_fit_context(prefer_skip_nested_validation=True)
    def fit(
        self,
        X: Any,
        y: Any,
        sample_weight: Any = None,
        *,
        X_val: Any = None,
        y_val: Any = None,
        sample_weight_val: Any = None,
    ) -> Any:
        """Fit the network to X and y.

        Parameters
        ----------
        X
            Inputs (n, d): an array, a sparse matrix, or a frame of numbers.
        y
            Targets (n,), or (n, outputs); at least 0 for poisson.
        sample_weight
            Weights of the rows (n,); None for all 1.
        X_val, y_val, sample_weight_val
            Rows to score the network on after each epoch, in place of those that early
            stopping would hold out. Without early stopping they are only scored.

        Returns
        -------
        self
            The fitted estimator.

        Warns
        -----
        ConvergenceWarning
            `max_iter` was reached.
        UserWarning
            Ctrl-C ended the fit; the network keeps what it has learned.

        Examples
        --------
        >>> import ranvier as rv
        >>> reg = rv.MLPRegressor(solver="lbfgs", random_state=0)
        >>> reg.fit([[0.0], [1.0], [2.0], [3.0]], [0.0, 1.0, 2.0, 3.0]).n_outputs_
        1
        """
        return self._fit_watched(X, y, sample_weight, (X_val, y_val, sample_weight_val))

    def predict(self, X: Any) -> Array:
        """Predict the target of each row.

        Parameters
        ----------
        X
            Numbers (n, features): an array, a list of rows, a sparse matrix, or a frame
            of pandas, polars or Arrow.

        Returns
        -------
        ndarray of shape (n,), or (n, outputs)
            A number for each row and output.

        Raises
        ------
        NotFittedError
            It is not fitted yet.
        ValueError
            X has another number of columns, or holds something other than numbers.

        Examples
        --------
        >>> import ranvier as rv
        >>> X, y = [[0.0], [1.0], [2.0], [3.0]], [0.0, 1.0, 2.0, 3.0]
        >>> reg = rv.MLPRegressor(solver="lbfgs", random_state=0).fit(X, y)
        >>> reg.predict([[1.5]]).round(1).tolist()
        [1.5]
        """
        if not hasattr(self, "coefs_"):
            check_is_fitted(self)
        A = self._forward_pass_fast(X)
        return A[:, 0] if A.shape[1] == 1 else A

    def _labels_of(self, y: Array) -> Any:
        """Return targets as scikit-learn's scorers take them."""
        return y[:, 0] if y.shape[1] == 1 else y

    def _validate_input(
        self, X: Any, y: Any, incremental: bool, reset: bool
    ) -> tuple[Any, Array]:
        """Check X and y; return the targets as columns (n, outputs)."""
        X, y = super()._validate_input(X, plain_target(y), incremental, reset)
        return X, y.reshape(len(y), -1)

    def _count_outputs(self, y: Array) -> int:
        return int(y.shape[1])

    def _out_activation(self) -> str:
        loss = self.loss.name if isinstance(self.loss, Loss) else self.loss
        return "exp" if loss == "poisson" else "identity"

    def _answers(self, y: Any, X: Any) -> Array:
        """Return targets of validation rows as the outputs should be."""
        check_consistent_length(X, y)
        answers: Array = check_array(y, ensure_2d=False, dtype=(np.float64, np.float32))
        answers = answers.reshape(len(answers), -1)
        if answers.shape[1] != self.n_outputs_:
            raise ValueError(
                f"y_val has {answers.shape[1]} columns, but y has {self.n_outputs_}: "
                "give the same targets for both"
            )
        return answers

    def _class_weighted(self, y: Array, weights: Any, incremental: bool) -> Any:
        return weights

    def onnx_converter(self) -> Any:
        """Return the converter of scikit-learn's class for skl2onnx."""
        return interop.onnx(self, "SklearnMLPRegressor", "converter")

    def onnx_shape_calculator(self) -> Any:
        """Return the shape calculator of scikit-learn's class for skl2onnx."""
        return interop.onnx(self, "SklearnMLPRegressor", "shape_calculator")

    @classmethod
    def from_network(cls, network: Network, **parameters: Any) -> Any:
        """Return a fitted regressor with the layers and weights of a network.

        Parameters
        ----------
        network
            Its last layer is ``identity``, or ``exp`` for poisson.
        parameters
            Other parameters of this class, to continue the fit.

        Examples
        --------
        >>> import ranvier as rv
        >>> net = rv.Network.mlp(2, [8, 8], 1, "tanh", seed=0)
        >>> MLPRegressor.from_network(net).predict([[1.0, 2.0]]).shape
        (1,)
        """
        if network.activation.name == "exp":
            parameters = {"loss": "poisson", **parameters}
        return interop.estimator(cls, network, parameters, ("identity", "exp"))
